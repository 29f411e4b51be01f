//! Scenarios of the demo cities, with other inputs where a test wants them.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use yizhan::access::Equity;
use yizhan::domain::candidate::Candidate;
use yizhan::domain::demand::DemandCube;
use yizhan::domain::site::{Site, Station};
use yizhan::domain::vehicle::BusStop;
use yizhan::findings::{AfterStep, Findings, StandardLadder};
use yizhan::gap::AdvisedGap;
use yizhan::id::{IdVec, SiteIdx};
use yizhan::ingest::issues::IssueTable;
use yizhan::mobile::PlannedDay;
use yizhan::overlap::{Overlap, Redundant, StationReview};
use yizhan::siting::SitingReport;
use yizhan::{pipeline, progress, scenario};

/// What a run found, without the projector: PROJ's contexts belong to one thread, and these are shared by all tests.
#[derive(Debug)]
pub struct Found {
    pub ledger_rows: usize,
    pub stations: Vec<Station>,
    pub sites: IdVec<SiteIdx, Site>,
    pub candidates: Vec<Candidate>,
    pub stops: Vec<BusStop>,
    pub issues: IssueTable,
    pub cube: DemandCube,
    pub ladders: Vec<StandardLadder>,
    pub equity: Option<Equity>,
    pub mean_nearest_m: Option<f64>,
    pub gaps: Vec<AdvisedGap>,
    pub overlaps: Vec<Overlap>,
    pub redundant: Vec<Redundant>,
    pub reviews: Vec<StationReview>,
    pub siting: Option<SitingReport>,
    pub after: Vec<AfterStep>,
    pub buses: Vec<PlannedDay>,
}

impl From<Findings> for Found {
    fn from(findings: Findings) -> Self {
        let Findings { dataset, issues, cube, ladders, equity, mean_nearest_m, gaps, overlaps, redundant, .. } = findings;
        let Findings { reviews, siting, after, timetable, .. } = findings;
        Self {
            ledger_rows: dataset.ledger_rows,
            stations: dataset.stations,
            sites: dataset.sites,
            candidates: dataset.candidates,
            stops: dataset.stops,
            issues,
            cube,
            ladders,
            equity,
            mean_nearest_m,
            gaps,
            overlaps,
            redundant,
            reviews,
            siting,
            after,
            buses: timetable.days,
        }
    }
}

/// A path in the repository.
pub fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Runs the scenario at a path.
#[track_caller]
pub fn analyse(path: &Path) -> Found {
    let scenario = scenario::load(path).unwrap_or_else(|faults| panic!("{}: {faults}", path.display()));
    let findings = pipeline::analyse(&scenario, &progress::Silent);
    findings.unwrap_or_else(|error| panic!("{}: {error}", path.display())).into()
}

/// A copy of a folder of inputs whose scenario has some lines replaced; the folder lives as long as the value.
#[track_caller]
pub fn copy(folder: &str, replace: &[(&str, &str)]) -> TempDir {
    let copied = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(repository(folder)).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), copied.path().join(entry.file_name())).unwrap();
    }
    let path = copied.path().join("scenario.toml");
    let mut text = fs::read_to_string(&path).unwrap();
    for (old, new) in replace {
        assert_eq!(text.matches(old).count(), 1, "`{old}` stands once in {folder}/scenario.toml");
        text = text.replace(old, new);
    }
    fs::write(path, text).unwrap();
    copied
}

/// The demo city with the ledger as it was before defects were put in.
pub fn clean_daoli() -> TempDir {
    let city = copy("data/daoli", &[("ledger_gb18030.csv", "stations_clean.csv")]);
    fs::copy(repository("tests/data/ledger/stations_clean.csv"), city.path().join("stations_clean.csv")).unwrap();
    city
}
