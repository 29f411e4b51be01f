//! What tags mean: a rule table compiled into numbers, so that a way is judged without comparing strings.
//!
//! Input → output: the tags of a way → its class, who may use it in which direction, and its marks; the tags of a node → whom it stops.
//! Steps: every key and value that the table names gets a number; a way's tags become a row of value numbers by key; conditions,
//! classes and access values are looked up by number. The order of decisions is written at the head of `rules.toml`.
//! Complexity: one hash look-up a tag, then a few dozen array reads a way. Determinism: numbers follow the sorted words.

use std::collections::HashMap;

use super::NetworkError;
use super::profile::{Measure, Mode, Profile, Surface};
use super::rule_compiler::Words;
use super::rule_file;

/// Most keys that a table may name.
pub(super) const MOST_KEYS: usize = 64;
/// The value of a key that a way doesn't have.
pub(super) const ABSENT: u16 = 0;
/// The value "no".
pub(super) const NO: u16 = 2;
/// Bit of a node that stops who needs a way without steps; the bits below are the modes.
const STEP_BIT: u8 = 1 << 3;

/// Tags of a way or a node, as far as the rules look at them.
#[derive(Debug, Clone)]
pub struct TagRow {
    values: [u16; MOST_KEYS],
    maxspeed: u8,
    layer: i8,
}

/// Some keys with some of their values; holds when any does.
#[derive(Debug, Clone, Default)]
pub(super) struct Condition(pub Vec<(u8, Values)>);

/// Values that a condition asks for.
#[derive(Debug, Clone)]
pub(super) enum Values {
    /// Any but "no".
    Any,
    /// One of these.
    Listed(Vec<u16>),
}

impl Condition {
    fn holds(&self, tags: &TagRow) -> bool {
        self.0.iter().any(|(key, values)| {
            let value = tags.values[*key as usize];
            match values {
                Values::Any => value != ABSENT && value != NO,
                Values::Listed(listed) => listed.contains(&value),
            }
        })
    }
}

/// What a class says of a mode.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Leave {
    Never,
    Closed,
    /// Open, with a pace of its own in µs/m or the mode's.
    Open(Option<u32>),
}

/// A sort of street: a key with one of its values.
#[derive(Debug, Clone)]
pub(super) struct Class {
    pub name: String,
    pub leave: [Leave; 3],
}

/// What the table says of one mode.
#[derive(Debug, Clone)]
pub(super) struct ModeRules {
    pub pace: u32,
    pub leg_pace: u32,
    pub season_pace: [u32; 3],
    pub opens: Condition,
    pub closes: Condition,
    pub own_keys: Vec<u8>,
    pub general_keys: Vec<u8>,
    pub oneway_keys: Vec<u8>,
    pub oneway_when: Condition,
    pub twoway_when: Condition,
    pub obeys_maxspeed: bool,
}

/// Whom nodes with a barrier stop.
#[derive(Debug, Clone)]
pub(super) struct BarrierRules {
    pub key: u8,
    pub default: u8,
    pub locked: Condition,
    pub stops: HashMap<u16, u8>,
    pub steps: Vec<u16>,
}

/// A compiled rule table.
#[derive(Debug, Clone)]
pub struct Rules {
    text: String,
    words: Words,
    class_of: Vec<(u8, HashMap<u16, u8>)>,
    classes: Vec<Class>,
    open: Vec<u16>,
    closed: Vec<u16>,
    directions: [Vec<u16>; 3],
    modes: [ModeRules; 3],
    barriers: BarrierRules,
    marks: Vec<(Mark, Condition)>,
    /// Ways that are barrier lines, and where they aren't.
    barrier_lines: [Condition; 2],
}

/// What else is known of an edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Mark {
    /// On a bridge.
    Bridge = 1,
    /// In a tunnel.
    Tunnel = 2,
    /// Steps.
    Steps = 4,
    /// An escalator or a moving walkway.
    Conveying = 8,
    /// Closed when no steps are wanted.
    NotStepFree = 16,
    /// Nobody joins it half-way unless nothing else is near.
    LastResort = 32,
}

/// A set of [`Mark`]s.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Marks(pub(super) u8);

impl Marks {
    /// Whether the edge has a mark.
    pub fn has(self, mark: Mark) -> bool {
        self.0 & mark as u8 != 0
    }
}

/// Who may use an edge, in which direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Access(pub(super) u8);

impl Access {
    /// Whether a mode may travel along the edge.
    pub fn forward(self, mode: Mode) -> bool {
        self.0 >> (2 * mode as u8) & 1 != 0
    }

