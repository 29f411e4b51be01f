//! Candidate places. A row that can't be placed on land in the study area takes no part, and the issue table says so.

use super::IngestError;
use super::datum::Datum;
use super::headers::{Columns, Field};
use super::issues::{IssueAction, IssueTable, Severity};
use super::position::{Locator, Report, datum_of_row, place_row};
use super::table::{Table, TableRow};
use super::values::{read_answer, read_kind, read_list, read_measure};
use crate::crs::Projector;
use crate::domain::candidate::Candidate;
use crate::domain::site::StationKind;
use crate::domain::study_area::StudyArea;
use crate::message::Message;

/// Reads candidates, sorted by identifier. Rows without a datum label have the `declared` datum.
///
/// # Errors
/// When a column is missing, or a row has neither a label nor a declared datum.
pub fn load_candidates(
    table: &Table,
    declared: Option<Datum>,
    area: &StudyArea,
    _projector: &Projector,
) -> Result<(Vec<Candidate>, IssueTable), IngestError> {
    let columns = Columns::resolve(table);
    columns.require(&[Field::CandidateId])?;
    columns.require_position()?;
    let (mut report, mut locator) = (Report::new(&table.file), Locator::new(area));
    let mut candidates: Vec<Candidate> = Vec::with_capacity(table.rows.len());
    for row in &table.rows {
        let datum = datum_of_row(&columns, row, declared, &table.file)?;
        let Some(position) = place_row(&columns, row, datum, &mut locator, &mut report) else { continue };
        let text = |field| columns.text(row, field);
        candidates.push(Candidate {
            id: text(Field::CandidateId).to_owned(),
            name: columns.name_or_id(row).to_owned(),
            position,
            host: text(Field::Host).to_owned(),
            venue_available: venue(&columns, row, &mut report),
            kinds: kinds(&columns, row, &mut report),
            area_m2: read_measure(text(Field::Area)).map(|measure| measure.value),
            row: row.number,
        });
    }
    report.keep_first(&mut candidates, "candidate_id", |candidate| (&candidate.id, candidate.row));
    Ok((candidates, report.finish()))
}

/// 场地支持; without the column every host is taken to agree, an unreadable answer as no.
fn venue(columns: &Columns, row: &TableRow, report: &mut Report) -> bool {
    if !columns.has(Field::VenueAvailable) {
        return true;
    }
    let text = columns.text(row, Field::VenueAvailable);
    read_answer(text).unwrap_or_else(|| {
        report.push(row.number, "venue_available", text, Message::new("L502"), IssueAction::NeedsPerson, Severity::Warning);
        false
    })
}

fn kinds(columns: &Columns, row: &TableRow, report: &mut Report) -> Vec<StationKind> {
    let mut kinds = Vec::new();
    for word in read_list(columns.text(row, Field::Kinds)) {
        match read_kind(&word) {
            Some(kind) => kinds.push(kind),
            None => report.push(row.number, "kinds", &word, Message::new("L503"), IssueAction::Excluded, Severity::Warning),
        }
    }
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

#[cfg(test)]
mod tests {
    use super::super::ledger::tests::{area, projector, table};
    use super::*;

    #[test]
    fn rows_in_water_or_outside_take_no_part() {
        let table = table(
            "候选点编号,名称,依托单位类型,经度,纬度,场地支持,适用类型,面积\n\
             C2,银行,银行,126.6,45.76,是,固定、智能,约30㎡\nC1,河心,公厕,126.603508,45.781341,是,,\n\
             C3,远方,商超,127.9,45.7,否,,\nC4,倒置,社区,45.75,126.59,看情况,柜台,\nC2,重复,社区,126.59,45.75,是,,\n",
        );
        let (candidates, issues) = load_candidates(&table, Some(Datum::Wgs84), &area(), &projector()).expect("loads");
        assert_eq!(candidates.iter().map(|c| c.id.as_str()).collect::<Vec<_>>(), ["C2", "C4"]);
        assert_eq!(candidates[0].kinds, [StationKind::Fixed, StationKind::SmartRoom]);
        assert_eq!((candidates[0].area_m2, candidates[0].venue_available), (Some(30.0), true));
        let codes: Vec<_> = issues.rows().iter().map(|issue| (issue.row, issue.problem.code(), issue.action.id())).collect();
        assert_eq!(
            codes,
            [
                (3, "L107", "excluded"),
                (4, "L108", "excluded"),
                (5, "L503", "excluded"),
                (5, "L104", "fixed"),
                (5, "L502", "needs_person"),
                (6, "L501", "excluded"),
            ]
        );
        let error = load_candidates(&table, None, &area(), &projector()).expect_err("no datum");
        assert_eq!((error.message().code(), error.row()), ("L206", Some(2)));
    }
}
