//! What a timetable needs beside the data of a run: buses, orders, the plan so far, the calendar and the streets that buses take.

use std::path::Path;

use super::bus_orders::{Known, load_bus_orders, load_previous_plan};
use super::dataset::{Dataset, datum_of, point_table};
use super::issues::{IssueTable, Severity};
use super::streets::{PlaceRow, load_drive_streets, off_network};
use super::vehicles::load_vehicles;
use super::when::SeasonCalendar;
use super::{IngestError, read_table};
use crate::calendar::Span;
use crate::domain::vehicle::{BusOrder, Stand, Vehicle};
use crate::network::Router;
use crate::progress::Progress;
use crate::scenario::Scenario;

/// Buses and what binds them.
#[derive(Debug)]
pub struct Fleet {
    /// The buses, sorted by identifier. Without a file there are as many alike as the scenario says.
    pub vehicles: Vec<Vehicle>,
    /// Orders to stand, or not to stand, at a stop.
    pub orders: Vec<BusOrder>,
    /// The timetable so far, sorted by date and bus.
    pub previous: Vec<Stand>,
    /// Which kind of day a date is.
    pub calendar: SeasonCalendar,
    /// Streets to drive on, in milliseconds, when the scenario names some.
    pub streets: Option<Router>,
}

/// Loads the buses of a scenario; `cache` is a folder in which built streets are kept.
///
/// # Errors
/// When a file can't be used at all; single rows that can't be used are issues.
pub fn load_fleet(
    scenario: &Scenario,
    dataset: &Dataset,
    cache: Option<&Path>,
    progress: &dyn Progress,
) -> Result<(Fleet, IssueTable), IngestError> {
    let mut issues = IssueTable::default();
    let vehicles = match &scenario.file.vehicles {
        Some(file) => {
            let (vehicles, found) = load_vehicles(&point_table(scenario, file)?, datum_of(file)?, &dataset.area)?;
            issues.append(found);
            vehicles
        }
        None => (1..=scenario.file.mobile.buses).map(alike).collect(),
    };
    let known = Known { vehicles: &vehicles, stops: &dataset.stops };
    let rules = &scenario.file.mobile;
    let table = |name: &String| read_table(&scenario.input(name), name);
    let (orders, found) = match &rules.orders {
        Some(name) => load_bus_orders(&table(name)?, known)?,
        None => Default::default(),
    };
    issues.append(found);
    let (previous, found) = match &rules.previous {
        Some(name) => load_previous_plan(&table(name)?, known)?,
        None => Default::default(),
    };
    issues.append(found);
    let calendar = match &scenario.file.area.calendar {
        Some(name) => SeasonCalendar::read(&table(name)?)?,
        None => SeasonCalendar::default(),
    };
    let streets = load_drive_streets(scenario, cache, progress)?;
    if let (Some(router), Some(file)) = (&streets, &scenario.file.bus_stops) {
        let at: Vec<PlaceRow<'_>> = dataset.stops.iter().map(|s| (s.row, s.id.as_str(), s.position)).collect();
        issues.append(off_network(router, &file.file, &at, Severity::Warning));
    }
    issues.sort();
    Ok((Fleet { vehicles, orders, previous, calendar, streets }, issues))
}

/// A bus of which only its number is known.
fn alike(number: u32) -> Vehicle {
    Vehicle {
        id: format!("bus-{number}"),
        length_m: None,
        seats: None,
        heating: String::new(),
        visits_per_hour: None,
        depot: None,
        shift: (0, Span::DAY),
        row: 0,
    }
}
