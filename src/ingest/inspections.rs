//! Stewards, core stations, the record of inspections and the rounds so far, as tables.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::dataset::{Dataset, datum_of, point_table};
use super::headers::{Columns, Field, VOCABULARY, normalise};
use super::issues::IssueTable;
use super::position::{Locator, Report, datum_of_row, place_row};
use super::table::{Table, TableRow};
use super::values::read_measure;
use super::when::read_moment;
use super::{IngestError, read_table};
use crate::domain::inspection::{Inspection, Level, PlannedVisit, Steward};
use crate::id::SiteIdx;
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
    let (stewards, mut issues) = load_stewards(&point_table(scenario, stewards)?, stewards, dataset)?;
    let mut rows = Rows { scenario, dataset, issues: &mut issues };
    let core = rows.read(&rules.core, &[], Reader::site)?;
    let record = rows.read(&rules.inspections, &[Field::Date], Reader::inspection)?;
    let previous = rows.read(&rules.previous, &[Field::Date, Field::StewardId], |reader, row| reader.planned(row, &stewards))?;
    issues.sort();
    Ok((RoundInputs { stewards, core, record, previous }, issues))
}

/// Tables about stations.
struct Rows<'a> {
    scenario: &'a Scenario,
    dataset: &'a Dataset,
    issues: &'a mut IssueTable,
}

impl Rows<'_> {
    /// What the rows of a table say, ascending and each once; nothing when the scenario names none.
    fn read<T: Ord>(
        &mut self,
        name: &Option<String>,
        needs: &[Field],
        of: impl Fn(&mut Reader, &TableRow) -> Option<T>,
    ) -> Result<Vec<T>, IngestError> {
        let Some(name) = name else { return Ok(Vec::new()) };
        let table = read_table(&self.scenario.input(name), name)?;
        let mut reader = Reader::new(&table, self.dataset);
        if !reader.columns.has(Field::StationId) {
            reader.columns.require(&[Field::Name])?;
        }
        reader.columns.require(needs)?;
        let mut found: Vec<T> = table.rows.iter().filter_map(|row| of(&mut reader, row)).collect();
        found.sort_unstable();
        found.dedup();
        self.issues.append(reader.report.finish());
        Ok(found)
    }
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
            report.refuse::<()>(row.number, "hours", text, "L513");
            continue;
        };
        stewards.push(Steward { id: columns.text(row, Field::StewardId).to_owned(), hours, base, row: row.number });
    }
    report.keep_first(&mut stewards, "steward_id", |steward| (&steward.id, steward.row));
    Ok((stewards, report.finish()))
}

struct Reader {
    columns: Columns,
    /// Stations in use by identifier and by name; of the same name the first.
    by_id: BTreeMap<String, SiteIdx>,
    by_name: BTreeMap<String, SiteIdx>,
    report: Report,
}

impl Reader {
    fn new(table: &Table, dataset: &Dataset) -> Self {
        let (mut by_id, mut by_name) = (BTreeMap::new(), BTreeMap::new());
        for site in dataset.sites.indexes() {
            by_id.entry(dataset.sites[site].id.clone()).or_insert(site);
            by_name.entry(dataset.sites[site].name.clone()).or_insert(site);
        }
        Self { columns: Columns::resolve(table), by_id, by_name, report: Report::new(&table.file) }
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
        let (field, found) =
            if id.is_empty() { (Field::Name, self.by_name.get(name)) } else { (Field::StationId, self.by_id.get(id)) };
        found.copied().or_else(|| self.refuse(row, "station_id", field, "L515"))
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
        self.report.refuse(row.number, name, self.columns.text(row, field), code)
    }
}
