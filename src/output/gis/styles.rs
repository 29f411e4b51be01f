//! How each layer is drawn: the symbols, lines, ramps and classes of the program's own maps, with the words of a legend.
//!
//! Layers that hold several days show one of them, the planning day where it has any; the others are there to be switched on.

use std::collections::BTreeSet;

use super::cells::{share_column, visits_column};
use super::{Table, Values};
use crate::calendar::DayKind;
use crate::coverage::RUNG_IDS;
use crate::domain::site::{StationKind, Status};
use crate::gap::GapCause;
use crate::output::map::{AreaStyle, Classes, Colour, LineStyle, Pattern, Ramp, Symbol};
use crate::output::maps::{self, QUIET, REDUNDANT, SHARE_CLASSES, most_classes, round_classes};
use crate::output::report::words::Writer;
use crate::output::schedule::file_name;
use crate::siting::Action;

/// A way to draw a layer.
#[derive(Debug)]
pub(super) struct Style {
    /// Name, in the run's language.
    pub name: String,
    pub renderer: Renderer,
    pub label: Option<Label>,
}

/// What decides how a feature is drawn.
#[derive(Debug)]
pub(super) enum Renderer {
    /// The rules that a feature meets.
    Rules(Vec<Rule>),
    /// The class of a number.
    Classes { expression: String, classes: Vec<Class> },
}

/// Features that meet a condition, and how they are drawn.
#[derive(Debug)]
pub(super) struct Rule {
    pub filter: String,
    pub label: String,
    pub drawn: Drawn,
    /// Whether it is on at first.
    pub shown: bool,
}

/// A symbol for points, lines or areas.
#[derive(Debug, Clone, Copy)]
pub(super) enum Drawn {
    Marker(Symbol, Colour),
    Line(LineStyle),
    Area(AreaStyle),
    /// A square whose value is withheld.
    Hatched,
}

/// Values above the class before, up to and including `upto`.
#[derive(Debug)]
pub(super) struct Class {
    pub from: f64,
    pub upto: f64,
    pub label: String,
    pub colour: Colour,
}

/// Text beside a feature.
#[derive(Debug)]
pub(super) struct Label {
    /// An expression of QGIS.
    pub expression: String,
    /// White on a dark disc, as the numbers of gaps are.
    pub badge: bool,
    /// Shown at this scale and larger ones: 25 000 means 1 : 25 000.
    pub scale: Option<u32>,
}

/// Half of the least demand there is.
const SOME: f64 = 0.000_5;
/// Names of stations are told apart from here on.
const NAMES_AT: u32 = 25_000;
/// Gap of a station that doesn't serve: no place without one.
const STATION_GAP: AreaStyle = AreaStyle {
    fill: None,
    outline: Some(LineStyle { colour: QUIET, width_mm: 0.4, pattern: Pattern::Dashed { on_mm: 0.9, off_mm: 0.6 }, cased: true }),
};

/// The styles of a layer; the first is the usual one.
pub(super) fn of(writer: Writer<'_>, table: &Table) -> Vec<Style> {
    let one = |(rules, label)| {
        vec![Style { name: super::fields::layer_title(table.name, writer.lang), renderer: Renderer::Rules(rules), label }]
    };
    match table.name {
        "cells" => cells(writer, table),
        "gaps" => one(gaps(writer)),
        "duplicates" => one(duplicates(writer)),
        "stations" => one(stations(writer)),
        "recommend" => one(recommend(writer)),
        "bus_stays" => one(buses(writer, Drawn::Marker(Symbol::Bus, Symbol::Bus.colour()), true)),
        "bus_ways" => one(buses(writer, Drawn::Line(LineStyle::solid(Symbol::Bus.colour(), 0.5).with_casing()), false)),
        _ => Vec::new(),
    }
}

