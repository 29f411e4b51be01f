//! All faults of the inputs at once, up to a number that a person reads.

use crate::ingest::IngestError;
use crate::message::{Lang, Message};

/// Faults that are shown; the rest is counted.
const SHOWN: usize = 20;

/// What is wrong with the inputs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults {
    first: Vec<IngestError>,
    more: usize,
}

impl Faults {
    /// Adds a fault.
    pub(super) fn push(&mut self, fault: IngestError) {
        if self.first.len() < SHOWN {
            self.first.push(fault);
        } else {
            self.more += 1;
        }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.first.len() + self.more
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.first.is_empty()
    }

    /// One line a fault (with its code), and how many more there are.
    pub fn lines(&self, lang: Lang) -> Vec<String> {
        let line = |fault: &IngestError| format!("{} {}", fault.message().code(), fault.render(lang));
        let mut lines: Vec<String> = self.first.iter().map(line).collect();
        if self.more > 0 {
            lines.push(Message::new("P017").with("count", self.more).render(lang));
        }
        lines
    }
}

impl From<IngestError> for Faults {
    fn from(fault: IngestError) -> Self {
        Self { first: vec![fault], more: 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_beyond_the_first_are_counted() {
        let mut faults = Faults::default();
        for row in 0..SHOWN + 3 {
            faults.push(IngestError::new("a.csv", Message::new("P012")).at_row(row));
        }
        assert_eq!((faults.count(), faults.lines(Lang::En).len()), (SHOWN + 3, SHOWN + 1));
        assert!(faults.lines(Lang::En)[SHOWN].contains('3'), "{:?}", faults.lines(Lang::En));
    }
}
