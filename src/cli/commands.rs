//! The subcommands: each calls one function of the library and prints what it returns.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use chrono::{Days, NaiveDate};
use clap::CommandFactory;
use yizhan::calendar::{DayType, Season};
use yizhan::findings::RunError;
use yizhan::message::{Lang, Message};
use yizhan::output::Release;
use yizhan::output::maps::{MapLayer, MapOrder};
use yizhan::output::verify::verify;
use yizhan::pipeline::{self, Against, Dates, ReportOptions, RunOptions, RunReport, ScheduleOptions};
use yizhan::scenario::{self, Scenario};
use yizhan::synth::{SynthOptions, synth};

use super::args::{Args, Command, CompareArgs, DatedArgs, FormatArg, MapArgs};
use super::failure::Failure;
use super::files::{accept_new, has_extension, write};
use super::locate::locate;
use super::streets::{catchment, isochrone, network};
use super::{Console, Outcome};

pub(super) type Ended = Result<Outcome, Failure>;

/// Runs one subcommand.
pub fn execute(command: Command, console: &Console) -> Ended {
    match command {
        Command::Run { scenario, output, overwrite, gcj02, cache, release } => {
            let (lang, release) = (console.lang, release.release());
            let options = RunOptions { out: output, overwrite, gcj02, lang, street_cache: cache, release };
            run(&scenario, &options, console)
        }
        Command::Schedule { dated, cache, release } => schedule(&dated, cache, release.release(), console),
        Command::Rounds(dated) => rounds(&dated, console),
        Command::Check { scenario } => check(&scenario, console),
        Command::Init { dir, overwrite } => init(&dir, overwrite, console),
        Command::Synth { dir, cell, days, seed, overwrite } => {
            make_city(&dir, &SynthOptions { cell_m: f64::from(cell), days, seed }, overwrite, console)
        }
        Command::Schema => console.print(&scenario::schema()).map(|()| Outcome::Done),
        Command::Locate(arguments) => locate(&arguments, console),
        Command::Network(arguments) => network(&arguments, console),
        Command::Catchment(arguments) => catchment(&arguments, console),
        Command::Isochrone(arguments) => isochrone(&arguments, console),
        Command::Report { out, output, overwrite, release } => {
            let how = ReportOptions { to: output, overwrite, release: release.release() };
            told(pipeline::report(&out, &how, console.lang, &console.terminal), "C105", console)
        }
        Command::Map(arguments) => map(&arguments, console),
        Command::Compare(arguments) => compare(arguments, console),
        Command::Verify { out } => recompute(&out, console),
        Command::Completions { shell } => completions(shell, console),
    }
}

fn load(path: &Path, console: &Console) -> Result<Scenario, Failure> {
    scenario::load(path).map_err(|faults| Failure::scenario(path, faults.lines(console.lang)))
}

fn run(path: &Path, options: &RunOptions, console: &Console) -> Ended {
    let scenario = load(path, console)?;
    told(pipeline::run(&scenario, options, &console.terminal), "C105", console)
}

/// The dates asked for; without a last one so many more days than the first.
fn dates(dated: &DatedArgs, more: u64) -> Result<Dates, Failure> {
    let refuse = |text: &str| Failure::Told(Message::new("B004").with("found", text));
    let read = |text: &str| text.parse::<NaiveDate>().map_err(|_| refuse(text));
    let from = read(&dated.from)?;
    let to = dated.to.as_deref().map_or(Ok(from + Days::new(more)), read)?;
    if to < from { Err(refuse(&to.to_string())) } else { Ok(Dates { from, to }) }
}

fn options(dated: &DatedArgs, street_cache: Option<PathBuf>, release: Release, console: &Console) -> RunOptions {
    let (out, overwrite) = (dated.output.clone(), dated.overwrite);
    RunOptions { out, overwrite, gcj02: false, lang: console.lang, street_cache, release }
}

fn schedule(dated: &DatedArgs, cache: Option<PathBuf>, release: Release, console: &Console) -> Ended {
    let options = ScheduleOptions { run: options(dated, cache, release, console), dates: dates(dated, 0)? };
    let scenario = load(&dated.scenario, console)?;
    told(pipeline::schedule(&scenario, &options, &console.terminal), "C105", console)
}

fn rounds(dated: &DatedArgs, console: &Console) -> Ended {
    let (options, dates) = (options(dated, None, Release::INTERNAL, console), dates(dated, 6)?);
    let scenario = load(&dated.scenario, console)?;
    told(pipeline::rounds(&scenario, &options, dates, &console.terminal), "C107", console)
}

/// Prints what a run says, and where its results are.
fn told(report: Result<RunReport, RunError>, closing: &'static str, console: &Console) -> Ended {
    let report = report.map_err(|e| Failure::Library(e.render(console.lang)))?;
    console.terminal.clear();
    tracing::info!(out = %report.out_dir().display(), "results written");
    console.print(report.summary())?;
    console.print(&Message::new(closing).with("out", report.out_dir().display()).render(console.lang))?;
    Ok(Outcome::Done)
}

