//! Which figures may be published together: those that are sums of whole parts of one partition of the units that are counted.
//!
//! Input → output: weights of units (places, or entries of a table) by day; then figure by figure a set of units → whether it may be
//! published. Invariant: on each day a part weighs nothing or at least `least`, and that beside what everyone knows to be there. A
//! figure is admitted if splitting each part that it touches into what it counts and what it leaves keeps that so, and then the parts
//! are split. Why it is enough: all admitted figures are sums of parts, so any combination of them is one of the parts' totals; within a
//! part the total, less what is known of each square, can lie on any unit. Complexity: the units of the figure. Determinism: integers.

use std::collections::BTreeMap;

use crate::quantity::Weight;

/// Column and row.
type Square = (u32, u32);
/// Squares and how many units each has.
type Squares = BTreeMap<Square, usize>;

/// Units in parts.
#[derive(Debug, Clone)]
pub(super) struct Partition {
    days: usize,
    least: u64,
    /// `weights[unit * days + day]`, thousandths.
    weights: Vec<u64>,
    part: Vec<usize>,
    /// Units of each part.
    sizes: Vec<usize>,
    /// Total of each part by day.
    totals: Vec<Vec<u64>>,
    /// What each listed square is known to hold at least on a day with anything; 0: nothing is known.
    floor: u64,
    /// The square of each unit, and of each part its squares with their units; empty where nothing is known.
    square: Vec<Square>,
    squares: Vec<Squares>,
    /// Whether what a figure leaves of a part has to be safe too. Only a test turns it off.
    pub(super) complementary: bool,
}

/// What a figure counts of a part.
#[derive(Default)]
struct Inside {
    size: usize,
    /// By day.
    sums: Vec<u64>,
    squares: Squares,
}

impl Partition {
    /// All units in one part.
    pub fn new(weights: Vec<u64>, days: usize, least: u64) -> Self {
        let units = weights.len() / days.max(1);
        let mut totals = vec![0; days];
        for (at, weight) in weights.iter().enumerate() {
            totals[at % days] += weight;
        }
        let (part, sizes, totals) = (vec![0; units], vec![units], vec![totals]);
        let (floor, square, squares) = (0, Vec::new(), vec![Squares::new()]);
        Self { days, least, weights, part, sizes, totals, floor, square, squares, complementary: true }
    }

    /// The same units where everyone knows that the part of a square that is in a part holds `floor` at least.
    pub fn with_floor(self, floor: u64, square: Vec<Square>) -> Self {
        let mut squares = Squares::new();
        square.iter().for_each(|&square| *squares.entry(square).or_default() += 1);
        Self { floor, square, squares: vec![squares], ..self }
    }

    fn safe(&self, weight: u64, squares: usize) -> bool {
        weight == 0 || weight >= self.least + self.floor * squares as u64
    }

    /// Whether everything together may be published.
    pub fn is_safe(&self) -> bool {
        self.totals[0].iter().all(|&total| self.safe(total, self.squares[0].len()))
    }

    /// Admits the figure that counts `set` (each unit once), or leaves the parts as they are.
    pub fn admit(&mut self, set: &[usize]) -> bool {
        let mut inside: BTreeMap<usize, Inside> = BTreeMap::new();
        for &unit in set {
            let inside =
                inside.entry(self.part[unit]).or_insert_with(|| Inside { sums: vec![0; self.days], ..Inside::default() });
            inside.size += 1;
            for (sum, weight) in inside.sums.iter_mut().zip(&self.weights[unit * self.days..]) {
                *sum += weight;
            }
            if let Some(&square) = self.square.get(unit) {
                *inside.squares.entry(square).or_default() += 1;
            }
        }
        if !inside.iter().all(|(&part, inside)| self.may_split(part, inside)) {
            return false;
        }
        let mut moved = BTreeMap::new();
        for (part, Inside { size, sums, squares }) in inside {
            if size < self.sizes[part] {
                moved.insert(part, self.totals.len());
                self.sizes[part] -= size;
                for (total, sum) in self.totals[part].iter_mut().zip(&sums) {
                    *total -= sum;
                }
                for (square, units) in &squares {
                    *self.squares[part].entry(*square).or_default() -= units;
                }
                self.squares[part].retain(|_, units| *units > 0);
                self.sizes.push(size);
                self.totals.push(sums);
                self.squares.push(squares);
            }
        }
        for &unit in set {
            if let Some(&new) = moved.get(&self.part[unit]) {
                self.part[unit] = new;
            }
        }
        true
    }

    /// Whether what a figure counts of a part and what it leaves are both safe.
    fn may_split(&self, part: usize, inside: &Inside) -> bool {
        let of_part = &self.squares[part];
        let left = of_part.len() - inside.squares.iter().filter(|(square, units)| of_part[*square] == **units).count();
        inside
            .sums
            .iter()
            .zip(&self.totals[part])
            .all(|(&sum, total)| self.safe(sum, inside.squares.len()) && (!self.complementary || self.safe(total - sum, left)))
    }

    /// The part of a unit.
    pub fn part(&self, unit: usize) -> usize {
        self.part[unit]
    }

    /// Total of a part on a day.
    pub fn total(&self, part: usize, day: usize) -> u64 {
        self.totals[part][day]
    }

    /// What a set weighs on a day.
    pub fn sum(&self, set: &[usize], day: usize) -> Weight {
        Weight::from_milli(set.iter().map(|unit| self.weights[unit * self.days + day]).sum())
    }
}
