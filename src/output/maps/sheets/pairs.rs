//! Stations that stand close: which pairs repeat each other, and which don't.

use std::collections::BTreeSet;

use crate::id::SiteIdx;
use crate::output::map::{Colour, Extent, Layer, LegendItem, LineStyle, Marker, Pattern, Swatch};
use crate::output::maps::Named;
use crate::output::maps::parts::{Atlas, Content, QUIET, short, symbol};
use crate::overlap::Overlap;

/// Link of a redundant pair.
pub(in crate::output) const REDUNDANT: LineStyle = LineStyle::solid(Colour::hex(0xc2185b), 0.9).with_casing();
/// Link of a pair that is close but right.
const CLOSE_OK: LineStyle =
    LineStyle { colour: Colour::hex(0x0b4f8c), width_mm: 0.7, pattern: Pattern::Dashed { on_mm: 0.9, off_mm: 0.6 }, cased: true };
/// Ground around the pairs, in metres.
const MARGIN_M: f64 = 600.0;
/// Pairs that are named.
const NAMED: usize = 12;
/// More close pairs than this are drawn as thin lines.
const MANY: usize = 40;

pub(in crate::output::maps) fn sheet(atlas: &Atlas<'_>) -> Option<Named> {
    let writer = atlas.writer;
    let findings = writer.findings;
    let sites = &findings.dataset.sites;
    let ends = |pair: &Overlap| [sites[pair.a].planar, sites[pair.b].planar];
    let extent = Extent::around(findings.overlaps.iter().flat_map(ends), MARGIN_M)?;
    let (redundant, close): (Vec<&Overlap>, Vec<&Overlap>) = findings.overlaps.iter().partition(|o| o.evidence.redundant());
    let links = |pairs: &[&Overlap], style| Layer::Links {
        pairs: pairs.iter().map(|o| (sites[o.a].planar, sites[o.b].planar)).collect(),
        style,
    };
    let going: BTreeSet<SiteIdx> = findings.redundant.iter().map(|r| r.station).collect();
    let mut points: Vec<Marker> = sites.iter().map(|(site, row)| mark(&going, &findings.overlaps, site, row)).collect();
    for (rank, pair) in redundant.iter().chain(&close).take(NAMED).enumerate() {
        let owner = pair.keep.unwrap_or(pair.a);
        let other = if owner == pair.a { pair.b } else { pair.a };
        let key = if pair.evidence.redundant() { "map.pair.redundant" } else { "map.pair.close" };
        let label = writer.say(
            key,
            &[
                ("keep", &short(&sites[owner].name)),
                ("merge", &short(&sites[other].name)),
                ("metres", &writer.number(pair.straight_m, 0)),
                ("reason", &writer.list(&reasons(atlas, pair))),
            ],
        );
        // The label of a redundant pair stands at the station that stays, of another at its southern end.
        let south = if sites[pair.a].planar.y < sites[pair.b].planar.y { pair.a } else { pair.b };
        let at = pair.keep.unwrap_or(south).get();
        points[at] = points[at].clone().labelled(label, rank as u32);
    }
    let text = |key, n: usize| writer.say(key, &[("n", &writer.count(n))]);
    let swatch = |colour| Swatch::Point { symbol: crate::output::map::Symbol::Fixed, colour };
    let thin = close_link(close.len());
    let items = vec![
        atlas.heading("map.pairs.heading"),
        LegendItem::new(Swatch::Line(REDUNDANT), text("map.pairs.redundant", redundant.len())),
        LegendItem::new(Swatch::Line(thin), text("map.pairs.close", close.len())),
        atlas.heading("map.stations"),
        LegendItem::new(swatch(REDUNDANT.colour), text("map.pairs.merge", going.len())),
        atlas.item(swatch(CLOSE_OK.colour), "map.pairs.member"),
        atlas.item(swatch(QUIET), "map.pairs.other"),
    ];
    let arguments: [(&str, &dyn std::fmt::Display); 3] = [
        ("day", &writer.day(writer.scenario.planning_day)),
        ("radius", &atlas.radius(writer.scenario.planning_day)),
        ("review", &writer.number(writer.scenario.file.overlap.review_m, 0)),
    ];
    let title = writer.say("map.pairs.title", &[("title", &writer.pick(&writer.scenario.file.title))]);
    let layers = vec![links(&close, thin), links(&redundant, REDUNDANT), Layer::Points { points }];
    let subtitle = writer.say("map.pairs.subtitle", &arguments);
    Some(("near-duplicates".into(), atlas.sheet(title, subtitle, extent, None, Content { layers, items })))
}

/// Link of a pair that is close but right, among so many.
pub(in crate::output) fn close_link(number: usize) -> LineStyle {
    if number > MANY { LineStyle::solid(QUIET, 0.15) } else { CLOSE_OK }
}

fn mark(going: &BTreeSet<SiteIdx>, overlaps: &[Overlap], site: SiteIdx, row: &crate::domain::site::Site) -> Marker {
    let colour = if going.contains(&site) {
        REDUNDANT.colour
    } else if overlaps.iter().any(|o| o.a == site || o.b == site) {
        CLOSE_OK.colour
    } else {
        QUIET
    };
    Marker { colour, ..Marker::new(row.planar, symbol(row.kind)) }
}

/// Why a close pair isn't redundant.
fn reasons(atlas: &Atlas<'_>, pair: &Overlap) -> Vec<String> {
    pair.evidence.failed().into_iter().take(1).map(|(_, reason)| atlas.writer.word("clause", reason)).collect()
}
