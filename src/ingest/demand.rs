//! Demand files → [`DemandCube`]: layers summed on the analysis grid by typical day and hour, then weighted into visits.
//!
//! `D(g,c,t) = Σ_layer w(g,layer) · x_layer(c,t) · rest(g,t)`, with every weight declared in the scenario. Layers are summed as
//! integers (millionths of a unit), so the order of rows doesn't matter; dated rows are averaged over the dates of their kind.

use std::collections::{BTreeMap, BTreeSet};

use super::dataset::point_table;
use super::grid_rows::{Batch, GridReader};
use super::issues::{Issue, IssueAction, IssueTable, Severity};
use super::{Columns, Datum, DatumConverter, Field, IngestError, refuse_personal_columns};
use crate::calendar::{DayKind, HOURS, Period};
use crate::crs::{LonLat, Planar, Projector};
use crate::domain::demand::{DemandCell, DemandCube};
use crate::domain::study_area::StudyArea;
use crate::id::{DemandIdx, GroupIdx};
use crate::message::Message;
use crate::progress::Progress;
use crate::quantity::Weight;
use crate::scenario::Scenario;
use crate::scenario::file::{LayerWeight, PointFile};

/// Millionths of a unit: layers are summed in these.
const MICRO: f64 = 1e6;

/// What was read, for the manifest and the accounts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DemandReport {
    /// By file: rows read, rows used.
    pub rows: BTreeMap<String, (u64, u64)>,
    /// By layer: sum over all typical days, in its own unit.
    pub layers: BTreeMap<String, f64>,
    /// Whether the demand has no time: all of it then stands at noon of the planning day.
    pub untimed: bool,
}

/// Demand and what was read for it.
pub type LoadedDemand = (DemandCube, DemandReport, IssueTable);

/// Loads the demand of a scenario.
///
/// # Errors
/// When a file can't be read, lacks a column, or holds personal data.
pub fn load_demand(
    scenario: &Scenario,
    area: &StudyArea,
    projector: &Projector,
    progress: &dyn Progress,
) -> Result<LoadedDemand, IngestError> {
    match &scenario.file.demand.points {
        Some(points) => load_points(scenario, points, area, projector),
        None => load_layers(scenario, area, projector, progress),
    }
}

/// A demand cell at a place of the study area.
fn demand_cell(id: String, position: LonLat, planar: Planar, grid_cell: (u32, u32), area: &StudyArea) -> DemandCell {
    let in_area = area.is_home(position);
    let unit = if in_area { area.unit_of(position, planar) } else { None };
    DemandCell { id, position, planar, grid_cell, unit, in_area }
}

fn load_points(
    scenario: &Scenario,
    points: &PointFile,
    area: &StudyArea,
    projector: &Projector,
) -> Result<LoadedDemand, IngestError> {
    let table = point_table(scenario, points)?;
    refuse_personal_columns(&points.file, &table.headers)?;
    let columns = Columns::resolve(&table);
    columns.require(&[Field::Lon, Field::Lat])?;
    let datum = converter(points.datum.as_deref(), &points.file)?;
    let mut issues = IssueTable::default();
    let mut rows: Vec<(DemandCell, Weight)> = Vec::new();
    for row in &table.rows {
        let number = |field| columns.text(row, field).parse::<f64>().ok();
        let planar = number(Field::Lon).zip(number(Field::Lat)).and_then(|(lon, lat)| {
            let position = datum.to_wgs84(lon, lat).ok()?;
            let planar = projector.project(position).ok()?;
            Some((position, planar, area.grid.cell_at(planar)?))
        });
        let weight = if columns.has(Field::Weight) { number(Field::Weight).filter(|w| *w >= 0.0) } else { Some(1.0) };
        let (Some((position, planar, grid_cell)), Some(weight)) = (planar, weight) else {
            let problem = Message::new("D001").with("row", row.number);
            issues.push(excluded(&points.file, row.number, "lon_lat", row.cells.join(","), problem));
            continue;
        };
        let id = columns.filled(row, Field::DemandId).map_or_else(|| format!("D{}", row.number), str::to_owned);
        rows.push((demand_cell(id, position, planar, grid_cell, area), Weight::from_visits(weight)));
    }
    rows.sort_by(|(a, _), (b, _)| (a.id.len(), &a.id).cmp(&(b.id.len(), &b.id)));
    let (cells, weights): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
    let mut report = DemandReport { untimed: true, ..DemandReport::default() };
    report.rows.insert(points.file.clone(), (table.rows.len() as u64, cells.len() as u64));
    let mut cube = DemandCube::new(cells, vec!["all".to_owned()]);
    for (row, weight) in weights.into_iter().enumerate() {
        let mut hours = [0.0; HOURS];
        hours[12] = weight.visits();
        cube.set_day(DemandIdx::from_usize(row), GroupIdx::from_usize(0), scenario.planning_day, &hours);
    }
    Ok((cube, report, issues))
}

