//! The problem of one day: stops, demand, vehicles, drive times, rules; checked once, at the door.
//!
//! A day is cut into slots of equal length (48 half hours by default); slot `t` is the time from `t` to `t + 1`, half-open.
//! Demand is what no open fixed or smart station serves, in thousandths of a visit. Minutes become slots by rounding up.
//!
//! A vehicle leaves its depot, stands in windows (stop, arrive, leave), and returns. From leaving the depot to returning is at
//! most its shift. The ways out and back take the drive; without a depot they take nothing. Between two
//! windows, at the same stop too, lie at least [`Rules::gap_minutes`], or the drive where that is longer. Several vehicles may share a stop.

use std::ops::Range;

/// A set of slots of a day, at most [`Slots::MOST`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slots(u128);

impl Slots {
    /// The most slots a day may have.
    pub const MOST: usize = 128;

    /// The slots of a range; what lies beyond [`Slots::MOST`] is left out.
    pub fn range(range: Range<usize>) -> Self {
        let below = |slot: usize| if slot >= Self::MOST { u128::MAX } else { (1 << slot) - 1 };
        Self(below(range.end) & !below(range.start))
    }

    /// Whether a slot is in the set.
    pub fn contains(self, slot: usize) -> bool {
        slot < Self::MOST && self.0 >> slot & 1 == 1
    }

    /// Whether all slots of a range are in the set.
    pub fn covers(self, range: Range<usize>) -> bool {
        range.end <= Self::MOST && Self::range(range).0 & !self.0 == 0
    }

    /// Slots of either set.
    pub fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Slots of both sets.
    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Slots of this set that aren't in the other.
    pub fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// No slot.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// How many slots.
    pub fn count(self) -> usize {
        self.0.count_ones() as usize
    }
}

/// A place where vehicles may stand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DayStop {
    /// Slots in which standing is permitted.
    pub permitted: Slots,
    /// Longest vehicle in centimetres, when limited.
    pub longest_cm: Option<u32>,
    /// The planning unit it lies in, for [`Floor`]s.
    pub unit: usize,
    /// Cells it reaches, ascending.
    pub cells: Vec<u32>,
}

/// A bus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vehicle {
    /// Its depot, from 0; without one it starts and ends anywhere.
    pub depot: Option<usize>,
    /// Length in centimetres.
    pub length_cm: u32,
    /// Thousandths of a visit that it serves in a slot, at most.
    pub capacity: u64,
    /// Longest time from leaving the depot to returning, in slots.
    pub shift: usize,
    /// Slots between which it may leave the depot and return.
    pub on_duty: Range<usize>,
}

/// Numbers of the scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// Least minutes between two windows of a vehicle.
    pub gap_minutes: u32,
    /// Shortest window, in slots.
    pub dwell: usize,
    /// What a move from one window to the next costs, in thousandths of a visit.
    pub move_cost: u64,
    /// What a window costs whose (stop, first slot) no window of the previous plan has, in thousandths of a visit.
    pub change_cost: u64,
}

impl Default for Rules {
    /// 45 minutes between windows, an hour of dwell, nothing costs.
    fn default() -> Self {
        Self { gap_minutes: 45, dwell: 2, move_cost: 0, change_cost: 0 }
    }
}

/// An order: this vehicle must stand at this stop in all these slots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// The vehicle.
    pub vehicle: usize,
    /// The stop.
    pub stop: usize,
    /// The slots.
    pub slots: Range<usize>,
}

/// An order: nobody, or not this vehicle, may stand at this stop in these slots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ban {
    /// The vehicle; all when none is named.
    pub vehicle: Option<usize>,
    /// The stop.
    pub stop: usize,
    /// The slots.
    pub slots: Range<usize>,
}

/// Fairness: vehicles must stand in a unit for at least so many slots, two vehicles in one slot counted as two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Floor {
    /// The unit.
    pub unit: usize,
    /// Bus slots.
    pub slots: u32,
}

/// One vehicle at one stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Window {
    /// The stop.
    pub stop: usize,
    /// First slot.
    pub arrive: usize,
    /// Slot in which it's gone.
    pub leave: usize,
}

/// Windows of one vehicle, in order of time; none when it stays at home.
pub type Route = Vec<Window>;

/// Where each vehicle stands, in the order of [`BusDay::vehicles`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// A route for each vehicle.
    pub routes: Vec<Route>,
}

