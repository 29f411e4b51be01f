//! Everything a run works on, loaded and checked: the study area, stations, candidates, stops and demand.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use geo::MultiPolygon;

use super::demand::{DemandReport, load_demand};
use super::issues::{Issue, IssueAction, IssueTable, Severity};
use super::streets::{PlaceRow, load_streets, off_network};
use super::{
    Columns, Datum, Field, IngestError, Table, load_barriers, load_bus_stops, load_candidates, load_polygons, load_stations,
    load_units, read_hours, read_table,
};
use crate::calendar::Hours;
use crate::crs::{CrsError, LonLat, Projector};
use crate::domain::barrier::{Barrier, Crossing};
use crate::domain::candidate::Candidate;
use crate::domain::demand::DemandCube;
use crate::domain::site::{Site, Station, Status};
use crate::domain::study_area::{Grid, StudyArea, Unit};
use crate::domain::vehicle::BusStop;
use crate::id::{IdVec, SiteIdx};
use crate::message::Message;
use crate::network::Router;
use crate::progress::{Progress, Silent};
use crate::quantity::Weight;
use crate::scenario::Scenario;
use crate::scenario::file::{Capacity, PointFile};

/// The inputs of a run as a model.
#[derive(Debug)]
pub struct Dataset {
    /// The ground.
    pub area: StudyArea,
    /// Barriers in metres.
    pub barriers: Vec<Barrier>,
    /// Streets that paths lead over, when the scenario names some.
    pub streets: Option<Arc<Router>>,
    /// All stations of the ledger, sorted by id.
    pub stations: Vec<Station>,
    /// The standing network: stations in use, with a position, that are not mobile.
    pub sites: IdVec<SiteIdx, Site>,
    /// The station of each site.
    pub site_station: Vec<usize>,
    /// Parent of each site, when it is a branch.
    pub parents: Vec<Option<SiteIdx>>,
    /// Mobile stations at their default stops.
    pub mobile: Vec<Site>,
    /// Places where a station could open.
    pub candidates: Vec<Candidate>,
    /// Places where a bus may stand.
    pub stops: Vec<BusStop>,
    /// Where no station may open, in degrees.
    pub forbidden: Option<MultiPolygon<f64>>,
    /// Opening hours of a new fixed station.
    pub fixed_hours: Hours,
    /// Rows of the station ledger.
    pub ledger_rows: usize,
    /// Projects to the working CRS.
    pub projector: Projector,
}

/// Loads the area and all point files, without demand.
///
/// # Errors
/// When a file can't be used at all; single values that can't be used are issues.
pub fn load(scenario: &Scenario) -> Result<(Dataset, IssueTable), IngestError> {
    load_with(scenario, None, &Silent)
}

/// The same, with a folder in which built streets are kept for the next run.
///
/// # Errors
/// When a file can't be used at all.
pub fn load_with(
    scenario: &Scenario,
    street_cache: Option<&Path>,
    progress: &dyn Progress,
) -> Result<(Dataset, IssueTable), IngestError> {
    let shown = scenario.path.display().to_string();
    let wrong_crs = |cause: CrsError| IngestError::new(&shown, Message::new("D002").with("cause", cause));
    let projector = Projector::new(scenario.crs).map_err(wrong_crs)?;
    let area = load_area(scenario, &projector)?;
    let barriers = load_barrier_lines(scenario, &projector)?;
    let streets = load_streets(scenario, street_cache, progress)?;
    let mut issues = IssueTable::default();
    let ledger = point_table(scenario, &scenario.file.stations)?;
    let (declared, assumed) = datums(&scenario.file.stations)?;
    let (stations, found) = load_stations(&ledger, declared, assumed, &area, &projector)?;
    issues.append(found);
    let candidates = match &scenario.file.candidates {
        Some(file) => {
            let (candidates, found) = load_candidates(&point_table(scenario, file)?, datum_of(file)?, &area, &projector)?;
            issues.append(found);
            candidates
        }
        None => Vec::new(),
    };
    let stops = match &scenario.file.bus_stops {
        Some(file) => {
            let (stops, found) = load_bus_stops(&point_table(scenario, file)?, datum_of(file)?, &area, &projector)?;
            issues.append(found);
            stops
        }
        None => Vec::new(),
    };
    let fixed_hours = read_hours(&scenario.file.siting.fixed_hours)
        .map(|reading| reading.hours)
        .ok_or_else(|| IngestError::new(&shown, Message::new("D015").with("found", &scenario.file.siting.fixed_hours)))?;
    let forbidden = scenario.file.siting.forbidden.as_ref().map(|name| load_polygons(&scenario.input(name))).transpose()?;
    let (sites, site_station, mobile) = sites(&stations, &scenario.file.capacity, &projector).map_err(wrong_crs)?;
    let parents = parents(&stations, &sites);
    if sites.is_empty() {
        issues.push(Issue {
            file: scenario.file.stations.file.clone(),
            row: 0,
            field: "station_id",
            value: String::new(),
            problem: Message::new("D020"),
            action: IssueAction::NeedsPerson,
            severity: Severity::Error,
        });
    }
    if let Some(router) = &streets {
        let active = stations.iter().filter(|station| station.status == Status::Active);
        let at: Vec<PlaceRow<'_>> = active.filter_map(|s| Some((s.row, s.id.as_str(), s.position?))).collect();
        issues.append(off_network(router, &scenario.file.stations.file, &at, Severity::Warning));
        if let Some(file) = &scenario.file.candidates {
            let at: Vec<PlaceRow<'_>> = candidates.iter().map(|c| (c.row, c.id.as_str(), c.position)).collect();
            issues.append(off_network(router, &file.file, &at, Severity::Warning));
        }
        if let Some(file) = &scenario.file.bus_stops {
            let at: Vec<PlaceRow<'_>> = stops.iter().map(|s| (0, s.id.as_str(), s.position)).collect();
            issues.append(off_network(router, &file.file, &at, Severity::Warning));
        }
    }
    issues.sort();
    let ledger_rows = ledger.rows.len();
    let dataset = Dataset {
        area,
        barriers,
        streets,
        stations,
        sites,
        site_station,
        parents,
        mobile,
        candidates,
        stops,
        forbidden,
        fixed_hours,
        ledger_rows,
        projector,
    };
    Ok((dataset, issues))
}

