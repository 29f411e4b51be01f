//! Demand points with the same covering sites, merged while they stream by.
//!
//! What: sites, weighted points and a limit → *classes*: one element for each distinct set of candidates that cover a point.
//! Merging is exact for every model that asks only whether a point is covered, or how often (isomorphic aggregation, Chen et al.
//! 2023). Where it counts how often, give existing sites as candidates and lock them in: points that they cover are left out.
//!
//! Steps:
//! 1. Chunks of points in parallel: the candidates within the limit of each point ([`Nearby`]), if no existing site covers it.
//! 2. Each set is looked up by hash and compared in full with the set kept for the class: a collision only costs time.
//! 3. Chunks are merged in order; then the classes are numbered along a Hilbert curve through the first point of each, so that
//!    ids of neighbours are neighbours: sums over coverage rows read memory in runs.
//!
//! Complexity: `O(points + pairs looked at)` time; memory `O(pairs of distinct sets)`, whatever the number of points.
//! Determinism: chunks have a fixed size and weights are integers: the same input gives the same classes on any thread count.

use rayon::prelude::*;

use super::nearby::Nearby;
use crate::crs::Metric;
use crate::domain::location::{LocationProblem, Role, Separation};
use crate::hilbert::along;
use crate::quantity::Weight;
use crate::siting::effort::Reduction;
use crate::siting::problem::{Rows, SitingProblem};

/// Points a task takes, and tasks between two merges: what is in flight stays small.
const CHUNK: usize = 8_192;
const ROUND: usize = 32;

/// How many uncoverable points are named.
const NAMED: usize = 1_000;

/// Demand by the set of candidates that cover it. Weights are in the integer units of the input, unscaled.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Classes {
    /// Weight of each class.
    pub weights: Vec<u64>,
    /// Number of demand points in each class.
    pub points: Vec<u32>,
    /// For each site row the classes it covers, ascending; empty for existing sites.
    pub covers: Rows,
    /// For each class the site rows that cover it, ascending, at least one.
    pub coverers: Rows,
    /// The site rows that are candidates, ascending.
    pub candidates: Vec<u32>,
    /// (candidate, point) pairs before merging, points that existing sites cover left out.
    pub pairs: u64,
    /// Weight that existing sites cover.
    pub covered_by_existing: u64,
    /// Number of demand points that existing sites cover.
    pub points_by_existing: u64,
    /// Weight that no site reaches.
    pub uncoverable: u64,
    /// Number of demand points that no site reaches.
    pub uncoverable_points: u64,
    /// The first thousand of their rows, ascending.
    pub uncoverable_rows: Vec<u32>,
}

/// The classes of a location problem: covered means impedance ≤ `limit`.
pub fn classes(problem: &LocationProblem, limit: f64) -> Classes {
    let (sites, demand) = (&problem.sites, &problem.demand);
    match &problem.separation {
        Separation::Metric(metric) => {
            from_points(*metric, limit, (&sites.points, &sites.roles), (&demand.points, &demand.weights))
        }
        Separation::Matrix(entries) => {
            let listed = Listed::new(&sites.roles, demand.weights.len(), entries, limit);
            merge(&listed, &sites.roles, &demand.weights, u64::from)
        }
    }
}

/// The classes of positions alone, for sizes where identifiers would not fit: sites and their roles, points and their weights.
///
/// # Panics
/// When two columns differ in length.
pub fn from_points(metric: Metric, limit: f64, sites: (&[[f64; 2]], &[Role]), demand: (&[[f64; 2]], &[u64])) -> Classes {
    assert!(sites.0.len() == sites.1.len() && demand.0.len() == demand.1.len(), "invariant: columns have one length");
    let of = |role: Role| (0u32..).zip(sites.1).filter(move |(_, is)| **is == role).map(|(row, _)| row);
    let near = Near {
        existing: Nearby::new(metric, limit, sites.0, of(Role::Existing)),
        candidates: Nearby::new(metric, limit, sites.0, of(Role::Candidate)),
        points: demand.0,
    };
    let curve = Hilbert::around(demand.0);
    merge(&near, sites.1, demand.1, |first| curve.along(demand.0[first as usize]))
}

