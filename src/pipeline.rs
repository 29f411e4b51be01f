//! The whole run, one call a stage: load → delineate → climb → find → choose.

mod compare;
mod rebuild;
mod rounds;
mod schedule;

use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::access::{by_unit, equity};
use crate::calendar::DayKind;
use crate::catchment::{CatchmentMatrix, delineate};
use crate::coverage::{Network, climb};
use crate::domain::demand::DemandCube;
use crate::domain::site::Site;
use crate::domain::standard::ServiceStandard;
use crate::findings::{AfterStep, CheckReport, Findings, RunError, StandardLadder};
use crate::gap::{AdviceInputs, AdvisedGap, advise, find_gaps};
use crate::id::{IdVec, SiteIdx};
use crate::impedance::{Place, Travel};
use crate::ingest::dataset::{self, Dataset};
use crate::ingest::load_fleet;
use crate::message::{Lang, Message};
use crate::mobile::{self, reinforce::reinforcements};
use crate::output::{self, Release, WriteOptions};
use crate::overlap::{OverlapContext, find_overlaps, find_redundant, find_reviews, local_demand, peak_load};
use crate::progress::{Progress, Silent};
use crate::quantity::{Impedance, Weight};
use crate::scenario::Scenario;
use crate::siting::placements::{
    Budgets, Fleet, Recommendation, RuleFault, SitingInputs, SitingReport, Solvers, carry_out, check_rules, decide,
};
use crate::siting::{self, Effort, SitingProblem, SitingSolution};
pub use compare::{Against, compare};
pub use rebuild::{ReportOptions, map, report};
pub use rounds::rounds;
pub use schedule::{Dates, ScheduleOptions, schedule};

/// Loads and checks the inputs, nothing more.
///
/// # Errors
/// When an input can't be used.
pub fn check(scenario: &Scenario, progress: &dyn Progress) -> Result<CheckReport, RunError> {
    let (dataset, mut issues) = dataset::load_with(scenario, None, progress)?;
    let (cube, _, found) = dataset.load_demand(scenario, progress)?;
    issues.append(found);
    issues.append(load_fleet(scenario, &dataset, None, progress)?.1);
    issues.sort();
    Ok(CheckReport {
        ledger_rows: dataset.ledger_rows,
        stations: dataset.stations.len(),
        standing: dataset.sites.len(),
        rule: Ground::new(scenario, &dataset, &cube).broken_rule(&dataset)?,
        issues,
    })
}

/// Where and how the results are written.
#[derive(Debug, Clone)]
pub struct RunOptions {
    /// Output folder; `out/<scenario name>` when not given, for the public with `-public` after it.
    pub out: Option<PathBuf>,
    /// Whether an earlier output folder may be replaced.
    pub overwrite: bool,
    /// Whether GCJ-02 copies of the GeoJSON files are written as well.
    pub gcj02: bool,
    /// Language of the summary and the maps.
    pub lang: Lang,
    /// Folder in which built streets are kept for the next run; beside the output folder when not given. It may be deleted at any time.
    pub street_cache: Option<PathBuf>,
    /// For whom the outputs are.
    pub release: Release,
}

impl RunOptions {
    /// The output folder, named by what it holds when it isn't given.
    fn out_dir(&self, name: &str) -> PathBuf {
        let name = if self.release.is_public() { format!("{name}-public") } else { name.to_owned() };
        self.out.clone().unwrap_or_else(|| Path::new("out").join(name))
    }
}

/// What a run says at its end.
#[derive(Debug)]
pub struct RunReport {
    summary: String,
    out_dir: PathBuf,
}

impl RunReport {
    /// The summary, in the language of the run.
    pub fn summary(&self) -> &str {
        &self.summary
    }

    /// The output folder.
    pub fn out_dir(&self) -> &Path {
        &self.out_dir
    }
}

