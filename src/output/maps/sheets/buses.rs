//! Where the buses stand on a peak day, over the demand that the standing network leaves.

use std::collections::BTreeMap;

use crate::calendar::DayKind;
use crate::crs::{CrsError, LonLat};
use crate::mobile::PlannedDay;
use crate::output::map::{Layer, LegendItem, Marker, Ramp, Swatch, Symbol};
use crate::output::maps::Named;
use crate::output::maps::parts::{Atlas, Content, QUIET, REACH_NEW};
use crate::output::report::words::clock;
use crate::output::schedule::file_name;
use crate::quantity::Weight;

pub(in crate::output::maps) fn all(atlas: &Atlas<'_>) -> Result<Vec<Named>, CrsError> {
    atlas.writer.findings.timetable.days.iter().map(|buses| sheet(atlas, buses)).collect()
}

/// The map of a day, if buses are planned for it.
pub(in crate::output::maps) fn on(atlas: &Atlas<'_>, day: DayKind) -> Result<Option<Named>, CrsError> {
    let planned = atlas.writer.findings.timetable.days.iter().find(|buses| buses.kind == day);
    planned.map(|buses| sheet(atlas, buses)).transpose()
}

fn sheet(atlas: &Atlas<'_>, buses: &PlannedDay) -> Result<Named, CrsError> {
    let (writer, day) = (atlas.writer, buses.kind);
    let dataset = &writer.findings.dataset;
    // What stations leave by the hour is not for the public; all demand is, on the days that are published.
    let (cells, mut items) = match writer.published {
        None => atlas.choropleth(&atlas.ground.unserved(day), &[], Ramp::Unmet, "map.unserved"),
        Some(_) => atlas.choropleth(&atlas.ground.demand(day), &atlas.withheld(None), Ramp::Demand, "map.demand"),
    };
    let (mut used, mut places): (Vec<Marker>, Vec<LonLat>) = (Vec::new(), Vec::new());
    let windows = windows(buses);
    for (stop, label) in labels(atlas, &windows) {
        let at = dataset.stops[stop].position;
        used.push(Marker::new(dataset.projector.project(at)?, Symbol::Bus).labelled(label, used.len() as u32));
        places.push(at);
    }
    let free = (0..dataset.stops.len()).filter(|stop| !windows.contains_key(stop));
    let free: Vec<Marker> = free
        .map(|stop| {
            let at = dataset.projector.project(dataset.stops[stop].position)?;
            Ok(Marker { colour: QUIET, ..Marker::new(at, Symbol::Bus) })
        })
        .collect::<Result<_, CrsError>>()?;
    items.push(atlas.heading("map.bus.heading"));
    items.push(LegendItem::new(Symbol::Bus.swatch(), writer.say("map.bus.used", &[("n", &buses.stands.len())])));
    let quiet = Swatch::Point { symbol: Symbol::Bus, colour: QUIET };
    items.push(LegendItem::new(quiet, writer.say("map.bus.free", &[("n", &free.len())])));
    let (reach, item) = atlas.reach_of(&places, day, REACH_NEW, "map.bus.reach")?;
    items.push(item);
    let (stations, station_items) = atlas.stations(Some(QUIET));
    items.extend(station_items);
    let mut vehicles: Vec<usize> = buses.stands.iter().map(|stand| stand.vehicle).collect();
    vehicles.dedup();
    let used_buses = vehicles.len();
    let row = writer.findings.timetable.days.iter().position(|day| day == buses);
    let told = writer.published.zip(row).is_none_or(|(published, row)| published.buses[row]);
    let subtitle = writer.say(
        if told { "map.bus.subtitle" } else { "map.bus.subtitle.withheld" },
        &[
            ("day", &writer.day(day)),
            ("radius", &atlas.radius(day)),
            ("buses", &used_buses),
            ("served", &writer.visits(buses.served)),
            ("default", &writer.visits(buses.default_served)),
            ("left", &writer.amount(buses.demand - buses.network_served)),
        ],
    );
    let title = writer.say("map.bus.title", &[("title", &writer.pick(&writer.scenario.file.title))]);
    let layers = vec![reach, Layer::Points { points: stations }, Layer::Points { points: free }, Layer::Points { points: used }];
    let name = format!("buses-{}", file_name(buses));
    Ok((name, atlas.sheet(title, subtitle, atlas.extent, Some(cells), Content { layers, items })))
}

/// Windows by stop: their hours and what they serve together.
type Windows = BTreeMap<usize, AtStop>;
/// Windows at one stop, and what they serve.
type AtStop = (Vec<(u16, u16)>, Weight);

fn windows(buses: &PlannedDay) -> Windows {
    let mut stops = Windows::new();
    for window in &buses.stands {
        let entry = stops.entry(window.stop).or_default();
        entry.0.push((window.from, window.to));
        entry.1 += window.served;
    }
    stops
}

fn labels(atlas: &Atlas<'_>, windows: &Windows) -> Vec<(usize, String)> {
    let writer = atlas.writer;
    let label = |(&stop, (hours, served)): (&usize, &AtStop)| {
        let mut hours = hours.clone();
        hours.sort_unstable();
        let hours: Vec<String> = hours.iter().map(|(from, to)| format!("{}–{}", clock(*from), clock(*to))).collect();
        let name = &writer.findings.dataset.stops[stop].name;
        let text =
            writer.say("map.bus.label", &[("name", name), ("hours", &writer.list(&hours)), ("served", &writer.visits(*served))]);
        (stop, text)
    };
    windows.iter().map(label).collect()
}
