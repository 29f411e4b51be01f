//! Impedances from a file: a list of (site, demand, impedance); or a row for each demand point and a column for each site, either bare
//! numbers or with ids, those of the sites in the header and those of the demand in the first column. A pair that isn't listed, an
//! empty cell and `inf` can't be reached.
//!
//! Nothing is guessed: bare numbers whose first cell is empty could be a header over an index column and are refused, and so are
//! blank lines between bare numbers.

use std::collections::HashMap;

use super::faults::Faults;
use super::places::{Places, read_number};
use super::rows::Source;
use super::words::{Header, accepted, column};
use crate::domain::location::Role;
use crate::ingest::IngestError;
use crate::message::Message;

/// Pairs in terms of rows of the sites and demand files (competitors among them), sorted by site, then demand.
pub(super) type Pairs = Vec<(u32, u32, f64)>;

/// The rows of a file by id; made from the matrix itself when there is no file.
struct Names<'a> {
    /// The file that the ids must be in.
    file: Option<&'a str>,
    rows: HashMap<&'a str, u32>,
    /// New ids in order of appearance.
    new: Vec<String>,
    last: Option<(&'a str, u32)>,
}

impl<'a> Names<'a> {
    fn of(places: Option<&'a Places>) -> Self {
        let rows = places.map(|places| places.ids.iter().map(String::as_str).zip(0..).collect()).unwrap_or_default();
        Self { file: places.map(|places| places.file.as_str()), rows, new: Vec::new(), last: None }
    }

    /// The row of an id; unknown ids are new ones, or `None` when there is a file that lacks them.
    fn row(&mut self, id: &'a str) -> Option<u32> {
        if let Some((_, row)) = self.last.filter(|(last, _)| *last == id) {
            return Some(row);
        }
        let row = match self.rows.get(id) {
            Some(&row) => row,
            None if self.file.is_some() => return None,
            None => {
                let row = self.new.len() as u32;
                self.rows.insert(id, row);
                self.new.push(id.to_owned());
                row
            }
        };
        self.last = Some((id, row));
        Some(row)
    }
}

/// Reads a matrix. Sites and demand that no file gives are made from it: all candidates, all of weight 1.
pub(super) fn read_matrix(
    source: &Source,
    sites: &mut Option<Places>,
    demand: &mut Option<Places>,
    faults: &mut Faults,
) -> Pairs {
    if source.is_headless() {
        read_bare(source, sites, demand, faults)
    } else if has_ids(&source.headers) {
        read_with_ids(source, sites, demand, faults)
    } else {
        read_list(source, sites, demand, faults)
    }
}

/// Whether the header is ids of sites over a first column of demand: its first cell is empty or names demand or ids, and no column is
/// that of a list.
fn has_ids(headers: &[String]) -> bool {
    let first = &headers[..1];
    let names_demand = first[0].is_empty() || [Header::Demand, Header::Id].into_iter().any(|is| column(first, is).is_some());
    names_demand && [Header::Site, Header::Impedance].into_iter().all(|is| column(headers, is).is_none())
}

fn read_list(source: &Source, sites: &mut Option<Places>, demand: &mut Option<Places>, faults: &mut Faults) -> Pairs {
    let wanted = [Header::Site, Header::Demand, Header::Impedance];
    let [Some(site), Some(point), Some(value)] = wanted.map(|header| column(&source.headers, header)) else {
        let missing: Vec<String> =
            wanted.into_iter().filter(|&header| column(&source.headers, header).is_none()).map(accepted).collect();
        let message = Message::new("P001").with("missing", missing.join("; ")).with("found", source.headers.join(", "));
        faults.push(IngestError::new(&source.file, message));
        return Vec::new();
    };
    let (mut site_names, mut point_names) = (Names::of(sites.as_ref()), Names::of(demand.as_ref()));
    let mut pairs: Vec<(u32, u32, f64, usize)> = Vec::new();
    source.each(faults, |number, cells, faults| {
        let mut fault = |message: Message| faults.push(IngestError::new(&source.file, message).at_row(number));
        let mut row = |names: &mut Names<'_>, found: Option<u32>, id: &str| {
            if found.is_none() {
                fault(Message::new("P007").with("id", id).with("file", names.file.unwrap_or_default()));
            }
            found
        };
        let from = site_names.row(cells[site]);
        let from = row(&mut site_names, from, cells[site]);
        let to = point_names.row(cells[point]);
        let to = row(&mut point_names, to, cells[point]);
        if let (Some(impedance), Some(from), Some(to)) = (impedance(cells[value], &mut fault), from, to) {
            pairs.push((from, to, impedance, number));
        }
    });
    pairs.sort_unstable_by_key(|&(site, demand, _, row)| (site, demand, row));
    for twice in pairs.windows(2).filter(|pair| (pair[0].0, pair[0].1) == (pair[1].0, pair[1].1)) {
        let name = |names: &Places, row: u32| names.ids[row as usize].clone();
        let id = |places: &Option<Places>, new: &[String], row: u32| {
            places.as_ref().map_or_else(|| new[row as usize].clone(), |places| name(places, row))
        };
        let message = Message::new("P008")
            .with("site", id(sites, &site_names.new, twice[1].0))
            .with("demand", id(demand, &point_names.new, twice[1].1))
            .with("row", twice[0].3);
        faults.push(IngestError::new(&source.file, message).at_row(twice[1].3));
    }
    let (new_sites, new_points) = (site_names.new, point_names.new);
    sites.get_or_insert_with(|| candidates(&source.file, new_sites));
    demand.get_or_insert_with(|| points(&source.file, new_points));
    pairs.into_iter().map(|(site, demand, impedance, _)| (site, demand, impedance)).collect()
}

