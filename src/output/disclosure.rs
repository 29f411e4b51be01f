//! What may leave: writers accept only [`Cleared`] findings, and [`screen`] makes them.
//!
//! What: two profiles. *Internal* passes everything. *Public* withholds counts below `k` and whatever would give them back, personal
//! and contact fields, raw values of the inputs, and administrative boundaries unless a map approval number is given.
//! Input → output: findings → findings that hold nothing but what may be published, and the tables of published figures.
//! Principle: complementary suppression by one partition (`partition`). The places under study are split into parts, the same on
//! all published days, each with no visits or at least `k` on each day; a figure of places is published only if it is a sum of whole
//! parts. Sums, differences and intersections of published figures are then sums of whole parts as well, and a place of fewer than `k`
//! visits can hold anything from nothing to its part's total. After Hundepool et al., *Statistical Disclosure Control* (2012), ch. 4;
//! merging squares until they hold `k` after Lagonigro, Oller and Martori (SORT 41, 2017).
//! Steps: `tables` decides (small tables by `crosstab`) what is published, the most useful first → `strip` takes everything else out of the findings. What a writer
//! forgets to ask about is then nought, never the count.
//! Complexity: a figure costs the cells that it counts. When not to use it: it doesn't hide who is chosen; places are recommended, and
//! pairs judged, on all data. Determinism: whole numbers, ties by index.

mod crosstab;
mod partition;
mod strip;
mod tables;
#[cfg(test)]
mod tests;

use crate::findings::{Findings, RunError};
use crate::message::Lang;
use crate::output::report::words::Writer;
use crate::scenario::Scenario;
pub(crate) use tables::{CoverageRow, Figures, Published, Scope};

/// Who the outputs are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// The bureau that owns the data.
    Internal,
    /// Anyone.
    Public,
}

impl Profile {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Internal, Self::Public];

    /// Identifier in the manifest.
    pub fn id(self) -> &'static str {
        match self {
            Self::Internal => "internal",
            Self::Public => "public",
        }
    }
}

/// For whom, and on which terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// Who the outputs are for.
    pub profile: Profile,
    /// The least count of visits a day that is published, other than none.
    pub min_count: u32,
    /// Map approval number (审图号); without one no administrative boundary is drawn or written.
    pub approval_no: Option<String>,
}

impl Release {
    /// For the bureau's own use.
    pub const INTERNAL: Self = Self { profile: Profile::Internal, min_count: Self::MIN_COUNT, approval_no: None };
    /// The least count by default: common for grids of people; no figure is prescribed.
    pub const MIN_COUNT: u32 = 10;

    /// Whether they are for anyone.
    pub fn is_public(&self) -> bool {
        self.profile == Profile::Public
    }
}

impl Default for Release {
    fn default() -> Self {
        Self::INTERNAL
    }
}

/// Findings after screening, with what the public may see of them.
#[derive(Debug)]
pub struct Screened {
    findings: Findings,
    release: Release,
    published: Option<Published>,
}

impl Screened {
    /// For the writers.
    pub fn cleared(&self) -> Cleared<'_> {
        Cleared { findings: &self.findings, release: &self.release, published: self.published.as_ref() }
    }
}

/// Findings that passed; only [`screen`] and [`clear`] make them.
#[derive(Debug, Clone, Copy)]
pub struct Cleared<'a> {
    findings: &'a Findings,
    release: &'a Release,
    published: Option<&'a Published>,
}

impl<'a> Cleared<'a> {
    /// The findings; for the public, without anything that is withheld.
    pub fn findings(&self) -> &'a Findings {
        self.findings
    }

    /// For whom, on which terms.
    pub fn release(&self) -> &'a Release {
        self.release
    }

    /// The published tables; `None` for the bureau's own use, where nothing is withheld.
    pub(super) fn published(&self) -> Option<&'a Published> {
        self.published
    }

    /// A figure of a single place or station: not for the public.
    pub(super) fn figure<T>(&self, value: T) -> Option<T> {
        self.published.is_none().then_some(value)
    }

    /// The mark of a row with withheld figures.
    pub(super) fn suppressed(&self) -> Option<bool> {
        self.published.map(|_| true)
    }

    /// Sentences about the findings in a language.
    pub(super) fn writer(&self, scenario: &'a Scenario, lang: Lang) -> Writer<'a> {
        Writer { findings: self.findings, scenario, lang, release: self.release, published: self.published }
    }
}

/// Clears findings for the bureau's own use.
pub fn clear(findings: &Findings) -> Cleared<'_> {
    static INTERNAL: Release = Release::INTERNAL;
    Cleared { findings, release: &INTERNAL, published: None }
}

/// Screens findings for a release.
///
/// # Errors
/// When so little demand is left on a studied day that nothing can be published.
pub fn screen(findings: Findings, scenario: &Scenario, release: &Release) -> Result<Screened, RunError> {
    if !release.is_public() {
        return Ok(Screened { findings, release: release.clone(), published: None });
    }
    let (published, cube) = tables::publish(&findings, scenario, release)?;
    let findings = strip::strip(findings, &published, cube, release);
    Ok(Screened { findings, release: release.clone(), published: Some(published) })
}
