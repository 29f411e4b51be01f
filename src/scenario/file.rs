//! What `scenario.toml` may say. Every default comes from `packs.toml`, which is merged under the planner's file, so a
//! [`ScenarioFile`] is always complete: it is what `scenario.effective.toml` shows.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::rounds::Rounds;
use crate::calendar::Season;
use crate::message::Lang;

/// A whole scenario.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScenarioFile {
    /// Version of this format: 1.
    pub schema: u32,
    /// Short name; it names the output folder.
    pub name: String,
    /// Rule pack that supplies every value not given here.
    pub rules: String,
    /// Title on maps and in the summary.
    pub title: Words,
    /// Where.
    pub area: Area,
    /// The station ledger.
    pub stations: PointFile,
    /// Places where a station could open.
    #[serde(default)]
    pub candidates: Option<PointFile>,
    /// Places where a bus may stand.
    #[serde(default)]
    pub bus_stops: Option<PointFile>,
    /// The buses, a row each; without it there are `[mobile] buses` alike.
    #[serde(default)]
    pub vehicles: Option<PointFile>,
    /// Who wants to rest where and when.
    pub demand: Demand,
    /// How people get there.
    pub travel: Travel,
    /// How near is near enough.
    pub standard: Standard,
    /// Which days are studied.
    pub analysis: Analysis,
    /// What a station can take in.
    pub capacity: Capacity,
    /// What each group needs to find.
    pub services: BTreeMap<String, Vec<String>>,
    /// Service type that a gap's main group calls for: group → service type.
    pub suggest_service: BTreeMap<String, String>,
    /// When a place without service is a gap.
    pub gaps: Gaps,
    /// When two stations are too close, one is remote, or a smart one is misplaced.
    pub overlap: Overlap,
    /// What may be opened.
    pub siting: Siting,
    /// Where the buses go.
    pub mobile: Mobile,
    /// Who inspects what, and how often.
    pub rounds: Rounds,
    /// Price table in yuan: action → lowest and highest cost. Unknown prices are left out, never guessed.
    pub costs: BTreeMap<String, [f64; 2]>,
    /// Data sources, their date and attribution, printed on maps.
    pub sources: Sources,
}

/// A word in both languages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// 中文.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Words {
    /// The word of a language.
    pub fn pick(&self, lang: Lang) -> &str {
        match lang {
            Lang::Zh => &self.zh,
            Lang::En => &self.en,
        }
    }
}

/// The study area.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Area {
    /// West, south, east, north in WGS-84 degrees.
    pub bbox: [f64; 4],
    /// Side of an analysis cell in metres.
    pub cell_m: f64,
    /// `auto` or `EPSG:nnnn`.
    pub crs: String,
    /// Planning units: CSV of centres or GeoJSON.
    #[serde(default)]
    pub units: Option<String>,
    /// The planner's own area, GeoJSON polygon. Demand outside is reported apart.
    #[serde(default)]
    pub home: Option<String>,
    /// Water, GeoJSON polygon.
    #[serde(default)]
    pub water: Option<String>,
    /// Barriers and their crossings, GeoJSON.
    #[serde(default)]
    pub barriers: Option<String>,
    /// Dates with their season and day type, CSV; needed when demand is dated.
    #[serde(default)]
    pub calendar: Option<String>,
}

/// A file of stations, candidates or stops.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PointFile {
    /// CSV (UTF-8 or GB18030), XLSX or GeoJSON.
    pub file: String,
    /// Datum of rows that carry no label of their own.
    #[serde(default)]
    pub datum: Option<String>,
    /// Datum to assume, without evidence, for unlabelled rows; recorded in the manifest.
    #[serde(default)]
    pub assume_unlabelled: Option<String>,
    /// Take only rows whose role column has this value.
    #[serde(default)]
    pub role: Option<String>,
    /// Values for columns that the file doesn't have: header → value.
    #[serde(default)]
    pub defaults: BTreeMap<String, String>,
}

/// Demand inputs and the weights that turn them into visits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Demand {
    /// Cell number or id → centre, for grid files that carry no coordinates.
    #[serde(default)]
    pub grid: Option<String>,
    /// Layers, each one column of a file.
    #[serde(default)]
    pub layers: Vec<Layer>,
    /// A file of weighted points without time, instead of layers.
    #[serde(default)]
    pub points: Option<PointFile>,
    /// Visits per unit of a layer, by group. All are declared; none is hidden.
    #[serde(default)]
    pub weights: Vec<LayerWeight>,
    /// Rest propensity by hour (24 numbers), by name.
    pub rest: BTreeMap<String, Vec<f64>>,
    /// Published range of served visits per station and day: below or above it the run warns.
    pub calibration: [f64; 2],
}

