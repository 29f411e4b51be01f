//! What the page shows: the layers in both languages, the ladder, the curve, the buses, and the arrays from which it counts coverage.
//!
//! The page counts a cell as covered (a) in the radius of any standing site, (b) also by path, (c) with such a site open in that hour:
//! what [`crate::coverage`] counts on its first three rungs, so sums over a day agree with the ladder to the last thousandth.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::block::{Array, PageData};
use crate::calendar::{DayKind, HOURS, Period, Season, Slot};
use crate::catchment::CatchmentMatrix;
use crate::crs::{CrsError, LonLat, Planar, Projector};
use crate::domain::site::Site;
use crate::domain::study_area::Grid;
use crate::findings::{Findings, RunError};
use crate::id::DemandIdx;
use crate::message::{Lang, codes, term};
use crate::output::disclosure::Cleared;
use crate::output::features::{self, Layers, share, visits};
use crate::output::maps::main_streets;
use crate::output::report::words::Writer;
use crate::output::report::{asked_sentence, certificate, headlines, notes};
use crate::output::schedule::rows;
use crate::quantity::{Impedance, Weight};
use crate::scenario::Scenario;
use crate::siting::curve::CurvePoint;
use crate::siting::{Action, At};

/// A value that is withheld; the page hatches its square.
const WITHHELD: u32 = u32::MAX;
/// Above so many hours of cells only the days that are studied are held.
const MOST_HOURS: usize = 8_000_000;
/// The corners of every so many squares are given; between them the page draws straight lines, which a test holds within half a metre.
const EVERY: u32 = 16;
/// Words that the page uses besides its own.
const FAMILIES: [&str; 13] = [
    "season.",
    "day_type.",
    "slot.",
    "group.",
    "kind.",
    "action.",
    "cause.",
    "status.",
    "verdict.",
    "rung.",
    "exempt.",
    "service.",
    "equipment.",
];

