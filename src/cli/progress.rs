//! Progress on stderr: a bar with the time left on a terminal, plain lines elsewhere when asked for.

use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressState, ProgressStyle};
use yizhan::message::{Lang, Message, term};
use yizhan::progress::Progress;

use super::args::When;

/// Without a terminal, one line at most this often.
const BETWEEN_LINES: Duration = Duration::from_secs(10);

/// Shows the progress of the stages.
pub struct Terminal {
    lang: Lang,
    show: Show,
    stage: Mutex<Option<Stage>>,
}

enum Show {
    Nothing,
    Bars(MultiProgress),
    Lines,
}

enum Stage {
    Bar(ProgressBar),
    Lines(Lines),
}

/// A stage that is reported in plain lines.
struct Lines {
    name: &'static str,
    steps: u64,
    done: u64,
    begun: Instant,
    told: Instant,
}

impl Terminal {
    /// What fits the options and stderr.
    pub fn new(lang: Lang, when: When, quiet: bool) -> Self {
        let show = match (when, quiet, io::stderr().is_terminal()) {
            (When::Never, _, _) | (_, true, _) | (When::Auto, _, false) => Show::Nothing,
            (_, _, true) => Show::Bars(MultiProgress::new()),
            (When::Always, _, false) => Show::Lines,
        };
        Self { lang, show, stage: Mutex::new(None) }
    }

    /// Takes the bar off the screen, so that results can be printed.
    pub fn clear(&self) {
        if let Some(Stage::Bar(bar)) = self.current().take() {
            bar.finish_and_clear();
        }
    }

    /// A writer to stderr that doesn't tear the bar.
    pub fn writer(&self) -> AboveBar {
        AboveBar(match &self.show {
            Show::Bars(bars) => Some(bars.clone()),
            _ => None,
        })
    }

    /// The stage of now. A thread that panicked while it reported progress leaves nothing half done here.
    fn current(&self) -> MutexGuard<'_, Option<Stage>> {
        self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn bar(&self, bars: &MultiProgress, name: &'static str, steps: u64) -> ProgressBar {
        let bar = bars.add(if steps == 0 { ProgressBar::no_length() } else { ProgressBar::new(steps) });
        bar.set_style(style(self.lang, steps));
        bar.set_message(term(name, self.lang));
        bar.enable_steady_tick(Duration::from_millis(250));
        bar
    }
}

/// Stage, bar, percentage and the time left; a spinner and the time spent when the amount of work isn't known.
fn style(lang: Lang, steps: u64) -> ProgressStyle {
    let template = if steps == 0 { "{spinner} {msg} {elapsed}" } else { "{msg} {bar:32} {percent:>3}% {left}" };
    ProgressStyle::with_template(template).expect("invariant: the templates above are valid").with_key(
        "left",
        move |state: &ProgressState, out: &mut dyn std::fmt::Write| {
            // The bar is drawn again in a moment: a failure to write shows as an empty place and no more.
            let _ = out.write_str(&time_left(lang, state.eta()));
        },
    )
}

fn time_left(lang: Lang, left: Duration) -> String {
    Message::new("time_left").with("time", clock(left)).render(lang)
}

/// `0:07`, `12:30`, `1:02:03`.
fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

impl Lines {
    /// `Catchments 45% about 0:12 left`.
    fn text(&self, lang: Lang, now: Instant) -> String {
        let mut text = term(self.name, lang).to_owned();
        if self.steps > 0 && self.done > 0 {
            let done = self.done.min(self.steps);
            let left = now.duration_since(self.begun).mul_f64((self.steps - done) as f64 / done as f64);
            write!(text, " {}% {}", done * 100 / self.steps, time_left(lang, left)).expect("invariant: a String takes any text");
        }
        text
    }
}

impl Progress for Terminal {
    fn begin(&self, name: &'static str, steps: u64) {
        self.end();
        let now = Instant::now();
        let stage = match &self.show {
            Show::Nothing => return,
            Show::Bars(bars) => Stage::Bar(self.bar(bars, name, steps)),
            Show::Lines => {
                let lines = Lines { name, steps, done: 0, begun: now, told: now };
                super::to_stderr(&lines.text(self.lang, now));
                Stage::Lines(lines)
            }
        };
        *self.current() = Some(stage);
    }

    fn advance(&self, steps: u64) {
        match self.current().as_mut() {
            None => {}
            Some(Stage::Bar(bar)) => bar.inc(steps),
            Some(Stage::Lines(lines)) => {
                lines.done += steps;
                let now = Instant::now();
                if now.duration_since(lines.told) >= BETWEEN_LINES {
                    lines.told = now;
                    super::to_stderr(&lines.text(self.lang, now));
                }
            }
        }
    }

    fn end(&self) {
        self.clear();
    }
}

/// Writes to stderr, above the bar when there is one.
#[derive(Clone)]
pub struct AboveBar(Option<MultiProgress>);

impl Write for AboveBar {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &self.0 {
            Some(bars) => bars.suspend(|| io::stderr().lock().write(bytes)),
            None => io::stderr().lock().write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().lock().flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_is_read_as_on_a_watch() {
        let at = |seconds| clock(Duration::from_secs(seconds));
        assert_eq!((at(7), at(750), at(3723)), ("0:07".to_owned(), "12:30".to_owned(), "1:02:03".to_owned()));
    }

    #[test]
    fn a_line_tells_share_and_time_left() {
        let begun = Instant::now();
        let lines = Lines { name: "stage", steps: 200, done: 50, begun, told: begun };
        assert_eq!(lines.text(Lang::En, begun + Duration::from_secs(10)), "stage 25% about 0:30 left");
        let unknown = Lines { name: "stage", steps: 0, done: 5, begun, told: begun };
        assert_eq!(unknown.text(Lang::Zh, begun), "stage");
    }

    #[test]
    fn styles_draw_in_both_languages() {
        for (lang, steps) in [(Lang::Zh, 0), (Lang::En, 9)] {
            let _ = style(lang, steps);
        }
    }
}
