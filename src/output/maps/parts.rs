//! What the sheets share: ground, stations, choropleths with their legend, and the notes at the foot.

use std::cell::OnceCell;

use crate::calendar::{DayKind, Season};
use crate::crs::{CrsError, LonLat, Planar};
use crate::domain::site::{Site, StationKind};
use crate::findings::Findings;
use crate::id::DemandIdx;
use crate::network::Style;
use crate::output::map::{
    AreaStyle, CLASS_METHOD, CellFill, Classes, Colour, Extent, Layer, Legend, LegendItem, LineStyle, Marker, Outline, Panel,
    Pattern, Ramp, Sheet, Swatch, Symbol, classes,
};
use crate::output::report::notes;
use crate::output::report::words::Writer;

use super::ground::{GridDemand, Ground};
use super::outline;

/// Most classes of a choropleth: of means of merged squares, which the public sees, there are few.
pub(in crate::output) fn most_classes(writer: Writer<'_>) -> usize {
    if writer.published.is_some() { 5 } else { 7 }
}

/// Classes of OpenStreetMap that maps show.
const MAIN_STREETS: [&str; 5] = ["motorway", "trunk", "primary", "secondary", "tertiary"];
/// A break is at least this many times the one before it: closer ones tell nothing apart.
const STEP: f64 = 1.2;

/// How far from a reached street the outline on a map runs: wider than an isochrone's own, so that it can be read at a city's scale.
const REACH_BUFFER: Style = Style { buffer_m: 60.0, cell_m: 20.0 };
/// Rings in a smaller box are not drawn: the insides of blocks, which are not out of reach.
const LEAST_RING_M2: f64 = 250_000.0;

/// What stands still: stations that a sheet isn't about.
pub(in crate::output) const QUIET: Colour = Colour::hex(0x7c8796);
/// Administrative boundary.
const BOUNDARY: LineStyle = LineStyle {
    colour: Colour::hex(0x6a3d9a),
    width_mm: 0.35,
    pattern: Pattern::Dashed { on_mm: 2.4, off_mm: 0.9 },
    cased: true,
};
/// Reach of stations that are proposed.
pub(super) const REACH_NEW: LineStyle =
    LineStyle { colour: Colour::hex(0xc2185b), width_mm: 0.3, pattern: Pattern::Dashed { on_mm: 1.4, off_mm: 0.7 }, cased: true };

/// Everything that the sheets are made from.
#[derive(Debug)]
pub(super) struct Atlas<'a> {
    pub writer: Writer<'a>,
    pub ground: Ground<'a>,
    /// The study box.
    pub extent: Extent,
    water: Vec<Outline>,
    /// Administrative boundaries, with an approval number only.
    boundaries: Vec<Vec<Planar>>,
    /// Main streets.
    streets: Vec<Vec<Planar>>,
    /// Short id of the run.
    pub run: &'a str,
    /// What [`Atlas::reach`] has made.
    reach: [OnceCell<(Layer, LegendItem)>; Season::ALL.len()],
}

impl<'a> Atlas<'a> {
    pub fn new(writer: Writer<'a>, run: &'a str) -> Result<Self, CrsError> {
        let area = &writer.findings.dataset.area;
        let grid = area.grid;
        let extent = Extent {
            west: grid.origin.x,
            south: grid.origin.y,
            east: grid.origin.x + grid.cell_m * f64::from(grid.columns),
            north: grid.origin.y + grid.cell_m * f64::from(grid.rows),
        };
        let ring = |line: &geo::LineString<f64>| -> Result<Vec<Planar>, CrsError> {
            line.coords().map(|c| writer.findings.dataset.projector.project(LonLat::new(c.x, c.y)?)).collect()
        };
        let outline = |polygon: &geo::Polygon<f64>| -> Result<Outline, CrsError> {
            let holes = polygon.interiors().iter().map(ring).collect::<Result<_, _>>()?;
            Ok(Outline { ring: ring(polygon.exterior())?, holes })
        };
        let water = area.water.iter().flat_map(|water| &water.0).map(outline).collect::<Result<_, _>>()?;
        let project = |line: Vec<LonLat>| line.into_iter().map(|at| writer.findings.dataset.projector.project(at)).collect();
        let units = area.units.iter().filter_map(|unit| unit.outline.as_ref());
        let outlines = area.home.iter().chain(units).filter(|_| writer.release.approval_no.is_some());
        let rings = outlines.flat_map(|areas| &areas.0).flat_map(|area| std::iter::once(area.exterior()).chain(area.interiors()));
        let boundaries = rings.map(ring).collect::<Result<_, _>>()?;
        let streets = main_streets(writer.findings).into_iter().map(project).collect::<Result<_, _>>()?;
        let ground = Ground::new(writer.findings, writer.scenario);
        Ok(Self { writer, ground, extent, water, boundaries, streets, run, reach: Default::default() })
    }

