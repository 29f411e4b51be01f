//! The station ledger: rows → stations, one record a real place, and everything that had to be corrected on the way.
//!
//! Read each row, settle positions (labelled rows first, then the shift test for the others), merge rows of one station, link
//! branches to their parents. The result doesn't depend on the order of rows: identifiers come from the file's own numbers, and
//! every tie is broken by them.

use std::collections::{BTreeMap, BTreeSet};

use super::coordinates::{Form, Pair, read_pair};
use super::datum::Datum;
use super::entities::{Rank, SAME_PLACE_M, name_key, rank};
use super::headers::{Columns, Field};
use super::issues::{IssueAction, IssueTable, Severity};
use super::position::{Locator, Place, Report, quality, spelling_issues, unusable};
use super::shift::{Unlabelled, Verdict, judge};
use super::table::{Table, TableRow};
use super::values::{read_answer, read_kind, read_list, read_measure, read_status};
use super::{IngestError, hours::read_hours};
use crate::calendar::Hours;
use crate::crs::{LonLat, Projector};
use crate::domain::site::{CoordQuality, Station, StationKind, Status};
use crate::domain::study_area::StudyArea;
use crate::message::Message;

/// A row on its way to a station.
#[derive(Debug)]
struct Draft {
    station: Station,
    /// The file's own number for the row, else the row number: breaks ties.
    serial: u64,
    key: String,
    cells: (Pair, String),
    /// What the row says about its datum.
    label: String,
    labelled: bool,
    /// Filled cells: the more, the better the row.
    filled: usize,
}

/// Reads the stations of a ledger.
///
/// Rows without a datum label have the `declared` datum; without that, `assume_unlabelled`; without that, the shift test decides
/// or asks.
///
/// # Errors
/// When the file has no name or no position columns.
pub fn load_stations(
    table: &Table,
    declared: Option<Datum>,
    assume_unlabelled: Option<Datum>,
    area: &StudyArea,
    projector: &Projector,
) -> Result<(Vec<Station>, IssueTable), IngestError> {
    let columns = Columns::resolve(table);
    columns.require_name()?;
    columns.require_position()?;
    let mut report = Report::new(&table.file);
    let serials = serials(&columns, table);
    let rows = table.rows.iter().zip(serials);
    let mut drafts: Vec<Draft> = rows.map(|(row, serial)| draft(&columns, row, serial, &mut report)).collect();
    drafts.sort_by_key(|draft| draft.serial);
    let mut locator = Locator::new(area);
    settle_labelled(&mut drafts, declared, assume_unlabelled, &mut locator, &mut report);
    settle_unlabelled(&mut drafts, area, projector, &mut locator, &mut report);
    let mut stations = merge(drafts, projector, &mut report);
    distinct_ids(&mut stations, &mut report);
    link_branches(&mut stations, &mut report);
    stations.sort_by(|a, b| a.id.cmp(&b.id));
    Ok((stations, report.finish()))
}

/// The 序号 of each row when all rows have different ones, else the row numbers.
fn serials(columns: &Columns, table: &Table) -> Vec<u64> {
    let own: Option<Vec<u64>> = table.rows.iter().map(|row| columns.text(row, Field::Serial).parse().ok()).collect();
    let different = |serials: &Vec<u64>| serials.iter().collect::<BTreeSet<_>>().len() == serials.len();
    own.filter(different).unwrap_or_else(|| table.rows.iter().map(|row| row.number as u64).collect())
}

