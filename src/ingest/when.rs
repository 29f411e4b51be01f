//! Dates and times of demand rows, and the calendar that says what kind of day a date is.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, TimeDelta, Timelike, Weekday};

use super::values::half_width;
use super::{Columns, Field, IngestError, Table};
use crate::calendar::{DayKind, DayType, Season, Slot};
use crate::message::Message;

/// Unix times are read as Beijing time, eight hours ahead of UTC.
const BEIJING_HOURS: i64 = 8;

/// A typical day, and the date it stands for when the row is dated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DayRef {
    /// The typical day.
    pub kind: DayKind,
    /// The date, as days since the common era.
    pub date: Option<i32>,
    /// Whether the kind of the date was taken from month and weekday, because no calendar lists it.
    pub unlisted: bool,
}

impl DayRef {
    /// A typical day.
    pub fn typical(season: Season, day_type: DayType) -> Self {
        Self { kind: DayKind::new(season, day_type), date: None, unlisted: false }
    }
}

/// A date, and the hour when the text has a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    pub date: NaiveDate,
    pub hour: Option<u8>,
}

/// Reads `2025-09-01`, `2025/9/1`, `20250901`, the same with a time of day, or Unix time in seconds (10 digits) or milliseconds (13).
///
/// Universal time (Unix time, or a text that ends in `Z`) is moved to Beijing time.
pub(super) fn read_moment(text: &str) -> Option<Moment> {
    let text = text.trim();
    let beijing = |universal: NaiveDateTime| {
        let local = universal + TimeDelta::hours(BEIJING_HOURS);
        Moment { date: local.date(), hour: Some(local.hour() as u8) }
    };
    if let (Ok(number), 10 | 13) = (text.parse::<i64>(), text.len()) {
        let seconds = if text.len() == 13 { number / 1000 } else { number };
        return Some(beijing(DateTime::from_timestamp(seconds, 0)?.naive_utc()));
    }
    if let Some(universal) = text.strip_suffix('Z') {
        return NaiveDateTime::parse_from_str(universal, "%Y-%m-%dT%H:%M:%S%.f").ok().map(beijing);
    }
    let dates = ["%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y.%m.%d", "%Y年%m月%d日"];
    if let Some(date) = dates.iter().find_map(|format| NaiveDate::parse_from_str(text, format).ok()) {
        return Some(Moment { date, hour: None });
    }
    let times = [
        "%Y-%m-%d %H:%M:%S%.f",
        "%Y-%m-%dT%H:%M:%S%.f",
        "%Y-%m-%d %H:%M",
        "%Y/%m/%d %H:%M:%S%.f",
        "%Y/%m/%d %H:%M",
        "%Y%m%d%H%M%S",
    ];
    let moment = times.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())?;
    Some(Moment { date: moment.date(), hour: Some(moment.hour() as u8) })
}

/// Reads an hour (`8`, `08:00`), hours (`11-12点`, `11-14`) or a slot (`lunch`): first hour, last hour (exclusive).
pub(super) fn read_hours_of_day(text: &str) -> Option<(u8, u8)> {
    let text = half_width(text);
    let text = text.trim();
    if let Some(slot) = Slot::ALL.into_iter().find(|slot| slot.id() == text) {
        let hours: Vec<u8> = (0..24).filter(|&hour| Slot::of_hour(hour) == slot).collect();
        return Some(if slot == Slot::Night { (22, 6) } else { (*hours.first()?, hours.last()? + 1) });
    }
    let hour = |part: &str| {
        let part = part.trim().trim_end_matches(['点', '时', 'h']);
        let whole = part.split([':', '：', '.']).next()?;
        whole.parse::<u8>().ok().filter(|hour| *hour <= 24)
    };
    match text.split_once(['-', '~', '—', '至']) {
        Some((from, to)) => Some((hour(from)?, hour(to)?)).filter(|(from, to)| from != to && *from < 24),
        None => hour(text).filter(|hour| *hour < 24).map(|hour| (hour, hour + 1)),
    }
}

/// Date → season and day type; dates it doesn't list go by month and day of the week.
#[derive(Debug, Clone, Default)]
pub struct SeasonCalendar {
    days: BTreeMap<NaiveDate, DayKind>,
}

impl SeasonCalendar {
    /// Reads a calendar table.
    ///
    /// # Errors
    /// When a column is missing, or a row has no date, season or day type.
    pub fn read(table: &Table) -> Result<Self, IngestError> {
        let columns = Columns::resolve(table);
        columns.require(&[Field::Date, Field::Season, Field::DayType])?;
        let mut days = BTreeMap::new();
        for row in &table.rows {
            let kind = || {
                Some(DayKind::new(
                    columns.text(row, Field::Season).parse().ok()?,
                    columns.text(row, Field::DayType).parse().ok()?,
                ))
            };
            let Some((moment, kind)) = read_moment(columns.text(row, Field::Date)).zip(kind()) else {
                return Err(IngestError::new(&table.file, Message::new("D014")).at_row(row.number));
            };
            days.insert(moment.date, kind);
        }
        Ok(Self { days })
    }

    /// What kind of day a date is.
    pub fn kind(&self, date: NaiveDate) -> DayKind {
        self.days.get(&date).copied().unwrap_or_else(|| {
            let weekend = matches!(date.weekday(), Weekday::Sat | Weekday::Sun);
            DayKind::new(Season::of_month(date.month()), if weekend { DayType::Weekend } else { DayType::Weekday })
        })
    }

    /// Whether it lists a date.
    pub fn lists(&self, date: NaiveDate) -> bool {
        self.days.contains_key(&date)
    }

    /// The same for a row of demand.
    pub(super) fn day(&self, date: NaiveDate) -> Option<DayRef> {
        Some(DayRef { kind: self.kind(date), date: Some(date.num_days_from_ce()), unlisted: !self.lists(date) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_in_the_forms_that_come() {
        let date = NaiveDate::from_ymd_opt(2025, 9, 1).expect("a date");
        for text in ["2025-09-01", " 2025/9/1", "20250901"] {
            assert_eq!(read_moment(text), Some(Moment { date, hour: None }), "{text}");
        }
        assert_eq!(read_moment("2025-09-01 12:34:56"), Some(Moment { date, hour: Some(12) }));
        assert_eq!(read_moment("1756657800"), Some(Moment { date, hour: Some(0) }), "16:30 UTC is half past midnight in Beijing");
        assert_eq!(read_moment("1756657800000"), read_moment("1756657800"));
        assert_eq!(read_moment("2025-09-01T04:30:00Z"), Some(Moment { date, hour: Some(12) }));
        assert_eq!(read_moment("20250901123456"), Some(Moment { date, hour: Some(12) }));
        assert_eq!(read_moment("tomorrow"), None);
    }

    #[test]
    fn hours_and_slots() {
        assert_eq!(read_hours_of_day("8"), Some((8, 9)));
        assert_eq!(read_hours_of_day("11-12点"), Some((11, 12)));
        assert_eq!(read_hours_of_day("night"), Some((22, 6)));
        assert_eq!(read_hours_of_day("lunch"), Some((11, 14)));
        assert_eq!(read_hours_of_day("25"), None);
    }

    #[test]
    fn a_date_without_an_entry_goes_by_month_and_weekday() {
        let saturday = NaiveDate::from_ymd_opt(2026, 1, 17).expect("a date");
        let day = SeasonCalendar::default().day(saturday).expect("every date has a kind");
        assert_eq!(day.kind, DayKind::new(Season::WinterPeak, DayType::Weekend));
    }
}
