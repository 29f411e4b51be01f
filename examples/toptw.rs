//! Published team orienteering problems with time windows, beside their best known values.
//!
//! `cargo run --release --example toptw -- FILE… -m 2 [--seconds 10] [--known best_known.csv]`
//!
//! Files named `pr…` are Cordeau's (distances to two decimals), all others Solomon's (one). Seconds are processor time of the one
//! thread where the system tells it, else wall clock: a tenth goes into measuring the speed, the rest buys work at that speed.

#![expect(clippy::print_stdout, reason = "an example prints what it finds")]

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use yizhan::mobile::tours::search::{Effort, solve};
use yizhan::mobile::tours::{bound, check, toptw};

struct Arguments {
    files: Vec<String>,
    vehicles: usize,
    seconds: f64,
    known: Option<String>,
}

fn arguments() -> Result<Arguments, Box<dyn Error>> {
    let mut arguments = Arguments { files: Vec::new(), vehicles: 1, seconds: 10.0, known: None };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut next = || words.next().ok_or(format!("{word} needs a value"));
        match word.as_str() {
            "-m" => arguments.vehicles = next()?.parse()?,
            "--seconds" => arguments.seconds = next()?.parse()?,
            "--known" => arguments.known = Some(next()?),
            _ => arguments.files.push(word),
        }
    }
    Ok(arguments)
}

/// Seconds since some moment: processor time of this thread, else wall clock.
fn clock(from: Instant) -> f64 {
    let spent = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let spent = spent.and_then(|text| text.split_whitespace().next()?.parse::<f64>().ok());
    spent.map_or_else(|| from.elapsed().as_secs_f64(), |nanoseconds| nanoseconds / 1e9)
}

/// The best known value: a row by instance, columns `m1`, `m2` … and `m1_proven_optimal`.
fn best_known(table: &str, instance: &str, vehicles: usize) -> Option<f64> {
    let mut rows = table.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let header = rows.next()?;
    let row = rows.find(|row| row.first() == Some(&instance))?;
    let wanted = format!("m{vehicles}");
    let columns = header.iter().zip(row).filter(|(name, _)| **name == wanted || name.starts_with(&format!("{wanted}_")));
    columns.filter_map(|(_, value)| value.parse().ok()).reduce(f64::max)
}

fn main() -> Result<(), Box<dyn Error>> {
    let Arguments { files, vehicles, seconds, known } = arguments()?;
    let table = known.map(std::fs::read_to_string).transpose()?.unwrap_or_default();
    let mut gaps = Vec::new();
    println!("{:<10} {:>6} {:>10} {:>7} {:>6} {:>8}", "instance", "found", "best known", "gap %", "bound", "seconds");
    for file in &files {
        let name = Path::new(file).file_stem().and_then(|stem| stem.to_str()).unwrap_or(file);
        let decimals = if name.starts_with("pr") { 2 } else { 1 };
        let problem = toptw::parse(&std::fs::read_to_string(file)?, vehicles, decimals)?;
        let wall = Instant::now();
        let begin = clock(wall);
        let passed = || clock(wall) - begin;
        let trial = solve(&problem, None, Effort { seed: 1, work: u64::MAX }, &|| passed() > 0.1 * seconds)?;
        let work = trial.work as f64 / passed() * 0.85 * seconds;
        let solution = solve(&problem, None, Effort { seed: 1, work: work as u64 }, &|| passed() > seconds)?;
        let found = check(&problem, &solution.routes)?.prize;
        let best = best_known(&table, name, vehicles);
        let gap = best.map(|best| 100.0 * (best - found as f64) / best);
        gaps.extend(gap);
        let or_dash = |number: Option<f64>, decimals| number.map_or("-".into(), |number| format!("{number:.decimals$}"));
        let bound = bound::most_prize(&problem);
        println!("{name:<10} {found:>6} {:>10} {:>7} {bound:>6} {:>8.2}", or_dash(best, 0), or_dash(gap, 2), passed());
    }
    if !gaps.is_empty() {
        println!("average gap {:.3} % over {} with a best known value", gaps.iter().sum::<f64>() / gaps.len() as f64, gaps.len());
    }
    Ok(())
}