fn draft(columns: &Columns, row: &TableRow, serial: u64, report: &mut Report) -> Draft {
    let text = |field| columns.text(row, field);
    let owned = |field| columns.filled(row, field).map(str::to_owned);
    let kind = kind_of(columns, row, report);
    let station = Station {
        id: owned(Field::StationId).unwrap_or_else(|| format!("R{serial:03}")),
        name: columns.name_or_id(row).to_owned(),
        kind,
        service_types: read_list(text(Field::ServiceTypes)),
        host: owned(Field::Host),
        unit: owned(Field::Unit),
        parent_id: owned(Field::ParentId),
        position: None,
        crs_source: String::new(),
        coord_quality: CoordQuality::Missing,
        hours: hours_of(columns, row, report),
        hours_text: text(Field::Hours).to_owned(),
        area_m2: area_of(columns, row, report),
        equipment: read_list(text(Field::Equipment)),
        status: status_of(columns, row, report),
        row: row.number,
    };
    if station.name.is_empty() {
        report.push(row.number, "name", "", Message::new("L401"), IssueAction::NeedsPerson, Severity::Warning);
    }
    Draft {
        key: name_key(&station.name),
        serial,
        cells: read_pair(columns, row),
        label: text(Field::Datum).to_owned(),
        labelled: false,
        filled: row.cells.iter().filter(|cell| !cell.is_empty()).count(),
        station,
    }
}

fn kind_of(columns: &Columns, row: &TableRow, report: &mut Report) -> StationKind {
    let text = columns.text(row, Field::Kind);
    read_kind(text).unwrap_or_else(|| {
        let guess = read_kind(columns.text(row, Field::Name)).unwrap_or(StationKind::Fixed);
        let problem = Message::new("L402").with("kind", guess.id());
        report.push(row.number, "kind", text, problem, IssueAction::Noted, Severity::Warning);
        guess
    })
}

fn status_of(columns: &Columns, row: &TableRow, report: &mut Report) -> Status {
    let text = columns.text(row, Field::Status);
    let status = read_status(text);
    match status {
        Some(Status::Active) => {}
        Some(other) => {
            let problem = Message::new("L403").with("status", other.id());
            report.push(row.number, "status", text, problem, IssueAction::Noted, Severity::Warning);
        }
        None => report.push(row.number, "status", text, Message::new("L404"), IssueAction::NeedsPerson, Severity::Warning),
    }
    status.unwrap_or(Status::Active)
}

/// The hours; unreadable ones count as closed until a person decides.
fn hours_of(columns: &Columns, row: &TableRow, report: &mut Report) -> Hours {
    let text = columns.text(row, Field::Hours);
    if let Some(reading) = read_hours(text) {
        for assumption in reading.assumptions {
            report.note(row.number, "hours", text, assumption);
        }
        return reading.hours;
    }
    if text.is_empty() && read_answer(columns.text(row, Field::RoundTheClock)) == Some(true) {
        return Hours::always();
    }
    report.ask(row.number, "hours", text, Message::new(if text.is_empty() { "L304" } else { "L303" }));
    Hours::closed()
}

fn area_of(columns: &Columns, row: &TableRow, report: &mut Report) -> Option<f64> {
    let text = columns.text(row, Field::Area);
    let measure = read_measure(text);
    match measure {
        Some(measure) if measure.approximate => report.note(row.number, "area_m2", text, Message::new("L405")),
        None if !text.is_empty() => {
            report.push(row.number, "area_m2", text, Message::new("L406"), IssueAction::Excluded, Severity::Warning);
        }
        _ => {}
    }
    measure.map(|measure| measure.value)
}

/// Rows whose datum is labelled, declared or assumed.
fn settle_labelled(
    drafts: &mut [Draft],
    declared: Option<Datum>,
    assumed: Option<Datum>,
    locator: &mut Locator<'_>,
    report: &mut Report,
) {
    for draft in drafts {
        let row = draft.station.row;
        let label = Datum::from_label(&draft.label);
        if label.is_none() && !draft.label.is_empty() {
            report.push(row, "crs", &draft.label, Message::new("L207"), IssueAction::Noted, Severity::Warning);
        }
        let Some(datum) = label.or(declared).or(assumed) else { continue };
        draft.labelled = label.or(declared).is_some();
        draft.station.crs_source = datum.to_string();
        let Some(position) = locator.locate(report, row, &draft.cells, datum) else { continue };
        if !draft.labelled {
            let problem = Message::new("L208").with("datum", datum);
            report.push(row, "crs", &draft.label, problem, IssueAction::Noted, Severity::Warning);
        } else if !matches!(datum, Datum::Wgs84 | Datum::Cgcs2000) {
            let problem = Message::new("L201").with("datum", datum);
            report.push(row, "crs", &draft.label, problem, IssueAction::Fixed, Severity::Info);
        }
        let swapped = is_swapped(locator, &draft.cells, datum);
        place_at(draft, datum, position, swapped);
    }
}