/// Runs a scenario and writes its results.
///
/// # Errors
/// When an input can't be used or the output folder can't be written.
pub fn run(scenario: &Scenario, options: &RunOptions, progress: &dyn Progress) -> Result<RunReport, RunError> {
    let out_dir = options.out_dir(&scenario.file.name);
    let write = WriteOptions { dir: out_dir.clone(), overwrite: options.overwrite, gcj02: options.gcj02, lang: options.lang };
    output::accept(&write)?;
    let clock = Instant::now();
    let cache = options.street_cache.clone().unwrap_or_else(|| output::street_cache(&out_dir));
    let findings = analyse_with(scenario, Some(&cache), None, progress)?;
    let analysed = clock.elapsed().as_secs_f64();
    let screened = output::screen(findings, scenario, &options.release)?;
    let cleared = screened.cleared();
    let run_id = output::manifest::run_id(scenario, "")?;
    let signed = Message::new("C106").with("run_id", &run_id).render(options.lang);
    let summary = format!("{}\n{signed}\n", output::report::summary(&cleared, scenario, options.lang));
    progress.begin("maps", 0);
    let maps = output::maps::draw(&cleared, scenario, options.lang, &run_id);
    let mut extra = maps.map_err(|e| RunError::Output(e.message()))?;
    progress.end();
    extra.push(("summary.md".to_owned(), summary.clone().into_bytes()));
    let drawn = clock.elapsed().as_secs_f64() - analysed;
    output::write(&cleared, scenario, &write, &[("analyse", analysed), ("maps", drawn)], &extra)?;
    Ok(RunReport { summary, out_dir })
}

/// Runs a scenario and returns what it found.
///
/// # Errors
/// When an input can't be used.
pub fn analyse(scenario: &Scenario, progress: &dyn Progress) -> Result<Findings, RunError> {
    analyse_with(scenario, None, None, progress)
}

/// The same with a folder in which built streets are kept; with dates, their timetable instead of the scenario's days and of a siting
/// decision.
fn analyse_with(
    scenario: &Scenario,
    street_cache: Option<&Path>,
    dates: Option<Dates>,
    progress: &dyn Progress,
) -> Result<Findings, RunError> {
    let (dataset, mut issues) = dataset::load_with(scenario, street_cache, progress)?;
    let (fleet, found) = load_fleet(scenario, &dataset, street_cache, progress)?;
    issues.append(found);
    let (cube, demand_report, found) = dataset.load_demand(scenario, progress)?;
    issues.append(found);
    issues.append_one(dates.and_then(|dates| schedule::unlisted_dates(scenario, &fleet, dates)));
    some_demand(scenario, &cube)?;
    let ground = Ground::new(scenario, &dataset, &cube);
    let matrix = ground.matrix(&dataset.sites);
    let network = Network::new(&dataset.sites, &matrix, cube.groups(), &scenario.file.services);
    let ladders = ground.ladders(&network, progress);
    let day = scenario.planning_day;
    let main = &ladders[0];
    let served = main.ladder.day(day).covered[3];
    let served_per_station = served.visits() / dataset.sites.len().max(1) as f64;
    // Counts without a time are no visits a day.
    issues.append_one(dataset::calibration_issue(scenario, served_per_station).filter(|_| !demand_report.untimed));
    issues.sort();
    progress.begin("findings", 4);
    let gaps = ground.gaps(&network, &dataset)?;
    progress.advance(1);
    let rules = &scenario.file.overlap;
    let context =
        OverlapContext { network: &network, cube: &cube, standard: &scenario.standard, travel: &ground.travel, rules, day };
    let overlaps = find_overlaps(context, &dataset.parents);
    let redundant = find_redundant(context, &overlaps);
    let reviews = find_reviews(context);
    progress.advance(1);
    // A timetable is of the stations as they stand.
    let (siting, after) = if dates.is_none() { ground.site(&network, &dataset, progress)? } else { (None, Vec::new()) };
    progress.advance(1);
    let buses = mobile::Ground::new(scenario, &dataset, &fleet, &network, &cube, &ground.travel)?;
    let timetable = schedule::timetable(&buses, dates, progress)?;
    drop(buses);
    let days = timetable.days.iter().filter(|day| day.only.is_none());
    let reinforcements =
        days.flat_map(|day| reinforcements(&network, &cube, &scenario.standard, day.kind, &scenario.file.mobile)).collect();
    progress.end();
    let equity = equity(&by_unit(&main.ladder, day), 1);
    let mean_nearest_m = ground.mean_nearest(&network);
    let local = local_demand(&network, &cube, &scenario.standard, day);
    let load = peak_load(&network, &cube, &scenario.standard, day);
    Ok(Findings {
        issues,
        demand_report,
        matrix,
        ladders,
        equity,
        mean_nearest_m,
        served_per_station,
        local,
        load,
        gaps,
        overlaps,
        redundant,
        reviews,
        siting,
        after,
        fleet,
        timetable,
        reinforcements,
        cube,
        dataset,
    })
}

