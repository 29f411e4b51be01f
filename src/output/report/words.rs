//! Sentences and numbers of the report and the maps, in a language.

use std::fmt::Display;

use crate::calendar::DayKind;
use crate::domain::demand::DemandCube;
use crate::findings::Findings;
use crate::id::GroupIdx;
use crate::message::{Lang, public_key, term};
use crate::output::disclosure::{Figures, Published, Release};
use crate::output::thousands;
use crate::quantity::Weight;
use crate::scenario::Scenario;
use crate::scenario::file::Words as Both;

/// The sentence of a key with its arguments filled in.
pub(crate) fn say(lang: Lang, key: &str, arguments: &[(&str, &dyn Display)]) -> String {
    let fill = |text: String, (name, value): &(&str, &dyn Display)| text.replace(&format!("{{{name}}}"), &value.to_string());
    arguments.iter().fold(term(key, lang).to_owned(), fill)
}

/// A typical day in words, season first.
pub(crate) fn day_words(day: DayKind, lang: Lang) -> String {
    let word = |family: &str, id: &str| say(lang, &format!("{family}.{id}"), &[]);
    format!("{} {}", word("season", day.season.id()), word("day_type", day.day_type.id()))
}

/// A minute of the day as a clock shows it; midnight at its end is `24:00`.
pub(crate) fn clock(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// From one minute of the day to another, such as `10:00-16:00`.
pub(crate) fn clock_span(from: u16, to: u16) -> String {
    format!("{}-{}", clock(from), clock(to))
}

/// Writes in one language about one run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Writer<'a> {
    pub findings: &'a Findings,
    pub scenario: &'a Scenario,
    pub lang: Lang,
    pub release: &'a Release,
    /// What the public may see; `None` for the bureau's own use.
    pub published: Option<&'a Published>,
}

impl Writer<'_> {
    /// The sentence of a key with its arguments filled in; the public's own where there is one.
    pub fn say(&self, key: &str, arguments: &[(&str, &dyn Display)]) -> String {
        say(self.lang, if self.published.is_some() { public_key(key) } else { key }, arguments)
    }

    /// The word of a term; its id where it has none, as groups that a planner names.
    pub fn word(&self, family: &str, id: &str) -> String {
        let key = format!("{family}.{id}");
        let word = term(&key, self.lang);
        if word == key { id.to_owned() } else { word.to_owned() }
    }

    /// A word of the scenario.
    pub fn pick<'w>(&self, words: &'w Both) -> &'w str {
        words.pick(self.lang)
    }

    /// Where the data come from; streets are always named.
    pub fn attribution(&self) -> String {
        let own = self.pick(&self.scenario.file.sources.attribution);
        if self.scenario.file.travel.network.is_none() || own.contains("OpenStreetMap") {
            return own.to_owned();
        }
        self.clauses(&[own.to_owned(), self.say("osm_attribution", &[])])
    }

    /// Whether demand has no time.
    pub fn untimed(&self) -> bool {
        self.findings.demand_report.untimed
    }

    /// A typical day: `秋季平季工作日`, `autumn weekday`; of untimed demand: all of it.
    pub fn day(&self, day: DayKind) -> String {
        if self.untimed() {
            return self.say("summary.untimed", &[]);
        }
        let (season, day_type) = (self.word("season", day.season.id()), self.word("day_type", day.day_type.id()));
        match self.lang {
            Lang::Zh => format!("{season}{day_type}"),
            Lang::En => format!("{season} {day_type}"),
        }
    }

    /// Visits with one decimal; untimed demand is counted in whole units.
    pub fn visits(&self, weight: Weight) -> String {
        self.number(weight.visits(), usize::from(!self.untimed()))
    }

    /// Visits with their unit.
    pub fn amount(&self, weight: Weight) -> String {
        let key = if self.untimed() { "summary.amount.count" } else { "summary.amount.visits" };
        self.say(key, &[("n", &self.visits(weight))])
    }

    /// All demand of a day and its five rungs, by the number of the standard, today or after a step; `None` is withheld.
    pub fn figures(&self, standard: usize, stage: &str, day: DayKind) -> Figures {
        if let Some(published) = self.published {
            return published.all(standard, stage, day);
        }
        let after = self.findings.after.iter().find(|after| after.step == stage);
        let ladders = after.map_or(&self.findings.ladders, |after| &after.ladders);
        let steps = ladders[standard].ladder.day(day);
        let [a, b, c, d, e] = steps.covered.map(Some);
        [Some(steps.demand), a, b, c, d, e]
    }

    /// What is written for a figure that is withheld.
    pub fn or_withheld(&self, text: Option<String>) -> String {
        text.unwrap_or_else(|| self.say("public.withheld", &[]))
    }

    /// The figure at a place of [`Writer::figures`] as a share of all demand.
    pub fn share(&self, figures: &Figures, at: usize) -> String {
        self.or_withheld(figures[at].zip(figures[0]).map(|(part, total)| self.percent(part, total)))
    }

    /// A number; thousands are separated in English.
    pub fn number(&self, value: f64, decimals: usize) -> String {
        let text = format!("{value:.decimals$}");
        match self.lang {
            Lang::Zh => text,
            Lang::En => thousands(&text),
        }
    }

    /// A whole number.
    pub fn count(&self, value: usize) -> String {
        self.number(value as f64, 0)
    }

    /// A share of `total` in per cent, one decimal.
    pub fn percent(&self, part: Weight, total: Weight) -> String {
        format!("{:.1} %", part.share_of(total).percent())
    }

    /// Name of a group.
    pub fn group(&self, cube: &DemandCube, group: Option<GroupIdx>) -> String {
        group.map_or(String::new(), |group| self.word("group", &cube.groups()[group.get()]))
    }

    /// Parts of a list, joined.
    pub fn list(&self, parts: &[String]) -> String {
        parts.join(if self.lang == Lang::Zh { "、" } else { ", " })
    }

    /// Clauses of a sentence, joined.
    pub fn clauses(&self, parts: &[String]) -> String {
        parts.join(if self.lang == Lang::Zh { "；" } else { "; " })
    }
}

#[cfg(test)]
mod tests {
    use super::thousands;

    #[test]
    fn thousands_are_separated() {
        let grouped: Vec<String> = ["0.5", "999", "1186.0", "-1234567"].into_iter().map(thousands).collect();
        assert_eq!(grouped, ["0.5", "999", "1,186.0", "-1,234,567"]);
    }
}