impl Classes {
    /// What was left out and merged, point by point and pair by pair.
    pub fn reductions(&self) -> Vec<Reduction> {
        let merged: u64 = self.points.iter().map(|&points| u64::from(points)).sum();
        let open = merged + self.uncoverable_points;
        let step = |name, counts, before, after| Reduction { name, counts, before, after };
        vec![
            step("covered_by_existing", "elements", open + self.points_by_existing, open),
            step("uncoverable", "elements", open, merged),
            step("covering_sets", "elements", merged, self.weights.len() as u64),
            step("covering_sets", "pairs", self.pairs, self.covers.pairs() as u64),
        ]
    }

    /// As a siting problem without rules: option k opens candidate `candidates[k]`, a class is an element, a unit of weight is
    /// one thousandth.
    pub fn into_problem(self) -> SitingProblem {
        let all = self.candidates.len() == self.covers.len();
        let covers = if all {
            self.covers
        } else {
            self.candidates.iter().map(|&site| self.covers.row(site as usize).iter().copied()).collect()
        };
        SitingProblem {
            weights: self.weights.into_iter().map(Weight::from_milli).collect(),
            places: (0..covers.len() as u32).collect(),
            covers,
            ..SitingProblem::default()
        }
    }
}

/// What covers each demand point.
trait Coverers: Sync {
    /// The candidates that cover a point, ascending; none when an existing site covers it.
    fn of<'r>(&'r self, point: usize, room: &'r mut Vec<u32>) -> Option<&'r [u32]>;

    /// The site row of a candidate in a set.
    fn row(&self, candidate: u32) -> u32;
}

/// By position; candidates in sets are places.
struct Near<'a> {
    existing: Nearby,
    candidates: Nearby,
    points: &'a [[f64; 2]],
}

impl Coverers for Near<'_> {
    fn of<'r>(&'r self, point: usize, room: &'r mut Vec<u32>) -> Option<&'r [u32]> {
        let at = self.points[point];
        let is_free = self.existing.is_empty() || self.existing.within(at, room).is_empty();
        is_free.then(|| self.candidates.within(at, room))
    }

    fn row(&self, candidate: u32) -> u32 {
        self.candidates.row(candidate)
    }
}

/// By a matrix; candidates in sets are site rows.
struct Listed {
    by_point: Rows,
    has_existing: Vec<bool>,
}

impl Listed {
    /// Entries are sorted by site, so that the sites of a point come out ascending.
    fn new(roles: &[Role], points: usize, entries: &[(u32, u32, f64)], limit: f64) -> Self {
        let mut by_site = vec![Vec::new(); roles.len()];
        let mut has_existing = vec![false; points];
        for &(site, point, _) in entries.iter().filter(|entry| entry.2 <= limit) {
            match roles[site as usize] {
                Role::Existing => has_existing[point as usize] = true,
                Role::Candidate => by_site[site as usize].push(point),
            }
        }
        Self { by_point: by_site.into_iter().collect::<Rows>().transposed(points), has_existing }
    }
}

impl Coverers for Listed {
    fn of<'r>(&'r self, point: usize, _: &'r mut Vec<u32>) -> Option<&'r [u32]> {
        (!self.has_existing[point]).then(|| self.by_point.row(point))
    }

    fn row(&self, candidate: u32) -> u32 {
        candidate
    }
}

/// Distinct sets of candidates, found by hash and told apart by comparison.
#[derive(Debug, Default)]
struct Sets {
    starts: Vec<usize>,
    ids: Vec<u32>,
    hashes: Vec<u64>,
    /// Open addressing: 1 + number of a set, 0 where free. A power of two, at most half full.
    slots: Vec<u32>,
}

impl Sets {
    fn len(&self) -> usize {
        self.hashes.len()
    }

    fn set(&self, number: usize) -> &[u32] {
        let from = if number == 0 { 0 } else { self.starts[number - 1] };
        &self.ids[from..self.starts[number]]
    }

    /// Number of a set; a new one gets the next.
    fn number(&mut self, hash: u64, set: &[u32]) -> usize {
        if 2 * (self.len() + 1) > self.slots.len() {
            self.grow();
        }
        let mask = self.slots.len() - 1;
        let mut slot = hash as usize & mask;
        while self.slots[slot] != 0 {
            let number = self.slots[slot] as usize - 1;
            if self.hashes[number] == hash && self.set(number) == set {
                return number;
            }
            slot = (slot + 1) & mask;
        }
        self.ids.extend_from_slice(set);
        self.starts.push(self.ids.len());
        self.hashes.push(hash);
        self.slots[slot] = self.len() as u32;
        self.len() - 1
    }

