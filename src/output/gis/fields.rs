//! Which properties of a layer become columns, of which type, in which order, and what they are called.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::wkb::GeometrySort;
use super::{Column, Values};
use crate::calendar::Slot;
use crate::message::{Lang, term};
use crate::output::report::words::Writer;

/// Type of a property. Written out, because values alone don't tell it: a run may know none of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    /// A text, or a list in one.
    Text,
    Integer,
    Real,
    Flag,
    /// Visits by slot.
    BySlot,
    /// Visits by group.
    ByGroup,
}

/// A property and its type.
pub(super) type Field = (&'static str, Sort);

use Sort::{ByGroup, BySlot, Flag, Integer, Real, Text};

const STATIONS: &[Field] = &[
    ("station_id", Text),
    ("name", Text),
    ("kind", Text),
    ("status", Text),
    ("action", Text),
    ("reason", Text),
    ("unit", Text),
    ("hours_text", Text),
    ("service_types", Text),
    ("area_m2", Real),
    ("local_demand", Real),
    ("open_now_share", Real),
    ("score", Real),
    ("load_peak", Real),
    ("night_demand", Real),
    ("crs_source", Text),
    ("coord_quality", Text),
];

const GAPS: &[Field] = &[
    ("gap_id", Text),
    ("season", Text),
    ("day_type", Text),
    ("rank", Integer),
    ("severity", Real),
    ("cause", Text),
    ("action", Text),
    ("slot", Text),
    ("group_top", Text),
    ("nearest_station_id", Text),
    ("straight_m", Real),
    ("path_m", Real),
    ("station_id", Text),
    ("suggest_kind", Text),
    ("suggest_service", Text),
    ("cost_low", Real),
    ("cost_high", Real),
    ("in_area", Flag),
    ("cells", Integer),
    ("centre_lon", Real),
    ("centre_lat", Real),
    ("visits_by_slot", BySlot),
    ("visits_by_group", ByGroup),
];

const DUPLICATES: &[Field] = &[
    ("pair_id", Text),
    ("a_id", Text),
    ("a_name", Text),
    ("b_id", Text),
    ("b_name", Text),
    ("verdict", Text),
    ("exempt_reason", Text),
    ("exempt_text", Text),
    ("straight_m", Real),
    ("path_m", Real),
    ("overlap", Real),
    ("hours_overlap", Real),
    ("load", Real),
    ("keep_id", Text),
    ("remove_id", Text),
    ("loss_if_removed", Real),
    ("near_by_path", Flag),
    ("same_catchment", Flag),
    ("same_hours", Flag),
    ("substitutable", Flag),
    ("unlinked", Flag),
    ("has_room", Flag),
    ("loss_night", Real),
    ("loss_early", Real),
    ("loss_am", Real),
    ("loss_lunch", Real),
    ("loss_pm_rest", Real),
    ("loss_dinner", Real),
    ("loss_evening", Real),
];

const RECOMMEND: &[Field] = &[
    ("rec_id", Text),
    ("action", Text),
    ("candidate_id", Text),
    ("name", Text),
    ("host", Text),
    ("kind", Text),
    ("season", Text),
    ("day_type", Text),
    ("arrive", Text),
    ("leave", Text),
    ("window", Text),
    ("gain", Real),
    ("cum_coverage", Real),
    ("unique", Real),
    ("loss", Real),
    ("plan_gain", Real),
    ("bound", Real),
    ("chosen_share", Real),
    ("core", Flag),
    ("phase", Integer),
    ("cost_low", Real),
    ("cost_high", Real),
    ("equipment", Text),
    ("key_area", Text),
    ("nearest_station_id", Text),
    ("straight_m", Real),
    ("path_m", Real),
    ("runner_up_id", Text),
    ("runner_up_loss", Real),
    ("runner_ups", Text),
    ("gain_by_slot", BySlot),
    ("gain_by_group", ByGroup),
];

const BUS_STOPS: &[Field] = &[
    ("plan", Text),
    ("bus_id", Text),
    ("stop_id", Text),
    ("stop_name", Text),
    ("arrive", Text),
    ("leave", Text),
    ("expected_visits", Real),
];

const BUS_ROUTES: &[Field] = &[
    ("plan", Text),
    ("bus_id", Text),
    ("stop_id", Text),
    ("stop_name", Text),
    ("arrive", Text),
    ("leave", Text),
    ("along_streets", Flag),
];

/// Layers of a run that are GeoJSON files too, lowest first.
pub(super) const LAYERS: [(&str, GeometrySort, &[Field]); 4] = [
    ("gaps", GeometrySort::MultiPolygon, GAPS),
    ("duplicates", GeometrySort::LineString, DUPLICATES),
    ("stations", GeometrySort::Point, STATIONS),
    ("recommend", GeometrySort::Point, RECOMMEND),
];

/// Layers of a timetable: name, sort of feature in `bus_routes.geojson`, geometry, fields.
pub(super) const BUSES: [(&str, &str, GeometrySort, &[Field]); 2] =
    [("bus_ways", "way", GeometrySort::LineString, BUS_ROUTES), ("bus_stays", "stay", GeometrySort::Point, BUS_STOPS)];

/// The columns of features with these properties. Names differ in more than case, as SQL asks.
pub(super) fn columns(writer: Writer<'_>, fields: &[Field], rows: &[&Map<String, Value>]) -> Vec<Column> {
    let groups = writer.findings.cube.groups().iter().map(String::as_str);
    let column = |&(name, sort): &Field| -> Vec<Column> {
        let (family, parts): (_, Vec<&str>) = match sort {
            BySlot => ("slot", Slot::ALL.map(Slot::id).to_vec()),
            ByGroup => ("group", groups.clone().collect()),
            _ => {
                let values = values(sort, rows.iter().map(|row| row.get(name).unwrap_or(&Value::Null)));
                return vec![Column { name: name.to_owned(), titles: titles(name), values }];
            }
        };
        let part = |part: &str| Column {
            name: format!("{name}_{part}"),
            titles: both(writer, |writer| {
                let (whole, part) = (title(name, writer.lang), writer.word(family, part));
                writer.say("field.part", &[("whole", &whole), ("part", &part)])
            }),
            values: values(Real, rows.iter().map(|row| &row.get(name).unwrap_or(&Value::Null)[part])),
        };
        parts.into_iter().map(part).collect()
    };
    let suppressed = writer.published.map(|_| ("suppressed", Flag));
    let mut columns: Vec<Column> = fields.iter().chain(&suppressed).flat_map(column).collect();
    tell_apart(&mut columns, |column| &mut column.name);
    tell_apart(&mut columns, |column| &mut column.titles[0]);
    tell_apart(&mut columns, |column| &mut column.titles[1]);
    columns
}

/// Lengthens texts that differ from an earlier one in case only, as the names of groups may.
fn tell_apart<T>(rows: &mut [T], text: impl Fn(&mut T) -> &mut String) {
    let mut seen = BTreeSet::new();
    for row in rows {
        let text = text(row);
        while !seen.insert(text.to_lowercase()) {
            text.push('_');
        }
    }
}

fn values<'a>(sort: Sort, values: impl Iterator<Item = &'a Value>) -> Values {
    match sort {
        Text => Values::Text(values.map(text).collect()),
        Integer => Values::Integer(values.map(Value::as_i64).collect()),
        Real | BySlot | ByGroup => Values::Real(values.map(Value::as_f64).collect()),
        Flag => Values::Flag(values.map(Value::as_bool).collect()),
    }
}

