//! From the words of a rule table to numbers.
//!
//! Every key and every value that the table names gets a number when it is first met; the table is walked in a fixed order, so
//! the numbers are the same in every run. Value 0 is "absent", 1 "a word that no rule names", 2 "no".

use std::collections::HashMap;

use super::NetworkError;
use super::profile::Mode;
use super::rule_file::{ByMode, ConditionText, ModeText, Permission, RuleFile};
use super::rules::{BarrierRules, Class, Condition, Leave, MOST_KEYS, Mark, ModeRules, NO, Values};
use crate::message::Message;

/// A word that no rule names.
const OTHER: u16 = 1;
/// Only this version of the table is understood.
const VERSION: u32 = 1;
/// The key of barriers on nodes.
const BARRIER: &str = "barrier";
/// Slowest and fastest speed that a table may give, in km/h.
const SPEEDS: std::ops::RangeInclusive<f64> = 0.1..=200.0;

/// Numbers of keys and values.
#[derive(Debug, Clone)]
pub(super) struct Words {
    keys: HashMap<Vec<u8>, u8>,
    values: HashMap<Vec<u8>, u16>,
    maxspeed: Option<u8>,
    layer: Option<u8>,
}

impl Default for Words {
    fn default() -> Self {
        Self { keys: HashMap::new(), values: HashMap::from([(b"no".to_vec(), NO)]), maxspeed: None, layer: None }
    }
}

/// Classes by key and value, and what each says.
type Classes = (Vec<(u8, HashMap<u16, u8>)>, Vec<Class>);

impl Words {
    /// Number of a key, when a rule names it.
    pub fn key(&self, word: &[u8]) -> Option<u8> {
        self.keys.get(word).copied()
    }

    /// Number of a value.
    pub fn value(&self, word: &[u8]) -> u16 {
        self.values.get(word).copied().unwrap_or(OTHER)
    }

    /// Whether a key gives signed limits.
    pub fn is_maxspeed(&self, key: u8) -> bool {
        self.maxspeed == Some(key)
    }

    /// Whether a key gives levels.
    pub fn is_layer(&self, key: u8) -> bool {
        self.layer == Some(key)
    }

    fn add_key(&mut self, word: &str) -> Result<u8, NetworkError> {
        if let Some(key) = self.key(word.as_bytes()) {
            return Ok(key);
        }
        let next = self.keys.len();
        if next >= MOST_KEYS {
            return Err(fault(word, format!("more than {MOST_KEYS} different keys")));
        }
        self.keys.insert(word.as_bytes().to_vec(), next as u8);
        Ok(next as u8)
    }

    fn add_value(&mut self, word: &str) -> u16 {
        let next = self.values.len() as u16 + 2;
        *self.values.entry(word.as_bytes().to_vec()).or_insert(next)
    }

    /// Numbers of values, in the order given.
    pub fn values(&mut self, list: &[String]) -> Vec<u16> {
        list.iter().map(|word| self.add_value(word)).collect()
    }

    fn keys(&mut self, list: &[String]) -> Result<Vec<u8>, NetworkError> {
        list.iter().map(|word| self.add_key(word)).collect()
    }

    fn condition(&mut self, text: &ConditionText) -> Result<Condition, NetworkError> {
        let mut parts = Vec::with_capacity(text.len());
        for (key, list) in text {
            let any = list.iter().any(|value| value == "*");
            let values = if any { Values::Any } else { Values::Listed(self.values(list)) };
            parts.push((self.add_key(key)?, values));
        }
        Ok(Condition(parts))
    }

    /// Classes in the order of `class_keys`, values sorted.
    pub fn classes(&mut self, file: &RuleFile) -> Result<Classes, NetworkError> {
        if file.version != VERSION {
            return Err(fault("version", format!("must be {VERSION}")));
        }
        if let Some(unused) = file.classes.keys().find(|key| !file.class_keys.contains(key)) {
            return Err(fault(unused, "has classes, but isn't one of class_keys".to_owned()));
        }
        let (mut class_of, mut classes) = (Vec::new(), Vec::new());
        for key in &file.class_keys {
            let mut of_key = HashMap::new();
            for (value, permissions) in file.classes.get(key).into_iter().flatten() {
                let number = u8::try_from(classes.len()).map_err(|_| fault(key, "more than 256 classes".to_owned()))?;
                of_key.insert(self.add_value(value), number);
                classes.push(Class { name: value.clone(), leave: leave(value, permissions)? });
            }
            class_of.push((self.add_key(key)?, of_key));
        }
        Ok((class_of, classes))
    }

