//! What surrounds the map: title, mark, legend, north arrow, scale bar and notes.

use super::colour::Colour;
use super::frame::{Area, Plan};
use super::layers::stroke;
use super::pen::{Anchor, Lettering, Pen, Weight};
use super::text::{width, wrap};
use super::{Legend, LegendItem, MapError, Sheet, Swatch, symbols};

/// Size of the notes' text in millimetres.
pub(super) const NOTE_MM: f64 = 2.6;

/// Height kept free at the foot of the panel for the north arrow and the scale bar, in millimetres.
const FOOT_MM: f64 = 34.0;

/// Draws title, subtitle and mark above the map, frames, and notes below.
pub(super) fn draw(pen: &Pen<'_>, plan: &Plan, maps: &[Plan], sheet: &Sheet, notes: &[String]) -> Result<(), MapError> {
    let (left, top) = (plan.inner.left, plan.inner.top);
    draw_heading(pen, plan, sheet, (left, top))?;
    let caption = Lettering { em: plan.mm(3.2), colour: Colour::INK, weight: Weight::Bold };
    for (map, panel) in maps.iter().zip(&sheet.panels) {
        pen.line(&map.map.ring(), Colour::INK, map.mm(0.3))?;
        let fitted = caption.em.min(caption.em * map.map.width() / width(&panel.caption, caption.em).max(1));
        pen.text(&panel.caption, (map.map.left, map.map.top - plan.mm(1.5)), Anchor::Start, Lettering { em: fitted, ..caption })?;
    }
    pen.line(&plan.panel.ring(), Colour::RULE, plan.mm(0.15))?;
    draw_legend(pen, plan, &sheet.legend)?;
    draw_north(pen, plan)?;
    if let Some(map) = maps.first() {
        draw_scale(pen, plan, map.units_per_metre)?;
    }
    let look = Lettering { em: plan.mm(NOTE_MM), colour: Colour::MUTED, weight: Weight::Plain };
    for (index, note) in notes.iter().enumerate() {
        pen.text(note, (left, plan.notes_top + plan.mm(NOTE_MM + 3.9 * index as f64)), Anchor::Start, look)?;
    }
    Ok(())
}

/// Title and subtitle, set smaller where they would run into the mark.
fn draw_heading(pen: &Pen<'_>, plan: &Plan, sheet: &Sheet, (left, top): (i32, i32)) -> Result<(), MapError> {
    let em = plan.mm(3.4);
    let half = plan.mm(1.6);
    let mark_width = width(&sheet.mark, em) + 2 * half;
    let right = plan.inner.right;
    let frame = Area { left: right - mark_width, top, right, bottom: top + plan.mm(6.0) };
    pen.line(&frame.ring(), Colour::INK, plan.mm(0.2))?;
    let look = Lettering { em, colour: Colour::INK, weight: Weight::Plain };
    pen.text(&sheet.mark, (frame.left + half, top + plan.mm(4.3)), Anchor::Start, look)?;
    let room = frame.left - left - plan.mm(4.0);
    let fitted = |text: &str, mm: f64| {
        plan.mm(mm).min((f64::from(plan.mm(mm)) * f64::from(room) / f64::from(width(text, plan.mm(mm)).max(1))) as i32)
    };
    let title = Lettering { em: fitted(&sheet.title, 6.0), colour: Colour::INK, weight: Weight::Bold };
    pen.text(&sheet.title, (left, top + plan.mm(5.2)), Anchor::Start, title)?;
    let subtitle = Lettering { em: fitted(&sheet.subtitle, 3.4), colour: Colour::MUTED, weight: Weight::Plain };
    pen.text(&sheet.subtitle, (left, top + plan.mm(11.2)), Anchor::Start, subtitle)
}

/// A legend line: its swatch and text, and how much height it takes, in units.
struct Row<'a> {
    item: &'a LegendItem,
    lines: Vec<String>,
    height: i32,
}

/// Sizes of a legend, shrunk together when it is long.
struct LegendSizes {
    em: i32,
    line: i32,
    heading_gap: i32,
    swatch: i32,
}

impl LegendSizes {
    fn new(plan: &Plan, shrink: f64) -> Self {
        let mm = |v: f64| plan.mm(v * shrink);
        Self { em: mm(3.0), line: mm(4.8), heading_gap: mm(2.2), swatch: mm(9.0) }
    }

