//! The maps of a run: demand and coverage, gaps, near-duplicates, recommendations, buses, each as SVG and as PNG.
//!
//! Input: findings and scenario. Output: files in a fixed order with the same bytes every time; sheets are drawn in parallel. No
//! administrative boundary is drawn.

mod ground;
mod outline;
mod parts;
mod sheets;

use rayon::prelude::*;

use crate::crs::CrsError;
use crate::message::Lang;
use crate::output::Cleared;
use crate::output::map::{MapError, Sheet, SheetSize, draw_chart, draw_svg, rasterise};
use crate::output::report::words::Writer;
use crate::scenario::Scenario;
use parts::Atlas;

/// Resolution of the images.
pub(super) const DPI: f64 = 150.0;

/// Why the maps can't be drawn.
#[derive(Debug, thiserror::Error)]
pub enum MapsError {
    /// A sheet can't be drawn.
    #[error("{name}: {cause}")]
    Sheet {
        /// Which map.
        name: String,
        /// Why.
        cause: MapError,
    },
    /// Water or a stop can't be projected.
    #[error(transparent)]
    Crs(#[from] CrsError),
}

/// A file's name and bytes.
type File = (String, Vec<u8>);

/// A named sheet.
pub(super) type Named = (String, Sheet);

/// The sheets of a run, by name, not yet drawn.
///
/// # Errors
/// When a position can't be projected.
pub fn sheets(cleared: &Cleared<'_>, scenario: &Scenario, lang: Lang, run: &str) -> Result<Vec<(String, Sheet)>, CrsError> {
    let atlas = Atlas::new(Writer { findings: cleared.findings(), scenario, lang }, run)?;
    let mut sheets: Vec<Named> = vec![sheets::coverage::sheet(&atlas)?];
    sheets.extend(sheets::gaps::all(&atlas)?);
    sheets.extend(sheets::pairs::sheet(&atlas));
    sheets.extend(sheets::plan::sheet(&atlas)?);
    sheets.extend(sheets::buses::all(&atlas)?);
    Ok(sheets)
}

/// Draws the maps of a run: `maps/NAME.svg` and `maps/NAME.png`. `run` is the short run id that is printed on them.
///
/// # Errors
/// When a position can't be projected, a text has a character that the font lacks, or a sheet can't be laid out.
pub fn draw(cleared: &Cleared<'_>, scenario: &Scenario, lang: Lang, run: &str) -> Result<Vec<(String, Vec<u8>)>, MapsError> {
    let mut files = drawn(sheets(cleared, scenario, lang, run)?)?;
    let atlas = Atlas::new(Writer { findings: cleared.findings(), scenario, lang }, run)?;
    if let Some((name, chart)) = sheets::curve::chart(&atlas) {
        let failed = |cause| MapsError::Sheet { name: name.clone(), cause };
        let svg = draw_chart(&chart).map_err(failed)?;
        let png = rasterise(&svg, DPI).map_err(failed)?;
        files.extend([(format!("maps/{name}.svg"), svg.into_bytes()), (format!("maps/{name}.png"), png)]);
    }
    Ok(files)
}

/// Draws the maps of a timetable: one of each plan.
///
/// # Errors
/// When a position can't be projected, or a map can't be drawn.
pub fn draw_buses(cleared: &Cleared<'_>, scenario: &Scenario, lang: Lang, run: &str) -> Result<Vec<File>, MapsError> {
    let atlas = Atlas::new(Writer { findings: cleared.findings(), scenario, lang }, run)?;
    drawn(sheets::buses::all(&atlas)?)
}

/// Sheets as SVG and PNG, in their order.
fn drawn(sheets: Vec<Named>) -> Result<Vec<File>, MapsError> {
    let pairs: Vec<Result<[File; 2], MapsError>> = sheets
        .into_par_iter()
        .map(|(name, sheet)| {
            let failed = |cause| MapsError::Sheet { name: name.clone(), cause };
            let svg = draw_svg(&sheet, SheetSize::A4).map_err(failed)?;
            let png = rasterise(&svg, DPI).map_err(failed)?;
            Ok([(format!("maps/{name}.svg"), svg.into_bytes()), (format!("maps/{name}.png"), png)])
        })
        .collect();
    let mut files = Vec::new();
    for pair in pairs {
        files.extend(pair?);
    }
    Ok(files)
}

#[cfg(test)]
mod tests;