    /// Whether a mode may travel against the edge.
    pub fn backward(self, mode: Mode) -> bool {
        self.0 >> (2 * mode as u8) & 2 != 0
    }

    /// Whether a mode may be here at all.
    pub fn any(self, mode: Mode) -> bool {
        self.forward(mode) || self.backward(mode)
    }
}

/// Whom a node stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stops(pub(super) u8);

impl Stops {
    /// Whether the node stops a traveller.
    pub fn stops(self, profile: &Profile) -> bool {
        self.0 & (1 << profile.mode as u8) != 0 || (profile.step_free && self.0 & STEP_BIT != 0)
    }

    /// Whether it stops anybody.
    pub fn anybody(self) -> bool {
        self.0 != 0
    }
}

/// A way, judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Street {
    /// Number of its class: [`Rules::class_name`].
    pub class: u8,
    /// Who may use it.
    pub access: Access,
    /// What else is known.
    pub marks: Marks,
    /// Signed limit in km/h; 0 when there is none.
    pub maxspeed: u8,
    /// Level above or below others; 0 is the ground.
    pub layer: i8,
}

impl Rules {
    /// The rules that are compiled in.
    pub fn standard() -> Self {
        Self::with_own(None).expect("invariant: the built-in rules are checked by a test")
    }

    /// The built-in rules with a planner's own TOML laid over them.
    ///
    /// # Errors
    /// `N001` when the text is no rule table, `N002` when one of its values makes no sense.
    pub fn with_own(own: Option<&str>) -> Result<Self, NetworkError> {
        let (file, text) = rule_file::read(own)?;
        let mut words = Words::default();
        let (class_of, classes) = words.classes(&file)?;
        let open = words.values(&file.access.open);
        let closed = words.values(&file.access.closed);
        let directions =
            [&file.directions.forward, &file.directions.backward, &file.directions.both].map(|list| words.values(list));
        let modes = words.modes(&file)?;
        let barriers = words.barriers(&file)?;
        let marks = words.marks(&file)?;
        let barrier_lines = words.barrier_lines(&file)?;
        words.number_keys(&file)?;
        Ok(Self { text, words, class_of, classes, open, closed, directions, modes, barriers, marks, barrier_lines })
    }

    /// The rules of a merged text, as [`Rules::text`] gives it.
    pub(super) fn from_text(text: &str) -> Result<Self, NetworkError> {
        Self::with_own(Some(text))
    }

    /// The whole table, merged: what a cache key is made of.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Name of a class: the value of its key.
    pub fn class_name(&self, class: u8) -> &str {
        self.classes.get(class as usize).map_or("", |class| &class.name)
    }

    /// Number of classes.
    pub(super) fn classes(&self) -> usize {
        self.classes.len()
    }

    /// The words of the table by number.
    pub(super) fn words(&self) -> &Words {
        &self.words
    }