    fn rows<'a>(&self, legend: &'a Legend, room: i32) -> Vec<Row<'a>> {
        let rows = legend.items.iter().map(|item| {
            let heading = matches!(item.swatch, Swatch::Heading);
            let lines = wrap(&item.text, self.em, if heading { room } else { room - self.swatch - self.em });
            let height = self.line + (self.em * 13 / 10) * (lines.len() as i32 - 1);
            Row { item, lines, height: height + if heading { self.heading_gap } else { 0 } }
        });
        rows.collect()
    }
}

fn draw_legend(pen: &Pen<'_>, plan: &Plan, legend: &Legend) -> Result<(), MapError> {
    let inside = plan.panel.shrunk(plan.mm(4.0));
    let heading = Lettering { em: plan.mm(3.8), colour: Colour::INK, weight: Weight::Bold };
    let mut top = inside.top + plan.mm(3.6);
    for line in wrap(&legend.title, heading.em, inside.width()) {
        pen.text(&line, (inside.left, top), Anchor::Start, heading)?;
        top += plan.mm(5.0);
    }
    top -= plan.mm(2.6);
    let room = inside.bottom - plan.mm(FOOT_MM) - top;
    let fits = |shrink: &f64| {
        let rows = LegendSizes::new(plan, *shrink).rows(legend, inside.width());
        rows.iter().map(|row| row.height).sum::<i32>() <= room
    };
    let shrink =
        [1.0, 0.9, 0.8, 0.7, 0.62].into_iter().find(fits).ok_or(MapError::LegendTooLong { items: legend.items.len() })?;
    let sizes = LegendSizes::new(plan, shrink);
    for row in sizes.rows(legend, inside.width()) {
        draw_row(pen, plan, &sizes, &row, (inside.left, top))?;
        top += row.height;
    }
    Ok(())
}

fn draw_row(pen: &Pen<'_>, plan: &Plan, sizes: &LegendSizes, row: &Row<'_>, (left, top): (i32, i32)) -> Result<(), MapError> {
    let heading = matches!(row.item.swatch, Swatch::Heading);
    let (colour, start, offset) = match heading {
        true => (Colour::MUTED, left, sizes.heading_gap),
        false => (Colour::INK, left + sizes.swatch + sizes.em, 0),
    };
    let look = Lettering { em: sizes.em, colour, weight: Weight::Plain };
    let middle = top + offset + sizes.line / 2;
    for (index, line) in row.lines.iter().enumerate() {
        let baseline = middle + sizes.em * 38 / 100 + (sizes.em * 13 / 10) * index as i32;
        pen.text(line, (start, baseline), Anchor::Start, look)?;
    }
    let whole = Area { left, top: top + offset, right: left + sizes.swatch, bottom: top + row.height };
    let first = Area { bottom: whole.top + sizes.line, ..whole };
    draw_swatch(pen, plan, row.item.swatch, whole, first)
}

/// Draws a swatch: class colours take the `whole` row, so that classes join into one bar; the others its `first` line.
fn draw_swatch(pen: &Pen<'_>, plan: &Plan, swatch: Swatch, whole: Area, first: Area) -> Result<(), MapError> {
    let middle = ((first.left + first.right) / 2, (first.top + first.bottom) / 2);
    let patch = Area { top: first.top + first.height() / 7, bottom: first.bottom - first.height() / 7, ..first };
    match swatch {
        Swatch::Heading => Ok(()),
        Swatch::Fill(colour) => {
            pen.rectangle(whole, colour)?;
            pen.line(&whole.ring(), Colour::RULE, plan.mm(0.1))
        }
        Swatch::Withheld => {
            pen.rectangle(patch, Colour::WITHHELD)?;
            pen.line(&[(patch.left, patch.bottom), (patch.right, patch.top)], Colour::RULE, plan.mm(0.12))
        }
        Swatch::Area(style) => {
            style.fill.map_or(Ok(()), |fill| pen.rectangle(patch, fill))?;
            let ring = patch.ring().map(|(x, y)| (f64::from(x), f64::from(y)));
            style.outline.map_or(Ok(()), |line| stroke(pen, plan, &ring, line))
        }
        Swatch::Circle(style) => {
            let ring = super::clip::circle((f64::from(middle.0), f64::from(middle.1)), f64::from(first.height()) * 0.45);
            let spots = super::clip::spots(&ring);
            style.fill.map_or(Ok(()), |fill| pen.polygon(&spots, fill))?;
            let closed: Vec<_> = ring.iter().chain(ring.first()).copied().collect();
            style.outline.map_or(Ok(()), |line| stroke(pen, plan, &closed, line))
        }
        Swatch::Line(style) => {
            let y = f64::from(middle.1);
            stroke(pen, plan, &[(f64::from(first.left), y), (f64::from(first.right), y)], style)
        }
        Swatch::Point { symbol, colour } => symbols::draw(pen, plan, symbol, colour, middle),
    }
}

