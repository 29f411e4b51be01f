//! The tables of `compare.md`: parameters and inputs, coverage by day, rung, slot, group and unit, then what happened to what.

use std::collections::BTreeMap;

use super::ladder::{MEASURES, Row, measured};
use super::text::{day_total, signed};
use super::{Differences, alike, buses, difference};
use crate::calendar::Slot;
use crate::coverage::{RUNG_IDS, Steps};
use crate::domain::site::Site;
use crate::findings::RunError;
use crate::gap::Gap;
use crate::output::report::{heading, row, rule};
use crate::overlap::Overlap;
use crate::quantity::Weight;
use crate::siting::Action;

/// Rows of a table; the rest is in the files.
const MOST: usize = 30;

type Lines = Vec<String>;

pub(super) fn sections(found: &Differences<'_>) -> Result<Lines, RunError> {
    let mut lines = inputs(found)?;
    lines.extend(coverage(found));
    lines.extend(stations(found));
    lines.extend(gaps(found));
    lines.extend(pairs(found));
    lines.extend(measures(found));
    lines.extend(windows(found));
    Ok(lines)
}

/// A table under a heading, at most [`MOST`] rows; nothing without rows.
fn table(found: &Differences<'_>, title: &str, head: &str, right: &[usize], rows: Vec<Vec<String>>, file: &str) -> Lines {
    let writer = found.versus.b.writer;
    if rows.is_empty() {
        return Vec::new();
    }
    let columns = rows[0].len();
    let mut lines: Lines = if title.is_empty() { vec![String::new()] } else { heading(writer, title) };
    lines.extend([writer.say(head, &[]), rule(columns, right)]);
    let left = rows.len().saturating_sub(MOST);
    lines.extend(rows.iter().take(MOST).map(|cells| row(cells)));
    if left > 0 {
        lines.extend([String::new(), writer.say("summary.more", &[("n", &left), ("file", &file)])]);
    }
    lines
}

/// What went in differently.
fn inputs(found: &Differences<'_>) -> Result<Lines, RunError> {
    let versus = &found.versus;
    let (parameters, files) = (alike::parameters(versus)?, alike::changed_inputs(versus)?);
    let rows = parameters.into_iter().map(|[key, a, b]| vec![format!("`{key}`"), a, b]).collect();
    let mut lines = table(found, "compare.inputs", "compare.inputs.head", &[], rows, "scenario.effective.toml");
    if !files.is_empty() {
        if lines.is_empty() {
            lines.extend(heading(versus.b.writer, "compare.inputs"));
        } else {
            lines.push(String::new());
        }
        lines.push(versus.b.writer.say("compare.inputs.files", &[("files", &versus.b.writer.list(&files))]));
    }
    Ok(lines)
}

/// A and B with their difference.
fn figures(found: &Differences<'_>, values: [Weight; 2]) -> [String; 3] {
    let writer = found.versus.b.writer;
    [writer.visits(values[0]), writer.visits(values[1]), signed(writer, difference(values))]
}

/// A and B of a measure with its shares of demand.
fn shared(found: &Differences<'_>, name: String, steps: &[Steps; 2], measure: usize) -> Vec<String> {
    let writer = found.versus.b.writer;
    let (values, demand) = (measured(steps, measure), measured(steps, 0));
    let mut cells = vec![name];
    cells.extend(figures(found, values));
    cells.extend([0, 1].map(|at: usize| writer.percent(values[at], demand[at])));
    cells
}

fn coverage(found: &Differences<'_>) -> Lines {
    let versus = &found.versus;
    let writer = versus.b.writer;
    let rung = versus.rung() + 1;
    let mut lines: Lines = heading(writer, "compare.coverage.heading");
    lines.push(writer.say(
        "compare.coverage.intro",
        &[("rung", &writer.word("rung", RUNG_IDS[versus.rung()])), ("day", &versus.day_words(versus.day))],
    ));
    if versus.days.len() > 1 {
        let rows = versus.days.iter().map(|&days| {
            let mut cells = vec![versus.day_words(days)];
            cells.extend(figures(found, day_total(found, days, 0)));
            cells.extend(figures(found, day_total(found, days, rung)));
            cells
        });
        lines.extend(table(found, "", "compare.days.head", &[1, 2, 3, 4, 5, 6], rows.collect(), super::TABLE));
    }
    for standard in 0..found.ladders.standards.len() {
        let steps = found.ladders.sum(|row| row.standard == standard && row.days == versus.day);
        let name = |measure: usize| match measure.checked_sub(1) {
            None => writer.say("summary.ladder.all", &[]),
            Some(rung) => writer.word("rung", RUNG_IDS[rung]),
        };
        let rows = (0..MEASURES).map(|measure| shared(found, name(measure), &steps, measure)).collect();
        lines.extend([String::new(), format!("**{}**", found.ladders.standard(standard).replace('>', "→"))]);
        lines.extend(table(found, "", "compare.rungs.head", &[1, 2, 3, 4, 5], rows, super::TABLE));
    }
    if !writer.untimed() {
        lines.extend(breakdown(found, "compare.slots.head", |row| row.slot, |slot: &Slot| writer.word("slot", slot.id())));
    }
    lines.extend(breakdown(found, "compare.groups.head", |row| row.group, |group| writer.word("group", group)));
    lines.extend(breakdown(
        found,
        "compare.units.head",
        |row| row.unit,
        |unit| if unit.is_empty() { writer.say("compare.unit.none", &[]) } else { (*unit).to_owned() },
    ));
    lines
}

