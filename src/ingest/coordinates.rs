//! Coordinate cells as ledgers write them: decimal degrees, degrees minutes seconds, whole millionths of a degree, one cell or
//! two, in full or half width. Only reads numbers; what they refer to is decided in `position` and `shift`.

use super::headers::{Columns, Field, VOCABULARY};
use super::table::TableRow;
use super::values::half_width;

/// How a coordinate was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Form {
    /// A plain number.
    Decimal,
    /// Degrees, minutes and seconds.
    Sexagesimal,
}

/// What the position cells of a row say.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Pair {
    /// No value in at least one cell.
    Missing,
    /// 0, 0.
    Zero,
    /// Something that isn't a number.
    Unread,
    /// Two numbers, in the order of the columns.
    Numbers {
        /// Longitude column.
        x: f64,
        /// Latitude column.
        y: f64,
        /// The less usual of the two spellings.
        form: Form,
    },
}

/// Reads the position cells of a row; the second value is their text.
pub(super) fn read_pair(columns: &Columns, row: &TableRow) -> (Pair, String) {
    let (x, y) = (columns.text(row, Field::Lon), columns.text(row, Field::Lat));
    if x.is_empty() && y.is_empty() {
        let both = columns.text(row, Field::LonLat);
        return (split_pair(both).map_or(Pair::Missing, |(x, y)| pair_of(x, y)), both.to_owned());
    }
    (pair_of(x, y), format!("{x}, {y}"))
}

/// One cell that holds both: `126.61,45.77`. An empty cell gives nothing.
fn split_pair(both: &str) -> Option<(&str, &str)> {
    let both = both.trim().trim_matches(['(', ')', '（', '）', '[', ']']);
    if both.is_empty() {
        return None;
    }
    Some(both.split_once([',', '，', ';', '；', '、', ' ']).unwrap_or((both, "?")))
}

fn pair_of(x: &str, y: &str) -> Pair {
    if x.trim().is_empty() || y.trim().is_empty() {
        return Pair::Missing;
    }
    match (read_coordinate(x), read_coordinate(y)) {
        (Some((0.0, _)), Some((0.0, _))) => Pair::Zero,
        (Some((x, form_x)), Some((y, form_y))) => Pair::Numbers { x, y, form: form_x.max(form_y) },
        _ => Pair::Unread,
    }
}

/// Reads one coordinate and says how it is written. Whole millionths of a degree are left to [`from_millionths`], because metres of a
/// projected system look alike until the datum is known.
pub(super) fn read_coordinate(text: &str) -> Option<(f64, Form)> {
    let text = half_width(text.trim()).to_lowercase();
    let (body, sign) = strip_hemisphere(text.trim());
    if let Ok(value) = body.parse::<f64>() {
        return value.is_finite().then_some((sign * value, Form::Decimal));
    }
    let parts: Vec<&str> = body.split(['°', '度', 'º', '\'', '’', '′', '分', '"', '″', '”', '秒', ' ', ':']).collect();
    let parts: Vec<&str> = parts.into_iter().map(str::trim).filter(|part| !part.is_empty()).collect();
    if !(1..=3).contains(&parts.len()) || parts.iter().any(|p| !p.chars().all(|c| c.is_ascii_digit() || c == '.')) {
        return None;
    }
    let numbers: Vec<f64> = parts.iter().map(|part| part.parse().ok()).collect::<Option<_>>()?;
    if numbers.iter().skip(1).any(|&number| number >= 60.0) {
        return None;
    }
    let degrees = numbers.iter().rev().fold(0.0, |smaller, number| number + smaller / 60.0);
    Some((sign * degrees, Form::Sexagesimal))
}

/// Millionths of a degree as degrees, when both numbers are whole and far too large for degrees.
pub(super) fn from_millionths(x: f64, y: f64) -> Option<(f64, f64)> {
    let whole = |v: f64| v.fract() == 0.0 && (1e6..=180e6).contains(&v.abs());
    (whole(x) && whole(y)).then_some((x / 1e6, y / 1e6))
}

/// Takes 东经, E and the like off; the sign is negative for west and south.
fn strip_hemisphere(text: &str) -> (&str, f64) {
    let words = &VOCABULARY.coordinates;
    let strip = |list: &[String]| {
        list.iter().find_map(|word| text.strip_prefix(word.as_str()).or_else(|| text.strip_suffix(word.as_str())))
    };
    if let Some(rest) = strip(&words.west).or_else(|| strip(&words.south)) {
        return (rest.trim(), -1.0);
    }
    (strip(&words.east).or_else(|| strip(&words.north)).unwrap_or(text).trim(), 1.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spellings() {
        let cases = [
            ("126.6175", 126.6175),
            ("１２６．６１７５", 126.6175),
            ("126°36′02.95″", 126.600_819),
            ("126°36'02.95\"", 126.600_819),
            ("126度36分2.95秒", 126.600_819),
            ("E126°36’02.95”", 126.600_819),
            ("东经126.5", 126.5),
            ("45.5N", 45.5),
            ("S30.5", -30.5),
            ("126 36 2.95", 126.600_819),
            ("126°30′", 126.5),
            ("-51.2", -51.2),
        ];
        for (text, degrees) in cases {
            let (found, _) = read_coordinate(text).unwrap_or_else(|| panic!("{text}"));
            assert!((found - degrees).abs() < 1e-6, "{text}: {found}");
        }
        for text in ["", "未知", "126°75′", "1°2′3″4", "NaN", "inf"] {
            assert_eq!(read_coordinate(text), None, "{text}");
        }
        assert_eq!(from_millionths(126_617_700.0, 45_774_200.0), Some((126.6177, 45.7742)));
        assert_eq!(from_millionths(126.6177, 45.7742), None);
    }

    #[test]
    fn one_cell_or_two() {
        let pair = |both: &str| split_pair(both).map(|(x, y)| pair_of(x, y));
        assert_eq!(pair("126.61,45.77"), Some(Pair::Numbers { x: 126.61, y: 45.77, form: Form::Decimal }));
        assert_eq!(pair("(126.61， 45.77)"), Some(Pair::Numbers { x: 126.61, y: 45.77, form: Form::Decimal }));
        assert_eq!(pair("126.61"), Some(Pair::Unread));
        assert_eq!(pair(""), None);
        assert_eq!(pair_of("0", "0.0"), Pair::Zero);
        assert_eq!(pair_of("126.5", ""), Pair::Missing);
    }

    proptest! {
        #[test]
        fn sexagesimal_round_trip(degrees in 0u32..180, minutes in 0u32..60, hundredths in 0u32..6000) {
            let seconds = f64::from(hundredths) / 100.0;
            let expected = f64::from(degrees) + f64::from(minutes) / 60.0 + seconds / 3600.0;
            for text in [format!("{degrees}°{minutes:02}′{seconds:05.2}″"), format!("{degrees}度{minutes}分{seconds}秒")] {
                let (found, form) = read_coordinate(&text).expect("reads");
                prop_assert!((found - expected).abs() < 1e-9 && form == Form::Sexagesimal);
            }
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,16}") {
            let _ = read_coordinate(&text);
        }
    }
}
