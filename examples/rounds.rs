//! Inspection rounds on a plane: 20 bases, 400 stations, everybody back at the own base within eight hours.
//!
//! `rounds write FILE SEED` writes a random case; `rounds solve FILE SECONDS [BALANCE]` solves it and prints what it is worth.
//! File: a line `bases stations longest`; then a line `x y` a base, then `x y service` a station; metres and seconds. Travel takes
//! the rounded distance divided by 5 m/s. BALANCE is the charge for a second outside the fair band (0 when missing).

#![expect(clippy::print_stdout, reason = "an example prints what it finds")]

use std::error::Error;
use std::time::Instant;

use yizhan::mobile::tours::check::timetable;
use yizhan::mobile::tours::problem::{Allowed, Charges, FOREVER, Problem, Travel, Vehicle, Visit};
use yizhan::mobile::tours::search::{Effort, solve};

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["write", file, seed] => Ok(std::fs::write(file, case(seed.parse()?))?),
        ["solve", file, seconds] => report(file, seconds.parse()?, 0),
        ["solve", file, seconds, balance] => report(file, seconds.parse()?, balance.parse()?),
        _ => Err("rounds write FILE SEED | rounds solve FILE SECONDS [BALANCE]".into()),
    }
}

/// A random case, as text.
fn case(mut seed: u64) -> String {
    let mut below = |bound: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % bound
    };
    let mut text = String::from("20 400 28800\n");
    (0..20).for_each(|_| text += &format!("{} {}\n", below(20_000), below(20_000)));
    (0..400).for_each(|_| text += &format!("{} {} {}\n", below(20_000), below(20_000), 600 + 60 * below(15)));
    text
}

fn read(file: &str, balance: u64) -> Result<Problem, Box<dyn Error>> {
    let text = std::fs::read_to_string(file)?;
    let rows =
        text.lines().map(|line| line.split_whitespace().map(str::parse).collect()).collect::<Result<Vec<Vec<u64>>, _>>()?;
    let [bases, _, longest] = rows[0][..] else { return Err("the first line needs three numbers".into()) };
    let points = &rows[1..];
    let times = points.iter().flat_map(|a| {
        points.iter().map(move |b| ((a[0].abs_diff(b[0]) as f64).hypot(a[1].abs_diff(b[1]) as f64) / 5.0).round() as u64)
    });
    let travel = Travel::new(points.len(), times.collect())?;
    let vehicles =
        (0..bases as usize).map(|base| Vehicle { start: base, end: base, earliest: 0, latest: FOREVER, longest }).collect();
    let visits = (bases as usize..points.len()).map(|place| Visit {
        place,
        service: points[place][2],
        open: 0,
        close: FOREVER,
        prize: 1,
        allowed: Allowed::Any,
        usual: None,
    });
    let charges = Charges { change: 0, imbalance: balance };
    Problem::new(travel, vehicles, visits.collect(), charges).map_err(|faults| format!("{faults:?}").into())
}

fn report(file: &str, seconds: f64, balance: u64) -> Result<(), Box<dyn Error>> {
    let problem = read(file, balance)?;
    let from = Instant::now();
    let trial = solve(&problem, None, Effort { seed: 1, work: u64::MAX }, &|| from.elapsed().as_secs_f64() > 0.1 * seconds)?;
    let work = (trial.work as f64 / from.elapsed().as_secs_f64() * 0.9 * seconds) as u64;
    let solution = solve(&problem, None, Effort { seed: 1, work }, &|| from.elapsed().as_secs_f64() > seconds)?;
    let mut durations = Vec::new();
    for (vehicle, route) in solution.routes.iter().enumerate() {
        durations.push(timetable(&problem, vehicle, route)?.duration());
    }
    let (least, most) = (durations.iter().min().unwrap_or(&0), durations.iter().max().unwrap_or(&0));
    let mean = durations.iter().sum::<u64>() as f64 / durations.len().max(1) as f64;
    let spread = 100.0 * (most - least) as f64 / mean;
    let value = solution.value;
    println!(
        "{file}: made {} travel {} spread {spread:.1} % seconds {:.1}",
        value.prize,
        value.travel,
        from.elapsed().as_secs_f64()
    );
    Ok(())
}
