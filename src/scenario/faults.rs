//! Faults of a scenario file, all reported together.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::message::{Lang, Message};

/// One fault: the key it is about, and a coded message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScenarioFault {
    /// Dotted key, such as `standard.pack`; empty for the file as a whole.
    pub key: String,
    /// What is wrong and what to do.
    pub message: Message,
}

impl ScenarioFault {
    /// A fault of `key`.
    pub fn new(code: &'static str, key: impl Into<String>) -> Self {
        Self { key: key.into(), message: Message::new(code) }
    }

    /// Adds an argument of the message.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        self.message = self.message.with(name, value);
        self
    }
}

/// Every fault of one scenario file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ScenarioFaults {
    /// The file.
    pub file: PathBuf,
    /// Its faults, in the order they were found.
    pub faults: Vec<ScenarioFault>,
}

impl ScenarioFaults {
    /// A single fault.
    pub fn one(file: &Path, fault: ScenarioFault) -> Self {
        Self { file: file.to_owned(), faults: vec![fault] }
    }

    /// One line a fault: code, file, key, cause, remedy.
    pub fn lines(&self, lang: Lang) -> Vec<String> {
        let file = self.file.display();
        let line = |fault: &ScenarioFault| {
            let key = if fault.key.is_empty() { String::new() } else { format!(" `{}`", fault.key) };
            format!("[{}] {file}{key}: {}", fault.message.code(), fault.message.render(lang))
        };
        self.faults.iter().map(line).collect()
    }
}

impl fmt::Display for ScenarioFaults {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.lines(Lang::En).join("\n"))
    }
}
