//! Anyone's location problem from files: sites, demand, and a metric or a matrix of impedances.
//!
//! Tables of every kind that [`super::read_table`] reads, and Parquet; `words.toml` lists the headers. Without an id column the ids are
//! row numbers from 0. All faults are reported at once; nothing is guessed and nothing left out except competitors, which are read and
//! noted. Weights become integers: the scale is the smallest power of ten, up to 10⁶ and as far as the total stays exact, that makes all
//! weights and capacities whole as they are written in decimals. Where more decimals are written, weights are rounded, capacities rounded
//! down, and a note says so.

mod faults;
mod matrix;
mod places;
mod rows;
mod words;

use std::path::{Path, PathBuf};

use geo::HaversineMeasure;
use serde::{Deserialize, Serialize};

use self::matrix::read_matrix;
use self::places::{Axes, Kind, Places, read_places};
use self::rows::Source;
use crate::crs::{LonLat, Metric};
use crate::domain::location::{LocationDemand, LocationProblem, LocationSites, Separation};
use crate::ingest::IngestError;
use crate::message::Message;

pub use faults::Faults;

/// Weights have at most this many decimals.
const MOST_DECIMALS: u32 = 6;
/// All weight together, in integer units, is at most this: 2⁵³, so that it is exact as a float too.
const MOST_WEIGHT: f64 = 9_007_199_254_740_992.0;

/// Files of a location problem.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LocationFiles {
    /// Sites; may be missing with a matrix.
    pub sites: Option<PathBuf>,
    /// Demand; may be missing with a matrix.
    pub demand: Option<PathBuf>,
    /// Impedances; without it they come from the positions.
    pub matrix: Option<PathBuf>,
    /// The metric asked for; else Euclidean for x, y and geodesic for longitude and latitude.
    pub metric: Option<Metric>,
}

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputStamp {
    /// `sites`, `demand` or `matrix`.
    pub role: String,
    /// Path as given.
    pub path: String,
    /// Rows of data, for a matrix its pairs.
    pub rows: u64,
    /// Size.
    pub bytes: u64,
    /// SHA-256, hexadecimal.
    pub sha256: String,
}

/// A location problem and where it comes from.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadedLocation {
    /// The problem.
    pub problem: LocationProblem,
    /// Longitude and latitude of each site, when they are known.
    pub degrees: Option<Vec<[f64; 2]>>,
    /// What a person should know about the reading.
    pub notes: Vec<Message>,
    /// The files.
    pub inputs: Vec<InputStamp>,
}

/// The metric of a name: `euclidean`, `geodesic`, `haversine` (mean Earth radius, 6,371,008.8 m) or `haversine:R`.
pub fn metric_of(name: &str) -> Option<Metric> {
    match name.to_ascii_lowercase().as_str() {
        "euclidean" | "planar" => Some(Metric::Planar),
        "geodesic" => Some(Metric::Geodesic),
        "haversine" => Some(Metric::Haversine(HaversineMeasure::GRS80_MEAN_RADIUS.radius())),
        other => {
            let radius: f64 = other.strip_prefix("haversine:")?.parse().ok()?;
            (radius.is_finite() && radius > 0.0).then_some(Metric::Haversine(radius))
        }
    }
}

/// The name of what lies between sites and demand; [`metric_of`] reads it again.
pub fn metric_name(separation: &Separation) -> String {
    match separation {
        Separation::Matrix(_) => "matrix".to_owned(),
        Separation::Metric(Metric::Planar) => "euclidean".to_owned(),
        Separation::Metric(Metric::Geodesic) => "geodesic".to_owned(),
        Separation::Metric(Metric::Haversine(radius)) => format!("haversine:{radius}"),
    }
}

