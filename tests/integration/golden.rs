//! Golden folders: what a run writes, compared whole. `BLESS=1 cargo test --release golden` rewrites them after a change that is
//! meant. Images and Parquet are left to the tests of same bytes; figures that a person can read are here.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use yizhan::message::Lang;
use yizhan::output::Release;
use yizhan::pipeline::{RunOptions, run};
use yizhan::progress::Silent;

use crate::cli::files;

fn compare(case: &str, lang: Lang, keep: &[&str]) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let dir = tempfile::tempdir().expect("a folder");
    let out = dir.path().join("out");
    let scenario = yizhan::scenario::load(&root.join("data").join(case).join("scenario.toml")).expect("a scenario");
    let options = RunOptions {
        out: Some(out.clone()),
        overwrite: false,
        gcj02: false,
        lang,
        street_cache: None,
        release: Release::default(),
    };
    run(&scenario, &options, &Silent).expect("a result");
    same_as_golden(case, &files(&out), keep);
}

/// Compares some of the written files with the folder of a case.
#[track_caller]
pub fn same_as_golden(case: &str, written: &BTreeMap<String, Vec<u8>>, keep: &[&str]) {
    let golden: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(case);
    if std::env::var_os("BLESS").is_some() {
        fs::create_dir_all(&golden).expect("made");
        for file in keep {
            fs::write(golden.join(file), &written[*file]).expect("written");
        }
    }
    let blessed = files(&golden);
    assert_eq!(blessed.keys().map(String::as_str).collect::<Vec<_>>(), keep, "files of tests/golden/{case}");
    for (file, bytes) in blessed {
        let (golden, found) =
            (String::from_utf8_lossy(&bytes).into_owned(), String::from_utf8_lossy(&written[&file]).into_owned());
        let first = golden.lines().zip(found.lines()).enumerate().find(|(_, (a, b))| a != b);
        assert!(golden == found, "{case}/{file} changed; first difference: {first:?}");
    }
}

#[test]
fn golden_york() {
    compare("york", Lang::En, &["coverage.csv", "duplicates.csv", "gaps.geojson", "issues.csv", "recommend.geojson"]);
}

#[test]
fn golden_daoli() {
    let files = ["bus_schedule.csv", "duplicates.csv", "gaps.geojson", "issues.csv", "recommend.geojson", "stations.geojson"];
    compare("daoli", Lang::Zh, &files);
}
