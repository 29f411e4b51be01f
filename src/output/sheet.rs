//! Sheets of a workbook: a bold header that stays in view, a filter over it, and cells that are never formulas.

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};
use serde_json::Value;

use crate::message::{Lang, term};

/// A workbook whose date of creation is given: the same content gives the same bytes.
pub(super) fn workbook(year: u16, month: u8, day: u8) -> Result<Workbook, XlsxError> {
    let mut workbook = Workbook::new();
    let created = ExcelDateTime::from_ymd(year, month, day)?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&created));
    Ok(workbook)
}

/// A sheet's name, headers, widths, frozen first row and filter; the headers are the terms `prefix.column`.
pub(super) fn head(
    sheet: &mut Worksheet,
    name: &str,
    prefix: &str,
    columns: &[(&str, f64)],
    rows: usize,
    lang: Lang,
) -> Result<(), XlsxError> {
    sheet.set_name(term(name, lang))?;
    let bold = Format::new().set_bold().set_text_wrap();
    for (at, (column, width)) in columns.iter().enumerate() {
        sheet.write_string_with_format(0, at as u16, term(&format!("{prefix}.{column}"), lang), &bold)?;
        sheet.set_column_width(at as u16, *width)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    sheet.autofilter(0, 0, rows as u32, columns.len() as u16 - 1)?;
    Ok(())
}

/// Writes a value: a number as a number, anything else as text. Text that begins like a formula is marked as text for good.
pub(super) fn put(sheet: &mut Worksheet, line: u32, column: u16, value: &Value, lang: Lang) -> Result<(), XlsxError> {
    let text = match value {
        Value::Null => return Ok(()),
        Value::Number(number) => {
            sheet.write_number(line, column, number.as_f64().unwrap_or_default())?;
            return Ok(());
        }
        Value::Bool(flag) => term(if *flag { "sheet.yes" } else { "sheet.no" }, lang).to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" / "),
        Value::Object(_) => value.to_string(),
    };
    let format = Format::new().set_text_wrap();
    let format = if text.starts_with(['=', '+', '-', '@']) { format.set_quote_prefix() } else { format };
    sheet.write_string_with_format(line, column, text, &format)?;
    Ok(())
}