/// Loads a location problem.
///
/// # Errors
/// Everything that is wrong with the files.
pub fn load_location(files: &LocationFiles) -> Result<LoadedLocation, Faults> {
    let (mut faults, mut notes, mut inputs) = (Faults::default(), Vec::new(), Vec::new());
    let open = |path: &Option<PathBuf>, role: &str, faults: &mut Faults| {
        let source = Source::open(path.as_ref()?, role);
        source.map_err(|fault| faults.push(fault)).ok()
    };
    let with_points = files.matrix.is_none();
    let read = |path: &Option<PathBuf>, kind, faults: &mut Faults, inputs: &mut Vec<InputStamp>| {
        let role = if kind == Kind::Sites { "sites" } else { "demand" };
        let source = open(path, role, faults)?;
        let places = read_places(&source, kind, with_points, faults)?;
        inputs.push(InputStamp { rows: places.ids.len() as u64, ..source.stamp });
        Some(places)
    };
    let mut sites = read(&files.sites, Kind::Sites, &mut faults, &mut inputs);
    let mut demand = read(&files.demand, Kind::Demand, &mut faults, &mut inputs);
    let whole = faults.is_empty();
    let mut pairs = Vec::new();
    if let Some(path) = &files.matrix {
        match Source::open(path, "matrix") {
            // With ids that couldn't be read, every row of the matrix would be a fault.
            Ok(source) if whole => {
                pairs = read_matrix(&source, &mut sites, &mut demand, &mut faults);
                inputs.push(InputStamp { rows: pairs.len() as u64, ..source.stamp });
            }
            Ok(_) => {}
            Err(fault) => faults.push(fault),
        }
    }
    let (Some(sites), Some(mut demand)) = (sites, demand) else { return Err(faults) };
    notes.append(&mut demand.notes);
    let metric = if with_points { metric_for(files.metric, &sites, &demand, &mut faults, &mut notes) } else { None };
    let decimals = decimals_kept(&sites, &demand, &mut faults, &mut notes);
    if !faults.is_empty() {
        return Err(faults);
    }
    let separation = metric.map_or(Separation::Matrix(pairs), Separation::Metric);
    let (problem, degrees) = problem_of(sites, demand, separation, decimals, &mut notes);
    Ok(LoadedLocation { problem, degrees, notes, inputs })
}

/// The metric that was asked for, or the one that fits the columns.
fn metric_for(
    asked: Option<Metric>,
    sites: &Places,
    demand: &Places,
    faults: &mut Faults,
    notes: &mut Vec<Message>,
) -> Option<Metric> {
    let (of_sites, of_demand) = (sites.axes?, demand.axes?);
    if of_sites != of_demand {
        faults.push(IngestError::new(&demand.file, Message::new("P013").with("other", &sites.file)));
        return None;
    }
    match (asked, of_sites) {
        (None, Axes::Planar) => Some(Metric::Planar),
        (None, Axes::Degrees) => Some(Metric::Geodesic),
        (Some(Metric::Planar), Axes::Degrees) => {
            notes.push(Message::new("P204"));
            asked
        }
        (Some(Metric::Geodesic | Metric::Haversine(_)), Axes::Planar) => {
            notes.push(Message::new("P203"));
            for places in [sites, demand] {
                for (row, &point) in places.points.iter().enumerate() {
                    places::check_degrees(&places.file, row + 2, point, faults);
                }
            }
            asked
        }
        _ => asked,
    }
}

/// Sites or demand with positions on Earth, as rows of their file.
#[derive(Debug, Clone, PartialEq)]
pub struct LocatedRows {
    /// The file.
    pub file: String,
    /// Identifiers as given.
    pub ids: Vec<String>,
    /// Rows in the file; the header is row 1.
    pub rows: Vec<usize>,
    /// Where they are.
    pub positions: Vec<LonLat>,
    /// Weights of demand; empty for sites.
    pub weights: Vec<f64>,
    /// Kinds of sites as written; empty when the file has no such column.
    pub kinds: Vec<String>,
    /// What is taken for columns that the file doesn't have.
    pub notes: Vec<Message>,
}

/// Reads sites, and demand when there is a file of it, with longitude and latitude. Roles are not read: they are for the model that
/// reads the pairs.
///
/// # Errors
/// Everything that is wrong with the files.
pub fn load_rows(sites: &Path, demand: Option<&Path>) -> Result<(LocatedRows, Option<LocatedRows>), Faults> {
    let mut faults = Faults::default();
    let sites = located(sites, Kind::Origins, &mut faults);
    let demand = demand.map(|path| located(path, Kind::Demand, &mut faults));
    match (sites, demand) {
        (Some(sites), None) if faults.is_empty() => Ok((sites, None)),
        (Some(sites), Some(Some(demand))) if faults.is_empty() => Ok((sites, Some(demand))),
        _ => Err(faults),
    }
}

fn located(path: &Path, kind: Kind, faults: &mut Faults) -> Option<LocatedRows> {
    let role = if kind == Kind::Origins { "sites" } else { "demand" };
    let source = Source::open(path, role).map_err(|fault| faults.push(fault)).ok()?;
    let before = faults.count();
    let places = read_places(&source, kind, true, faults)?;
    if places.axes != Some(Axes::Degrees) {
        faults.push(IngestError::new(&places.file, Message::new("N122")));
    }
    if faults.count() > before {
        return None;
    }
    let position = |&[lon, lat]: &[f64; 2]| LonLat::new(lon, lat).expect("invariant: degrees were checked");
    let positions = places.points.iter().map(position).collect();
    let Places { file, ids, rows, weights, kinds, notes, .. } = places;
    Some(LocatedRows { file, ids, rows, positions, weights, kinds, notes })
}