    /// Radius in force on a day, in whole metres with its unit.
    pub fn radius(&self, day: DayKind) -> String {
        format!("{} m", self.writer.number(self.radius_m(day), 0))
    }

    /// Radius in force on a day in metres.
    pub fn radius_m(&self, day: DayKind) -> f64 {
        self.writer.scenario.standard.limit(day.season).metres()
    }

    /// A sheet with the ground under its layers and the ground's legend after its own.
    pub fn sheet(&self, title: String, subtitle: String, extent: Extent, cells: Option<Layer>, content: Content) -> Sheet {
        let map = Map { caption: String::new(), cells, over: content.layers };
        self.sheet_of(title, subtitle, extent, vec![map], content.items)
    }

    /// The same of several maps.
    pub fn sheet_of(&self, title: String, subtitle: String, extent: Extent, maps: Vec<Map>, mut items: Vec<LegendItem>) -> Sheet {
        let mut base = Vec::new();
        let panel = |map: Map| {
            let mut layers: Vec<Layer> = map.cells.into_iter().collect();
            base = self.base(&mut layers);
            layers.extend(map.over);
            Panel { caption: map.caption, layers }
        };
        let panels = maps.into_iter().map(panel).collect();
        if !base.is_empty() {
            items.push(self.heading("map.base"));
            items.extend(base);
        }
        Sheet {
            title,
            subtitle,
            extent,
            panels,
            legend: Legend { title: self.writer.say("map.legend", &[]), items },
            notes: notes(self.writer, self.run),
            mark: self.writer.say("map.mark", &[]),
        }
    }

    /// Water and railways; returns their legend.
    fn base(&self, layers: &mut Vec<Layer>) -> Vec<LegendItem> {
        let mut items = Vec::new();
        if !self.streets.is_empty() {
            layers.push(Layer::Lines { lines: self.streets.clone(), style: LineStyle::STREET });
            items.push(self.item(Swatch::Line(LineStyle::STREET), "map.streets"));
        }
        if !self.water.is_empty() {
            layers.push(Layer::Areas { areas: self.water.clone(), style: AreaStyle::WATER });
            items.push(self.item(Swatch::Area(AreaStyle::WATER), "map.water"));
        }
        if !self.boundaries.is_empty() {
            layers.push(Layer::Lines { lines: self.boundaries.clone(), style: BOUNDARY });
            items.push(self.item(Swatch::Line(BOUNDARY), "map.boundary"));
        }
        let barriers = &self.writer.findings.dataset.barriers;
        for (kind, style) in [("railway", LineStyle::RAILWAY), ("expressway", LineStyle::ROAD)] {
            let of_kind = barriers.iter().filter(|barrier| barrier.kind == kind);
            let lines: Vec<Vec<Planar>> = of_kind.map(|barrier| barrier.line.clone()).collect();
            if !lines.is_empty() {
                layers.push(Layer::Lines { lines, style });
                items.push(self.item(Swatch::Line(style), &format!("map.{kind}")));
            }
        }
        let crossings: Vec<Vec<Planar>> =
            barriers.iter().flat_map(|barrier| &barrier.crossings).filter(|c| c.a != c.b).map(|c| vec![c.a, c.b]).collect();
        if !crossings.is_empty() {
            layers.push(Layer::Lines { lines: crossings, style: LineStyle::BRIDGE });
            items.push(self.item(Swatch::Line(LineStyle::BRIDGE), "map.crossing"));
        }
        items
    }

    /// A heading of the legend.
    pub fn heading(&self, key: &str) -> LegendItem {
        self.item(Swatch::Heading, key)
    }

    /// A line of the legend without arguments.
    pub fn item(&self, swatch: Swatch, key: &str) -> LegendItem {
        LegendItem::new(swatch, self.writer.say(key, &[]))
    }

