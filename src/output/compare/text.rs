//! `compare.md`: what is set against what, what isn't alike, the differences in short, then tables.

use super::ladder::measured;
use super::{Days, Differences, GapChange, Side, Subject, Versus, alike, buses, difference, gaps, plans, stations, tables};
use crate::findings::RunError;
use crate::output::report::heading;
use crate::output::report::words::Writer;
use crate::quantity::Weight;

/// Everything that the comparison says, as Markdown.
pub(super) fn text(found: &Differences<'_>) -> Result<String, RunError> {
    let versus = &found.versus;
    let writer = versus.b.writer;
    let mut lines = vec![format!("# {}", title(versus)), String::new()];
    for (side, letter) in versus.sides().into_iter().zip(["A", "B"]) {
        lines.push(format!("- {letter}: {}", who(versus, side)));
    }
    let not_alike = alike::sentences(versus, only(found));
    if !not_alike.is_empty() {
        lines.extend(heading(writer, "compare.alike"));
        lines.extend(not_alike.into_iter().map(|sentence| format!("- {sentence}")));
    }
    lines.extend(heading(writer, "compare.short"));
    lines.extend([format!("**{}**", short(found)), String::new()]);
    lines.extend(headlines(found).into_iter().map(|sentence| format!("- {sentence}")));
    lines.extend(tables::sections(found)?);
    lines.extend([String::new(), writer.say("compare.how", &[]), writer.say("compare.files", &[("id", &versus.id())])]);
    Ok(lines.join("\n") + "\n")
}

/// What the folder is about.
pub(in crate::output) fn title(versus: &Versus<'_>) -> String {
    let writer = versus.b.writer;
    let title = writer.pick(&writer.scenario.file.title);
    match versus.subject {
        Subject::Runs => {
            let first = versus.a.writer;
            let first = first.pick(&first.scenario.file.title);
            let key = if first == title { "compare.title.same" } else { "compare.title.runs" };
            writer.say(key, &[("a", &first), ("b", &title)])
        }
        Subject::Seasons => {
            let [a, b] = versus.sides().map(|side| writer.word("season", side.state));
            writer.say("compare.title.seasons", &[("title", &title), ("a", &a), ("b", &b)])
        }
        Subject::After => writer.say("compare.title.after", &[("title", &title)]),
    }
}

fn who(versus: &Versus<'_>, side: &Side<'_>) -> String {
    let writer = side.writer;
    let standard = &writer.scenario.standard;
    let state = match versus.subject {
        Subject::Runs => writer.pick(&writer.scenario.file.title).to_owned(),
        Subject::Seasons => writer.word("season", side.state),
        Subject::After => {
            let measures = writer.findings.siting.as_ref().map_or(0, |siting| siting.recommendations.len());
            writer.say(&format!("compare.state.{}", side.state), &[("n", &measures)])
        }
    };
    writer.say(
        "compare.side",
        &[
            ("state", &state),
            ("scenario", &writer.scenario.file.name),
            ("date", &writer.scenario.file.sources.date),
            ("stations", &writer.count(side.sites.len())),
            ("pack", &standard.versioned_id()),
            ("run", &side.run.id),
        ],
    )
}

/// Cells that only A knows and that only B knows, with their demand.
fn only(found: &Differences<'_>) -> [(usize, Weight); 2] {
    [0, 1].map(|at: usize| {
        let of = found.cells.iter().filter(|cell| cell.cover[1 - at].is_none()).filter_map(|cell| cell.cover[at]);
        of.fold((0, Weight::ZERO), |(cells, visits), cover| (cells + 1, visits + cover.demand))
    })
}

/// A difference with its sign; none where it rounds to zero.
pub(super) fn signed(writer: Writer<'_>, milli: i64) -> String {
    let decimals = usize::from(!writer.untimed());
    let text = writer.number(milli.unsigned_abs() as f64 / 1000.0, decimals);
    match milli {
        _ if text.chars().all(|c| matches!(c, '0' | '.')) => text,
        less if less < 0 => format!("-{text}"),
        _ => format!("+{text}"),
    }
}

