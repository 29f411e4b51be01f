//! Plays the attacker: reads everything back that was written, knows the map, the stations, the standard and the squares, and tries by
//! sums, differences and intersections (a linear program: the least and the most that fits) to pin a withheld count.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::path::Path;

use base64::Engine;
use polars::prelude::{Column, ParquetReader, SerReader};
use proptest::prelude::*;
use serde_json::Value;

use super::partition::Partition;
use super::*;
use crate::calendar::{DayKind, Period, Slot};
use crate::id::DemandIdx;
use crate::mip::{Program, Status, Stop};
use crate::output::{WriteOptions, maps, report, write};
use crate::pipeline::analyse;
use crate::progress::Silent;
use crate::quantity::Weight;

/// Least count of the tests, in thousandths.
const K: u64 = 10_000;

/// A published sum: which unknowns, and what they come to.
type Sum = (Vec<usize>, f64);

/// The least and the most that an unknown can be, when each is known to be `floor` at least.
fn range(unknowns: usize, sums: &[Sum], target: &[usize], floor: f64) -> Option<[f64; 2]> {
    let aim: BTreeSet<usize> = target.iter().copied().collect();
    let solve = |mut program: Program| {
        for unknown in 0..unknowns {
            program.column(f64::from(u8::from(aim.contains(&unknown))), floor, f64::INFINITY);
        }
        for (set, value) in sums {
            program.equal(*value, set.iter().map(|&unknown| (unknown, 1.0)));
        }
        let solved = program.solve(&Stop::default(), None)?;
        (solved.status == Status::Optimal).then_some(solved.objective)
    };
    Some([solve(Program::minimise())?, solve(Program::maximise())?])
}

/// Small counts that the sums pin to less than `K`.
fn pinned(truth: &[u64], sums: &[Sum], floor: u64) -> Vec<usize> {
    let small = (0..truth.len()).filter(|&unit| truth[unit] > 0 && truth[unit] < K);
    let narrow = |unit: &usize| {
        let [low, high] = range(truth.len(), sums, &[*unit], floor as f64).expect("an answer");
        high - low < K as f64 - 1.0
    };
    small.filter(narrow).collect()
}

/// Admits figures one after the other; the sums that may be published.
fn admitted(truth: &[u64], sets: &[Vec<usize>], complementary: bool) -> Vec<Sum> {
    let mut partition = Partition::new(truth.to_vec(), 1, K);
    partition.complementary = complementary;
    told_by(partition, truth, sets)
}

/// The same where each unit is a square that is known to hold `floor` at least.
fn admitted_beside(floor: u64, truth: &[u64], sets: &[Vec<usize>]) -> Vec<Sum> {
    let squares = (0..truth.len() as u32).map(|unit| (unit, 0)).collect();
    told_by(Partition::new(truth.to_vec(), 1, K).with_floor(floor, squares), truth, sets)
}

fn told_by(mut partition: Partition, truth: &[u64], sets: &[Vec<usize>]) -> Vec<Sum> {
    let all: Vec<usize> = (0..truth.len()).collect();
    if !partition.is_safe() {
        return Vec::new();
    }
    let sets = std::iter::once(&all).chain(sets).filter(|set| partition.admit(set));
    sets.map(|set| (set.clone(), set.iter().map(|&unit| truth[unit] as f64).sum())).collect()
}

#[test]
fn a_total_less_its_parts_gives_a_count_back_unless_its_complement_is_withheld_too() {
    // Two rows of a table with a total: 5 is below k, so it is withheld; then 15 has to be as well.
    let (truth, rows) = ([5_000, 15_000, 12_000], [vec![1], vec![0], vec![2]]);
    let careless = admitted(&truth, &rows, false);
    assert_eq!(pinned(&truth, &careless, 0), [0], "{careless:?}");
    let careful = admitted(&truth, &rows, true);
    assert_eq!(pinned(&truth, &careful, 0), Vec::<usize>::new(), "{careful:?}");
    assert_eq!(careful.len(), 2, "the total and the third row, {careful:?}");
}

