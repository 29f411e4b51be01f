//! The program as a user meets it: commands, exit codes, both languages, the same bytes on any thread count.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Runs the program from the repository's root, in English unless the arguments say otherwise.
pub fn yizhan(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_yizhan"));
    command.args(arguments).current_dir(repository("")).env("YIZHAN_LANG", "en").env("NO_COLOR", "1");
    command.output().expect("the program starts")
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

/// All files below a folder with their bytes; timings are the one file that may differ.
pub fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut left = vec![folder.to_owned()];
    while let Some(dir) = left.pop() {
        for entry in fs::read_dir(dir).expect("a folder").map(|entry| entry.expect("an entry").path()) {
            if entry.is_dir() {
                left.push(entry);
            } else if entry.file_name().is_some_and(|name| name != "timings.json") {
                let name = entry.strip_prefix(folder).expect("below").to_string_lossy().replace('\\', "/");
                found.insert(name, fs::read(&entry).expect("readable"));
            }
        }
    }
    found
}

#[test]
fn the_same_bytes_on_one_thread_on_two_and_again() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut first = None;
    for (name, threads) in [("one", "1"), ("two", "2"), ("again", "2")] {
        let out = dir.path().join(name);
        let ran =
            yizhan(&["run", "data/daoli/scenario.toml", "-o", out.to_str().expect("path"), "--threads", threads, "--gcj02"]);
        assert!(ran.status.success(), "{}", text(&ran.stderr));
        let written = files(&out);
        assert!(written.len() > 20, "{:?}", written.keys());
        let first = first.get_or_insert_with(|| written.clone());
        assert_eq!(first.keys().collect::<Vec<_>>(), written.keys().collect::<Vec<_>>());
        for (file, bytes) in &written {
            assert!(first[file] == *bytes, "{file} differs in run `{name}`");
        }
    }
}

#[test]
fn a_folder_is_made_again_and_gives_single_maps_until_an_input_changes() {
    let dir = crate::support::copy("data/york", &[]);
    let (scenario, out) = (dir.path().join("scenario.toml"), dir.path().join("out"));
    let (scenario, out_text) = (scenario.to_str().expect("path"), out.to_str().expect("path"));
    assert!(yizhan(&["run", scenario, "-o", out_text]).status.success());
    let before = files(&out);
    let again = yizhan(&["report", out_text]);
    assert!(again.status.success(), "{}", text(&again.stderr));
    assert!(files(&out) == before, "the same language, the same bytes");
    assert!(yizhan(&["report", out_text, "--lang", "zh"]).status.success());
    assert!(text(&files(&out)["summary.md"]).contains("要点"));
    let map = dir.path().join("map.svg");
    let map_text = map.to_str().expect("path");
    let ask =
        |layer| yizhan(&["map", out_text, "--layer", layer, "--format", "svg", "--size", "slide", "-o", map_text, "--overwrite"]);
    for layer in ["demand", "coverage-path", "gaps", "duplicates", "recommend", "curve"] {
        let drawn = ask(layer);
        assert!(drawn.status.success(), "{layer}: {}", text(&drawn.stderr));
        assert!(fs::read_to_string(&map).expect("a map").contains("<svg"), "{layer}");
    }
    assert_eq!(ask("buses").status.code(), Some(2), "York has none");
    let changed = fs::read_to_string(scenario).expect("the scenario") + "\n# a comment changes nothing\n";
    fs::write(scenario, changed.as_str()).expect("written");
    assert!(ask("demand").status.success());
    let input = fs::read_dir(dir.path()).expect("a folder").map(|entry| entry.expect("an entry").path());
    let demand = input.into_iter().find(|path| path.extension().is_some_and(|ending| ending == "csv")).expect("a table");
    fs::write(&demand, fs::read_to_string(&demand).expect("a table") + "\n").expect("written");
    let refused = ask("demand");
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("has changed since"), "{}", text(&refused.stderr));
}

#[test]
fn a_changed_result_fails_verification() {
    let dir = tempfile::tempdir().expect("a folder");
    let out = dir.path().join("york");
    let out_text = out.to_str().expect("path");
    assert!(yizhan(&["run", "data/york/scenario.toml", "-o", out_text]).status.success());
    let verified = yizhan(&["verify", out_text]);
    assert_eq!(verified.status.code(), Some(0), "{}", text(&verified.stdout));
    let coverage = fs::read_to_string(out.join("coverage.csv")).expect("coverage");
    fs::write(out.join("coverage.csv"), coverage.replace("339", "340")).expect("written");
    let verified = yizhan(&["verify", out_text]);
    assert_eq!(verified.status.code(), Some(1), "{}", text(&verified.stdout));
    assert!(text(&verified.stdout).contains("written 340.000, recomputed 339.000"), "{}", text(&verified.stdout));
}