impl Dataset {
    /// Loads the demand.
    ///
    /// # Errors
    /// When a demand file can't be used, or holds personal data.
    pub fn load_demand(
        &self,
        scenario: &Scenario,
        progress: &dyn Progress,
    ) -> Result<(DemandCube, DemandReport, IssueTable), IngestError> {
        let (cube, report, mut issues) = load_demand(scenario, &self.area, &self.projector, progress)?;
        if let (Some(router), Some(network)) = (&self.streets, &scenario.file.travel.network) {
            let at: Vec<PlaceRow<'_>> = cube.cells().rows().iter().map(|cell| (0, cell.id.as_str(), cell.position)).collect();
            issues.append(off_network(router, network, &at, Severity::Info));
        }
        Ok((cube, report, issues))
    }

    /// The station behind a site.
    pub fn station(&self, site: SiteIdx) -> &Station {
        &self.stations[self.site_station[site.get()]]
    }
}

fn load_area(scenario: &Scenario, projector: &Projector) -> Result<StudyArea, IngestError> {
    let shown = scenario.path.display().to_string();
    let wrong = |cause: CrsError| IngestError::new(&shown, Message::new("D002").with("cause", cause));
    let [west, south, east, north] = scenario.file.area.bbox;
    let corner = |lon, lat| LonLat::new(lon, lat).and_then(|position| projector.project(position)).map_err(wrong);
    let grid = Grid::covering(corner(west, south)?, corner(east, north)?, scenario.file.area.cell_m);
    let polygons = |name: &Option<String>| -> Result<Option<MultiPolygon<f64>>, IngestError> {
        name.as_ref().map(|name| load_polygons(&scenario.input(name))).transpose()
    };
    let mut units = Vec::new();
    for unit in scenario.file.area.units.as_ref().map(|name| load_units(&scenario.input(name))).transpose()?.unwrap_or_default() {
        let planar = projector.project(unit.centre).map_err(wrong)?;
        units.push(Unit { name: unit.name, outline: unit.outline, centre: unit.centre, planar });
    }
    let home = polygons(&scenario.file.area.home)?;
    let water = polygons(&scenario.file.area.water)?;
    Ok(StudyArea { crs: scenario.crs, bbox: scenario.file.area.bbox, grid, units, home, water })
}

fn load_barrier_lines(scenario: &Scenario, projector: &Projector) -> Result<Vec<Barrier>, IngestError> {
    let Some(name) = &scenario.file.area.barriers else { return Ok(Vec::new()) };
    let planar = |position: LonLat| {
        projector.project(position).map_err(|cause| IngestError::new(name, Message::new("D002").with("cause", cause)))
    };
    let lines = load_barriers(&scenario.input(name))?.into_iter().map(|barrier| {
        let line = barrier.line.into_iter().map(planar).collect::<Result<_, _>>()?;
        let crossing = |(a, b)| Ok(Crossing { a: planar(a)?, b: planar(b)? });
        let crossings = barrier.crossings.into_iter().map(crossing).collect::<Result<_, _>>()?;
        Ok(Barrier { name: barrier.name, kind: barrier.kind, line, crossings })
    });
    lines.collect()
}

