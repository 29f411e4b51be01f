//! `yizhan network`, `catchment` and `isochrone`: an OpenStreetMap file and places → what the streets are, pairs, areas.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::builder::{PossibleValuesParser, TypedValueParser};
use yizhan::ingest::IngestError;
use yizhan::ingest::location::{LocatedRows, load_rows};
use yizhan::message::{Message, term};
use yizhan::network::{
    CacheUse, Graph, Isochrone, Measure, Mode, Profile, Router, Rules, SNAP_WITHIN_M, SnapCounts, Snapping, Streets, Style,
    Summary, Surface, Targets, isochrones, one_to_many, snap_faults,
};
use yizhan::output::streets::{ReachedArea, TableFormat, areas, pairs, steps};
use yizhan::progress::Progress;
use yizhan::quantity::Metres;

use super::commands::Ended;
use super::failure::Failure;
use super::files::{accept_new, has_extension, keep_inputs, write};
use super::street_summary::summary_text;
use super::{Console, Outcome, to_stderr};

/// Places that are named one by one; the rest is counted.
const NAMED: usize = 20;

/// Reads the id of a mode.
fn modes() -> impl TypedValueParser<Value = Mode> {
    PossibleValuesParser::new(Mode::ALL.map(Mode::id))
        .map(|id| Mode::from_id(&id).expect("invariant: one of the possible values"))
}

/// Reads the id of a surface.
fn surfaces() -> impl TypedValueParser<Value = Surface> {
    let ids = PossibleValuesParser::new(Surface::ALL.map(Surface::id));
    ids.map(|id| Surface::from_id(&id).expect("invariant: one of the possible values"))
}

/// Which streets, and for whom.
#[derive(Debug, clap::Args)]
struct StreetArgs {
    /// Streets: an OpenStreetMap extract, .osm.pbf
    #[arg(long, value_name = "FILE")]
    osm: PathBuf,
    /// Who travels
    #[arg(long, value_parser = modes(), default_value = "walk")]
    mode: Mode,
    /// Surface: slows times by what the street rules say
    #[arg(long, value_parser = surfaces(), default_value = "bare")]
    surface: Surface,
    /// No steps, stiles or escalators
    #[arg(long)]
    step_free: bool,
    /// Longest straight way between a place and the street, as 100m [default: 500m]
    #[arg(long, value_name = "LENGTH")]
    snap: Option<String>,
    /// Street rules of your own, TOML laid over the built-in ones
    #[arg(long, value_name = "FILE")]
    rules: Option<PathBuf>,
    /// Folder for the streets as built, so that the next run starts sooner; safe to delete
    #[arg(long, value_name = "DIR")]
    cache: Option<PathBuf>,
}

/// What `yizhan network` takes.
#[derive(Debug, clap::Args)]
pub struct NetworkArgs {
    /// An OpenStreetMap extract, .osm.pbf
    file: PathBuf,
    /// Street rules of your own, TOML laid over the built-in ones
    #[arg(long, value_name = "FILE")]
    rules: Option<PathBuf>,
    /// Write the steps of a mode: from, to, length_m, seconds, …; .csv or .parquet
    #[arg(long, value_name = "FILE")]
    export: Option<PathBuf>,
    /// Whose steps --export writes
    #[arg(long, value_parser = modes(), default_value = "walk")]
    mode: Mode,
    /// Folder for the streets as built, so that the next run starts sooner; safe to delete
    #[arg(long, value_name = "DIR")]
    cache: Option<PathBuf>,
    /// Replace the exported file if it exists
    #[arg(long)]
    overwrite: bool,
}

/// What `yizhan catchment` takes.
#[derive(Debug, clap::Args)]
pub struct CatchmentArgs {
    #[command(flatten)]
    streets: StreetArgs,
    /// Sites: id, lon, lat
    #[arg(long, value_name = "FILE")]
    sites: PathBuf,
    /// Demand: id, lon, lat; weight
    #[arg(long, value_name = "FILE")]
    demand: PathBuf,
    /// Longest way, inclusive: a length (1000m, 1.5km) or a time (15min, 900s)
    #[arg(long, value_name = "LIMIT")]
    limit: String,
    /// Pairs: site, demand, impedance in metres or seconds; .csv or .parquet
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Replace the file if it exists
    #[arg(long)]
    overwrite: bool,
}