    /// Rules of each mode.
    pub fn modes(&mut self, file: &RuleFile) -> Result<[ModeRules; 3], NetworkError> {
        let [walk, ebike, drive] = file.modes.each();
        Ok([self.mode(walk)?, self.mode(ebike)?, self.mode(drive)?])
    }

    fn mode(&mut self, text: &ModeText) -> Result<ModeRules, NetworkError> {
        let seasons = &text.season_s_per_km;
        Ok(ModeRules {
            pace: pace("kmh", text.kmh)?,
            leg_pace: pace("leg_kmh", text.leg_kmh)?,
            // A second a kilometre is a thousand microseconds a metre.
            season_pace: [seasons.bare, seasons.winter, seasons.ice].map(|seconds| seconds.min(1_000_000) * 1000),
            opens: self.condition(&text.opens)?,
            closes: self.condition(&text.closes)?,
            own_keys: self.keys(&text.own_keys)?,
            general_keys: self.keys(&text.general_keys)?,
            oneway_keys: self.keys(&text.oneway_keys)?,
            oneway_when: self.condition(&text.oneway_when)?,
            twoway_when: self.condition(&text.twoway_when)?,
            obeys_maxspeed: text.obeys_maxspeed,
        })
    }

    /// Rules of nodes.
    pub fn barriers(&mut self, file: &RuleFile) -> Result<BarrierRules, NetworkError> {
        let mut stops = HashMap::new();
        for (value, modes) in &file.barriers.passes {
            stops.insert(self.add_value(value), stopped(value, modes)?);
        }
        Ok(BarrierRules {
            key: self.add_key(BARRIER)?,
            default: stopped("default", &file.barriers.default)?,
            locked: self.condition(&file.barriers.locked)?,
            stops,
            steps: self.values(&file.step_free.barriers),
        })
    }

    /// Marks of ways.
    pub fn marks(&mut self, file: &RuleFile) -> Result<Vec<(Mark, Condition)>, NetworkError> {
        let texts = [
            (Mark::Bridge, &file.marks.bridge),
            (Mark::Tunnel, &file.marks.tunnel),
            (Mark::Steps, &file.marks.steps),
            (Mark::Conveying, &file.marks.conveying),
            (Mark::NotStepFree, &file.step_free.closes),
            (Mark::LastResort, &file.snapping.last_resort),
        ];
        texts.into_iter().map(|(mark, text)| Ok((mark, self.condition(text)?))).collect()
    }

    /// Which ways are barrier lines, and where they aren't.
    pub fn barrier_lines(&mut self, file: &RuleFile) -> Result<[Condition; 2], NetworkError> {
        Ok([self.condition(&file.barrier_lines.ways)?, self.condition(&file.barrier_lines.not_where)?])
    }

    /// Keys whose values are read as numbers.
    pub fn number_keys(&mut self, file: &RuleFile) -> Result<(), NetworkError> {
        self.maxspeed = Some(self.add_key(&file.maxspeed_key)?);
        self.layer = Some(self.add_key(&file.layer_key)?);
        Ok(())
    }
}

fn fault(key: &str, cause: String) -> NetworkError {
    NetworkError::new(Message::new("N002").with("key", key).with("cause", cause))
}

/// Microseconds a metre.
fn pace(key: &str, kmh: f64) -> Result<u32, NetworkError> {
    if SPEEDS.contains(&kmh) {
        Ok((3_600_000.0 / kmh).round() as u32)
    } else {
        Err(fault(key, format!("{kmh} km/h is no speed between {} and {} km/h", SPEEDS.start(), SPEEDS.end())))
    }
}

fn leave(class: &str, permissions: &ByMode<Permission>) -> Result<[Leave; 3], NetworkError> {
    let one = |permission: &Permission| match permission {
        Permission::Plain(true) => Ok(Leave::Open(None)),
        Permission::Plain(false) => Ok(Leave::Closed),
        Permission::Kmh(kmh) => Ok(Leave::Open(Some(pace(class, *kmh)?))),
        Permission::Word(_) => Ok(Leave::Never),
    };
    let [walk, ebike, drive] = permissions.each();
    Ok([one(walk)?, one(ebike)?, one(drive)?])
}

/// Bits of the modes that are not in a list.
fn stopped(key: &str, passing: &[String]) -> Result<u8, NetworkError> {
    let mut stopped = 0b111;
    for id in passing {
        let mode = Mode::from_id(id).ok_or_else(|| fault(key, format!("`{id}` is no mode (walk, ebike, drive)")))?;
        stopped &= !(1 << mode as u8);
    }
    Ok(stopped)
}
