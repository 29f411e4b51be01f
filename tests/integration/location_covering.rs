//! Covering models on published problems with known answers.

use std::collections::HashMap;
use std::fs;

use serde_json::Value;
use yizhan::domain::location::{LocationDemand, LocationProblem, LocationSites, Role, Separation};
use yizhan::progress::Silent;
use yizhan::siting::effort::Effort;
use yizhan::siting::locate::model::{Answer, Infeasibility, LocateError, Model, Request, Status};
use yizhan::siting::locate::separations::Separations;
use yizhan::siting::locate::{backup, capacitated, gradual, lscp, lscp_b, psclp};

fn lines(path: &str) -> Vec<Vec<String>> {
    let text = fs::read_to_string(format!("data/instances/{path}")).unwrap();
    text.lines().map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

fn problem(sites: Vec<String>, demand: Vec<String>, weights: Vec<u64>, entries: Vec<(u32, u32, f64)>) -> LocationProblem {
    let n = sites.len();
    LocationProblem {
        sites: LocationSites {
            ids: sites,
            points: Vec::new(),
            roles: vec![Role::Candidate; n],
            costs: vec![1; n],
            capacities: vec![None; n],
        },
        demand: LocationDemand { ids: demand, points: Vec::new(), weights },
        separation: Separation::Matrix(entries),
        weight_scale: 1,
    }
}

/// San Francisco: 16 stores, 205 tracts, road metres.
fn san_francisco() -> LocationProblem {
    let column = |rows: &[Vec<String>], at: usize| rows[1..].iter().map(|row| row[at].clone()).collect::<Vec<_>>();
    let (sites, demand) = (lines("sf/sites.csv"), lines("sf/demand.csv"));
    let number = |ids: &[String]| ids.iter().cloned().zip(0u32..).collect::<HashMap<_, _>>();
    let (site, tract) = (number(&column(&sites, 0)), number(&column(&demand, 0)));
    let entry = |row: &Vec<String>| (site[&row[0]], tract[&row[1]], row[2].parse().unwrap());
    let mut entries: Vec<(u32, u32, f64)> = lines("sf/od.csv")[1..].iter().map(entry).collect();
    entries.sort_by_key(|entry| (entry.0, entry.1));
    let weights = column(&demand, 3).iter().map(|weight| weight.parse().unwrap()).collect();
    problem(column(&sites, 0), column(&demand, 0), weights, entries)
}

fn lattice() -> LocationProblem {
    let costs = lines("lattice/lattice_100x5_network_cost.csv");
    let weights: Vec<u64> = lines("lattice/lattice_100x5_weights.csv").iter().map(|row| row[0].parse().unwrap()).collect();
    let pairs = (0u32..5).flat_map(|site| (0..costs.len() as u32).map(move |client| (site, client)));
    let entries = pairs.map(|(site, client)| (site, client, costs[client as usize][site as usize].parse().unwrap())).collect();
    let names = |n: usize| (0..n).map(|id| id.to_string()).collect();
    problem(names(5), names(costs.len()), weights, entries)
}

fn request(model: Model, limit: f64) -> Request {
    Request { model, limit: Some(limit), outer: None, p: None, budget: None, share: None, effort: Effort::default() }
}

type Solver = fn(&LocationProblem, &Separations, &Request, &dyn yizhan::progress::Progress) -> Result<Answer, LocateError>;

fn solve(solver: Solver, problem: &LocationProblem, asked: Request) -> Result<Answer, LocateError> {
    solver(problem, &Separations::new(problem, asked.outer.or(asked.limit)), &asked, &Silent)
}

#[test]
fn san_francisco_is_covered_with_the_known_number_of_stores() {
    let problem = san_francisco();
    let expected: Value = serde_json::from_str(&fs::read_to_string("data/instances/sf/expected.json").unwrap()).unwrap();
    for (radius, truth) in expected["by_radius_m"].as_object().unwrap() {
        let limit: f64 = radius.parse().unwrap();
        let all = solve(lscp::solve, &problem, request(Model::Lscp, limit));
        let twice = solve(lscp_b::solve, &problem, request(Model::LscpB, limit));
        if truth["LSCP"].is_null() {
            let missing = 205 - truth["coverable_clients"].as_u64().unwrap();
            for answer in [all, twice] {
                let Err(LocateError::Infeasible { reason, culprits }) = answer else { panic!("{radius}: {answer:?}") };
                assert_eq!((reason, culprits.len() as u64), (Infeasibility::Uncoverable, missing), "{radius}");
            }
            continue;
        }
        let (all, twice) = (all.unwrap(), twice.unwrap());
        let fewest = truth["LSCP"]["p"].as_f64().unwrap();
        assert_eq!((all.status, all.objective, all.bound), (Status::Optimal, fewest, fewest), "{radius}");
        assert_eq!((twice.status, twice.objective), (Status::Optimal, fewest), "{radius}");
        assert_eq!(twice.second, truth["LSCPB"]["backup_clients"].as_f64(), "{radius}");
    }
}

#[test]
fn partial_cover_is_the_inverse_of_maximal_cover_in_san_francisco() {
    let problem = san_francisco();
    let expected: Value = serde_json::from_str(&fs::read_to_string("data/instances/sf/expected.json").unwrap()).unwrap();
    let total = problem.total_weight();
    for (radius, truth) in expected["by_radius_m"].as_object().unwrap() {
        let limit: f64 = radius.parse().unwrap();
        let coverage = |p: usize| truth["MCLP"][p.to_string().as_str()]["pop"].as_u64().unwrap();
        for percent in [30, 50, 70, 80, 90] {
            let fewest = (1..=16).find(|&p| 100 * coverage(p) >= percent * total);
            let asked = Request { share: Some(percent as f64 / 100.0), ..request(Model::Psclp, limit) };
            match (fewest, solve(psclp::solve, &problem, asked)) {
                (Some(fewest), Ok(answer)) => {
                    assert_eq!((answer.status, answer.objective), (Status::Optimal, fewest as f64), "{radius}, {percent} %");
                }
                (None, Err(LocateError::Infeasible { reason, .. })) => assert_eq!(reason, Infeasibility::ShareTooHigh),
                other => panic!("{radius}, {percent} %: {other:?}"),
            }
        }
    }
}

#[test]
fn models_without_their_twist_are_maximal_covering() {
    let problem = san_francisco();
    let expected: Value = serde_json::from_str(&fs::read_to_string("data/instances/sf/expected.json").unwrap()).unwrap();
    for p in 1..=16 {
        let truth = expected["by_radius_m"]["5000"]["MCLP"][p.to_string().as_str()]["pop"].as_f64().unwrap();
        let asked = |model| Request { p: Some(p), ..request(model, 5_000.0) };
        let unlimited = solve(capacitated::solve, &problem, asked(Model::CapacitatedMclp)).unwrap();
        assert_eq!((unlimited.status, unlimited.objective), (Status::Optimal, truth), "p = {p}");
        let sudden = Request { outer: Some(5_000.0), ..asked(Model::Gradual) };
        let sudden = solve(gradual::solve, &problem, sudden).unwrap();
        assert_eq!((sudden.status, sudden.objective), (Status::Optimal, truth), "p = {p}");
        let twice = solve(backup::solve, &problem, asked(Model::Backup)).unwrap();
        assert!(twice.status == Status::Optimal && twice.objective <= truth && 2.0 * twice.objective >= truth, "p = {p}");
    }
}

#[test]
fn lattice_needs_three_facilities() {
    let answer = solve(lscp::solve, &lattice(), request(Model::Lscp, 8.0)).unwrap();
    assert_eq!((answer.status, answer.objective), (Status::Optimal, 3.0));
    let known = [vec![0, 1, 3], vec![1, 2, 3], vec![1, 2, 4]];
    assert!(known.contains(&answer.opened), "{answer:?}");
    let sudden = Request { p: Some(4), outer: Some(7.0), ..request(Model::Gradual, 7.0) };
    assert_eq!(solve(gradual::solve, &lattice(), sudden).unwrap().objective, 611.0);
}
