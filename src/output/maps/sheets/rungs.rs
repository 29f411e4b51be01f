//! How much of each square's demand is covered on a rung of the ladder.

use crate::calendar::DayKind;
use crate::coverage::RUNG_IDS;
use crate::crs::CrsError;
use crate::output::map::{CellFill, Layer, LegendItem, Ramp, Swatch};
use crate::output::maps::Named;
use crate::output::maps::ground::GridDemand;
use crate::output::maps::parts::{Atlas, Content, QUIET};
use crate::quantity::Weight;

/// Upper ends of the classes, in per cent: nothing, then quarters.
pub(in crate::output) const CLASSES: [f64; 5] = [0.0, 25.0, 50.0, 75.0, 100.0];

pub(in crate::output::maps) fn sheet(atlas: &Atlas<'_>, day: DayKind, rung: usize) -> Result<Named, CrsError> {
    let writer = atlas.writer;
    let left = match rung {
        0 => atlas.ground.outside(day),
        1 => atlas.ground.uncovered(day),
        2 => atlas.ground.closed(day, None),
        _ => atlas.ground.unserved(day),
    };
    let cells = cells(atlas, &atlas.ground.demand(day), &left);
    let rung_word = writer.word("rung", RUNG_IDS[rung]);
    let mut items = legend(atlas, writer.say("map.rung.legend", &[("rung", &rung_word)]));
    items.extend(atlas.withheld_item(&atlas.withheld(None)));
    let (stations, station_items) = atlas.stations(Some(QUIET));
    let (reach, reach_item) = atlas.reach(day)?;
    items.extend(station_items);
    items.push(reach_item);
    let figures = writer.figures(0, "today", day);
    let subtitle = writer.say(
        "map.rung.subtitle",
        &[
            ("day", &writer.day(day)),
            ("radius", &atlas.radius(day)),
            ("rung", &rung_word),
            ("covered", &writer.or_withheld(figures[rung + 1].map(|covered| writer.visits(covered)))),
            ("demand", &writer.or_withheld(figures[0].map(|demand| writer.amount(demand)))),
            ("share", &writer.share(&figures, rung + 1)),
        ],
    );
    let title = writer.say("map.rung.title", &[("title", &writer.pick(&writer.scenario.file.title))]);
    let content = Content { layers: vec![reach, Layer::Points { points: stations }], items };
    Ok((format!("coverage-{}", RUNG_IDS[rung]), atlas.sheet(title, subtitle, atlas.extent, Some(cells), content)))
}

/// Squares by the share of their demand that isn't left.
pub(super) fn cells(atlas: &Atlas<'_>, demand: &GridDemand, left: &GridDemand) -> Layer {
    let grid = &atlas.writer.findings.dataset.area.grid;
    let fill = |(&cell, &all): (&(u32, u32), &Weight)| {
        let covered = all.saturating_sub(left.get(&cell).copied().unwrap_or(Weight::ZERO)).share_of(all).percent();
        CellFill { centre: grid.centre(cell), class: Some(CLASSES.partition_point(|&end| end < covered).min(CLASSES.len() - 1)) }
    };
    let cells = demand.iter().map(fill).chain(atlas.hatched(&atlas.withheld(None))).collect();
    Layer::Cells { cells, side_m: grid.cell_m, colours: Ramp::Service.colours(CLASSES.len()) }
}

/// What their colours mean, under a heading.
pub(super) fn legend(atlas: &Atlas<'_>, heading: String) -> Vec<LegendItem> {
    let mut items = vec![LegendItem::new(Swatch::Heading, heading)];
    let colours = Ramp::Service.colours(CLASSES.len());
    items.extend(colours.into_iter().enumerate().map(|(class, colour)| LegendItem::new(Swatch::Fill(colour), label(class))));
    items.push(atlas.heading("map.rung.method"));
    items
}

/// The legend's words for a class.
pub(in crate::output) fn label(class: usize) -> String {
    match class {
        0 => "0 %".to_owned(),
        class => format!("{}–{} %", CLASSES[class - 1], CLASSES[class]),
    }
}
