//! One-to-one matching of two lists, pass by pass, the closest first.

use std::collections::BTreeSet;

/// Rows of two lists, and who has found whom.
#[derive(Debug)]
pub(super) struct Matching<K> {
    keys: [Vec<K>; 2],
    /// Row of B for each row of A.
    partner: Vec<Option<usize>>,
    taken: Vec<bool>,
}

/// Row of A and row of B: both, or one without a partner.
pub(super) type Matched = (Option<usize>, Option<usize>);

/// The match of a row of A (0) or of B (1).
pub(super) fn of_row(matched: &[Matched], at: usize, row: usize) -> Matched {
    let of = |&(a, b): &Matched| if at == 0 { a } else { b };
    matched.iter().copied().find(|pair| of(pair) == Some(row)).unwrap_or_default()
}

impl<K: Ord> Matching<K> {
    /// Two lists by what tells their rows apart.
    pub fn new(a: Vec<K>, b: Vec<K>) -> Self {
        Self { partner: vec![None; a.len()], taken: vec![false; b.len()], keys: [a, b] }
    }

    /// Matches rows that are still free: the pair of least cost first; ties by the two keys in their order, whichever list they are
    /// of, so that turning the lists round turns the result round. Pairs without a cost don't fit.
    pub fn pass<C: Ord>(&mut self, cost: impl Fn(&K, &K) -> Option<C>) {
        let [a, b] = &self.keys;
        let mut pairs = Vec::new();
        for (i, one) in a.iter().enumerate().filter(|(i, _)| self.partner[*i].is_none()) {
            for (j, other) in b.iter().enumerate().filter(|(j, _)| !self.taken[*j]) {
                if let Some(cost) = cost(one, other) {
                    pairs.push((cost, one.min(other), one.max(other), i, j));
                }
            }
        }
        pairs.sort();
        for (_, _, _, i, j) in pairs {
            if self.partner[i].is_none() && !self.taken[j] {
                self.partner[i] = Some(j);
                self.taken[j] = true;
            }
        }
    }

    /// All rows: those of A in their order, then those of B that nobody found.
    pub fn finish(self) -> Vec<Matched> {
        let of_a = self.partner.iter().enumerate().map(|(i, partner)| (Some(i), *partner));
        let found: BTreeSet<usize> = self.partner.iter().flatten().copied().collect();
        let alone = (0..self.taken.len()).filter(|j| !found.contains(j)).map(|j| (None, Some(j)));
        of_a.chain(alone).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn near(a: Vec<u8>, b: Vec<u8>) -> Vec<Matched> {
        let mut matching = Matching::new(a, b);
        matching.pass(|a, b| (a.abs_diff(*b) <= 3).then(|| a.abs_diff(*b)));
        matching.finish()
    }

    #[test]
    fn the_closest_pair_comes_first() {
        assert_eq!(near(vec![10, 13], vec![12, 40]), [(Some(0), None), (Some(1), Some(0)), (None, Some(1))]);
    }

    proptest! {
        #[test]
        fn turned_round_it_is_the_same(a in prop::collection::btree_set(0u8..60, 0..12), b in prop::collection::btree_set(0u8..60, 0..12)) {
            let (a, b): (Vec<u8>, Vec<u8>) = (a.into_iter().collect(), b.into_iter().collect());
            let turned: BTreeSet<Matched> = near(b.clone(), a.clone()).into_iter().map(|(b, a)| (a, b)).collect();
            let found = near(a.clone(), b.clone());
            prop_assert_eq!(found.len(), a.len() + b.len() - found.iter().filter(|(a, b)| a.is_some() && b.is_some()).count());
            prop_assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), turned);
        }
    }
}