    /// A choropleth of demand and its legend under the heading `key`; squares whose demand is withheld are hatched.
    pub fn choropleth(&self, demand: &GridDemand, withheld: &[(u32, u32)], ramp: Ramp, key: &str) -> (Layer, Vec<LegendItem>) {
        let grid = &self.writer.findings.dataset.area.grid;
        let values: Vec<f64> = demand.values().map(|weight| weight.visits()).collect();
        let breaks = round_classes(&values, most_classes(self.writer));
        let colours = ramp.colours(breaks.count());
        let fill = |(&cell, weight): (&(u32, u32), &crate::quantity::Weight)| CellFill {
            centre: grid.centre(cell),
            class: Some(breaks.class_of(weight.visits())),
        };
        let cells = demand.iter().map(fill).chain(self.hatched(withheld)).collect();
        let unit = if self.writer.untimed() { "map.unit.count" } else { "map.unit.visits" };
        let side = self.writer.number(grid.cell_m, 0);
        let unit = self.writer.say(unit, &[("side", &side)]);
        let heading = LegendItem::new(Swatch::Heading, self.writer.say(key, &[("unit", &unit)]));
        let bars = colours.iter().enumerate().map(|(class, &colour)| LegendItem::new(Swatch::Fill(colour), breaks.label(class)));
        let mut items: Vec<LegendItem> = std::iter::once(heading).chain(bars).collect();
        items.push(self.heading(CLASS_METHOD));
        items.extend(self.withheld_item(withheld));
        (Layer::Cells { cells, side_m: grid.cell_m, colours }, items)
    }

    /// Squares whose demand is withheld; with a day, those that no station reaches on foot then.
    pub fn withheld(&self, unreached: Option<DayKind>) -> Vec<(u32, u32)> {
        let findings = self.writer.findings;
        let reached = |cell: DemandIdx, day: DayKind| {
            let limit = self.writer.scenario.standard.limit(day.season);
            findings.matrix.access(cell).iter().any(|a| a.straight.within(limit) && a.reach.within(limit))
        };
        let cells = self.writer.published.into_iter().flat_map(|published| &published.withheld).copied();
        let counts = |cell: &DemandIdx| unreached.is_none_or(|day| !reached(*cell, day));
        cells.filter(counts).map(|cell| findings.cube.cells()[cell].grid_cell).collect()
    }

    /// Withheld squares as cells without a class.
    pub fn hatched(&self, withheld: &[(u32, u32)]) -> Vec<CellFill> {
        let grid = self.writer.findings.dataset.area.grid;
        withheld.iter().map(|&cell| CellFill { centre: grid.centre(cell), class: None }).collect()
    }

    /// The legend of withheld squares, where there are any.
    pub fn withheld_item(&self, withheld: &[(u32, u32)]) -> Option<LegendItem> {
        let text = || self.writer.say("map.withheld", &[("k", &self.writer.release.min_count)]);
        (!withheld.is_empty()).then(|| LegendItem::new(Swatch::Withheld, text()))
    }

    /// Outline of the standing network's reach on a day, dissolved; made once a season, as several sheets show it.
    pub fn reach(&self, day: DayKind) -> Result<(Layer, LegendItem), CrsError> {
        let kept = &self.reach[day.season as usize];
        if let Some(made) = kept.get() {
            return Ok(made.clone());
        }
        let places: Vec<LonLat> = self.writer.findings.dataset.sites.rows().iter().map(|site| site.position).collect();
        let made = self.reach_of(&places, day, LineStyle::REACH, "map.reach")?;
        Ok(kept.get_or_init(|| made).clone())
    }

    /// Outline of what places reach on a day, dissolved: over streets where there are any, else in a circle.
    pub fn reach_of(
        &self,
        places: &[LonLat],
        day: DayKind,
        style: LineStyle,
        key: &str,
    ) -> Result<(Layer, LegendItem), CrsError> {
        let dataset = &self.writer.findings.dataset;
        let project = |at: LonLat| dataset.projector.project(at);
        let mut metres = self.radius_m(day);
        let (lines, way) = if let Some(router) = &dataset.streets {
            metres *= self.writer.scenario.file.travel.circuity;
            let area = router.area(places, (metres * 1000.0).round() as u32, REACH_BUFFER);
            let rings = area.iter().flat_map(|polygon| std::iter::once(polygon.exterior()).chain(polygon.interiors()));
            let ring = |ring: &geo::LineString<f64>| ring.coords().map(|c| project(LonLat::new(c.x, c.y)?)).collect();
            let mut lines = rings.map(ring).collect::<Result<Vec<Vec<Planar>>, CrsError>>()?;
            lines.retain(|ring| extent_m2(ring) >= LEAST_RING_M2);
            (lines, "map.way.streets")
        } else {
            let centres: Vec<Planar> = places.iter().map(|&at| project(at)).collect::<Result<_, _>>()?;
            (outline::circles(&centres, metres), "map.way.straight")
        };
        let radius = format!("{} m", self.writer.number(metres, 0));
        let text = self.writer.say(key, &[("radius", &radius), ("way", &self.writer.say(way, &[]))]);
        let swatch = Swatch::Circle(AreaStyle { fill: None, outline: Some(style) });
        Ok((Layer::Lines { lines, style }, LegendItem::new(swatch, text)))
    }

