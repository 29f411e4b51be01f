//! Linear and mixed integer programs through HiGHS (Huangfu & Hall 2018): the only file that names the `highs` crate.
//!
//! A [`Program`] is plain data: columns, rows, an objective. [`Program::solve`] hands it to HiGHS as a mixed integer program.
//! Without the feature `highs` the same call compiles and answers `None`.
//! Exactness: HiGHS works in floats with tolerances; whoever needs a certificate rounds outward (see `exact::compact`).
//! Determinism: one thread, a fixed seed, and limits counted in nodes: the same program gives the same answer. Only
//! [`Stop::seconds`] depends on the machine.

/// Whether a solver is compiled in.
pub const AVAILABLE: bool = cfg!(feature = "highs");

/// A linear program, some of whose columns may have to be whole numbers.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Program {
    maximise: bool,
    objective: Vec<f64>,
    bounds: Vec<(f64, f64)>,
    whole: Vec<bool>,
    rows: Vec<(f64, f64)>,
    starts: Vec<usize>,
    terms: Vec<(usize, f64)>,
}

impl Program {
    /// An empty program to maximise.
    pub fn maximise() -> Self {
        Self { maximise: true, ..Self::default() }
    }

    /// An empty program to minimise.
    pub fn minimise() -> Self {
        Self::default()
    }

    /// Adds a column that may take any value from `lower` to `upper` (either may be infinite), and says its number, from 0.
    pub fn column(&mut self, objective: f64, lower: f64, upper: f64) -> usize {
        self.objective.push(objective);
        self.bounds.push((lower, upper));
        self.whole.push(false);
        self.objective.len() - 1
    }

    /// Adds a column that takes whole numbers only.
    pub fn integer(&mut self, objective: f64, lower: f64, upper: f64) -> usize {
        let column = self.column(objective, lower, upper);
        self.whole[column] = true;
        column
    }

    /// Adds a column that is 0 or 1.
    pub fn binary(&mut self, objective: f64) -> usize {
        self.integer(objective, 0.0, 1.0)
    }

    /// Adds `lower ≤ Σ factor · column ≤ upper`; no column twice. Says the row's number, from 0.
    pub fn row(&mut self, lower: f64, upper: f64, terms: impl IntoIterator<Item = (usize, f64)>) -> usize {
        self.starts.push(self.terms.len());
        self.terms.extend(terms);
        self.rows.push((lower, upper));
        self.rows.len() - 1
    }

    /// Adds `Σ factor · column ≤ upper`.
    pub fn at_most(&mut self, upper: f64, terms: impl IntoIterator<Item = (usize, f64)>) -> usize {
        self.row(f64::NEG_INFINITY, upper, terms)
    }

    /// Adds `Σ factor · column ≥ lower`.
    pub fn at_least(&mut self, lower: f64, terms: impl IntoIterator<Item = (usize, f64)>) -> usize {
        self.row(lower, f64::INFINITY, terms)
    }

    /// Adds `Σ factor · column = value`.
    pub fn equal(&mut self, value: f64, terms: impl IntoIterator<Item = (usize, f64)>) -> usize {
        self.row(value, value, terms)
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.objective.len()
    }

    /// What a column is worth.
    pub fn objective(&self, column: usize) -> f64 {
        self.objective[column]
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows.len()
    }

    /// Number of terms in all rows.
    pub fn terms(&self) -> usize {
        self.terms.len()
    }

    /// Solves as a mixed integer program. `start` is an answer known to be allowed, a value for each column. `None` without a
    /// solver, or when the solver fails.
    pub fn solve(&self, stop: &Stop, start: Option<&[f64]>) -> Option<Solved> {
        solver::solve(self, stop, start)
    }

    /// What HiGHS minimises is the objective times this.
    #[cfg(feature = "highs")]
    fn sign(&self) -> f64 {
        if self.maximise { -1.0 } else { 1.0 }
    }
}

/// When a mixed integer solve may stop before it has proved its answer, and how it goes about it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stop {
    /// After so many nodes of the tree (1 stops after the root).
    pub nodes: Option<u64>,
    /// Ignore everything that is not better than this: when nothing is, the answer is [`Status::Infeasible`].
    pub cutoff: Option<f64>,
    /// When (bound − objective) ÷ objective is at most this.
    pub relative_gap: f64,
    /// When bound − objective is at most this.
    pub absolute_gap: f64,
    /// After so many seconds; the answer then depends on the machine.
    pub seconds: Option<f64>,
    /// Seed of the solver.
    pub seed: u32,
    /// Share of the work that goes into finding answers, 0 to 1: 0 when the start is good and only the proof is missing.
    pub heuristics: f64,
}

