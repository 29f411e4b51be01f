//! Demand in space: each anchor's passers and orders spread over the cells around it.
//!
//! Spread = Gaussian of the distance to the cell centre, cut where it falls below 1e-4 of its peak, kept on the anchor's own side
//! of river and railway, and normalised to one. Drop-offs use twice the standard deviation of pick-ups.

use crate::calendar::{DayKind, HOURS};
use crate::crs::{Crs, LonLat, Planar, Projector};
use crate::domain::study_area::Grid;
use crate::synth::SynthError;
use crate::synth::ground::{Bank, Ground};
use crate::synth::tables::{self, Anchor, FlowClass, Rhythm};

/// Working reference system of the city.
const EPSG: u32 = 4551;
/// Weight below which a spread ends, as a share of its peak.
const CUT: f64 = 1e-4;
/// Background demand of the south-west land, visits a day.
const AMBIENT_VISITS: f64 = 150.0;
/// Visits per passer, by flow class, and per order at average rest.
const VISITS_PER_PASSER: f64 = 0.0008;
const VISITS_PER_MARKET_PASSER: f64 = 0.0022;
const VISITS_PER_LOGISTICS_PASSER: f64 = 0.006;
const VISITS_PER_ORDER: f64 = 0.010;

/// Demand quantities of a day, each by hour and cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quantity {
    Flow,
    FlowMarket,
    FlowLogistics,
    Ambient,
    Pickups,
    Dropoffs,
}

impl Quantity {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Flow, Self::FlowMarket, Self::FlowLogistics, Self::Ambient, Self::Pickups, Self::Dropoffs];
    /// The columns of the flow table.
    pub const FLOW_TABLE: [Self; 4] = [Self::Flow, Self::FlowMarket, Self::FlowLogistics, Self::Ambient];
    /// The columns of the order table.
    pub const ORDER_TABLE: [Self; 2] = [Self::Pickups, Self::Dropoffs];

    /// Column name.
    pub fn column(self) -> &'static str {
        match self {
            Self::Flow => "flow",
            Self::FlowMarket => "flow_market",
            Self::FlowLogistics => "flow_logistics",
            Self::Ambient => "ambient",
            Self::Pickups => "pickups",
            Self::Dropoffs => "dropoffs",
        }
    }
}

/// Share of an anchor in a cell.
type Spread = Vec<(usize, f64)>;

/// One cell of the grid.
#[derive(Debug, Clone, Copy)]
struct Place {
    position: LonLat,
    planar: Planar,
}

/// Everything needed to compute demand.
#[derive(Debug)]
pub(super) struct City {
    pub ground: Ground,
    pub grid: Grid,
    pub projector: Projector,
    pub anchors: Vec<Anchor>,
    pub rest: Rhythm,
    cells: Vec<Place>,
    pickups: Vec<Spread>,
    dropoffs: Vec<Spread>,
    ambient: Vec<usize>,
}

impl City {
    /// Lays the grid and spreads the anchors.
    pub fn new(cell_m: f64) -> Result<Self, SynthError> {
        let ground = Ground::new()?;
        let projector = Projector::new(Crs::epsg(EPSG))?;
        let profiles = tables::profiles()?;
        let anchors = tables::anchors(&profiles)?;
        let grid = grid(&ground, &projector, cell_m)?;
        let cells = cells(&grid, &projector)?;
        let spreads = |widening: f64| -> Result<Vec<Spread>, SynthError> {
            anchors.iter().map(|anchor| spread(anchor, widening, &cells, &ground, &projector)).collect()
        };
        let (pickups, dropoffs) = (spreads(1.0)?, spreads(2.0)?);
        let ambient = land(&cells, &ground);
        Ok(Self { rest: tables::rest(&profiles)?, ground, grid, projector, anchors, cells, pickups, dropoffs, ambient })
    }

    /// Centre of a numbered cell.
    pub fn position(&self, cell: usize) -> LonLat {
        self.cells[cell].position
    }

    /// Demand of a typical day.
    pub fn day(&self, day: DayKind) -> DayField {
        let mut field = DayField::new(self.cells.len());
        for hour in 0..HOURS {
            for (anchor, near) in self.anchors.iter().zip(&self.pickups) {
                field.add(flow_quantity(anchor.class), hour, anchor.flow_at(day, hour), near);
                field.add(Quantity::Pickups, hour, anchor.orders_at(day, hour), near);
            }
            for (anchor, far) in self.anchors.iter().zip(&self.dropoffs) {
                field.add(Quantity::Dropoffs, hour, anchor.orders_at(day, hour), far);
            }
            let ambient = AMBIENT_VISITS / HOURS as f64 / self.ambient.len() as f64;
            for &cell in &self.ambient {
                field.at_mut(Quantity::Ambient, hour)[cell] = ambient;
            }
        }
        field
    }
}

