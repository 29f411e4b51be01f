//! The published tables: figures are admitted in the order of their use, the largest of a kind first, so that what falls out is least.
//!
//! Places (one partition for all published days): all demand and rungs (a) and (b) of every standard, today and after the
//! recommendations; gaps; squares of the grid, from 8 × 8 down to single ones; the planner's own area; units. A square that is not
//! admitted is withheld; one that is shows the mean of its part. Rungs (c) to (e) depend on hours, and are published of the whole study
//! area only: they keep a distance of `k` from every other published figure of their day. Slots and groups are tables of their own,
//! by rung, which share nothing with the places but those totals.

use std::collections::{BTreeMap, BTreeSet};

use super::Release;
use super::partition::Partition;
use crate::calendar::{DayKind, HOURS, Season, Slot};
use crate::catchment::CatchmentMatrix;
use crate::coverage::{RUNGS, Steps};
use crate::domain::demand::DemandCube;
use crate::domain::standard::ServiceStandard;
use crate::findings::{Findings, RunError, StandardLadder};
use crate::id::{DemandIdx, GroupIdx, UnitIdx};
use crate::message::Message;
use crate::quantity::Weight;
use crate::scenario::Scenario;

/// Sides of the squares that are tried, in cells of the analysis grid.
const SIDES: [u32; 4] = [8, 4, 2, 1];

/// All demand, then the five rungs; `None` is withheld.
pub(crate) type Figures = [Option<Weight>; RUNGS + 1];

/// What a row of the published coverage is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// The whole study area.
    All,
    /// The planner's own area.
    Home,
    /// A planning unit.
    Unit(UnitIdx),
    /// A group, in the whole study area.
    Group(GroupIdx),
    /// A part of the day, in the whole study area.
    Slot(Slot),
}

/// A row of the published coverage.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CoverageRow {
    /// Number of the standard in the findings' ladders.
    pub standard: usize,
    /// `today`, or a step of the recommendations.
    pub stage: &'static str,
    /// Typical day.
    pub day: DayKind,
    /// What it is about.
    pub scope: Scope,
    /// The figures.
    pub figures: Figures,
}

impl CoverageRow {
    /// Whether any figure of the row is told.
    pub fn told(&self) -> bool {
        self.figures.iter().any(Option::is_some)
    }

    /// Whether a figure of the row is withheld.
    pub fn suppressed(&self) -> bool {
        self.figures.contains(&None)
    }
}

/// Everything in numbers that the public may see, beside the cube of shown squares in the findings.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Published {
    /// Typical days, the planning day among them.
    pub days: Vec<DayKind>,
    /// Coverage.
    pub coverage: Vec<CoverageRow>,
    /// Cells that stand for a square's share of a part, and one for each withheld square.
    pub cells: Vec<DemandIdx>,
    /// Those of withheld squares.
    pub withheld: BTreeSet<DemandIdx>,
    /// Place gaps whose severity is published, by their row in the findings.
    pub(super) gaps: BTreeSet<usize>,
    /// Whether the totals of the siting decision are published.
    pub plan: bool,
    /// Of each planned bus day: whether its totals are published.
    pub buses: Vec<bool>,
}

impl Published {
    /// Figures of the whole study area.
    pub fn all(&self, standard: usize, stage: &str, day: DayKind) -> Figures {
        let found = |row: &&CoverageRow| (row.standard, row.stage, row.day, row.scope) == (standard, stage, day, Scope::All);
        self.coverage.iter().find(found).map_or([None; RUNGS + 1], |row| row.figures)
    }
}

/// Stages of the ladders: today and after each step.
fn stages(findings: &Findings) -> Vec<(&'static str, &CatchmentMatrix, &[StandardLadder])> {
    let after = findings.after.iter().map(|after| (after.step, &after.matrix, after.ladders.as_slice()));
    std::iter::once(("today", &findings.matrix, findings.ladders.as_slice())).chain(after).collect()
}

/// Decides what is published, and fills a cube with it.
pub(super) fn publish(findings: &Findings, scenario: &Scenario, release: &Release) -> Result<(Published, DemandCube), RunError> {
    publish_with(findings, scenario, release, true)
}