impl Default for Stop {
    /// Until proved.
    fn default() -> Self {
        Self { nodes: None, cutoff: None, relative_gap: 0.0, absolute_gap: 1e-6, seconds: None, seed: 1, heuristics: 0.05 }
    }
}

/// How a mixed integer solve ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// The answer is proved, within the gaps asked for.
    Optimal,
    /// No answer is allowed, or none is better than the cutoff.
    Infeasible,
    /// A limit was reached first.
    Limit,
}

/// What a mixed integer solve found.
#[derive(Debug, Clone, PartialEq)]
pub struct Solved {
    /// How it ended.
    pub status: Status,
    /// A value for each column; empty when no answer was found.
    pub values: Vec<f64>,
    /// Objective of the answer; the worst number there is when none was found.
    pub objective: f64,
    /// No answer is better than this, within the solver's tolerances. With a cutoff: none is better than both.
    pub bound: f64,
    /// Nodes of the tree that were looked at.
    pub nodes: u64,
}

/// HiGHS behind the types above.
#[cfg(feature = "highs")]
mod solver {
    use crate::mip::{Program, Solved, Status, Stop};
    use highs::{Col, HighsModelStatus, HighsSolutionStatus, Model, RowProblem, Sense, SolvedModel};

    /// The program in the solver, quiet and on one thread.
    fn load(program: &Program, whole: bool) -> Option<(Model, Vec<Col>)> {
        let mut problem = RowProblem::default();
        let sign = program.sign();
        let columns: Vec<Col> = (0..program.columns())
            .map(|c| {
                let (lower, upper) = program.bounds[c];
                problem.add_column_with_integrality(sign * program.objective[c], lower..=upper, whole && program.whole[c])
            })
            .collect();
        for (row, &(lower, upper)) in program.rows.iter().enumerate() {
            let end = program.starts.get(row + 1).copied().unwrap_or(program.terms.len());
            let terms = program.terms[program.starts[row]..end].iter().map(|&(column, factor)| (columns[column], factor));
            problem.add_row(lower..=upper, terms);
        }
        let mut model = problem.try_optimise(Sense::Minimise).ok()?;
        model.try_set_option("threads", 1).ok()?;
        Some((model, columns))
    }

    /// Sets what a mixed integer solve needs.
    fn set(model: &mut Model, stop: &Stop, sign: f64) -> Option<()> {
        model.try_set_option("random_seed", (stop.seed & 0x7fff_ffff) as i32).ok()?;
        model.try_set_option("mip_rel_gap", stop.relative_gap).ok()?;
        model.try_set_option("mip_abs_gap", stop.absolute_gap).ok()?;
        model.try_set_option("mip_heuristic_effort", stop.heuristics).ok()?;
        if let Some(nodes) = stop.nodes {
            model.try_set_option("mip_max_nodes", i32::try_from(nodes).unwrap_or(i32::MAX)).ok()?;
        }
        if let Some(seconds) = stop.seconds {
            model.try_set_option("time_limit", seconds.max(0.0)).ok()?;
        }
        if let Some(cutoff) = stop.cutoff {
            model.try_set_option("objective_bound", sign * cutoff).ok()?;
        }
        Some(())
    }

    pub(super) fn solve(program: &Program, stop: &Stop, start: Option<&[f64]>) -> Option<Solved> {
        let sign = program.sign();
        let (mut model, _) = load(program, true)?;
        set(&mut model, stop, sign)?;
        if let Some(values) = start {
            model.try_set_solution(Some(values), None, None, None).ok()?;
        }
        let solved = model.try_solve().ok()?;
        let status = match solved.status() {
            HighsModelStatus::Optimal | HighsModelStatus::ModelEmpty => Status::Optimal,
            HighsModelStatus::Infeasible | HighsModelStatus::ObjectiveBound => Status::Infeasible,
            HighsModelStatus::ReachedTimeLimit
            | HighsModelStatus::ReachedIterationLimit
            | HighsModelStatus::ReachedSolutionLimit
            | HighsModelStatus::ReachedInterrupt => Status::Limit,
            _ => return None,
        };
        Some(read(&solved, program, status, stop))
    }

