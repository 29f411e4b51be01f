//! One way to read every kind of table: CSV (UTF-8, UTF-16 or GB18030, gzipped or not), spreadsheets and GeoJSON points.
//!
//! CSV is split here and not by polars: polars drops empty lines, so that row numbers no longer match the file, and it can
//! only cut or refuse rows with a cell too many without saying which. A test compares the two on well-formed tables.

use std::borrow::Cow;
use std::io::{Cursor, Read};
use std::path::Path;

use calamine::{Data, ExcelDateTime, Reader};
use encoding_rs::{Encoding, GB18030};
use geojson::{FeatureCollection, GeoJson, GeometryValue};
use polars::io::utils::compression::CompressedReader;

use super::headers::normalise;
use super::{IngestError, read_bytes};
use crate::message::Message;

/// A table of text cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// File name, as the scenario gives it.
    pub file: String,
    /// Header cells, trimmed.
    pub headers: Vec<String>,
    /// Row of the header in the file, from 1.
    pub header_row: usize,
    /// Rows that have at least one cell, each as wide as the header.
    pub rows: Vec<TableRow>,
}

/// One row of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableRow {
    /// Row in the file, as a spreadsheet numbers it: the header of an ordinary file is row 1.
    pub number: usize,
    /// Cells, trimmed.
    pub cells: Vec<String>,
}

/// Reads a table; `shown_as` is the file's name in messages.
///
/// The kind of file is told by its first bytes, not its name: a spreadsheet saved as `.csv` is read as a spreadsheet.
///
/// # Errors
/// When the file can't be opened or decoded, has no header or rows of uneven length.
pub fn read_table(path: &Path, shown_as: &str) -> Result<Table, IngestError> {
    let bytes = unpack(read_bytes(path, shown_as)?, shown_as)?;
    let is_workbook = bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]);
    if is_workbook {
        return table_of(shown_as, workbook_records(&bytes, shown_as)?);
    }
    let text = decode(&bytes, shown_as)?;
    if text.trim_start().starts_with('{') {
        return geojson_table(&text, shown_as);
    }
    table_of(shown_as, split_records(&text, shown_as)?)
}

/// The bytes of a file, gunzipped when they are gzipped.
pub(super) fn unpack(bytes: Vec<u8>, shown_as: &str) -> Result<Vec<u8>, IngestError> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(bytes);
    }
    let fail = |cause: String| IngestError::new(shown_as, Message::new("L002").with("cause", cause));
    let mut unpacked = Vec::new();
    let mut reader = CompressedReader::try_new(bytes.into()).map_err(|e| fail(e.to_string()))?;
    reader.read_to_end(&mut unpacked).map_err(|e| fail(e.to_string()))?;
    Ok(unpacked)
}

/// The text of a file in UTF-8, UTF-16 with a byte order mark, or GB18030.
pub(super) fn decode<'a>(bytes: &'a [u8], shown_as: &str) -> Result<Cow<'a, str>, IngestError> {
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        return Ok(encoding.decode_without_bom_handling(&bytes[length..]).0);
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok(Cow::Borrowed(text));
    }
    match GB18030.decode_without_bom_handling(bytes) {
        (text, false) => Ok(text),
        (_, true) => Err(IngestError::new(shown_as, Message::new("L003"))),
    }
}

/// Number and cells of a raw record.
type Record = (usize, Vec<String>);

/// The records of a delimited text (RFC 4180), numbered from 1; a quote that isn't the first character of a cell is a character
/// like any other, as in 45°45'34".
fn split_records(text: &str, shown_as: &str) -> Result<Vec<Record>, IngestError> {
    let delimiter = delimiter_of(text);
    let mut records = Vec::new();
    let (mut cells, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    let mut number = 1;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if quoted && characters.peek() == Some(&'"') => {
                characters.next();
                cell.push('"');
            }
            '"' if quoted => quoted = false,
            '"' if cell.trim().is_empty() => {
                cell.clear();
                quoted = true;
            }
            _ if quoted => cell.push(character),
            '\r' if characters.peek() == Some(&'\n') => {}
            '\n' | '\r' => {
                cells.push(std::mem::take(&mut cell));
                records.push((number, std::mem::take(&mut cells)));
                number += 1;
            }
            _ if character == delimiter => cells.push(std::mem::take(&mut cell)),
            _ => cell.push(character),
        }
    }
    if quoted {
        return Err(IngestError::new(shown_as, Message::new("L004")).at_row(number));
    }
    cells.push(cell);
    records.push((number, cells));
    Ok(records)
}

/// Comma, tab or semicolon, whichever the first line that isn't empty has most of.
fn delimiter_of(text: &str) -> char {
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let count = |delimiter: &char| line.matches(*delimiter).count();
    [';', '\t', ','].into_iter().max_by_key(count).unwrap_or(',')
}

