//! The published problems of `data/instances/`, with what is known of their answers: for the tests and for `benches/proofs.rs`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use serde_json::Value;
use yizhan::crs::Metric;
use yizhan::domain::location::{LocationDemand, LocationProblem, LocationSites, Role, Separation};
use yizhan::ingest::location::{LocationFiles, load_location};
use yizhan::siting::effort::Effort;
use yizhan::siting::locate::{Model, Request};

/// What is known of an answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Known {
    /// Proved.
    Optimum(f64),
    /// Proved in both objectives.
    Both(f64, f64),
    /// The best that anybody has found.
    Best(f64),
    /// There is none.
    Infeasible,
}

/// A question with a known answer.
#[derive(Debug, Clone)]
pub struct Case {
    /// Folder and variant.
    pub name: String,
    /// The problem.
    pub problem: Rc<LocationProblem>,
    /// The question.
    pub request: Request,
    /// The answer.
    pub known: Known,
}

/// A question without rules yet.
pub fn ask(model: Model) -> Request {
    Request { model, limit: None, outer: None, p: None, budget: None, share: None, effort: Effort::default() }
}

/// San Francisco's stores by road: every model and p by enumeration.
pub fn sf() -> Vec<Case> {
    let problem = load(LocationFiles {
        sites: Some(folder("sf").join("sites.csv")),
        demand: Some(folder("sf").join("demand.csv")),
        matrix: Some(folder("sf").join("od.csv")),
        metric: None,
    });
    let expected = json("sf/expected.json");
    let mut cases = Vec::new();
    let mut add = |name: String, request: Request, known: Known| {
        cases.push(Case { name: format!("sf {name}"), problem: Rc::clone(&problem), request, known });
    };
    for (radius, row) in members(&expected["by_radius_m"]) {
        let limit = Some(number(&radius));
        let sites = row["LSCP"]["p"].as_f64();
        let lscp = sites.map_or(Known::Infeasible, Known::Optimum);
        let backup = sites.zip(row["LSCPB"]["backup_clients"].as_f64());
        add(format!("lscp {radius} m"), Request { limit, ..ask(Model::Lscp) }, lscp);
        let both = backup.map_or(Known::Infeasible, |(sites, twice)| Known::Both(sites, twice));
        add(format!("lscp-b {radius} m"), Request { limit, ..ask(Model::LscpB) }, both);
        for (p, row) in members(&row["MCLP"]) {
            let request = Request { limit, p: Some(number(&p) as usize), ..ask(Model::Mclp) };
            add(format!("mclp {radius} m p={p}"), request, Known::Optimum(row["pop"].as_f64().unwrap()));
        }
    }
    for (key, model) in [("p_median", Model::PMedian), ("p_center", Model::PCenter)] {
        for (p, row) in members(&expected[key]) {
            let request = Request { p: Some(number(&p) as usize), ..ask(model) };
            add(format!("{} p={p}", model.id()), request, Known::Optimum(row["obj"].as_f64().unwrap()));
        }
    }
    cases
}

/// York's listed buildings: more stations beside the 71 that exist.
pub fn york() -> Vec<Case> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/york");
    let problem = load(LocationFiles {
        sites: Some(data.join("sites.csv")),
        demand: Some(data.join("demand.csv")),
        matrix: None,
        metric: Some(Metric::Haversine(6_371_000.0)),
    });
    let expected = json("york/expected.json");
    let case = |(p, row): (String, Value)| Case {
        name: format!("york p={p}"),
        problem: Rc::clone(&problem),
        request: Request { limit: Some(100.0), p: Some(number(&p) as usize), ..ask(Model::Mclp) },
        known: Known::Optimum(row["n_cov_total"].as_f64().unwrap()),
    };
    members(&expected["mclp_by_n_added"]).into_iter().map(case).collect()
}