    fn grow(&mut self) {
        let slots = (4 * self.len()).next_power_of_two().max(64);
        self.slots = vec![0; slots];
        for (number, &hash) in self.hashes.iter().enumerate() {
            let mut slot = hash as usize & (slots - 1);
            while self.slots[slot] != 0 {
                slot = (slot + 1) & (slots - 1);
            }
            self.slots[slot] = number as u32 + 1;
        }
    }
}

/// Hash of a set, one multiplication a member.
fn hash(set: &[u32]) -> u64 {
    let spread = |sum: u64, &id: &u32| (sum.rotate_left(5) ^ u64::from(id)).wrapping_mul(0x517c_c1b7_2722_0a95);
    let sum = set.iter().fold(0, spread);
    sum ^ (sum >> 32)
}

/// What some of the points come to.
#[derive(Debug, Default)]
struct Tally {
    sets: Sets,
    weights: Vec<u64>,
    points: Vec<u32>,
    /// First point of each set.
    firsts: Vec<u32>,
    pairs: u64,
    covered_by_existing: u64,
    points_by_existing: u64,
    uncoverable: u64,
    uncoverable_points: u64,
    uncoverable_rows: Vec<u32>,
}

impl Tally {
    fn of(coverers: &impl Coverers, weights: &[u64], points: std::ops::Range<usize>) -> Self {
        let mut all = Self::default();
        let mut room = Vec::new();
        for point in points {
            let weight = weights[point];
            match coverers.of(point, &mut room) {
                None => {
                    all.covered_by_existing += weight;
                    all.points_by_existing += 1;
                }
                Some([]) => {
                    all.uncoverable += weight;
                    all.uncoverable_points += 1;
                    if all.uncoverable_rows.len() < NAMED {
                        all.uncoverable_rows.push(point as u32);
                    }
                }
                Some(set) => {
                    all.pairs += set.len() as u64;
                    all.add(hash(set), set, weight, 1, point as u32);
                }
            }
        }
        all
    }

    fn add(&mut self, hash: u64, set: &[u32], weight: u64, points: u32, first: u32) {
        let number = self.sets.number(hash, set);
        if number == self.firsts.len() {
            self.firsts.push(first);
            self.weights.push(0);
            self.points.push(0);
        }
        self.weights[number] += weight;
        self.points[number] += points;
    }

    /// Adds the tally of later points.
    fn append(&mut self, later: &Self) {
        for number in 0..later.sets.len() {
            let (hash, set) = (later.sets.hashes[number], later.sets.set(number));
            self.add(hash, set, later.weights[number], later.points[number], later.firsts[number]);
        }
        self.pairs += later.pairs;
        self.covered_by_existing += later.covered_by_existing;
        self.points_by_existing += later.points_by_existing;
        self.uncoverable += later.uncoverable;
        self.uncoverable_points += later.uncoverable_points;
        let space = NAMED - self.uncoverable_rows.len();
        self.uncoverable_rows.extend(later.uncoverable_rows.iter().take(space));
    }
}

