//! From candidates and stations to a siting problem.
//!
//! Elements: for each day of the decision each cell in each class of hours (see `elements`): those in which an attended station can
//! be expected to serve, perhaps with longer opening, and the others, which only a round-the-clock station serves, both split by
//! the windows of mobile stations; weight = demand × the day's share. A new fixed station covers the attended classes, a new smart
//! one all, an upgrade adds the others, a mobile station at a stop those inside its window. What stations cover that stay for sure
//! weighs nothing. A station that may close is an option of its own, *keep*, whose rival is its upgrade.
//!
//! Rules, with `S` the closable stations, `S_k` those whose place a new station of kind k would take, and `c` the closures allowed:
//! - `Σ x_o ≤ b_a` over the options of each action a; `Σ price_o x_o ≤ yuan`; `x_p + x_q ≤ 1` for places too close
//! - `Σ (stop, window) ≤ n`, at most as many as there are buses: each stands at one stop in one window a day
//! - `Σ_{S} (keep + upgrade) ≥ |S| − c`
//! - relocation, r at most: `Σ new_k ≤ b_k + r`, `Σ_k Σ new_k ≤ Σ_k b_k + r`, and `Σ new_k + Σ_{S_k} (keep + upgrade) ≤ b_k + |S_k|`:
//!   beyond its budget a kind opens only as many as its stations close
//! - `Σ_{o in unit u} x_o ≥ n_u −` the stations that stay there

use std::collections::{BTreeMap, BTreeSet};

use geo::Contains;

use super::elements::{Classes, Demand};
use super::faults::{both, listed};
use super::{Action, At, Excluded, Fleet, RuleFault, SitingInputs};
use crate::calendar::DayKind;
use crate::catchment::{CatchmentMatrix, delineate};
use crate::domain::site::StationKind;
use crate::id::{DemandIdx, SiteIdx, UnitIdx};
use crate::impedance::Place;
use crate::message::Message;
use crate::quantity::{Impedance, Weight};
use crate::scenario::file::{self, Closable, ClosableWord, UnitMinimum};
use crate::siting::check::{self, Infeasible};
use crate::siting::problem::{Limit, Minimum, Rows, SitingProblem};

/// A thousand thousandths.
pub const WHOLE: u64 = 1000;

/// What candidates and stations reach, widely enough for every question asked of it.
#[derive(Debug)]
pub struct Reaches {
    candidates: CatchmentMatrix,
    pub(super) stations: CatchmentMatrix,
    stops: CatchmentMatrix,
}

impl Reaches {
    /// Reaches up to the standard's limit in any season, times `permille` thousandths.
    pub fn new(inputs: SitingInputs<'_>, permille: u64) -> Self {
        let limits = crate::calendar::Season::ALL.map(|season| scaled(inputs.standard.limit(season), permille));
        let widest = limits.into_iter().max().unwrap_or(Impedance::from_metres(0.0));
        let cells: Vec<Place> = inputs.cube.cells().rows().iter().map(Place::from).collect();
        let stations: Vec<Place> = inputs.network.sites.rows().iter().map(Place::from).collect();
        Self {
            candidates: delineate(inputs.places, &cells, widest, inputs.travel),
            stations: delineate(&stations, &cells, widest, inputs.travel),
            stops: delineate(inputs.fleet.standing(inputs.rules), &cells, widest, inputs.travel),
        }
    }

    /// The standard's limit on a day, times `permille` thousandths.
    pub(super) fn limit(inputs: SitingInputs<'_>, day: DayKind, permille: u64) -> Impedance {
        scaled(inputs.standard.limit(day.season), permille)
    }
}

fn scaled(limit: Impedance, permille: u64) -> Impedance {
    Impedance::from_metres(limit.metres() * permille as f64 / WHOLE as f64)
}