/// Gathers everything.
pub(super) fn gather(cleared: &Cleared<'_>, scenario: &Scenario, run: &str, layers: &Layers) -> Result<PageData, RunError> {
    let findings = cleared.findings();
    let writer = |lang| cleared.writer(scenario, lang);
    let both = |of: &dyn Fn(Writer<'_>) -> Value| json!({ "zh": of(writer(Lang::Zh)), "en": of(writer(Lang::En)) });
    let network = After::new(findings);
    let days = cleared.published().map_or_else(|| days(findings, scenario), |published| published.days.clone());
    let unit = if writer(Lang::Zh).untimed() { "unit.count" } else { "unit.visits" };
    let header = json!({
        "schema": "yizhan.page/1",
        "run": run,
        "tool": concat!("yizhan ", env!("CARGO_PKG_VERSION")),
        "profile": cleared.release().profile.id(),
        "title": both(&|w| w.pick(&scenario.file.title).into()),
        "asked": both(&|w| asked_sentence(w).into()),
        "headlines": both(&|w| headlines(w).into()),
        "certificate": findings.siting.as_ref().filter(|_| cleared.published().is_none()).map(|siting| both(&|w| certificate(w, siting).into())),
        "notes": both(&|w| notes(w, run).into()),
        "mark": both(&|w| w.say("map.mark", &[]).into()),
        "text": both(&|w| words(w.lang, &["page."])),
        "words": both(&|w| words(w.lang, &FAMILIES)),
        "timed": !findings.demand_report.untimed,
        "hourly": !findings.demand_report.untimed && cleared.published().is_none(),
        "named": !hides_sites(cleared, scenario),
        "unit": both(&|w| w.say(unit, &[]).into()),
        "standard": standard(scenario),
        "days": days.iter().map(|day| day_value(*day, *day == scenario.planning_day)).collect::<Vec<_>>(),
        "slots": Slot::ALL.map(|slot| json!({ "id": slot.id(), "hours": slot_hours(slot) })),
        "grid": grid(findings)?,
        "sites": (0..network.sites.len()).map(|row| site_value(row, &network)).collect::<Vec<_>>(),
        "ladder": ladder(writer(Lang::Zh)),
        "curve": curve(findings),
        "buses": buses(cleared, scenario),
        "base": base(findings)?,
        "layers": { "zh": layers.of(Lang::Zh), "en": layers.of(Lang::En) },
    });
    let Value::Object(header) = header else { unreachable!("invariant: an object was made") };
    Ok(PageData { header, arrays: arrays(cleared, scenario, &network, &days) })
}

/// Standing stations, then what the recommendations open; and the hours of all of them afterwards.
struct After<'a> {
    sites: Vec<&'a Site>,
    standing: usize,
    /// Of each site, the site as it is afterwards; `None` for one that closes.
    after: Vec<Option<&'a Site>>,
    /// Number of the recommendation that opens a site.
    recommended: BTreeMap<&'a str, usize>,
    /// What the sites reach afterwards, and the row of the first that is opened: they follow those that stay.
    opened: Option<(&'a CatchmentMatrix, usize)>,
}

impl<'a> After<'a> {
    fn new(findings: &'a Findings) -> Self {
        let before = findings.dataset.sites.rows();
        let last = findings.after.last().map_or(before, |after| after.sites.rows());
        let by_id: BTreeMap<&str, &Site> = last.iter().map(|site| (site.id.as_str(), site)).collect();
        let stays: BTreeMap<&str, &Site> = before.iter().map(|site| (site.id.as_str(), site)).collect();
        let opened = last.iter().filter(|site| !stays.contains_key(site.id.as_str()));
        let sites: Vec<&Site> = before.iter().chain(opened).collect();
        let after = sites.iter().map(|site| by_id.get(site.id.as_str()).copied()).collect();
        let recommendations = findings.siting.iter().flat_map(|siting| siting.recommendations.iter().enumerate());
        let recommended = recommendations.filter_map(|(number, r)| match r.at {
            At::Candidate(row) if r.action != Action::Close => Some((findings.dataset.candidates[row].id.as_str(), number)),
            _ => None,
        });
        let first = last.iter().take_while(|site| stays.contains_key(site.id.as_str())).count();
        let opened = findings.after.last().map(|after| (&after.matrix, first));
        Self { standing: before.len(), recommended: recommended.collect(), sites, after, opened }
    }
}

fn site_value(row: usize, network: &After<'_>) -> Value {
    let site = network.sites[row];
    let opened = (row >= network.standing).then(|| network.recommended.get(site.id.as_str())).flatten();
    json!({
        "id": site.id,
        "smart": site.kind.is_smart(),
        "rec": opened.map(|&number| features::recommend::rec_id(number)),
        "closes": network.after[row].is_none(),
    })
}

/// Typical days that are held: all with demand, or only the studied ones when that is too much.
fn days(findings: &Findings, scenario: &Scenario) -> Vec<DayKind> {
    let all = findings.cube.days();
    if findings.cube.cells().len() * all.len() * HOURS <= MOST_HOURS {
        return all;
    }
    all.into_iter().filter(|day| *day == scenario.planning_day || scenario.days.contains(day)).collect()
}

fn day_value(day: DayKind, planning: bool) -> Value {
    json!({ "season": day.season.id(), "day_type": day.day_type.id(), "planning": planning })
}

fn slot_hours(slot: Slot) -> Vec<usize> {
    (0..HOURS).filter(|&hour| Slot::of_hour(hour as u8) == slot).collect()
}

fn words(lang: Lang, families: &[&str]) -> Value {
    let of_families = codes().filter(|key| families.iter().any(|family| key.starts_with(family)));
    of_families.map(|key| (key.to_owned(), Value::from(term(key, lang)))).collect::<serde_json::Map<_, _>>().into()
}

fn standard(scenario: &Scenario) -> Value {
    let limit = |season: Season| (season.id().to_owned(), Value::from(scenario.standard.limit(season).metres()));
    let limits: serde_json::Map<String, Value> = Season::ALL.map(limit).into_iter().collect();
    json!({ "id": scenario.standard.id, "version": scenario.standard.version, "limit_m": limits })
}

/// Longitude and latitude with six decimals.
fn degrees(place: LonLat) -> [f64; 2] {
    [place.lon(), place.lat()].map(features::degree)
}

/// A line in degrees.
fn line(places: impl IntoIterator<Item = [f64; 2]>) -> Value {
    places.into_iter().map(|place| Value::from(place.to_vec())).collect()
}

fn grid(findings: &Findings) -> Result<Value, RunError> {
    let grid = findings.dataset.area.grid;
    let (columns, rows) = (ticks(grid.columns), ticks(grid.rows));
    let lattice: Vec<Vec<[f64; 2]>> = rows
        .iter()
        .map(|&row| columns.iter().map(|&column| Ok(degrees(corner(&grid, &findings.dataset.projector, column, row)?))).collect())
        .collect::<Result<_, CrsError>>()?;
    let axis = |axis: usize| lattice.iter().map(|row| row.iter().map(|place| place[axis]).collect()).collect::<Vec<Vec<f64>>>();
    Ok(json!({
        "columns": grid.columns, "rows": grid.rows, "cell_m": grid.cell_m,
        "at_column": columns, "at_row": rows, "lon": axis(0), "lat": axis(1),
    }))
}

/// Columns or rows whose corners are given: every so many, and the last.
fn ticks(count: u32) -> Vec<u32> {
    (0..count).step_by(EVERY as usize).chain([count]).collect()
}

/// South-western corner of a square.
fn corner(grid: &Grid, projector: &Projector, column: u32, row: u32) -> Result<LonLat, CrsError> {
    let (x, y) = (f64::from(column) * grid.cell_m, f64::from(row) * grid.cell_m);
    projector.unproject(Planar { x: grid.origin.x + x, y: grid.origin.y + y })
}

/// Every ladder's rungs on every typical day with demand, today and after each step.
fn ladder(writer: Writer<'_>) -> Vec<Value> {
    let findings = writer.findings;
    let stages = std::iter::once("today").chain(findings.after.iter().map(|after| after.step));
    let rows = |stage: &'static str, number: usize| -> Vec<Value> {
        let standard = &findings.ladders[number].standard;
        let standard = standard.versioned_id();
        let day = |day: DayKind| {
            let figures = writer.figures(number, stage, day).map(|figure| figure.map(Weight::visits));
            json!({
                "standard": standard, "stage": stage, "season": day.season.id(), "day_type": day.day_type.id(),
                "demand": figures[0], "covered": figures[1..],
            })
        };
        findings.cube.days().into_iter().map(day).collect()
    };
    let rows = &rows;
    stages.flat_map(|stage| (0..findings.ladders.len()).flat_map(move |number| rows(stage, number))).collect()
}

