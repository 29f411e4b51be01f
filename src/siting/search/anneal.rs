//! Simulated annealing over single swaps (Murray & Church 1996, doi 10.1007/BF00226292).
//!
//! Input: a kernel, a feasible start, a length, and the options that may stand in for each ([`StandIns`]); output: a swap optimum that
//! keeps the rules. A proposal closes a random chosen option and opens one of its stand-ins; now and then any that covers something
//! uncovered. It is accepted when it gains, or by chance `exp(change ÷ temperature)`; the temperature falls by the same factor with
//! each proposal, on a scale that proposals near a swap optimum give. A proposal looks at what its option covers, and needs no tables
//! of the options that are closed: many proposals fit in the time of one best swap. When not to use it: where single swaps rarely
//! keep the rules.
//! Deterministic: may be cut into slices anywhere.

use std::cmp::Reverse;
use std::hint::select_unpredictable;

use super::Kernel;
use super::interchange::descend;
use super::state::State;
use crate::random::Random;

/// Temperatures at the start and at the end, as shares of what losing proposals lose where few gain: of the least of every ten.
const HOT: f64 = 0.3;
const COLD: f64 = 0.04;
/// Proposals for each chosen option that lead to where few gain, and those then looked at.
const QUENCH: u64 = 400;
const SAMPLE: usize = 1_000;
/// Share of the proposals that open an option to cover something uncovered.
const FAR: f64 = 0.15;
/// Elements drawn for that at most, until one is uncovered.
const DRAWS: usize = 8;
/// A look at so many pairs costs what a search does for one …
const LOOKS: u64 = 3;
/// … and a proposal, beside that, what it does for so many.
const PROPOSAL: u64 = 8;
/// Proposals at one temperature.
const STEP: u64 = 256;
/// The logarithm of a random number but zero is above this (the least is 2⁻⁵³).
const LEAST: f64 = -36.8;
/// Covered by none, or by more than one.
const NONE: u32 = u32::MAX;
const SEVERAL: u32 = u32::MAX - 1;
/// Stand-ins of an option at least.
const LEAST_STAND_INS: usize = 8;

/// For each option the allowed ones that cover most of what it covers, found when first asked for: as many as cover an element on
/// average.
#[derive(Debug, Clone)]
pub(super) struct StandIns<'k> {
    kernel: &'k Kernel<'k>,
    allowed: Vec<bool>,
    number: usize,
    lists: Vec<Option<Box<[u32]>>>,
    /// Scratch: weight shared with each option.
    shared: Vec<u64>,
}

impl<'k> StandIns<'k> {
    /// None found yet.
    pub(super) fn new(kernel: &'k Kernel<'k>, allowed: &[bool]) -> Self {
        let pairs: usize = (0..allowed.len()).filter(|&option| allowed[option]).map(|option| kernel.covers(option).len()).sum();
        let number = pairs.div_ceil(kernel.weights.len().max(1)).max(LEAST_STAND_INS);
        Self { kernel, allowed: allowed.to_vec(), number, lists: vec![None; allowed.len()], shared: vec![0; allowed.len()] }
    }

    /// The options that may be brought in.
    pub(super) fn allowed(&self) -> &[bool] {
        &self.allowed
    }

    fn of(&mut self, option: u32, work: &mut u64) -> &[u32] {
        let (kernel, allowed, shared, number) = (self.kernel, &self.allowed, &mut self.shared, self.number);
        self.lists[option as usize].get_or_insert_with(|| {
            let mut others = Vec::new();
            for &e in kernel.covers(option as usize) {
                let row = kernel.coverers.row(e as usize);
                *work += row.len() as u64;
                for &other in row.iter().filter(|&&other| allowed[other as usize] && other != option) {
                    if shared[other as usize] == 0 {
                        others.push(other);
                    }
                    shared[other as usize] += kernel.weights[e as usize].max(1);
                }
            }
            let mut others: Vec<_> =
                others.into_iter().map(|other| (Reverse(std::mem::take(&mut shared[other as usize])), other)).collect();
            others.sort_unstable();
            others.truncate(number);
            others.into_iter().map(|(_, other)| other).collect()
        })
    }
}

/// What a proposal asks of an element, in 8 bytes: proposals wait for memory.
#[derive(Debug, Clone, Copy)]
#[repr(align(8))]
struct Element {
    /// The only option that covers it, or that there is none or several.
    owner: u32,
    weight: u32,
}

/// An annealing that can be run in slices.
#[derive(Debug, Clone)]
pub(super) struct Anneal<'k> {
    state: State<'k>,
    random: Random,
    elements: Vec<Element>,
    /// How far weights are shifted to the right to fit an [`Element`].
    shift: u32,
    /// What HOT and COLD are shares of; found after the quench.
    scale: Option<f64>,
    /// Proposals of the quench, those to make after it, and those made.
    quench: u64,
    length: u64,
    made: u64,
    work: u64,
    /// The best choice so far, options ascending, and what it covers.
    best: (u64, Vec<u32>),
}

impl<'k> Anneal<'k> {
    /// An annealing from `start`, a choice that keeps the rules.
    pub(super) fn new(kernel: &'k Kernel<'k>, start: &[u32], seed: u64, length: u64) -> Self {
        let mut state = State::bare(kernel);
        state.turn_into(start);
        let most = kernel.weights.iter().max().map_or(0, |most| u64::BITS - most.leading_zeros());
        let shift = most.saturating_sub(u32::BITS);
        let element = |(e, weight): (u32, &u64)| Element { owner: owner(&state, e), weight: (weight >> shift) as u32 };
        let elements = (0..).zip(&kernel.weights).map(element).collect();
        let best = (state.objective(), state.sorted());
        let quench = QUENCH * start.len() as u64;
        Self { state, random: Random::new(seed), elements, shift, scale: None, quench, length, made: 0, work: 0, best }
    }

