//! Colours of the map: sequential ramps that fall evenly in lightness (two of them are the halves of a diverging scale), and the fixed colours of ground, water and symbols.
//!
//! Ramps: ColorBrewer 2.0 (Harrower & Brewer 2003, The Cartographic Journal 40(1):27-37), schemes its authors mark as colour-blind
//! safe, resampled to equal steps of CIE L* so that the order also reads in grey print. "This product includes color
//! specifications and designs developed by Cynthia Brewer (<http://colorbrewer.org/>)."

/// A colour with its opacity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Colour {
    /// Red, green, blue.
    pub rgb: [u8; 3],
    /// 0 (nothing) to 1 (opaque).
    pub alpha: f64,
}

impl Colour {
    /// Near-black of text, frames and gap badges.
    pub const INK: Self = Self::hex(0x1a1f2b);
    /// Grey of secondary text.
    pub const MUTED: Self = Self::hex(0x5a6270);
    /// Grey of thin rules.
    pub const RULE: Self = Self::hex(0x9aa1ab);
    /// Paper.
    pub const PAPER: Self = Self::hex(0xffffff);
    /// Ground where nothing is known or asked.
    pub const GROUND: Self = Self::hex(0xf8f8f5);
    /// Water.
    pub const WATER: Self = Self::hex(0xcfe3f1);
    /// Shore line.
    pub const SHORE: Self = Self::hex(0x8fb8d6);
    /// Cells whose value is withheld.
    pub const WITHHELD: Self = Self::hex(0xe4e4e4);

    /// An opaque colour from `0xRRGGBB`.
    pub const fn hex(rgb: u32) -> Self {
        Self { rgb: [(rgb >> 16) as u8, (rgb >> 8) as u8, rgb as u8], alpha: 1.0 }
    }

    /// The same colour at another opacity.
    #[must_use]
    pub const fn with_alpha(self, alpha: f64) -> Self {
        Self { rgb: self.rgb, alpha }
    }

    /// CIE L* (D65), 0 black to 100 white.
    pub fn lightness(self) -> f64 {
        to_lab(self.rgb)[0]
    }
}

/// A sequential ramp, light (little) to dark (much).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ramp {
    /// YlOrBr: demand. Warm, so that blue water and blue and green symbols stand off it.
    Demand,
    /// RdPu: demand that isn't covered.
    Unmet,
    /// YlGn: service that is there (access, coverage).
    Service,
    /// The green half of PiYG: more than before, in the hue of service.
    Gain,
    /// The pink half of PiYG: less than before, in the hue of unmet demand.
    Loss,
}

/// Lightest and darkest step: the lightest is told from paper, symbols are still seen on the darkest.
const LIGHTNESS: [f64; 2] = [92.0, 50.0];

/// Share of the scheme's chroma that is kept: a field of cells is calmer than a row of legend boxes, and symbols stand off it.
const CHROMA: f64 = 0.8;

impl Ramp {
    /// `count` colours, light to dark, at equal steps of lightness.
    pub fn colours(self, count: usize) -> Vec<Colour> {
        let anchors: Vec<[f64; 3]> = self.anchors().iter().map(|&hex| to_lab(Colour::hex(hex).rgb)).collect();
        let [light, dark] = LIGHTNESS;
        let step = |index: usize| if count < 2 { 0.5 } else { index as f64 / (count - 1) as f64 };
        (0..count).map(|index| at_lightness(&anchors, light + (dark - light) * step(index))).collect()
    }

    /// Name of the scheme in ColorBrewer.
    pub fn scheme(self) -> &'static str {
        match self {
            Self::Demand => "YlOrBr",
            Self::Unmet => "RdPu",
            Self::Service => "YlGn",
            Self::Gain | Self::Loss => "PiYG",
        }
    }

    fn anchors(self) -> &'static [u32] {
        match self {
            Self::Demand => &[0xffffd4, 0xfee391, 0xfec44f, 0xfe9929, 0xec7014, 0xcc4c02, 0x8c2d04],
            Self::Unmet => &[0xfeebe2, 0xfcc5c0, 0xfa9fb5, 0xf768a1, 0xdd3497, 0xae017e, 0x7a0177],
            Self::Service => &[0xffffcc, 0xd9f0a3, 0xaddd8e, 0x78c679, 0x41ab5d, 0x238443, 0x005a32],
            Self::Gain => &[0xe6f5d0, 0xb8e186, 0x7fbc41, 0x4d9221, 0x276419],
            Self::Loss => &[0xfde0ef, 0xf1b6da, 0xde77ae, 0xc51b7d, 0x8e0152],
        }
    }
}

/// The colour of an anchor line (falling lightness) at a lightness, interpolated in CIE Lab.
fn at_lightness(anchors: &[[f64; 3]], lightness: f64) -> Colour {
    let next = anchors.iter().position(|lab| lab[0] <= lightness).unwrap_or(anchors.len() - 1).max(1);
    let (from, to) = (anchors[next - 1], anchors[next]);
    let part = ((from[0] - lightness) / (from[0] - to[0])).clamp(-0.5, 1.0);
    let mix = |axis: usize| CHROMA * (from[axis] + (to[axis] - from[axis]) * part);
    Colour { rgb: from_lab([lightness, mix(1), mix(2)]), alpha: 1.0 }
}

