//! `report.xlsx`: one sheet a finding, for a chair to read and a clerk to filter: a summary first, the methods last.
//!
//! Rows are the features of the GeoJSON files and the rows of `coverage.csv` added up by day, so numbers are the same everywhere. Ids
//! of causes, kinds and actions become words; what was found out about a row is a sentence in its column of reasons.

use rust_xlsxwriter::{Format, XlsxError};
use serde_json::{Map, Value, json};

use super::features::{self, Layers};
use super::report::words::{Writer, say};
use super::report::{asked_sentence, certificate, headlines, notes_of_release};
use super::sheet::{head, put, workbook};
use super::{cannot_make, manifest};
use crate::calendar::DayKind;
use crate::coverage::RUNG_IDS;
use crate::findings::RunError;
use crate::message::{Lang, Message};
use crate::output::disclosure::Cleared;
use crate::output::schedule::rows;
use crate::quantity::Weight;
use crate::scenario::Scenario;

/// A column: the member of the properties, and its width. Members of the families in [`FAMILIES`] become words.
type Columns = &'static [(&'static str, f64)];

const COVERAGE: Columns = &[
    ("standard", 20.0),
    ("day", 20.0),
    ("demand", 14.0),
    ("visits_radius", 14.0),
    ("visits_path", 14.0),
    ("visits_open", 14.0),
    ("visits_capacity", 14.0),
    ("visits_service", 14.0),
    ("cov_radius", 12.0),
    ("cov_path", 12.0),
    ("cov_open", 12.0),
    ("cov_capacity", 12.0),
    ("cov_service", 12.0),
];
const GAPS: Columns = &[
    ("gap_id", 24.0),
    ("season", 12.0),
    ("day_type", 10.0),
    ("rank", 8.0),
    ("severity", 14.0),
    ("cause", 10.0),
    ("reason", 60.0),
    ("action", 16.0),
    ("centre_lon", 12.0),
    ("centre_lat", 12.0),
    ("nearest_station_id", 14.0),
    ("straight_m", 12.0),
    ("path_m", 12.0),
    ("group_top", 14.0),
    ("slot", 12.0),
    ("cost_low", 12.0),
    ("cost_high", 12.0),
    ("in_area", 10.0),
];
const RECOMMEND: Columns = &[
    ("rec_id", 12.0),
    ("action", 16.0),
    ("candidate_id", 12.0),
    ("name", 26.0),
    ("reason", 60.0),
    ("gain", 14.0),
    ("cum_coverage", 12.0),
    ("unique", 14.0),
    ("loss", 12.0),
    ("chosen_share", 12.0),
    ("core", 8.0),
    ("phase", 8.0),
    ("cost_low", 12.0),
    ("cost_high", 12.0),
    ("season", 12.0),
    ("day_type", 10.0),
    ("arrive", 9.0),
    ("leave", 9.0),
];
const DUPLICATES: Columns = &[
    ("pair_id", 8.0),
    ("a_name", 24.0),
    ("b_name", 24.0),
    ("verdict", 14.0),
    ("reason", 50.0),
    ("straight_m", 12.0),
    ("path_m", 12.0),
    ("overlap", 12.0),
    ("hours_overlap", 12.0),
    ("load", 12.0),
    ("keep_id", 12.0),
    ("remove_id", 12.0),
    ("loss_if_removed", 14.0),
];
const STATIONS: Columns = &[
    ("station_id", 10.0),
    ("name", 26.0),
    ("kind", 18.0),
    ("status", 10.0),
    ("action", 16.0),
    ("reason", 50.0),
    ("unit", 14.0),
    ("hours_text", 22.0),
    ("area_m2", 10.0),
    ("local_demand", 14.0),
    ("open_now_share", 12.0),
    ("load_peak", 12.0),
    ("night_demand", 14.0),
    ("coord_quality", 14.0),
];
const BUSES: Columns = &[
    ("day", 22.0),
    ("bus", 10.0),
    ("stop", 22.0),
    ("arrive", 9.0),
    ("leave", 9.0),
    ("visits", 14.0),
    ("approved_by", 18.0),
    ("contact_unit", 18.0),
    ("notify_by", 12.0),
    ("handled", 18.0),
];
const ISSUES: Columns = &[
    ("file", 22.0),
    ("row", 8.0),
    ("field", 14.0),
    ("value", 20.0),
    ("reason", 70.0),
    ("issue_action", 14.0),
    ("severity_word", 12.0),
    ("code", 8.0),
];