/// Demand of the planning day, what of it isn't reached, and the share that each rung covers.
fn cells(writer: Writer<'_>, table: &Table) -> Vec<Style> {
    let planning = writer.scenario.planning_day;
    let (visits, reached) = (visits_column(planning), share_column(RUNG_IDS[1]));
    let of_day = |key| writer.say(key, &[("day", &writer.day(planning))]);
    let by_class = |name, expression, classes| Style { name, renderer: Renderer::Classes { expression, classes }, label: None };
    if writer.published.is_some() {
        let renderer = Renderer::Rules(of_public_squares(writer, table, &visits));
        return vec![Style { name: of_day("style.demand"), renderer, label: None }];
    }
    let [demand, shares] = [&visits, &reached].map(|name| numbers(table, name));
    let unmet: Vec<f64> = demand.iter().zip(&shares).map(|(visits, share)| visits * (1.0 - share)).collect();
    let unmet_is = format!("{} * (1 - {})", column(&visits), column(&reached));
    let mut styles = vec![
        by_class(of_day("style.demand"), column(&visits), by_ramp(writer, &demand, Ramp::Demand)),
        by_class(of_day("style.unmet"), unmet_is, by_ramp(writer, &unmet, Ramp::Unmet)),
    ];
    for rung in RUNG_IDS {
        let name = writer.say("style.covered", &[("rung", &writer.word("rung", rung)), ("day", &writer.day(planning))]);
        styles.push(by_class(name, format!("100 * {}", column(&share_column(rung))), shares_classes()));
    }
    styles
}

/// Squares by the class of what is told, and those that are withheld.
fn of_public_squares(writer: Writer<'_>, table: &Table, visits: &str) -> Vec<Rule> {
    let rule = |filter: String, label: String, drawn| Rule { filter, label, drawn, shown: true };
    let of_class = |Class { from, upto, label, colour }: Class| {
        let filter = format!("{visits} > {from} AND {visits} <= {upto}", visits = column(visits));
        rule(filter, label, Drawn::Area(AreaStyle { fill: Some(colour), outline: None }))
    };
    let withheld = writer.say("map.withheld", &[("k", &writer.release.min_count)]);
    let classes = by_ramp(writer, &numbers(table, visits), Ramp::Demand).into_iter().map(of_class);
    classes.chain([rule(column("suppressed"), withheld, Drawn::Hatched)]).collect()
}

/// Numbers of a column; zero where nothing is known.
fn numbers(table: &Table, name: &str) -> Vec<f64> {
    let found = table.columns.iter().find(|column| column.name == name).map(|column| &column.values);
    let Some(Values::Real(values)) = found else { return Vec::new() };
    values.iter().map(|value| value.unwrap_or(0.0)).collect()
}

/// Classes of demand as on the maps; squares without any stay blank.
fn by_ramp(writer: Writer<'_>, values: &[f64], ramp: Ramp) -> Vec<Class> {
    let classes: Classes = round_classes(values, most_classes(writer));
    let largest = values.iter().copied().fold(SOME, f64::max);
    let breaks = classes.breaks();
    let class = |(at, colour): (usize, Colour)| Class {
        from: at.checked_sub(1).map_or(SOME, |before| breaks[before]),
        upto: breaks.get(at).copied().unwrap_or(largest),
        label: classes.label(at),
        colour,
    };
    ramp.colours(classes.count()).into_iter().enumerate().map(class).collect()
}

/// Classes of shares in per cent, as on the maps of coverage.
fn shares_classes() -> Vec<Class> {
    let class = |(at, colour): (usize, Colour)| Class {
        from: at.checked_sub(1).map_or(0.0, |before| SHARE_CLASSES[before]),
        upto: SHARE_CLASSES[at],
        label: maps::share_label(at),
        colour,
    };
    Ramp::Service.colours(SHARE_CLASSES.len()).into_iter().enumerate().map(class).collect()
}

type Ruled = (Vec<Rule>, Option<Label>);

fn gaps(writer: Writer<'_>) -> Ruled {
    let of_place: Vec<String> = GapCause::ALL.into_iter().filter(|cause| cause.is_place()).map(|c| literal(c.id())).collect();
    let is_place = format!("\"cause\" IN ({})", of_place.join(", "));
    let rules = |&day: &DayKind| {
        let badge = Drawn::Marker(Symbol::Gap(0), Symbol::Gap(0).colour());
        let rule = |key, which: String, style| Rule {
            filter: format!("{} AND {which}", of_day(day)),
            label: writer.say(key, &[("day", &writer.day(day))]),
            // Published gaps are points.
            drawn: if writer.published.is_some() { badge } else { Drawn::Area(style) },
            shown: day == shown(writer, &writer.scenario.days),
        };
        [
            rule("style.gap.place", is_place.clone(), AreaStyle::GAP),
            rule("style.gap.station", format!("NOT {is_place}"), STATION_GAP),
        ]
    };
    let label = Label { expression: format!("CASE WHEN {is_place} THEN \"rank\" END"), badge: true, scale: None };
    (writer.scenario.days.iter().flat_map(rules).collect(), Some(label))
}

