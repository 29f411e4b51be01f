//! Can p columns cover all rows? The question behind p-center and behind reaching all demand (Toregas et al. 1971).
//!
//! Steps: rows that hold another row and columns held by another are dropped (Toregas & ReVelle 1973), greedy tries for yes,
//! then depth first: the uncovered row with fewest columns left is branched on, each of its columns in turn, the earlier ones
//! forbidden. A node is cut off when rows without a common column, greedily picked, are more than the columns left, or by
//! multipliers u ≥ 0 of the rows: if the k largest column sums of u together are less than Σ u, no k columns cover (surrogate
//! relaxation; any u proves it, and u are integers, so no rounding is involved). Deterministic; work is counted in row-column
//! words looked at.

/// The answer to the question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// These columns cover, ascending, at most p.
    Covered(Vec<u32>),
    /// No p columns cover: proved.
    Impossible,
    /// The work or the time was over first.
    Undecided,
}

/// Decides whether at most `p` of `columns` columns cover all rows (lists of columns).
pub fn decide(rows: &[Vec<u32>], columns: usize, p: usize, work: u64, stop: &dyn Fn() -> bool) -> Verdict {
    if rows.is_empty() {
        return Verdict::Covered(Vec::new());
    }
    if p == 0 || rows.iter().any(Vec::is_empty) {
        return Verdict::Impossible;
    }
    let core = reduce(rows, columns, work / 4, stop);
    let mut decision = Decision::new(&core, columns, work, stop);
    let all = vec![true; core.len()];
    if let Some(mut chosen) = decision.greedy(&all, p) {
        chosen.sort_unstable();
        return Verdict::Covered(chosen);
    }
    let multipliers = vec![START; core.len()];
    match decision.descend(all, decision.available.clone(), p, multipliers, true) {
        Some(true) => {
            let mut chosen = decision.chosen;
            chosen.sort_unstable();
            Verdict::Covered(chosen)
        }
        Some(false) => Verdict::Impossible,
        None => Verdict::Undecided,
    }
}

/// Rows that p columns can't cover together, none of which can be left out (as far as work and time allow), ascending.
pub fn culprits(rows: &[Vec<u32>], columns: usize, p: usize, work: u64, stop: &dyn Fn() -> bool) -> Vec<usize> {
    let mut kept: Vec<usize> = (0..rows.len()).collect();
    let mut piece = rows.len().div_ceil(2);
    loop {
        let mut at = 0;
        while at < kept.len() {
            if stop() {
                return kept;
            }
            let end = (at + piece).min(kept.len());
            let fewer: Vec<usize> = kept[..at].iter().chain(&kept[end..]).copied().collect();
            let left: Vec<Vec<u32>> = fewer.iter().map(|&row| rows[row].clone()).collect();
            if decide(&left, columns, p, work / rows.len() as u64, stop) == Verdict::Impossible {
                kept = fewer;
            } else {
                at = end;
            }
        }
        if piece == 1 {
            return kept;
        }
        piece = piece.div_ceil(2);
    }
}

/// Whether ascending `a` lies in ascending `b`.
fn within(a: &[u32], b: &[u32]) -> bool {
    let mut rest = b.iter();
    a.len() <= b.len() && a.iter().all(|x| rest.by_ref().find(|&y| y >= x) == Some(x))
}

/// Lists by id, of lists of ids.
fn transposed(lists: &[Vec<u32>], ids: usize) -> Vec<Vec<u32>> {
    let mut all = vec![Vec::new(); ids];
    for (row, list) in lists.iter().enumerate() {
        for &id in list {
            all[id as usize].push(row as u32);
        }
    }
    all
}

