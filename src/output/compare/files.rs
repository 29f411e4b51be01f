//! `compare.csv` and `compare.geojson`.
//!
//! The table is tidy: one figure a row, B − A in `difference`, empty where a figure isn't broken down. Rows of the ladder are as fine as
//! those of `coverage.csv` and only there where something differs, so sums of `difference` are right and sums of `a` aren't totals.

use geo::{LineString, Polygon};
use serde::Serialize;

use super::ladder::{MEASURES, measure_id, measured};
use super::{Cell, Days, Differences, GapChange, StationChange, Subject, WindowChange, difference, stations};
use crate::crs::{CrsError, Planar};
use crate::domain::study_area::Grid;
use crate::findings::RunError;
use crate::output::csv::{self, Csv};
use crate::output::features::gaps::{gap_id, joined, unproject};
use crate::output::features::{Feature, Shape, layer_bytes, metres};

/// Columns of the table.
const COLUMNS: [&str; 10] = ["what", "standard", "day", "slot", "group", "unit", "in_area", "a", "b", "difference"];

/// One figure of both states, in thousandths.
#[derive(Debug, Default)]
struct Figure<'a> {
    what: String,
    standard: String,
    day: String,
    slot: &'static str,
    group: &'a str,
    unit: &'a str,
    in_area: Option<bool>,
    values: [i64; 2],
}

/// A pair of days as text: `autumn weekday`, or `winter_peak weekday > summer_peak weekday`.
fn days_id([a, b]: Days) -> String {
    if a == b { a.to_string() } else { format!("{a} > {b}") }
}

/// The table.
pub(super) fn table(found: &Differences<'_>) -> Vec<u8> {
    let mut csv = Csv::new(&COLUMNS);
    let thousandths = |value: i64| csv::Cell::number(value as f64 / 1000.0);
    for Figure { what, standard, day, slot, group, unit, in_area, values: [a, b] } in figures(found) {
        csv.row(&[
            csv::Cell::text(&what),
            csv::Cell::text(&standard),
            csv::Cell::text(&day),
            csv::Cell::text(slot),
            csv::Cell::text(group),
            csv::Cell::text(unit),
            in_area.map_or(csv::Cell::Empty, csv::Cell::flag),
            thousandths(a),
            thousandths(b),
            thousandths(b - a),
        ]);
    }
    csv.finish()
}

fn figures<'f>(found: &'f Differences<'_>) -> Vec<Figure<'f>> {
    let mut figures = Vec::new();
    for measure in 0..MEASURES {
        for row in &found.ladders.rows {
            let [a, b] = measured(&row.steps, measure);
            if a != b {
                figures.push(Figure {
                    what: measure_id(measure),
                    standard: found.ladders.standard(row.standard),
                    day: days_id(row.days),
                    slot: row.slot.id(),
                    group: row.group,
                    unit: row.unit,
                    in_area: Some(row.in_area),
                    values: [a, b].map(|weight| weight.milli() as i64),
                });
            }
        }
    }
    figures.extend(counts(found));
    figures
}