/// Streams all points; `order` places a class by its first point.
fn merge(coverers: &impl Coverers, roles: &[Role], weights: &[u64], order: impl Fn(u32) -> u64) -> Classes {
    let mut all = Tally::default();
    for round in (0..weights.len()).step_by(ROUND * CHUNK) {
        let end = weights.len().min(round + ROUND * CHUNK);
        let chunks: Vec<usize> = (round..end).step_by(CHUNK).collect();
        let tally = |from: usize| Tally::of(coverers, weights, from..end.min(from + CHUNK));
        let tallies: Vec<Tally> = chunks.into_par_iter().map(tally).collect();
        tallies.iter().for_each(|tally| all.append(tally));
    }
    let mut numbers: Vec<(u64, u32, u32)> =
        (0u32..).zip(&all.firsts).map(|(number, &first)| (order(first), first, number)).collect();
    numbers.sort_unstable();
    // Sorted in chunks that are whole rows in one piece of memory each.
    let sorted = |numbers: &[(u64, u32, u32)]| {
        let (mut starts, mut sites) = (vec![0], Vec::new());
        for &(_, _, number) in numbers {
            let from = sites.len();
            sites.extend(all.sets.set(number as usize).iter().map(|&candidate| coverers.row(candidate)));
            sites[from..].sort_unstable();
            starts.push(sites.len());
        }
        Rows::from_parts(starts, sites)
    };
    let chunks: Vec<Rows> = numbers.par_chunks(CHUNK).map(sorted).collect();
    let mut rows = Rows::with_capacity(numbers.len(), all.sets.ids.len());
    chunks.iter().flat_map(Rows::iter).for_each(|sites| rows.push(sites.iter().copied()));
    drop(chunks);
    drop(all.sets);
    Classes {
        weights: numbers.iter().map(|&(_, _, number)| all.weights[number as usize]).collect(),
        points: numbers.iter().map(|&(_, _, number)| all.points[number as usize]).collect(),
        covers: rows.transposed(roles.len()),
        coverers: rows,
        candidates: (0u32..).zip(roles).filter(|(_, role)| **role == Role::Candidate).map(|(row, _)| row).collect(),
        pairs: all.pairs,
        covered_by_existing: all.covered_by_existing,
        points_by_existing: all.points_by_existing,
        uncoverable: all.uncoverable,
        uncoverable_points: all.uncoverable_points,
        uncoverable_rows: all.uncoverable_rows,
    }
}

/// Hilbert's curve through the box around some points, 2¹⁶ steps a side.
pub struct Hilbert {
    corner: [f64; 2],
    per_unit: f64,
}

impl Hilbert {
    /// The curve through the box around the points.
    pub fn around(points: &[[f64; 2]]) -> Self {
        let (mut low, mut high) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
        for point in points {
            for axis in 0..2 {
                (low[axis], high[axis]) = (low[axis].min(point[axis]), high[axis].max(point[axis]));
            }
        }
        let side = (high[0] - low[0]).max(high[1] - low[1]);
        Self { corner: low, per_unit: if side > 0.0 { 65_535.0 / side } else { 0.0 } }
    }

