//! Gaps that went, came, grew or shrank.
//!
//! Place gaps are matched by the cells they share, then by the nearest centre within the radius of the day. A gap that has no partner
//! but shares cells with one that has is a part of it: `split` in B, `joined` in A. A service gap stays the same while
//! station and cause do.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::cells::{Lattice, lattice};
use super::matching::{Matched, Matching, of_row};
use super::{Days, Side, Subject, Versus, difference};
use crate::gap::{Gap, GapCause, find_gaps};
use crate::quantity::Weight;

/// What happened to a gap.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::output) struct GapChange {
    pub days: Days,
    /// The gap in A and in B.
    pub gaps: [Option<Gap>; 2],
    /// `gone`, `joined`, `new`, `split`, `grown` or `shrunk`.
    pub change: &'static str,
}

impl GapChange {
    /// Visits of both.
    pub fn visits(&self) -> [Weight; 2] {
        [0, 1].map(|at: usize| self.gaps[at].as_ref().map_or(Weight::ZERO, |gap| gap.severity))
    }

    /// The gap to show: that of B, where it is still there.
    pub fn shown(&self) -> Option<(usize, &Gap)> {
        [1, 0].into_iter().find_map(|at| self.gaps[at].as_ref().map(|gap| (at, gap)))
    }
}

/// A change that no figure shows, in thousandths of a visit, is none.
const SAME_MILLI: u64 = 50;

/// All that can be said of a gap.
pub(super) const CHANGES: [&str; 6] = ["gone", "new", "grown", "shrunk", "joined", "split"];

/// The days on which both look for gaps, the one that is told first; two seasons are compared on every type of day.
pub(super) fn days(versus: &Versus<'_>) -> Vec<Days> {
    let studied = |days: &&Days| {
        let looks = |at: usize| versus.sides()[at].writer.scenario.days.contains(&days[at]);
        versus.subject == Subject::Seasons || (looks(0) && looks(1))
    };
    let mut days: Vec<Days> = versus.days.iter().filter(studied).copied().collect();
    days.sort_by_key(|days| *days != versus.day);
    days
}

/// All gaps of a day, in number and visits.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct DayTotal {
    pub days: Days,
    pub count: [usize; 2],
    pub visits: [Weight; 2],
}

/// The gaps that changed, by day, then by size; and how many there are.
pub(super) fn compare(versus: &Versus<'_>, stations: &[Matched]) -> (Vec<GapChange>, Vec<DayTotal>) {
    let (mut changes, mut totals) = (Vec::new(), Vec::new());
    for days in days(versus) {
        let found = [0, 1].map(|at: usize| {
            let side = versus.sides()[at];
            let scenario = side.writer.scenario;
            find_gaps(&side.network(), &side.writer.findings.cube, &scenario.standard, &scenario.file.gaps, days[at])
        });
        let visits = [0, 1].map(|at: usize| found[at].iter().map(|gap| gap.severity).sum());
        totals.push(DayTotal { days, count: [found[0].len(), found[1].len()], visits });
        changes.extend(of_day(versus, stations, days, &found));
    }
    (changes, totals)
}

/// What tells gaps apart: the station (its number in A where it has one) and cause of a service gap, the cells of a place gap.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    station: Option<(Matched, GapCause)>,
    cells: BTreeSet<Lattice>,
    mm: (i64, i64),
}

impl Key {
    fn new(gap: &Gap, side: &Side<'_>, station: impl Fn(usize) -> Matched) -> Self {
        let grid = &side.writer.findings.dataset.area.grid;
        let mm = |metres: f64| (metres * 1000.0).round() as i64;
        Self {
            station: gap.station.map(|site| (station(site.get()), gap.cause)),
            cells: gap.grid_cells.iter().map(|&cell| lattice(grid, cell)).collect(),
            mm: (mm(gap.centre.x), mm(gap.centre.y)),
        }
    }

    fn shared(&self, other: &Self) -> usize {
        if self.station.is_some() || other.station.is_some() { 0 } else { self.cells.intersection(&other.cells).count() }
    }

    fn apart_mm(&self, other: &Self) -> i64 {
        let [x, y] = [self.mm.0 - other.mm.0, self.mm.1 - other.mm.1].map(|mm| mm as f64);
        x.hypot(y).round() as i64
    }
}

fn of_day(versus: &Versus<'_>, stations: &[Matched], days: Days, found: &[Vec<Gap>; 2]) -> Vec<GapChange> {
    let keys = [0, 1].map(|at: usize| -> Vec<Key> {
        let station = |row: usize| of_row(stations, at, row);
        found[at].iter().map(|gap| Key::new(gap, versus.sides()[at], station)).collect()
    });
    let limits = [0, 1].map(|at: usize| versus.sides()[at].writer.scenario.standard.limit(days[at].season).metres());
    let within = (limits[0].min(limits[1]) * 1000.0).round() as i64;
    let mut matching = Matching::new(keys[0].clone(), keys[1].clone());
    matching.pass(|a, b| (a.station.is_some() && a.station == b.station).then_some(()));
    matching.pass(|a, b| Some(Reverse(a.shared(b))).filter(|shared| shared.0 > 0));
    let touches = |at: usize, row: usize| keys[1 - at].iter().any(|other| keys[at][row].shared(other) > 0);
    matching.pass(|a, b| {
        let alone = a.station.is_none() && b.station.is_none();
        Some(a.apart_mm(b)).filter(|mm| alone && *mm <= within)
    });
    let change = |(a, b): Matched| -> Option<GapChange> {
        let gaps = [a.map(|row| found[0][row].clone()), b.map(|row| found[1][row].clone())];
        let mut changed = GapChange { days, gaps, change: "" };
        changed.change = match (a, b) {
            (Some(_), Some(_)) => match difference(changed.visits()) {
                small if small.unsigned_abs() < SAME_MILLI => return None,
                more if more > 0 => "grown",
                _ => "shrunk",
            },
            (Some(a), None) if touches(0, a) => "joined",
            (Some(_), None) => "gone",
            (None, Some(b)) if touches(1, b) => "split",
            _ => "new",
        };
        Some(changed)
    };
    let mut changes: Vec<GapChange> = matching.finish().into_iter().filter_map(change).collect();
    changes.sort_by_key(|change| Reverse(difference(change.visits()).abs()));
    changes
}
