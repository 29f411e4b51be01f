//! `bus_notice.csv`: who must be told what, and by when: the units at each stop, the approving unit first.

use super::rows::{Row, RowStatus};
use crate::output::csv::{Cell, Csv};

/// One row for each unit and stand, by the day on which it must be told.
pub(super) fn table(rows: &[Row]) -> Vec<u8> {
    let mut notices: Vec<(&str, u8, &str, &Row)> = Vec::new();
    for row in rows.iter().filter(|row| row.status != RowStatus::ExtendHours) {
        let units = [(0, row.approving_unit.as_str()), (1, row.contact_unit.as_str())];
        notices.extend(
            units.into_iter().filter(|(_, unit)| !unit.is_empty()).map(|(rank, unit)| (row.notify_by.as_str(), rank, unit, row)),
        );
    }
    notices.sort_by_key(|&(by, rank, unit, row)| (by, rank, unit, row.date.as_str(), row.span, row.bus.as_str()));
    let mut csv = Csv::new(&["notify_by", "unit", "role", "date", "stop_id", "stop_name", "arrive", "leave", "bus_id"]);
    for (by, rank, unit, row) in notices {
        let role = if rank == 0 { "approve" } else { "contact" };
        let texts = [by, unit, role, &row.date, &row.stop_id, &row.stop_name, &row.arrive, &row.leave, &row.bus];
        csv.row(&texts.map(Cell::text));
    }
    csv.finish()
}