    /// Reads tags given as words.
    pub fn row<'a>(&self, tags: impl IntoIterator<Item = (&'a str, &'a str)>) -> TagRow {
        let mut row = TagRow::EMPTY;
        for (key, value) in tags {
            if let Some(key) = self.words.key(key.as_bytes()) {
                row.set(&self.words, key, self.words.value(value.as_bytes()), value.as_bytes());
            }
        }
        row
    }

    /// Judges a way; `None` when it is no street for anybody.
    pub fn judge(&self, tags: &TagRow) -> Option<Street> {
        let class = self.class(tags)?;
        let mut access = 0;
        for (number, rules) in self.modes.iter().enumerate() {
            if self.is_open(rules, self.classes[class as usize].leave[number], tags) {
                access |= self.ways(rules, tags) << (2 * number);
            }
        }
        let marks = self.marks.iter().filter(|(_, condition)| condition.holds(tags));
        let marks = Marks(marks.fold(0, |bits, (mark, _)| bits | *mark as u8));
        (access != 0).then_some(Street { class, access: Access(access), marks, maxspeed: tags.maxspeed, layer: tags.layer })
    }

    /// Whether no leg between a place and the street may cross a way.
    pub fn is_barrier_line(&self, tags: &TagRow) -> bool {
        let [ways, not_where] = &self.barrier_lines;
        ways.holds(tags) && !not_where.holds(tags)
    }

    /// Judges a node on a street.
    pub fn judge_node(&self, tags: &TagRow) -> Stops {
        let barrier = tags.values[self.barriers.key as usize];
        if barrier == ABSENT || barrier == NO {
            return Stops(0);
        }
        let mut stops = self.barriers.stops.get(&barrier).copied().unwrap_or(self.barriers.default);
        if self.barriers.locked.holds(tags) {
            stops |= 0b111;
        }
        for (number, rules) in self.modes.iter().enumerate() {
            match self.by_keys(rules, tags) {
                Some(true) => stops &= !(1 << number),
                Some(false) => stops |= 1 << number,
                None => {}
            }
        }
        if self.barriers.steps.contains(&barrier) { Stops(stops | STEP_BIT) } else { Stops(stops) }
    }

    /// Pace in microseconds a metre on a class of street, with its signed limit in km/h (0 for none).
    pub(super) fn pace(&self, mode: Mode, surface: Surface, class: u8, maxspeed: u8) -> u32 {
        let rules = &self.modes[mode as usize];
        let own = match self.classes[class as usize].leave[mode as usize] {
            Leave::Open(Some(pace)) => pace,
            _ => rules.pace,
        };
        let limit = if rules.obeys_maxspeed && maxspeed > 0 { 3_600_000 / u32::from(maxspeed) } else { 0 };
        own.max(limit) + rules.season_pace[surface as usize]
    }

    /// Pace in microseconds a metre between a place and the street; for lengths there is none.
    pub(super) fn leg_pace(&self, mode: Mode, measure: Measure) -> Option<u32> {
        let rules = &self.modes[mode as usize];
        match measure {
            Measure::Length => None,
            Measure::Time(surface) => Some(rules.leg_pace + rules.season_pace[surface as usize]),
        }
    }

    fn class(&self, tags: &TagRow) -> Option<u8> {
        self.class_of.iter().find_map(|(key, classes)| classes.get(&tags.values[*key as usize]).copied())
    }

    fn is_open(&self, rules: &ModeRules, leave: Leave, tags: &TagRow) -> bool {
        if leave == Leave::Never {
            return false;
        }
        let by_class = (leave != Leave::Closed || rules.opens.holds(tags)) && !rules.closes.holds(tags);
        self.by_keys(rules, tags).unwrap_or(by_class)
    }

    /// What the access keys say of a mode: own keys open or close, general keys close; `None` when they are silent.
    fn by_keys(&self, rules: &ModeRules, tags: &TagRow) -> Option<bool> {
        let first = |keys: &[u8]| keys.iter().find_map(|key| self.known(tags.values[*key as usize]));
        first(&rules.own_keys).or_else(|| first(&rules.general_keys).filter(|open| !open))
    }

    fn known(&self, value: u16) -> Option<bool> {
        if self.open.contains(&value) { Some(true) } else { self.closed.contains(&value).then_some(false) }
    }

    /// Directions that a mode may take on an open way: 1 along it, 2 against it.
    fn ways(&self, rules: &ModeRules, tags: &TagRow) -> u8 {
        if rules.twoway_when.holds(tags) {
            return 3;
        }
        let direction = |value: u16| self.directions.iter().position(|list| list.contains(&value));
        match rules.oneway_keys.iter().find_map(|key| direction(tags.values[*key as usize])) {
            Some(0) => 1,
            Some(1) => 2,
            None if rules.oneway_when.holds(tags) => 1,
            _ => 3,
        }
    }
}

impl TagRow {
    /// No tags.
    pub(super) const EMPTY: Self = Self { values: [ABSENT; MOST_KEYS], maxspeed: 0, layer: 0 };

    /// Adds a tag: numbers of its key and value, and the value's own bytes.
    pub(super) fn set(&mut self, words: &Words, key: u8, value: u16, bytes: &[u8]) {
        self.values[key as usize] = value;
        if words.is_maxspeed(key) {
            self.maxspeed = maxspeed(bytes);
        } else if words.is_layer(key) {
            self.layer = std::str::from_utf8(bytes).ok().and_then(|text| text.trim().parse().ok()).unwrap_or(0);
        }
    }
}

/// A signed limit in whole km/h: `50`, `30 mph`; 0 when it isn't a number.
fn maxspeed(bytes: &[u8]) -> u8 {
    let text = std::str::from_utf8(bytes).unwrap_or("").trim();
    let (number, factor) = text.strip_suffix("mph").map_or((text, 1.0), |number| (number, 1.609_344));
    let kmh = number.trim().parse::<f64>().map_or(0.0, |number| number * factor);
    kmh.round().clamp(0.0, 255.0) as u8
}
