//! The maps of a run: demand and coverage, gaps, near-duplicates, recommendations, buses, each as SVG and as PNG.
//!
//! Input: findings and scenario. Output: files in a fixed order with the same bytes every time; sheets are drawn in parallel. No
//! administrative boundary is drawn without a map approval number.

mod ground;
mod outline;
mod parts;
mod sheets;

use rayon::prelude::*;

use crate::calendar::{DayKind, DayType, Season};
use crate::crs::CrsError;
use crate::message::{Lang, Message};
use crate::output::Cleared;
use crate::output::compare::Differences;
use crate::output::map::{MapError, Sheet, SheetSize, draw_chart, draw_svg, rasterise};
use crate::scenario::Scenario;
pub(super) use ground::Ground;
use parts::Atlas;
pub(super) use parts::{QUIET, main_streets, most_classes, round_classes, symbol};
pub(super) use sheets::pairs::{REDUNDANT, close_link};
pub(super) use sheets::plan::symbol as action_symbol;
pub(super) use sheets::rungs::{CLASSES as SHARE_CLASSES, label as share_label};

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
    /// There is nothing to draw.
    #[error("{0}")]
    Nothing(Message),
}

impl MapsError {
    /// The sentence for the user.
    pub fn message(self) -> Message {
        match self {
            Self::Nothing(message) => message,
            other => Message::new("O008").with("cause", other),
        }
    }
}

/// What one map shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MapLayer {
    /// Demand, the stations and how far they reach.
    Demand,
    /// Share of demand that is covered on a rung of the ladder, by its place from 0; the last rung isn't drawn.
    Coverage(usize),
    /// Demand that no station reaches, and the gaps that it forms.
    Gaps,
    /// Stations that stand close.
    Duplicates,
    /// What to open.
    Recommend,
    /// Where the buses stand.
    Buses,
    /// How far it is to the nearest station.
    Accessibility,
    /// Coverage by season.
    Seasons,
    /// Coverage by part of the day.
    Slots,
    /// Coverage before and after the recommendations.
    BeforeAfter,
    /// Coverage against the number of measures.
    Curve,
}

impl MapLayer {
    /// All of them, by identifier.
    pub const ALL: [(&str, Self); 14] = [
        ("demand", Self::Demand),
        ("coverage-radius", Self::Coverage(0)),
        ("coverage-path", Self::Coverage(1)),
        ("coverage-open", Self::Coverage(2)),
        ("coverage-capacity", Self::Coverage(3)),
        ("coverage-seasons", Self::Seasons),
        ("coverage-slots", Self::Slots),
        ("accessibility", Self::Accessibility),
        ("gaps", Self::Gaps),
        ("duplicates", Self::Duplicates),
        ("recommend", Self::Recommend),
        ("before-after", Self::BeforeAfter),
        ("buses", Self::Buses),
        ("curve", Self::Curve),
    ];
}

/// One map as it is asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MapOrder {
    /// What it shows.
    pub layer: MapLayer,
    /// Its season; that of the planning day when not given.
    pub season: Option<Season>,
    /// Its type of day; that of the planning day when not given.
    pub day_type: Option<DayType>,
    /// The sheet.
    pub size: SheetSize,
    /// Dots per inch of an image; a drawing (SVG) when not given.
    pub dpi: Option<f64>,
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
    sheets_of(&Atlas::new(cleared.writer(scenario, lang), run)?)
}

fn sheets_of(atlas: &Atlas<'_>) -> Result<Vec<Named>, CrsError> {
    let day = atlas.writer.scenario.planning_day;
    let mut sheets: Vec<Named> = vec![sheets::coverage::sheet(atlas, day)?, sheets::accessibility::sheet(atlas, day)?];
    // Squares by the hour are not published.
    if atlas.writer.published.is_none() {
        sheets.extend(sheets::multiples::seasons(atlas, day.day_type)?);
        sheets.extend(sheets::multiples::slots(atlas, day)?);
        sheets.extend(sheets::multiples::change(atlas, day)?);
    }
    sheets.extend(sheets::gaps::all(atlas)?);
    sheets.extend(sheets::pairs::sheet(atlas));
    sheets.extend(sheets::plan::sheet(atlas)?);
    sheets.extend(sheets::buses::all(atlas)?);
    Ok(sheets)
}

/// Draws the maps of a run: `maps/NAME.svg` and `maps/NAME.png`. `run` is the short run id that is printed on them.
///
/// # Errors
/// When a position can't be projected, a text has a character that the font lacks, or a sheet can't be laid out.
pub fn draw(cleared: &Cleared<'_>, scenario: &Scenario, lang: Lang, run: &str) -> Result<Vec<(String, Vec<u8>)>, MapsError> {
    let atlas = Atlas::new(cleared.writer(scenario, lang), run)?;
    let mut files = drawn(sheets_of(&atlas)?)?;
    if let Some((name, chart)) = sheets::curve::chart(&atlas) {
        let failed = |cause| MapsError::Sheet { name: name.clone(), cause };
        let svg = draw_chart(&chart).map_err(failed)?;
        let png = rasterise(&svg, DPI).map_err(failed)?;
        files.extend([(format!("maps/{name}.svg"), svg.into_bytes()), (format!("maps/{name}.png"), png)]);
    }
    Ok(files)
}

