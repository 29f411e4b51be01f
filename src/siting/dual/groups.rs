//! Rules of the relaxation: limits that share no option, which openings always keep, and rows that get a price.

use super::active::Active;

/// `Σ amount · x ≤ at_most`, scaled.
#[derive(Debug, Clone)]
pub(super) struct Group {
    /// Options and their amounts.
    pub amounts: Vec<(u32, f32)>,
    /// What may be used.
    pub at_most: f32,
    /// The rule that it is, when it isn't "one a place" or "at most p".
    pub side: Option<usize>,
    /// All amounts are 1.
    is_count: bool,
    /// Water level of the last projection: a start for the next.
    level: f64,
}

impl Group {
    fn new(amounts: Vec<(u32, f32)>, at_most: f32, side: Option<usize>) -> Self {
        let is_count = amounts.iter().all(|&(_, amount)| amount.to_bits() == 1.0f32.to_bits());
        Self { amounts, at_most, side, is_count, level: 0.0 }
    }

    /// The most that fractional openings under this limit gain, and the gain per amount at which it is used up (Dantzig 1957).
    pub fn fill(&self, net: impl Fn(usize) -> f32) -> (f64, f32) {
        let mut gains: Vec<(f32, f32)> = self.amounts.iter().map(|&(o, amount)| (net(o as usize) / amount, amount)).collect();
        gains.retain(|&(ratio, _)| ratio > 0.0);
        if self.is_count {
            let count = self.at_most.max(0.0) as usize;
            if count < gains.len() && count > 0 {
                gains.select_nth_unstable_by(count - 1, |a, b| b.0.total_cmp(&a.0));
            }
            let level = if count <= gains.len() && count > 0 { gains[count - 1].0 } else { 0.0 };
            return (gains.iter().take(count).map(|&(gain, _)| f64::from(gain)).sum(), level);
        }
        gains.sort_by(|a, b| b.0.total_cmp(&a.0));
        let (mut left, mut value) = (f64::from(self.at_most), 0.0);
        for (ratio, amount) in gains {
            let taken = f64::from(amount).min(left);
            value += taken * f64::from(ratio);
            left -= taken;
            if left <= 0.0 {
                return (value, ratio);
            }
        }
        (value, 0.0)
    }
}

/// Limits within X: the larger first as long as they share no option; and the options under none.
pub(super) fn groups_of(active: &Active) -> (Vec<Group>, Vec<u32>) {
    let count = active.options.len();
    if let Some(p) = active.cardinality {
        return (vec![Group::new((0..count as u32).map(|option| (option, 1.0)).collect(), p as f32, None)], Vec::new());
    }
    let mut is_held = vec![false; count];
    let mut groups = Vec::new();
    let mut order: Vec<usize> = (0..active.sides.len()).filter(|&side| active.sides[side].at_most >= 0).collect();
    order.sort_by_key(|&side| std::cmp::Reverse(active.sides[side].amounts.len()));
    for side in order {
        let rule = &active.sides[side];
        if rule.amounts.iter().all(|&(option, amount)| amount > 0 && !is_held[option as usize]) {
            rule.amounts.iter().for_each(|&(option, _)| is_held[option as usize] = true);
            groups.push(scaled(active, side));
        }
    }
    (groups, (0..count as u32).filter(|&option| !is_held[option as usize]).collect())
}

/// Rows with prices: the other rules, and places with several options.
pub(super) fn rows_of(active: &Active, groups: &[Group]) -> Vec<Group> {
    let is_priced = |side: &usize| groups.iter().all(|group| group.side != Some(*side));
    let mut rows: Vec<Group> = (0..active.sides.len()).filter(is_priced).map(|side| scaled(active, side)).collect();
    let shared = active.places.iter().filter(|place| place.len() > 1);
    rows.extend(shared.map(|place| Group::new(place.iter().map(|&option| (option, 1.0)).collect(), 1.0, None)));
    rows
}

/// A rule in amounts of `2^shift`.
fn scaled(active: &Active, side: usize) -> Group {
    let rule = &active.sides[side];
    let scale = (1u64 << rule.shift) as f64;
    let amounts = rule.amounts.iter().map(|&(option, amount)| (option, (amount as f64 / scale) as f32)).collect();
    Group::new(amounts, (rule.at_most as f64 / scale) as f32, Some(side))
}

