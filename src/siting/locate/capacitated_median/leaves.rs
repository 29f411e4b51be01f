//! What is left of a capacitated p-median when few assignments are: gone through one by one.
//!
//! Input: an instance, the sites that may serve each customer, and how many more candidates may open; output: the cheapest
//! assignment below a cutoff. Depth-first, the heaviest customer first; a branch ends where a site is full, where no more candidates
//! may open, or where the least that the rest costs reaches the cutoff. Why: bounds say little of whether the last few customers can
//! be packed, so that branching on them would go on as long as this, with a bound at every step.

use super::instance::Instance;

/// So many assignments are few enough to be gone through.
pub(super) const FEW: u64 = 300;

/// The cheapest assignment that costs less than `below`, if there is one, and the steps taken. `choices` are the sites that may serve
/// each customer; of those in `is_free` at most `spare` may be used.
pub(super) fn cheapest(
    instance: &Instance,
    choices: &[Vec<u32>],
    is_free: &[bool],
    spare: usize,
    below: f64,
) -> (Option<(f64, Vec<u32>)>, u64) {
    let customers = choices.len();
    let mut order: Vec<usize> = (0..customers).collect();
    order.sort_by_key(|&customer| (std::cmp::Reverse(instance.demand[customer]), choices[customer].len(), customer));
    let least = |customer: usize| {
        let costs = choices[customer].iter().map(|&site| instance.cost(customer, site as usize));
        costs.fold(f64::INFINITY, f64::min)
    };
    let mut rest = vec![0.0; customers + 1];
    for (at, &customer) in order.iter().enumerate().rev() {
        rest[at] = rest[at + 1] + least(customer);
    }
    let mut walk = Walk {
        instance,
        choices,
        is_free,
        order: &order,
        rest: &rest,
        room: instance.capacity.clone(),
        uses: vec![0; instance.sites],
        spare,
        assigned: vec![0; customers],
        below,
        best: None,
        steps: 0,
    };
    walk.assign(0, 0.0);
    (walk.best, walk.steps)
}

/// An assignment under way.
struct Walk<'a> {
    instance: &'a Instance,
    choices: &'a [Vec<u32>],
    is_free: &'a [bool],
    order: &'a [usize],
    /// The least that customers from each place in the order on cost.
    rest: &'a [f64],
    room: Vec<u64>,
    /// Customers of each site.
    uses: Vec<u32>,
    spare: usize,
    assigned: Vec<u32>,
    below: f64,
    best: Option<(f64, Vec<u32>)>,
    steps: u64,
}

impl Walk<'_> {
    fn assign(&mut self, at: usize, cost: f64) {
        self.steps += 1;
        if cost + self.rest[at] >= self.below {
            return;
        }
        let Some(&customer) = self.order.get(at) else {
            // Summed anew, in the order of the customers, as everywhere.
            let total = self.instance.total(&self.assigned);
            (self.below, self.best) = (total.min(cost), Some((total, self.assigned.clone())));
            return;
        };
        let takes = self.instance.demand[customer];
        for &site in &self.choices[customer] {
            let s = site as usize;
            let opens = usize::from(self.is_free[s] && self.uses[s] == 0);
            if self.room[s] < takes || self.spare < opens {
                continue;
            }
            (self.room[s], self.uses[s], self.spare) = (self.room[s] - takes, self.uses[s] + 1, self.spare - opens);
            self.assigned[customer] = site;
            self.assign(at + 1, cost + self.instance.cost(customer, s));
            (self.room[s], self.uses[s], self.spare) = (self.room[s] + takes, self.uses[s] - 1, self.spare + opens);
        }
    }
}
