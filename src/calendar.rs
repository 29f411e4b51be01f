//! The planner's time: seasons, day types, slots, periods and opening hours.
//!
//! Demand is kept by hour of a typical day of each season and day type: 4 × 3 × 24 = 288 periods.
//! A station is open in an hour when it is open at the middle of that hour.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Hours in a day.
pub const HOURS: usize = 24;

/// A word that names no season, day type or slot.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{found}` is not {expected}")]
pub struct CalendarError {
    /// The word that was given.
    pub found: String,
    /// What was expected, with the allowed words.
    pub expected: &'static str,
}

/// Season of the planner's year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Season {
    /// 平季, March to June.
    Spring,
    /// 夏季旺季, July and August.
    SummerPeak,
    /// 平季, September to November.
    Autumn,
    /// 冬季旺季, December to February.
    WinterPeak,
}

impl Season {
    /// All seasons, in the order of the year.
    pub const ALL: [Self; 4] = [Self::Spring, Self::SummerPeak, Self::Autumn, Self::WinterPeak];

    /// Identifier in files.
    pub fn id(self) -> &'static str {
        match self {
            Self::Spring => "spring",
            Self::SummerPeak => "summer_peak",
            Self::Autumn => "autumn",
            Self::WinterPeak => "winter_peak",
        }
    }

    /// Season of a month from 1 to 12, where no season calendar says otherwise.
    pub fn of_month(month: u32) -> Self {
        match month {
            3..=6 => Self::Spring,
            7 | 8 => Self::SummerPeak,
            9..=11 => Self::Autumn,
            _ => Self::WinterPeak,
        }
    }
}

/// Type of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DayType {
    /// 工作日.
    Weekday,
    /// 周末.
    Weekend,
    /// 节庆 and other key dates.
    Festival,
}

impl DayType {
    /// All day types.
    pub const ALL: [Self; 3] = [Self::Weekday, Self::Weekend, Self::Festival];

    /// Identifier in files.
    pub fn id(self) -> &'static str {
        match self {
            Self::Weekday => "weekday",
            Self::Weekend => "weekend",
            Self::Festival => "festival",
        }
    }
}

impl FromStr for Season {
    type Err = CalendarError;
    /// Accepts identifiers and the short forms `summer` and `winter`, and 春 夏 秋 冬 with or without 季, 平季, 旺季.
    fn from_str(word: &str) -> Result<Self, CalendarError> {
        match word.trim().trim_end_matches("平季").trim_end_matches("旺季") {
            "spring" | "春" | "春季" => Ok(Self::Spring),
            "summer" | "summer_peak" | "夏" | "夏季" => Ok(Self::SummerPeak),
            "autumn" | "秋" | "秋季" => Ok(Self::Autumn),
            "winter" | "winter_peak" | "冬" | "冬季" => Ok(Self::WinterPeak),
            other => {
                Err(CalendarError { found: other.to_owned(), expected: "a season (spring, summer_peak, autumn, winter_peak)" })
            }
        }
    }
}

impl FromStr for DayType {
    type Err = CalendarError;
    /// Accepts identifiers and 工作日 周末 节庆 节假日.
    fn from_str(word: &str) -> Result<Self, CalendarError> {
        match word.trim() {
            "weekday" | "工作日" | "平日" => Ok(Self::Weekday),
            "weekend" | "周末" | "双休日" => Ok(Self::Weekend),
            "festival" | "节庆" | "节假日" | "假日" => Ok(Self::Festival),
            other => Err(CalendarError { found: other.to_owned(), expected: "a day type (weekday, weekend, festival)" }),
        }
    }
}

/// A season and a day type: one typical day, written `autumn weekday`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DayKind {
    /// Season.
    pub season: Season,
    /// Day type.
    pub day_type: DayType,
}

impl DayKind {
    /// Number of typical days.
    pub const COUNT: usize = 12;

    /// A typical day.
    pub const fn new(season: Season, day_type: DayType) -> Self {
        Self { season, day_type }
    }

    /// All typical days, in index order.
    pub fn all() -> impl Iterator<Item = Self> {
        Season::ALL.into_iter().flat_map(|season| DayType::ALL.map(|day_type| Self { season, day_type }))
    }