/// All that one day's plan depends on, as plain data.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BusDay {
    /// Slots of the day.
    pub slots: usize,
    /// Minutes of a slot.
    pub slot_minutes: u32,
    /// Places to stand.
    pub stops: Vec<DayStop>,
    /// Demand left in thousandths of a visit: cell `c` in slot `t` at `c * slots + t`.
    pub demand: Vec<u64>,
    /// Buses.
    pub vehicles: Vec<Vehicle>,
    /// How many depots there are.
    pub depots: usize,
    /// Minutes of driving between places, the stops first, then the depots: from `a` to `b` at `a * places + b`.
    /// [`BusDay::NO_WAY`] where there's no way.
    pub minutes: Vec<u32>,
    /// Numbers of the scenario.
    pub rules: Rules,
    /// Where vehicles must stand.
    pub pins: Vec<Pin>,
    /// Where they may not.
    pub bans: Vec<Ban>,
    /// Fairness.
    pub floors: Vec<Floor>,
    /// The plan before this one; windows that start where and when one of its windows starts cost no change.
    pub previous: Option<Plan>,
}

/// A fault of a [`BusDay`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProblemFault {
    /// The raster makes no sense.
    #[error("a day has 1 to {} slots of at least a minute, and windows last at least a slot", Slots::MOST)]
    Raster,
    /// A table has another size than its keys say.
    #[error("{table} has {found} entries, {expected} are needed")]
    Size {
        /// Which table.
        table: &'static str,
        /// What its keys say.
        expected: usize,
        /// What it has.
        found: usize,
    },
    /// Something refers to what isn't there.
    #[error("{table} {row} names {what} {found}, there are {known}")]
    Unknown {
        /// Which table.
        table: &'static str,
        /// Its row.
        row: usize,
        /// What is named.
        what: &'static str,
        /// The name.
        found: usize,
        /// How many there are.
        known: usize,
    },
    /// Cells of a stop that don't ascend.
    #[error("cells of stop {stop} do not ascend")]
    Order {
        /// The stop.
        stop: usize,
    },
    /// Slots that end before they begin, or after the day.
    #[error("{table} {row}: slots {from}..{to} are no part of the day")]
    Span {
        /// Which table.
        table: &'static str,
        /// Its row.
        row: usize,
        /// First slot.
        from: usize,
        /// Slot after the last.
        to: usize,
    },
    /// Numbers so large that sums of them could overflow.
    #[error("{what} must stay below {} visits", most / 1000)]
    Large {
        /// What is too large.
        what: &'static str,
        /// What it must stay below, in thousandths of a visit.
        most: u64,
    },
}

impl ProblemFault {
    /// Capacities and the demand of the whole day stay below this, in thousandths of a visit.
    pub const MOST: u64 = 1 << 32;
    /// Costs stay below this, in thousandths of a visit.
    pub const MOST_COST: u64 = 1 << 26;
}

impl BusDay {
    /// No way between two places.
    pub const NO_WAY: u32 = u32::MAX;

    /// Number of cells.
    pub fn cells(&self) -> usize {
        self.demand.len() / self.slots.max(1)
    }

    /// Number of places: stops and depots.
    pub fn places(&self) -> usize {
        self.stops.len() + self.depots
    }

    /// Minutes of driving between two places.
    pub fn drive(&self, from: usize, to: usize) -> u32 {
        self.minutes[from * self.places() + to]
    }

    /// Minute of the day at which a slot begins.
    pub fn minute(&self, slot: usize) -> u16 {
        (slot as u32 * self.slot_minutes) as u16
    }

    /// Minutes in slots, rounded up; [`BusDay::NO_WAY`] stays more than any day has.
    pub fn to_slots(&self, minutes: u32) -> usize {
        minutes.div_ceil(self.slot_minutes) as usize
    }

