//! A style as QGIS keeps it (QML, written as by QGIS 3.22): renderer, labels, titles of the columns, words for ids.

use super::Table;
use super::styles::{Class, Drawn, Label, Renderer, Rule, Style};
use super::wkb::GeometrySort;
use crate::message::codes;
use crate::output::escaped;
use crate::output::map::{Colour, LineStyle, Pattern, Symbol};
use crate::output::report::words::Writer;
use crate::output::workbook::FAMILIES;

/// Version of the format.
const VERSION: &str = "3.22.16";
/// White rim of symbols and lines, in millimetres on each side.
const RIM_MM: f64 = 0.3;
/// Family of the labels' letters; QGIS takes its own where it isn't installed.
const LETTERS: &str = "Noto Sans CJK SC";

/// An element: `<name a="b">…</name>`, attributes escaped.
fn element(name: &str, attributes: &[(&str, &str)], content: &str) -> String {
    let attributes: String = attributes.iter().map(|(key, value)| format!(" {key}=\"{}\"", escaped(value))).collect();
    if content.is_empty() { format!("<{name}{attributes}/>\n") } else { format!("<{name}{attributes}>\n{content}</{name}>\n") }
}

/// The style as a document.
pub(super) fn document(writer: Writer<'_>, table: &Table, style: &Style) -> String {
    let labels = style.label.as_ref().map(|label| labels(label, table.geometry)).unwrap_or_default();
    let fields: String = table.columns.iter().map(|column| field(writer, &column.name)).collect();
    let alias = |(at, column): (usize, &super::Column)| {
        let at = at.to_string();
        element("alias", &[("field", &column.name), ("index", &at), ("name", column.title(writer.lang))], "")
    };
    let aliases: String = table.columns.iter().enumerate().map(alias).collect();
    let content = [
        renderer(&style.renderer, table.geometry),
        labels,
        element("fieldConfiguration", &[], &fields),
        element("aliases", &[], &aliases),
    ];
    let attributes = [
        ("version", VERSION),
        ("styleCategories", "Symbology|Labeling|Fields|Forms"),
        ("labelsEnabled", if style.label.is_some() { "1" } else { "0" }),
    ];
    format!("<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n{}", element("qgis", &attributes, &content.concat()))
}

fn renderer(renderer: &Renderer, geometry: GeometrySort) -> String {
    match renderer {
        Renderer::Rules(rules) => by_rules(rules, geometry),
        Renderer::Classes { expression, classes } => by_classes(expression, classes, geometry),
    }
}

fn by_rules(rules: &[Rule], geometry: GeometrySort) -> String {
    let rule = |(at, rule): (usize, &Rule)| {
        let at = at.to_string();
        let on = if rule.shown { "1" } else { "0" };
        let key = format!("{{rule {at}}}");
        let attributes =
            [("key", key.as_str()), ("symbol", &at), ("filter", &rule.filter), ("label", &rule.label), ("checkstate", on)];
        element("rule", &attributes, "")
    };
    let symbols: String = rules.iter().enumerate().map(|(at, rule)| symbol(at, geometry, &drawn(&rule.drawn))).collect();
    let rules: String = rules.iter().enumerate().map(rule).collect();
    let content = element("rules", &[("key", "{rules}")], &rules) + &element("symbols", &[], &symbols);
    element("renderer-v2", &[("type", "RuleRenderer"), ("symbollevels", "0"), ("forceraster", "0")], &content)
}

fn by_classes(expression: &str, classes: &[Class], geometry: GeometrySort) -> String {
    let range = |(at, class): (usize, &Class)| {
        let (from, upto, at) = (class.from.to_string(), class.upto.to_string(), at.to_string());
        let attributes =
            [("lower", from.as_str()), ("upper", &upto), ("label", &class.label), ("symbol", &at), ("render", "true")];
        element("range", &attributes, "")
    };
    let ranges: String = classes.iter().enumerate().map(range).collect();
    let symbols: String =
        classes.iter().enumerate().map(|(at, class)| symbol(at, geometry, &fill(class.colour, "solid"))).collect();
    let content = element("ranges", &[], &ranges) + &element("symbols", &[], &symbols);
    let attributes =
        [("type", "graduatedSymbol"), ("attr", expression), ("graduatedMethod", "GraduatedColor"), ("symbollevels", "0")];
    element("renderer-v2", &attributes, &content)
}

fn symbol(at: usize, geometry: GeometrySort, layers: &str) -> String {
    let sort = match geometry {
        GeometrySort::Point => "marker",
        GeometrySort::LineString => "line",
        GeometrySort::Polygon | GeometrySort::MultiPolygon => "fill",
    };
    element("symbol", &[("name", &at.to_string()), ("type", sort), ("alpha", "1"), ("clip_to_extent", "1")], layers)
}

/// One layer of a symbol.
fn layer(class: &str, options: &[(&str, &str)]) -> String {
    let option = |(name, value): &(&str, &str)| element("Option", &[("name", name), ("type", "QString"), ("value", value)], "");
    let options: String = options.iter().map(option).collect();
    let map = element("Option", &[("type", "Map")], &options);
    element("layer", &[("class", class), ("enabled", "1"), ("locked", "0"), ("pass", "0")], &map)
}

fn drawn(drawn: &Drawn) -> String {
    match drawn {
        Drawn::Marker(symbol, colour) => marker(*symbol, *colour),
        Drawn::Line(style) => line(style),
        Drawn::Hatched => fill(Colour::WITHHELD, "solid") + &fill(Colour::RULE, "b_diagonal"),
        Drawn::Area(style) => {
            let inside = style.fill.map(|colour| fill(colour, "solid"));
            inside.into_iter().chain(style.outline.as_ref().map(line)).collect()
        }
    }
}

