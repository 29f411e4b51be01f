//! `bus_schedule.xlsx`: the timetable, the notices and the staff list as a dispatcher wants them, with headers in the run's language.

use rust_xlsxwriter::{Format, Worksheet, XlsxError};

use super::rows::{Row, RowStatus};
use crate::findings::{Findings, RunError};
use crate::message::{Lang, term};
use crate::output::cannot_make;
use crate::output::report::words::day_words;
use crate::output::sheet::{head, workbook as workbook_of};

/// Columns of the timetable and their widths.
const SCHEDULE: [(&str, f64); 13] = [
    ("date", 12.0),
    ("bus", 10.0),
    ("stop", 22.0),
    ("arrive", 8.0),
    ("leave", 8.0),
    ("contact", 22.0),
    ("visits", 12.0),
    ("approve", 18.0),
    ("notify", 12.0),
    ("status", 10.0),
    ("heating", 14.0),
    ("stop_id", 10.0),
    ("order", 24.0),
];
/// Columns of the staff list and their widths.
const STAFF: [(&str, f64); 7] =
    [("day", 18.0), ("station", 12.0), ("name", 26.0), ("slot", 10.0), ("visits", 12.0), ("capacity", 12.0), ("staff", 10.0)];

/// The workbook as bytes.
pub(super) fn workbook(findings: &Findings, rows: &[Row], lang: Lang) -> Result<Vec<u8>, RunError> {
    make(findings, rows, lang).map_err(|e| cannot_make("bus_schedule.xlsx", e))
}

fn make(findings: &Findings, rows: &[Row], lang: Lang) -> Result<Vec<u8>, XlsxError> {
    // The first date of the timetable, so that the same timetable gives the same bytes.
    let first = findings.timetable.dates.first().map_or((2025, 1, 1), |(date, _)| {
        use chrono::Datelike;
        (date.year() as u16, date.month() as u8, date.day() as u8)
    });
    let mut workbook = workbook_of(first.0, first.1, first.2)?;
    schedule(workbook.add_worksheet(), rows, lang)?;
    staff(workbook.add_worksheet(), findings, lang)?;
    workbook.save_to_buffer()
}

fn schedule(sheet: &mut Worksheet, rows: &[Row], lang: Lang) -> Result<(), XlsxError> {
    head(sheet, "schedule.sheet", "schedule.column", &SCHEDULE, rows.len(), lang)?;
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
        let texts = [&row.approving_unit, &row.notify_by, &status, &row.heating, &row.stop_id, &row.order];
        for (column, text) in texts.into_iter().enumerate() {
            sheet.write_string(line, column as u16 + 7, text)?;
        }
    }
    Ok(())
}

fn staff(sheet: &mut Worksheet, findings: &Findings, lang: Lang) -> Result<(), XlsxError> {
    head(sheet, "schedule.sheet.staff", "schedule.column", &STAFF, findings.reinforcements.len(), lang)?;
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
