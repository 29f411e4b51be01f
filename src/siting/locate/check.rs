//! Recomputes an answer from the problem alone, with plain loops: no solver's code is used, nothing is assumed.
//!
//! Checked: newly opened sites are candidates, each once; p, budget, share and capacities are kept; the objective is what the model
//! counts; the bound is on its side of it; proved answers have no gap (gradual: none beyond its rounding); assignments go to a
//! nearest open site (medians and centres). Not checked: that nothing is better than the bound; the claims say so.
//! Conventions: existing sites are open, cost nothing, and what they cover counts. Sites and cost count what opens newly. All demand
//! points, also those of weight 0, must be covered (LSCP, LSCP-B), reached and served (medians, centres).
//! Complexity: `O(open sites · demand)`; capacities `O(demand · pairs)` by augmenting paths (Ford & Fulkerson 1956). Float sums run in
//! the order of the demand and agree to 10⁻⁹.

use rayon::prelude::*;

use super::model::{Answer, Model, Request, Status};
use crate::crs::Metric;
use crate::domain::location::{LocationProblem, Role, Separation};
use crate::message::Message;

/// Relative difference that two sums of floats may have.
const CLOSE: f64 = 1e-9;
/// A degree of latitude is longer than this everywhere on Earth, in metres.
const LEAST_DEGREE_M: f64 = 110_000.0;

/// How the check of a claim ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It was recomputed and holds.
    Holds,
    /// It was recomputed and doesn't hold.
    Fails,
    /// It wasn't recomputed.
    NotChecked,
}

/// One claim of an answer and whether it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The claim, with what was written and what was found.
    pub message: Message,
    /// Whether it holds.
    pub verdict: Verdict,
}

impl Claim {
    /// A claim that was recomputed.
    pub fn new(holds: bool, message: Message) -> Self {
        Self { message, verdict: if holds { Verdict::Holds } else { Verdict::Fails } }
    }

    /// A claim that wasn't recomputed.
    pub fn not_checked(message: Message) -> Self {
        Self { message, verdict: Verdict::NotChecked }
    }

    /// Whether it was recomputed and holds.
    pub fn holds(&self) -> bool {
        self.verdict == Verdict::Holds
    }

    /// Whether it was recomputed and doesn't hold.
    pub fn fails(&self) -> bool {
        self.verdict == Verdict::Fails
    }

    /// A claim that a written number is the one found.
    pub fn equal(what: &'static str, written: f64, found: f64) -> Self {
        let message = Message::new("P401").with("what", what).with("written", written).with("found", found);
        Self::new(is_close(written, found), message)
    }
}

/// Equal up to the rounding of a sum.
fn is_close(a: f64, b: f64) -> bool {
    a == b || (a - b).abs() <= CLOSE * a.abs().max(b.abs())
}

/// Impedance between a site and a demand point; none when it can't be reached.
pub(super) fn impedance(problem: &LocationProblem, site: u32, demand: u32) -> Option<f64> {
    match &problem.separation {
        Separation::Metric(metric) => {
            Some(metric.distance(problem.sites.points[site as usize], problem.demand.points[demand as usize]))
        }
        Separation::Matrix(pairs) => {
            let at = pairs.binary_search_by_key(&(site, demand), |&(site, demand, _)| (site, demand)).ok()?;
            Some(pairs[at].2)
        }
    }
}

/// Whether a demand point is within the limit of a site.
pub(super) fn is_within(problem: &LocationProblem, site: u32, demand: u32, limit: f64) -> bool {
    if let Separation::Metric(Metric::Geodesic) = &problem.separation {
        let (from, to) = (problem.sites.points[site as usize], problem.demand.points[demand as usize]);
        if (from[1] - to[1]).abs() * LEAST_DEGREE_M > limit {
            return false;
        }
    }
    impedance(problem, site, demand).is_some_and(|impedance| impedance <= limit)
}

/// Existing sites and newly opened ones, ascending.
pub fn open_sites(problem: &LocationProblem, opened: &[u32]) -> Vec<u32> {
    let is_open = |&site: &u32| problem.sites.roles[site as usize] == Role::Existing || opened.contains(&site);
    (0..problem.sites.ids.len() as u32).filter(is_open).collect()
}

