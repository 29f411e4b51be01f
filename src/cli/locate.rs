//! `yizhan locate`: arguments → request and files → answer → solution file and a few sentences.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use yizhan::crs::Metric;
use yizhan::ingest::location::{LoadedLocation, LocationFiles, load_location, metric_of};
use yizhan::message::{Message, term};
use yizhan::output::solution::{Ending, SolutionFile};
use yizhan::siting::effort::{Effort, Switches};
use yizhan::siting::locate::{LocateError, Model, Request, solve};

use super::commands::Ended;
use super::failure::Failure;
use super::files::{accept_new, has_extension, keep_inputs, write};
use super::{Console, Outcome, to_stderr};

const MODELS: &str = "Models:
  mclp                  most weight within --limit, opening at most -p (or --budget)
  psclp                 fewest sites, or least cost, that cover --share of the weight within --limit
  lscp                  fewest sites, or least cost, that cover all demand within --limit
  lscp-b                of the covers with fewest sites (costs don't count), most demand points covered twice
  p-median              least total weight x impedance, opening exactly -p
  p-center              least largest impedance, opening at most -p
  capacitated-mclp      mclp, where a site serves no more than its capacity
  capacitated-p-median  p-median within capacities, each demand point served whole by one site
  backup                most weight within --limit of one site (counts half) and of a second (the other half)
  gradual               mclp, where coverage falls from --limit to nothing at --outer

Files: CSV (also gzipped), XLSX, GeoJSON or Parquet, headers in English or Chinese. Without an id column rows are numbered from 0.
Sites may have role (existing stays open and doesn't count against -p; candidate; ArcGIS's Required, Candidate, Chosen, Competitor),
cost and capacity; demand may have weight. What existing sites cover counts in the objective of mclp.
A matrix lists site, demand, impedance (a missing pair can't be reached), or is numbers, a row for each demand point, bare or with the
ids of the sites in the header and those of the demand in a first column named demand. Competitors are left out.

Without -o the solution goes to stdout. Exit codes: 0 solved, 2 cannot run, 3 infeasible (the solution names the culprits).";

/// What `yizhan locate` takes.
#[derive(Debug, clap::Args)]
#[command(after_help = MODELS)]
pub struct LocateArgs {
    /// The model, such as mclp or p-median; the list is below
    model: String,
    /// Sites: id, x, y or id, lon, lat; role, cost, capacity
    #[arg(long, value_name = "FILE")]
    sites: Option<PathBuf>,
    /// Demand: id, x, y or id, lon, lat; weight
    #[arg(long, value_name = "FILE")]
    demand: Option<PathBuf>,
    /// Impedances instead of positions
    #[arg(long, value_name = "FILE", conflicts_with = "metric")]
    matrix: Option<PathBuf>,
    /// euclidean (default for x, y), geodesic (WGS-84, default for lon, lat), haversine (mean radius 6371008.8 m) or haversine:R
    #[arg(long, value_name = "METRIC")]
    metric: Option<String>,
    /// Covered means impedance ≤ this: metres for lon, lat, else the unit of the input
    #[arg(long, value_name = "IMPEDANCE", allow_negative_numbers = true)]
    limit: Option<f64>,
    /// Where gradual coverage ends
    #[arg(long, value_name = "IMPEDANCE", allow_negative_numbers = true)]
    outer: Option<f64>,
    /// How many candidates may open, besides the existing sites
    #[arg(short, long = "p", value_name = "N")]
    p: Option<usize>,
    /// How much the newly opened sites may cost together
    #[arg(long, value_name = "MONEY")]
    budget: Option<u64>,
    /// Share of the weight to cover, 0 to 1
    #[arg(long, value_name = "SHARE", allow_negative_numbers = true)]
    share: Option<f64>,
    /// Stop after this many seconds, reading included; the answer then depends on the machine
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true)]
    time: Option<f64>,
    /// Work allowed, in millions of pairs looked at; the same work gives the same answer on any machine [default: 20000, or what
    /// --time can hold]
    #[arg(long, value_name = "MILLIONS")]
    work: Option<u64>,
    /// Good enough: stop when at most this share better exists; 0 asks for proof
    #[arg(long, value_name = "GAP", default_value_t = 0.0, allow_negative_numbers = true)]
    gap: f64,
    /// Seed of everything random
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Solve without these exact reductions of maximal covering: useless_options, idle_elements, singletons, identical_coverage,
    /// dominated_options, components, reduced_costs. The optimum is the same, only slower to find
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    without: Vec<String>,
    /// Solution file, .json or .geojson (needs lon, lat)
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace the solution file if it exists
    #[arg(long)]
    overwrite: bool,
}

