//! Words of faults that name units and rules.

use crate::message::{Lang, term};

/// A term in both languages: a fault doesn't know which one it will be read in.
pub(super) fn both(key: &str) -> String {
    format!("{} / {}", term(key, Lang::Zh), term(key, Lang::En))
}

/// Planning units with more stations asked for than they can have, the first ten: asked > standing + usable candidates.
pub(super) fn listed(culprits: &[(String, usize, usize, usize)]) -> String {
    const NAMED: usize = 10;
    let one =
        |(unit, needed, standing, usable): &(String, usize, usize, usize)| format!("{unit} {needed} > {standing} + {usable}");
    let more = if culprits.len() > NAMED { "; …" } else { "" };
    culprits.iter().take(NAMED).map(one).collect::<Vec<_>>().join("; ") + more
}
