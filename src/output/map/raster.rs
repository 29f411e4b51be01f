//! From SVG to PNG with resvg, using the compiled-in font and no other; the PNG states its resolution.

use resvg::tiny_skia::{Color, Pixmap, Transform};
use resvg::usvg::{Options, Tree};

use super::MapError;
use crate::output::font;

/// Rasterises a sheet; the sheet's millimetres become pixels at `dpi` (150 gives 1754 × 1240 for A4). Same SVG, same bytes.
///
/// # Errors
/// When `svg` isn't an SVG image, or `dpi` gives an image of no size or of more than 20,000 pixels a side.
pub fn rasterise(svg: &str, dpi: f64) -> Result<Vec<u8>, MapError> {
    let cannot = |cause: String| MapError::Raster { cause };
    if !(10.0..=2400.0).contains(&dpi) {
        return Err(cannot(format!("{dpi} dots per inch; 10 to 2400 are possible")));
    }
    let options = Options { dpi: dpi as f32, fontdb: font::database(), font_family: font::FAMILY.into(), ..Options::default() };
    let tree = Tree::from_str(svg, &options).map_err(|e| cannot(e.to_string()))?;
    let size = tree.size();
    let (width, height) = (size.width().round() as u32, size.height().round() as u32);
    if width > 20_000 || height > 20_000 {
        return Err(cannot(format!("{width} × {height} pixels are too many")));
    }
    let mut pixels = Pixmap::new(width, height).ok_or_else(|| cannot(format!("no image has {width} × {height} pixels")))?;
    pixels.fill(Color::WHITE);
    let fit = Transform::from_scale(width as f32 / size.width(), height as f32 / size.height());
    resvg::render(&tree, fit, &mut pixels.as_mut());
    let png = pixels.encode_png().map_err(|e| cannot(e.to_string()))?;
    Ok(with_resolution(&png, dpi))
}

/// Adds a `pHYs` chunk behind the header, so that the image is inserted at its real size.
fn with_resolution(png: &[u8], dpi: f64) -> Vec<u8> {
    const HEADER: usize = 8 + 25;
    let per_metre = (dpi / 0.0254).round() as u32;
    let mut chunk = b"pHYs".to_vec();
    chunk.extend(per_metre.to_be_bytes());
    chunk.extend(per_metre.to_be_bytes());
    chunk.push(1);
    let (header, rest) = png.split_at(HEADER.min(png.len()));
    let length = (chunk.len() as u32 - 4).to_be_bytes();
    [header, &length, &chunk, &crc32(&chunk).to_be_bytes(), rest].concat()
}

/// CRC-32 as PNG wants it (ISO 3309).
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
    !bytes.iter().fold(u32::MAX, |crc, &byte| (0..8).fold(crc ^ u32::from(byte), step))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(text: &str) -> Vec<u8> {
        let svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"40\" height=\"40\"><text x=\"4\" y=\"32\" \
             font-family=\"{}\" font-size=\"30\">{text}</text></svg>",
            font::FAMILIES
        );
        rasterise(&svg, 96.0).expect("draws")
    }

    #[test]
    fn different_characters_leave_different_ink() {
        let (post, stand, blank) = (label("驿"), label("站"), label(" "));
        assert_ne!(post, stand, "two boxes would be the same");
        assert_ne!(post, blank);
        assert_eq!(post, label("驿"));
    }

    #[test]
    fn the_crc_is_the_one_of_png() {
        assert_eq!(crc32(b"IEND"), 0xae42_6082);
    }

    #[test]
    fn what_is_no_image_is_refused() {
        assert!(rasterise("驿站", 150.0).is_err());
        assert!(rasterise("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"4\" height=\"4\"/>", 0.0).is_err());
    }
}
