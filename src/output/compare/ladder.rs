//! The ladders of both states, row against row: standard, day, slot, unit, area, group.

use std::collections::BTreeMap;

use super::{Days, Versus};
use crate::calendar::Slot;
use crate::coverage::{RUNG_IDS, RUNGS, Steps};
use crate::findings::StandardLadder;
use crate::quantity::Weight;

/// What a row of a ladder measures: demand, then the rungs, called as the columns of `coverage.csv`.
pub(super) const MEASURES: usize = RUNGS + 1;

/// Name of a measure.
pub(super) fn measure_id(measure: usize) -> String {
    measure.checked_sub(1).map_or_else(|| "demand".to_owned(), |rung| format!("visits_{}", RUNG_IDS[rung]))
}

/// A measure of both states.
pub(super) fn measured(steps: &[Steps; 2], measure: usize) -> [Weight; 2] {
    [0, 1].map(|at: usize| measure.checked_sub(1).map_or(steps[at].demand, |rung| steps[at].covered[rung]))
}

/// A row of both ladders.
#[derive(Debug)]
pub(super) struct Row<'a> {
    /// Row of [`Ladders::standards`].
    pub standard: usize,
    pub days: Days,
    pub slot: Slot,
    /// Planning unit; empty where there is none.
    pub unit: &'a str,
    pub in_area: bool,
    pub group: &'a str,
    pub steps: [Steps; 2],
}

/// Ladders of both states.
#[derive(Debug)]
pub(super) struct Ladders<'a> {
    /// The standards: A's own against B's own first, then those that both have.
    pub standards: Vec<[&'a StandardLadder; 2]>,
    /// Rows that either has, in the order of their fields.
    pub rows: Vec<Row<'a>>,
}

impl Ladders<'_> {
    /// Names of a pair of standards: one when they have the same.
    pub fn standard(&self, row: usize) -> String {
        let [a, b] = self.standards[row].map(|ladder| ladder.standard.id.as_str());
        if a == b { a.to_owned() } else { format!("{a} > {b}") }
    }

    /// The account of all rows that `keep` accepts.
    pub fn sum(&self, keep: impl Fn(&Row<'_>) -> bool) -> [Steps; 2] {
        let mut total = [Steps::default(); 2];
        for row in self.rows.iter().filter(|row| keep(row)) {
            total.iter_mut().zip(&row.steps).for_each(|(total, steps)| total.add(steps));
        }
        total
    }
}

/// Standard, days, part of the day, unit, whether it is outside the own area, group.
type Key<'a> = (usize, usize, Slot, &'a str, bool, &'a str);

/// The ladders of the days that are compared.
pub(super) fn compare<'a>(versus: &Versus<'a>) -> Ladders<'a> {
    let standards = standards(versus.a.ladders, versus.b.ladders);
    let mut sums: BTreeMap<Key<'a>, [Steps; 2]> = BTreeMap::new();
    for (standard, pair) in standards.iter().enumerate() {
        for (at, side) in versus.sides().into_iter().enumerate() {
            let findings = side.writer.findings;
            for row in &pair[at].ladder.rows {
                let Some(day) = versus.days.iter().position(|days| days[at] == row.day) else { continue };
                let unit = row.unit.map_or("", |unit| findings.dataset.area.units[unit.get()].name.as_str());
                let group = findings.cube.groups()[row.group.get()].as_str();
                sums.entry((standard, day, row.slot, unit, !row.in_area, group)).or_default()[at].add(&row.steps);
            }
        }
    }
    let rows = sums.into_iter().map(|((standard, day, slot, unit, outside, group), steps)| {
        let days = versus.days[day];
        Row { standard, days, slot, unit, in_area: !outside, group, steps }
    });
    Ladders { rows: rows.collect(), standards }
}

fn standards<'a>(a: &'a [StandardLadder], b: &'a [StandardLadder]) -> Vec<[&'a StandardLadder; 2]> {
    let mut pairs = vec![[&a[0], &b[0]]];
    for (i, one) in a.iter().enumerate() {
        let same = b.iter().enumerate().filter(|(j, other)| (i, *j) != (0, 0) && other.standard.id == one.standard.id);
        pairs.extend(same.map(|(_, other)| [one, other]));
    }
    pairs
}
