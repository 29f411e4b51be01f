//! The independent checker of a bus plan: permission and visits, recomputed hour by hour from the plan alone.

use super::demand::{Stops, Unserved};
use super::plan::BusPlan;
use crate::quantity::Weight;

/// A claim of a plan that isn't true.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadPlan {
    /// The bus stands where or when it may not.
    #[error("window {window}: standing is not permitted from {from}:00 to {to}:00")]
    NotPermitted {
        /// Row of the window.
        window: usize,
        /// First hour.
        from: u8,
        /// Last hour, exclusive.
        to: u8,
    },
    /// The visits don't come to what the plan says.
    #[error("the plan says {claimed:?}, its windows serve {found:?}")]
    WrongTotal {
        /// What the plan says.
        claimed: Weight,
        /// What its windows serve.
        found: Weight,
    },
    /// The plan serves more than its bound.
    #[error("the plan serves {served:?}, more than its bound {bound:?}")]
    AboveBound {
        /// Visits served.
        served: Weight,
        /// The bound.
        bound: Weight,
    },
}

/// Checks a plan.
///
/// # Errors
/// The first claim that isn't true.
pub fn check(plan: &BusPlan, stops: &Stops<'_>, unserved: &Unserved, capacity: Weight) -> Result<(), BadPlan> {
    let mut left = unserved.clone();
    let mut found = Weight::ZERO;
    for (row, window) in plan.windows.iter().enumerate() {
        let stop = &stops.stops[window.stop];
        if window.from < stop.permitted_from || window.to > stop.permitted_to {
            return Err(BadPlan::NotPermitted { window: row, from: window.from, to: window.to });
        }
        for hour in window.from..window.to {
            found += left.serve(&stops.cells[window.stop], usize::from(hour), capacity);
        }
    }
    if found != plan.served {
        return Err(BadPlan::WrongTotal { claimed: plan.served, found });
    }
    if plan.served > plan.bound {
        return Err(BadPlan::AboveBound { served: plan.served, bound: plan.bound });
    }
    Ok(())
}
