//! Headers and words of ledgers: the vocabulary is data (`headers.toml`), this file looks things up in it.
//!
//! A field is found under any of its headers, Chinese or English; headers nobody asked for are ignored, except personal ones in
//! demand files, which are refused.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::datum::Datum;
use super::table::{Table, TableRow};
use super::{IngestError, values::half_width};
use crate::domain::inspection::Level;
use crate::domain::site::{StationKind, Status};
use crate::message::Message;

/// A field of an input table, whatever its header is called. The headers are listed in `headers.toml`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each field's headers in headers.toml say what it is")]
pub enum Field {
    Serial,
    StationId,
    Name,
    Lon,
    Lat,
    LonLat,
    Datum,
    Kind,
    ServiceTypes,
    Hours,
    RoundTheClock,
    Area,
    Equipment,
    Status,
    Unit,
    District,
    Community,
    Host,
    BuildUnit,
    OperateUnit,
    ParentId,
    Address,
    Usage,
    CandidateId,
    VenueAvailable,
    Kinds,
    StopId,
    StopName,
    PermittedHours,
    MaxLength,
    ApprovingUnit,
    ContactUnit,
    VehicleId,
    VehicleLength,
    Seats,
    Heating,
    VisitsPerHour,
    Shift,
    StewardId,
    AvailableHours,
    Level,
    Deadline,
    Directive,
    OrderHours,
    Reason,
    Arrive,
    Leave,
    UnitName,
    MerchantName,
    MerchantCategory,
    DemandId,
    Weight,
    Role,
    Group,
    CellId,
    Date,
    Hour,
    Slot,
    Season,
    DayType,
    Flow,
    Pickups,
    Dropoffs,
    Orders,
    Suppressed,
    Source,
}

/// Everything in `headers.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Vocabulary {
    fields: BTreeMap<Field, Vec<String>>,
    units: BracketedUnits,
    personal: Personal,
    pub(super) datums: Vec<DatumWords>,
    pub(super) kinds: Vec<KindWords>,
    pub(super) statuses: Vec<StatusWords>,
    pub(super) answers: Answers,
    pub(super) directives: Directives,
    pub(super) levels: BTreeMap<Level, Vec<String>>,
    pub(super) measures: Measures,
    pub(super) coordinates: Hemispheres,
    pub(super) hours: BTreeMap<String, Vec<String>>,
    pub(super) names: Names,
}

