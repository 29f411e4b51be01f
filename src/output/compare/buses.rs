//! Bus windows that moved, are earlier or later, came or went.
//!
//! Windows of a day are matched by stop and time, then by stop where the times overlap, then by bus: where the times overlap,
//! then at all. Which of two alike buses stands at a stop is no difference.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::matching::{Matched, Matching};
use super::{Days, Subject, Versus};
use crate::crs::LonLat;
use crate::output::report::words::clock_span;
use crate::quantity::Weight;

/// A stay of a bus, by what people know it by.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::output) struct Window {
    pub bus: String,
    pub stop_id: String,
    pub stop: String,
    pub from: u16,
    pub to: u16,
    pub served: Weight,
    pub position: LonLat,
}

impl Window {
    /// `10:00-16:00`.
    pub fn hours(&self) -> String {
        clock_span(self.from, self.to)
    }
}

/// What happened to a window.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::output) struct WindowChange {
    pub days: Days,
    /// The date, when it has a plan of its own.
    pub only: Option<NaiveDate>,
    /// The window in A and in B.
    pub windows: [Option<Window>; 2],
    /// One of [`CHANGES`].
    pub change: &'static str,
}

/// All that can be said of a window.
pub(super) const CHANGES: [&str; 7] = ["moved", "earlier", "later", "longer", "shorter", "new", "gone"];

/// Plans of both: the days, the date where it has one, and the row of each run's plan.
pub(super) fn plans(versus: &Versus<'_>) -> Vec<(Days, Option<NaiveDate>, [usize; 2])> {
    if versus.subject == Subject::After {
        return Vec::new();
    }
    let of = |at: usize| &versus.sides()[at].writer.findings.timetable.days;
    let mut plans = Vec::new();
    for &days in &versus.days {
        for (a, plan) in of(0).iter().enumerate().filter(|(_, plan)| plan.kind == days[0]) {
            let same = of(1).iter().position(|other| other.kind == days[1] && other.only == plan.only);
            plans.extend(same.map(|b| (days, plan.only, [a, b])));
        }
    }
    plans
}

/// The windows that changed, by day.
pub(super) fn compare(versus: &Versus<'_>) -> Vec<WindowChange> {
    let mut changes = Vec::new();
    for (days, only, rows) in plans(versus) {
        let windows = [0, 1].map(|at: usize| windows(versus, at, rows[at]));
        for (a, b) in matched(&windows) {
            let windows = [a.map(|row| windows[0][row].clone()), b.map(|row| windows[1][row].clone())];
            if let Some(change) = named(&windows) {
                changes.push(WindowChange { days, only, windows, change });
            }
        }
    }
    changes
}

fn windows(versus: &Versus<'_>, at: usize, plan: usize) -> Vec<Window> {
    let findings = versus.sides()[at].writer.findings;
    let window = |stand: &crate::mobile::BusStand| {
        let stop = &findings.dataset.stops[stand.stop];
        Window {
            bus: findings.fleet.vehicles[stand.vehicle].id.clone(),
            stop_id: stop.id.clone(),
            stop: stop.name.clone(),
            from: stand.from,
            to: stand.to,
            served: stand.served,
            position: stop.position,
        }
    };
    findings.timetable.days[plan].stands.iter().map(window).collect()
}

fn matched(windows: &[Vec<Window>; 2]) -> Vec<Matched> {
    let key = |window: &Window| (window.stop_id.clone(), window.from, window.to, window.bus.clone());
    let [a, b] = [0, 1].map(|at: usize| windows[at].iter().map(key).collect::<Vec<_>>());
    let mut matching = Matching::new(a, b);
    let shift = |a: (u16, u16), b: (u16, u16)| a.0.abs_diff(b.0) + a.1.abs_diff(b.1);
    let overlap = |a: (u16, u16), b: (u16, u16)| a.0 < b.1 && b.0 < a.1;
    matching.pass(|a, b| ((&a.0, a.1, a.2) == (&b.0, b.1, b.2)).then(|| a.3 != b.3));
    matching.pass(|a, b| (a.0 == b.0 && overlap((a.1, a.2), (b.1, b.2))).then(|| shift((a.1, a.2), (b.1, b.2))));
    matching.pass(|a, b| (a.3 == b.3 && overlap((a.1, a.2), (b.1, b.2))).then(|| shift((a.1, a.2), (b.1, b.2))));
    matching.pass(|a, b| (a.3 == b.3).then(|| shift((a.1, a.2), (b.1, b.2))));
    matching.finish()
}

fn named(windows: &[Option<Window>; 2]) -> Option<&'static str> {
    let [a, b] = windows;
    let (Some(a), Some(b)) = (a, b) else { return Some(if a.is_some() { "gone" } else { "new" }) };
    if a.stop_id != b.stop_id {
        return Some("moved");
    }
    match (b.from.cmp(&a.from), b.to.cmp(&a.to)) {
        (std::cmp::Ordering::Equal, std::cmp::Ordering::Equal) => None,
        (std::cmp::Ordering::Less, std::cmp::Ordering::Less) => Some("earlier"),
        (std::cmp::Ordering::Greater, std::cmp::Ordering::Greater) => Some("later"),
        (from, to) if from.is_le() && to.is_ge() => Some("longer"),
        _ => Some("shorter"),
    }
}

/// The buses that stand elsewhere.
pub(super) fn moved(changes: &[WindowChange]) -> usize {
    let buses = changes.iter().filter(|change| change.change == "moved").filter_map(|change| change.windows[1].as_ref());
    buses.map(|window| window.bus.as_str()).collect::<BTreeSet<_>>().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(bus: &str, stop: &str, from: u16, to: u16) -> Window {
        let position = LonLat::new(126.6, 45.7).expect("valid");
        Window { bus: bus.into(), stop_id: stop.into(), stop: stop.into(), from, to, served: Weight::ZERO, position }
    }

    fn changes(a: Vec<Window>, b: Vec<Window>) -> Vec<&'static str> {
        let windows = [a, b];
        let pairs = matched(&windows).into_iter();
        pairs.filter_map(|(a, b)| named(&[a.map(|row| windows[0][row].clone()), b.map(|row| windows[1][row].clone())])).collect()
    }

    #[test]
    fn a_window_is_told_by_stop_and_time_before_it_is_told_by_bus() {
        let day = |windows: &[(&str, &str, u16, u16)]| windows.iter().map(|w| window(w.0, w.1, w.2, w.3)).collect::<Vec<_>>();
        let before = || day(&[("B1", "park", 600, 700), ("B2", "square", 600, 700)]);
        assert!(changes(before(), day(&[("B2", "park", 600, 700), ("B1", "square", 600, 700)])).is_empty(), "alike buses swap");
        assert_eq!(changes(before(), day(&[("B1", "park", 570, 670), ("B2", "station", 610, 700)])), ["earlier", "moved"]);
        assert_eq!(changes(before(), day(&[("B1", "park", 570, 720), ("B3", "station", 610, 700)])), ["longer", "gone", "new"]);
        assert_eq!(changes(day(&[("B1", "park", 570, 720)]), day(&[("B1", "park", 600, 720)])), ["shorter"]);
    }
}
