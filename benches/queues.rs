//! Which queue suits bounded searches: binary heap, 4-ary heap, radix heap, buckets (Dial) of several widths, on the same graphs.
//!
//! `cargo bench --bench queues [-- FILE.osm.pbf …]`, Porto Alegre when no file is given: 1,000 sites, walking, on one thread, each queue
//! in turn, mean CPU time of a round. All queues must reach the same junctions at the same total cost. `docs/benchmarks.md` says what
//! came out.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a bench prints, and stops at the first surprise")]

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::path::Path;

use yizhan::network::{Graph, Measure, Mode, Profile, Rules, Streets};
use yizhan::progress::Silent;

const FAR: u32 = u32::MAX;
/// CPU time a queue is given, in milliseconds.
const LEAST_MS: f64 = 400.0;

/// A queue of labels (cost, junction); labels out of date are dropped by the search.
trait Queue {
    fn begin(&mut self, limit: u32);
    fn push(&mut self, cost: u32, node: u32);
    fn pop(&mut self) -> Option<(u32, u32)>;
}

#[derive(Default)]
struct Binary(BinaryHeap<Reverse<u64>>);

impl Queue for Binary {
    fn begin(&mut self, _: u32) {
        self.0.clear();
    }
    fn push(&mut self, cost: u32, node: u32) {
        self.0.push(Reverse(u64::from(cost) << 32 | u64::from(node)));
    }
    fn pop(&mut self) -> Option<(u32, u32)> {
        self.0.pop().map(|Reverse(label)| ((label >> 32) as u32, label as u32))
    }
}

#[derive(Default)]
struct Four(Vec<u64>);

impl Queue for Four {
    fn begin(&mut self, _: u32) {
        self.0.clear();
    }
    fn push(&mut self, cost: u32, node: u32) {
        let label = u64::from(cost) << 32 | u64::from(node);
        self.0.push(label);
        let mut at = self.0.len() - 1;
        while at > 0 && self.0[(at - 1) / 4] > label {
            self.0[at] = self.0[(at - 1) / 4];
            at = (at - 1) / 4;
        }
        self.0[at] = label;
    }
    fn pop(&mut self) -> Option<(u32, u32)> {
        let last = self.0.pop()?;
        let Some(&top) = self.0.first() else { return Some(((last >> 32) as u32, last as u32)) };
        let mut at = 0;
        loop {
            let first = 4 * at + 1;
            let end = (first + 4).min(self.0.len());
            let Some(least) = (first..end).min_by_key(|&child| self.0[child]) else { break };
            if self.0[least] >= last {
                break;
            }
            self.0[at] = self.0[least];
            at = least;
        }
        self.0[at] = last;
        Some(((top >> 32) as u32, top as u32))
    }
}

/// Ahuja, Mehlhorn, Orlin and Tarjan 1990: bucket = highest bit that differs from the last label taken.
struct Radix {
    last: u32,
    buckets: [Vec<(u32, u32)>; 33],
}

impl Queue for Radix {
    fn begin(&mut self, _: u32) {
        self.last = 0;
        self.buckets.iter_mut().for_each(Vec::clear);
    }
    fn push(&mut self, cost: u32, node: u32) {
        self.buckets[(32 - (cost ^ self.last).leading_zeros()) as usize].push((cost, node));
    }
    fn pop(&mut self) -> Option<(u32, u32)> {
        if self.buckets[0].is_empty() {
            let first = self.buckets.iter().position(|bucket| !bucket.is_empty())?;
            let labels = std::mem::take(&mut self.buckets[first]);
            self.last = labels.iter().map(|label| label.0).min().unwrap();
            labels.iter().for_each(|&(cost, node)| self.push(cost, node));
            self.buckets[first] = labels;
            self.buckets[first].clear();
        }
        self.buckets[0].pop()
    }
}

/// Dial 1969, with a width of 2^shift: inside a bucket labels are corrected.
struct Buckets {
    shift: u32,
    at: usize,
    labels: Vec<Vec<(u32, u32)>>,
}