fn curve(findings: &Findings) -> Vec<Value> {
    let Some((siting, curve)) = findings.siting.as_ref().and_then(|siting| Some((siting, siting.curve.as_ref()?))) else {
        return Vec::new();
    };
    let of_total = |added| share((siting.covered_before + added).share_of(siting.total).get());
    let point = |point: &CurvePoint| {
        json!({
            "measures": point.measures, "covered": of_total(point.added), "bound": of_total(point.bound),
            "knee": curve.knee == Some(point.measures),
        })
    };
    curve.points.iter().map(point).collect()
}

fn buses(cleared: &Cleared<'_>, scenario: &Scenario) -> Vec<Value> {
    let findings = cleared.findings();
    let stops = &findings.dataset.stops;
    let rows = rows::of_kinds(findings, scenario).into_iter().filter(|row| row.vehicle.is_some());
    let row = |row: rows::Row| {
        let place = stops.iter().find(|stop| stop.id == row.stop_id).map(|stop| degrees(stop.position));
        json!({
            "day": row.date, "bus": row.bus, "stop": row.stop_name, "lon": place.map(|p| p[0]), "lat": place.map(|p| p[1]),
            "arrive": row.arrive, "leave": row.leave, "visits": cleared.figure(visits(row.visits.visits())), "approved_by": row.approving_unit,
        })
    };
    rows.map(row).collect()
}

