//! What can be typed: subcommands and global options.

use std::ffi::OsString;
use std::io::IsTerminal;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{ArgAction, Parser, Subcommand, ValueEnum};
use yizhan::calendar::{DayType, Season};
use yizhan::message::Lang;
use yizhan::output::map::SheetSize;
use yizhan::output::maps::MapLayer;
use yizhan::output::{Profile, Release};

use super::locate::LocateArgs;
use super::streets::{CatchmentArgs, IsochroneArgs, NetworkArgs};

/// Siting and coverage of worker rest stations (驿站): where they are missing, too close, or should open next.
#[derive(Debug, Parser)]
#[command(
    version,
    max_term_width = 100,
    after_help = "Exit codes: 0 done, 1 findings (check, verify), 2 cannot run, 3 infeasible (locate)."
)]
pub struct Args {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// Language of messages, reports and maps [default: from YIZHAN_LANG, LC_ALL or LANG]
    #[arg(long, global = true, value_enum)]
    lang: Option<LangArg>,
    /// No progress and no notes, only results and errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// More of the log; repeat for still more
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,
    /// Number of worker threads [default: one per processor]; results are the same for any number
    #[arg(long, global = true, value_name = "N", env = "YIZHAN_THREADS")]
    pub threads: Option<NonZeroUsize>,
    /// When to show progress: on a terminal, always (plain lines where there is no terminal), or never
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value = "auto")]
    pub progress: When,
    /// When to use colour; `auto` respects NO_COLOR and CLICOLOR_FORCE
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value = "auto")]
    pub color: When,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LangArg {
    Zh,
    En,
}

/// When to do something that suits a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum When {
    Auto,
    Always,
    Never,
}

/// For whom the outputs are.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Publication")]
pub struct ReleaseArgs {
    /// For whom: `public` withholds small counts and what would give them back, contacts, raw values and boundaries
    #[arg(long, value_enum, default_value = "internal")]
    profile: ProfileArg,
    /// The least count of visits a day that is published, with `--profile public`
    #[arg(long, value_name = "K", default_value_t = Release::MIN_COUNT, value_parser = clap::value_parser!(u32).range(2..=1_000_000))]
    min_count: u32,
    /// Map approval number (审图号); only with one are administrative boundaries drawn
    #[arg(long, value_name = "NUMBER", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    approval_no: Option<String>,
}

impl ReleaseArgs {
    /// As the library takes it.
    pub fn release(self) -> Release {
        let profile = match self.profile {
            ProfileArg::Internal => Profile::Internal,
            ProfileArg::Public => Profile::Public,
        };
        Release { profile, min_count: self.min_count, approval_no: self.approval_no }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ProfileArg {
    Internal,
    Public,
}

/// A scenario, dates, and where the results go.
#[derive(Debug, clap::Args)]
pub struct DatedArgs {
    /// The scenario file
    pub scenario: PathBuf,
    /// First date, such as 2025-12-20
    #[arg(long, value_name = "DATE")]
    pub from: String,
    /// Last date, inclusive [default: of a timetable the first, of rounds six days after it]
    #[arg(long, value_name = "DATE")]
    pub to: Option<String>,
    /// Folder for the results [default: out/<scenario name>-schedule or -rounds]
    #[arg(short, long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// Replace the output folder if it exists
    #[arg(long)]
    pub overwrite: bool,
}

/// One map: of what, when, on which paper.
#[derive(Debug, clap::Args)]
pub struct MapArgs {
    /// The output folder of `run` or `schedule`
    pub out: PathBuf,
    /// What it shows
    #[arg(long, value_parser = named(&MapLayer::ALL))]
    pub layer: MapLayer,
    /// Season; close pairs, recommendations and the curve have none [default: that of the planning day]
    #[arg(long)]
    pub season: Option<Season>,
    /// Type of day, likewise [default: that of the planning day]
    #[arg(long)]
    pub day_type: Option<DayType>,
    /// File format
    #[arg(long, value_enum, default_value = "png")]
    pub format: FormatArg,
    /// Paper
    #[arg(long, value_parser = named(&SheetSize::NAMED), default_value = "a4")]
    pub size: SheetSize,
    /// Dots per inch of a PNG
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u32).range(10..=2400))]
    pub dpi: u32,
    /// The file [default: named by layer and day, in the current folder]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Replace the file if it exists
    #[arg(long)]
    pub overwrite: bool,
    #[command(flatten)]
    pub release: ReleaseArgs,
}