impl Queue for Buckets {
    fn begin(&mut self, limit: u32) {
        self.at = 0;
        let needed = (limit >> self.shift) as usize + 1;
        self.labels.resize_with(needed.max(self.labels.len()), Vec::new);
    }
    fn push(&mut self, cost: u32, node: u32) {
        self.labels[(cost >> self.shift) as usize].push((cost, node));
    }
    fn pop(&mut self) -> Option<(u32, u32)> {
        while self.at < self.labels.len() {
            if let Some(label) = self.labels[self.at].pop() {
                return Some(label);
            }
            self.at += 1;
        }
        None
    }
}

/// Junctions reached and the sum of their costs.
fn search(
    graph: &Graph<'_>,
    from: u32,
    limit: u32,
    queue: &mut impl Queue,
    costs: &mut [u32],
    reached: &mut Vec<u32>,
) -> (usize, u64) {
    queue.begin(limit);
    costs[from as usize] = 0;
    reached.push(from);
    queue.push(0, from);
    while let Some((cost, node)) = queue.pop() {
        if cost > costs[node as usize] {
            continue;
        }
        for arc in graph.arcs(node) {
            let cost = cost.saturating_add(arc.cost);
            let known = &mut costs[arc.to as usize];
            if cost <= limit && cost < *known {
                if *known == FAR {
                    reached.push(arc.to);
                }
                *known = cost;
                queue.push(cost, arc.to);
            }
        }
    }
    let sum = reached.iter().map(|&node| u64::from(costs[node as usize])).sum();
    let count = reached.len();
    reached.drain(..).for_each(|node| costs[node as usize] = FAR);
    (count, sum)
}

fn cpu() -> f64 {
    let schedstat = std::fs::read_to_string("/proc/self/schedstat").unwrap();
    schedstat.split_whitespace().next().unwrap().parse::<f64>().unwrap() / 1e6
}

fn measure(name: &str, graph: &Graph<'_>, sites: &[u32], limit: u32, mut queue: impl Queue) -> (usize, u64) {
    let (mut costs, mut reached) = (vec![FAR; graph.nodes()], Vec::new());
    let (mut rounds, mut answer, start) = (0, (0, 0), cpu());
    while rounds < 3 || cpu() - start < LEAST_MS {
        rounds += 1;
        answer = (0, 0);
        for &site in sites {
            let (count, sum) = search(graph, site, limit, &mut queue, &mut costs, &mut reached);
            answer = (answer.0 + count, answer.1 + sum);
        }
    }
    println!("    {name:<22} {:>9.2} ms CPU   {} labels", (cpu() - start) / f64::from(rounds), answer.0);
    answer
}

fn main() {
    // Cargo adds an argument of its own.
    let mut files: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if files.is_empty() {
        files.push(concat!(env!("CARGO_MANIFEST_DIR"), "/data/porto-alegre/streets.osm.pbf").to_owned());
    }
    for path in files {
        let streets = Streets::read(Path::new(&path), &Rules::standard(), &Silent).unwrap();
        let graph = Graph::new(&streets, Profile::new(Mode::Walk, Measure::Length));
        let sites: Vec<u32> = (0..1000).map(|site| (site * 7_919 % graph.nodes()) as u32).collect();
        for limit in [1_000_000, 3_000_000] {
            println!("{path}: {} junctions, {} km", graph.nodes(), limit / 1_000_000);
            let mut answers = vec![
                measure("binary heap", &graph, &sites, limit, Binary::default()),
                measure("4-ary heap", &graph, &sites, limit, Four::default()),
                measure("radix heap", &graph, &sites, limit, Radix { last: 0, buckets: std::array::from_fn(|_| Vec::new()) }),
            ];
            for shift in [10, 12, 13, 14, 16] {
                let buckets = Buckets { shift, at: 0, labels: Vec::new() };
                let name = format!("buckets of {:.0} m", f64::from(1 << shift) / 1000.0);
                answers.push(measure(&name, &graph, &sites, limit, buckets));
            }
            answers.dedup();
            assert_eq!(answers.len(), 1, "all queues find the same");
        }
    }
}