/// Which lists hold another list (of equal ones, the later), found through the rarest id of the smaller one.
fn holding(lists: &[Vec<u32>], ids: usize, spend: &mut dyn FnMut(usize) -> bool) -> Vec<bool> {
    let by_id = transposed(lists, ids);
    let mut holds = vec![false; lists.len()];
    for (small, list) in lists.iter().enumerate().filter(|(_, list)| !list.is_empty()) {
        if holds[small] {
            continue; // what holds it holds what it holds
        }
        let rarest = list.iter().min_by_key(|&&id| by_id[id as usize].len()).expect("invariant: not empty");
        if !spend(list.len() * (1 + by_id[*rarest as usize].len())) {
            break;
        }
        for &large in &by_id[*rarest as usize] {
            let large = large as usize;
            if large != small
                && !holds[large]
                && (list.len() < lists[large].len() || small < large)
                && within(list, &lists[large])
            {
                holds[large] = true;
            }
        }
    }
    holds
}

/// Which lists lie in another list (of equal ones, the later).
fn held(lists: &[Vec<u32>], ids: usize, spend: &mut dyn FnMut(usize) -> bool) -> Vec<bool> {
    let by_id = transposed(lists, ids);
    let mut lies = vec![false; lists.len()];
    for (small, list) in lists.iter().enumerate() {
        let Some(rarest) = list.iter().min_by_key(|&&id| by_id[id as usize].len()) else {
            lies[small] = true;
            continue;
        };
        if !spend(list.len() * (1 + by_id[*rarest as usize].len())) {
            break;
        }
        lies[small] = by_id[*rarest as usize]
            .iter()
            .map(|&large| large as usize)
            .any(|large| large != small && (list.len() < lists[large].len() || large < small) && within(list, &lists[large]));
    }
    lies
}

/// The rows that matter, with the columns that matter, as far as the work allows; columns keep their numbers.
fn reduce(rows: &[Vec<u32>], columns: usize, work: u64, stop: &dyn Fn() -> bool) -> Vec<Vec<u32>> {
    let mut rows: Vec<Vec<u32>> = rows.to_vec();
    for row in &mut rows {
        row.sort_unstable();
    }
    let mut left = work;
    let mut spend = |pairs: usize| {
        left = left.saturating_sub(pairs as u64);
        left > 0 && !stop()
    };
    loop {
        let before = (rows.len(), rows.iter().map(Vec::len).sum::<usize>());
        let drop = holding(&rows, columns, &mut spend);
        rows = rows.into_iter().zip(drop).filter(|(_, drop)| !drop).map(|(row, _)| row).collect();
        let drop = held(&transposed(&rows, columns), rows.len(), &mut spend);
        for row in &mut rows {
            row.retain(|&column| !drop[column as usize]);
        }
        if before == (rows.len(), rows.iter().map(Vec::len).sum()) {
            return rows;
        }
    }
}

/// First multiplier of each row, and the largest.
const START: u32 = 1 << 12;
const LARGEST: u32 = 1 << 20;
/// Steps of the multipliers at the root and below.
const STEPS: [usize; 2] = [400, 25];

struct Decision<'a> {
    rows: &'a [Vec<u32>],
    columns: Vec<Vec<u32>>,
    /// Columns that matter.
    available: Vec<bool>,
    chosen: Vec<u32>,
    left: u64,
    stop: &'a dyn Fn() -> bool,
}

impl<'a> Decision<'a> {
    fn new(rows: &'a [Vec<u32>], columns: usize, work: u64, stop: &'a dyn Fn() -> bool) -> Self {
        let columns = transposed(rows, columns);
        let available = columns.iter().map(|rows| !rows.is_empty()).collect();
        Self { rows, columns, available, chosen: Vec::new(), left: work, stop }
    }

    fn spend(&mut self, pairs: usize) {
        self.left = self.left.saturating_sub(pairs as u64);
    }

    /// At most p columns that cover, the one with most uncovered rows again and again.
    fn greedy(&mut self, uncovered: &[bool], p: usize) -> Option<Vec<u32>> {
        let mut uncovered = uncovered.to_vec();
        let mut gain: Vec<usize> = self.columns.iter().map(Vec::len).collect();
        let mut chosen = Vec::new();
        let mut rest = self.rows.len();
        while rest > 0 {
            if chosen.len() == p {
                return None;
            }
            let best = (0..gain.len()).max_by_key(|&column| (gain[column], std::cmp::Reverse(column)))?;
            chosen.push(best as u32);
            for &row in &self.columns[best] {
                if std::mem::replace(&mut uncovered[row as usize], false) {
                    rest -= 1;
                    for &column in &self.rows[row as usize] {
                        gain[column as usize] -= 1;
                    }
                }
            }
        }
        Some(chosen)
    }

