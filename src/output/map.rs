//! A map sheet: title, map, legend, scale bar, north arrow and notes, as SVG, and as PNG made from that SVG.
//!
//! Input: layers in metres of one projected CRS. Output: the same bytes for the same sheet on any machine. Text is lettered in the
//! compiled-in font, and a character it lacks is an error. No administrative boundary and no base map are drawn.

mod chart;
mod classes;
mod clip;
mod colour;
mod frame;
mod furniture;
mod labels;
mod layers;
mod pen;
mod raster;
mod style;
mod symbols;
mod text;
mod timeline;

pub use chart::{Chart, Line, Mark, draw_chart};
pub use classes::{Classes, METHOD as CLASS_METHOD, classes};
pub use colour::{Colour, Ramp};
pub use frame::{Extent, SheetSize};
pub use raster::rasterise;
pub use style::{AreaStyle, LineStyle, Pattern};
pub use symbols::Symbol;
pub use timeline::{Bar, Timeline, TimelineRow, draw_timeline};

use crate::crs::Planar;
use crate::output::font;
use frame::Plan;
use pen::Pen;

/// Why a sheet can't be drawn.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum MapError {
    /// A character isn't in the font.
    #[error("the map font has no character `{}` (U+{:04X}), needed for `{text}`", .character.escape_debug(), u32::from(*.character))]
    MissingGlyph {
        /// The character.
        character: char,
        /// The text it is in.
        text: String,
    },
    /// A part that every map must have is blank.
    #[error("the map has no {part}")]
    Blank {
        /// The part.
        part: &'static str,
    },
    /// The extent is empty or not a number.
    #[error("nothing can be drawn in the extent {extent:?}: west must be less than east, south less than north")]
    Extent {
        /// The extent as given.
        extent: Extent,
    },
    /// The paper is too small or too large.
    #[error("a sheet of {} × {} mm can't be laid out: 200 × 140 to 2000 × 2000 mm are possible", .size.width_mm, .size.height_mm)]
    SheetSize {
        /// The size as given.
        size: SheetSize,
    },
    /// A cell's class has no colour.
    #[error("a cell has class {class}, but the layer has {classes} colours (classes count from 0)")]
    NoSuchClass {
        /// The class.
        class: usize,
        /// Number of colours.
        classes: usize,
    },
    /// The legend doesn't fit its panel at a readable size.
    #[error("a legend of {items} items doesn't fit the sheet: leave items out or take a larger sheet")]
    LegendTooLong {
        /// Number of items.
        items: usize,
    },
    /// The drawing library failed.
    #[error("drawing failed: {cause}")]
    Drawing {
        /// What it said.
        cause: String,
    },
    /// The SVG can't be rasterised.
    #[error("the map can't be made into an image: {cause}")]
    Raster {
        /// What was wrong.
        cause: String,
    },
}

/// One map of a sheet.
#[derive(Debug, Clone)]
pub struct Panel {
    /// Line above it; blank where a sheet has only one.
    pub caption: String,
    /// Layers, lowest first. Labels are drawn over all of them.
    pub layers: Vec<Layer>,
}

/// A map sheet: one map, or several of the same ground at the same scale.
#[derive(Debug, Clone)]
pub struct Sheet {
    /// Title.
    pub title: String,
    /// Line under the title: what is shown, when, at which radius. May be blank.
    pub subtitle: String,
    /// Ground that must be visible, in metres.
    pub extent: Extent,
    /// The maps, row by row.
    pub panels: Vec<Panel>,
    /// Legend.
    pub legend: Legend,
    /// Lines at the foot: data date, source, CRS, parameter pack, run id.
    pub notes: Vec<String>,
    /// 示意图 or the approval number, in a box beside the title.
    pub mark: String,
}

/// A layer of the map.
#[derive(Debug, Clone)]
pub enum Layer {
    /// Choropleth of square cells.
    Cells {
        /// The cells.
        cells: Vec<CellFill>,
        /// Side of a cell in metres.
        side_m: f64,
        /// Colour of each class.
        colours: Vec<Colour>,
    },
    /// Areas: water.
    Areas {
        /// The areas.
        areas: Vec<Outline>,
        /// Style.
        style: AreaStyle,
    },
    /// Lines: railways, bridges.
    Lines {
        /// The lines.
        lines: Vec<Vec<Planar>>,
        /// Style.
        style: LineStyle,
    },
    /// Symbols, with labels.
    Points {
        /// The points.
        points: Vec<Marker>,
    },
    /// Straight links between pairs of positions.
    Links {
        /// The pairs.
        pairs: Vec<(Planar, Planar)>,
        /// Style.
        style: LineStyle,
    },
}

/// A cell of a choropleth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CellFill {
    /// Centre.
    pub centre: Planar,
    /// Class, from 0; `None` when the value is withheld (grey with a slash, which isn't zero).
    pub class: Option<usize>,
}

/// An area's outline and the holes in it; rings in any direction, closed or not.
#[derive(Debug, Clone, PartialEq)]
pub struct Outline {
    /// Outer ring.
    pub ring: Vec<Planar>,
    /// Holes: islands in water.
    pub holes: Vec<Vec<Planar>>,
}

