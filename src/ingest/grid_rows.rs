//! Rows of demand files, from CSV or Parquet alike, batch by batch: which cell, which day, which hours, how much.
//!
//! A cell is named by number or id (the grid file says where it is) or by longitude and latitude; a day by season and day type, or
//! by date (the calendar says which kind it is); the time by hour, slot or time of day. Batches keep memory small.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::PathBuf;

use polars::prelude::{Column, DataFrame, DataType, ParquetReader, PolarsError, SerReader};

use super::demand::excluded;
use super::issues::{IssueAction, IssueTable, Severity};
use super::values::read_measure;
use super::when::{DayRef, SeasonCalendar, read_hours_of_day, read_moment};
use super::{Columns, DatumConverter, Field, IngestError, Table, read_table, refuse_personal_columns};
use crate::crs::{LonLat, Projector};
use crate::domain::study_area::StudyArea;
use crate::message::Message;
use crate::progress::Progress;
use crate::scenario::Scenario;

/// Rows of a Parquet file that are held at once.
const BATCH_ROWS: usize = 2_000_000;

/// Some rows of a demand file, as columns.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// Number of the analysis cell; `None` when the row names none.
    pub cells: Vec<Option<u32>>,
    /// Typical day, and the date it stands for.
    pub days: Vec<Option<DayRef>>,
    /// First hour and last hour (exclusive; below or equal to the first when it runs over midnight).
    pub hours: Vec<Option<(u8, u8)>>,
    /// Amounts, one column a layer.
    pub values: Vec<Vec<f64>>,
}

/// What became of the rows of a file.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Rows read.
    pub read: u64,
    /// Rows used.
    pub used: u64,
    /// Rows left out or noted, by cause: how many, the first row, its value.
    left_out: BTreeMap<&'static str, (u64, usize, String)>,
}

impl Tally {
    fn leave_out(&mut self, code: &'static str, row: usize, value: impl FnOnce() -> String) {
        let entry = self.left_out.entry(code).or_insert_with(|| (0, row, value()));
        entry.0 += 1;
    }

    /// One issue a cause.
    pub fn issues(self, file: &str) -> IssueTable {
        let mut issues = IssueTable::default();
        for (code, (count, row, value)) in self.left_out {
            let mut issue = excluded(file, row, "demand", value, Message::new(code).with("count", count));
            if matches!(code, "D017" | "D018") {
                (issue.action, issue.severity) = (IssueAction::Noted, Severity::Warning);
            }
            issues.push(issue);
        }
        issues
    }
}

/// Reads one demand file.
pub(super) struct GridReader<'a> {
    path: PathBuf,
    file: &'a str,
    layers: &'a [Option<&'a str>],
    datum: DatumConverter,
    area: &'a StudyArea,
    projector: &'a Projector,
    cells: BTreeMap<String, Option<u32>>,
    calendar: SeasonCalendar,
}