#[test]
fn a_part_holds_enough_beside_the_point_that_each_of_its_squares_is_known_to_have() {
    // 12 over five squares puts each in 1..8: too narrow for 10. Over two of them, 1..11.
    let (truth, both) = ([1_000, 2_000, 2_000, 3_000, 4_000, 30_000], vec![0, 1, 2, 3, 4]);
    assert_eq!(
        pinned(&truth, &admitted(&truth, std::slice::from_ref(&both), true), 1_000).len(),
        5,
        "told without regard to that"
    );
    assert_eq!(admitted_beside(1_000, &truth, &[both]).len(), 1, "the total only");
    assert_eq!(admitted_beside(1_000, &[6_000, 6_000, 30_000], &[vec![0, 1]]).len(), 2);
}

#[test]
fn a_part_that_a_figure_counts_whole_is_not_split() {
    let mut partition = Partition::new(vec![12_000, 0, 30_000, 0], 2, K);
    assert!(partition.admit(&[0, 1]) && partition.admit(&[0]) && partition.admit(&[1]));
    assert_ne!(partition.part(0), partition.part(1));
    assert_eq!((partition.sum(&[0], 0), partition.total(partition.part(1), 0)), (Weight::from_milli(12_000), 30_000));
    let mut two_days = Partition::new(vec![12_000, 4_000, 12_000, 40_000], 2, K);
    assert!(!two_days.admit(&[0]), "enough on the first day, not on the second");
    assert!(two_days.admit(&[0, 1]));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn no_combination_of_admitted_figures_pins_a_small_count(
        truth in proptest::collection::vec(prop_oneof![Just(0u64), 1u64..9_999, 10_000u64..40_000], 3..9),
        picks in proptest::collection::vec(proptest::collection::vec(any::<bool>(), 9), 1..14),
    ) {
        let set = |pick: &Vec<bool>| (0..truth.len()).filter(|&unit| pick[unit]).collect::<Vec<_>>();
        let sets: Vec<Vec<usize>> = picks.iter().map(set).filter(|set| !set.is_empty()).collect();
        let sums = admitted(&truth, &sets, true);
        if !sums.is_empty() {
            prop_assert!(pinned(&truth, &sums, 0).is_empty(), "{truth:?} {sums:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn nor_when_every_square_is_known_to_hold_a_point(
        truth in proptest::collection::vec(prop_oneof![Just(1_000u64), 1_000u64..9_999, 10_000u64..40_000], 3..9),
        picks in proptest::collection::vec(proptest::collection::vec(any::<bool>(), 9), 1..14),
    ) {
        let set = |pick: &Vec<bool>| (0..truth.len()).filter(|&unit| pick[unit]).collect::<Vec<_>>();
        let sets: Vec<Vec<usize>> = picks.iter().map(set).filter(|set| !set.is_empty()).collect();
        let sums = admitted_beside(1_000, &truth, &sets);
        if !sums.is_empty() {
            prop_assert!(pinned(&truth, &sums, 1_000).is_empty(), "{truth:?} {sums:?}");
        }
    }
}

/// What is told of a table: column totals, totals of the rows that are told, and entries.
fn told(rows: &[Vec<u64>], told: &crosstab::Told) -> Vec<Sum> {
    let columns = rows[0].len();
    let sum = |set: Vec<usize>| {
        let value = set.iter().map(|at| rows[at / columns][at % columns] as f64).sum();
        (set, value)
    };
    let mut sums: Vec<Sum> = (0..columns).map(|c| sum((0..rows.len()).map(|r| r * columns + c).collect())).collect();
    for (r, entries) in told.iter().enumerate().filter_map(|(r, entries)| Some((r, entries.as_ref()?))) {
        sums.push(sum((0..columns).map(|c| r * columns + c).collect()));
        sums.extend((0..columns).filter(|&c| entries[c]).map(|c| sum(vec![r * columns + c])));
    }
    sums
}

#[test]
fn a_small_entry_takes_a_rectangle_with_it_and_a_small_row_the_next() {
    let k = K / 1000;
    let table = [vec![4, 30], vec![20, 25], vec![50, 60], vec![0, 12]];
    let held = crosstab::tell(&table, k);
    assert_eq!(held[0], Some(vec![false, false]));
    assert_eq!(held[1], Some(vec![false, false]), "the cheapest rectangle");
    assert_eq!((&held[2], &held[3]), (&Some(vec![true, true]), &Some(vec![true, true])));
    let held = crosstab::tell(&[vec![3, 2], vec![16, 15], vec![40, 50], vec![6, 5]], k);
    assert_eq!((&held[0], &held[3]), (&None, &None), "5 alone would be the total less the rest");
    assert_eq!((&held[1], &held[2]), (&Some(vec![false, false]), &Some(vec![true, true])), "together they are 9 and 7");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn no_combination_of_what_is_told_of_a_table_pins_a_small_entry(
        rows in (2usize..4).prop_flat_map(|columns| proptest::collection::vec(
            proptest::collection::vec(prop_oneof![Just(0u64), 1u64..9_999, 10_000u64..60_000], columns), 2..6)),
    ) {
        let total: u64 = rows.iter().flatten().sum();
        let columns: Vec<u64> = (0..rows[0].len()).map(|c| rows.iter().map(|row| row[c]).sum()).collect();
        // The whole's own figures are told only where they are not small.
        prop_assume!(total >= K && columns.iter().all(|&sum| sum == 0 || sum >= K));
        let sums = told(&rows, &crosstab::tell(&rows, K));
        let truth: Vec<u64> = rows.concat();
        prop_assert!(pinned(&truth, &sums, 0).is_empty(), "{rows:?} {sums:?}");
    }
}

/// What the attacker reads: the folder, and the map; and which places are told together.
struct Attacker<'a> {
    parts: Partition,
    findings: &'a Findings,
    scenario: &'a Scenario,
    day: DayKind,
    /// The page's header and arrays.
    page: (Value, BTreeMap<String, Vec<u64>>),
    coverage: Vec<BTreeMap<String, String>>,
    gaps: Value,
}

fn page(text: &str) -> (Value, BTreeMap<String, Vec<u64>>) {
    let packed = text.split(|c: char| !(c.is_ascii_alphanumeric() || "+/=".contains(c))).max_by_key(|run| run.len()).unwrap();
    let packed = base64::engine::general_purpose::STANDARD.decode(packed).unwrap();
    let mut block = Vec::new();
    flate2::read::ZlibDecoder::new(packed.as_slice()).read_to_end(&mut block).unwrap();
    let length = u32::from_le_bytes(block[..4].try_into().unwrap()) as usize;
    let header: Value = serde_json::from_slice(&block[4..4 + length]).unwrap();
    let from = (4 + length).next_multiple_of(4);
    let array = |place: &Value| -> Vec<u64> {
        let width = match place["type"].as_str().unwrap() {
            "u8" => 1,
            "u16" => 2,
            _ => 4,
        };
        let at = from + place["offset"].as_u64().unwrap() as usize;
        let bytes = &block[at..at + width * place["length"].as_u64().unwrap() as usize];
        bytes.chunks(width).map(|chunk| chunk.iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte))).collect()
    };
    let arrays = header["arrays"].as_object().unwrap().iter().map(|(name, place)| (name.clone(), array(place))).collect();
    (header, arrays)
}

