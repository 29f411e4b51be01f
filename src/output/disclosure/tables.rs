//! The published tables: figures are admitted in the order of their use, the largest of a kind first, so that what falls out is least.
//!
//! Places (one partition for all published days): all demand; rung (b) of every standard, today and after the recommendations; gaps of
//! the planning day; rung (a); other gaps; squares of the grid, from 8 × 8 down to single ones; the planner's own area; units. A square
//! that is not admitted is withheld; one that is shows the mean of its part. Rungs (c) to (e) depend on hours, and are published of the
//! whole study area only: they keep a distance of `k` from the figures that hold them or that they hold. Slots and groups are tables of
//! the whole study area by rungs (b) and (c) (`crosstab`), which share nothing with the places but those totals.

use std::collections::{BTreeMap, BTreeSet};

use super::Release;
use super::crosstab;
use super::partition::Partition;
use crate::calendar::{DayKind, HOURS, Season, Slot};
use crate::catchment::CatchmentMatrix;
use crate::coverage::{RUNGS, Steps};
use crate::domain::demand::DemandCube;
use crate::domain::standard::ServiceStandard;
use crate::findings::{Findings, RunError, StandardLadder};
use crate::id::{DemandIdx, GroupIdx, UnitIdx};
use crate::message::Message;
use crate::mobile::PlannedDay;
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
    /// Whether the row has anything to say: all demand, of which the rest is a share.
    pub fn told(&self) -> bool {
        self.figures[0].is_some()
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
        whole(&self.coverage, standard, stage, day)
    }
}

/// Figures of the whole study area.
fn whole(coverage: &[CoverageRow], standard: usize, stage: &str, day: DayKind) -> Figures {
    let found = |row: &&CoverageRow| (row.standard, row.stage, row.day, row.scope) == (standard, stage, day, Scope::All);
    coverage.iter().find(found).map_or([None; RUNGS + 1], |row| row.figures)
}

/// Stages of the ladders: today and after each step.
fn stages(findings: &Findings) -> Vec<(&'static str, &CatchmentMatrix, &[StandardLadder])> {
    let after = findings.after.iter().map(|after| (after.step, &after.matrix, after.ladders.as_slice()));
    std::iter::once(("today", &findings.matrix, findings.ladders.as_slice())).chain(after).collect()
}

/// Decides what is published, and fills a cube with it.
pub(super) fn publish(findings: &Findings, scenario: &Scenario, release: &Release) -> Result<(Published, DemandCube), RunError> {
    publish_with(findings, scenario, release, true).map(|(published, cube, _)| (published, cube))
}

/// The same with the parts; only a test leaves complementary suppression out.
pub(super) fn publish_with(
    findings: &Findings,
    scenario: &Scenario,
    release: &Release,
    complementary: bool,
) -> Result<(Published, DemandCube, Partition), RunError> {
    let has_demand = |day: &DayKind| findings.cube.day_total(*day) > Weight::ZERO;
    let mut days: Vec<DayKind> = scenario.days.iter().copied().chain([scenario.planning_day]).filter(has_demand).collect();
    days.sort_unstable();
    days.dedup();
    let cube = &findings.cube;
    let weights: Vec<u64> =
        cube.cells().indexes().flat_map(|cell| days.iter().map(move |&day| cube.day(cell, day).milli())).collect();
    let lightest = weights.iter().copied().filter(|weight| *weight > 0).min().unwrap_or_default();
    let least = u64::from(release.min_count) * 1000;
    let mut places = Partition::new(weights, days.len(), least);
    if scenario.file.demand.points.is_some() {
        // Only squares with points are listed, so everyone knows that each of them holds one point at least.
        places = places.with_floor(lightest, cube.cells().rows().iter().map(|cell| cell.grid_cell).collect());
    }
    places.complementary = complementary;
    if !places.is_safe() {
        return Err(RunError::Output(Message::new("O020").with("count", release.min_count)));
    }
    let planning = days.iter().position(|day| *day == scenario.planning_day).unwrap_or_default();
    let mut tables = Tables { findings, days, planning, least, places, admitted: BTreeSet::new(), coverage: Vec::new() };
    tables.admit_all();
    tables.admit_rung(1);
    let mut gaps = tables.gaps(|day| day == scenario.planning_day);
    tables.admit_rung(0);
    tables.whole();
    gaps.extend(tables.gaps(|day| day != scenario.planning_day));
    let shown = tables.squares();
    tables.home();
    tables.units();
    for day in 0..tables.days.len() {
        tables.hours(day, findings.demand_report.untimed);
    }
    let plan = tables.plan(scenario.planning_day);
    let buses = tables.buses();
    let (cube, cells, withheld) = tables.cleared(&shown);
    let Tables { days, coverage, places, .. } = tables;
    Ok((Published { days, coverage, cells, withheld, gaps, plan, buses }, cube, places))
}

