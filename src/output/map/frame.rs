//! Paper: the sheet's size, where its parts stand, and the one scale from metres to paper.
//!
//! Paper is measured in whole units of 1/20 mm, right and down from the top left corner.

use super::MapError;
use crate::crs::Planar;

/// Units of paper in a millimetre.
pub(super) const UNITS_PER_MM: f64 = 20.0;

/// Height of a caption over one of several maps, in millimetres.
const CAPTION_MM: f64 = 5.6;

/// A position on paper, in units.
pub(super) type Spot = (i32, i32);

/// Size of a sheet in millimetres.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SheetSize {
    /// Width in millimetres.
    pub width_mm: u32,
    /// Height in millimetres.
    pub height_mm: u32,
}

impl SheetSize {
    /// A4, landscape.
    pub const A4: Self = Self { width_mm: 297, height_mm: 210 };
    /// A3, landscape.
    pub const A3: Self = Self { width_mm: 420, height_mm: 297 };
    /// A slide of 16 : 9.
    pub const SLIDE: Self = Self { width_mm: 320, height_mm: 180 };
    /// All of them, by name.
    pub const NAMED: [(&str, Self); 3] = [("a4", Self::A4), ("a3", Self::A3), ("slide", Self::SLIDE)];
}

impl Default for SheetSize {
    fn default() -> Self {
        Self::A4
    }
}

/// A box of ground in metres.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Extent {
    /// Western edge.
    pub west: f64,
    /// Southern edge.
    pub south: f64,
    /// Eastern edge.
    pub east: f64,
    /// Northern edge.
    pub north: f64,
}

impl Extent {
    /// The smallest box around `points`, grown by `margin_m` on every side; `None` without points.
    pub fn around(points: impl IntoIterator<Item = Planar>, margin_m: f64) -> Option<Self> {
        let grow = |found: Option<Self>, p: Planar| {
            let b = found.unwrap_or(Self { west: p.x, south: p.y, east: p.x, north: p.y });
            Some(Self { west: b.west.min(p.x), south: b.south.min(p.y), east: b.east.max(p.x), north: b.north.max(p.y) })
        };
        let b = points.into_iter().fold(None, grow)?;
        Some(Self { west: b.west - margin_m, south: b.south - margin_m, east: b.east + margin_m, north: b.north + margin_m })
    }

    pub(super) fn check(self) -> Result<Self, MapError> {
        let finite = [self.west, self.south, self.east, self.north].iter().all(|v| v.is_finite());
        if finite && self.width() > 0.0 && self.height() > 0.0 { Ok(self) } else { Err(MapError::Extent { extent: self }) }
    }

    fn width(self) -> f64 {
        self.east - self.west
    }

    fn height(self) -> f64 {
        self.north - self.south
    }
}

/// A box on paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Area {
    pub left: i32,
    pub top: i32,
    pub right: i32,
    pub bottom: i32,
}

impl Area {
    pub fn width(self) -> i32 {
        self.right - self.left
    }

    pub fn height(self) -> i32 {
        self.bottom - self.top
    }

    pub fn shrunk(self, by: i32) -> Self {
        Self { left: self.left + by, top: self.top + by, right: self.right - by, bottom: self.bottom - by }
    }

    pub fn contains(self, (x, y): Spot) -> bool {
        (self.left..=self.right).contains(&x) && (self.top..=self.bottom).contains(&y)
    }

    pub fn holds(self, other: Self) -> bool {
        self.contains((other.left, other.top)) && self.contains((other.right, other.bottom))
    }

    pub fn overlaps(self, other: Self) -> bool {
        self.left < other.right && other.left < self.right && self.top < other.bottom && other.top < self.bottom
    }

    /// The nearest position inside.
    pub fn nearest(self, (x, y): Spot) -> Spot {
        (x.clamp(self.left, self.right), y.clamp(self.top, self.bottom))
    }

    /// The corners, first one repeated.
    pub fn ring(self) -> [Spot; 5] {
        let Self { left, top, right, bottom } = self;
        [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
    }
}

/// Where the parts of a sheet stand.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    /// The whole paper.
    pub paper: Area,
    /// Paper inside the margins.
    pub inner: Area,
    /// The map.
    pub map: Area,
    /// Legend, north arrow and scale bar.
    pub panel: Area,
    /// Top of the notes.
    pub notes_top: i32,
    /// Type and line sizes against A4.
    factor: f64,
    west: f64,
    north: f64,
    /// Units of paper for a metre of ground, in both directions.
    pub units_per_metre: f64,
}

impl Plan {
    /// Lays out a sheet. The map takes the extent's shape as far as the panel's width (62 to 92 mm) leaves it free; where it
    /// can't, more ground is shown, never less. Several maps share all the room there is.
    pub fn new(size: SheetSize, extent: Extent, note_lines: usize, maps: usize) -> Result<Self, MapError> {
        if size.width_mm < 200 || size.height_mm < 140 || size.width_mm > 2000 || size.height_mm > 2000 {
            return Err(MapError::SheetSize { size });
        }
        let factor = (f64::from(size.height_mm) / 210.0).powf(0.75);
        let mm = |v: f64| (v * factor * UNITS_PER_MM).round() as i32;
        let whole = |v: u32| v as i32 * UNITS_PER_MM as i32;
        let paper = Area { left: 0, top: 0, right: whole(size.width_mm), bottom: whole(size.height_mm) };
        let inner = paper.shrunk(mm(10.0));
        let notes_top = inner.bottom - mm(3.9) * note_lines as i32;
        let (top, bottom) = (inner.top + mm(14.5), notes_top - mm(3.0));
        let gap = mm(4.0);
        let room = |panel: f64| inner.width() - gap - mm(panel);
        let wished = (f64::from(bottom - top) * extent.width() / extent.height()).min(1e6) as i32;
        let width = if maps > 1 { room(62.0) } else { wished.clamp(room(92.0).max(mm(60.0)), room(62.0)) };
        let map = Area { left: inner.left, top, right: inner.left + width, bottom };
        let panel = Area { left: map.right + gap, top, right: inner.right, bottom };
        let plan = Self { paper, inner, map, panel, notes_top, factor, west: 0.0, north: 0.0, units_per_metre: 1.0 };
        Ok(plan.showing(extent, map))
    }