fn duplicates(writer: Writer<'_>) -> Ruled {
    let close = maps::close_link(writer.findings.overlaps.iter().filter(|pair| !pair.evidence.redundant()).count());
    let rule = |(verdict, style)| Rule {
        filter: format!("\"verdict\" = {}", literal(verdict)),
        label: writer.word("verdict", verdict),
        drawn: Drawn::Line(style),
        shown: true,
    };
    let label = Label { expression: "round(\"straight_m\") || ' m'".to_owned(), badge: false, scale: Some(NAMES_AT) };
    ([("close_ok", close), ("redundant", REDUNDANT)].map(rule).into(), Some(label))
}

fn stations(writer: Writer<'_>) -> Ruled {
    let kinds: BTreeSet<StationKind> = writer.findings.dataset.stations.iter().map(|station| station.kind).collect();
    let active = format!("\"status\" = {}", literal(Status::Active.id()));
    let of_kind = |kind: StationKind| {
        let symbol = maps::symbol(kind);
        Rule {
            filter: format!("{active} AND \"kind\" = {}", literal(kind.id())),
            label: writer.word("kind", kind.id()),
            drawn: Drawn::Marker(symbol, symbol.colour()),
            shown: true,
        }
    };
    let idle = Rule {
        filter: format!("NOT {active}"),
        label: writer.say("style.idle", &[]),
        drawn: Drawn::Marker(Symbol::Fixed, QUIET),
        shown: true,
    };
    let label = Label { expression: column("name"), badge: false, scale: Some(NAMES_AT) };
    (kinds.into_iter().map(of_kind).chain([idle]).collect(), Some(label))
}

fn recommend(writer: Writer<'_>) -> Ruled {
    let (siting, planned) = (&writer.findings.siting, &writer.findings.timetable.days);
    let chosen: Vec<Action> = siting.iter().flat_map(|siting| &siting.recommendations).map(|r| r.action).collect();
    let standing = Action::ALL.into_iter().filter(|action| chosen.contains(action)).map(|action| Rule {
        filter: format!("\"action\" = {}", literal(action.id())),
        label: writer.word("action", action.id()),
        drawn: Drawn::Marker(maps::action_symbol(action), Symbol::Chosen.colour()),
        shown: true,
    });
    let days: Vec<DayKind> = planned.iter().map(|day| day.kind).collect();
    let buses = days.iter().map(|&day| Rule {
        filter: format!("\"action\" = 'place_bus' AND {}", of_day(day)),
        label: format!("{} · {}", writer.word("action", "place_bus"), writer.day(day)),
        drawn: Drawn::Marker(Symbol::Bus, Symbol::Bus.colour()),
        shown: day == shown(writer, &days),
    });
    let label =
        Label { expression: "CASE WHEN \"action\" <> 'place_bus' THEN \"rec_id\" END".to_owned(), badge: false, scale: None };
    (standing.chain(buses).collect(), Some(label))
}

/// Stays or ways, a rule a plan.
fn buses(writer: Writer<'_>, drawn: Drawn, labelled: bool) -> Ruled {
    let rule = |(at, day): (usize, &crate::mobile::PlannedDay)| Rule {
        filter: format!("\"plan\" = {}", literal(&file_name(day))),
        label: day.only.map_or_else(|| writer.day(day.kind), |date| date.to_string()),
        drawn,
        shown: at == 0,
    };
    let label = labelled.then(|| Label {
        expression: "\"bus_id\" || ' ' || \"arrive\" || '–' || \"leave\"".to_owned(),
        badge: false,
        scale: None,
    });
    (writer.findings.timetable.days.iter().enumerate().map(rule).collect(), label)
}

/// The day that is on at first: the planning day, else the first.
fn shown(writer: Writer<'_>, days: &[DayKind]) -> DayKind {
    let planning = writer.scenario.planning_day;
    if days.contains(&planning) { planning } else { days.first().copied().unwrap_or(planning) }
}

fn of_day(day: DayKind) -> String {
    format!("\"season\" = {} AND \"day_type\" = {}", literal(day.season.id()), literal(day.day_type.id()))
}

/// A column in an expression.
fn column(name: &str) -> String {
    format!("\"{name}\"")
}

/// A text in an expression.
fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
