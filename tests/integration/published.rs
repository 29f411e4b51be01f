//! Published problems with known answers, through the same door as `yizhan locate`: found, proved, and recomputed.

use yizhan::progress::Silent;
use yizhan::siting::effort::Effort;
use yizhan::siting::locate::{LocateError, Status, check, solve};

use super::instances::{self, Case, Known};

/// Solves a case and holds the answer against what is known; an optimum has to be proved.
fn prove(case: &Case) {
    let found = solve(&case.problem, &case.request, &Silent);
    if case.known == Known::Infeasible {
        assert!(matches!(found, Err(LocateError::Infeasible { .. })), "{}: {found:?}", case.name);
        return;
    }
    let answer = found.unwrap_or_else(|error| panic!("{}: {error}", case.name));
    let (objective, second) = match case.known {
        Known::Optimum(value) | Known::Best(value) => (value, None),
        Known::Both(value, second) => (value, Some(second)),
        Known::Infeasible => unreachable!(),
    };
    assert_eq!(answer.status, Status::Optimal, "{}", case.name);
    assert!((answer.objective - objective).abs() <= 1e-8 * objective, "{}: {} for {objective}", case.name, answer.objective);
    assert_eq!(second.or(answer.second), answer.second, "{}", case.name);
    for claim in check::check(&case.problem, &case.request, &answer) {
        assert!(!claim.fails(), "{}: {claim:?}", case.name);
    }
}

#[test]
fn san_francisco_stores_every_model_and_p() {
    let cases = instances::sf();
    assert_eq!(cases.len(), 8 * (2 + 16) + 32);
    cases.iter().for_each(prove);
}

#[test]
fn york_listed_buildings() {
    instances::york().iter().for_each(prove);
}

#[test]
fn street_lattice() {
    instances::lattice().iter().for_each(prove);
}

#[test]
fn ten_thousand_customers_of_cordeau() {
    instances::bds().iter().for_each(prove);
}

#[test]
fn medians_and_centres_of_or_library() {
    instances::pmed(1..=20).iter().for_each(prove);
}

#[test]
fn capacitated_medians_of_or_library() {
    // Number 8 takes as long as the other nine together; `benches/proofs.rs` has it.
    instances::pmedcap([1, 2, 3, 4, 5, 6, 7, 9, 10]).iter().for_each(prove);
}

/// Short searches on two cities: a bound below a published optimum, or a sum that isn't what the sites cover, is a bug.
#[test]
fn cities_are_bounded_by_what_others_found() {
    for mut case in [instances::city("manhattan"), instances::city("sanfrancisco")].concat() {
        case.request.effort = Effort { work: 100, ..Effort::default() };
        let answer = solve(&case.problem, &case.request, &Silent).unwrap();
        let (Known::Optimum(best) | Known::Best(best)) = case.known else { unreachable!() };
        assert!(best <= answer.bound && answer.objective >= 0.97 * best, "{}: {answer:?}", case.name);
        assert!(check::check(&case.problem, &case.request, &answer).iter().all(|claim| !claim.fails()), "{}", case.name);
    }
}