/// The tables while they are made.
struct Tables<'a> {
    findings: &'a Findings,
    days: Vec<DayKind>,
    /// Which of them is the planning day.
    planning: usize,
    least: u64,
    places: Partition,
    /// Stage, standard, season and rung of the whole study area's figures that are admitted.
    admitted: BTreeSet<(&'static str, usize, Season, usize)>,
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

    /// All demand.
    fn admit_all(&mut self) {
        let all = self.all_cells();
        self.places.admit(&all);
    }

    /// A rung of the whole study area: today by every standard, then after all measures, then after the steps between.
    fn admit_rung(&mut self, rung: usize) {
        let findings = self.findings;
        let mut stages = stages(findings);
        stages[1..].reverse();
        for (stage, matrix, ladders) in stages {
            for (number, ladder) in ladders.iter().enumerate() {
                for season in self.seasons() {
                    let set = &self.reached(matrix, &ladder.standard, season)[rung];
                    if self.places.admit(set) {
                        self.admitted.insert((stage, number, season, rung));
                    }
                }
            }
        }
    }

    /// The rows of the whole study area, by stage and standard.
    fn whole(&mut self) {
        let all = self.all_cells();
        for (stage, matrix, ladders) in stages(self.findings) {
            for (number, ladder) in ladders.iter().enumerate() {
                for season in self.seasons() {
                    let [radius, path] = self.reached(matrix, &ladder.standard, season);
                    let [a, b] = [0, 1].map(|rung| self.admitted.contains(&(stage, number, season, rung)));
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
        units.sort_by_key(|(_, set)| std::cmp::Reverse(self.places.sum(set, self.planning)));
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

    /// Place gaps of some days whose severity may be told.
    fn gaps(&mut self, wanted: impl Fn(DayKind) -> bool) -> BTreeSet<usize> {
        let gaps = self.findings.gaps.iter().map(|gap| &gap.gap).enumerate();
        let of_places = gaps.filter(|(_, gap)| gap.cause.is_place() && self.days.contains(&gap.day) && wanted(gap.day));
        let sets: Vec<(usize, Vec<usize>)> =
            of_places.map(|(row, gap)| (row, gap.cells.iter().map(|(cell, _)| cell.get()).collect())).collect();
        sets.into_iter().filter(|(_, set)| self.places.admit(set)).map(|(row, _)| row).collect()
    }

    /// Which cells lie in a square that is shown.
    fn squares(&mut self) -> Vec<bool> {
        let cells = self.findings.cube.cells();
        let mut shown = vec![false; cells.len()];
        for side in SIDES {
            let mut squares: BTreeMap<(u32, u32), Vec<usize>> = BTreeMap::new();
            for (index, cell) in cells.iter() {
                let (column, row) = cell.grid_cell;
                squares.entry((column / side, row / side)).or_default().push(index.get());
            }
            let mut squares: Vec<Vec<usize>> = squares.into_values().collect();
            squares.sort_by_key(|set| std::cmp::Reverse(self.places.sum(set, self.planning)));
            for set in squares {
                if self.places.admit(&set) {
                    set.into_iter().for_each(|cell| shown[cell] = true);
                }
            }
        }
        shown
    }

    fn is_apart(&self, a: Weight, b: Weight) -> bool {
        let apart = a.milli().abs_diff(b.milli());
        apart == 0 || apart >= self.least
    }

    /// Whether figures, each of which holds the next, may be told together.
    fn all_apart(&self, figures: &[Weight]) -> bool {
        let all: Vec<Weight> = figures.iter().copied().chain([Weight::ZERO]).collect();
        all.iter().enumerate().all(|(at, &a)| all[at + 1..].iter().all(|&b| self.is_apart(a, b)))
    }

    /// Rungs (c) to (e) of the whole study area on a day, then the tables by slot and by group.
    fn hours(&mut self, at: usize, untimed: bool) {
        let (day, findings) = (self.days[at], self.findings);
        for (stage, _, ladders) in stages(findings) {
            for (number, ladder) in ladders.iter().enumerate() {
                let steps = ladder.ladder.day(day);
                for rung in 2..RUNGS {
                    self.tell_rung((number, stage, day), rung, steps.covered[rung]);
                }
            }
        }
        let whole = whole(&self.coverage, 0, "today", day);
        let ladder = &findings.ladders[0].ladder;
        let group = |group| (Scope::Group(group), ladder.sum(|row| row.day == day && row.group == group));
        let mut tables: Vec<Vec<(Scope, Steps)>> = vec![findings.cube.group_indexes().map(group).collect()];
        if !untimed {
            let slot = |slot| (Scope::Slot(slot), ladder.sum(|row| row.day == day && row.slot == slot));
            tables.insert(0, Slot::ALL.map(slot).to_vec());
        }
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

    /// Tells a rung of the whole study area if it keeps its distance: from the figures of its own row, and from the same rung by other
    /// standards and at other stages; what lies between rung (b) and it likewise. Where (b) is withheld so is what hours leave of it,
    /// for it may be all of it.
    fn tell_rung(&mut self, (standard, stage, day): (usize, &str, DayKind), rung: usize, value: Weight) {
        let Some(path) = whole(&self.coverage, standard, stage, day)[2] else { return };
        let lost = path.saturating_sub(value);
        let near = |row: &CoverageRow| {
            if (row.standard, row.stage) == (standard, stage) {
                return row.figures.into_iter().flatten().all(|other| self.is_apart(value, other));
            }
            let (Some(path), Some(other)) = (row.figures[2], row.figures[rung + 1]) else { return true };
            self.is_apart(value, other) && self.is_apart(lost, path.saturating_sub(other))
        };
        let of_day = |row: &&CoverageRow| row.day == day && row.scope == Scope::All;
        if self.is_apart(value, Weight::ZERO) && self.coverage.iter().filter(of_day).all(near) {
            let own = self.coverage.iter_mut().filter(|row| row.day == day && row.scope == Scope::All);
            for row in own.filter(|row| row.standard == standard && row.stage == stage) {
                row.figures[rung + 1] = Some(value);
            }
        }
    }

    /// Whether a total that depends on hours may be told on a day: if the rungs of the main standard from (b) to the one that it may equal
    /// are told, and it keeps its distance from them and those below.
    fn beside(&self, stage: &str, day: DayKind, down_to: usize, value: Weight) -> bool {
        let figures = whole(&self.coverage, 0, stage, day);
        figures[2..=down_to].iter().all(Option::is_some)
            && figures[2..].iter().flatten().all(|&other| self.is_apart(other, value))
    }

    /// Whether the siting decision's totals may be told: what it counts as covered lies between the ladder's rungs (b) and (c).
    fn plan(&self, day: DayKind) -> bool {
        let Some(siting) = &self.findings.siting else { return false };
        let (before, after) = (siting.covered_before, siting.covered_before + siting.added);
        self.all_apart(&[siting.total, after, before])
            && self.beside("today", day, 3, before)
            && self.beside("all", day, 3, after)
    }

    /// Of each planned bus day: whether its totals may be told, beside those of other plans of the same kind of day too. What the
    /// standing network serves is rung (d), unless an order closed stations.
    fn buses(&self) -> Vec<bool> {
        let days = &self.findings.timetable.days;
        let with = |day: &PlannedDay| [day.served, day.default_served, Weight::ZERO].map(|visits| day.network_served + visits);
        let mut told: Vec<bool> = Vec::new();
        for day in days {
            let own = with(day);
            let mut others = days.iter().zip(&told).filter(|(other, told)| **told && other.kind == day.kind);
            let is_told = self.all_apart(&[&[day.demand], &own[..]].concat())
                && own.iter().all(|&figure| self.beside("today", day.kind, 4, figure))
                && others.all(|(other, _)| with(other).iter().zip(&own).all(|(&a, &b)| self.is_apart(a, b)));
            told.push(is_told);
        }
        told
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

/// A table of rows by rungs (b) and (c), as far as these are told of the whole.
fn by_rung(rows: &[Steps], whole: &Figures, least: u64) -> Vec<Figures> {
    let value = |steps: &Steps, at: usize| if at == 0 { steps.demand } else { steps.covered[at - 1] };
    // All demand, then the rungs: columns are what lies between one and the next.
    let told: Vec<usize> = [0, 2, 3].into_iter().filter(|&at| whole[at].is_some()).collect();
    let entries = |steps: &Steps| -> Vec<u64> {
        let mut falling: Vec<u64> = told.iter().map(|&at| value(steps, at).milli()).collect();
        falling.push(0);
        falling.windows(2).map(|pair| pair[0] - pair[1]).collect()
    };
    let table: Vec<Vec<u64>> = rows.iter().map(entries).collect();
    let figures = |(steps, row): (&Steps, Option<Vec<bool>>)| {
        let mut figures = [None; RUNGS + 1];
        for (column, &at) in told.iter().enumerate() {
            let known = |row: &Vec<bool>| row[column..].iter().all(|told| *told) || row[..column].iter().all(|told| *told);
            figures[at] = row.as_ref().filter(|row| known(row)).map(|_| value(steps, at));
        }
        figures
    };
    rows.iter().zip(crosstab::tell(&table, least)).map(figures).collect()
}