impl<'a> Attacker<'a> {
    fn new(findings: &'a Findings, scenario: &'a Scenario, dir: &Path, parts: Partition) -> Self {
        let read = |name: &str| fs::read_to_string(dir.join(name)).unwrap();
        let text = read("coverage.csv");
        let mut lines = text.trim_start_matches('\u{feff}').lines();
        let header: Vec<&str> = lines.next().unwrap().split(',').collect();
        let row = |line: &str| header.iter().map(|h| (*h).to_owned()).zip(line.split(',').map(str::to_owned)).collect();
        Self {
            parts,
            findings,
            scenario,
            day: scenario.planning_day,
            page: page(&read("report.html")),
            coverage: lines.map(row).collect(),
            gaps: serde_json::from_str(&read("gaps.geojson")).unwrap(),
        }
    }

    fn truth(&self) -> Vec<u64> {
        let cube = &self.findings.cube;
        cube.cells().indexes().map(|cell| cube.day(cell, self.day).milli()).collect()
    }

    fn cells(&self, holds: impl Fn(DemandIdx) -> bool) -> Vec<usize> {
        self.findings.cube.cells().indexes().filter(|cell| holds(*cell)).map(DemandIdx::get).collect()
    }

    /// Cells within the limit of a stage's stations: in the radius, and by path.
    fn reached(&self, stage: &str, standard: usize) -> [Vec<usize>; 2] {
        let after = self.findings.after.iter().find(|after| after.step == stage);
        let matrix = after.map_or(&self.findings.matrix, |after| &after.matrix);
        let limit = self.findings.ladders[standard].standard.limit(self.day.season);
        [
            self.cells(|cell| matrix.access(cell).iter().any(|a| a.straight.within(limit))),
            self.cells(|cell| matrix.access(cell).iter().any(|a| a.reach.within(limit))),
        ]
    }

