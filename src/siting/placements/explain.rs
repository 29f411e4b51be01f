//! From chosen options to recommendations: order, who gains when, nearest station before, unique contribution, runner-ups.
//!
//! Gains count against what is covered today, losses of closures against the finished plan, so that
//! Σ gains − Σ losses = demand added.

use std::collections::BTreeSet;

use super::elements::part;
use super::formulate::Formulation;
use super::{Action, At, Budgets, Phase, Recommendation, SitingInputs, SitingReport, WHOLE};
use crate::calendar::{Period, Slot};
use crate::id::{GroupIdx, SiteIdx};
use crate::impedance::Place;
use crate::quantity::Weight;
use crate::siting::problem::SitingProblem;
use crate::siting::{SitingSolution, check, curve, order};

/// Runner-ups of a place that are kept.
const RUNNER_UPS: usize = 3;

/// The solver of small questions.
type Solve<'a> = &'a (dyn Fn(&SitingProblem) -> SitingSolution + Sync);

impl Formulation {
    /// A choice with every closable station kept that may be: one closes only where that lets something else happen. Ascending.
    pub fn with_kept(&self, problem: &SitingProblem, chosen: impl IntoIterator<Item = usize>) -> Vec<usize> {
        let mut chosen: Vec<usize> = chosen.into_iter().collect();
        for option in (0..self.meaning.len()).filter(|&o| self.meaning[o].0 == Action::Keep) {
            if !chosen.contains(&option) && problem.fits(&chosen, option) {
                chosen.push(option);
            }
        }
        chosen.sort_unstable();
        chosen
    }

    /// What a choice does: openings and upgrades in the order of options, then closures.
    pub fn measures(&self, chosen: &[usize]) -> Vec<(Action, At)> {
        let opened = chosen.iter().map(|&option| self.meaning[option]).filter(|(action, _)| *action != Action::Keep);
        opened.chain(self.closed(chosen).map(|site| (Action::Close, At::Station(site)))).collect()
    }

    /// The closable stations that a choice neither keeps nor upgrades.
    fn closed<'a>(&'a self, chosen: &'a [usize]) -> impl Iterator<Item = SiteIdx> + 'a {
        let stays = |site: SiteIdx| chosen.iter().any(|&option| self.meaning[option].1 == At::Station(site));
        self.closable.iter().copied().filter(move |&site| !stays(site))
    }

    /// The elements that a closable station covers as it is today.
    fn covered_by(&self, site: SiteIdx) -> &[u32] {
        let keep = self.meaning.iter().position(|meaning| *meaning == (Action::Keep, At::Station(site)));
        keep.map_or(&[], |option| self.problem.covers.row(option))
    }
}

/// Explains a choice that keeps the rules; `bound` is the bound of its problem.
pub(super) fn explain(
    inputs: SitingInputs<'_>,
    formulation: &Formulation,
    chosen: &[usize],
    bound: Weight,
    solve: Solve<'_>,
) -> SitingReport {
    let problem = &formulation.problem;
    let times = times(problem, chosen);
    let opened: Vec<usize> = chosen.iter().copied().filter(|&o| formulation.meaning[o].0 != Action::Keep).collect();
    let sizes = &inputs.rules.phases;
    let ordered = order::phases(problem, &formulation.today, &opened, sizes, solve);
    let mut now = formulation.today.clone();
    let mut so_far = formulation.covered_before;
    let mut recommendations = Vec::new();
    let mut phases = Vec::new();
    for (number, (option, gain)) in ordered.iter().enumerate().flat_map(|(n, phase)| phase.iter().map(move |row| (n + 1, *row))) {
        let fresh: Vec<u32> =
            problem.covers.row(option).iter().copied().filter(|&e| !std::mem::replace(&mut now[e as usize], true)).collect();
        so_far += gain;
        let (action, at) = formulation.meaning[option];
        let (by_slot, by_group) = who_gains(inputs, formulation, &fresh);
        recommendations.push(Recommendation {
            action,
            at,
            gain,
            loss: Weight::ZERO,
            unique: unique(problem, &times, option),
            cumulative: so_far.share_of(formulation.total),
            by_slot,
            by_group,
            nearest_before: nearest(inputs, at),
            runner_ups: runner_ups(formulation, chosen, &times, option),
            phase: (!sizes.is_empty()).then_some(number),
            chosen: None,
            cost: cost(inputs, action),
        });
    }
    if !sizes.is_empty() {
        phases = held_against(formulation, Budgets::of(inputs.rules), &ordered, solve);
    }
    recommendations.extend(closures(inputs, formulation, chosen, &times, so_far));
    let added = check::covered(problem, chosen).saturating_sub(formulation.at_stake);
    let bound = bound.saturating_sub(formulation.at_stake).max(added);
    SitingReport {
        recommendations,
        added,
        bound,
        optimality_gap: (bound - added).share_of(bound).get(),
        covered_before: formulation.covered_before,
        total: formulation.total,
        excluded: formulation.excluded,
        price_of_minima: None,
        phases,
        curve: None,
        stability: None,
        days: Vec::new(),
    }
}

