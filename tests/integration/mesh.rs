//! A mesh of streets over Daoli that no barrier line cuts: what is left of the barriers is the way around.

use yizhan::crs::LonLat;
use yizhan::ingest::BarrierLine;
use yizhan::network::encode::encode;
use yizhan::network::geodesy::Spot;
use yizhan::network::osm::Elements;

/// West, south, east, north of the mesh.
const BOX: [f64; 4] = [126.498, 45.710, 126.647, 45.802];
/// Junctions from west to east and from south to north, about 100 m apart.
const SIZE: [usize; 2] = [117, 103];

type Point = [f64; 2];

/// Nodes and tags.
type Way = (Vec<i64>, &'static [(&'static str, &'static str)]);

/// The mesh as an `.osm.pbf`: junctions joined with their eight neighbours, barriers as lines of the map, bridges and level crossings.
pub fn encoded(barriers: &[BarrierLine]) -> Vec<u8> {
    let lines: Vec<(&str, Vec<Point>)> =
        barriers.iter().map(|b| (b.kind.as_str(), b.line.iter().map(|p| [p.lon(), p.lat()]).collect())).collect();
    let is_cut = |a: Point, b: Point| lines.iter().any(|(_, line)| line.windows(2).any(|s| crosses(a, b, s[0], s[1])));
    let mut mesh = Elements::default();
    let mut next = 0;
    let mut node = |mesh: &mut Elements, at: Point| {
        next += 1;
        mesh.node(next, Spot::from(LonLat::new(at[0], at[1]).unwrap()));
        next
    };
    let ids: Vec<i64> = (0..SIZE[0] * SIZE[1]).map(|row| node(&mut mesh, junction(row))).collect();
    let mut ways: Vec<Way> = Vec::new();
    for row in 0..ids.len() {
        for other in neighbours(row) {
            if !is_cut(junction(row), junction(other)) {
                ways.push((vec![ids[row], ids[other]], &[("highway", "residential")]));
            }
        }
    }
    let nearest = |to: Point| {
        let far = |row: &usize| distance(junction(*row), to);
        let seen = (0..ids.len()).filter(|row| !is_cut(junction(*row), to));
        seen.min_by(|a, b| far(a).total_cmp(&far(b))).unwrap()
    };
    for (from, to) in
        barriers.iter().flat_map(|barrier| &barrier.crossings).map(|(a, b)| ([a.lon(), a.lat()], [b.lon(), b.lat()]))
    {
        let [from, to] = if from == to { apart(from) } else { [from, to] };
        let bridge = vec![ids[nearest(from)], node(&mut mesh, from), node(&mut mesh, to), ids[nearest(to)]];
        ways.push((bridge, &[("highway", "residential"), ("bridge", "yes")]));
    }
    for (kind, line) in &lines {
        let nodes = line.iter().map(|&at| node(&mut mesh, at)).collect();
        ways.push((nodes, if *kind == "railway" { &[("railway", "rail")] } else { &[("waterway", "river")] }));
    }
    for (id, (nodes, tags)) in (1..).zip(&ways) {
        mesh.way(id, nodes, tags);
    }
    encode(&mesh)
}

fn junction(row: usize) -> Point {
    let share = |at: usize, size: usize| at as f64 / (size - 1) as f64;
    let (east, north) = (share(row % SIZE[0], SIZE[0]), share(row / SIZE[0], SIZE[1]));
    [BOX[0] + (BOX[2] - BOX[0]) * east, BOX[1] + (BOX[3] - BOX[1]) * north]
}

/// Neighbours to the east and north, each pair once.
fn neighbours(row: usize) -> impl Iterator<Item = usize> {
    let (column, line) = ((row % SIZE[0]) as i64, (row / SIZE[0]) as i64);
    [(1, 0), (0, 1), (1, 1), (-1, 1)].into_iter().filter_map(move |(east, north)| {
        let (east, north) = (column + east, line + north);
        let is_inside = (0..SIZE[0] as i64).contains(&east) && (0..SIZE[1] as i64).contains(&north);
        is_inside.then_some(north as usize * SIZE[0] + east as usize)
    })
}

/// The two ends of a level crossing of a line from south to north: ten metres east and west.
fn apart(at: Point) -> [Point; 2] {
    [[at[0] - 1.3e-4, at[1]], [at[0] + 1.3e-4, at[1]]]
}

fn distance(a: Point, b: Point) -> f64 {
    ((a[0] - b[0]) * 0.7).hypot(a[1] - b[1])
}

fn crosses(a: Point, b: Point, p: Point, q: Point) -> bool {
    let left =
        |from: Point, to: Point, at: Point| (to[0] - from[0]) * (at[1] - from[1]) - (to[1] - from[1]) * (at[0] - from[0]) > 0.0;
    left(a, b, p) != left(a, b, q) && left(p, q, a) != left(p, q, b)
}
