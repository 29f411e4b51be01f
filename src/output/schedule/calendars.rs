//! A calendar for each bus (iCalendar, RFC 5545): its driver's phone shows where to stand.
//!
//! Times are UTC, eight hours behind Beijing, which has no summer time; `DTSTAMP` is the first date of the timetable, so that the
//! same timetable gives the same bytes. Lines end in CR LF and are folded after 75 octets.

use chrono::{Duration, NaiveDate, NaiveDateTime};

use super::rows::Row;
use crate::findings::Findings;
use crate::output::NamedFile;

/// Beijing is ahead of UTC by so many hours.
const BEIJING_HOURS: i64 = 8;

/// The calendars of all buses that stand anywhere.
pub(super) fn calendars(findings: &Findings, rows: &[Row]) -> Vec<NamedFile> {
    let Some(&(first, _)) = findings.timetable.dates.first() else { return Vec::new() };
    let of_bus = |(number, bus): (usize, &crate::domain::vehicle::Vehicle)| {
        let mine: Vec<&Row> = rows.iter().filter(|row| row.vehicle == Some(number)).collect();
        let safe: String = bus.id.chars().map(|c| if c.is_alphanumeric() || c == '-' { c } else { '_' }).collect();
        (!mine.is_empty())
            .then(|| (format!("calendars/{:02}-{safe}.ics", number + 1), calendar(&bus.id, &mine, first).into_bytes()))
    };
    findings.fleet.vehicles.iter().enumerate().filter_map(of_bus).collect()
}

fn calendar(bus: &str, rows: &[&Row], first: NaiveDate) -> String {
    let mut text = String::new();
    let mut line = |content: &str| fold(&mut text, content);
    for content in ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//yizhan//bus schedule//ZH", "CALSCALE:GREGORIAN"] {
        line(content);
    }
    line(&format!("X-WR-CALNAME:{}", escaped(bus)));
    for row in rows {
        let Ok(date) = row.date.parse::<NaiveDate>() else { continue };
        line("BEGIN:VEVENT");
        line(&format!("UID:{}-{}-{}-{}@yizhan", row.date, escaped(bus), escaped(&row.stop_id), row.span.0));
        line(&format!("DTSTAMP:{}", utc(first, 0)));
        line(&format!("DTSTART:{}", utc(date, row.span.0)));
        line(&format!("DTEND:{}", utc(date, row.span.1)));
        line(&format!("SUMMARY:{} {}", escaped(bus), escaped(&row.stop_name)));
        line(&format!("LOCATION:{} {}", escaped(&row.stop_id), escaped(&row.stop_name)));
        line(&format!("DESCRIPTION:{} · {}", escaped(&row.contact_unit), escaped(&row.approving_unit)));
        line("END:VEVENT");
    }
    line("END:VCALENDAR");
    text
}

/// A minute of a day in Beijing as UTC.
fn utc(date: NaiveDate, minute: u16) -> String {
    let midnight: NaiveDateTime = date.and_hms_opt(0, 0, 0).unwrap_or_default();
    (midnight + Duration::minutes(i64::from(minute)) - Duration::hours(BEIJING_HOURS)).format("%Y%m%dT%H%M%SZ").to_string()
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace(';', "\\;").replace(',', "\\,").replace(['\n', '\r'], " ")
}

/// Adds a line, folded after 75 octets at whole characters.
fn fold(text: &mut String, content: &str) {
    let mut room = 75;
    for character in content.chars() {
        if character.len_utf8() > room {
            text.push_str("\r\n ");
            room = 74;
        }
        text.push(character);
        room -= character.len_utf8();
    }
    text.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_folded_between_characters() {
        let mut text = String::new();
        fold(&mut text, &"停".repeat(40));
        let lines: Vec<&str> = text.split("\r\n").collect();
        assert!(lines.iter().all(|line| line.len() <= 75));
        assert_eq!(lines.concat().replace(' ', ""), "停".repeat(40));
    }

    #[test]
    fn beijing_mornings_are_nights_before_in_utc() {
        let date = NaiveDate::from_ymd_opt(2026, 1, 5).expect("a date");
        assert_eq!(utc(date, 7 * 60 + 30), "20260104T233000Z");
        assert_eq!(utc(date, 1440), "20260105T160000Z");
        assert_eq!(escaped("公园; a,b"), "公园\\; a\\,b");
    }
}
