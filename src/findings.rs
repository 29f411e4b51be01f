//! Everything that a run found, and why a run can fail. Outputs are written from these alone.

use crate::access::Equity;
use crate::catchment::CatchmentMatrix;
use crate::coverage::Ladder;
use crate::crs::CrsError;
use crate::domain::demand::DemandCube;
use crate::domain::site::Site;
use crate::domain::standard::ServiceStandard;
use crate::gap::AdvisedGap;
use crate::id::{IdVec, SiteIdx};
use crate::ingest::Fleet;
use crate::ingest::IngestError;
use crate::ingest::dataset::Dataset;
use crate::ingest::demand::DemandReport;
use crate::ingest::issues::{IssueAction, IssueTable, Severity};
use crate::message::{Lang, Message, term};
use crate::mobile::Timetable;
use crate::mobile::reinforce::Reinforcement;
use crate::overlap::{Overlap, Redundant, StationReview};
use crate::quantity::Weight;
use crate::siting::SitingReport;
use crate::siting::placements::RuleFault;

/// Why a run ended without a result.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// An input can't be used.
    #[error(transparent)]
    Ingest(#[from] IngestError),
    /// A position can't be projected.
    #[error(transparent)]
    Crs(#[from] CrsError),
    /// A rule of the siting decision can't be kept.
    #[error(transparent)]
    Rule(#[from] RuleFault),
    /// An output can't be written, or an output folder can't be read.
    #[error("{0}")]
    Output(Message),
}

impl RunError {
    /// Cause and remedy in a language.
    pub fn render(&self, lang: Lang) -> String {
        match self {
            Self::Ingest(error) => error.render(lang),
            Self::Crs(error) => error.to_string(),
            Self::Rule(RuleFault(message)) | Self::Output(message) => message.render(lang),
        }
    }
}

/// The ladder at one standard.
#[derive(Debug)]
pub struct StandardLadder {
    /// The standard.
    pub standard: ServiceStandard,
    /// Its ladder.
    pub ladder: Ladder,
}

/// The ladders after a step of the recommendations.
#[derive(Debug)]
pub struct AfterStep {
    /// `new_sites` or `all`.
    pub step: &'static str,
    /// The network's sites then.
    pub sites: IdVec<SiteIdx, Site>,
    /// What they reach.
    pub matrix: CatchmentMatrix,
    /// One ladder a standard, in the order of [`Findings::ladders`].
    pub ladders: Vec<StandardLadder>,
}

/// Everything that a run found.
#[derive(Debug)]
pub struct Findings {
    /// The inputs.
    pub dataset: Dataset,
    /// Their faults.
    pub issues: IssueTable,
    /// Demand.
    pub cube: DemandCube,
    /// What was read for it.
    pub demand_report: DemandReport,
    /// What the standing network reaches, up to the widest limit of any standard.
    pub matrix: CatchmentMatrix,
    /// The ladder at the scenario's standard, then at those it is compared with.
    pub ladders: Vec<StandardLadder>,
    /// Fairness of path coverage over units on the planning day.
    pub equity: Option<Equity>,
    /// Demand-weighted mean distance to the nearest station on the planning day, in metres.
    pub mean_nearest_m: Option<f64>,
    /// Served visits per station on the planning day.
    pub served_per_station: f64,
    /// Of each site: demand within reach, night demand within reach (visits on the planning day).
    pub local: Vec<(Weight, Weight)>,
    /// Peak-hour load of each site on the planning day.
    pub load: Vec<f64>,
    /// Gaps of all studied days, ranked within each.
    pub gaps: Vec<AdvisedGap>,
    /// Pairs within the review distance.
    pub overlaps: Vec<Overlap>,
    /// Stations that can go.
    pub redundant: Vec<Redundant>,
    /// Stations for a person to look at.
    pub reviews: Vec<StationReview>,
    /// What to open, when something is budgeted.
    pub siting: Option<SitingReport>,
    /// The ladders after it.
    pub after: Vec<AfterStep>,
    /// Buses and what binds them.
    pub fleet: Fleet,
    /// Where the buses stand: on the scenario's days, or on the dates asked for.
    pub timetable: Timetable,
    /// Standing stations that need more staff on the same days.
    pub reinforcements: Vec<Reinforcement>,
}

/// What `yizhan check` finds.
#[derive(Debug)]
pub struct CheckReport {
    /// Rows of the station ledger.
    pub ledger_rows: usize,
    /// Stations after entity resolution.
    pub stations: usize,
    /// Stations in the standing network.
    pub standing: usize,
    /// The issue table.
    pub issues: IssueTable,
    /// The first rule of the siting decision that can't be kept.
    pub rule: Option<RuleFault>,
}

impl CheckReport {
    /// The account and the issue table, one line an issue, the gravest first.
    pub fn text(&self, lang: Lang) -> String {
        let count = |action| self.issues.count(action);
        let account = Message::new("C103")
            .with("rows", self.ledger_rows)
            .with("stations", self.stations)
            .with("standing", self.standing)
            .with("fixed", count(IssueAction::Fixed))
            .with("excluded", count(IssueAction::Excluded))
            .with("noted", count(IssueAction::Noted))
            .with("person", count(IssueAction::NeedsPerson));
        let mut lines = vec![account.render(lang)];
        let mut issues: Vec<_> = self.issues.rows().iter().collect();
        issues.sort_by_key(|issue| std::cmp::Reverse((issue.severity, issue.action)));
        for issue in issues {
            let action = term(&format!("issue.{}", issue.action.id()), lang).to_owned();
            lines.push(format!("[{}] {action}  {}", issue.problem.code(), issue.line(lang)));
        }
        lines.extend(self.rule.iter().map(|RuleFault(rule)| format!("[{}] {}", rule.code(), rule.render(lang))));
        lines.join("\n")
    }

    /// Whether something was found that a person should see: a rule that can't be kept, or any issue that is more than information.
    pub fn has_findings(&self) -> bool {
        self.rule.is_some() || self.issues.rows().iter().any(|issue| issue.severity > Severity::Info)
    }
}