/// Reads a point file, keeps the rows of its role, and adds columns for its defaults.
pub(super) fn point_table(scenario: &Scenario, file: &PointFile) -> Result<Table, IngestError> {
    let mut table = read_table(&scenario.input(&file.file), &file.file)?;
    if let Some(role) = &file.role {
        let columns = Columns::resolve(&table);
        columns.require(&[Field::Role])?;
        table.rows.retain(|row| columns.text(row, Field::Role) == role);
    }
    for (header, value) in &file.defaults {
        if table.headers.iter().any(|existing| existing == header) {
            continue;
        }
        let width = table.headers.len();
        table.headers.push(header.clone());
        for row in &mut table.rows {
            row.cells.resize(width, String::new());
            row.cells.push(value.clone());
        }
    }
    Ok(table)
}

/// The declared and the assumed datum of a point file.
fn datums(file: &PointFile) -> Result<(Option<Datum>, Option<Datum>), IngestError> {
    let parse = |label: &Option<String>| match label {
        None => Ok(None),
        Some(label) => Datum::from_label(label)
            .map(Some)
            .ok_or_else(|| IngestError::new(&file.file, Message::new("D003").with("datum", label))),
    };
    Ok((parse(&file.datum)?, parse(&file.assume_unlabelled)?))
}

/// The datum of a point file whose rows carry none: declared, or else assumed.
pub(super) fn datum_of(file: &PointFile) -> Result<Option<Datum>, IngestError> {
    let (declared, assumed) = datums(file)?;
    Ok(declared.or(assumed))
}

type Sites = (IdVec<SiteIdx, Site>, Vec<usize>, Vec<Site>);

fn sites(stations: &[Station], rule: &Capacity, projector: &Projector) -> Result<Sites, CrsError> {
    let (mut standing, mut rows, mut mobile) = (Vec::new(), Vec::new(), Vec::new());
    for (row, station) in stations.iter().enumerate() {
        let Some(position) = station.position.filter(|_| station.status == Status::Active) else { continue };
        let site = Site {
            id: station.id.clone(),
            name: station.name.clone(),
            kind: station.kind,
            position,
            planar: projector.project(position)?,
            hours: station.hours.clone(),
            capacity_per_hour: station.area_m2.map(|area| capacity(area, rule)),
            service_types: station.service_types.clone(),
            equipment: station.equipment.clone(),
        };
        if station.kind.is_mobile() {
            mobile.push(site);
        } else {
            standing.push(site);
            rows.push(row);
        }
    }
    Ok((IdVec::from_rows(standing), rows, mobile))
}

/// Visits an hour: area ÷ area per seat × turns an hour × usable share.
pub fn capacity(area_m2: f64, rule: &Capacity) -> Weight {
    Weight::from_visits(area_m2 / rule.m2_per_seat * rule.turns_per_hour * rule.usable_share)
}

fn parents(stations: &[Station], sites: &IdVec<SiteIdx, Site>) -> Vec<Option<SiteIdx>> {
    let by_id: BTreeMap<&str, SiteIdx> = sites.iter().map(|(index, site)| (site.id.as_str(), index)).collect();
    let parent: BTreeMap<&str, &str> =
        stations.iter().filter_map(|station| Some((station.id.as_str(), station.parent_id.as_deref()?))).collect();
    sites.rows().iter().map(|site| parent.get(site.id.as_str()).and_then(|id| by_id.get(id)).copied()).collect()
}

/// Notes demand files that are outside what was published for service use; see `docs/methods.md`, calibration.
pub fn calibration_issue(scenario: &Scenario, visits: f64) -> Option<Issue> {
    let [low, high] = scenario.file.demand.calibration;
    let file = scenario.path.file_name().map_or(Path::new("scenario.toml"), Path::new).display().to_string();
    let problem = Message::new("D016").with("visits", format!("{visits:.1}")).with("low", low).with("high", high);
    (!(low..=high).contains(&visits)).then(|| Issue {
        file,
        row: 0,
        field: "demand.weights",
        value: format!("{visits:.1}"),
        problem,
        action: IssueAction::Noted,
        severity: Severity::Warning,
    })
}