    /// How far along the curve a point lies.
    pub fn along(&self, point: [f64; 2]) -> u64 {
        let step = |axis: usize| (((point[axis] - self.corner[axis]) * self.per_unit) as u32).min(65_535);
        along(step(0), step(1), 16)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::location::{LocationDemand, LocationSites};
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    /// A problem of these positions and roles; weights 0, 1, 2, …
    fn problem(separation: Separation, sites: Vec<([f64; 2], bool)>, demand: Vec<[f64; 2]>) -> LocationProblem {
        let role = |&(_, exists): &([f64; 2], bool)| if exists { Role::Existing } else { Role::Candidate };
        LocationProblem {
            sites: LocationSites {
                ids: (0..sites.len()).map(|row| row.to_string()).collect(),
                roles: sites.iter().map(role).collect(),
                costs: vec![1; sites.len()],
                capacities: vec![None; sites.len()],
                points: sites.into_iter().map(|(point, _)| point).collect(),
            },
            demand: LocationDemand {
                ids: (0..demand.len()).map(|row| row.to_string()).collect(),
                weights: (0..demand.len() as u64).collect(),
                points: demand,
            },
            separation,
            weight_scale: 1,
        }
    }

    /// Class by covering set, the slow way: every pair.
    fn naive(problem: &LocationProblem, limit: f64) -> (BTreeMap<Vec<u32>, (u64, u32)>, u64, u64) {
        let (mut sets, mut existing, mut uncoverable) = (BTreeMap::new(), 0, 0);
        for (point, &weight) in problem.demand.weights.iter().enumerate() {
            let covered = |site: usize| match &problem.separation {
                Separation::Metric(metric) => metric.distance(problem.sites.points[site], problem.demand.points[point]) <= limit,
                Separation::Matrix(entries) => {
                    entries.iter().any(|&(s, d, metres)| (s as usize, d as usize) == (site, point) && metres <= limit)
                }
            };
            let all: Vec<usize> = (0..problem.sites.roles.len()).filter(|&site| covered(site)).collect();
            if all.iter().any(|&site| problem.sites.roles[site] == Role::Existing) {
                existing += weight;
            } else if all.is_empty() {
                uncoverable += weight;
            } else {
                let class = sets.entry(all.iter().map(|&site| site as u32).collect()).or_insert((0, 0));
                *class = (class.0 + weight, class.1 + 1);
            }
        }
        (sets, existing, uncoverable)
    }

    /// Compares with the slow way and closes the account.
    fn agrees(problem: &LocationProblem, limit: f64) -> Result<(), TestCaseError> {
        let fast = classes(problem, limit);
        let (sets, existing, uncoverable) = naive(problem, limit);
        let found: BTreeMap<Vec<u32>, (u64, u32)> = (0..fast.weights.len())
            .map(|class| (fast.coverers.row(class).to_vec(), (fast.weights[class], fast.points[class])))
            .collect();
        prop_assert_eq!(found.len(), fast.weights.len());
        prop_assert_eq!(&found, &sets);
        prop_assert_eq!((fast.covered_by_existing, fast.uncoverable), (existing, uncoverable));
        let total: u64 = fast.weights.iter().sum();
        prop_assert_eq!(total + existing + uncoverable, problem.total_weight());
        let reductions = fast.reductions();
        prop_assert_eq!(reductions[0].before, problem.demand.weights.len() as u64);
        prop_assert!(reductions.iter().all(|step| step.after <= step.before));
        let pairs: u64 = sets.iter().map(|(set, (_, points))| set.len() as u64 * u64::from(*points)).sum();
        prop_assert_eq!(fast.pairs, pairs);
        prop_assert_eq!(&fast.covers.transposed(fast.weights.len()), &fast.coverers);
        Ok(())
    }

    /// Points of a lattice, so that many distances are equal, or anywhere.
    fn planar() -> impl Strategy<Value = [f64; 2]> {
        prop_oneof![(0..12, 0..12).prop_map(|(x, y)| [f64::from(x), f64::from(y)]), (0.0..12.0, 0.0..12.0).prop_map(Into::into)]
    }

    /// Points near a pole, near the antimeridian, or in a town.
    fn globe() -> impl Strategy<Value = [f64; 2]> {
        let round = |x: f64| (x * 200.0).round() / 200.0;
        prop_oneof![
            (-180.0..180.0, 89.9..90.0).prop_map(Into::into),
            (prop_oneof![-180.0..-179.97, 179.97..180.0], -0.03..0.03).prop_map(Into::into),
            (126.5..126.7, 45.7..45.8).prop_map(Into::into),
            (126.5..126.6, 45.7..45.8).prop_map(move |(x, y)| [round(x), round(y)]),
        ]
    }

    fn sites(point: impl Strategy<Value = [f64; 2]>) -> impl Strategy<Value = Vec<([f64; 2], bool)>> {
        prop::collection::vec((point, prop::bool::weighted(0.1)), 0..30)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        #[test]
        fn planar_classes_are_those_of_every_pair(
            sites in sites(planar()), demand in prop::collection::vec(planar(), 0..60), pick in 0..100usize, limit in 0.0..8.0_f64,
        ) {
            let problem = problem(Separation::Metric(Metric::Planar), sites, demand);
            agrees(&problem, limit)?;
            agrees(&problem, limit.round())?;
            agrees(&problem, at_equality(&problem, pick))?;
        }

        #[test]
        fn classes_on_a_globe_are_those_of_every_pair(
            sites in sites(globe()), demand in prop::collection::vec(globe(), 0..60), pick in 0..100usize,
            limit in prop_oneof![0.0..20_000.0_f64, 0.0..2e7_f64], ellipsoid: bool,
        ) {
            let metric = if ellipsoid { Metric::Geodesic } else { Metric::Haversine(6_371_000.0) };
            let problem = problem(Separation::Metric(metric), sites, demand);
            agrees(&problem, limit)?;
            agrees(&problem, at_equality(&problem, pick))?;
        }

        #[test]
        fn classes_of_a_matrix_are_those_of_every_pair(
            sites in sites(planar()), points in 1..40usize,
            seed in prop::collection::btree_map((0..30u32, 0..40u32), 0.0..9.0_f64, 0..200),
        ) {
            let rows = sites.len() as u32;
            let listed = |((site, point), _): &((u32, u32), f64)| *site < rows && (*point as usize) < points;
            let entries = seed.into_iter().filter(listed).map(|((site, point), metres)| (site, point, metres.round()));
            let problem = problem(Separation::Matrix(entries.collect()), sites, vec![[0.0; 2]; points]);
            agrees(&problem, 5.0)?;
        }

        #[test]
        fn sets_are_told_apart_when_hashes_collide(
            sets in prop::collection::vec(prop::collection::btree_set(0..6u32, 1..4), 1..80), hashes in 1..4u64,
        ) {
            let (mut all, mut numbers) = (Sets::default(), BTreeMap::new());
            for (at, set) in sets.iter().enumerate() {
                let list: Vec<u32> = set.iter().copied().collect();
                let (hash, next) = (list.len() as u64 % hashes, numbers.len());
                prop_assert_eq!(all.number(hash, &list), *numbers.entry(list.clone()).or_insert(next), "set {}", at);
            }
        }
    }

    /// Exactly the distance of some pair.
    fn at_equality(problem: &LocationProblem, pick: usize) -> f64 {
        let (sites, demand) = (&problem.sites.points, &problem.demand.points);
        let Separation::Metric(metric) = problem.separation else { return 1.0 };
        if sites.is_empty() || demand.is_empty() {
            return 1.0;
        }
        metric.distance(sites[pick % sites.len()], demand[pick % demand.len()])
    }

    /// More chunks than one and more rounds than one.
    #[test]
    fn threads_and_chunks_change_nothing() {
        let spot = |row: usize, by: f64| [(row as f64 * by).sin() * 10.0, (row as f64 * by * 1.7).cos() * 10.0];
        let sites: Vec<_> = (0..60).map(|row| (spot(row, 0.77), row % 20 == 0)).collect();
        let demand: Vec<_> = (0..CHUNK * ROUND + 20_000).map(|row| spot(row, 0.013)).collect();
        let problem = problem(Separation::Metric(Metric::Planar), sites, demand);
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
            pool.install(|| classes(&problem, 2.5))
        };
        let one = on(1);
        assert!(one.weights.len() > 100 && one.covered_by_existing > 0 && one.uncoverable > 0, "{}", one.weights.len());
        assert_eq!(one, on(2));
        assert_eq!(one.weights.iter().sum::<u64>() + one.covered_by_existing + one.uncoverable, problem.total_weight());
        assert_eq!(one.uncoverable_rows.len() as u64, one.uncoverable_points.min(NAMED as u64));
    }