/// An arrow to grid north, half dark.
fn draw_north(pen: &Pen<'_>, plan: &Plan) -> Result<(), MapError> {
    let inside = plan.panel.shrunk(plan.mm(4.0));
    let x = (inside.left + inside.right) / 2;
    let (tip, foot) = (inside.bottom - plan.mm(24.0), inside.bottom - plan.mm(14.0));
    let (notch, half) = (foot - plan.mm(2.2), plan.mm(3.0));
    let look = Lettering { em: plan.mm(3.4), colour: Colour::INK, weight: Weight::Bold };
    pen.text("N", (x, tip - plan.mm(1.0)), Anchor::Middle, look)?;
    let (left, right) = ([(x, tip), (x, notch), (x - half, foot)], [(x, tip), (x, notch), (x + half, foot)]);
    pen.polygon(&left, Colour::INK)?;
    pen.line(&[left.as_slice(), &left[..2]].concat(), Colour::INK, plan.mm(0.15))?;
    pen.line(&[right.as_slice(), &right[..2]].concat(), Colour::INK, plan.mm(0.15))
}

/// A scale bar: a round length of ground and what it measures on paper.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct ScaleBar {
    /// Ground, in metres.
    pub metres: f64,
    /// Paper, in units.
    pub units: i32,
    /// Parts, alternately dark and light.
    pub parts: i32,
}

impl ScaleBar {
    /// The longest bar of 1, 2 or 5 × 10ⁿ metres that fits `room` units.
    pub fn fit(units_per_metre: f64, room: i32) -> Self {
        let longest = (f64::from(room) / units_per_metre).max(1e-6);
        let power = 10_f64.powi(longest.log10().floor() as i32);
        let steps = [(5.0, 5), (2.0, 4), (1.0, 4)];
        let (times, parts) = steps.into_iter().find(|(times, _)| times * power <= longest).unwrap_or((1.0, 4));
        let metres = times * power;
        Self { metres, units: (metres * units_per_metre).round() as i32, parts }
    }
}

fn draw_scale(pen: &Pen<'_>, plan: &Plan, units_per_metre: f64) -> Result<(), MapError> {
    let inside = plan.panel.shrunk(plan.mm(4.0));
    let bar = ScaleBar::fit(units_per_metre, inside.width() - plan.mm(9.0));
    let left = (inside.left + inside.right - bar.units) / 2;
    let (top, bottom) = (inside.bottom - plan.mm(4.6), inside.bottom - plan.mm(3.1));
    let at = |part: i32| left + (f64::from(bar.units) * f64::from(part) / f64::from(bar.parts)).round() as i32;
    for part in 0..bar.parts {
        let piece = Area { left: at(part), top, right: at(part + 1), bottom };
        pen.rectangle(piece, if part % 2 == 0 { Colour::INK } else { Colour::PAPER })?;
    }
    pen.line(&Area { left, top, right: left + bar.units, bottom }.ring(), Colour::INK, plan.mm(0.15))?;
    let (unit, divisor) = if bar.metres >= 1000.0 { ("km", 1000.0) } else { ("m", 1.0) };
    let look = Lettering { em: plan.mm(2.7), colour: Colour::INK, weight: Weight::Plain };
    let baseline = top - plan.mm(1.1);
    pen.text("0", (left, baseline), Anchor::Middle, look)?;
    if bar.parts == 4 {
        pen.text(&format!("{}", bar.metres / 2.0 / divisor), (at(2), baseline), Anchor::Middle, look)?;
    }
    pen.text(&format!("{} {unit}", bar.metres / divisor), (left + bar.units, baseline), Anchor::Middle, look)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_bar_is_round_and_as_long_as_it_says() {
        let bar = ScaleBar::fit(0.3, 1000);
        assert_eq!(bar, ScaleBar { metres: 2000.0, units: 600, parts: 4 });
        assert_eq!(ScaleBar::fit(1.0, 999).metres, 500.0);
        assert_eq!(ScaleBar::fit(1.0, 1000).metres, 1000.0);
    }

    proptest! {
        #[test]
        fn bars_fill_a_good_part_of_their_room(units_per_metre in 1e-3..10.0_f64) {
            let bar = ScaleBar::fit(units_per_metre, 1000);
            prop_assert!((399..=1000).contains(&bar.units), "{bar:?}");
            prop_assert!((f64::from(bar.units) - bar.metres * units_per_metre).abs() <= 0.5);
        }
    }
}
