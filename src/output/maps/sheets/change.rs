//! What changes between two states: covered demand gained and lost by cell, stations, gaps of place, bus stops.
//!
//! One scale for both directions, centred at zero: the same class is the same amount, gained or lost.

use crate::crs::{CrsError, LonLat, Planar};
use crate::output::compare::{Differences, GapChange, StationChange, map_subtitle, title};
use crate::output::map::{
    AreaStyle, CLASS_METHOD, CellFill, Colour, Extent, Layer, LegendItem, LineStyle, Marker, Outline, Pattern, Ramp, Sheet,
    Swatch, Symbol,
};
use crate::output::maps::outline;
use crate::output::maps::parts::{Atlas, Content, QUIET, round_classes, short, symbol};
use crate::output::report::notes;

/// Most classes in each direction.
const CLASSES: usize = 4;
/// Stations that are named.
const NAMED: usize = 14;
/// A station that stands in both, but changed.
const CHANGED: Colour = Colour::hex(0x0b4f8c);
/// Outline of a gap that went or shrank.
const BETTER: AreaStyle = AreaStyle {
    fill: None,
    outline: Some(LineStyle {
        colour: Colour::INK,
        width_mm: 0.4,
        pattern: Pattern::Dashed { on_mm: 1.2, off_mm: 0.8 },
        cased: true,
    }),
};

/// The map of the differences; the ground is that of B.
pub(in crate::output::maps) fn sheet(atlas: &Atlas<'_>, found: &Differences<'_>) -> Result<Sheet, CrsError> {
    let versus = &found.versus;
    let (cells, mut items) = gains(atlas, found);
    let (stations, links) = stations(atlas, found, &mut items);
    let places: Vec<LonLat> = versus.b.sites.rows().iter().map(|site| site.position).collect();
    let (reach, reach_item) = atlas.reach_of(&places, versus.day[1], LineStyle::REACH, "map.reach")?;
    items.push(reach_item);
    let (worse, better) = gaps(atlas, found, &mut items);
    let buses = buses(atlas, found, &mut items)?;
    let layers = vec![
        reach,
        Layer::Areas { areas: better, style: BETTER },
        Layer::Areas { areas: worse, style: AreaStyle::GAP },
        Layer::Links { pairs: links, style: LineStyle::LINK },
        Layer::Points { points: buses },
        Layer::Points { points: stations },
    ];
    let content = Content { layers, items };
    let mut sheet = atlas.sheet(title(versus), map_subtitle(found), extent(found), Some(cells), content);
    let of_a = notes(versus.a.writer, "");
    if of_a[0] != sheet.notes[0] {
        sheet.notes[0] = format!("B: {}", sheet.notes[0]);
        sheet.notes.insert(0, format!("A: {}", of_a[0]));
    }
    Ok(sheet)
}

/// The ground of both.
fn extent(found: &Differences<'_>) -> Extent {
    let boxes = [&found.versus.a, &found.versus.b].map(|side| {
        let grid = side.writer.findings.dataset.area.grid;
        let reach = |from: f64, cells: u32| from + grid.cell_m * f64::from(cells);
        let Planar { x: west, y: south } = grid.origin;
        Extent { west, south, east: reach(west, grid.columns), north: reach(south, grid.rows) }
    });
    let [a, b] = boxes;
    Extent { west: a.west.min(b.west), south: a.south.min(b.south), east: a.east.max(b.east), north: a.north.max(b.north) }
}

