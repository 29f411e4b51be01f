//! The floor plan of `docs/architecture.md`, read from the sources: a file uses only floors below its own.
//!
//! Only production code counts: comments, string contents and a final `#[cfg(test)] mod tests { … }` may name what they like.

use std::fs;
use std::path::{Path, PathBuf};

/// Top-level modules by floor, from the ground up.
const FLOORS: [&[&str]; 13] = [
    &["quantity", "id", "message", "progress"],
    &["crs", "calendar", "files", "hilbert", "random", "mip"],
    &["domain"],
    &["scenario", "spatial_index", "network"],
    &["ingest", "grid", "impedance"],
    &["catchment"],
    &["coverage"],
    &["gap", "overlap", "access"],
    &["siting", "mobile"],
    &["findings"],
    &["output", "synth"],
    &["pipeline"],
    &["cli", "main"],
];

/// A library, and the only modules that may name it.
const PRIVATE_LIBRARIES: [(&str, &[&str]); 6] = [
    ("proj", &["crs"]),
    ("highs", &["mip"]),
    ("rstar", &["spatial_index"]),
    ("osmpbf", &["network"]),
    ("rusqlite", &["output"]),
    ("polars", &["ingest", "output", "synth"]),
];

/// Types of other libraries that stay out of `pub` signatures.
const PRIVATE_TYPES: [&str; 5] = ["DataFrame", "RTree", "Proj", "DrawingArea", "serde_json::Value"];

/// Lines before the tests of a file.
const LONGEST_FILE: usize = 500;

fn floor(module: &str) -> Option<usize> {
    FLOORS.iter().position(|modules| modules.contains(&module))
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// The text up to the test module at its end.
fn without_tests(text: &str) -> &str {
    let mut from = 0;
    while let Some(at) = text[from..].find("#[cfg(test)]") {
        let begin = from + at;
        let rest = text[begin + "#[cfg(test)]".len()..].trim_start();
        let opens =
            rest.strip_prefix("mod ").is_some_and(|module| module.trim_start_matches(is_word).trim_start().starts_with('{'));
        if opens {
            return &text[..begin];
        }
        from = begin + 1;
    }
    text
}

/// Blanks comments and the contents of strings; line breaks stay, so that line numbers do.
fn code_only(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some(length) = raw_string(rest) {
            length
        } else if first == '"' {
            plain_string(rest)
        } else if rest.starts_with("'\"'") || rest.starts_with("'\\\"'") {
            rest[1..].find("'").map_or(1, |end| end + 2).max(3)
        } else {
            code.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        };
        code.extend(rest[..length].chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        rest = &rest[length..];
    }
    code
}

/// Length of a `r#"…"#` at the start.
fn raw_string(text: &str) -> Option<usize> {
    let after = text.strip_prefix('r')?;
    let hashes = after.len() - after.trim_start_matches('#').len();
    after[hashes..].strip_prefix('"')?;
    let close = format!("\"{}", "#".repeat(hashes));
    let body = 1 + hashes + 1;
    Some(text[body..].find(&close).map_or(text.len(), |end| body + end + close.len()))
}

/// Length of a `"…"` at the start.
fn plain_string(text: &str) -> usize {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Whether `word` stands in `code` as a whole word.
fn names(code: &str, word: &str) -> bool {
    code.match_indices(word).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        let after = code[at + word.len()..].chars().next();
        !before.is_some_and(is_word) && !after.is_some_and(is_word)
    })
}

/// Whether a line has `library::…` or `use library`; a module `x::library` is something else.
fn names_library(line: &str, library: &str) -> bool {
    line.match_indices(library).any(|(at, _)| {
        let (before, after) = (&line[..at], &line[at + library.len()..]);
        let begins = !before.ends_with("::") && !before.ends_with(is_word);
        begins && (after.starts_with("::") || (before.ends_with("use ") && !after.starts_with(is_word)))
    })
}

/// The modules of the crate that a file names, with line numbers: `crate::a`, `crate::{a, b::c}`, and `super::` where it means the root.
fn edges(module: &str, depth: usize, code: &str) -> Vec<(usize, String)> {
    let mut roots = vec!["crate::".to_owned()];
    if depth > 0 {
        roots.push("super::".repeat(depth));
    }
    let mut edges = Vec::new();
    for root in &roots {
        for (at, _) in code.match_indices(root.as_str()) {
            let before = &code[..at];
            if before.chars().next_back().is_some_and(is_word) || before.ends_with("super::") || before.ends_with('$') {
                continue;
            }
            let line = before.matches('\n').count() + 1;
            let rest = &code[at + root.len()..];
            edges.extend(first_segments(rest).into_iter().filter(|to| to != module).map(|to| (line, to)));
        }
    }
    edges
}