/// How the decision looks at demand.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// Days with their shares in millionths.
    pub days: &'a [(DayKind, u64)],
    /// Reach in thousandths of the standard's.
    pub reach: u64,
    /// Demand of a cell in thousandths of what it is.
    pub weight: &'a (dyn Fn(DemandIdx) -> u64 + Sync),
}

impl<'a> View<'a> {
    /// Some days as they are.
    pub fn plain(days: &'a [(DayKind, u64)]) -> Self {
        Self { days, reach: WHOLE, weight: &|_| WHOLE }
    }
}

/// How much may be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budgets {
    /// At most so many of each action of [`Action::BUDGETED`].
    pub actions: [u32; 3],
    /// At most so many new stations in the place of closed ones.
    pub relocate: u32,
    /// At most so many windows of mobile stations.
    pub mobile: u32,
    /// At most this money.
    pub yuan: Option<u64>,
    /// At most so many measures in all.
    pub measures: Option<u32>,
}

impl Budgets {
    /// The budgets of a scenario.
    pub fn of(rules: &file::Siting) -> Self {
        let actions = [rules.new_fixed, rules.new_smart, rules.upgrade_smart];
        Self { actions, relocate: rules.relocate, mobile: rules.mobile_windows, yuan: rules.budget_yuan, measures: None }
    }

    /// The most measures there can be.
    pub fn most(&self) -> u32 {
        self.actions.iter().sum::<u32>() + self.relocate + self.mobile
    }
}

/// A siting problem with the meaning of its options.
#[derive(Debug)]
pub struct Formulation {
    /// The problem.
    pub problem: SitingProblem,
    /// What each option does.
    pub meaning: Vec<(Action, At)>,
    /// Demand covered by the network today.
    pub covered_before: Weight,
    /// Of it, demand that only closable stations cover: the problem covers it again, or it is lost.
    pub at_stake: Weight,
    /// All demand of the decision.
    pub total: Weight,
    /// Whether each element is covered today.
    pub today: Vec<bool>,
    /// Stations that may close, ascending.
    pub closable: Vec<SiteIdx>,
    /// Candidates that can't be used.
    pub excluded: Excluded,
    /// Minima of the problem that belong to planning units: the first of all.
    pub unit_minima: Vec<UnitIdx>,
    prices: Vec<u64>,
    smart: Vec<bool>,
    pub(super) classes: Classes,
    cells: usize,
}

/// Formulates the decision.
///
/// # Errors
/// When a rule names what isn't there, or can't be kept.
pub fn formulate(inputs: SitingInputs<'_>, reaches: &Reaches, view: View<'_>) -> Result<Formulation, RuleFault> {
    let closable = closable(inputs)?;
    let stays = staying(inputs, &closable);
    let demand = Demand::new(inputs, reaches, view, &stays);
    let fit = usable(inputs, &stays);
    let mut options = Options::default();
    add_candidates(inputs, reaches, &demand, &fit, &mut options);
    add_stations(inputs, reaches, &demand, &closable, &mut options);
    add_stops(inputs, reaches, &demand, &mut options);
    let Options { covers, places, meaning } = options;
    let price = |action: Action| {
        let key = if action == Action::Keep { None } else { inputs.costs.get(action.id()) };
        key.map_or(0, |[_, high]| high.ceil() as u64)
    };
    let mut formulation = Formulation {
        prices: meaning.iter().map(|(action, _)| price(*action)).collect(),
        smart: inputs.network.sites.rows().iter().map(|site| site.kind.is_smart()).collect(),
        problem: SitingProblem {
            weights: demand.weights,
            places,
            covers,
            conflicts: conflicts(inputs, &closable),
            ..SitingProblem::default()
        },
        meaning,
        covered_before: demand.covered_before,
        at_stake: demand.at_stake,
        total: demand.total,
        today: demand.today,
        closable,
        excluded: excluded(&fit),
        unit_minima: Vec::new(),
        classes: demand.classes,
        cells: inputs.cube.cells().len(),
    };
    let budgets = Budgets::of(inputs.rules);
    formulation.problem.limits = formulation.limits(budgets);
    formulation.add_minima(inputs, budgets, &fit)?;
    Ok(formulation)
}