fn is_swapped(locator: &mut Locator<'_>, (pair, _): &(Pair, String), datum: Datum) -> bool {
    let Pair::Numbers { x, y, .. } = *pair else { return false };
    matches!(locator.place(datum, x, y), Ok(Place::Land { swapped: true, .. }))
}

fn place_at(draft: &mut Draft, datum: Datum, position: LonLat, swapped: bool) {
    let form = if let Pair::Numbers { form, .. } = draft.cells.0 { form } else { Form::Decimal };
    draft.station.position = Some(position);
    draft.station.coord_quality = quality(datum, form, swapped);
    draft.station.crs_source = datum.to_string();
}

/// Rows without any datum: the shift test.
fn settle_unlabelled(
    drafts: &mut [Draft],
    area: &StudyArea,
    projector: &Projector,
    locator: &mut Locator<'_>,
    report: &mut Report,
) {
    let open: Vec<usize> = (0..drafts.len()).filter(|&index| drafts[index].station.crs_source.is_empty()).collect();
    let (with_numbers, without): (Vec<usize>, Vec<usize>) =
        open.into_iter().partition(|&index| matches!(drafts[index].cells.0, Pair::Numbers { .. }));
    for index in without {
        let (pair, text) = &drafts[index].cells;
        report.ask(drafts[index].station.row, "lon_lat", text, unusable(*pair));
    }
    let mut twins: BTreeMap<&str, Vec<(LonLat, usize)>> = BTreeMap::new();
    for draft in drafts.iter().filter(|draft| draft.labelled) {
        if let Some(position) = draft.station.position {
            twins.entry(&draft.key).or_default().push((position, draft.station.row));
        }
    }
    let unlabelled: Vec<Unlabelled<'_>> = with_numbers
        .iter()
        .map(|&index| &drafts[index])
        .map(|draft| Unlabelled {
            pair: draft.cells.0,
            unit: draft.station.unit.as_deref(),
            twins: twins.get(draft.key.as_str()).cloned().unwrap_or_default(),
        })
        .collect();
    let verdicts = judge(&unlabelled, area, projector, locator);
    for (&index, verdict) in with_numbers.iter().zip(verdicts) {
        let draft = &mut drafts[index];
        let (row, value) = (draft.station.row, draft.label.clone());
        match verdict {
            Verdict::Settled(datum, Place::Land { position, swapped }, evidence) => {
                report.push(row, "crs", &value, evidence, IssueAction::Fixed, Severity::Warning);
                if let Pair::Numbers { x, y, form } = draft.cells.0 {
                    spelling_issues(report, row, &draft.cells.1, form, swapped, (x, y), datum);
                }
                place_at(draft, datum, position, swapped);
                draft.station.coord_quality = CoordQuality::Corrected;
            }
            Verdict::Settled(_, _, message) | Verdict::Open(message) => report.ask(row, "crs", &value, message),
        }
    }
}

