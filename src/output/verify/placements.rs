//! The siting plan: what its measures add and take away, alone and together, its rules, and the curve beside it.

use std::collections::BTreeSet;
use std::path::Path;

use geo::Contains;

use super::recount::{Recount, Serves};
use super::{Properties, Rows, VerifyReport, features, table};
use crate::crs::LonLat;
use crate::findings::RunError;
use crate::impedance::Place;
use crate::message::Message;
use crate::quantity::Weight;
use crate::scenario::file::{Closable, ClosableWord};
use crate::siting::locate::check::Claim;

/// Actions of the plan, those with a budget first.
const ACTIONS: [&str; 5] = ["new_fixed", "new_smart", "upgrade_smart", "close", "mobile_window"];
/// Place of the upgrade in [`ACTIONS`].
const UPGRADE: usize = 2;
/// Place of the closure in [`ACTIONS`].
const CLOSE: usize = 3;
/// Place of the mobile window in [`ACTIONS`].
const MOBILE: usize = 4;

/// What the written plan says.
#[derive(Default)]
struct Written {
    additions: Vec<(Place, Serves)>,
    unique: Vec<f64>,
    new: Vec<Place>,
    closed: BTreeSet<String>,
    counts: [u32; 5],
    stops: BTreeSet<String>,
    permitted: bool,
    added: f64,
    yuan: f64,
    bound: f64,
}

fn thousandths(visits: f64) -> f64 {
    (visits * 1000.0).round()
}

fn read(recount: &Recount<'_>, out: &Path, report: &mut VerifyReport) -> Result<Written, RunError> {
    let mut written = Written { permitted: true, ..Written::default() };
    for p in features(out, "recommend.geojson")?.iter().map(Properties::of) {
        let Some(kind) = ACTIONS.iter().position(|known| *known == p.text("action")) else { continue };
        written.counts[kind] += 1;
        written.bound = p.number("bound");
        written.added += thousandths(p.number("gain"));
        written.yuan += Some(p.number("cost_high")).filter(|yuan| yuan.is_finite()).map_or(0.0, f64::ceil);
        let id = p.text("candidate_id");
        let candidate = recount.dataset.candidates.iter().find(|c| c.id == id).map(|c| c.position);
        let station = recount.dataset.sites.rows().iter().find(|s| s.id == id).map(|s| s.position);
        let stop = recount.dataset.stops.iter().find(|s| s.id == id);
        let position = match kind {
            ..UPGRADE => candidate,
            MOBILE => stop.map(|s| s.position),
            _ => station,
        };
        let Some(place) = position.and_then(|at| place_of(recount, at)) else {
            report.claim(false, Message::new("V010").with("id", id));
            continue;
        };
        if kind == CLOSE {
            written.added -= thousandths(p.number("loss"));
            written.closed.insert(id.to_owned());
            continue;
        }
        let serves = match (kind, stop) {
            (0, _) => Serves::Attended,
            (MOBILE, Some(stop)) => {
                let hour = |key: &str| p.text(key).split(':').next().and_then(|hour| hour.parse().ok()).unwrap_or(u8::MAX);
                let (from, to) = (hour("arrive"), hour("leave"));
                let known = recount.scenario.file.mobile.windows.contains(&[from, to]);
                written.permitted &= known && stop.permitted_from <= from && to <= stop.permitted_to;
                written.permitted &= written.stops.insert(id.to_owned());
                Serves::Window(from, to)
            }
            _ => Serves::Always,
        };
        written.additions.push((place, serves));
        written.unique.push(p.number("unique"));
        if kind < UPGRADE {
            written.new.push(place);
        }
    }
    written.added /= 1000.0;
    Ok(written)
}

