//! How far it is on foot to the nearest station, square by square.

use crate::calendar::DayKind;
use crate::crs::CrsError;
use crate::output::map::{CellFill, Layer, LegendItem, Ramp, Swatch};
use crate::output::maps::Named;
use crate::output::maps::parts::{Atlas, Content, QUIET};

/// Classes within the radius, of equal width; one more is beyond it.
const CLASSES: usize = 4;

pub(in crate::output::maps) fn sheet(atlas: &Atlas<'_>, day: DayKind) -> Result<Named, CrsError> {
    let (writer, limit) = (atlas.writer, atlas.radius_m(day));
    let grid = &writer.findings.dataset.area.grid;
    let step = limit / CLASSES as f64;
    let nearest = atlas.ground.nearest(day);
    let mut colours = Ramp::Service.colours(CLASSES + 1);
    colours.reverse();
    let class = |metres: &Option<f64>| metres.map_or(CLASSES, |metres| ((metres / step).ceil() as usize).clamp(1, CLASSES) - 1);
    let fill = |(&cell, metres): (&(u32, u32), &Option<f64>)| CellFill { centre: grid.centre(cell), class: Some(class(metres)) };
    let withheld = atlas.withheld(None);
    let cells = nearest.iter().map(fill).chain(atlas.hatched(&withheld)).collect();
    let cells = Layer::Cells { cells, side_m: grid.cell_m, colours: colours.clone() };
    let label = |class: usize| {
        let metres = |class: usize| writer.number(step * class as f64, 0);
        if class == CLASSES {
            return writer.say("map.access.beyond", &[("radius", &metres(CLASSES))]);
        }
        format!("{}–{} m", metres(class), metres(class + 1))
    };
    let mut items = vec![atlas.heading("map.access.legend")];
    items.extend(colours.iter().enumerate().map(|(class, &colour)| LegendItem::new(Swatch::Fill(colour), label(class))));
    items.push(atlas.heading("map.access.method"));
    items.extend(atlas.withheld_item(&withheld));
    let (stations, station_items) = atlas.stations(Some(QUIET));
    items.extend(station_items);
    let figures = writer.figures(0, "today", day);
    let subtitle = writer.say(
        "map.access.subtitle",
        &[
            ("day", &writer.day(day)),
            ("radius", &atlas.radius(day)),
            ("share", &writer.share(&figures, 2)),
            ("demand", &writer.or_withheld(figures[0].map(|demand| writer.amount(demand)))),
        ],
    );
    let title = writer.say("map.access.title", &[("title", &writer.pick(&writer.scenario.file.title))]);
    let content = Content { layers: vec![Layer::Points { points: stations }], items };
    Ok(("accessibility".into(), atlas.sheet(title, subtitle, atlas.extent, Some(cells), content)))
}