/// Draws one map: an SVG, or a PNG when a resolution is asked for.
///
/// # Errors
/// As [`draw`], and when the run has nothing of the kind.
pub fn one(cleared: &Cleared<'_>, scenario: &Scenario, lang: Lang, run: &str, order: &MapOrder) -> Result<Vec<u8>, MapsError> {
    let writer = cleared.writer(scenario, lang);
    let atlas = Atlas::new(writer, run)?;
    // Buses are planned for some days only.
    let first = cleared.findings().timetable.days.first().filter(|_| order.layer == MapLayer::Buses);
    let planned = first.map_or(scenario.planning_day, |first| first.kind);
    let day = DayKind::new(order.season.unwrap_or(planned.season), order.day_type.unwrap_or(planned.day_type));
    let nothing = || MapsError::Nothing(Message::new("O010").with("day", day));
    let failed = |cause| MapsError::Sheet { name: "map".to_owned(), cause };
    if order.layer == MapLayer::Curve {
        let (_, chart) = sheets::curve::chart(&atlas).ok_or_else(nothing)?;
        return encoded(draw_chart(&chart).map_err(failed)?, order.dpi).map_err(failed);
    }
    // Rungs that depend on hours are published of the whole area only.
    let hourly = matches!(order.layer, MapLayer::Coverage(2..) | MapLayer::Seasons | MapLayer::Slots | MapLayer::BeforeAfter);
    if writer.published.is_some() && hourly {
        return Err(MapsError::Nothing(Message::new("O021")));
    }
    let needs_demand = !matches!(order.layer, MapLayer::Duplicates | MapLayer::Recommend);
    if needs_demand && atlas.ground.demand(day).is_empty() {
        return Err(nothing());
    }
    let sheet = match order.layer {
        MapLayer::Demand => Some(sheets::coverage::sheet(&atlas, day)?),
        MapLayer::Coverage(rung) => Some(sheets::rungs::sheet(&atlas, day, rung)?),
        MapLayer::Gaps => scenario.days.contains(&day).then(|| sheets::gaps::sheet(&atlas, day)).transpose()?,
        MapLayer::Duplicates => sheets::pairs::sheet(&atlas),
        MapLayer::Recommend => sheets::plan::sheet(&atlas)?,
        MapLayer::Buses => sheets::buses::on(&atlas, day)?,
        MapLayer::Accessibility => Some(sheets::accessibility::sheet(&atlas, day)?),
        MapLayer::Seasons => sheets::multiples::seasons(&atlas, day.day_type)?,
        MapLayer::Slots => sheets::multiples::slots(&atlas, day)?,
        MapLayer::BeforeAfter => sheets::multiples::change(&atlas, day)?,
        MapLayer::Curve => None,
    };
    let (_, sheet) = sheet.ok_or_else(nothing)?;
    encoded(draw_svg(&sheet, order.size).map_err(failed)?, order.dpi).map_err(failed)
}

fn encoded(svg: String, dpi: Option<f64>) -> Result<Vec<u8>, MapError> {
    match dpi {
        Some(dpi) => rasterise(&svg, dpi),
        None => Ok(svg.into_bytes()),
    }
}

/// Draws the maps of a timetable: one of each plan.
///
/// # Errors
/// When a position can't be projected, or a map can't be drawn.
pub fn draw_buses(cleared: &Cleared<'_>, scenario: &Scenario, lang: Lang, run: &str) -> Result<Vec<File>, MapsError> {
    let atlas = Atlas::new(cleared.writer(scenario, lang), run)?;
    drawn(sheets::buses::all(&atlas)?)
}

/// Draws the map of a comparison, `compare.svg` and `compare.png`.
///
/// # Errors
/// When a position can't be projected, or the map can't be drawn.
pub(super) fn draw_change(found: &Differences<'_>) -> Result<[File; 2], MapsError> {
    let run = found.versus.id();
    let sheet = sheets::change::sheet(&Atlas::new(found.versus.b.writer, &run)?, found)?;
    let failed = |cause| MapsError::Sheet { name: "compare".to_owned(), cause };
    let svg = draw_svg(&sheet, SheetSize::A4).map_err(failed)?;
    let png = rasterise(&svg, DPI).map_err(failed)?;
    Ok([("compare.svg".to_owned(), svg.into_bytes()), ("compare.png".to_owned(), png)])
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
