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
        let files = draw(&clear(&findings), &scenario, lang, "0123456789ab").expect("draws: no glyph is missing");
        keep(name, &files);
        let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names.len(), 2 * (8 + scenario.days.len() + scenario.bus_days.len()), "{names:?}");
        assert!(names.contains(&"maps/gaps-autumn-weekday.png") && names.contains(&"maps/near-duplicates.svg"), "{names:?}");
        assert_eq!(files, draw(&clear(&findings), &scenario, lang, "0123456789ab").expect("draws again"));
        for (name, sheet) in sheets(&clear(&findings), &scenario, lang, "0123456789ab").expect("projects") {
            let text = [sheet.notes.concat(), sheet.subtitle].concat();
            for part in ["gb50180_10min@1", "EPSG:4551", "0123456789ab", "2025-10", " m"] {
                assert!(text.contains(part), "{name} says {part}: {text}");
            }
        }
    }
}

/// Resolution of the golden images: letters are still told apart.
const GOLDEN_DPI: f64 = 50.0;

/// Mean difference of a channel from 0 to 255, and the share of pixels in which some channel differs by more than a fifth; none when
/// the sizes differ.
fn difference(a: &[u8], b: &[u8]) -> Option<(f64, f64)> {
    let read = |png: &[u8]| resvg::tiny_skia::Pixmap::decode_png(png).expect("a PNG");
    let (a, b) = (read(a), read(b));
    if (a.width(), a.height()) != (b.width(), b.height()) {
        return None;
    }
    let apart = |(a, b): (&u8, &u8)| a.abs_diff(*b);
    let total: u64 = a.data().iter().zip(b.data()).map(|pair| u64::from(apart(pair))).sum();
    let is_other = |(a, b): (&[u8], &[u8])| a.iter().zip(b).any(|pair| apart(pair) > 51);
    let other = a.data().chunks(4).zip(b.data().chunks(4)).filter(|pair| is_other(*pair)).count();
    Some((total as f64 / a.data().len() as f64, other as f64 / (a.data().len() / 4) as f64))
}

/// Alike to the eye: what another version of the rasteriser does to edges, and no more.
fn is_alike(found: Option<(f64, f64)>) -> bool {
    found.is_some_and(|(mean, other)| mean <= 1.0 && other <= 0.005)
}

#[test]
fn the_maps_of_the_demo_city_look_as_they_did() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let scenario = crate::scenario::load(&root.join("data/daoli/scenario.toml")).expect("valid scenario");
    let findings = crate::pipeline::analyse(&scenario, &Silent).expect("runs");
    let sheets = sheets(&clear(&findings), &scenario, Lang::Zh, "0123456789ab").expect("projects");
    let draw = |(name, sheet): &(String, Sheet)| {
        let svg = draw_svg(sheet, SheetSize::A4).expect("draws");
        (name.clone(), rasterise(&svg, GOLDEN_DPI).expect("rasterises"))
    };
    let drawn: Vec<(String, Vec<u8>)> = sheets.par_iter().map(draw).collect();
    let golden = |name: &str| root.join("tests/golden/maps").join(format!("{name}.png"));
    if std::env::var_os("BLESS").is_some() {
        std::fs::create_dir_all(root.join("tests/golden/maps")).expect("makes a folder");
        drawn.iter().for_each(|(name, png)| std::fs::write(golden(name), png).expect("writes"));
        return;
    }
    let kept: Vec<Vec<u8>> =
        drawn.iter().map(|(name, _)| std::fs::read(golden(name)).unwrap_or_else(|e| panic!("{name}: {e}"))).collect();
    for ((name, png), kept) in drawn.iter().zip(&kept) {
        let found = difference(png, kept);
        assert!(is_alike(found), "{name} looks otherwise: {found:?}; look at it, then BLESS=1 keeps it");
    }
    // The measure tells sheets apart, those of one layer on two days too.
    for (row, kept) in kept.iter().enumerate() {
        assert!(drawn.iter().enumerate().all(|(other, (_, png))| other == row || !is_alike(difference(png, kept))));
    }
}
