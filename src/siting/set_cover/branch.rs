//! Branch and bound over options that are chosen or not: depth first until a node closes, then on from the open node with the
//! weakest bound, so that answers come early and the bound rises. With `OPEN` nodes open it goes on depth first, to save
//! memory.
//!
//! What a node knows comes from a [`Relaxation`]: a lower bound on the loss, options that it decides, answers found on the way,
//! and the option to branch on. The choice that takes the option is searched first. The bound that is left when work runs out
//! is the least of the open nodes'. Deterministic.

use super::lagrange::Fixed;
use super::meter::Meter;

/// Open nodes beyond which the search is depth first only.
const OPEN: usize = 10_000;

/// The best answer known: every later one has to have less loss.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Best {
    /// Its loss.
    pub loss: i64,
    /// Its options; none when the answer is known elsewhere.
    pub chosen: Option<Vec<u32>>,
}

impl Best {
    /// Takes an answer that is better.
    pub fn offer(&mut self, loss: i64, chosen: Vec<u32>) {
        if loss < self.loss {
            (self.loss, self.chosen) = (loss, Some(chosen));
        }
    }
}

/// What a visit to a node found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visit {
    /// Nothing below it is better than the best answer.
    Closed,
    /// A lower bound on its loss, and the option to decide next.
    Open(i64, usize),
}

/// A relaxation of a problem whose options are chosen or not.
pub trait Relaxation {
    /// Bounds the node, offers answers, and may decide options that the best answer implies.
    fn visit(&mut self, fixed: &mut [Fixed], best: &mut Best, meter: &mut Meter) -> Visit;
}

/// Searches the tree below `fixed`, at most `nodes` of it; gives the lower bound, which is the best loss when that is proved.
pub fn close(
    relaxation: &mut impl Relaxation,
    fixed: Vec<Fixed>,
    best: &mut Best,
    bound: i64,
    nodes: usize,
    meter: &mut Meter,
) -> i64 {
    let mut open = vec![(bound, fixed)];
    let mut dives = true;
    for _ in 0..nodes {
        if meter.is_over() {
            break;
        }
        if !dives && open.len() < OPEN {
            let weakest = (0..open.len()).min_by_key(|&at| (open[at].0, std::cmp::Reverse(at)));
            weakest.into_iter().for_each(|at| open[at..].rotate_left(1));
        }
        let Some((bound, mut fixed)) = open.pop() else { break };
        if bound >= best.loss {
            continue;
        }
        let visit = relaxation.visit(&mut fixed, best, meter);
        dives = visit != Visit::Closed;
        if let Visit::Open(own, option) = visit {
            let bound = bound.max(own);
            let mut other = fixed.clone();
            other[option] = Fixed::Out;
            fixed[option] = Fixed::In;
            open.push((bound, other));
            open.push((bound, fixed));
        }
    }
    open.iter().map(|(bound, _)| *bound).fold(best.loss, i64::min)
}