#[test]
fn an_earlier_result_is_not_replaced_unasked() {
    let dir = tempfile::tempdir().expect("a folder");
    let out = dir.path().join("york");
    let arguments = ["run", "data/york/scenario.toml", "-o", out.to_str().expect("path")];
    assert!(yizhan(&arguments).status.success());
    let again = yizhan(&arguments);
    assert_eq!(again.status.code(), Some(2));
    assert!(text(&again.stderr).contains("--overwrite"), "{}", text(&again.stderr));
    assert!(yizhan(&[&arguments[..], &["--overwrite"]].concat()).status.success());
    let stranger = dir.path().join("stranger");
    fs::create_dir(&stranger).expect("made");
    fs::write(stranger.join("letter.txt"), "keep me").expect("written");
    let refused = yizhan(&["run", "data/york/scenario.toml", "--overwrite", "-o", stranger.to_str().expect("path")]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(stranger.join("letter.txt").is_file());
}

#[test]
fn check_lists_the_faults_of_the_ledger_in_both_languages() {
    let english = yizhan(&["check", "data/daoli/scenario.toml"]);
    assert_eq!(english.status.code(), Some(1), "{}", text(&english.stderr));
    let english = text(&english.stdout);
    assert!(english.contains("71 ledger rows → 68 stations"), "{english}");
    assert!(english.contains("ledger_gb18030.csv, row 49"), "{english}");
    let chinese = yizhan(&["--lang", "zh", "check", "data/daoli/scenario.toml"]);
    assert!(text(&chinese.stdout).contains("71 行 → 68 个驿站"), "{}", text(&chinese.stdout));
    assert_eq!(yizhan(&["check", "data/york/scenario.toml"]).status.code(), Some(0));
}

#[test]
fn a_plan_of_many_measures_fits_its_map_and_a_grid_with_names_is_refused() {
    let city = crate::support::copy("data/daoli", &[("new_fixed = 3", "new_fixed = 12")]);
    let (scenario, out) = (city.path().join("scenario.toml"), city.path().join("out"));
    let arguments = ["run", scenario.to_str().expect("path"), "-o", out.to_str().expect("path"), "--overwrite"];
    let ran = yizhan(&arguments);
    assert!(ran.status.success(), "{}", text(&ran.stderr));
    let map = fs::read_to_string(out.join("maps/recommendations.svg")).expect("the map");
    assert!(map.contains("more"), "the rest is counted");
    let grid = city.path().join("grid.csv");
    let lines = fs::read_to_string(&grid).expect("the grid").replace('\n', ",x\n");
    fs::write(&grid, lines.replacen(",x", ",骑手姓名", 1)).expect("written");
    let refused = yizhan(&arguments);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("骑手姓名"), "{}", text(&refused.stderr));
}

#[test]
fn check_names_a_siting_rule_that_cannot_be_kept() {
    let asks = |rule: &str| {
        let city = crate::support::copy("data/daoli", &[("[siting]", &format!("[siting]\n{rule}"))]);
        let checked = yizhan(&["check", city.path().join("scenario.toml").to_str().expect("path")]);
        assert_eq!(checked.status.code(), Some(1), "{}", text(&checked.stderr));
        text(&checked.stdout)
    };
    assert!(
        asks("closable = [\"nobody\"]\nclose = 1").contains("[R001] siting.closable names what is no standing station: nobody")
    );
    assert!(asks("at_least_per_unit = { Nowhere = 1 }").contains("[R002]"));
    assert!(asks("at_least_per_unit = 99").contains("[R003]"));
}

#[test]
fn a_new_scenario_says_all_that_is_missing_at_once() {
    let dir = tempfile::tempdir().expect("a folder");
    assert!(yizhan(&["init", dir.path().to_str().expect("path")]).status.success());
    let scenario = dir.path().join("scenario.toml");
    let checked = yizhan(&["check", scenario.to_str().expect("path")]);
    assert_eq!(checked.status.code(), Some(2));
    let said = text(&checked.stderr);
    assert!(said.contains("stations.csv") && said.contains("flow.csv"), "{said}");
    let edited = fs::read_to_string(&scenario).expect("scenario").replace("cell_m", "cel_m");
    fs::write(&scenario, edited).expect("written");
    let said = text(&yizhan(&["check", scenario.to_str().expect("path")]).stderr);
    assert!(said.contains("cell_m"), "the nearest key is named: {said}");
}

