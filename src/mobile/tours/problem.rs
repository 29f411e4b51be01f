//! What a tour problem is: travel times, vehicles, visits and what is charged beside travel.
//!
//! All times share one unit that the caller chooses (seconds, tenths of a minute ...), all prizes another. [`Problem::new`] checks
//! everything once and reports all faults at once; what comes out needs no further checks, and no sum over it can overflow.

/// The largest time, prize or charge there may be (2^40); also the `close` of a visit that is open without end.
pub const FOREVER: u64 = 1 << 40;

/// The most that may be charged for imbalance.
const MOST: u64 = 1 << 10;
/// The most visits or vehicles there may be.
const MANY: usize = 1 << 20;

/// Travel times between places. They need be neither symmetric nor keep the triangle inequality.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Travel {
    places: usize,
    times: Vec<u64>,
}

impl Travel {
    /// Times row by row: the time from place `a` to place `b` stands at `a × places + b`.
    ///
    /// # Errors
    /// [`ProblemFault::NotSquare`] when there aren't `places × places` times.
    pub fn new(places: usize, times: Vec<u64>) -> Result<Self, ProblemFault> {
        if places.checked_mul(places) != Some(times.len()) {
            return Err(ProblemFault::NotSquare { places, times: times.len() });
        }
        Ok(Self { places, times })
    }

    /// How many places.
    pub fn places(&self) -> usize {
        self.places
    }

    /// Travel time between two places.
    pub fn time(&self, from: usize, to: usize) -> u64 {
        self.times[from * self.places + to]
    }
}

/// One tour of a bus or a steward. A vehicle without visits stays where it is and costs nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vehicle {
    /// Place where it starts.
    pub start: usize,
    /// Place where it ends.
    pub end: usize,
    /// It doesn't leave before.
    pub earliest: u64,
    /// It is back no later.
    pub latest: u64,
    /// The longest it may be away, waiting included.
    pub longest: u64,
}

/// Something to be done at a place, by one vehicle, once or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    /// Where.
    pub place: usize,
    /// How long it takes.
    pub service: u64,
    /// It doesn't begin before (a vehicle that is early waits).
    pub open: u64,
    /// It begins no later.
    pub close: u64,
    /// What is lost when nobody comes; more than 0.
    pub prize: u64,
    /// Who may come.
    pub allowed: Allowed,
    /// Who came the last time: another one costs [`Charges::change`].
    pub usual: Option<usize>,
}

/// Vehicles that may make a visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Allowed {
    /// Every vehicle.
    Any,
    /// Only these.
    Only(Vec<usize>),
}

/// What counts like travel time, beside travel time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Charges {
    /// For each visit made by another vehicle than the usual one.
    pub change: u64,
    /// For each unit of time by which a duration leaves the fair band (see [`super::check::Value::imbalance`]); 0 asks for no balance.
    pub imbalance: u64,
}

/// A sound problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    travel: Travel,
    vehicles: Vec<Vehicle>,
    visits: Vec<Visit>,
    charges: Charges,
}

impl Problem {
    /// A problem of parts that fit together.
    ///
    /// # Errors
    /// Every fault there is.
    pub fn new(travel: Travel, vehicles: Vec<Vehicle>, visits: Vec<Visit>, charges: Charges) -> Result<Self, Vec<ProblemFault>> {
        let mut faults = Vec::new();
        for (vehicle, row) in vehicles.iter().enumerate() {
            let places = [row.start, row.end].into_iter().filter(|&place| place >= travel.places);
            faults.extend(places.map(|place| ProblemFault::VehiclePlace { vehicle, place }));
        }
        for (visit, row) in visits.iter().enumerate() {
            if row.place >= travel.places {
                faults.push(ProblemFault::VisitPlace { visit, place: row.place });
            }
            if row.prize == 0 {
                faults.push(ProblemFault::NoPrize { visit });
            }
            let named = if let Allowed::Only(only) = &row.allowed { only.as_slice() } else { &[] };
            let unknown = named.iter().copied().chain(row.usual).filter(|&vehicle| vehicle >= vehicles.len());
            faults.extend(unknown.map(|vehicle| ProblemFault::VisitVehicle { visit, vehicle }));
        }
        let of_vehicles = vehicles.iter().flat_map(|row| [row.earliest, row.latest, row.longest]);
        let of_visits = visits.iter().flat_map(|row| [row.service, row.open, row.close, row.prize]);
        let numbers = travel.times.iter().copied().chain(of_vehicles).chain(of_visits).chain([charges.change]);
        faults.extend(numbers.max().filter(|&largest| largest > FOREVER).map(|largest| ProblemFault::TooLarge { largest }));
        let charge = charges.imbalance;
        faults.extend((charge > MOST).then_some(ProblemFault::Imbalance { charge }));
        let rows = vehicles.len().max(visits.len());
        faults.extend((rows > MANY).then_some(ProblemFault::TooMany { rows }));
        if faults.is_empty() { Ok(Self { travel, vehicles, visits, charges }) } else { Err(faults) }
    }

    /// The travel times.
    pub fn travel(&self) -> &Travel {
        &self.travel
    }

    /// The vehicles.
    pub fn vehicles(&self) -> &[Vehicle] {
        &self.vehicles
    }

    /// The visits.
    pub fn visits(&self) -> &[Visit] {
        &self.visits
    }

    /// The charges.
    pub fn charges(&self) -> Charges {
        self.charges
    }

    /// Whether a vehicle may make a visit.
    pub fn allows(&self, vehicle: usize, visit: usize) -> bool {
        match &self.visits[visit].allowed {
            Allowed::Any => true,
            Allowed::Only(only) => only.contains(&vehicle),
        }
    }
}

/// Why parts make no problem.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProblemFault {
    /// The matrix isn't square.
    #[error("{places} places need {places} × {places} travel times, {times} are given")]
    NotSquare {
        /// Places.
        places: usize,
        /// Times found.
        times: usize,
    },
    /// A vehicle starts or ends nowhere.
    #[error("vehicle {vehicle} names place {place}, which is not in the travel times")]
    VehiclePlace {
        /// Row of the vehicle.
        vehicle: usize,
        /// The place.
        place: usize,
    },
    /// A visit is nowhere.
    #[error("visit {visit} names place {place}, which is not in the travel times")]
    VisitPlace {
        /// Row of the visit.
        visit: usize,
        /// The place.
        place: usize,
    },
    /// A visit that nobody would miss.
    #[error("visit {visit} has no prize: leave it out")]
    NoPrize {
        /// Row of the visit.
        visit: usize,
    },
    /// A visit names a vehicle that isn't there.
    #[error("visit {visit} names vehicle {vehicle}, which is not there")]
    VisitVehicle {
        /// Row of the visit.
        visit: usize,
        /// The vehicle.
        vehicle: usize,
    },
    /// A number that sums could not hold.
    #[error("{largest} is too large for a time, a prize or a charge: the most is {FOREVER}")]
    TooLarge {
        /// The largest number.
        largest: u64,
    },
    /// A charge for imbalance that sums could not hold.
    #[error("a charge of {charge} for imbalance is too large: the most is {MOST}")]
    Imbalance {
        /// The charge.
        charge: u64,
    },
    /// More visits or vehicles than numbers for them.
    #[error("{rows} visits or vehicles are too many: the most is {MANY}")]
    TooMany {
        /// How many.
        rows: usize,
    },
}
