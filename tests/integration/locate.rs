//! `yizhan locate` and `yizhan verify` on anyone's files: York, matrices, every refusal, both languages, tampering.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A folder with some files.
struct Case {
    dir: TempDir,
}

/// Three candidates on a line, four points; the optimum for two within 1 is B and C, 17 of 20.
const SITES: &str = "id,x,y,role,cost\nA,0,0,candidate,5\nB,2,0,candidate,5\nC,9,0,candidate,6\n";
const DEMAND: &str = "id,x,y,weight\np,1,0,7\nq,3,0,4\nr,9,1,6\ns,50,0,3\n";

impl Case {
    fn new(files: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::write(dir.path().join(name), text).unwrap();
        }
        Self { dir }
    }

    fn plane() -> Self {
        Self::new(&[("sites.csv", SITES), ("demand.csv", DEMAND)])
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn run(&self, arguments: &str) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_yizhan"));
        command.args(arguments.split_whitespace()).current_dir(self.dir.path());
        command.env("YIZHAN_LANG", "en").env("NO_COLOR", "1").output().unwrap()
    }

    /// Standard output of a run that solved its problem.
    #[track_caller]
    fn solved(&self, arguments: &str) -> serde_json::Value {
        let ran = self.run(arguments);
        assert_eq!(ran.status.code(), Some(0), "{}", text(&ran.stderr));
        serde_json::from_slice(&ran.stdout).unwrap()
    }

    /// Refused (exit code 2) with these texts on stderr.
    #[track_caller]
    fn refused(&self, arguments: &str, parts: &[&str]) {
        let ran = self.run(arguments);
        let said = text(&ran.stderr);
        assert_eq!(ran.status.code(), Some(2), "{arguments}: {said}");
        assert!(ran.stdout.is_empty(), "{arguments}");
        for part in parts {
            assert!(said.contains(part), "{arguments}: `{part}` is missing in\n{said}");
        }
    }

    /// What `verify` says after a text of the solution was replaced, and its exit code.
    #[track_caller]
    fn tampered(&self, name: &str, old: &str, new: &str) -> (Option<i32>, String) {
        let whole = fs::read_to_string(self.path(name)).unwrap();
        assert_eq!(whole.matches(old).count(), 1, "`{old}` stands once in {whole}");
        fs::write(self.path("tampered.json"), whole.replace(old, new)).unwrap();
        let ran = self.run("verify tampered.json");
        (ran.status.code(), text(&ran.stdout) + &text(&ran.stderr))
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

const MCLP: &str = "locate mclp --sites sites.csv --demand demand.csv --limit 1 -p 2";

#[test]
fn the_solution_has_exactly_these_keys() {
    let solution = Case::plane().solved(MCLP);
    let keys: Vec<&str> = solution.as_object().unwrap().keys().map(String::as_str).collect();
    let mut expected = vec!["model", "status", "objective", "bound", "gap", "open", "covered_weight", "total_weight", "seconds"];
    expected.extend(["reductions", "seed", "opened", "existing", "work", "stopped_by_time", "p", "limit", "outer", "budget"]);
    expected.extend(["share", "metric", "second", "assigned", "reason", "culprits", "inputs", "version"]);
    expected.sort_unstable();
    assert_eq!(keys, expected, "serde_json sorts them on reading");
    assert_eq!((&solution["model"], &solution["status"]), (&"mclp".into(), &"optimal".into()));
    assert_eq!((&solution["objective"], &solution["covered_weight"]), (&17.into(), &17.into()));
    assert_eq!((&solution["total_weight"], &solution["gap"], &solution["seed"]), (&20.into(), &0.into(), &1.into()));
    assert_eq!(solution["open"], serde_json::json!(["B", "C"]));
    assert_eq!(solution["metric"], "euclidean");
    assert_eq!(solution["inputs"][1]["rows"], 4);
}

#[test]
fn york_gains_201_with_20_sites() {
    let york = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/york");
    let case = Case::new(&[]);
    let arguments = format!(
        "locate mclp --sites {0}/sites.csv --demand {0}/demand.csv --limit 100 --metric haversine:6371000 -p 20 -o york.geojson",
        york.display()
    );
    let ran = case.run(&arguments);
    let said = text(&ran.stderr);
    assert_eq!(ran.status.code(), Some(0), "{said}");
    assert!(ran.stdout.is_empty() && said.contains("yizhan verify york.geojson"), "{said}");
    let layer: serde_json::Value = serde_json::from_str(&fs::read_to_string(case.path("york.geojson")).unwrap()).unwrap();
    let solution = &layer["solution"];
    let objective = solution["objective"].as_f64().unwrap();
    let bound = solution["bound"].as_f64().unwrap();
    assert!(objective <= 540.0 && bound >= 540.0, "339 + 201 is the proved optimum: {objective} to {bound}");
    assert_eq!(solution["covered_weight"], solution["objective"]);
    assert_eq!(layer["features"].as_array().unwrap().len(), 71 + solution["opened"].as_array().unwrap().len());
    let verified = case.run("verify york.geojson");
    assert_eq!(verified.status.code(), Some(0), "{}{}", text(&verified.stdout), text(&verified.stderr));
    let (code, said) = case.tampered("york.geojson", "\"total_weight\":1814", "\"total_weight\":1815");
    assert_eq!(code, Some(1), "{said}");
}

#[test]
fn listed_and_bare_matrices_give_the_same_answer() {
    let listed = "site,demand,impedance\nA,p,1\nA,q,3\nB,p,1\nB,q,1\nB,r,7\nC,r,1\nC,s,41\n";
    let bare = "1,1,8\n3,1,6\n9,7,1\n,,41\n";
    let case =
        Case::new(&[("od.csv", listed), ("bare.csv", bare), ("demand.csv", "weight\n7\n4\n6\n3\n"), ("named.csv", DEMAND)]);
    let by_id = case.solved("locate mclp --matrix od.csv --demand named.csv --limit 1 -p 2");
    let by_number = case.solved("locate mclp --matrix bare.csv --demand demand.csv --limit 1 -p 2");
    assert_eq!((&by_id["objective"], &by_id["open"]), (&17.into(), &serde_json::json!(["B", "C"])));
    assert_eq!((&by_number["objective"], &by_number["open"]), (&17.into(), &serde_json::json!(["1", "2"])));
    assert_eq!(case.solved("locate mclp --matrix od.csv --limit 1 -p 2")["objective"], 3, "weights are 1 without a file");
    assert_eq!(by_id["metric"], "matrix");
}

#[test]
fn money_roles_and_spellings() {
    let case = Case::plane();
    let within = case.solved("locate MCLP --sites sites.csv --demand demand.csv --limit 1 --budget 10");
    assert_eq!((&within["objective"], &within["open"]), (&11.into(), &serde_json::json!(["B"])));
    let roles = Case::new(&[
        ("sites.csv", "Name,X,Y,FacilityType\nA,0,0,Required\nB,2,0,Chosen\nC,9,0,Competitor\n"),
        ("demand.csv", DEMAND),
    ]);
    let solution = roles.solved("locate mclp --sites sites.csv --demand demand.csv --limit 1 -p 1");
    assert_eq!((&solution["existing"], &solution["opened"]), (&serde_json::json!(["A"]), &serde_json::json!(["B"])));
    assert_eq!((&solution["objective"], &solution["open"]), (&11.into(), &serde_json::json!(["A", "B"])));
    let said = text(&roles.run("locate mclp --sites sites.csv --demand demand.csv --limit 1 -p 1 --share 0.5").stderr);
    assert!(said.contains("1 competitors are left out") && said.contains("doesn't use --share"), "{said}");
}

#[test]
fn tampering_is_seen() {
    let case = Case::plane();
    let kept = case.run(&format!("{MCLP} -o solution.json"));
    assert_eq!(kept.status.code(), Some(0), "{}", text(&kept.stderr));
    let sound = case.run("verify solution.json");
    assert_eq!(sound.status.code(), Some(0), "{}{}", text(&sound.stdout), text(&sound.stderr));
    assert!(text(&sound.stdout).contains("objective: written 17, recomputed 17"), "{}", text(&sound.stdout));
    for (old, new, fails) in [
        ("\"objective\": 17", "\"objective\": 18", "✗ objective: written 18, recomputed 17"),
        ("\"bound\": 17", "\"bound\": 16", "✗ the bound 16"),
        ("\"covered_weight\": 17", "\"covered_weight\": 20", "✗ covered_weight"),
        ("\"gap\": 0", "\"gap\": 0.1", "✗ gap"),
        ("\"p\": 2", "\"p\": 1", "✗ 2 newly opened sites keep p = 1"),
        ("\"limit\": 1,", "\"limit\": 0.5,", "✗ objective: written 17, recomputed 0"),
        ("\"opened\": [\n    \"B\"", "\"opened\": [\n    \"A\"", "✗ open sites are"),
        ("\"open\": [\n    \"B\"", "\"open\": [\n    \"Z\"", "✗ open sites are"),
    ] {
        let (code, said) = case.tampered("solution.json", old, new);
        assert_eq!(code, Some(1), "{old}: {said}");
        assert!(said.contains(fails), "`{fails}` is missing in\n{said}");
    }
    let (code, said) = case.tampered("solution.json", "\"model\": \"mclp\"", "\"model\": \"magic\"");
    assert_eq!(code, Some(2), "{said}");
    fs::write(case.path("demand.csv"), DEMAND.replace("r,9,1,6", "r,9,1,5")).unwrap();
    let changed = case.run("verify solution.json");
    assert_eq!(changed.status.code(), Some(1));
    assert!(text(&changed.stdout).contains("✗ the input demand.csv is unchanged"), "{}", text(&changed.stdout));
}

#[test]
fn what_cannot_run_says_why_and_what_to_do() {
    let case = Case::plane();
    let with = |rest: &str| format!("locate {rest} --sites sites.csv --demand demand.csv");
    case.refused(&with("mclp -p 2"), &["P101", "needs --limit"]);
    case.refused(&with("mclp --limit 1"), &["P101", "-p | --budget"]);
    case.refused(&with("psclp --limit 1"), &["--share"]);
    case.refused(&with("gradual --limit 1 -p 1"), &["--outer"]);
    case.refused(&with("gradual --limit 1 --outer 0.5 -p 1"), &["P106", "--outer"]);
    case.refused(&with("pmedian"), &["p-median needs -p"]);
    case.refused(&with("magic"), &["P102", "capacitated-p-median"]);
    case.refused(&with("mclp --limit 1 -p 1 --without luck"), &["P112", "reduction luck", "dominated_options"]);
    case.refused(&with("mclp --limit -1 -p 1"), &["P106", "--limit is -1"]);
    case.refused(&with("psclp --limit 1 --share 80"), &["P106", "between 0 and 1"]);
    case.refused(&with("mclp --limit 1 -p 1 --metric miles"), &["P105", "haversine:R"]);
    case.refused(&with("mclp --limit 1 -p 1 -o a.txt"), &["P103", "a.txt"]);
    case.refused(&with("mclp --limit 1 -p 1 -o a.geojson"), &["P104", ".json"]);
    case.refused(&with("mclp --limit 1 -p 1 -o sites.csv/a.json"), &["C003"]);
    case.refused("locate mclp --limit 1 -p 1 --sites sites.csv", &["P107", "--demand is missing"]);
    case.refused("locate mclp --limit 1 -p 1 --sites none.csv --demand demand.csv", &["P108", "L001", "none.csv"]);
    assert!(case.run(&format!("{MCLP} -o a.json")).status.success());
    case.refused(&format!("{MCLP} -o a.json"), &["C002", "--overwrite"]);
    assert!(case.run(&format!("{MCLP} -o a.json --overwrite")).status.success());
    case.refused("verify none.json", &["none.json"]);
    case.refused("verify sites.csv", &["can't read the solution file sites.csv"]);
}

#[test]
fn reductions_are_logged_and_can_be_left_out() {
    let case = Case::plane();
    let names = |solution: &serde_json::Value| -> Vec<String> {
        let rows = solution["reductions"].as_array().unwrap();
        rows.iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
    };
    let with = case.solved(MCLP);
    let without = case.solved(&format!("{MCLP} --without dominated_options,reduced_costs"));
    for name in ["dominated_options", "reduced_costs"] {
        assert!(names(&with).iter().any(|n| n == name), "{with}");
        assert!(!names(&without).iter().any(|n| n == name), "{without}");
    }
    assert_eq!(with["objective"], without["objective"]);
}

#[test]
fn faults_of_the_files_are_told_all_at_once_in_both_languages() {
    let case = Case::new(&[("sites.csv", "id,x,y\nA,0,zero\nA,1,1\n"), ("demand.csv", "id,x,y,weight\np,0,0,-1\n")]);
    case.refused(MCLP, &["P108", "3", "sites.csv, row 2", "`zero`", "row 3: the id A", "demand.csv, row 2", "-1"]);
    case.refused(&format!("--lang zh {MCLP}"), &["共 3 处问题", "sites.csv 第 3 行", "重复", "为负"]);
}

#[test]
fn equal_runs_differ_in_seconds_only_and_speak_both_languages() {
    let case = Case::plane();
    let without_seconds = |threads: &str| {
        let mut solution = case.solved(&format!("{MCLP} --threads {threads}"));
        solution.as_object_mut().unwrap().remove("seconds");
        solution
    };
    assert_eq!(without_seconds("1"), without_seconds("2"));
    let english = text(&case.run(MCLP).stderr);
    assert!(english.contains("maximal covering: 2 newly opened of 2") && english.contains("proved optimal"), "{english}");
    let chinese = text(&case.run(&format!("--lang zh {MCLP}")).stderr);
    assert!(chinese.contains("最大覆盖：新开 2 处") && chinese.contains("已证明最优"), "{chinese}");
    assert!(case.run(&format!("-q {MCLP}")).stderr.is_empty());
}

#[test]
fn a_reason_for_infeasibility_is_recomputed() {
    let case = Case::plane();
    let mut solution = case.solved(MCLP);
    for (culprit, code) in [("s", 0), ("p", 1), ("nobody", 1)] {
        let members = solution.as_object_mut().unwrap();
        for (key, value) in [("model", "lscp"), ("status", "infeasible"), ("reason", "uncoverable")] {
            members.insert(key.to_owned(), value.into());
        }
        for key in ["objective", "bound", "gap", "covered_weight", "p"] {
            members.insert(key.to_owned(), serde_json::Value::Null);
        }
        members.insert("culprits".to_owned(), serde_json::json!([culprit]));
        fs::write(case.path("none.json"), solution.to_string()).unwrap();
        let verified = case.run("verify none.json");
        assert_eq!(verified.status.code(), Some(code), "{culprit}: {}", text(&verified.stdout));
    }
}

/// Every model with what it needs, on [`ROOMY`] and [`DEMAND`].
const ALL: [(&str, &str); 10] = [
    ("mclp", "--limit 1 -p 2"),
    ("psclp", "--limit 1 --share 0.8"),
    ("lscp", "--limit 41"),
    ("lscp-b", "--limit 41"),
    ("p-median", "-p 2"),
    ("p-center", "-p 2"),
    ("capacitated-mclp", "--limit 41 -p 2"),
    ("capacitated-p-median", "-p 2"),
    ("backup", "--limit 2 -p 2"),
    ("gradual", "--limit 1 --outer 4.5 -p 2"),
];
const ROOMY: &str = "id,x,y,role,cost,capacity\nA,0,0,candidate,5,11\nB,2,0,candidate,5,10\nC,9,0,candidate,6,10\n";
const FILES: &str = "--sites sites.csv --demand demand.csv";

#[test]
fn every_model_verifies_and_damage_is_seen() {
    let case = Case::new(&[("sites.csv", ROOMY), ("demand.csv", DEMAND)]);
    for (model, options) in ALL {
        let ran = case.run(&format!("locate {model} {options} {FILES} -o {model}.json"));
        assert_eq!(ran.status.code(), Some(0), "{model}: {}", text(&ran.stderr));
        let verified = case.run(&format!("verify {model}.json"));
        let said = text(&verified.stdout);
        assert_eq!(verified.status.code(), Some(0), "{model}: {said}");
        assert!(said.contains("– not checked: that nothing is better than the bound"), "{model}: {said}");
        let chinese = text(&case.run(&format!("--lang zh verify {model}.json")).stdout);
        assert!(chinese.contains("– 未核对：") && chinese.contains("未核对（标 –）"), "{model}: {chinese}");
        let sound: serde_json::Value =
            serde_json::from_str(&fs::read_to_string(case.path(&format!("{model}.json"))).unwrap()).unwrap();
        assert_eq!(sound["status"], "optimal", "{model}");
        let number = |key: &str| sound[key].as_f64().unwrap();
        let most = ["mclp", "capacitated-mclp", "backup", "gradual"].contains(&model);
        let beyond = if most { number("objective") - 1.0 } else { number("objective") + 1.0 };
        let mut damages = vec![
            ("objective", serde_json::json!(number("objective") + 1.0)),
            ("bound", serde_json::json!(beyond)),
            ("covered_weight", serde_json::json!(number("covered_weight") + 1.0)),
            ("opened", serde_json::json!(["Z"])),
            ("opened", serde_json::json!([])),
            ("open", serde_json::json!([])),
            ("total_weight", serde_json::json!(1)),
        ];
        if sound["assigned"].is_object() {
            damages.push(("assigned", serde_json::json!({"p": null, "q": "A", "r": "C", "s": "C"})));
        }
        if sound["second"].is_number() {
            damages.push(("second", serde_json::json!(number("second") + 1.0)));
        }
        for (key, value) in damages {
            let mut damaged = sound.clone();
            damaged[key] = value;
            fs::write(case.path("damaged.json"), damaged.to_string()).unwrap();
            let ran = case.run("verify damaged.json");
            assert_eq!(ran.status.code(), Some(1), "{model}, {key}: {}", text(&ran.stdout));
        }
    }
}

#[test]
fn effort_is_kept_and_told() {
    let case = Case::new(&[("sites.csv", ROOMY), ("demand.csv", DEMAND)]);
    for (model, options) in ALL {
        let command = format!("locate {model} {options} {FILES}");
        let solution = case.solved(&format!("{command} --work 7 --seed 5 --gap 0.25 --threads 1"));
        assert_eq!((&solution["work"], &solution["seed"]), (&7.into(), &5.into()), "{model}");
        assert!(solution["gap"].as_f64().unwrap() <= 0.25, "{model}: {solution}");
        let ran = case.run(&format!("{command} --time 0 -o late.json --overwrite"));
        assert!([Some(0), Some(2)].contains(&ran.status.code()), "{model}: {}", text(&ran.stderr));
        if ran.status.success() {
            let verified = case.run("verify late.json");
            assert_eq!(verified.status.code(), Some(0), "{model}: {}", text(&verified.stdout));
        }
    }
    let huge = case.solved(&format!("{MCLP} --budget 18446744073709551615 --work 18446744073709551615"));
    assert_eq!(huge["objective"], 17);
    case.solved(&format!("locate lscp-b --limit 41 {FILES} --work 18446744073709551615"));
    case.refused(&format!("{MCLP} --gap 2"), &["P106", "--gap"]);
    case.refused(&format!("{MCLP} --time -1"), &["P106", "--time"]);
    for wrong in ["--work x", "--seed -1", "--threads x"] {
        assert_eq!(case.run(&format!("{MCLP} {wrong}")).status.code(), Some(2), "{wrong}");
    }
}

/// Infeasible (exit code 3) for a reason, which is on stderr even with -q, in the file, and verified.
#[track_caller]
fn infeasible(case: &Case, arguments: &str, reason: &str, culprits: &[&str]) {
    let ran = case.run(&format!("-q locate {arguments} -o none.json --overwrite"));
    let said = text(&ran.stderr);
    assert_eq!(ran.status.code(), Some(3), "{arguments}: {said}");
    assert!(said.contains("infeasible: "), "{said}");
    let solution: serde_json::Value = serde_json::from_str(&fs::read_to_string(case.path("none.json")).unwrap()).unwrap();
    assert_eq!((&solution["status"], &solution["reason"]), (&"infeasible".into(), &reason.into()), "{arguments}");
    assert_eq!(solution["culprits"], serde_json::json!(culprits), "{arguments}");
    let verified = case.run("verify none.json");
    assert_eq!(verified.status.code(), Some(0), "{arguments}: {}", text(&verified.stdout));
    assert!(text(&verified.stdout).contains("✓ the reason for infeasibility holds"), "{}", text(&verified.stdout));
}

#[test]
fn each_infeasibility_ends_with_3_and_is_verified() {
    let case = Case::new(&[("sites.csv", ROOMY), ("demand.csv", DEMAND), ("bare.csv", "1,2\n,\n3,4\n")]);
    infeasible(&case, &format!("lscp --limit 3 {FILES}"), "uncoverable", &["s"]);
    infeasible(&case, "lscp --limit 5 --matrix bare.csv", "uncoverable", &["1"]);
    infeasible(&case, "p-median -p 1 --matrix bare.csv", "unreachable", &["1"]);
    infeasible(&case, &format!("psclp --limit 3 --share 1 {FILES}"), "share_too_high", &["s"]);
    infeasible(&case, &format!("p-median -p 4 {FILES}"), "too_few_candidates", &["A", "B", "C"]);
    infeasible(&case, &format!("capacitated-p-median -p 1 {FILES}"), "too_little_capacity", &["A", "B", "C"]);
    fs::write(case.path("pack.csv"), "site,demand,impedance\nA,x,1\nA,y,1\nA,z,1\nB,x,1\nB,y,1\nB,z,1\n").unwrap();
    fs::write(case.path("threes.csv"), "id,capacity\nA,3\nB,3\n").unwrap();
    fs::write(case.path("twos.csv"), "id,weight\nx,2\ny,2\nz,2\n").unwrap();
    let packed = "capacitated-p-median -p 2 --matrix pack.csv --sites threes.csv --demand twos.csv";
    infeasible(&case, packed, "unpackable", &["x", "y", "z"]);
    fs::write(case.path("apart.csv"), "site,demand,impedance\nA,p,1\nB,q,1\n").unwrap();
    fs::write(case.path("rooms.csv"), "id,capacity\nA,2\nB,100\n").unwrap();
    fs::write(case.path("loads.csv"), "id,weight\np,3\nq,1\n").unwrap();
    infeasible(&case, "capacitated-p-median -p 2 --matrix apart.csv --sites rooms.csv --demand loads.csv", "too_heavy", &["p"]);
    infeasible(&case, "p-center -p 1 --matrix apart.csv", "too_few_sites", &["p", "q"]);
}

#[test]
fn a_gradual_answer_is_proved_up_to_rounding() {
    let case = Case::new(&[("sites.csv", "id,x,y\nA,0,0\n"), ("demand.csv", "id,x,y,weight\na,2,0,1\n")]);
    let ran = case.run(&format!("locate gradual --limit 1 --outer 4 -p 1 {FILES} -o a.json"));
    assert!(text(&ran.stderr).contains("proved optimal up to the rounding of shares"), "{}", text(&ran.stderr));
    let verified = case.run("verify a.json");
    assert_eq!(verified.status.code(), Some(0), "{}", text(&verified.stdout));
}

#[test]
fn matrices_of_pandas_are_read_or_refused() {
    let case = Case::new(&[("named.csv", ",A,B\np,1,2\nq,3,\n"), ("numbered.csv", ",0,1\n0,1,2\n1,3,4\n")]);
    assert_eq!(case.solved("locate lscp --limit 3 --matrix named.csv")["open"], serde_json::json!(["A"]));
    case.refused("locate lscp --limit 3 --matrix numbered.csv", &["P018", "numbered.csv, row 1", "`inf`", "`demand`"]);
}
