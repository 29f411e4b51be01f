//! The station ledger as a bureau hands it over, with its planted faults: `ledger_gb18030.csv` and `ledger.xlsx`.

use encoding_rs::GB18030;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, XlsxError};

use crate::synth::SynthError;
use crate::synth::sink::Sink;
use crate::synth::tables::LEDGER;

/// Writes the ledger in both formats; the cells are the same text.
pub(super) fn write(sink: &mut Sink) -> Result<(), SynthError> {
    let records = LEDGER.lines().count() - 1;
    let (csv, _, _) = GB18030.encode(LEDGER);
    let csv: Vec<u8> = crlf(&csv);
    sink.put("ledger_gb18030.csv", records, &csv)?;
    let xlsx = workbook().map_err(|cause| SynthError::Workbook { cause: cause.to_string() })?;
    sink.put("ledger.xlsx", records, &xlsx)
}

/// Windows line ends. A line feed is never part of a GB18030 character.
fn crlf(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 100);
    for &byte in text.iter().filter(|&&byte| byte != b'\r') {
        if byte == b'\n' {
            out.push(b'\r');
        }
        out.push(byte);
    }
    out
}

/// The workbook, with a fixed date of creation so that its bytes don't change.
fn workbook() -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let created = ExcelDateTime::from_ymd(2025, 9, 1)?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&created));
    let sheet = workbook.add_worksheet();
    sheet.set_name("台账")?;
    for (row, line) in LEDGER.lines().enumerate() {
        for (column, cell) in fields(line).iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
            sheet.write_string(row as u32, column as u16, cell)?;
        }
    }
    workbook.save_to_buffer()
}

/// The cells of a CSV line; quotes keep commas together. No cell of the ledger holds a quote itself.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    for character in line.chars() {
        match character {
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            other => fields.last_mut().expect("invariant: one field at least").push(other),
        }
    }
    fields
}