/// Why a candidate can't be used; `None` when it can.
type Unfit = Option<fn(&mut Excluded)>;

fn excluded(fit: &[Unfit]) -> Excluded {
    let mut counts = Excluded { candidates: fit.len(), ..Excluded::default() };
    fit.iter().flatten().for_each(|count| count(&mut counts));
    counts
}

/// Whether each candidate may host a station: it has room, lies where one may open, and no station that stays is too near.
fn usable(inputs: SitingInputs<'_>, stays: &[bool]) -> Vec<Unfit> {
    let standing: Vec<Place> =
        inputs.network.sites.rows().iter().zip(stays).filter(|(_, s)| **s).map(|(s, _)| Place::from(s)).collect();
    let fit = |(candidate, place): (&crate::domain::candidate::Candidate, &Place)| -> Unfit {
        if !candidate.venue_available && inputs.rules.venue_required {
            return Some(|counts| counts.venue += 1);
        }
        if inputs.forbidden.is_some_and(|areas| areas.contains(&candidate.position.point())) {
            return Some(|counts| counts.forbidden += 1);
        }
        let near = |there: &Place| inputs.travel.straight(*place, *there) < inputs.rules.spacing_m;
        standing.iter().any(near).then_some(|counts| counts.near += 1)
    };
    inputs.candidates.iter().zip(inputs.places).map(fit).collect()
}

/// The stations that may close, ascending.
fn closable(inputs: SitingInputs<'_>) -> Result<Vec<SiteIdx>, RuleFault> {
    let sites = inputs.network.sites;
    match &inputs.rules.closable {
        Closable::Word(_) if inputs.rules.close.max(inputs.rules.relocate) == 0 => Ok(Vec::new()),
        Closable::Word(ClosableWord::None) => Ok(Vec::new()),
        Closable::Word(ClosableWord::All) => Ok(sites.indexes().collect()),
        Closable::Ids(ids) => {
            let known = |id: &&String| sites.rows().iter().any(|site| site.id == **id);
            let unknown: Vec<&str> = ids.iter().filter(|id| !known(id)).map(String::as_str).collect();
            if !unknown.is_empty() {
                return Err(RuleFault(Message::new("R001").with("found", unknown.join(", "))));
            }
            let named = sites.iter().filter(|(_, site)| ids.contains(&site.id)).map(|(index, _)| index);
            Ok(if inputs.rules.close.max(inputs.rules.relocate) == 0 { Vec::new() } else { named.collect() })
        }
    }
}

#[derive(Default)]
struct Options {
    covers: Rows,
    places: Vec<u32>,
    meaning: Vec<(Action, At)>,
}

impl Options {
    fn push(&mut self, row: Vec<u32>, place: usize, meaning: (Action, At)) {
        self.covers.push(row);
        self.places.push(place as u32);
        self.meaning.push(meaning);
    }
}

fn add_candidates(inputs: SitingInputs<'_>, reaches: &Reaches, demand: &Demand, fit: &[Unfit], options: &mut Options) {
    for (place, candidate) in inputs.candidates.iter().enumerate().filter(|(place, _)| fit[*place].is_none()) {
        for (action, kind) in [(Action::NewFixed, StationKind::Fixed), (Action::NewSmart, StationKind::SmartRoom)] {
            if candidate.kinds.is_empty() || candidate.kinds.contains(&kind) {
                let row = demand.row(&reaches.candidates, SiteIdx::from_usize(place), |_| kind.is_smart());
                options.push(row, place, (action, At::Candidate(place)));
            }
        }
    }
}

