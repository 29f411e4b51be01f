//! Files of every kind, and every fault.

use std::fs;
use std::path::Path;

use polars::prelude::{DataFrame, ParquetWriter, df};

use super::*;
use crate::domain::location::Role;
use crate::message::Lang;

fn files(dir: &Path, files: &[(&str, &str)]) -> LocationFiles {
    let mut all = LocationFiles::default();
    for (name, text) in files {
        let path = dir.join(format!("{name}.csv"));
        fs::write(&path, text).expect("written");
        match *name {
            "sites" => all.sites = Some(path),
            "demand" => all.demand = Some(path),
            _ => all.matrix = Some(path),
        }
    }
    all
}

fn load(named: &[(&str, &str)]) -> Result<LoadedLocation, Faults> {
    let dir = tempfile::tempdir().expect("a folder");
    load_location(&files(dir.path(), named))
}

fn sound(named: &[(&str, &str)]) -> LoadedLocation {
    load(named).unwrap_or_else(|faults| panic!("{:?}", faults.lines(Lang::En)))
}

/// Codes with the row, such as `P002@3`.
fn codes(named: &[(&str, &str)]) -> Vec<String> {
    let faults = load(named).expect_err("faults");
    let text = |line: String| {
        let row = line.split_once(", row ").and_then(|(_, rest)| rest.split_once(':')).map_or("", |(row, _)| row);
        format!("{}@{row}", line.split_once(' ').map_or("", |(code, _)| code))
    };
    faults.lines(Lang::En).into_iter().map(text).collect()
}

fn notes(loaded: &LoadedLocation) -> Vec<&'static str> {
    loaded.notes.iter().map(Message::code).collect()
}

#[test]
fn plane_files_with_everything() {
    let loaded = sound(&[
        ("sites", "id,x,y,role,cost,capacity\nA,0,0,existing,,\nB,3,4,candidate,20,5.5\n"),
        ("demand", "编号,X坐标,Y坐标,人口\np,0,1,2.25\nq,3,3,1\n"),
    ]);
    let problem = &loaded.problem;
    assert_eq!(problem.separation, Separation::Metric(Metric::Planar));
    assert_eq!(problem.sites.roles, [Role::Existing, Role::Candidate]);
    assert_eq!((problem.sites.costs[1], problem.sites.capacities.clone()), (20, vec![None, Some(550)]));
    assert_eq!((problem.weight_scale, problem.demand.weights.clone()), (100, vec![225, 100]));
    assert_eq!(problem.demand.ids, ["p", "q"]);
    assert_eq!(loaded.degrees, None);
    let stamped: Vec<(&str, u64)> = loaded.inputs.iter().map(|input| (input.role.as_str(), input.rows)).collect();
    assert_eq!(stamped, [("sites", 2), ("demand", 2)]);
}

#[test]
fn degrees_are_geodesic_and_rows_without_id_are_numbered_from_0() {
    let loaded = sound(&[("sites", "lng,lat\n126.5,45.7\n126.6,45.8\n"), ("demand", "经度;纬度\n126.5;45.7\n")]);
    assert_eq!(loaded.problem.separation, Separation::Metric(Metric::Geodesic));
    assert_eq!(loaded.problem.sites.ids, ["0", "1"]);
    assert_eq!(loaded.problem.demand.weights, [1]);
    assert_eq!(loaded.degrees, Some(vec![[126.5, 45.7], [126.6, 45.8]]));
}

#[test]
fn roles_of_arcgis() {
    let sites = "Name,X,Y,FacilityType\na,0,0,1\nb,1,0,0\nc,2,0,2\nd,3,0,3\ne,4,0,Required\n";
    let loaded = sound(&[("sites", sites), ("demand", "x,y\n0,0\n")]);
    assert_eq!(loaded.problem.sites.ids, ["a", "b", "d", "e"]);
    assert_eq!(loaded.problem.sites.points[2], [3.0, 0.0]);
    let (open, free) = (Role::Existing, Role::Candidate);
    assert_eq!(loaded.problem.sites.roles, [open, free, free, open]);
    assert_eq!(notes(&loaded), ["P209", "P201"]);
}

#[test]
fn listed_pairs_with_files_and_without() {
    let matrix = "site,demand,impedance\nB,q,2\nA,p,1.5\nB,p,inf\n";
    let alone = sound(&[("matrix", matrix)]);
    assert_eq!((alone.problem.sites.ids.join(""), alone.problem.demand.ids.join("")), ("BA".to_owned(), "qp".to_owned()));
    assert_eq!(alone.problem.separation, Separation::Matrix(vec![(0, 0, 2.0), (1, 1, 1.5)]));
    let with = sound(&[
        ("matrix", matrix),
        ("sites", "id,role\nX,competitor\nA,candidate\nB,existing\n"),
        ("demand", "demand,weight\np,3\nq,4\n"),
    ]);
    assert_eq!(with.problem.separation, Separation::Matrix(vec![(0, 0, 1.5), (1, 1, 2.0)]));
    assert_eq!(with.problem.demand.weights, [3, 4]);
    assert!(with.problem.sites.points.is_empty());
}

