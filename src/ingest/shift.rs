//! The shift test: which datum do ledger rows without a label have?
//!
//! Each reading (WGS-84, GCJ-02, BD-09) is checked against what is known: it can't be in water or outside the study area, it
//! should be in the unit the row names, and another row of the same station with a label should be within 30 m. Strong evidence
//! is a twin under exactly one datum; or two such rows in the file with the same datum and no unlabelled row against it (one file
//! has one source); or a single datum possible at all that also agrees with the unit. Anything less is a proposal for a person.

use super::coordinates::Pair;
use super::datum::Datum;
use super::position::{Locator, Place};
use crate::crs::{LonLat, Projector};
use crate::domain::study_area::StudyArea;
use crate::message::Message;

/// Datums that a row in degrees without a label may have.
pub(super) const CANDIDATES: [Datum; 3] = [Datum::Wgs84, Datum::Gcj02, Datum::Bd09];

/// Two rows of one station within this distance are twins, in metres.
const TWIN_M: f64 = 30.0;

/// A row without a label.
#[derive(Debug, Clone)]
pub(super) struct Unlabelled<'a> {
    /// What its position cells say.
    pub(super) pair: Pair,
    /// The unit it names.
    pub(super) unit: Option<&'a str>,
    /// Positions and rows of labelled rows of the same station.
    pub(super) twins: Vec<(LonLat, usize)>,
}

/// What speaks for and against one datum.
#[derive(Debug, Clone, Copy)]
struct Evidence {
    datum: Datum,
    place: Place,
    /// Whether the named unit holds the position, when the unit is known.
    in_unit: Option<bool>,
    /// Row of the nearest twin and its distance in metres.
    twin: Option<(usize, f64)>,
}

impl Evidence {
    fn is_possible(&self) -> bool {
        self.place.position().is_some()
    }

    /// `GCJ-02 O- W- U+ T+`: outside, water, unit, twin.
    fn clause(&self) -> String {
        let sign = |holds: bool| if holds { '+' } else { '-' };
        let unit = self.in_unit.map_or('?', sign);
        let (outside, water) = (self.place == Place::Outside, self.place == Place::Water);
        format!("{} O{} W{} U{unit} T{}", self.datum, sign(outside), sign(water), sign(self.twin.is_some()))
    }
}

/// What was decided about a row.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Verdict {
    /// The evidence is strong: the datum, where it leads, and the message.
    Settled(Datum, Place, Message),
    /// A person must decide; the message holds the proposal.
    Open(Message),
}

/// Decides about all unlabelled rows of a file together.
pub(super) fn judge(rows: &[Unlabelled<'_>], area: &StudyArea, projector: &Projector, locator: &mut Locator<'_>) -> Vec<Verdict> {
    let evidence: Vec<Vec<Evidence>> = rows.iter().map(|row| weigh(row, area, projector, locator)).collect();
    let cohort = cohort_datum(&evidence);
    evidence.iter().map(|clauses| decide(clauses, cohort)).collect()
}

fn weigh(row: &Unlabelled<'_>, area: &StudyArea, projector: &Projector, locator: &mut Locator<'_>) -> Vec<Evidence> {
    let Pair::Numbers { x, y, .. } = row.pair else { return Vec::new() };
    let named = row.unit.and_then(|unit| area.units.iter().find(|u| super::entities::same_unit(&u.name, unit)));
    let weigh = |datum| {
        let place = locator.place(datum, x, y).unwrap_or(Place::Outside);
        let planar = place.position().and_then(|position| projector.project(position).ok());
        let in_unit = named.zip(place.position().zip(planar)).map(|(unit, (position, planar))| {
            area.unit_of(position, planar).is_some_and(|index| area.units[index.get()].name == unit.name)
        });
        let distances = row.twins.iter().filter_map(|(twin, number)| {
            let metres = projector.project(*twin).ok()?.distance(planar?);
            (metres <= TWIN_M).then_some((*number, metres))
        });
        let twin = distances.min_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
        Evidence { datum, place, in_unit, twin }
    };
    CANDIDATES.map(weigh).into()
}

/// The only datum under which a row has a twin.
fn sole_twin(clauses: &[Evidence]) -> Option<&Evidence> {
    let mut with_twin = clauses.iter().filter(|clause| clause.twin.is_some());
    with_twin.next().filter(|_| with_twin.next().is_none())
}

/// The datum of the file's unlabelled rows, with the number of rows that show it by a twin.
fn cohort_datum(evidence: &[Vec<Evidence>]) -> Option<(Datum, usize)> {
    let shown: Vec<Datum> = evidence.iter().filter_map(|clauses| sole_twin(clauses)).map(|clause| clause.datum).collect();
    let datum = *shown.first()?;
    let agrees = |clauses: &Vec<Evidence>| clauses.iter().all(|clause| clause.datum != datum || clause.is_possible());
    let unanimous = shown.len() >= 2 && shown.iter().all(|other| *other == datum) && evidence.iter().all(agrees);
    unanimous.then_some((datum, shown.len()))
}

fn decide(clauses: &[Evidence], cohort: Option<(Datum, usize)>) -> Verdict {
    let readings = clauses.iter().map(Evidence::clause).collect::<Vec<_>>().join("; ");
    let settled = |clause: &Evidence, message: Message| {
        Verdict::Settled(clause.datum, clause.place, message.with("datum", clause.datum).with("readings", &readings))
    };
    if let Some((clause, (row, metres))) = sole_twin(clauses).and_then(|clause| Some((clause, clause.twin?))) {
        return settled(clause, Message::new("L202").with("twin", row).with("metres", format!("{metres:.1}")));
    }
    let of_cohort = cohort.and_then(|(datum, rows)| Some((clauses.iter().find(|clause| clause.datum == datum)?, rows)));
    if let Some((clause, rows)) = of_cohort {
        return settled(clause, Message::new("L203").with("rows", rows));
    }
    let possible: Vec<&Evidence> = clauses.iter().filter(|clause| clause.is_possible()).collect();
    if let [only] = possible.as_slice()
        && only.in_unit == Some(true)
    {
        return settled(only, Message::new("L204"));
    }
    // In favour of WGS-84 where nothing tells the candidates apart: `max_by_key` keeps the last of equals.
    let score = |clause: &&&Evidence| (clause.twin.is_some(), clause.in_unit == Some(true));
    let proposal = possible.iter().rev().max_by_key(score).map_or("—".to_owned(), |clause| clause.datum.to_string());
    Verdict::Open(Message::new("L205").with("proposal", proposal).with("readings", readings))
}
