//! Styles of lines and areas, with the usual ones ready made. Widths are millimetres on A4.

use super::colour::Colour;

/// How a line is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LineStyle {
    /// Colour.
    pub colour: Colour,
    /// Width in millimetres.
    pub width_mm: f64,
    /// Pattern.
    pub pattern: Pattern,
    /// Whether a white rim lies under it, to be seen over any colour.
    pub cased: bool,
}

/// Pattern of a line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Pattern {
    /// Unbroken.
    Solid,
    /// Dashes and spaces of these lengths, in millimetres.
    Dashed {
        /// Length of a dash.
        on_mm: f64,
        /// Length of a space.
        off_mm: f64,
    },
    /// Railway: dark line with white bars in it.
    Railway,
}

impl LineStyle {
    /// Railway.
    pub const RAILWAY: Self = Self { colour: Colour::hex(0x4a4f59), width_mm: 0.9, pattern: Pattern::Railway, cased: false };
    /// Bridge or other crossing.
    pub const BRIDGE: Self = Self::solid(Colour::hex(0x4a4f59), 0.6);
    /// Motorway or other road that can't be crossed on foot.
    pub const ROAD: Self = Self::solid(Colour::hex(0xb5a890), 0.6);
    /// Street.
    pub const STREET: Self = Self::solid(Colour::hex(0xb9b1a3), 0.18);
    /// From a place to what it stands for.
    pub const LINK: Self =
        Self { colour: Colour::INK, width_mm: 0.25, pattern: Pattern::Dashed { on_mm: 1.2, off_mm: 0.8 }, cased: true };
    /// Edge of a service radius.
    pub const REACH: Self = Self::solid(Colour::hex(0x0b4f8c), 0.2).with_casing();

    /// An unbroken line.
    pub const fn solid(colour: Colour, width_mm: f64) -> Self {
        Self { colour, width_mm, pattern: Pattern::Solid, cased: false }
    }

    /// The same line with a white rim.
    #[must_use]
    pub const fn with_casing(self) -> Self {
        Self { cased: true, ..self }
    }
}

/// How an area is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AreaStyle {
    /// Colour inside.
    pub fill: Option<Colour>,
    /// Line around.
    pub outline: Option<LineStyle>,
}

impl AreaStyle {
    /// Water.
    pub const WATER: Self = Self { fill: Some(Colour::WATER), outline: Some(LineStyle::solid(Colour::SHORE, 0.15)) };
    /// Service radius: an outline only, since a tint would change the class colours beneath.
    pub const SERVICE: Self = Self { fill: None, outline: Some(LineStyle::REACH) };
    /// Outline of a gap.
    pub const GAP: Self = Self { fill: None, outline: Some(LineStyle::solid(Colour::INK, 0.5).with_casing()) };
}
