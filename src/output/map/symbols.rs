//! Point symbols: one shape for each kind, told apart by shape alone, each with a white rim.

use super::colour::Colour;
use super::frame::{Plan, Spot};
use super::pen::{Anchor, Lettering, Pen, Weight};
use super::{MapError, Swatch};

/// What a point stands for. Colours after Okabe & Ito 2008 (Color Universal Design), darkened for use on a ramp.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Symbol {
    /// Fixed station ●.
    Fixed,
    /// Smart station ■.
    Smart,
    /// Bus stop of a mobile station ▲.
    Bus,
    /// Candidate place ◆.
    Candidate,
    /// Place that was chosen ★.
    Chosen,
    /// Place that is no more ✕.
    Closed,
    /// Gap, by its number, in a badge.
    Gap(u32),
}

impl Symbol {
    /// The usual colour of the symbol.
    pub fn colour(self) -> Colour {
        match self {
            Self::Fixed => Colour::hex(0x0b4f8c),
            Self::Smart => Colour::hex(0x007a5e),
            Self::Bus => Colour::hex(0x6a2c91),
            Self::Candidate => Colour::hex(0x374151),
            Self::Chosen => Colour::hex(0xc2185b),
            Self::Closed | Self::Gap(_) => Colour::INK,
        }
    }

    /// This symbol, in its usual colour, for the legend.
    pub fn swatch(self) -> Swatch {
        Swatch::Point { symbol: self, colour: self.colour() }
    }

    /// Radius in millimetres, rim included.
    pub fn radius_mm(self) -> f64 {
        match self {
            Self::Fixed | Self::Smart | Self::Bus => 1.35,
            Self::Candidate => 1.25,
            Self::Chosen | Self::Closed => 1.95,
            Self::Gap(_) => 2.1,
        }
    }

    /// Corners around the centre for a radius of 1; none for a disc. Areas are about equal, so no kind outweighs another.
    fn corners(self) -> Vec<(f64, f64)> {
        let around = |count: usize, radius: fn(usize) -> f64| {
            let angle = |index: usize| (index as f64 / count as f64 - 0.25) * std::f64::consts::TAU;
            (0..count).map(|index| (radius(index) * angle(index).cos(), radius(index) * angle(index).sin())).collect()
        };
        match self {
            Self::Fixed | Self::Gap(_) => Vec::new(),
            Self::Smart => vec![(-0.86, -0.86), (0.86, -0.86), (0.86, 0.86), (-0.86, 0.86)],
            Self::Bus => vec![(0.0, -1.15), (1.12, 0.82), (-1.12, 0.82)],
            Self::Candidate => vec![(0.0, -1.15), (1.0, 0.0), (0.0, 1.15), (-1.0, 0.0)],
            Self::Chosen => around(10, |index| if index % 2 == 0 { 1.15 } else { 0.52 }),
            Self::Closed => vec![
                (0.0, -0.3),
                (0.6, -0.9),
                (0.9, -0.6),
                (0.3, 0.0),
                (0.9, 0.6),
                (0.6, 0.9),
                (0.0, 0.3),
                (-0.6, 0.9),
                (-0.9, 0.6),
                (-0.3, 0.0),
                (-0.9, -0.6),
                (-0.6, -0.9),
            ],
        }
    }
}

/// Draws a symbol.
pub(super) fn draw(pen: &Pen<'_>, plan: &Plan, symbol: Symbol, colour: Colour, at: Spot) -> Result<(), MapError> {
    let outer = f64::from(plan.mm(symbol.radius_mm()));
    let rim = f64::from(plan.mm(0.3));
    let corners = symbol.corners();
    if corners.is_empty() {
        pen.disc(at, outer as i32, Colour::PAPER)?;
        pen.disc(at, (outer - rim) as i32, colour)?;
    } else {
        let scaled = |radius: f64| -> Vec<Spot> {
            let corner = |&(x, y): &(f64, f64)| (at.0 + (x * radius).round() as i32, at.1 + (y * radius).round() as i32);
            corners.iter().map(corner).collect()
        };
        let mut rim_line = scaled(outer - rim);
        rim_line.extend_from_within(..2);
        pen.line(&rim_line, Colour::PAPER, 2 * rim as i32)?;
        pen.polygon(&scaled(outer - rim), colour)?;
    }
    if let Symbol::Gap(number) = symbol {
        let text = number.to_string();
        let em = plan.mm(if text.len() > 2 { 1.9 } else { 2.6 });
        let look = Lettering { em, colour: Colour::PAPER, weight: Weight::Plain };
        pen.text(&text, (at.0, at.1 + (f64::from(em) * 0.365).round() as i32), Anchor::Middle, look)?;
    }
    Ok(())
}
