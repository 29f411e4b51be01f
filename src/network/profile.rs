//! Who travels on a network, on what surface, and what is counted: millimetres or milliseconds.

use std::collections::BTreeSet;

/// Who travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// On foot.
    Walk,
    /// By electric bicycle.
    Ebike,
    /// By motor vehicle: the bus of a mobile station.
    Drive,
}

impl Mode {
    /// All modes, in the order of rule tables.
    pub const ALL: [Self; 3] = [Self::Walk, Self::Ebike, Self::Drive];

    /// Identifier in files.
    pub fn id(self) -> &'static str {
        match self {
            Self::Walk => "walk",
            Self::Ebike => "ebike",
            Self::Drive => "drive",
        }
    }

    /// The mode of an identifier.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.id() == id)
    }
}

/// State of the surface, which slows every kilometre by what the rule table says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Surface {
    /// Without snow.
    #[default]
    Bare,
    /// Winter, cleared or gritted.
    Winter,
    /// Clean ice.
    Ice,
}

impl Surface {
    /// All states, from fast to slow.
    pub const ALL: [Self; 3] = [Self::Bare, Self::Winter, Self::Ice];

    /// Identifier in files.
    pub fn id(self) -> &'static str {
        match self {
            Self::Bare => "bare",
            Self::Winter => "winter",
            Self::Ice => "ice",
        }
    }

    /// The state of an identifier.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|surface| surface.id() == id)
    }
}

/// What a path costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Measure {
    /// Its length in millimetres.
    Length,
    /// Its time in milliseconds on a surface.
    Time(Surface),
}

/// How a network is travelled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Who travels.
    pub mode: Mode,
    /// What is counted.
    pub measure: Measure,
    /// No steps, stiles or escalators.
    pub step_free: bool,
    /// OSM ids of ways that are closed: works, a bridge under repair.
    pub closed_ways: BTreeSet<i64>,
}

impl Profile {
    /// A mode and a measure; nothing closed, steps allowed.
    pub fn new(mode: Mode, measure: Measure) -> Self {
        Self { mode, measure, step_free: false, closed_ways: BTreeSet::new() }
    }

    /// The same without steps.
    #[must_use]
    pub fn step_free(mut self) -> Self {
        self.step_free = true;
        self
    }

    /// The same with some ways closed.
    #[must_use]
    pub fn without(mut self, ways: impl IntoIterator<Item = i64>) -> Self {
        self.closed_ways.extend(ways);
        self
    }
}
