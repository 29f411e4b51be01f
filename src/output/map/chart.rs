//! A line chart in the style of the map sheets: coverage against the number of measures, its bound, and points to look at.

use super::MapError;
use super::colour::Colour;
use super::frame::{Area, Spot};
use super::pen::{Anchor, Pen, Weight, finish, look, mm};
use super::{SheetSize, lettered, text};

/// A line of the chart.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// What it shows.
    pub name: String,
    /// Colour.
    pub colour: Colour,
    /// Width in millimetres.
    pub width_mm: f64,
    /// Value at 0, 1, 2, … .
    pub values: Vec<f64>,
}

/// A point to look at.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    /// Position along the axis.
    pub at: usize,
    /// Value.
    pub value: f64,
    /// What it says.
    pub text: String,
}

/// A chart of values in per cent against a count.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// Title.
    pub title: String,
    /// Line under the title.
    pub subtitle: String,
    /// What is counted along the axis.
    pub axis: String,
    /// Lines of one length, at least two values each; the lowest first.
    pub lines: Vec<Line>,
    /// Points.
    pub marks: Vec<Mark>,
    /// Lines at the foot.
    pub notes: Vec<String>,
}

/// Paper of a chart.
pub const CHART_SIZE: SheetSize = SheetSize { width_mm: 200, height_mm: 130 };

/// Where values stand on paper.
struct Scale {
    frame: Area,
    last: usize,
    low: f64,
    high: f64,
}

impl Scale {
    fn new(chart: &Chart, frame: Area) -> Self {
        let values = || chart.lines.iter().flat_map(|line| line.values.iter().copied());
        let step = step(values().fold(f64::NEG_INFINITY, f64::max) - values().fold(f64::INFINITY, f64::min));
        let low = (values().fold(f64::INFINITY, f64::min) / step).floor() * step;
        let high = ((values().fold(f64::NEG_INFINITY, f64::max) / step).ceil() * step).max(low + step);
        let last = chart.lines.iter().map(|line| line.values.len()).max().unwrap_or(2).saturating_sub(1).max(1);
        Self { frame, last, low, high }
    }

    fn spot(&self, at: usize, value: f64) -> Spot {
        let x = f64::from(self.frame.width()) * at as f64 / self.last as f64;
        let y = f64::from(self.frame.height()) * (value - self.low) / (self.high - self.low);
        (self.frame.left + x.round() as i32, self.frame.bottom - y.round() as i32)
    }
}

/// A round step that cuts a range into about five.
fn step(range: f64) -> f64 {
    let rough = (range / 5.0).max(0.1);
    let power = 10f64.powf(rough.log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|times| times * power).find(|step| *step >= rough).unwrap_or(rough)
}

/// Draws a chart as SVG.
///
/// # Errors
/// When a text has a character that the font lacks, or drawing fails.
pub fn draw_chart(chart: &Chart) -> Result<String, MapError> {
    let named = chart.lines.iter().map(|line| &line.name).chain(chart.marks.iter().map(|mark| &mark.text));
    lettered(named.chain(&chart.notes).chain([&chart.title, &chart.subtitle, &chart.axis]).map(String::as_str))?;
    let paper = Area { left: 0, top: 0, right: mm(f64::from(CHART_SIZE.width_mm)), bottom: mm(f64::from(CHART_SIZE.height_mm)) };
    let frame = Area { left: mm(20.0), top: mm(24.0), right: paper.right - mm(10.0), bottom: paper.bottom - mm(27.0) };
    let mut svg = String::new();
    let pen = Pen::new(&mut svg, paper);
    pen.rectangle(paper, Colour::PAPER)?;
    let scale = Scale::new(chart, frame);
    draw_frame(&pen, chart, &scale)?;
    for line in &chart.lines {
        let spots: Vec<Spot> = line.values.iter().enumerate().map(|(at, value)| scale.spot(at, *value)).collect();
        pen.line(&spots, line.colour, mm(line.width_mm))?;
    }
    draw_marks(&pen, chart, &scale)?;
    draw_words(&pen, chart, frame)?;
    pen.put_down()?;
    drop(pen);
    Ok(finish(&svg, CHART_SIZE, &chart.title, &chart.subtitle))
}

