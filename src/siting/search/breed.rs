//! A population of good choices that differ, and the best of what two or three of them open together.
//!
//! Input: a kernel and a seed; output: choices, each better than the one before. Steps of a generation: a fresh search from a
//! scattered start, without hearing of the others, or from between two members; its best is *mated* with each member of the
//! population: the best choice among what either opens is found exactly by a small program ([`window::improve`]; Aggarwal, Orlin &
//! Tai 1997 call it optimised crossover), or by path relinking when there is no solver; then with two members at once.
//! Child and offspring join the population, which keeps the best of those that differ. Why: two good choices share most of what
//! they open, so that program is small; and it needs choices that never met. Where time is short and the only rule is "at most p",
//! the first generations anneal instead of searching.
//! Work is counted in pairs, programs by the pairs of their options; a run may be cut into slices anywhere. Deterministic.

use std::time::Instant;

use super::anneal::{Anneal, StandIns};
use super::interchange::descend;
use super::relink::{Elite, difference, relink};
use super::state::State;
use super::{Kernel, Search};
use crate::mip::{self, Stop};
use crate::random::Random;
use crate::siting::check;
use crate::siting::exact::window;

/// Choices in the population.
const MEMBERS: usize = 16;
/// Members differ in more than one of so many options.
const APART: usize = 15;
/// The first generations, and one in so many later, start afresh.
const FOUNDERS: u64 = 6;
/// Proposals of an annealing for each option allowed.
const PROPOSALS: u64 = 1_000;
/// Passes over the pairs of the options allowed of a fresh search, and of one that starts between two members.
const PASSES: [u64; 2] = [1_000, 200];
/// Nodes of a mating program.
const NODES: u64 = 50;
/// What a mating program costs for each pair of its options, in pairs.
const PROGRAM: u64 = 300;
/// Seconds of a mating program at most, where there is a deadline.
const PROGRAM_SECONDS: f64 = 0.5;
/// Matings with two members at once in a generation.
const TRIPLES: usize = 6;

/// A choice, options ascending, and what it covers in thousandths.
type Valued = (u64, Vec<u32>);

/// What grows up to be a member.
#[derive(Debug, Clone)]
enum Young<'k> {
    Annealing(Anneal<'k>),
    /// With the pairs that it may still look at.
    Searching(Search<'k>, u64),
}

/// A choice that is being mated.
#[derive(Debug, Clone)]
struct Mating {
    child: Valued,
    /// Members still to mate with, the next one last.
    partners: Vec<Valued>,
    /// Matings with two members at once still to do.
    triples: usize,
}

/// The population.
#[derive(Debug, Clone)]
pub struct Breed<'k> {
    kernel: &'k Kernel<'k>,
    deadline: Option<Instant>,
    random: Random,
    members: Elite,
    /// Whether the first generations grow up by annealing.
    anneals: bool,
    /// The young one of this generation.
    young: Option<Young<'k>>,
    stand_ins: StandIns<'k>,
    /// What of the last generation, or of a guest, is still to be mated.
    mating: Option<Mating>,
    /// Choices from elsewhere that have not been mated.
    guests: Vec<Valued>,
    best: Valued,
    generation: u64,
}

impl<'k> Breed<'k> {
    /// An empty population. `is_hasty`: time is short.
    pub fn new(kernel: &'k Kernel<'k>, seed: u64, deadline: Option<Instant>, is_hasty: bool) -> Self {
        Self {
            kernel,
            deadline,
            random: Random::new(seed),
            members: Elite::of(MEMBERS, APART),
            anneals: is_hasty && kernel.plain.is_some(),
            young: None,
            stand_ins: StandIns::new(kernel, &vec![true; kernel.options()]),
            mating: None,
            guests: Vec::new(),
            best: (0, Vec::new()),
            generation: 0,
        }
    }

    /// The best choice met so far, options ascending; none before the first generation.
    pub fn best(&self) -> Option<Vec<usize>> {
        self.members.choices.first().map(|_| self.best.1.iter().map(|&option| option as usize).collect())
    }

    /// A choice from elsewhere that keeps the rules: mated before the next generation.
    pub fn offer(&mut self, chosen: &[usize]) {
        let objective = check::covered(self.kernel.problem, chosen).milli();
        let guest = (objective, chosen.iter().map(|&option| option as u32).collect::<Vec<_>>());
        if !self.members.choices.contains(&guest) && !self.guests.contains(&guest) {
            self.guests.push(guest);
        }
    }

    /// From here on searches bring in only options that are allowed.
    pub fn restrict(&mut self, allowed: &[bool]) {
        self.stand_ins = StandIns::new(self.kernel, allowed);
        if let Some(Young::Searching(search, _)) = &mut self.young {
            search.restrict(allowed);
        }
    }