/// What `yizhan isochrone` takes.
#[derive(Debug, clap::Args)]
pub struct IsochroneArgs {
    #[command(flatten)]
    streets: StreetArgs,
    /// Sites: id, lon, lat
    #[arg(long, value_name = "FILE")]
    sites: PathBuf,
    /// Limits, inclusive: lengths (500m,1km) or times (10min,15min)
    #[arg(long, value_name = "LIMIT,…", value_delimiter = ',', required = true)]
    limit: Vec<String>,
    /// One area a limit for all sites of a kind together, instead of one a site; of all sites when there is no column kind
    #[arg(long)]
    dissolve: bool,
    /// Areas, .geojson
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Replace the file if it exists
    #[arg(long)]
    overwrite: bool,
}

/// A length or a time.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Amount {
    Metres(f64),
    Seconds(f64),
}

impl Amount {
    /// `1000m`, `1.5km`, `15min`, `900s`, `1h`, and in Chinese `500米`, `1公里`, `900秒`, `15分钟`, `1小时`.
    fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let at = text.find(|c: char| c.is_alphabetic())?;
        let number: f64 = text[..at].trim().parse().ok()?;
        let amount = match &text[at..] {
            "m" | "米" => Self::Metres(number),
            "km" | "公里" | "千米" => Self::Metres(number * 1000.0),
            "s" | "秒" => Self::Seconds(number),
            "min" | "分钟" | "分" => Self::Seconds(number * 60.0),
            "h" | "小时" => Self::Seconds(number * 3600.0),
            _ => return None,
        };
        (amount.value().is_finite() && (0.0..=4e6).contains(&amount.value())).then_some(amount)
    }

    /// In metres or seconds.
    fn value(self) -> f64 {
        match self {
            Self::Metres(value) | Self::Seconds(value) => value,
        }
    }

    /// In millimetres or milliseconds.
    fn whole(self) -> u32 {
        (self.value() * 1000.0).round() as u32
    }

    fn is_time(self) -> bool {
        matches!(self, Self::Seconds(_))
    }
}

fn told<T>(message: Message) -> Result<T, Failure> {
    Err(Failure::Told(message))
}

fn amount(option: &'static str, text: &str) -> Result<Amount, Failure> {
    Amount::read(text).map_or_else(|| told(Message::new("N013").with("option", option).with("value", text)), Ok)
}

fn read_streets(file: &Path, rules: Option<&Path>, cache: Option<&Path>, console: &Console) -> Result<Streets, Failure> {
    let fail = |error: yizhan::network::NetworkError| Failure::Told(error.message().clone());
    let rules = rules.map_or_else(|| Ok(Rules::standard()), Rules::read).map_err(fail)?;
    let streets = match cache {
        None => Streets::read(file, &rules, &console.terminal).map_err(fail)?,
        Some(folder) => {
            let (streets, used) = Streets::read_cached(file, &rules, folder, &console.terminal).map_err(fail)?;
            if let CacheUse::NotWritten(note) = used {
                console.note(&note);
            }
            streets
        }
    };
    if streets.counts().missing_nodes > 0 {
        console.note(&Message::new("N209").with("count", streets.counts().missing_nodes));
    }
    Ok(streets)
}

/// Streets ready to be asked, in the measure of a limit.
fn router(arguments: &StreetArgs, is_time: bool, console: &Console) -> Result<Router, Failure> {
    let within = match &arguments.snap {
        None => SNAP_WITHIN_M,
        Some(text) => match amount("--snap", text)? {
            Amount::Metres(metres) => metres,
            Amount::Seconds(_) => return told(Message::new("N013").with("option", "--snap").with("value", text)),
        },
    };
    let within = Metres::new(within).expect("invariant: amounts are finite and not negative");
    let measure = if is_time { Measure::Time(arguments.surface) } else { Measure::Length };
    if !is_time && arguments.surface != Surface::Bare {
        console.note(&Message::new("N207"));
    }
    let profile = Profile::new(arguments.mode, measure);
    let profile = if arguments.step_free { profile.step_free() } else { profile };
    let streets = read_streets(&arguments.osm, arguments.rules.as_deref(), arguments.cache.as_deref(), console)?;
    Router::new(streets, profile, &[], within).map_err(|error| Failure::Told(error.message().clone()))
}

fn load(sites: &Path, demand: Option<&Path>, console: &Console) -> Result<(LocatedRows, Option<LocatedRows>), Failure> {
    let loaded = load_rows(sites, demand).map_err(|faults| Failure::Scenario {
        headline: Message::new("P108").with("count", faults.count()),
        faults: faults.lines(console.lang),
    })?;
    loaded.1.iter().flat_map(|demand| &demand.notes).for_each(|note| console.note(note));
    Ok(loaded)
}

