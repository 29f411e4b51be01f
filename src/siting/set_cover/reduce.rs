//! Exact reductions of a covering program: what can be left out without losing every optimum.
//!
//! Steps, repeated until nothing changes: rows without worth or without coverer go; rows with the same coverers merge (their
//! worths add up); under [`Goal::CoverAll`] a row goes when another one's coverers are among its own, and the only coverer of a
//! row is taken; an option goes when another one covers at least the same rows at no higher price (not where rows count twice:
//! there both may be wanted). References: Beasley 1987; Chen et al. 2023. Complexity: subset tests, each `O(row)`, at most
//! `TESTS` ids compared a round. Deterministic; ties go to the lower index.

use std::collections::HashMap;

use super::lagrange::Fixed;
use super::program::{Goal, Program};
use crate::siting::effort::Reduction;
use crate::siting::problem::Rows;

/// How many ids the subset tests of one pass may compare.
const TESTS: usize = 100_000_000;

/// A smaller program with the same optimum.
#[derive(Debug, Clone)]
pub struct Reduced {
    /// The program that is left.
    pub program: Program,
    /// The original option of each that is left.
    pub options: Vec<u32>,
    /// Original options that some optimum holds.
    pub taken: Vec<u32>,
    /// What the options taken add to the loss.
    pub offset: i64,
    /// What was done.
    pub log: Vec<Reduction>,
}

/// Reduces a program.
pub fn reduce(program: &Program) -> Reduced {
    let options = (0..program.options() as u32).collect();
    let mut reduced = Reduced { program: program.clone(), options, taken: Vec::new(), offset: 0, log: Vec::new() };
    reduced.repeat();
    reduced
}

impl Reduced {
    /// All reductions until nothing changes.
    fn repeat(&mut self) {
        loop {
            let before = (self.program.rows(), self.program.options());
            self.drop_empty_rows();
            self.merge_rows();
            if self.program.goal == Goal::CoverAll {
                let keep = rows_not_implied(&self.program);
                self.keep_rows("implied_rows", &keep);
                self.take_only_coverers();
            }
            let keep = if self.program.second.iter().all(|&second| second == 0) || self.program.minimises() {
                options_not_dominated(&self.program)
            } else {
                self.program.covers.iter().map(|rows| !rows.is_empty()).collect()
            };
            self.keep_options("dominated_options", &keep);
            if (self.program.rows(), self.program.options()) == before {
                return;
            }
        }
    }

    /// Carries out decisions about options, and reduces what is left.
    pub fn settle(&mut self, fixed: &[Fixed]) {
        let taken: Vec<u32> = (0..fixed.len() as u32).filter(|&option| fixed[option as usize] == Fixed::In).collect();
        self.take_options("fixed_rows", &taken);
        let left: Vec<Fixed> = fixed.iter().copied().filter(|&state| state != Fixed::In).collect();
        let keep: Vec<bool> = left.iter().map(|&state| state == Fixed::Free).collect();
        self.keep_options("fixed_options", &keep);
        self.repeat();
    }

    /// Takes options: their rows are covered once by them, their price is paid.
    fn take_options(&mut self, name: &'static str, taken: &[u32]) {
        let price = self.program.price(taken);
        self.taken.extend(taken.iter().map(|&option| self.options[option as usize]));
        for &option in taken {
            let rows = self.program.covers.row(option as usize).to_vec();
            if self.program.goal == Goal::CoverAll {
                continue;
            }
            let (gained, _) = self.program.cover(rows);
            if self.program.goal == Goal::Most {
                self.offset -= gained as i64;
            }
        }
        if self.program.minimises() {
            self.offset += price as i64;
        } else {
            self.program.at_most = self.program.at_most.saturating_sub(taken.len());
            self.program.budget = if self.program.budget == u64::MAX { u64::MAX } else { self.program.budget - price };
        }
        if self.program.goal == Goal::CoverAll {
            let rows: Vec<u32> =
                taken.iter().flat_map(|&option| self.program.covers.row(option as usize).iter().copied()).collect();
            let (_, keep) = self.program.cover(rows);
            self.keep_rows(name, &keep);
        }
        let mut keep = vec![true; self.program.options()];
        taken.iter().for_each(|&option| keep[option as usize] = false);
        self.keep_options("taken_options", &keep);
    }

    /// An answer to the program that is left, as an answer to the original one, ascending.
    pub fn original(&self, chosen: &[u32]) -> Vec<u32> {
        let kept = chosen.iter().map(|&option| self.options[option as usize]);
        let mut all: Vec<u32> = kept.chain(self.taken.iter().copied()).collect();
        all.sort_unstable();
        all
    }

