//! Measuring and breaking of lines of text, Chinese and Latin.

use crate::output::font;

/// Width of a text in units.
pub(super) fn width(text: &str, em: i32) -> i32 {
    (font::width_em(text) * f64::from(em)).ceil() as i32
}

/// Breaks a text into lines no wider than `room` units: at spaces, and between Han characters, but not before closing punctuation
/// or after an opening bracket. A word that is wider than the room is cut.
pub(super) fn wrap(text: &str, em: i32, room: i32) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for piece in pieces(text) {
        if !line.is_empty() && width(&format!("{line}{}", piece.trim_end()), em) > room {
            lines.push(std::mem::take(&mut line).trim_end().to_owned());
        }
        for character in piece.chars() {
            line.push(character);
            if width(line.trim_end(), em) > room && line.chars().count() > 1 {
                line.pop();
                lines.push(std::mem::take(&mut line).trim_end().to_owned());
                line.push(character);
            }
        }
    }
    if !line.trim_end().is_empty() || lines.is_empty() {
        lines.push(line.trim_end().to_owned());
    }
    lines
}

/// The parts a line may be broken between.
fn pieces(text: &str) -> Vec<&str> {
    let mut cuts = vec![0];
    let characters: Vec<(usize, char)> = text.char_indices().collect();
    for pair in characters.windows(2) {
        let ((_, before), (position, after)) = (pair[0], pair[1]);
        let allowed = before == ' ' || is_wide(before) || is_wide(after);
        if allowed && !"，。、；：！？）》」』”’％%,.;:!?) ".contains(after) && !"（《「『“‘(".contains(before)
        {
            cuts.push(position);
        }
    }
    cuts.push(text.len());
    cuts.windows(2).map(|pair| &text[pair[0]..pair[1]]).collect()
}

fn is_wide(character: char) -> bool {
    matches!(character, '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_spaces_and_between_han_characters() {
        assert_eq!(wrap("户外劳动者驿站，固定", 10, 70), ["户外劳动者驿", "站，固定"]);
        assert_eq!(wrap("covered within 500 m", 10, 70), ["covered within", "500 m"]);
        assert_eq!(wrap("", 10, 70), [""]);
        for line in wrap("数据来源（合成）：需求网格 250 m, run 0123456789abcdef0123456789abcdef", 10, 90) {
            assert!(width(&line, 10) <= 90, "{line}");
        }
    }
}