/// For each demand point how many open sites are within the limit, counted up to `at_most`.
pub(super) fn times_covered(problem: &LocationProblem, open: &[u32], limit: f64, at_most: usize) -> Vec<usize> {
    let demand = 0..problem.demand.ids.len() as u32;
    let times = |point| open.iter().filter(|&&site| is_within(problem, site, point, limit)).take(at_most).count();
    demand.into_par_iter().map(times).collect()
}

/// Integer weight of all demand points within the limit of an open site; without a limit, of all that an open site can reach.
pub fn covered_weight(problem: &LocationProblem, limit: Option<f64>, opened: &[u32]) -> u64 {
    let times = times_covered(problem, &open_sites(problem, opened), limit.unwrap_or(f64::INFINITY), 1);
    times.iter().zip(&problem.demand.weights).filter(|(times, _)| **times > 0).map(|(_, weight)| weight).sum()
}

/// Impedance of each demand point to the nearest open site.
fn nearest(problem: &LocationProblem, open: &[u32]) -> Vec<Option<f64>> {
    let demand = 0..problem.demand.ids.len() as u32;
    let least = |point| open.iter().filter_map(|&site| impedance(problem, site, point)).min_by(f64::total_cmp);
    demand.into_par_iter().map(least).collect()
}

/// What the newly opened sites cost.
fn cost(problem: &LocationProblem, opened: &[u32]) -> u64 {
    opened.iter().map(|&site| problem.sites.costs[site as usize]).sum()
}

/// Whether a model looks for the most; otherwise for the least.
pub fn maximises(model: Model) -> bool {
    matches!(model, Model::Mclp | Model::CapacitatedMclp | Model::Backup | Model::Gradual)
}

/// What the model counts, recomputed; none when a demand point that must be served isn't.
pub fn objective(problem: &LocationProblem, request: &Request, answer: &Answer) -> Option<f64> {
    let open = open_sites(problem, &answer.opened);
    let scale = problem.weight_scale as f64;
    let limit = request.limit.unwrap_or(f64::INFINITY);
    let weights = &problem.demand.weights;
    let weighted = |shares: &mut dyn Iterator<Item = f64>| weights.iter().zip(shares).map(|(&w, s)| w as f64 * s).sum::<f64>();
    match request.model {
        Model::Mclp => Some(covered_weight(problem, request.limit, &answer.opened) as f64 / scale),
        Model::Psclp | Model::Lscp => Some(cost(problem, &answer.opened) as f64),
        Model::LscpB => Some(answer.opened.len() as f64),
        Model::PMedian => {
            let nearest: Option<Vec<f64>> = nearest(problem, &open).into_iter().collect();
            Some(weighted(&mut nearest?.into_iter()) / scale)
        }
        Model::PCenter => {
            let nearest: Option<Vec<f64>> = nearest(problem, &open).into_iter().collect();
            Some(nearest?.into_iter().fold(0.0, f64::max))
        }
        Model::CapacitatedMclp => Some(most_served(problem, &open, limit) as f64 / scale),
        Model::CapacitatedPMedian => {
            let assigned = (0u32..).zip(&answer.assigned);
            let travelled: Option<Vec<f64>> = assigned.map(|(point, site)| impedance(problem, (*site)?, point)).collect();
            let travelled = travelled.filter(|all| all.len() == weights.len())?;
            Some(travelled.into_iter().sum())
        }
        Model::Backup => {
            let halves: u64 = times_covered(problem, &open, limit, 2).into_iter().zip(weights).map(|(t, w)| t as u64 * w).sum();
            Some(halves as f64 / 2.0 / scale)
        }
        Model::Gradual => {
            let outer = request.outer.unwrap_or(limit);
            let share = |impedance: Option<f64>| match impedance {
                Some(near) if near <= limit => 1.0,
                Some(between) if between < outer => (outer - between) / (outer - limit),
                _ => 0.0,
            };
            Some(weighted(&mut nearest(problem, &open).into_iter().map(share)) / scale)
        }
    }
}