fn marker(symbol: Symbol, colour: Colour) -> String {
    let shape = match symbol {
        Symbol::Fixed | Symbol::Gap(_) => "circle",
        Symbol::Smart => "square",
        Symbol::Bus => "triangle",
        Symbol::Candidate => "diamond",
        Symbol::Chosen => "star",
        Symbol::Closed => "cross2",
    };
    let size = format!("{:.2}", 2.0 * symbol.radius_mm());
    layer(
        "SimpleMarker",
        &[
            ("name", shape),
            ("color", &rgba(colour)),
            ("outline_color", &rgba(Colour::PAPER)),
            ("outline_style", "solid"),
            ("outline_width", &RIM_MM.to_string()),
            ("outline_width_unit", "MM"),
            ("size", &size),
            ("size_unit", "MM"),
        ],
    )
}

/// A line, over its white rim where it has one.
fn line(style: &LineStyle) -> String {
    let stroke = |colour, width_mm: f64, dashes: Option<String>| {
        layer(
            "SimpleLine",
            &[
                ("line_color", &rgba(colour)),
                ("line_width", &format!("{width_mm:.2}")),
                ("line_width_unit", "MM"),
                ("line_style", "solid"),
                ("joinstyle", "round"),
                ("use_custom_dash", if dashes.is_some() { "1" } else { "0" }),
                ("customdash", &dashes.unwrap_or_else(|| "5;2".to_owned())),
                ("customdash_unit", "MM"),
            ],
        )
    };
    let dashes = match style.pattern {
        Pattern::Dashed { on_mm, off_mm } => Some(format!("{on_mm};{off_mm}")),
        Pattern::Solid | Pattern::Railway => None,
    };
    let rim = if style.cased { stroke(Colour::PAPER, style.width_mm + 2.0 * RIM_MM, None) } else { String::new() };
    rim + &stroke(style.colour, style.width_mm, dashes)
}

/// A fill in a brush style of Qt's.
fn fill(colour: Colour, brush: &str) -> String {
    layer("SimpleFill", &[("color", &rgba(colour)), ("style", brush), ("outline_style", "no")])
}

fn rgba(Colour { rgb: [red, green, blue], alpha }: Colour) -> String {
    format!("{red},{green},{blue},{}", (alpha * 255.0).round())
}

fn labels(label: &Label, geometry: GeometrySort) -> String {
    let (letters, rim) = if label.badge { (Colour::PAPER, "0") } else { (Colour::INK, "1") };
    let ink = rgba(Colour::INK);
    let paper = rgba(Colour::PAPER);
    let buffer = element(
        "text-buffer",
        &[("bufferDraw", rim), ("bufferSize", "0.8"), ("bufferSizeUnits", "MM"), ("bufferColor", &paper)],
        "",
    );
    let disc = [
        ("shapeDraw", if label.badge { "1" } else { "0" }),
        ("shapeType", "3"),
        ("shapeSizeType", "0"),
        ("shapeSizeX", "0.6"),
        ("shapeSizeY", "0.6"),
        ("shapeSizeUnit", "MM"),
        ("shapeFillColor", &ink),
        ("shapeBorderColor", &paper),
        ("shapeBorderWidth", "0.3"),
        ("shapeBorderWidthUnit", "MM"),
    ];
    let style = element(
        "text-style",
        &[
            ("fieldName", &label.expression),
            ("isExpression", "1"),
            ("fontFamily", LETTERS),
            ("fontSize", "8"),
            ("fontSizeUnit", "Point"),
            ("textColor", &rgba(letters)),
        ],
        &(buffer + &element("background", &disc, "")),
    );
    // Beside a point, along a line, in the middle of an area.
    let place = match geometry {
        GeometrySort::Point => "6",
        GeometrySort::LineString => "2",
        GeometrySort::Polygon | GeometrySort::MultiPolygon => "1",
    };
    let placement = element("placement", &[("placement", place), ("dist", "1"), ("distUnits", "MM"), ("offsetType", "1")], "");
    let (limited, smallest) = (if label.scale.is_some() { "1" } else { "0" }, label.scale.unwrap_or_default().to_string());
    let rendering = [("drawLabels", "1"), ("scaleVisibility", limited), ("scaleMin", "1"), ("scaleMax", &smallest)];
    let settings = element("settings", &[], &(style + &placement + &element("rendering", &rendering, "")));
    element("labeling", &[("type", "simple")], &settings)
}

/// A column in the attribute table: ids are shown as words.
fn field(writer: Writer<'_>, name: &str) -> String {
    let family = FAMILIES.iter().find(|(member, _)| *member == name).map(|(_, family)| family);
    let word = |family: &str, id: &str| {
        let option = [("name", writer.word(family, id)), ("type", "QString".to_owned()), ("value", id.to_owned())];
        let option = option.each_ref().map(|(key, value)| (*key, value.as_str()));
        element("Option", &[("type", "Map")], &element("Option", &option, ""))
    };
    let widget = family.map(|family| {
        let ids = codes().filter_map(|key| key.strip_prefix(family)?.strip_prefix('.'));
        let words: String = ids.map(|id| word(family, id)).collect();
        let map = element("Option", &[("name", "map"), ("type", "List")], &words);
        let config = element("config", &[], &element("Option", &[("type", "Map")], &map));
        element("editWidget", &[("type", "ValueMap")], &config)
    });
    element("field", &[("name", name)], &widget.unwrap_or_default())
}
