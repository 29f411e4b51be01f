//! `yizhan compare`: nothing against itself, signs that turn, accounts that close, and an oracle that subtracts the tables of the runs.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde_json::Value;
use tempfile::TempDir;
use yizhan::calendar::{DayKind, DayType, Season};
use yizhan::findings::RunError;
use yizhan::message::Lang;
use yizhan::output::Release;
use yizhan::output::verify::verify;
use yizhan::pipeline::{Against, RunOptions, compare, run};
use yizhan::progress::Silent;

use crate::cli::{files, text, yizhan};
use crate::golden::same_as_golden;
use crate::support::{analyse, copy, repository};

fn options(out: &Path, lang: Lang) -> RunOptions {
    RunOptions { out: Some(out.to_owned()), overwrite: true, gcj02: false, lang, street_cache: None, release: Release::INTERNAL }
}

/// An output folder, and the inputs it is of, for as long as the value lives.
struct Folder {
    out: PathBuf,
    _inputs: Option<TempDir>,
    _home: TempDir,
}

fn folder(scenario: &Path, inputs: Option<TempDir>) -> Folder {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("out");
    let scenario = yizhan::scenario::load(scenario).unwrap();
    run(&scenario, &options(&out, Lang::En), &Silent).unwrap();
    Folder { out, _inputs: inputs, _home: home }
}

fn copied(city: TempDir) -> Folder {
    folder(&city.path().join("scenario.toml"), Some(city))
}

/// The demo city as it is.
fn daoli() -> &'static Folder {
    static DAOLI: OnceLock<Folder> = OnceLock::new();
    DAOLI.get_or_init(|| folder(&repository("data/daoli/scenario.toml"), None))
}

/// The demo city a year later: another ledger (with stations that opened, closed, moved), budgets, and buses.
fn later() -> &'static Folder {
    static LATER: OnceLock<Folder> = OnceLock::new();
    LATER.get_or_init(|| {
        let city = copy(
            "data/daoli",
            &[
                ("ledger_gb18030.csv", "later.csv"),
                ("new_fixed = 3", "new_fixed = 2"),
                ("buses = 5", "buses = 5\ndwell_minutes = 180"),
            ],
        );
        let clean = fs::read_to_string(repository("tests/data/ledger/stations_clean.csv")).unwrap();
        let mut rows: Vec<String> = clean.lines().map(str::to_owned).collect();
        rows.remove(20);
        rows.remove(7);
        fs::write(city.path().join("later.csv"), rows.join("\n") + "\n").unwrap();
        copied(city)
    })
}

/// The files of a comparison.
struct Compared {
    files: BTreeMap<String, Vec<u8>>,
}

impl Compared {
    fn new(a: &Folder, against: &Against) -> Self {
        Self::in_lang(a, against, Lang::En)
    }

    fn in_lang(a: &Folder, against: &Against, lang: Lang) -> Self {
        let home = tempfile::tempdir().unwrap();
        let report =
            compare(&a.out, against, &options(&home.path().join("out"), lang), &Silent).unwrap_or_else(|e| panic!("{e}"));
        let files = files(&home.path().join("out"));
        assert_eq!(report.summary(), text(&files["compare.md"]));
        let names: Vec<&str> = files.keys().map(String::as_str).collect();
        assert_eq!(names, ["compare.csv", "compare.geojson", "compare.md", "compare.png", "compare.svg", "manifest.json"]);
        Self { files }
    }

    fn md(&self) -> String {
        text(&self.files["compare.md"])
    }

    fn rows(&self) -> Vec<Row> {
        table(&text(&self.files["compare.csv"]))
    }

    /// Features by layer.
    fn features(&self, layer: &str) -> Vec<Value> {
        let all: Value = serde_json::from_slice(&self.files["compare.geojson"]).unwrap();
        let features = all["features"].as_array().unwrap().iter().map(|feature| feature["properties"].clone());
        features.filter(|properties| properties["layer"] == layer).collect()
    }
}

type Row = BTreeMap<String, String>;

/// Rows of a CSV of ours whose cells have no commas, by column.
fn table(text: &str) -> Vec<Row> {
    let mut lines = text.trim_start_matches('\u{feff}').lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    let row = |line: &str| header.iter().map(|name| (*name).to_owned()).zip(line.split(',').map(str::to_owned)).collect();
    lines.map(row).collect()
}

/// Thousandths of a figure.
fn milli(row: &Row, column: &str) -> i64 {
    (row[column].parse::<f64>().unwrap() * 1000.0).round() as i64
}

/// What, standard, slot, group, unit, area.
type Key = [String; 7];