    /// The best choice so far, options ascending, and what it covers in thousandths.
    pub(super) fn best(&self) -> &(u64, Vec<u32>) {
        &self.best
    }

    /// Quenches, then anneals, until about `work` more pairs are looked at, it is cold, or `stop` says so; when it is cold it descends
    /// to a swap optimum. Returns the pairs used, and whether it is over.
    pub(super) fn run(&mut self, stand_ins: &mut StandIns<'k>, work: u64, stop: &dyn Fn() -> bool) -> (u64, bool) {
        let before = self.work;
        let has_choice = !self.state.chosen().is_empty() && !self.state.kernel.weights.is_empty();
        while self.made < self.quench + self.length && self.work - before < work && has_choice {
            if stop() {
                return (self.work - before, false);
            }
            let temperature = if self.made < self.quench { 0.0 } else { self.temperature(stand_ins) };
            (0..STEP).for_each(|_| self.propose(stand_ins, temperature));
            self.made += STEP;
        }
        let is_over = self.made >= self.quench + self.length || !has_choice;
        if is_over {
            self.settle(&stand_ins.allowed, stop);
        }
        (self.work - before, is_over)
    }

    /// The temperature after the quench.
    fn temperature(&mut self, stand_ins: &mut StandIns<'k>) -> f64 {
        let scale = self.scale.unwrap_or_else(|| self.usual_loss(stand_ins));
        self.scale = Some(scale);
        scale * HOT * (COLD / HOT).powf((self.made - self.quench) as f64 / self.length as f64)
    }

    /// What losing proposals lose from here: the least of every ten; nothing where none loses.
    fn usual_loss(&mut self, stand_ins: &mut StandIns<'k>) -> f64 {
        let proposals = (0..SAMPLE).filter_map(|_| self.proposal(stand_ins));
        let mut losses: Vec<f64> = proposals.map(|(_, _, change)| -change).filter(|&loss| loss > 0.0).collect();
        losses.sort_unstable_by(f64::total_cmp);
        losses.get(losses.len() / 10).copied().unwrap_or(0.0)
    }

    /// What may enter, what leaves for it, and what the objective gains.
    fn proposal(&mut self, stand_ins: &mut StandIns<'k>) -> Option<(u32, u32, f64)> {
        self.work += PROPOSAL;
        let leaves = *self.random.pick(self.state.chosen()).expect("invariant: something is open");
        let entrant = if self.random.unit() < FAR {
            self.remedy().filter(|&enters| stand_ins.allowed[enters as usize])
        } else {
            self.random.pick(stand_ins.of(leaves, &mut self.work)).copied()
        };
        let enters = entrant.filter(|&enters| !self.state.is_chosen(enters))?;
        self.work += self.state.kernel.covers(enters as usize).len() as u64 / LOOKS;
        let change = self.gain_without(enters, leaves) as f64 - self.state.loss(leaves) as f64;
        Some((enters, leaves, change))
    }

    /// One proposal, accepted or not.
    fn propose(&mut self, stand_ins: &mut StandIns<'k>, temperature: f64) {
        let Some((enters, leaves, change)) = self.proposal(stand_ins) else { return };
        let is_poor = change < temperature * LEAST || change < temperature * self.random.unit().ln();
        if is_poor || !self.state.may_swap(enters, leaves) {
            return;
        }
        if change < 0.0 {
            self.note();
        }
        self.swap(enters, leaves);
    }

    /// An option that covers something uncovered.
    fn remedy(&mut self) -> Option<u32> {
        let mut draws = (0..DRAWS).map(|_| self.random.below(self.elements.len()));
        let uncovered = draws.find(|&element| self.elements[element].owner == NONE)?;
        self.random.pick(self.state.kernel.coverers.row(uncovered)).copied()
    }

    /// Weight that an option would add if `leaves` were closed.
    fn gain_without(&self, option: u32, leaves: u32) -> u64 {
        let adds = |&e: &u32| {
            let Element { owner, weight } = self.elements[e as usize];
            // Without a branch, half of which would be foreseen wrongly: 1.6 times as fast.
            u64::from(select_unpredictable((owner == NONE) | (owner == leaves), weight, 0))
        };
        self.state.kernel.covers(option as usize).iter().map(adds).sum::<u64>() << self.shift
    }

    fn swap(&mut self, enters: u32, leaves: u32) {
        self.state.drop(leaves);
        self.state.add(enters);
        for option in [enters, leaves] {
            let covers = self.state.kernel.covers(option as usize);
            covers.iter().for_each(|&e| self.elements[e as usize].owner = owner(&self.state, e));
            self.work += covers.len() as u64;
        }
    }

    /// Keeps the present choice when it is the best.
    fn note(&mut self) {
        if self.state.objective() > self.best.0 {
            self.best = (self.state.objective(), self.state.sorted());
        }
    }

    /// From the best choice to a swap optimum.
    fn settle(&mut self, allowed: &[bool], stop: &dyn Fn() -> bool) {
        self.note();
        let mut full = State::new(self.state.kernel);
        full.restrict(allowed);
        full.turn_into(&self.best.1);
        descend(&mut full, stop);
        self.work += full.work;
        self.best = (full.objective(), full.sorted());
    }
}

/// Which option alone covers an element.
fn owner(state: &State<'_>, element: u32) -> u32 {
    match state.coverage(element) {
        (0, _) => NONE,
        (1, sole) => sole,
        _ => SEVERAL,
    }
}
