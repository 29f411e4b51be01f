//! `duplicates.geojson` and `duplicates.csv`: every near pair with each clause of the rule, true or false, and the verdict.

use serde::Serialize;

use super::{Feature, Shape, metres, share};
use crate::calendar::Slot;
use crate::message::{Lang, term};
use crate::output::csv::{Cell, Csv};
use crate::output::disclosure::Cleared;
use crate::overlap::Overlap;

/// Properties of a pair. Losses are known for the station of a redundant pair that goes, after all earlier removals.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct DuplicateProperties {
    pair_id: String,
    a_id: String,
    b_id: String,
    straight_m: f64,
    path_m: Option<f64>,
    overlap: Option<f64>,
    hours_overlap: f64,
    verdict: &'static str,
    exempt_reason: String,
    keep_id: Option<String>,
    loss_if_removed: Option<f64>,
    a_name: String,
    b_name: String,
    load: Option<f64>,
    near_by_path: bool,
    same_catchment: bool,
    same_hours: bool,
    substitutable: bool,
    unlinked: bool,
    has_room: bool,
    exempt_text: String,
    remove_id: Option<String>,
    loss_night: Option<f64>,
    loss_early: Option<f64>,
    loss_am: Option<f64>,
    loss_lunch: Option<f64>,
    loss_pm_rest: Option<f64>,
    loss_dinner: Option<f64>,
    loss_evening: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suppressed: Option<bool>,
}

/// All pairs, nearest first.
pub(super) fn features(cleared: &Cleared<'_>, lang: Lang) -> Vec<Feature<DuplicateProperties>> {
    let findings = cleared.findings();
    let sites = &findings.dataset.sites;
    let line = |pair: &Overlap| Shape::Path(vec![sites[pair.a].position, sites[pair.b].position]);
    let feature =
        |(row, pair)| Feature { shape: line(pair), properties: properties(cleared, &format!("P{:02}", row + 1), pair, lang) };
    findings.overlaps.iter().enumerate().map(feature).collect()
}

fn properties(cleared: &Cleared<'_>, pair_id: &str, pair: &Overlap, lang: Lang) -> DuplicateProperties {
    let findings = cleared.findings();
    let (sites, evidence) = (&findings.dataset.sites, &pair.evidence);
    let (a, b) = (&sites[pair.a], &sites[pair.b]);
    let gone = findings
        .redundant
        .iter()
        .find(|r| pair.keep.is_some_and(|keep| r.station != keep) && [pair.a, pair.b].contains(&r.station));
    let loss = |slot: Slot| gone.and_then(|r| cleared.figure(r.loss_by_slot[slot as usize].visits()));
    let (failed, reasons): (Vec<&str>, Vec<&str>) = evidence.failed().into_iter().unzip();
    let words: Vec<&str> = reasons.iter().map(|reason| failed_clause(reason, lang)).collect();
    DuplicateProperties {
        pair_id: pair_id.to_owned(),
        a_id: a.id.clone(),
        b_id: b.id.clone(),
        straight_m: metres(pair.straight_m),
        path_m: evidence.path_m.map(metres),
        overlap: cleared.figure(share(evidence.overlap)),
        hours_overlap: share(evidence.hours_overlap),
        verdict: evidence.verdict(),
        exempt_reason: failed.join(";"),
        keep_id: pair.keep.map(|keep| sites[keep].id.clone()),
        loss_if_removed: gone.and_then(|r| cleared.figure(r.loss().visits())),
        a_name: a.name.clone(),
        b_name: b.name.clone(),
        load: cleared.figure(share(evidence.load)),
        near_by_path: evidence.near_by_path,
        same_catchment: evidence.same_catchment,
        same_hours: evidence.same_hours,
        substitutable: evidence.substitutable,
        unlinked: evidence.unlinked,
        has_room: evidence.has_room,
        exempt_text: words.join(if lang == Lang::Zh { "；" } else { "; " }),
        remove_id: gone.map(|r| sites[r.station].id.clone()),
        loss_night: loss(Slot::Night),
        loss_early: loss(Slot::Early),
        loss_am: loss(Slot::Am),
        loss_lunch: loss(Slot::Lunch),
        loss_pm_rest: loss(Slot::PmRest),
        loss_dinner: loss(Slot::Dinner),
        loss_evening: loss(Slot::Evening),
        suppressed: cleared.suppressed(),
    }
}

/// What it means that a clause fails.
fn failed_clause(reason: &str, lang: Lang) -> &'static str {
    let key = format!("clause.{reason}");
    crate::message::codes().find(|code| *code == key).map_or("", |key| term(key, lang))
}

/// The columns of `duplicates.csv`: the fields of the layer, in the same order.
const COLUMNS: [&str; 29] = [
    "pair_id",
    "a_id",
    "b_id",
    "straight_m",
    "path_m",
    "overlap",
    "hours_overlap",
    "verdict",
    "exempt_reason",
    "keep_id",
    "loss_if_removed",
    "a_name",
    "b_name",
    "load",
    "near_by_path",
    "same_catchment",
    "same_hours",
    "substitutable",
    "unlinked",
    "has_room",
    "exempt_text",
    "remove_id",
    "loss_night",
    "loss_early",
    "loss_am",
    "loss_lunch",
    "loss_pm_rest",
    "loss_dinner",
    "loss_evening",
];

/// The same rows as CSV.
pub(in crate::output) fn csv(cleared: &Cleared<'_>, lang: Lang) -> Vec<u8> {
    let mut csv = Csv::new(&COLUMNS);
    for feature in features(cleared, lang) {
        let p = feature.properties;
        csv.row(&[
            Cell::text(&p.pair_id),
            Cell::text(&p.a_id),
            Cell::text(&p.b_id),
            Cell::number(p.straight_m),
            Cell::maybe(p.path_m),
            Cell::maybe(p.overlap),
            Cell::number(p.hours_overlap),
            Cell::text(p.verdict),
            Cell::text(&p.exempt_reason),
            Cell::text(p.keep_id.as_deref().unwrap_or_default()),
            Cell::maybe(p.loss_if_removed),
            Cell::text(&p.a_name),
            Cell::text(&p.b_name),
            Cell::maybe(p.load),
            Cell::flag(p.near_by_path),
            Cell::flag(p.same_catchment),
            Cell::flag(p.same_hours),
            Cell::flag(p.substitutable),
            Cell::flag(p.unlinked),
            Cell::flag(p.has_room),
            Cell::text(&p.exempt_text),
            Cell::text(p.remove_id.as_deref().unwrap_or_default()),
            Cell::maybe(p.loss_night),
            Cell::maybe(p.loss_early),
            Cell::maybe(p.loss_am),
            Cell::maybe(p.loss_lunch),
            Cell::maybe(p.loss_pm_rest),
            Cell::maybe(p.loss_dinner),
            Cell::maybe(p.loss_evening),
        ]);
    }
    csv.finish()
}
