//! The buses: length, heating, capacity, shift and depot of each.

use super::IngestError;
use super::datum::Datum;
use super::headers::{Columns, Field};
use super::hours::read_span;
use super::issues::{IssueAction, IssueTable, Severity};
use super::position::{Locator, Report, datum_of_row, place_row};
use super::table::{Table, TableRow};
use super::values::read_measure;
use crate::calendar::Span;
use crate::domain::study_area::StudyArea;
use crate::domain::vehicle::Vehicle;
use crate::message::Message;

/// Reads buses, sorted by identifier. Positions of depots are read when there are columns for them; a row without one starts and
/// ends its day anywhere. Rows without a datum label have the `declared` datum.
///
/// # Errors
/// When the column of identifiers is missing, or a row has a position but neither a label nor a declared datum.
pub fn load_vehicles(
    table: &Table,
    declared: Option<Datum>,
    area: &StudyArea,
) -> Result<(Vec<Vehicle>, IssueTable), IngestError> {
    let columns = Columns::resolve(table);
    columns.require(&[Field::VehicleId])?;
    let (mut report, mut locator) = (Report::new(&table.file), Locator::new(area));
    let mut vehicles: Vec<Vehicle> = Vec::with_capacity(table.rows.len());
    for row in &table.rows {
        let text = |field| columns.text(row, field);
        if text(Field::VehicleId).is_empty() {
            report.refuse::<()>(row.number, "bus_id", "", "L517");
            continue;
        }
        let has_depot = [Field::Lon, Field::Lat, Field::LonLat].into_iter().any(|field| !text(field).is_empty());
        let length = text(Field::VehicleLength);
        if length.is_empty() {
            report.push(row.number, "length_m", "", Message::new("L518"), IssueAction::NeedsPerson, Severity::Warning);
        } else if read_measure(length).is_none() {
            report.refuse::<()>(row.number, "length_m", length, "L519");
            continue;
        }
        let depot = if has_depot {
            let datum = datum_of_row(&columns, row, declared, &table.file)?;
            place_row(&columns, row, datum, &mut locator, &mut report)
        } else {
            None
        };
        let mut measure = |field: Field, name: &'static str| {
            let found = read_measure(text(field)).map(|measure| measure.value);
            if found.is_none() && !text(field).is_empty() {
                let problem = Message::new("L505");
                report.push(row.number, name, text(field), problem, IssueAction::NeedsPerson, Severity::Warning);
            }
            found
        };
        let (length_m, seats) = (measure(Field::VehicleLength, "length_m"), measure(Field::Seats, "seats"));
        let visits_per_hour = measure(Field::VisitsPerHour, "visits_per_hour");
        vehicles.push(Vehicle {
            id: text(Field::VehicleId).to_owned(),
            length_m,
            seats: seats.map(|seats| seats as u32),
            heating: text(Field::Heating).to_owned(),
            visits_per_hour,
            depot,
            shift: shift(&columns, row, &mut report),
            row: row.number,
        });
    }
    report.keep_first(&mut vehicles, "bus_id", |bus| (&bus.id, bus.row));
    Ok((vehicles, report.finish()))
}

/// First and last minute of the day at which the bus may be away from its depot; all day where nothing is written.
fn shift(columns: &Columns, row: &TableRow, report: &mut Report) -> (u16, u16) {
    let text = columns.text(row, Field::Shift);
    if text.is_empty() {
        return (0, Span::DAY);
    }
    read_span(text).unwrap_or_else(|| {
        report.push(row.number, "shift", text, Message::new("L506"), IssueAction::NeedsPerson, Severity::Warning);
        (0, Span::DAY)
    })
}

#[cfg(test)]
mod tests {
    use super::super::ledger::tests::{area, table};
    use super::*;

    #[test]
    fn what_is_not_written_is_not_known_and_what_is_wrong_is_said() {
        let table = table(
            "车辆编号,车长,座位,采暖方式,每小时服务能力,班次,经度,纬度\n\
             2号大巴,8.5米,18,驻车燃油暖风,19.8,06:00-22:00,126.6,45.76\n1号大巴,,许多,,,全部,,\n2号大巴,9,,,,,,\n3号大巴,八米五,,,,,,\n,9,,,,,,\n",
        );
        let (vehicles, issues) = load_vehicles(&table, Some(Datum::Wgs84), &area()).expect("loads");
        let found: Vec<_> =
            vehicles.iter().map(|v| (v.id.as_str(), v.length_m, v.visits_per_hour, v.shift, v.depot.is_some())).collect();
        assert_eq!(found, [("1号大巴", None, None, (0, 1440), false), ("2号大巴", Some(8.5), Some(19.8), (360, 1320), true)]);
        let codes: Vec<_> = issues.rows().iter().map(|issue| (issue.row, issue.problem.code())).collect();
        let codes: std::collections::BTreeSet<_> = codes.into_iter().collect();
        assert_eq!(
            codes,
            std::collections::BTreeSet::from([(3, "L506"), (3, "L505"), (3, "L518"), (4, "L501"), (5, "L519"), (6, "L517")])
        );
    }
}
