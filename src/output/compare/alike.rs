//! What must be alike for a comparison, and what isn't and has to be said first.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use super::{Days, Side, Subject, Versus, buses, gaps};
use crate::findings::RunError;
use crate::message::Message;
use crate::mobile::PlannedDay;
use crate::output::{cannot_make, manifest};
use crate::quantity::Weight;
use crate::scenario::Scenario;

/// Refuses two states whose numbers don't mean the same.
///
/// # Errors
/// When reference system, cell, time of the demand or season forbid it, or a run isn't for the bureau's own use.
pub(super) fn refuse(a: &Side<'_>, b: &Side<'_>) -> Result<(), RunError> {
    let refused = |message: Message| Err(RunError::Output(message));
    let differ = |code, a: &dyn Display, b: &dyn Display| refused(Message::new(code).with("a", a).with("b", b));
    if [a, b].iter().any(|side| side.run.cleared.release().is_public()) {
        return refused(Message::new("K007"));
    }
    let [one, other] = [a, b].map(|side| side.writer.scenario);
    if one.crs != other.crs {
        return differ("K001", &one.crs, &other.crs);
    }
    let [cell_a, cell_b] = [a, b].map(|side| side.writer.findings.dataset.area.grid.cell_m);
    if cell_a != cell_b {
        return differ("K002", &cell_a, &cell_b);
    }
    if a.writer.untimed() != b.writer.untimed() {
        return differ("K003", &timed(a), &timed(b));
    }
    if !a.state.is_empty() && a.state == b.state {
        return refused(Message::new("K004").with("season", a.state));
    }
    Ok(())
}

