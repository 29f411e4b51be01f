//! What a rule table says, as TOML; [`super::rules`] says what it means.
//!
//! Input → output: the table that is compiled in and, maybe, a planner's own laid over it → one merged, typed table.
//! Tables are merged key by key; any other value of the upper table replaces the one below.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::NetworkError;
use crate::message::Message;

/// The table that is compiled in.
pub(super) const DEFAULT: &str = include_str!("rules.toml");

/// Key → values; holds when any key has one of its values.
pub(super) type ConditionText = BTreeMap<String, Vec<String>>;

/// A whole table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleFile {
    pub version: u32,
    pub class_keys: Vec<String>,
    pub maxspeed_key: String,
    pub layer_key: String,
    pub classes: BTreeMap<String, BTreeMap<String, ByMode<Permission>>>,
    pub access: AccessValues,
    pub directions: DirectionValues,
    pub modes: ByMode<ModeText>,
    pub barriers: BarrierText,
    pub step_free: StepFreeText,
    pub marks: MarkText,
    pub snapping: SnappingText,
    pub barrier_lines: BarrierLineText,
}

/// One value a mode.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ByMode<T> {
    pub walk: T,
    pub ebike: T,
    pub drive: T,
}

impl<T> ByMode<T> {
    /// In the order of [`super::Mode::ALL`].
    pub fn each(&self) -> [&T; 3] {
        [&self.walk, &self.ebike, &self.drive]
    }
}

/// What a class says of a mode.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub(super) enum Permission {
    /// Open at the mode's speed, or closed.
    Plain(bool),
    /// Open at a speed in km/h.
    Kmh(f64),
    /// `"never"`.
    Word(Never),
}

/// The one word that a permission may be.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Never {
    /// Closed, whatever keys say.
    Never,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AccessValues {
    pub open: Vec<String>,
    pub closed: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DirectionValues {
    pub forward: Vec<String>,
    pub backward: Vec<String>,
    pub both: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ModeText {
    pub kmh: f64,
    pub leg_kmh: f64,
    pub season_s_per_km: SeasonText,
    pub opens: ConditionText,
    pub closes: ConditionText,
    pub own_keys: Vec<String>,
    pub general_keys: Vec<String>,
    pub oneway_keys: Vec<String>,
    pub oneway_when: ConditionText,
    pub twoway_when: ConditionText,
    pub obeys_maxspeed: bool,
}

/// Seconds added to every kilometre.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SeasonText {
    pub bare: u32,
    pub winter: u32,
    pub ice: u32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BarrierText {
    pub default: Vec<String>,
    pub locked: ConditionText,
    pub passes: BTreeMap<String, Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StepFreeText {
    pub closes: ConditionText,
    pub barriers: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MarkText {
    pub bridge: ConditionText,
    pub tunnel: ConditionText,
    pub steps: ConditionText,
    pub conveying: ConditionText,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SnappingText {
    pub last_resort: ConditionText,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BarrierLineText {
    pub ways: ConditionText,
    pub not_where: ConditionText,
}

/// The merged table and its text, which is what a cache key is made of.
///
/// # Errors
/// `N001` when a table is no TOML or says what no rule can mean.
pub(super) fn read(own: Option<&str>) -> Result<(RuleFile, String), NetworkError> {
    let mut table = parse(DEFAULT)?;
    if let Some(own) = own {
        lay_over(&mut table, parse(own)?);
    }
    let text = table.to_string();
    let file = RuleFile::deserialize(table).map_err(fault)?;
    Ok((file, text))
}

fn parse(text: &str) -> Result<toml::Table, NetworkError> {
    text.parse().map_err(fault)
}

fn fault(cause: toml::de::Error) -> NetworkError {
    NetworkError::new(Message::new("N001").with("cause", cause.to_string().trim_end()))
}

fn lay_over(below: &mut toml::Table, above: toml::Table) {
    for (key, value) in above {
        match (below.get_mut(&key), value) {
            (Some(toml::Value::Table(old)), toml::Value::Table(new)) => lay_over(old, new),
            (_, value) => drop(below.insert(key, value)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_own_table_changes_what_it_names_and_nothing_else() {
        let own = "[classes.highway]\nfootway = { walk = true, ebike = 8, drive = false }\n[modes.walk]\nkmh = 5.0\n";
        let (file, text) = read(Some(own)).expect("a valid table");
        assert_eq!(file.classes["highway"]["footway"].ebike, Permission::Kmh(8.0));
        assert_eq!(file.classes["highway"]["steps"].ebike, Permission::Word(Never::Never));
        assert_eq!((file.modes.walk.kmh, file.modes.walk.leg_kmh), (5.0, 4.8));
        assert_ne!(text, read(None).expect("valid").1);
    }

    #[test]
    fn an_unknown_key_is_named() {
        let error = read(Some("[modes.walk]\nspeed = 5")).expect_err("no such key");
        assert!(error.to_string().contains("speed"), "{error}");
        assert!(read(Some("[modes.walk\n")).is_err());
    }
}