/// Snaps rows and says what became of them, naming those that aren't on the main network.
fn snap(rows: &LocatedRows, router: &Router, console: &Console) -> Vec<Snapping> {
    let snapped = router.snap_all(&rows.positions);
    let counts = SnapCounts::of(&snapped);
    console.note(
        &Message::new("N201")
            .with("file", &rows.file)
            .with("rows", snapped.len())
            .with("street", counts.street)
            .with("last_resort", counts.last_resort)
            .with("cut_off", counts.cut_off)
            .with("unsnapped", counts.too_far + counts.barrier)
            .with("too_far", counts.too_far)
            .with("barrier", counts.barrier),
    );
    let faults = snap_faults(&snapped, router.within());
    for fault in faults.iter().take(if console.quiet { 0 } else { NAMED }) {
        let named = Message::new("N202").with("id", &rows.ids[fault.row]).with("problem", fault.problem.render(console.lang));
        to_stderr(&IngestError::new(&rows.file, named).at_row(rows.rows[fault.row]).render(console.lang));
    }
    if faults.len() > NAMED {
        console.note(&Message::new("P017").with("count", faults.len() - NAMED));
    }
    snapped
}

/// Runs `yizhan network`.
pub fn network(arguments: &NetworkArgs, console: &Console) -> Ended {
    let export = arguments
        .export
        .as_ref()
        .map(|path| accept_table(path, arguments.overwrite, &[&arguments.file]).map(|format| (path, format)));
    let export = export.transpose()?;
    let streets = read_streets(&arguments.file, arguments.rules.as_deref(), arguments.cache.as_deref(), console)?;
    console.terminal.clear();
    console.print(&summary_text(&arguments.file, &streets, &Summary::new(&streets), console.lang))?;
    if let Some((path, format)) = export {
        let mode = arguments.mode;
        let graph = Graph::new(&streets, Profile::new(mode, Measure::Time(Surface::Bare)));
        let (rows, bytes) = steps(format, &graph).map_err(Failure::Told)?;
        write(path, &bytes)?;
        console.note(&Message::new("N206").with("path", path.display()).with("rows", rows).with("mode", mode.id()));
    }
    Ok(Outcome::Done)
}

/// Runs `yizhan catchment`.
pub fn catchment(arguments: &CatchmentArgs, console: &Console) -> Ended {
    let limit = amount("--limit", &arguments.limit)?;
    let format =
        accept_table(&arguments.output, arguments.overwrite, &[&arguments.sites, &arguments.demand, &arguments.streets.osm])?;
    let (sites, demand) = load(&arguments.sites, Some(&arguments.demand), console)?;
    let demand = demand.expect("invariant: a file of demand was asked for");
    let router = router(&arguments.streets, limit.is_time(), console)?;
    console.terminal.clear();
    let (at_sites, at_demand) = (snap(&sites, &router, console), snap(&demand, &router, console));
    let costs = one_to_many(&Targets::new(router.graph(), &at_demand), &at_sites, limit.whole(), &console.terminal);
    console.terminal.clear();
    write(&arguments.output, &pairs(format, &sites.ids, &demand.ids, &costs).map_err(Failure::Told)?)?;
    let mut is_reached = vec![false; demand.ids.len()];
    costs.iter().for_each(|(_, point, _)| is_reached[point as usize] = true);
    let weight = |reached: bool| -> f64 {
        demand.weights.iter().zip(&is_reached).filter(|(_, is)| !reached || **is).fold(0.0, |sum, (weight, _)| sum + weight)
    };
    let share = if weight(false) > 0.0 { weight(true) / weight(false) * 100.0 } else { 0.0 };
    let reaching = (0..costs.sites()).filter(|&site| !costs.row(site).is_empty()).count();
    console.note(
        &Message::new("N203")
            .with("limit", &arguments.limit)
            .with("pairs", costs.pairs())
            .with("sites", sites.ids.len())
            .with("reaching", reaching)
            .with("points", demand.ids.len())
            .with("reached", is_reached.iter().filter(|is| **is).count())
            .with("share", format!("{share:.1}")),
    );
    console.note(&Message::new("N208").with("unit", term(unit(limit), console.lang)));
    console.note(
        &Message::new("N204")
            .with("od", arguments.output.display())
            .with("sites", arguments.sites.display())
            .with("demand", arguments.demand.display())
            .with("limit", limit.value()),
    );
    Ok(Outcome::Done)
}

fn unit(limit: Amount) -> &'static str {
    if limit.is_time() { "unit_seconds" } else { "unit_metres" }
}