/// Members whose values are ids, and the family of their words.
pub(super) const FAMILIES: [(&str, &str); 11] = [
    ("coord_quality", "quality"),
    ("season", "season"),
    ("day_type", "day_type"),
    ("slot", "slot"),
    ("group_top", "group"),
    ("cause", "cause"),
    ("action", "action"),
    ("kind", "kind"),
    ("suggest_kind", "kind"),
    ("status", "status"),
    ("verdict", "verdict"),
];

/// Rows of a sheet.
type Rows = Vec<Map<String, Value>>;

/// The workbook as bytes.
///
/// # Errors
/// When a position can't be turned into degrees, or the workbook can't be encoded.
pub(super) fn report(
    cleared: &Cleared<'_>,
    scenario: &Scenario,
    lang: Lang,
    run: &str,
    layers: &Layers,
) -> Result<Vec<u8>, RunError> {
    let writer = cleared.writer(scenario, lang);
    let layers = layers.of(lang);
    let sheets = [
        ("sheet.coverage", COVERAGE, coverage(writer)),
        ("sheet.gaps", GAPS, with_reasons(writer, layers, "gaps", gap_reason)),
        ("sheet.recommend", RECOMMEND, recommendations(writer, layers)),
        ("sheet.duplicates", DUPLICATES, with_reasons(writer, layers, "duplicates", pair_reason)),
        ("sheet.stations", STATIONS, of_layer(layers, "stations")),
        ("sheet.buses", BUSES, buses(writer)),
        ("sheet.issues", ISSUES, if cleared.published().is_some() { Vec::new() } else { issues(writer) }),
    ];
    let methods = methods(writer, run)?;
    let make = || -> Result<Vec<u8>, XlsxError> {
        // A fixed date: the same run gives the same bytes.
        let mut book = workbook(2025, 1, 1)?;
        summary(book.add_worksheet(), writer, run)?;
        for (name, columns, rows) in sheets.iter().filter(|(.., rows)| !rows.is_empty()) {
            let sheet = book.add_worksheet();
            head(sheet, name, "sheet.column", columns, rows.len(), lang)?;
            for (at, row) in rows.iter().enumerate() {
                for (column, (member, _)) in columns.iter().enumerate() {
                    put(sheet, at as u32 + 1, column as u16, &worded(writer, member, row.get(*member)), lang)?;
                }
            }
        }
        let sheet = book.add_worksheet();
        head(sheet, "sheet.methods", "sheet.column", &[("parameter", 44.0), ("value", 60.0)], methods.len(), lang)?;
        for (at, (name, value)) in methods.iter().enumerate() {
            put(sheet, at as u32 + 1, 0, &Value::from(name.as_str()), lang)?;
            put(sheet, at as u32 + 1, 1, value, lang)?;
        }
        book.save_to_buffer()
    };
    make().map_err(|e| cannot_make("report.xlsx", e))
}

/// An id as a word; everything else as it is.
fn worded(writer: Writer<'_>, member: &str, value: Option<&Value>) -> Value {
    let family = FAMILIES.iter().find(|(known, _)| *known == member).map(|(_, family)| family);
    match (family, value) {
        (Some(family), Some(Value::String(id))) => writer.word(family, id).into(),
        (_, value) => value.cloned().unwrap_or(Value::Null),
    }
}

fn summary(sheet: &mut rust_xlsxwriter::Worksheet, writer: Writer<'_>, run: &str) -> Result<(), XlsxError> {
    sheet.set_name(say(writer.lang, "sheet.summary", &[]))?;
    sheet.set_column_width(0, 110.0)?;
    let title = Format::new().set_bold().set_font_size(16.0);
    let wrap = Format::new().set_text_wrap();
    sheet.write_string_with_format(0, 0, writer.pick(&writer.scenario.file.title), &title)?;
    let mut lines = vec![asked_sentence(writer), String::new()];
    lines.extend(headlines(writer));
    lines
        .extend(writer.findings.siting.as_ref().filter(|_| writer.published.is_none()).map(|siting| certificate(writer, siting)));
    lines.extend(notes_of_release(writer));
    lines.extend([String::new(), Message::new("C106").with("run_id", run).render(writer.lang)]);
    for (at, line) in lines.iter().enumerate() {
        sheet.write_string_with_format(at as u32 + 1, 0, line, &wrap)?;
    }
    Ok(())
}

