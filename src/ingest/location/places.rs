//! Rows of sites or demand: ids, positions, weights, roles, costs, capacities.

use std::collections::HashMap;

use super::faults::Faults;
use super::rows::Source;
use super::words::{Header, accepted, column, role};
use crate::domain::location::Role;
use crate::ingest::IngestError;
use crate::ingest::values::half_width;
use crate::message::Message;

/// What the coordinates are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Axes {
    /// Columns x and y.
    Planar,
    /// Columns of longitude and latitude.
    Degrees,
}

/// What rows are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Sites of a location problem.
    Sites,
    /// Sites of which only place and kind matter.
    Origins,
    Demand,
}

/// Rows as read, competitors among them; columns that the file doesn't have are empty.
#[derive(Debug, Default)]
pub(super) struct Places {
    pub(super) file: String,
    pub(super) ids: Vec<String>,
    /// Rows in the file; the header is row 1.
    pub(super) rows: Vec<usize>,
    pub(super) points: Vec<[f64; 2]>,
    pub(super) axes: Option<Axes>,
    /// Of demand.
    pub(super) weights: Vec<f64>,
    /// Of sites; a competitor has none.
    pub(super) roles: Vec<Option<Role>>,
    /// Of sites.
    pub(super) costs: Vec<u64>,
    /// Of sites.
    pub(super) capacities: Vec<Option<f64>>,
    /// Of origins, as written; empty without the column.
    pub(super) kinds: Vec<String>,
    /// What is taken for columns that the file doesn't have and a reader might miss.
    pub(super) notes: Vec<Message>,
}

/// Where the columns are.
struct Found {
    id: Option<usize>,
    axes: Option<(Axes, usize, usize)>,
    weight: Option<usize>,
    role: Option<usize>,
    cost: Option<usize>,
    capacity: Option<usize>,
    kind: Option<usize>,
}

impl Found {
    fn of(source: &Source, kind: Kind) -> Self {
        let find = |header| column(&source.headers, header);
        let axes = |axes, first, second| Some((axes, find(first)?, find(second)?));
        let of_sites = |header| (kind == Kind::Sites).then(|| find(header)).flatten();
        let weight = if source.is_headless() { Some(0) } else { find(Header::Weight) }.filter(|_| kind == Kind::Demand);
        // `demand` is the weight, unless another column is: then it names the demand point, as in a matrix.
        let names = || find(Header::Demand).filter(|&at| kind == Kind::Demand && Some(at) != weight);
        Self {
            id: find(Header::Id).or_else(names),
            axes: axes(Axes::Degrees, Header::Lon, Header::Lat).or_else(|| axes(Axes::Planar, Header::X, Header::Y)),
            weight,
            role: of_sites(Header::Role),
            cost: of_sites(Header::Cost),
            capacity: of_sites(Header::Capacity),
            kind: find(Header::Kind).filter(|_| kind == Kind::Origins),
        }
    }
}

/// Reads the rows of sites or demand; positions may be missing when a matrix gives the impedances.
pub(super) fn read_places(source: &Source, kind: Kind, with_points: bool, faults: &mut Faults) -> Option<Places> {
    let fault = |message: Message| IngestError::new(&source.file, message);
    if source.is_headless() && (kind != Kind::Demand || source.width > 1) {
        faults.push(fault(Message::new("P011")));
        return None;
    }
    let found = Found::of(source, kind);
    if with_points && found.axes.is_none() {
        let list = |first, second| format!("{} + {}", accepted(first), accepted(second));
        let missing = format!("{}; {}", list(Header::X, Header::Y), list(Header::Lon, Header::Lat));
        faults.push(fault(Message::new("P001").with("missing", missing).with("found", source.headers.join(", "))));
        return None;
    }
    let mut places = Places { file: source.file.clone(), axes: found.axes.map(|axes| axes.0), ..Places::default() };
    if kind == Kind::Demand && found.weight.is_none() {
        let headers = source.headers.join(", ");
        places.notes.push(Message::new("P209").with("file", &source.file).with("found", headers));
    }
    source.each(faults, |number, cells, faults| {
        places.rows.push(number);
        places.ids.push(found.id.map_or_else(|| places.ids.len().to_string(), |at| cells[at].to_owned()));
        let row = Row { file: &source.file, number, cells };
        if let Some((axes, first, second)) = found.axes {
            places.points.push(row.position(axes, first, second, faults));
        }
        match kind {
            Kind::Demand => places.weights.push(found.weight.map_or(1.0, |at| row.amount(at, "weight", faults))),
            Kind::Origins => places.kinds.extend(found.kind.map(|at| cells[at].to_owned())),
            Kind::Sites => row.site(&found, &mut places, faults),
        }
    });
    if places.ids.is_empty() {
        faults.push(fault(Message::new("P012")));
    }
    find_repeated(&places, faults);
    Some(places)
}

