//! p-median, p-center and capacitated p-median on published problems: the known optima, proved.

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;

use yizhan::domain::location::{LocationDemand, LocationProblem, LocationSites, Role, Separation};
use yizhan::progress::Silent;
use yizhan::siting::effort::Effort;
use yizhan::siting::locate::separations::Separations;
use yizhan::siting::locate::{Answer, Model, Request, Status, capacitated_median, center, median};

fn read(path: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("data/instances").join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Numbers of a file, whatever separates them.
fn numbers(text: &str) -> Vec<f64> {
    text.split([',', ' ', '\n', '\r', '\t']).filter(|word| !word.is_empty()).map(|word| word.parse().unwrap()).collect()
}

/// A problem of candidates only; `impedance[site][demand]`.
fn problem(impedance: &[Vec<f64>], weights: Vec<u64>, capacities: Vec<Option<u64>>) -> LocationProblem {
    let (sites, demand) = (impedance.len(), weights.len());
    let row = |(site, row): (usize, &Vec<f64>)| -> Vec<_> { (0..demand).map(|d| (site as u32, d as u32, row[d])).collect() };
    let names = |count: usize| (0..count).map(|row| row.to_string()).collect();
    LocationProblem {
        sites: LocationSites {
            ids: names(sites),
            points: Vec::new(),
            roles: vec![Role::Candidate; sites],
            costs: vec![1; sites],
            capacities,
        },
        demand: LocationDemand { ids: names(demand), points: Vec::new(), weights },
        separation: Separation::Matrix(impedance.iter().enumerate().flat_map(row).collect()),
        weight_scale: 1,
    }
}

fn solve(model: Model, problem: &LocationProblem, p: usize) -> Answer {
    let request = Request { model, limit: None, outer: None, p: Some(p), budget: None, share: None, effort: Effort::default() };
    let separations = Separations::new(problem, None);
    let answer = match model {
        Model::PMedian => median::solve(problem, &separations, &request, &Silent),
        Model::PCenter => center::solve(problem, &separations, &request, &Silent),
        _ => capacitated_median::solve(problem, &separations, &request, &Silent),
    };
    let answer = answer.unwrap();
    assert_eq!(recomputed(model, problem, &answer), answer.objective, "the objective is that of the assignment");
    answer
}

/// The objective from the assignment alone, after a look at the rules.
fn recomputed(model: Model, problem: &LocationProblem, answer: &Answer) -> f64 {
    let Separation::Matrix(entries) = &problem.separation else { panic!("a matrix") };
    let impedance: HashMap<(u32, u32), f64> = entries.iter().map(|&(site, demand, value)| ((site, demand), value)).collect();
    let mut load = vec![0; problem.sites.roles.len()];
    let (mut sum, mut weighted, mut largest) = (0.0, 0.0, 0.0f64);
    for (demand, (site, &weight)) in answer.assigned.iter().zip(&problem.demand.weights).enumerate() {
        let site = site.unwrap();
        assert!(answer.opened.contains(&site));
        let value = impedance[&(site, demand as u32)];
        load[site as usize] += weight;
        (sum, weighted, largest) = (sum + value, weighted + value * weight as f64, largest.max(value));
    }
    match model {
        Model::PMedian => weighted,
        Model::PCenter => largest,
        _ => {
            assert!(load.iter().zip(&problem.sites.capacities).all(|(&load, capacity)| capacity.is_none_or(|most| load <= most)));
            sum
        }
    }
}

/// Shortest paths between all vertices of an OR-Library graph, and p. Of equal edges the last one counts.
fn pmed(number: usize) -> (Vec<Vec<f64>>, usize) {
    let all = numbers(&read(&format!("pmed/pmed{number}.txt")));
    let (n, p) = (all[0] as usize, all[2] as usize);
    let mut between = vec![vec![f64::INFINITY; n]; n];
    (0..n).for_each(|v| between[v][v] = 0.0);
    for edge in all[3..].chunks_exact(3) {
        let (a, b) = (edge[0] as usize - 1, edge[1] as usize - 1);
        (between[a][b], between[b][a]) = (edge[2], edge[2]);
    }
    for via in 0..n {
        let onward = between[via].clone();
        for row in &mut between {
            let to = row[via];
            row.iter_mut().zip(&onward).for_each(|(cell, onward)| *cell = cell.min(to + onward));
        }
    }
    (between, p)
}

#[test]
fn pmed_1_to_20_are_proved() {
    for line in read("pmed/optima.csv").lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let (between, p) = pmed(fields[0].trim_start_matches("pmed").parse().unwrap());
        let problem = problem(&between, vec![1; between.len()], vec![None; between.len()]);
        for (model, field) in [(Model::PMedian, 3), (Model::PCenter, 4)] {
            let answer = solve(model, &problem, p);
            let optimum: f64 = fields[field].parse().unwrap();
            assert_eq!((answer.objective, answer.bound, answer.status), (optimum, optimum, Status::Optimal), "{line}");
        }
    }
}