    /// Rows of coverage that tell what hours leave of a rung (b) which they withhold: it may be all of it.
    fn hours_of_withheld_paths(&self) -> usize {
        let whole = self.coverage.iter().filter(|row| row["slot"].is_empty() && row["group"].is_empty());
        let in_table = whole.filter(|row| row["visits_path"].is_empty() && !row["visits_open"].is_empty());
        let on_page = self.page.0["ladder"].as_array().unwrap().iter();
        in_table.count() + on_page.filter(|row| row["covered"][1].is_null() && !row["covered"][2].is_null()).count()
    }

    /// Every sum of places that the files tell of the planning day.
    fn sums(&self) -> Vec<Sum> {
        let mut sums = Vec::new();
        let all = self.cells(|_| true);
        let both = |a: &[usize], b: &[usize]| -> Vec<usize> { a.iter().copied().filter(|cell| b.contains(cell)).collect() };
        let units = &self.findings.dataset.area.units;
        let of_day = |row: &&BTreeMap<String, String>| {
            row["season"] == self.day.season.id()
                && row["day_type"] == self.day.day_type.id()
                && row["slot"].is_empty()
                && row["group"].is_empty()
        };
        for row in self.coverage.iter().filter(of_day) {
            let standard = self.findings.ladders.iter().position(|l| l.standard.id == row["standard"]).unwrap();
            let within = match (row["unit"].as_str(), row["in_area"].as_str()) {
                ("", "") => all.clone(),
                ("", _) => self.cells(|cell| self.findings.cube.cells()[cell].in_area),
                (unit, _) => {
                    self.cells(|cell| self.findings.cube.cells()[cell].unit.is_some_and(|index| units[index.get()].name == unit))
                }
            };
            let [radius, path] = self.reached("today", standard);
            for (name, set) in
                [("demand", within.clone()), ("visits_radius", both(&within, &radius)), ("visits_path", both(&within, &path))]
            {
                sums.extend(row[name].parse::<f64>().ok().map(|visits| (set, visits * 1000.0)));
            }
        }
        for row in self.page.0["ladder"].as_array().unwrap() {
            if row["season"] == self.day.season.id() && row["day_type"] == self.day.day_type.id() {
                let standard = |l: &crate::findings::StandardLadder| row["standard"] == l.standard.versioned_id();
                let standard = self.findings.ladders.iter().position(standard).unwrap();
                let sets = self.reached(row["stage"].as_str().unwrap(), standard);
                sums.extend(
                    sets.into_iter().enumerate().filter_map(|(rung, set)| Some((set, row["covered"][rung].as_f64()? * 1000.0))),
                );
            }
        }
        for gap in self.gaps["features"].as_array().unwrap().iter().map(|f| &f["properties"]) {
            // Worse than it is: the attacker is told which squares a gap takes up.
            let same = |g: &&crate::gap::AdvisedGap| {
                g.gap.day == self.day && Some(g.gap.severity.visits()) == gap["severity"].as_f64() && g.gap.cause.is_place()
            };
            let of_day = gap["season"] == self.day.season.id() && gap["day_type"] == self.day.day_type.id();
            if let Some(found) = self.findings.gaps.iter().find(same).filter(|_| of_day) {
                let set = found.gap.cells.iter().map(|(cell, _)| cell.get()).collect();
                sums.push((set, found.gap.severity.milli() as f64));
            }
        }
        sums.extend(self.squares());
        sums
    }

