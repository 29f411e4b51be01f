//! A maximal covering problem in integers: what could open, what each way to open covers, and the rules for what may open together.
//!
//! An *element* is demand that must be reached as a whole (a cell in a class of hours, a demand point, a level of a decaying
//! coverage). An *option* opens something at a place and covers elements. Of the options of one place at most one opens.

use crate::quantity::Weight;

/// Rows of ascending ids, all in one piece of memory (compressed sparse rows).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rows {
    starts: Vec<usize>,
    ids: Vec<u32>,
}

impl Default for Rows {
    fn default() -> Self {
        Self { starts: vec![0], ids: Vec::new() }
    }
}

impl Rows {
    /// No rows yet, with room for some.
    pub fn with_capacity(rows: usize, ids: usize) -> Self {
        let mut starts = Vec::with_capacity(rows + 1);
        starts.push(0);
        Self { starts, ids: Vec::with_capacity(ids) }
    }

    /// From row ends: `starts[r]..starts[r + 1]` of `ids` is row r.
    ///
    /// # Panics
    /// When `starts` doesn't begin with 0, descends, or doesn't end with the number of ids.
    pub fn from_parts(starts: Vec<usize>, ids: Vec<u32>) -> Self {
        assert!(
            starts.first() == Some(&0) && starts.last() == Some(&ids.len()) && starts.is_sorted(),
            "invariant: rows are whole"
        );
        Self { starts, ids }
    }

    /// Adds a row.
    pub fn push(&mut self, ids: impl IntoIterator<Item = u32>) {
        self.ids.extend(ids);
        self.starts.push(self.ids.len());
    }

    /// A row.
    #[inline]
    pub fn row(&self, row: usize) -> &[u32] {
        &self.ids[self.starts[row]..self.starts[row + 1]]
    }

    /// All rows, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[u32]> {
        self.starts.windows(2).map(|ends| &self.ids[ends[0]..ends[1]])
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of ids in all rows.
    pub fn pairs(&self) -> usize {
        self.ids.len()
    }

    /// The other way round: for each of `columns` ids the rows that hold it, ascending.
    pub fn transposed(&self, columns: usize) -> Self {
        let mut starts = vec![0usize; columns + 1];
        for &id in &self.ids {
            starts[id as usize + 1] += 1;
        }
        for column in 0..columns {
            starts[column + 1] += starts[column];
        }
        let mut next = starts.clone();
        let mut ids = vec![0u32; self.ids.len()];
        for (row, columns) in self.iter().enumerate() {
            for &column in columns {
                ids[next[column as usize]] = row as u32;
                next[column as usize] += 1;
            }
        }
        Self { starts, ids }
    }
}

impl<R: IntoIterator<Item = u32>> FromIterator<R> for Rows {
    fn from_iter<T: IntoIterator<Item = R>>(rows: T) -> Self {
        let mut all = Self::default();
        for row in rows {
            all.push(row);
        }
        all
    }
}

/// `Σ amount · x ≤ at_most` over some options: a budget by kind (amounts 1), by money (amounts = cost), or over everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// Options that count, ascending, and how much each uses.
    pub amounts: Vec<(u32, u64)>,
    /// How much may be used.
    pub at_most: u64,
}

impl Limit {
    /// At most `at_most` of these options.
    pub fn count(options: impl IntoIterator<Item = u32>, at_most: usize) -> Self {
        Self { amounts: options.into_iter().map(|option| (option, 1)).collect(), at_most: at_most as u64 }
    }
}

/// At least so many of these options open: a minimum for a planning unit, or stations that may not all close.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Minimum {
    /// The options that count, ascending.
    pub options: Vec<u32>,
    /// How many of them open at least.
    pub at_least: usize,
}

/// Maximise the weight of covered elements under limits, minima, one option a place, and pairs of places that exclude each other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SitingProblem {
    /// Weight of each element; what stations that stay open cover weighs nothing.
    pub weights: Vec<Weight>,
    /// The place of each option.
    pub places: Vec<u32>,
    /// The elements that each option covers, ascending.
    pub covers: Rows,
    /// What may be used at most.
    pub limits: Vec<Limit>,
    /// What must open at least.
    pub minima: Vec<Minimum>,
    /// Pairs of places too close to each other, lower first, sorted.
    pub conflicts: Vec<(u32, u32)>,
}

impl SitingProblem {
    /// At most `p` of the options, each at a place of its own: the plain maximal covering problem (Church & ReVelle 1974).
    pub fn mclp(weights: Vec<Weight>, covers: Rows, p: usize) -> Self {
        let options = 0..covers.len() as u32;
        let limits = vec![Limit::count(options.clone(), p)];
        Self { weights, places: options.collect(), covers, limits, ..Self::default() }
    }

    /// Number of options.
    pub fn options(&self) -> usize {
        self.covers.len()
    }

    /// Whether two places exclude each other: the same place, or too close.
    pub fn exclude(&self, a: u32, b: u32) -> bool {
        a == b || self.conflicts.binary_search(&(a.min(b), a.max(b))).is_ok()
    }

    /// Whether `option` may join `chosen` (limits, places, spacing).
    pub fn fits(&self, chosen: &[usize], option: usize) -> bool {
        let within = |limit: &Limit| {
            let amount =
                |o: usize| limit.amounts.binary_search_by_key(&(o as u32), |&(o, _)| o).map_or(0, |at| limit.amounts[at].1);
            let adds = amount(option);
            adds == 0 || chosen.iter().map(|&other| amount(other)).sum::<u64>() + adds <= limit.at_most
        };
        let place = self.places[option];
        self.limits.iter().all(within) && !chosen.iter().any(|&other| self.exclude(self.places[other], place))
    }

    /// Weight of an element.
    pub fn weight(&self, element: u32) -> Weight {
        self.weights[element as usize]
    }

    /// Weight of all elements.
    pub fn total(&self) -> Weight {
        self.weights.iter().copied().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_turn_round() {
        let rows: Rows = [vec![0, 2], vec![], vec![1, 2]].into_iter().collect();
        let columns: Rows = [vec![0], vec![2], vec![0, 2]].into_iter().collect();
        assert_eq!(rows.transposed(3), columns);
        assert_eq!(columns.transposed(3), rows);
    }
}
