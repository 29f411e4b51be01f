//! Stations that opened, closed, were merged, moved, or changed.
//!
//! Two rows are the same station by number and name, by number and place, by name and place, or by a name that is unique on both
//! sides, in this order. A number alone is no proof: a ledger without numbers is numbered by its rows.

use std::collections::BTreeMap;

use super::matching::{Matched, Matching};
use super::{Days, Subject, Versus};
use crate::calendar::DayKind;
use crate::crs::Planar;
use crate::domain::site::Site;
use crate::id::SiteIdx;
use crate::output::report::words::clock_span;

/// Rows this near may be one place, in metres.
const SAME_PLACE_M: f64 = 100.0;
/// A shorter way is a better measurement, not a move, in metres.
const MOVED_M: f64 = 10.0;

/// What happened to a station.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::output) struct StationChange {
    /// Row among the sites of A and of B.
    pub rows: Matched,
    /// Names of what changed, in the order of [`CHANGES`].
    pub changes: Vec<&'static str>,
    /// How far it moved, in metres.
    pub moved_m: Option<f64>,
    /// Of a station that was merged: row in B of the one that stays.
    pub into: Option<usize>,
    /// The days whose opening hours tell most: those of the comparison, unless the hours differ on others only.
    pub days: Days,
}

/// All that can be said of a station.
pub(super) const CHANGES: [&str; 8] = ["opened", "closed", "merged", "moved", "hours", "kind", "capacity", "services"];

/// Which site of A is which of B.
pub(super) fn matched(versus: &Versus<'_>) -> Vec<Matched> {
    if versus.subject == Subject::Seasons {
        return (0..versus.a.sites.len()).map(|row| (Some(row), Some(row))).collect();
    }
    same_places(versus.a.sites.rows(), versus.b.sites.rows())
}

fn same_places(a: &[Site], b: &[Site]) -> Vec<Matched> {
    let keys = [a, b].map(|sites| sites.iter().map(Key::new).collect::<Vec<_>>());
    let [unique_a, unique_b] = [&keys[0], &keys[1]].map(|keys| {
        let mut times: BTreeMap<&str, usize> = BTreeMap::new();
        keys.iter().for_each(|key| *times.entry(key.name).or_default() += 1);
        times
    });
    let unique: Vec<&str> =
        unique_a.iter().filter(|(name, n)| **n == 1 && unique_b.get(*name) == Some(&1)).map(|(name, _)| *name).collect();
    let near = |a: &Key<'_>, b: &Key<'_>| a.apart(b) <= to_mm(SAME_PLACE_M);
    let [a, b] = keys;
    let mut matching = Matching::new(a, b);
    matching.pass(|a, b| (a.id == b.id && a.name == b.name).then(|| a.apart(b)));
    matching.pass(|a, b| (a.id == b.id && near(a, b)).then(|| a.apart(b)));
    matching.pass(|a, b| (a.name == b.name && near(a, b)).then(|| a.apart(b)));
    matching.pass(|a, b| (a.name == b.name && unique.binary_search(&a.name).is_ok()).then(|| a.apart(b)));
    matching.finish()
}

/// What tells stations apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key<'a> {
    id: &'a str,
    name: &'a str,
    mm: (i64, i64),
}

fn to_mm(metres: f64) -> u64 {
    (metres * 1000.0).round() as u64
}

impl<'a> Key<'a> {
    fn new(site: &'a Site) -> Self {
        let mm = |metres: f64| (metres * 1000.0).round() as i64;
        Self { id: &site.id, name: &site.name, mm: (mm(site.planar.x), mm(site.planar.y)) }
    }

    /// Whole millimetres.
    fn apart(&self, other: &Self) -> u64 {
        let at = |(x, y): (i64, i64)| Planar { x: x as f64, y: y as f64 };
        at(self.mm).distance(at(other.mm)).round() as u64
    }
}

/// The stations that changed, in the order of A, then those that are new.
pub(super) fn compare(versus: &Versus<'_>, matched: &[Matched]) -> Vec<StationChange> {
    let change = |&rows: &Matched| {
        let (changes, moved_m, into) = match rows {
            (Some(a), Some(b)) => {
                let (a, b) = (&versus.a.sites.rows()[a], &versus.b.sites.rows()[b]);
                let moved = Some(a.planar.distance(b.planar)).filter(|metres| *metres >= MOVED_M);
                (differing(a, b, &versus.days, moved.is_some()), moved, None)
            }
            (Some(a), None) => {
                let into = keeps(versus, matched, SiteIdx::from_usize(a));
                (vec![if into.is_some() { "merged" } else { "closed" }], None, into)
            }
            _ => (vec!["opened"], None, None),
        };
        StationChange { rows, changes, moved_m, into, days: telling(versus, rows) }
    };
    matched.iter().map(change).filter(|change| !change.changes.is_empty()).collect()
}