/// Two folders, or one and what of it is compared.
#[derive(Debug, clap::Args)]
pub struct CompareArgs {
    /// The output folder of `run` or `schedule`: A
    pub out_a: PathBuf,
    /// Another one, set against it: B
    #[arg(required_unless_present_any = ["seasons", "after"])]
    pub out_b: Option<PathBuf>,
    /// Two seasons of the one folder, A and B, such as winter_peak,summer_peak
    #[arg(long, value_name = "A,B", value_parser = seasons, conflicts_with = "out_b")]
    pub seasons: Option<[Season; 2]>,
    /// The one folder as it is (A) against all its recommendations carried out (B)
    #[arg(long, conflicts_with_all = ["out_b", "seasons"])]
    pub after: bool,
    /// Folder for the results [default: out/<scenario name>-compare]
    #[arg(short, long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// Replace the output folder if it exists
    #[arg(long)]
    pub overwrite: bool,
}

/// Reads two seasons.
fn seasons(text: &str) -> Result<[Season; 2], String> {
    let (a, b) = text.split_once([',', '，']).ok_or("two seasons with a comma between them, such as winter_peak,summer_peak")?;
    let season = |word: &str| word.parse::<Season>().map_err(|fault| fault.to_string());
    Ok([season(a)?, season(b)?])
}

/// Format of a map's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FormatArg {
    Png,
    Svg,
}

/// Reads one of some named values.
fn named<T: Copy + Send + Sync>(values: &'static [(&'static str, T)]) -> impl TypedValueParser<Value = T> {
    PossibleValuesParser::new(values.iter().map(|(name, _)| *name)).map(|name| {
        let found = values.iter().find(|(known, _)| *known == name);
        found.expect("invariant: one of the possible values").1
    })
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Analyse a scenario: coverage, gaps, near-duplicates and placements, as GeoJSON, tables and maps
    Run {
        /// The scenario file
        scenario: PathBuf,
        /// Folder for the results [default: out/<scenario name>]
        #[arg(short, long, value_name = "DIR")]
        output: Option<PathBuf>,
        /// Replace the output folder if it exists
        #[arg(long)]
        overwrite: bool,
        /// Also write GeoJSON copies in GCJ-02, named so
        #[arg(long)]
        gcj02: bool,
        /// Folder for the streets as built, safe to delete [default: .yizhan-streets beside the results]
        #[arg(long, value_name = "DIR")]
        cache: Option<PathBuf>,
        #[command(flatten)]
        release: ReleaseArgs,
    },
    /// Plan the buses for a span of dates: timetable, notices, calendars, feed, maps, with a bound
    Schedule {
        #[command(flatten)]
        dated: DatedArgs,
        /// Folder for the streets as built, safe to delete [default: .yizhan-streets beside the results]
        #[arg(long, value_name = "DIR")]
        cache: Option<PathBuf>,
        #[command(flatten)]
        release: ReleaseArgs,
    },
    /// Plan the inspection rounds of a week: who visits which station on which day, and what is missing if not all can be visited
    Rounds(DatedArgs),
    /// Read the inputs only and list their faults; exit code 1 when there are any that matter
    Check {
        /// The scenario file
        scenario: PathBuf,
    },
    /// Write a commented scenario.toml to start from
    Init {
        /// Folder for the file; made if missing
        dir: PathBuf,
        /// Replace the file if it exists
        #[arg(long)]
        overwrite: bool,
    },
    /// Make the synthetic city: ledger, flows, orders, candidates and its scenario
    Synth {
        /// Folder for the files; made if missing
        dir: PathBuf,
        /// Grid cell in metres
        #[arg(long, value_name = "METRES", default_value_t = 250, value_parser = clap::value_parser!(u32).range(50..=1000))]
        cell: u32,
        /// Single days of hourly rows instead of the twelve typical days; 365 makes the stress sizes
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=365))]
        days: Option<u32>,
        /// Seed of everything random
        #[arg(long, value_name = "N", default_value_t = 20_251_001)]
        seed: u64,
        /// Write into a folder that has files already
        #[arg(long)]
        overwrite: bool,
    },
    /// Print the JSON Schema of scenario.toml
    Schema,
    /// Solve anyone's location problem, with a bound: which sites to open for weighted demand; exit code 3 when infeasible
    Locate(Box<LocateArgs>),
    /// Say what an OpenStreetMap file has of streets: length by mode and class, islands; and export them
    Network(Box<NetworkArgs>),
    /// Find what each site reaches over streets: a matrix for `locate`
    Catchment(Box<CatchmentArgs>),
    /// Draw the areas that sites reach over streets, as GeoJSON
    Isochrone(Box<IsochroneArgs>),
    /// Make an output folder again, such as in the other language or for the public: page, workbook, summary, maps and layers
    Report {
        /// The output folder of `run` or `schedule`
        out: PathBuf,
        /// Folder for the results [default: the same; for the public one beside it, with -public after its name]
        #[arg(short, long, value_name = "DIR")]
        output: Option<PathBuf>,
        /// Replace that folder if it exists
        #[arg(long)]
        overwrite: bool,
        #[command(flatten)]
        release: ReleaseArgs,
    },
    /// Draw one map of an output folder
    Map(MapArgs),
    /// Compare two output folders, or two seasons or before and after of one: sentences, table, layer and map of B − A
    Compare(CompareArgs),
    /// Recompute every claim of an output folder or a solution file from its inputs; exit code 1 when one fails
    Verify {
        /// The output folder of `run`, or the solution file of `locate`
        out: PathBuf,
    },
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