    /// The parts whose squares the page shows, as if the attacker knew which squares belong together. The page shows nothing else.
    fn squares(&self) -> Vec<Sum> {
        let (header, arrays) = &self.page;
        let word = |day: &Value, name: &str| day[name].as_str().unwrap().to_owned();
        let kind = |day: &Value| format!("{} {}", word(day, "season"), word(day, "day_type")).parse::<DayKind>().unwrap();
        let days: Vec<DayKind> = header["days"].as_array().unwrap().iter().map(kind).collect();
        let held = arrays["cell_square"].len();
        // Of each square its visits by day; none when any value of it is withheld.
        let mut shown: BTreeMap<(u32, u32), Option<Vec<u64>>> = BTreeMap::new();
        for (cell, &square) in arrays["cell_square"].iter().enumerate() {
            let [column, row] = [0, 1].map(|axis| arrays["square_at"][2 * square as usize + axis] as u32);
            let sums = shown.entry((column, row)).or_insert_with(|| Some(vec![0; days.len()]));
            for day in 0..days.len() {
                let hours = &arrays["demand"][(day * held + cell) * 24..][..24];
                if hours.contains(&u64::from(u32::MAX)) {
                    *sums = None;
                } else if let Some(sums) = sums {
                    sums[day] += hours.iter().sum::<u64>();
                }
            }
        }
        let cube = &self.findings.cube;
        type CellsAndSquares = (Vec<usize>, BTreeSet<(u32, u32)>);
        let mut parts: BTreeMap<usize, CellsAndSquares> = BTreeMap::new();
        for (cell, place) in cube.cells().iter().filter(|(_, place)| shown.get(&place.grid_cell).is_some_and(Option::is_some)) {
            let (cells, squares) = parts.entry(self.parts.part(cell.get())).or_default();
            cells.push(cell.get());
            squares.insert(place.grid_cell);
        }
        let truth = |cells: &[usize], day: DayKind| {
            cells.iter().map(|&cell| cube.day(DemandIdx::from_usize(cell), day).milli()).sum::<u64>()
        };
        for (square, told) in shown.iter().filter_map(|(square, told)| Some((square, told.as_ref()?))) {
            let within: Vec<_> = parts.values().filter(|(_, squares)| squares.contains(square)).collect();
            for (&day, &told) in days.iter().zip(told) {
                let means: f64 = within.iter().map(|(cells, squares)| truth(cells, day) as f64 / squares.len() as f64).sum();
                assert!((means - told as f64).abs() <= within.len() as f64, "{square:?} shows {told}, not the mean {means}");
            }
        }
        parts.into_values().map(|(cells, _)| (cells.clone(), truth(&cells, self.day) as f64)).collect()
    }

    /// Unknowns that no sum tells apart, with the sums over them; small counts that are pinned, and how many there are.
    fn attack(&self) -> (Vec<String>, usize) {
        let (truth, sums) = (self.truth(), self.sums());
        let mut signature = vec![Vec::new(); truth.len()];
        for (number, (set, _)) in sums.iter().enumerate() {
            set.iter().for_each(|&cell| signature[cell].push(number));
        }
        let kinds: BTreeMap<&Vec<usize>, usize> = signature.iter().collect::<BTreeSet<_>>().into_iter().zip(0..).collect();
        let mut members = vec![Vec::new(); kinds.len()];
        (0..truth.len()).for_each(|cell| members[kinds[&signature[cell]]].push(cell));
        let over = |(set, value): &Sum| -> Sum {
            (set.iter().map(|&cell| kinds[&signature[cell]]).collect::<BTreeSet<_>>().into_iter().collect(), *value)
        };
        let sums: Vec<Sum> = sums.iter().map(over).collect();
        let (mut found, mut small) = (Vec::new(), 0);
        for (kind, cells) in members.iter().enumerate() {
            let of_kind: Vec<usize> = cells.iter().copied().filter(|&cell| truth[cell] > 0 && truth[cell] < K).collect();
            small += of_kind.len();
            if !of_kind.is_empty() {
                let [low, high] = range(kinds.len(), &sums, &[kind], 0.0).expect("the true counts fit");
                // One of several can be nothing, as the others take it up.
                let low = if cells.len() > 1 { 0.0 } else { low };
                if high - low < K as f64 - 100.0 {
                    found.extend(
                        of_kind.iter().map(|&cell| {
                            format!("{}: {low}..{high}", self.findings.cube.cells()[DemandIdx::from_usize(cell)].id)
                        }),
                    );
                }
            }
        }
        (found, small)
    }

