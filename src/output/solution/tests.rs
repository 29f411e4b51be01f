//! The file and its sentences; the whole command is tested in `tests/integration/locate.rs`.

use super::*;
use crate::crs::Metric;
use crate::domain::location::{LocationDemand, LocationProblem, LocationSites, Separation};
use crate::siting::effort::Effort;
use crate::siting::locate::model::Model;

fn loaded(degrees: bool) -> LoadedLocation {
    let points = vec![[0.0, 0.0], [3.0, 0.0]];
    let problem = LocationProblem {
        sites: LocationSites {
            ids: vec!["A".to_owned(), "B".to_owned()],
            points: points.clone(),
            roles: vec![Role::Candidate, Role::Existing],
            costs: vec![1, 1],
            capacities: vec![None, None],
        },
        demand: LocationDemand {
            ids: (0..12).map(|row| format!("D{row}")).collect(),
            points: (0..12).map(|row| [f64::from(row), 0.0]).collect(),
            weights: vec![15; 12],
        },
        separation: Separation::Metric(Metric::Planar),
        weight_scale: 10,
    };
    LoadedLocation { problem, degrees: degrees.then_some(points), notes: Vec::new(), inputs: Vec::new() }
}

fn request() -> Request {
    let effort = Effort::default();
    Request { model: Model::Mclp, limit: Some(1.0), outer: None, p: Some(1), budget: None, share: None, effort }
}

fn answer() -> Answer {
    Answer {
        status: Status::Feasible,
        objective: 7.5,
        bound: 7.501,
        opened: vec![0],
        assigned: Vec::new(),
        second: None,
        reductions: Vec::new(),
        stopped_by_time: false,
    }
}

#[test]
fn the_file_reads_as_it_was_written() {
    let file = SolutionFile::new(&loaded(false), &request(), &Ok(answer()), 0.1234);
    let text = file.json();
    assert_eq!(serde_json::from_str::<SolutionFile>(&text).expect("reads"), file);
    assert!(text.contains("\"total_weight\": 18,") && text.contains("\"objective\": 7.5,"), "{text}");
    assert!(text.contains("\"seconds\": 0.123,") && text.contains("\"outer\": null"), "{text}");
    assert_eq!((file.open.join(""), file.opened.join(""), file.existing.join("")), ("AB".into(), "A".into(), "B".into()));
}

#[test]
fn a_gap_is_rounded_up_and_a_proof_is_a_proof() {
    let told = |answer: Answer| SolutionFile::new(&loaded(false), &request(), &Ok(answer), 0.0).summary(Lang::En);
    assert!(told(answer()).contains("the gap is 0.02 %"), "0.0133 % is not 0.01 %: {}", told(answer()));
    let proved = told(Answer { bound: 7.5, status: Status::Optimal, ..answer() });
    assert!(proved.contains("proved optimal"), "{proved}");
}

#[test]
fn culprits_are_named_up_to_ten() {
    let ending = Err((Infeasibility::Uncoverable, (0..12).collect()));
    let file = SolutionFile::new(&loaded(false), &request(), &ending, 0.0);
    let told = file.summary(Lang::En);
    assert!(told.contains("12 demand points") && told.contains("D9, …") && !told.contains("D10"), "{told}");
    assert_eq!(file.culprits.as_ref().map(Vec::len), Some(12));
    assert!(file.is_infeasible() && file.open.is_empty() && file.objective.is_none());
    assert!(file.summary(Lang::Zh).contains("无解"), "both languages");
}

#[test]
fn only_degrees_become_geojson() {
    let file = SolutionFile::new(&loaded(true), &request(), &Ok(answer()), 0.0);
    let text = file.geojson(&loaded(true)).expect("degrees");
    assert!(text.contains("\"FeatureCollection\"") && text.contains("\"opened\"") && text.contains("\"solution\""), "{text}");
    assert_eq!(file.geojson(&loaded(false)).expect_err("plane").code(), "P104");
}