    /// The same with an extent in the middle of `map`.
    fn showing(&self, extent: Extent, map: Area) -> Self {
        let units_per_metre = (f64::from(map.width()) / extent.width()).min(f64::from(map.height()) / extent.height());
        let spare_x = f64::from(map.width()) / units_per_metre - extent.width();
        let spare_y = f64::from(map.height()) / units_per_metre - extent.height();
        let (west, north) = (extent.west - spare_x / 2.0, extent.north + spare_y / 2.0);
        Self { map, west, north, units_per_metre, ..self.clone() }
    }

    /// The maps of a sheet: one takes all the room; several stand in the rows and columns that give the largest scale, each under
    /// its caption and in the extent's shape. Type and symbols shrink with the root of the scale.
    pub fn frames(&self, extent: Extent, count: usize) -> Vec<Self> {
        if count < 2 {
            return vec![self.clone()];
        }
        let count = count as i32;
        let (gap, caption) = (self.mm(3.0), self.mm(CAPTION_MM));
        let size = |columns: i32| {
            let rows = count.div_euclid(columns) + i32::from(count % columns > 0);
            let width = (self.map.width() - gap * (columns - 1)) / columns;
            (width, (self.map.height() - gap * (rows - 1)) / rows - caption)
        };
        let scale = |(width, height): (i32, i32)| (f64::from(width) / extent.width()).min(f64::from(height) / extent.height());
        let best = (1..=count).max_by(|&a, &b| scale(size(a)).total_cmp(&scale(size(b))).then(b.cmp(&a))).unwrap_or(1);
        let (width, height) = size(best);
        let height = height.min((f64::from(width) * extent.height() / extent.width()).ceil() as i32);
        let frame = |at: i32| {
            let (left, top) =
                (self.map.left + (at % best) * (width + gap), self.map.top + (at / best) * (height + caption + gap));
            let top = top + caption;
            let area = Area { left, top, right: left + width, bottom: top + height };
            let shown = self.showing(extent, area);
            Self { factor: self.factor * (shown.units_per_metre / self.units_per_metre).sqrt(), ..shown }
        };
        (0..count).map(frame).collect()
    }

    /// Millimetres of A4 in units of this sheet.
    pub fn mm(&self, millimetres: f64) -> i32 {
        (millimetres * self.factor * UNITS_PER_MM).round() as i32
    }

    /// Ground to paper, not rounded.
    pub fn place(&self, at: Planar) -> (f64, f64) {
        let (left, top) = (f64::from(self.map.left), f64::from(self.map.top));
        (left + (at.x - self.west) * self.units_per_metre, top + (self.north - at.y) * self.units_per_metre)
    }

    /// Ground to paper, if it lies on the map.
    pub fn spot(&self, at: Planar) -> Option<Spot> {
        let spot = whole(self.place(at));
        self.map.contains(spot).then_some(spot)
    }
}

/// Rounds a position to whole units.
pub(super) fn whole((x, y): (f64, f64)) -> Spot {
    (x.round() as i32, y.round() as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extent_is_shown_whole_at_one_scale() {
        for (width, height) in [(1000.0, 1000.0), (9000.0, 500.0), (300.0, 8000.0)] {
            let extent = Extent { west: 5000.0, south: 7000.0, east: 5000.0 + width, north: 7000.0 + height };
            for size in [SheetSize::A4, SheetSize::A3] {
                let plan = Plan::new(size, extent, 2, 1).expect("fits");
                let (south_west, north_east) = (Planar { x: 5000.0, y: 7000.0 }, Planar { x: extent.east, y: extent.north });
                assert!(plan.spot(south_west).is_some() && plan.spot(north_east).is_some(), "{extent:?} in {plan:?}");
                let (a, b) = (plan.place(south_west), plan.place(north_east));
                assert!(((b.0 - a.0) / width - (a.1 - b.1) / height).abs() < 1e-9, "same scale both ways");
            }
        }
    }

    #[test]
    fn several_maps_lie_apart_inside_the_room_for_one_and_have_one_scale() {
        let extent = Extent { west: 0.0, south: 0.0, east: 9000.0, north: 8000.0 };
        for count in 2..=7 {
            let plan = Plan::new(SheetSize::A4, extent, 2, count).expect("fits");
            let frames = plan.frames(extent, count);
            assert_eq!(frames.len(), count);
            for (row, frame) in frames.iter().enumerate() {
                assert!(plan.map.holds(frame.map) && frame.units_per_metre == frames[0].units_per_metre);
                assert!(frame.spot(Planar { x: 0.0, y: 0.0 }).is_some() && frame.spot(Planar { x: 9000.0, y: 8000.0 }).is_some());
                assert!(frames[..row].iter().all(|other| !other.map.overlaps(frame.map)));
            }
        }
    }

    #[test]
    fn an_empty_extent_is_refused() {
        assert!(Extent { west: 1.0, south: 0.0, east: 1.0, north: 4.0 }.check().is_err());
        assert!(Extent { west: f64::NAN, south: 0.0, east: 1.0, north: 4.0 }.check().is_err());
    }
}
