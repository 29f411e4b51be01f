//! Demand of a day, the stations, and how far they reach.

use crate::calendar::DayKind;
use crate::crs::CrsError;
use crate::output::map::{Layer, LegendItem, Marker, Ramp, Symbol};
use crate::output::maps::Named;
use crate::output::maps::parts::{Atlas, Content, short};

/// Stations that are named: those with the most demand within reach.
const NAMED: usize = 14;

pub(in crate::output::maps) fn sheet(atlas: &Atlas<'_>, day: DayKind) -> Result<Named, CrsError> {
    let writer = atlas.writer;
    let findings = writer.findings;
    let (cells, mut items) = atlas.choropleth(&atlas.ground.demand(day), &atlas.withheld(None), Ramp::Demand, "map.demand");
    let (mut stations, station_items) = atlas.stations(None);
    items.extend(station_items);
    let mut order: Vec<usize> = (0..stations.len()).collect();
    order.sort_by_key(|&site| (std::cmp::Reverse(findings.local[site].0), site));
    for (rank, site) in order.into_iter().take(NAMED).enumerate() {
        let row = &findings.dataset.sites.rows()[site];
        if row.name != row.id {
            stations[site] = stations[site].clone().labelled(short(&row.name), rank as u32);
        }
    }
    if !findings.dataset.mobile.is_empty() {
        stations.extend(findings.dataset.mobile.iter().map(|site| Marker::new(site.planar, Symbol::Bus)));
        let number = writer.count(findings.dataset.mobile.len());
        items.push(LegendItem::new(Symbol::Bus.swatch(), writer.say("map.mobile", &[("n", &number)])));
    }
    let (reach, reach_item) = atlas.reach(day)?;
    items.push(reach_item);
    let figures = writer.figures(0, "today", day);
    let subtitle = writer.say(
        "map.coverage.subtitle",
        &[
            ("day", &writer.day(day)),
            ("radius", &atlas.radius(day)),
            ("share", &writer.share(&figures, 2)),
            ("covered", &writer.or_withheld(figures[2].map(|covered| writer.visits(covered)))),
            ("demand", &writer.or_withheld(figures[0].map(|demand| writer.amount(demand)))),
        ],
    );
    let title = writer.say("map.coverage.title", &[("title", &writer.pick(&writer.scenario.file.title))]);
    let content = Content { layers: vec![reach, Layer::Points { points: stations }], items };
    Ok(("demand-coverage".into(), atlas.sheet(title, subtitle, atlas.extent, Some(cells), content)))
}