/// A difference with its sign and unit.
pub(super) fn signed_amount(writer: Writer<'_>, milli: i64) -> String {
    let key = if writer.untimed() { "summary.amount.count" } else { "summary.amount.visits" };
    writer.say(key, &[("n", &signed(writer, milli))])
}

/// A number of things, such as `2 stations merged`.
fn counted(writer: Writer<'_>, thing: &str, what: &str, n: usize) -> Option<String> {
    let noun = writer.say(&if n == 1 { format!("compare.{thing}.one") } else { format!("compare.{thing}.noun") }, &[]);
    (n > 0).then(|| writer.say(&format!("compare.{thing}.{what}"), &[("n", &writer.count(n)), ("noun", &noun)]))
}

/// Counts of what happened to one sort of thing, in a fixed order; nothing when nothing did.
fn counts(writer: Writer<'_>, thing: &str, all: &[&'static str], has: impl Fn(&str) -> usize) -> Vec<String> {
    all.iter().filter_map(|&what| counted(writer, thing, what, has(what))).collect()
}

fn station_counts(found: &Differences<'_>) -> Vec<String> {
    let has = |what: &str| found.stations.iter().filter(|change| change.changes.contains(&what)).count();
    counts(found.versus.b.writer, "station", &stations::CHANGES, has)
}

/// The largest difference of a breakdown: its name and B − A; none when nothing differs or there is nothing to break down.
fn largest<K: Ord>(found: &Differences<'_>, of: impl Fn(&super::ladder::Row<'_>) -> K) -> Option<(K, i64)> {
    let day = found.versus.day;
    let rung = found.versus.rung() + 1;
    let mut by: std::collections::BTreeMap<K, i64> = std::collections::BTreeMap::new();
    for row in found.ladders.rows.iter().filter(|row| row.standard == 0 && row.days == day) {
        *by.entry(of(row)).or_default() += difference(measured(&row.steps, rung));
    }
    if by.len() < 2 {
        return None;
    }
    by.into_iter().rev().max_by_key(|(_, difference)| difference.abs()).filter(|(_, difference)| *difference != 0)
}

/// The difference in a line: `+312.4 covered visits/day in afternoon 14–17, 2 stations merged, 1 bus moved`.
fn short(found: &Differences<'_>) -> String {
    let versus = &found.versus;
    let writer = versus.b.writer;
    let mut parts = Vec::new();
    if let Some((slot, milli)) = largest(found, |row| row.slot).filter(|_| !writer.untimed()) {
        parts.push(writer.say(
            "compare.short.slot",
            &[("difference", &signed_amount(writer, milli)), ("slot", &writer.word("slot", slot.id()))],
        ));
    } else {
        let covered = day_total(found, versus.day, versus.rung() + 1);
        parts.push(writer.say("compare.short.all", &[("difference", &signed_amount(writer, difference(covered)))]));
    }
    parts.extend(station_counts(found));
    parts.extend(counted(writer, "bus", "moved", buses::moved(&found.windows)));
    writer.list(&parts)
}

/// A measure of a day by the runs' own standards.
pub(super) fn day_total(found: &Differences<'_>, days: Days, measure: usize) -> [Weight; 2] {
    measured(&found.ladders.sum(|row| row.standard == 0 && row.days == days), measure)
}

