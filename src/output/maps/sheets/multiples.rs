//! Several maps of one measure beside each other: coverage by season, by part of the day, and before and after the recommendations.
//!
//! All are of the third rung of the ladder: within the radius, on foot, at a station that is open.

use crate::calendar::{DayKind, DayType, Season, Slot};
use crate::coverage::Steps;
use crate::crs::{CrsError, Planar};
use crate::domain::site::Site;
use crate::output::map::{Layer, LegendItem, Marker, Sheet, Swatch, Symbol};
use crate::output::maps::Named;
use crate::output::maps::ground::Ground;
use crate::output::maps::parts::{Atlas, Map, QUIET, symbol};
use crate::output::maps::sheets::rungs;

/// The rung that is compared.
const OPEN: usize = 2;

/// Coverage in each season that has demand on a type of day; nothing where there are less than two.
pub(in crate::output::maps) fn seasons(atlas: &Atlas<'_>, day_type: DayType) -> Result<Option<Named>, CrsError> {
    let writer = atlas.writer;
    let days = Season::ALL.into_iter().map(|season| DayKind::new(season, day_type));
    let days: Vec<DayKind> = days.filter(|&day| !atlas.ground.demand(day).is_empty()).collect();
    if days.len() < 2 || writer.untimed() {
        return Ok(None);
    }
    let (stations, mut items) = atlas.stations(Some(QUIET));
    let map = |&day: &DayKind| -> Result<Map, CrsError> {
        let steps = writer.findings.ladders[0].ladder.day(day);
        let name = format!("{} · {}", writer.day(day), atlas.radius(day));
        let cells = rungs::cells(atlas, &atlas.ground.demand(day), &atlas.ground.closed(day, None));
        Ok(map(atlas, &name, steps, cells, vec![atlas.reach(day)?.0, Layer::Points { points: stations.clone() }]))
    };
    let maps = days.iter().map(map).collect::<Result<Vec<_>, _>>()?;
    items.push(atlas.item(atlas.reach(days[0])?.1.swatch, "map.multiples.reach"));
    let subtitle = writer.say("map.seasons.subtitle", &[("measure", &writer.say("map.multiples.measure", &[]))]);
    let sheet = sheet(atlas, ("map.seasons.title", subtitle), maps, items);
    Ok(Some(("coverage-seasons".into(), sheet)))
}

/// Coverage in each part of a day.
pub(in crate::output::maps) fn slots(atlas: &Atlas<'_>, day: DayKind) -> Result<Option<Named>, CrsError> {
    let writer = atlas.writer;
    if writer.untimed() {
        return Ok(None);
    }
    let (stations, mut items) = atlas.stations(Some(QUIET));
    let (reach, reach_item) = atlas.reach(day)?;
    let map = |slot: Slot| {
        let steps = writer.findings.ladders[0].ladder.slot(day, slot);
        let cells = rungs::cells(atlas, &atlas.ground.demand_in(day, slot), &atlas.ground.closed(day, Some(slot)));
        let over = vec![reach.clone(), Layer::Points { points: stations.clone() }];
        map(atlas, &writer.word("slot", slot.id()), steps, cells, over)
    };
    let maps = Slot::ALL.into_iter().map(map).collect();
    items.push(reach_item);
    Ok(Some(("coverage-slots".into(), sheet(atlas, ("map.slots.title", of_day(atlas, day)), maps, items))))
}

/// Coverage of a day as it is, and with all that is recommended; nothing without recommendations.
pub(in crate::output::maps) fn change(atlas: &Atlas<'_>, day: DayKind) -> Result<Option<Named>, CrsError> {
    let (writer, findings) = (atlas.writer, atlas.writer.findings);
    let Some(after) = findings.after.last() else { return Ok(None) };
    let with_all = Ground::of(findings, writer.scenario, &after.sites, &after.matrix);
    let demand = atlas.ground.demand(day);
    let (stations, mut items) = atlas.stations(Some(QUIET));
    let known = |site: &Site| findings.dataset.sites.rows().iter().any(|s| s.planar == site.planar && s.kind == site.kind);
    let chosen = |site: &Site| Marker { colour: Symbol::Chosen.colour(), ..Marker::new(site.planar, symbol(site.kind)) };
    let new: Vec<Marker> = after.sites.rows().iter().filter(|site| !known(site)).map(chosen).collect();
    let stay = |marker: &Marker| after.sites.rows().iter().any(|site| same(site.planar, marker.at));
    let kept: Vec<Marker> = stations.iter().filter(|marker| stay(marker)).cloned().collect();
    let (reach, reach_item) = atlas.reach(day)?;
    let places: Vec<_> = after.sites.rows().iter().map(|site| site.position).collect();
    let (reach_after, _) = atlas.reach_of(&places, day, crate::output::map::LineStyle::REACH, "map.reach")?;
    let steps = |ladders: &[crate::findings::StandardLadder]| ladders[0].ladder.day(day);
    let maps = vec![
        map(
            atlas,
            &writer.say("map.change.before", &[]),
            steps(&findings.ladders),
            rungs::cells(atlas, &demand, &atlas.ground.closed(day, None)),
            vec![reach, Layer::Points { points: stations }],
        ),
        map(
            atlas,
            &writer.say("map.change.after", &[]),
            steps(&after.ladders),
            rungs::cells(atlas, &demand, &with_all.closed(day, None)),
            vec![reach_after, Layer::Points { points: kept }, Layer::Points { points: new }],
        ),
    ];
    items.push(LegendItem::new(
        Swatch::Point { symbol: Symbol::Fixed, colour: Symbol::Chosen.colour() },
        writer.say("map.change.new", &[]),
    ));
    items.push(reach_item);
    Ok(Some(("before-after".into(), sheet(atlas, ("map.change.title", of_day(atlas, day)), maps, items))))
}

/// The line under the title of a sheet about one day.
fn of_day(atlas: &Atlas<'_>, day: DayKind) -> String {
    let (writer, measure) = (atlas.writer, atlas.writer.say("map.multiples.measure", &[]));
    writer.say("map.slots.subtitle", &[("day", &writer.day(day)), ("radius", &atlas.radius(day)), ("measure", &measure)])
}

fn same(a: Planar, b: Planar) -> bool {
    a.x == b.x && a.y == b.y
}

/// One map: its name with the share that is covered, cells, and what lies over them.
fn map(atlas: &Atlas<'_>, name: &str, steps: Steps, cells: Layer, over: Vec<Layer>) -> Map {
    let writer = atlas.writer;
    let share = writer.percent(steps.covered[OPEN], steps.demand);
    let caption =
        writer.say("map.multiples.caption", &[("name", &name), ("share", &share), ("demand", &writer.amount(steps.demand))]);
    Map { caption, cells: Some(cells), over }
}

fn sheet(atlas: &Atlas<'_>, (title, subtitle): (&str, String), maps: Vec<Map>, more: Vec<LegendItem>) -> Sheet {
    let writer = atlas.writer;
    let title = writer.say(title, &[("title", &writer.pick(&writer.scenario.file.title))]);
    let mut items = rungs::legend(atlas, writer.say("map.multiples.measure", &[]));
    items.extend(more);
    atlas.sheet_of(title, subtitle, atlas.extent, maps, items)
}