    /// Whether `k` more of the available columns cover the uncovered rows; none when the work is over.
    fn descend(
        &mut self,
        mut uncovered: Vec<bool>,
        mut available: Vec<bool>,
        mut k: usize,
        mut multipliers: Vec<u32>,
        root: bool,
    ) -> Option<bool> {
        let depth = self.chosen.len();
        loop {
            if self.left == 0 || (self.stop)() {
                self.chosen.truncate(depth);
                return None;
            }
            let Some((row, columns)) = self.tightest(&uncovered, &available) else { return Some(true) };
            if k == 0 || columns == 0 || self.apart(&uncovered, &available) > k {
                self.chosen.truncate(depth);
                return Some(false);
            }
            if columns > 1 {
                match self.multiply(&uncovered, &mut available, k, &mut multipliers, root) {
                    Bound::Impossible => {
                        self.chosen.truncate(depth);
                        return Some(false);
                    }
                    Bound::Covered(columns) => {
                        self.chosen.extend(columns);
                        return Some(true);
                    }
                    Bound::Fixed => continue,
                    Bound::Open => {}
                }
                return self.branch(row, &uncovered, available, k, &multipliers, depth);
            }
            let column = self.rows[row].iter().copied().find(|&c| available[c as usize]).expect("invariant: one is left");
            self.take(column, &mut uncovered, &mut available);
            k -= 1;
        }
    }

    /// Tries each column of a row, the one with most multipliers first.
    fn branch(
        &mut self,
        row: usize,
        uncovered: &[bool],
        mut available: Vec<bool>,
        k: usize,
        multipliers: &[u32],
        depth: usize,
    ) -> Option<bool> {
        let mut order: Vec<u32> = self.rows[row].iter().copied().filter(|&column| available[column as usize]).collect();
        let worth = |column: u32| -> u64 {
            let rows = self.columns[column as usize].iter().filter(|&&row| uncovered[row as usize]);
            rows.map(|&row| u64::from(multipliers[row as usize])).sum()
        };
        order.sort_by_key(|&column| (std::cmp::Reverse(worth(column)), column));
        for column in order {
            let (mut uncovered, mut available_below) = (uncovered.to_vec(), available.clone());
            let here = self.chosen.len();
            self.take(column, &mut uncovered, &mut available_below);
            match self.descend(uncovered, available_below, k - 1, multipliers.to_vec(), false) {
                Some(false) => self.chosen.truncate(here),
                Some(true) => return Some(true),
                None => {
                    self.chosen.truncate(depth);
                    return None;
                }
            }
            available[column as usize] = false;
        }
        self.chosen.truncate(depth);
        Some(false)
    }

    fn take(&mut self, column: u32, uncovered: &mut [bool], available: &mut [bool]) {
        self.chosen.push(column);
        available[column as usize] = false;
        for &row in &self.columns[column as usize] {
            uncovered[row as usize] = false;
        }
    }

    /// The uncovered row with fewest available columns, and how many.
    fn tightest(&mut self, uncovered: &[bool], available: &[bool]) -> Option<(usize, usize)> {
        let mut pairs = 0;
        let count = |row: usize| {
            pairs += self.rows[row].len();
            (row, self.rows[row].iter().filter(|&&column| available[column as usize]).count())
        };
        let tightest = (0..self.rows.len()).filter(|&row| uncovered[row]).map(count).min_by_key(|&(row, count)| (count, row));
        self.spend(pairs);
        tightest
    }

