//! Headers and roles of anyone's files: `words.toml` says which words mean what.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::domain::location::Role;
use crate::ingest::headers::normalise;

/// What a column can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Header {
    Id,
    X,
    Y,
    Lon,
    Lat,
    Weight,
    Role,
    Cost,
    Capacity,
    Kind,
    Site,
    Demand,
    Impedance,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    headers: BTreeMap<Header, Vec<String>>,
    roles: Roles,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Roles {
    candidate: Vec<String>,
    existing: Vec<String>,
    competitor: Vec<String>,
}

static WORDS: LazyLock<Words> =
    LazyLock::new(|| toml::from_str(include_str!("words.toml")).expect("invariant: words.toml is checked by a test"));

/// The column that holds something, from 0.
pub(super) fn column(headers: &[String], header: Header) -> Option<usize> {
    let normal: Vec<String> = headers.iter().map(|header| normalise(header)).collect();
    WORDS.headers[&header].iter().find_map(|word| normal.iter().position(|found| *found == normalise(word)))
}

/// The headers that a column may have, for messages.
pub(super) fn accepted(header: Header) -> String {
    WORDS.headers[&header].join(" / ")
}

/// A role in words or numbers: `Some(None)` is a competitor, who is nothing here; an empty cell is a candidate.
pub(super) fn role(text: &str) -> Option<Option<Role>> {
    let word = normalise(text);
    let is_in = |words: &[String]| words.iter().any(|w| normalise(w) == word);
    if word.is_empty() || is_in(&WORDS.roles.candidate) {
        Some(Some(Role::Candidate))
    } else if is_in(&WORDS.roles.existing) {
        Some(Some(Role::Existing))
    } else {
        is_in(&WORDS.roles.competitor).then_some(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_and_roles_in_both_languages() {
        let headers: Vec<String> = ["名称", "编号", "经度", "LAT", "Facility_Type"].map(str::to_owned).to_vec();
        assert_eq!(column(&headers, Header::Id), Some(1), "an id wins over a name");
        assert_eq!(column(&headers, Header::Lon), Some(2));
        assert_eq!(column(&headers, Header::Lat), Some(3));
        assert_eq!(column(&headers, Header::Role), Some(4));
        assert_eq!(column(&headers, Header::X), None);
        for (text, expected) in [
            ("Required", Some(Some(Role::Existing))),
            ("现有", Some(Some(Role::Existing))),
            ("3", Some(Some(Role::Candidate))),
            ("", Some(Some(Role::Candidate))),
            ("Competitor", Some(None)),
            ("maybe", None),
        ] {
            assert_eq!(role(text), expected, "{text}");
        }
    }
}
