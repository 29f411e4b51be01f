//! `gtfs.zip`: the timetable as a GTFS feed (General Transit Feed Specification, gtfs.org), for journey planners and maps.
//!
//! A route is a bus, a trip is its day, a service is a plan with the dates it is for. A stay is a stop time from arriving to leaving;
//! a bus with a single stay has a second stop time at its end, since a trip needs two. Times of files in the archive are fixed, so that
//! the same timetable gives the same bytes.

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::findings::{Findings, RunError};
use crate::output::report::words::clock;
use crate::output::{NamedFile, cannot_make};
use crate::scenario::Scenario;

/// A place on the web for the agency, which the format asks for.
const AGENCY_URL: &str = "https://example.org/";

/// The feed as bytes of a zip archive.
pub(super) fn feed(findings: &Findings, scenario: &Scenario) -> Result<Vec<u8>, RunError> {
    let cannot = |e: zip::result::ZipError| cannot_make("gtfs.zip", e);
    let options =
        SimpleFileOptions::default().compression_method(CompressionMethod::Deflated).last_modified_time(DateTime::default());
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files(findings, scenario) {
        archive.start_file(name, options).map_err(cannot)?;
        archive.write_all(&bytes).map_err(|e| cannot_make("gtfs.zip", e))?;
    }
    Ok(archive.finish().map_err(cannot)?.into_inner())
}

fn files(findings: &Findings, scenario: &Scenario) -> Vec<NamedFile> {
    let timetable = &findings.timetable;
    let used = timetable.used_stops();
    let agency = vec![vec!["1".into(), scenario.file.title.zh.clone(), AGENCY_URL.into(), "Asia/Shanghai".into(), "zh".into()]];
    let stop = |&row: &usize| {
        let stop = &findings.dataset.stops[row];
        vec![stop.id.clone(), stop.name.clone(), format!("{:.6}", stop.position.lat()), format!("{:.6}", stop.position.lon())]
    };
    let mut routes = Vec::new();
    for (number, bus) in findings.fleet.vehicles.iter().enumerate() {
        if timetable.days.iter().any(|day| day.stands.iter().any(|stand| stand.vehicle == number)) {
            routes.push(vec![format!("bus-{}", number + 1), "1".into(), bus.id.clone(), "3".into()]);
        }
    }
    let (mut trips, mut times) = (Vec::new(), Vec::new());
    for (plan, day) in timetable.days.iter().enumerate() {
        for number in 0..findings.fleet.vehicles.len() {
            let stands: Vec<_> = day.stands.iter().filter(|stand| stand.vehicle == number).collect();
            let trip = format!("plan-{}-bus-{}", plan + 1, number + 1);
            for (row, stand) in stands.iter().enumerate() {
                let (from, to) = (clock(stand.from) + ":00", clock(stand.to) + ":00");
                let stop = findings.dataset.stops[stand.stop].id.clone();
                let leave = if stands.len() == 1 { from.clone() } else { to.clone() };
                times.push(vec![trip.clone(), from, leave, stop.clone(), (row + 1).to_string()]);
                if stands.len() == 1 {
                    times.push(vec![trip.clone(), to.clone(), to, stop, "2".into()]);
                }
            }
            if !stands.is_empty() {
                trips.push(vec![format!("bus-{}", number + 1), format!("plan-{}", plan + 1), trip]);
            }
        }
    }
    let dates = timetable
        .dates
        .iter()
        .map(|(date, plan)| vec![format!("plan-{}", plan + 1), date.format("%Y%m%d").to_string(), "1".into()]);
    let span =
        |date: Option<&(chrono::NaiveDate, usize)>| date.map(|(date, _)| date.format("%Y%m%d").to_string()).unwrap_or_default();
    let info =
        vec![vec!["yizhan".into(), AGENCY_URL.into(), "zh".into(), span(timetable.dates.first()), span(timetable.dates.last())]];
    let file = |name: &str, header: &str, rows: Vec<Vec<String>>| (name.to_owned(), lines(header, &rows));
    vec![
        file("agency.txt", "agency_id,agency_name,agency_url,agency_timezone,agency_lang", agency),
        file("calendar_dates.txt", "service_id,date,exception_type", dates.collect()),
        file("feed_info.txt", "feed_publisher_name,feed_publisher_url,feed_lang,feed_start_date,feed_end_date", info),
        file("routes.txt", "route_id,agency_id,route_short_name,route_type", routes),
        file("stop_times.txt", "trip_id,arrival_time,departure_time,stop_id,stop_sequence", times),
        file("stops.txt", "stop_id,stop_name,stop_lat,stop_lon", used.iter().map(stop).collect()),
        file("trips.txt", "route_id,service_id,trip_id", trips),
    ]
}

/// A table as the specification has it: no byte order mark, and quotes only where they are needed.
fn lines(header: &str, rows: &[Vec<String>]) -> Vec<u8> {
    let quoted = |cell: &String| {
        if cell.contains([',', '"', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.clone() }
    };
    let rows = rows.iter().map(|row| row.iter().map(quoted).collect::<Vec<_>>().join(","));
    let mut text = String::from(header);
    for row in rows {
        text.push('\n');
        text.push_str(&row);
    }
    text.push('\n');
    text.into_bytes()
}