impl<'a> GridReader<'a> {
    /// A reader of `file`; `layers` are the columns that hold amounts.
    pub fn new(
        scenario: &Scenario,
        file: &'a str,
        layers: &'a [Option<&'a str>],
        datum: DatumConverter,
        area: &'a StudyArea,
        projector: &'a Projector,
    ) -> Result<Self, IngestError> {
        let mut reader = Self {
            path: scenario.input(file),
            file,
            layers,
            datum,
            area,
            projector,
            cells: BTreeMap::new(),
            calendar: SeasonCalendar::default(),
        };
        if let Some(grid) = &scenario.file.demand.grid {
            reader.cells = reader.read_grid(&read_table(&scenario.input(grid), grid)?)?;
        }
        if let Some(calendar) = &scenario.file.area.calendar {
            reader.calendar = SeasonCalendar::read(&read_table(&scenario.input(calendar), calendar)?)?;
        }
        Ok(reader)
    }

    /// Cell number or id → analysis cell, by the centre that the grid file gives.
    fn read_grid(&self, table: &Table) -> Result<BTreeMap<String, Option<u32>>, IngestError> {
        refuse_personal_columns(&table.file, &table.headers)?;
        let columns = Columns::resolve(table);
        columns.require(&[Field::CellId, Field::Lon, Field::Lat])?;
        let number = table.headers.iter().position(|header| header == "cell");
        let mut cells = BTreeMap::new();
        for row in &table.rows {
            let degrees = |field| columns.text(row, field).parse::<f64>().ok();
            let pair = degrees(Field::Lon).zip(degrees(Field::Lat));
            let centre = pair.and_then(|(lon, lat)| self.datum.to_wgs84(lon, lat).ok());
            let Some(centre) = centre else {
                return Err(IngestError::new(&table.file, Message::new("D004")).at_row(row.number));
            };
            let cell = self.locate(centre);
            cells.insert(columns.text(row, Field::CellId).to_owned(), cell);
            if let Some(number) = number.and_then(|column| row.cells.get(column)) {
                cells.insert(number.trim().to_owned(), cell);
            }
        }
        Ok(cells)
    }

    fn locate(&self, position: LonLat) -> Option<u32> {
        let planar = self.projector.project(position).ok()?;
        self.area.grid.cell_at(planar).map(|cell| self.area.grid.number(cell) as u32)
    }

    /// Size of the file in bytes, the measure of progress.
    pub fn bytes(&self) -> u64 {
        self.path.metadata().map_or(0, |file| file.len())
    }

    /// Reads the file, batch by batch; progress advances by bytes.
    pub fn read(&self, progress: &dyn Progress, take: &mut dyn FnMut(&Batch)) -> Result<Tally, IngestError> {
        if self.path.extension().is_some_and(|ext| ext.eq_ignore_ascii_case("parquet")) {
            return self.read_parquet(progress, take);
        }
        let tally = self.read_csv(take);
        progress.advance(self.bytes());
        tally
    }

    fn read_csv(&self, take: &mut dyn FnMut(&Batch)) -> Result<Tally, IngestError> {
        let table = read_table(&self.path, self.file)?;
        refuse_personal_columns(self.file, &table.headers)?;
        let columns = Columns::resolve(&table);
        let layers = self.layer_columns(&table.headers)?;
        let text = |field: Field| -> Option<Vec<String>> {
            columns.has(field).then(|| table.rows.iter().map(|row| columns.text(row, field).to_owned()).collect())
        };
        let amounts = layers.iter().map(|column| {
            let cell = |row: &super::TableRow| match column {
                Some(column) => row.cells.get(*column).and_then(|cell| amount(cell)),
                None => Some(1.0),
            };
            table.rows.iter().map(cell).collect()
        });
        let raw = RawRows {
            cell: text(Field::CellId),
            lon: text(Field::Lon).map(numbers),
            lat: text(Field::Lat).map(numbers),
            season: text(Field::Season),
            day_type: text(Field::DayType),
            date: text(Field::Date),
            hour: text(Field::Hour).or_else(|| text(Field::Slot)),
            amounts: amounts.collect(),
            rows: table.rows.iter().map(|row| row.number).collect(),
        };
        let mut tally = Tally::default();
        take(&self.resolve(&raw, &mut tally)?);
        Ok(tally)
    }

    fn layer_columns(&self, headers: &[String]) -> Result<Vec<Option<usize>>, IngestError> {
        let find = |layer: &Option<&str>| match layer {
            None => Ok(None),
            Some(name) => headers.iter().position(|header| header.trim() == *name).map(Some).ok_or_else(|| {
                IngestError::new(self.file, Message::new("D005").with("column", name).with("found", headers.join(", ")))
            }),
        };
        self.layers.iter().map(find).collect()
    }

    fn read_parquet(&self, progress: &dyn Progress, take: &mut dyn FnMut(&Batch)) -> Result<Tally, IngestError> {
        let fault = |cause: PolarsError| IngestError::new(self.file, Message::new("D006").with("cause", cause));
        let open = || File::open(&self.path).map_err(|e| IngestError::new(self.file, Message::new("D006").with("cause", e)));
        let mut reader = ParquetReader::new(open()?);
        let rows = reader.num_rows().map_err(fault)?;
        let schema = reader.schema().map_err(fault)?;
        let headers: Vec<String> = schema.iter_names().map(|name| name.to_string()).collect();
        refuse_personal_columns(self.file, &headers)?;
        let columns = Columns::of_headers(self.file, &headers);
        let layers: Vec<Option<String>> =
            self.layer_columns(&headers)?.into_iter().map(|c| c.map(|c| headers[c].clone())).collect();
        let mut tally = Tally::default();
        for start in (0..rows).step_by(BATCH_ROWS) {
            let length = BATCH_ROWS.min(rows - start);
            let frame = ParquetReader::new(open()?).with_slice(Some((start, length))).finish().map_err(fault)?;
            let raw = raw_rows(&frame, &columns, &layers, start).map_err(fault)?;
            take(&self.resolve(&raw, &mut tally)?);
            progress.advance(self.bytes() * length as u64 / rows as u64);
        }
        Ok(tally)
    }

    /// Finds cell, day and hours of each row; rows without are left out and counted.
    fn resolve(&self, raw: &RawRows, tally: &mut Tally) -> Result<Batch, IngestError> {
        self.check_columns(raw)?;
        let mut batch =
            Batch { values: raw.amounts.iter().map(|_| Vec::with_capacity(raw.rows.len())).collect(), ..Batch::default() };
        let mut known_days = BTreeMap::new();
        let mut known_hours = BTreeMap::new();
        for (i, &row) in raw.rows.iter().enumerate() {
            tally.read += 1;
            let cell = self.cell(raw, i);
            let day_key = (raw.text(&raw.season, i), raw.text(&raw.day_type, i), raw.text(&raw.date, i));
            let day = *known_days.entry(day_key).or_insert_with(|| self.day(raw, i));
            let hour_key = raw.text(&raw.hour, i).or(raw.text(&raw.date, i));
            let hours = match known_hours.get(&hour_key) {
                Some(hours) => *hours,
                None => {
                    let hours = self.hours(raw, i, row)?;
                    known_hours.insert(hour_key, hours);
                    hours
                }
            };
            let amounts: Vec<Option<f64>> = raw.amounts.iter().map(|column| column[i]).collect();
            let fault = match (cell, day, hours) {
                (None, ..) => Some("D007"),
                (_, None, _) => Some("D008"),
                (_, _, None) => Some("D009"),
                _ if amounts.iter().all(Option::is_none) => Some("D010"),
                _ if amounts.iter().flatten().any(|v| !v.is_finite() || *v < 0.0) => Some("D011"),
                _ => None,
            };
            if let Some(day) = day.filter(|day| fault.is_none() && day.unlisted) {
                tally.leave_out("D018", row, || day.kind.to_string());
            }
            if let Some(code) = fault {
                tally.leave_out(code, row, || raw.describe(i));
            } else {
                tally.used += 1;
                if amounts.iter().any(Option::is_none) {
                    tally.leave_out("D017", row, || raw.describe(i));
                }
            }
            let keep = fault.is_none();
            batch.cells.push(cell.filter(|_| keep));
            batch.days.push(day);
            batch.hours.push(hours);
            for (values, amount) in batch.values.iter_mut().zip(amounts) {
                values.push(amount.filter(|_| keep).unwrap_or(0.0));
            }
        }
        Ok(batch)
    }

    fn check_columns(&self, raw: &RawRows) -> Result<(), IngestError> {
        let place = raw.cell.is_some() || (raw.lon.is_some() && raw.lat.is_some());
        let day = raw.date.is_some() || (raw.season.is_some() && raw.day_type.is_some());
        let time = raw.hour.is_some() || raw.date.is_some();
        let missing = match (place, day, time) {
            (false, ..) => "cell, or lon and lat",
            (_, false, _) => "date, or season and day_type",
            (_, _, false) => "hour",
            _ => return Ok(()),
        };
        Err(IngestError::new(self.file, Message::new("D012").with("missing", missing)))
    }

    fn cell(&self, raw: &RawRows, i: usize) -> Option<u32> {
        if let (Some(lon), Some(lat)) = (&raw.lon, &raw.lat) {
            return self.datum.to_wgs84(lon[i]?, lat[i]?).ok().and_then(|position| self.locate(position));
        }
        self.cells.get(raw.text(&raw.cell, i)?).copied().flatten()
    }

    fn day(&self, raw: &RawRows, i: usize) -> Option<DayRef> {
        match (raw.text(&raw.season, i), raw.text(&raw.day_type, i)) {
            (Some(season), Some(day_type)) => Some(DayRef::typical(season.parse().ok()?, day_type.parse().ok()?)),
            _ => self.calendar.day(read_moment(raw.text(&raw.date, i)?)?.date),
        }
    }

    fn hours(&self, raw: &RawRows, i: usize, row: usize) -> Result<Option<(u8, u8)>, IngestError> {
        match raw.text(&raw.hour, i) {
            Some(text) if text.trim() == "24" => Err(IngestError::new(self.file, Message::new("D013")).at_row(row)),
            Some(text) => Ok(read_hours_of_day(text)),
            None => Ok(raw.text(&raw.date, i).and_then(read_moment).and_then(|m| m.hour).map(|hour| (hour, hour + 1))),
        }
    }
}