fn map(arguments: &MapArgs, console: &Console) -> Ended {
    let (ending, dpi) = match arguments.format {
        FormatArg::Png => ("png", Some(f64::from(arguments.dpi))),
        FormatArg::Svg => ("svg", None),
    };
    let layer = MapLayer::ALL.iter().find(|(_, layer)| *layer == arguments.layer).map(|(name, _)| *name);
    let parts: Vec<&str> =
        [layer, arguments.season.map(Season::id), arguments.day_type.map(DayType::id)].into_iter().flatten().collect();
    let path = arguments.output.clone().unwrap_or_else(|| format!("{}.{ending}", parts.join("-")).into());
    if !has_extension(&path, ending) {
        return Err(Failure::Told(Message::new("N014").with("path", path.display()).with("endings", format!(".{ending}"))));
    }
    accept_new(&path, arguments.overwrite)?;
    let order =
        MapOrder { layer: arguments.layer, season: arguments.season, day_type: arguments.day_type, size: arguments.size, dpi };
    let bytes = pipeline::map(&arguments.out, &order, &arguments.release.clone().release(), console.lang, &console.terminal);
    let bytes = bytes.map_err(|e| Failure::Library(e.render(console.lang)))?;
    console.terminal.clear();
    write(&path, &bytes)?;
    console.note(&Message::new("C108").with("path", path.display()));
    Ok(Outcome::Done)
}

fn compare(arguments: CompareArgs, console: &Console) -> Ended {
    let CompareArgs { out_a, out_b, seasons, after, output, overwrite } = arguments;
    let against = match (out_b, seasons) {
        (Some(folder), _) => Against::Folder(folder),
        (None, Some(seasons)) => Against::Seasons(seasons),
        (None, None) => Against::After,
    };
    debug_assert_eq!(after, against == Against::After, "invariant: one of the three is asked for");
    let release = Release::INTERNAL;
    let options = RunOptions { out: output, overwrite, gcj02: false, lang: console.lang, street_cache: None, release };
    told(pipeline::compare(&out_a, &against, &options, &console.terminal), "C107", console)
}

fn check(path: &Path, console: &Console) -> Ended {
    let scenario = load(path, console)?;
    let report = pipeline::check(&scenario, &console.terminal).map_err(|e| Failure::Library(e.render(console.lang)))?;
    console.terminal.clear();
    console.print(&report.text(console.lang))?;
    Ok(if report.has_findings() { Outcome::Findings } else { Outcome::Done })
}

fn recompute(out: &Path, console: &Console) -> Ended {
    let report = verify(out, &console.terminal).map_err(|e| Failure::Library(e.render(console.lang)))?;
    console.terminal.clear();
    console.print(&report.text(console.lang))?;
    Ok(if report.passed() { Outcome::Done } else { Outcome::Findings })
}

fn init(dir: &Path, overwrite: bool, console: &Console) -> Ended {
    let path = dir.join("scenario.toml");
    write_template(&path, overwrite, console.lang)?;
    console.note(&Message::new("C101").with("path", path.display()));
    Ok(Outcome::Done)
}

fn write_template(path: &Path, overwrite: bool, lang: Lang) -> Result<(), Failure> {
    if let Some(dir) = path.parent() {
        fs::create_dir_all(dir).map_err(|e| Failure::cannot_write(dir.display(), &e))?;
    }
    let mut how = OpenOptions::new();
    how.write(true).create(true).truncate(true).create_new(!overwrite);
    let written = how.open(path).and_then(|mut file| file.write_all(scenario::template(lang).as_bytes()));
    written.map_err(|e| match e.kind() {
        ErrorKind::AlreadyExists => Failure::Told(Message::new("C002").with("path", path.display())),
        _ => Failure::cannot_write(path.display(), &e),
    })
}

fn make_city(dir: &Path, options: &SynthOptions, overwrite: bool, console: &Console) -> Ended {
    if !overwrite && fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(Failure::Told(Message::new("C002").with("path", dir.display())));
    }
    synth(dir, options, &console.terminal)
        .map_err(|e| Failure::Told(Message::new("C004").with("path", dir.display()).with("cause", e)))?;
    console.terminal.clear();
    let scenario: PathBuf = dir.join("scenario.toml");
    console.note(&Message::new("C102").with("path", dir.display()).with("scenario", scenario.display()));
    Ok(Outcome::Done)
}

fn completions(shell: clap_complete::Shell, console: &Console) -> Ended {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "yizhan", &mut script);
    console.print(&String::from_utf8_lossy(&script))?;
    Ok(Outcome::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_replaced_only_when_asked() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("new").join("scenario.toml");
        write_template(&path, false, Lang::En).unwrap();
        fs::write(&path, "mine").unwrap();
        assert!(matches!(write_template(&path, false, Lang::En), Err(Failure::Told(message)) if message.code() == "C002"));
        assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
        write_template(&path, true, Lang::En).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), scenario::template(Lang::En));
    }
}