/// Runs `yizhan isochrone`.
pub fn isochrone(arguments: &IsochroneArgs, console: &Console) -> Ended {
    let mut limits: Vec<(Amount, &str)> = Vec::new();
    for text in &arguments.limit {
        limits.push((amount("--limit", text)?, text.trim()));
    }
    if limits.iter().any(|(limit, _)| limit.is_time() != limits[0].0.is_time()) {
        return told(Message::new("N015").with("value", arguments.limit.join(",")));
    }
    limits.sort_by(|a, b| a.0.value().total_cmp(&b.0.value()));
    limits.dedup_by_key(|(limit, _)| limit.whole());
    if !has_extension(&arguments.output, "geojson") {
        return told(Message::new("N014").with("path", arguments.output.display()).with("endings", ".geojson"));
    }
    accept_new(&arguments.output, arguments.overwrite)?;
    keep_inputs(&arguments.output, &[Some(&arguments.sites), Some(&arguments.streets.osm)])?;
    let (sites, _) = load(&arguments.sites, None, console)?;
    let router = router(&arguments.streets, limits[0].0.is_time(), console)?;
    console.terminal.clear();
    let snapped = snap(&sites, &router, console);
    let places: Vec<_> = sites.positions.iter().copied().zip(snapped).collect();
    let (kinds, of_sites) = kinds(&sites);
    let whole: Vec<u32> = limits.iter().map(|(limit, _)| limit.whole()).collect();
    console.terminal.begin("areas", 0);
    let drawn = isochrones(router.graph(), &places, &of_sites, &whole, Style::default());
    console.terminal.end();
    console.terminal.clear();
    let mut rows = Vec::new();
    if arguments.dissolve {
        (0..kinds.len().max(1)).for_each(|kind| rows.extend(areas_of(None, kinds.get(kind), kind, &limits, &drawn)));
    } else {
        let site = |row: usize| areas_of(Some(&sites.ids[row]), kinds.get(of_sites[row]), row, &limits, &drawn);
        (0..sites.ids.len()).for_each(|row| rows.extend(site(row)));
    }
    let attribution = term("osm_attribution", console.lang);
    write(&arguments.output, areas(&rows, arguments.streets.mode.id(), attribution).as_bytes())?;
    console.note(
        &Message::new("N205")
            .with("path", arguments.output.display())
            .with("areas", rows.iter().filter(|row| !row.area.0.is_empty()).count())
            .with("sites", sites.ids.len())
            .with("attribution", attribution),
    );
    Ok(Outcome::Done)
}

/// The kinds that a file names, sorted, and which of them each site is; without such a column no kinds, and all sites are alike.
fn kinds(sites: &LocatedRows) -> (Vec<&String>, Vec<usize>) {
    let kinds: Vec<&String> = sites.kinds.iter().collect::<BTreeSet<_>>().into_iter().collect();
    let of = |row: usize| sites.kinds.get(row).and_then(|kind| kinds.binary_search(&kind).ok()).unwrap_or(0);
    let of_sites = (0..sites.ids.len()).map(of).collect();
    (kinds, of_sites)
}

/// The areas of a site, or of a kind, by limit, the largest first, so that smaller areas are drawn over it.
fn areas_of<'a>(
    site: Option<&'a String>,
    kind: Option<&&'a String>,
    at: usize,
    limits: &[(Amount, &'a str)],
    drawn: &'a [Isochrone],
) -> impl Iterator<Item = ReachedArea<'a>> {
    limits.iter().zip(drawn).rev().map(move |(&(limit, text), drawn)| ReachedArea {
        site: site.map(String::as_str),
        kind: kind.map(|kind| kind.as_str()),
        limit: text,
        value: limit.value(),
        area: if site.is_some() { &drawn.areas[at] } else { &drawn.dissolved[at] },
    })
}

fn accept_table(path: &Path, overwrite: bool, inputs: &[&Path]) -> Result<TableFormat, Failure> {
    let Some(format) = TableFormat::of(path) else {
        return told(Message::new("N014").with("path", path.display()).with("endings", ".csv, .parquet"));
    };
    accept_new(path, overwrite)?;
    let inputs: Vec<Option<&Path>> = inputs.iter().map(|input| Some(*input)).collect();
    keep_inputs(path, &inputs)?;
    Ok(format)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_and_times_are_told_apart() {
        assert_eq!(Amount::read("1000m"), Some(Amount::Metres(1000.0)));
        assert_eq!(Amount::read(" 1.5 km"), Some(Amount::Metres(1500.0)));
        assert_eq!(Amount::read("15min"), Some(Amount::Seconds(900.0)));
        assert_eq!(Amount::read("15分钟"), Some(Amount::Seconds(900.0)));
        assert_eq!(Amount::read("1.5公里"), Some(Amount::Metres(1500.0)));
        assert_eq!(Amount::read("0s").map(Amount::whole), Some(0));
        for text in ["", "15", "min", "-5m", "1e9km", "15 minutes", "NaNm", "infm"] {
            assert_eq!(Amount::read(text), None, "{text}");
        }
    }
}
