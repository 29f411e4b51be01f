//! A timeline in the style of the map sheets: a row a bus, a bar a stay, hours along the top.

use super::MapError;
use super::colour::Colour;
use super::frame::Area;
use super::pen::{Anchor, Pen, Weight, finish, look, mm};
use super::{SheetSize, lettered, text};

/// A stay.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    /// First minute of the day.
    pub from: u16,
    /// Last minute, exclusive.
    pub to: u16,
    /// Its number among the places, which gives its colour.
    pub place: usize,
    /// What stands in it, the most important line first; lines that don't fit are left out.
    pub lines: Vec<String>,
}

/// A row.
#[derive(Debug, Clone, PartialEq)]
pub struct TimelineRow {
    /// Its name.
    pub name: String,
    /// Its stays, by time.
    pub bars: Vec<Bar>,
}

/// A timeline of one day.
#[derive(Debug, Clone, PartialEq)]
pub struct Timeline {
    /// Title.
    pub title: String,
    /// Line under the title.
    pub subtitle: String,
    /// Rows, from the top.
    pub rows: Vec<TimelineRow>,
    /// Lines at the foot.
    pub notes: Vec<String>,
}

/// Fills of bars: light enough for dark letters, told apart with common colour blindness (after Tol's light scheme, 2021). Each
/// bar is lettered too, so that colour never carries the meaning alone.
const FILLS: [u32; 8] = [0x9fc9e8, 0xf2c88f, 0xb5d99c, 0xe3b7d3, 0xf0e08a, 0xa9dcd6, 0xd7c4ae, 0xc5c9ea];
const WIDTH_MM: u32 = 240;
const ROW_MM: f64 = 13.0;
const TOP_MM: f64 = 28.0;
const LEFT_MM: f64 = 32.0;

/// Draws a timeline as SVG, and says how large it is.
///
/// # Errors
/// When a text has a character that the font lacks, or drawing fails.
pub fn draw_timeline(timeline: &Timeline) -> Result<(String, SheetSize), MapError> {
    let bars = || timeline.rows.iter().flat_map(|row| &row.bars);
    let texts = timeline.rows.iter().map(|row| &row.name).chain(bars().flat_map(|bar| &bar.lines)).chain(&timeline.notes);
    lettered(texts.chain([&timeline.title, &timeline.subtitle]).map(String::as_str))?;
    let small = look(2.5, Colour::MUTED, Weight::Plain);
    let body_mm = ROW_MM * timeline.rows.len() as f64;
    let width = mm(f64::from(WIDTH_MM));
    let notes: Vec<String> = timeline.notes.iter().flat_map(|note| text::wrap(note, small.em, width - mm(20.0))).collect();
    let height_mm = (TOP_MM + body_mm + 10.0 + 3.8 * notes.len() as f64).ceil() as u32;
    let size = SheetSize { width_mm: WIDTH_MM, height_mm };
    let paper = Area { left: 0, top: 0, right: width, bottom: mm(f64::from(height_mm)) };
    let frame = Area { left: mm(LEFT_MM), top: mm(TOP_MM), right: width - mm(8.0), bottom: mm(TOP_MM + body_mm) };
    let first = bars().map(|bar| bar.from / 60).min().unwrap_or(6);
    let last = bars().map(|bar| bar.to.div_ceil(60)).max().unwrap_or(22).max(first + 1);
    let x = |minute: u16| {
        let share = (f64::from(minute) / 60.0 - f64::from(first)) / f64::from(last - first);
        frame.left + (f64::from(frame.width()) * share).round() as i32
    };
    let mut svg = String::new();
    let pen = Pen::new(&mut svg, paper);
    pen.rectangle(paper, Colour::PAPER)?;
    pen.text(&timeline.title, (mm(10.0), mm(9.0)), Anchor::Start, look(5.0, Colour::INK, Weight::Bold))?;
    pen.text(&timeline.subtitle, (mm(10.0), mm(15.0)), Anchor::Start, look(3.0, Colour::MUTED, Weight::Plain))?;
    for hour in first..=last {
        let at = x(hour * 60);
        pen.line(&[(at, frame.top), (at, frame.bottom)], Colour::RULE, mm(0.1))?;
        pen.text(&format!("{hour:02}:00"), (at, frame.top - mm(1.8)), Anchor::Middle, look(2.4, Colour::MUTED, Weight::Plain))?;
    }
    for (number, row) in timeline.rows.iter().enumerate() {
        let top = frame.top + mm(ROW_MM * number as f64);
        pen.line(&[(frame.left, top), (frame.right, top)], Colour::RULE, mm(0.1))?;
        pen.text(&row.name, (mm(10.0), top + mm(ROW_MM / 2.0 + 1.0)), Anchor::Start, look(3.0, Colour::INK, Weight::Plain))?;
        for bar in &row.bars {
            draw_bar(
                &pen,
                bar,
                Area { left: x(bar.from), top: top + mm(1.2), right: x(bar.to), bottom: top + mm(ROW_MM - 1.2) },
            )?;
        }
    }
    pen.line(&[(frame.left, frame.bottom), (frame.right, frame.bottom)], Colour::RULE, mm(0.1))?;
    for (row, line) in notes.iter().enumerate() {
        pen.text(line, (mm(10.0), frame.bottom + mm(7.0 + 3.8 * row as f64)), Anchor::Start, small)?;
    }
    pen.put_down()?;
    drop(pen);
    Ok((finish(&svg, size, &timeline.title, &timeline.subtitle), size))
}

/// A bar with as many of its lines as fit.
fn draw_bar(pen: &Pen<'_>, bar: &Bar, area: Area) -> Result<(), MapError> {
    pen.rectangle(area, Colour::hex(FILLS[bar.place % FILLS.len()]))?;
    let words = look(2.6, Colour::INK, Weight::Plain);
    let room = area.width() - mm(1.6);
    let fitting = bar.lines.iter().map(|line| shortened(line, words.em, room)).filter(|line| !line.is_empty()).take(3);
    for (row, line) in fitting.enumerate() {
        pen.text(&line, (area.left + mm(0.8), area.top + mm(3.1 + 3.2 * row as f64)), Anchor::Start, words)?;
    }
    Ok(())
}

/// A text that fits, with `…` in place of what doesn't; empty when hardly anything would be left.
fn shortened(line: &str, em: i32, room: i32) -> String {
    if text::width(line, em) <= room {
        return line.to_owned();
    }
    let mut kept: Vec<char> = line.chars().collect();
    while kept.pop().is_some() {
        let short: String = kept.iter().chain(&['…']).collect();
        if text::width(&short, em) <= room {
            return if kept.len() < 2 { String::new() } else { short };
        }
    }
    String::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_say_where_and_short_ones_less() {
        let bar = |from, to, name: &str| Bar { from, to, place: 0, lines: vec![name.into(), "08:00–12:00".into()] };
        let row = TimelineRow {
            name: "1号大巴".into(), bars: vec![bar(480, 720, "音乐公园"), bar(780, 810, "斯大林公园江畔")]
        };
        let timeline =
            Timeline { title: "时刻表".into(), subtitle: "day".into(), rows: vec![row], notes: vec!["示意".into()] };
        let (svg, size) = draw_timeline(&timeline).expect("draws");
        assert!(svg.contains("音乐公园") && svg.contains("08:00–12:00") && !svg.contains("斯大林公园江畔"));
        assert!(svg.contains("13:00") && size.width_mm == WIDTH_MM);
        assert_eq!(svg, draw_timeline(&timeline).expect("draws").0, "the same bytes");
    }
}
