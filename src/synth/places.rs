//! Tables of places: `units.csv`, `bus_stops.csv`, `vehicles.csv`, `stewards.csv`, `core_stations.csv`,
//! `merchants.csv`.

use crate::crs::{LonLat, Planar};
use crate::random::Random;
use crate::synth::SynthError;
use crate::synth::field::City;
use crate::synth::random::{normal, stream};
use crate::synth::sink::Sink;
use crate::synth::tables::{Anchor, BUS_STOPS, CORE_STATIONS, STEWARDS, UNITS, VEHICLES};

/// Merchants in the city.
const MERCHANTS: f64 = 300.0;
/// Stream of random numbers.
const PURPOSE: u64 = 1;

/// Category, and what its shops are called.
const TRADES: [(&str, &[&str]); 5] = [
    ("餐饮", &["面馆", "饺子馆", "烧烤店", "快餐店", "麻辣烫"]),
    ("饮品甜点", &["奶茶店", "甜品屋"]),
    ("商超便利", &["便利店", "小超市"]),
    ("生鲜", &["果蔬店"]),
    ("药店", &["药房"]),
];

/// Writes the four files.
pub(super) fn write(sink: &mut Sink, city: &City, seed: u64) -> Result<(), SynthError> {
    sink.put_table("units.csv", UNITS)?;
    sink.put_table("bus_stops.csv", BUS_STOPS)?;
    sink.put_table("vehicles.csv", VEHICLES)?;
    sink.put_table("stewards.csv", STEWARDS)?;
    sink.put_table("core_stations.csv", CORE_STATIONS)?;
    sink.put_lines("merchants.csv", "商户名称,类别,经度,纬度", &merchants(city, seed)?)
}

/// Merchants around the anchors, in proportion to orders.
fn merchants(city: &City, seed: u64) -> Result<Vec<String>, SynthError> {
    let mut random = stream(seed, PURPOSE);
    let orders: f64 = city.anchors.iter().map(|anchor| anchor.orders).sum();
    let mut lines = Vec::new();
    for anchor in &city.anchors {
        let count = (MERCHANTS * anchor.orders / orders).round().max(1.0) as usize;
        for number in 1..=count {
            lines.push(merchant(city, anchor, number, &mut random)?);
        }
    }
    Ok(lines)
}

fn merchant(city: &City, anchor: &Anchor, number: usize, random: &mut Random) -> Result<String, SynthError> {
    // Two of three merchants sell meals.
    let (category, shops) = if random.unit() < 0.66 { TRADES[0] } else { TRADES[1 + random.below(TRADES.len() - 1)] };
    let shop = shops[random.below(shops.len())];
    let mut place = anchor.position;
    for _ in 0..100 {
        let drawn = near(city, anchor.position, anchor.sigma_m, random)?;
        if city.ground.in_box(drawn) && city.ground.same_side(anchor.position, drawn) {
            place = drawn;
            break;
        }
    }
    Ok(format!("{}{shop}{number}号,{category},{:.6},{:.6}", anchor.name, place.lon(), place.lat()))
}

/// A place around another, normally distributed.
pub(super) fn near(city: &City, centre: LonLat, sigma_m: f64, random: &mut Random) -> Result<LonLat, SynthError> {
    let middle = city.projector.project(centre)?;
    let drawn = Planar { x: middle.x + sigma_m * normal(random), y: middle.y + sigma_m * normal(random) };
    Ok(city.projector.unproject(drawn)?)
}
