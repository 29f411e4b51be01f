//! Ruin by strings (slack induction by string removals: Christiaens & Vanden Berghe 2020, doi 10.1287/trsc.2019.0914).
//!
//! Around a random visit, made or not, short strings of neighbouring visits are cut out of the nearest routes, so that there is
//! slack in space and in time at one place. Half of the strings keep a few visits in their middle. Costs the removed visits and the
//! refreshing of the cut routes.

use super::state::{NOBODY, State};
use crate::random::Random;

/// The longest string.
const LONGEST: f64 = 10.0;
/// Chance that a string keeps a part in its middle.
const SPLIT: f64 = 0.5;
/// Chance that the kept part stays as small as it is.
const STAYS: f64 = 0.5;

/// Removes about `average` visits near each other.
pub(super) fn ruin(state: &mut State<'_>, random: &mut Random, average: f64) {
    let kernel = state.kernel;
    let used = state.routes.iter().filter(|route| !route.visits.is_empty()).count();
    if used == 0 {
        return;
    }
    let made: usize = state.routes.iter().map(|route| route.visits.len()).sum();
    let longest = LONGEST.min(made as f64 / used as f64);
    let strings = (1.0 + random.unit() * (4.0 * average / (1.0 + longest) - 1.0).max(0.0)) as usize;
    let seed = random.below(kernel.jobs.len()) as u32;
    let mut cut = Vec::with_capacity(strings);
    for visit in std::iter::once(seed).chain(kernel.near(seed).iter().copied()) {
        let vehicle = state.vehicle(visit);
        if vehicle == NOBODY || cut.contains(&vehicle) {
            continue;
        }
        cut.push(vehicle);
        let vehicle = vehicle as usize;
        let most = longest.min(state.routes[vehicle].visits.len() as f64);
        let length = (1.0 + random.unit() * most) as usize;
        remove_string(state, random, vehicle, visit, length.max(1));
        if cut.len() == strings {
            break;
        }
    }
}

/// Cuts `length` visits around one out of a route, in one piece or in two.
fn remove_string(state: &mut State<'_>, random: &mut Random, vehicle: usize, around: u32, length: usize) {
    let visits = &state.routes[vehicle].visits;
    let count = visits.len();
    let Some(position) = visits.iter().position(|&visit| visit == around) else { return };
    let length = length.min(count);
    let mut kept = 0;
    if length > 1 && random.unit() < SPLIT {
        kept = 1;
        while length + kept < count && random.unit() > STAYS {
            kept += 1;
        }
    }
    let whole = (length + kept).min(count);
    let kept = whole - length;
    let (first, last) = ((position + 1).saturating_sub(whole), position.min(count - whole));
    let begin = first + random.below(last - first + 1);
    if kept == 0 {
        state.remove(vehicle, begin..begin + whole);
        return;
    }
    let middle = begin + 1 + random.below(length - 1);
    state.remove(vehicle, middle + kept..begin + whole);
    // What became late went with the tail, so the head is still where it was.
    let left = state.routes[vehicle].visits.len();
    state.remove(vehicle, begin.min(left)..middle.min(left));
}
