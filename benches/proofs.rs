//! The published problems solved side by side with what is known of them: the table of `docs/benchmarks.md`.
//!
//! `make proofs` prints all of it; `cargo bench --bench proofs -- sf pmed` only these groups. Groups: `sf`, `york`, `lattice`,
//! `pmed`, `pmedcap`, `bds`, `million`, `twenty-million`, `cities` (a minute each), `cities-10` (ten seconds each), `raster` and
//! `raster-dense` (a minute each). Every answer is recomputed by `siting::locate::check`, but for the three largest.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a bench prints its tables, and its instances are the tests' own")]

#[path = "../tests/support/instances.rs"]
mod instances;
mod made;

use std::time::{Duration, Instant};

use instances::{Case, Known};
use made::{Stand, peak};
use yizhan::crs::Metric;
use yizhan::domain::location::Role;
use yizhan::progress::Silent;
use yizhan::siting::effort::Effort;
use yizhan::siting::engine;
use yizhan::siting::locate::classes::from_points;
use yizhan::siting::locate::{Status, check, solve};
use yizhan::siting::problem::{Limit, SitingProblem};
use yizhan::synth::location::cordeau;

/// Its name, seconds for each case (none: until proved), and the cases.
type Group = (&'static str, Option<u64>, fn() -> Vec<Case>);

fn main() {
    let asked: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let wants = |group: &str| asked.is_empty() || asked.iter().any(|word| word == group);
    println!("| case | known | found | bound | gap | seconds | |\n|---|---|---|---|---|---|---|");
    let groups: [Group; 8] = [
        ("sf", None, instances::sf),
        ("york", None, instances::york),
        ("lattice", None, instances::lattice),
        ("pmed", None, || instances::pmed(1..=20)),
        ("pmedcap", None, || instances::pmedcap(1..=10)),
        ("bds", None, instances::bds),
        ("cities-10", Some(10), cities),
        ("cities", Some(60), cities),
    ];
    for (group, seconds, cases) in groups {
        if wants(group) {
            let cases = cases();
            let failed = cases.iter().filter(|case| !run(case, seconds)).count();
            println!("| **{group}** | {} cases | {} as known or better | | | | |", cases.len(), cases.len() - failed);
        }
    }
    if wants("million") {
        large(1_000_000, 4.0, 15, 39_442_372);
        large(1_000_000, 3.25, 20, 35_556_588);
    }
    if wants("twenty-million") {
        large(20_000_000, 4.0, 15, 0);
    }
    if wants("raster-dense") {
        raster("raster-dense: the same, places anywhere, discs of 3,000 cells", 31, Stand::Anywhere);
    }
    if wants("raster") {
        raster("raster: 10⁴ places by demand × 10⁶ cells × 4 classes, discs of 314 cells", 10, Stand::ByDemand);
    }
}

fn cities() -> Vec<Case> {
    [instances::city("manhattan"), instances::city("sanfrancisco")].concat()
}

/// Solves a case, in so many seconds or until it is proved; says whether the answer is as good as the known one.
fn run(case: &Case, seconds: Option<u64>) -> bool {
    let begin = Instant::now();
    let deadline = seconds.map(|seconds| begin + Duration::from_secs(seconds));
    let work = if deadline.is_some() { u64::MAX / 1_000_000 } else { Effort::DEFAULT_WORK };
    let mut request = case.request;
    request.effort = Effort { deadline, work, ..Effort::default() };
    let answer = solve(&case.problem, &request, &Silent);
    let took = begin.elapsed().as_secs_f64();
    let Ok(answer) = answer else {
        let is_right = case.known == Known::Infeasible;
        println!("| {} | infeasible | infeasible | | | {took:.2} | {} |", case.name, mark(is_right));
        return is_right;
    };
    let holds = check::check(&case.problem, &request, &answer).iter().all(|claim| !claim.fails());
    let within = |a: f64, b: f64| (a - b).abs() <= 1e-7 * b.abs();
    let better = if check::maximises(request.model) { answer.objective } else { -answer.objective };
    let (known, is_right) = match case.known {
        Known::Optimum(value) => (value.to_string(), within(answer.objective, value)),
        Known::Both(value, second) => (
            format!("{value}, {second}"),
            within(answer.objective, value) && answer.second.is_some_and(|found| within(found, second)),
        ),
        Known::Best(value) => {
            let value_signed = if check::maximises(request.model) { value } else { -value };
            (format!("≥ {value}").replace("≥ ", "best "), better >= value_signed - 1e-7 * value)
        }
        Known::Infeasible => ("infeasible".to_owned(), false),
    };
    let found = answer.second.map_or(answer.objective.to_string(), |second| format!("{}, {second}", answer.objective));
    let proof = if answer.status == Status::Optimal { "proved" } else { "" };
    println!(
        "| {} | {known} | {found} | {} | {:.3} % | {took:.2} | {proof} {}{} |",
        case.name,
        answer.bound,
        100.0 * answer.gap(),
        mark(is_right),
        if holds { "" } else { " CHECK FAILS" }
    );
    is_right && holds
}

fn mark(is_right: bool) -> &'static str {
    if is_right { "✓" } else { "✗" }
}

/// Customers of Cordeau, Furini & Ljubić (2019), from their seed to the proof.
fn large(customers: usize, limit: f64, p: usize, known: u64) {
    let begin = Instant::now();
    let city = cordeau(1, 100, customers);
    let made = begin.elapsed().as_secs_f64();
    let roles = vec![Role::Candidate; city.sites.len()];
    let classes = from_points(Metric::Planar, limit, (&city.sites, &roles), (&city.customers, &city.weights));
    drop(city);
    let built = begin.elapsed().as_secs_f64() - made;
    let problem = classes.into_problem();
    let problem = SitingProblem { limits: vec![Limit::count(0..problem.options() as u32, p)], ..problem };
    report(
        &problem,
        known,
        begin,
        &format!("{customers} customers R={limit} p={p} (made in {made:.2} s, merged in {built:.2} s)"),
        None,
    );
}

/// 10⁴ places and 10⁶ cells in four classes of hours, 200 to open.
fn raster(name: &str, reach: isize, stand: Stand) {
    let begin = Instant::now();
    let problem = made::raster(reach, stand);
    let (options, pairs, built) = (problem.options(), problem.covers.pairs(), begin.elapsed().as_secs_f64());
    println!("| {name}: {options} options, {pairs} pairs, built in {built:.1} s | | | | | | |");
    report(&problem, 0, Instant::now(), name, Some(60));
}

/// Solves a siting problem and prints its row.
fn report(problem: &SitingProblem, known: u64, begin: Instant, name: &str, seconds: Option<u64>) {
    let deadline = seconds.map(|seconds| Instant::now() + Duration::from_secs(seconds));
    let work = if deadline.is_some() { u64::MAX / 1_000_000 } else { Effort::DEFAULT_WORK };
    let solution = engine::solve(problem, &Effort { deadline, work, ..Effort::default() }, &Silent).expect("no minima");
    let (found, bound) = (solution.objective.milli(), solution.bound.milli());
    let known_text = if known > 0 { known.to_string() } else { String::new() };
    let proof = if found == bound { "proved" } else { "" };
    println!(
        "| {name} | {known_text} | {found} | {bound} | {:.3} % | {:.2} | {proof} {} peak {} |",
        100.0 * solution.optimality_gap(),
        begin.elapsed().as_secs_f64(),
        if known > 0 { mark(found == known) } else { "" },
        peak()
    );
}
