//! Demand of single days, for load tests: `grid.csv` and `flow.parquet` with every cell, date and hour, zeros included.
//!
//! A date is its typical day times a noise of each cell and date, 0.85 to 1.15. Dates are written one by one, each a row group:
//! memory doesn't grow with the number of days.

use polars::prelude::{Column, NamedFrom, Series};

use crate::calendar::HOURS;
use crate::progress::Progress;
use crate::synth::SynthError;
use crate::synth::dates::{CalendarDay, year};
use crate::synth::field::{City, DayField, Quantity, rounded};
use crate::synth::random::noise;
use crate::synth::sink::Sink;
use crate::synth::typical::write_grid;

const QUANTITIES: [Quantity; 5] =
    [Quantity::Flow, Quantity::FlowMarket, Quantity::FlowLogistics, Quantity::Ambient, Quantity::Pickups];

/// Writes the cells and the first `days` dates of the year.
pub(super) fn write(sink: &mut Sink, city: &City, days: u32, seed: u64, progress: &dyn Progress) -> Result<(), SynthError> {
    write_grid(sink, city)?;
    let dates: Vec<CalendarDay> = year()?.into_iter().take(days as usize).collect();
    progress.begin("synth", dates.len() as u64);
    let batches = dates.iter().map(|date| {
        progress.advance(1);
        date_columns(date, &city.day(date.kind), city.grid.len(), seed)
    });
    sink.put_batches("flow.parquet", batches)?;
    progress.end();
    Ok(())
}

/// One date: cells in order, 24 hours each.
fn date_columns(date: &CalendarDay, field: &DayField, cells: usize, seed: u64) -> (usize, Vec<Column>) {
    let height = cells * HOURS;
    let number = date.number();
    let factors: Vec<f64> =
        (0..cells as u64).map(|cell| 0.85 + 0.3 * noise(seed, cell, u64::from(number.unsigned_abs()))).collect();
    let mut columns = vec![
        Series::new("cell".into(), (0..height).map(|row| (row / HOURS) as u32).collect::<Vec<_>>()).into(),
        Series::new("date".into(), vec![number; height]).into(),
        Series::new("hour".into(), (0..height).map(|row| (row % HOURS) as u8).collect::<Vec<_>>()).into(),
    ];
    columns.extend(QUANTITIES.map(|quantity| {
        let value = |row: usize| rounded(field.at(quantity, row % HOURS)[row / HOURS] * factors[row / HOURS]);
        Column::from(Series::new(quantity.column().into(), (0..height).map(value).collect::<Vec<f32>>()))
    }));
    (height, columns)
}