    /// The standing network by kind, in the usual colours or in a quiet one, and its legend.
    pub fn stations(&self, colour: Option<Colour>) -> (Vec<Marker>, Vec<LegendItem>) {
        let sites = self.writer.findings.dataset.sites.rows();
        let marker = |site: &Site| {
            let marker = Marker::new(site.planar, symbol(site.kind));
            Marker { colour: colour.unwrap_or(marker.colour), ..marker }
        };
        let mut items = vec![self.heading("map.stations")];
        for (kind, key) in [(Symbol::Fixed, "map.fixed"), (Symbol::Smart, "map.smart")] {
            let number = sites.iter().filter(|site| symbol(site.kind) == kind).count();
            if number > 0 {
                let swatch = Swatch::Point { symbol: kind, colour: colour.unwrap_or(kind.colour()) };
                items.push(LegendItem::new(swatch, self.writer.say(key, &[("n", &self.writer.count(number))])));
            }
        }
        (sites.iter().map(marker).collect(), items)
    }
}

/// Streets of the classes that a map of a city shows, as lines.
pub(in crate::output) fn main_streets(findings: &Findings) -> Vec<Vec<LonLat>> {
    let Some(router) = &findings.dataset.streets else { return Vec::new() };
    let streets = router.graph().streets();
    let main = streets.rows().filter(|row| MAIN_STREETS.contains(&row.class.trim_end_matches("_link")));
    main.map(|row| streets.points(row.edge).map(|at| at.lon_lat()).collect()).collect()
}

/// Square metres of the box around a ring.
fn extent_m2(ring: &[Planar]) -> f64 {
    Extent::around(ring.iter().copied(), 0.0).map_or(0.0, |b| (b.east - b.west) * (b.north - b.south))
}

/// As many classes as have breaks that are round and apart.
pub(in crate::output) fn round_classes(values: &[f64], most: usize) -> Classes {
    let apart = |breaks: &[f64]| breaks.windows(2).all(|pair| pair[1] >= STEP * pair[0]);
    let round = |value: &f64| format!("{value:.1e}").parse::<f64>().is_ok_and(|short| (short - value).abs() < 1e-9 * value);
    let good = |found: &Classes| apart(found.breaks()) && found.breaks().iter().all(round);
    (1..=most).rev().map(|count| classes(values, count)).find(good).unwrap_or_else(|| classes(values, 1))
}

/// A map of a sheet before the ground is put between its cells and the rest.
#[derive(Debug)]
pub(super) struct Map {
    /// Line above it, where a sheet has several.
    pub caption: String,
    /// Choropleth.
    pub cells: Option<Layer>,
    /// Layers over the ground.
    pub over: Vec<Layer>,
}

/// Layers and legend of a sheet while it is being put together.
#[derive(Debug, Default)]
pub(super) struct Content {
    pub layers: Vec<Layer>,
    pub items: Vec<LegendItem>,
}

/// Symbol of a station.
pub(in crate::output) fn symbol(kind: StationKind) -> Symbol {
    match kind {
        kind if kind.is_smart() => Symbol::Smart,
        kind if kind.is_mobile() => Symbol::Bus,
        _ => Symbol::Fixed,
    }
}

/// A name without the word that every name ends with, to be short on a map.
pub(super) fn short(name: &str) -> String {
    let stripped = name.strip_suffix("驿站").unwrap_or(name);
    let stripped = stripped.strip_suffix("智能").unwrap_or(stripped);
    if stripped.is_empty() { name.to_owned() } else { stripped.to_owned() }
}