#[test]
fn a_foreign_proj_data_is_ignored() {
    let dir = tempfile::tempdir().expect("a folder");
    fs::write(dir.path().join("proj.db"), "not a database").expect("written");
    let mut command = Command::new(env!("CARGO_BIN_EXE_yizhan"));
    command.args(["check", "data/york/scenario.toml"]).current_dir(repository(""));
    let ran = command.env("PROJ_DATA", dir.path()).env("PROJ_LIB", dir.path()).output().expect("starts");
    assert_eq!(ran.status.code(), Some(0), "{}", text(&ran.stderr));
}

#[test]
fn the_xlsx_ledger_gives_the_same_stations() {
    let dir = tempfile::tempdir().expect("a folder");
    for entry in fs::read_dir(repository("data/daoli")).expect("data") {
        let path = entry.expect("an entry").path();
        fs::copy(&path, dir.path().join(path.file_name().expect("a name"))).expect("copied");
    }
    let scenario = fs::read_to_string(dir.path().join("scenario.toml")).expect("scenario");
    fs::write(dir.path().join("scenario.toml"), scenario.replace("ledger_gb18030.csv", "ledger.xlsx")).expect("written");
    let out = |name: &str, scenario: &Path| {
        let out = dir.path().join(name);
        let ran = yizhan(&["run", scenario.to_str().expect("path"), "-o", out.to_str().expect("path")]);
        assert!(ran.status.success(), "{}", text(&ran.stderr));
        files(&out)
    };
    let sheet = out("sheet", &dir.path().join("scenario.toml"));
    let csv = out("csv", &repository("data/daoli/scenario.toml"));
    for file in
        ["stations.geojson", "gaps.geojson", "duplicates.geojson", "recommend.geojson", "bus_schedule.csv", "coverage.csv"]
    {
        assert!(sheet[file] == csv[file], "{file} differs");
    }
}

#[test]
fn schema_and_completions_are_printed() {
    let schema = text(&yizhan(&["schema"]).stdout);
    assert!(schema.contains("\"review_m\"") && schema.contains("\"$schema\""), "{schema}");
    assert!(text(&yizhan(&["completions", "bash"]).stdout).contains("yizhan"));
}

#[test]
fn a_public_copy_stands_beside_the_internal_folder_and_is_checked_for_what_it_tells() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = |name: &str| dir.path().join(name).to_str().expect("path").to_owned();
    let (internal, public, again) = (path("city"), path("city-public"), path("again"));
    assert!(yizhan(&["run", "data/daoli/scenario.toml", "-o", &internal]).status.success());
    let before = files(Path::new(&internal));
    let copy = |to: &[&str]| yizhan(&[&["report", internal.as_str(), "--profile", "public"], to].concat());
    let made = copy(&["--threads", "1"]);
    assert!(made.status.success(), "{}", text(&made.stderr));
    assert!(copy(&["-o", &again, "--threads", "2"]).status.success());
    let written = files(Path::new(&public));
    assert!(written == files(Path::new(&again)), "the same bytes on any number of threads");
    assert!(before == files(Path::new(&internal)), "the internal folder is as it was");
    let over = copy(&["-o", &internal, "--overwrite"]);
    assert_eq!((over.status.code(), text(&over.stderr).contains("can't take the place")), (Some(2), true));
    assert_eq!(copy(&[]).status.code(), Some(2), "an earlier copy is replaced only when asked");
    assert_eq!(yizhan(&["report", &public]).status.code(), Some(2), "a public folder can't be made again");
    let map = ["map", &internal, "--layer", "coverage-open", "--profile", "public", "-o", &path("open.png")];
    assert_eq!(yizhan(&map).status.code(), Some(2), "no map of a rung that depends on hours");
    let verified = yizhan(&["verify", &public]);
    assert!(verified.status.success() && text(&verified.stdout).contains("not checked"), "{}", text(&verified.stdout));
    // A count below k that somebody puts back is found.
    let coverage = Path::new(&public).join("coverage.csv");
    let table = fs::read_to_string(&coverage).expect("readable");
    let row = table.lines().find(|line| line.ends_with("true")).expect("a withheld row");
    let leak = row.replacen(",,", ",3,", 1).replacen("gb50180_10min,,", "gb50180_10min,3,", 1);
    fs::write(&coverage, table.replace(row, &leak.replace(",true", ",false"))).expect("writes");
    assert_eq!(yizhan(&["verify", &public]).status.code(), Some(1));
}
