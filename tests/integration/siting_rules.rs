//! The demo city with every rule of the siting decision at once: the run keeps them, says so, and its claims are verified.

use std::fs;
use std::path::Path;

use yizhan::message::Lang;
use yizhan::output::Release;
use yizhan::pipeline::{RunOptions, run};
use yizhan::progress::Silent;
use yizhan::{output, scenario};

use super::support::copy;

/// Around candidate HX071, which the plan would take.
const FORBIDDEN: &str = r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":{"type":"Polygon",
"coordinates":[[[126.630,45.7605],[126.631,45.7605],[126.631,45.7615],[126.630,45.7615],[126.630,45.7605]]]}}]}"#;

const RULES: &str = "upgrade_smart = 4\nforbidden = \"forbidden.geojson\"\nbudget_yuan = 200000\nphases = [2, 2]\nseasons = \"each\"\n\
     curve_to = 12\nstability_runs = 4\nclosable = [\"R007\", \"R023\"]\nrelocate = 1\n[costs]\nnew_smart = [60000, 80000]\n";

fn city(rules: &str) -> tempfile::TempDir {
    let city = copy("data/daoli", &[("upgrade_smart = 4\n", rules)]);
    fs::write(city.path().join("forbidden.geojson"), FORBIDDEN).expect("written");
    city
}

fn text(out: &Path, file: &str) -> String {
    fs::read_to_string(out.join(file)).unwrap_or_else(|e| panic!("{file}: {e}"))
}

#[test]
fn every_rule_at_once_is_kept_and_verified() {
    let city = city(RULES);
    let out = city.path().join("out");
    let scenario = scenario::load(&city.path().join("scenario.toml")).expect("a scenario");
    let options = RunOptions {
        out: Some(out.clone()),
        overwrite: false,
        gcj02: false,
        lang: Lang::En,
        street_cache: None,
        release: Release::default(),
    };
    let report = run(&scenario, &options, &Silent).expect("a result");
    let verified = output::verify::verify(&out, &Silent).expect("readable");
    assert!(verified.passed(), "{}", verified.text(Lang::En));
    assert!(!text(&out, "recommend.geojson").contains("HX071"), "no place in a forbidden area");
    assert_eq!(text(&out, "siting_curve.csv").lines().count(), 13);
    for (file, start) in [("siting_stability.csv", "place_id,action,runs"), ("siting_days.csv", "day,measures,added")] {
        assert!(text(&out, file).trim_start_matches('\u{feff}').starts_with(start), "{file}");
    }
    let summary = report.summary();
    for part in ["lie where none may open", "The knee is at", "Phase 1:", "Repeated 4 times", "A plan for winter"] {
        assert!(summary.contains(part), "{part} in\n{summary}");
    }
    assert!(!summary.contains(['{', '}']) && !summary.contains("summary."), "every sentence is filled in:\n{summary}");
    assert!(text(&out, "maps/siting-curve.svg").contains("knee:"));
}

#[test]
fn mobile_windows_are_decided_with_the_stations_and_verified() {
    let city = city("upgrade_smart = 1\nmobile_windows = 2\ncurve_to = 6\nstability_runs = 2\n");
    let out = city.path().join("out");
    let scenario = scenario::load(&city.path().join("scenario.toml")).expect("a scenario");
    let options = RunOptions {
        out: Some(out.clone()),
        overwrite: false,
        gcj02: false,
        lang: Lang::Zh,
        street_cache: None,
        release: Release::default(),
    };
    let report = run(&scenario, &options, &Silent).expect("a result");
    let verified = output::verify::verify(&out, &Silent).expect("readable");
    assert!(verified.passed(), "{}", verified.text(Lang::En));
    assert_eq!(text(&out, "recommend.geojson").matches("\"mobile_window\"").count(), 2);
    assert!(text(&out, "siting_stability.csv").lines().next().is_some_and(|header| header.ends_with("in_plan,window")));
    assert!(text(&out, "siting_curve.csv").lines().next().is_some_and(|header| header.ends_with("knee,mobile_windows")));
    assert!(report.summary().contains("其中流动车时段 2 个"), "{}", report.summary());
    assert!(!report.summary().contains(['{', '}']), "{}", report.summary());
}

#[test]
fn a_minimum_that_cannot_be_met_names_its_unit() {
    let city = city("upgrade_smart = 4\nat_least_per_unit = 500\n");
    let scenario = scenario::load(&city.path().join("scenario.toml")).expect("a scenario");
    let error = yizhan::pipeline::analyse(&scenario, &Silent).expect_err("too many");
    let said = error.render(Lang::En);
    assert!(said.contains(" 500 > ") && said.contains("usable candidates"), "{said}");
}
