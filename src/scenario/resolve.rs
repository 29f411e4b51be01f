//! From the text of a scenario to a [`Scenario`]: packs merged underneath, every key known, every value checked, all faults at once.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_path_to_error::Segment;
use toml::{Table, Value};

use super::faults::{ScenarioFault, ScenarioFaults};
use super::file::{Packs, PointFile, ScenarioFile, StandardPack, Travel};
use super::siting::{self, SHARES};
use crate::calendar::{DayKind, HOURS};
use crate::crs::{Crs, LonLat, Metric};
use crate::domain::standard::ServiceStandard;

/// A scenario that can be run: complete, and every value checked.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// The scenario file.
    pub path: PathBuf,
    /// Folder that relative paths start at.
    pub folder: PathBuf,
    /// Every value in force.
    pub file: ScenarioFile,
    /// The service standard.
    pub standard: ServiceStandard,
    /// Further standards that the ladder is printed for.
    pub compare: Vec<ServiceStandard>,
    /// The day that standing stations are planned for.
    pub planning_day: DayKind,
    /// Days that gaps are looked for on; the planning day comes first.
    pub days: Vec<DayKind>,
    /// Days that buses are planned for.
    pub bus_days: Vec<DayKind>,
    /// Days that the siting decision is made for, each with its share in millionths; the shares add up to 10⁶.
    pub siting_days: Vec<(DayKind, u64)>,
    /// How straight distance is measured.
    pub metric: Metric,
    /// Working reference system.
    pub crs: Crs,
}

