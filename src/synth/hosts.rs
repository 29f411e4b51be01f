//! Places that could host a station: `candidates.csv`.
//!
//! Most are drawn around anchors and units; `daoli/hosts.csv` names those whose place matters: one in the middle of each gap,
//! with no other candidate near, and a few where a station would serve nobody.

use std::collections::BTreeMap;

use crate::crs::{LonLat, Planar};
use crate::random::Random;
use crate::synth::SynthError;
use crate::synth::field::City;
use crate::synth::ground::Bank;
use crate::synth::places::near;
use crate::synth::random::stream;
use crate::synth::sink::Sink;
use crate::synth::tables::{UNITS, rows};

const HOSTS: &str = include_str!("daoli/hosts.csv");
/// Stream of random numbers.
const PURPOSE: u64 = 2;
/// Candidates in all.
const COUNT: usize = 150;
/// Candidates around each anchor; units get the rest.
const PER_ANCHOR: usize = 5;
/// No drawn candidate is nearer than this to a named one.
const CLEAR_OF_NAMED_M: f64 = 320.0;
/// No two drawn candidates are nearer than this.
const SPACING_M: f64 = 60.0;
/// Distance kept from the bank, in degrees of latitude.
const CLEAR_OF_BANK_DEG: f64 = 0.0006;

/// Type of host, what it is called, kinds of station that fit, least and greatest floor area.
const TRADES: [(&str, &str, &str, [usize; 2]); 8] = [
    ("银行", "银行网点", "固定;智能", [20, 40]),
    ("商超商场", "超市", "固定;智能", [15, 40]),
    ("餐饮门店", "快餐店", "固定", [10, 20]),
    ("公厕/环卫道班房", "环卫道班房", "固定", [10, 20]),
    ("公交场站", "公交调度室", "固定;智能", [15, 30]),
    ("加油(能)站", "加油站", "固定;智能", [15, 30]),
    ("物业门卫", "物业门卫", "固定", [10, 16]),
    ("企业园区", "园区服务中心", "固定;智能", [20, 60]),
];

/// A candidate, not numbered yet.
#[derive(Debug, Clone)]
struct Host {
    name: String,
    kind: String,
    place: LonLat,
    planar: Planar,
    venue: bool,
    fits: String,
    area_m2: usize,
    named: bool,
}

/// Writes `candidates.csv`, in random order so that numbers tell nothing.
pub(super) fn write(sink: &mut Sink, city: &City, seed: u64) -> Result<(), SynthError> {
    let mut random = stream(seed, PURPOSE);
    let mut hosts = named(city)?;
    draw(city, &mut hosts, &mut random)?;
    random.shuffle(&mut hosts);
    let lines: Vec<String> = hosts.iter().enumerate().map(|(row, host)| line(row + 1, host)).collect();
    sink.put_lines("candidates.csv", "候选点编号,名称,依托单位类型,经度,纬度,场地支持,适用类型,面积", &lines)
}

fn line(number: usize, host: &Host) -> String {
    let Host { name, kind, place, fits, area_m2, .. } = host;
    let venue = if host.venue { "是" } else { "否" };
    format!("HX{number:03},{name},{kind},{:.6},{:.6},{venue},{fits},{area_m2}", place.lon(), place.lat())
}

fn named(city: &City) -> Result<Vec<Host>, SynthError> {
    rows("hosts.csv", HOSTS)
        .map(|row| {
            let place = row.position(2)?;
            Ok(Host {
                name: row.text(0)?.to_owned(),
                kind: row.text(1)?.to_owned(),
                place,
                planar: city.projector.project(place)?,
                venue: true,
                fits: row.text(4)?.to_owned(),
                area_m2: row.value(5)?,
                named: true,
            })
        })
        .collect()
}

/// Draws the rest around anchors south of the river, then around units in turn.
fn draw(city: &City, hosts: &mut Vec<Host>, random: &mut Random) -> Result<(), SynthError> {
    let units = units()?;
    let south = city.anchors.iter().filter(|anchor| city.ground.side(anchor.position).bank == Bank::South);
    let around_anchors = south.flat_map(|anchor| [(anchor.position, 1.4 * anchor.sigma_m); PER_ANCHOR]);
    let around_units = units.iter().cycle().map(|&(_, centre)| (centre, 380.0));
    let mut numbers = BTreeMap::new();
    for (centre, sigma_m) in around_anchors.chain(around_units) {
        if hosts.len() >= COUNT {
            break;
        }
        if let Some(free) = free_place(city, hosts, centre, sigma_m, random)? {
            hosts.push(host(city, free, &units, &mut numbers, random));
        }
    }
    Ok(())
}

fn units() -> Result<Vec<(&'static str, LonLat)>, SynthError> {
    rows("units.csv", UNITS).map(|row| Ok((row.text(0)?, row.position(1)?))).collect()
}

/// A place on land, on the same side as `centre`, clear of all others; none after many tries.
fn free_place(
    city: &City,
    hosts: &[Host],
    centre: LonLat,
    sigma_m: f64,
    random: &mut Random,
) -> Result<Option<(LonLat, Planar)>, SynthError> {
    for _ in 0..400 {
        let place = near(city, centre, sigma_m, random)?;
        let planar = city.projector.project(place)?;
        let on_land = city.ground.bank_latitude(place.lon()) - place.lat() > CLEAR_OF_BANK_DEG;
        let clear = |host: &Host| host.planar.distance(planar) >= if host.named { CLEAR_OF_NAMED_M } else { SPACING_M };
        let fits = on_land && city.ground.in_box(place) && city.ground.same_side(centre, place);
        if fits && hosts.iter().all(clear) {
            return Ok(Some((place, planar)));
        }
    }
    Ok(None)
}

fn host(
    city: &City,
    (place, planar): (LonLat, Planar),
    units: &[(&'static str, LonLat)],
    numbers: &mut BTreeMap<(&'static str, &'static str), usize>,
    random: &mut Random,
) -> Host {
    let (kind, noun, fits, [least, most]) = TRADES[random.below(TRADES.len())];
    let unit = nearest_unit(city, place, units);
    let number = numbers.entry((unit, noun)).or_insert(0);
    *number += 1;
    Host {
        name: format!("{unit}{noun}{number}"),
        kind: kind.to_owned(),
        place,
        planar,
        venue: random.unit() >= 0.08,
        fits: fits.to_owned(),
        area_m2: least + random.below(most - least + 1),
        named: false,
    }
}

/// The nearest unit on the same side; only for the name, so degrees scaled to this latitude will do.
fn nearest_unit(city: &City, place: LonLat, units: &[(&'static str, LonLat)]) -> &'static str {
    let distance = |centre: LonLat| ((centre.lon() - place.lon()) * 0.7).hypot(centre.lat() - place.lat());
    let reachable = units.iter().filter(|(_, centre)| city.ground.same_side(*centre, place));
    let nearest = reachable.min_by(|(_, a), (_, b)| distance(*a).total_cmp(&distance(*b)));
    nearest.map_or("", |&(name, _)| name)
}
