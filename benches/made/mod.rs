//! What the benches share: dice that fall the same everywhere, cities on a raster, and how much memory was used.
#![allow(dead_code, reason = "each bench uses a part")]

use yizhan::crs::Metric;
use yizhan::domain::location::Role;
use yizhan::quantity::Weight;
use yizhan::siting::locate::classes::{Classes, Hilbert, from_points};
use yizhan::siting::problem::{Limit, Rows, SitingProblem};

/// The same numbers on every machine (Knuth's MMIX generator).
pub struct Dice(pub u64);

impl Dice {
    /// From 0 to 1.
    pub fn share(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }

    pub fn below(&mut self, end: usize) -> usize {
        (self.share() * end as f64) as usize
    }
}

/// The most memory this process held so far, where the system tells.
pub fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse::<f64>().ok());
    kib.map_or_else(|| "unknown".to_owned(), |kib| format!("{:.0} MiB", kib / 1024.0))
}

/// Cells a side of a raster.
const SIDE: usize = 1_000;

/// 10,000 sites anywhere and 1,000 × 1,000 cells, each within a disc of 3,000 cells: 3·10⁷ pairs.
pub fn discs() -> Classes {
    let mut dice = Dice(1);
    let side = SIDE as f64;
    let sites: Vec<[f64; 2]> = (0..10_000).map(|_| [dice.share() * side, dice.share() * side]).collect();
    let cells: Vec<[f64; 2]> = (0..SIDE * SIDE).map(|cell| [(cell % SIDE) as f64 + 0.5, (cell / SIDE) as f64 + 0.5]).collect();
    let weights: Vec<u64> = cells.iter().map(|_| dice.below(100) as u64).collect();
    let radius = (3_000.0 / std::f64::consts::PI).sqrt();
    from_points(Metric::Planar, radius, (&sites, &vec![Role::Candidate; sites.len()]), (&cells, &weights))
}

/// Where the places of a [`raster`] stand.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Stand {
    /// Anywhere, demand or none.
    Anywhere,
    /// As often in a cell as its demand says.
    ByDemand,
}

/// 10⁴ places and 10⁶ cells in four classes of hours (day, evening, night, festival); a place opens by day, also in the evening, or
/// round the clock; 100, 60 and 40 of these kinds. A disc has a radius of `reach` cells. Demand is thick around 60 centres and thin
/// elsewhere. Cells are numbered along the curve that `from_points` numbers classes along.
pub fn raster(reach: isize, stand: Stand) -> SitingProblem {
    const PLACES: usize = 10_000;
    let mut dice = Dice(42);
    let centres: Vec<[usize; 3]> = (0..60).map(|_| [dice.below(SIDE), dice.below(SIDE), 20 + dice.below(60)]).collect();
    let thick: Vec<f64> = (0..SIDE * SIDE)
        .map(|cell| {
            let around = |&[a, b, wide]: &[usize; 3]| {
                let (dx, dy) = ((cell % SIDE) as f64 - a as f64, (cell / SIDE) as f64 - b as f64);
                (-(dx * dx + dy * dy) / (2.0 * (wide * wide) as f64)).exp()
            };
            50.0 + 2_000.0 * centres.iter().map(around).sum::<f64>()
        })
        .collect();
    let shares = [0.6, 0.25, 0.1, 0.05];
    let mut weight = |share: f64, thick: &f64| Weight::from_milli((thick * share) as u64 + dice.below(20) as u64);
    let mut along: Vec<u32> = (0..(SIDE * SIDE) as u32).collect();
    let curve = Hilbert::around(&[[0.0; 2], [SIDE as f64; 2]]);
    along.sort_by_cached_key(|&cell| curve.along([(cell as usize % SIDE) as f64, (cell as usize / SIDE) as f64]));
    let mut number = vec![0u32; SIDE * SIDE];
    (0u32..).zip(&along).for_each(|(next, &cell)| number[cell as usize] = next);
    let mut weights = Vec::with_capacity(4 * SIDE * SIDE);
    for share in shares {
        weights.extend(along.iter().map(|&cell| weight(share, &thick[cell as usize])));
    }
    let discs: Vec<Vec<u32>> = (0..PLACES)
        .map(|_| {
            loop {
                let cell = dice.below(SIDE * SIDE);
                if stand == Stand::Anywhere || dice.share() * 4_000.0 < thick[cell] {
                    let mut cells: Vec<u32> = disc(cell, reach).into_iter().map(|cell| number[cell as usize]).collect();
                    cells.sort_unstable();
                    return cells;
                }
            }
        })
        .collect();
    let kinds: [&[u32]; 3] = [&[0], &[0, 1], &[0, 1, 2, 3]];
    let (mut covers, mut places) = (Rows::default(), Vec::new());
    for classes in kinds {
        for (place, cells) in (0u32..).zip(&discs) {
            let in_class = |&class: &u32| cells.iter().map(move |&cell| class * (SIDE * SIDE) as u32 + cell);
            covers.push(classes.iter().flat_map(in_class));
            places.push(place);
        }
    }
    let of = |kind: u32| kind * PLACES as u32..(kind + 1) * PLACES as u32;
    let limits = vec![Limit::count(of(0), 100), Limit::count(of(1), 60), Limit::count(of(2), 40)];
    SitingProblem { weights, places, covers, limits, ..SitingProblem::default() }
}

/// The cells within so many cells of one, ascending.
fn disc(cell: usize, reach: isize) -> Vec<u32> {
    let (x, y, side) = ((cell % SIDE) as isize, (cell / SIDE) as isize, SIDE as isize);
    let rows = (y - reach).max(0)..=(y + reach).min(side - 1);
    rows.flat_map(|row| {
        let wide = ((reach * reach - (row - y).pow(2)) as f64).sqrt() as isize;
        ((x - wide).max(0)..=(x + wide).min(side - 1)).map(move |column| (row * side + column) as u32)
    })
    .collect()
}