/// Figures of a run's `coverage.csv` on the days of `pick`, which names them anew.
fn ladder(folder: &Folder, pick: impl Fn(DayKind) -> Option<String>) -> BTreeMap<Key, i64> {
    let mut figures = BTreeMap::new();
    for row in table(&fs::read_to_string(folder.out.join("coverage.csv")).unwrap()) {
        let day = DayKind::new(row["season"].parse().unwrap(), row["day_type"].parse().unwrap());
        let Some(day) = pick(day) else { continue };
        for what in ["demand", "visits_radius", "visits_path", "visits_open", "visits_capacity", "visits_service"] {
            let key =
                [what, &row["standard"], &day, &row["slot"], &row["group"], &row["unit"], &row["in_area"]].map(str::to_owned);
            assert!(figures.insert(key, milli(&row, what)).is_none(), "one row each");
        }
    }
    figures
}

/// A and B wherever they differ, by subtraction of two tables.
fn subtracted(a: &BTreeMap<Key, i64>, b: &BTreeMap<Key, i64>) -> BTreeMap<Key, [i64; 2]> {
    let value = |figures: &BTreeMap<Key, i64>, key| figures.get(key).copied().unwrap_or_default();
    let pairs = a.keys().chain(b.keys()).map(|key| (key.clone(), [value(a, key), value(b, key)]));
    pairs.filter(|(_, [a, b])| a != b).collect()
}

/// The rows of the ladder in a comparison.
fn compared(rows: &[Row]) -> BTreeMap<Key, [i64; 2]> {
    let rows = rows.iter().filter(|row| !row["standard"].is_empty());
    let key = |row: &Row| ["what", "standard", "day", "slot", "group", "unit", "in_area"].map(|column| row[column].clone());
    rows.map(|row| (key(row), [milli(row, "a"), milli(row, "b")])).collect()
}

fn closes(rows: &[Row]) {
    assert!(!rows.is_empty());
    for row in rows {
        assert_eq!(milli(row, "a") + milli(row, "difference"), milli(row, "b"), "{row:?}");
    }
}

#[test]
fn a_folder_against_itself_has_no_difference() {
    let same = Compared::new(daoli(), &Against::Folder(daoli().out.clone()));
    closes(&same.rows());
    assert!(same.rows().iter().all(|row| milli(row, "difference") == 0), "{:?}", same.rows());
    assert!(compared(&same.rows()).is_empty());
    for layer in ["cell", "gap", "station", "bus"] {
        assert_eq!(same.features(layer), Vec::<Value>::new());
    }
    let md = same.md();
    for sentence in [
        "No station changed.",
        "no gap changed.",
        "No near pair changed.",
        "No bus window changed.",
        "9 recommendations in both.",
    ] {
        assert!(md.contains(sentence), "{sentence}: {md}");
    }
    assert!(!md.contains("what isn't alike") && !md.contains("What went in differently"), "{md}");
}

#[test]
fn two_runs_differ_by_what_their_tables_differ() {
    let found = Compared::new(daoli(), &Against::Folder(later().out.clone()));
    closes(&found.rows());
    let [a, b] = [daoli(), later()].map(|folder| ladder(folder, |day| Some(day.to_string())));
    let expected = subtracted(&a, &b);
    assert!(expected.len() > 100, "{}", expected.len());
    assert_eq!(compared(&found.rows()), expected);
    let md = found.md();
    for part in ["stations.file", "siting.new_fixed", "mobile.dwell_minutes", "Recommendations", "Stations"] {
        assert!(md.contains(part), "{part}: {md}");
    }
    assert!(md.contains("| both | upgrade to a smart station | 群力商圈驿站"), "a station with a new number is the same: {md}");
    let hours = |one: &&Value| one["change"].as_str().unwrap().split(';').any(|change| change == "hours");
    assert!(
        found.features("station").iter().filter(hours).all(|one| one["hours_a"] != one["hours_b"]),
        "the day shows the difference"
    );
    assert!(!found.features("station").is_empty() && !found.features("bus").is_empty() && !found.features("gap").is_empty());
}