/// Columns as they came, before they mean anything.
struct RawRows {
    cell: Option<Vec<String>>,
    lon: Option<Vec<Option<f64>>>,
    lat: Option<Vec<Option<f64>>>,
    season: Option<Vec<String>>,
    day_type: Option<Vec<String>>,
    date: Option<Vec<String>>,
    hour: Option<Vec<String>>,
    amounts: Vec<Vec<Option<f64>>>,
    rows: Vec<usize>,
}

impl RawRows {
    fn text<'r>(&self, column: &'r Option<Vec<String>>, i: usize) -> Option<&'r str> {
        column.as_ref().map(|column| column[i].as_str())
    }

    fn describe(&self, i: usize) -> String {
        let texts = [&self.cell, &self.season, &self.day_type, &self.date, &self.hour];
        let mut parts: Vec<String> = texts.into_iter().filter_map(|column| self.text(column, i)).map(str::to_owned).collect();
        parts.extend(
            [&self.lon, &self.lat].into_iter().flatten().map(|column| column[i].map_or_else(String::new, |v| v.to_string())),
        );
        parts.join(" ")
    }
}

/// An amount as a number, or as people write it (`1.2万`, `３,000余`).
fn amount(cell: &str) -> Option<f64> {
    let cell = cell.trim();
    cell.parse().ok().or_else(|| read_measure(cell).map(|measure| measure.value))
}