    /// The same with what is told of slots: unknowns are kinds of cells by slot, open or closed. A few counts are tried.
    fn attack_by_slot(&self) -> Vec<String> {
        let (truth, places) = (self.truth(), self.sums());
        let limit = self.scenario.standard.limit(self.day.season);
        let sites = &self.findings.dataset.sites;
        let open = |cell: usize, slot: Slot| -> [bool; 2] {
            let near = self.findings.matrix.access(DemandIdx::from_usize(cell)).iter().filter(|a| a.reach.within(limit));
            let near: Vec<_> = near.collect();
            let hours = Period::of_day(self.day).filter(|period| Slot::of_hour(period.hour) == slot);
            let of_hour = |period: Period| near.iter().any(|a| sites[a.site].hours.open_at(period));
            let states: BTreeSet<bool> = hours.map(of_hour).collect();
            [states.contains(&false), states.contains(&true)]
        };
        let mut signature: Vec<(Vec<usize>, Vec<[bool; 2]>)> =
            (0..truth.len()).map(|cell| (Vec::new(), Slot::ALL.map(|slot| open(cell, slot)).to_vec())).collect();
        for (number, (set, _)) in places.iter().enumerate() {
            set.iter().for_each(|&cell| signature[cell].0.push(number));
        }
        let kinds: BTreeMap<_, usize> = signature.iter().collect::<BTreeSet<_>>().into_iter().zip(0..).collect();
        let unknown = |kind: usize, slot: usize, open: usize| (kind * Slot::ALL.len() + slot) * 2 + open;
        let states = |kind: usize, states: &[[bool; 2]]| -> Vec<usize> {
            let of_slot = |slot: usize| (0..2).filter(move |&o| states[slot][o]).map(move |o| unknown(kind, slot, o));
            (0..Slot::ALL.len()).flat_map(of_slot).collect()
        };
        let mut sums: Vec<Sum> = (0..places.len())
            .map(|number| {
                let counted = kinds.iter().filter(|((numbers, _), _)| numbers.contains(&number));
                (counted.flat_map(|((_, open), &kind)| states(kind, open)).collect(), places[number].1)
            })
            .collect();
        let [radius, path] = self.reached("today", 0);
        let (radius, path): (BTreeSet<usize>, BTreeSet<usize>) = (radius.into_iter().collect(), path.into_iter().collect());
        let member: BTreeMap<usize, usize> = (0..truth.len()).map(|cell| (kinds[&signature[cell]], cell)).collect();
        let of = |row: &BTreeMap<String, String>| {
            row["season"] == self.day.season.id()
                && row["day_type"] == self.day.day_type.id()
                && row["standard"] == self.scenario.standard.id
        };
        for row in self
            .coverage
            .iter()
            .filter(|row| of(row) && row["unit"].is_empty() && row["group"].is_empty() && row["in_area"].is_empty())
        {
            let slots: Vec<usize> =
                (0..Slot::ALL.len()).filter(|&s| row["slot"].is_empty() || row["slot"] == Slot::ALL[s].id()).collect();
            type Counts<'c> = &'c dyn Fn(usize, usize) -> bool;
            let columns: [(&str, Counts<'_>); 4] = [
                ("demand", &|_, _| true),
                ("visits_radius", &|cell, _| radius.contains(&cell)),
                ("visits_path", &|cell, _| path.contains(&cell)),
                ("visits_open", &|cell, open| path.contains(&cell) && open == 1),
            ];
            for (name, counts) in columns {
                let Ok(value) = row[name].parse::<f64>() else { continue };
                let mut set = Vec::new();
                for ((_, states), &kind) in &kinds {
                    for (&slot, open) in slots.iter().flat_map(|slot| [(slot, 0), (slot, 1)]) {
                        if states[slot][open] && counts(member[&kind], open) {
                            set.push(unknown(kind, slot, open));
                        }
                    }
                }
                sums.push((set, value * 1000.0));
            }
        }
        let small: Vec<usize> = (0..truth.len()).filter(|&cell| truth[cell] > 0 && truth[cell] < K).collect();
        let tried = small.iter().step_by((small.len() / 12).max(1));
        let narrow = tried.filter_map(|&cell| {
            let kind = kinds[&signature[cell]];
            let [low, high] = range(kinds.len() * Slot::ALL.len() * 2, &sums, &states(kind, &signature[cell].1), 0.0)
                .expect("the true counts fit");
            let alone = signature.iter().filter(|other| **other == signature[cell]).count() == 1;
            (high - if alone { low } else { 0.0 } < K as f64 - 100.0).then(|| format!("{cell}: {low}..{high}"))
        });
        narrow.collect()
    }
}

fn city(name: &str) -> (Scenario, Findings) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data").join(name).join("scenario.toml");
    let scenario = crate::scenario::load(&path).unwrap();
    let findings = analyse(&scenario, &Silent).unwrap();
    (scenario, findings)
}

