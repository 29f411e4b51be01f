//! `docs/errors.md` lists every message code with the sentences the program uses, and no other code.
//!
//! After a change of `src/text/*.toml`, `BLESS=1 cargo test --release --test integration docs_index` writes the table again.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use yizhan::message::{Lang, codes, term};

const BEGIN: &str = "<!-- codes: begin -->\n";
const END: &str = "<!-- codes: end -->";

/// `L001`: a capital letter and three digits. Other keys are words, not codes.
fn is_code(key: &str) -> bool {
    let bytes = key.as_bytes();
    bytes.len() == 4 && bytes[0].is_ascii_uppercase() && bytes[1..].iter().all(u8::is_ascii_digit)
}

/// Rows `| L001 | zh | en |` between the two marks: code → the rest of the row.
fn documented(page: &str) -> BTreeMap<String, String> {
    let table = page.split_once(BEGIN).and_then(|(_, rest)| rest.split_once(END)).expect("docs/errors.md has both marks").0;
    let mut rows = BTreeMap::new();
    for line in table.lines() {
        let Some((code, sentences)) = line.strip_prefix("| ").and_then(|row| row.split_once(" | ")) else { continue };
        if is_code(code) {
            assert!(rows.insert(code.to_owned(), sentences.to_owned()).is_none(), "docs/errors.md lists {code} twice");
        }
    }
    rows
}

fn sentences(code: &str) -> String {
    let cell = |lang| term(code, lang).replace('|', "\\|").replace('\n', " ");
    format!("{} | {} |", cell(Lang::Zh), cell(Lang::En))
}

fn differences(documented: &BTreeMap<String, String>, used: &BTreeMap<String, String>) -> Vec<String> {
    let missing = used.keys().filter(|code| !documented.contains_key(*code)).map(|code| format!("{code} is not listed"));
    let unknown = documented.keys().filter(|code| !used.contains_key(*code)).map(|code| format!("{code} exists no more"));
    let other = used.iter().filter(|(code, row)| documented.get(*code).is_some_and(|listed| listed != *row));
    missing.chain(unknown).chain(other.map(|(code, _)| format!("{code} reads differently"))).collect()
}

#[test]
fn every_code_is_documented_and_every_documented_code_exists() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/errors.md");
    let page = fs::read_to_string(&path).unwrap();
    let used: BTreeMap<String, String> =
        codes().filter(|key| is_code(key)).map(|code| (code.to_owned(), sentences(code))).collect();
    assert!(!used.is_empty(), "there are codes");
    if std::env::var_os("BLESS").is_some() {
        let (head, rest) = page.split_once(BEGIN).unwrap();
        let (_, tail) = rest.split_once(END).unwrap();
        let rows: String = used.iter().map(|(code, row)| format!("| {code} | {row}\n")).collect();
        fs::write(&path, format!("{head}{BEGIN}| code | 中文 | English |\n|---|---|---|\n{rows}{END}{tail}")).unwrap();
        return;
    }
    let found = differences(&documented(&page), &used);
    assert!(found.is_empty(), "docs/errors.md: {found:#?}\nBLESS=1 writes the table again");
}

#[test]
fn the_comparison_sees_each_kind_of_difference() {
    let page =
        format!("text\n{BEGIN}| code | 中文 | English |\n|---|---|---|\n| A001 | 甲 | one |\n| A002 | 乙 | two |\n{END}\n");
    let rows = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        pairs.iter().map(|(code, row)| ((*code).to_owned(), (*row).to_owned())).collect()
    };
    let listed = documented(&page);
    assert_eq!(differences(&listed, &rows(&[("A001", "甲 | one |"), ("A002", "乙 | two |")])), Vec::<String>::new());
    assert_eq!(differences(&listed, &rows(&[("A001", "甲 | one |")])), ["A002 exists no more"]);
    let more = rows(&[("A001", "甲 | 1 |"), ("A002", "乙 | two |"), ("A003", "丙 | three |")]);
    assert_eq!(differences(&listed, &more), ["A003 is not listed", "A001 reads differently"]);
    assert!(is_code("L001") && !is_code("l001") && !is_code("L0001") && !is_code("time_left"));
}