/// One column of a demand file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Layer {
    /// Name used by the weights.
    pub layer: String,
    /// Parquet, CSV or CSV.gz: cells by season, day type and hour, or by date and hour; or single orders with a time.
    pub file: String,
    /// Column that holds the amount; left out, each row counts 1.
    #[serde(default)]
    pub column: Option<String>,
    /// Datum of coordinates in this file, or of the grid file's centres where this file has cell numbers only.
    #[serde(default)]
    pub datum: Option<String>,
}

/// How many visits one unit of a layer brings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LayerWeight {
    /// Layer.
    pub layer: String,
    /// Worker group.
    pub group: String,
    /// Visits per unit.
    pub visits: f64,
    /// Name of a rest profile; none means 1 at every hour.
    #[serde(default)]
    pub rest: Option<String>,
}

/// How distance is measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Travel {
    /// `planar` (working CRS), `geodesic` (WGS-84 ellipsoid) or `haversine:RADIUS_M`.
    pub metric: String,
    /// Walked path ÷ straight line.
    pub circuity: f64,
    /// Streets, an OpenStreetMap extract (.osm.pbf): paths lead over them instead of being estimated.
    #[serde(default)]
    pub network: Option<String>,
    /// Who travels on the streets: `walk` (default), `ebike` or `drive`.
    #[serde(default)]
    pub mode: Option<TravelMode>,
    /// Street rules of your own, TOML laid over the built-in ones.
    #[serde(default)]
    pub rules: Option<String>,
    /// Longest way between a place and the street in metres; 500 when not given.
    #[serde(default)]
    pub snap_within_m: Option<f64>,
}

/// Who travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TravelMode {
    /// On foot.
    Walk,
    /// By electric bicycle.
    Ebike,
    /// By motor vehicle.
    Drive,
}

/// The service standard.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Standard {
    /// Name of a pack of `packs.toml`.
    pub pack: String,
    /// Further packs that the ladder is printed for.
    pub compare: Vec<String>,
    /// Reach in metres, instead of the pack's.
    #[serde(default)]
    pub radius_m: Option<f64>,
    /// Whether catchments shrink on snow by the pack's surface factor.
    pub seasonal_surface: bool,
}

/// Which typical days are studied.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Analysis {
    /// The day that standing stations are planned for, such as `autumn weekday`.
    pub planning_day: String,
    /// Days that gaps are looked for on.
    pub days: Vec<String>,
}

/// Station capacity: area ÷ area per seat × turns an hour × usable share.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Capacity {
    /// Square metres a visitor takes.
    pub m2_per_seat: f64,
    /// Visitors a seat serves in an hour.
    pub turns_per_hour: f64,
    /// Share of the floor that can be sat on.
    pub usable_share: f64,
}

/// When a place without service is a gap.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Gaps {
    /// A cell belongs to a gap when its uncovered demand is above this, in visits a day.
    pub cell_visits: f64,
    /// Unserved demand around one station (hours, capacity, service) is a gap from this many visits a day.
    pub station_visits: f64,
    /// Night share from which a gap wants a smart station.
    pub smart_night_share: f64,
}

/// Rules for stations that are too close, remote or misplaced.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Overlap {
    /// Pairs up to this straight distance are reviewed, metres.
    pub review_m: f64,
    /// Redundant only up to this walking path, metres.
    pub path_m: f64,
    /// … from this demand-weighted catchment overlap (Jaccard).
    pub jaccard: f64,
    /// … from this share of the shorter opening time in common.
    pub hours: f64,
    /// … and below this load at both.
    pub load: f64,
    /// Remote: local demand below this, visits a day …
    pub remote_visits: f64,
    /// … and the nearest neighbour further than this, metres.
    pub remote_m: f64,
    /// A smart station is misplaced when its night demand is below this share of its peers' median.
    pub smart_peer_share: f64,
}

