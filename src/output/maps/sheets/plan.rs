//! What to open and where, over all demand of the planning day.

use crate::crs::{CrsError, Planar};
use crate::output::map::{AreaStyle, Layer, LegendItem, Marker, Ramp, Swatch, Symbol};
use crate::output::maps::Named;
use crate::output::maps::parts::{Atlas, Content, QUIET, REACH_NEW, short};
use crate::siting::{Action, At, Recommendation};

/// Recommendations that are labelled.
const NAMED: usize = 24;

/// Symbol of an action; all are drawn in the colour of what was chosen.
fn symbol(action: Action) -> Symbol {
    match action {
        Action::NewFixed => Symbol::Chosen,
        Action::NewSmart => Symbol::Candidate,
        Action::UpgradeSmart => Symbol::Smart,
    }
}

pub(in crate::output::maps) fn sheet(atlas: &Atlas<'_>) -> Result<Option<Named>, CrsError> {
    let (writer, day) = (atlas.writer, atlas.writer.scenario.planning_day);
    let Some(siting) = &writer.findings.siting else { return Ok(None) };
    let (cells, mut items) = atlas.choropleth(&atlas.ground.demand(day), Ramp::Demand, "map.demand");
    let places: Vec<Planar> = siting.recommendations.iter().map(|r| place(atlas, r)).collect::<Result<_, _>>()?;
    let mut points = Vec::new();
    for (rank, (recommendation, &at)) in siting.recommendations.iter().zip(&places).enumerate() {
        let marker = Marker { colour: Symbol::Chosen.colour(), ..Marker::new(at, symbol(recommendation.action)) };
        points.push(if rank < NAMED {
            marker.labelled(label(atlas, recommendation), turn(recommendation, rank))
        } else {
            marker
        });
    }
    items.push(atlas.heading("map.plan.heading"));
    for action in Action::ALL {
        let number = siting.recommendations.iter().filter(|r| r.action == action).count();
        if number > 0 {
            let swatch = Swatch::Point { symbol: symbol(action), colour: Symbol::Chosen.colour() };
            let word = writer.word("action", action.id());
            items.push(LegendItem::new(swatch, writer.say("map.plan.item", &[("action", &word), ("n", &number)])));
        }
    }
    let new = siting.recommendations.iter().zip(&places).filter(|(r, _)| matches!(r.at, At::Candidate(_)));
    let centres: Vec<Planar> = new.map(|(_, at)| *at).collect();
    let style = AreaStyle { fill: None, outline: Some(REACH_NEW) };
    items.push(LegendItem::new(Swatch::Circle(style), writer.say("map.plan.reach", &[("radius", &atlas.radius(day))])));
    let (stations, station_items) = atlas.stations(Some(QUIET));
    let (reach, reach_item) = atlas.reach(day);
    items.extend(station_items);
    items.push(reach_item);
    let after = siting.covered_before + siting.added;
    let subtitle = writer.say(
        "map.plan.subtitle",
        &[
            ("day", &writer.day(day)),
            ("radius", &atlas.radius(day)),
            ("before", &writer.percent(siting.covered_before, siting.total)),
            ("after", &writer.percent(after, siting.total)),
            ("total", &writer.amount(siting.total)),
        ],
    );
    let title = writer.say("map.plan.title", &[("title", &writer.pick(&writer.scenario.file.title))]);
    let layers = vec![
        reach,
        Layer::Circles { centres, radius_m: atlas.radius_m(day), style },
        Layer::Points { points: stations },
        Layer::Points { points },
    ];
    let sheet = atlas.sheet(title, subtitle, atlas.extent, Some(cells), Content { layers, items });
    Ok(Some(("recommendations".into(), sheet)))
}

/// Upgrades are lettered first: they stand among other stations, new ones where there is room.
fn turn(recommendation: &Recommendation, rank: usize) -> u32 {
    let crowded = recommendation.action == Action::UpgradeSmart;
    rank as u32 + if crowded { 0 } else { NAMED as u32 }
}

fn place(atlas: &Atlas<'_>, recommendation: &Recommendation) -> Result<Planar, CrsError> {
    let dataset = &atlas.writer.findings.dataset;
    match recommendation.at {
        At::Candidate(row) => dataset.projector.project(dataset.candidates[row].position),
        At::Station(site) => Ok(dataset.sites[site].planar),
    }
}

fn label(atlas: &Atlas<'_>, recommendation: &Recommendation) -> String {
    let dataset = &atlas.writer.findings.dataset;
    let name = match recommendation.at {
        At::Candidate(row) => dataset.candidates[row].name.clone(),
        At::Station(site) => short(&dataset.sites[site].name),
    };
    atlas.writer.say("map.plan.label", &[("name", &name), ("gain", &atlas.writer.visits(recommendation.gain))])
}
