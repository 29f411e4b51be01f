//! Demand that no station reaches on a day, the gaps it forms, and why.

use crate::calendar::DayKind;
use crate::crs::CrsError;
use crate::gap::AdvisedGap;
use crate::output::map::{AreaStyle, Layer, LegendItem, Marker, Outline, Ramp, Swatch, Symbol};
use crate::output::maps::Named;
use crate::output::maps::outline;
use crate::output::maps::parts::{Atlas, Content, QUIET};
use crate::quantity::Weight;

/// Gaps from this size get a badge.
const SHOWN: f64 = 5.0;
/// No more badges than this.
const MOST: usize = 15;

pub(in crate::output::maps) fn all(atlas: &Atlas<'_>) -> Result<Vec<Named>, CrsError> {
    atlas.writer.scenario.days.iter().map(|&day| sheet(atlas, day)).collect()
}

pub(in crate::output::maps) fn sheet(atlas: &Atlas<'_>, day: DayKind) -> Result<Named, CrsError> {
    let writer = atlas.writer;
    let gaps: Vec<&AdvisedGap> = place_gaps(atlas, day);
    let uncovered = atlas.ground.uncovered(day);
    let figures = writer.figures(0, "today", day);
    let left: Option<Weight> = figures[0].zip(figures[2]).map(|(demand, covered)| demand - covered);
    let (cells, mut items) = atlas.choropleth(&uncovered, &atlas.withheld(Some(day)), Ramp::Unmet, "map.uncovered");
    let badge = |gap: &&AdvisedGap| {
        let visits = Some(gap.gap.severity).filter(|severity| *severity > Weight::ZERO);
        let visits = writer.or_withheld(visits.map(|visits| writer.visits(visits)));
        let label = writer.say("map.gap.label", &[("cause", &writer.word("cause", gap.gap.cause.id())), ("visits", &visits)]);
        Marker::new(gap.gap.centre, Symbol::Gap(gap.gap.rank as u32)).labelled(label, gap.gap.rank as u32)
    };
    let ring = |ring| Outline { ring, holes: Vec::new() };
    let grid = &writer.findings.dataset.area.grid;
    let areas: Vec<Outline> = gaps.iter().flat_map(|gap| outline::cells(&gap.gap.grid_cells, grid)).map(ring).collect();
    let (stations, station_items) = atlas.stations(Some(QUIET));
    let (reach, reach_item) = atlas.reach(day)?;
    items.push(atlas.heading("map.gaps.heading"));
    let key = if writer.untimed() { "map.gap.badge.count" } else { "map.gap.badge" };
    items.push(LegendItem::new(Symbol::Gap(1).swatch(), writer.say(key, &[("least", &SHOWN)])));
    if !areas.is_empty() {
        items.push(atlas.item(Swatch::Area(AreaStyle::GAP), "map.gap.outline"));
    }
    items.extend(station_items);
    items.push(reach_item);
    let subtitle = writer.say(
        "map.gaps.subtitle",
        &[
            ("day", &writer.day(day)),
            ("radius", &atlas.radius(day)),
            ("share", &writer.or_withheld(left.zip(figures[0]).map(|(left, demand)| writer.percent(left, demand)))),
            ("left", &writer.or_withheld(left.map(|left| writer.visits(left)))),
            ("demand", &writer.or_withheld(figures[0].map(|demand| writer.amount(demand)))),
        ],
    );
    let title = writer.say("map.gaps.title", &[("title", &writer.pick(&writer.scenario.file.title))]);
    let layers = vec![
        reach,
        Layer::Areas { areas, style: AreaStyle::GAP },
        Layer::Points { points: stations },
        Layer::Points { points: gaps.iter().map(badge).collect() },
    ];
    let name = format!("gaps-{}-{}", day.season.id(), day.day_type.id());
    Ok((name, atlas.sheet(title, subtitle, atlas.extent, Some(cells), Content { layers, items })))
}

fn place_gaps<'a>(atlas: &Atlas<'a>, day: DayKind) -> Vec<&'a AdvisedGap> {
    let gaps = atlas.writer.findings.gaps.iter().filter(|gap| gap.gap.day == day && gap.gap.cause.is_place());
    let shown = |gap: &&AdvisedGap| atlas.writer.published.is_some() || gap.gap.severity.visits() >= SHOWN;
    gaps.filter(shown).take(MOST).collect()
}