/// How often each element is covered by a choice.
fn times(problem: &SitingProblem, chosen: &[usize]) -> Vec<u32> {
    let mut times = vec![0; problem.weights.len()];
    for &element in chosen.iter().flat_map(|&option| problem.covers.row(option)) {
        times[element as usize] += 1;
    }
    times
}

/// Weight of the elements that nothing else in the plan covers.
fn unique(problem: &SitingProblem, times: &[u32], option: usize) -> Weight {
    problem.covers.row(option).iter().filter(|&&e| times[e as usize] == 1).map(|&e| problem.weight(e)).sum()
}

/// The price band of an action.
fn cost(inputs: SitingInputs<'_>, action: Action) -> Option<[f64; 2]> {
    inputs.costs.get(action.id()).copied()
}

/// Each phase against the best plan of its size.
fn held_against(formulation: &Formulation, budgets: Budgets, ordered: &[Vec<(usize, Weight)>], solve: Solve<'_>) -> Vec<Phase> {
    let (mut measures, mut added) = (0, Weight::ZERO);
    let mut phase = |of_phase: &Vec<(usize, Weight)>| {
        measures += of_phase.len() as u32;
        added += of_phase.iter().map(|(_, gain)| *gain).sum();
        let alone = curve::point(formulation, Budgets { measures: Some(measures), ..budgets }, solve);
        Phase { measures, added, best: alone.bound.max(added) }
    };
    ordered.iter().map(&mut phase).collect()
}

/// The closures, by rising loss: what each covers today that neither the plan nor the closures still to come would cover.
fn closures(
    inputs: SitingInputs<'_>,
    formulation: &Formulation,
    chosen: &[usize],
    times: &[u32],
    mut so_far: Weight,
) -> Vec<Recommendation> {
    let problem = &formulation.problem;
    let mut left: Vec<SiteIdx> = formulation.closed(chosen).collect();
    let mut times = times.to_vec();
    for &element in left.iter().flat_map(|&site| formulation.covered_by(site)) {
        times[element as usize] += 1;
    }
    let mut all = Vec::new();
    let only_by = |site: SiteIdx, times: &[u32]| -> Vec<u32> {
        formulation.covered_by(site).iter().copied().filter(|&e| times[e as usize] == 1).collect()
    };
    let weight = |elements: &[u32]| -> Weight { elements.iter().map(|&e| problem.weight(e)).sum() };
    while let Some(next) = (0..left.len()).min_by_key(|&i| (weight(&only_by(left[i], &times)), left[i])) {
        let site = left.remove(next);
        let lost = only_by(site, &times);
        for &element in formulation.covered_by(site) {
            times[element as usize] -= 1;
        }
        let loss = weight(&lost);
        so_far = so_far.saturating_sub(loss);
        let (by_slot, by_group) = who_gains(inputs, formulation, &lost);
        all.push(Recommendation {
            action: Action::Close,
            at: At::Station(site),
            gain: Weight::ZERO,
            loss,
            unique: loss,
            cumulative: so_far.share_of(formulation.total),
            by_slot,
            by_group,
            nearest_before: nearest(inputs, At::Station(site)),
            runner_ups: Vec::new(),
            phase: None,
            chosen: None,
            cost: cost(inputs, Action::Close),
        });
    }
    all
}