    /// Index from 0 to 11: the season in the order of the year, then weekday, weekend, festival.
    pub fn index(self) -> usize {
        self.season as usize * 3 + self.day_type as usize
    }
}

impl fmt::Display for DayKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.season.id(), self.day_type.id())
    }
}

impl FromStr for DayKind {
    type Err = CalendarError;
    /// Reads `autumn weekday`: a season, a space, a day type.
    fn from_str(text: &str) -> Result<Self, CalendarError> {
        let (season, day_type) = text.trim().split_once(char::is_whitespace).ok_or_else(|| CalendarError {
            found: text.to_owned(),
            expected: "a season and a day type, such as `autumn weekday`",
        })?;
        Ok(Self { season: season.parse()?, day_type: day_type.parse()? })
    }
}

impl TryFrom<String> for DayKind {
    type Error = CalendarError;
    fn try_from(text: String) -> Result<Self, CalendarError> {
        text.parse()
    }
}

impl From<DayKind> for String {
    fn from(day: DayKind) -> String {
        day.to_string()
    }
}

/// One hour of a typical day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    /// The typical day.
    pub day: DayKind,
    /// Hour from 0 to 23.
    pub hour: u8,
}

impl Period {
    /// Number of periods.
    pub const COUNT: usize = DayKind::COUNT * HOURS;

    /// Index from 0 to 287.
    pub fn index(self) -> usize {
        self.day.index() * HOURS + usize::from(self.hour)
    }

    /// The 24 hours of a typical day.
    pub fn of_day(day: DayKind) -> impl Iterator<Item = Self> {
        (0..HOURS as u8).map(move |hour| Self { day, hour })
    }
}

/// Part of the day, half-open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Slot {
    /// 22–06.
    Night,
    /// 06–09.
    Early,
    /// 09–11.
    Am,
    /// 11–14.
    Lunch,
    /// 14–17.
    PmRest,
    /// 17–20.
    Dinner,
    /// 20–22.
    Evening,
}

impl Slot {
    /// All slots, from the night on.
    pub const ALL: [Self; 7] = [Self::Night, Self::Early, Self::Am, Self::Lunch, Self::PmRest, Self::Dinner, Self::Evening];

    /// The slot an hour (0 to 23) belongs to.
    pub fn of_hour(hour: u8) -> Self {
        match hour {
            6..=8 => Self::Early,
            9 | 10 => Self::Am,
            11..=13 => Self::Lunch,
            14..=16 => Self::PmRest,
            17..=19 => Self::Dinner,
            20 | 21 => Self::Evening,
            _ => Self::Night,
        }
    }

    /// Identifier in files.
    pub fn id(self) -> &'static str {
        match self {
            Self::Night => "night",
            Self::Early => "early",
            Self::Am => "am",
            Self::Lunch => "lunch",
            Self::PmRest => "pm_rest",
            Self::Dinner => "dinner",
            Self::Evening => "evening",
        }
    }

    /// Clock times as text, such as `22–06`.
    pub fn clock(self) -> &'static str {
        match self {
            Self::Night => "22–06",
            Self::Early => "06–09",
            Self::Am => "09–11",
            Self::Lunch => "11–14",
            Self::PmRest => "14–17",
            Self::Dinner => "17–20",
            Self::Evening => "20–22",
        }
    }
}

/// Open from minute `from` to minute `to` of a day, half-open; `to` is at most 1440.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Span {
    from: u16,
    to: u16,
}

impl Span {
    /// Minutes in a day.
    pub const DAY: u16 = 24 * 60;

    /// A span of minutes after midnight.
    ///
    /// # Errors
    /// When `from` isn't before `to`, or `to` is after midnight.
    pub fn new(from: u16, to: u16) -> Result<Self, CalendarError> {
        if from < to && to <= Self::DAY {
            Ok(Self { from, to })
        } else {
            Err(CalendarError {
                found: format!("{}:{:02}-{}:{:02}", from / 60, from % 60, to / 60, to % 60),
                expected: "a time span within one day",
            })
        }
    }

    /// First minute, last minute (exclusive).
    pub fn minutes(self) -> (u16, u16) {
        (self.from, self.to)
    }

    fn contains(self, minute: u16) -> bool {
        self.from <= minute && minute < self.to
    }
}

/// Opening hours on each of the twelve typical days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hours {
    days: Vec<Vec<Span>>,
}