    /// Breeds until about `work` pairs are looked at, `stop` says so, or the best reaches `upper`; returns the pairs used.
    pub fn run(&mut self, work: u64, stop: &dyn Fn() -> bool, upper: u64) -> u64 {
        let mut used = 0;
        while used < work && self.best.0 < upper && !stop() {
            if let Some(mating) = self.mating.take() {
                used += self.mate(mating);
            } else if let Some(guest) = self.guests.pop() {
                self.mating = Some(self.meet(guest));
            } else if let Some(mut young) = self.young.take() {
                let (looked, grown_up) = self.raise(&mut young, work - used, stop, upper);
                used += looked.max(1);
                match grown_up {
                    Some(child) => self.mating = Some(self.meet(child)),
                    None => self.young = Some(young),
                }
            } else {
                let Some(young) = self.conceive() else { return work };
                self.young = Some(young);
                used += self.kernel.problem.covers.pairs() as u64;
            }
        }
        used
    }

    /// Goes on with a young one; returns the pairs looked at, and what it has become when it has grown up.
    fn raise(&mut self, young: &mut Young<'k>, work: u64, stop: &dyn Fn() -> bool, upper: u64) -> (u64, Option<Valued>) {
        match young {
            Young::Annealing(anneal) => {
                let (looked, is_over) = anneal.run(&mut self.stand_ins, work, stop);
                (looked, is_over.then(|| anneal.best().clone()))
            }
            Young::Searching(search, left) => {
                let looked = search.run(work.min(*left), stop, upper);
                *left = left.saturating_sub(looked);
                let (chosen, objective) = search.best();
                let child = || (objective, chosen.iter().map(|&option| option as u32).collect());
                (looked, (looked == 0 || *left == 0).then(child))
            }
        }
    }