fn headlines(found: &Differences<'_>) -> Vec<String> {
    let versus = &found.versus;
    let writer = versus.b.writer;
    let mut lines = vec![coverage(found)];
    lines.extend(most(found));
    let total = day_total(found, versus.day, 0);
    if difference(total) != 0 {
        lines.push(writer.say(
            "compare.demand",
            &[
                ("difference", &signed_amount(writer, difference(total))),
                ("day", &versus.day_words(versus.day)),
                ("a", &writer.visits(total[0])),
                ("b", &writer.visits(total[1])),
            ],
        ));
    }
    let say = |thing: &str, parts: Vec<String>| {
        let none = parts.is_empty();
        let list = writer.list(&parts);
        if none {
            writer.say(&format!("compare.{thing}.none"), &[])
        } else {
            writer.say(&format!("compare.{thing}.all"), &[("list", &list)])
        }
    };
    lines.push(say("station", station_counts(found)));
    if gaps::days(versus).contains(&versus.day) {
        let day = writer.say("compare.gap.day", &[("day", &versus.day_words(versus.day))]);
        lines.push(format!("{day}{}", say("gap", gap_counts(found))));
    }
    if versus.subject == Subject::Runs {
        let pair = |what: &str| found.pairs.iter().filter(|change| change.change == what).count();
        lines.push(say("pair", counts(writer, "pair", &plans::PAIR_CHANGES, pair)));
        let measure = |what: &str| found.measures.iter().filter(|change| change.change() == what).count();
        lines.push(say("measure", counts(writer, "measure", &["both", "gone", "new"], measure)));
    }
    if !buses::plans(versus).is_empty() {
        let window = |what: &str| found.windows.iter().filter(|change| change.change == what).count();
        lines.push(say("bus", counts(writer, "window", &buses::CHANGES, window)));
    }
    lines
}

/// Counts of the day's gaps: places that no station reaches, then stations that can't serve.
fn gap_counts(found: &Differences<'_>) -> Vec<String> {
    let writer = found.versus.b.writer;
    let of = |place: bool, key: &str| {
        let fits = |gap: &GapChange| gap.shown().is_some_and(|(_, gap)| gap.cause.is_place() == place);
        let of_day = || found.gaps.iter().filter(|change| change.days == found.versus.day && fits(change));
        let list = counts(writer, "gap", &gaps::CHANGES, |what| of_day().filter(|change| change.change == what).count());
        (!list.is_empty()).then(|| writer.say(key, &[("list", &writer.list(&list))]))
    };
    let both = [of(true, "compare.gap.place"), of(false, "compare.gap.service")].into_iter().flatten().collect::<Vec<_>>();
    if both.is_empty() { both } else { vec![writer.clauses(&both)] }
}

/// Coverage of both, whose, when and at what radius.
fn coverage(found: &Differences<'_>) -> String {
    let versus = &found.versus;
    let writer = versus.b.writer;
    let [demand, covered] = [0, versus.rung() + 1].map(|measure| day_total(found, versus.day, measure));
    let key = if writer.untimed() { "compare.coverage.count" } else { "compare.coverage" };
    writer.say(
        key,
        &[
            ("difference", &signed_amount(writer, difference(covered))),
            ("day", &versus.day_words(versus.day)),
            ("radius", &versus.radius(versus.day)),
            ("a", &writer.visits(covered[0])),
            ("share_a", &writer.percent(covered[0], demand[0])),
            ("b", &writer.visits(covered[1])),
            ("share_b", &writer.percent(covered[1], demand[1])),
        ],
    )
}

/// Where the difference is largest: slot, group, unit.
fn most(found: &Differences<'_>) -> Option<String> {
    let writer = found.versus.b.writer;
    let part =
        |name: String, milli: i64| writer.say("compare.most.item", &[("difference", &signed(writer, milli)), ("of", &name)]);
    let slot = largest(found, |row| row.slot).filter(|_| !writer.untimed());
    let group = largest(found, |row| row.group.to_owned());
    let unit = largest(found, |row| row.unit.to_owned()).filter(|(unit, _)| !unit.is_empty());
    let parts: Vec<String> = [
        slot.map(|(slot, milli)| part(writer.word("slot", slot.id()), milli)),
        group.map(|(group, milli)| part(writer.word("group", &group), milli)),
        unit.map(|(unit, milli)| part(unit, milli)),
    ]
    .into_iter()
    .flatten()
    .collect();
    (!parts.is_empty()).then(|| writer.say("compare.most", &[("list", &writer.list(&parts))]))
}

/// The line under the map's title.
pub(in crate::output) fn map_subtitle(found: &Differences<'_>) -> String {
    coverage(found).trim_end_matches(['。', '.']).to_owned()
}