fn add_stations(inputs: SitingInputs<'_>, reaches: &Reaches, demand: &Demand, closable: &[SiteIdx], options: &mut Options) {
    for (site, station) in inputs.network.sites.iter() {
        let place = inputs.candidates.len() + site.get();
        if closable.binary_search(&site).is_ok() {
            let row = demand.row(&reaches.stations, site, |day| demand.night[day][site.get()]);
            options.push(row, place, (Action::Keep, At::Station(site)));
        }
        if station.kind == StationKind::Fixed && !station.hours.is_always() {
            options.push(demand.row(&reaches.stations, site, |_| true), place, (Action::UpgradeSmart, At::Station(site)));
        }
    }
}

/// One option for each window in which standing is permitted at a stop; a stop is one place.
fn add_stops(inputs: SitingInputs<'_>, reaches: &Reaches, demand: &Demand, options: &mut Options) {
    let Fleet { stops, rules, .. } = inputs.fleet;
    let cells = inputs.cube.cells();
    if inputs.rules.mobile_windows == 0 {
        return;
    }
    for (row, stop) in stops.iter().enumerate() {
        let permitted = |[from, to]: &&[u8; 2]| stop.permitted_from <= *from && *to <= stop.permitted_to;
        for &[from, to] in rules.windows.iter().filter(permitted) {
            let inside = |_: usize, class: usize| demand.classes.within(class, [from, to]);
            let mut covers = demand.elements(&reaches.stops, SiteIdx::from_usize(row), inside);
            let cell = |element: u32| DemandIdx::from_usize(element as usize / demand.classes.len() % cells.len());
            covers.retain(|&element| rules.outside_area || cells[cell(element)].in_area);
            let place = inputs.candidates.len() + inputs.network.sites.len() + row;
            options.push(covers, place, (Action::Mobile, At::Stop { stop: row, from, to }));
        }
    }
}

/// Pairs of candidates that are too near to each other, and candidates too near to stations that may close.
fn conflicts(inputs: SitingInputs<'_>, closable: &[SiteIdx]) -> Vec<(u32, u32)> {
    let mut pairs = Vec::new();
    if inputs.rules.spacing_m <= 0.0 {
        return pairs;
    }
    let near = |a: Place, b: Place| inputs.travel.straight(a, b) < inputs.rules.spacing_m;
    let stations: Vec<(usize, Place)> =
        closable.iter().map(|&site| (inputs.candidates.len() + site.get(), Place::from(&inputs.network.sites[site]))).collect();
    for (a, &place) in inputs.places.iter().enumerate() {
        let others = inputs.places.iter().copied().enumerate().skip(a + 1).chain(stations.iter().copied());
        pairs.extend(others.filter(|(_, there)| near(place, *there)).map(|(b, _)| (a as u32, b as u32)));
    }
    pairs
}

impl Formulation {
    /// The day's row, the cell and the class of hours of an element.
    pub(super) fn element(&self, element: u32) -> (usize, DemandIdx, usize) {
        let (pair, class) = (element as usize / self.classes.len(), element as usize % self.classes.len());
        (pair / self.cells, DemandIdx::from_usize(pair % self.cells), class)
    }

