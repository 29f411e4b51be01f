//! Random location problems of the literature, number for number.
//!
//! What: the test bed of Cordeau, Furini & Ljubić (2019), "Benders decomposition for very large scale partial set covering and
//! maximal covering location problems", EJOR 275(3), 882-896: sites and demand uniform on a square of side 30, weights 1 to 100.
//!
//! Steps: `srand(seed)`; x and y of each site, then of each customer, `rand() ÷ RAND_MAX · 30`; a cost of each site; a weight
//! `rand() % 100 + 1` of each customer. Positions are rounded to six decimals, as the published files print them. `rand` is the
//! GNU C library's additive feedback generator (Knuth 3.2.2): `rᵢ = rᵢ₋₃ + rᵢ₋₃₁ mod 2³²`, the lowest bit dropped.
//!
//! Complexity: `O(sites + customers)`; determinism: the numbers depend on the three arguments alone, on any machine.

/// Side of the square.
const SIDE: f64 = 30.0;

/// Terms of the generator's memory.
const TERMS: usize = 31;

/// A random problem; columns of the same length belong together. Every site costs 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Cordeau {
    /// Positions of the sites.
    pub sites: Vec<[f64; 2]>,
    /// Positions of the customers.
    pub customers: Vec<[f64; 2]>,
    /// Weights of the customers, 1 to 100.
    pub weights: Vec<u64>,
}

/// The problem with this seed: `cordeau(1, 100, 10_000)` is the published BDS10000A.
pub fn cordeau(seed: u32, sites: usize, customers: usize) -> Cordeau {
    let mut rand = GnuRand::new(seed);
    let mut coordinate = || six_decimals(f64::from(rand.draw()) / f64::from(i32::MAX) * SIDE);
    let mut points = |count: usize| -> Vec<[f64; 2]> { (0..count).map(|_| [coordinate(), coordinate()]).collect() };
    let (places, people) = (points(sites), points(customers));
    // A cost from 1 to 1 takes a number all the same.
    for _ in 0..sites {
        rand.draw();
    }
    let weights = (0..customers).map(|_| u64::from(rand.draw() % 100 + 1)).collect();
    Cordeau { sites: places, customers: people, weights }
}

/// `rand()` of the GNU C library.
struct GnuRand {
    terms: [u32; TERMS],
    next: usize,
}

impl GnuRand {
    /// `srand(seed)`.
    fn new(seed: u32) -> Self {
        let mut terms = [0; TERMS];
        // The generator of Park & Miller fills the memory; 0 would stay 0 for ever.
        let mut word = i64::from(seed.max(1) as i32);
        terms[0] = word as u32;
        for term in &mut terms[1..] {
            // Schrage's division; a quotient is cut off towards zero, as in C.
            word = 16_807 * (word % 127_773) - 2_836 * (word / 127_773);
            if word < 0 {
                word += i64::from(i32::MAX);
            }
            *term = word as u32;
        }
        let mut rand = Self { terms, next: 3 };
        for _ in 0..10 * TERMS {
            rand.draw();
        }
        rand
    }

    /// `rand()`: 0 to 2³¹ − 1.
    fn draw(&mut self) -> u32 {
        let before = self.terms[(self.next + TERMS - 3) % TERMS];
        let term = &mut self.terms[self.next];
        *term = term.wrapping_add(before);
        let drawn = *term >> 1;
        self.next = (self.next + 1) % TERMS;
        drawn
    }
}

/// The number that `printf("%.6f")` prints: exact, halves to even.
fn six_decimals(value: f64) -> f64 {
    let millionths = value * 1e6;
    if (millionths.fract() - 0.5).abs() > 1e-6 {
        // A quotient of two exact numbers is the number nearest to the decimal.
        return millionths.round() / 1e6;
    }
    // Too near to the middle for the product to tell.
    format!("{value:.6}").parse().expect("invariant: digits are a number")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Columns of a published file after its header.
    fn published(name: &str) -> Vec<Vec<f64>> {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/data/instances/bds10000a/").to_owned() + name;
        let text = std::fs::read_to_string(&path).expect("a published file");
        let row = |line: &str| line.split(',').map(|cell| cell.parse().expect("a number")).collect();
        text.lines().skip(1).map(row).collect()
    }

    #[test]
    fn bds10000a_comes_out_number_for_number() {
        let problem = cordeau(1, 100, 10_000);
        let sites = published("sites.csv");
        let demand = published("demand.csv");
        assert_eq!((sites.len(), demand.len()), (100, 10_000));
        for (row, point) in sites.iter().zip(&problem.sites) {
            assert_eq!(&row[1..3], point, "site {}", row[0]);
        }
        for ((row, point), weight) in demand.iter().zip(&problem.customers).zip(&problem.weights) {
            assert_eq!(&row[1..3], point, "customer {}", row[0]);
            assert_eq!(row[3], *weight as f64, "customer {}", row[0]);
        }
    }

    #[test]
    fn first_numbers_of_the_c_library() {
        let first = |seed| {
            let mut rand = GnuRand::new(seed);
            [rand.draw(), rand.draw(), rand.draw()]
        };
        assert_eq!(first(0), first(1));
        assert_eq!(first(1), [1_804_289_383, 846_930_886, 1_681_692_777]);
        assert_eq!(first(5), [590_011_675, 99_788_765, 2_131_925_610]);
        assert_eq!(first(3_000_000_000), [2_058_147_116, 854_483_408, 922_419_988]);
        assert_eq!(first(u32::MAX), [254_925_627, 1_205_188_300, 366_127_624]);
    }

    #[test]
    fn halves_are_rounded_as_printed() {
        // 2⁻⁷ has seven decimals and ends in 5.
        assert_eq!(six_decimals(0.007_812_5), 0.007_812);
        assert_eq!(six_decimals(1.007_812_5), 1.007_812);
        assert_eq!(six_decimals(30.0), 30.0);
    }

    proptest! {
        #[test]
        fn rounding_is_what_is_printed(value in 0.0..30.0_f64) {
            prop_assert_eq!(six_decimals(value), format!("{value:.6}").parse::<f64>().expect("a number"));
        }
    }
}