/// The days of the comparison, or the first on which the hours differ where they don't on those.
fn telling(versus: &Versus<'_>, rows: Matched) -> Days {
    let (Some(a), Some(b)) = rows else { return versus.day };
    let (a, b) = (&versus.a.sites.rows()[a], &versus.b.sites.rows()[b]);
    let differ = |days: &&Days| a.hours.spans(days[0]) != b.hours.spans(days[1]);
    std::iter::once(&versus.day).chain(&versus.days).find(differ).copied().unwrap_or(versus.day)
}

fn differing(a: &Site, b: &Site, days: &[Days], moved: bool) -> Vec<&'static str> {
    let hours = days.iter().any(|[of_a, of_b]| a.hours.spans(*of_a) != b.hours.spans(*of_b));
    let services = a.service_types != b.service_types || a.equipment != b.equipment;
    let all = [
        ("moved", moved),
        ("hours", hours),
        ("kind", a.kind != b.kind),
        ("capacity", a.capacity_per_hour != b.capacity_per_hour),
        ("services", services),
    ];
    all.into_iter().filter(|(_, holds)| *holds).map(|(name, _)| name).collect()
}

/// Of a station that B lacks: the nearest of A's redundant pairs whose other station B still has.
fn keeps(versus: &Versus<'_>, matched: &[Matched], gone: SiteIdx) -> Option<usize> {
    if versus.subject != Subject::Runs {
        return None;
    }
    let pairs = versus.a.writer.findings.overlaps.iter().filter(|pair| pair.evidence.redundant());
    let others = pairs.filter_map(|pair| {
        let other = if pair.a == gone { pair.b } else { pair.a };
        [pair.a, pair.b].contains(&gone).then_some((pair.straight_m, other))
    });
    let stays = others.filter_map(|(metres, other)| {
        let (_, b) = matched.iter().find(|(a, _)| *a == Some(other.get()))?;
        Some((metres, (*b)?))
    });
    stays.min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1))).map(|(_, b)| b)
}

/// Opening hours of a day: `08:30-17:00`; empty when closed.
pub(super) fn hours(site: &Site, day: DayKind) -> String {
    let span = |span: &crate::calendar::Span| {
        let (from, to) = span.minutes();
        clock_span(from, to)
    };
    site.hours.spans(day).iter().map(span).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::Hours;
    use crate::crs::LonLat;
    use crate::domain::site::StationKind;

    fn site(id: &str, name: &str, x: f64) -> Site {
        Site {
            id: id.into(),
            name: name.into(),
            kind: StationKind::Fixed,
            position: LonLat::new(126.6, 45.7).expect("valid"),
            planar: Planar { x, y: 0.0 },
            hours: Hours::always(),
            capacity_per_hour: None,
            service_types: Vec::new(),
            equipment: Vec::new(),
        }
    }

    #[test]
    fn a_row_that_is_put_in_front_renumbers_a_ledger_without_numbers_but_nothing_else() {
        let a = [site("R002", "east", 0.0), site("R003", "west", 5000.0), site("R004", "park", 9000.0)];
        let b =
            [site("R002", "new", 2000.0), site("R003", "east", 3.0), site("R004", "west", 5000.0), site("R005", "park", 9000.0)];
        let pairs = [(Some(0), Some(1)), (Some(1), Some(2)), (Some(2), Some(3)), (None, Some(0))];
        assert_eq!(same_places(&a, &b), pairs);
    }

    #[test]
    fn a_renamed_station_is_known_by_number_and_place_and_a_moved_one_by_its_name() {
        let a = [site("1", "old name", 0.0), site("2", "moves", 1000.0), site("3", "same number", 8000.0)];
        let b = [site("1", "new name", 20.0), site("9", "moves", 4000.0), site("3", "another", 20000.0)];
        assert_eq!(same_places(&a, &b), [(Some(0), Some(0)), (Some(1), Some(1)), (Some(2), None), (None, Some(2))]);
    }

    #[test]
    fn a_name_that_many_have_proves_nothing() {
        let a = [site("1", "rest station", 0.0), site("2", "rest station", 9000.0)];
        let b = [site("3", "rest station", 4000.0), site("4", "rest station", 9010.0)];
        assert_eq!(same_places(&a, &b), [(Some(0), None), (Some(1), Some(1)), (None, Some(0))]);
    }
}
