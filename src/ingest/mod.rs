//! Reading files: raw rows → issue table → model. Only the model flows on; polars stays private here.
//!
//! A file that can't be used is an [`IngestError`]; a value that can't be used is a row of the issue table.

pub mod boundary;
mod bus_orders;
pub mod candidates;
mod coordinates;
pub mod dataset;
pub mod datum;
pub mod demand;
mod entities;
mod fleet;
mod grid_rows;
pub mod headers;
pub mod hours;
mod inspections;
pub mod issues;
pub mod ledger;
pub mod location;
mod position;
mod shift;
pub mod stops;
mod streets;
pub mod table;
pub mod values;
mod vehicles;
mod when;

pub use boundary::{BarrierLine, UnitRecord, load_barriers, load_polygons, load_units};
pub use bus_orders::{Known, load_bus_orders, load_previous_plan};
pub use candidates::load_candidates;
pub use datum::{Datum, DatumConverter};
pub use fleet::{Fleet, load_fleet};
pub use headers::{Columns, Field, refuse_personal_columns};
pub use hours::{HoursReading, read_hours};
pub use inspections::{RoundInputs, load_rounds};
pub use ledger::load_stations;
pub use stops::load_bus_stops;
pub use table::{Table, TableRow, read_table};
pub use vehicles::load_vehicles;
pub use when::SeasonCalendar;

use std::path::Path;

use crate::message::{Lang, Message};

/// A file that can't be used: which one, where, why, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.render(Lang::En))]
pub struct IngestError {
    file: String,
    row: Option<usize>,
    message: Message,
}

impl IngestError {
    /// A fault of a file as a whole.
    pub fn new(file: impl Into<String>, message: Message) -> Self {
        Self { file: file.into(), row: None, message }
    }

    /// The same fault, at a row (the header is row 1).
    #[must_use]
    pub fn at_row(mut self, row: usize) -> Self {
        self.row = Some(row);
        self
    }

    /// The file, as the scenario names it.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The row, when there is one.
    pub fn row(&self) -> Option<usize> {
        self.row
    }

    /// Cause and remedy.
    pub fn message(&self) -> &Message {
        &self.message
    }

    /// File, row, cause and remedy in a language.
    pub fn render(&self, lang: Lang) -> String {
        let text = self.message.render(lang);
        match (self.row, lang) {
            (None, _) => format!("{}: {text}", self.file),
            (Some(row), Lang::Zh) => format!("{} 第 {row} 行: {text}", self.file),
            (Some(row), Lang::En) => format!("{}, row {row}: {text}", self.file),
        }
    }
}

/// Reads a whole file.
fn read_bytes(path: &Path, shown_as: &str) -> Result<Vec<u8>, IngestError> {
    std::fs::read(path).map_err(|cause| IngestError::new(shown_as, Message::new("L001").with("cause", cause)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_gives_file_row_cause_and_remedy() {
        let missing = read_bytes(Path::new("no/such.csv"), "no/such.csv").expect_err("no such file");
        assert_eq!(missing.message().code(), "L001");
        assert!(missing.to_string().starts_with("no/such.csv: can't open"), "{missing}");
        let error = IngestError::new("a.csv", Message::new("L007").with("rows", 3).with("columns", 9)).at_row(3);
        assert!(error.to_string().starts_with("a.csv, row 3: "), "{error}");
        assert!(error.render(Lang::Zh).starts_with("a.csv 第 3 行"), "{error}");
    }
}