/// `a::b` → a; `{a::{x, y}, b}` → a, b.
fn first_segments(path: &str) -> Vec<String> {
    let word = |text: &str| text.trim_start().chars().take_while(|c| is_word(*c)).collect::<String>();
    let Some(group) = path.strip_prefix('{') else { return vec![word(path)] };
    let (mut depth, mut begin, mut found) = (0, 0, Vec::new());
    for (at, character) in group.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                found.push(word(&group[begin..at]));
                begin = at + 1;
                if character == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    found.retain(|segment| !segment.is_empty() && segment != "self");
    found
}

/// The signatures that other files see: `pub fn` up to its body, other `pub` lines as they are.
fn public_signatures(code: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut at = 0;
    for (line, text) in code.split_inclusive('\n').enumerate() {
        let trimmed = text.trim_start();
        if trimmed.starts_with("pub ") {
            let begin = at + (text.len() - trimmed.len());
            let function = trimmed.split(['(', '{']).next().is_some_and(|head| names(head, "fn"));
            let end = if function { code[begin..].find(['{', ';']) } else { code[begin..].find('\n') };
            found.push((line + 1, &code[begin..end.map_or(code.len(), |end| begin + end)]));
        }
        at += text.len();
    }
    found
}

/// Everything that a file does against the plan; `path` is relative to `src`.
fn faults(path: &str, text: &str) -> Vec<String> {
    let production = without_tests(text);
    let code = code_only(production);
    let parts: Vec<&str> = path.trim_end_matches(".rs").split('/').collect();
    let module = parts[0];
    // `a.rs` and `a/mod.rs` are one below the root, `a/b.rs` two.
    let depth = parts.iter().filter(|part| **part != "mod").count();
    let mut faults = Vec::new();
    let mut fault = |line: usize, what: String| faults.push(format!("src/{path}:{line}: {what}"));

    let lines = production.lines().count();
    if lines > LONGEST_FILE {
        fault(lines, format!("{lines} lines before the tests; split it past {LONGEST_FILE}"));
    }
    for (library, homes) in PRIVATE_LIBRARIES {
        for (number, line) in code.lines().enumerate() {
            if !homes.contains(&module) && names_library(line, library) {
                fault(number + 1, format!("names `{library}`, which belongs to {homes:?} only"));
            }
        }
    }
    for (line, signature) in public_signatures(&code) {
        for name in PRIVATE_TYPES.iter().filter(|name| names(signature, name)) {
            fault(line, format!("`{name}` in a public signature"));
        }
    }
    if module == "lib" {
        return faults;
    }
    let Some(own) = floor(module) else {
        fault(1, format!("`{module}` has no floor; put it in docs/architecture.md and in this test"));
        return faults;
    };
    if own == FLOORS.len() - 1 {
        return faults; // The binary: its `crate` is itself, the library is all below.
    }
    for (line, to) in edges(module, depth, &code) {
        match floor(&to) {
            None => fault(line, format!("`{to}` has no floor")),
            Some(other) if other > own => fault(line, format!("upward: `{module}` (floor {own}) uses `{to}` (floor {other})")),
            Some(other) if other == own && own != 0 => fault(line, format!("sideways on floor {own}: `{module}` uses `{to}`")),
            Some(_) => {}
        }
    }
    faults
}

/// Whether a file is not a module of tests: those outside their parent are called `tests.rs` or `x_tests.rs`.
fn is_production(file: &Path) -> bool {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    stem != "tests" && !stem.ends_with("_tests")
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of sources can be read") {
        let path = entry.expect("its entries too").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn sources_keep_the_floor_plan() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    files.sort();
    assert!(files.len() > 10, "the sources are found");
    let found: Vec<String> = files
        .iter()
        .filter(|file| is_production(file))
        .flat_map(|file| {
            let path = file.strip_prefix(&src).unwrap().to_string_lossy().replace('\\', "/");
            faults(&path, &fs::read_to_string(file).unwrap())
        })
        .collect();
    assert!(found.is_empty(), "against the floor plan:\n{}", found.join("\n"));
}

#[track_caller]
fn caught(path: &str, text: &str, part: &str) {
    let found = faults(path, text);
    assert!(found.iter().any(|fault| fault.contains(part)), "`{part}` not found in {found:?} for {path}:\n{text}");
}

