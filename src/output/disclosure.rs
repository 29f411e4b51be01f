//! What may leave: writers accept only a [`Cleared`] set of findings.
//!
//! The model carries no personal fields (demand files that hold them are refused by name), so for the bureau's own use all of it
//! passes. A public profile would suppress coverage rows and gaps of few visits, their complements in the same total, and
//! `notify_unit`, and would set `suppressed` in those rows.

use crate::findings::Findings;
use crate::scenario::Scenario;

/// Who the outputs are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// The bureau that owns the data.
    Internal,
}

impl Profile {
    /// Identifier in the manifest.
    pub fn id(self) -> &'static str {
        match self {
            Self::Internal => "internal",
        }
    }
}

/// Findings that passed; only [`clear`] makes them.
#[derive(Debug, Clone, Copy)]
pub struct Cleared<'a> {
    findings: &'a Findings,
    profile: Profile,
}

impl<'a> Cleared<'a> {
    /// The findings.
    pub fn findings(&self) -> &'a Findings {
        self.findings
    }

    /// Who they are for.
    pub fn profile(&self) -> Profile {
        self.profile
    }
}

/// Clears findings for the bureau's own use. A scenario can't ask for another profile yet.
pub fn clear<'a>(findings: &'a Findings, _scenario: &Scenario) -> Cleared<'a> {
    Cleared { findings, profile: Profile::Internal }
}
