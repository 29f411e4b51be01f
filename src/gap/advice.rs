//! What to do about a gap: the remedy that fits its cause, the nearest station, and the published cost band.

use super::{Gap, GapCause};
use crate::calendar::DayKind;
use crate::coverage::Network;
use crate::crs::LonLat;
use crate::domain::demand::DemandCube;
use crate::domain::site::StationKind;
use crate::id::SiteIdx;
use crate::impedance::{Place, Travel};
use crate::quantity::Weight;
use crate::scenario::file::ScenarioFile;

/// A gap with its remedy.
#[derive(Debug, Clone, PartialEq)]
pub struct AdvisedGap {
    /// The gap.
    pub gap: Gap,
    /// Centre in degrees.
    pub centre: LonLat,
    /// Nearest station of the network, straight metres, path metres.
    pub nearest: Option<(SiteIdx, f64, Option<f64>)>,
    /// Remedy, such as `new_fixed`.
    pub action: &'static str,
    /// Kind of station that fits; none when no station is to be added.
    pub kind: Option<StationKind>,
    /// Service type that its main group needs.
    pub service: String,
    /// Published cost in yuan, lowest and highest; unknown costs stay unknown.
    pub cost: Option<[f64; 2]>,
}

/// What advice is drawn from.
#[derive(Debug, Clone, Copy)]
pub struct AdviceInputs<'a> {
    /// The standing network.
    pub network: &'a Network<'a>,
    /// Demand.
    pub cube: &'a DemandCube,
    /// Travel.
    pub travel: &'a Travel,
    /// Rules and prices.
    pub file: &'a ScenarioFile,
    /// The day standing stations are planned for.
    pub planning_day: DayKind,
}

/// Advises on a gap whose centre lies at `centre`.
pub fn advise(inputs: AdviceInputs<'_>, gap: Gap, centre: LonLat) -> AdvisedGap {
    let here = Place { position: centre, planar: gap.centre };
    let station = |site: SiteIdx| {
        let site = &inputs.network.sites[site];
        Place::from(site)
    };
    let straight = |site| inputs.travel.straight(here, station(site));
    let nearest = gap
        .station
        .or_else(|| inputs.network.sites.indexes().min_by(|a, b| straight(*a).total_cmp(&straight(*b)).then(a.cmp(b))))
        .map(|site| (site, straight(site), inputs.travel.path(here, station(site))));
    let action = remedy(inputs, &gap);
    let kind = match action {
        "new_fixed" => Some(StationKind::Fixed),
        "new_smart" | "upgrade_smart" => Some(StationKind::SmartRoom),
        "place_bus" => Some(StationKind::Bus),
        _ => None,
    };
    let group = gap.top_group().map(|group| inputs.cube.groups()[group.get()].as_str()).unwrap_or_default();
    let special = inputs.file.suggest_service.get(group).map(String::as_str);
    let service = match (special, kind) {
        (Some(special), _) if inputs.file.services.contains_key(group) => special,
        (_, Some(StationKind::SmartRoom)) => "self_service_24h",
        (special, _) => special.unwrap_or("generic"),
    };
    let cost = inputs.file.costs.get(action).copied();
    AdvisedGap { centre, nearest, action, kind, service: service.to_owned(), cost, gap }
}

fn remedy(inputs: AdviceInputs<'_>, gap: &Gap) -> &'static str {
    let seasonal = is_seasonal(inputs, gap);
    let dark = gap.night_share() >= inputs.file.gaps.smart_night_share;
    match gap.cause {
        GapCause::Distance | GapCause::Barrier | GapCause::Season | GapCause::OutOfArea if seasonal => "place_bus",
        GapCause::OutOfArea => "review",
        GapCause::Distance | GapCause::Barrier | GapCause::Season if dark => "new_smart",
        GapCause::Distance | GapCause::Barrier | GapCause::Season => "new_fixed",
        GapCause::Hours if dark => "upgrade_smart",
        GapCause::Hours => "extend_hours",
        GapCause::Capacity if seasonal => "place_bus",
        GapCause::Capacity => "add_staff",
        GapCause::Service => "add_equipment",
    }
}

/// Whether the same cells have less than half of this demand on the planning day.
fn is_seasonal(inputs: AdviceInputs<'_>, gap: &Gap) -> bool {
    let of_day = |day| -> Weight { gap.cells.iter().map(|(cell, _)| inputs.cube.day(*cell, day)).sum() };
    of_day(inputs.planning_day).milli() * 2 < of_day(gap.day).milli()
}