/// One layer, summed in millionths by cell and period.
struct LayerSums {
    sums: Vec<u64>,
    /// Dates seen, by typical day; empty when the rows are typical days themselves.
    dates: [BTreeSet<i32>; DayKind::COUNT],
}

impl LayerSums {
    fn new(cells: usize) -> Self {
        Self { sums: vec![0; cells * Period::COUNT], dates: std::array::from_fn(|_| BTreeSet::new()) }
    }

    /// The 24 hours of a cell on a typical day, in units an hour.
    fn day(&self, cell: usize, day: DayKind) -> [f64; HOURS] {
        let days = self.dates[day.index()].len().max(1) as f64;
        let start = cell * Period::COUNT + day.index() * HOURS;
        std::array::from_fn(|hour| self.sums[start + hour] as f64 / MICRO / days)
    }

    fn total(&self) -> f64 {
        let cells = self.sums.len() / Period::COUNT;
        let days = |cell| DayKind::all().map(move |day| self.day(cell, day).iter().sum::<f64>());
        (0..cells).flat_map(days).sum()
    }
}

fn load_layers(
    scenario: &Scenario,
    area: &StudyArea,
    projector: &Projector,
    progress: &dyn Progress,
) -> Result<LoadedDemand, IngestError> {
    let demand = &scenario.file.demand;
    let (mut report, mut issues) = (DemandReport::default(), IssueTable::default());
    let mut layers: BTreeMap<&str, LayerSums> = BTreeMap::new();
    let files: BTreeSet<(&str, Option<&str>)> =
        demand.layers.iter().map(|layer| (layer.file.as_str(), layer.datum.as_deref())).collect();
    let bytes = |file: &&str| scenario.input(file).metadata().map_or(0, |file| file.len());
    progress.begin("demand", files.iter().map(|(file, _)| bytes(file)).sum());
    for (file, datum) in files {
        let of_file: Vec<_> =
            demand.layers.iter().filter(|layer| layer.file == file && layer.datum.as_deref() == datum).collect();
        let columns: Vec<Option<&str>> = of_file.iter().map(|layer| layer.column.as_deref()).collect();
        let mut sums: Vec<LayerSums> = of_file.iter().map(|_| LayerSums::new(area.grid.len())).collect();
        let reader = GridReader::new(scenario, file, &columns, converter(datum, file)?, area, projector)?;
        let tally = reader.read(progress, &mut |batch| add_batch(&mut sums, batch))?;
        report.rows.insert(file.to_owned(), (tally.read, tally.used));
        issues.append(tally.issues(file));
        for (layer, sums) in of_file.iter().zip(sums) {
            layers.insert(&layer.layer, sums);
        }
    }
    progress.end();
    report.layers = layers.iter().map(|(layer, sums)| ((*layer).to_owned(), sums.total())).collect();
    Ok((weigh(scenario, area, projector, &layers)?, report, issues))
}

/// Adds rows to the layers of one file.
fn add_batch(sums: &mut [LayerSums], batch: &Batch) {
    for (layer, values) in sums.iter_mut().zip(&batch.values) {
        for (row, &value) in values.iter().enumerate() {
            let (Some(cell), Some(day), Some((from, to))) = (batch.cells[row], batch.days[row], batch.hours[row]) else {
                continue;
            };
            if let Some(date) = day.date {
                layer.dates[day.kind.index()].insert(date);
            }
            let start = cell as usize * Period::COUNT + day.kind.index() * HOURS;
            let micro = (value * MICRO + 0.5).floor() as u64;
            // An amount over several hours is spread evenly; the first hours take what doesn't divide.
            let count = u64::from(if from < to { to - from } else { HOURS as u8 - from + to });
            for nth in 0..count {
                let hour = (usize::from(from) + nth as usize) % HOURS;
                layer.sums[start + hour] += micro / count + u64::from(nth < micro % count);
            }
        }
    }
}

/// Turns layers into visits by the declared weights.
fn weigh(
    scenario: &Scenario,
    area: &StudyArea,
    projector: &Projector,
    layers: &BTreeMap<&str, LayerSums>,
) -> Result<DemandCube, IngestError> {
    let demand = &scenario.file.demand;
    let groups: BTreeSet<&str> = demand.weights.iter().map(|weight| weight.group.as_str()).collect();
    let mut cells = Vec::with_capacity(area.grid.len());
    for number in 0..area.grid.len() {
        let (column, row) = area.grid.cell(number);
        let planar = area.grid.centre((column, row));
        let position = projector
            .unproject(planar)
            .map_err(|cause| IngestError::new(scenario.path.display().to_string(), Message::new("D002").with("cause", cause)))?;
        cells.push(demand_cell(format!("c{column:03}r{row:03}"), position, planar, (column, row), area));
    }
    let mut cube = DemandCube::new(cells, groups.iter().map(|&group| group.to_owned()).collect());
    for (g, group) in groups.iter().enumerate() {
        let weights: Vec<&LayerWeight> = demand.weights.iter().filter(|w| w.group == *group && w.visits > 0.0).collect();
        for cell in 0..area.grid.len() {
            for day in DayKind::all() {
                let visits = visits(&weights, layers, &demand.rest, cell, day);
                cube.set_day(DemandIdx::from_usize(cell), GroupIdx::from_usize(g), day, &visits);
            }
        }
    }
    Ok(cube)
}

