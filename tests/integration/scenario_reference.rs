//! `docs/scenario.md` lists every key of a scenario with its type, its default in the rule pack, and its meaning, as the schema has them,
//! and every header of tables that is understood.
//!
//! `BLESS=1 cargo test --release --test integration scenario_reference` writes the table again.

use std::fs;
use std::path::Path;

use serde_json::Value;
use yizhan::scenario::schema;

/// A part of the page that is written here.
const MARKS: [[&str; 2]; 2] =
    [["<!-- keys: begin -->\n", "<!-- keys: end -->"], ["<!-- headers: begin -->\n", "<!-- headers: end -->"]];

/// Name of the definition that a key's value has, if it has one.
fn definition(key: &Value) -> Option<&str> {
    let any = key["anyOf"].as_array().and_then(|choices| choices.iter().find_map(|choice| choice["$ref"].as_str()));
    key["$ref"].as_str().or(any)?.rsplit('/').next()
}

/// Type in words a planner reads.
fn kind(key: &Value) -> String {
    let one = |name: &str| match name {
        "object" => "table".to_owned(),
        "array" => "list".to_owned(),
        "boolean" => "true or false".to_owned(),
        other => other.to_owned(),
    };
    match &key["type"] {
        Value::String(name) => one(name),
        Value::Array(names) => {
            names.iter().filter_map(Value::as_str).filter(|name| *name != "null").map(one).collect::<Vec<_>>().join(" or ")
        }
        _ => String::new(),
    }
}

fn default_of(pack: &toml::Value, path: &str) -> String {
    let value = path.split('.').try_fold(pack, |at, part| at.get(part));
    value.filter(|value| !value.is_table()).map_or_else(String::new, |value| format!("`{value}`"))
}

fn rows(schema: &Value, node: &Value, prefix: &str, pack: &toml::Value, out: &mut String) {
    for (name, key) in node["properties"].as_object().into_iter().flatten() {
        let path = format!("{prefix}{name}");
        let target = definition(key).map(|name| (name.to_owned(), &schema["$defs"][name]));
        // Point files are alike, and stand in a table of their own.
        let (is_file, table) = match &target {
            Some((name, target)) => (name == "PointFile", target["properties"].is_object().then_some(*target)),
            None => (false, None),
        };
        let what = key["description"].as_str().unwrap_or_default().replace('|', "\\|").replace('\n', " ");
        let kind = if is_file { "point file".to_owned() } else { target.map_or_else(|| kind(key), |(_, of)| kind(of)) };
        out.push_str(&format!("| `{path}` | {kind} | {} | {what} |\n", default_of(pack, &path)));
        if let Some(table) = table.filter(|_| !is_file) {
            rows(schema, table, &format!("{path}."), pack, out);
        }
        if let Some(item) = definition(&key["items"]) {
            rows(schema, &schema["$defs"][item], &format!("{path}[]."), pack, out);
        }
    }
}

/// All headers by field, in the order of the vocabulary.
fn headers(vocabulary: &str) -> String {
    let fields = vocabulary.lines().skip_while(|line| *line != "[fields]").skip(1).take_while(|line| !line.starts_with('['));
    let row = |line: &str| {
        let (field, names) = line.split_once(" = ")?;
        Some(format!("| {field} | {} |\n", names.trim_matches(['[', ']']).replace('"', "")))
    };
    let rows: String = fields.filter_map(row).collect();
    format!("| field | headers |\n|---|---|\n{rows}")
}

fn keys(packs: &str) -> String {
    let schema: Value = serde_json::from_str(&schema()).expect("JSON");
    let packs: toml::Table = toml::from_str(packs).expect("TOML");
    let pack = packs["rules"].as_table().and_then(|rules| rules.values().next()).expect("a rule pack");
    let head = "| key | type | default | meaning |\n|---|---|---|---|\n";
    let (mut keys, mut files) = (head.to_owned(), head.to_owned());
    rows(&schema, &schema, "", pack, &mut keys);
    rows(&schema, &schema["$defs"]["PointFile"], "<point file>.", &toml::Value::Integer(0), &mut files);
    format!("{keys}\nA point file has:\n\n{files}")
}

#[test]
fn every_key_and_every_header_is_documented() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| fs::read_to_string(root.join(path)).expect("readable");
    let tables = [keys(&read("src/scenario/packs.toml")), headers(&read("src/ingest/headers.toml"))];
    assert!(tables[0].contains("| `siting.new_fixed` | integer | `0` |"), "{}", tables[0]);
    assert!(tables[1].contains("| directive | 指令, 命令, directive, order |"), "{}", tables[1]);
    let mut page = read("docs/scenario.md");
    for ([begin, end], table) in MARKS.iter().zip(tables) {
        let (before, rest) = page.split_once(begin).expect("docs/scenario.md has all marks");
        let (now, after) = rest.split_once(end).expect("docs/scenario.md has all marks");
        let is_blessed = std::env::var_os("BLESS").is_some();
        assert!(
            is_blessed || now == table,
            "docs/scenario.md: after {begin}it is not what the program says; BLESS=1 writes it again"
        );
        page = format!("{before}{begin}{table}{end}{after}");
    }
    if std::env::var_os("BLESS").is_some() {
        fs::write(root.join("docs/scenario.md"), page).expect("written");
    }
}
