//! Opening hours as ledgers write them: words and times are cut into tokens, tokens are read from left to right.
//!
//! Season and day words narrow the spans that follow them. Hours past midnight count on the same typical day. Shoulder seasons
//! take the summer hours when only summer and winter are given; a day type counts as open when most
//! of its days are named (a weekend: both). Both are listed as assumptions.

use std::sync::LazyLock;

use super::headers::VOCABULARY;
use super::values::half_width;
use crate::calendar::{DayKind, DayType, Hours, Season, Span};
use crate::message::Message;

/// Opening hours, and what had to be assumed to read them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoursReading {
    /// The hours.
    pub hours: Hours,
    /// Assumptions, for the issue table.
    pub assumptions: Vec<Message>,
}

/// A piece of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    Always,
    Range,
    DayPrefix,
    DayNumber(u8),
    Days(DaySet),
    Except,
    Season(Season),
    Morning,
    Afternoon,
    NextDay,
    Half,
    HourMark,
    MinuteMark,
    Ignored,
    Number(u16),
}

/// Days of a week, Monday first, and festivals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct DaySet {
    week: [bool; 7],
    festival: bool,
}

impl DaySet {
    const ALL: Self = Self { week: [true; 7], festival: true };
    const WEEKDAYS: Self = Self { week: [true, true, true, true, true, false, false], festival: false };
    const WEEKEND: Self = Self { week: [false, false, false, false, false, true, true], festival: false };
    const FESTIVAL: Self = Self { week: [false; 7], festival: true };

    fn union(mut self, other: Self) -> Self {
        for (day, named) in self.week.iter_mut().zip(other.week) {
            *day |= named;
        }
        self.festival |= other.festival;
        self
    }

    /// From one day of the week to another, Monday = 0; the whole week includes festivals.
    fn range(from: u8, to: u8) -> Self {
        let length = (to + 7 - from) % 7;
        let mut days = Self::default();
        for step in 0..=length {
            days.week[usize::from((from + step) % 7)] = true;
        }
        days.festival = days.week == [true; 7];
        days
    }

    fn has(self, day_type: DayType) -> bool {
        match day_type {
            DayType::Weekday => self.week[..5].iter().filter(|day| **day).count() >= 3,
            DayType::Weekend => self.week[5] && self.week[6],
            DayType::Festival => self.festival,
        }
    }

    /// Whether some but not all days of a day type are named.
    fn is_partial(self) -> bool {
        let weekdays = self.week[..5].iter().filter(|day| **day).count();
        self.week[5] != self.week[6] || (1..5).contains(&weekdays)
    }
}

/// Spellings and their tokens, longest first.
static WORDS: LazyLock<Vec<(String, Token)>> = LazyLock::new(|| {
    let named = [
        ("always", Token::Always),
        ("range", Token::Range),
        ("day_prefix", Token::DayPrefix),
        ("weekday", Token::Days(DaySet::WEEKDAYS)),
        ("weekend", Token::Days(DaySet::WEEKEND)),
        ("every_day", Token::Days(DaySet::ALL)),
        ("festival", Token::Days(DaySet::FESTIVAL)),
        ("except", Token::Except),
        ("spring", Token::Season(Season::Spring)),
        ("summer", Token::Season(Season::SummerPeak)),
        ("autumn", Token::Season(Season::Autumn)),
        ("winter", Token::Season(Season::WinterPeak)),
        ("morning", Token::Morning),
        ("afternoon", Token::Afternoon),
        ("next_day", Token::NextDay),
        ("half", Token::Half),
        ("hour_mark", Token::HourMark),
        ("minute_mark", Token::MinuteMark),
        ("ignored", Token::Ignored),
    ];
    let spellings = |key: &str| VOCABULARY.hours.get(key).into_iter().flatten();
    let mut words: Vec<(String, Token)> =
        named.iter().flat_map(|(key, token)| spellings(key).map(|word| (half_width(word), *token))).collect();
    words.extend(spellings("day_numbers").zip([0, 1, 2, 3, 4, 5, 6, 6]).map(|(w, day)| (w.clone(), Token::DayNumber(day))));
    words.sort_by_key(|(word, _)| std::cmp::Reverse(word.len()));
    words
});

/// Reads opening hours; `None` when any part of the text isn't understood.
pub fn read_hours(text: &str) -> Option<HoursReading> {
    let tokens = tokens(&half_width(text).to_lowercase())?;
    let mut reader = Reader::default();
    let mut rest = tokens.as_slice();
    while !rest.is_empty() {
        rest = reader.step(rest)?;
    }
    reader.finish()
}

/// Minutes of the day of one span of hours, `8:30-17:00` in any of its spellings; `None` when it is none, or more than one.
pub(super) fn read_span(text: &str) -> Option<(u16, u16)> {
    let day = DayKind::new(Season::WinterPeak, DayType::Weekday);
    match read_hours(text)?.hours.spans(day) {
        [span] => Some(span.minutes()),
        _ => None,
    }
}

