//! The issue table: everything the inputs got wrong, and what was done about it. No row is dropped without an entry here.

use serde::Serialize;

use crate::message::{Lang, Message};

/// What was done about a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum IssueAction {
    /// Corrected on evidence that the entry states.
    Fixed,
    /// The row, or the value, takes no part in the analysis.
    Excluded,
    /// Kept as it is, for information.
    Noted,
    /// A person must decide; until then the row takes no part.
    NeedsPerson,
}

impl IssueAction {
    /// Identifier in files.
    pub fn id(self) -> &'static str {
        match self {
            Self::Fixed => "fixed",
            Self::Excluded => "excluded",
            Self::Noted => "noted",
            Self::NeedsPerson => "needs_person",
        }
    }
}

/// How much a fault matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// For information.
    Info,
    /// Worth a look.
    Warning,
    /// Changes results.
    Error,
}

impl Severity {
    /// Identifier in files.
    pub fn id(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// One fault of one value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// File name, as the scenario gives it.
    pub file: String,
    /// Row in the file; the header is row 1. Zero for the file as a whole.
    pub row: usize,
    /// Field, by its English identifier (`lon_lat`, `hours`, `crs` …).
    pub field: &'static str,
    /// The value as found.
    pub value: String,
    /// What is wrong and on what evidence.
    pub problem: Message,
    /// What was done.
    pub action: IssueAction,
    /// How much it matters.
    pub severity: Severity,
}

/// The issues of a run, in the order of file and row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IssueTable {
    issues: Vec<Issue>,
}

impl IssueTable {
    /// Adds an issue.
    pub fn push(&mut self, issue: Issue) {
        self.issues.push(issue);
    }

    /// Adds all issues of another table.
    pub fn append(&mut self, other: Self) {
        self.issues.extend(other.issues);
    }

    /// Adds an issue when there is one.
    pub fn append_one(&mut self, issue: Option<Issue>) {
        self.issues.extend(issue);
    }

    /// Sorts by file, row, field and code, so that the order of discovery doesn't show.
    pub fn sort(&mut self) {
        self.issues.sort_by(|a, b| (&a.file, a.row, a.field, a.problem.code()).cmp(&(&b.file, b.row, b.field, b.problem.code())));
    }

    /// The issues.
    pub fn rows(&self) -> &[Issue] {
        &self.issues
    }

    /// How many issues have this action.
    pub fn count(&self, action: IssueAction) -> usize {
        self.issues.iter().filter(|issue| issue.action == action).count()
    }
}

impl Issue {
    /// One line for people: `ledger.csv, row 12, lon_lat: …`.
    pub fn line(&self, lang: Lang) -> String {
        let place = match lang {
            Lang::Zh => format!("{} 第 {} 行 {}", self.file, self.row, self.field),
            Lang::En => format!("{}, row {}, {}", self.file, self.row, self.field),
        };
        format!("{place}: {}", self.problem.render(lang))
    }
}
