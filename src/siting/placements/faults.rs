//! Words of faults that name units and rules.

use crate::message::{Lang, term};

/// A term in both languages: a fault doesn't know which one it will be read in.
pub(super) fn both(key: &str) -> String {
    format!("{} / {}", term(key, Lang::Zh), term(key, Lang::En))
}

/// Planning units with more stations asked for than they can have.
pub(super) fn listed(culprits: &[(String, usize, usize, usize)]) -> String {
    let one = |(unit, needed, standing, usable): &(String, usize, usize, usize)| {
        let text = both("siting.unit").replace("{unit}", unit).replace("{needed}", &needed.to_string());
        text.replace("{standing}", &standing.to_string()).replace("{usable}", &usable.to_string())
    };
    culprits.iter().map(one).collect::<Vec<_>>().join("; ")
}