/// An impedance, or a fault. `inf` is no fault, but nothing to keep either.
fn impedance(text: &str, fault: &mut impl FnMut(Message)) -> Option<f64> {
    if text.parse::<f64>() == Ok(f64::INFINITY) {
        return None;
    }
    match read_number(text) {
        None => fault(Message::new("P003").with("what", "impedance").with("value", text)),
        Some(value) if value < 0.0 => fault(Message::new("P004").with("what", "impedance").with("value", text)),
        sound => return sound,
    }
    None
}

/// Reads a table whose header has the ids of the sites and whose first column those of the demand.
fn read_with_ids(source: &Source, sites: &mut Option<Places>, demand: &mut Option<Places>, faults: &mut Faults) -> Pairs {
    let (mut site_names, mut point_names) = (Names::of(sites.as_ref()), Names::of(demand.as_ref()));
    let unknown = |names: &Names<'_>, id: &str| Message::new("P007").with("id", id).with("file", names.file.unwrap_or_default());
    let mut columns = Vec::new();
    for (at, id) in source.headers.iter().enumerate().skip(1) {
        let mut fault = |message: Message| faults.push(IngestError::new(&source.file, message));
        let row = site_names.row(id);
        match row {
            _ if id.is_empty() => fault(Message::new("P019")),
            None => fault(unknown(&site_names, id)),
            _ if source.headers[1..at].contains(id) => fault(Message::new("P020").with("id", id)),
            _ => {}
        }
        columns.push(row);
    }
    let mut pairs = Vec::new();
    let mut first: HashMap<&str, usize> = HashMap::new();
    source.each(faults, |number, cells, faults| {
        let mut fault = |message: Message| faults.push(IngestError::new(&source.file, message).at_row(number));
        let id = cells[0];
        let point = point_names.row(id);
        match (point, first.insert(id, number)) {
            _ if id.is_empty() => fault(Message::new("P019")),
            (None, _) => fault(unknown(&point_names, id)),
            (_, Some(before)) => fault(Message::new("P002").with("id", id).with("row", before)),
            _ => {}
        }
        for (&site, cell) in columns.iter().zip(&cells[1..]).filter(|(_, cell)| !cell.is_empty()) {
            if let (Some(value), Some(site), Some(point)) = (impedance(cell, &mut fault), site, point) {
                pairs.push((site, point, value));
            }
        }
    });
    pairs.sort_unstable_by_key(|&(site, demand, _)| (site, demand));
    let (new_sites, new_points) = (site_names.new, point_names.new);
    sites.get_or_insert_with(|| candidates(&source.file, new_sites));
    demand.get_or_insert_with(|| points(&source.file, new_points));
    pairs
}

/// Reads bare numbers: sites and demand in the order of their files.
fn read_bare(source: &Source, sites: &mut Option<Places>, demand: &mut Option<Places>, faults: &mut Faults) -> Pairs {
    let mut pairs = Vec::new();
    let (mut rows, mut last) = (0u32, 0);
    source.each(faults, |number, cells, faults| {
        if rows == 0 && cells[0].is_empty() {
            faults.push(IngestError::new(&source.file, Message::new("P018")).at_row(number));
        }
        if number > last + 1 {
            faults.push(IngestError::new(&source.file, Message::new("P016")).at_row(last + 1));
        }
        last = number;
        for (site, cell) in (0u32..).zip(cells).filter(|(_, cell)| !cell.is_empty()) {
            let mut fault = |message: Message| faults.push(IngestError::new(&source.file, message).at_row(number));
            if let Some(value) = impedance(cell, &mut fault) {
                pairs.push((site, rows, value));
            }
        }
        rows += 1;
    });
    pairs.sort_unstable_by_key(|&(site, demand, _)| (site, demand));
    let counted = [(sites.as_ref(), source.width), (demand.as_ref(), rows as usize)];
    for (places, count) in counted {
        if let Some(places) = places.filter(|places| places.ids.len() != count) {
            let message = Message::new("P009").with("rows", rows).with("columns", source.width);
            let message = message.with("file", &places.file).with("count", places.ids.len());
            faults.push(IngestError::new(&source.file, message));
        }
    }
    let numbered = |count: usize| (0..count).map(|row| row.to_string()).collect();
    sites.get_or_insert_with(|| candidates(&source.file, numbered(source.width)));
    demand.get_or_insert_with(|| points(&source.file, numbered(rows as usize)));
    pairs
}

fn candidates(file: &str, ids: Vec<String>) -> Places {
    let count = ids.len();
    Places {
        file: file.to_owned(),
        ids,
        roles: vec![Some(Role::Candidate); count],
        costs: vec![1; count],
        capacities: vec![None; count],
        ..Places::default()
    }
}

fn points(file: &str, ids: Vec<String>) -> Places {
    Places { file: file.to_owned(), weights: vec![1.0; ids.len()], ids, ..Places::default() }
}