    /// The problem's limits for some budgets.
    pub fn limits(&self, budgets: Budgets) -> Vec<Limit> {
        let of = |keep: &dyn Fn(Action, At) -> bool| -> Vec<u32> {
            (0..).zip(&self.meaning).filter(|(_, (action, at))| keep(*action, *at)).map(|(option, _)| option).collect()
        };
        let closable = |at: At, smart: bool| match at {
            At::Station(site) => self.closable.binary_search(&site).is_ok() && self.smart[site.get()] == smart,
            At::Candidate(_) | At::Stop { .. } => false,
        };
        let mut limits = Vec::new();
        for (action, most) in Action::BUDGETED.into_iter().zip(budgets.actions) {
            let moved = if action == Action::UpgradeSmart { 0 } else { budgets.relocate };
            limits.push(Limit::count(of(&|a, _| a == action), (most + moved) as usize));
        }
        for (kind, smart) in [(0, false), (1, true)] {
            let stations = self.closable.iter().filter(|site| self.smart[site.get()] == smart).count();
            if stations > 0 {
                let slots = of(&|action, at| action == Action::BUDGETED[kind] || closable(at, smart));
                limits.push(Limit::count(slots, budgets.actions[kind] as usize + stations));
            } else if budgets.relocate > 0 {
                limits.push(Limit::count(of(&|action, _| action == Action::BUDGETED[kind]), budgets.actions[kind] as usize));
            }
        }
        if budgets.relocate > 0 {
            let most = budgets.actions[0] + budgets.actions[1] + budgets.relocate;
            limits.push(Limit::count(of(&|action, _| action.is_new()), most as usize));
        }
        if budgets.mobile > 0 {
            limits.push(Limit::count(of(&|action, _| action == Action::Mobile), budgets.mobile as usize));
        }
        if let Some(most) = budgets.measures {
            limits.push(Limit::count(of(&|action, _| action != Action::Keep), most as usize));
        }
        if let Some(yuan) = budgets.yuan {
            let amounts =
                (0..).zip(&self.prices).filter(|(_, price)| **price > 0).map(|(option, price)| (option, *price)).collect();
            limits.push(Limit { amounts, at_most: yuan });
        }
        limits
    }

    /// Adds the minima of planning units, then that of stations that may close.
    fn add_minima(&mut self, inputs: SitingInputs<'_>, budgets: Budgets, fit: &[Unfit]) -> Result<(), RuleFault> {
        let units: Vec<Option<UnitIdx>> = self.meaning.iter().map(|(_, at)| unit_at(inputs, *at)).collect();
        for (unit, at_least) in unit_minima(inputs, budgets, &self.closable, fit)? {
            let counts = |option: &u32| {
                let (action, at) = self.meaning[*option as usize];
                let may_close = matches!(at, At::Station(site) if self.closable.binary_search(&site).is_ok());
                units[*option as usize] == Some(unit) && (action.is_new() || may_close)
            };
            let options = (0..self.problem.options() as u32).filter(counts).collect();
            self.unit_minima.push(unit);
            self.problem.minima.push(Minimum { options, at_least });
        }
        let closures = inputs.rules.close.max(inputs.rules.relocate) as usize;
        if !self.closable.is_empty() {
            let stay = |(_, (action, at)): &(u32, &(Action, At))| {
                *action == Action::Keep || matches!(at, At::Station(site) if self.closable.binary_search(site).is_ok())
            };
            let options = (0..).zip(&self.meaning).filter(stay).map(|(option, _)| option).collect();
            self.problem.minima.push(Minimum { options, at_least: self.closable.len().saturating_sub(closures) });
        }
        Ok(())
    }

    /// A solver's choice in its final form: a station closes only where that lets something else happen. Ascending.
    ///
    /// # Errors
    /// When the choice doesn't keep the rules, with the rule that it breaks.
    pub fn settle(&self, inputs: SitingInputs<'_>, chosen: impl IntoIterator<Item = usize>) -> Result<Vec<usize>, RuleFault> {
        let chosen = self.with_kept(&self.problem, chosen);
        let rule = match check::feasible(&self.problem, &chosen) {
            Ok(()) => return Ok(chosen),
            Err(Infeasible::UnderMinimum { minimum, .. }) => match self.unit_minima.get(minimum) {
                Some(unit) => both("siting.rule.unit").replace("{unit}", &inputs.area.units[unit.get()].name),
                None => both("siting.rule.closures"),
            },
            Err(_) => both("siting.rule.other"),
        };
        Err(RuleFault(Message::new("R005").with("rule", rule)))
    }
}