/// A point with its symbol.
#[derive(Debug, Clone, PartialEq)]
pub struct Marker {
    /// Position.
    pub at: Planar,
    /// Symbol.
    pub symbol: Symbol,
    /// Colour, usually [`Symbol::colour`].
    pub colour: Colour,
    /// Label.
    pub label: Option<String>,
    /// Importance of the label: 0 is placed first, `None` last.
    pub rank: Option<u32>,
}

impl Marker {
    /// A symbol in its usual colour without a label.
    pub fn new(at: Planar, symbol: Symbol) -> Self {
        Self { at, symbol, colour: symbol.colour(), label: None, rank: None }
    }

    /// Adds a label; 0 is the most important rank.
    #[must_use]
    pub fn labelled(mut self, label: impl Into<String>, rank: u32) -> Self {
        (self.label, self.rank) = (Some(label.into()), Some(rank));
        self
    }
}

/// The legend.
#[derive(Debug, Clone, PartialEq)]
pub struct Legend {
    /// Heading of the panel.
    pub title: String,
    /// Items from the top.
    pub items: Vec<LegendItem>,
}

/// A line of the legend.
#[derive(Debug, Clone, PartialEq)]
pub struct LegendItem {
    /// What is drawn.
    pub swatch: Swatch,
    /// What it means, with the unit.
    pub text: String,
}

impl LegendItem {
    /// A line of the legend.
    pub fn new(swatch: Swatch, text: impl Into<String>) -> Self {
        Self { swatch, text: text.into() }
    }
}

/// What stands before a legend's text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Swatch {
    /// Nothing: the text heads the items that follow (name of the variable, unit, method of classes).
    Heading,
    /// Colour of a class; neighbours join into one bar.
    Fill(Colour),
    /// Withheld cells.
    Withheld,
    /// An area.
    Area(AreaStyle),
    /// A circle.
    Circle(AreaStyle),
    /// A line or link.
    Line(LineStyle),
    /// A symbol.
    Point {
        /// Symbol.
        symbol: Symbol,
        /// Colour.
        colour: Colour,
    },
}

impl Sheet {
    /// Every text that may be drawn.
    fn texts(&self) -> impl Iterator<Item = &str> {
        let labels = self
            .panels
            .iter()
            .flat_map(|panel| layers::points(&panel.layers))
            .flatten()
            .filter_map(|point| point.label.as_deref());
        let items = self.legend.items.iter().map(|item| item.text.as_str());
        let captions = self.panels.iter().map(|panel| panel.caption.as_str());
        [&self.title, &self.subtitle, &self.mark, &self.legend.title]
            .into_iter()
            .chain(&self.notes)
            .map(String::as_str)
            .chain(items)
            .chain(captions)
            .chain(labels)
    }

    fn check(&self) -> Result<(), MapError> {
        self.extent.check()?;
        let notes = self.notes.concat();
        let parts =
            [("title", &self.title), ("legend title", &self.legend.title), ("notes", &notes), ("mark (示意图)", &self.mark)];
        if let Some((part, _)) = parts.into_iter().find(|(_, text)| text.trim().is_empty()) {
            return Err(MapError::Blank { part });
        }
        lettered(self.texts())
    }
}

/// Refuses texts that the font can't draw.
fn lettered<'t>(texts: impl IntoIterator<Item = &'t str>) -> Result<(), MapError> {
    for text in texts {
        if let Some(character) = font::missing_glyph(text) {
            return Err(MapError::MissingGlyph { character, text: text.to_owned() });
        }
    }
    Ok(())
}

/// Draws a sheet as SVG. Labels that find no free place are left out; the SVG's description counts them.
///
/// # Errors
/// When a text has a character that the font lacks, when a part that every map needs is blank, and when something can't be laid out.
pub fn draw_svg(sheet: &Sheet, size: SheetSize) -> Result<String, MapError> {
    sheet.check()?;
    let count = sheet.panels.len();
    let bare = Plan::new(size, sheet.extent, sheet.notes.len(), count)?;
    let broken = |note: &String| text::wrap(note, bare.mm(furniture::NOTE_MM), bare.inner.width());
    let notes: Vec<String> = sheet.notes.iter().flat_map(broken).collect();
    let plan = Plan::new(size, sheet.extent, notes.len(), count)?;
    let frames = plan.frames(sheet.extent, count);
    let mut svg = String::new();
    let pen = Pen::new(&mut svg, plan.paper);
    pen.rectangle(plan.paper, Colour::PAPER)?;
    let (mut placed, mut asked) = (0, 0);
    for (panel, frame) in sheet.panels.iter().zip(&frames) {
        let labels = layers::draw(&pen, frame, &panel.layers)?;
        (placed, asked) = (placed + labels.placed, asked + labels.asked);
    }
    furniture::draw(&pen, &plan, &frames, sheet, &notes)?;
    pen.put_down()?;
    drop(pen);
    let description = format!("{} [labels: {placed} of {asked}]", sheet.subtitle);
    Ok(pen::finish(&svg, size, &sheet.title, &description))
}

#[cfg(test)]
mod tests;
