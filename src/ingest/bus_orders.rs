//! Orders to the buses (stand here, don't stand there) and plans of earlier runs, as tables.

use chrono::NaiveDate;

use super::IngestError;
use super::headers::{Columns, Field, VOCABULARY, normalise};
use super::hours::{read_clock, read_span};
use super::issues::IssueTable;
use super::position::Report;
use super::table::{Table, TableRow};
use super::when::read_moment;
use crate::calendar::Span;
use crate::domain::vehicle::{BusOrder, BusStop, Stand, Vehicle};

/// Buses and stops that rows may name.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// The buses.
    pub vehicles: &'a [Vehicle],
    /// The stops, named by identifier or by name.
    pub stops: &'a [BusStop],
}

impl Known<'_> {
    fn vehicle(&self, text: &str) -> Option<usize> {
        self.vehicles.iter().position(|vehicle| vehicle.id == text)
    }

    fn stop(&self, text: &str) -> Option<usize> {
        let by_id = self.stops.iter().position(|stop| stop.id == text);
        by_id.or_else(|| self.stops.iter().position(|stop| stop.name == text))
    }
}

/// Reads orders of the police, the weather service or the planner: a row each, with a stop, a directive (必须停靠 or 禁止停靠), a
/// date or none for every day, a bus (may be missing in a ban: then it holds for all), hours or none for the whole day.
/// Rows that can't be followed are issues.
///
/// # Errors
/// When the columns of stops or directives are missing.
pub fn load_bus_orders(table: &Table, known: Known<'_>) -> Result<(Vec<BusOrder>, IssueTable), IngestError> {
    let columns = Columns::resolve(table);
    columns.require(&[Field::Directive])?;
    require_stop(&columns)?;
    let mut reader = Reader { columns, known, report: Report::new(&table.file) };
    let orders = table.rows.iter().filter_map(|row| reader.order(row)).collect();
    Ok((orders, reader.report.finish()))
}

/// Reads the plan of an earlier run (`bus_schedule.csv`, or a table with 日期, 车号, 停靠点, 到达, 离开). Rows that name a bus or a
/// stop of other times are left out, with an issue.
///
/// # Errors
/// When a column is missing.
pub fn load_previous_plan(table: &Table, known: Known<'_>) -> Result<(Vec<Stand>, IssueTable), IngestError> {
    let columns = Columns::resolve(table);
    columns.require(&[Field::Date, Field::VehicleId, Field::Arrive, Field::Leave])?;
    require_stop(&columns)?;
    let mut reader = Reader { columns, known, report: Report::new(&table.file) };
    let mut stands: Vec<Stand> = table.rows.iter().filter_map(|row| reader.stand(row)).collect();
    stands.sort_unstable();
    Ok((stands, reader.report.finish()))
}

fn require_stop(columns: &Columns) -> Result<(), IngestError> {
    if columns.has(Field::StopId) { Ok(()) } else { columns.require(&[Field::StopName]) }
}

struct Reader<'a> {
    columns: Columns,
    known: Known<'a>,
    report: Report,
}

impl Reader<'_> {
    fn order(&mut self, row: &TableRow) -> Option<BusOrder> {
        let text = self.columns.text(row, Field::Directive);
        let word = normalise(text);
        let words = &VOCABULARY.directives;
        let must = match (words.must.iter().any(|w| normalise(w) == word), words.never.iter().any(|w| normalise(w) == word)) {
            (true, false) => true,
            (false, true) => false,
            _ => return self.refuse(row, "directive", Field::Directive, "L507"),
        };
        let stop = self.stop(row)?;
        let named = self.columns.text(row, Field::VehicleId);
        let vehicle = if named.is_empty() { None } else { Some(self.vehicle(row)?) };
        if must && vehicle.is_none() {
            return self.refuse(row, "bus_id", Field::VehicleId, "L508");
        }
        let date = self.columns.text(row, Field::Date);
        let date = if date.is_empty() { None } else { Some(self.date(row)?) };
        let hours = self.columns.text(row, Field::OrderHours);
        let (from, to) = if hours.is_empty() {
            (0, Span::DAY)
        } else {
            let Some(hours) = read_span(hours) else { return self.refuse(row, "hours", Field::OrderHours, "L511") };
            hours
        };
        Some(BusOrder {
            date,
            vehicle,
            stop,
            from,
            to,
            must,
            reason: self.columns.text(row, Field::Reason).to_owned(),
            row: row.number,
        })
    }

    fn stand(&mut self, row: &TableRow) -> Option<Stand> {
        let (date, vehicle, stop) = (self.date(row)?, self.vehicle(row)?, self.stop(row)?);
        let (arrive, leave) = (self.columns.text(row, Field::Arrive), self.columns.text(row, Field::Leave));
        let hours = read_clock(arrive).zip(read_clock(leave)).filter(|(from, to)| from < to);
        let Some((arrive, leave)) = hours else { return self.refuse(row, "arrive", Field::Arrive, "L511") };
        Some(Stand { date, vehicle, arrive, leave, stop })
    }

    fn date(&mut self, row: &TableRow) -> Option<NaiveDate> {
        let found = read_moment(self.columns.text(row, Field::Date)).map(|moment| moment.date);
        found.or_else(|| self.refuse(row, "date", Field::Date, "L512"))
    }

    fn vehicle(&mut self, row: &TableRow) -> Option<usize> {
        let found = self.known.vehicle(self.columns.text(row, Field::VehicleId));
        found.or_else(|| self.refuse(row, "bus_id", Field::VehicleId, "L509"))
    }

    fn stop(&mut self, row: &TableRow) -> Option<usize> {
        let field = if self.columns.text(row, Field::StopId).is_empty() { Field::StopName } else { Field::StopId };
        let found = self.known.stop(self.columns.text(row, field));
        found.or_else(|| self.refuse(row, "stop_id", field, "L510"))
    }

    /// The row takes no part, and the report says why.
    fn refuse<T>(&mut self, row: &TableRow, name: &'static str, field: Field, code: &'static str) -> Option<T> {
        self.report.refuse(row.number, name, self.columns.text(row, field), code)
    }
}

