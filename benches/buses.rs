//! Random cities of growing size: what the optimiser finds, its bound, and how long it takes.
//!
//! `cargo bench --profile release --bench buses [-- NAME …]`: only cases whose name contains one of these. Each answer is checked by
//! `mobile::day::check`.

#![allow(clippy::print_stdout, reason = "a bench prints its table")]

use std::time::Instant;

use yizhan::mobile::day::{BusDay, BusProblem, DayStop, Effort, Rules, Slots, Vehicle, solve};
use yizhan::random::Random;

/// Seed of all cities.
const SEED: u64 = 7;

/// A random city.
struct City {
    name: &'static str,
    stops: usize,
    slots: usize,
    vehicles: usize,
    cells: usize,
    centres: usize,
    depots: usize,
    /// Side of the square in kilometres.
    side: f64,
    moving: bool,
    work: u64,
}

impl City {
    /// Six centres, demand around them that stays or wanders through the day; the nearest half kilometre of some cells is served.
    fn day(&self, seed: u64) -> BusDay {
        let mut random = Random::new(seed);
        let point = |random: &mut Random| (random.unit() * self.side, random.unit() * self.side);
        let centres: Vec<(f64, f64)> = (0..self.centres).map(|_| point(&mut random)).collect();
        let phases: Vec<f64> = (0..self.centres).map(|_| random.unit() * self.slots as f64).collect();
        let near = |random: &mut Random, spread: f64| {
            let (x, y) = centres[random.below(self.centres)];
            let around = |random: &mut Random| (random.unit() + random.unit() + random.unit() - 1.5) * spread;
            ((x + around(random)).clamp(0.0, self.side), (y + around(random)).clamp(0.0, self.side))
        };
        let cells: Vec<(f64, f64)> =
            (0..self.cells).map(|i| if i % 3 == 0 { point(&mut random) } else { near(&mut random, 1.5) }).collect();
        let stops: Vec<(f64, f64)> =
            (0..self.stops).map(|i| if i % 3 == 0 { point(&mut random) } else { near(&mut random, 1.5) }).collect();
        let depots: Vec<(f64, f64)> = (0..self.depots).map(|_| near(&mut random, 1.0)).collect();
        let far = |a: (f64, f64), b: (f64, f64)| (a.0 - b.0).hypot(a.1 - b.1);
        let mut demand = Vec::with_capacity(self.cells * self.slots);
        for &cell in &cells {
            let base = 40.0 + 400.0 * random.unit();
            for slot in 0..self.slots {
                let pull = |(centre, phase): (&(f64, f64), &f64)| {
                    let wave = if self.moving {
                        let angle = (slot as f64 - phase) / self.slots as f64 * std::f64::consts::TAU;
                        (0.5 + 0.5 * angle.cos()).powi(3)
                    } else {
                        0.35
                    };
                    wave * (-far(cell, *centre) / 1.5).exp()
                };
                let pulls: f64 = centres.iter().zip(&phases).map(pull).sum();
                demand.push((base * (0.05 + pulls)) as u64);
            }
        }
        let places: Vec<(f64, f64)> = stops.iter().chain(&depots).copied().collect();
        let minutes =
            places.iter().flat_map(|&a| places.iter().map(move |&b| (far(a, b) * 1.3 / 25.0 * 60.0).ceil() as u32)).collect();
        let permitted = |random: &mut Random| {
            let from = random.below(self.slots / 4 + 1);
            Slots::range(from..self.slots - random.below(self.slots / 4 + 1))
        };
        let stops = stops
            .iter()
            .map(|&stop| DayStop {
                permitted: permitted(&mut random),
                cells: (0..self.cells as u32).filter(|&cell| far(stop, cells[cell as usize]) <= 0.8).collect(),
                ..DayStop::default()
            })
            .collect();
        let vehicle = |row: usize| Vehicle {
            depot: (self.depots > 0).then(|| row % self.depots),
            length_cm: 1_050,
            capacity: 18_000,
            shift: 16.min(self.slots),
            on_duty: 0..self.slots,
        };
        BusDay {
            slots: self.slots,
            slot_minutes: 30,
            stops,
            demand,
            vehicles: (0..self.vehicles).map(vehicle).collect(),
            depots: self.depots,
            minutes,
            rules: Rules { move_cost: 2_000, ..Rules::default() },
            ..BusDay::default()
        }
    }
}

fn main() {
    let city = City {
        name: "",
        stops: 20,
        slots: 32,
        vehicles: 3,
        cells: 400,
        centres: 6,
        depots: 1,
        side: 8.0,
        moving: false,
        work: 400_000_000,
    };
    let cities = [
        City { name: "20x32x3-static", ..city },
        City { name: "20x32x3-moving", moving: true, ..city },
        City { name: "25x32x5-moving", stops: 25, vehicles: 5, moving: true, ..city },
        City { name: "40x32x5-static", stops: 40, vehicles: 5, cells: 800, ..city },
        City { name: "40x32x5-moving", stops: 40, vehicles: 5, cells: 800, moving: true, ..city },
        City { name: "40x32x5-dense", stops: 40, vehicles: 5, cells: 800, side: 4.0, moving: true, ..city },
        City { name: "80x32x5-moving", stops: 80, vehicles: 5, cells: 1_200, moving: true, ..city },
        City {
            name: "400x32x40",
            stops: 400,
            vehicles: 40,
            cells: 4_000,
            centres: 12,
            depots: 4,
            side: 36.0,
            moving: true,
            work: 2_000_000_000,
            ..city
        },
        City {
            name: "2000x32x200",
            stops: 2_000,
            vehicles: 200,
            cells: 20_000,
            centres: 60,
            depots: 20,
            side: 80.0,
            moving: true,
            work: 16_000_000_000,
            ..city
        },
    ];
    let asked: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    println!("{:<16} {:>12} {:>12} {:>8} {:>7} {:>8} {:>14}", "case", "value", "bound", "gap %", "proved", "seconds", "arcs");
    for city in cities.iter().filter(|city| asked.is_empty() || asked.iter().any(|name| city.name.contains(name.as_str()))) {
        let problem = BusProblem::new(city.day(SEED)).expect("invariant: the city is well formed");
        let clock = Instant::now();
        let solution = solve(&problem, &Effort { work: city.work, ..Effort::default() }, &|| false)
            .expect("invariant: nothing is asked for");
        let seconds = clock.elapsed().as_secs_f64();
        solution.verify(&problem).expect("invariant: what a solution claims is true");
        println!(
            "{:<16} {:>12} {:>12} {:>8.3} {:>7} {:>8.2} {:>14}",
            city.name,
            solution.value.net,
            solution.bound,
            solution.optimality_gap() * 100.0,
            solution.proved,
            seconds,
            solution.work
        );
    }
}
