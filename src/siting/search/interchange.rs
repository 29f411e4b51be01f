//! Best-improvement interchange (Teitz & Bart 1968, in the table form of Resende & Werneck 2007).
//!
//! Input: a state that keeps the rules; output: one that no single addition and no single swap improves. Each step takes the best of
//! all additions and swaps: `gain[c]`, or `gain[c] − loss[s] + extra(c, s)`. Since `extra ≤ loss`, an option is worth a look only
//! when its gain exceeds the best value so far. A step compares a number of each allowed option and looks at the extras of those
//! near the last moves (`facts`), and then moves. Ties to the lower option.

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

/// The best addition or swap worth more than `floor`, which is at least 0. Work counts the extras of all options that are compared, also
/// of those whose best swap is known: what is known changes the time of a search, not its road.
pub(super) fn best_move(state: &mut State<'_>, floor: i64) -> Option<Move> {
    debug_assert!(floor >= 0, "invariant: best swaps are known when they gain");
    state.heed_rules();
    let mut leavers = Leavers::new(state);
    let mut best: Option<Move> = None;
    let mut value = floor;
    let mut looks = 0;
    for at in 0..state.allowed().len() {
        let enters = state.allowed()[at];
        if state.gain(enters) as i64 <= value || state.is_chosen(enters) {
            continue;
        }
        looks += state.extras(enters).len() as u64;
        if let Some(found) = best_for(state, &mut leavers, enters, value) {
            value = found.value;
            best = Some(found);
        }
    }
    state.work += looks + state.allowed().len() as u64 / 8;
    best
}

/// The best way to bring in one option that is worth more than `value`.
#[inline]
fn best_for(state: &mut State<'_>, leavers: &mut Leavers, enters: u32, value: i64) -> Option<Move> {
    let (rivals, rival) = state.rivals(enters);
    if rivals > 0 {
        let worth = (rivals == 1).then(|| state.swap_value(enters, rival)).filter(|&worth| worth > value)?;
        return state.may_swap(enters, rival).then_some(Move { enters, leaves: Some(rival), value: worth });
    }
    let gain = state.gain(enters) as i64;
    if state.fits(enters, &leavers.room) {
        return Some(Move { enters, leaves: None, value: gain });
    }
    let (shared, other) = state.best_swap(enters);
    let (loss, cheapest) = leavers.for_one(state, enters);
    let (worth, leaves) = if gain - loss > shared { (gain - loss, cheapest) } else { (shared, other) };
    (worth > value).then_some(Move { enters, leaves: Some(leaves), value: worth })
}

/// Who leaves when the one who enters shares with none: without rivals, whether a swap keeps the rules depends on the classes alone.
struct Leavers {
    /// Of each class, whether the limits leave room for one more.
    room: Vec<bool>,
    /// Of each class the chosen option of the smallest loss, by loss.
    order: Vec<(i64, u32)>,
    /// For who enters, by class: the loss of the first of these whose place it may take, and which it is; found when asked for.
    found: Vec<Option<(i64, u32)>>,
}

impl Leavers {
    fn new(state: &State<'_>) -> Self {
        let room = state.room();
        let mut cheapest = vec![None; room.len()];
        for &chosen in state.chosen() {
            let least: &mut Option<(i64, u32)> = &mut cheapest[state.class(chosen)];
            let this = (state.loss(chosen) as i64, chosen);
            *least = Some(least.map_or(this, |least| least.min(this)));
        }
        let mut order: Vec<(i64, u32)> = cheapest.into_iter().flatten().collect();
        order.sort_unstable();
        Self { found: vec![None; room.len()], room, order }
    }

    /// The loss of the cheapest chosen option whose place an option without rivals may take; of none, more than anything gains.
    #[inline]
    fn for_one(&mut self, state: &State<'_>, enters: u32) -> (i64, u32) {
        *self.found[state.class(enters)].get_or_insert_with(|| {
            let leaver = self.order.iter().find(|&&(_, leaves)| state.may_swap(enters, leaves));
            leaver.copied().unwrap_or((i64::MAX, 0))
        })
    }
}
