//! Bus windows, from `bus_schedule.csv` and the inputs alone.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chrono::NaiveDate;

use super::recount::Recount;
use super::{Rows, VerifyReport, table};
use crate::calendar::DayKind;
use crate::catchment::delineate;
use crate::coverage::Network;
use crate::findings::RunError;
use crate::impedance::Place;
use crate::ingest::dataset::Dataset;
use crate::ingest::{Fleet, load_fleet};
use crate::message::Message;
use crate::mobile::day::{self, BusDay, BusProblem, Plan, Window};
use crate::mobile::ground::{Ground, OfDay};
use crate::output::street_cache;
use crate::progress::Silent;
use crate::quantity::{Impedance, Weight};

/// Every date of the span has its plan, and every plan with windows its rows.
pub(super) fn check_dates(span: &str, out: &Path, report: &mut VerifyReport) -> Result<(), RunError> {
    let (schedule, days) = (table(out, "bus_schedule.csv")?, table(out, "bus_days.csv")?);
    let (rows, plans) = (Rows { table: &schedule }, Rows { table: &days });
    let ends = span.split_once('/').and_then(|(from, to)| Some((from.parse::<NaiveDate>().ok()?, to.parse::<NaiveDate>().ok()?)));
    let asked = ends.map_or(0, |(from, to)| (to - from).num_days() + 1) as f64;
    let all: Vec<usize> = (0..days.rows.len()).collect();
    let driven: Vec<usize> = all.iter().copied().filter(|&row| plans.number(row, "stands") > 0.0).collect();
    let planned = (0..schedule.rows.len()).filter(|&row| rows.text(row, "status") != "extend_hours");
    let dates: BTreeSet<&str> = planned.map(|row| rows.text(row, "date")).collect();
    let holds = plans.sum(&all, "dates") == asked && plans.sum(&driven, "dates") == dates.len() as f64;
    report.claim(holds, Message::new("V019").with("dates", asked).with("span", span));
    Ok(())
}

/// Every bus window again: permitted, within the rules of its bus, and serving what it says. `date` holds a typical day or a date.
pub(super) fn check(recount: &Recount<'_>, out: &Path, report: &mut VerifyReport) -> Result<(), RunError> {
    let table = table(out, "bus_schedule.csv")?;
    let rows = Rows { table: &table };
    let (scenario, dataset, cube) = (recount.scenario, recount.dataset, recount.cube);
    let (fleet, _) = load_fleet(scenario, dataset, Some(&street_cache(out)), &Silent)?;
    let cells: Vec<Place> = cube.cells().rows().iter().map(Place::from).collect();
    let sites: Vec<Place> = dataset.sites.rows().iter().map(Place::from).collect();
    let matrix = delineate(&sites, &cells, Impedance::from_metres(scenario.standard.radius_m), &recount.travel);
    let network = Network::new(&dataset.sites, &matrix, cube.groups(), &scenario.file.services);
    let ground = Ground::new(scenario, dataset, &fleet, &network, cube, &recount.travel)?;
    let mut dates: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for row in (0..table.rows.len()).filter(|&row| rows.text(row, "status") != "extend_hours") {
        dates.entry(rows.text(row, "date")).or_default().push(row);
    }
    let mut of_days: BTreeMap<DayKind, OfDay<'_>> = BTreeMap::new();
    for (text, of_date) in dates {
        let only: Option<NaiveDate> = text.parse().ok();
        let Some(kind) = only.map(|date| fleet.calendar.kind(date)).or_else(|| text.parse().ok()) else {
            report.claim(false, Message::new("V013").with("windows", of_date.len()).with("day", text));
            continue;
        };
        let of_day = of_days.entry(kind).or_insert_with(|| ground.of_day(kind));
        let day = ground.day_problem(of_day, only, &[]);
        let value = written_plan(&day, dataset, &fleet, &of_date, &rows).and_then(|plan| {
            let problem = BusProblem::new(day).ok()?;
            day::check(&problem, &plan).ok()
        });
        let served = value.as_ref().map_or(Weight::ZERO, |value| Weight::from_milli(value.served));
        report.equal("expected_visits", text, rows.sum(&of_date, "expected_visits"), served.visits());
        report.claim(value.is_some(), Message::new("V013").with("windows", of_date.len()).with("day", text));
    }
    Ok(())
}

/// The plan that rows say; `None` when a row names what isn't there.
fn written_plan(day: &BusDay, dataset: &Dataset, fleet: &Fleet, of_date: &[usize], rows: &Rows<'_>) -> Option<Plan> {
    let mut routes = vec![Vec::new(); fleet.vehicles.len()];
    let slot = |text: &str| {
        let (hour, minute) = text.split_once(':')?;
        let minutes = hour.parse::<u32>().ok()? * 60 + minute.parse::<u32>().ok()?;
        minutes.is_multiple_of(day.slot_minutes).then_some((minutes / day.slot_minutes) as usize)
    };
    for &row in of_date {
        let vehicle = fleet.vehicles.iter().position(|vehicle| vehicle.id == rows.text(row, "bus_id"))?;
        let stop = dataset.stops.iter().position(|stop| stop.id == rows.text(row, "stop_id"))?;
        let (arrive, leave) = (slot(rows.text(row, "arrive"))?, slot(rows.text(row, "leave"))?);
        routes[vehicle].push(Window { stop, arrive, leave });
    }
    routes.iter_mut().for_each(|route| route.sort_unstable_by_key(|window| window.arrive));
    Some(Plan { routes })
}