/// Distances are cut to whole numbers: so do the publications, and no other rounding gives their values.
fn pmedcap(number: usize) -> (LocationProblem, usize, f64) {
    let all = numbers(&read(&format!("pmedcap/pmedcap{number:02}.txt")));
    let (best_known, p, capacity) = (all[1], all[3] as usize, all[4] as u64);
    let points: Vec<&[f64]> = all[5..].chunks_exact(4).collect();
    let row = |a: &&[f64]| points.iter().map(|b| (a[1] - b[1]).hypot(a[2] - b[2]).floor()).collect();
    let impedance: Vec<Vec<f64>> = points.iter().map(row).collect();
    let weights = points.iter().map(|point| point[3] as u64).collect();
    let capacities = vec![Some(capacity); points.len()];
    (problem(&impedance, weights, capacities), p, best_known)
}

#[test]
fn pmedcap_1_to_10_are_proved() {
    for number in 1..=10 {
        let (problem, p, best_known) = pmedcap(number);
        let answer = solve(Model::CapacitatedPMedian, &problem, p);
        let found = (answer.objective, answer.bound, answer.status);
        assert_eq!(found, (best_known, best_known, Status::Optimal), "pmedcap{number:02}");
    }
}

#[test]
fn san_francisco_for_every_p() {
    let rows = |path: &str| -> Vec<Vec<String>> {
        read(path).lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect()
    };
    let (sites, demand) = (rows("sf/sites.csv"), rows("sf/demand.csv"));
    let place = |rows: &[Vec<String>]| -> HashMap<String, usize> {
        rows.iter().enumerate().map(|(row, fields)| (fields[0].clone(), row)).collect()
    };
    let (site_rows, demand_rows) = (place(&sites), place(&demand));
    let mut impedance = vec![vec![f64::NAN; demand.len()]; sites.len()];
    for fields in rows("sf/od.csv") {
        impedance[site_rows[&fields[0]]][demand_rows[&fields[1]]] = fields[2].parse().unwrap();
    }
    let weights = demand.iter().map(|fields| fields[3].parse().unwrap()).collect();
    let problem = problem(&impedance, weights, vec![None; sites.len()]);
    let expected: serde_json::Value = serde_json::from_str(&read("sf/expected.json")).unwrap();
    for p in 1..=sites.len() {
        let expected = |model: &str| expected[model][p.to_string()].clone();
        let answer = solve(Model::PMedian, &problem, p);
        let mut names: Vec<&str> = answer.opened.iter().map(|&site| sites[site as usize][0].as_str()).collect();
        names.sort_unstable();
        assert_eq!(answer.status, Status::Optimal);
        assert_eq!(serde_json::json!(names), expected("p_median")["set"], "p = {p}");
        assert!((answer.objective / expected("p_median")["obj"].as_f64().unwrap() - 1.0).abs() < 1e-12, "p = {p}");
        let answer = solve(Model::PCenter, &problem, p);
        assert_eq!(answer.status, Status::Optimal);
        assert!((answer.objective / expected("p_center")["obj"].as_f64().unwrap() - 1.0).abs() < 1e-12, "p = {p}");
    }
}

#[test]
fn lattice_p_median_and_p_center() {
    let costs = numbers(&read("lattice/lattice_100x5_network_cost.csv"));
    let weights: Vec<u64> = numbers(&read("lattice/lattice_100x5_weights.csv")).iter().map(|&weight| weight as u64).collect();
    let impedance: Vec<Vec<f64>> = (0..5).map(|site| (0..100).map(|demand| costs[demand * 5 + site]).collect()).collect();
    let problem = problem(&impedance, weights, vec![None; 5]);
    let answer = solve(Model::PMedian, &problem, 4);
    assert_eq!(answer.status, Status::Optimal);
    assert!((answer.objective - 1_870.747_093_964_109_8).abs() < 1e-9, "{}", answer.objective);
    let answer = solve(Model::PCenter, &problem, 4);
    assert_eq!(answer.status, Status::Optimal);
    assert!((answer.objective - 7.107_358_7).abs() < 1e-7, "{}", answer.objective);
}