fn visits(
    weights: &[&LayerWeight],
    layers: &BTreeMap<&str, LayerSums>,
    rest: &BTreeMap<String, Vec<f64>>,
    cell: usize,
    day: DayKind,
) -> [f64; HOURS] {
    let mut visits = [0.0; HOURS];
    for weight in weights {
        let amounts = layers[weight.layer.as_str()].day(cell, day);
        let rest = weight.rest.as_ref().map(|name| &rest[name]);
        for (hour, amount) in amounts.iter().enumerate() {
            visits[hour] += amount * weight.visits * rest.map_or(1.0, |profile| profile[hour]);
        }
    }
    visits
}

/// The converter of a named datum; WGS-84 when none is named.
fn converter(datum: Option<&str>, file: &str) -> Result<DatumConverter, IngestError> {
    let label = datum.unwrap_or("WGS84");
    let unknown = || IngestError::new(file, Message::new("D003").with("datum", label));
    let datum = Datum::from_label(label).ok_or_else(unknown)?;
    DatumConverter::new(datum).map_err(|_| unknown())
}

/// An issue whose row takes no part.
pub(super) fn excluded(file: &str, row: usize, field: &'static str, value: String, problem: Message) -> Issue {
    Issue { file: file.to_owned(), row, field, value, problem, action: IssueAction::Excluded, severity: Severity::Error }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::{DayType, Season};
    use crate::ingest::dataset;
    use crate::progress::Silent;
    use std::fs;

    /// A scenario around single rows of demand, in a folder of its own.
    fn load_rows(rows: &str, layer: &str) -> Result<LoadedDemand, IngestError> {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let scenario = format!(
            "name = \"t\"\ntitle = {{ zh = \"t\", en = \"t\" }}\n[area]\nbbox = [126.5, 45.7, 126.6, 45.8]\n[stations]\nfile = \"s.csv\"\ndatum = \"WGS84\"\n\
             [[demand.layers]]\nlayer = \"orders\"\nfile = \"rows.csv\"\n{layer}\n[[demand.weights]]\nlayer = \"orders\"\ngroup = \"rider\"\nvisits = 1.0\n"
        );
        for (name, text) in
            [("scenario.toml", scenario.as_str()), ("s.csv", "名称,经度,纬度\n甲,126.55,45.75\n"), ("rows.csv", rows)]
        {
            fs::write(dir.path().join(name), text).expect("written");
        }
        let scenario = crate::scenario::load(&dir.path().join("scenario.toml")).expect("a complete scenario");
        dataset::load(&scenario)?.0.load_demand(&scenario, &Silent)
    }

    #[test]
    fn orders_with_a_time_count_one_each_and_dates_are_averaged() {
        let rows =
            "lng,lat,时间\n126.55,45.75,2025-09-01 12:30:00\n126.55,45.75, 2025/9/2 12:10\n126.55,45.75,2025-09-02 12:40:00\n";
        let (cube, report, issues) = load_rows(rows, "").expect("readable");
        let codes: Vec<&str> = issues.rows().iter().map(|issue| issue.problem.code()).collect();
        assert_eq!(codes, ["D018"], "no calendar lists the dates");
        let day = DayKind::new(Season::Autumn, DayType::Weekday);
        assert_eq!(cube.day_total(day).milli(), 1_500, "three orders on two days");
        assert_eq!(report.rows["rows.csv"], (3, 3));
    }

    #[test]
    fn what_cannot_be_used_is_counted_with_its_cause() {
        let rows = "lng,lat,季节,日型,小时,量\n126.55,45.75,秋季,工作日,9,2\n120,30,秋季,工作日,9,2\n126.55,45.75,秋季,工作日,9,\n126.55,45.75,秋季,工作日,x,1\n126.55,45.75,梅雨,工作日,9,1\n126.55,45.75,秋季,工作日,9,-1\n";
        let (cube, report, issues) = load_rows(rows, "column = \"量\"").expect("readable");
        let codes: Vec<&str> = issues.rows().iter().map(|issue| issue.problem.code()).collect();
        assert_eq!(codes, ["D007", "D008", "D009", "D010", "D011"]);
        assert_eq!(report.rows["rows.csv"], (6, 1));
        assert_eq!(cube.day_total(DayKind::new(Season::Autumn, DayType::Weekday)).milli(), 2_000);
    }

    #[test]
    fn personal_columns_and_hour_24_are_refused() {
        let error = load_rows("lng,lat,时间,手机号\n126.55,45.75,2025-09-01 12:30:00,1\n", "").expect_err("personal");
        assert!(error.to_string().contains("手机号"), "{error}");
        let error = load_rows("lng,lat,季节,日型,小时\n126.55,45.75,秋季,工作日,24\n", "").expect_err("ambiguous");
        assert_eq!(error.message().code(), "D013");
    }
}