/// Water, barriers and main streets as lines in degrees.
fn base(findings: &Findings) -> Result<Value, RunError> {
    let dataset = &findings.dataset;
    let of_planar = |planar: &[Planar]| -> Result<Value, CrsError> {
        let places: Vec<LonLat> = planar.iter().map(|&at| dataset.projector.unproject(at)).collect::<Result<_, _>>()?;
        Ok(line(places.into_iter().map(degrees)))
    };
    let kind = |kind: &str| -> Result<Value, CrsError> {
        dataset.barriers.iter().filter(|barrier| barrier.kind == kind).map(|barrier| of_planar(&barrier.line)).collect()
    };
    let crossings = dataset.barriers.iter().flat_map(|barrier| &barrier.crossings).filter(|crossing| crossing.a != crossing.b);
    let crossings: Value = crossings.map(|crossing| of_planar(&[crossing.a, crossing.b])).collect::<Result<_, _>>()?;
    let streets: Value = main_streets(findings).into_iter().map(|street| line(street.into_iter().map(degrees))).collect();
    let ring = |ring: &geo::LineString<f64>| line(ring.coords().map(|c| [c.x, c.y].map(features::degree)));
    let area = |polygon: &geo::Polygon<f64>| -> Value {
        std::iter::once(polygon.exterior()).chain(polygon.interiors()).map(ring).collect()
    };
    let water: Value = dataset.area.water.iter().flatten().map(area).collect();
    Ok(json!({
        "water": water, "railway": kind("railway")?, "expressway": kind("expressway")?, "crossing": crossings, "street": streets,
    }))
}

fn arrays(cleared: &Cleared<'_>, scenario: &Scenario, network: &After<'_>, days: &[DayKind]) -> Vec<(&'static str, Array)> {
    let findings = cleared.findings();
    let all = || findings.cube.cells().indexes().collect();
    let held: Vec<DemandIdx> = cleared.published().map_or_else(all, |published| published.cells.clone());
    let withheld = |cell: &DemandIdx| cleared.published().is_some_and(|published| published.withheld.contains(cell));
    let place = |cell: &DemandIdx| findings.cube.cells()[*cell].grid_cell;
    let mut squares: Vec<(u32, u32)> = held.iter().map(place).collect();
    squares.sort_unstable();
    squares.dedup();
    let square_of = |square: &(u32, u32)| squares.binary_search(square).expect("invariant: every cell's square is listed") as u32;
    let mut demand = Vec::with_capacity(held.len() * days.len() * HOURS);
    for &day in days {
        for cell in &held {
            let hours = findings.cube.hours(*cell, day).map(|weight| u32::try_from(weight.milli()).unwrap_or(WITHHELD - 1));
            demand.extend(if withheld(cell) { [WITHHELD; HOURS] } else { hours });
        }
    }
    let (start, site, flags) = reach(findings, &held, scenario, network, hides_sites(cleared, scenario));
    let before: Vec<Option<&Site>> =
        network.sites.iter().enumerate().map(|(row, &site)| (row < network.standing).then_some(site)).collect();
    let open = |sites: &[Option<&Site>]| -> Vec<u32> {
        days.iter().flat_map(|&day| sites.iter().map(move |site| site.map_or(0, |site| open_mask(site, day)))).collect()
    };
    vec![
        ("square_at", Array::Shorts(squares.iter().flat_map(|&(column, row)| [column as u16, row as u16]).collect())),
        ("cell_square", Array::Words(held.iter().map(|cell| square_of(&place(cell))).collect())),
        ("demand", Array::Words(demand)),
        ("reach_start", Array::Words(start)),
        ("reach_site", Array::Words(site)),
        ("reach_flags", Array::Bytes(flags)),
        ("open_before", Array::Words(open(&before))),
        ("open_after", Array::Words(open(&network.after))),
    ]
}

