//! Demand: who wants to rest where and when, in thousandths of a visit.

use crate::calendar::{DayKind, HOURS, Period};
use crate::crs::{LonLat, Planar};
use crate::id::{DemandIdx, GroupIdx, IdVec, UnitIdx};
use crate::quantity::Weight;

/// One demand cell: a square of the analysis grid, or a point of a point file.
#[derive(Debug, Clone, PartialEq)]
pub struct DemandCell {
    /// Identifier: grid column and row as `c012r034`, or the point file's own.
    pub id: String,
    /// Centre, WGS-84.
    pub position: LonLat,
    /// Centre in metres.
    pub planar: Planar,
    /// Column and row of the analysis grid; points share the cell that holds them.
    pub grid_cell: (u32, u32),
    /// Planning unit.
    pub unit: Option<UnitIdx>,
    /// Whether the cell belongs to the planner's own area.
    pub in_area: bool,
}

/// Demand by cell, group and hour of twelve typical days; every number is an integer.
#[derive(Debug, Clone, PartialEq)]
pub struct DemandCube {
    cells: IdVec<DemandIdx, DemandCell>,
    groups: Vec<String>,
    /// `weights[(cell * groups + group) * 288 + period]`.
    weights: Vec<u32>,
}

impl DemandCube {
    /// A cube without demand.
    pub fn new(cells: Vec<DemandCell>, groups: Vec<String>) -> Self {
        let weights = vec![0; cells.len() * groups.len() * Period::COUNT];
        Self { cells: IdVec::from_rows(cells), groups, weights }
    }

    /// The cells.
    pub fn cells(&self) -> &IdVec<DemandIdx, DemandCell> {
        &self.cells
    }

    /// Names of the groups, such as `food_rider`.
    pub fn groups(&self) -> &[String] {
        &self.groups
    }

    /// Indexes of the groups.
    pub fn group_indexes(&self) -> impl Iterator<Item = GroupIdx> + use<> {
        (0..self.groups.len()).map(GroupIdx::from_usize)
    }

    fn row(&self, cell: DemandIdx, group: GroupIdx) -> usize {
        (cell.get() * self.groups.len() + group.get()) * Period::COUNT
    }

    /// Sets the 24 hours of one typical day from visits an hour.
    ///
    /// Rounding carries the remainder to the next hour, so that the day's total is right to half a thousandth of a visit even
    /// where single hours are smaller than that.
    pub fn set_day(&mut self, cell: DemandIdx, group: GroupIdx, day: DayKind, visits: &[f64; HOURS]) {
        let row = self.row(cell, group) + day.index() * HOURS;
        let (mut exact, mut given) = (0.0, 0u64);
        for (hour, &value) in visits.iter().enumerate() {
            exact += value.max(0.0);
            let upto = Weight::from_visits(exact).milli();
            self.weights[row + hour] = u32::try_from(upto - given).unwrap_or(u32::MAX);
            given = upto;
        }
    }

    /// Demand of one group in one period.
    pub fn weight(&self, cell: DemandIdx, group: GroupIdx, period: Period) -> Weight {
        Weight::from_milli(u64::from(self.weights[self.row(cell, group) + period.index()]))
    }

    /// Demand of all groups in one period.
    pub fn at(&self, cell: DemandIdx, period: Period) -> Weight {
        self.group_indexes().map(|group| self.weight(cell, group, period)).sum()
    }

    /// Demand of all groups on a typical day, hour by hour.
    pub fn hours(&self, cell: DemandIdx, day: DayKind) -> [Weight; HOURS] {
        let mut hours = [Weight::ZERO; HOURS];
        for group in self.group_indexes() {
            let row = self.row(cell, group) + day.index() * HOURS;
            for (hour, &milli) in self.weights[row..row + HOURS].iter().enumerate() {
                hours[hour] += Weight::from_milli(u64::from(milli));
            }
        }
        hours
    }

    /// Demand of all groups on a typical day.
    pub fn day(&self, cell: DemandIdx, day: DayKind) -> Weight {
        self.hours(cell, day).into_iter().sum()
    }

    /// Typical days that have demand.
    pub fn days(&self) -> Vec<DayKind> {
        DayKind::all().filter(|&day| self.day_total(day) > Weight::ZERO).collect()
    }

    /// Demand of all cells on a typical day.
    pub fn day_total(&self, day: DayKind) -> Weight {
        self.cells.indexes().map(|cell| self.day(cell, day)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::{DayType, Season};

    #[test]
    fn small_hours_add_up_to_the_day() {
        let cell = DemandCell {
            id: "c000r000".into(),
            position: LonLat::new(126.6, 45.7).expect("valid"),
            planar: Planar { x: 0.0, y: 0.0 },
            grid_cell: (0, 0),
            unit: None,
            in_area: true,
        };
        let mut cube = DemandCube::new(vec![cell], vec!["courier".into()]);
        let day = DayKind::new(Season::Autumn, DayType::Weekday);
        cube.set_day(DemandIdx::from_usize(0), GroupIdx::from_usize(0), day, &[0.000_3; HOURS]);
        assert_eq!(cube.day_total(day).milli(), 7, "24 × 0.0003 = 0.0072 visits");
    }
}