/// The street lattice by network distance.
pub fn lattice() -> Vec<Case> {
    let demand = folder("lattice").join("lattice_100x5_weights.csv");
    let matrix = folder("lattice").join("lattice_100x5_network_cost.csv");
    let problem = load(LocationFiles { sites: None, demand: Some(demand), matrix: Some(matrix), metric: None });
    let cases = [
        (Request { limit: Some(8.0), ..ask(Model::Lscp) }, 3.0),
        (Request { limit: Some(7.0), p: Some(4), ..ask(Model::Mclp) }, 611.0),
        (Request { p: Some(4), ..ask(Model::PMedian) }, 1_870.747_093_964_109_8),
        (Request { p: Some(4), ..ask(Model::PCenter) }, 7.107_358_7),
    ];
    let case = |(request, optimum): (Request, f64)| Case {
        name: format!("lattice {}", request.model.id()),
        problem: Rc::clone(&problem),
        request,
        known: Known::Optimum(optimum),
    };
    cases.into_iter().map(case).collect()
}

/// The graphs of OR-Library: p-median and p-center of each.
pub fn pmed(numbers: impl IntoIterator<Item = usize>) -> Vec<Case> {
    let optima = fs::read_to_string(folder("pmed").join("optima.csv")).unwrap();
    let optima: Vec<Vec<&str>> = optima.lines().skip(1).map(|line| line.split(',').collect()).collect();
    let mut cases = Vec::new();
    for n in numbers {
        let name = format!("pmed{n}");
        let row = optima.iter().find(|row| row[0] == name).unwrap();
        let (problem, p) = graph(&name);
        let problem = Rc::new(problem);
        for (model, optimum) in [(Model::PMedian, row[3]), (Model::PCenter, row[4])] {
            let request = Request { p: Some(p), ..ask(model) };
            let known = Known::Optimum(number(optimum));
            cases.push(Case { name: format!("{name} {} p={p}", model.id()), problem: Rc::clone(&problem), request, known });
        }
    }
    cases
}

/// The capacitated p-medians of OR-Library; distances are rounded down.
pub fn pmedcap(numbers: impl IntoIterator<Item = usize>) -> Vec<Case> {
    let case = |n: usize| {
        let text = fs::read_to_string(folder("pmedcap").join(format!("pmedcap{n:02}.txt"))).unwrap();
        let mut words = text.split_whitespace().map(number);
        let mut next = || words.next().unwrap();
        let (_, best, points, p, capacity) = (next(), next(), next() as usize, next() as usize, next() as u64);
        let rows: Vec<([f64; 2], u64)> =
            (0..points).map(|_| (next(), [next(), next()], next() as u64)).map(|r| (r.1, r.2)).collect();
        let apart = |a: [f64; 2], b: [f64; 2]| (a[0] - b[0]).hypot(a[1] - b[1]).floor();
        let distances = |a: usize| (0..points).map(move |b| (a, b));
        let pairs = (0..points).flat_map(distances);
        let matrix = pairs.map(|(a, b)| (a as u32, b as u32, apart(rows[a].0, rows[b].0))).collect();
        let mut problem = of_matrix(points, matrix);
        // Distances count unweighted here; demand only fills capacity, and a weight would multiply them.
        problem.demand.weights = rows.iter().map(|row| row.1).collect();
        problem.sites.capacities = vec![Some(capacity); points];
        let request = Request { p: Some(p), ..ask(Model::CapacitatedPMedian) };
        Case { name: format!("pmedcap{n:02} p={p}"), problem: Rc::new(problem), request, known: Known::Best(best) }
    };
    numbers.into_iter().map(case).collect()
}

/// BDS10000A: 100 sites, 10,000 customers.
pub fn bds() -> Vec<Case> {
    let at = folder("bds10000a");
    let files = LocationFiles {
        sites: Some(at.join("sites.csv")),
        demand: Some(at.join("demand.csv")),
        matrix: None,
        metric: Some(Metric::Planar),
    };
    let problem = load(files);
    let case = |row: &Value| {
        let text = |key: &str| row[key].as_str().unwrap().to_owned();
        let request = Request { limit: Some(number(&text("R"))), p: Some(number(&text("p")) as usize), ..ask(Model::Mclp) };
        let name = format!("bds10000a R={} p={}", text("R"), text("p"));
        Case { name, problem: Rc::clone(&problem), request, known: Known::Optimum(number(&text("best"))) }
    };
    json("bds10000a/expected.json").as_array().unwrap().iter().map(case).collect()
}

