//! Best-improvement interchange (Teitz & Bart 1968, in the table form of Resende & Werneck 2007).
//!
//! Input: a state that keeps the rules; output: one that no single addition and no single swap improves. Each step takes the best of
//! all additions and swaps: `gain[c]`, or `gain[c] − loss[s] + extra(c, s)`. Since `extra ≤ loss`, an option is worth a look only
//! when its gain exceeds the best value so far. A step looks at `O(allowed options + extras)` entries and then moves. Ties to the
//! lower option.

use super::state::State;

/// One step: an option that enters, and one that leaves for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Move {
    pub(super) enters: u32,
    pub(super) leaves: Option<u32>,
    pub(super) value: i64,
}

impl Move {
    pub(super) fn apply(self, state: &mut State<'_>) {
        if let Some(leaves) = self.leaves {
            state.drop(leaves);
        }
        state.add(self.enters);
    }
}

/// Improves until no addition or swap does, or until `stop`.
pub(super) fn descend(state: &mut State<'_>, stop: &dyn Fn() -> bool) {
    while let Some(step) = best_move(state, 0) {
        if stop() {
            return;
        }
        step.apply(state);
    }
}

/// The best addition or swap worth more than `floor`.
pub(super) fn best_move(state: &mut State<'_>, floor: i64) -> Option<Move> {
    let (order, room) = (cheapest(state), state.room());
    let mut best: Option<Move> = None;
    let mut value = floor;
    let mut looks = 0;
    for &enters in state.allowed() {
        if state.gain(enters) as i64 <= value || !state.is_free(enters) {
            continue;
        }
        looks += state.extras(enters).len() as u64;
        if let Some(found) = best_for(state, &order, &room, enters, value) {
            value = found.value;
            best = Some(found);
        }
    }
    state.work += looks + state.allowed().len() as u64 / 8;
    best
}

/// Of each class the chosen option of the smallest loss, by loss: without rivals, whether a swap keeps the rules depends on the
/// classes alone.
fn cheapest(state: &State<'_>) -> Vec<u32> {
    let by_class = |&s: &u32| (state.kernel.classes[s as usize], state.loss(s), s);
    let mut order: Vec<(u32, u64, u32)> = state.chosen().iter().map(by_class).collect();
    order.sort_unstable();
    order.dedup_by_key(|&mut (class, ..)| class);
    order.sort_unstable_by_key(|&(_, loss, s)| (loss, s));
    order.into_iter().map(|(.., s)| s).collect()
}

/// The best way to bring in one option that is worth more than `value`.
#[inline]
fn best_for(state: &State<'_>, order: &[u32], room: &[bool], enters: u32, mut value: i64) -> Option<Move> {
    let gain = state.gain(enters) as i64;
    let (rivals, rival) = state.rivals(enters);
    if rivals > 0 {
        let worth = (rivals == 1).then(|| state.swap_value(enters, rival)).filter(|&worth| worth > value)?;
        return state.may_swap(enters, rival).then_some(Move { enters, leaves: Some(rival), value: worth });
    }
    if state.fits(enters, room) {
        return Some(Move { enters, leaves: None, value: gain });
    }
    let mut best = None;
    for &(leaves, extra) in state.extras(enters) {
        let worth = gain + extra as i64 - state.loss(leaves) as i64;
        if worth > value && state.may_swap(enters, leaves) {
            value = worth;
            best = Some(Move { enters, leaves: Some(leaves), value });
        }
    }
    for &leaves in order {
        let worth = gain - state.loss(leaves) as i64;
        if worth <= value {
            break;
        }
        if state.may_swap(enters, leaves) {
            return Some(Move { enters, leaves: Some(leaves), value: worth });
        }
    }
    best
}
