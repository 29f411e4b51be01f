//! A set of row numbers that gives them back in order: bits, and bits of the words that have any.
//!
//! Why not sort a list: a search finds hundreds of targets a site, in no order.
//! Complexity: insert `O(1)`; taking everything out `O(rows found + rows / 4096)`. Memory: an eighth of a byte a row.

/// Bits of a word.
const WORD: usize = 64;

/// Row numbers below a fixed count.
#[derive(Debug, Default)]
pub(super) struct RowSet {
    words: Vec<u64>,
    /// One bit a word that isn't 0.
    used: Vec<u64>,
}

impl RowSet {
    /// Makes room for rows below `count`; what is in the set stays.
    pub fn reserve(&mut self, count: usize) {
        let words = count.div_ceil(WORD);
        if self.words.len() < words {
            self.words.resize(words, 0);
            self.used.resize(words.div_ceil(WORD), 0);
        }
    }

    /// Adds a row.
    #[inline]
    pub fn insert(&mut self, row: u32) {
        let word = row as usize / WORD;
        self.words[word] |= 1 << (row as usize % WORD);
        self.used[word / WORD] |= 1 << (word % WORD);
    }

    /// Hands over all rows, ascending, and leaves the set empty.
    pub fn drain(&mut self, mut take: impl FnMut(u32)) {
        for (block, used) in self.used.iter_mut().enumerate() {
            each_bit(std::mem::take(used), |bit| {
                let word = block * WORD + bit;
                each_bit(std::mem::take(&mut self.words[word]), |bit| take((word * WORD + bit) as u32));
            });
        }
    }
}

#[inline]
fn each_bit(mut bits: u64, mut call: impl FnMut(usize)) {
    while bits != 0 {
        call(bits.trailing_zeros() as usize);
        bits &= bits - 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn rows_come_back_sorted_once(rounds in prop::collection::vec(prop::collection::vec(0u32..20_000, 0..80), 1..4)) {
            let mut set = RowSet::default();
            set.reserve(20_000);
            for mut rows in rounds {
                rows.iter().for_each(|&row| set.insert(row));
                let mut drained = Vec::new();
                set.drain(|row| drained.push(row));
                rows.sort_unstable();
                rows.dedup();
                prop_assert_eq!(rows, drained);
            }
        }
    }
}
