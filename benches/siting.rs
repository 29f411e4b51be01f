//! The stages of a siting problem one by one, on 3·10⁷ pairs: `cargo bench --bench siting`. `docs/benchmarks.md` says what came out.
//!
//! Problem `discs`: 10,000 sites, 10⁶ cells, discs of 3,000 cells, 200 to open.
#![allow(clippy::print_stdout, reason = "a bench prints what time alone doesn't say")]

mod made;

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use yizhan::progress::Silent;
use yizhan::siting::dual::Dual;
use yizhan::siting::effort::{Effort, Switches};
use yizhan::siting::engine;
use yizhan::siting::kernel::Kernel;
use yizhan::siting::problem::{Limit, SitingProblem};
use yizhan::siting::reduce::reduce;
use yizhan::siting::search::{Search, greedy};

/// Work of the first round of search and bound, in millions of pairs.
const FIRST: u64 = 600;

fn stages(bench: &mut Criterion) {
    let classes = made::discs();
    let problem = classes.into_problem();
    let problem = SitingProblem { limits: vec![Limit::count(0..problem.options() as u32, 200)], ..problem };
    let pairs = problem.covers.pairs();
    println!("discs: {pairs} pairs, {} elements, peak {}", problem.weights.len(), made::peak());
    let kernel = Kernel::new(&problem);
    let mut group = bench.benchmark_group("discs");
    group.sample_size(10).warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(5));
    group.bench_function("reductions", |run| run.iter(|| reduce(black_box(&problem), &Switches::default())));
    group.bench_function("layout for the search", |run| run.iter(|| Kernel::new(black_box(&problem))));
    group.bench_function("greedy", |run| run.iter(|| greedy::construct(black_box(&kernel))));
    group.bench_function("greedy and swaps to a local optimum", |run| {
        run.iter(|| Search::new(black_box(&kernel), 1).map(|mut search| search.run(1, &|| false, u64::MAX)));
    });
    group.bench_function("first eight rounds of the dual", |run| {
        run.iter(|| Dual::new(black_box(&kernel)).run(1, 0, &|| false));
    });
    group.finish();
    let begin = Instant::now();
    let solution = engine::solve(&problem, &Effort { work: FIRST, ..Effort::default() }, &Silent).expect("no minima");
    println!(
        "discs: first certificate after {:.2} s: {} of at most {}, gap {:.2} %; peak {}",
        begin.elapsed().as_secs_f64(),
        solution.objective.milli(),
        solution.bound.milli(),
        100.0 * solution.optimality_gap(),
        made::peak()
    );
}

criterion_group!(benches, stages);
criterion_main!(benches);
