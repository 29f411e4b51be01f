//! From points to coverage, and sums over it, beside what this machine's memory gives. `docs/benchmarks.md` says what came out.
//!
//! `cargo bench --bench kernel` prints all tables; `cargo bench --bench kernel -- roof raster` only these. Tables: `roof`
//! (gathers), `raster` (10⁴ sites, 10⁶ cells, 3·10⁷ pairs), `million` and `twenty-million` (customers of Cordeau et al. 2019),
//! `country` (12,000 × 200,000 separations). Memory is the most that the process ever held: for one table's own, ask for that
//! table alone.
#![allow(clippy::print_stdout, reason = "a bench prints its tables")]

mod made;

use std::hint::black_box;
use std::time::Instant;

use made::{Dice, discs, peak};
use yizhan::crs::Metric;
use yizhan::domain::location::{LocationDemand, LocationProblem, LocationSites, Role, Separation};
use yizhan::siting::locate::classes::{Classes, from_points};
use yizhan::siting::locate::separations::Separations;
use yizhan::siting::problem::Rows;
use yizhan::synth::location::cordeau;

/// The best of five runs, in seconds.
fn best(mut run: impl FnMut()) -> f64 {
    let time = |_| {
        let start = Instant::now();
        run();
        start.elapsed().as_secs_f64()
    };
    (0..5).map(time).fold(f64::INFINITY, f64::min)
}

fn row(what: &str, pairs: usize, seconds: f64) {
    println!("{what:<58} {pairs:>12} {:>9.4} s {:>8.0} M pairs/s", seconds, pairs as f64 / seconds / 1e6);
}

/// Sum of the weights of every row.
fn sums<W: Copy + Into<S>, S: std::iter::Sum>(rows: &Rows, weights: &[W]) -> Vec<S> {
    rows.iter().map(|ids| ids.iter().map(|&id| weights[id as usize].into()).sum()).collect()
}

/// Rows of 3,000 ids among a million: in runs of that length, or anywhere.
fn gathers(run: usize) -> Rows {
    let mut dice = Dice(7);
    let mut rows = Rows::with_capacity(1_000, 3_000_000);
    for _ in 0..1_000 {
        let mut ids = Vec::with_capacity(3_000);
        while ids.len() < 3_000 {
            let from = dice.below(1_000_000 - run) as u32;
            ids.extend(from..from + run as u32);
        }
        rows.push(ids);
    }
    rows
}

/// Independent of the crate's own loops over rows: ids and weights as plain slices.
fn roof() {
    println!("\nroof: one thread, sums over 3·10⁶ ids of a million weights");
    let mut dice = Dice(5);
    let whole: Vec<u64> = (0..1_000_000).map(|_| dice.below(100) as u64).collect();
    let single: Vec<f32> = whole.iter().map(|&weight| weight as f32).collect();
    for run in [300, 1] {
        let rows = gathers(run);
        let ids: Vec<u32> = rows.iter().flatten().copied().collect();
        let how = if run == 1 { "random ids" } else { "ids in runs of 300" };
        let flat = best(|| {
            black_box(ids.chunks(3_000).map(|ids| ids.iter().map(|&id| whole[id as usize]).sum::<u64>()).max());
        });
        row(&format!("u32 → u64, {how}"), ids.len(), flat);
        let flat = best(|| {
            // Eight sums at a time: one float sum would wait for itself.
            let sum = |ids: &[u32]| {
                let mut parts = [0f32; 8];
                for eight in ids.chunks_exact(8) {
                    for (part, &id) in parts.iter_mut().zip(eight) {
                        *part += single[id as usize];
                    }
                }
                parts.iter().sum::<f32>()
            };
            black_box(ids.chunks(3_000).map(sum).fold(0.0, f32::max));
        });
        row(&format!("u32 → f32, {how}"), ids.len(), flat);
    }
    println!("peak memory {}", peak());
}

fn described(classes: &Classes, seconds: f64) {
    println!(
        "built in {seconds:.3} s: {} pairs → {} classes, {} pairs; uncoverable weight {}; peak memory {}",
        classes.pairs,
        classes.weights.len(),
        classes.covers.pairs(),
        classes.uncoverable,
        peak()
    );
}

/// Runs of successive ids in all rows.
fn runs(rows: &Rows) -> Vec<Vec<(u32, u32)>> {
    let split = |ids: &[u32]| ids.chunk_by(|a, b| a + 1 == *b).map(|run| (run[0], run.len() as u32)).collect();
    rows.iter().map(split).collect()
}

/// Numbers the classes anew at random.
fn shuffled(rows: &Rows, classes: usize) -> (Rows, Vec<u32>) {
    let (mut dice, mut order) = (Dice(3), (0..classes as u32).collect::<Vec<_>>());
    for last in (1..classes).rev() {
        order.swap(last, dice.below(last + 1));
    }
    let renamed = |ids: &[u32]| {
        let mut ids: Vec<u32> = ids.iter().map(|&id| order[id as usize]).collect();
        ids.sort_unstable();
        ids
    };
    (rows.iter().map(renamed).collect(), order)
}