/// Minutes after midnight of a time of day: `8`, `8:30`, `8点半`, `24:00`.
pub(super) fn read_clock(text: &str) -> Option<u16> {
    let tokens = tokens(&half_width(text).to_lowercase())?;
    time(&tokens, false).filter(|(_, rest)| rest.is_empty()).map(|(minutes, _)| minutes)
}

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        if let Some((word, token)) = WORDS.iter().find(|(word, _)| rest.starts_with(word.as_str())) {
            tokens.push(*token);
            rest = &rest[word.len()..];
        } else if first.is_ascii_digit() {
            let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            tokens.push(Token::Number(rest[..digits].parse().ok()?));
            rest = &rest[digits..];
        } else {
            return None;
        }
        rest = rest.trim_start();
    }
    Some(tokens)
}

/// What has been read so far.
#[derive(Default)]
struct Reader {
    seasons: Vec<Season>,
    days: Option<DaySet>,
    /// Whether spans followed the current season or day words.
    season_used: bool,
    days_used: bool,
    afternoon: bool,
    without_festivals: bool,
    /// Each span with the seasons and days it holds for.
    rules: Vec<(Vec<Season>, Option<DaySet>, Span)>,
    closed: Vec<(Vec<Season>, DaySet)>,
}

impl Reader {
    /// Reads the tokens at the front and returns the others.
    fn step<'t>(&mut self, tokens: &'t [Token]) -> Option<&'t [Token]> {
        let rest = &tokens[1..];
        match tokens[0] {
            Token::Ignored => Some(rest),
            Token::Always => self.add(0, Span::DAY).map(|()| rest),
            Token::Season(season) => {
                self.add_season(season);
                Some(rest)
            }
            Token::Except => self.close().map(|()| rest),
            Token::Days(days) => {
                self.add_days(days);
                Some(rest)
            }
            Token::DayPrefix => self.week_days(rest),
            Token::DayNumber(day) if !self.days_used && self.days.is_some() => {
                self.add_days(DaySet::range(day, day));
                Some(rest)
            }
            Token::Morning => {
                self.afternoon = false;
                Some(rest)
            }
            Token::Afternoon => {
                self.afternoon = true;
                Some(rest)
            }
            Token::Number(_) => self.span(tokens),
            _ => None,
        }
    }

    fn add_season(&mut self, season: Season) {
        if self.season_used {
            self.seasons.clear();
            self.season_used = false;
        }
        if self.days_used {
            self.days = None;
            self.days_used = false;
        }
        self.afternoon = false;
        self.seasons.push(season);
    }

    fn add_days(&mut self, days: DaySet) {
        let before = if self.days_used { None } else { self.days };
        self.days = Some(before.map_or(days, |before| before.union(days)));
        self.days_used = false;
        self.afternoon = false;
    }

    /// 周 was read: a day, or a range of days.
    fn week_days<'t>(&mut self, rest: &'t [Token]) -> Option<&'t [Token]> {
        let (days, rest) = match rest {
            [Token::DayNumber(from), Token::Range, Token::DayPrefix, Token::DayNumber(to), rest @ ..]
            | [Token::DayNumber(from), Token::Range, Token::DayNumber(to), rest @ ..] => (DaySet::range(*from, *to), rest),
            [Token::DayNumber(day), rest @ ..] => (DaySet::range(*day, *day), rest),
            _ => return None,
        };
        self.add_days(days);
        Some(rest)
    }

    /// 节假日除外, 周一休息.
    fn close(&mut self) -> Option<()> {
        let days = self.days.take().filter(|_| !self.days_used)?;
        if days == DaySet::FESTIVAL {
            self.without_festivals = true;
        } else {
            self.closed.push((self.seasons.clone(), days));
        }
        Some(())
    }

    /// Two times with a dash between them.
    fn span<'t>(&mut self, tokens: &'t [Token]) -> Option<&'t [Token]> {
        let (from, rest) = time(tokens, self.afternoon)?;
        let mut rest = rest.strip_prefix(&[Token::Range])?;
        let mut next_day = false;
        while let [token @ (Token::Morning | Token::Afternoon | Token::NextDay), after @ ..] = rest {
            self.afternoon = *token == Token::Afternoon;
            next_day |= *token == Token::NextDay;
            rest = after;
        }
        let (to, rest) = time(rest, self.afternoon && !next_day)?;
        match (from, to) {
            (0, 0) => self.add(0, Span::DAY)?,
            _ if from == to => return None,
            _ if from < to && !next_day => self.add(from, to)?,
            _ => {
                self.add(from, Span::DAY)?;
                if to > 0 {
                    self.add(0, to)?;
                }
            }
        }
        Some(rest)
    }

    fn add(&mut self, from: u16, to: u16) -> Option<()> {
        if from < to {
            self.rules.push((self.seasons.clone(), self.days, Span::new(from, to).ok()?));
        }
        self.season_used = true;
        self.days_used = true;
        Some(())
    }

    /// The hours, when there are any and nothing is left hanging (`周一至周五` without times).
    fn finish(mut self) -> Option<HoursReading> {
        let hanging = (self.days.is_some() && !self.days_used) || (!self.seasons.is_empty() && !self.season_used);
        if self.rules.is_empty() || hanging {
            return None;
        }
        let mut assumptions = Vec::new();
        let names = |season| self.rules.iter().any(|(seasons, _, _)| seasons.contains(&season));
        if names(Season::SummerPeak) && names(Season::WinterPeak) && !names(Season::Spring) && !names(Season::Autumn) {
            assumptions.push(Message::new("L301"));
            let shoulder = [Season::Spring, Season::Autumn];
            let all = self.rules.iter_mut().map(|rule| &mut rule.0).chain(self.closed.iter_mut().map(|rule| &mut rule.0));
            all.filter(|seasons| seasons.contains(&Season::SummerPeak)).for_each(|seasons| seasons.extend(shoulder));
        }
        let named = self.rules.iter().filter_map(|(_, days, _)| *days).chain(self.closed.iter().map(|(_, days)| *days));
        if named.fold(DaySet::default(), DaySet::union).is_partial() {
            assumptions.push(Message::new("L302"));
        }
        Some(HoursReading { hours: self.hours(), assumptions })
    }

    fn hours(&self) -> Hours {
        let named = self.rules.iter().filter_map(|(_, days, _)| *days).fold(DaySet::default(), DaySet::union);
        let mut hours = Hours::closed();
        for day in DayKind::all() {
            let in_season = |seasons: &[Season]| seasons.is_empty() || seasons.contains(&day.season);
            // Spans without day words hold on every day that no other span names.
            let on_day = |days: &Option<DaySet>| days.map_or(!named.has(day.day_type), |days| days.has(day.day_type));
            let shut =
                self.closed.iter().any(|(seasons, days)| in_season(seasons) && days.has(day.day_type) && !days.is_partial());
            if shut || (self.without_festivals && day.day_type == DayType::Festival) {
                continue;
            }
            let spans = self.rules.iter().filter(|(seasons, days, _)| in_season(seasons) && on_day(days));
            hours.set(day, spans.map(|(_, _, span)| *span).collect());
        }
        hours
    }
}