/// The demand of some elements by slot and by group.
fn who_gains(inputs: SitingInputs<'_>, formulation: &Formulation, elements: &[u32]) -> ([Weight; Slot::ALL.len()], Vec<Weight>) {
    let mut by_slot = [Weight::ZERO; Slot::ALL.len()];
    let mut by_group = vec![Weight::ZERO; inputs.cube.groups().len()];
    for &element in elements {
        let (day, cell, class) = formulation.element(element);
        let (day, share) = inputs.days[day];
        for period in Period::of_day(day).filter(|p| formulation.classes.of_hour(p.hour) == class) {
            for (group, sum) in by_group.iter_mut().enumerate() {
                let weight = part(inputs.cube.weight(cell, GroupIdx::from_usize(group), period), share, WHOLE);
                by_slot[Slot::of_hour(period.hour) as usize] += weight;
                *sum += weight;
            }
        }
    }
    (by_slot, by_group)
}

fn nearest(inputs: SitingInputs<'_>, at: At) -> Option<(SiteIdx, f64, Option<f64>)> {
    let (here, itself) = match at {
        At::Candidate(row) => (inputs.places[row], None),
        At::Station(site) => (Place::from(&inputs.network.sites[site]), Some(site)),
        At::Stop { stop, .. } => (inputs.fleet.places[stop], None),
    };
    let others = inputs.network.sites.iter().filter(|(site, _)| Some(*site) != itself);
    others
        .map(|(index, site)| (index, inputs.travel.straight(here, Place::from(site))))
        .min_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)))
        .map(|(site, straight)| (site, straight, inputs.travel.path(here, Place::from(&inputs.network.sites[site]))))
}

/// The best replacements of one option with all others kept, and how much less the plan covers with each. `times` says how often
/// the plan covers each element.
fn runner_ups(formulation: &Formulation, chosen: &[usize], times: &[u32], option: usize) -> Vec<(At, Weight)> {
    let problem = &formulation.problem;
    let rest: Vec<usize> = chosen.iter().copied().filter(|&other| other != option).collect();
    let mut without = times.to_vec();
    for &element in problem.covers.row(option) {
        without[element as usize] -= 1;
    }
    let adds = |o: usize| -> Weight {
        problem.covers.row(o).iter().filter(|&&e| without[e as usize] == 0).map(|&e| problem.weight(e)).sum()
    };
    let keeps_minima = |o: usize| {
        problem.minima.iter().all(|minimum| {
            let counts = |o: usize| minimum.options.binary_search(&(o as u32)).is_ok();
            rest.iter().filter(|&&o| counts(o)).count() + usize::from(counts(o)) >= minimum.at_least
        })
    };
    let same_kind = |o: usize| formulation.meaning[o].0 == formulation.meaning[option].0;
    // A station that closes in this plan is no other place to upgrade: the plan would be another one.
    let keeps = (0..problem.options()).filter(|&o| formulation.meaning[o].0 == Action::Keep);
    let closable: BTreeSet<u32> = keeps.map(|o| problem.places[o]).collect();
    let others = (0..problem.options()).filter(|&o| o != option && same_kind(o) && chosen.binary_search(&o).is_err());
    let others = others.filter(|&o| !closable.contains(&problem.places[o]));
    let mut fitting: Vec<(Weight, usize)> =
        others.filter(|&o| problem.fits(&rest, o) && keeps_minima(o)).map(|o| (adds(o), o)).collect();
    fitting.sort_unstable_by_key(|&(adds, o)| (std::cmp::Reverse(adds), o));
    fitting.truncate(RUNNER_UPS);
    fitting.into_iter().map(|(adds_less, o)| (formulation.meaning[o].1, adds(option).saturating_sub(adds_less))).collect()
}
