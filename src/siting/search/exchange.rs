//! Compound exchanges for rules beyond "at most p": one for two, two for one, and trades of kinds between two places.
//!
//! Each trial opens and closes options with exact tables and is taken back unless it ends better and keeps the rules.

use super::interchange::best_move;
use super::ruin::{Taste, repair};
use super::state::State;
use crate::random::Random;

/// Trades tried at most in one pass.
const TRADES: usize = 64;

/// Tries compound exchanges around each chosen option once; whether one improved.
pub(super) fn improve(state: &mut State<'_>, shares: &[f64], stop: &dyn Fn() -> bool) -> bool {
    let before = state.objective();
    for option in state.sorted() {
        if stop() {
            break;
        }
        if state.is_chosen(option) && !two_for_one(state, option) {
            one_for_two(state, option, shares);
        }
    }
    trade(state, stop);
    state.objective() > before
}

/// Closes `option`, and one more for the option that enters.
fn two_for_one(state: &mut State<'_>, option: u32) -> bool {
    let before = state.sorted();
    let objective = state.objective();
    state.drop(option);
    let floor = (objective - state.objective()) as i64;
    if let Some(step) = best_move(state, floor) {
        step.apply(state);
    }
    settle(state, objective, &before)
}

/// Closes `option` and opens what then adds most.
fn one_for_two(state: &mut State<'_>, option: u32, shares: &[f64]) -> bool {
    let before = state.sorted();
    let objective = state.objective();
    for shares in if shares.is_empty() { vec![shares] } else { vec![&[], shares] } {
        state.drop(option);
        repair(state, &mut Random::new(0), Taste { noise: 0.0, shares }, &[option]);
        if settle(state, objective, &before) {
            return true;
        }
    }
    false
}

/// Trades options between places: a → a′ and b → b′ of the same places, each alone against a limit, together within.
fn trade(state: &mut State<'_>, stop: &dyn Fn() -> bool) {
    let places = &state.kernel.problem.places;
    let mut changes: Vec<(i64, u32, u32)> = Vec::new();
    for leaves in state.sorted() {
        let same = |o: &u32| places[*o as usize] == places[leaves as usize];
        let others = state.kernel.rivals.row(leaves as usize).iter().copied().filter(same).filter(|&o| state.is_free(o));
        changes.extend(others.map(|enters| (state.swap_value(enters, leaves), enters, leaves)));
    }
    changes.sort_unstable_by_key(|&(value, enters, _)| (std::cmp::Reverse(value), enters));
    let mut pairs: Vec<(i64, usize, usize)> = Vec::new();
    for (a, &(value, _, leaves)) in changes.iter().enumerate() {
        let partners = changes.iter().enumerate().skip(a + 1).take_while(|(_, other)| value + other.0 > 0);
        pairs.extend(partners.filter(|(_, other)| other.2 != leaves).map(|(b, other)| (value + other.0, a, b)).take(TRADES));
    }
    pairs.sort_unstable_by_key(|&(value, a, b)| (std::cmp::Reverse(value), a, b));
    state.work += pairs.len() as u64;
    for &(_, a, b) in pairs.iter().take(TRADES) {
        let ((_, enters, leaves), (_, enters_too, leaves_too)) = (changes[a], changes[b]);
        let open = state.is_chosen(leaves) && state.is_chosen(leaves_too);
        if stop() || !open || !state.is_free(enters) || !state.is_free(enters_too) {
            continue;
        }
        let (before, objective) = (state.sorted(), state.objective());
        for (leaves, enters) in [(leaves, enters), (leaves_too, enters_too)] {
            state.drop(leaves);
            state.add(enters);
        }
        settle(state, objective, &before);
    }
}

/// Keeps a choice that is better than `objective` and keeps the rules, else goes back.
fn settle(state: &mut State<'_>, objective: u64, before: &[u32]) -> bool {
    let better = state.objective() > objective && state.is_feasible();
    if !better {
        state.turn_into(before);
    }
    better
}