const WHITE: [f64; 3] = [0.950_47, 1.0, 1.088_83];

fn to_lab(rgb: [u8; 3]) -> [f64; 3] {
    let [r, g, b] = rgb.map(|byte| {
        let v = f64::from(byte) / 255.0;
        if v <= 0.040_45 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
    });
    let x = 0.412_456_4 * r + 0.357_576_1 * g + 0.180_437_5 * b;
    let y = 0.212_672_9 * r + 0.715_152_2 * g + 0.072_175_0 * b;
    let z = 0.019_333_9 * r + 0.119_192_0 * g + 0.950_304_1 * b;
    let f = |v: f64| if v > 216.0 / 24389.0 { v.cbrt() } else { (24389.0 / 27.0 * v + 16.0) / 116.0 };
    let [fx, fy, fz] = [f(x / WHITE[0]), f(y / WHITE[1]), f(z / WHITE[2])];
    [116.0 * fy - 16.0, 500.0 * (fx - fy), 200.0 * (fy - fz)]
}

fn from_lab([l, a, b]: [f64; 3]) -> [u8; 3] {
    let fy = (l + 16.0) / 116.0;
    let g = |f: f64| if f * f * f > 216.0 / 24389.0 { f * f * f } else { (116.0 * f - 16.0) * 27.0 / 24389.0 };
    let [x, y, z] = [WHITE[0] * g(fy + a / 500.0), WHITE[1] * g(fy), WHITE[2] * g(fy - b / 200.0)];
    let linear = [
        3.240_454_2 * x - 1.537_138_5 * y - 0.498_531_4 * z,
        -0.969_266_0 * x + 1.876_010_8 * y + 0.041_556_0 * z,
        0.055_643_4 * x - 0.204_025_9 * y + 1.057_225_2 * z,
    ];
    linear.map(|v| {
        let v = if v <= 0.003_130_8 { 12.92 * v } else { 1.055 * v.powf(1.0 / 2.4) - 0.055 };
        (v.clamp(0.0, 1.0) * 255.0).round() as u8
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lightness_falls_in_even_steps() {
        for ramp in [Ramp::Demand, Ramp::Unmet, Ramp::Service, Ramp::Gain, Ramp::Loss] {
            for count in 2..=7 {
                let colours = ramp.colours(count);
                let even = (LIGHTNESS[0] - LIGHTNESS[1]) / (count - 1) as f64;
                for pair in colours.windows(2) {
                    let step = pair[0].lightness() - pair[1].lightness();
                    assert!((step - even).abs() < 1.5, "{ramp:?} of {count}: step {step}, even would be {even}");
                }
            }
        }
    }

    /// Machado, Oliveira & Fernandes 2009 (IEEE TVCG 15(6)), severity 1: how a colour-blind person sees linear red, green, blue.
    const COLOUR_BLIND: [(&str, [[f64; 3]; 3]); 3] = [
        (
            "protanopia",
            [[0.152_286, 1.052_583, -0.204_868], [0.114_503, 0.786_281, 0.099_216], [-0.003_882, -0.048_116, 1.051_998]],
        ),
        (
            "deuteranopia",
            [[0.367_322, 0.860_646, -0.227_968], [0.280_085, 0.672_501, 0.047_413], [-0.011_820, 0.042_940, 0.968_881]],
        ),
        (
            "tritanopia",
            [[1.255_528, -0.076_749, -0.178_779], [-0.078_411, 0.930_809, 0.147_602], [0.004_733, 0.691_367, 0.303_900]],
        ),
    ];

    #[test]
    fn gain_and_loss_are_told_apart_by_the_colour_blind() {
        let seen = |colour: Colour, eye: &[[f64; 3]; 3]| {
            let linear = colour.rgb.map(|byte| {
                let v = f64::from(byte) / 255.0;
                if v <= 0.040_45 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
            });
            to_lab(eye.map(|row| {
                let v: f64 = row.iter().zip(linear).map(|(a, b)| a * b).sum();
                let v = if v <= 0.003_130_8 { 12.92 * v } else { 1.055 * v.powf(1.0 / 2.4) - 0.055 };
                (v.clamp(0.0, 1.0) * 255.0).round() as u8
            }))
        };
        for (name, eye) in &COLOUR_BLIND {
            for (gain, loss) in Ramp::Gain.colours(4).into_iter().zip(Ramp::Loss.colours(4)) {
                let (a, b) = (seen(gain, eye), seen(loss, eye));
                let apart = a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt();
                assert!(apart > 12.0, "{name}: {gain:?} and {loss:?} are only {apart} apart in CIE Lab");
            }
        }
    }

    #[test]
    fn lab_and_back() {
        for rgb in [[0, 0, 0], [255, 255, 255], [12, 200, 99], [254, 153, 41]] {
            assert_eq!(from_lab(to_lab(rgb)), rgb);
        }
    }
}