/// Cells by what they gain or lose, and their legend: most gained first, most lost last.
fn gains(atlas: &Atlas<'_>, found: &Differences<'_>) -> (Layer, Vec<LegendItem>) {
    let writer = atlas.writer;
    let side_m = writer.findings.dataset.area.grid.cell_m;
    let sizes: Vec<f64> =
        found.cells.iter().filter_map(|cell| found.gain(cell)).map(|gain| gain.unsigned_abs() as f64 / 1000.0).collect();
    let breaks = round_classes(&sizes, CLASSES);
    let count = breaks.count();
    let (gain, loss) = (Ramp::Gain.colours(count), Ramp::Loss.colours(count));
    let mut cells = Vec::new();
    for cell in &found.cells {
        let class = match found.gain(cell) {
            Some(0) => continue,
            Some(milli) => {
                let class = breaks.class_of(milli.unsigned_abs() as f64 / 1000.0);
                Some(if milli > 0 { class } else { count + class })
            }
            None if cell.cover.iter().flatten().all(|cover| cover.demand == crate::quantity::Weight::ZERO) => continue,
            None => None,
        };
        cells.push(CellFill { centre: cell.centre(side_m), class });
    }
    let unit = if writer.untimed() { "map.unit.count" } else { "map.unit.visits" };
    let unit = writer.say(unit, &[("side", &writer.number(side_m, 0))]);
    let mut items = vec![LegendItem::new(Swatch::Heading, writer.say("map.change.legend", &[("unit", &unit)]))];
    let drawn = |class: usize| cells.iter().any(|cell| cell.class.is_some_and(|drawn| drawn / count == class));
    let item = |key: &str, class: usize, colour: Colour| {
        LegendItem::new(Swatch::Fill(colour), writer.say(key, &[("size", &breaks.label(class))]))
    };
    if drawn(0) {
        items.extend((0..count).rev().map(|class| item("map.change.gain", class, gain[class])));
    }
    if drawn(1) {
        items.extend((0..count).map(|class| item("map.change.loss", class, loss[class])));
    }
    if cells.iter().any(|cell| cell.class.is_none()) {
        items.push(atlas.item(Swatch::Withheld, "map.change.only"));
    }
    items.push(atlas.heading(CLASS_METHOD));
    (Layer::Cells { cells, side_m, colours: [gain, loss].concat() }, items)
}

/// All stations of either, the changed ones named, and where they moved from.
fn stations(atlas: &Atlas<'_>, found: &Differences<'_>, items: &mut Vec<LegendItem>) -> (Vec<Marker>, Vec<(Planar, Planar)>) {
    let versus = &found.versus;
    let (of_a, of_b) = (versus.a.sites.rows(), versus.b.sites.rows());
    let mut markers: Vec<Marker> =
        of_b.iter().map(|site| Marker { colour: QUIET, ..Marker::new(site.planar, symbol(site.kind)) }).collect();
    let (mut links, mut counts) = (Vec::new(), [0, 0, 0]);
    for (at, change) in ranked(&found.stations).into_iter().enumerate() {
        let (site, sort) = match change.rows {
            (Some(_), Some(b)) => (&of_b[b], 2),
            (None, Some(b)) => (&of_b[b], 0),
            (Some(a), _) => (&of_a[a], 1),
            (None, None) => continue,
        };
        counts[sort] += 1;
        let marker = match sort {
            0 => Marker::new(site.planar, Symbol::Chosen),
            1 => Marker::new(site.planar, Symbol::Closed),
            _ => Marker { colour: CHANGED, ..Marker::new(site.planar, symbol(site.kind)) },
        };
        let marker = if at < NAMED { marker.labelled(short(&site.name), at as u32) } else { marker };
        match change.rows.1 {
            Some(row) => markers[row] = marker,
            None => markers.push(marker),
        }
        if let (Some(a), Some(b), Some(_)) = (change.rows.0, change.rows.1, change.moved_m) {
            links.push((of_a[a].planar, of_b[b].planar));
        }
    }
    let same = of_b.len() - counts[0] - counts[2];
    let quiet = Swatch::Point { symbol: Symbol::Fixed, colour: QUIET };
    let changed = Swatch::Point { symbol: Symbol::Fixed, colour: CHANGED };
    items.push(atlas.heading("map.change.stations"));
    let rows = [
        (Symbol::Chosen.swatch(), "map.change.opened", counts[0]),
        (Symbol::Closed.swatch(), "map.change.closed", counts[1]),
        (changed, "map.change.changed", counts[2]),
        (quiet, "map.change.same", same),
    ];
    let numbered = |(swatch, key, n): (Swatch, &str, usize)| {
        LegendItem::new(swatch, atlas.writer.say(key, &[("n", &atlas.writer.count(n))]))
    };
    items.extend(rows.into_iter().filter(|(.., n)| *n > 0).map(numbered));
    if !links.is_empty() {
        items.push(atlas.item(Swatch::Line(LineStyle::LINK), "map.change.moved"));
    }
    (markers, links)
}