fn find_repeated(places: &Places, faults: &mut Faults) {
    let mut first: HashMap<&str, usize> = HashMap::with_capacity(places.ids.len());
    for (id, &number) in places.ids.iter().zip(&places.rows) {
        let fault = |message: Message| IngestError::new(&places.file, message).at_row(number);
        if id.is_empty() {
            faults.push(fault(Message::new("P019")));
        } else if let Some(before) = first.insert(id, number) {
            faults.push(fault(Message::new("P002").with("id", id).with("row", before)));
        }
    }
}

/// A row and where it stands, for its faults. A value with a fault becomes 0, and nothing is used.
struct Row<'a> {
    file: &'a str,
    number: usize,
    cells: &'a [&'a str],
}

impl Row<'_> {
    fn fault(&self, message: Message, faults: &mut Faults) {
        faults.push(IngestError::new(self.file, message).at_row(self.number));
    }

    fn number(&self, at: usize, what: &'static str, faults: &mut Faults) -> f64 {
        read_number(self.cells[at]).unwrap_or_else(|| {
            self.fault(Message::new("P003").with("what", what).with("value", self.cells[at]), faults);
            0.0
        })
    }

    fn amount(&self, at: usize, what: &'static str, faults: &mut Faults) -> f64 {
        let amount = self.number(at, what, faults);
        if amount < 0.0 {
            self.fault(Message::new("P004").with("what", what).with("value", self.cells[at]), faults);
        }
        amount.max(0.0)
    }

    fn position(&self, axes: Axes, first: usize, second: usize, faults: &mut Faults) -> [f64; 2] {
        let names = if axes == Axes::Degrees { ("lon", "lat") } else { ("x", "y") };
        let point = [self.number(first, names.0, faults), self.number(second, names.1, faults)];
        if axes == Axes::Degrees {
            check_degrees(self.file, self.number, point, faults);
        }
        point
    }

    fn site(&self, found: &Found, places: &mut Places, faults: &mut Faults) {
        let text = |at: Option<usize>| at.map_or("", |at| self.cells[at]);
        let role = role(text(found.role)).unwrap_or_else(|| {
            self.fault(Message::new("P006").with("value", text(found.role)), faults);
            None
        });
        places.roles.push(role);
        let free = text(found.cost).is_empty() && (found.cost.is_none() || role != Some(Role::Candidate));
        let cost = found.cost.filter(|_| !free).map_or(1.0, |at| self.amount(at, "cost", faults));
        if cost.fract() != 0.0 || cost > 1e15 {
            self.fault(Message::new("P015").with("value", text(found.cost)), faults);
        }
        places.costs.push(cost as u64);
        let capacity = found.capacity.filter(|&at| !self.cells[at].is_empty());
        places.capacities.push(capacity.map(|at| self.amount(at, "capacity", faults)));
    }
}

/// Longitude and latitude must be on Earth.
pub(super) fn check_degrees(file: &str, row: usize, [lon, lat]: [f64; 2], faults: &mut Faults) {
    if !((-180.0..=180.0).contains(&lon) && (-90.0..=90.0).contains(&lat)) {
        faults.push(IngestError::new(file, Message::new("P005").with("lon", lon).with("lat", lat)).at_row(row));
    }
}

/// A finite number; full-width digits too.
pub(super) fn read_number(text: &str) -> Option<f64> {
    let plain = text.parse::<f64>().or_else(|_| half_width(text).parse::<f64>()).ok();
    plain.filter(|number| number.is_finite())
}