/// `[[demand.layers]]` or `[demand.points]`.
fn timed(side: &Side<'_>) -> &'static str {
    if side.writer.untimed() { "[demand.points]" } else { "[[demand.layers]]" }
}

/// What isn't alike, one sentence each.
pub(super) fn sentences(versus: &Versus<'_>, only: [(usize, Weight); 2]) -> Vec<String> {
    let (writer, say) = (versus.b.writer, |key: &str, arguments: &[(&str, &dyn Display)]| versus.b.writer.say(key, arguments));
    let [a, b] = versus.sides().map(|side| side.writer.scenario);
    let mut lines = Vec::new();
    if a.standard != b.standard {
        lines.push(say("compare.alike.standard", &[("a", &a.standard.versioned_id()), ("b", &b.standard.versioned_id())]));
    }
    let radii: Vec<String> = versus
        .days
        .iter()
        .filter(|days| versus.radius(**days).contains('→'))
        .map(|&days| say("compare.alike.radius.item", &[("day", &versus.day_words(days)), ("radius", &versus.radius(days))]))
        .collect();
    if !radii.is_empty() {
        lines.push(say("compare.alike.radius", &[("radii", &writer.clauses(&radii))]));
    }
    if versus.subject == Subject::Runs {
        lines.extend(of_two_runs(versus, only));
    }
    lines.extend(in_one_only(versus, "buses", bus_days(versus)));
    lines
}

/// What two runs may have that isn't alike.
fn of_two_runs(versus: &Versus<'_>, only: [(usize, Weight); 2]) -> Vec<String> {
    let (writer, say) = (versus.b.writer, |key: &str, arguments: &[(&str, &dyn Display)]| versus.b.writer.say(key, arguments));
    let [a, b] = versus.sides().map(|side| side.writer.scenario);
    let mut lines = Vec::new();
    if a.planning_day != b.planning_day {
        let [day_a, day_b] = [a, b].map(|scenario| writer.day(scenario.planning_day));
        lines.push(say("compare.alike.planning", &[("a", &day_a), ("b", &day_b), ("day", &versus.day_words(versus.day))]));
    }
    let [box_a, box_b] = versus.sides().map(|side| side.writer.findings.dataset.area.grid);
    if box_a != box_b {
        lines.push(say("compare.alike.area", &[]));
    }
    if only.iter().any(|(cells, _)| *cells > 0) {
        let text = |(cells, visits): (usize, Weight)| {
            say("compare.alike.cells.item", &[("n", &writer.count(cells)), ("visits", &writer.amount(visits))])
        };
        lines.push(say("compare.alike.cells", &[("a", &text(only[0])), ("b", &text(only[1]))]));
    }
    for (key, names) in
        [("days", demand_days(versus)), ("groups", groups(versus)), ("units", units(versus)), ("packs", packs(versus))]
    {
        lines.extend(in_one_only(versus, key, names));
    }
    lines.extend(in_one_only(versus, "gaps", gap_days(versus)));
    lines
}

/// Names that only A has, then those that only B has.
type InOneOnly = [Vec<String>; 2];

fn in_one_only(versus: &Versus<'_>, key: &str, names: InOneOnly) -> Option<String> {
    let none = versus.b.writer.say("compare.none", &[]);
    let text = |names: &[String]| if names.is_empty() { none.clone() } else { versus.b.writer.list(names) };
    let [a, b] = [text(&names[0]), text(&names[1])];
    let some = names.iter().any(|names| !names.is_empty());
    some.then(|| versus.b.writer.say(&format!("compare.alike.{key}"), &[("a", &a), ("b", &b)]))
}

fn apart<T: Ord>([a, b]: [Vec<T>; 2], name: impl Fn(&T) -> String) -> InOneOnly {
    let [set_a, set_b] = [a, b].map(|list| list.into_iter().collect::<BTreeSet<T>>());
    [set_a.difference(&set_b).map(&name).collect(), set_b.difference(&set_a).map(&name).collect()]
}

fn demand_days(versus: &Versus<'_>) -> InOneOnly {
    apart(versus.sides().map(|side| side.writer.findings.cube.days()), |day| versus.b.writer.day(*day))
}

fn groups(versus: &Versus<'_>) -> InOneOnly {
    apart(versus.sides().map(|side| side.writer.findings.cube.groups().to_vec()), |group| versus.b.writer.word("group", group))
}

fn units(versus: &Versus<'_>) -> InOneOnly {
    let names = |side: &Side<'_>| side.writer.findings.dataset.area.units.iter().map(|unit| unit.name.clone()).collect();
    apart(versus.sides().map(names), String::clone)
}

fn packs(versus: &Versus<'_>) -> InOneOnly {
    let names = |side: &Side<'_>| side.ladders.iter().skip(1).map(|ladder| ladder.standard.id.clone()).collect();
    apart(versus.sides().map(names), String::clone)
}

/// Days with gaps in one run only, of those that are compared.
fn gap_days(versus: &Versus<'_>) -> InOneOnly {
    let both = gaps::days(versus);
    let left: Vec<&Days> = versus.days.iter().filter(|days| !both.contains(days)).collect();
    let has = |at: usize, days: Days| versus.sides()[at].writer.scenario.days.contains(&days[at]);
    [0, 1].map(|at: usize| left.iter().filter(|days| has(at, ***days)).map(|days| versus.b.writer.day(days[at])).collect())
}

/// Plans of buses in one run only: kinds of days, and dates with orders of their own.
fn bus_days(versus: &Versus<'_>) -> InOneOnly {
    if versus.subject == Subject::After {
        return InOneOnly::default();
    }
    let both = buses::plans(versus);
    let name = |plan: &PlannedDay| plan.only.map_or_else(|| versus.b.writer.day(plan.kind), |date| date.to_string());
    let left = |at: usize| {
        let plans = versus.sides()[at].writer.findings.timetable.days.iter().enumerate();
        let compared = |row: usize| both.iter().any(|(.., rows)| rows[at] == row);
        let is_due = |plan: &PlannedDay| versus.days.iter().any(|days| days[at] == plan.kind);
        plans.filter(|(row, plan)| is_due(plan) && !compared(*row)).map(|(_, plan)| name(plan)).collect()
    };
    [0, 1].map(left)
}

/// Parameters that differ between two runs: key, value in A, value in B; empty where a run has none.
pub(super) fn parameters(versus: &Versus<'_>) -> Result<Vec<[String; 3]>, RunError> {
    if versus.subject != Subject::Runs {
        return Ok(Vec::new());
    }
    let [a, b] = versus.sides().map(|side| values(side.writer.scenario));
    let (a, b) = (a?, b?);
    let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
    let value = |values: &BTreeMap<String, String>, key| values.get(key).cloned().unwrap_or_default();
    let rows = keys.into_iter().map(|key| [key.clone(), value(&a, key), value(&b, key)]);
    Ok(rows.filter(|[_, a, b]| a != b).collect())
}

/// Every value in force by its dotted key; names and titles are of people's choosing.
fn values(scenario: &Scenario) -> Result<BTreeMap<String, String>, RunError> {
    fn walk(key: &str, value: &toml::Value, found: &mut BTreeMap<String, String>) {
        let below = |name: &dyn Display| if key.is_empty() { name.to_string() } else { format!("{key}.{name}") };
        match value {
            toml::Value::Table(table) => table.iter().for_each(|(name, value)| walk(&below(name), value, found)),
            toml::Value::Array(list) if list.iter().any(toml::Value::is_table) => {
                list.iter().enumerate().for_each(|(row, value)| walk(&below(&(row + 1)), value, found));
            }
            other => {
                found.insert(key.to_owned(), other.to_string());
            }
        }
    }
    let value = toml::Value::try_from(&scenario.file).map_err(|e| cannot_make(manifest::EFFECTIVE, e))?;
    let mut found = BTreeMap::new();
    walk("", &value, &mut found);
    found.retain(|key, _| key != "name" && !key.starts_with("title."));
    Ok(found)
}

/// Input files that both runs name but whose content differs.
pub(super) fn changed_inputs(versus: &Versus<'_>) -> Result<Vec<String>, RunError> {
    if versus.subject != Subject::Runs {
        return Ok(Vec::new());
    }
    let [a, b] = versus.sides().map(|side| side.writer.scenario);
    let of_b: BTreeSet<String> = manifest::input_names(b).into_iter().collect();
    let mut changed = Vec::new();
    for name in manifest::input_names(a).into_iter().filter(|name| of_b.contains(name)) {
        let sum = |scenario: &Scenario| manifest::checksum(&scenario.input(&name), &name);
        if sum(a)? != sum(b)? {
            changed.push(name);
        }
    }
    Ok(changed)
}
