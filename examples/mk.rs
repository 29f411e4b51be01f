#![allow(missing_docs, clippy::all)]
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let r = yizhan::synth::synth(
        std::path::Path::new(&a[1]),
        &yizhan::synth::SynthOptions {
            cell_m: a[2].parse().unwrap(),
            days: a.get(3).map(|d| d.parse().unwrap()),
            seed: 20251001,
        },
        &yizhan::progress::Silent,
    )
    .unwrap();
    println!("{:?}", r.files.len());
}
