//! Elements of the decision: for each day each cell in each class of hours, with its weight and what covers it today.
//!
//! Hours belong to the same class when the same kinds of station may serve in them: attended ones can be expected to (perhaps with
//! longer opening) or not, and the same windows of mobile stations hold them. Nothing is lost by folding time that way. Without
//! windows there are two classes, attended hours and the rest.

use super::{Fleet, Reaches, SitingInputs, View, WHOLE};
use crate::calendar::{DayKind, HOURS, Period};
use crate::catchment::CatchmentMatrix;
use crate::domain::site::Site;
use crate::id::SiteIdx;
use crate::quantity::{Impedance, Weight};
use crate::scenario::SHARES;
use crate::scenario::file;

/// Classes of hours.
#[derive(Debug, Clone)]
pub(super) struct Classes {
    of_hour: [usize; HOURS],
    /// Of each class one hour that stands for it, if it has any, and whether it is attended.
    members: Vec<(Option<u8>, bool)>,
}

impl Classes {
    /// The classes of a decision: attended hours and the rest outside all windows, then those inside, in the order of hours.
    pub fn of(rules: &file::Siting, fleet: Fleet<'_>) -> Self {
        let windows: &[[u8; 2]] = if rules.mobile_windows > 0 { &fleet.rules.windows } else { &[] };
        let kind = |hour: u8| -> (bool, Vec<bool>) {
            let [from, to] = rules.fixed_serves;
            ((from..to).contains(&hour), windows.iter().map(|&[from, to]| (from..to).contains(&hour)).collect())
        };
        let outside = vec![false; windows.len()];
        let mut kinds = vec![(true, outside.clone()), (false, outside)];
        let mut classes = Self { of_hour: [0; HOURS], members: vec![(None, true), (None, false)] };
        for (hour, of_hour) in (0..).zip(&mut classes.of_hour) {
            let kind = kind(hour);
            *of_hour = kinds.iter().position(|known| *known == kind).unwrap_or(kinds.len());
            if *of_hour == kinds.len() {
                classes.members.push((None, kind.0));
                kinds.push(kind);
            }
            classes.members[*of_hour].0 = Some(hour);
        }
        classes
    }

    /// How many classes.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// The class of an hour.
    pub fn of_hour(&self, hour: u8) -> usize {
        self.of_hour[usize::from(hour)]
    }

    /// Whether an attended station can be expected to serve in a class.
    pub fn attended(&self, class: usize) -> bool {
        self.members[class].1
    }

    /// Whether the hours of a class lie inside a window.
    pub fn within(&self, class: usize, [from, to]: [u8; 2]) -> bool {
        self.members[class].0.is_some_and(|hour| (from..to).contains(&hour))
    }
}

/// Elements and what covers them today.
pub(super) struct Demand {
    pub weights: Vec<Weight>,
    pub today: Vec<bool>,
    pub covered_before: Weight,
    pub at_stake: Weight,
    pub total: Weight,
    pub classes: Classes,
    /// Of each day: whether each station serves the hours that aren't attended.
    pub night: Vec<Vec<bool>>,
    limits: Vec<Impedance>,
    cells: usize,
}

impl Demand {
    pub fn new(inputs: SitingInputs<'_>, reaches: &Reaches, view: View<'_>, stays: &[bool]) -> Self {
        let mut demand = Self {
            weights: Vec::new(),
            today: Vec::new(),
            covered_before: Weight::ZERO,
            at_stake: Weight::ZERO,
            total: Weight::ZERO,
            classes: Classes::of(inputs.rules, inputs.fleet),
            limits: view.days.iter().map(|(day, _)| Reaches::limit(inputs, *day, view.reach)).collect(),
            night: view.days.iter().map(|(day, _)| serves_night(inputs, *day)).collect(),
            cells: inputs.cube.cells().len(),
        };
        let mut sums = vec![Weight::ZERO; demand.classes.len()];
        for (row, &(day, share)) in view.days.iter().enumerate() {
            for cell in inputs.cube.cells().indexes() {
                sums.fill(Weight::ZERO);
                for (hour, weight) in (0..).zip(inputs.cube.hours(cell, day)) {
                    sums[demand.classes.of_hour(hour)] += weight;
                }
                let mut standing = [[false; 2]; 2];
                for access in reaches.stations.access(cell).iter().filter(|a| a.reach.within(demand.limits[row])) {
                    let site = access.site.get();
                    for (part, serves) in [true, demand.night[row][site]].into_iter().enumerate() {
                        standing[part][0] |= serves;
                        standing[part][1] |= serves && stays[site];
                    }
                }
                for (class, sum) in sums.iter().enumerate() {
                    let weight = part(*sum, share, (view.weight)(cell));
                    demand.push(weight, standing[usize::from(!demand.classes.attended(class))]);
                }
            }
        }
        demand
    }

    fn push(&mut self, weight: Weight, [today, for_sure]: [bool; 2]) {
        self.total += weight;
        self.covered_before += if today { weight } else { Weight::ZERO };
        self.at_stake += if today && !for_sure { weight } else { Weight::ZERO };
        self.weights.push(if for_sure { Weight::ZERO } else { weight });
        self.today.push(today);
    }

    /// The elements with weight that a station at a place covers, ascending, given the days on which it serves round the clock.
    pub fn row(&self, matrix: &CatchmentMatrix, site: SiteIdx, night: impl Fn(usize) -> bool) -> Vec<u32> {
        self.elements(matrix, site, |day, class| self.classes.attended(class) || night(day))
    }

    /// The elements with weight within reach of a place in the classes that it serves, ascending.
    pub fn elements(&self, matrix: &CatchmentMatrix, site: SiteIdx, serves: impl Fn(usize, usize) -> bool) -> Vec<u32> {
        let mut row = Vec::new();
        for (day, limit) in self.limits.iter().enumerate() {
            let classes: Vec<usize> = (0..self.classes.len()).filter(|&class| serves(day, class)).collect();
            for reach in matrix.catchment(site).iter().filter(|r| r.reach.within(*limit)) {
                let elements = classes.iter().map(|class| (day * self.cells + reach.cell.get()) * self.classes.len() + class);
                row.extend(elements.filter(|&e| self.weights[e] > Weight::ZERO).map(|e| e as u32));
            }
        }
        row
    }
}

/// A share of demand in millionths, times thousandths, half up.
pub(super) fn part(weight: Weight, share: u64, permille: u64) -> Weight {
    let whole = u128::from(SHARES) * u128::from(WHOLE);
    let milli = (u128::from(weight.milli()) * u128::from(share) * u128::from(permille) + whole / 2) / whole;
    Weight::from_milli(milli as u64)
}

/// Whether each station is open in all hours that aren't attended.
fn serves_night(inputs: SitingInputs<'_>, day: DayKind) -> Vec<bool> {
    let [from, to] = inputs.rules.fixed_serves;
    let night = || Period::of_day(day).filter(|p| !(from..to).contains(&p.hour));
    inputs.network.sites.rows().iter().map(|site: &Site| night().all(|period| site.hours.open_at(period))).collect()
}