fn numbers(column: Vec<String>) -> Vec<Option<f64>> {
    column.iter().map(|text| text.parse().ok()).collect()
}

fn raw_rows(frame: &DataFrame, columns: &Columns, layers: &[Option<String>], start: usize) -> Result<RawRows, PolarsError> {
    let text = |field: Field| columns.header(field).map(|header| texts(frame.column(header)?)).transpose();
    let degrees = |field: Field| columns.header(field).map(|header| floats(frame.column(header)?)).transpose();
    let amounts = layers.iter().map(|layer| match layer {
        Some(name) => floats(frame.column(name)?),
        None => Ok(vec![Some(1.0); frame.height()]),
    });
    Ok(RawRows {
        cell: text(Field::CellId)?,
        lon: degrees(Field::Lon)?,
        lat: degrees(Field::Lat)?,
        season: text(Field::Season)?,
        day_type: text(Field::DayType)?,
        date: text(Field::Date)?,
        hour: text(Field::Hour)?.map_or_else(|| text(Field::Slot), |hour| Ok(Some(hour)))?,
        amounts: amounts.collect::<Result<_, _>>()?,
        rows: (start + 2..start + 2 + frame.height()).collect(),
    })
}

fn texts(column: &Column) -> Result<Vec<String>, PolarsError> {
    let column = column.cast(&DataType::String)?;
    Ok(column.str()?.iter().map(|text| text.unwrap_or_default().to_owned()).collect())
}

fn floats(column: &Column) -> Result<Vec<Option<f64>>, PolarsError> {
    let column = column.cast(&DataType::Float64)?;
    Ok(column.f64()?.iter().collect())
}