    /// The young one of the next generation.
    fn conceive(&mut self) -> Option<Young<'k>> {
        let (members, seed) = (&self.members.choices, self.random.draw());
        let is_fresh = self.generation < FOUNDERS || self.generation.is_multiple_of(FOUNDERS) || members.len() < 2;
        let mut start = if is_fresh {
            Search::scattered(self.kernel, seed)?
        } else {
            let first = self.random.below(members.len());
            let second = (first + 1 + self.random.below(members.len() - 1)) % members.len();
            Search::between(self.kernel, seed, &members[first].1, &members[second].1)?
        };
        self.generation += 1;
        let (age, allowed) = (usize::from(!is_fresh), self.stand_ins.allowed());
        let allowed_options = (0..allowed.len()).filter(|&option| allowed[option]);
        if self.anneals && self.generation <= FOUNDERS {
            let length = PROPOSALS * allowed_options.count() as u64;
            return Some(Young::Annealing(Anneal::new(self.kernel, start.current(), seed, length)));
        }
        let pairs: usize = allowed_options.map(|option| self.kernel.covers(option).len()).sum();
        start.restrict(allowed);
        Some(Young::Searching(start, pairs.max(1) as u64 * PASSES[age]))
    }

    /// A choice joins, and is to be mated with all members there were.
    fn meet(&mut self, child: Valued) -> Mating {
        let partners = self.members.choices.iter().rev().cloned().collect();
        self.join(child.clone());
        Mating { child, partners, triples: if mip::AVAILABLE { TRIPLES } else { 0 } }
    }

    /// The next mating of a choice: with one member, when that is done with two at once; a better choice joins and takes its place.
    fn mate(&mut self, mut mating: Mating) -> u64 {
        let mut used = 1;
        let better = if let Some(partner) = mating.partners.pop() {
            self.cross(&mating.child, &[&partner], &mut used)
        } else if mating.triples > 0 {
            mating.triples -= 1;
            let count = self.members.choices.len();
            let (a, b) = (self.random.below(count), self.random.below(count));
            let members = &self.members.choices;
            if a == b { None } else { self.cross(&mating.child, &[&members[a], &members[b]], &mut used) }
        } else {
            return used;
        };
        if let Some(better) = better {
            self.join(better.clone());
            mating.child = better;
        }
        self.mating = Some(mating);
        used
    }

    fn join(&mut self, choice: Valued) {
        self.members.join(choice.0, &choice.1);
        if choice.0 > self.best.0 || self.best.1.is_empty() {
            self.best = choice;
        }
    }

    /// The best choice among what a child and its partners open, when it is better than all of them.
    fn cross(&self, child: &Valued, partners: &[&Valued], used: &mut u64) -> Option<Valued> {
        let best = partners.iter().copied().chain([child]).max_by_key(|choice| choice.0)?;
        let mut union: Vec<u32> = partners.iter().flat_map(|partner| &partner.1).chain(&child.1).copied().collect();
        union.sort_unstable();
        union.dedup();
        if partners.iter().any(|partner| difference(&child.1, &partner.1) < 2) {
            return None;
        }
        if !mip::AVAILABLE {
            return self.walk(child, partners.first()?, used).filter(|walked| walked.0 > best.0);
        }
        let pairs: usize = union.iter().map(|&option| self.kernel.covers(option as usize).len()).sum();
        *used += pairs as u64 * PROGRAM;
        let start: Vec<usize> = best.1.iter().map(|&option| option as usize).collect();
        let better = window::improve(self.kernel, &start, &union, &self.stop())?;
        let objective = check::covered(self.kernel.problem, &better).milli();
        Some((objective, better.into_iter().map(|option| option as u32).collect()))
    }

    /// When a mating program ends. Nodes don't limit the work at its root, where a few would stay for seconds: where a deadline makes
    /// the answer depend on the clock anyway, the clock stops it.
    fn stop(&self) -> Stop {
        let left = self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()).as_secs_f64());
        Stop { nodes: Some(NODES), seconds: left.map(|left| left.min(PROGRAM_SECONDS)), ..Stop::default() }
    }

    /// The best choice on the way from one to the other, improved by interchange.
    fn walk(&self, from: &Valued, to: &Valued, used: &mut u64) -> Option<Valued> {
        let mut state = State::new(self.kernel);
        state.turn_into(&from.1);
        let found = relink(&mut state, &to.1);
        if found {
            descend(&mut state, &|| false);
        }
        *used += state.work;
        (found && state.is_feasible()).then(|| (state.objective(), state.sorted()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::quantity::Weight;
    use crate::siting::problem::{Rows, SitingProblem};
    use crate::siting::samples::{any_problem, enumerate};

    fn never() -> bool {
        false
    }

    /// Elements on a line, options that cover up to nine at random distances.
    fn line(p: usize) -> SitingProblem {
        let mut random = Random::new(4);
        let covers: Rows = (0..60u32).map(|_| random.below(200) as u32).map(|at| at..(at + 9).min(200)).collect();
        SitingProblem::mclp((0..200).map(|_| Weight::from_milli(1 + random.below(90) as u64)).collect(), covers, p)
    }

    #[test]
    fn a_child_has_the_best_of_its_parents() {
        // Each parent holds one of the two best options and one poor one.
        let covers: Rows = [vec![0], vec![1], vec![2], vec![3]].into_iter().collect();
        let problem = SitingProblem::mclp([9, 1, 8, 2].map(Weight::from_milli).to_vec(), covers, 2);
        let kernel = Kernel::new(&problem);
        let breed = Breed::new(&kernel, 1, None, true);
        let mut used = 0;
        let child = breed.cross(&(10, vec![0, 1]), &[&(10, vec![2, 3])], &mut used);
        assert_eq!(child, Some((17, vec![0, 2])));
        assert_eq!(breed.walk(&(10, vec![0, 1]), &(10, vec![2, 3]), &mut used), Some((17, vec![0, 2])));
        assert!(used > 0);
    }

    #[test]
    fn a_guest_is_never_lost_and_two_runs_agree() {
        let problem = line(8);
        let kernel = Kernel::new(&problem);
        let mut search = Search::new(&kernel, 3).expect("no minima");
        search.run(200_000, &never, u64::MAX);
        let (guest, objective) = (search.best().0.to_vec(), search.best().1);
        let breed = || {
            let mut breed = Breed::new(&kernel, 5, None, true);
            breed.offer(&guest);
            (0..10).for_each(|_| _ = breed.run(100_000, &never, u64::MAX));
            breed
        };
        let (one, two) = (breed(), breed());
        assert_eq!(one.best(), two.best());
        assert_eq!(one.members.choices, two.members.choices);
        assert!(one.best.0 >= objective);
    }

    #[test]
    fn members_stay_apart() {
        let problem = line(20);
        let kernel = Kernel::new(&problem);
        let mut breed = Breed::new(&kernel, 5, None, true);
        breed.run(8_000_000, &never, u64::MAX);
        let members = &breed.members.choices;
        assert!(breed.generation > FOUNDERS && members.len() > 1);
        for (at, (_, one)) in members.iter().enumerate() {
            assert!(members[..at].iter().all(|(_, other)| difference(one, other) > 1));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        #[test]
        fn members_keep_the_rules_and_stay_below_the_optimum(problem in any_problem(), seed in 0u64..1000, is_hasty in any::<bool>()) {
            let kernel = Kernel::new(&problem);
            let mut breed = Breed::new(&kernel, seed, None, is_hasty);
            breed.run(60_000, &never, u64::MAX);
            let optimum = enumerate(&problem);
            prop_assert!(optimum.is_some() || breed.best().is_none());
            for (objective, chosen) in &breed.members.choices {
                let chosen: Vec<usize> = chosen.iter().map(|&option| option as usize).collect();
                prop_assert!(check::feasible(&problem, &chosen).is_ok());
                prop_assert_eq!(check::covered(&problem, &chosen).milli(), *objective);
                prop_assert!(Some(*objective) <= optimum.as_ref().map(|(best, _)| best.milli()));
            }
        }
    }
}
