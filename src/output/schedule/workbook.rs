//! `bus_schedule.xlsx`: the timetable, the notices and the staff list as a dispatcher wants them, with headers in the run's language.

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use super::rows::{Row, RowStatus};
use crate::findings::{Findings, RunError};
use crate::message::{Lang, term};
use crate::output::cannot_make;
use crate::output::report::words::day_words;

/// The workbook as bytes.
pub(super) fn workbook(findings: &Findings, rows: &[Row], lang: Lang) -> Result<Vec<u8>, RunError> {
    make(findings, rows, lang).map_err(|e| cannot_make("bus_schedule.xlsx", e))
}

fn make(findings: &Findings, rows: &[Row], lang: Lang) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    // The first date of the timetable, so that the same timetable gives the same bytes.
    let first = findings.timetable.dates.first().map_or((2025, 1, 1), |(date, _)| {
        use chrono::Datelike;
        (date.year() as u16, date.month() as u8, date.day() as u8)
    });
    let created = ExcelDateTime::from_ymd(first.0, first.1, first.2)?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&created));
    schedule(workbook.add_worksheet(), rows, lang)?;
    staff(workbook.add_worksheet(), findings, lang)?;
    workbook.save_to_buffer()
}

fn schedule(sheet: &mut Worksheet, rows: &[Row], lang: Lang) -> Result<(), XlsxError> {
    let columns =
        ["date", "bus", "stop", "arrive", "leave", "contact", "visits", "approve", "notify", "status", "heating", "stop_id"];
    head(
        sheet,
        "schedule.sheet",
        &columns,
        &[12.0, 10.0, 22.0, 8.0, 8.0, 22.0, 12.0, 18.0, 12.0, 10.0, 14.0, 10.0],
        rows.len(),
        lang,
    )?;
    let one = Format::new().set_num_format("0.0");
    for (at, row) in rows.iter().enumerate() {
        let line = at as u32 + 1;
        let status = if row.status == RowStatus::ExtendHours {
            format!("{} {}", term("schedule.status.extend_hours", lang), row.station_id)
        } else {
            term(&format!("schedule.status.{}", row.status.id()), lang).to_owned()
        };
        let texts = [&row.date, &row.bus, &row.stop_name, &row.arrive, &row.leave, &row.contact_unit];
        for (column, text) in texts.into_iter().enumerate() {
            sheet.write_string(line, column as u16, text)?;
        }
        sheet.write_number_with_format(line, 6, row.visits.visits(), &one)?;
        let texts = [&row.approving_unit, &row.notify_by, &status, &row.heating, &row.stop_id];
        for (column, text) in texts.into_iter().enumerate() {
            sheet.write_string(line, column as u16 + 7, text)?;
        }
    }
    Ok(())
}

fn staff(sheet: &mut Worksheet, findings: &Findings, lang: Lang) -> Result<(), XlsxError> {
    let columns = ["day", "station", "name", "slot", "visits", "capacity", "staff"];
    head(
        sheet,
        "schedule.sheet.staff",
        &columns,
        &[18.0, 12.0, 26.0, 10.0, 12.0, 12.0, 10.0],
        findings.reinforcements.len(),
        lang,
    )?;
    let one = Format::new().set_num_format("0.0");
    for (at, row) in findings.reinforcements.iter().enumerate() {
        let (line, site) = (at as u32 + 1, &findings.dataset.sites[row.site]);
        let day = day_words(row.kind, lang);
        for (column, text) in [day.as_str(), &site.id, &site.name, row.slot.clock()].into_iter().enumerate() {
            sheet.write_string(line, column as u16, text)?;
        }
        sheet.write_number_with_format(line, 4, row.visits.visits(), &one)?;
        sheet.write_number_with_format(line, 5, row.capacity.visits(), &one)?;
        sheet.write_number(line, 6, row.staff)?;
    }
    Ok(())
}

/// A sheet's name, headers, widths, frozen first row and filter.
fn head(sheet: &mut Worksheet, name: &str, columns: &[&str], widths: &[f64], rows: usize, lang: Lang) -> Result<(), XlsxError> {
    sheet.set_name(term(name, lang))?;
    let bold = Format::new().set_bold();
    for (at, column) in columns.iter().enumerate() {
        sheet.write_string_with_format(0, at as u16, term(&format!("schedule.column.{column}"), lang), &bold)?;
        sheet.set_column_width(at as u16, widths[at])?;
    }
    sheet.set_freeze_panes(1, 0)?;
    sheet.autofilter(0, 0, rows as u32, columns.len() as u16 - 1)?;
    Ok(())
}
