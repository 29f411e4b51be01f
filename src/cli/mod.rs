//! The command line: arguments, progress bars, the log subscriber, pretty errors and exit codes.
//!
//! Results go to stdout, everything else to stderr. A reader that closes the pipe early (`yizhan check … | head`) is no error.

mod args;
mod commands;
mod failure;
mod files;
mod help;
mod locate;
mod progress;
mod street_summary;
mod streets;

use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, FromArgMatches};
use tracing_subscriber::EnvFilter;
use yizhan::message::{Lang, Message};

use args::{Args, Global, lang_of_arguments};
use failure::Failure;
use progress::Terminal;

/// How a command ended that could run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// Exit code 0.
    Done,
    /// Exit code 1: `check` found something for a person, or `verify` a claim that fails.
    Findings,
    /// Exit code 3: `locate` found that nothing keeps all rules.
    Infeasible,
}

/// Where the commands write, and how.
struct Console {
    lang: Lang,
    quiet: bool,
    terminal: Terminal,
}

impl Console {
    /// A result, to stdout.
    fn print(&self, text: &str) -> Result<(), Failure> {
        let end = if text.ends_with('\n') { "" } else { "\n" };
        let mut stdout = io::stdout().lock();
        match write!(stdout, "{text}{end}").and_then(|()| stdout.flush()) {
            Err(e) if e.kind() != io::ErrorKind::BrokenPipe => Err(Failure::cannot_write("stdout", &e)),
            _ => Ok(()),
        }
    }

    /// A note for the person at the terminal, to stderr, unless `-q`.
    fn note(&self, message: &Message) {
        if !self.quiet {
            to_stderr(&message.render(self.lang));
        }
    }
}

/// Writes a line to stderr. When stderr itself is gone there is nobody left to tell, so the failure is dropped.
fn to_stderr(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Parses the arguments, runs the command and returns the exit code. To be called before any thread starts.
pub fn start() -> ExitCode {
    let Args { global, command } = match parse() {
        Ok(args) => args,
        Err(code) => return code,
    };
    let terminal = Terminal::new(global.lang(), global.progress, global.quiet);
    let console = Console { lang: global.lang(), quiet: global.quiet, terminal };
    start_log(&global, &console.terminal);
    let outcome = global.threads.map_or(Ok(()), limit_threads).and_then(|()| commands::execute(command, &console));
    console.terminal.clear();
    match outcome {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Findings) => ExitCode::from(1),
        Ok(Outcome::Infeasible) => ExitCode::from(3),
        Err(failure) => {
            to_stderr(failure.render(console.lang, global.coloured()).trim_end());
            ExitCode::from(2)
        }
    }
}

/// The arguments; or, when they ask for help or are faulty, the exit code after that is told.
fn parse() -> Result<Args, ExitCode> {
    let arguments: Vec<_> = std::env::args_os().collect();
    let lang = lang_of_arguments(&arguments);
    let mut command = match lang {
        Lang::Zh => help::in_chinese(Args::command()),
        Lang::En => Args::command(),
    };
    let parsed = command.try_get_matches_from_mut(arguments).and_then(|matches| Args::from_arg_matches(&matches));
    parsed.map_err(|error| match lang {
        Lang::Zh if error.use_stderr() && error.kind() != ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            to_stderr(&help::fault(&error));
            ExitCode::from(2)
        }
        // Clap leaves through the same door for help (0) and faults (2).
        _ => error.exit(),
    })
}

/// The same number of threads for rayon and for polars.
fn limit_threads(threads: NonZeroUsize) -> Result<(), Failure> {
    // SAFETY: called by `start` before any thread exists; clap and the log subscriber start none.
    unsafe { std::env::set_var("POLARS_MAX_THREADS", threads.to_string()) };
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads.get())
        .build_global()
        .map_err(|e| Failure::Told(Message::new("C005").with("threads", threads).with("cause", e)))
}

/// Log lines go to stderr above the progress bar. `RUST_LOG` (for developers) decides before `-q` and `-v`.
fn start_log(global: &Global, terminal: &Terminal) {
    let level = match (global.quiet, global.verbose) {
        (true, _) => "error",
        (false, 0) => "warn",
        (false, 1) => "warn,yizhan=info",
        (false, 2) => "warn,yizhan=debug",
        (false, _) => "trace",
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level));
    let above_bar = terminal.writer();
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(global.coloured())
        .with_target(global.verbose > 1)
        .without_time()
        .with_writer(move || above_bar.clone())
        .init();
}