/// The model of a name: an id, or a common spelling of one.
fn model_of(name: &str) -> Option<Model> {
    let word = |text: &str| text.to_lowercase().replace(['-', '_', ' '], "");
    let name = word(name);
    let spelled = match name.as_str() {
        "pcentre" | "kcenter" | "kcentre" => Some(Model::PCenter),
        "kmedian" => Some(Model::PMedian),
        "scp" | "setcover" => Some(Model::Lscp),
        "cmclp" | "mclpcapacitated" => Some(Model::CapacitatedMclp),
        "cpmp" | "cpmedian" | "pmediancapacitated" => Some(Model::CapacitatedPMedian),
        "backupcoverage" | "bclp" | "bacop2" => Some(Model::Backup),
        "gradualcoverage" | "gmclp" | "mclpgradual" => Some(Model::Gradual),
        _ => None,
    };
    spelled.or_else(|| Model::ALL.into_iter().find(|model| word(model.id()) == name))
}

/// The options that a model needs, and those that it doesn't use.
struct Needs {
    needs: Vec<&'static str>,
    ignores: Vec<&'static str>,
}

fn needs(model: Model, arguments: &LocateArgs) -> Needs {
    let given = [
        ("--limit", arguments.limit.is_some()),
        ("--outer", arguments.outer.is_some()),
        ("-p", arguments.p.is_some()),
        ("--budget", arguments.budget.is_some()),
        ("--share", arguments.share.is_some()),
    ];
    // Medians and centres have no limit of their own: with one, the weight covered is told for it.
    let (needed, allowed): (&[&str], &[&str]) = match model {
        Model::Mclp | Model::CapacitatedMclp => (&["--limit"], &["-p", "--budget"]),
        Model::Backup => (&["--limit"], &["-p", "--budget"]),
        Model::Gradual => (&["--limit", "--outer"], &["-p", "--budget"]),
        Model::Psclp => (&["--limit", "--share"], &[]),
        Model::Lscp | Model::LscpB => (&["--limit"], &[]),
        Model::PMedian | Model::PCenter | Model::CapacitatedPMedian => (&["-p"], &["--limit"]),
    };
    let is_given = |option: &str| given.iter().any(|&(name, given)| name == option && given);
    let mut needs: Vec<&'static str> = given.iter().map(|row| row.0).filter(|o| needed.contains(o) && !is_given(o)).collect();
    if allowed.contains(&"--budget") && !is_given("-p") && !is_given("--budget") {
        needs.push("-p | --budget");
    }
    let unused = |option: &&str| is_given(option) && !needed.contains(option) && !allowed.contains(option);
    Needs { needs, ignores: given.iter().map(|row| row.0).filter(unused).collect() }
}

/// Runs the command.
pub fn locate(arguments: &LocateArgs, console: &Console) -> Ended {
    let begun = Instant::now();
    let request = request_of(arguments, begun, console)?;
    let metric = metric(arguments)?;
    accept_inputs(arguments)?;
    if let Some(path) = &arguments.output {
        accept_output(path, arguments.overwrite)?;
        keep_inputs(path, &[arguments.sites.as_deref(), arguments.demand.as_deref(), arguments.matrix.as_deref()])?;
    }
    let files = LocationFiles {
        sites: arguments.sites.clone(),
        demand: arguments.demand.clone(),
        matrix: arguments.matrix.clone(),
        metric,
    };
    let loaded = load_location(&files).map_err(|faults| Failure::Scenario {
        headline: Message::new("P108").with("count", faults.count()),
        faults: faults.lines(console.lang),
    })?;
    loaded.notes.iter().for_each(|note| console.note(note));
    if arguments.output.as_deref().is_some_and(is_geojson) && loaded.degrees.is_none() {
        return Err(Failure::Told(Message::new("P104")));
    }
    let ending: Ending = match solve(&loaded.problem, &request, &console.terminal) {
        Ok(answer) => Ok(answer),
        Err(LocateError::Infeasible { reason, culprits }) => Err((reason, culprits)),
        Err(LocateError::Undecided) => return Err(Failure::Told(Message::new("P111"))),
        Err(LocateError::Missing { model, what }) => {
            return Err(Failure::Told(Message::new("P101").with("model", model).with("option", what)));
        }
    };
    console.terminal.clear();
    let solution = SolutionFile::new(&loaded, &request, &ending, begun.elapsed().as_secs_f64());
    tell(&solution, &loaded, arguments, console)
}

/// Writes the solution and says what it is.
fn tell(solution: &SolutionFile, loaded: &LoadedLocation, arguments: &LocateArgs, console: &Console) -> Ended {
    match &arguments.output {
        None => console.print(&solution.json())?,
        Some(path) => {
            let text = if is_geojson(path) { solution.geojson(loaded).map_err(Failure::Told)? } else { solution.json() };
            write(path, text.as_bytes())?;
        }
    }
    // Why there is no answer is an error, and errors are told even with -q.
    if !console.quiet || solution.is_infeasible() {
        to_stderr(&solution.summary(console.lang));
    }
    console.note(&match &arguments.output {
        Some(path) => Message::new("P206").with("path", path.display()),
        None => Message::new("P207"),
    });
    Ok(if solution.is_infeasible() { Outcome::Infeasible } else { Outcome::Done })
}