/// The same; only a test leaves complementary suppression out.
pub(super) fn publish_with(
    findings: &Findings,
    scenario: &Scenario,
    release: &Release,
    complementary: bool,
) -> Result<(Published, DemandCube), RunError> {
    let has_demand = |day: &DayKind| findings.cube.day_total(*day) > Weight::ZERO;
    let mut days: Vec<DayKind> = scenario.days.iter().copied().chain([scenario.planning_day]).filter(has_demand).collect();
    days.sort_unstable();
    days.dedup();
    let cube = &findings.cube;
    let weights = cube.cells().indexes().flat_map(|cell| days.iter().map(move |&day| cube.day(cell, day).milli())).collect();
    let least = u64::from(release.min_count) * 1000;
    let mut places = Partition::new(weights, days.len(), least);
    places.complementary = complementary;
    if !places.is_safe() {
        return Err(RunError::Output(Message::new("O020").with("count", release.min_count)));
    }
    let mut tables = Tables { findings, days, least, places, coverage: Vec::new() };
    tables.whole();
    let gaps = tables.gaps();
    let shown = tables.squares(scenario.planning_day);
    tables.home();
    tables.units();
    for day in 0..tables.days.len() {
        tables.hours(day, findings.demand_report.untimed);
    }
    let plan = tables.plan(scenario.planning_day);
    let buses = findings.timetable.days.iter().map(|day| tables.buses(day)).collect();
    let (cube, cells, withheld) = tables.cleared(&shown);
    let Tables { days, coverage, .. } = tables;
    Ok((Published { days, coverage, cells, withheld, gaps, plan, buses }, cube))
}

/// The tables while they are made.
struct Tables<'a> {
    findings: &'a Findings,
    days: Vec<DayKind>,
    least: u64,
    places: Partition,
    coverage: Vec<CoverageRow>,
}

