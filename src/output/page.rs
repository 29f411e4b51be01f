//! `report.html`: one file that opens from disk with no network: a map with season, day and hour, cards, tables and charts.
//!
//! Input: findings and scenario. Output: a page in both languages, the same bytes every time. The data stand in the page as one
//! compressed block (`data` gathers it, `block` encodes it), so that a province stays small enough to open: demand is whole numbers
//! by cell and hour, reach is two bits a season for each pair, and the page itself counts what is covered.
//! Nothing is fetched: scripts, styles and Leaflet are in the page, and its policy allows no request.

mod block;
mod data;

use super::disclosure::Cleared;
use super::features::Layers;
use super::{cannot_make, escaped};
use crate::findings::RunError;
use crate::message::Lang;
use crate::scenario::Scenario;

/// The page's own scripts, in the order in which they run.
const SCRIPTS: [&str; 16] = [
    include_str!("page/words.js"),
    include_str!("page/dom.js"),
    include_str!("page/data.js"),
    include_str!("page/model.js"),
    include_str!("page/colours.js"),
    include_str!("page/draw.js"),
    include_str!("page/items.js"),
    include_str!("page/map.js"),
    include_str!("page/legend.js"),
    include_str!("page/controls.js"),
    include_str!("page/panel.js"),
    include_str!("page/figures.js"),
    include_str!("page/cards.js"),
    include_str!("page/search.js"),
    include_str!("page/tables.js"),
    include_str!("page/main.js"),
];

/// The page as bytes.
///
/// # Errors
/// When a position can't be turned into degrees, or the data can't be encoded.
pub(super) fn page(
    cleared: &Cleared<'_>,
    scenario: &Scenario,
    lang: Lang,
    run: &str,
    layers: &Layers,
) -> Result<Vec<u8>, RunError> {
    let data = data::gather(cleared, scenario, run, layers)?;
    let data = block::encode(&data).map_err(|e| cannot_make("report.html", e))?;
    let title = cleared.writer(scenario, lang).pick(&scenario.file.title);
    let parts = [
        ("{{lang}}", if lang == Lang::Zh { "zh" } else { "en" }.to_owned()),
        ("{{title}}", escaped(title)),
        ("{{leaflet_css}}", include_str!("page/leaflet/leaflet.css").to_owned()),
        ("{{style}}", include_str!("page/style.css").to_owned()),
        ("{{leaflet}}", include_str!("page/leaflet/leaflet.js").to_owned()),
        ("{{app}}", SCRIPTS.join("\n")),
        ("{{data}}", data),
    ];
    Ok(filled(include_str!("page/index.html"), &parts).into_bytes())
}

/// The template with its markers replaced, each where it stands; what is put in is not searched again.
fn filled(template: &str, parts: &[(&str, String)]) -> String {
    let mut places: Vec<(usize, &str, &String)> =
        parts.iter().filter_map(|(marker, text)| Some((template.find(marker)?, *marker, text))).collect();
    places.sort_unstable();
    let (mut page, mut from) = (String::new(), 0);
    for (at, marker, text) in places {
        page.push_str(&template[from..at]);
        page.push_str(text);
        from = at + marker.len();
    }
    page + &template[from..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_are_filled_once_and_not_inside_each_other() {
        let parts = [("{{a}}", "{{b}}".to_owned()), ("{{b}}", "2".to_owned())];
        assert_eq!(filled("<{{a}}|{{b}}>", &parts), "<{{b}}|2>");
        assert_eq!(escaped("<b>\"&"), "&lt;b&gt;&quot;&amp;");
    }
}