/// Census blocks of a city (`manhattan`, `sanfrancisco`): each a site and a demand point.
pub fn city(name: &str) -> Vec<Case> {
    let nodes = folder(name).join("nodes.csv");
    let metric = Some(Metric::Haversine(6_378_100.0));
    let problem = load(LocationFiles { sites: Some(nodes.clone()), demand: Some(nodes), matrix: None, metric });
    let case = |row: &Value| {
        let p = row["p"].as_u64().unwrap() as usize;
        let best = row["best_known"].as_f64().unwrap();
        let is_proved = row["authors_flag_optimal"].as_bool().unwrap();
        let request = Request { limit: row["radius_m"].as_f64(), p: Some(p), ..ask(Model::Mclp) };
        let known = if is_proved { Known::Optimum(best) } else { Known::Best(best) };
        Case { name: format!("{name} p={p}"), problem: Rc::clone(&problem), request, known }
    };
    json(&format!("{name}/expected.json"))["rows"].as_array().unwrap().iter().map(case).collect()
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data/instances").join(name)
}

fn load(files: LocationFiles) -> Rc<LocationProblem> {
    Rc::new(load_location(&files).unwrap().problem)
}

fn json(path: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(folder(path)).unwrap()).unwrap()
}

/// Members of an object by the number in their name.
fn members(object: &Value) -> Vec<(String, Value)> {
    let mut rows: Vec<(String, Value)> = object.as_object().unwrap().clone().into_iter().collect();
    rows.sort_by(|a, b| number(&a.0).total_cmp(&number(&b.0)));
    rows
}

fn number(text: &str) -> f64 {
    text.parse().unwrap()
}

/// Points that are sites and demand at once, all of weight 1.
fn of_matrix(points: usize, matrix: Vec<(u32, u32, f64)>) -> LocationProblem {
    let ids: Vec<String> = (1..=points).map(|id| id.to_string()).collect();
    LocationProblem {
        sites: LocationSites {
            ids: ids.clone(),
            points: Vec::new(),
            roles: vec![Role::Candidate; points],
            costs: vec![1; points],
            capacities: vec![None; points],
        },
        demand: LocationDemand { ids, points: Vec::new(), weights: vec![1; points] },
        separation: Separation::Matrix(matrix),
        weight_scale: 1,
    }
}

/// A graph as a problem with its shortest paths, and p. Of edges between the same two vertices the last counts.
fn graph(name: &str) -> (LocationProblem, usize) {
    let text = fs::read_to_string(folder("pmed").join(format!("{name}.txt"))).unwrap();
    let mut words = text.split_whitespace().map(|word| word.parse::<usize>().unwrap());
    let mut next = || words.next().unwrap();
    let (n, edges, p) = (next(), next(), next());
    let lengths: BTreeMap<(usize, usize), usize> =
        (0..edges).map(|_| (next() - 1, next() - 1, next())).map(|(a, b, length)| ((a.min(b), a.max(b)), length)).collect();
    let mut apart = vec![f64::INFINITY; n * n];
    for (&(a, b), &length) in &lengths {
        (apart[a * n + b], apart[b * n + a]) = (length as f64, length as f64);
    }
    (0..n).for_each(|vertex| apart[vertex * n + vertex] = 0.0);
    for via in 0..n {
        for from in 0..n {
            for to in 0..n {
                apart[from * n + to] = apart[from * n + to].min(apart[from * n + via] + apart[via * n + to]);
            }
        }
    }
    let pairs = (0..n * n).filter(|&at| apart[at].is_finite());
    (of_matrix(n, pairs.map(|at| ((at / n) as u32, (at % n) as u32, apart[at])).collect()), p)
}