/// The records of the first sheet of a workbook.
fn workbook_records(bytes: &[u8], shown_as: &str) -> Result<Vec<Record>, IngestError> {
    let fail = |cause: String| IngestError::new(shown_as, Message::new("L005").with("cause", cause));
    let mut workbook = calamine::open_workbook_auto_from_rs(Cursor::new(bytes)).map_err(|e| fail(e.to_string()))?;
    let sheet = workbook.worksheet_range_at(0).ok_or_else(|| fail("no sheet".to_owned()))?.map_err(|e| fail(e.to_string()))?;
    let first = sheet.start().map_or(0, |(row, _)| row as usize);
    Ok(sheet.rows().enumerate().map(|(row, cells)| (first + row + 1, cells.iter().map(cell_text).collect())).collect())
}

fn cell_text(cell: &Data) -> String {
    match cell {
        Data::Float(number) if number.fract() == 0.0 && number.abs() < 1e15 => format!("{number:.0}"),
        Data::DateTime(moment) => date_text(*moment),
        other => other.to_string(),
    }
}

/// `2025-01-05`, `8:30` or both, as the cell has a date, a time or both.
fn date_text(moment: ExcelDateTime) -> String {
    let (year, month, day, hour, minute, _, _) = moment.to_ymd_hms_milli();
    let (has_date, has_time) = (moment.as_f64() >= 1.0, moment.as_f64().fract() != 0.0);
    match (has_date, has_time) {
        (true, false) => format!("{year}-{month:02}-{day:02}"),
        (true, true) => format!("{year}-{month:02}-{day:02} {hour}:{minute:02}"),
        (false, _) => format!("{hour}:{minute:02}"),
    }
}

/// Header and rows from raw records. Titles above the header (rows with a single cell) are passed over.
fn table_of(shown_as: &str, records: Vec<Record>) -> Result<Table, IngestError> {
    let mut records: Vec<Record> = records
        .into_iter()
        .map(|(number, cells)| (number, cells.iter().map(|cell| cell.trim().to_owned()).collect::<Vec<_>>()))
        .filter(|(_, cells)| cells.iter().any(|cell| !cell.is_empty()))
        .collect();
    let filled = |cells: &[String]| cells.iter().filter(|cell| !cell.is_empty()).count();
    let header = records.iter().take(10).position(|(_, cells)| filled(cells) > 1).unwrap_or(0);
    if records.is_empty() {
        return Err(IngestError::new(shown_as, Message::new("L006")));
    }
    let mut rows = records.split_off(header + 1);
    let (header_row, mut headers) = records.pop().unwrap_or_default();
    while headers.last().is_some_and(String::is_empty) {
        headers.pop();
    }
    let width = headers.len();
    let too_long: Vec<usize> = rows
        .iter()
        .filter(|(_, cells)| cells.iter().skip(width).any(|cell| !cell.is_empty()))
        .map(|(number, _)| *number)
        .collect();
    if let Some(&first) = too_long.first() {
        let listed: Vec<String> = too_long.iter().take(10).map(ToString::to_string).collect();
        let message = Message::new("L007").with("rows", listed.join(", ")).with("columns", width);
        return Err(IngestError::new(shown_as, message).at_row(first));
    }
    rows.iter_mut().for_each(|(_, cells)| cells.resize(width, String::new()));
    let rows = rows.into_iter().map(|(number, cells)| TableRow { number, cells }).collect();
    Ok(Table { file: shown_as.to_owned(), headers, header_row, rows })
}

/// A GeoJSON feature collection, for [`geojson_table`] and the boundary files.
pub(super) fn parse_geojson(text: &str, shown_as: &str) -> Result<FeatureCollection, IngestError> {
    let fail = |cause: String| IngestError::new(shown_as, Message::new("L008").with("cause", cause));
    let parsed: GeoJson = text.parse().map_err(|e: geojson::Error| fail(e.to_string()))?;
    FeatureCollection::try_from(parsed).map_err(|e| fail(e.to_string()))
}

/// The text of a property; lists are joined by 、.
pub(super) fn property_text(value: &geojson::JsonValue) -> String {
    match value {
        geojson::JsonValue::Null => String::new(),
        geojson::JsonValue::String(text) => text.trim().to_owned(),
        geojson::JsonValue::Array(items) => items.iter().map(property_text).collect::<Vec<_>>().join("、"),
        other => other.to_string(),
    }
}