/// More work than a second can hold, in millions of pairs: with `--time` alone, time is what stops.
const WORK_A_SECOND: f64 = 2_000.0;

/// An option, its value, the words for what is allowed, and whether a value is.
type Range<'a> = (&'static str, Option<f64>, &'static str, &'a dyn Fn(f64) -> bool);

fn request_of(arguments: &LocateArgs, begun: Instant, console: &Console) -> Result<Request, Failure> {
    let told = |message: Message| Err(Failure::Told(message));
    let Some(model) = model_of(&arguments.model) else {
        let known = Model::ALL.map(Model::id).join(", ");
        return told(Message::new("P102").with("model", &arguments.model).with("known", known));
    };
    let Needs { needs, ignores } = needs(model, arguments);
    if !needs.is_empty() {
        return told(Message::new("P101").with("model", model.id()).with("option", needs.join(", ")));
    }
    for option in &ignores {
        console.note(&Message::new("P205").with("model", model.id()).with("option", option));
    }
    if !arguments.without.is_empty() && !matches!(model, Model::Mclp | Model::Gradual) {
        console.note(&Message::new("P205").with("model", model.id()).with("option", "--without"));
    }
    let used = |option: &str| !ignores.contains(&option);
    let amount = |value: f64| value.is_finite() && value >= 0.0;
    let ranges: [Range<'_>; 5] = [
        ("--limit", arguments.limit, "amount_range", &amount),
        ("--outer", arguments.outer.filter(|_| used("--outer")), "outer_range", &|outer| {
            outer.is_finite() && arguments.limit.is_none_or(|limit| outer > limit)
        }),
        ("--share", arguments.share, "share_range", &|share| (0.0..=1.0).contains(&share)),
        ("--gap", Some(arguments.gap), "share_range", &|gap| (0.0..=1.0).contains(&gap)),
        ("--time", arguments.time, "amount_range", &|time| amount(time) && time < 1e9),
    ];
    for (option, value, allowed, is_allowed) in ranges {
        if let Some(value) = value.filter(|value| !is_allowed(*value)) {
            let allowed = term(allowed, console.lang);
            return told(Message::new("P106").with("option", option).with("value", value).with("allowed", allowed));
        }
    }
    let reductions = switches(&arguments.without)?;
    let in_time = arguments.time.map_or(0, |seconds| (seconds * WORK_A_SECOND) as u64);
    let work = arguments.work.unwrap_or(in_time.max(Effort::DEFAULT_WORK));
    let deadline = arguments.time.map(|seconds| begun + Duration::from_secs_f64(seconds));
    Ok(Request {
        model,
        limit: arguments.limit.filter(|_| used("--limit")),
        outer: arguments.outer.filter(|_| used("--outer")),
        p: arguments.p.filter(|_| used("-p")),
        budget: arguments.budget.filter(|_| used("--budget")),
        share: arguments.share.filter(|_| used("--share")),
        effort: Effort { work, deadline, gap: arguments.gap, seed: arguments.seed, reductions },
    })
}

/// All reductions but those of these names.
fn switches(without: &[String]) -> Result<Switches, Failure> {
    let mut switches = Switches::default();
    for name in without {
        let mut named = switches.named();
        let Some((_, switch)) = named.iter_mut().find(|(known, _)| known == name) else {
            let known = named.map(|(name, _)| name).join(", ");
            return Err(Failure::Told(Message::new("P112").with("name", name).with("known", known)));
        };
        **switch = false;
    }
    Ok(switches)
}

fn metric(arguments: &LocateArgs) -> Result<Option<Metric>, Failure> {
    let Some(name) = &arguments.metric else { return Ok(None) };
    let metric = metric_of(name);
    metric.map(Some).ok_or_else(|| Failure::Told(Message::new("P105").with("metric", name)))
}

fn accept_inputs(arguments: &LocateArgs) -> Result<(), Failure> {
    let option = match (&arguments.sites, &arguments.demand, &arguments.matrix) {
        (_, _, Some(_)) | (Some(_), Some(_), None) => return Ok(()),
        (None, _, None) => "--sites",
        (Some(_), None, None) => "--demand",
    };
    Err(Failure::Told(Message::new("P107").with("option", option)))
}

fn is_geojson(path: &Path) -> bool {
    has_extension(path, "geojson")
}

fn accept_output(path: &Path, overwrite: bool) -> Result<(), Failure> {
    if !is_geojson(path) && !has_extension(path, "json") {
        return Err(Failure::Told(Message::new("P103").with("path", path.display())));
    }
    accept_new(path, overwrite)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_by_id_and_by_common_spellings() {
        for model in Model::ALL {
            assert_eq!(model_of(model.id()), Some(model));
            assert_eq!(model_of(&model.id().replace('-', "_").to_uppercase()), Some(model));
        }
        for (name, model) in [("pmedian", Model::PMedian), ("lscpb", Model::LscpB), ("p-centre", Model::PCenter)] {
            assert_eq!(model_of(name), Some(model), "{name}");
        }
        assert_eq!(model_of("mclpx"), None);
    }
}
