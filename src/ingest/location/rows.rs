//! Rows of any table as borrowed cells: CSV without quotes is split where it lies (a million rows in half a second), Parquet is
//! read by column, and everything else (spreadsheets, GeoJSON, quoted CSV) goes through [`read_table`].

use std::fmt::Write as _;
use std::io::Cursor;
use std::path::Path;

use polars::prelude::{DataType, ParquetReader, SerReader, StringChunked};
use sha2::{Digest, Sha256};

use super::{InputStamp, faults::Faults};
use crate::ingest::table::{decode, unpack};
use crate::ingest::{IngestError, Table, read_bytes, read_table};
use crate::message::Message;

/// A table that has been opened.
#[derive(Debug)]
pub(super) struct Source {
    /// The file, as it was named.
    pub(super) file: String,
    /// Headers, trimmed; empty when the first line is data already.
    pub(super) headers: Vec<String>,
    /// Number of columns.
    pub(super) width: usize,
    /// Size and checksum, without the rows.
    pub(super) stamp: InputStamp,
    body: Body,
}

#[derive(Debug)]
enum Body {
    /// The text from the first row of data on, its row number and the delimiter.
    Text { text: String, from: usize, number: usize, delimiter: char },
    /// A table read otherwise; `first` is a header row that is data.
    Table { table: Table, first: Option<Vec<String>> },
    /// Columns of a Parquet file, as text.
    Columns { columns: Vec<StringChunked>, rows: usize },
}

/// Whether a line of cells is all numbers (empty cells beside numbers count as such).
fn is_data<'a>(cells: impl Iterator<Item = &'a str>) -> bool {
    let mut numbers = 0;
    for cell in cells.map(str::trim).filter(|cell| !cell.is_empty()) {
        if cell.parse::<f64>().is_err() {
            return false;
        }
        numbers += 1;
    }
    numbers > 0
}

