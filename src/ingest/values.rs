//! Values of ledger cells: measures, kinds, statuses, answers and lists. All readers are pure; `None` means unreadable.

use super::headers::{VOCABULARY, normalise};
use crate::domain::site::{StationKind, Status};

/// A number, and whether the text says that it is approximate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measure {
    /// The number.
    pub value: f64,
    /// Whether the text says 约, 余 or the like.
    pub approximate: bool,
}

/// Full-width letters, digits, signs and blanks as half-width ones.
pub fn half_width(text: &str) -> String {
    let narrow = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{3000}' | '\u{a0}' => ' ',
        _ => c,
    };
    text.chars().map(narrow).collect()
}

/// Reads an area or a count: `20`, `20㎡`, `约20平`, `1.2万`, `3,000余`.
pub fn read_measure(text: &str) -> Option<Measure> {
    let words = &VOCABULARY.measures;
    let mut rest: String = half_width(text).to_lowercase().chars().filter(|c| !c.is_whitespace() && *c != ',').collect();
    let mut approximate = false;
    for word in &words.approximate {
        approximate |= rest.contains(word.as_str());
        rest = rest.replace(word.as_str(), "");
    }
    let unit = words.units.iter().filter(|unit| rest.ends_with(unit.as_str())).max_by_key(|unit| unit.len());
    let rest = unit.and_then(|unit| rest.strip_suffix(unit.as_str())).unwrap_or(&rest);
    let scaled = words.multipliers.iter().find_map(|(word, factor)| Some((rest.strip_suffix(word.as_str())?, *factor)));
    let (digits, factor) = scaled.unwrap_or((rest, 1.0));
    let plain = !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit() || c == '.');
    let value: f64 = plain.then(|| digits.parse().ok()).flatten()?;
    Some(Measure { value: value * factor, approximate })
}

/// Reads a station's kind.
pub fn read_kind(text: &str) -> Option<StationKind> {
    let word = normalise(text);
    let by_id = |kind: StationKind| normalise(kind.id()) == word;
    let exact = VOCABULARY.kinds.iter().find(|entry| by_id(entry.kind));
    let inside = || VOCABULARY.kinds.iter().find(|entry| entry.words.iter().any(|w| word.contains(&normalise(w))));
    exact.or_else(inside).map(|entry| entry.kind)
}

/// Reads a status; an empty cell is [`Status::Active`].
pub fn read_status(text: &str) -> Option<Status> {
    let word = normalise(text);
    if word.is_empty() {
        return Some(Status::Active);
    }
    let found = VOCABULARY.statuses.iter().find(|entry| entry.words.iter().any(|w| word.contains(&normalise(w))));
    found.map(|entry| entry.status)
}

/// Reads 是 or 否.
pub fn read_answer(text: &str) -> Option<bool> {
    let word = normalise(text);
    let is_in = |words: &[String]| words.iter().any(|w| normalise(w) == word);
    if is_in(&VOCABULARY.answers.yes) { Some(true) } else { is_in(&VOCABULARY.answers.no).then_some(false) }
}

/// Splits a list at 、 ， ； / and line breaks.
pub fn read_list(text: &str) -> Vec<String> {
    let items = text.split(['、', '，', ',', '；', ';', '/', '／', '\n', '|']);
    items.map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn measures() {
        let cases = [
            ("20", 20.0, false),
            ("20㎡", 20.0, false),
            ("约20平", 20.0, true),
            ("20平方米", 20.0, false),
            ("20 m2", 20.0, false),
            ("２０", 20.0, false),
            ("12.5", 12.5, false),
            ("1.2万", 12_000.0, false),
            ("3,000余", 3_000.0, true),
            ("约100", 100.0, true),
            ("3000余人次", 3_000.0, true),
            ("1.2万人次", 12_000.0, false),
            ("12 米", 12.0, false),
        ];
        for (text, value, approximate) in cases {
            assert_eq!(read_measure(text), Some(Measure { value, approximate }), "{text}");
        }
        for text in ["", "若干", "20-30", "-5", "1.2.3", "inf", "NaN", "20个"] {
            assert_eq!(read_measure(text), None, "{text}");
        }
    }

    #[test]
    fn kinds_and_statuses() {
        let kinds = [
            ("固定", StationKind::Fixed),
            ("常规", StationKind::Fixed),
            ("固定站点", StationKind::Fixed),
            ("24小时智能驿站", StationKind::SmartRoom),
            ("无人值守", StationKind::SmartRoom),
            ("不打烊", StationKind::SmartRoom),
            ("智能柜", StationKind::SmartLocker),
            ("流动", StationKind::Bus),
            ("大巴车驿站", StationKind::Bus),
            ("移动驿站", StationKind::Bus),
            ("可移动式(集装箱)驿站", StationKind::Container),
            ("smart_room", StationKind::SmartRoom),
            ("一平米驿站", StationKind::Micro),
            ("职工服务中心", StationKind::Centre),
        ];
        for (text, kind) in kinds {
            assert_eq!(read_kind(text), Some(kind), "{text}");
        }
        assert_eq!(read_kind("咖啡馆"), None);
        let statuses = [
            ("在用", Status::Active),
            ("", Status::Active),
            ("装修停用", Status::Suspended),
            ("暂停开放", Status::Suspended),
            ("撤销", Status::Retired),
            ("拟建", Status::Planned),
            ("迁址", Status::Relocating),
        ];
        for (text, status) in statuses {
            assert_eq!(read_status(text), Some(status), "{text}");
        }
        assert_eq!(read_status("？"), None);
        assert_eq!((read_answer("是"), read_answer("不支持"), read_answer("看情况")), (Some(true), Some(false), None));
    }

    #[test]
    fn lists() {
        assert_eq!(read_list("座椅、饮水，充电;空调/冰箱 "), ["座椅", "饮水", "充电", "空调", "冰箱"]);
    }

    proptest! {
        #[test]
        fn no_text_panics_and_numbers_survive(text in "\\PC{0,12}", tenths in 0u32..1_000_000) {
            let _ = (read_measure(&text), read_kind(&text), read_status(&text), read_answer(&text), read_list(&text));
            let value = f64::from(tenths) / 10.0;
            prop_assert_eq!(read_measure(&format!(" 约{value} ㎡")), Some(Measure { value, approximate: true }));
        }
    }
}