/// Coverage of the day by one property of the rows; one value alone is no breakdown.
fn breakdown<'f, 'a, K: Ord>(
    found: &'f Differences<'a>,
    head: &str,
    of: impl Fn(&'f Row<'a>) -> K,
    name: impl Fn(&K) -> String,
) -> Lines {
    let mut by: BTreeMap<K, [Steps; 2]> = BTreeMap::new();
    for row in found.ladders.rows.iter().filter(|row| row.standard == 0 && row.days == found.versus.day) {
        let sums = by.entry(of(row)).or_default();
        sums.iter_mut().zip(&row.steps).for_each(|(sum, steps)| sum.add(steps));
    }
    if by.len() < 2 {
        return Vec::new();
    }
    let rows = by.iter().map(|(key, steps)| shared(found, name(key), steps, found.versus.rung() + 1)).collect();
    table(found, "", head, &[1, 2, 3, 4, 5], rows, super::TABLE)
}

fn stations(found: &Differences<'_>) -> Lines {
    let versus = &found.versus;
    let writer = versus.b.writer;
    let rows = found.stations.iter().map(|change| {
        let a = change.rows.0.map(|row| &versus.a.sites.rows()[row]);
        let b = change.rows.1.map(|row| &versus.b.sites.rows()[row]);
        let word = |what: &&str| {
            let metres = change.moved_m.filter(|_| *what == "moved").map(|metres| format!(" {} m", writer.number(metres, 0)));
            let into = change.into.map(|row| format!(" {}", versus.b.sites.rows()[row].name));
            format!("{}{}", writer.word("compare.change", what), metres.or(into).unwrap_or_default())
        };
        let words: Vec<String> = change.changes.iter().map(word).collect();
        let kind = |site: Option<&Site>| site.map(|site| writer.word("kind", site.kind.id())).unwrap_or_default();
        let hours = |site: Option<&Site>, at: usize| {
            let open = site.map(|site| super::stations::hours(site, change.days[at]));
            open.map(|open| if open.is_empty() { writer.say("compare.closed", &[]) } else { open }).unwrap_or_default()
        };
        let name = b.or(a).map(|site| site.name.clone()).unwrap_or_default();
        vec![name, writer.list(&words), kind(a), kind(b), versus.day_words(change.days), hours(a, 0), hours(b, 1)]
    });
    table(found, "compare.stations", "compare.stations.head", &[], rows.collect(), "compare.geojson")
}

fn gaps(found: &Differences<'_>) -> Lines {
    let writer = found.versus.b.writer;
    let rows = found.gaps.iter().map(|change| {
        let [a, b] = change.gaps.each_ref().map(Option::as_ref);
        let cause = |gap: Option<&Gap>| gap.map(|gap| writer.word("cause", gap.cause.id())).unwrap_or_default();
        let place = change.shown().map(|(at, gap)| place(found, at, gap)).unwrap_or_default();
        let mut cells =
            vec![found.versus.day_words(change.days), writer.word("compare.change", change.change), place, cause(a), cause(b)];
        cells.extend(figures(found, change.visits()));
        cells
    });
    table(found, "compare.gaps", "compare.gaps.head", &[5, 6, 7], rows.collect(), "compare.geojson")
}

/// The station that a gap is about, or its centre.
fn place(found: &Differences<'_>, at: usize, gap: &Gap) -> String {
    let side = found.versus.sides()[at];
    if let Some(station) = gap.station {
        return side.sites[station].name.clone();
    }
    let centre = side.writer.findings.dataset.projector.unproject(gap.centre);
    centre.map(|centre| format!("{:.4}, {:.4}", centre.lon(), centre.lat())).unwrap_or_default()
}

fn pairs(found: &Differences<'_>) -> Lines {
    let writer = found.versus.b.writer;
    let rows = found.pairs.iter().map(|change| {
        let verdict = |pair: &Option<Overlap>| {
            pair.as_ref().map(|pair| writer.word("verdict", pair.evidence.verdict())).unwrap_or_default()
        };
        let metres = change.pairs.iter().rev().flatten().next().map(|pair| writer.number(pair.straight_m, 0)).unwrap_or_default();
        vec![change.names.join(" / "), format!("{metres} m"), verdict(&change.pairs[0]), verdict(&change.pairs[1])]
    });
    table(found, "compare.pairs", "compare.pairs.head", &[1], rows.collect(), "duplicates.csv")
}

fn measures(found: &Differences<'_>) -> Lines {
    let writer = found.versus.b.writer;
    let rows = found.measures.iter().map(|change| {
        let gain = |gain: Option<Weight>| match gain {
            Some(loss) if change.action == Action::Close => signed(writer, -(loss.milli() as i64)),
            Some(gain) => writer.visits(gain),
            None => String::new(),
        };
        let word = writer.word("compare.change", change.change());
        vec![
            word,
            writer.word("action", change.action.id()),
            format!("{} ({})", change.name, change.place),
            gain(change.gains[0]),
            gain(change.gains[1]),
        ]
    });
    table(found, "compare.measures", "compare.measures.head", &[3, 4], rows.collect(), "recommend.geojson")
}

fn windows(found: &Differences<'_>) -> Lines {
    let versus = &found.versus;
    let writer = versus.b.writer;
    let rows = found.windows.iter().map(|change| {
        let text = |window: &Option<buses::Window>| {
            window.as_ref().map(|w| format!("{} {} {}", w.bus, w.stop, w.hours())).unwrap_or_default()
        };
        let day = change.only.map_or_else(|| versus.day_words(change.days), |date| date.to_string());
        let served = change.windows.each_ref().map(|window| window.as_ref().map_or(Weight::ZERO, |window| window.served));
        let mut cells =
            vec![day, writer.word("compare.change", change.change), text(&change.windows[0]), text(&change.windows[1])];
        cells.extend(figures(found, served));
        cells
    });
    table(found, "compare.windows", "compare.windows.head", &[4, 5, 6], rows.collect(), "compare.geojson")
}
