//! The city's year, 2025-09-01 to 2026-08-31: season and day type of every date (`calendar.csv`).

use chrono::{Datelike, NaiveDate, Weekday};

use crate::calendar::{DayKind, DayType, Season};
use crate::synth::SynthError;
use crate::synth::sink::Sink;
use crate::synth::tables::{self, Festival};

/// A date and the typical day it belongs to.
#[derive(Debug, Clone)]
pub(super) struct CalendarDay {
    date: NaiveDate,
    pub kind: DayKind,
    note: String,
}

impl CalendarDay {
    fn new(date: NaiveDate, festivals: &[Festival]) -> Self {
        let festival = festivals.iter().find(|festival| festival.from <= date && date <= festival.to);
        let day_type = match (festival, date.weekday()) {
            (Some(_), _) => DayType::Festival,
            (None, Weekday::Sat | Weekday::Sun) => DayType::Weekend,
            (None, _) => DayType::Weekday,
        };
        let note = festival.map(|festival| festival.name.clone()).unwrap_or_default();
        Self { date, kind: DayKind::new(Season::of_month(date.month()), day_type), note }
    }

    /// The date as a number, such as 20250901.
    pub fn number(&self) -> i32 {
        self.date.year() * 10_000 + (self.date.month() * 100 + self.date.day()) as i32
    }
}

/// All dates of the year.
pub(super) fn year() -> Result<Vec<CalendarDay>, SynthError> {
    let festivals = tables::festivals()?;
    let first = NaiveDate::from_ymd_opt(2025, 9, 1).expect("invariant: 2025-09-01 is a date");
    Ok(first.iter_days().take(365).map(|date| CalendarDay::new(date, &festivals)).collect())
}

/// Writes `calendar.csv`.
pub(super) fn write(sink: &mut Sink) -> Result<(), SynthError> {
    let line = |day: &CalendarDay| {
        let (season, day_type) = (season_word(day.kind.season), day_type_word(day.kind.day_type));
        format!("{},{season},{day_type},{}", day.date, day.note)
    };
    let lines: Vec<String> = year()?.iter().map(line).collect();
    sink.put_lines("calendar.csv", "日期,季节,日型,备注", &lines)
}

fn season_word(season: Season) -> &'static str {
    match season {
        Season::Spring => "春季",
        Season::SummerPeak => "夏季",
        Season::Autumn => "秋季",
        Season::WinterPeak => "冬季",
    }
}

fn day_type_word(day_type: DayType) -> &'static str {
    match day_type {
        DayType::Weekday => "工作日",
        DayType::Weekend => "周末",
        DayType::Festival => "节庆",
    }
}