/// Most weight that open sites within the limit can serve within their capacities, demand split at will: a maximum flow.
fn most_served(problem: &LocationProblem, open: &[u32], limit: f64) -> u64 {
    let demand = problem.demand.ids.len();
    let near = |site: &u32| (0..demand as u32).filter(|&point| is_within(problem, *site, point, limit)).collect::<Vec<_>>();
    let reach: Vec<Vec<u32>> = open.iter().map(near).collect();
    let mut sites_of = vec![Vec::new(); demand];
    for (site, points) in reach.iter().enumerate() {
        points.iter().for_each(|&point| sites_of[point as usize].push(site));
    }
    let mut room: Vec<u64> = open.iter().map(|&site| problem.sites.capacities[site as usize].unwrap_or(u64::MAX)).collect();
    let mut flow: Vec<std::collections::BTreeMap<u32, u64>> = vec![Default::default(); open.len()];
    let mut served = 0;
    for point in 0..demand as u32 {
        let mut left = problem.demand.weights[point as usize];
        while left > 0 {
            let moved = augment(point, left, &sites_of, &mut room, &mut flow);
            if moved == 0 {
                break;
            }
            left -= moved;
            served += moved;
        }
    }
    served
}

/// Serves some more of a point: at a site with room, or at one that can hand a point of its own on to another site. 0 when none can.
fn augment(
    point: u32,
    left: u64,
    sites_of: &[Vec<usize>],
    room: &mut [u64],
    flow: &mut [std::collections::BTreeMap<u32, u64>],
) -> u64 {
    // For each site reached the point that comes to it, and the site that hands it on.
    let mut came: Vec<Option<(u32, Option<usize>)>> = vec![None; room.len()];
    let mut queue = std::collections::VecDeque::new();
    for &site in &sites_of[point as usize] {
        came[site] = Some((point, None));
        queue.push_back(site);
    }
    while let Some(site) = queue.pop_front() {
        if room[site] > 0 {
            let mut moved = left.min(room[site]);
            let mut at = site;
            while let Some((handed, Some(from))) = came[at] {
                moved = moved.min(flow[from][&handed]);
                at = from;
            }
            room[site] -= moved;
            let mut at = site;
            while let Some((handed, from)) = came[at] {
                *flow[at].entry(handed).or_default() += moved;
                let Some(from) = from else { break };
                let kept = flow[from][&handed] - moved;
                if kept == 0 {
                    flow[from].remove(&handed)
                } else {
                    flow[from].insert(handed, kept)
                };
                at = from;
            }
            return moved;
        }
        for &handed in flow[site].keys() {
            for &other in &sites_of[handed as usize] {
                if came[other].is_none() {
                    came[other] = Some((handed, Some(site)));
                    queue.push_back(other);
                }
            }
        }
    }
    0
}

/// All claims of an answer.
pub fn check(problem: &LocationProblem, request: &Request, answer: &Answer) -> Vec<Claim> {
    let mut claims = vec![candidates_once(problem, &answer.opened)];
    if claims.iter().any(Claim::fails) {
        return claims;
    }
    if let Some(p) = request.p {
        let opened = answer.opened.len();
        let kept = if matches!(request.model, Model::PMedian | Model::CapacitatedPMedian) { opened == p } else { opened <= p };
        claims.push(Claim::new(kept, Message::new("P403").with("opened", opened).with("p", p)));
    }
    if let Some(budget) = request.budget {
        let spent = cost(problem, &answer.opened);
        claims.push(Claim::new(spent <= budget, Message::new("P404").with("spent", spent).with("budget", budget)));
    }
    claims.extend(demands(problem, request, answer));
    claims.extend(assignments(problem, request, answer));
    let found = objective(problem, request, answer).unwrap_or(f64::NAN);
    claims.push(Claim::equal("objective", answer.objective, found));
    let better = if maximises(request.model) { answer.bound - found } else { found - answer.bound };
    let slack = CLOSE * found.abs().max(answer.bound.abs());
    claims.push(Claim::new(better >= -slack, Message::new("P405").with("bound", answer.bound).with("objective", found)));
    let closed = (answer.bound - answer.objective).abs() <= rounding(problem, request.model) + slack;
    let agrees = answer.status != Status::Optimal || closed;
    claims.push(Claim::new(agrees, Message::new("P406").with("gap", answer.gap())));
    claims.push(Claim::not_checked(Message::new("P416").with("bound", answer.bound)));
    claims
}