/// Whether the rules name only what is there, and can be kept as far as counting shows.
///
/// # Errors
/// The first rule that can't.
pub fn check_rules(inputs: SitingInputs<'_>) -> Result<(), RuleFault> {
    let closable = closable(inputs)?;
    let fit = usable(inputs, &staying(inputs, &closable));
    unit_minima(inputs, Budgets::of(inputs.rules), &closable, &fit).map(|_| ())
}

/// The planning unit that something counts for.
fn unit_at(inputs: SitingInputs<'_>, at: At) -> Option<UnitIdx> {
    match at {
        At::Candidate(row) => inputs.area.unit_of(inputs.candidates[row].position, inputs.places[row].planar),
        At::Station(site) => {
            let site = &inputs.network.sites[site];
            inputs.area.unit_of(site.position, site.planar)
        }
        At::Stop { .. } => None,
    }
}

/// How many stations each unit that has a minimum still lacks, beyond those that stay for sure.
fn unit_minima(
    inputs: SitingInputs<'_>,
    budgets: Budgets,
    closable: &[SiteIdx],
    fit: &[Unfit],
) -> Result<Vec<(UnitIdx, usize)>, RuleFault> {
    let (mut minima, mut culprits, mut needed) = (Vec::new(), Vec::new(), 0);
    for (unit, at_least) in wanted(inputs)? {
        let at_least = at_least as usize;
        let here: Vec<SiteIdx> =
            inputs.network.sites.indexes().filter(|&s| unit_at(inputs, At::Station(s)) == Some(unit)).collect();
        let for_sure = here.iter().filter(|site| closable.binary_search(site).is_err()).count();
        let usable = (0..fit.len()).filter(|&c| fit[c].is_none() && unit_at(inputs, At::Candidate(c)) == Some(unit)).count();
        if here.len() + usable < at_least {
            let name = &inputs.area.units[unit.get()].name;
            culprits.push((name.clone(), at_least, here.len(), usable));
        }
        needed += at_least.saturating_sub(here.len());
        if at_least > for_sure {
            minima.push((unit, at_least - for_sure));
        }
    }
    if !culprits.is_empty() {
        return Err(RuleFault(Message::new("R003").with("units", listed(&culprits))));
    }
    let allowed = (budgets.actions[0] + budgets.actions[1] + budgets.relocate) as usize;
    if needed > allowed {
        return Err(RuleFault(Message::new("R004").with("needed", needed).with("allowed", allowed)));
    }
    Ok(minima)
}

/// Whether each station of the network stays for sure.
fn staying(inputs: SitingInputs<'_>, closable: &[SiteIdx]) -> Vec<bool> {
    inputs.network.sites.indexes().map(|site| closable.binary_search(&site).is_err()).collect()
}

/// The minimum of each unit that has one, by unit.
fn wanted(inputs: SitingInputs<'_>) -> Result<BTreeMap<UnitIdx, u32>, RuleFault> {
    let units = || inputs.area.units.iter().enumerate().map(|(row, unit)| (UnitIdx::from_usize(row), unit));
    let by_unit = match &inputs.rules.at_least_per_unit {
        None => return Ok(BTreeMap::new()),
        Some(UnitMinimum::Each(n)) => return Ok(units().map(|(unit, _)| (unit, *n)).collect()),
        Some(UnitMinimum::ByUnit(by_unit)) => by_unit,
    };
    let known: BTreeSet<&str> = inputs.area.units.iter().map(|unit| unit.name.as_str()).collect();
    let unknown: Vec<&str> = by_unit.keys().map(String::as_str).filter(|name| !known.contains(name)).collect();
    if !unknown.is_empty() {
        let known = known.into_iter().collect::<Vec<_>>().join(", ");
        return Err(RuleFault(Message::new("R002").with("found", unknown.join(", ")).with("known", known)));
    }
    Ok(units().filter_map(|(index, unit)| Some((index, *by_unit.get(&unit.name)?))).collect())
}