/// Stations, gaps, pairs, recommendations and buses in numbers.
fn counts<'f>(found: &Differences<'_>) -> Vec<Figure<'f>> {
    let versus = &found.versus;
    let thousand = |count: usize| count as i64 * 1000;
    let figure = |what: &str, day: String, values| Figure { what: what.to_owned(), day, values, ..Figure::default() };
    let mut figures = vec![figure("stations", String::new(), versus.sides().map(|side| thousand(side.sites.len())))];
    for total in &found.gap_days {
        figures.push(figure("gaps", days_id(total.days), total.count.map(thousand)));
        figures.push(figure("gap_visits", days_id(total.days), total.visits.map(|weight| weight.milli() as i64)));
    }
    if versus.subject == Subject::Runs {
        let findings = versus.sides().map(|side| side.writer.findings);
        let counted = [
            ("near_pairs", findings.map(|f| f.overlaps.len())),
            ("redundant_pairs", findings.map(|f| f.overlaps.iter().filter(|pair| pair.evidence.redundant()).count())),
            ("recommendations", findings.map(|f| f.siting.as_ref().map_or(0, |siting| siting.recommendations.len()))),
        ];
        figures.extend(counted.map(|(what, count)| figure(what, String::new(), count.map(thousand))));
    }
    for (days, only, rows) in super::buses::plans(versus) {
        let day = only.map_or_else(|| days_id(days), |date| date.to_string());
        let plans = [0, 1].map(|at: usize| &versus.sides()[at].writer.findings.timetable.days[rows[at]]);
        figures.push(figure("bus_windows", day.clone(), plans.map(|plan| thousand(plan.stands.len()))));
        figures.push(figure("bus_visits", day, plans.map(|plan| plan.served.milli() as i64)));
    }
    figures
}

/// Properties of a feature; `layer` says what it is.
#[derive(Debug, Serialize)]
#[serde(tag = "layer", rename_all = "snake_case")]
enum Properties {
    Cell {
        change: &'static str,
        day: String,
        rung: &'static str,
        difference: Option<f64>,
        demand_a: Option<f64>,
        demand_b: Option<f64>,
        path_a: Option<f64>,
        path_b: Option<f64>,
        open_a: Option<f64>,
        open_b: Option<f64>,
    },
    Gap {
        change: &'static str,
        day: String,
        gap_a: Option<String>,
        gap_b: Option<String>,
        cause_a: Option<&'static str>,
        cause_b: Option<&'static str>,
        visits_a: f64,
        visits_b: f64,
        difference: f64,
    },
    Station {
        change: String,
        id_a: Option<String>,
        id_b: Option<String>,
        name_a: Option<String>,
        name_b: Option<String>,
        kind_a: Option<&'static str>,
        kind_b: Option<&'static str>,
        day: String,
        hours_a: Option<String>,
        hours_b: Option<String>,
        moved_m: Option<f64>,
        into_id: Option<String>,
    },
    Bus {
        change: &'static str,
        day: String,
        bus_a: Option<String>,
        bus_b: Option<String>,
        stop_a: Option<String>,
        stop_b: Option<String>,
        hours_a: Option<String>,
        hours_b: Option<String>,
        visits_a: Option<f64>,
        visits_b: Option<f64>,
    },
}

/// The layer: cells, gaps, stations, buses.
pub(super) fn layer(found: &Differences<'_>) -> Result<Vec<u8>, RunError> {
    let cells = found.cells.iter().filter(|cell| found.gain(cell) != Some(0)).map(|cell| of_cell(found, cell));
    let mut features = cells.collect::<Result<Vec<_>, _>>()?;
    for change in &found.gaps {
        features.extend(of_gap(found, change)?);
    }
    features.extend(found.stations.iter().map(|change| of_station(found, change)));
    features.extend(found.windows.iter().map(of_window));
    layer_bytes("compare.geojson", &features)
}

fn of_cell(found: &Differences<'_>, cell: &Cell) -> Result<Feature<Properties>, CrsError> {
    let dataset = &found.versus.b.writer.findings.dataset;
    let origin = Grid { origin: Planar { x: 0.0, y: 0.0 }, ..dataset.area.grid };
    let (west, south) = (cell.at.0 as f64, cell.at.1 as f64);
    let (east, north) = (west + 1.0, south + 1.0);
    let square = vec![(west, south), (east, south), (east, north), (west, north)];
    let area = unproject(&Polygon::new(LineString::from(square), Vec::new()), &origin, &dataset.projector)?;
    let gain = found.gain(cell);
    let change = match (gain, cell.cover) {
        (Some(gain), _) => {
            if gain > 0 {
                "gained"
            } else {
                "lost"
            }
        }
        (None, [Some(_), _]) => "only_a",
        (None, _) => "only_b",
    };
    let [a, b] = cell.cover;
    let properties = Properties::Cell {
        change,
        day: days_id(found.versus.day),
        rung: crate::coverage::RUNG_IDS[found.versus.rung()],
        difference: gain.map(|gain| gain as f64 / 1000.0),
        demand_a: a.map(|cover| cover.demand.visits()),
        demand_b: b.map(|cover| cover.demand.visits()),
        path_a: a.map(|cover| cover.path.visits()),
        path_b: b.map(|cover| cover.path.visits()),
        open_a: a.map(|cover| cover.open.visits()),
        open_b: b.map(|cover| cover.open.visits()),
    };
    Ok(Feature { shape: Shape::Areas(vec![area]), properties })
}