/// What a search does most: one more coverer for each class of a row, and the weight of those that had none; by ids and by runs.
fn opens(classes: &Classes, intervals: &[Vec<(u32, u32)>]) {
    let pairs = classes.covers.pairs();
    let mut counts = vec![0u32; classes.weights.len()];
    let mut open = |class: usize| {
        counts[class] += 1;
        if counts[class] == 1 { classes.weights[class] } else { 0 }
    };
    let seconds = best(|| _ = black_box(classes.covers.iter().flatten().map(|&class| open(class as usize)).sum::<u64>()));
    row("opening every site: counts and gains, by ids", pairs, seconds);
    let mut counts = vec![0u32; classes.weights.len()];
    let mut open_run = |&(from, len): &(u32, u32)| {
        let run = from as usize..(from + len) as usize;
        let gain = |(count, weight): (&mut u32, &u64)| {
            *count += 1;
            if *count == 1 { *weight } else { 0 }
        };
        counts[run.clone()].iter_mut().zip(&classes.weights[run]).map(gain).sum::<u64>()
    };
    let seconds = best(|| _ = black_box(intervals.iter().flatten().map(&mut open_run).sum::<u64>()));
    row("opening every site: counts and gains, by runs", pairs, seconds);
}

fn raster() {
    println!("\nraster: 10,000 sites, 1,000 × 1,000 cells, discs of 3,000 cells");
    let start = Instant::now();
    let classes = discs();
    described(&classes, start.elapsed().as_secs_f64());
    let pairs = classes.covers.pairs();
    row("weight of every row, as numbered", pairs, best(|| _ = black_box(sums::<u64, u64>(&classes.covers, &classes.weights))));
    row("transposing once more", pairs, best(|| _ = black_box(classes.covers.transposed(classes.weights.len()))));
    let intervals = runs(&classes.covers);
    let sum = |row: &Vec<(u32, u32)>| {
        row.iter().map(|&(from, len)| classes.weights[from as usize..(from + len) as usize].iter().sum::<u64>()).sum::<u64>()
    };
    let count: usize = intervals.iter().map(Vec::len).sum();
    let seconds = best(|| _ = black_box(intervals.iter().map(sum).collect::<Vec<u64>>()));
    row(&format!("the same over (start, length): {count} runs"), pairs, seconds);
    opens(&classes, &intervals);
    let (mixed, order) = shuffled(&classes.covers, classes.weights.len());
    let mut weights = vec![0; order.len()];
    for (old, &new) in order.iter().enumerate() {
        weights[new as usize] = classes.weights[old];
    }
    row("weight of every row, numbered at random", pairs, best(|| _ = black_box(sums::<u64, u64>(&mixed, &weights))));
}

/// Customers of the literature's test bed within a radius of 100 sites.
fn customers(count: usize, radius: f64) {
    println!("\n{count} customers, 100 sites, R = {radius}");
    let start = Instant::now();
    let problem = cordeau(1, 100, count);
    println!("generated in {:.3} s; peak memory {}", start.elapsed().as_secs_f64(), peak());
    let roles = vec![Role::Candidate; 100];
    let start = Instant::now();
    let classes = from_points(Metric::Planar, radius, (&problem.sites, &roles), (&problem.customers, &problem.weights));
    described(&classes, start.elapsed().as_secs_f64());
}

fn country() {
    println!("\ncountry: 12,000 sites, 200,000 points in a square of 200 km, 500 m");
    let mut dice = Dice(9);
    let mut points = |count: usize, side: f64, corner: [f64; 2]| -> Vec<[f64; 2]> {
        (0..count).map(|_| [corner[0] + dice.share() * side, corner[1] + dice.share() * side]).collect()
    };
    for (metric, side, corner) in [
        (Metric::Planar, 200_000.0, [0.0; 2]),
        (Metric::Haversine(6_371_008.8), 2.0, [126.0, 45.0]),
        (Metric::Geodesic, 2.0, [126.0, 45.0]),
    ] {
        let (sites, demand) = (points(12_000, side, corner), points(200_000, side, corner));
        let problem = LocationProblem {
            sites: LocationSites {
                ids: vec![String::new(); sites.len()],
                roles: vec![Role::Candidate; sites.len()],
                costs: vec![1; sites.len()],
                capacities: vec![None; sites.len()],
                points: sites,
            },
            demand: LocationDemand { ids: vec![String::new(); demand.len()], weights: vec![1; demand.len()], points: demand },
            separation: Separation::Metric(metric),
            weight_scale: 1,
        };
        let start = Instant::now();
        let found = Separations::new(&problem, Some(500.0));
        println!("{metric:?}: {} pairs in {:.3} s", found.by_site.pairs(), start.elapsed().as_secs_f64());
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // `cargo test` runs benches without it.
    if !arguments.iter().any(|argument| argument == "--bench") {
        return;
    }
    let named: Vec<&str> = arguments.iter().map(String::as_str).filter(|argument| !argument.starts_with('-')).collect();
    let wanted = |table: &str| named.is_empty() || named.contains(&table);
    println!("{} threads", rayon::current_num_threads());
    if wanted("roof") {
        roof();
    }
    if wanted("country") {
        country();
    }
    if wanted("million") {
        customers(1_000_000, 4.0);
        customers(1_000_000, 3.25);
    }
    if wanted("raster") {
        raster();
    }
    if wanted("twenty-million") {
        customers(20_000_000, 4.0);
    }
}
