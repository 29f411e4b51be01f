//! A public folder doesn't say where its inputs are, so nothing can be recomputed from them; what can be seen in it is checked.

use std::path::Path;

use super::{Properties, Rows, VerifyReport, features, table};
use crate::coverage::RUNG_IDS;
use crate::findings::RunError;
use crate::message::Message;
use crate::siting::locate::check::Claim;

/// Every count is nothing or at least `least`, so is what lies between the rungs of a row, and what is withheld is empty and says so.
pub(super) fn check(out: &Path, least: u32, report: &mut VerifyReport) -> Result<(), RunError> {
    let least = f64::from(least);
    let safe = |visits: f64| visits.abs() < 0.000_5 || visits > least - 0.000_5;
    if out.join("coverage.csv").exists() {
        let table = table(out, "coverage.csv")?;
        let rows = Rows { table: &table };
        let headers: Vec<String> =
            std::iter::once("demand".to_owned()).chain(RUNG_IDS.iter().map(|id| format!("visits_{id}"))).collect();
        let sound = |row: usize| {
            let told: Vec<f64> =
                headers.iter().filter(|h| !rows.text(row, h).is_empty()).map(|header| rows.number(row, header)).collect();
            let falls = told.windows(2).all(|pair| safe(pair[0] - pair[1]) && pair[1] <= pair[0]);
            let marked = (told.len() < headers.len()) == (rows.text(row, "suppressed") == "true");
            falls && marked && told.iter().all(|visits| safe(*visits))
        };
        let holds = (0..table.rows.len()).all(sound);
        report.claim(holds, claim("coverage.csv", least));
    }
    if out.join("gaps.geojson").exists() {
        let layer = features(out, "gaps.geojson")?;
        let sound = |p: &Properties<'_>| {
            let severity = p.number("severity");
            if p.holds("suppressed") { severity.is_nan() } else { severity > 0.0 && safe(severity) }
        };
        report.claim(layer.iter().map(Properties::of).all(|p| sound(&p)), claim("gaps.geojson", least));
    }
    report.claims.push(Claim::not_checked(Message::new("V031")));
    Ok(())
}

fn claim(file: &str, least: f64) -> Message {
    Message::new("V030").with("file", file).with("k", least)
}