    fn note(&mut self, name: &'static str, counts: &'static str, before: usize, after: usize) {
        if before == after {
            return;
        }
        match self.log.iter_mut().find(|entry| entry.name == name) {
            Some(entry) => entry.after -= (before - after) as u64,
            None => self.log.push(Reduction { name, counts, before: before as u64, after: after as u64 }),
        }
    }

    fn keep_rows(&mut self, name: &'static str, keep: &[bool]) {
        let before = self.program.rows();
        if keep.iter().any(|keep| !keep) {
            self.program = self.program.part(keep, &vec![true; self.program.options()]);
        }
        self.note(name, "elements", before, self.program.rows());
    }

    /// Keeps some options only.
    pub fn keep_options(&mut self, name: &'static str, keep: &[bool]) {
        let before = self.program.options();
        if keep.iter().any(|keep| !keep) {
            self.program = self.program.part(&vec![true; self.program.rows()], keep);
            let mut kept = keep.iter();
            self.options.retain(|_| *kept.next().expect("invariant: one flag an option"));
        }
        self.note(name, "options", before, self.program.options());
    }

    fn drop_empty_rows(&mut self) {
        if self.program.goal != Goal::CoverAll {
            let program = &self.program;
            let keep: Vec<bool> =
                (0..program.rows()).map(|row| program.first[row] > 0 && !program.coverers.row(row).is_empty()).collect();
            self.keep_rows("worthless_rows", &keep);
        }
    }

    fn merge_rows(&mut self) {
        let program = &self.program;
        let (mut same, mut keep) = (HashMap::with_capacity(program.rows()), vec![true; program.rows()]);
        let (mut first, mut second) = (program.first.clone(), program.second.clone());
        for (row, coverers) in program.coverers.iter().enumerate() {
            let kept = *same.entry(coverers).or_insert(row);
            if kept != row {
                keep[row] = false;
                (first[kept], second[kept]) = (first[kept] + first[row], second[kept] + second[row]);
            }
        }
        (self.program.first, self.program.second) = (first, second);
        self.keep_rows("identical_coverage", &keep);
    }

    fn take_only_coverers(&mut self) {
        let mut only: Vec<u32> = self.program.coverers.iter().filter(|row| row.len() == 1).map(|row| row[0]).collect();
        only.sort_unstable();
        only.dedup();
        if only.is_empty() {
            return;
        }
        self.take_options("essential_rows", &only);
    }
}

/// For each row whether it has to be asked for: no other row's coverers are among its own.
fn rows_not_implied(program: &Program) -> Vec<bool> {
    let free = |_: usize, _: usize| true;
    not_containing(&program.coverers, &program.covers, free, false)
}

/// For each option whether no other one covers the same and more at no higher price.
fn options_not_dominated(program: &Program) -> Vec<bool> {
    let prices = &program.prices;
    not_containing(&program.covers, &program.coverers, |small, large| prices[large] <= prices[small], true)
}

/// Compares lists with one another and drops one of each pair where `small ⊆ large` and `may(small, large)`: the small one when
/// `drop_small`, the large one otherwise; of equal ones that may go either way the one with the higher index goes.
/// `across` holds, for each id, the lists it is in.
fn not_containing(lists: &Rows, across: &Rows, may: impl Fn(usize, usize) -> bool, drop_small: bool) -> Vec<bool> {
    let mut keep = vec![true; lists.len()];
    let mut tests = 0;
    for (small, ids) in lists.iter().enumerate() {
        let Some(&rarest) = ids.iter().min_by_key(|&&id| across.row(id as usize).len()) else {
            keep[small] = !drop_small;
            continue;
        };
        if !keep[small] {
            continue;
        }
        for &large in across.row(rarest as usize) {
            let large = large as usize;
            let other = lists.row(large);
            if large == small || !keep[large] || other.len() < ids.len() || !may(small, large) {
                continue;
            }
            let stays_lower =
                other.len() == ids.len() && may(large, small) && (if drop_small { small < large } else { large < small });
            tests += 1;
            if stays_lower || !is_subset(ids, other, &mut tests) {
                continue;
            }
            if drop_small {
                keep[small] = false;
                break;
            }
            keep[large] = false;
        }
        if tests > TESTS {
            break;
        }
    }
    keep
}

/// Whether all of `small` is in `large`, both ascending.
fn is_subset(small: &[u32], large: &[u32], compared: &mut usize) -> bool {
    let mut at = 0;
    for &id in small {
        while at < large.len() && large[at] < id {
            at += 1;
        }
        if large.get(at) != Some(&id) {
            *compared += at;
            return false;
        }
        at += 1;
    }
    *compared += at;
    true
}