    fn faults(&self) -> Vec<ProblemFault> {
        let mut faults = Vec::new();
        if self.slots == 0 || self.slots > Slots::MOST || self.slot_minutes == 0 || self.rules.dwell == 0 {
            return vec![ProblemFault::Raster];
        }
        let mut size = |table, expected, found| {
            if expected != found {
                faults.push(ProblemFault::Size { table, expected, found });
            }
        };
        size("demand", self.cells() * self.slots, self.demand.len());
        size("minutes", self.places() * self.places(), self.minutes.len());
        if let Some(previous) = &self.previous {
            size("previous plan", self.vehicles.len(), previous.routes.len());
        }
        self.references(&mut faults);
        self.spans(&mut faults);
        for (row, stop) in self.stops.iter().enumerate() {
            if !stop.cells.is_sorted_by(|a, b| a < b) {
                faults.push(ProblemFault::Order { stop: row });
            }
        }
        let sums = [
            ("demand", self.demand.iter().fold(0u64, |sum, d| sum.saturating_add(*d)), ProblemFault::MOST),
            ("capacity", self.vehicles.iter().map(|v| v.capacity).max().unwrap_or(0), ProblemFault::MOST),
            ("costs", self.rules.move_cost.max(self.rules.change_cost), ProblemFault::MOST_COST),
        ];
        let large = sums.into_iter().filter(|(_, sum, most)| sum >= most);
        faults.extend(large.map(|(what, _, most)| ProblemFault::Large { what, most }));
        faults
    }

    fn references(&self, faults: &mut Vec<ProblemFault>) {
        let mut refer = |table, row, what, found, known| {
            if found >= known {
                faults.push(ProblemFault::Unknown { table, row, what, found, known });
            }
        };
        for (row, stop) in self.stops.iter().enumerate() {
            stop.cells.iter().for_each(|&cell| refer("stop", row, "cell", cell as usize, self.cells()));
        }
        for (row, vehicle) in self.vehicles.iter().enumerate() {
            vehicle.depot.into_iter().for_each(|depot| refer("vehicle", row, "depot", depot, self.depots));
        }
        for (row, pin) in self.pins.iter().enumerate() {
            refer("pin", row, "stop", pin.stop, self.stops.len());
            refer("pin", row, "vehicle", pin.vehicle, self.vehicles.len());
        }
        for (row, ban) in self.bans.iter().enumerate() {
            refer("ban", row, "stop", ban.stop, self.stops.len());
            ban.vehicle.into_iter().for_each(|vehicle| refer("ban", row, "vehicle", vehicle, self.vehicles.len()));
        }
        let units = self.stops.iter().map(|stop| stop.unit + 1).max().unwrap_or(0);
        for (row, floor) in self.floors.iter().enumerate() {
            refer("floor", row, "unit", floor.unit, units);
        }
    }

    fn spans(&self, faults: &mut Vec<ProblemFault>) {
        let mut span = |table, row, slots: &Range<usize>| {
            if slots.start > slots.end || slots.end > self.slots {
                faults.push(ProblemFault::Span { table, row, from: slots.start, to: slots.end });
            }
        };
        self.vehicles.iter().enumerate().for_each(|(row, vehicle)| span("vehicle", row, &vehicle.on_duty));
        self.pins.iter().enumerate().for_each(|(row, pin)| span("pin", row, &pin.slots));
        self.bans.iter().enumerate().for_each(|(row, ban)| span("ban", row, &ban.slots));
    }
}

/// A [`BusDay`] without faults.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BusProblem(BusDay);

impl BusProblem {
    /// Checks a day.
    ///
    /// # Errors
    /// All faults at once.
    pub fn new(day: BusDay) -> Result<Self, Vec<ProblemFault>> {
        let faults = day.faults();
        if faults.is_empty() { Ok(Self(day)) } else { Err(faults) }
    }

    /// The day.
    pub fn day(&self) -> &BusDay {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_half_open() {
        let slots = Slots::range(2..5).or(Slots::range(127..128));
        assert_eq!(
            (slots.count(), slots.contains(1), slots.contains(2), slots.contains(4), slots.contains(5)),
            (4, false, true, true, false)
        );
        assert!(slots.covers(2..5) && !slots.covers(2..6) && slots.covers(127..128) && slots.covers(9..9));
        assert_eq!(Slots::range(0..128).count(), 128);
        assert!(Slots::range(5..5).is_empty() && slots.without(slots).is_empty());
    }

    #[test]
    fn all_faults_come_at_once() {
        let day = BusDay {
            slots: 4,
            slot_minutes: 30,
            stops: vec![DayStop { cells: vec![1, 0], ..DayStop::default() }],
            demand: vec![0; 8],
            vehicles: vec![Vehicle { depot: Some(0), length_cm: 0, capacity: u64::MAX, shift: 1, on_duty: 3..9 }],
            minutes: vec![0; 2],
            pins: vec![Pin { vehicle: 1, stop: 3, slots: 0..1 }],
            ..BusDay::default()
        };
        let faults = BusProblem::new(day).unwrap_err();
        assert_eq!(faults.len(), 7, "{faults:#?}");
    }
}