/// Refuses a planning day without demand: every result would be an empty table.
fn some_demand(scenario: &Scenario, cube: &DemandCube) -> Result<(), RunError> {
    if cube.day_total(scenario.planning_day) > Weight::ZERO {
        return Ok(());
    }
    let days: Vec<String> = DayKind::all().filter(|&day| cube.day_total(day) > Weight::ZERO).map(String::from).collect();
    let days = if days.is_empty() { "–".to_owned() } else { days.join(", ") };
    Err(RunError::Output(Message::new("D019").with("day", scenario.planning_day).with("days", days)))
}

/// What all stages share: the scenario, demand, cells as places, and travel.
struct Ground<'a> {
    scenario: &'a Scenario,
    cube: &'a DemandCube,
    cells: Vec<Place>,
    travel: Travel,
}

impl<'a> Ground<'a> {
    fn new(scenario: &'a Scenario, dataset: &Dataset, cube: &'a DemandCube) -> Self {
        let cells = cube.cells().rows().iter().map(Place::from).collect();
        let travel = Travel::of(scenario, &dataset.barriers, dataset.streets.as_ref());
        Self { scenario, cube, cells, travel }
    }

    /// Catchments up to the widest limit that any stage asks for.
    fn matrix(&self, sites: &IdVec<SiteIdx, Site>) -> CatchmentMatrix {
        let standards = std::iter::once(&self.scenario.standard).chain(&self.scenario.compare);
        let widest = standards.flat_map(|s| crate::calendar::Season::ALL.map(|season| s.limit(season))).max();
        let places: Vec<Place> = sites.rows().iter().map(Place::from).collect();
        delineate(&places, &self.cells, widest.unwrap_or(Impedance::from_metres(0.0)), &self.travel)
    }

    fn ladders(&self, network: &Network<'_>, progress: &dyn Progress) -> Vec<StandardLadder> {
        let standards: Vec<&ServiceStandard> = std::iter::once(&self.scenario.standard).chain(&self.scenario.compare).collect();
        progress.begin("coverage", standards.len() as u64);
        let climbed = standards.into_iter().map(|standard| {
            let ladder = climb(network, self.cube, standard);
            progress.advance(1);
            StandardLadder { standard: standard.clone(), ladder }
        });
        let ladders = climbed.collect();
        progress.end();
        ladders
    }

    fn gaps(&self, network: &Network<'_>, dataset: &Dataset) -> Result<Vec<AdvisedGap>, RunError> {
        let inputs = AdviceInputs {
            network,
            cube: self.cube,
            travel: &self.travel,
            file: &self.scenario.file,
            planning_day: self.scenario.planning_day,
        };
        let mut gaps = Vec::new();
        for &day in &self.scenario.days {
            for gap in find_gaps(network, self.cube, &self.scenario.standard, &self.scenario.file.gaps, day) {
                let centre = dataset.projector.unproject(gap.centre)?;
                gaps.push(advise(inputs, gap, centre));
            }
        }
        Ok(gaps)
    }

