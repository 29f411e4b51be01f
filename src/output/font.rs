//! The one font of maps and charts, compiled in: a subset of Noto Sans CJK SC (see `fonts/README.md`).
//!
//! No system font is ever read. Widths come from the font's own advance table, and the subset has no kerning: a measured label is
//! exactly as wide as a drawn one.

use std::sync::{Arc, LazyLock};

use ab_glyph::{Font as _, FontRef};
use plotters::style::{FontStyle, register_font};
use resvg::usvg::fontdb;

/// Family name of the compiled-in font.
pub const FAMILY: &str = "Noto Sans CJK SC";

/// The family list written to SVG files: the font itself, then its look-alikes for a reader who doesn't have it.
pub(super) const FAMILIES: &str = "Noto Sans CJK SC, Source Han Sans SC, PingFang SC, Microsoft YaHei, sans-serif";

/// The font file.
static FILE: &[u8] = include_bytes!("fonts/NotoSansCJKsc-subset.otf");

static FACE: LazyLock<FontRef<'static>> =
    LazyLock::new(|| FontRef::try_from_slice(FILE).expect("invariant: the compiled-in font is checked by a test"));

/// Registers the font with plotters, Normal and Bold (there is one weight), once for the program.
static REGISTERED: LazyLock<()> = LazyLock::new(|| {
    for family in [FAMILY, FAMILIES] {
        for style in [FontStyle::Normal, FontStyle::Bold] {
            let known = register_font(family, style, FILE).is_ok();
            assert!(known, "invariant: the compiled-in font is checked by a test");
        }
    }
});

static DATABASE: LazyLock<Arc<fontdb::Database>> = LazyLock::new(|| {
    let mut database = fontdb::Database::new();
    database.load_font_source(fontdb::Source::Binary(Arc::new(FILE)));
    database.set_sans_serif_family(FAMILY);
    Arc::new(database)
});

/// Makes the font known to plotters under [`FAMILY`]; calling it again does nothing.
pub fn register() {
    LazyLock::force(&REGISTERED);
}

/// A font database that holds this font and no other.
pub(super) fn database() -> Arc<fontdb::Database> {
    Arc::clone(&DATABASE)
}

/// The first character of `text` that the font can't draw (control characters are among them).
pub fn missing_glyph(text: &str) -> Option<char> {
    text.chars().find(|&character| FACE.glyph_id(character).0 == 0)
}

/// Width of `text` in ems.
pub fn width_em(text: &str) -> f64 {
    let units: f32 = text.chars().map(|character| FACE.h_advance_unscaled(FACE.glyph_id(character))).sum();
    f64::from(units) / f64::from(FACE.units_per_em().unwrap_or(1000.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_font_loads_everywhere_under_its_name() {
        register();
        let database = database();
        let families: Vec<&str> = database.faces().flat_map(|face| &face.families).map(|(name, _)| name.as_str()).collect();
        assert_eq!(families, [FAMILY]);
    }

    #[test]
    fn it_has_the_words_of_the_field_and_says_what_it_lacks() {
        let text = "户外劳动者驿站 驛站 智能柜 松花江 道里区 镕 ㎡ ≤500 m ①②③ “示意图” 审图号：GS（2025）0001号 — é";
        assert_eq!(missing_glyph(text), None);
        assert_eq!(missing_glyph("驿站𰻝"), Some('𰻝'));
        assert_eq!(missing_glyph("两\n行"), Some('\n'));
    }

    #[test]
    fn han_characters_are_one_em_wide() {
        assert!((width_em("驿站") - 2.0).abs() < 1e-9);
        assert!(width_em("il") < 1.0);
    }
}
