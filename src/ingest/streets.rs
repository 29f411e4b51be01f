//! The streets of a scenario: read, or taken from a cache, made ready for the scenario's traveller; and the places that aren't on them.

use std::path::Path;
use std::sync::Arc;

use super::issues::{Issue, IssueAction, IssueTable, Severity};
use super::{IngestError, load_barriers};
use crate::crs::LonLat;
use crate::network::{CacheUse, Measure, Mode, NetworkError, Profile, Router, Rules, SNAP_WITHIN_M, Streets, snap_faults};
use crate::progress::Progress;
use crate::quantity::Metres;
use crate::scenario::Scenario;
use crate::scenario::file::TravelMode;

/// Reads the streets that a scenario names, by way of a cache when there is a folder for it; `None` when it names none.
///
/// Paths are lengths: the season is in the standard's own limit. The planner's barriers, like those of the map, are crossed by streets
/// only: no leg between a place and the street crosses them.
pub(super) fn load_streets(
    scenario: &Scenario,
    cache: Option<&Path>,
    progress: &dyn Progress,
) -> Result<Option<Arc<Router>>, IngestError> {
    let travel = &scenario.file.travel;
    let Some(name) = &travel.network else { return Ok(None) };
    let fault = |file: &str, error: &NetworkError| IngestError::new(file, error.message().clone());
    let rules = match &travel.rules {
        None => Rules::standard(),
        Some(own) => Rules::read(&scenario.input(own)).map_err(|e| fault(own, &e))?,
    };
    let path = scenario.input(name);
    let streets = match cache {
        None => Streets::read(&path, &rules, progress),
        Some(folder) => Streets::read_cached(&path, &rules, folder, progress).map(|(streets, used)| {
            if let CacheUse::NotWritten(message) = used {
                tracing::warn!("{message}");
            }
            streets
        }),
    };
    let streets = streets.map_err(|e| fault(name, &e))?;
    let barriers = match &scenario.file.area.barriers {
        Some(file) => load_barriers(&scenario.input(file))?.into_iter().map(|barrier| barrier.line).collect(),
        None => Vec::new(),
    };
    let mode = match travel.mode.unwrap_or(TravelMode::Walk) {
        TravelMode::Walk => Mode::Walk,
        TravelMode::Ebike => Mode::Ebike,
        TravelMode::Drive => Mode::Drive,
    };
    let within = Metres::new(travel.snap_within_m.unwrap_or(SNAP_WITHIN_M)).expect("invariant: the scenario was checked");
    let router = Router::new(streets, Profile::new(mode, Measure::Length), &barriers, within).map_err(|e| fault(name, &e))?;
    Ok(Some(Arc::new(router)))
}

/// A place that was read: its row (0 when it has none), id and position.
pub(super) type PlaceRow<'a> = (usize, &'a str, LonLat);

/// What to tell about places that aren't on the main network. They keep their place in the analysis; nothing reaches them over
/// streets.
pub(super) fn off_network(router: &Router, file: &str, places: &[PlaceRow<'_>], severity: Severity) -> IssueTable {
    let positions: Vec<LonLat> = places.iter().map(|place| place.2).collect();
    let mut issues = IssueTable::default();
    for fault in snap_faults(&router.snap_all(&positions), router.within()) {
        let (row, id, _) = places[fault.row];
        issues.push(Issue {
            file: file.to_owned(),
            row,
            field: "lon_lat",
            value: id.to_owned(),
            problem: fault.problem,
            action: IssueAction::Noted,
            severity,
        });
    }
    issues
}