#[test]
fn turned_round_every_sign_turns() {
    let there = Compared::new(daoli(), &Against::Folder(later().out.clone()));
    let back = Compared::new(later(), &Against::Folder(daoli().out.clone()));
    let figures = |rows: Vec<Row>, a: &str, b: &str, sign: i64| -> Vec<(Vec<String>, i64, i64, i64)> {
        let names = |row: &Row| {
            ["what", "standard", "day", "slot", "group", "unit", "in_area"].map(|column| row[column].clone()).to_vec()
        };
        rows.iter().map(|row| (names(row), milli(row, a), milli(row, b), sign * milli(row, "difference"))).collect()
    };
    assert_eq!(figures(there.rows(), "a", "b", 1), figures(back.rows(), "b", "a", -1));
    // What a station is told besides (hours, kind, …) has no direction, and a merged one is closed the other way round.
    let plain = |change: &str| match change {
        "opened" => "new".to_owned(),
        "closed" | "merged" => "gone".to_owned(),
        other => other.to_owned(),
    };
    let opposites = [
        ("gained", "lost"),
        ("only_a", "only_b"),
        ("new", "gone"),
        ("grown", "shrunk"),
        ("split", "joined"),
        ("earlier", "later"),
        ("longer", "shorter"),
    ];
    let turned = |change: String| {
        let other = opposites.iter().find_map(|(a, b)| if change == *a { Some(*b) } else { (change == *b).then_some(*a) });
        other.map_or(change.clone(), str::to_owned)
    };
    let words = |features: Vec<Value>| features.iter().map(|one| plain(one["change"].as_str().unwrap())).collect::<Vec<_>>();
    for layer in ["cell", "gap", "station", "bus"] {
        let mut forth = words(there.features(layer));
        let mut turned_back: Vec<String> = words(back.features(layer)).into_iter().map(turned).collect();
        forth.sort_unstable();
        turned_back.sort_unstable();
        assert!(!forth.is_empty(), "{layer}");
        assert_eq!(forth, turned_back, "{layer}");
    }
}

#[test]
fn cells_add_up_to_the_ladder() {
    let planned = "autumn weekday";
    for against in [Against::Folder(later().out.clone()), Against::After] {
        let found = Compared::new(daoli(), &against);
        let of_day = |row: &&Row| row["what"] == "visits_open" && row["day"] == planned && row["standard"] == "gb50180_10min";
        let ladder: i64 = found.rows().iter().filter(of_day).map(|row| milli(row, "difference")).sum();
        let figure = |cell: &Value, column: &str| cell[column].as_f64().map_or(0, |visits| (visits * 1000.0).round() as i64);
        let cells: i64 = found.features("cell").iter().map(|cell| figure(cell, "open_b") - figure(cell, "open_a")).sum();
        assert!(ladder != 0);
        assert_eq!(cells, ladder, "{against:?}");
    }
}

#[test]
fn winter_against_summer_is_the_tables_two_seasons() {
    let found = Compared::new(daoli(), &Against::Seasons([Season::WinterPeak, Season::SummerPeak]));
    closes(&found.rows());
    let named = |season: Season| {
        move |day: DayKind| (day.season == season).then(|| format!("winter_peak {0} > summer_peak {0}", day.day_type.id()))
    };
    let [a, b] = [ladder(daoli(), named(Season::WinterPeak)), ladder(daoli(), named(Season::SummerPeak))];
    let expected = subtracted(&a, &b);
    assert_eq!(compared(&found.rows()), expected);
    let open = |figures: &BTreeMap<Key, i64>| -> i64 {
        let of = figures
            .iter()
            .filter(|(key, _)| key[0] == "visits_open" && key[1] == "gb50180_10min" && key[2].contains(DayType::Weekday.id()));
        of.map(|(_, milli)| milli).sum()
    };
    let visits = |milli: i64| format!("{:.1}", (milli as f64 / 1000.0).abs());
    let md = found.md().replace(',', "");
    assert!(
        md.contains(&visits(open(&a))) && md.contains(&visits(open(&b))) && md.contains(&visits(open(&b) - open(&a))),
        "{md}"
    );
    assert!(md.contains("winter peak → summer peak"), "{md}");
}

#[test]
fn today_against_all_recommendations_is_the_ladder_after() {
    let found = Compared::new(daoli(), &Against::After);
    closes(&found.rows());
    let run = analyse(&repository("data/daoli/scenario.toml"));
    let day = DayKind::new(Season::Autumn, DayType::Weekday);
    let [today, after] = [run.ladders[0].ladder.day(day), run.after.last().unwrap().ladders[0].ladder.day(day)];
    for (what, a, b) in [
        ("visits_radius", today.covered[0], after.covered[0]),
        ("visits_open", today.covered[2], after.covered[2]),
        ("visits_service", today.covered[4], after.covered[4]),
    ] {
        let rows = found.rows();
        let of_day = |row: &&Row| row["what"] == what && row["day"] == "autumn weekday" && row["standard"] == "gb50180_10min";
        let gained: i64 = rows.iter().filter(of_day).map(|row| milli(row, "difference")).sum();
        assert_eq!(gained, b.milli() as i64 - a.milli() as i64, "{what}");
        assert!(gained > 0);
    }
    assert!(found.rows().iter().all(|row| row["what"] != "demand"), "people are the same");
    let change = |what: &str| {
        found.features("station").iter().filter(|one| one["change"].as_str().unwrap().split(';').any(|c| c == what)).count()
    };
    assert_eq!((change("opened"), change("kind"), change("closed")), (5, 4, 0));
    let lost = found.features("cell").iter().filter(|cell| cell["change"] == "lost").count();
    assert_eq!(lost, 0, "no cell loses by new stations");
}