/// How far the bound of a proved answer may be from the objective. Gradual coverage is proved in parts of an integer unit of
/// weight, millionths or, where weight is huge, so many that all weight has at least 10¹⁴ of them; the bound is rounded up to a
/// part for each demand point.
fn rounding(problem: &LocationProblem, model: Model) -> f64 {
    if model != Model::Gradual {
        return 0.0;
    }
    let part = (problem.total_weight() as f64 * 1e-14).clamp(1e-6, 1.0);
    problem.demand.weights.len() as f64 * part / problem.weight_scale as f64
}

fn candidates_once(problem: &LocationProblem, opened: &[u32]) -> Claim {
    let is_candidate = |&site: &u32| problem.sites.roles.get(site as usize) == Some(&Role::Candidate);
    let sound = opened.iter().all(is_candidate) && opened.windows(2).all(|pair| pair[0] < pair[1]);
    Claim::new(sound, Message::new("P402").with("opened", opened.len()))
}

/// What must be covered is.
fn demands(problem: &LocationProblem, request: &Request, answer: &Answer) -> Vec<Claim> {
    let open = open_sites(problem, &answer.opened);
    let limit = request.limit.unwrap_or(f64::INFINITY);
    let mut claims = Vec::new();
    if matches!(request.model, Model::Lscp | Model::LscpB) {
        let times = times_covered(problem, &open, limit, 2);
        let missed = times.iter().filter(|times| **times == 0).count();
        claims.push(Claim::new(missed == 0, Message::new("P407").with("points", times.len()).with("missed", missed)));
        if let Some(second) = answer.second {
            let twice = times.iter().filter(|times| **times > 1).count();
            claims.push(Claim::equal("second", second, twice as f64));
        }
    }
    if let (Model::Psclp, Some(share)) = (request.model, request.share) {
        let (covered, total) = (covered_weight(problem, request.limit, &answer.opened), problem.total_weight());
        let enough = is_share(covered, share, total);
        let found = if total == 0 { 1.0 } else { covered as f64 / total as f64 };
        claims.push(Claim::new(enough, Message::new("P408").with("found", found).with("share", share)));
    }
    claims
}

/// Whether a weight is at least a share of the total, in integers: the share is the decimal number that it is written as.
pub(super) fn is_share(weight: u64, share: f64, total: u64) -> bool {
    let text = share.to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let digits = &fraction[..fraction.len().min(18)];
    let number = |digits: &str| digits.parse::<u128>().unwrap_or(0);
    let ten = 10u128.pow(digits.len() as u32);
    let share = number(whole) * ten + number(digits) + u128::from(fraction.len() > 18);
    u128::from(weight) * ten >= share * u128::from(total)
}

