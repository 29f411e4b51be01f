//! Messages in two languages: a stable code and its arguments here, the sentences in `src/text/*.toml`.
//!
//! A template writes `{name}` where an argument goes. `docs/errors.md` lists every code.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

use serde::Deserialize;

/// Language of messages, reports and maps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lang {
    /// 简体中文.
    Zh,
    /// English.
    #[default]
    En,
}

/// A sentence in both languages.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sentence {
    zh: String,
    en: String,
}

impl Sentence {
    fn in_lang(&self, lang: Lang) -> &str {
        match lang {
            Lang::Zh => &self.zh,
            Lang::En => &self.en,
        }
    }
}

/// Every text file, compiled in: code or term → sentence.
static SENTENCES: LazyLock<BTreeMap<String, Sentence>> = LazyLock::new(|| {
    let files = [
        include_str!("text/scenario.toml"),
        include_str!("text/ledger.toml"),
        include_str!("text/demand.toml"),
        include_str!("text/terms.toml"),
        include_str!("text/cli.toml"),
        include_str!("text/report.toml"),
        include_str!("text/siting.toml"),
        include_str!("text/output.toml"),
        include_str!("text/verify.toml"),
        include_str!("text/locate.toml"),
        include_str!("text/network.toml"),
        include_str!("text/schedule.toml"),
        include_str!("text/rounds.toml"),
        include_str!("text/workbook.toml"),
        include_str!("text/page.toml"),
        include_str!("text/compare.toml"),
        include_str!("text/gis.toml"),
        include_str!("text/public.toml"),
    ];
    let mut sentences = BTreeMap::new();
    for file in files {
        let parsed: BTreeMap<String, Sentence> = toml::from_str(file).expect("invariant: text files are checked by a test");
        for (code, sentence) in parsed {
            let twice = sentences.insert(code.clone(), sentence).is_some();
            assert!(!twice, "invariant: `{code}` has one sentence only");
        }
    }
    sentences
});

/// All codes and terms, sorted.
pub fn codes() -> impl Iterator<Item = &'static str> {
    SENTENCES.keys().map(String::as_str)
}

/// The sentence of a code or the word of a term, without arguments filled in; the key itself when there is none.
pub fn term(key: &str, lang: Lang) -> &str {
    SENTENCES.get(key).map_or(key, |sentence| sentence.in_lang(lang))
}

/// The key of the sentence that the public reads: `KEY.public` where there is one. It leaves out what is withheld.
pub fn public_key(key: &str) -> &str {
    SENTENCES.get_key_value(&format!("{key}.public")).map_or(key, |(own, _)| own.as_str())
}

/// A message: its code and what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    code: &'static str,
    arguments: Vec<(&'static str, String)>,
}

impl Message {
    /// A message without arguments.
    pub fn new(code: &'static str) -> Self {
        Self { code, arguments: Vec::new() }
    }

    /// Adds an argument for `{name}`.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        self.arguments.push((name, value.to_string()));
        self
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// The sentence in a language.
    pub fn render(&self, lang: Lang) -> String {
        self.filled(self.code, lang)
    }

    /// The sentence that the public reads, in a language.
    pub fn render_public(&self, lang: Lang) -> String {
        self.filled(public_key(self.code), lang)
    }

    fn filled(&self, key: &str, lang: Lang) -> String {
        let mut text = term(key, lang).to_owned();
        for (name, value) in &self.arguments {
            text = text.replace(&format!("{{{name}}}"), value);
        }
        text
    }
}

impl fmt::Display for Message {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.render(Lang::En))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_name_the_same_arguments() {
        let arguments = |text: &str| {
            let mut names: Vec<String> =
                text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name.to_owned()).collect();
            names.sort();
            names.dedup();
            names
        };
        for code in codes() {
            let (zh, en) = (term(code, Lang::Zh), term(code, Lang::En));
            assert_eq!(arguments(zh), arguments(en), "`{code}`: the two sentences must name the same arguments");
        }
    }
}