fn flow_quantity(class: FlowClass) -> Quantity {
    match class {
        FlowClass::General => Quantity::Flow,
        FlowClass::Market => Quantity::FlowMarket,
        FlowClass::Logistics => Quantity::FlowLogistics,
    }
}

fn grid(ground: &Ground, projector: &Projector, cell_m: f64) -> Result<Grid, SynthError> {
    let [west, south, east, north] = ground.bbox;
    let low = projector.project(LonLat::new(west, south)?)?;
    let high = projector.project(LonLat::new(east, north)?)?;
    Ok(Grid::covering(low, high, cell_m))
}

fn cells(grid: &Grid, projector: &Projector) -> Result<Vec<Place>, SynthError> {
    let place = |number| {
        let planar = grid.centre(grid.cell(number));
        Ok(Place { position: projector.unproject(planar)?, planar })
    };
    (0..grid.len()).map(place).collect()
}

fn spread(anchor: &Anchor, widening: f64, cells: &[Place], ground: &Ground, projector: &Projector) -> Result<Spread, SynthError> {
    let centre = projector.project(anchor.position)?;
    let sigma = anchor.sigma_m * widening;
    let weight = |place: &Place| (-place.planar.distance(centre).powi(2) / (2.0 * sigma * sigma)).exp();
    let mut spread: Spread = cells.iter().map(weight).enumerate().filter(|&(_, weight)| weight >= CUT).collect();
    spread.retain(|&(cell, _)| ground.same_side(anchor.position, cells[cell].position));
    let total: f64 = spread.iter().map(|&(_, weight)| weight).sum();
    spread.iter_mut().for_each(|(_, weight)| *weight /= total);
    Ok(spread)
}

/// Cells south of the river and west of the railway.
fn land(cells: &[Place], ground: &Ground) -> Vec<usize> {
    let on_land = |place: &Place| {
        let side = ground.side(place.position);
        side.bank == Bank::South && !side.east_of_railway
    };
    (0..cells.len()).filter(|&cell| on_land(&cells[cell])).collect()
}

/// Every quantity of one day, hour by hour, cell by cell.
#[derive(Debug, Clone)]
pub(super) struct DayField {
    cells: usize,
    values: Vec<f64>,
}

impl DayField {
    fn new(cells: usize) -> Self {
        Self { cells, values: vec![0.0; Quantity::ALL.len() * HOURS * cells] }
    }

    fn start(&self, quantity: Quantity, hour: usize) -> usize {
        (quantity as usize * HOURS + hour) * self.cells
    }

    /// One hour of a quantity, by cell.
    pub fn at(&self, quantity: Quantity, hour: usize) -> &[f64] {
        let start = self.start(quantity, hour);
        &self.values[start..start + self.cells]
    }

    fn at_mut(&mut self, quantity: Quantity, hour: usize) -> &mut [f64] {
        let start = self.start(quantity, hour);
        &mut self.values[start..start + self.cells]
    }

    fn add(&mut self, quantity: Quantity, hour: usize, amount: f64, spread: &Spread) {
        let values = self.at_mut(quantity, hour);
        for &(cell, share) in spread {
            values[cell] += amount * share;
        }
    }

    /// Visits a day, all cells together.
    pub fn visits(&self, rest: &Rhythm) -> f64 {
        (0..HOURS).map(|hour| Quantity::ALL.iter().map(|&q| self.visits_of(q, hour, rest)).sum::<f64>()).sum()
    }

    fn visits_of(&self, quantity: Quantity, hour: usize, rest: &Rhythm) -> f64 {
        let total: f64 = self.at(quantity, hour).iter().sum();
        total * visits_per_unit(quantity, rest[hour])
    }
}

/// Visits for one unit of a quantity in an hour with this rest factor.
pub(super) fn visits_per_unit(quantity: Quantity, rest: f64) -> f64 {
    match quantity {
        Quantity::Flow => VISITS_PER_PASSER,
        Quantity::FlowMarket => VISITS_PER_MARKET_PASSER,
        Quantity::FlowLogistics => VISITS_PER_LOGISTICS_PASSER,
        Quantity::Ambient => 1.0,
        Quantity::Pickups => VISITS_PER_ORDER * rest,
        Quantity::Dropoffs => 0.0,
    }
}

/// Twelve significant bits of a number: right to 0.025 %, never to zero, and good to compress.
pub(super) fn rounded(value: f64) -> f32 {
    const DROPPED: u32 = 12;
    let bits = (value as f32).to_bits().wrapping_add(1 << (DROPPED - 1));
    f32::from_bits(bits & !((1 << DROPPED) - 1))
}