/// The ladder of today: one row a standard and typical day.
fn coverage(writer: Writer<'_>) -> Rows {
    let days = writer.findings.cube.days();
    let row = |number: usize, day: DayKind| -> Map<String, Value> {
        let figures = writer.figures(number, "today", day);
        let standard = &writer.findings.ladders[number].standard;
        let mut row = Map::new();
        row.insert("standard".into(), standard.versioned_id().into());
        row.insert("day".into(), writer.day(day).into());
        row.insert("demand".into(), figures[0].map(Weight::visits).into());
        for (name, covered) in RUNG_IDS.iter().zip(&figures[1..]) {
            let share = covered.zip(figures[0]).map(|(covered, demand)| features::share(covered.share_of(demand).get()));
            row.insert(format!("visits_{name}"), covered.map(Weight::visits).into());
            row.insert(format!("cov_{name}"), share.into());
        }
        row
    };
    let standards = 0..writer.findings.ladders.len();
    standards.flat_map(|number| days.iter().map(|&day| row(number, day)).collect::<Rows>()).collect()
}

/// Properties of a layer's features.
fn of_layer(layers: &Map<String, Value>, name: &str) -> Rows {
    let features = layers[name]["features"].as_array().into_iter().flatten();
    features.filter_map(|feature| feature["properties"].as_object().cloned()).collect()
}

fn with_reasons(
    writer: Writer<'_>,
    layers: &Map<String, Value>,
    name: &str,
    reason: fn(Writer<'_>, &Map<String, Value>) -> String,
) -> Rows {
    let mut rows = of_layer(layers, name);
    for row in &mut rows {
        let sentence = reason(writer, row);
        row.insert("reason".into(), sentence.into());
    }
    rows
}

/// A number of metres or visits in a sentence; a dash where there is none.
fn amount(writer: Writer<'_>, row: &Map<String, Value>, member: &str, decimals: usize) -> String {
    // Half up, as metres with one decimal are rounded elsewhere; formatting alone rounds half to even.
    let round = |value: f64| if decimals == 0 { value.round() } else { value };
    row.get(member).and_then(Value::as_f64).map_or("–".to_owned(), |value| writer.number(round(value), decimals))
}

fn text<'a>(row: &'a Map<String, Value>, member: &str) -> &'a str {
    row.get(member).and_then(Value::as_str).unwrap_or("")
}

/// Name of the station of an id.
fn station<'a>(writer: Writer<'a>, id: &str) -> Option<&'a str> {
    writer.findings.dataset.stations.iter().find(|station| station.id == id).map(|station| station.name.as_str())
}

fn gap_reason(writer: Writer<'_>, row: &Map<String, Value>) -> String {
    let nearest = station(writer, text(row, "nearest_station_id"));
    let arguments: [(&str, &dyn std::fmt::Display); 6] = [
        ("cause", &writer.word("cause", text(row, "cause"))),
        ("nearest", &nearest.unwrap_or("–")),
        ("straight", &amount(writer, row, "straight_m", 0)),
        ("path", &amount(writer, row, "path_m", 0)),
        ("group", &writer.word("group", text(row, "group_top"))),
        ("slot", &writer.word("slot", text(row, "slot"))),
    ];
    writer.say("sheet.reason.gap", &arguments)
}

/// What to open for good; windows of buses are a sheet of their own.
fn recommendations(writer: Writer<'_>, layers: &Map<String, Value>) -> Rows {
    let mut rows = with_reasons(writer, layers, "recommend", recommend_reason);
    rows.retain(|row| text(row, "action") != "place_bus");
    rows
}