/// A text; a list of texts joined with `;`; anything else as JSON.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Array(items) => {
            let texts: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
            Some(texts.map_or_else(|| value.to_string(), |texts| texts.join(";")))
        }
        other => Some(other.to_string()),
    }
}

/// In Chinese, then in English.
pub(super) fn both(writer: Writer<'_>, make: impl Fn(Writer<'_>) -> String) -> [String; 2] {
    [Lang::Zh, Lang::En].map(|lang| make(Writer { lang, ..writer }))
}

/// What a property is called: as in the workbook, where it has it.
pub(super) fn title(name: &str, lang: Lang) -> String {
    named(["sheet.column", "field"], name, lang)
}

/// What a layer is called: as in the workbook, where it has it.
pub(super) fn layer_title(name: &str, lang: Lang) -> String {
    named(["sheet", "layer"], name, lang)
}

/// The word of the first family that has one.
fn named(families: [&str; 2], name: &str, lang: Lang) -> String {
    let known = |family: &str| {
        let key = format!("{family}.{name}");
        let word = term(&key, lang);
        (word != key).then(|| word.to_owned())
    };
    families.into_iter().find_map(known).unwrap_or_else(|| name.to_owned())
}

/// What a property is called, in both languages.
pub(super) fn titles(name: &str) -> [String; 2] {
    [Lang::Zh, Lang::En].map(|lang| title(name, lang))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_differ_in_case_only_are_told_apart() {
        let mut names: Vec<String> = ["a_Rider", "b", "a_rider", "A_RIDER", "B_"].map(str::to_owned).into();
        tell_apart(&mut names, |name| name);
        assert_eq!(names, ["a_Rider", "b", "a_rider_", "A_RIDER__", "B_"]);
    }

    #[test]
    fn lists_become_texts() {
        assert_eq!(text(&serde_json::json!(["a", "b"])).as_deref(), Some("a;b"));
        assert_eq!(text(&serde_json::json!([{ "id": "a" }])).as_deref(), Some("[{\"id\":\"a\"}]"));
        assert_eq!((text(&Value::Null), text(&serde_json::json!([])).as_deref()), (None, Some("")));
    }
}