fn public() -> Release {
    Release { profile: Profile::Public, ..Release::INTERNAL }
}

/// Writes the public folder, and says what is told together; the mutant leaves complementary suppression out.
fn publish(scenario: &Scenario, dir: &Path, name: &str, mutant: bool) -> Partition {
    let findings = city(name).1;
    let (published, cube, parts) = tables::publish_with(&findings, scenario, &public(), !mutant).unwrap();
    let findings = strip::strip(findings, &published, cube, &public());
    let screened = Screened { findings, release: public(), published: Some(published) };
    let (cleared, lang) = (screened.cleared(), Lang::En);
    let mut extra = maps::draw(&cleared, scenario, lang, "0123456789ab").unwrap();
    extra.push(("summary.md".to_owned(), report::summary(&cleared, scenario, lang).into_bytes()));
    let options = WriteOptions { dir: dir.to_owned(), overwrite: false, gcj02: true, lang };
    write(&cleared, scenario, &options, &[], &extra).unwrap();
    parts
}

#[test]
fn an_attacker_pins_no_withheld_count_of_the_demo_cities_but_does_without_complementary_suppression() {
    for name in ["daoli", "york"] {
        let (scenario, findings) = city(name);
        let dir = tempfile::tempdir().unwrap();
        let [careful, careless] = [dir.path().join("public"), dir.path().join("mutant")];
        let parts = publish(&scenario, &careful, name, false);
        let attacker = Attacker::new(&findings, &scenario, &careful, parts);
        let (found, small) = attacker.attack();
        assert!(small > 400, "{small} small counts");
        assert!(found.is_empty(), "{name}: {} of {small} pinned: {found:?}", found.len());
        let by_slot = attacker.attack_by_slot();
        assert!(by_slot.is_empty(), "{name}: {by_slot:?}");
        assert_eq!(attacker.hours_of_withheld_paths(), 0, "{name}");
        let parts = publish(&scenario, &careless, name, true);
        let (found, _) = Attacker::new(&findings, &scenario, &careless, parts).attack();
        assert!(!found.is_empty(), "{name}: without complementary suppression the attacker finds counts");
    }
}

/// Numbers that layers may hold: where, how far, what it costs, how often, never how many.
const NUMBERS: [&str; 15] = [
    "straight_m",
    "path_m",
    "area_m2",
    "centre_lon",
    "centre_lat",
    "cost_low",
    "cost_high",
    "rank",
    "phase",
    "chosen_share",
    "hours_overlap",
    "severity",
    "plan_gain",
    "lon",
    "lat",
];