    fn site(
        &self,
        network: &Network<'_>,
        dataset: &Dataset,
        progress: &dyn Progress,
    ) -> Result<(Option<SitingReport>, Vec<AfterStep>), RunError> {
        let rules = &self.scenario.file.siting;
        if Budgets::of(rules).most() + rules.close == 0 {
            return Ok((None, Vec::new()));
        }
        let places = SitingPlaces::new(dataset)?;
        let inputs = self.siting_inputs(network, dataset, &places);
        let solvers = Solvers {
            full: &|problem| solve_within(problem, rules.work, progress),
            quick: &|problem| solve_within(problem, QUICK_WORK.min(rules.work), &Silent),
            rough: &|problem| solve_within(problem, ROUGH_WORK.min(rules.work), &Silent),
        };
        let report = decide(inputs, solvers)?;
        // Demand without a time can't be held against an hourly capacity.
        let timed = self.scenario.file.demand.points.is_none();
        let capacity = timed.then(|| dataset::capacity(rules.area_m2, &self.scenario.file.capacity));
        let is_new = |r: &&Recommendation| matches!(r.at, siting::At::Candidate(_));
        let new_sites: Vec<Recommendation> = report.recommendations.iter().filter(is_new).cloned().collect();
        let mut after = Vec::new();
        for (step, done) in [("new_sites", &new_sites), ("all", &report.recommendations)] {
            let sites = carry_out(inputs, done, &dataset.fixed_hours, capacity);
            let matrix = self.matrix(&sites);
            let network = Network::new(&sites, &matrix, self.cube.groups(), &self.scenario.file.services);
            let ladders = self.ladders(&network, progress);
            drop(network);
            after.push(AfterStep { step, ladders, sites, matrix });
        }
        Ok((Some(report), after))
    }

    fn siting_inputs<'b>(&'b self, network: &'b Network<'b>, dataset: &'b Dataset, places: &'b SitingPlaces) -> SitingInputs<'b> {
        SitingInputs {
            network,
            cube: self.cube,
            candidates: &dataset.candidates,
            places: &places.candidates,
            standard: &self.scenario.standard,
            travel: &self.travel,
            rules: &self.scenario.file.siting,
            fleet: Fleet { stops: &dataset.stops, places: &places.stops, rules: &self.scenario.file.mobile },
            costs: &self.scenario.file.costs,
            area: &dataset.area,
            forbidden: dataset.forbidden.as_ref(),
            days: &self.scenario.siting_days,
            studied: &self.scenario.days,
        }
    }

    /// The first rule of the siting decision that names what isn't there, or can't be kept.
    fn broken_rule(&self, dataset: &Dataset) -> Result<Option<RuleFault>, RunError> {
        let matrix = self.matrix(&dataset.sites);
        let network = Network::new(&dataset.sites, &matrix, self.cube.groups(), &self.scenario.file.services);
        let places = SitingPlaces::new(dataset)?;
        Ok(check_rules(self.siting_inputs(&network, dataset, &places)).err())
    }

    /// Demand-weighted mean straight distance to the nearest site.
    fn mean_nearest(&self, network: &Network<'_>) -> Option<f64> {
        let sites = network.sites.rows();
        let index = crate::spatial_index::PointIndex::new(sites.iter().map(|site| site.planar));
        let (mut metres, mut total) = (0.0, 0.0);
        for (cell, place) in self.cube.cells().indexes().zip(&self.cells) {
            let weight = self.cube.day(cell, self.scenario.planning_day).visits();
            let near = index.nearest(place.planar, NEAREST_TRIED).map(|s| self.travel.straight(*place, Place::from(&sites[s])));
            metres += weight * near.min_by(f64::total_cmp)?;
            total += weight;
        }
        (total > 0.0).then(|| metres / total)
    }
}

/// Where candidates and bus stops are.
struct SitingPlaces {
    candidates: Vec<Place>,
    stops: Vec<Place>,
}

impl SitingPlaces {
    fn new(dataset: &Dataset) -> Result<Self, RunError> {
        let place = |position| Place::new(position, &dataset.projector);
        Ok(Self {
            candidates: dataset.candidates.iter().map(|c| place(c.position)).collect::<Result<_, _>>()?,
            stops: dataset.stops.iter().map(|s| place(s.position)).collect::<Result<_, _>>()?,
        })
    }
}

/// Work, in millions of pairs, at each point of the curve and for each single day.
const QUICK_WORK: u64 = 50;
/// Work for each run of the stability.
const ROUGH_WORK: u64 = 5;

/// The best choice within some work; nothing chosen where no choice that keeps the rules was found.
fn solve_within(problem: &SitingProblem, work: u64, progress: &dyn Progress) -> SitingSolution {
    let effort = Effort { work, ..Effort::default() };
    siting::solve(problem, &effort, progress).unwrap_or_else(|_| SitingSolution::nothing(problem))
}

/// How many planar neighbours are tried when another metric decides which is nearest.
const NEAREST_TRIED: usize = 8;