/// Assigned points go to open sites: to a nearest one, or within capacities.
fn assignments(problem: &LocationProblem, request: &Request, answer: &Answer) -> Vec<Claim> {
    if !matches!(request.model, Model::PMedian | Model::PCenter | Model::CapacitatedPMedian) {
        return Vec::new();
    }
    let open = open_sites(problem, &answer.opened);
    let capacitated = request.model == Model::CapacitatedPMedian;
    if answer.assigned.is_empty() && !capacitated {
        return Vec::new();
    }
    let mut load = vec![0u64; problem.sites.ids.len()];
    let mut wrong = problem.demand.ids.len().abs_diff(answer.assigned.len());
    let nearest = if capacitated { Vec::new() } else { nearest(problem, &open) };
    for ((point, site), weight) in (0u32..).zip(&answer.assigned).zip(&problem.demand.weights) {
        let at = site.filter(|site| open.binary_search(site).is_ok());
        let travelled = at.and_then(|site| impedance(problem, site, point));
        let sound = match (travelled, nearest.get(point as usize)) {
            (Some(travelled), Some(nearest)) => nearest.is_some_and(|nearest| is_close(travelled, nearest)),
            (travelled, _) => travelled.is_some(),
        };
        wrong += usize::from(!sound);
        if let Some(site) = at {
            load[site as usize] += weight;
        }
    }
    let code = if capacitated { "P409" } else { "P410" };
    let mut claims = vec![Claim::new(wrong == 0, Message::new(code).with("points", answer.assigned.len()).with("wrong", wrong))];
    if capacitated {
        let is_over = |site: &u32| problem.sites.capacities[*site as usize].is_some_and(|most| load[*site as usize] > most);
        let over = open.iter().filter(|site| is_over(site)).count();
        claims.push(Claim::new(over == 0, Message::new("P411").with("sites", open.len()).with("over", over)));
    }
    claims
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::location::{LocationDemand, LocationSites};
    use crate::siting::effort::Effort;

    /// Sites at 0, 10, 20, …; demand at the given places on a line.
    fn line(sites: usize, demand: &[(f64, u64)], capacities: &[Option<u64>]) -> LocationProblem {
        LocationProblem {
            sites: LocationSites {
                ids: (0..sites).map(|row| format!("S{row}")).collect(),
                points: (0..sites).map(|row| [row as f64 * 10.0, 0.0]).collect(),
                roles: vec![Role::Candidate; sites],
                costs: (1..=sites as u64).collect(),
                capacities: (0..sites).map(|row| capacities.get(row).copied().flatten()).collect(),
            },
            demand: LocationDemand {
                ids: (0..demand.len()).map(|row| format!("D{row}")).collect(),
                points: demand.iter().map(|&(x, _)| [x, 0.0]).collect(),
                weights: demand.iter().map(|&(_, weight)| weight).collect(),
            },
            separation: Separation::Metric(Metric::Planar),
            weight_scale: 1,
        }
    }

    fn request(model: Model) -> Request {
        Request { model, limit: Some(4.0), outer: Some(8.0), p: Some(2), budget: None, share: None, effort: Effort::default() }
    }

    fn answer(opened: &[u32], objective: f64, bound: f64) -> Answer {
        Answer {
            status: Status::Feasible,
            objective,
            bound,
            opened: opened.to_vec(),
            assigned: Vec::new(),
            second: None,
            reductions: Vec::new(),
            stopped_by_time: false,
        }
    }

    fn failed(problem: &LocationProblem, request: &Request, answer: &Answer) -> Vec<&'static str> {
        check(problem, request, answer).iter().filter(|claim| claim.fails()).map(|claim| claim.message.code()).collect()
    }

    #[test]
    fn each_model_counts_what_it_says() {
        let problem = line(3, &[(0.0, 5), (4.0, 7), (6.0, 2), (26.0, 3)], &[Some(6), None, Some(1)]);
        let found = |model, opened: &[u32]| objective(&problem, &request(model), &answer(opened, 0.0, 0.0)).expect("served");
        assert_eq!(found(Model::Mclp, &[0, 2]), 12.0);
        assert_eq!(found(Model::Mclp, &[0, 1]), 14.0, "the limit itself is covered");
        assert_eq!(found(Model::Lscp, &[0, 2]), 4.0, "costs 1 and 3");
        assert_eq!(found(Model::LscpB, &[0, 2]), 2.0);
        assert_eq!(found(Model::PMedian, &[0, 2]), 7.0 * 4.0 + 2.0 * 6.0 + 3.0 * 6.0);
        assert_eq!(found(Model::PCenter, &[0, 2]), 6.0);
        assert_eq!(found(Model::CapacitatedMclp, &[0, 2]), 6.0);
        assert_eq!(found(Model::Backup, &[0, 1]), 7.0, "nothing twice: half of 14");
        assert_eq!(found(Model::Gradual, &[0, 2]), 5.0 + 7.0 + 2.0 * 0.5 + 3.0 * 0.5);
        let mut whole = answer(&[0, 2], 0.0, 0.0);
        whole.assigned = vec![Some(0), Some(0), Some(0), Some(2)];
        assert_eq!(objective(&problem, &request(Model::CapacitatedPMedian), &whole), Some(4.0 + 6.0 + 6.0));
        assert_eq!(failed(&problem, &request(Model::CapacitatedPMedian), &Answer { objective: 16.0, ..whole }), ["P411"]);
    }

    #[test]
    fn each_false_claim_is_seen() {
        let problem = line(3, &[(0.0, 5), (4.0, 7), (6.0, 2), (26.0, 3)], &[]);
        let mclp = request(Model::Mclp);
        let none: [&str; 0] = [];
        assert_eq!(failed(&problem, &mclp, &answer(&[0, 1], 14.0, 14.0)), none);
        assert_eq!(failed(&problem, &mclp, &answer(&[0, 1], 15.0, 15.0)), ["P401"]);
        assert_eq!(failed(&problem, &mclp, &answer(&[0, 1], 14.0, 13.0)), ["P405"]);
        assert_eq!(failed(&problem, &mclp, &answer(&[0, 1, 2], 14.0, 14.0)), ["P403"]);
        assert_eq!(failed(&problem, &mclp, &answer(&[1, 1], 9.0, 14.0)), ["P402"]);
        assert_eq!(failed(&problem, &mclp, &answer(&[7], 9.0, 14.0)), ["P402"]);
        let proved = Answer { status: Status::Optimal, ..answer(&[0, 1], 14.0, 15.0) };
        assert_eq!(failed(&problem, &mclp, &proved), ["P406"]);
        let budget = Request { p: None, budget: Some(2), ..mclp };
        assert_eq!(failed(&problem, &budget, &answer(&[0, 1], 14.0, 14.0)), ["P404"]);
        let share = Request { model: Model::Psclp, p: None, share: Some(0.9), ..mclp };
        assert_eq!(failed(&problem, &share, &answer(&[0, 1], 3.0, 3.0)), ["P408"]);
        let lscp = Request { model: Model::Lscp, p: None, ..mclp };
        assert_eq!(failed(&problem, &lscp, &answer(&[0, 1], 3.0, 3.0)), ["P407"]);
        let mut far = answer(&[0, 2], 58.0, 58.0);
        far.assigned = vec![Some(0), Some(0), Some(2), Some(2)];
        assert_eq!(failed(&problem, &request(Model::PMedian), &far), ["P410"]);
        far.assigned[2] = Some(0);
        assert_eq!(failed(&problem, &request(Model::PMedian), &far), none);
    }

    #[test]
    fn a_share_is_held_against_the_unit() {
        assert!(is_share(8, 0.8, 10) && !is_share(7, 0.8, 10) && is_share(0, 0.0, 10) && is_share(10, 1.0, 10));
        assert!(!is_share(493_827_156_051, 0.4, 1_234_567_890_128) && is_share(493_827_156_052, 0.4, 1_234_567_890_128));
        assert!(is_share(3, 0.1, 30) && !is_share(0, 1e-30, 7) && is_share(1, 1e-30, 7) && is_share(0, 0.5, 0));
    }

    proptest! {
        /// Max-flow = min-cut: the least, over sets of open sites, of their capacity and the demand that others could serve.
        #[test]
        fn the_flow_is_the_least_cut(
            demand in prop::collection::vec((0u32..30, 0u64..9), 1..7),
            capacities in prop::collection::vec(0u64..12, 3),
        ) {
            let places: Vec<(f64, u64)> = demand.iter().map(|&(x, weight)| (f64::from(x), weight)).collect();
            let capacities: Vec<Option<u64>> = capacities.into_iter().map(Some).collect();
            let problem = line(3, &places, &capacities);
            let cut = (0u32..8).map(|full| {
                let paid: u64 = (0..3).filter(|site| full >> site & 1 == 1).map(|site| capacities[site].unwrap_or(0)).sum();
                let others = |x: f64| (0..3).any(|site| full >> site & 1 == 0 && (x - f64::from(site) * 10.0).abs() <= 7.0);
                paid + places.iter().filter(|(x, _)| others(*x)).map(|(_, weight)| weight).sum::<u64>()
            });
            prop_assert_eq!(most_served(&problem, &[0, 1, 2], 7.0), cut.min().unwrap_or(0));
        }
    }
}
