//! What `[siting]` may say beyond its types: prices for a money budget, days with shares, closures.

use super::faults::ScenarioFault;
use super::file::{Closable, ClosableWord, ScenarioFile, Seasons};
use super::resolve::day;
use crate::calendar::DayKind;

/// The shares of the days that a siting decision is made for add up to this.
pub const SHARES: u64 = 1_000_000;

/// Checks the section's values.
pub(super) fn check(file: &ScenarioFile, faults: &mut Vec<ScenarioFault>) {
    let rules = &file.siting;
    if rules.new_fixed + rules.new_smart + rules.relocate > 0 && file.candidates.is_none() {
        faults.push(ScenarioFault::new("S015", "siting"));
    }
    if rules.closable == Closable::Word(ClosableWord::None) && rules.close + rules.relocate > 0 {
        faults.push(ScenarioFault::new("S020", "siting.closable"));
    }
    if rules.at_least_per_unit.is_some() && file.area.units.is_none() {
        faults.push(ScenarioFault::new("S022", "siting.at_least_per_unit"));
    }
    if rules.mobile_windows > 0 && file.bus_stops.is_none() {
        faults.push(ScenarioFault::new("S023", "siting.mobile_windows"));
    }
    if rules.mobile_windows > file.mobile.buses {
        let fault = ScenarioFault::new("S024", "siting.mobile_windows").with("windows", rules.mobile_windows);
        faults.push(fault.with("buses", file.mobile.buses));
    }
    if rules.phases.contains(&0) {
        faults.push(ScenarioFault::new("S009", "siting.phases").with("allowed", "1 or more each").with("found", 0));
    }
    let budgets = [
        ("new_fixed", rules.new_fixed),
        ("new_smart", rules.new_smart),
        ("upgrade_smart", rules.upgrade_smart),
        ("mobile_window", rules.mobile_windows),
    ];
    if rules.budget_yuan.is_none() {
        return;
    }
    if budgets.iter().all(|(_, most)| *most == 0) {
        faults.push(ScenarioFault::new("S021", "siting.budget_yuan"));
    }
    for (action, most) in budgets {
        // A station of either kind may open in the place of one that closes.
        let may_happen = most > 0 || rules.relocate > 0 && action.starts_with("new");
        if may_happen && !file.costs.get(action).is_some_and(|[low, high]| high.is_finite() && 0.0 <= *low && low <= high) {
            faults.push(ScenarioFault::new("S019", format!("costs.{action}")).with("action", action));
        }
    }
}

/// The days of `siting.seasons` with their shares, scaled to add up to [`SHARES`]; empty when only the planning day counts.
pub(super) fn days(file: &ScenarioFile, faults: &mut Vec<ScenarioFault>) -> Vec<(DayKind, u64)> {
    let Seasons::Shares(shares) = &file.siting.seasons else { return Vec::new() };
    let total: f64 = shares.values().sum();
    if shares.values().any(|share| !(share.is_finite() && *share > 0.0)) || shares.is_empty() {
        let allowed = "a typical day with a share above 0, or planning_day, or each";
        faults.push(ScenarioFault::new("S009", "siting.seasons").with("allowed", allowed).with("found", format!("{shares:?}")));
        return Vec::new();
    }
    let (mut upto, mut given) = (0.0, 0);
    let mut scaled = Vec::new();
    for (text, share) in shares {
        upto += share / total;
        let end = ((upto * SHARES as f64).round() as u64).min(SHARES);
        scaled.extend(day(text, "siting.seasons", faults).map(|day| (day, end - given)));
        given = end;
    }
    scaled
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::resolve::resolve;
    use super::*;

    fn scenario(siting: &str) -> Result<super::super::Scenario, Vec<&'static str>> {
        let text = format!(
            "name = \"small\"\ntitle = {{ zh = \"小\", en = \"small\" }}\n[area]\nbbox = [126.5, 45.7, 126.6, 45.8]\n\
             [stations]\nfile = \"Cargo.toml\"\n[candidates]\nfile = \"Cargo.toml\"\n[demand.points]\nfile = \"Cargo.toml\"\n\
             [siting]\n{siting}\n"
        );
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenario.toml");
        resolve(&here, &text).map_err(|error| error.faults.iter().map(|fault| fault.message.code()).collect())
    }

    #[test]
    fn the_defaults_decide_for_the_planning_day_and_close_nothing() {
        let scenario = scenario("").expect("complete");
        assert_eq!(scenario.siting_days, [(scenario.planning_day, SHARES)]);
        assert_eq!(scenario.file.siting.closable, Closable::Word(ClosableWord::None));
        assert_eq!(scenario.file.siting.budget_yuan, None);
    }

    #[test]
    fn shares_of_days_are_scaled() {
        let found = scenario("seasons = { \"autumn weekday\" = 1, \"winter_peak weekday\" = 2 }").expect("complete");
        assert_eq!(found.siting_days.iter().map(|(_, share)| *share).collect::<Vec<_>>(), [333_333, 666_667]);
        let each = scenario("seasons = \"each\"\nclosable = [\"R001\"]\nrelocate = 1").expect("complete");
        assert_eq!(each.file.siting.closable, Closable::Ids(vec!["R001".into()]));
        assert!(toml::to_string(&found.file).is_ok(), "the effective scenario can be written");
    }

    #[test]
    fn what_can_not_be_decided_is_a_fault() {
        for (siting, code) in [
            ("new_smart = 1\nbudget_yuan = 100000", "S019"),
            ("close = 1", "S020"),
            ("budget_yuan = 100000", "S021"),
            ("at_least_per_unit = 1", "S022"),
            ("mobile_windows = 3\n[mobile]\nbuses = 2\n[bus_stops]\nfile = \"Cargo.toml\"", "S024"),
            ("mobile_windows = 2\nbudget_yuan = 9\n[mobile]\nbuses = 2\n[bus_stops]\nfile = \"Cargo.toml\"", "S019"),
            ("phases = [2, 0]", "S009"),
            ("closable = \"some\"", "S004"),
            ("seasons = { \"autumn weekday\" = -1.0 }", "S009"),
            ("seasons = { \"autumn someday\" = 1.0 }", "S007"),
            ("forbidden = \"nowhere.geojson\"", "S006"),
        ] {
            assert_eq!(scenario(siting).map(|_| ()), Err(vec![code]), "{siting}");
        }
        let without_stops = scenario("mobile_windows = 2\n[mobile]\nbuses = 2").expect_err("nowhere to stand");
        assert!(without_stops.contains(&"S023"), "{without_stops:?}");
        assert!(scenario("new_fixed = 1\nbudget_yuan = 100000").is_ok(), "its price is known");
    }
}
