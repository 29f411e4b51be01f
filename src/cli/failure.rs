//! Why a command couldn't run, and how that is shown (exit code 2).

use std::fmt;
use std::path::Path;

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme};
use yizhan::message::{Lang, Message};

/// Why a command couldn't run.
#[derive(Debug)]
pub enum Failure {
    /// A message of the command line itself.
    Told(Message),
    /// A failure of the library, already in the reader's language.
    Library(String),
    /// Everything that is wrong with a scenario.
    Scenario { headline: Message, faults: Vec<String> },
}

impl Failure {
    /// A file, folder or stream that can't be written.
    pub fn cannot_write(place: impl fmt::Display, cause: &std::io::Error) -> Self {
        Self::Told(Message::new("C003").with("place", place).with("cause", cause))
    }

    /// The faults of a scenario file, one line each.
    pub fn scenario(path: &Path, faults: Vec<String>) -> Self {
        let headline = Message::new("C001").with("path", path.display()).with("count", faults.len());
        Self::Scenario { headline, faults }
    }

    /// The text for stderr.
    pub fn render(&self, lang: Lang, coloured: bool) -> String {
        let report = match self {
            Self::Told(message) => Report::new(message.render(lang)).code(message.code()),
            Self::Library(text) => Report::new(text.clone()),
            Self::Scenario { headline, faults } => Report::new(headline.render(lang))
                .code(headline.code())
                .because(faults.iter().cloned().map(Report::new).collect()),
        };
        let theme = if coloured { GraphicalTheme::unicode() } else { GraphicalTheme::none() };
        // Unwrapped lines can be searched and copied; the terminal folds them.
        let handler = GraphicalReportHandler::new_themed(theme).with_links(false).with_wrap_lines(false);
        let mut text = String::new();
        match handler.render_report(&mut text, &report) {
            Ok(()) => text,
            Err(fmt::Error) => report.text,
        }
    }
}

/// What miette draws.
#[derive(Debug)]
struct Report {
    text: String,
    code: Option<&'static str>,
    causes: Vec<Report>,
}

impl Report {
    fn new(text: String) -> Self {
        Self { text, code: None, causes: Vec::new() }
    }

    fn code(self, code: &'static str) -> Self {
        Self { code: Some(code), ..self }
    }

    fn because(self, causes: Vec<Self>) -> Self {
        Self { causes, ..self }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

impl std::error::Error for Report {}

impl Diagnostic for Report {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.code.map(|code| Box::new(code) as Box<dyn fmt::Display>)
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        (!self.causes.is_empty()).then(|| Box::new(self.causes.iter().map(|cause| cause as &dyn Diagnostic)) as Box<_>)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two_faults() -> Failure {
        Failure::scenario(Path::new("a.toml"), vec!["S003 first".to_owned(), "S005 第二处".to_owned()])
    }

    #[test]
    fn every_fault_is_shown_with_the_code_and_the_file() {
        for lang in [Lang::Zh, Lang::En] {
            let text = two_faults().render(lang, false);
            for part in ["C001", "a.toml", "2", "S003 first", "S005 第二处"] {
                assert!(text.contains(part), "`{part}` is missing in:\n{text}");
            }
        }
    }

    #[test]
    fn without_colour_there_is_no_escape_sequence() {
        assert!(!two_faults().render(Lang::En, false).contains('\x1b'));
        assert!(two_faults().render(Lang::En, true).contains('\x1b'));
    }
}