/// Opened first, then closed, then changed.
fn ranked(changes: &[StationChange]) -> Vec<&StationChange> {
    let mut ranked: Vec<&StationChange> = changes.iter().collect();
    ranked.sort_by_key(|change| match change.rows {
        (None, _) => 0,
        (_, None) => 1,
        _ => 2,
    });
    ranked
}

/// Outlines of the day's gaps of place: worse, better.
fn gaps(atlas: &Atlas<'_>, found: &Differences<'_>, items: &mut Vec<LegendItem>) -> (Vec<Outline>, Vec<Outline>) {
    let of_day = found.gaps.iter().filter(|change| change.days == found.versus.day);
    let place = |change: &&GapChange| change.shown().is_some_and(|(_, gap)| gap.cause.is_place());
    // Of one that joined or split off another the area is a gap before and after.
    let (worse, better): (Vec<&GapChange>, Vec<&GapChange>) = of_day
        .filter(|change| place(change) && !["joined", "split"].contains(&change.change))
        .partition(|change| ["new", "grown"].contains(&change.change));
    if worse.len() + better.len() > 0 {
        items.push(atlas.heading("map.change.gaps"));
    }
    let counted = |key: &str, style, n: usize| {
        (n > 0).then(|| LegendItem::new(Swatch::Area(style), atlas.writer.say(key, &[("n", &atlas.writer.count(n))])))
    };
    items.extend(counted("map.change.gap.worse", AreaStyle::GAP, worse.len()));
    items.extend(counted("map.change.gap.better", BETTER, better.len()));
    let outlines = |changes: Vec<&GapChange>| -> Vec<Outline> {
        let rings = changes.into_iter().filter_map(GapChange::shown).flat_map(|(at, gap)| {
            let side = [&found.versus.a, &found.versus.b][at];
            outline::cells(&gap.grid_cells, &side.writer.findings.dataset.area.grid)
        });
        rings.map(|ring| Outline { ring, holes: Vec::new() }).collect()
    };
    (outlines(worse), outlines(better))
}

/// Stops of the day that a bus newly comes to, or comes to no more.
fn buses(atlas: &Atlas<'_>, found: &Differences<'_>, items: &mut Vec<LegendItem>) -> Result<Vec<Marker>, CrsError> {
    let projector = &atlas.writer.findings.dataset.projector;
    let mut markers = Vec::new();
    let of_day = || {
        found.windows.iter().filter(|change| change.days == found.versus.day && ["moved", "new", "gone"].contains(&change.change))
    };
    for (at, colour, key) in [(0, QUIET, "map.change.bus.gone"), (1, Symbol::Bus.colour(), "map.change.bus.new")] {
        let before = markers.len();
        for window in of_day().filter_map(|change| change.windows[at].as_ref()) {
            let marker = Marker { colour, ..Marker::new(projector.project(window.position)?, Symbol::Bus) };
            let label = format!("{} {}", short(&window.stop), window.hours());
            markers.push(if at == 1 { marker.labelled(label, markers.len() as u32) } else { marker });
        }
        if markers.len() > before {
            let n = atlas.writer.count(markers.len() - before);
            items.push(LegendItem::new(Swatch::Point { symbol: Symbol::Bus, colour }, atlas.writer.say(key, &[("n", &n)])));
        }
    }
    Ok(markers)
}
