//! Places where a bus may stand, with the hours that are permitted there.

use super::IngestError;
use super::datum::Datum;
use super::headers::{Columns, Field};
use super::hours::read_span;
use super::issues::IssueTable;
use super::position::{Locator, Report, datum_of_row, place_row};
use super::table::{Table, TableRow};
use super::values::read_measure;
use crate::crs::Projector;
use crate::domain::study_area::StudyArea;
use crate::domain::vehicle::BusStop;

/// Reads bus stops, sorted by identifier. Rows without a datum label have the `declared` datum.
///
/// # Errors
/// When a column is missing, or a row has neither a label nor a declared datum.
pub fn load_bus_stops(
    table: &Table,
    declared: Option<Datum>,
    area: &StudyArea,
    _projector: &Projector,
) -> Result<(Vec<BusStop>, IssueTable), IngestError> {
    let columns = Columns::resolve(table);
    columns.require(&[Field::StopId, Field::StopName])?;
    columns.require_position()?;
    let (mut report, mut locator) = (Report::new(&table.file), Locator::new(area));
    let mut stops: Vec<BusStop> = Vec::with_capacity(table.rows.len());
    for row in &table.rows {
        let datum = datum_of_row(&columns, row, declared, &table.file)?;
        let Some(position) = place_row(&columns, row, datum, &mut locator, &mut report) else { continue };
        let Some((permitted_from, permitted_to)) = permitted(&columns, row, &mut report) else { continue };
        let text = |field| columns.text(row, field).to_owned();
        stops.push(BusStop {
            id: text(Field::StopId),
            name: text(Field::StopName),
            position,
            permitted_from,
            permitted_to,
            max_length_m: read_measure(columns.text(row, Field::MaxLength)).map(|measure| measure.value),
            approving_unit: text(Field::ApprovingUnit),
            contact_unit: text(Field::ContactUnit),
            row: row.number,
        });
    }
    report.keep_first(&mut stops, "stop_id", |stop| (&stop.id, stop.row));
    Ok((stops, report.finish()))
}

/// First and last permitted whole hour; a stop without the column, or with an empty cell, may be used all day.
fn permitted(columns: &Columns, row: &TableRow, report: &mut Report) -> Option<(u8, u8)> {
    let text = columns.text(row, Field::PermittedHours);
    if text.is_empty() {
        return Some((0, 24));
    }
    let hours = read_span(text).map(|(from, to)| (from.div_ceil(60) as u8, (to / 60) as u8)).filter(|(from, to)| from < to);
    if hours.is_none() {
        report.refuse::<()>(row.number, "permitted_hours", text, "L504");
    }
    hours
}

#[cfg(test)]
mod tests {
    use super::super::ledger::tests::{area, projector, table};
    use super::*;

    #[test]
    fn permitted_hours_are_whole_hours_within_the_text() {
        let table = table(
            "停靠点编号,停靠点,经度,纬度,允许时段,最大车长,审批单位,联系单位\n\
             S2,音乐公园,126.553,45.7535,8:30-22:00,12米,城管局,公园\nS1,广场,126.6,45.76,,,,\nS3,路边,126.6,45.75,待定,,,\n",
        );
        let (stops, issues) = load_bus_stops(&table, Some(Datum::Wgs84), &area(), &projector()).expect("loads");
        let found: Vec<_> = stops.iter().map(|s| (s.id.as_str(), s.permitted_from, s.permitted_to, s.max_length_m)).collect();
        assert_eq!(found, [("S1", 0, 24, None), ("S2", 9, 22, Some(12.0))]);
        assert_eq!(issues.rows().iter().map(|issue| issue.problem.code()).collect::<Vec<_>>(), ["L504"]);
    }
}