#[test]
fn bare_matrices_and_bare_weights() {
    let named = [("matrix", "1,2.5\n3,4\n,inf\n"), ("sites", "x,y\n0,0\n1,1\n"), ("demand", "10\n7\n3\n")];
    let loaded = sound(&named);
    assert_eq!(loaded.problem.separation, Separation::Matrix(vec![(0, 0, 1.0), (0, 1, 3.0), (1, 0, 2.5), (1, 1, 4.0)]));
    // The last row has no value at all and is passed over like any empty one, unless `inf` says that it is there.
    assert_eq!(loaded.problem.demand.weights, [10, 7, 3]);
    assert_eq!(codes(&[named[0], ("demand", "1\n2\n")]), ["P009@"]);
    assert_eq!(codes(&[("matrix", "1,2\n3,-4\n")]), ["P004@2"]);
}

#[test]
fn a_row_of_empty_cells_is_demand_that_nobody_reaches() {
    let loaded = sound(&[("matrix", "1,2\n,\n3,4\n")]);
    assert_eq!(loaded.problem.demand.ids, ["0", "1", "2"]);
    let pairs = vec![(0, 0, 1.0), (0, 2, 3.0), (1, 0, 2.0), (1, 2, 4.0)];
    assert_eq!(loaded.problem.separation, Separation::Matrix(pairs));
    assert_eq!(codes(&[("matrix", "\"1\",2\n,\n3,4\n")]), ["P016@2"], "quoted tables and workbooks have no empty rows");
    assert_eq!(codes(&[("matrix", "\"1\",\n2,3\n")]), ["P016@1"], "and take a single cell above for a title");
    let first = sound(&[("matrix", "inf,\n1,2\n,3\n")]);
    assert_eq!(first.problem.separation, Separation::Matrix(vec![(0, 1, 1.0), (1, 1, 2.0), (1, 2, 3.0)]));
    assert_eq!(sound(&[("matrix", "1,\n1,2\n")]).problem.demand.ids.len(), 2, "the first row isn't a title");
    assert_eq!(codes(&[("matrix", "1,2\n\n3,4\n")]), ["P016@2"]);
    assert_eq!(codes(&[("matrix", "My matrix\n1,2\n3,4\n")]), ["P003@1"], "no title without a header");
    assert_eq!(codes(&[("matrix", "5\n\n3\n\n")]), ["P016@2"]);
    assert_eq!(sound(&[("matrix", "1,2\n3,4\n\n\n")]).problem.demand.ids.len(), 2, "the end of the file is no row");
}

#[test]
fn matrices_with_a_header_row_and_an_index_column() {
    for matrix in [",A,B\np,1,2\nq,,4\n", "demand,A,B\np,1,2\nq,inf,4\n", "\"\",\"A\",\"B\"\np,1,2\nq,,4\n"] {
        let loaded = sound(&[("matrix", matrix)]);
        assert_eq!((loaded.problem.sites.ids.join(""), loaded.problem.demand.ids.join("")), ("AB".to_owned(), "pq".to_owned()));
        assert_eq!(loaded.problem.separation, Separation::Matrix(vec![(0, 0, 1.0), (1, 0, 2.0), (1, 1, 4.0)]), "{matrix}");
    }
    let with = sound(&[("matrix", "demand,B,A\np,1,2\n"), ("sites", "id\nA\nB\n"), ("demand", "id,weight\np,3\nq,1\n")]);
    assert_eq!(with.problem.separation, Separation::Matrix(vec![(0, 0, 2.0), (1, 0, 1.0)]));
    assert_eq!(
        codes(&[("matrix", "demand,B,C\np,1,2\nz,1,2\n"), ("sites", "id\nB\n"), ("demand", "id\np\n")]),
        ["P007@", "P007@3"]
    );
    assert_eq!(codes(&[("matrix", "demand,A,A\np,1,2\np,-1,x\n")]), ["P020@", "P002@3", "P004@3", "P003@3"]);
    // As pandas writes numbered rows and columns: could be bare numbers too.
    assert_eq!(codes(&[("matrix", ",0,1\n0,1.5,2\n1,3,4\n")]), ["P018@1"]);
    let numbered = sound(&[("matrix", "demand,0,1\n0,1.5,2\n1,3,4\n")]);
    assert_eq!(numbered.problem.separation, Separation::Matrix(vec![(0, 0, 1.5), (0, 1, 3.0), (1, 0, 2.0), (1, 1, 4.0)]));
}

#[test]
fn nothing_is_rounded_in_silence() {
    let sites = "x,y,capacity\n1,1,0.9999999999999\n";
    let loaded = sound(&[("sites", sites), ("demand", "x,y,weight\n1,1,1\n")]);
    assert_eq!((loaded.problem.weight_scale, loaded.problem.sites.capacities.clone()), (1_000_000, vec![Some(999_999)]));
    assert_eq!(notes(&loaded), ["P208"], "rounded down");
    let long = sound(&[("sites", "x,y\n1,1\n"), ("demand", "x,y,weight\n1,1,1234567.1234564\n1,1,1\n")]);
    assert_eq!((long.problem.weight_scale, long.problem.demand.weights.clone()), (1_000_000, vec![1_234_567_123_456, 1_000_000]));
    assert_eq!(notes(&long), ["P202"]);
    let exact = sound(&[("sites", "x,y,capacity\n1,1,0.29\n"), ("demand", "x,y,weight\n1,1,0.57\n")]);
    assert_eq!((exact.problem.sites.capacities.clone(), exact.problem.demand.weights.clone()), (vec![Some(29)], vec![57]));
    assert!(notes(&exact).is_empty());
}