/// Point features as a table: properties, then `lon` and `lat` from the geometry. Feature 1 is row 2.
fn geojson_table(text: &str, shown_as: &str) -> Result<Table, IngestError> {
    let features = parse_geojson(text, shown_as)?.features;
    let mut headers: Vec<String> = Vec::new();
    for key in features.iter().flat_map(|feature| feature.properties.iter().flat_map(|properties| properties.keys())) {
        let is_position = matches!(normalise(key).as_str(), "lon" | "lat");
        if !is_position && !headers.contains(key) {
            headers.push(key.clone());
        }
    }
    let properties = headers.len();
    headers.extend(["lon".to_owned(), "lat".to_owned()]);
    let mut rows = Vec::with_capacity(features.len());
    for (index, feature) in features.iter().enumerate() {
        let number = index + 2;
        let value = |key: &String| feature.property(key).map(property_text).unwrap_or_default();
        let mut cells: Vec<String> = headers[..properties].iter().map(value).collect();
        match feature.geometry.as_ref().map(|geometry| &geometry.value) {
            Some(GeometryValue::Point { coordinates }) if coordinates.as_slice().len() >= 2 => {
                cells.extend([coordinates[0].to_string(), coordinates[1].to_string()]);
            }
            None => cells.extend([String::new(), String::new()]),
            Some(other) => {
                let message = Message::new("L009").with("found", other.type_name()).with("expected", "Point");
                return Err(IngestError::new(shown_as, message).at_row(number));
            }
        }
        rows.push(TableRow { number, cells });
    }
    Ok(Table { file: shown_as.to_owned(), headers, header_row: 1, rows })
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use polars::prelude::*;
    use proptest::prelude::*;

    use super::*;

    fn read(bytes: &[u8]) -> Result<Table, IngestError> {
        let mut file = tempfile::NamedTempFile::new().expect("temporary file");
        file.write_all(bytes).expect("writes");
        read_table(file.path(), "t.csv")
    }

    #[test]
    fn encodings_and_quotes() {
        let text = "\n名称,时间\n\n甲,\"8:30-11:30,13:30\n-17:00\"\n,\n乙,45°45'34\"\n";
        let expected = read(text.as_bytes()).expect("UTF-8");
        assert_eq!(expected.headers, ["名称", "时间"]);
        let numbers: Vec<usize> = expected.rows.iter().map(|row| row.number).collect();
        assert_eq!(numbers, [4, 6], "empty rows are passed over but counted; a quoted line break does not count");
        assert_eq!(expected.rows[1].cells[1], "45°45'34\"");
        assert_eq!(read(&[b"\xef\xbb\xbf", text.as_bytes()].concat()).expect("BOM"), expected);
        assert_eq!(read(&GB18030.encode(text).0).expect("GB18030"), expected);
        let utf16: Vec<u8> = std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        assert_eq!(read(&utf16).expect("UTF-16"), expected);
    }

    #[test]
    fn gzipped_tables() {
        let gzipped: [u8; 28] =
            [31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 75, 212, 73, 226, 50, 212, 49, 226, 2, 0, 123, 7, 151, 10, 8, 0, 0, 0];
        assert_eq!(read(&gzipped).expect("gzip").rows[0].cells, ["1", "2"]);
        assert_eq!(read(&gzipped[..12]).expect_err("cut off").message().code(), "L002");
    }

    #[test]
    fn faults_are_named() {
        let code = |bytes: &[u8]| read(bytes).map_err(|error| error.message().code()).expect_err("refused");
        assert_eq!(code(b""), "L006");
        assert_eq!(code(b"a,b\n1,\"2\n"), "L004");
        assert_eq!(code(&[b'a', 0xff, 0xff, b'b']), "L003");
        let error = read(b"a,b\n1,2\n3,4,5\n").expect_err("too long");
        assert_eq!((error.message().code(), error.row()), ("L007", Some(3)));
    }

    #[test]
    fn workbooks_give_plain_numbers_whatever_their_name() {
        let mut workbook = rust_xlsxwriter::Workbook::new();
        let sheet = workbook.add_worksheet();
        sheet.write(0, 0, "道里区驿站台账").expect("title");
        for (column, header) in ["序号", "经度"].into_iter().enumerate() {
            sheet.write(1, column as u16, header).expect("header");
        }
        sheet.write(3, 0, 7.0).expect("number").write(3, 1, 126.5).expect("number");
        let table = read(&workbook.save_to_buffer().expect("saves")).expect("reads");
        assert_eq!(table.headers, ["序号", "经度"]);
        assert_eq!(table.rows, [TableRow { number: 4, cells: vec!["7".into(), "126.5".into()] }]);
    }

    #[test]
    fn geojson_points_become_rows() {
        let text = r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"name":"甲","lon":1},
            "geometry":{"type":"Point","coordinates":[126.5,45.7]}}]}"#;
        let table = read(text.as_bytes()).expect("reads");
        assert_eq!(table.headers, ["name", "lon", "lat"]);
        assert_eq!(table.rows[0].cells, ["甲", "126.5", "45.7"]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn polars_agrees_on_well_formed_tables(cells in prop::collection::vec("[a-z0-9约,\"\n ]{0,6}x", 2..20)) {
            let quote = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
            let body: Vec<String> = cells.chunks_exact(2).map(|pair| format!("{},{}", quote(&pair[0]), quote(&pair[1]))).collect();
            let text = format!("one,two\n{}\n", body.join("\n"));
            let ours = read(text.as_bytes()).expect("reads");
            let theirs = CsvReadOptions::default()
                .with_infer_schema_length(Some(0))
                .with_n_threads(Some(1))
                .into_reader_with_file_handle(Cursor::new(text.as_bytes()))
                .finish()
                .expect("polars reads");
            for (column, name) in ["one", "two"].into_iter().enumerate() {
                let theirs: Vec<String> = theirs.column(name).expect("column").str().expect("text").iter()
                    .map(|cell| cell.unwrap_or_default().trim().to_owned()).collect();
                let ours: Vec<String> = ours.rows.iter().map(|row| row.cells[column].clone()).collect();
                prop_assert_eq!(ours, theirs);
            }
        }
    }
}
