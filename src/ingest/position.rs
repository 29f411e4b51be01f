//! From two numbers and a datum to a position that can be used: swapped columns, water, and points outside the study area.
//!
//! Shared by ledgers, candidates and bus stops; every correction and every refusal goes into the issue table.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::IngestError;
use super::coordinates::{Form, Pair, from_millionths, read_pair};
use super::datum::{Datum, DatumConverter};
use super::headers::{Columns, Field};
use super::issues::{Issue, IssueAction, IssueTable, Severity};
use super::table::TableRow;
use crate::crs::{CrsError, LonLat};
use crate::domain::site::CoordQuality;
use crate::domain::study_area::StudyArea;
use crate::message::Message;

/// The issue table of one file while it is being read.
#[derive(Debug)]
pub(super) struct Report {
    file: String,
    table: IssueTable,
}

impl Report {
    pub(super) fn new(file: &str) -> Self {
        Self { file: file.to_owned(), table: IssueTable::default() }
    }

    pub(super) fn push(
        &mut self,
        row: usize,
        field: &'static str,
        value: &str,
        problem: Message,
        action: IssueAction,
        severity: Severity,
    ) {
        self.table.push(Issue { file: self.file.clone(), row, field, value: value.to_owned(), problem, action, severity });
    }

    /// A value that was corrected or noted.
    pub(super) fn note(&mut self, row: usize, field: &'static str, value: &str, problem: Message) {
        self.push(row, field, value, problem, IssueAction::Noted, Severity::Info);
    }

    /// A position that can't be used until a person decides.
    pub(super) fn ask(&mut self, row: usize, field: &'static str, value: &str, problem: Message) {
        self.push(row, field, value, problem, IssueAction::NeedsPerson, Severity::Error);
    }

    /// A row that takes no part, and why.
    pub(super) fn refuse<T>(&mut self, row: usize, field: &'static str, value: &str, code: &'static str) -> Option<T> {
        self.push(row, field, value, Message::new(code), IssueAction::Excluded, Severity::Error);
        None
    }

    /// Sorts rows by identifier; of those with the same one the first of the file stays, the others are reported.
    pub(super) fn keep_first<T>(&mut self, rows: &mut Vec<T>, field: &'static str, of: impl Fn(&T) -> (&str, usize)) {
        rows.sort_by(|a, b| of(a).cmp(&of(b)));
        rows.dedup_by(|later, first| {
            let ((id, row), (known, kept)) = (of(later), of(first));
            if id == known {
                let problem = Message::new("L501").with("kept", kept);
                self.push(row, field, id, problem, IssueAction::Excluded, Severity::Error);
            }
            id == known
        });
    }

    pub(super) fn finish(mut self) -> IssueTable {
        self.table.sort();
        self.table
    }
}

/// Where a pair of numbers leads under one datum.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Place {
    /// On land in the study area; `swapped` when longitude and latitude had to change places.
    Land { position: LonLat, swapped: bool },
    /// In water.
    Water,
    /// Outside the study area, either way round.
    Outside,
}

impl Place {
    pub(super) fn position(self) -> Option<LonLat> {
        match self {
            Self::Land { position, .. } => Some(position),
            Self::Water | Self::Outside => None,
        }
    }
}

/// Converts coordinates of any datum, keeping one converter each.
#[derive(Debug)]
pub(super) struct Locator<'a> {
    area: &'a StudyArea,
    converters: BTreeMap<Datum, DatumConverter>,
}

impl<'a> Locator<'a> {
    pub(super) fn new(area: &'a StudyArea) -> Self {
        Self { area, converters: BTreeMap::new() }
    }

