//! The elite and path relinking (Glover 1996): from one good choice towards another, by the best swap of the difference each time.

use super::state::State;

/// How many choices a search keeps.
const SIZE: usize = 10;

/// A few good choices that differ from each other.
#[derive(Debug, Clone)]
pub(super) struct Elite {
    size: usize,
    /// Choices that differ in less than a part of so many hardly differ.
    apart: usize,
    /// Objective and options (ascending), best first.
    pub(super) choices: Vec<(u64, Vec<u32>)>,
}

impl Default for Elite {
    fn default() -> Self {
        Self::of(SIZE, 50)
    }
}

impl Elite {
    /// Room for so many.
    pub(super) fn of(size: usize, apart: usize) -> Self {
        Self { size, apart, choices: Vec::new() }
    }

    /// A choice joins when it is better than the worst, or there is room; of two that hardly differ the better one stays.
    pub(super) fn join(&mut self, objective: u64, chosen: &[u32]) {
        let near = (chosen.len() / self.apart).max(1);
        if self.choices.iter().any(|(other, it)| *other >= objective && difference(chosen, it) <= near) {
            return;
        }
        self.choices.retain(|(_, it)| difference(chosen, it) > near);
        let at = self.choices.partition_point(|(other, _)| *other >= objective);
        self.choices.insert(at, (objective, chosen.to_vec()));
        self.choices.truncate(self.size);
    }
}

/// How many of `a` are not in `b` (both ascending).
pub(super) fn difference(a: &[u32], b: &[u32]) -> usize {
    a.iter().filter(|option| b.binary_search(option).is_err()).count()
}

/// Walks from the present choice to `guide` and stands at the best feasible choice between, ends excluded; false when there is none.
pub(super) fn relink(state: &mut State<'_>, guide: &[u32]) -> bool {
    let mut enter: Vec<u32> = guide.iter().copied().filter(|&o| state.is_free(o)).collect();
    let mut leave: Vec<u32> = state.sorted();
    leave.retain(|option| guide.binary_search(option).is_err());
    let mut best: Option<(u64, Vec<u32>)> = None;
    while enter.len() + leave.len() > 2 {
        let pairs = enter.iter().flat_map(|&c| leave.iter().map(move |&s| (c, s)));
        let pair = pairs.max_by_key(|&(c, s)| (state.swap_value(c, s), std::cmp::Reverse((c, s))));
        state.work += (enter.len() * leave.len()) as u64;
        let (enters, leaves) = match pair {
            Some((c, s)) => (Some(c), Some(s)),
            None => (enter.first().copied(), leave.first().copied()),
        };
        if let Some(s) = leaves {
            state.drop(s);
            leave.retain(|&other| other != s);
        }
        if let Some(c) = enters {
            state.add(c);
            enter.retain(|&other| other != c);
        }
        if state.is_feasible() && best.as_ref().is_none_or(|(value, _)| state.objective() > *value) {
            best = Some((state.objective(), state.sorted()));
        }
    }
    match best {
        Some((_, chosen)) => {
            state.turn_into(&chosen);
            true
        }
        None => false,
    }
}