#[test]
fn what_is_not_alike_is_said_first_and_what_cannot_be_compared_is_refused() {
    let york = |replace: &[(&str, &str)]| copied(copy("data/york", &[&[("new_fixed = 20", "new_fixed = 2")], replace].concat()));
    let plain = york(&[]);
    let refused = |a: &Folder, against: &Against, code: &str| {
        let home = tempfile::tempdir().unwrap();
        match compare(&a.out, against, &options(&home.path().join("out"), Lang::En), &Silent) {
            Err(RunError::Output(message)) => assert_eq!(message.code(), code, "{message}"),
            other => panic!("{code}: {other:?}"),
        }
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0, "nothing is written");
    };
    refused(&plain, &Against::Folder(daoli().out.clone()), "K001");
    refused(&plain, &Against::Folder(york(&[("cell_m = 250", "cell_m = 500")]).out.clone()), "K002");
    refused(daoli(), &Against::Seasons([Season::Autumn; 2]), "K004");
    refused(&copied(copy("data/york", &[("new_fixed = 20", "new_fixed = 0")])), &Against::After, "K005");
    let wider = york(&[("radius_m = 100", "radius_m = 150"), ("bbox = [-1.25", "bbox = [-1.08")]);
    let found = Compared::new(&plain, &Against::Folder(wider.out.clone()));
    let md = found.md();
    let first = md.split("## In short").next().unwrap();
    for part in ["100 m → 150 m", "study areas differ", "Cells that one run alone has"] {
        assert!(first.contains(part), "{part}: {first}");
    }
    assert!(md.contains("| `standard.radius_m` | 100.0 | 150.0 |"), "{md}");
    let alone = found.features("cell").into_iter().filter(|cell| cell["change"] == "only_a").count();
    assert!(alone > 0);
}

#[test]
fn golden_compare() {
    let [before, after] = [&[][..], &[("radius_m = 100", "radius_m = 120")][..]].map(|replace| {
        let city = copy("data/york", &[&[("new_fixed = 20", "new_fixed = 3")], replace].concat());
        if !replace.is_empty() {
            // One listed building more, one less, one moved.
            let path = city.path().join("sites.csv");
            let sites = fs::read_to_string(&path).unwrap();
            let mut existing = 0;
            let lines = sites.lines().filter_map(|line| {
                if !line.contains("existing") {
                    return Some(line.to_owned());
                }
                existing += 1;
                match existing {
                    3 => None,
                    5 => Some(line.replacen("53.9", "53.96", 1)),
                    _ => Some(line.to_owned()),
                }
            });
            let text = lines.collect::<Vec<_>>().join("\n") + "\n";
            fs::write(&path, text).unwrap();
        }
        copied(city)
    });
    let found = Compared::in_lang(&before, &Against::Folder(after.out.clone()), Lang::Zh);
    same_as_golden("compare", &found.files, &["compare.csv", "compare.geojson", "compare.md"]);
}

#[test]
fn the_command_compares_verifies_and_keeps_its_inputs() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("out");
    let (a, out_text) = (daoli().out.to_str().unwrap(), out.to_str().unwrap());
    let mut first = None;
    for (lang, threads) in [("en", "1"), ("en", "2"), ("zh", "2")] {
        let ran = yizhan(&[
            "compare",
            a,
            "--seasons",
            "winter,summer",
            "-o",
            out_text,
            "--overwrite",
            "--lang",
            lang,
            "--threads",
            threads,
        ]);
        assert!(ran.status.success(), "{}", text(&ran.stderr));
        if lang == "en" {
            let written = files(&out);
            assert!(*first.get_or_insert_with(|| written.clone()) == written, "the same bytes on any number of threads");
        }
    }
    assert!(text(&files(&out)["compare.md"]).contains("冬季旺季 → 夏季旺季"));
    assert!(verify(&out, &Silent).unwrap().passed());
    let table = fs::read_to_string(out.join("compare.csv")).unwrap();
    let (head, last) = table.trim_end().rsplit_once(',').unwrap();
    fs::write(out.join("compare.csv"), format!("{head},1{last}\n")).unwrap();
    assert_eq!(yizhan(&["verify", out_text]).status.code(), Some(1));
    let kept = yizhan(&["compare", a, a, "-o", a, "--overwrite"]);
    assert_eq!(kept.status.code(), Some(2));
    assert!(text(&kept.stderr).contains("is an input"), "{}", text(&kept.stderr));
    for wrong in [
        &["compare", a][..],
        &["compare", a, a, "--after"],
        &["compare", a, "--after", "--seasons", "winter,summer"],
        &["compare", a, "--seasons", "winter"],
    ] {
        assert_eq!(yizhan(wrong).status.code(), Some(2), "{wrong:?}");
    }
}
