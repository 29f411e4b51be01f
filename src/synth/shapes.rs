//! Lines and areas as GeoJSON (RFC 7946): `barriers.geojson`, `water.geojson`, `area.geojson`.
//!
//! River and railway reach beyond the box, so that every place has one side; the railway ends on the river's middle line.

use crate::synth::SynthError;
use crate::synth::ground::Ground;
use crate::synth::sink::Sink;

const RIVER: &str = "松花江";
const RAILWAY: &str = "滨洲铁路";
/// How far the river reaches beyond the box, west and east.
const RIVER_ENDS: [f64; 2] = [126.480, 126.680];
/// Where the railway line begins, south of the box.
const RAILWAY_SOUTH: f64 = 45.700;

type Line = Vec<[f64; 2]>;

/// Writes the three files.
pub(super) fn write(sink: &mut Sink, ground: &Ground) -> Result<(), SynthError> {
    let barriers = barriers(ground);
    put(sink, "barriers.geojson", &barriers)?;
    let water = [feature(&format!("\"name\": \"{RIVER}\""), "Polygon", &ring(&water(ground)))];
    put(sink, "water.geojson", &water)?;
    let area = [feature("\"name\": \"研究范围江南部分\"", "Polygon", &ring(&area(ground)))];
    put(sink, "area.geojson", &area)
}

fn put(sink: &mut Sink, name: &str, features: &[String]) -> Result<(), SynthError> {
    let text = format!("{{\"type\": \"FeatureCollection\", \"features\": [\n{}\n]}}\n", features.join(",\n"));
    sink.put(name, features.len(), text.as_bytes())
}

fn barriers(ground: &Ground) -> Vec<String> {
    let barrier = |kind: &str, name: &str, line: &Line| {
        feature(&format!("\"barrier\": \"{kind}\", \"name\": \"{name}\""), "LineString", &list(line))
    };
    let mut features = vec![barrier("river", RIVER, &river(ground)), barrier("railway", RAILWAY, &railway(ground))];
    let crosses = |name: &str| format!("\"crosses\": \"{name}\"");
    features.extend(ground.bridges.iter().map(|ends| feature(&crosses(RIVER), "LineString", &list(ends))));
    features.extend(ground.level_crossings.iter().map(|&place| feature(&crosses(RAILWAY), "Point", &position(place))));
    features
}

/// South bank with its level ends, moved north by `shift` degrees.
fn along_bank(ground: &Ground, shift: f64) -> Line {
    let end = |lon: f64| [lon, ground.bank_latitude(lon) + shift];
    let mut line = vec![end(RIVER_ENDS[0])];
    line.extend(ground.south_bank.iter().map(|&[lon, lat]| [lon, lat + shift]));
    line.push(end(RIVER_ENDS[1]));
    line
}

/// Middle line of the river, with a vertex where the railway ends.
fn river(ground: &Ground) -> Line {
    let mut line = along_bank(ground, ground.river_width_deg / 2.0);
    let end = railway_end(ground);
    let after = line.iter().position(|vertex| vertex[0] > end[0]).unwrap_or(line.len());
    line.insert(after, end);
    line
}

fn railway(ground: &Ground) -> Line {
    let mut line = vec![[ground.railway[0][0], RAILWAY_SOUTH]];
    line.extend(&ground.railway);
    line.push(railway_end(ground));
    line
}

fn railway_end(ground: &Ground) -> [f64; 2] {
    let lon = ground.railway[ground.railway.len() - 1][0];
    [lon, ground.bank_latitude(lon) + ground.river_width_deg / 2.0]
}

/// Between the banks, anticlockwise.
fn water(ground: &Ground) -> Line {
    let mut outline = along_bank(ground, 0.0);
    outline.extend(along_bank(ground, ground.river_width_deg).into_iter().rev());
    outline
}

/// The box south of the bank, anticlockwise.
fn area(ground: &Ground) -> Line {
    let [west, south, east, _] = ground.bbox;
    let mut outline = vec![[west, south], [east, south], [east, ground.bank_latitude(east)]];
    let inner = ground.south_bank.iter().rev().filter(|vertex| vertex[0] < east && vertex[0] > west);
    outline.extend(inner);
    outline.push([west, ground.bank_latitude(west)]);
    outline
}

fn feature(properties: &str, kind: &str, coordinates: &str) -> String {
    format!(
        "{{\"type\": \"Feature\", \"properties\": {{{properties}}}, \"geometry\": {{\"type\": \"{kind}\", \"coordinates\": {coordinates}}}}}"
    )
}

/// A closed ring.
fn ring(outline: &[[f64; 2]]) -> String {
    let closed: Line = outline.iter().chain(outline.first()).copied().collect();
    format!("[{}]", list(&closed))
}

fn list(line: &[[f64; 2]]) -> String {
    let positions: Vec<String> = line.iter().map(|&vertex| position(vertex)).collect();
    format!("[{}]", positions.join(", "))
}

/// At most six decimals.
fn position([lon, lat]: [f64; 2]) -> String {
    let round = |degrees: f64| (degrees * 1e6).round() / 1e6;
    format!("[{}, {}]", round(lon), round(lat))
}