impl Global {
    /// The language asked for, or that of the environment.
    pub fn lang(&self) -> Lang {
        match self.lang {
            Some(LangArg::Zh) => Lang::Zh,
            Some(LangArg::En) => Lang::En,
            None => lang_of_environment(|name| std::env::var(name).ok()),
        }
    }

    /// Whether what goes to stderr is coloured.
    pub fn coloured(&self) -> bool {
        coloured(self.color, std::io::stderr().is_terminal(), |name| std::env::var(name).ok())
    }
}

/// The language of help and of faults in the arguments, which are told before the arguments are read.
pub fn lang_of_arguments(arguments: &[OsString]) -> Lang {
    let words: Vec<_> = arguments.iter().map(|word| word.to_string_lossy()).collect();
    let after = words.windows(2).find(|pair| pair[0] == "--lang").map(|pair| pair[1].as_ref());
    match after.or_else(|| words.iter().find_map(|word| word.strip_prefix("--lang="))) {
        Some("zh") => Lang::Zh,
        Some("en") => Lang::En,
        _ => lang_of_environment(|name| std::env::var(name).ok()),
    }
}

/// The first variable that is set and not empty decides; `zh…` is Chinese, anything else English.
fn lang_of_environment(variable: impl Fn(&str) -> Option<String>) -> Lang {
    let set = ["YIZHAN_LANG", "LC_ALL", "LANG"].into_iter().find_map(|name| variable(name).filter(|value| !value.is_empty()));
    match set {
        Some(value) if value.to_ascii_lowercase().starts_with("zh") => Lang::Zh,
        _ => Lang::En,
    }
}

/// <https://no-color.org> and CLICOLOR_FORCE, below an explicit option.
fn coloured(when: When, terminal: bool, variable: impl Fn(&str) -> Option<String>) -> bool {
    let set = |name| variable(name).is_some_and(|value| !value.is_empty());
    match when {
        When::Always => true,
        When::Never => false,
        When::Auto if set("NO_COLOR") => false,
        When::Auto if set("CLICOLOR_FORCE") && variable("CLICOLOR_FORCE").as_deref() != Some("0") => true,
        When::Auto => terminal && variable("TERM").as_deref() != Some("dumb"),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn environment<'a>(pairs: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<String> + 'a {
        |name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
    }

    #[test]
    fn arguments_are_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn language_follows_the_environment_in_order() {
        let lang = |pairs: &[(&str, &str)]| lang_of_environment(environment(pairs));
        assert_eq!(lang(&[("LANG", "zh_CN.UTF-8")]), Lang::Zh);
        assert_eq!(lang(&[("LANG", "zh_CN.UTF-8"), ("LC_ALL", "C")]), Lang::En);
        assert_eq!(lang(&[("LANG", "zh_CN.UTF-8"), ("LC_ALL", "")]), Lang::Zh);
        assert_eq!(lang(&[("YIZHAN_LANG", "zh"), ("LC_ALL", "en_GB.UTF-8")]), Lang::Zh);
        assert_eq!(lang(&[]), Lang::En);
    }

    #[test]
    fn language_of_help_follows_the_option() {
        let lang = |words: &[&str]| lang_of_arguments(&words.iter().map(OsString::from).collect::<Vec<_>>());
        assert_eq!(lang(&["yizhan", "--lang", "zh", "run"]), Lang::Zh);
        assert_eq!(lang(&["yizhan", "run", "--lang=zh", "--help"]), Lang::Zh);
        assert_eq!(lang(&["yizhan", "--lang", "en"]), Lang::En);
    }

    #[test]
    fn colour_obeys_option_then_environment_then_terminal() {
        assert!(coloured(When::Always, false, environment(&[("NO_COLOR", "1")])));
        assert!(!coloured(When::Never, true, environment(&[("CLICOLOR_FORCE", "1")])));
        assert!(!coloured(When::Auto, true, environment(&[("NO_COLOR", "1")])));
        assert!(coloured(When::Auto, true, environment(&[("NO_COLOR", "")])));
        assert!(coloured(When::Auto, false, environment(&[("CLICOLOR_FORCE", "1")])));
        assert!(!coloured(When::Auto, true, environment(&[("TERM", "dumb")])));
    }
}