    /// Where the numbers lead under `datum`.
    pub(super) fn place(&mut self, datum: Datum, x: f64, y: f64) -> Result<Place, CrsError> {
        let converter = match self.converters.entry(datum) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => entry.insert(DatumConverter::new(datum)?),
        };
        let (x, y) = match datum {
            Datum::Epsg(_) => (x, y),
            _ => from_millionths(x, y).unwrap_or((x, y)),
        };
        let inside = |x, y| converter.to_wgs84(x, y).ok().filter(|position| self.area.in_box(*position));
        let (position, swapped) = match (inside(x, y), inside(y, x)) {
            (Some(position), _) => (position, false),
            (None, Some(position)) => (position, true),
            (None, None) => return Ok(Place::Outside),
        };
        Ok(if self.area.is_water(position) { Place::Water } else { Place::Land { position, swapped } })
    }

    /// The position of a row whose datum is known, with everything that was found on the way in the report.
    pub(super) fn locate(&mut self, report: &mut Report, row: usize, cells: &(Pair, String), datum: Datum) -> Option<LonLat> {
        let (pair, text) = cells;
        let Pair::Numbers { x, y, form } = *pair else {
            report.ask(row, "lon_lat", text, unusable(*pair));
            return None;
        };
        match self.place(datum, x, y) {
            Ok(Place::Land { position, swapped }) => {
                spelling_issues(report, row, text, form, swapped, (x, y), datum);
                return Some(position);
            }
            Ok(Place::Water) => report.ask(row, "lon_lat", text, Message::new("L107").with("datum", datum)),
            Ok(Place::Outside) => report.ask(row, "lon_lat", text, Message::new("L108").with("datum", datum)),
            Err(cause) => report.ask(row, "crs", text, Message::new("L109").with("cause", cause)),
        }
        None
    }
}

/// Why cells without two numbers can't be used.
pub(super) fn unusable(pair: Pair) -> Message {
    Message::new(match pair {
        Pair::Missing => "L101",
        Pair::Zero => "L102",
        Pair::Unread | Pair::Numbers { .. } => "L103",
    })
}

/// Notes how a position had to be read.
pub(super) fn spelling_issues(
    report: &mut Report,
    row: usize,
    text: &str,
    form: Form,
    swapped: bool,
    (x, y): (f64, f64),
    datum: Datum,
) {
    let fixed = IssueAction::Fixed;
    if swapped {
        report.push(row, "lon_lat", text, Message::new("L104"), fixed, Severity::Warning);
    }
    if form == Form::Sexagesimal {
        report.push(row, "lon_lat", text, Message::new("L105"), fixed, Severity::Info);
    }
    let projected = matches!(datum, Datum::Epsg(_));
    if !projected && from_millionths(x, y).is_some() {
        report.push(row, "lon_lat", text, Message::new("L106"), fixed, Severity::Info);
    }
}

/// Whether a position read this way is the ledger's own.
pub(super) fn quality(datum: Datum, form: Form, swapped: bool) -> CoordQuality {
    let as_given = form == Form::Decimal && !swapped && matches!(datum, Datum::Wgs84 | Datum::Cgcs2000);
    if as_given { CoordQuality::AsGiven } else { CoordQuality::Corrected }
}

/// The datum of each row of a file in which every row must have one: the row's label, else the declared one.
pub(super) fn datum_of_row(columns: &Columns, row: &TableRow, declared: Option<Datum>, file: &str) -> Result<Datum, IngestError> {
    let label = columns.text(row, Field::Datum);
    Datum::from_label(label)
        .or(declared)
        .ok_or_else(|| IngestError::new(file, Message::new("L206").with("label", label)).at_row(row.number))
}

/// The position of a row of a candidate or bus stop file; a row that can't be placed takes no part, and the report says so.
pub(super) fn place_row(
    columns: &Columns,
    row: &TableRow,
    datum: Datum,
    locator: &mut Locator<'_>,
    report: &mut Report,
) -> Option<LonLat> {
    let cells = read_pair(columns, row);
    let mut found = Report::new(&report.file);
    let position = locator.locate(&mut found, row.number, &cells, datum);
    for issue in found.finish().rows() {
        let action = if issue.action == IssueAction::NeedsPerson { IssueAction::Excluded } else { issue.action };
        report.push(row.number, issue.field, &issue.value, issue.problem.clone(), action, issue.severity);
    }
    if position.is_some() && !matches!(datum, Datum::Wgs84 | Datum::Cgcs2000) {
        let problem = Message::new("L201").with("datum", datum);
        report.push(row.number, "crs", &datum.to_string(), problem, IssueAction::Fixed, Severity::Info);
    }
    position
}
