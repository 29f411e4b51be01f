//! Recreate: visits that nobody makes come back, each at its cheapest gap, a few gaps overlooked.
//!
//! Two ways. *In order* (Christiaens & Vanden Berghe 2020): all of them once, in a random order of some kind; good when all can be
//! made. *By worth*: again and again the visit of the most prize for the time it takes (Vansteenwegen et al. 2009, doi
//! 10.1016/j.cor.2009.03.008), with noise; good when most can't. Overlooking gaps ("blinks") and noise make each time different. In
//! order costs one look at every gap for each visit; by worth one more for each visit that an insertion concerns. By worth, a visit
//! that had no gap before the ruin is tried on the ruined routes only.

use super::route::Insertion;
use super::state::State;
use crate::random::Random;

/// Chance that a gap is overlooked.
const BLINK: f64 = 0.01;
/// Share of recreations by worth while some visits have to stay out.
const BY_WORTH: f64 = 0.8;
/// By worth, worths are scaled down by up to this share, at random ...
const NOISE: f64 = 0.7;
/// ... and prizes raised to a power from 1 to this.
const POWER: f64 = 2.0;

/// Inserts every visit that fits.
pub(super) fn recreate(state: &mut State<'_>, random: &mut Random) {
    let bank: Vec<u32> = state.bank().collect();
    let is_scarce = bank.len() > state.removed().len();
    if is_scarce && random.unit() < BY_WORTH { by_worth(state, random, bank) } else { in_order(state, random, bank) }
}

/// Inserts every visit that fits, in order: a quick start.
pub(super) fn construct(state: &mut State<'_>, random: &mut Random) {
    let bank = state.bank().collect();
    in_order(state, random, bank);
}

/// All once, in a random order.
fn in_order(state: &mut State<'_>, random: &mut Random, mut bank: Vec<u32>) {
    let jobs = &state.kernel.jobs;
    let kind = random.below(4);
    let mut key = |visit: u32| {
        let job = &jobs[visit as usize];
        let urgency = match kind {
            0 => 1.0,
            1 => job.prize as f64,
            2 => job.span.duration as f64,
            _ => 1.0 / (1 + job.span.latest - job.span.earliest) as f64,
        };
        -urgency * (0.5 + random.unit())
    };
    let mut order: Vec<(f64, u32)> = bank.drain(..).map(|visit| (key(visit), visit)).collect();
    order.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let everyone = state.everyone();
    for (_, visit) in order {
        if let Some((vehicle, insertion)) = state.cheapest(&everyone, visit, BLINK, random) {
            state.insert(visit, vehicle, insertion.gap);
        }
    }
}

/// A visit that could come in.
struct Candidate {
    visit: u32,
    worth: f64,
    /// It was made before the ruin, or there was none.
    is_new: bool,
    vehicle: usize,
    insertion: Insertion,
}

/// The worthiest first.
fn by_worth(state: &mut State<'_>, random: &mut Random, bank: Vec<u32>) {
    let power = 1.0 + (POWER - 1.0) * random.unit();
    let (everyone, ruined) = (state.everyone(), state.changed().to_vec());
    let is_removed = state.removed_flags();
    let mut candidates: Vec<Candidate> = Vec::new();
    for visit in bank {
        let is_new = is_removed[visit as usize] || ruined.is_empty();
        let vehicles = if is_new { &everyone } else { &ruined };
        let Some((vehicle, insertion)) = state.cheapest(vehicles, visit, BLINK, random) else { continue };
        let worth = (state.kernel.jobs[visit as usize].prize as f64).powf(power) * (1.0 - NOISE * random.unit());
        candidates.push(Candidate { visit, worth, is_new, vehicle, insertion });
    }
    while let Some(next) = worthiest(state, &candidates) {
        let Candidate { visit, vehicle, insertion, .. } = candidates.swap_remove(next);
        state.insert(visit, vehicle, insertion.gap);
        candidates.retain_mut(|other| {
            if other.vehicle != vehicle {
                let here = state.cheapest(&[vehicle], other.visit, BLINK, random);
                if let Some((vehicle, insertion)) = here.filter(|(_, insertion)| insertion.cost < other.insertion.cost) {
                    (other.vehicle, other.insertion) = (vehicle, insertion);
                }
                return true;
            }
            let vehicles = if other.is_new { &everyone } else { &ruined };
            let found = state.cheapest(vehicles, other.visit, BLINK, random);
            if let Some(found) = found {
                (other.vehicle, other.insertion) = found;
            }
            found.is_some()
        });
    }
}

/// The candidate of the most worth for the time it takes.
fn worthiest(state: &State<'_>, candidates: &[Candidate]) -> Option<usize> {
    let mut best: Option<(f64, usize)> = None;
    for (row, candidate) in candidates.iter().enumerate() {
        let time = candidate.insertion.cost.max(0) + state.kernel.jobs[candidate.visit as usize].span.duration + 1;
        let score = candidate.worth / time as f64;
        if best.is_none_or(|(other, _)| score > other) {
            best = Some((score, row));
        }
    }
    best.map(|(_, row)| row)
}
