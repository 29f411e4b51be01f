//! Draws the layers of a map, cut at the map's edge, and the labels over all of them.

use super::clip::{clip_line, clip_ring, dashes, signed_area, spots};
use super::colour::Colour;
use super::frame::{Area, Plan, Spot, whole};
use super::labels::{self, Mark, Request};
use super::pen::{Anchor, Lettering, Pen, Weight};
use super::style::{AreaStyle, LineStyle, Pattern};
use super::{CellFill, Layer, MapError, Marker, Outline, symbols};
use crate::crs::Planar;
use crate::output::font;

/// Size of labels in millimetres.
const LABEL_MM: f64 = 2.9;

/// How many labels stand on the map, out of how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LabelCount {
    pub placed: usize,
    pub asked: usize,
}

/// Draws everything inside the map's frame.
pub(super) fn draw(pen: &Pen<'_>, plan: &Plan, layers: &[Layer]) -> Result<LabelCount, MapError> {
    pen.rectangle(plan.map, Colour::GROUND)?;
    for layer in layers {
        match layer {
            Layer::Cells { cells, side_m, colours } => draw_cells(pen, plan, cells, *side_m, colours)?,
            Layer::Areas { areas, style } => areas.iter().try_for_each(|area| draw_area(pen, plan, area, *style))?,
            Layer::Lines { lines, style } => lines.iter().try_for_each(|line| draw_line(pen, plan, line, *style))?,
            Layer::Links { pairs, style } => pairs.iter().try_for_each(|&(a, b)| draw_line(pen, plan, &[a, b], *style))?,
            Layer::Points { points } => {
                for (spot, point) in visible(plan, points) {
                    symbols::draw(pen, plan, point.symbol, point.colour, spot)?;
                }
            }
        }
    }
    draw_labels(pen, plan, layers)
}

/// The point layers.
pub(super) fn points(layers: &[Layer]) -> impl Iterator<Item = &[Marker]> {
    layers.iter().filter_map(|layer| match layer {
        Layer::Points { points } => Some(points.as_slice()),
        _ => None,
    })
}

fn visible<'a>(plan: &'a Plan, points: &'a [Marker]) -> impl Iterator<Item = (Spot, &'a Marker)> {
    points.iter().filter_map(|point| Some((plan.spot(point.at)?, point)))
}

/// Squares from north-west to south-east, each a hair larger to the right and down, where the next one covers it: no seams.
fn draw_cells(pen: &Pen<'_>, plan: &Plan, cells: &[CellFill], side_m: f64, colours: &[Colour]) -> Result<(), MapError> {
    const BLEED: i32 = 4;
    let mut squares = Vec::with_capacity(cells.len());
    for cell in cells {
        let colour = match cell.class {
            None => Colour::WITHHELD,
            Some(class) => *colours.get(class).ok_or(MapError::NoSuchClass { class, classes: colours.len() })?,
        };
        let half = side_m / 2.0;
        let (left, top) = whole(plan.place(Planar { x: cell.centre.x - half, y: cell.centre.y + half }));
        let (right, bottom) = whole(plan.place(Planar { x: cell.centre.x + half, y: cell.centre.y - half }));
        squares.push((top, left, right, bottom, cell.class.is_none(), colour));
    }
    squares.sort_by_key(|&(top, left, ..)| (top, left));
    let mut index = 0;
    while let Some(&(top, left, mut right, bottom, withheld, colour)) = squares.get(index) {
        index += 1;
        while let Some(next) = squares.get(index).filter(|n| (n.0, n.1, n.4, n.5) == (top, right, withheld, colour) && !withheld)
        {
            right = next.2;
            index += 1;
        }
        let square = Area { left, top, right, bottom };
        if square.overlaps(plan.map) {
            pen.rectangle(within(Area { right: right + BLEED, bottom: bottom + BLEED, ..square }, plan.map), colour)?;
            if withheld {
                let slash = [(f64::from(left), f64::from(bottom)), (f64::from(right), f64::from(top))];
                for part in clip_line(&slash, plan.map) {
                    pen.line(&spots(&part), Colour::RULE, plan.mm(0.12))?;
                }
            }
        }
    }
    Ok(())
}

fn within(area: Area, frame: Area) -> Area {
    let ((left, top), (right, bottom)) = (frame.nearest((area.left, area.top)), frame.nearest((area.right, area.bottom)));
    Area { left, top, right, bottom }
}