impl Tables<'_> {
    fn all_cells(&self) -> Vec<usize> {
        (0..self.findings.cube.cells().len()).collect()
    }

    /// Cells that count on rungs (a) and (b) in a season.
    fn reached(&self, matrix: &CatchmentMatrix, standard: &ServiceStandard, season: Season) -> [Vec<usize>; 2] {
        let limit = standard.limit(season);
        let cells = |holds: &dyn Fn(DemandIdx) -> bool| -> Vec<usize> {
            self.findings.cube.cells().indexes().filter(|cell| holds(*cell)).map(DemandIdx::get).collect()
        };
        [
            cells(&|cell| matrix.access(cell).iter().any(|a| a.straight.within(limit))),
            cells(&|cell| matrix.access(cell).iter().any(|a| a.reach.within(limit))),
        ]
    }

    /// Seasons of the published days.
    fn seasons(&self) -> BTreeSet<Season> {
        self.days.iter().map(|day| day.season).collect()
    }

    /// A row for each day of a season with the figures that are admitted: demand, rungs (a) and (b).
    fn push(&mut self, scope: Scope, standard: usize, stage: &'static str, season: Season, sets: [(&[usize], bool); 3]) {
        for (at, &day) in self.days.iter().enumerate().filter(|(_, day)| day.season == season) {
            let mut figures = [None; RUNGS + 1];
            for (figure, (set, admitted)) in figures.iter_mut().zip(sets) {
                *figure = admitted.then(|| self.places.sum(set, at));
            }
            self.coverage.push(CoverageRow { standard, stage, day, scope, figures });
        }
    }

    /// The whole study area, by stage and standard: (a) and (b).
    fn whole(&mut self) {
        let all = self.all_cells();
        self.places.admit(&all);
        for (stage, matrix, ladders) in stages(self.findings) {
            for (number, ladder) in ladders.iter().enumerate() {
                for season in self.seasons() {
                    let [radius, path] = self.reached(matrix, &ladder.standard, season);
                    let (a, b) = (self.places.admit(&radius), self.places.admit(&path));
                    self.push(Scope::All, number, stage, season, [(&all[..], true), (&radius[..], a), (&path[..], b)]);
                }
            }
        }
    }

    /// The planner's own area.
    fn home(&mut self) {
        if self.findings.dataset.area.home.is_some() {
            let cells = self.findings.cube.cells();
            let home = cells.iter().filter(|(_, cell)| cell.in_area).map(|(index, _)| index.get()).collect();
            self.areas(vec![(Scope::Home, home)]);
        }
    }

    /// Units, the largest first.
    fn units(&mut self) {
        let mut of_unit: BTreeMap<UnitIdx, Vec<usize>> = BTreeMap::new();
        for (index, cell) in self.findings.cube.cells().iter() {
            if let Some(unit) = cell.unit {
                of_unit.entry(unit).or_default().push(index.get());
            }
        }
        let mut units: Vec<(Scope, Vec<usize>)> = of_unit.into_iter().map(|(unit, set)| (Scope::Unit(unit), set)).collect();
        units.sort_by_key(|(_, set)| std::cmp::Reverse(self.places.sum(set, 0)));
        self.areas(units);
    }

    /// Demand of areas, then what of it is covered on (a) and (b) by the main standard today.
    fn areas(&mut self, areas: Vec<(Scope, Vec<usize>)>) {
        let findings = self.findings;
        let demand: Vec<bool> = areas.iter().map(|(_, set)| self.places.admit(set)).collect();
        for season in self.seasons() {
            let [radius, path] = self.reached(&findings.matrix, &findings.ladders[0].standard, season);
            let both = |set: &[usize], other: &[usize]| -> Vec<usize> {
                set.iter().copied().filter(|cell| other.binary_search(cell).is_ok()).collect()
            };
            for ((scope, set), &demand) in areas.iter().zip(&demand) {
                let (radius, path) = (both(set, &radius), both(set, &path));
                let (a, b) = (self.places.admit(&radius), self.places.admit(&path));
                self.push(*scope, 0, "today", season, [(&set[..], demand), (&radius[..], a), (&path[..], b)]);
            }
        }
    }

    /// Place gaps whose severity may be told.
    fn gaps(&mut self) -> BTreeSet<usize> {
        let gaps = self.findings.gaps.iter().map(|gap| &gap.gap).enumerate();
        let of_places = gaps.filter(|(_, gap)| gap.cause.is_place() && self.days.contains(&gap.day));
        let sets: Vec<(usize, Vec<usize>)> =
            of_places.map(|(row, gap)| (row, gap.cells.iter().map(|(cell, _)| cell.get()).collect())).collect();
        sets.into_iter().filter(|(_, set)| self.places.admit(set)).map(|(row, _)| row).collect()
    }

    /// Which cells lie in a square that is shown.
    fn squares(&mut self, planning_day: DayKind) -> Vec<bool> {
        let cells = self.findings.cube.cells();
        let day = self.days.iter().position(|day| *day == planning_day).unwrap_or_default();
        let mut shown = vec![false; cells.len()];
        for side in SIDES {
            let mut squares: BTreeMap<(u32, u32), Vec<usize>> = BTreeMap::new();
            for (index, cell) in cells.iter() {
                let (column, row) = cell.grid_cell;
                squares.entry((column / side, row / side)).or_default().push(index.get());
            }
            let mut squares: Vec<Vec<usize>> = squares.into_values().collect();
            squares.sort_by_key(|set| std::cmp::Reverse(self.places.sum(set, day)));
            for set in squares {
                if self.places.admit(&set) {
                    set.into_iter().for_each(|cell| shown[cell] = true);
                }
            }
        }
        shown
    }

    /// Figures of a day that are published already.
    fn told(&self, day: DayKind) -> Vec<u64> {
        let rows = self.coverage.iter().filter(|row| row.day == day && row.scope == Scope::All);
        std::iter::once(0).chain(rows.flat_map(|row| row.figures.into_iter().flatten().map(Weight::milli))).collect()
    }

    /// Whether a figure keeps its distance from others.
    fn apart(&self, told: &[u64], value: Weight) -> bool {
        told.iter().map(|other| other.abs_diff(value.milli())).all(|apart| apart == 0 || apart >= self.least)
    }

    /// Rungs (c) to (e) of the whole study area on a day, then the tables by slot and by group.
    fn hours(&mut self, at: usize, untimed: bool) {
        let (day, findings) = (self.days[at], self.findings);
        let mut told = self.told(day);
        for (stage, _, ladders) in stages(findings) {
            for (number, ladder) in ladders.iter().enumerate() {
                let steps = ladder.ladder.day(day);
                let own = (number, stage, day, Scope::All);
                let row = self.coverage.iter().position(|row| (row.standard, row.stage, row.day, row.scope) == own);
                let Some(row) = row else { continue };
                for rung in 2..RUNGS {
                    if self.apart(&told, steps.covered[rung]) {
                        told.push(steps.covered[rung].milli());
                        self.coverage[row].figures[rung + 1] = Some(steps.covered[rung]);
                    }
                }
            }
        }
        let whole =
            self.coverage.iter().find(|row| (row.standard, row.stage, row.day, row.scope) == (0, "today", day, Scope::All));
        let whole = whole.map_or([None; RUNGS + 1], |row| row.figures);
        let ladder = &findings.ladders[0].ladder;
        let mut tables = vec![];
        if !untimed {
            tables.push(Slot::ALL.map(|slot| (Scope::Slot(slot), ladder.sum(|row| row.day == day && row.slot == slot))).to_vec());
        }
        let group = |group| (Scope::Group(group), ladder.sum(|row| row.day == day && row.group == group));
        tables.push(findings.cube.group_indexes().map(group).collect());
        for table in tables {
            let figures = by_rung(&table.iter().map(|(_, steps)| *steps).collect::<Vec<_>>(), &whole, self.least);
            let rows = table.iter().zip(figures).filter(|((_, steps), _)| steps.demand > Weight::ZERO);
            self.coverage.extend(rows.map(|(&(scope, _), figures)| CoverageRow {
                standard: 0,
                stage: "today",
                day,
                scope,
                figures,
            }));
        }
    }

    /// Whether the siting decision's totals keep their distance.
    fn plan(&self, planning_day: DayKind) -> bool {
        let Some(siting) = &self.findings.siting else { return false };
        let mut told = self.told(planning_day);
        let values = [siting.total, siting.covered_before, siting.covered_before + siting.added];
        self.all_apart(&mut told, &values)
    }

    /// Whether a bus day's totals keep their distance.
    fn buses(&self, day: &crate::mobile::PlannedDay) -> bool {
        let mut told = self.told(day.kind);
        let with = |visits: Weight| day.network_served + visits;
        self.all_apart(&mut told, &[day.demand, day.network_served, with(day.served), with(day.default_served)])
    }

    fn all_apart(&self, told: &mut Vec<u64>, values: &[Weight]) -> bool {
        values.iter().all(|&value| {
            let apart = self.apart(told, value);
            told.push(value.milli());
            apart
        })
    }

    /// The cube of what is shown: each part spread evenly over its squares, in the first hour of the day, all groups together.
    fn cleared(&self, shown: &[bool]) -> (DemandCube, Vec<DemandIdx>, BTreeSet<DemandIdx>) {
        let cube = &self.findings.cube;
        let mut standing: BTreeMap<usize, BTreeMap<(u32, u32), DemandIdx>> = BTreeMap::new();
        let mut hidden: BTreeMap<(u32, u32), DemandIdx> = BTreeMap::new();
        for (index, cell) in cube.cells().iter() {
            if shown[index.get()] {
                standing.entry(self.places.part(index.get())).or_default().entry(cell.grid_cell).or_insert(index);
            } else {
                hidden.entry(cell.grid_cell).or_insert(index);
            }
        }
        let mut cleared = DemandCube::new(cube.cells().rows().to_vec(), cube.groups().to_vec());
        let (mut cells, withheld): (Vec<DemandIdx>, BTreeSet<DemandIdx>) = (Vec::new(), hidden.into_values().collect());
        for (part, squares) in standing {
            for (at, &day) in self.days.iter().enumerate() {
                let (total, count) = (self.places.total(part, at), squares.len() as u64);
                for (number, cell) in squares.values().enumerate() {
                    let mut hours = [0.0; HOURS];
                    hours[0] = Weight::from_milli(total / count + u64::from((number as u64) < total % count)).visits();
                    cleared.set_day(*cell, GroupIdx::from_usize(0), day, &hours);
                }
            }
            cells.extend(squares.into_values());
        }
        cells.extend(&withheld);
        cells.sort_unstable();
        (cleared, cells, withheld)
    }
}