impl Source {
    /// Opens a table.
    ///
    /// # Errors
    /// When the file can't be read or is empty.
    pub(super) fn open(path: &Path, role: &str) -> Result<Self, IngestError> {
        let file = path.display().to_string();
        let bytes = read_bytes(path, &file)?;
        let sha256 = Sha256::digest(&bytes).iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        });
        let stamp = InputStamp { role: role.to_owned(), path: file.clone(), bytes: bytes.len() as u64, rows: 0, sha256 };
        if bytes.starts_with(b"PAR1") {
            return Self::of_parquet(bytes, stamp);
        }
        let plain = unpack(bytes, &file)?;
        let is_workbook = plain.starts_with(b"PK\x03\x04") || plain.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]);
        if !is_workbook {
            let text = decode(&plain, &file)?;
            let other = text.contains('"') || text.trim_start().starts_with('{') || !text.contains('\n');
            if !other {
                return Self::of_text(text.into_owned(), stamp);
            }
        }
        let table = read_table(path, &file)?;
        let headless = is_data(table.headers.iter().map(String::as_str));
        let (width, headers) = (table.headers.len(), if headless { Vec::new() } else { table.headers.clone() });
        let first = headless.then(|| table.headers.clone());
        Ok(Self { file, headers, width, stamp, body: Body::Table { table, first } })
    }

    /// The header is the first line with more than one cell among the first ten, or else the first line. When that is data there is
    /// no header, and the first line that isn't blank is data too.
    fn of_text(text: String, stamp: InputStamp) -> Result<Self, IngestError> {
        let file = stamp.path.clone();
        let mut lines = Vec::new();
        let mut at = 0;
        for (number, line) in (1..).zip(text.split_inclusive('\n')) {
            if !line.trim().is_empty() {
                lines.push((number, at, at + line.len(), line.trim_end()));
            }
            at += line.len();
            if lines.len() == 10 {
                break;
            }
        }
        let empty = || IngestError::new(&file, Message::new("L006"));
        let sample = lines.first().ok_or_else(empty)?.3;
        let count = |delimiter: &char| lines.iter().map(|line| line.3.matches(*delimiter).count()).max().unwrap_or(0);
        let delimiter = [';', '\t', ','].into_iter().max_by_key(count).unwrap_or(',');
        let filled = |line: &str| line.split(delimiter).filter(|cell| !cell.trim().is_empty()).count();
        let first = |more_than: usize| lines.iter().position(|line| filled(line.3) > more_than);
        let head = first(1).or_else(|| first(0)).unwrap_or(0);
        let (number, _, end, line) = lines.get(head).copied().unwrap_or((1, 0, 0, sample));
        let mut headers: Vec<String> = line.split(delimiter).map(|cell| cell.trim().to_owned()).collect();
        let mut width = headers.len();
        let (from, number) = if is_data(line.split(delimiter)) {
            headers.clear();
            (lines[0].1, lines[0].0)
        } else {
            while headers.last().is_some_and(String::is_empty) {
                headers.pop();
            }
            width = headers.len();
            (end, number + 1)
        };
        Ok(Self { file, headers, width, stamp, body: Body::Text { text, from, number, delimiter } })
    }

    fn of_parquet(bytes: Vec<u8>, stamp: InputStamp) -> Result<Self, IngestError> {
        let file = stamp.path.clone();
        let fault = |cause: polars::prelude::PolarsError| IngestError::new(&file, Message::new("D006").with("cause", cause));
        let frame = ParquetReader::new(Cursor::new(bytes)).finish().map_err(fault)?;
        let headers: Vec<String> = frame.get_column_names().iter().map(|name| name.trim().to_owned()).collect();
        let mut columns = Vec::with_capacity(headers.len());
        for column in frame.columns() {
            let text = column.as_materialized_series().cast(&DataType::String).map_err(fault)?;
            columns.push(text.rechunk().str().map_err(fault)?.clone());
        }
        let rows = frame.height();
        Ok(Self { width: headers.len(), file, headers, stamp, body: Body::Columns { columns, rows } })
    }

    /// Whether the first line is data.
    pub(super) fn is_headless(&self) -> bool {
        self.headers.is_empty()
    }

    /// Gives every row that isn't empty, as wide as the header, with its number in the file. Rows that are too wide are faults. Without a
    /// header a row of empty cells is one too, unless the line is blank: its delimiters show that it is meant.
    pub(super) fn each<'a>(&'a self, faults: &mut Faults, mut take: impl FnMut(usize, &[&'a str], &mut Faults)) {
        let mut cells: Vec<&str> = Vec::with_capacity(self.width);
        match &self.body {
            Body::Text { text, from, number, delimiter } => {
                for (number, line) in (*number..).zip(text[*from..].split('\n')) {
                    cells.clear();
                    cells.extend(line.split(*delimiter).map(str::trim));
                    self.give(number, &mut cells, faults, &mut take);
                }
            }
            Body::Table { table, first } => {
                let head = first.iter().map(|cells| (table.header_row, cells));
                for (number, row) in head.chain(table.rows.iter().map(|row| (row.number, &row.cells))) {
                    cells.clear();
                    cells.extend(row.iter().map(String::as_str));
                    self.give(number, &mut cells, faults, &mut take);
                }
            }
            Body::Columns { columns, rows } => {
                for row in 0..*rows {
                    cells.clear();
                    cells.extend(columns.iter().map(|column| column.get(row).unwrap_or_default().trim()));
                    self.give(row + 2, &mut cells, faults, &mut take);
                }
            }
        }
    }

    fn give<'a>(
        &self,
        number: usize,
        cells: &mut Vec<&'a str>,
        faults: &mut Faults,
        take: &mut impl FnMut(usize, &[&'a str], &mut Faults),
    ) {
        let is_meant = self.is_headless() && cells.len() > 1;
        if !is_meant && cells.iter().all(|cell| cell.is_empty()) {
            return;
        }
        let is_short = is_meant && cells.len() < self.width;
        if is_short || cells.iter().skip(self.width).any(|cell| !cell.is_empty()) {
            let message = Message::new("P010").with("cells", cells.len()).with("columns", self.width);
            faults.push(IngestError::new(&self.file, message).at_row(number));
            return;
        }
        cells.resize(self.width, "");
        take(number, cells, faults);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Headers, numbered rows, and the number of faults.
    type Read = (Vec<String>, Vec<(usize, Vec<String>)>, usize);

    fn read(name: &str, bytes: &[u8]) -> Read {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join(name);
        std::fs::write(&path, bytes).expect("written");
        let source = Source::open(&path, "sites").expect("opens");
        let (mut faults, mut rows) = (Faults::default(), Vec::new());
        source.each(&mut faults, |number, cells, _| rows.push((number, cells.iter().map(|&c| c.to_owned()).collect())));
        (source.headers.clone(), rows, faults.count())
    }

    #[test]
    fn plain_and_quoted_text_give_the_same_rows() {
        let (headers, rows, faults) = read("a.csv", "\nid, x\n1 ,2\r\n\n3\n4,5,6\n".as_bytes());
        assert_eq!((headers.join("|"), faults), ("id|x".to_owned(), 1));
        assert_eq!(rows, [(3, vec!["1".to_owned(), "2".to_owned()]), (5, vec!["3".to_owned(), String::new()])]);
        let (quoted_headers, quoted, _) = read("a.csv", "\n\"id\", x\n1 ,2\r\n\n3\n".as_bytes());
        assert_eq!((quoted_headers, quoted), (headers, rows));
    }

    #[test]
    fn a_first_line_of_numbers_is_data() {
        let (headers, rows, _) = read("a.csv", b"1,2.5\n3,4\n");
        assert!(headers.is_empty());
        assert_eq!(rows.iter().map(|row| row.0).collect::<Vec<_>>(), [1, 2]);
        let (_, single, _) = read("a.csv", b"10\n7\n");
        assert_eq!(single.len(), 2);
        let (_, rows, _) = read("a.csv", b",\n5,\n\n,7\n,\n");
        assert_eq!(rows.iter().map(|row| row.0).collect::<Vec<_>>(), [1, 2, 4, 5], "delimiters make a row");
        let (_, alone, _) = read("a.csv", b"10");
        assert_eq!(alone, [(1, vec!["10".to_owned()])]);
    }
}
