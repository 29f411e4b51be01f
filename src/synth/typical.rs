//! Demand of typical days: `grid.csv`, `flow.parquet` and `orders.parquet`.
//!
//! One row for each cell, season, day type and hour in which anything happens.

use polars::prelude::{Column, NamedFrom, Series};

use crate::calendar::{DayKind, HOURS};
use crate::progress::Progress;
use crate::synth::SynthError;
use crate::synth::field::{City, DayField, Quantity, rounded};
use crate::synth::sink::Sink;

/// Writes the cells and both demand tables.
pub(super) fn write(sink: &mut Sink, city: &City, progress: &dyn Progress) -> Result<(), SynthError> {
    write_grid(sink, city)?;
    progress.begin("synth", DayKind::COUNT as u64);
    let days: Vec<(DayKind, DayField)> = DayKind::all()
        .map(|day| {
            progress.advance(1);
            (day, city.day(day))
        })
        .collect();
    progress.end();
    write_table(sink, "flow.parquet", &days, &Quantity::FLOW_TABLE)?;
    write_table(sink, "orders.parquet", &days, &Quantity::ORDER_TABLE)
}

/// Writes `grid.csv`: every cell with its number in the Parquet tables and its centre.
pub(super) fn write_grid(sink: &mut Sink, city: &City) -> Result<(), SynthError> {
    let line = |number: usize| {
        let ((column, row), centre) = (city.grid.cell(number), city.position(number));
        format!("c{column:03}r{row:03},{:.6},{:.6},{number}", centre.lon(), centre.lat())
    };
    let lines: Vec<String> = (0..city.grid.len()).map(line).collect();
    sink.put_lines("grid.csv", "网格编号,中心经度,中心纬度,cell", &lines)
}

/// All typical days make one row group, so that each column is compressed as a whole.
fn write_table(sink: &mut Sink, name: &str, days: &[(DayKind, DayField)], quantities: &[Quantity]) -> Result<(), SynthError> {
    let mut table = Table::new(quantities.len());
    for (day, field) in days {
        for hour in 0..HOURS {
            table.add_hour(*day, hour, quantities, field);
        }
    }
    sink.put_batches(name, std::iter::once(table.into_columns(quantities)))
}

/// Columns under construction.
struct Table {
    cell: Vec<u32>,
    season: Vec<&'static str>,
    day_type: Vec<&'static str>,
    hour: Vec<u8>,
    values: Vec<Vec<f32>>,
}

impl Table {
    fn new(quantities: usize) -> Self {
        let (cell, season, day_type, hour) = Default::default();
        Self { cell, season, day_type, hour, values: vec![Vec::new(); quantities] }
    }

    fn add_hour(&mut self, day: DayKind, hour: usize, quantities: &[Quantity], field: &DayField) {
        let sources: Vec<&[f64]> = quantities.iter().map(|&quantity| field.at(quantity, hour)).collect();
        for cell in 0..sources[0].len() {
            if sources.iter().all(|source| source[cell] == 0.0) {
                continue;
            }
            self.cell.push(cell as u32);
            self.season.push(day.season.id());
            self.day_type.push(day.day_type.id());
            self.hour.push(hour as u8);
            for (column, source) in self.values.iter_mut().zip(&sources) {
                column.push(rounded(source[cell]));
            }
        }
    }

    fn into_columns(self, quantities: &[Quantity]) -> (usize, Vec<Column>) {
        let height = self.cell.len();
        let mut columns = vec![
            Series::new("cell".into(), self.cell).into(),
            Series::new("season".into(), self.season).into(),
            Series::new("day_type".into(), self.day_type).into(),
            Series::new("hour".into(), self.hour).into(),
        ];
        let named = quantities.iter().zip(self.values);
        columns.extend(named.map(|(quantity, values)| Column::from(Series::new(quantity.column().into(), values))));
        (height, columns)
    }
}
