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
    let left: Weight = uncovered.values().copied().sum();
    let (cells, mut items) = atlas.choropleth(&uncovered, Ramp::Unmet, "map.uncovered");
    let badge = |gap: &&AdvisedGap| {
        let label = writer.say(
            "map.gap.label",
            &[("cause", &writer.word("cause", gap.gap.cause.id())), ("visits", &writer.visits(gap.gap.severity))],
        );
        Marker::new(gap.gap.centre, Symbol::Gap(gap.gap.rank as u32)).labelled(label, gap.gap.rank as u32)
    };
    let ring = |ring| Outline { ring, holes: Vec::new() };
    let grid = &writer.findings.dataset.area.grid;
    let areas = gaps.iter().flat_map(|gap| outline::cells(&gap.gap.grid_cells, grid)).map(ring).collect();
    let (stations, station_items) = atlas.stations(Some(QUIET));
    let (reach, reach_item) = atlas.reach(day)?;
    items.push(atlas.heading("map.gaps.heading"));
    let key = if writer.untimed() { "map.gap.badge.count" } else { "map.gap.badge" };
    items.push(LegendItem::new(Symbol::Gap(1).swatch(), writer.say(key, &[("least", &SHOWN)])));
    items.push(atlas.item(Swatch::Area(AreaStyle::GAP), "map.gap.outline"));
    items.extend(station_items);
    items.push(reach_item);
    let demand = writer.findings.cube.day_total(day);
    let subtitle = writer.say(
        "map.gaps.subtitle",
        &[
            ("day", &writer.day(day)),
            ("radius", &atlas.radius(day)),
            ("share", &writer.percent(left, demand)),
            ("left", &writer.visits(left)),
            ("demand", &writer.amount(demand)),
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
    gaps.filter(|gap| gap.gap.severity.visits() >= SHOWN).take(MOST).collect()
}