/// A table of rows by rung: of each row the figures that are admitted, once the whole's are.
fn by_rung(rows: &[Steps], whole: &Figures, least: u64) -> Vec<Figures> {
    const CLASSES: usize = RUNGS + 1;
    let figures = |steps: &Steps| -> Vec<u64> { std::iter::once(steps.demand).chain(steps.covered).map(Weight::milli).collect() };
    let classes = |steps: &Steps| -> Vec<u64> {
        let mut falling = figures(steps);
        falling.push(0);
        falling.windows(2).map(|pair| pair[0] - pair[1]).collect()
    };
    let mut entries = Partition::new(rows.iter().flat_map(classes).collect(), 1, least);
    let set = |row: usize, rung: usize| (rung..CLASSES).map(move |class| row * CLASSES + class);
    for rung in (0..CLASSES).filter(|&rung| whole[rung].is_some()) {
        entries.admit(&(0..rows.len()).flat_map(|row| set(row, rung)).collect::<Vec<_>>());
    }
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_by_key(|&row| std::cmp::Reverse(rows[row].demand));
    let mut published = vec![[None; CLASSES]; rows.len()];
    for (rung, row) in (0..CLASSES).flat_map(|rung| order.iter().map(move |&row| (rung, row))) {
        if entries.admit(&set(row, rung).collect::<Vec<_>>()) {
            published[row][rung] = Some(Weight::from_milli(figures(&rows[row])[rung]));
        }
    }
    published
}