/// Checks the plan and its curve.
pub(super) fn check(recount: &Recount<'_>, out: &Path, report: &mut VerifyReport) -> Result<(), RunError> {
    let rules = &recount.scenario.file.siting;
    let written = read(recount, out, report)?;
    if written.counts.iter().sum::<u32>() == 0 {
        return Ok(());
    }
    let (change, unique) = recount.change(&written.additions, &written.closed);
    report.equal("gain", "recommend.geojson", written.added, change as f64 / 1000.0);
    let (gains, bound) = (format!("{:.3}", written.added), format!("{:.3}", written.bound));
    report.claim(written.added <= written.bound + 0.000_5, Message::new("V011").with("gains", gains).with("bound", &bound));
    report.claims.push(Claim::not_checked(Message::new("V017").with("bound", bound)));
    let budgets = [
        rules.new_fixed + rules.relocate,
        rules.new_smart + rules.relocate,
        rules.upgrade_smart,
        rules.close.max(rules.relocate),
        rules.mobile_windows.min(recount.scenario.file.mobile.buses),
    ];
    let kept = written.permitted
        && written.counts.iter().zip(budgets).all(|(count, budget)| *count <= budget)
        && written.counts[0] + written.counts[1] <= rules.new_fixed + rules.new_smart + rules.relocate.min(written.counts[CLOSE])
        && rules.budget_yuan.is_none_or(|yuan| written.yuan <= yuan as f64);
    let allowed = written.new.iter().all(|place| {
        let at = place.position.point();
        recount.dataset.forbidden.as_ref().is_none_or(|areas| !areas.contains(&at))
    });
    let places = written.counts.iter().sum::<u32>();
    report.claim(kept && allowed && spaced(recount, &written), Message::new("V012").with("places", places));
    // An upgraded station that might have closed stands for itself; then what only it covers is more than the upgrade adds.
    if rules.closable == Closable::Word(ClosableWord::None) {
        let same = |(written, found): (&f64, &Weight)| (written - found.visits()).abs() < 0.000_5;
        let all_same = written.unique.iter().zip(&unique).all(same);
        report.claim(all_same, Message::new("V014").with("places", written.additions.len()));
    }
    if rules.curve_to > 0 {
        check_curve(recount, out, &written, report)?;
    }
    Ok(())
}

/// The curve never falls, nor does its bound, stays below it, and isn't below the plan at the plan's own budget.
fn check_curve(recount: &Recount<'_>, out: &Path, written: &Written, report: &mut VerifyReport) -> Result<(), RunError> {
    let table = table(out, "siting_curve.csv")?;
    let rows = Rows { table: &table };
    let rules = &recount.scenario.file.siting;
    let budget = f64::from(rules.new_fixed + rules.new_smart + rules.upgrade_smart + rules.relocate + rules.mobile_windows);
    let all = 0..table.rows.len();
    let rises = |header: &str| all.clone().skip(1).all(|row| rows.number(row - 1, header) <= rows.number(row, header));
    let below = all.clone().all(|row| rows.number(row, "added") <= rows.number(row, "bound"));
    let plan = all.clone().find(|&row| rows.number(row, "measures") == budget);
    let reached = plan.is_none_or(|row| rows.number(row, "added") + 0.000_5 >= written.added);
    let holds = rises("added") && rises("bound") && below && reached;
    report.claim(holds, Message::new("V015").with("points", table.rows.len()));
    Ok(())
}

fn place_of(recount: &Recount<'_>, position: LonLat) -> Option<Place> {
    Some(Place { position, planar: recount.dataset.projector.project(position).ok()? })
}

/// New places keep the spacing from each other and from every station that stays.
fn spaced(recount: &Recount<'_>, written: &Written) -> bool {
    let least = recount.scenario.file.siting.spacing_m;
    let apart = |a: &Place, b: &Place| recount.travel.straight(*a, *b) >= least;
    let stay = recount.dataset.sites.rows().iter().filter(|site| !written.closed.contains(&site.id));
    let stations: Vec<Place> = stay.map(Place::from).collect();
    written.new.iter().enumerate().all(|(row, a)| written.new[row + 1..].iter().chain(&stations).all(|b| apart(a, b)))
}
