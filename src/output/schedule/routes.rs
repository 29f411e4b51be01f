//! `bus_routes.geojson`: the stays of every plan as points, and the ways between them as lines, in the order of the day.

use serde::Serialize;

use super::gantt::file_name;
use crate::crs::LonLat;
use crate::findings::RunError;
use crate::mobile::{BusStand, PlannedDay};
use crate::output::disclosure::Cleared;
use crate::output::features::{Feature, Shape, layer_bytes};
use crate::output::report::words::clock;

/// Properties of a stay or of a way.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Properties {
    /// `stay` or `way`.
    sort: &'static str,
    /// The plan: a kind of day, or a date.
    plan: String,
    bus_id: String,
    /// The stop; of a way, where it leads.
    stop_id: String,
    stop_name: String,
    /// Of a stay: from when to when; of a way: from leaving to arriving.
    arrive: String,
    leave: String,
    expected_visits: Option<f64>,
    /// Whether a way follows streets.
    along_streets: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suppressed: Option<bool>,
}

/// The layer as bytes.
pub(crate) fn layer(cleared: &Cleared<'_>) -> Result<Vec<u8>, RunError> {
    let findings = cleared.findings();
    let at = |stand: &BusStand| findings.dataset.stops[stand.stop].position;
    let (mut features, mut moves) = (Vec::new(), Vec::new());
    for day in &findings.timetable.days {
        for stand in &day.stands {
            features.push(Feature { shape: Shape::Point(at(stand)), properties: stay(cleared, day, stand) });
        }
        for pair in day.stands.windows(2).filter(|pair| pair[0].vehicle == pair[1].vehicle) {
            moves.push((day, pair[0], pair[1]));
        }
    }
    let pairs: Vec<(LonLat, LonLat)> = moves.iter().map(|(_, from, to)| (at(from), at(to))).collect();
    let along = findings.fleet.streets.as_ref().map_or_else(|| vec![None; pairs.len()], |streets| streets.ways(&pairs));
    for ((&(day, from, to), along), (first, last)) in moves.iter().zip(along).zip(pairs) {
        let properties = Properties {
            sort: "way",
            arrive: clock(from.to),
            leave: clock(to.from),
            expected_visits: None,
            along_streets: Some(along.is_some()),
            ..stay(cleared, day, &to)
        };
        features.push(Feature { shape: Shape::Path(along.unwrap_or_else(|| vec![first, last])), properties });
    }
    layer_bytes("bus_routes.geojson", &features)
}

fn stay(cleared: &Cleared<'_>, day: &PlannedDay, stand: &BusStand) -> Properties {
    let findings = cleared.findings();
    let stop = &findings.dataset.stops[stand.stop];
    Properties {
        sort: "stay",
        plan: file_name(day),
        bus_id: findings.fleet.vehicles[stand.vehicle].id.clone(),
        stop_id: stop.id.clone(),
        stop_name: stop.name.clone(),
        arrive: clock(stand.from),
        leave: clock(stand.to),
        expected_visits: cleared.figure(stand.served.visits()),
        along_streets: None,
        suppressed: cleared.suppressed(),
    }
}
