//! `schedule_diff.md`: the orders that hold, and what changes against the timetable so far, in the language of a meeting.
//!
//! Dates with the same changes are told together. A stay is the same when bus, stop and times are; a stay of the same bus that overlaps
//! one before in time is told as moved from there.

use std::collections::BTreeMap;
use std::fmt::Display;

use chrono::NaiveDate;

use crate::domain::vehicle::{BusOrder, Stand};
use crate::findings::Findings;
use crate::message::Lang;
use crate::mobile::season::stand_on;
use crate::output::report::words::{clock, say};

/// What changed, as Markdown.
pub(super) fn text(findings: &Findings, lang: Lang) -> String {
    let say = |key: &str, arguments: &[(&str, &dyn Display)]| say(lang, key, arguments);
    let mut lines = orders(findings, &say);
    lines.extend([format!("# {}", say("schedule.diff.title", &[])), String::new()]);
    let so_far = &findings.fleet.previous;
    if so_far.is_empty() {
        lines.push(say("schedule.diff.none", &[]));
        return lines.join("\n") + "\n";
    }
    let mut by_change: BTreeMap<Vec<String>, Vec<NaiveDate>> = BTreeMap::new();
    let (mut same, mut unknown) = (0, 0);
    for &(date, plan) in &findings.timetable.dates {
        let before: Vec<Stand> = so_far.iter().filter(|stand| stand.date == date).copied().collect();
        if before.is_empty() {
            unknown += 1;
            continue;
        }
        let now: Vec<Stand> = findings.timetable.days[plan].stands.iter().map(|stand| stand_on(date, stand)).collect();
        let changes = of_date(findings, &before, &now, &say);
        if changes.is_empty() {
            same += 1;
        } else {
            by_change.entry(changes).or_default().push(date);
        }
    }
    let changed: usize = by_change.values().map(Vec::len).sum();
    lines.push(say("schedule.diff.account", &[("same", &same), ("changed", &changed), ("new", &unknown)]));
    let mut groups: Vec<(Vec<NaiveDate>, Vec<String>)> = by_change.into_iter().map(|(changes, dates)| (dates, changes)).collect();
    groups.sort();
    for (dates, changes) in groups {
        lines.extend([String::new(), format!("## {}", spans(&dates)), String::new()]);
        lines.extend(changes.into_iter().map(|change| format!("- {change}")));
    }
    lines.join("\n") + "\n"
}

/// The orders that hold on dates of the timetable, with their reasons: a heading and a line each; nothing where there are none.
fn orders(findings: &Findings, say: &impl Fn(&str, &[(&str, &dyn Display)]) -> String) -> Vec<String> {
    let dates = &findings.timetable.dates;
    let holds = |order: &&BusOrder| order.date.is_none_or(|date| dates.binary_search_by_key(&date, |(of, _)| *of).is_ok());
    let line = |order: &BusOrder| {
        let date = order.date.map_or_else(|| say("schedule.diff.order.daily", &[]), |date| date.to_string());
        let bus =
            order.vehicle.map_or_else(|| say("schedule.diff.order.all", &[]), |bus| findings.fleet.vehicles[bus].id.clone());
        let key = if order.must { "schedule.diff.order.must" } else { "schedule.diff.order.never" };
        let (stop, hours) = (&findings.dataset.stops[order.stop].name, format!("{}–{}", clock(order.from), clock(order.to)));
        let reason = if order.reason.is_empty() { "–" } else { &order.reason };
        format!("- {}", say(key, &[("date", &date), ("bus", &bus), ("stop", stop), ("hours", &hours), ("reason", &reason)]))
    };
    let told: Vec<String> = findings.fleet.orders.iter().filter(holds).map(line).collect();
    if told.is_empty() {
        return told;
    }
    let heading = [format!("# {}", say("schedule.diff.orders", &[])), String::new()];
    heading.into_iter().chain(told).chain([String::new()]).collect()
}

/// Changes of a date, one sentence each, by bus and time.
fn of_date(
    findings: &Findings,
    before: &[Stand],
    now: &[Stand],
    say: &impl Fn(&str, &[(&str, &dyn Display)]) -> String,
) -> Vec<String> {
    let gone: Vec<&Stand> = before.iter().filter(|stand| !now.contains(stand)).collect();
    let come: Vec<&Stand> = now.iter().filter(|stand| !before.contains(stand)).collect();
    let where_and_when = |stand: &Stand| {
        let name = &findings.dataset.stops[stand.stop].name;
        format!("{name} {}–{}", clock(stand.arrive), clock(stand.leave))
    };
    let bus = |stand: &Stand| findings.fleet.vehicles[stand.vehicle].id.clone();
    let mut used = vec![false; gone.len()];
    let mut sentences: Vec<((usize, u16), String)> = Vec::new();
    for stand in come {
        let meets = |old: &Stand| old.vehicle == stand.vehicle && old.arrive < stand.leave && stand.arrive < old.leave;
        let old = (0..gone.len()).find(|&row| !used[row] && meets(gone[row]));
        let (bus, to) = (bus(stand), where_and_when(stand));
        let sentence = match old {
            Some(row) => {
                used[row] = true;
                say("schedule.diff.moved", &[("bus", &bus), ("from", &where_and_when(gone[row])), ("to", &to)])
            }
            None => say("schedule.diff.added", &[("bus", &bus), ("to", &to)]),
        };
        sentences.push(((stand.vehicle, stand.arrive), sentence));
    }
    for stand in gone.iter().zip(&used).filter(|(_, used)| !**used).map(|(stand, _)| stand) {
        let arguments: [(&str, &dyn Display); 2] = [("bus", &bus(stand)), ("from", &where_and_when(stand))];
        sentences.push(((stand.vehicle, stand.arrive), say("schedule.diff.dropped", &arguments)));
    }
    sentences.sort();
    sentences.into_iter().map(|(_, sentence)| sentence).collect()
}

/// Dates in spans: `2026-01-05–2026-01-09, 2026-01-12`.
fn spans(dates: &[NaiveDate]) -> String {
    let mut spans: Vec<(NaiveDate, NaiveDate)> = Vec::new();
    for &date in dates {
        match spans.last_mut() {
            Some((_, last)) if last.succ_opt() == Some(date) => *last = date,
            _ => spans.push((date, date)),
        }
    }
    let text = |(from, to): &(NaiveDate, NaiveDate)| if from == to { from.to_string() } else { format!("{from}–{to}") };
    spans.iter().map(text).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbouring_dates_are_a_span() {
        let day = |d| NaiveDate::from_ymd_opt(2026, 1, d).expect("a date");
        assert_eq!(spans(&[day(5), day(6), day(7), day(12)]), "2026-01-05–2026-01-07, 2026-01-12");
    }
}
