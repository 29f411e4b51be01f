//! Coverage against the number of measures, with its bound, the plan and the knee.

use crate::output::map::{Chart, Colour, Line, Mark};
use crate::output::maps::parts::Atlas;
use crate::output::report::notes;
use crate::quantity::Weight;
use crate::siting::placements::Budgets;

pub(in crate::output::maps) fn chart(atlas: &Atlas<'_>) -> Option<(String, Chart)> {
    let writer = atlas.writer;
    let siting = writer.findings.siting.as_ref()?;
    let curve = siting.curve.as_ref().filter(|curve| !curve.points.is_empty())?;
    let percent = |added: Weight| (siting.covered_before + added).share_of(siting.total).percent();
    let values = |of: &dyn Fn(usize) -> Weight| -> Vec<f64> {
        std::iter::once(Weight::ZERO).chain((0..curve.points.len()).map(of)).map(percent).collect()
    };
    let covered = values(&|row| curve.points[row].added);
    let plan = Budgets::of(&writer.scenario.file.siting).most();
    let knee = curve.knee.map(|p| ("map.curve.knee", p));
    let points = knee.into_iter().chain([("map.curve.plan", plan)]).filter(|(_, p)| (*p as usize) < covered.len());
    let mark = |(key, p): (&str, u32)| {
        let value = covered[p as usize];
        let text = writer.say(key, &[("n", &p), ("share", &format!("{value:.1} %"))]);
        Mark { at: p as usize, value, text }
    };
    let day = writer.day(writer.scenario.planning_day);
    let chart = Chart {
        title: writer.say("map.curve.title", &[("title", &writer.pick(&writer.scenario.file.title))]),
        subtitle: writer.say("map.curve.subtitle", &[("day", &day), ("total", &writer.amount(siting.total))]),
        axis: writer.say("map.curve.axis", &[]),
        lines: vec![
            Line {
                name: writer.say("map.curve.bound", &[]),
                colour: Colour::RULE,
                width_mm: 1.0,
                values: values(&|row| curve.points[row].bound),
            },
            Line {
                name: writer.say("map.curve.covered", &[]),
                colour: Colour::hex(0x0b4f8c),
                width_mm: 0.45,
                values: covered.clone(),
            },
        ],
        marks: points.map(mark).collect(),
        notes: notes(writer, atlas.run)
            .into_iter()
            .take(1)
            .chain([writer.say("map.curve.run", &[("run", &atlas.run)])])
            .collect(),
    };
    Some(("siting-curve".to_owned(), chart))
}