/// Axes with their round values.
fn draw_frame(pen: &Pen<'_>, chart: &Chart, scale: &Scale) -> Result<(), MapError> {
    let (frame, quiet) = (scale.frame, look(2.8, Colour::MUTED, Weight::Plain));
    let rise = step(scale.high - scale.low);
    for row in 0..=((scale.high - scale.low) / rise).round() as u32 {
        let value = scale.low + rise * f64::from(row);
        let (_, y) = scale.spot(0, value.min(scale.high));
        pen.line(&[(frame.left, y), (frame.right, y)], Colour::RULE, mm(0.1))?;
        let text = if rise < 1.0 { format!("{value:.1} %") } else { format!("{value:.0} %") };
        pen.text(&text, (frame.left - mm(1.5) - text::width(&text, quiet.em), y + mm(1.0)), Anchor::Start, quiet)?;
    }
    let every = [1, 2, 5, 10, 20, 50, 100].into_iter().find(|every| scale.last / every <= 16).unwrap_or(200);
    for at in (0..=scale.last).step_by(every) {
        let (x, _) = scale.spot(at, scale.low);
        pen.line(&[(x, frame.bottom), (x, frame.bottom + mm(1.0))], Colour::INK, mm(0.15))?;
        pen.text(&at.to_string(), (x, frame.bottom + mm(4.4)), Anchor::Middle, quiet)?;
    }
    pen.line(&[(frame.left, frame.top), (frame.left, frame.bottom), (frame.right, frame.bottom)], Colour::INK, mm(0.2))?;
    pen.text(&chart.axis, ((frame.left + frame.right) / 2, frame.bottom + mm(9.0)), Anchor::Middle, quiet)
}

/// Points with their words: the first one's below and to the right, the others' above and to the left, where there is room.
fn draw_marks(pen: &Pen<'_>, chart: &Chart, scale: &Scale) -> Result<(), MapError> {
    let words = look(3.0, Colour::INK, Weight::Halo);
    for (row, mark) in chart.marks.iter().enumerate() {
        let (x, y) = scale.spot(mark.at, mark.value);
        pen.disc((x, y), mm(1.4), Colour::PAPER)?;
        pen.disc((x, y), mm(1.1), Colour::hex(0xc2185b))?;
        let width = text::width(&mark.text, words.em);
        let (right, left) = (x + mm(2.0), x - mm(2.0) - width);
        let (first, second) = if row == 0 { (right, left) } else { (left, right) };
        let fits = first >= scale.frame.left && first + width <= scale.frame.right;
        let baseline = if row == 0 { y + mm(5.0) } else { y - mm(3.0) };
        pen.text(&mark.text, (if fits { first } else { second }, baseline), Anchor::Start, words)?;
    }
    Ok(())
}

/// Title, names of the lines, notes.
fn draw_words(pen: &Pen<'_>, chart: &Chart, frame: Area) -> Result<(), MapError> {
    let left = mm(10.0);
    pen.text(&chart.title, (left, mm(9.0)), Anchor::Start, look(5.0, Colour::INK, Weight::Bold))?;
    pen.text(&chart.subtitle, (left, mm(15.0)), Anchor::Start, look(3.0, Colour::MUTED, Weight::Plain))?;
    let names = look(3.0, Colour::INK, Weight::Plain);
    let mut x = frame.left;
    for line in chart.lines.iter().rev() {
        pen.line(&[(x, mm(20.0)), (x + mm(8.0), mm(20.0))], line.colour, mm(line.width_mm))?;
        pen.text(&line.name, (x + mm(9.5), mm(21.0)), Anchor::Start, names)?;
        x += mm(15.0) + text::width(&line.name, names.em);
    }
    let small = look(2.5, Colour::MUTED, Weight::Plain);
    let lines = chart.notes.iter().flat_map(|note| text::wrap(note, small.em, frame.right - left));
    for (row, line) in lines.enumerate() {
        pen.text(&line, (left, frame.bottom + mm(15.0 + 3.6 * row as f64)), Anchor::Start, small)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart() -> Chart {
        let line =
            |name: &str, values: &[f64]| Line { name: name.into(), colour: Colour::INK, width_mm: 0.4, values: values.to_vec() };
        Chart {
            title: "覆盖曲线".into(),
            subtitle: "autumn weekday".into(),
            axis: "measures".into(),
            lines: vec![line("上界", &[60.0, 70.0, 75.0]), line("covered", &[60.0, 69.0, 74.0])],
            marks: vec![Mark { at: 1, value: 69.0, text: "knee".into() }],
            notes: vec!["示意".into()],
        }
    }

    #[test]
    fn values_stand_between_round_ones() {
        let frame = Area { left: 100, top: 50, right: 300, bottom: 450 };
        let scale = Scale::new(&chart(), frame);
        assert_eq!((scale.low, scale.high, scale.last), (60.0, 75.0, 2));
        assert_eq!(scale.spot(0, 60.0), (100, 450));
        assert_eq!(scale.spot(1, 75.0), (200, 50));
        assert_eq!([step(15.0), step(3.0), step(0.3), step(100.0)], [5.0, 1.0, 0.1, 20.0]);
    }

    #[test]
    fn a_chart_says_its_words_and_refuses_missing_characters() {
        let svg = draw_chart(&chart()).expect("draws");
        for word in ["覆盖曲线", "knee", "上界", "75 %", "measures"] {
            assert!(svg.contains(word), "{word}");
        }
        assert_eq!(svg, draw_chart(&chart()).expect("draws"), "the same bytes");
        let odd = Chart { title: "\u{1F600}".into(), ..chart() };
        assert!(matches!(draw_chart(&odd), Err(MapError::MissingGlyph { .. })));
    }
}