#[test]
fn parquet_is_read_like_csv() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut frame: DataFrame = df!["site" => ["A", "B"], "demand" => [7i64, 8], "impedance" => [1.25, 1e-3]].expect("a frame");
    let path = dir.path().join("od.parquet");
    ParquetWriter::new(fs::File::create(&path).expect("a file")).finish(&mut frame).expect("written");
    let loaded = load_location(&LocationFiles { matrix: Some(path), ..LocationFiles::default() }).expect("loads");
    assert_eq!(loaded.problem.demand.ids, ["7", "8"]);
    assert_eq!(loaded.problem.separation, Separation::Matrix(vec![(0, 0, 1.25), (1, 1, 0.001)]));
}

#[test]
fn all_faults_at_once_with_their_rows() {
    let sites = "id,lon,lat,role,cost,capacity\nA,0,0,,1,\nA,200,0,boss,1.5,-1\n,1,1,,x,\n1,2,3,,,,,9\n";
    let expected = ["P005@3", "P006@3", "P015@3", "P004@3", "P003@4", "P010@5", "P002@3", "P019@4", "P003@2", "P004@3", "P003@4"];
    let demand = "id,lon,lat,weight\np,NaN,0,1\nq,0,0,-2\nr,0,0,\n";
    assert_eq!(codes(&[("sites", sites), ("demand", demand)]), expected);
    let dot = ("demand", "id,x,y\n1,1,1\n");
    assert_eq!(codes(&[("sites", "id,x\n1,2\n"), dot]), ["P001@"]);
    assert_eq!(codes(&[("sites", "1,2\n3,4\n"), dot]), ["P011@"]);
    assert_eq!(codes(&[("sites", "id,x,y\n"), dot]), ["P012@"]);
    assert_eq!(codes(&[("sites", "id,lon,lat\nA,1,1\n"), dot]), ["P013@"]);
    assert_eq!(codes(&[("sites", "id,x,y\nA,1,1\n"), ("demand", "x,y,weight\n1,1,1e16\n")]), ["P014@"]);
    let matrix = "site,demand,impedance\nA,p,1\nB,p,1\nA,p,2\nA,q,x\n";
    assert_eq!(codes(&[("matrix", matrix), ("sites", "id\nA\n")]), ["P007@3", "P003@5", "P008@4"]);
    assert_eq!(codes(&[("matrix", "site,demand\nA,p\n")]), ["P001@"]);
    assert_eq!(
        load_location(&LocationFiles { sites: Some("no/such".into()), ..Default::default() }).expect_err("none").count(),
        1
    );
}

#[test]
fn decimals_beyond_the_sixth_are_rounded_and_said_so() {
    let loaded = sound(&[("sites", "x,y\n1,1\n"), ("demand", "x,y,weight\n1,1,0.1234567\n1,1,1\n")]);
    assert_eq!((loaded.problem.weight_scale, loaded.problem.demand.weights.clone()), (1_000_000, vec![123_457, 1_000_000]));
    assert_eq!(notes(&loaded), ["P202"]);
    let tenths = sound(&[("sites", "x,y\n1,1\n"), ("demand", "x,y,weight\n1,1,0.3\n1,1,0.7\n")]);
    assert_eq!((tenths.problem.weight_scale, tenths.problem.demand.weights), (10, vec![3, 7]));
}

#[test]
fn metrics_by_name() {
    let names = ["euclidean", "geodesic", "haversine:6371000"];
    for name in names {
        assert_eq!(metric_name(&Separation::Metric(metric_of(name).expect("known"))), name);
    }
    assert_eq!(metric_of("haversine"), Some(Metric::Haversine(6_371_008.8)));
    for name in ["haversine:", "haversine:-1", "haversine:inf", "manhattan"] {
        assert_eq!(metric_of(name), None, "{name}");
    }
}

#[test]
fn the_metric_asked_for_decides_what_x_and_y_are() {
    let dir = tempfile::tempdir().expect("a folder");
    let plane = files(dir.path(), &[("sites", "x,y\n1,1\n"), ("demand", "x,y\n1,2\n")]);
    let geodesic = load_location(&LocationFiles { metric: Some(Metric::Geodesic), ..plane.clone() }).expect("degrees");
    assert_eq!((notes(&geodesic), geodesic.degrees), (vec!["P209", "P203"], Some(vec![[1.0, 1.0]])));
    let far = files(dir.path(), &[("sites", "x,y\n1,1\n"), ("demand", "x,y\n500,2\n")]);
    assert!(load_location(&LocationFiles { metric: Some(Metric::Geodesic), ..far }).is_err());
}
