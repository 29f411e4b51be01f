//! What `yizhan network` prints: streets by mode and class, and the largest islands.

use std::fmt::Write as _;
use std::path::Path;

use yizhan::message::{Lang, Message, term};
use yizhan::network::{Graph, Measure, Mode, Profile, Streets, Summary};

/// Islands that are listed.
const ISLANDS: usize = 5;

/// The account of a network, for a person.
pub fn summary_text(file: &Path, streets: &Streets, summary: &Summary, lang: Lang) -> String {
    let head = Message::new("N210")
        .with("file", file.display())
        .with("nodes", summary.nodes)
        .with("edges", summary.edges)
        .with("street_ways", summary.source.street_ways)
        .with("ways", summary.source.ways);
    let mut text = head.render(lang);
    table(&mut text, term("net_modes", lang), &modes(summary, lang));
    table(&mut text, term("net_classes", lang), &classes(summary, lang));
    let islands = islands(streets, lang);
    if islands.len() > 1 {
        table(&mut text, term("net_islands", lang), &islands);
    }
    text
}

fn km(length_mm: u64) -> String {
    format!("{:.1}", length_mm as f64 / 1e6)
}

fn head(keys: &[&str], lang: Lang) -> Vec<String> {
    keys.iter().map(|key| term(key, lang).to_owned()).collect()
}

fn modes(summary: &Summary, lang: Lang) -> Vec<Vec<String>> {
    let keys = ["net_mode", "net_edges", "net_km", "net_oneway", "net_longest", "net_island_count", "net_island_km"];
    let mut rows = vec![head(&keys, lang)];
    rows.extend(summary.modes.iter().map(|row| {
        let name = term(mode_key(row.mode), lang).to_owned();
        let counts = [row.edges.to_string(), km(row.length_mm), km(row.oneway_mm), km(row.longest.length_mm)];
        let islands = [row.islands.to_string(), km(row.on_islands.length_mm)];
        std::iter::once(name).chain(counts).chain(islands).collect()
    }));
    rows
}

fn mode_key(mode: Mode) -> &'static str {
    match mode {
        Mode::Walk => "mode_walk",
        Mode::Ebike => "mode_ebike",
        Mode::Drive => "mode_drive",
    }
}

fn classes(summary: &Summary, lang: Lang) -> Vec<Vec<String>> {
    let mut rows = vec![head(&["net_class", "net_edges", "net_km", "mode_walk", "mode_ebike", "mode_drive"], lang)];
    rows.extend(summary.classes.iter().map(|(name, row)| {
        let first = [name.clone(), row.edges.to_string(), km(row.length_mm)];
        first.into_iter().chain(row.open_mm.map(km)).collect()
    }));
    rows
}

fn islands(streets: &Streets, lang: Lang) -> Vec<Vec<String>> {
    let mut rows = vec![head(&["net_at", "net_way", "net_edges", "net_km"], lang)];
    let graph = Graph::new(streets, Profile::new(Mode::Walk, Measure::Length));
    rows.extend(graph.components().island_rows(streets).iter().take(ISLANDS).map(|island| {
        let at = island.at.lon_lat();
        let place = format!("{:.5}, {:.5}", at.lon(), at.lat());
        vec![place, island.way.to_string(), island.part.edges.to_string(), km(island.part.length_mm)]
    }));
    rows
}

/// Columns a character takes on a terminal.
fn width(text: &str) -> usize {
    text.chars().map(|c| if u32::from(c) >= 0x2e80 { 2 } else { 1 }).sum()
}

/// Appends rows under a title, the first column to the left, figures to the right.
fn table(text: &mut String, title: &str, rows: &[Vec<String>]) {
    let columns = rows.first().map_or(0, Vec::len);
    let widths: Vec<usize> = (0..columns).map(|column| rows.iter().map(|row| width(&row[column])).max().unwrap_or(0)).collect();
    let _ = write!(text, "\n\n{title}");
    for row in rows {
        text.push_str("\n ");
        for (column, cell) in row.iter().enumerate() {
            let blank = " ".repeat(widths[column] - width(cell));
            let _ = if column == 0 { write!(text, " {cell}{blank}") } else { write!(text, "  {blank}{cell}") };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_in_both_scripts() {
        let mut text = String::new();
        let row = |a: &str, b: &str| vec![a.to_owned(), b.to_owned()];
        table(&mut text, "t", &[row("方式", "km"), row("walk", "12.5")]);
        assert_eq!(text, "\n\nt\n  方式    km\n  walk  12.5");
    }
}