impl Scenario {
    /// A path of the scenario, relative to its folder.
    pub fn input(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

/// Checks the text of a scenario file.
pub(super) fn resolve(path: &Path, text: &str) -> Result<Scenario, ScenarioFaults> {
    let mut user: Table = toml::from_str(text).map_err(|e| {
        ScenarioFaults::one(path, ScenarioFault::new("S002", "").with("cause", e.to_string().trim().replace('\n', " ")))
    })?;
    let packs: Packs = toml::from_str(include_str!("packs.toml")).expect("invariant: packs.toml is checked by a test");
    let mut faults = Vec::new();
    let file = read_keys(&mut user, &packs, &mut faults);
    let scenario = file.and_then(|file| check_values(path, file, &packs, &mut faults));
    match scenario {
        Some(scenario) if faults.is_empty() => Ok(scenario),
        _ => Err(ScenarioFaults { file: path.to_owned(), faults }),
    }
}

/// Reads the merged tables; each key that doesn't fit is noted, taken out, and the reading goes on.
fn read_keys(user: &mut Table, packs: &Packs, faults: &mut Vec<ScenarioFault>) -> Option<ScenarioFile> {
    let default_rules = packs.rules.keys().next().expect("invariant: there is a rule pack").clone();
    let rules = user.entry("rules").or_insert(Value::String(default_rules)).as_str().unwrap_or_default().to_owned();
    let Some(pack) = packs.rules.get(&rules) else {
        faults.push(ScenarioFault::new("S005", "rules").with("found", rules).with("known", words(packs.rules.keys())));
        return None;
    };
    loop {
        let mut merged = pack.clone();
        merge(&mut merged, user);
        let error = match serde_path_to_error::deserialize(Value::Table(merged)) {
            Ok(file) => return Some(file),
            Err(error) => error,
        };
        let mut keys: Vec<Step> = error.path().iter().filter_map(Step::from_segment).collect();
        let cause = error.inner().to_string();
        let cause = cause.lines().next().unwrap_or_default().trim().to_owned();
        let unknown = unknown_field(&cause);
        if let Some((field, _)) = &unknown
            && keys.last() != Some(&Step::Key(field.clone()))
        {
            keys.push(Step::Key(field.clone()));
        }
        let key = dotted(&keys);
        faults.push(match &unknown {
            Some((field, known)) => unknown_key(key, field, known),
            None => ScenarioFault::new("S004", key).with("cause", cause),
        });
        if !remove(user, &keys) {
            return None;
        }
    }
}

/// A step on the way to a value.
#[derive(Debug, Clone, PartialEq)]
enum Step {
    Key(String),
    Row(usize),
}

impl Step {
    fn from_segment(segment: &Segment) -> Option<Self> {
        match segment {
            Segment::Map { key } => Some(Self::Key(key.clone())),
            Segment::Seq { index } => Some(Self::Row(*index)),
            _ => None,
        }
    }
}

fn dotted(steps: &[Step]) -> String {
    let mut key = String::new();
    for step in steps {
        match step {
            Step::Key(name) if key.is_empty() => key.push_str(name),
            Step::Key(name) => key.push_str(&format!(".{name}")),
            Step::Row(row) => key.push_str(&format!("[{row}]")),
        }
    }
    key
}

/// The field and the known fields of serde's `unknown field` message.
fn unknown_field(cause: &str) -> Option<(String, Vec<String>)> {
    let rest = cause.strip_prefix("unknown field ")?;
    let mut quoted = rest.split('`').skip(1).step_by(2).map(str::to_owned);
    Some((quoted.next()?, quoted.collect()))
}

/// The fault of an unknown key, with the nearest known one where there is one.
fn unknown_key(key: String, field: &str, known: &[String]) -> ScenarioFault {
    let near = known.iter().map(|k| (strsim::jaro_winkler(field, k), k)).max_by(|a, b| a.0.total_cmp(&b.0));
    match near {
        Some((likeness, near)) if likeness > 0.8 => ScenarioFault::new("S003", key).with("near", near),
        _ => ScenarioFault::new("S014", key),
    }
    .with("known", words(known.iter()))
}

fn words<'a>(words: impl Iterator<Item = &'a String>) -> String {
    words.map(String::as_str).collect::<Vec<_>>().join(", ")
}

/// Lays `over` on top of `under`; tables are merged, everything else is replaced.
fn merge(under: &mut Table, over: &Table) {
    for (key, value) in over {
        match (under.get_mut(key), value) {
            (Some(Value::Table(below)), Value::Table(above)) => merge(below, above),
            _ => {
                under.insert(key.clone(), value.clone());
            }
        }
    }
}

/// Takes a value out of the planner's table; false when it isn't there.
fn remove(table: &mut Table, steps: &[Step]) -> bool {
    match steps {
        [Step::Key(last)] => table.remove(last).is_some(),
        [Step::Key(first), rest @ ..] => match (table.get_mut(first), rest) {
            (Some(Value::Table(inner)), _) => remove(inner, rest),
            (Some(Value::Array(rows)), [Step::Row(row), rest @ ..]) => match rows.get_mut(*row) {
                Some(Value::Table(inner)) if !rest.is_empty() => remove(inner, rest),
                Some(_) => {
                    rows.remove(*row);
                    true
                }
                None => false,
            },
            _ => false,
        },
        _ => false,
    }
}

/// Checks what the types can't.
fn check_values(path: &Path, file: ScenarioFile, packs: &Packs, faults: &mut Vec<ScenarioFault>) -> Option<Scenario> {
    let folder = path.parent().unwrap_or(Path::new(".")).to_owned();
    check_files(&file, &folder, faults);
    check_ranges(&file, faults);
    check_demand(&file, faults);
    siting::check(&file, faults);
    check_streets(&file.travel, faults);
    if file.mobile.buses > 0 && file.bus_stops.is_none() {
        faults.push(ScenarioFault::new("S016", "mobile.buses"));
    }
    let standard = standard(&file.standard.pack, "standard.pack", &file, packs, faults);
    let compare: Vec<_> =
        file.standard.compare.iter().filter_map(|pack| standard_pack(pack, "standard.compare", &file, packs, faults)).collect();
    let planning_day = day(&file.analysis.planning_day, "analysis.planning_day", faults);
    let mut days: Vec<DayKind> = file.analysis.days.iter().filter_map(|text| day(text, "analysis.days", faults)).collect();
    let mut bus_days: Vec<DayKind> = file.mobile.days.iter().filter_map(|text| day(text, "mobile.days", faults)).collect();
    let siting_days = siting::days(&file, faults);
    let metric = metric(&file.travel.metric, faults);
    let crs = crs(&file, faults);
    let planning_day = planning_day?;
    let siting_days = if siting_days.is_empty() { vec![(planning_day, SHARES)] } else { siting_days };
    if file.siting.mobile_windows > 0 {
        // On these days the decision has placed the buses.
        bus_days.retain(|day| siting_days.iter().all(|(decided, _)| decided != day));
    }
    days.retain(|&d| d != planning_day);
    days.insert(0, planning_day);
    Some(Scenario {
        path: path.to_owned(),
        folder,
        standard: standard?,
        compare,
        planning_day,
        days,
        bus_days,
        siting_days,
        metric: metric?,
        crs: crs?,
        file,
    })
}

/// Keys about streets need streets.
fn check_streets(travel: &Travel, faults: &mut Vec<ScenarioFault>) {
    let without = [
        ("travel.mode", travel.mode.is_some()),
        ("travel.rules", travel.rules.is_some()),
        ("travel.snap_within_m", travel.snap_within_m.is_some()),
    ];
    for (key, _) in without.into_iter().filter(|(_, given)| *given && travel.network.is_none()) {
        faults.push(ScenarioFault::new("S025", key));
    }
    if let Some(found) = travel.snap_within_m.filter(|metres| !(0.0..=5_000.0).contains(metres)) {
        faults.push(ScenarioFault::new("S009", "travel.snap_within_m").with("allowed", "0 … 5000").with("found", found));
    }
}

fn standard(
    pack: &str,
    key: &str,
    file: &ScenarioFile,
    packs: &Packs,
    faults: &mut Vec<ScenarioFault>,
) -> Option<ServiceStandard> {
    let mut standard = standard_pack(pack, key, file, packs, faults)?;
    if let Some(radius_m) = file.standard.radius_m {
        standard.radius_m = radius_m;
        standard.id = format!("custom_{radius_m}m");
        standard.source = format!("radius_m of the scenario; all else from {pack}");
    }
    Some(standard)
}

fn standard_pack(
    pack: &str,
    key: &str,
    file: &ScenarioFile,
    packs: &Packs,
    faults: &mut Vec<ScenarioFault>,
) -> Option<ServiceStandard> {
    let Some(StandardPack { version, source, radius_m, surface_factor }) = packs.standards.get(pack).cloned() else {
        faults.push(ScenarioFault::new("S005", key).with("found", pack).with("known", words(packs.standards.keys())));
        return None;
    };
    let surface_factor = if file.standard.seasonal_surface { surface_factor } else { BTreeMap::new() };
    Some(ServiceStandard { id: pack.to_owned(), version, source, radius_m, surface_factor })
}

pub(super) fn day(text: &str, key: &str, faults: &mut Vec<ScenarioFault>) -> Option<DayKind> {
    text.parse().map_err(|e| faults.push(ScenarioFault::new("S007", key).with("found", text).with("cause", e))).ok()
}

fn metric(text: &str, faults: &mut Vec<ScenarioFault>) -> Option<Metric> {
    let radius = text.strip_prefix("haversine").map(|rest| match rest.strip_prefix(':') {
        Some(metres) => metres.parse().ok().filter(|r: &f64| r.is_finite() && *r > 0.0),
        None => rest.is_empty().then_some(MEAN_EARTH_RADIUS_M),
    });
    match (text, radius) {
        ("planar", _) => Some(Metric::Planar),
        ("geodesic", _) => Some(Metric::Geodesic),
        (_, Some(Some(radius))) => Some(Metric::Haversine(radius)),
        _ => {
            let allowed = "planar, geodesic, haversine or haversine:RADIUS_M";
            faults.push(ScenarioFault::new("S009", "travel.metric").with("allowed", allowed).with("found", text));
            None
        }
    }
}

/// Mean radius of the Earth in metres (IUGG R1).
const MEAN_EARTH_RADIUS_M: f64 = 6_371_008.8;

fn crs(file: &ScenarioFile, faults: &mut Vec<ScenarioFault>) -> Option<Crs> {
    let [west, south, east, north] = file.area.bbox;
    let ordered = west < east && south < north;
    let Some(centre) = LonLat::new((west + east) / 2.0, (south + north) / 2.0).ok().filter(|_| ordered) else {
        faults.push(ScenarioFault::new("S008", "area.bbox").with("found", format!("{:?}", file.area.bbox)));
        return None;
    };
    let text = file.area.crs.as_str();
    let code = text.strip_prefix("EPSG:").and_then(|code| code.parse().ok());
    match (text, code) {
        ("auto", _) => Some(Crs::around(centre)),
        (_, Some(code)) => Some(Crs::epsg(code)),
        _ => {
            faults.push(ScenarioFault::new("S010", "area.crs").with("found", text));
            None
        }
    }
}

fn check_files(file: &ScenarioFile, folder: &Path, faults: &mut Vec<ScenarioFault>) {
    let mut need = |key: &str, name: &str| {
        if !folder.join(name).is_file() {
            faults.push(ScenarioFault::new("S006", key).with("file", folder.join(name).display()));
        }
    };
    let area = &file.area;
    for (key, name) in [
        ("area.units", &area.units),
        ("area.home", &area.home),
        ("area.water", &area.water),
        ("area.barriers", &area.barriers),
        ("area.calendar", &area.calendar),
        ("siting.forbidden", &file.siting.forbidden),
        ("demand.grid", &file.demand.grid),
        ("travel.network", &file.travel.network),
        ("travel.rules", &file.travel.rules),
    ] {
        if let Some(name) = name {
            need(key, name);
        }
    }
    let points = |p: &Option<PointFile>| p.as_ref().map(|p| p.file.clone());
    need("stations.file", &file.stations.file);
    for (key, name) in [
        ("candidates.file", points(&file.candidates)),
        ("bus_stops.file", points(&file.bus_stops)),
        ("vehicles.file", points(&file.vehicles)),
        ("rounds.stewards.file", points(&file.rounds.stewards)),
        ("rounds.core", file.rounds.core.clone()),
        ("rounds.inspections", file.rounds.inspections.clone()),
        ("rounds.previous", file.rounds.previous.clone()),
        ("mobile.orders", file.mobile.orders.clone()),
        ("mobile.previous", file.mobile.previous.clone()),
        ("demand.points.file", points(&file.demand.points)),
    ] {
        if let Some(name) = name {
            need(key, &name);
        }
    }
    for layer in &file.demand.layers {
        need("demand.layers", &layer.file);
    }
}

fn check_ranges(file: &ScenarioFile, faults: &mut Vec<ScenarioFault>) {
    let mut positive = |key: &str, value: f64| {
        if !(value.is_finite() && value > 0.0) {
            faults.push(ScenarioFault::new("S009", key).with("allowed", "> 0").with("found", value));
        }
    };
    positive("area.cell_m", file.area.cell_m);
    positive("capacity.m2_per_seat", file.capacity.m2_per_seat);
    positive("capacity.turns_per_hour", file.capacity.turns_per_hour);
    positive("siting.area_m2", file.siting.area_m2);
    positive("mobile.visits_per_hour", file.mobile.visits_per_hour);
    positive("rounds.speed_kmh", file.rounds.speed_kmh);
    positive("rounds.day_hours", file.rounds.day_hours);
    positive("rounds.week_hours_ceiling", file.rounds.week_hours_ceiling);
    positive("mobile.speed_kmh", file.mobile.speed_kmh);
    positive("mobile.visits_per_staff", file.mobile.visits_per_staff);
    positive("mobile.reinforce_above", file.mobile.reinforce_above);
    positive("standard.radius_m", file.standard.radius_m.unwrap_or(1.0));
    for (key, value) in [
        ("overlap.review_m", file.overlap.review_m),
        ("overlap.path_m", file.overlap.path_m),
        ("overlap.remote_m", file.overlap.remote_m),
        ("overlap.remote_visits", file.overlap.remote_visits),
        ("gaps.cell_visits", file.gaps.cell_visits),
        ("gaps.station_visits", file.gaps.station_visits),
        ("siting.spacing_m", file.siting.spacing_m),
        ("mobile.move_cost", file.mobile.move_cost),
        ("mobile.change_cost", file.mobile.change_cost),
    ] {
        if !(value.is_finite() && value >= 0.0) {
            faults.push(ScenarioFault::new("S009", key).with("allowed", "≥ 0").with("found", value));
        }
    }
    let cells = cells(file);
    if cells > MOST_CELLS {
        let allowed = format!("an analysis grid of at most {MOST_CELLS} cells");
        faults.push(ScenarioFault::new("S009", "area.cell_m").with("allowed", allowed).with("found", format!("{cells:.0}")));
    }
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    if file.name.is_empty() || file.name.starts_with('.') || !file.name.chars().all(plain) {
        let allowed = "letters, digits, - and _: it names the output folder";
        faults.push(ScenarioFault::new("S009", "name").with("allowed", allowed).with("found", &file.name));
    }
    let mut within = |key: &str, value: f64, low: f64, high: f64| {
        if !(low..=high).contains(&value) {
            let allowed = format!("{low} … {high}");
            faults.push(ScenarioFault::new("S009", key).with("allowed", allowed).with("found", value));
        }
    };
    within("schema", f64::from(file.schema), 1.0, 1.0);
    within("travel.circuity", file.travel.circuity, 1.0, 3.0);
    within("capacity.usable_share", file.capacity.usable_share, 0.01, 1.0);
    for (key, share) in [
        ("overlap.jaccard", file.overlap.jaccard),
        ("overlap.hours", file.overlap.hours),
        ("overlap.load", file.overlap.load),
        ("overlap.smart_peer_share", file.overlap.smart_peer_share),
        ("gaps.smart_night_share", file.gaps.smart_night_share),
        ("mobile.permanent_share", file.mobile.permanent_share),
    ] {
        within(key, share, 0.0, 1.0);
    }
    within("rounds.days_per_week", f64::from(file.rounds.days_per_week), 1.0, 7.0);
    for (level, rule) in &file.rounds.levels {
        within(&format!("rounds.levels.{}", level.id()), f64::from(rule.every_days), 1.0, 366.0);
        within(&format!("rounds.levels.{}.minutes", level.id()), rule.minutes, 1.0, 480.0);
    }
    within("mobile.dwell_minutes", f64::from(file.mobile.dwell_minutes), 1.0, 1440.0);
    within("mobile.pause_minutes", f64::from(file.mobile.pause_minutes), 0.0, 1440.0);
    within("mobile.shift_hours", file.mobile.shift_hours, 0.5, 24.0);
    for (unit, hours) in &file.mobile.floors {
        within(&format!("mobile.floors.{unit}"), *hours, 0.0, 1000.0);
    }
    if ![15, 20, 30, 60].contains(&file.mobile.slot_minutes) {
        let fault = ScenarioFault::new("S009", "mobile.slot_minutes").with("allowed", "15, 20, 30 or 60");
        faults.push(fault.with("found", file.mobile.slot_minutes));
    }
    for window in file.mobile.windows.iter().chain([&file.siting.fixed_serves]) {
        let [from, to] = *window;
        if from >= to || usize::from(to) > HOURS {
            let fault = ScenarioFault::new("S009", "mobile.windows / siting.fixed_serves");
            faults.push(fault.with("allowed", "first hour before last hour, at most 24").with("found", format!("{window:?}")));
        }
    }
}

/// More analysis cells than this don't fit into memory.
const MOST_CELLS: f64 = 1_000_000.0;

/// Number of analysis cells, roughly: a degree of latitude is 111 km.
fn cells(file: &ScenarioFile) -> f64 {
    let [west, south, east, north] = file.area.bbox;
    let metres = 111_320.0;
    (east - west) * metres * south.to_radians().cos() * (north - south) * metres / file.area.cell_m.powi(2)
}

fn check_demand(file: &ScenarioFile, faults: &mut Vec<ScenarioFault>) {
    let demand = &file.demand;
    if demand.points.is_none() && (demand.layers.is_empty() || demand.weights.is_empty()) {
        faults.push(ScenarioFault::new("S013", "demand"));
    }
    for weight in &demand.weights {
        if !demand.layers.iter().any(|layer| layer.layer == weight.layer) {
            faults.push(ScenarioFault::new("S011", "demand.weights").with("layer", &weight.layer));
        }
        if let Some(rest) = weight.rest.as_ref().filter(|&rest| !demand.rest.contains_key(rest)) {
            let known = words(demand.rest.keys());
            faults.push(ScenarioFault::new("S012", "demand.weights").with("found", rest).with("known", known));
        }
        if !(weight.visits.is_finite() && weight.visits >= 0.0) {
            let fault = ScenarioFault::new("S009", "demand.weights.visits");
            faults.push(fault.with("allowed", "0 or more").with("found", weight.visits));
        }
    }
    for (row, layer) in demand.layers.iter().enumerate() {
        if demand.layers[..row].iter().any(|before| before.layer == layer.layer) {
            faults.push(ScenarioFault::new("S018", "demand.layers").with("layer", &layer.layer));
        }
        if !demand.weights.iter().any(|weight| weight.layer == layer.layer) {
            faults.push(ScenarioFault::new("S017", "demand.layers").with("layer", &layer.layer));
        }
    }
    for (name, profile) in &demand.rest {
        if profile.len() != HOURS || profile.iter().any(|v| !v.is_finite() || *v < 0.0) {
            let fault = ScenarioFault::new("S009", format!("demand.rest.{name}"));
            faults.push(fault.with("allowed", "24 numbers, 0 or more").with("found", format!("{profile:?}")));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> Vec<(String, &'static str)> {
        let error = resolve(Path::new("scenario.toml"), text).expect_err("has faults");
        error.faults.iter().map(|fault| (fault.key.clone(), fault.message.code())).collect()
    }

    const SMALL: &str = r#"
        name = "small"
        title = { zh = "小", en = "small" }
        [area]
        bbox = [126.5, 45.7, 126.6, 45.8]
        [stations]
        file = "Cargo.toml"
        [demand.points]
        file = "Cargo.toml"
    "#;

    fn in_repo(text: &str) -> Result<Scenario, ScenarioFaults> {
        resolve(&Path::new(env!("CARGO_MANIFEST_DIR")).join("scenario.toml"), text)
    }

    #[test]
    fn defaults_come_from_the_packs() {
        let scenario = in_repo(SMALL).expect("complete");
        assert_eq!(scenario.standard.id, "gb50180_10min");
        assert_eq!(scenario.crs.to_string(), "EPSG:4551");
        assert_eq!(scenario.file.overlap.review_m, 300.0);
        assert_eq!(scenario.days.len(), 1);
    }

    #[test]
    fn one_value_can_be_overridden() {
        let scenario = in_repo(&format!("{SMALL}\n[overlap]\nreview_m = 250\n[standard]\nradius_m = 400\n")).expect("complete");
        assert_eq!(scenario.file.overlap.review_m, 250.0);
        assert_eq!(scenario.file.overlap.path_m, 450.0);
        assert_eq!(scenario.standard.radius_m, 400.0);
    }

    #[test]
    fn all_faults_are_reported_at_once() {
        let small = SMALL.replacen("Cargo.toml", "nowhere.csv", 1);
        let text = format!(
            "{small}\n[overlap]\nrevew_m = 250\njaccard = 1.5\n[standard]\npack = \"15min\"\n[travel]\nmetric = \"crow\"\ncircuity = \"big\"\n"
        );
        let found = faults(&text);
        for expected in [
            ("overlap.revew_m", "S003"),
            ("travel.circuity", "S004"),
            ("standard.pack", "S005"),
            ("overlap.jaccard", "S009"),
            ("travel.metric", "S009"),
            ("stations.file", "S006"),
        ] {
            assert!(found.contains(&(expected.0.to_owned(), expected.1)), "{expected:?} in {found:?}");
        }
    }

    #[test]
    fn an_unknown_key_gets_the_nearest_known_one() {
        let error = in_repo(&format!("{SMALL}\n[overlap]\nrevew_m = 250\n")).expect_err("unknown key");
        assert!(error.to_string().contains("Did you mean `review_m`?"), "{error}");
    }

    #[test]
    fn the_templates_differ_in_comments_only() {
        use crate::message::Lang;
        let read = |lang| -> Table { toml::from_str(super::super::template(lang)).expect("TOML") };
        assert_eq!(read(Lang::Zh), read(Lang::En));
    }

    #[test]
    fn every_pack_is_readable() {
        let packs: Packs = toml::from_str(include_str!("packs.toml")).expect("packs.toml");
        assert!(packs.standards.len() >= 6);
    }
}