/// Decimals of a number as it is written: the shortest decimal that stands for it.
fn decimals_of(value: f64) -> usize {
    if value.fract() == 0.0 {
        return 0;
    }
    value.to_string().split_once('.').map_or(0, |(_, decimals)| decimals.len())
}

/// A number times 10^`decimals`, cut off, and the first digit that is lost; exact, digit by digit.
fn cut_off(value: f64, decimals: usize) -> (u64, u8) {
    if decimals == 0 && value.fract() == 0.0 {
        return (value as u64, 0);
    }
    let text = value.to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let digits = whole.bytes().chain(fraction.bytes().chain(std::iter::repeat(b'0')).take(decimals));
    let units = digits.fold(0u64, |units, digit| units.saturating_mul(10).saturating_add(u64::from(digit - b'0')));
    (units, fraction.as_bytes().get(decimals).map_or(0, |digit| digit - b'0'))
}

/// How many decimals make weights and capacities whole, as far as the total stays exact.
fn decimals_kept(sites: &Places, demand: &Places, faults: &mut Faults, notes: &mut Vec<Message>) -> u32 {
    let capacities = sites.capacities.iter().flatten();
    let total: f64 = demand.weights.iter().sum();
    let largest = capacities.clone().copied().fold(total, f64::max);
    if largest > MOST_WEIGHT {
        faults.push(IngestError::new(&demand.file, Message::new("P014").with("total", total)));
        return 0;
    }
    let written = |values: &mut dyn Iterator<Item = &f64>| values.map(|&value| decimals_of(value)).max().unwrap_or(0);
    let (of_weights, of_capacities) = (written(&mut demand.weights.iter()), written(&mut capacities.clone()));
    let exact = (0..MOST_DECIMALS).take_while(|&kept| largest * 10f64.powi(kept as i32 + 1) <= MOST_WEIGHT).count();
    let decimals = of_weights.max(of_capacities).min(exact);
    let rounded = [("P202", of_weights, &demand.file), ("P208", of_capacities, &sites.file)];
    for (code, _, file) in rounded.into_iter().filter(|(_, written, _)| *written > decimals) {
        notes.push(Message::new(code).with("decimals", decimals).with("file", file));
    }
    decimals as u32
}

fn problem_of(
    sites: Places,
    demand: Places,
    separation: Separation,
    decimals: u32,
    notes: &mut Vec<Message>,
) -> (LocationProblem, Option<Vec<[f64; 2]>>) {
    let units = |value: f64| {
        let (units, lost) = cut_off(value, decimals as usize);
        units + u64::from(lost >= 5)
    };
    // A capacity is rounded down, so that it is never exceeded.
    let room = |value: f64| cut_off(value, decimals as usize).0;
    let spherical = matches!(separation, Separation::Metric(Metric::Geodesic | Metric::Haversine(_)));
    let is_degrees = sites.axes == Some(Axes::Degrees) || spherical;
    let mut rows = Vec::with_capacity(sites.ids.len());
    let mut kept = LocationSites::default();
    let mut points = Vec::new();
    for (row, id) in sites.ids.into_iter().enumerate() {
        let Some(role) = sites.roles[row] else {
            rows.push(None);
            continue;
        };
        rows.push(Some(kept.ids.len() as u32));
        kept.ids.push(id);
        kept.roles.push(role);
        kept.costs.push(sites.costs[row]);
        kept.capacities.push(sites.capacities[row].map(room));
        points.extend(sites.points.get(row));
    }
    let competitors = rows.iter().filter(|row| row.is_none()).count();
    if competitors > 0 {
        notes.push(Message::new("P201").with("count", competitors));
    }
    let degrees = (is_degrees && !points.is_empty()).then(|| points.clone());
    let by_metric = matches!(separation, Separation::Metric(_));
    let separation = match separation {
        Separation::Matrix(pairs) => Separation::Matrix(
            pairs.into_iter().filter_map(|(site, point, value)| Some((rows[site as usize]?, point, value))).collect(),
        ),
        metric @ Separation::Metric(_) => metric,
    };
    let weights = demand.weights.into_iter().map(units).collect();
    let (at_sites, at_demand) = if by_metric { (points, demand.points) } else { (Vec::new(), Vec::new()) };
    let sites = LocationSites { points: at_sites, ..kept };
    let demand = LocationDemand { ids: demand.ids, points: at_demand, weights };
    (LocationProblem { sites, demand, separation, weight_scale: 10u64.pow(decimals) }, degrees)
}

#[cfg(test)]
mod tests;