/// A gap where B has it, or where A had it.
fn of_gap(found: &Differences<'_>, change: &GapChange) -> Result<Option<Feature<Properties>>, CrsError> {
    let Some((at, shown)) = change.shown() else { return Ok(None) };
    let dataset = &found.versus.sides()[at].writer.findings.dataset;
    let areas = joined(&shown.grid_cells);
    let areas = areas.iter().map(|area| unproject(area, &dataset.area.grid, &dataset.projector)).collect::<Result<_, _>>()?;
    let [a, b] = change.gaps.each_ref().map(Option::as_ref);
    let visits = change.visits();
    let properties = Properties::Gap {
        change: change.change,
        day: days_id(change.days),
        gap_a: a.map(gap_id),
        gap_b: b.map(gap_id),
        cause_a: a.map(|gap| gap.cause.id()),
        cause_b: b.map(|gap| gap.cause.id()),
        visits_a: visits[0].visits(),
        visits_b: visits[1].visits(),
        difference: difference(visits) as f64 / 1000.0,
    };
    Ok(Some(Feature { shape: Shape::Areas(areas), properties }))
}

fn of_station(found: &Differences<'_>, change: &StationChange) -> Feature<Properties> {
    let versus = &found.versus;
    let a = change.rows.0.map(|row| &versus.a.sites.rows()[row]);
    let b = change.rows.1.map(|row| &versus.b.sites.rows()[row]);
    let properties = Properties::Station {
        change: change.changes.join(";"),
        id_a: a.map(|site| site.id.clone()),
        id_b: b.map(|site| site.id.clone()),
        name_a: a.map(|site| site.name.clone()),
        name_b: b.map(|site| site.name.clone()),
        kind_a: a.map(|site| site.kind.id()),
        kind_b: b.map(|site| site.kind.id()),
        day: days_id(change.days),
        hours_a: a.map(|site| stations::hours(site, change.days[0])),
        hours_b: b.map(|site| stations::hours(site, change.days[1])),
        moved_m: change.moved_m.map(metres),
        into_id: change.into.map(|row| versus.b.sites.rows()[row].id.clone()),
    };
    Feature { shape: b.or(a).map_or(Shape::None, |site| Shape::Point(site.position)), properties }
}

fn of_window(change: &WindowChange) -> Feature<Properties> {
    let [a, b] = change.windows.each_ref().map(Option::as_ref);
    let properties = Properties::Bus {
        change: change.change,
        day: change.only.map_or_else(|| days_id(change.days), |date| date.to_string()),
        bus_a: a.map(|window| window.bus.clone()),
        bus_b: b.map(|window| window.bus.clone()),
        stop_a: a.map(|window| window.stop_id.clone()),
        stop_b: b.map(|window| window.stop_id.clone()),
        hours_a: a.map(super::buses::Window::hours),
        hours_b: b.map(super::buses::Window::hours),
        visits_a: a.map(|window| window.served.visits()),
        visits_b: b.map(|window| window.served.visits()),
    };
    Feature { shape: b.or(a).map_or(Shape::None, |window| Shape::Point(window.position)), properties }
}