    /// How many uncovered rows without a common column are found greedily, short rows first.
    fn apart(&mut self, uncovered: &[bool], available: &[bool]) -> usize {
        let mut order: Vec<usize> = (0..self.rows.len()).filter(|&row| uncovered[row]).collect();
        order.sort_by_key(|&row| self.rows[row].len());
        let mut used = vec![false; self.columns.len()];
        let (mut found, mut pairs) = (0, 0);
        for row in order {
            pairs += self.rows[row].len();
            let mut columns = self.rows[row].iter().filter(|&&column| available[column as usize]);
            if columns.clone().all(|&column| !used[column as usize]) {
                columns.by_ref().for_each(|&column| used[column as usize] = true);
                found += 1;
            }
        }
        self.spend(pairs);
        found
    }
}

/// What multipliers show.
enum Bound {
    Impossible,
    Covered(Vec<u32>),
    /// Columns were forbidden.
    Fixed,
    Open,
}

impl Decision<'_> {
    /// Climbs by subgradient steps; forbids columns that can't be among k that cover.
    fn multiply(&mut self, uncovered: &[bool], available: &mut [bool], k: usize, multipliers: &mut [u32], root: bool) -> Bound {
        let rows: Vec<usize> = (0..self.rows.len()).filter(|&row| uncovered[row]).collect();
        let columns: Vec<usize> = (0..self.columns.len()).filter(|&column| available[column]).collect();
        let mut sums = vec![0u64; self.columns.len()];
        let mut times = vec![0i64; self.rows.len()];
        let (mut best, mut at_best) = (f64::NEG_INFINITY, multipliers.to_vec());
        let (mut scale, mut vain) = (1.0, 0);
        for _ in 0..STEPS[usize::from(!root)] {
            let total: u64 = rows.iter().map(|&row| u64::from(multipliers[row])).sum();
            let top = self.top(&rows, &columns, multipliers, available, k, &mut sums);
            let reached: u64 = top.iter().map(|&column| sums[column]).sum();
            if reached < total {
                return Bound::Impossible;
            }
            times.fill(0);
            for &column in &top {
                for &row in &self.columns[column] {
                    times[row as usize] += 1;
                }
            }
            if rows.iter().all(|&row| times[row] > 0) {
                return Bound::Covered(top.into_iter().map(|column| column as u32).collect());
            }
            if self.forbid(&columns, &top, &sums, total, available, k) {
                multipliers.copy_from_slice(&at_best);
                return Bound::Fixed;
            }
            let (over, size) = ((reached - total) as f64, total.max(1) as f64);
            vain += 1;
            if -over / size > best {
                (best, vain) = (-over / size, 0);
                at_best.copy_from_slice(multipliers);
            }
            if vain >= 10 {
                (scale, vain) = (scale * 0.7, 0);
            }
            let norm: i64 = rows.iter().map(|&row| (times[row] - 1).pow(2)).sum();
            let length = scale * (over + 0.01 * size / rows.len() as f64) / norm.max(1) as f64;
            for &row in &rows {
                let next = f64::from(multipliers[row]) - length * (times[row] - 1) as f64;
                multipliers[row] = next.clamp(0.0, f64::from(LARGEST)).round() as u32;
            }
            if self.left == 0 {
                break;
            }
        }
        multipliers.copy_from_slice(&at_best);
        Bound::Open
    }

    /// The k columns with the largest sums of multipliers; leaves the sums.
    fn top(
        &mut self,
        rows: &[usize],
        columns: &[usize],
        multipliers: &[u32],
        available: &[bool],
        k: usize,
        sums: &mut [u64],
    ) -> Vec<usize> {
        sums.fill(0);
        let mut pairs = columns.len();
        for &row in rows {
            pairs += 2 * self.rows[row].len();
            for &column in &self.rows[row] {
                sums[column as usize] += u64::from(multipliers[row]);
            }
        }
        self.spend(pairs);
        let mut order: Vec<usize> = columns.iter().copied().filter(|&column| available[column]).collect();
        if k < order.len() {
            order.select_nth_unstable_by_key(k, |&column| (std::cmp::Reverse(sums[column]), column));
            order.truncate(k);
        }
        order
    }

    /// Forbids columns which, with the k − 1 best others, don't reach the total. Whether any was.
    fn forbid(&self, columns: &[usize], top: &[usize], sums: &[u64], total: u64, available: &mut [bool], k: usize) -> bool {
        if top.len() < k {
            return false;
        }
        let Some(least) = top.iter().map(|&column| sums[column]).min() else { return false };
        let others: u64 = top.iter().map(|&column| sums[column]).sum::<u64>() - least;
        let mut any = false;
        for &column in columns {
            if available[column] && others + sums[column] < total {
                available[column] = false;
                any = true;
            }
        }
        any
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ENOUGH: u64 = 100_000_000;

    fn covers(rows: &[Vec<u32>], chosen: &[u32]) -> bool {
        rows.iter().all(|row| row.iter().any(|column| chosen.contains(column)))
    }

    fn truth(rows: &[Vec<u32>], columns: usize, p: usize) -> bool {
        let set = |bits: u32| -> Vec<u32> { (0..columns as u32).filter(|&column| bits >> column & 1 == 1).collect() };
        (0u32..1 << columns).filter(|bits| bits.count_ones() as usize <= p).any(|bits| covers(rows, &set(bits)))
    }

    #[test]
    fn a_triangle_needs_two() {
        let rows = [vec![0, 1], vec![1, 2], vec![0, 2]];
        assert_eq!(decide(&rows, 3, 1, ENOUGH, &|| false), Verdict::Impossible);
        assert!(matches!(decide(&rows, 3, 2, ENOUGH, &|| false), Verdict::Covered(chosen) if covers(&rows, &chosen)));
        assert_eq!(decide(&rows, 3, 2, ENOUGH, &|| true), decide(&rows, 3, 2, ENOUGH, &|| false), "greedy needs no time");
    }

    #[test]
    fn without_work_it_does_not_guess() {
        // Three triangles on the same columns, turned: greedy takes three, and two are too few.
        let rows: Vec<Vec<u32>> = (0..7).flat_map(|a| (a + 1..7).map(move |b| vec![a, b])).collect();
        assert_eq!(decide(&rows, 7, 5, 0, &|| false), Verdict::Undecided);
        assert_eq!(decide(&rows, 7, 5, ENOUGH, &|| false), Verdict::Impossible);
    }

    #[test]
    fn culprits_are_sought_only_as_long_as_there_is_time() {
        // Two rows without a common column, beside many that hold the first.
        let rows: Vec<Vec<u32>> = (0..50).map(|row| if row == 7 { vec![1] } else { vec![0] }).collect();
        assert_eq!(culprits(&rows, 2, 1, ENOUGH, &|| false).len(), 2);
        assert_eq!(culprits(&rows, 2, 1, ENOUGH, &|| true).len(), 50, "all of them together are to blame");
        let asked = std::cell::Cell::new(0);
        let late = || {
            asked.set(asked.get() + 1);
            asked.get() > 20
        };
        let kept = culprits(&rows, 2, 1, ENOUGH, &late);
        assert!(kept.contains(&7) && kept.len() > 1, "{kept:?}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn it_decides_as_enumeration_does(
            sets in proptest::collection::vec(1u32..1 << 10, 1..16), p in 0usize..6,
        ) {
            let rows: Vec<Vec<u32>> = sets.iter().map(|set| (0..10).filter(|&c| set >> c & 1 == 1).collect()).collect();
            // Sparse rows, where greedy fails more often.
            let rows: Vec<Vec<u32>> = rows.into_iter().map(|row| row.into_iter().take(3).collect()).collect();
            match decide(&rows, 10, p, ENOUGH, &|| false) {
                Verdict::Covered(chosen) => prop_assert!(chosen.len() <= p && covers(&rows, &chosen)),
                Verdict::Impossible => {
                    prop_assert!(!truth(&rows, 10, p));
                    let kept = culprits(&rows, 10, p, ENOUGH, &|| false);
                    for out in std::iter::once(None).chain(kept.iter().map(Some)) {
                        let left: Vec<_> = kept.iter().filter(|&row| Some(row) != out).map(|&row| rows[row].clone()).collect();
                        prop_assert_eq!(truth(&left, 10, p), out.is_some(), "no row can be left out");
                    }
                }
                Verdict::Undecided => prop_assert!(false, "there was work"),
            }
        }
    }
}