fn recommend_reason(writer: Writer<'_>, row: &Map<String, Value>) -> String {
    let nearest = station(writer, text(row, "nearest_station_id"));
    let number = |member, decimals| amount(writer, row, member, decimals);
    let figure = |member: &str| row.get(member).is_some_and(Value::is_number);
    let mut parts = Vec::new();
    if figure("loss") {
        parts.push(writer.say("sheet.reason.close", &[("loss", &number("loss", 1))]));
    } else if figure("gain") {
        parts.push(writer.say("sheet.reason.gain", &[("gain", &number("gain", 1))]));
    }
    parts.extend(nearest.map(|nearest| {
        let metres = [number("straight_m", 0), number("path_m", 0)];
        writer.say("sheet.reason.nearest", &[("nearest", &nearest), ("straight", &metres[0]), ("path", &metres[1])])
    }));
    let runner = text(row, "runner_up_id");
    if !runner.is_empty() {
        parts.push(writer.say("sheet.reason.runner", &[("runner", &runner), ("loss", &number("runner_up_loss", 1))]));
    }
    writer.clauses(&parts)
}

fn pair_reason(writer: Writer<'_>, row: &Map<String, Value>) -> String {
    if text(row, "verdict") == "redundant" {
        return writer.say("sheet.reason.redundant", &[("loss", &amount(writer, row, "loss_if_removed", 1))]);
    }
    writer.say("sheet.reason.close_ok", &[("why", &text(row, "exempt_text"))])
}

fn buses(writer: Writer<'_>) -> Rows {
    let object = |row: rows::Row| {
        let handled = writer.say(&format!("schedule.status.{}", row.status.id()), &[]) + &row.station_id;
        let value = json!({
            "day": row.date.parse::<DayKind>().map_or(row.date, |day| writer.day(day)), "bus": row.bus, "stop": row.stop_name, "arrive": row.arrive, "leave": row.leave,
            "visits": writer.published.is_none().then(|| features::visits(row.visits.visits())), "approved_by": row.approving_unit,
            "contact_unit": row.contact_unit, "notify_by": writer.published.is_none().then_some(row.notify_by), "handled": handled,
        });
        value.as_object().cloned().unwrap_or_default()
    };
    rows::of_kinds(writer.findings, writer.scenario).into_iter().map(object).collect()
}

fn issues(writer: Writer<'_>) -> Rows {
    let row = |issue: &crate::ingest::issues::Issue| {
        let value = json!({
            "file": issue.file, "row": issue.row, "field": issue.field, "value": issue.value,
            "reason": issue.problem.render(writer.lang), "code": issue.problem.code(),
            "issue_action": writer.word("issue", issue.action.id()), "severity_word": writer.word("severity", issue.severity.id()),
        });
        value.as_object().cloned().unwrap_or_default()
    };
    writer.findings.issues.rows().iter().map(row).collect()
}

/// Run, program, and every parameter in force, by its path in the scenario; not the parameters for the public.
fn methods(writer: Writer<'_>, run: &str) -> Result<Vec<(String, Value)>, RunError> {
    let mut rows = vec![
        (writer.say("sheet.method.run", &[]), Value::from(run)),
        (writer.say("sheet.method.tool", &[]), Value::from(concat!("yizhan ", env!("CARGO_PKG_VERSION")))),
        (writer.say("sheet.method.docs", &[]), Value::from("docs/methods.md")),
    ];
    let release = writer.release;
    rows.push((writer.say("sheet.method.profile", &[]), Value::from(release.profile.id())));
    if release.is_public() {
        rows.push((writer.say("sheet.method.min_count", &[]), Value::from(release.min_count)));
    }
    rows.extend(
        release.approval_no.as_ref().map(|number| (writer.say("sheet.method.approval", &[]), Value::from(number.as_str()))),
    );
    if !release.is_public() {
        let table = toml::Table::try_from(&writer.scenario.file).map_err(|e| cannot_make(manifest::EFFECTIVE, e))?;
        flatten("", &toml::Value::Table(table), &mut rows);
    }
    Ok(rows)
}

fn flatten(path: &str, value: &toml::Value, rows: &mut Vec<(String, Value)>) {
    match value {
        toml::Value::Table(table) => {
            for (name, value) in table {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                flatten(&path, value, rows);
            }
        }
        toml::Value::Integer(number) => rows.push((path.to_owned(), Value::from(*number))),
        toml::Value::Float(number) => rows.push((path.to_owned(), Value::from(*number))),
        toml::Value::String(text) => rows.push((path.to_owned(), Value::from(text.as_str()))),
        other => rows.push((path.to_owned(), Value::from(other.to_string()))),
    }
}
