//! The published form of the team orienteering problem with time windows.
//!
//! Line 1 holds four numbers, the last but one the number of customers; line 2 two numbers; then, the depot first, a line a point:
//! `id x y service profit f n [list] open close`. The depot's close is the horizon. Distances are truncated to one decimal (Solomon) or two
//! (Cordeau), and all times become whole tenths or hundredths.

use super::problem::{Allowed, Charges, Problem, Travel, Vehicle, Visit};

/// Why a text is not in the published form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ToptwFault {
    /// A line that is missing or says something else.
    #[error("line {line}: {expected} expected")]
    Line {
        /// Line, from 1.
        line: usize,
        /// What should be there.
        expected: &'static str,
    },
    /// Numbers that make no problem.
    #[error("no sound problem: {0}")]
    Unsound(String),
}

/// A point.
struct Point {
    x: f64,
    y: f64,
    service: f64,
    prize: f64,
    open: f64,
    close: f64,
}

/// The problem in a text, for some vehicles, with so many decimals kept of a distance.
///
/// # Errors
/// The first line that is not as it should be.
pub fn parse(text: &str, vehicles: usize, decimals: u32) -> Result<Problem, ToptwFault> {
    let unsound = |fault: String| ToptwFault::Unsound(fault);
    let scale = 10f64.powi(decimals.min(6) as i32);
    let whole = |number: f64| (number * scale).round() as u64;
    let customers = numbers(text, 0)?.get(2).copied().ok_or(ToptwFault::Line { line: 1, expected: "four numbers" })? as usize;
    let points = (0..=customers).map(|row| point(text, row + 2)).collect::<Result<Vec<Point>, _>>()?;
    // The nudge keeps an exact distance such as 5.0 from being truncated to 4.9.
    let time = |a: &Point, b: &Point| ((a.x - b.x).hypot(a.y - b.y) * scale + 1e-9) as u64;
    let times = points.iter().flat_map(|a| points.iter().map(move |b| time(a, b))).collect();
    let travel = Travel::new(points.len(), times).map_err(|fault| unsound(fault.to_string()))?;
    let latest = whole(points[0].close);
    let vehicle = Vehicle { start: 0, end: 0, earliest: whole(points[0].open), latest, longest: latest };
    let visits = (1..).zip(&points[1..]).map(|(place, point)| Visit {
        place,
        service: whole(point.service),
        open: whole(point.open),
        close: whole(point.close),
        prize: point.prize.round() as u64,
        allowed: Allowed::Any,
        usual: None,
    });
    Problem::new(travel, vec![vehicle; vehicles], visits.collect(), Charges::default())
        .map_err(|faults| unsound(format!("{faults:?}")))
}

/// The numbers of a line, from 0.
fn numbers(text: &str, row: usize) -> Result<Vec<f64>, ToptwFault> {
    let fault = ToptwFault::Line { line: row + 1, expected: "numbers" };
    let line = text.lines().nth(row).ok_or(fault.clone())?;
    line.split_whitespace().map(str::parse).collect::<Result<_, _>>().map_err(|_| fault)
}

fn point(text: &str, row: usize) -> Result<Point, ToptwFault> {
    match numbers(text, row)?[..] {
        [_, x, y, service, prize, .., open, close] => Ok(Point { x, y, service, prize, open, close }),
        _ => Err(ToptwFault::Line { line: row + 1, expected: "id x y service profit … open close" }),
    }
}