/// Bit h: open in hour h.
fn open_mask(site: &Site, day: DayKind) -> u32 {
    Period::of_day(day).filter(|period| site.hours.open_at(*period)).fold(0, |mask, period| mask | 1 << period.hour)
}

/// Whether the page says of a square only that a station reaches it, not which: of points that would tell where in the square they lie.
fn hides_sites(cleared: &Cleared<'_>, scenario: &Scenario) -> bool {
    cleared.published().is_some() && scenario.file.demand.points.is_some()
}

/// Of each cell: where its pairs begin, their sites, and by season whether they are in the radius (low bits) and by path (high bits).
/// Hidden, all sites that stay, close or open stand as the first such one.
fn reach(
    findings: &Findings,
    held: &[DemandIdx],
    scenario: &Scenario,
    network: &After<'_>,
    hidden: bool,
) -> (Vec<u32>, Vec<u32>, Vec<u8>) {
    let sort = |site: usize| (site < network.standing, network.after[site].is_some());
    let shown: Vec<usize> = (0..network.sites.len())
        .map(|site| if hidden { (0..site).find(|&first| sort(first) == sort(site)).unwrap_or(site) } else { site })
        .collect();
    let limits = Season::ALL.map(|season| scenario.standard.limit(season));
    let bits = |reach: Impedance| (0..4).fold(0u8, |bits, s| bits | u8::from(reach.within(limits[s])) << s);
    let (mut start, mut sites, mut flags) = (vec![0], Vec::new(), Vec::new());
    for &cell in held {
        let standing = findings.matrix.access(cell).iter().map(|access| (access.site.get(), access));
        let opened = network.opened.iter().flat_map(|&(matrix, first)| {
            let new = matrix.access(cell).iter().filter(move |access| access.site.get() >= first);
            new.map(move |access| (access.site.get() - first + network.standing, access))
        });
        let mut near: BTreeMap<usize, u8> = BTreeMap::new();
        for (site, access) in standing.chain(opened) {
            *near.entry(shown[site]).or_default() |= bits(access.straight) | bits(access.reach) << 4;
        }
        for (site, near) in near.into_iter().filter(|(_, near)| *near > 0) {
            sites.push(site as u32);
            flags.push(near);
        }
        start.push(sites.len() as u32);
    }
    (start, sites, flags)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crs::{Crs, Metric};

    /// Straight lines between the corners that are given against the projection itself, at the latitude of Harbin and 1.2° from the
    /// axis of the zone.
    #[test]
    fn squares_between_the_corners_are_half_a_metre_off_at_most() {
        let projector = Projector::new(Crs::epsg(4551)).unwrap();
        let origin = projector.project(LonLat::new(127.2, 45.7).unwrap()).unwrap();
        let grid = Grid { origin, cell_m: 250.0, columns: 2 * EVERY, rows: 2 * EVERY };
        let at = |column, row| degrees(corner(&grid, &projector, column, row).unwrap());
        let given = |i: u32, j: u32| at(j * EVERY, i * EVERY);
        let mut worst = 0.0_f64;
        for (column, row) in (0..grid.columns).flat_map(|column| (0..grid.rows).map(move |row| (column, row))) {
            let (i, j) = (row / EVERY, column / EVERY);
            let (u, v) = (f64::from(column % EVERY) / f64::from(EVERY), f64::from(row % EVERY) / f64::from(EVERY));
            let mix = |axis: usize| {
                let along = |i: u32| given(i, j)[axis] * (1.0 - u) + given(i, j + 1)[axis] * u;
                along(i) * (1.0 - v) + along(i + 1) * v
            };
            worst = worst.max(Metric::Geodesic.distance([mix(0), mix(1)], at(column, row)));
        }
        assert!(worst > 0.1 && worst < 0.5, "{worst} m");
    }
}
