//! The pen: the few strokes the sheet needs, drawn with plotters into an SVG text.
//!
//! The only file that names plotters' drawing types. What plotters can't say in SVG (millimetres, halos, round joins) is written
//! by [`finish`] afterwards.

use plotters::backend::SVGBackend;
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::{Circle, PathElement, Polygon, Rectangle};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontDesc, FontFamily, FontStyle, RGBAColor, ShapeStyle, TextStyle};

use super::colour::Colour;
use super::frame::{Area, Spot, UNITS_PER_MM};
use super::{MapError, SheetSize};
use crate::output::font;

/// Stand-ins for the font family, replaced by [`finish`].
const PLAIN: &str = "yizhan-plain";
const HALO: &str = "yizhan-halo";
const BOLD: &str = "yizhan-bold";

/// How a text looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    /// As the font has it.
    Plain,
    /// With a white rim, to be read over anything.
    Halo,
    /// Thickened a little; always in [`Colour::INK`].
    Bold,
}

/// Where a text stands against its position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    /// It begins there.
    Start,
    /// Its middle is there.
    Middle,
}

/// Size and look of a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lettering {
    /// Font size in units.
    pub em: i32,
    pub colour: Colour,
    pub weight: Weight,
}

/// Millimetres on paper as units.
pub(super) fn mm(length: f64) -> i32 {
    (length * UNITS_PER_MM).round() as i32
}

/// A look by its font size in millimetres.
pub(super) fn look(em_mm: f64, colour: Colour, weight: Weight) -> Lettering {
    Lettering { em: mm(em_mm), colour, weight }
}

pub(super) struct Pen<'a> {
    area: DrawingArea<SVGBackend<'a>, Shift>,
}

impl<'a> Pen<'a> {
    pub fn new(svg: &'a mut String, paper: Area) -> Self {
        font::register();
        let size = (paper.width().unsigned_abs(), paper.height().unsigned_abs());
        Self { area: SVGBackend::with_string(svg, size).into_drawing_area() }
    }

    pub fn line(&self, spots: &[Spot], colour: Colour, width: i32) -> Result<(), MapError> {
        if spots.len() < 2 {
            return Ok(());
        }
        self.area.draw(&PathElement::new(spots.to_vec(), stroke(colour, width))).map_err(cannot)
    }

    pub fn polygon(&self, spots: &[Spot], colour: Colour) -> Result<(), MapError> {
        if spots.len() < 3 {
            return Ok(());
        }
        self.area.draw(&Polygon::new(spots.to_vec(), fill(colour))).map_err(cannot)
    }

    pub fn rectangle(&self, area: Area, colour: Colour) -> Result<(), MapError> {
        if area.width() <= 0 || area.height() <= 0 {
            return Ok(());
        }
        self.area.draw(&Rectangle::new([(area.left, area.top), (area.right, area.bottom)], fill(colour))).map_err(cannot)
    }

    pub fn disc(&self, centre: Spot, radius: i32, colour: Colour) -> Result<(), MapError> {
        self.area.draw(&Circle::new(centre, radius, fill(colour))).map_err(cannot)
    }

    /// Writes `text` with its baseline at `at`.
    pub fn text(&self, text: &str, at: Spot, anchor: Anchor, look: Lettering) -> Result<(), MapError> {
        let family = match look.weight {
            Weight::Plain => PLAIN,
            Weight::Halo => HALO,
            Weight::Bold => BOLD,
        };
        let h_pos = match anchor {
            Anchor::Start => HPos::Left,
            Anchor::Middle => HPos::Center,
        };
        // plotters writes a font size of 1/1.24 of what it is told, and the baseline 0.76 em below a top anchor.
        let em = f64::from(look.em);
        let font = FontDesc::new(FontFamily::Name(family), em * 1.24, FontStyle::Normal);
        let colour = rgba(look.colour);
        let style = TextStyle::from(font).color(&colour).pos(Pos::new(h_pos, VPos::Top));
        let top = at.1 - (em * 0.76).round() as i32;
        self.area.draw_text(text, &style, (at.0, top)).map_err(cannot)
    }

    pub fn put_down(&self) -> Result<(), MapError> {
        self.area.present().map_err(cannot)
    }
}

/// Turns plotters' SVG into the finished one: real size, title, description, fonts, halos and joins.
pub(super) fn finish(svg: &str, size: SheetSize, title: &str, description: &str) -> String {
    let (width, height) = (size.width_mm, size.height_mm);
    let (head, body) = svg.split_once(">\n").unwrap_or((svg, ""));
    let view = head.find("viewBox").map_or("", |from| &head[from..]);
    let rim = |colour: &str, width: &str| {
        format!(r#"font-family="{}" stroke="{colour}" stroke-width="{width}" paint-order="stroke""#, font::FAMILIES)
    };
    let [r, g, b] = Colour::INK.rgb;
    let body = body
        .replace(&family(HALO), &rim("#FFFFFF", "0.24em"))
        .replace(&family(BOLD), &rim(&format!("#{r:02X}{g:02X}{b:02X}"), "0.035em"))
        .replace(&family(PLAIN), &family(font::FAMILIES))
        .replace(" opacity=\"1\"", "")
        .replace(" \"/>", "\"/>");
    format!(
        "<svg width=\"{width}mm\" height=\"{height}mm\" {view} role=\"img\" stroke-linejoin=\"round\">\n\
         <title>{}</title>\n<desc>{}</desc>\n{body}",
        escaped(title),
        escaped(description)
    )
}

fn family(name: &str) -> String {
    format!("font-family=\"{name}\"")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn rgba(colour: Colour) -> RGBAColor {
    let [r, g, b] = colour.rgb;
    RGBAColor(r, g, b, colour.alpha)
}

fn fill(colour: Colour) -> ShapeStyle {
    ShapeStyle { color: rgba(colour), filled: true, stroke_width: 0 }
}

fn stroke(colour: Colour, width: i32) -> ShapeStyle {
    ShapeStyle { color: rgba(colour), filled: false, stroke_width: width.max(1).unsigned_abs() }
}

fn cannot(error: impl std::fmt::Display) -> MapError {
    MapError::Drawing { cause: error.to_string() }
}
