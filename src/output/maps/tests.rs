//! Every map of the demo city in both languages. `MAPS_OUT=DIR cargo test the_demo_city_is_drawn` keeps them to be looked at.

use std::path::Path;

use super::*;
use crate::output::clear;
use crate::progress::Silent;

fn keep(lang: &str, files: &[(String, Vec<u8>)]) {
    let Some(folder) = std::env::var_os("MAPS_OUT") else { return };
    for (name, bytes) in files {
        let path = Path::new(&folder).join(lang).join(name);
        std::fs::create_dir_all(path.parent().expect("has a folder")).expect("makes a folder");
        std::fs::write(path, bytes).expect("writes");
    }
}

#[test]
fn the_demo_city_is_drawn_in_both_languages_with_the_same_bytes_twice() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/daoli/scenario.toml");
    let scenario = crate::scenario::load(&path).expect("valid scenario");
    let findings = crate::pipeline::analyse(&scenario, &Silent).expect("runs");
    for (lang, name) in [(Lang::Zh, "zh"), (Lang::En, "en")] {
        let files = draw(&clear(&findings, &scenario), &scenario, lang, "0123456789ab").expect("draws: no glyph is missing");
        keep(name, &files);
        let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names.len(), 2 * (4 + scenario.days.len() + scenario.bus_days.len()), "{names:?}");
        assert!(names.contains(&"maps/gaps-autumn-weekday.png") && names.contains(&"maps/near-duplicates.svg"), "{names:?}");
        assert_eq!(files, draw(&clear(&findings, &scenario), &scenario, lang, "0123456789ab").expect("draws again"));
        for (name, sheet) in sheets(&clear(&findings, &scenario), &scenario, lang, "0123456789ab").expect("projects") {
            let text = [sheet.notes.concat(), sheet.subtitle].concat();
            for part in ["gb50180_10min@1", "EPSG:4551", "0123456789ab", "2025-10", " m"] {
                assert!(text.contains(part), "{name} says {part}: {text}");
            }
        }
    }
}
