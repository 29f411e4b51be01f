//! The streets of a scenario: read, or taken from a cache, made ready for the scenario's traveller; and the places that aren't on them.

use std::path::Path;
use std::sync::Arc;

use super::issues::{Issue, IssueAction, IssueTable, Severity};
use super::{IngestError, load_barriers};
use crate::crs::LonLat;
use crate::network::{
    CacheUse, Measure, Mode, NetworkError, Profile, Router, Rules, SNAP_WITHIN_M, Streets, Surface, snap_faults,
};
use crate::progress::Progress;
use crate::quantity::Metres;
use crate::scenario::Scenario;
use crate::scenario::file::TravelMode;

/// Reads the streets that people take in a scenario, by way of a cache when there is a folder for it; `None` when it names none.
///
/// Paths are lengths: the season is in the standard's own limit.
pub(super) fn load_streets(
    scenario: &Scenario,
    cache: Option<&Path>,
    progress: &dyn Progress,
) -> Result<Option<Arc<Router>>, IngestError> {
    let mode = match scenario.file.travel.mode.unwrap_or(TravelMode::Walk) {
        TravelMode::Walk => Mode::Walk,
        TravelMode::Ebike => Mode::Ebike,
        TravelMode::Drive => Mode::Drive,
    };
    Ok(router(scenario, cache, progress, Profile::new(mode, Measure::Length))?.map(Arc::new))
}

/// The streets that the buses of a scenario take, in milliseconds; `None` when it names none.
pub(super) fn load_drive_streets(
    scenario: &Scenario,
    cache: Option<&Path>,
    progress: &dyn Progress,
) -> Result<Option<Router>, IngestError> {
    router(scenario, cache, progress, Profile::new(Mode::Drive, Measure::Time(Surface::Bare)))
}

/// Streets for a profile. The planner's barriers, like those of the map, are crossed by streets only: no leg between a place and the
/// street crosses them.
fn router(
    scenario: &Scenario,
    cache: Option<&Path>,
    progress: &dyn Progress,
    profile: Profile,
) -> Result<Option<Router>, IngestError> {
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
    let within = Metres::new(travel.snap_within_m.unwrap_or(SNAP_WITHIN_M)).expect("invariant: the scenario was checked");
    Ok(Some(Router::new(streets, profile, &barriers, within).map_err(|e| fault(name, &e))?))
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