#[track_caller]
fn fine(path: &str, text: &str) {
    assert_eq!(faults(path, text), Vec::<String>::new(), "{path}:\n{text}");
}

#[test]
fn upward_and_sideways_edges_are_caught() {
    caught("coverage.rs", "use crate::gap::Gap;", "upward: `coverage` (floor 6) uses `gap` (floor 7)");
    caught("gap.rs", "use crate::overlap::Overlap;", "sideways on floor 7");
    caught("calendar.rs", "use crate::crs::LonLat;", "sideways on floor 1");
    caught("siting/greedy.rs", "use crate::{id::SiteIdx, mobile::{Stop, Tour}};", "sideways on floor 8: `siting` uses `mobile`");
    caught("siting/greedy.rs", "use super::super::mobile::Stop;", "sideways on floor 8");
    caught("gap.rs", "use super::access::Equity;", "sideways on floor 7");
    caught("gap.rs", "fn a() {\n    crate::pipeline::run();\n}", "src/gap.rs:2: upward");
    caught("gap.rs", "use crate::helpers::x;", "`helpers` has no floor");
    caught("helpers.rs", "", "`helpers` has no floor");
    caught("gap.rs", "#[cfg(test)]\nuse crate::siting::solve;\nfn a() {}", "upward");
}

#[test]
fn downward_edges_folders_and_tests_are_fine() {
    fine(
        "gap.rs",
        "use crate::coverage::Coverage;\nuse crate::{\n    domain::{demand::DemandCube, site},\n    id::DemandIdx,\n};",
    );
    fine("domain/candidate.rs", "use crate::domain::site::StationKind;\nuse super::demand::DemandCell;");
    fine("siting/greedy.rs", "use super::model::Problem;\nuse crate::siting::bound;");
    fine("message.rs", "use crate::quantity::Share;");
    fine("output/verify.rs", "use crate::siting::check;");
    fine("cli/commands.rs", "use super::Console;\nuse yizhan::pipeline::run;");
    fine("gap.rs", "fn a() {}\n\n#[cfg(test)]\nmod tests {\n    use crate::synth::synth;\n}");
    fine(
        "gap.rs",
        "//! See crate::pipeline.\n/* use crate::siting::x; */\nconst A: &str = \"use crate::siting::x; \\\" proj::\";\nconst B: char = '\"';",
    );
    fine("gap.rs", "const A: &str = r#\"polars:: \"crate::siting\"\"#;");
}

#[test]
fn libraries_out_of_their_file_are_caught() {
    caught("catchment.rs", "use rstar::RTree;", "`rstar`");
    caught("ingest/events.rs", "let p = proj::Proj::new(x);", "`proj`");
    caught("gap.rs", "use polars::prelude::*;", "`polars`");
    caught("gap.rs", "use polars;", "`polars`");
    caught("output/map.rs", "let a: crate::x::A = b(proj::c());", "`proj`");
    fine("crs.rs", "use proj::Proj;");
    fine("gap.rs", "use crate::domain::polars::x;");
    fine("output/tables.rs", "use polars::prelude::*;");
    fine("gap.rs", "use crate::crs::Planar; // not proj::Proj\nfn a() { let reproj = 1; }");
}

#[test]
fn foreign_types_in_public_signatures_are_caught() {
    caught("ingest/demand.rs", "pub fn read(\n    path: &Path,\n) -> Result<DataFrame, E> {\n}", "`DataFrame`");
    caught("spatial_index.rs", "pub struct Index(pub RTree<P>);", "`RTree`");
    caught("crs.rs", "pub struct P {\n    pub inner: Proj,\n}", "`Proj`");
    caught("output/report.rs", "pub const fn a(v: &serde_json::Value) {}", "serde_json::Value");
    fine(
        "crs.rs",
        "pub struct Projector {\n    proj: Proj,\n}\npub fn project(p: &Projector) -> Planar {\n    let q: Proj = x;\n}",
    );
    fine("ingest/demand.rs", "pub(super) fn read() -> DataFrame {\n}");
}

#[test]
fn long_files_are_caught_before_their_tests() {
    let long = "fn a() {}\n".repeat(LONGEST_FILE + 1);
    caught("gap.rs", &long, "501 lines");
    fine("gap.rs", &format!("fn a() {{}}\n#[cfg(test)]\nmod tests {{\n{long}}}\n"));
}