#[test]
fn the_public_folder_holds_no_count_of_a_place_no_contact_no_raw_value_and_no_path() {
    let (scenario, findings) = city("daoli");
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("public");
    publish(&scenario, &out, "daoli", false);
    let mut texts = Vec::new();
    for (name, bytes) in crate::output::folder::contents(&out) {
        if name.ends_with(".xlsx") {
            let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
            for entry in 0..archive.len() {
                let mut text = String::new();
                archive.by_index(entry).unwrap().read_to_string(&mut text).unwrap();
                texts.push((name.clone(), text));
            }
        } else if name == "report.html" {
            let (header, _) = page(&String::from_utf8(bytes).unwrap());
            texts.push((name, header.to_string()));
        } else if name.ends_with(".gpkg") {
            texts.push((name, String::from_utf8_lossy(&bytes).into_owned()));
        } else if !name.ends_with(".png") && !name.ends_with(".parquet") {
            texts.push((name, String::from_utf8(bytes).unwrap()));
        }
    }
    let names: BTreeSet<&str> = texts.iter().map(|(name, _)| name.as_str()).collect();
    for absent in ["issues.csv", "scenario.effective.toml", "siting_curve.csv", "siting_days.csv"] {
        assert!(!names.contains(absent), "{absent}");
    }
    let here = env!("CARGO_MANIFEST_DIR");
    let stops = findings.dataset.stops.iter().flat_map(|stop| [&stop.contact_unit, &stop.approving_unit]);
    let values = findings.issues.rows().iter().map(|issue| &issue.value).filter(|value| value.chars().count() > 6);
    let secret: Vec<&str> = stops.chain(values).map(String::as_str).filter(|text| !text.is_empty()).chain([here]).collect();
    assert!(secret.len() > 20);
    for (name, text) in &texts {
        let leaked: Vec<&&str> = secret.iter().filter(|word| text.contains(**word)).collect();
        // Names and hours of stations are for everyone, also where the ledger's row had a fault.
        let open = |word: &&&str| {
            findings.dataset.stations.iter().any(|s| s.name == ***word || s.hours_text == ***word || s.id == ***word)
        };
        let leaked: Vec<&&str> = leaked.into_iter().filter(|word| !open(word)).collect();
        assert!(leaked.is_empty(), "{name}: {leaked:?}");
    }
    for (name, bytes) in crate::output::folder::contents(&out) {
        if name.ends_with(".parquet") && name != "coverage.parquet" {
            let frame = ParquetReader::new(std::io::Cursor::new(bytes)).finish().unwrap();
            let told = |column: &&Column| column.dtype().is_primitive_numeric() && column.null_count() < frame.height();
            let told: BTreeSet<&str> = frame.columns().iter().filter(told).map(|column| column.name().as_str()).collect();
            // Squares have visits, as on the page; no unit and no area, which would draw a boundary.
            let open = |column: &&&str| !(NUMBERS.contains(column) || name == "cells.parquet" && column.starts_with("visits_"));
            assert!(told.iter().filter(open).count() == 0, "{name}: {told:?}");
            assert!(name != "cells.parquet" || frame.column("unit").is_err() && frame.column("in_area").is_err());
        }
    }
    for (name, text) in texts.iter().filter(|(name, _)| name.ends_with(".geojson")) {
        let layer: Value = serde_json::from_str(text).unwrap();
        for feature in layer["features"].as_array().unwrap() {
            for (key, value) in feature["properties"].as_object().unwrap() {
                assert!(!value.is_number() || NUMBERS.contains(&key.as_str()), "{name}: {key} is {value}");
            }
        }
    }
}

#[test]
fn boundaries_are_drawn_with_an_approval_number_only_and_it_is_printed() {
    let (scenario, _) = city("daoli");
    let number = "审图号测试〔2025〕001".to_owned();
    for (approval_no, drawn) in [(None, false), (Some(number.clone()), true)] {
        let screened = screen(city("daoli").1, &scenario, &Release { approval_no, ..public() }).unwrap();
        let sheets = maps::sheets(&screened.cleared(), &scenario, Lang::Zh, "0123456789ab").unwrap();
        for (name, sheet) in sheets {
            let says = |word: &str| {
                sheet.notes.concat().contains(word) || sheet.legend.items.iter().any(|item| item.text.contains(word))
            };
            assert_eq!((says("行政区域界线") && !says("不表示"), says(&number)), (drawn, drawn), "{name}");
            assert!(says("公开版") && says("10"), "{name} says for whom it is");
        }
        assert_eq!(screened.cleared().findings().dataset.area.home.is_some(), drawn);
    }
}

#[test]
fn too_little_demand_is_refused_not_published() {
    let (scenario, findings) = city("daoli");
    let error = screen(findings, &scenario, &Release { min_count: 1_000_000, ..public() }).unwrap_err();
    assert!(error.render(Lang::En).contains("fewer than 1000000"), "{}", error.render(Lang::En));
}