impl Hours {
    /// Never open.
    pub fn closed() -> Self {
        Self { days: vec![Vec::new(); DayKind::COUNT] }
    }

    /// Open round the clock.
    pub fn always() -> Self {
        Self::daily(&[Span { from: 0, to: Span::DAY }])
    }

    /// The same spans on every day.
    pub fn daily(spans: &[Span]) -> Self {
        let mut hours = Self::closed();
        for day in DayKind::all() {
            hours.set(day, spans.to_vec());
        }
        hours
    }

    /// Sets the spans of one typical day; they are sorted and joined where they touch.
    pub fn set(&mut self, day: DayKind, mut spans: Vec<Span>) {
        spans.sort();
        let mut joined: Vec<Span> = Vec::with_capacity(spans.len());
        for span in spans {
            match joined.last_mut() {
                Some(last) if span.from <= last.to => last.to = last.to.max(span.to),
                _ => joined.push(span),
            }
        }
        self.days[day.index()] = joined;
    }

    /// Spans of one typical day, sorted and disjoint.
    pub fn spans(&self, day: DayKind) -> &[Span] {
        &self.days[day.index()]
    }

    /// Whether the station is open at the middle of the hour.
    pub fn open_at(&self, period: Period) -> bool {
        let middle = u16::from(period.hour) * 60 + 30;
        self.spans(period.day).iter().any(|span| span.contains(middle))
    }

    /// Whether the station is open all 24 hours on every day.
    pub fn is_always(&self) -> bool {
        *self == Self::always()
    }

    /// Minutes open in a week of `season`: five weekdays and two weekend days.
    pub fn weekly_minutes(&self, season: Season) -> u32 {
        self.weekly(season, |spans| spans.iter().map(|s| u32::from(s.to - s.from)).sum())
    }

    /// Minutes in a week of `season` in which both are open.
    pub fn weekly_overlap(&self, other: &Self, season: Season) -> u32 {
        let mut minutes = 0;
        for (day_type, days) in [(DayType::Weekday, 5), (DayType::Weekend, 2)] {
            let day = DayKind { season, day_type };
            for a in self.spans(day) {
                for b in other.spans(day) {
                    minutes += days * u32::from(a.to.min(b.to).saturating_sub(a.from.max(b.from)));
                }
            }
        }
        minutes
    }

    fn weekly(&self, season: Season, measure: impl Fn(&[Span]) -> u32) -> u32 {
        5 * measure(self.spans(DayKind { season, day_type: DayType::Weekday }))
            + 2 * measure(self.spans(DayKind { season, day_type: DayType::Weekend }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_hour_has_one_slot_and_day_kinds_number_from_zero() {
        let night = (0..24).filter(|&hour| Slot::of_hour(hour) == Slot::Night).count();
        assert_eq!(night, 8);
        for (index, day) in DayKind::all().enumerate() {
            assert_eq!(day.index(), index);
            assert_eq!(day.to_string().parse(), Ok(day));
        }
    }

    #[test]
    fn the_middle_of_the_hour_decides() {
        let hours = Hours::daily(&[Span::new(8 * 60 + 30, 17 * 60).expect("valid span")]);
        let day = DayKind::new(Season::Autumn, DayType::Weekday);
        assert!(hours.open_at(Period { day, hour: 8 }));
        assert!(hours.open_at(Period { day, hour: 16 }));
        assert!(!hours.open_at(Period { day, hour: 17 }));
    }

    #[test]
    fn overlap_counts_only_common_minutes() {
        let day = Hours::daily(&[Span::new(480, 1020).expect("valid span")]);
        let night = Hours::daily(&[Span::new(1020, 1440).expect("valid span")]);
        assert_eq!(day.weekly_overlap(&night, Season::Autumn), 0);
        assert_eq!(day.weekly_overlap(&day, Season::Autumn), day.weekly_minutes(Season::Autumn));
    }

    #[test]
    fn touching_spans_are_one() {
        let mut hours = Hours::closed();
        let day = DayKind::new(Season::Spring, DayType::Weekend);
        hours.set(day, vec![Span::new(600, 700).expect("valid"), Span::new(540, 600).expect("valid")]);
        assert_eq!(hours.spans(day), [Span::new(540, 700).expect("valid")]);
    }
}