#[derive(Debug, Deserialize)]
struct BracketedUnits {
    bracketed: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Personal {
    whole: Vec<String>,
    part: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct DatumWords {
    pub(super) datum: Datum,
    pub(super) words: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct KindWords {
    pub(super) kind: StationKind,
    pub(super) words: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct StatusWords {
    pub(super) status: Status,
    pub(super) words: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Answers {
    pub(super) yes: Vec<String>,
    pub(super) no: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Directives {
    pub(super) must: Vec<String>,
    pub(super) never: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Measures {
    pub(super) approximate: Vec<String>,
    pub(super) units: Vec<String>,
    pub(super) multipliers: BTreeMap<String, f64>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Hemispheres {
    pub(super) east: Vec<String>,
    pub(super) north: Vec<String>,
    pub(super) west: Vec<String>,
    pub(super) south: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Names {
    pub(super) noise: Vec<String>,
    pub(super) main: Vec<String>,
    pub(super) branch: Vec<String>,
    pub(super) unit_endings: Vec<String>,
    pub(super) traditional: String,
    pub(super) simplified: String,
}

pub(super) static VOCABULARY: LazyLock<Vocabulary> =
    LazyLock::new(|| toml::from_str(include_str!("headers.toml")).expect("invariant: headers.toml is checked by a test"));

/// A word in the form in which words are compared: half width, lower case, without blanks, `_` and `-`.
pub(super) fn normalise(word: &str) -> String {
    half_width(word).to_lowercase().chars().filter(|c| !c.is_whitespace() && !matches!(c, '_' | '-')).collect()
}

/// A header in the form in which headers are compared: as [`normalise`], and without a unit in brackets.
fn normalise_header(header: &str) -> String {
    let word = normalise(header);
    let is_unit = |text: &str| VOCABULARY.units.bracketed.iter().any(|unit| normalise(unit) == text);
    match word.split_once('(') {
        Some((before, rest)) if rest.strip_suffix(')').is_some_and(is_unit) => before.to_owned(),
        _ => word,
    }
}

/// Which column holds which field.
#[derive(Debug, Clone)]
pub struct Columns {
    file: String,
    headers: Vec<String>,
    found: BTreeMap<Field, usize>,
}

impl Columns {
    /// Finds the fields of a table.
    pub fn resolve(table: &Table) -> Self {
        Self::of_headers(&table.file, &table.headers)
    }

    /// Finds the fields of a header row.
    pub fn of_headers(file: &str, headers: &[String]) -> Self {
        let normal: Vec<String> = headers.iter().map(|header| normalise_header(header)).collect();
        let column = |words: &Vec<String>| words.iter().find_map(|word| normal.iter().position(|h| *h == normalise(word)));
        let found = VOCABULARY.fields.iter().filter_map(|(field, words)| Some((*field, column(words)?))).collect();
        Self { file: file.to_owned(), headers: headers.to_vec(), found }
    }

    /// Column of a field, from 0.
    pub fn column(&self, field: Field) -> Option<usize> {
        self.found.get(&field).copied()
    }

    /// Header of a field, as the file has it.
    pub fn header(&self, field: Field) -> Option<&str> {
        self.column(field).map(|column| self.headers[column].as_str())
    }

    /// Whether the file has the field.
    pub fn has(&self, field: Field) -> bool {
        self.found.contains_key(&field)
    }

    /// The cell of a field, trimmed; empty when the file has no such column.
    pub fn text<'a>(&self, row: &'a TableRow, field: Field) -> &'a str {
        self.column(field).and_then(|column| row.cells.get(column)).map_or("", |cell| cell.trim())
    }

    /// The cell of a field, unless it is empty.
    pub fn filled<'a>(&self, row: &'a TableRow, field: Field) -> Option<&'a str> {
        Some(self.text(row, field)).filter(|text| !text.is_empty())
    }

    /// Checks that the file has all of these fields.
    ///
    /// # Errors
    /// When one is missing, naming the headers it could have.
    pub fn require(&self, fields: &[Field]) -> Result<(), IngestError> {
        let missing: Vec<String> = fields.iter().filter(|field| !self.has(**field)).map(|field| accepted(*field)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let message = Message::new("L010").with("accepted", missing.join("; ")).with("found", self.headers.join(", "));
        Err(IngestError::new(&self.file, message))
    }

    /// The name of a row; its id where the file has no names.
    pub fn name_or_id<'a>(&self, row: &'a TableRow) -> &'a str {
        self.text(row, if self.has(Field::Name) { Field::Name } else { Field::StationId })
    }

    /// Checks that rows can be told apart: by a name, or else by an id.
    ///
    /// # Errors
    /// When the file has neither.
    pub fn require_name(&self) -> Result<(), IngestError> {
        if self.has(Field::StationId) { Ok(()) } else { self.require(&[Field::Name]) }
    }

    /// Checks that the file has longitude and latitude, in two columns or in one.
    ///
    /// # Errors
    /// When it has neither.
    pub fn require_position(&self) -> Result<(), IngestError> {
        if self.has(Field::LonLat) { Ok(()) } else { self.require(&[Field::Lon, Field::Lat]) }
    }
}

fn accepted(field: Field) -> String {
    VOCABULARY.fields.get(&field).map(|words| words.join(" / ")).unwrap_or_default()
}

/// Refuses a demand file that holds data about persons.
///
/// # Errors
/// When a header is a personal one; the message names the column.
pub fn refuse_personal_columns(file: &str, headers: &[String]) -> Result<(), IngestError> {
    let personal = &VOCABULARY.personal;
    let is_personal = |header: &&String| {
        let word = normalise(header);
        personal.whole.iter().any(|w| normalise(w) == word) || personal.part.iter().any(|p| word.contains(&normalise(p)))
    };
    let refused: Vec<&str> = headers.iter().filter(is_personal).map(String::as_str).collect();
    if refused.is_empty() {
        return Ok(());
    }
    Err(IngestError::new(file, Message::new("L011").with("columns", refused.join(", "))).at_row(1))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn headers(line: &str) -> Vec<String> {
        line.split(',').map(str::to_owned).collect()
    }

    #[test]
    fn synonyms_units_and_full_width_letters() {
        let columns =
            Columns::of_headers("t", &headers("序号,驿站名称,ｌｎｇ,LAT,建筑面积(㎡),使用面积（㎡）,角色(答案,勿入引擎)"));
        assert_eq!(columns.header(Field::Name), Some("驿站名称"));
        assert_eq!((columns.column(Field::Lon), columns.column(Field::Lat)), (Some(2), Some(3)));
        assert_eq!(columns.column(Field::Area), Some(4));
        assert!(!columns.has(Field::Role), "brackets that hold no unit change the meaning");
        assert_eq!(columns.require(&[Field::Hours]).expect_err("no hours").message().code(), "L010");
        assert!(columns.require_position().is_ok());
    }

    #[test]
    fn traditional_characters_have_a_simplified_form_each() {
        let names = &VOCABULARY.names;
        assert_eq!(names.traditional.chars().count(), names.simplified.chars().count());
    }

    #[test]
    fn personal_columns_are_refused_by_name() {
        for header in
            ["姓名", "骑手姓名", "手机号", "联系电话", "身份证号", "骑手ID", "车牌", "IMEI", "轨迹", "Phone", "rider-id", "name"]
        {
            let error = refuse_personal_columns("d.csv", &headers(&format!("网格编号,{header}"))).expect_err(header);
            assert!(error.to_string().contains(header), "{error}");
        }
        assert!(refuse_personal_columns("d.csv", &headers("网格编号,中心经度,商户名称,人流量,template,plateau")).is_ok());
    }

    proptest! {
        #[test]
        fn every_header_finds_its_field(pick in any::<prop::sample::Index>(), pad in "[ \u{3000}]{0,2}") {
            let all: Vec<(Field, &String)> =
                VOCABULARY.fields.iter().flat_map(|(field, words)| words.iter().map(|word| (*field, word))).collect();
            let (field, word) = *pick.get(&all);
            let columns = Columns::of_headers("t", &[format!("{pad}{}{pad}", word.to_uppercase())]);
            prop_assert!(columns.has(field), "{word}");
        }
    }
}