/// An area with its holes as one polygon: each hole, turned the other way, hangs on the outline by a seam of no width.
fn draw_area(pen: &Pen<'_>, plan: &Plan, area: &Outline, style: AreaStyle) -> Result<(), MapError> {
    let on_paper = |ring: &[Planar]| -> Vec<(f64, f64)> { ring.iter().map(|&at| plan.place(at)).collect() };
    if let Some(fill) = style.fill {
        let mut shape = clip_ring(&on_paper(&area.ring), plan.map);
        let Some(&start) = shape.first() else { return Ok(()) };
        let turn = signed_area(&shape).signum();
        for hole in &area.holes {
            let mut hole = clip_ring(&on_paper(hole), plan.map);
            if signed_area(&hole).signum() == turn {
                hole.reverse();
            }
            let closing = hole.first().copied();
            shape.push(start);
            shape.extend(hole);
            shape.extend(closing);
        }
        pen.polygon(&shape, fill)?;
    }
    if let Some(outline) = style.outline {
        for ring in std::iter::once(&area.ring).chain(&area.holes) {
            let mut closed = ring.clone();
            closed.extend(ring.first().copied());
            draw_line(pen, plan, &closed, outline)?;
        }
    }
    Ok(())
}

fn draw_line(pen: &Pen<'_>, plan: &Plan, line: &[Planar], style: LineStyle) -> Result<(), MapError> {
    let points: Vec<(f64, f64)> = line.iter().map(|&at| plan.place(at)).collect();
    clip_line(&points, plan.map).iter().try_for_each(|part| stroke(pen, plan, part, style))
}

/// Draws a line that is already on paper.
pub(super) fn stroke(pen: &Pen<'_>, plan: &Plan, line: &[(f64, f64)], style: LineStyle) -> Result<(), MapError> {
    let width = plan.mm(style.width_mm);
    let mm = |v: f64| f64::from(plan.mm(v));
    if style.cased {
        pen.line(&spots(line), Colour::PAPER.with_alpha(0.7), width + plan.mm(0.3))?;
    }
    match style.pattern {
        Pattern::Solid => pen.line(&spots(line), style.colour, width),
        Pattern::Dashed { on_mm, off_mm } => {
            dashes(line, mm(on_mm), mm(off_mm)).iter().try_for_each(|dash| pen.line(&spots(dash), style.colour, width))
        }
        Pattern::Railway => {
            pen.line(&spots(line), style.colour, width)?;
            let bars = dashes(line, mm(style.width_mm * 3.2), mm(style.width_mm * 3.2));
            bars.iter().try_for_each(|bar| pen.line(&spots(bar), Colour::PAPER, plan.mm(style.width_mm * 0.5)))
        }
    }
}

fn draw_labels(pen: &Pen<'_>, plan: &Plan, layers: &[Layer]) -> Result<LabelCount, MapError> {
    let points: Vec<(Spot, &Marker)> = points(layers).flat_map(|points| visible(plan, points)).collect();
    let em = plan.mm(LABEL_MM);
    let rim = plan.mm(0.3);
    let mut texts: Vec<&str> = Vec::new();
    let mut requests: Vec<Request> = Vec::new();
    for &(at, point) in &points {
        let Some(text) = point.label.as_deref().filter(|text| !text.trim().is_empty()) else { continue };
        let width = (font::width_em(text) * f64::from(em)).ceil() as i32 + 2 * rim;
        let priority = point.rank.unwrap_or(u32::MAX);
        requests.push(Request { at, radius: plan.mm(point.symbol.radius_mm()), width, height: em + rim, priority });
        texts.push(text);
    }
    let mark = |&(at, point): &(Spot, &Marker)| Mark { at, radius: plan.mm(point.symbol.radius_mm()) };
    let marks: Vec<Mark> = points.iter().map(mark).collect();
    let placed = labels::place(&requests, &marks, plan.map.shrunk(plan.mm(1.0)), plan.mm(0.3));
    for (from, to) in placed.iter().filter_map(|label| label.leader) {
        pen.line(&[from, to], Colour::PAPER, plan.mm(0.6))?;
        pen.line(&[from, to], Colour::INK, plan.mm(0.2))?;
    }
    let look = Lettering { em, colour: Colour::INK, weight: Weight::Halo };
    for label in &placed {
        // Han characters reach from 0.88 em above the baseline to 0.12 em below it.
        let baseline = label.bounds.top + rim / 2 + (f64::from(em) * 0.88).round() as i32;
        pen.text(texts[label.request], (label.bounds.left + rim, baseline), Anchor::Start, look)?;
    }
    Ok(LabelCount { placed: placed.len(), asked: requests.len() })
}
