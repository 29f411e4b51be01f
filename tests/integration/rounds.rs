//! Inspection rounds as a team lead meets them: a week, the week after, too few hours, bad rows.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use super::cli::{files, text, yizhan};
use super::support::copy;

fn rounds(dir: &Path, from: &str, out: &Path, threads: &str) -> std::process::Output {
    let scenario = dir.join("scenario.toml");
    let (scenario, out) = (scenario.to_str().expect("path"), out.to_str().expect("path"));
    yizhan(&["rounds", scenario, "--from", from, "-o", out, "--threads", threads, "--overwrite"])
}

fn rows(file: &Path) -> Vec<Vec<String>> {
    let text = fs::read_to_string(file).expect("readable");
    text.trim_start_matches('\u{feff}').lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

fn minutes(clock: &str) -> u32 {
    let (hour, minute) = clock.split_once(':').expect("a clock");
    hour.parse::<u32>().expect("an hour") * 60 + minute.parse::<u32>().expect("a minute")
}

#[test]
fn a_week_has_the_core_daily_and_every_other_station_once() {
    let home = tempfile::tempdir().expect("a folder");
    let (city, out, again) = (copy("data/daoli", &[]), home.path().join("out"), home.path().join("again"));
    let ran = rounds(city.path(), "2025-12-22", &out, "1");
    assert!(ran.status.success(), "{}", text(&ran.stderr));
    assert!(rounds(city.path(), "2025-12-22", &again, "2").status.success());
    assert!(files(&out) == files(&again), "the same bytes on one thread and on two");
    assert!(rows(&out.join("skipped.csv")).is_empty());
    let visits = rows(&out.join("rounds.csv"));
    let core: BTreeSet<String> = rows(&city.path().join("core_stations.csv")).into_iter().map(|row| row[0].clone()).collect();
    let mut days: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    for visit in &visits {
        assert!(
            days.entry((visit[3].clone(), visit[5].clone())).or_default().insert(visit[0].clone()),
            "twice on a day: {visit:?}"
        );
    }
    for ((station, level), dates) in &days {
        match level.as_str() {
            "core" => assert!(core.contains(station) && dates.len() == 7, "{station}: {dates:?}"),
            "weekly" => assert!(!core.contains(station) && dates.len() == 1, "{station}: {dates:?}"),
            _ => assert_eq!(dates.len(), 1),
        }
    }
    assert_eq!(days.keys().filter(|(_, level)| level == "core").count(), core.len());
    // Nobody is at two places at once, or away longer than a day allows.
    let mut tours: BTreeMap<(String, String), Vec<(u32, u32)>> = BTreeMap::new();
    for visit in &visits {
        tours.entry((visit[0].clone(), visit[1].clone())).or_default().push((minutes(&visit[7]), minutes(&visit[8])));
    }
    for ((date, steward), stays) in tours {
        assert!(stays.windows(2).all(|pair| pair[0].1 <= pair[1].0), "{steward} on {date}: {stays:?}");
        assert!(stays[stays.len() - 1].1 - stays[0].0 <= 8 * 60);
    }
    let loads: Vec<f64> = rows(&out.join("load.csv")).iter().map(|row| row[3].parse().expect("a load")).collect();
    assert!(loads.iter().all(|load| *load <= 1.0), "{loads:?}");
}

#[test]
fn the_week_after_stays_in_the_same_hands() {
    let home = tempfile::tempdir().expect("a folder");
    let (first, second) = (home.path().join("first"), home.path().join("second"));
    assert!(rounds(copy("data/daoli", &[]).path(), "2025-12-08", &first, "2").status.success());
    let city = copy("data/daoli", &[("[rounds]\n", "[rounds]\nprevious = \"before.csv\"\n")]);
    fs::copy(first.join("rounds.csv"), city.path().join("before.csv")).expect("copied");
    let ran = rounds(city.path(), "2025-12-15", &second, "2");
    assert!(ran.status.success(), "{}", text(&ran.stderr));
    let hands = |out: &Path| -> BTreeSet<Vec<String>> {
        let core = rows(&out.join("rounds.csv")).into_iter().filter(|row| row[5] == "core");
        core.map(|row| vec![row[1].clone(), row[3].clone(), row[0][8..].parse::<u32>().map_or(0, |day| day % 7).to_string()])
            .collect()
    };
    let (before, after) = (hands(&first), hands(&second));
    let kept = before.intersection(&after).count() as f64 / before.len() as f64;
    assert!(kept > 0.9, "{kept}");
}

#[test]
fn too_few_hours_are_counted_and_too_many_are_doubted() {
    let home = tempfile::tempdir().expect("a folder");
    let (city, out) = (copy("data/daoli", &[]), home.path().join("out"));
    let write = |table: &str| fs::write(city.path().join("stewards.csv"), table).expect("written");
    write("管家编号,可用小时,经度,纬度\nG1,255,126.612,45.7785\n,很多,126.6,45.77\n");
    let ran = rounds(city.path(), "2025-12-22", &out, "2");
    assert!(ran.status.success(), "{}", text(&ran.stderr));
    let said = text(&ran.stdout);
    assert!(said.contains("can't be made") && said.contains("more stewards") && said.contains("ceiling of 44 a week"), "{said}");
    let skipped = rows(&out.join("skipped.csv"));
    assert!(skipped.len() > 50 && rows(&out.join("issues.csv")).iter().any(|row| row[7] == "L513"));
    assert!(said.contains(&format!("{} visits can't be made", skipped.len())));
    write("管家编号,可用小时,经度,纬度\n");
    let ran = rounds(city.path(), "2025-12-22", &out, "2");
    assert!(ran.status.code() == Some(2) && text(&ran.stderr).contains("no stewards"), "{}", text(&ran.stderr));
}
