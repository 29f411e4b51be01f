//! Stewards, core stations, the record of inspections and the rounds so far, as tables.

use chrono::NaiveDate;

use super::dataset::{Dataset, datum_of, point_table};
use super::headers::{Columns, Field, VOCABULARY, normalise};
use super::issues::{IssueAction, IssueTable, Severity};
use super::position::{Locator, Report, datum_of_row, place_row};
use super::table::{Table, TableRow};
use super::values::read_measure;
use super::when::read_moment;
use super::{IngestError, read_table};
use crate::domain::inspection::{Inspection, Level, PlannedVisit, Steward};
use crate::id::SiteIdx;
use crate::message::Message;
use crate::scenario::Scenario;
use crate::scenario::file::PointFile;

/// What rounds are planned from, beside the data of a run.
#[derive(Debug, Default)]
pub struct RoundInputs {
    /// The stewards, sorted by identifier.
    pub stewards: Vec<Steward>,
    /// Core stations, ascending.
    pub core: Vec<SiteIdx>,
    /// Inspections so far, ascending.
    pub record: Vec<Inspection>,
    /// The rounds so far, ascending.
    pub previous: Vec<PlannedVisit>,
}

/// Loads stewards, core stations, the record and the rounds so far.
///
/// # Errors
/// When a file or a column is missing; rows that can't be used are issues.
pub fn load_rounds(
    scenario: &Scenario,
    dataset: &Dataset,
    stewards: &PointFile,
) -> Result<(RoundInputs, IssueTable), IngestError> {
    let rules = &scenario.file.rounds;
    let table = |name: &String| read_table(&scenario.input(name), name);
    let mut issues = IssueTable::default();
    let (read, found) = load_stewards(&point_table(scenario, stewards)?, stewards, dataset)?;
    issues.append(found);
    let mut inputs = RoundInputs { stewards: read, ..RoundInputs::default() };
    if let Some(name) = &rules.core {
        let table = table(name)?;
        let mut reader = Reader::new(&table, dataset);
        require_station(&reader.columns)?;
        inputs.core = table.rows.iter().filter_map(|row| reader.site(row)).collect();
        inputs.core.sort_unstable();
        inputs.core.dedup();
        issues.append(reader.report.finish());
    }
    if let Some(name) = &rules.inspections {
        let table = table(name)?;
        let mut reader = Reader::new(&table, dataset);
        require_station(&reader.columns)?;
        reader.columns.require(&[Field::Date])?;
        inputs.record = table.rows.iter().filter_map(|row| reader.inspection(row)).collect();
        inputs.record.sort_unstable();
        issues.append(reader.report.finish());
    }
    if let Some(name) = &rules.previous {
        let table = table(name)?;
        let mut reader = Reader::new(&table, dataset);
        require_station(&reader.columns)?;
        reader.columns.require(&[Field::Date, Field::StewardId])?;
        let visits = table.rows.iter().filter_map(|row| reader.planned(row, &inputs.stewards));
        inputs.previous = visits.collect();
        inputs.previous.sort_unstable();
        issues.append(reader.report.finish());
    }
    issues.sort();
    Ok((inputs, issues))
}

fn require_station(columns: &Columns) -> Result<(), IngestError> {
    if columns.has(Field::StationId) { Ok(()) } else { columns.require(&[Field::Name]) }
}

fn load_stewards(table: &Table, file: &PointFile, dataset: &Dataset) -> Result<(Vec<Steward>, IssueTable), IngestError> {
    let columns = Columns::resolve(table);
    columns.require(&[Field::StewardId, Field::AvailableHours])?;
    columns.require_position()?;
    let declared = datum_of(file)?;
    let (mut report, mut locator) = (Report::new(&table.file), Locator::new(&dataset.area));
    let mut stewards: Vec<Steward> = Vec::with_capacity(table.rows.len());
    for row in &table.rows {
        let datum = datum_of_row(&columns, row, declared, &table.file)?;
        let Some(base) = place_row(&columns, row, datum, &mut locator, &mut report) else { continue };
        let text = columns.text(row, Field::AvailableHours);
        let Some(hours) = read_measure(text).map(|measure| measure.value) else {
            report.push(row.number, "hours", text, Message::new("L513"), IssueAction::Excluded, Severity::Error);
            continue;
        };
        stewards.push(Steward { id: columns.text(row, Field::StewardId).to_owned(), hours, base, row: row.number });
    }
    stewards.sort_by(|a, b| (&a.id, a.row).cmp(&(&b.id, b.row)));
    stewards.dedup_by(|later, first| {
        let twice = later.id == first.id;
        if twice {
            let problem = Message::new("L501").with("kept", first.row);
            report.push(later.row, "steward_id", &later.id, problem, IssueAction::Excluded, Severity::Error);
        }
        twice
    });
    Ok((stewards, report.finish()))
}

struct Reader<'a> {
    columns: Columns,
    dataset: &'a Dataset,
    report: Report,
}

impl<'a> Reader<'a> {
    fn new(table: &Table, dataset: &'a Dataset) -> Self {
        Self { columns: Columns::resolve(table), dataset, report: Report::new(&table.file) }
    }

    fn inspection(&mut self, row: &TableRow) -> Option<Inspection> {
        let (date, site) = (self.date(row, Field::Date)?, self.site(row)?);
        let level = self.level(row)?;
        let deadline = self.columns.text(row, Field::Deadline);
        let deadline = if deadline.is_empty() { None } else { Some(self.date(row, Field::Deadline)?) };
        Some(Inspection { date, site, level, deadline })
    }

    fn planned(&mut self, row: &TableRow, stewards: &[Steward]) -> Option<PlannedVisit> {
        let (date, site) = (self.date(row, Field::Date)?, self.site(row)?);
        let level = self.level(row)?;
        let id = self.columns.text(row, Field::StewardId);
        let steward = stewards.iter().position(|steward| steward.id == id);
        let steward = steward.or_else(|| self.refuse(row, "steward_id", Field::StewardId, "L514"))?;
        Some(PlannedVisit { date, steward, order: row.number, site, level })
    }

    /// A station in use by its identifier, or by its name.
    fn site(&mut self, row: &TableRow) -> Option<SiteIdx> {
        let (id, name) = (self.columns.text(row, Field::StationId), self.columns.text(row, Field::Name));
        let sites = &self.dataset.sites;
        let found = sites.indexes().find(|&site| if id.is_empty() { sites[site].name == name } else { sites[site].id == id });
        let field = if id.is_empty() { Field::Name } else { Field::StationId };
        found.or_else(|| self.refuse(row, "station_id", field, "L515"))
    }

    fn level(&mut self, row: &TableRow) -> Option<Level> {
        let word = normalise(self.columns.text(row, Field::Level));
        if word.is_empty() {
            return Some(Level::Weekly);
        }
        let of = |level: &Level| VOCABULARY.levels.get(level).is_some_and(|words| words.iter().any(|w| normalise(w) == word));
        let found = Level::ALL.into_iter().find(of);
        found.or_else(|| self.refuse(row, "level", Field::Level, "L516"))
    }

    fn date(&mut self, row: &TableRow, field: Field) -> Option<NaiveDate> {
        let found = read_moment(self.columns.text(row, field)).map(|moment| moment.date);
        found.or_else(|| self.refuse(row, "date", field, "L512"))
    }

    fn refuse<T>(&mut self, row: &TableRow, name: &'static str, field: Field, code: &'static str) -> Option<T> {
        let value = self.columns.text(row, field).to_owned();
        self.report.push(row.number, name, &value, Message::new(code), IssueAction::Excluded, Severity::Error);
        None
    }
}