    #[test]
    fn a_limit_that_is_no_number_covers_nothing() {
        let problem = problem(Separation::Metric(Metric::Planar), vec![([0.0, 0.0], false)], vec![[0.0, 0.0]; 3]);
        assert_eq!(classes(&problem, f64::NAN).uncoverable_points, 3);
        assert_eq!(classes(&problem, -1.0).uncoverable_points, 3);
        assert_eq!(classes(&problem, 0.0).points, [3]);
        assert_eq!(classes(&problem, f64::INFINITY).points, [3]);
    }

    #[test]
    fn options_are_the_candidates() {
        let sites = vec![([0.0, 0.0], false), ([5.0, 0.0], true), ([9.0, 0.0], false)];
        let demand = vec![[0.0, 1.0], [5.0, 1.0], [9.0, 1.0], [9.0, 0.5], [50.0, 0.0]];
        let all = classes(&problem(Separation::Metric(Metric::Planar), sites, demand), 1.0);
        assert_eq!((&all.candidates, all.covered_by_existing, all.uncoverable_rows.as_slice()), (&vec![0, 2], 1, &[4][..]));
        let problem = all.into_problem();
        assert_eq!((problem.options(), problem.total()), (2, Weight::from_milli(5)));
        assert_eq!(problem.weight(problem.covers.row(1)[0]), Weight::from_milli(5));
    }

    /// Pairs and classes as counted by others.
    #[test]
    fn the_published_problem_has_as_many_classes_as_known() {
        let problem = crate::synth::location::cordeau(1, 100, 10_000);
        let roles = vec![Role::Candidate; 100];
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/data/instances/bds10000a/expected.json");
        let text = std::fs::read_to_string(path).expect("a file");
        let known: Vec<BTreeMap<String, String>> = serde_json::from_str(&text).expect("rows of texts");
        for row in &known {
            let radius = row["R"].parse().expect("a number");
            let all = from_points(Metric::Planar, radius, (&problem.sites, &roles), (&problem.customers, &problem.weights));
            assert_eq!((all.pairs.to_string(), all.weights.len().to_string()), (row["nnz"].clone(), row["classes"].clone()));
        }
        assert_eq!(known.len(), 5);
    }
}