/// One station a place: rows with the same name within 60 m are merged into the best of them.
fn merge(mut drafts: Vec<Draft>, projector: &Projector, report: &mut Report) -> Vec<Station> {
    let better = |draft: &Draft| (!draft.labelled, std::cmp::Reverse(draft.filled), draft.serial);
    drafts.sort_by_key(better);
    let mut kept: Vec<Draft> = Vec::with_capacity(drafts.len());
    for draft in drafts {
        let metres = |other: &Draft| {
            let (a, b) = (other.station.position?, draft.station.position?);
            Some(projector.project(a).ok()?.distance(projector.project(b).ok()?))
        };
        let namesakes = || kept.iter().enumerate().filter(|(_, other)| other.key == draft.key && !draft.key.is_empty());
        let near = namesakes().filter_map(|(index, other)| Some((index, metres(other)?))).find(|(_, m)| *m <= SAME_PLACE_M);
        let (row, name) = (draft.station.row, draft.station.name.clone());
        if let Some((index, metres)) = near {
            let best = &mut kept[index].station;
            let problem = Message::new("L407").with("row", row).with("kept", best.row).with("name", &best.name);
            let problem = problem.with("metres", format!("{metres:.1}"));
            report.push(row, "name", &name, problem, IssueAction::Fixed, Severity::Warning);
            fill_from(best, draft.station);
            continue;
        }
        if let Some((_, other)) = namesakes().next() {
            let problem = Message::new("L408").with("other", other.station.row);
            report.push(row, "name", &name, problem, IssueAction::Noted, Severity::Warning);
        }
        kept.push(draft);
    }
    kept.into_iter().map(|draft| draft.station).collect()
}

/// Takes over what the better row doesn't say.
fn fill_from(best: &mut Station, other: Station) {
    best.host = best.host.take().or(other.host);
    best.unit = best.unit.take().or(other.unit);
    best.parent_id = best.parent_id.take().or(other.parent_id);
    best.area_m2 = best.area_m2.or(other.area_m2);
    if best.equipment.is_empty() {
        best.equipment = other.equipment;
    }
    if best.service_types.is_empty() {
        best.service_types = other.service_types;
    }
    if best.hours == Hours::closed() {
        best.hours = other.hours;
        best.hours_text = other.hours_text;
    }
}

/// Gives a second station with the same identifier one of its own.
fn distinct_ids(stations: &mut [Station], report: &mut Report) {
    stations.sort_by(|a, b| (&a.id, &a.name, a.row).cmp(&(&b.id, &b.name, b.row)));
    let mut taken: BTreeSet<String> = stations.iter().map(|station| station.id.clone()).collect();
    let mut previous = String::new();
    for station in stations {
        if station.id != previous {
            previous.clone_from(&station.id);
            continue;
        }
        let fresh = (2..).map(|copy| format!("{previous}-{copy}")).find(|id| !taken.contains(id)).unwrap_or_default();
        let problem = Message::new("L409").with("id", &previous).with("fresh", &fresh);
        report.push(station.row, "station_id", &previous, problem, IssueAction::Fixed, Severity::Warning);
        taken.insert(fresh.clone());
        station.id = fresh;
    }
}

/// Links branches by their parent's identifier, else by 总站 and 分站 in the names.
fn link_branches(stations: &mut [Station], report: &mut Report) {
    let ids: BTreeSet<String> = stations.iter().map(|station| station.id.clone()).collect();
    let mut mains: BTreeMap<String, String> = BTreeMap::new();
    for station in stations.iter() {
        if let Some(Rank::Main(stem)) = rank(&station.name) {
            mains.entry(stem).or_insert_with(|| station.id.clone());
        }
    }
    for station in stations {
        if let Some(parent) = station.parent_id.take_if(|parent| !ids.contains(parent)) {
            let problem = Message::new("L410");
            report.push(station.row, "parent_id", &parent, problem, IssueAction::Excluded, Severity::Warning);
        }
        if let (None, Some(Rank::Branch(stem))) = (&station.parent_id, rank(&station.name)) {
            station.parent_id = mains.get(&stem).cloned();
        }
    }
}

#[cfg(test)]
#[path = "ledger_tests.rs"]
pub(in crate::ingest) mod tests;