    /// The answer of a solve that ended well. Presolve may find an answer that a cutoff excludes: that counts as none.
    fn read(solved: &SolvedModel, program: &Program, status: Status, stop: &Stop) -> Solved {
        let sign = program.sign();
        let nodes = solved.int_info_value(c"mip_node_count").unwrap_or(0).max(0) as u64;
        let is_found = status != Status::Infeasible && solved.primal_solution_status() == HighsSolutionStatus::Feasible;
        let values = if is_found { solved.get_solution().columns().to_vec() } else { Vec::new() };
        let objective = if is_found { objective_of(program, &values) } else { sign * f64::INFINITY };
        let is_cut_off = stop.cutoff.is_some_and(|cutoff| sign * objective >= sign * cutoff);
        if status == Status::Infeasible || (status == Status::Optimal && is_cut_off) {
            let (objective, bound) = (sign * f64::INFINITY, stop.cutoff.unwrap_or(sign * f64::INFINITY));
            return Solved { status: Status::Infeasible, values: Vec::new(), objective, bound, nodes };
        }
        let is_mixed = program.whole.iter().any(|whole| *whole);
        let dual = if is_mixed { solved.double_info_value(c"mip_dual_bound").ok() } else { None };
        let bound = match status {
            Status::Optimal => dual.map_or(objective, |dual| sign * dual),
            _ => sign * dual.unwrap_or(f64::NEG_INFINITY),
        };
        Solved { status, values, objective, bound, nodes }
    }

    /// The objective of some values, added up in order.
    fn objective_of(program: &Program, values: &[f64]) -> f64 {
        program.objective.iter().zip(values).map(|(factor, value)| factor * value).sum()
    }
}

/// No solver: every call compiles, none answers.
#[cfg(not(feature = "highs"))]
mod solver {
    use crate::mip::{Program, Solved, Stop};

    pub(super) fn solve(_: &Program, _: &Stop, _: Option<&[f64]>) -> Option<Solved> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Maximise 5a + 4b + 3c, 2a + 3b + c ≤ 5, 4a + b + 2c ≤ 11, 3a + 4b + 2c ≤ 8 (Chvátal 1983): 13 at (2, 0, 1).
    fn example(is_whole: bool) -> Program {
        let mut program = Program::maximise();
        for factor in [5.0, 4.0, 3.0] {
            if is_whole {
                program.integer(factor, 0.0, f64::INFINITY);
            } else {
                program.column(factor, 0.0, f64::INFINITY);
            }
        }
        for (most, factors) in [(5.0, [2.0, 3.0, 1.0]), (11.0, [4.0, 1.0, 2.0]), (8.0, [3.0, 4.0, 2.0])] {
            program.at_most(most, factors.into_iter().enumerate());
        }
        program
    }

    #[test]
    fn without_a_solver_nothing_answers_and_with_one_everything_does() {
        assert_eq!(example(true).solve(&Stop::default(), None).is_some(), AVAILABLE);
    }

    #[cfg(feature = "highs")]
    mod solver {
        use super::*;

        #[test]
        fn textbook_program() {
            let solved = example(true).solve(&Stop::default(), None).unwrap();
            assert_eq!((solved.status, solved.values.as_slice()), (Status::Optimal, [2.0, 0.0, 1.0].as_slice()));
            assert!((solved.objective - 13.0).abs() < 1e-9 && (solved.bound - 13.0).abs() < 1e-6);
        }

        #[test]
        fn nothing_beats_a_cutoff_at_the_optimum() {
            let stop = Stop { cutoff: Some(13.5), ..Stop::default() };
            let solved = example(true).solve(&stop, None).unwrap();
            assert_eq!(solved.status, Status::Infeasible);
            let below = Stop { cutoff: Some(12.5), ..Stop::default() };
            let solved = example(true).solve(&below, None).unwrap();
            assert_eq!((solved.status, solved.objective), (Status::Optimal, 13.0));
        }

        #[test]
        fn minimises_and_starts_from_an_answer() {
            let mut program = Program::minimise();
            for cost in [3.0, 2.0, 4.0] {
                program.binary(cost);
            }
            program.at_least(1.0, [(0, 1.0), (1, 1.0)]);
            program.equal(1.0, [(1, 1.0), (2, 1.0)]);
            let solved = program.solve(&Stop::default(), Some(&[1.0, 0.0, 1.0])).unwrap();
            assert_eq!((solved.objective, solved.values), (2.0, vec![0.0, 1.0, 0.0]));
        }
    }
}