#[cfg(test)]
mod tests {
    use super::super::ledger::tests::table;
    use super::*;
    use crate::crs::LonLat;

    fn fleet() -> (Vec<Vehicle>, Vec<BusStop>) {
        let position = LonLat::new(126.6, 45.76).expect("in range");
        let vehicle = |id: &str| Vehicle {
            id: id.to_owned(),
            length_m: None,
            seats: None,
            heating: String::new(),
            visits_per_hour: None,
            depot: None,
            shift: (0, 1440),
            row: 2,
        };
        let stop = |id: &str, name: &str| BusStop {
            id: id.to_owned(),
            name: name.to_owned(),
            position,
            permitted_from: 0,
            permitted_to: 24,
            max_length_m: None,
            approving_unit: String::new(),
            contact_unit: String::new(),
            row: 2,
        };
        (vec![vehicle("1号大巴"), vehicle("2号大巴")], vec![stop("TK01", "广场"), stop("TK02", "公园")])
    }

    #[test]
    fn orders_name_stops_by_number_or_name_and_what_is_unclear_is_said() {
        let (vehicles, stops) = fleet();
        let table = table(
            "日期,车号,停靠点,时段,指令,依据\n2026-01-05,,公园,8:00-14:30,禁止停靠,交警\n,2号大巴,TK01,,必须停靠,\n\
             ,,TK01,,必须停靠,\n,9号大巴,TK01,,禁停,\n,,河中央,,禁停,\n,,TK01,晚上,禁停,\n明天,,TK01,,禁停,\n,,TK01,,随意,\n",
        );
        let (orders, issues) = load_bus_orders(&table, Known { vehicles: &vehicles, stops: &stops }).expect("loads");
        let found: Vec<_> = orders.iter().map(|o| (o.date.is_some(), o.vehicle, o.stop, o.from, o.to, o.must)).collect();
        assert_eq!(found, [(true, None, 1, 480, 870, false), (false, Some(1), 0, 0, 1440, true)]);
        let codes: Vec<_> = issues.rows().iter().map(|issue| (issue.row, issue.problem.code())).collect();
        assert_eq!(codes, [(4, "L508"), (5, "L509"), (6, "L510"), (7, "L511"), (8, "L512"), (9, "L507")]);
    }

    #[test]
    fn an_earlier_plan_is_read_back_sorted() {
        let (vehicles, stops) = fleet();
        let table = table(
            "日期,车号,停靠点编号,到达,离开\n2026-01-06,1号大巴,TK02,13:00,24:00\n2026-01-05,2号大巴,TK01,08:00,12:30\n\
             2026-01-05,1号大巴,TK01,12:00,12:00\n",
        );
        let (stands, issues) = load_previous_plan(&table, Known { vehicles: &vehicles, stops: &stops }).expect("loads");
        let found: Vec<_> = stands.iter().map(|s| (s.vehicle, s.stop, s.arrive, s.leave)).collect();
        assert_eq!(found, [(1, 0, 480, 750), (0, 1, 780, 1440)]);
        assert_eq!(issues.rows().len(), 1);
    }
}