/// Moves the openings of a limit to the nearest with `0 ≤ x ≤ 1`, `Σ a·x ≤ at_most`: `x − level · step · a`, clipped.
pub(super) fn level_off(x: &mut [f32], steps: &[f32], group: &mut Group) {
    let at_most = f64::from(group.at_most);
    let drops: Vec<(u32, f64, f64)> = group
        .amounts
        .iter()
        .map(|&(option, amount)| (option, f64::from(amount), f64::from(steps[option as usize]) * f64::from(amount)))
        .collect();
    let sum_at = |level: f64, x: &[f32]| {
        let (mut sum, mut slope) = (0.0, 0.0);
        for &(option, amount, drop) in &drops {
            let value = f64::from(x[option as usize]) - level * drop;
            if value >= 1.0 {
                sum += amount;
            } else if value > 0.0 {
                sum += amount * value;
                slope += amount * drop;
            }
        }
        (sum, slope)
    };
    let mut level = 0.0;
    if sum_at(0.0, x).0 > at_most {
        let highest = drops.iter().map(|&(option, _, drop)| f64::from(x[option as usize]) / drop).fold(0.0, f64::max);
        let (mut low, mut high) = (0.0, highest);
        level = if group.level > low && group.level < high { group.level } else { high / 2.0 };
        for _ in 0..40 {
            let (sum, slope) = sum_at(level, x);
            if (sum - at_most).abs() <= 1e-7 * at_most.max(1e-3) {
                break;
            }
            if sum > at_most {
                low = level
            } else {
                high = level
            }
            let newton = level + (sum - at_most) / slope;
            level = if slope > 0.0 && newton > low && newton < high { newton } else { 0.5 * (low + high) };
        }
    }
    group.level = level;
    for &(option, _, drop) in &drops {
        x[option as usize] = (f64::from(x[option as usize]) - level * drop).clamp(0.0, 1.0) as f32;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_limit_is_filled_by_gain_per_amount() {
        let money = Group::new(vec![(0, 1.0), (1, 0.5), (2, 0.5)], 1.25, None);
        let gains = [4.0, 3.0, -1.0];
        assert_eq!(money.fill(|option| gains[option]), (3.0 + 3.0, 4.0), "all of 1 at 6 per amount, three quarters of 0 at 4");
        let count = Group::new(vec![(0, 1.0), (1, 1.0), (2, 1.0)], 2.0, None);
        assert_eq!(count.fill(|option| gains[option]), (7.0, 3.0));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]
        /// The projection is allowed, and no small move within the rules brings it nearer.
        #[test]
        fn openings_move_to_the_nearest(
            all in prop::collection::vec((-1.0f32..2.0, 0.1f32..1.0, 0.1f32..1.0), 1..7), at_most in 0.0f32..3.0
        ) {
            let steps: Vec<f32> = all.iter().map(|o| o.1).collect();
            let before: Vec<f32> = all.iter().map(|o| o.0).collect();
            let mut group = Group::new((0..).zip(all.iter().map(|o| o.2)).collect(), at_most, None);
            let mut x = before.clone();
            level_off(&mut x, &steps, &mut group);
            let used = |x: &[f32]| x.iter().zip(&all).map(|(x, o)| x * o.2).sum::<f32>();
            let far = |x: &[f32]| x.iter().zip(&before).zip(&steps).map(|((a, b), s)| (a - b).powi(2) / s).sum::<f32>();
            prop_assert!(used(&x) <= at_most + 1e-4 && x.iter().all(|x| (0.0..=1.0).contains(x)));
            for i in 0..x.len() {
                for j in 0..x.len() {
                    let mut moved = x.clone();
                    moved[i] += 0.02 / all[i].2;
                    moved[j] -= 0.02 / all[j].2 * if i == j { 2.0 } else { 1.0 };
                    if moved.iter().all(|x| (0.0..=1.0).contains(x)) && used(&moved) <= at_most {
                        prop_assert!(far(&moved) >= far(&x) - 1e-4, "{:?} {:?}", x, moved);
                    }
                }
            }
        }
    }
}
