//! Near pairs and recommendations: in both runs, or in one only. Of two runs alone; two states of one run share theirs.

use std::collections::BTreeMap;

use super::matching::{Matched, of_row};
use super::{Subject, Versus};
use crate::output::features::recommend::{hours, place_id};
use crate::overlap::Overlap;
use crate::quantity::Weight;
use crate::siting::{Action, At};

/// A near pair that one run lacks, or on which they disagree.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PairChange {
    /// Names of the two stations, in the run that has them (B where both do).
    pub names: [String; 2],
    /// The pair in A and in B.
    pub pairs: [Option<Overlap>; 2],
    /// `gone`, `new`, `redundant` or `close_ok` (the verdict in B).
    pub change: &'static str,
}

/// All that can be said of a near pair.
pub(super) const PAIR_CHANGES: [&str; 4] = ["gone", "new", "redundant", "close_ok"];

/// The pairs that changed, nearest first.
pub(super) fn pairs(versus: &Versus<'_>, stations: &[Matched]) -> Vec<PairChange> {
    if versus.subject != Subject::Runs {
        return Vec::new();
    }
    let mut found: BTreeMap<[Matched; 2], [Option<Overlap>; 2]> = BTreeMap::new();
    for (at, side) in versus.sides().into_iter().enumerate() {
        for pair in &side.writer.findings.overlaps {
            let mut key = [pair.a, pair.b].map(|site| of_row(stations, at, site.get()));
            key.sort_unstable();
            found.entry(key).or_default()[at] = Some(pair.clone());
        }
    }
    let change = |pairs: [Option<Overlap>; 2]| -> Option<PairChange> {
        let change = match &pairs {
            [Some(_), None] => "gone",
            [None, _] => "new",
            [Some(a), Some(b)] if a.evidence.redundant() == b.evidence.redundant() => return None,
            [_, Some(b)] => b.evidence.verdict(),
        };
        let (sites, pair) = match &pairs {
            [_, Some(pair)] => (versus.b.sites, pair),
            [Some(pair), None] => (versus.a.sites, pair),
            [None, None] => return None,
        };
        let names = [pair.a, pair.b].map(|site| sites[site].name.clone());
        Some(PairChange { names, pairs, change })
    };
    let mut changes: Vec<PairChange> = found.into_values().filter_map(change).collect();
    let metres = |change: &PairChange| change.pairs.iter().flatten().map(|pair| pair.straight_m).fold(f64::INFINITY, f64::min);
    changes.sort_by(|a, b| metres(a).total_cmp(&metres(b)).then_with(|| a.names.cmp(&b.names)));
    changes
}

/// A recommendation of either run.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct MeasureChange {
    pub action: Action,
    /// Identifier of the candidate, station or stop, with its window.
    pub place: String,
    pub name: String,
    /// What it gains (a closure: loses) in A and in B; none in a run that doesn't recommend it.
    pub gains: [Option<Weight>; 2],
}

impl MeasureChange {
    /// `both`, `gone` or `new`.
    pub fn change(&self) -> &'static str {
        match self.gains {
            [Some(_), Some(_)] => "both",
            [Some(_), None] => "gone",
            _ => "new",
        }
    }
}

/// All recommendations of either, by action, station and place. A station is the same whatever its number.
pub(super) fn measures(versus: &Versus<'_>, stations: &[Matched]) -> Vec<MeasureChange> {
    if versus.subject != Subject::Runs {
        return Vec::new();
    }
    let mut found: BTreeMap<(Action, Option<Matched>, String), MeasureChange> = BTreeMap::new();
    for (at, side) in versus.sides().into_iter().enumerate() {
        let findings = side.writer.findings;
        for measure in findings.siting.iter().flat_map(|siting| &siting.recommendations) {
            let window = measure.at.window().map(|window| format!(" {}", hours(window))).unwrap_or_default();
            let place = format!("{}{window}", place_id(findings, measure.at));
            let (station, name) = match measure.at {
                At::Candidate(row) => (None, &findings.dataset.candidates[row].name),
                At::Station(site) => (Some(of_row(stations, at, site.get())), &findings.dataset.sites[site].name),
                At::Stop { stop, .. } => (None, &findings.dataset.stops[stop].name),
            };
            let action = measure.action;
            let gain = if action == Action::Close { measure.loss } else { measure.gain };
            let key = (action, station, if station.is_some() { String::new() } else { place.clone() });
            let change = MeasureChange { action, place, name: name.clone(), gains: [None, None] };
            found.entry(key).or_insert(change).gains[at] = Some(gain);
        }
    }
    found.into_values().collect()
}