/// What may be opened, and the rules for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Siting {
    /// How many new fixed stations.
    pub new_fixed: u32,
    /// How many new smart stations.
    pub new_smart: u32,
    /// How many fixed stations become smart.
    pub upgrade_smart: u32,
    /// Least distance between a new station and any other, metres.
    pub spacing_m: f64,
    /// Only candidates whose host gives room.
    pub venue_required: bool,
    /// Hours in which a fixed station can be expected to serve, perhaps after longer opening; the rest needs a smart one.
    pub fixed_serves: [u8; 2],
    /// Opening hours of a new fixed station when its effect is computed.
    pub fixed_hours: String,
    /// Floor area of a new station in square metres.
    pub area_m2: f64,
    /// How long to search for better plans and better bounds, in millions of (option, element) pairs looked at.
    pub work: u64,
    /// Stations that may close: `none`, `all`, or their ids. What no other station covers must then be covered again or is lost.
    pub closable: Closable,
    /// At most so many of them close.
    pub close: u32,
    /// At most so many closures are made up for: for each station that closes, one more of its kind may open elsewhere. Counts as
    /// `close` where that is smaller.
    pub relocate: u32,
    /// At most so many windows of mobile stations, at the stops of `[bus_stops]` and in the windows of `[mobile]`, are decided
    /// together with the stations; no more than there are buses. 0: buses are planned apart.
    #[serde(default)]
    pub mobile_windows: u32,
    /// All measures together cost at most this, each at the upper price of `[costs]`.
    #[serde(default)]
    pub budget_yuan: Option<u64>,
    /// Where no station may open, GeoJSON polygons.
    #[serde(default)]
    pub forbidden: Option<String>,
    /// Build order: how many measures each phase has; what is left over is a last phase.
    pub phases: Vec<u32>,
    /// The curve of coverage against measures goes this far at most; 0 leaves it out. It ends at twice the budget in any case.
    pub curve_to: u32,
    /// Runs with perturbed weights, reach and day that tell the core of the plan from what is optional; 0 leaves them out.
    pub stability_runs: u32,
    /// Stations that each planning unit has at least, existing ones included: a number, or unit → number.
    #[serde(default)]
    pub at_least_per_unit: Option<UnitMinimum>,
    /// What is planned for: `planning_day`, `each` (also one plan a studied day, compared), or typical day → share.
    pub seasons: Seasons,
}

/// Stations that may close.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Closable {
    /// None or all of them.
    Word(ClosableWord),
    /// These.
    Ids(Vec<String>),
}

/// None or all stations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClosableWord {
    /// No station closes.
    None,
    /// Any station may close.
    All,
}

/// Stations that planning units have at least.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum UnitMinimum {
    /// The same number in each.
    Each(u32),
    /// A number by unit; the others have none.
    ByUnit(BTreeMap<String, u32>),
}

/// The days that the siting decision is made for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Seasons {
    /// One day.
    Word(SeasonsWord),
    /// Several days, weighted: typical day → share; shares are scaled to add up to 1.
    Shares(BTreeMap<String, f64>),
}

/// One day to decide for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SeasonsWord {
    /// The planning day.
    PlanningDay,
    /// The planning day; and for comparison a plan of its own for each studied day.
    Each,
}

/// Where the buses go.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Mobile {
    /// How many buses; each stands in one window a day.
    pub buses: u32,
    /// Days to plan, such as `winter_peak festival`.
    pub days: Vec<String>,
    /// Windows: first hour, last hour (exclusive).
    pub windows: Vec<[u8; 2]>,
    /// Visits one bus takes in an hour.
    pub visits_per_hour: f64,
    /// Whether a bus may serve demand outside the planner's own area.
    pub outside_area: bool,
    /// A window is left to longer hours when at least this share of its demand is there on the planning day too,
    /// and lies within reach of a station that is merely closed.
    pub permanent_share: f64,
    /// Days before the date on which partners are told.
    pub notice_days: u32,
    /// Length of a timetable's slot in minutes; every time is on this raster.
    pub slot_minutes: u32,
    /// Least minutes between two windows of a bus, driving included.
    pub pause_minutes: u32,
    /// Shortest stay at a stop in minutes.
    pub dwell_minutes: u32,
    /// Longest time from leaving the depot to returning, in hours.
    pub shift_hours: f64,
    /// Speed of a bus where the scenario has no streets, in km/h.
    pub speed_kmh: f64,
    /// What a move from one stop to the next costs, in visits.
    pub move_cost: f64,
    /// What a window costs that the plan before didn't have, in visits.
    pub change_cost: f64,
    /// Bus hours that a planning unit has a day at least: unit → hours.
    #[serde(default)]
    pub floors: BTreeMap<String, f64>,
    /// Orders where a bus must or must not stand: CSV or XLSX.
    #[serde(default)]
    pub orders: Option<String>,
    /// The timetable so far, `bus_schedule.csv` of an earlier run: changes against it cost, and are listed.
    #[serde(default)]
    pub previous: Option<String>,
    /// Load of a fixed station, in visits per visit that it has room for, above which staff are called.
    pub reinforce_above: f64,
    /// Visits that one more member of staff takes in an hour.
    pub visits_per_staff: f64,
}

/// Data sources.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sources {
    /// Date of the data, printed on maps.
    pub date: String,
    /// Attribution, printed on maps.
    pub attribution: Words,
}

/// The packs that ship with the program.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Packs {
    /// Service standards by name.
    pub standards: BTreeMap<String, StandardPack>,
    /// Rule packs by name: partial scenarios, merged under the planner's file.
    pub rules: BTreeMap<String, toml::Table>,
}

/// A named service standard.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StandardPack {
    pub version: u32,
    pub source: String,
    pub radius_m: f64,
    pub surface_factor: BTreeMap<Season, f64>,
}
