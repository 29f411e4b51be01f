//! What to open and where, over all demand of the planning day.

use crate::crs::{CrsError, LonLat};
use crate::output::map::{Layer, LegendItem, Marker, Ramp, Swatch, Symbol};
use crate::output::maps::Named;
use crate::output::maps::parts::{Atlas, Content, QUIET, REACH_NEW, short};
use crate::siting::{Action, At, Recommendation};

/// Rows of recommendations that the legend has room for.
const ROWS: usize = 10;

/// Symbol of an action; all are drawn in the colour of what was chosen.
pub(in crate::output) fn symbol(action: Action) -> Symbol {
    match action {
        Action::NewFixed => Symbol::Chosen,
        Action::NewSmart => Symbol::Candidate,
        Action::UpgradeSmart => Symbol::Smart,
        Action::Mobile => Symbol::Bus,
        Action::Close | Action::Keep => Symbol::Fixed,
    }
}

pub(in crate::output::maps) fn sheet(atlas: &Atlas<'_>) -> Result<Option<Named>, CrsError> {
    let (writer, day) = (atlas.writer, atlas.writer.scenario.planning_day);
    let Some(siting) = &writer.findings.siting else { return Ok(None) };
    let (cells, mut items) = atlas.choropleth(&atlas.ground.demand(day), &atlas.withheld(None), Ramp::Demand, "map.demand");
    let places: Vec<LonLat> = siting.recommendations.iter().map(|r| place(atlas, r)).collect();
    let mark = |(number, (recommendation, &at)): (usize, (&Recommendation, &LonLat))| {
        let at = writer.findings.dataset.projector.project(at)?;
        let marker = Marker { colour: Symbol::Chosen.colour(), ..Marker::new(at, symbol(recommendation.action)) };
        Ok(marker.labelled((number + 1).to_string(), number as u32))
    };
    let points: Vec<Marker> =
        siting.recommendations.iter().zip(&places).enumerate().map(mark).collect::<Result<_, CrsError>>()?;
    let all = &siting.recommendations;
    let actions: Vec<Action> = Action::ALL.into_iter().filter(|action| all.iter().any(|r| r.action == *action)).collect();
    // Where not all have a row, each action needs one to count the rest.
    let named = if all.len() <= ROWS { ROWS } else { ROWS - actions.len() };
    items.extend(actions.into_iter().flat_map(|action| listed(atlas, all, action, named)));
    let new = siting.recommendations.iter().zip(&places).filter(|(r, _)| matches!(r.at, At::Candidate(_) | At::Stop { .. }));
    let new: Vec<LonLat> = new.map(|(_, at)| *at).collect();
    let (reach_new, item) = atlas.reach_of(&new, day, REACH_NEW, "map.plan.reach")?;
    items.push(item);
    let (stations, station_items) = atlas.stations(Some(QUIET));
    let (reach, reach_item) = atlas.reach(day)?;
    items.extend(station_items);
    items.push(reach_item);
    let after = siting.covered_before + siting.added;
    let told = writer.published.is_none_or(|published| published.plan);
    let subtitle = writer.say(
        if told { "map.plan.subtitle" } else { "map.plan.subtitle.withheld" },
        &[
            ("day", &writer.day(day)),
            ("radius", &atlas.radius(day)),
            ("before", &writer.percent(siting.covered_before, siting.total)),
            ("after", &writer.percent(after, siting.total)),
            ("total", &writer.amount(siting.total)),
        ],
    );
    let title = writer.say("map.plan.title", &[("title", &writer.pick(&writer.scenario.file.title))]);
    let layers = vec![reach, reach_new, Layer::Points { points: stations }, Layer::Points { points }];
    let sheet = atlas.sheet(title, subtitle, atlas.extent, Some(cells), Content { layers, items });
    Ok(Some(("recommendations".into(), sheet)))
}

fn place(atlas: &Atlas<'_>, recommendation: &Recommendation) -> LonLat {
    let dataset = &atlas.writer.findings.dataset;
    match recommendation.at {
        At::Candidate(row) => dataset.candidates[row].position,
        At::Station(site) => dataset.sites[site].position,
        At::Stop { stop, .. } => dataset.stops[stop].position,
    }
}

/// The legend of an action: those of its recommendations that are among the first `named`, by number, and how many others there are.
fn listed(atlas: &Atlas<'_>, all: &[Recommendation], action: Action, named: usize) -> Vec<LegendItem> {
    let writer = atlas.writer;
    let of_action: Vec<(usize, &Recommendation)> = all.iter().enumerate().filter(|(_, r)| r.action == action).collect();
    let word = writer.word("action", action.id());
    let key = if writer.untimed() { "map.plan.item.count" } else { "map.plan.item" };
    let heading = writer.say(key, &[("action", &word), ("n", &of_action.len())]);
    let swatch = Swatch::Point { symbol: symbol(action), colour: Symbol::Chosen.colour() };
    let mut items = vec![LegendItem::new(Swatch::Heading, heading)];
    let (shown, left): (Vec<_>, Vec<_>) = of_action.into_iter().partition(|(number, _)| *number < named);
    items.extend(shown.into_iter().map(|(number, r)| LegendItem::new(swatch, label(atlas, number + 1, r))));
    if !left.is_empty() {
        items.push(LegendItem::new(swatch, writer.say("map.plan.more", &[("n", &left.len())])));
    }
    items
}

fn label(atlas: &Atlas<'_>, number: usize, recommendation: &Recommendation) -> String {
    let dataset = &atlas.writer.findings.dataset;
    let name = match recommendation.at {
        At::Candidate(row) => dataset.candidates[row].name.clone(),
        At::Station(site) => short(&dataset.sites[site].name),
        At::Stop { stop, from, to } => format!("{} {from}–{to} h", short(&dataset.stops[stop].name)),
    };
    let gain = match recommendation.action {
        Action::Close => format!("-{}", atlas.writer.visits(recommendation.loss)),
        _ => atlas.writer.visits(recommendation.gain),
    };
    atlas.writer.say("map.plan.label", &[("n", &number), ("name", &name), ("gain", &gain)])
}