/// A time of day in minutes: `8`, `8:30`, `8点半`, `8时30分`, `0830`.
fn time(tokens: &[Token], afternoon: bool) -> Option<(u16, &[Token])> {
    let [Token::Number(number), rest @ ..] = tokens else { return None };
    let (hour, minute, rest) = match rest {
        [Token::HourMark, Token::Half, rest @ ..] => (*number, 30, rest),
        [Token::HourMark, Token::Number(minute), Token::MinuteMark, rest @ ..]
        | [Token::HourMark, Token::Number(minute), rest @ ..] => (*number, *minute, rest),
        [Token::HourMark, rest @ ..] => (*number, 0, rest),
        rest if *number >= 100 => (*number / 100, *number % 100, rest),
        rest => (*number, 0, rest),
    };
    let hour = if afternoon && hour < 12 { hour + 12 } else { hour };
    let minutes = hour.checked_mul(60)?.checked_add(minute)?;
    (minute < 60 && minutes <= Span::DAY).then_some((minutes, rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Spans of a typical day as `8:30-17:00 …`.
    fn day(text: &str, season: Season, day_type: DayType) -> String {
        let reading = read_hours(text).unwrap_or_else(|| panic!("can't read {text}"));
        let clock = |minute: u16| format!("{}:{:02}", minute / 60, minute % 60);
        let spans = reading.hours.spans(DayKind::new(season, day_type)).iter();
        spans.map(|span| format!("{}-{}", clock(span.minutes().0), clock(span.minutes().1))).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn spellings() {
        // text, weekday, weekend, festival (autumn)
        let cases = [
            ("8:30-17:00", "8:30-17:00", "8:30-17:00", "8:30-17:00"),
            ("8:30—17:00", "8:30-17:00", "8:30-17:00", "8:30-17:00"),
            ("08:30至17:00", "8:30-17:00", "8:30-17:00", "8:30-17:00"),
            ("８：３０～１７：００", "8:30-17:00", "8:30-17:00", "8:30-17:00"),
            ("8点半至17点", "8:30-17:00", "8:30-17:00", "8:30-17:00"),
            ("8时30分到17时", "8:30-17:00", "8:30-17:00", "8:30-17:00"),
            ("周一至周日9:00—17:00", "9:00-17:00", "9:00-17:00", "9:00-17:00"),
            ("周一至周日8:30-17:00", "8:30-17:00", "8:30-17:00", "8:30-17:00"),
            ("星期一到星期五 9:30-17:00", "9:30-17:00", "", ""),
            ("周一至五8:30-17:00", "8:30-17:00", "", ""),
            ("8:30-11:00 13:30-17:00", "8:30-11:00 13:30-17:00", "8:30-11:00 13:30-17:00", "8:30-11:00 13:30-17:00"),
            ("工作日8:30-11:30,13:30-17:00", "8:30-11:30 13:30-17:00", "", ""),
            ("8:30-17:00(节假日除外)", "8:30-17:00", "8:30-17:00", ""),
            ("8:30-17:00（节假日休息）", "8:30-17:00", "8:30-17:00", ""),
            ("工作日8:00-18:00；周末9:00-16:00", "8:00-18:00", "9:00-16:00", ""),
            ("周一至周五8:30-17:00，周六日9:00-16:00", "8:30-17:00", "9:00-16:00", ""),
            ("每天8:30-17:00,周末休息", "8:30-17:00", "", "8:30-17:00"),
            ("上午8:30-11:30 下午1:30-5:00", "8:30-11:30 13:30-17:00", "8:30-11:30 13:30-17:00", "8:30-11:30 13:30-17:00"),
            ("早8点至晚9点", "8:00-21:00", "8:00-21:00", "8:00-21:00"),
            ("17:00-24:00", "17:00-24:00", "17:00-24:00", "17:00-24:00"),
            ("17:00-02:00", "0:00-2:00 17:00-24:00", "0:00-2:00 17:00-24:00", "0:00-2:00 17:00-24:00"),
            ("17:00-次日2:00", "0:00-2:00 17:00-24:00", "0:00-2:00 17:00-24:00", "0:00-2:00 17:00-24:00"),
            ("0830-1700", "8:30-17:00", "8:30-17:00", "8:30-17:00"),
            ("工作日全天", "0:00-24:00", "", ""),
        ];
        for (text, weekday, weekend, festival) in cases {
            let found = DayType::ALL.map(|day_type| day(text, Season::Autumn, day_type));
            assert_eq!(found, [weekday, weekend, festival], "{text}");
        }
        for text in ["24小时", "全天", "全天开放", "不打烊", "00:00-24:00", "0:00-0:00", "24小时开放", "24H"] {
            assert!(read_hours(text).is_some_and(|reading| reading.hours.is_always()), "{text}");
        }
    }

    #[test]
    fn seasons() {
        for text in ["夏季8-18;冬季8:30-16:30", "夏季8:00-18:00;冬季8:30-16:30"] {
            for (season, expected) in Season::ALL.into_iter().zip(["8:00-18:00", "8:00-18:00", "8:00-18:00", "8:30-16:30"]) {
                assert_eq!(day(text, season, DayType::Festival), expected, "{text} {}", season.id());
            }
            let reading = read_hours(text).expect("reads");
            assert_eq!(reading.assumptions.iter().map(Message::code).collect::<Vec<_>>(), ["L301"]);
        }
        assert_eq!(day("春夏秋8-18 冬季9-16", Season::Spring, DayType::Weekday), "8:00-18:00");
        assert_eq!(read_hours("周一至周六8-18").expect("reads").assumptions[0].code(), "L302");
        assert_eq!(day("周一至周六8-18", Season::Spring, DayType::Weekend), "");
    }

    #[test]
    fn what_is_not_understood_is_not_guessed() {
        for text in [
            "",
            "详询站长",
            "8:30",
            "8:30-",
            "25:00-26:00",
            "8:61-9:00",
            "周一至周五",
            "9:00-9:00",
            "8-18(以公告为准)",
            "99999-1",
        ] {
            assert_eq!(read_hours(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_span_reads_in_every_spelling(from in 0u16..1440, length in 1u16..1440) {
            let to = (from + length).min(1440);
            let (a, b, c, d) = (from / 60, from % 60, to / 60, to % 60);
            let expected = Hours::daily(&[Span::new(from, to).expect("valid")]);
            for text in [
                format!("{a}:{b:02}-{c}:{d:02}"), format!("{a:02}：{b:02}～{c:02}：{d:02}"), format!("{a}点{b}分至{c}点{d}分"),
                format!("周一至周日 {a}:{b:02}—{c}:{d:02}"), format!("每天{a}时{b}分到{c}时{d}分"),
            ] {
                prop_assert_eq!(read_hours(&text).map(|reading| reading.hours), Some(expected.clone()), "{}", text);
            }
        }

        #[test]
        fn no_text_panics(text in "[0-9:点半至到周一五日夏冬季节假除外休息;,() -]{0,24}") {
            let _ = read_hours(&text);
        }
    }
}
