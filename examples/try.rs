#![allow(missing_docs, clippy::all, clippy::print_stdout, clippy::unwrap_used)]
use yizhan::*;
fn main() {
    let path = std::env::args().nth(1).unwrap();
    let s = match scenario::load(std::path::Path::new(&path)) {
        Ok(s) => s,
        Err(e) => {
            println!("{e}");
            return;
        }
    };
    let t = std::time::Instant::now();
    let f = match pipeline::analyse(&s, &progress::Silent) {
        Ok(f) => f,
        Err(e) => {
            println!("{e}");
            return;
        }
    };
    println!(
        "time {:?} stations {} standing {} issues {}",
        t.elapsed(),
        f.dataset.stations.len(),
        f.dataset.sites.len(),
        f.issues.rows().len()
    );
    for l in &f.ladders {
        for d in calendar::DayKind::all() {
            let s = l.ladder.day(d);
            if s.demand.milli() > 0 {
                println!(
                    "{} {d}: {:.1} {:?}",
                    l.standard.id,
                    s.demand.visits(),
                    s.covered.map(|c| (c.share_of(s.demand).percent() * 10.).round() / 10.)
                );
            }
        }
    }
    println!("equity {:?} nearest {:?} served/station {}", f.equity, f.mean_nearest_m, f.served_per_station);
    for g in &f.gaps {
        let gg = &g.gap;
        println!(
            "{} #{} {:?} {:.1} {:.5},{:.5} cells {} worst {} group {} {} {:?} {} nearest {:?} station {:?}",
            gg.day,
            gg.rank,
            gg.cause,
            gg.severity.visits(),
            g.centre.lon(),
            g.centre.lat(),
            gg.grid_cells.len(),
            gg.worst_slot().id(),
            gg.top_group().map_or("", |x| &f.cube.groups()[x.get()]),
            g.action,
            g.kind,
            g.service,
            g.nearest.map(|n| (n.1.round(), n.2.map(f64::round))),
            gg.station.map(|s| &f.dataset.sites[s].name)
        );
    }
    for o in &f.overlaps {
        println!(
            "{:.0} {} {} path {:?} J {:.2} h {:.2} load {:.2} {:?} keep {:?}",
            o.straight_m,
            f.dataset.sites[o.a].name,
            f.dataset.sites[o.b].name,
            o.evidence.path_m.map(f64::round),
            o.evidence.overlap,
            o.evidence.hours_overlap,
            o.evidence.load,
            o.evidence.clauses().iter().filter(|c| !c.1).map(|c| c.0).collect::<Vec<_>>(),
            o.keep.map(|k| &f.dataset.sites[k].name)
        );
    }
    for r in &f.redundant {
        println!("redundant {} loss {}", f.dataset.sites[r.station].name, r.loss().visits());
    }
    for r in &f.reviews {
        println!("review {} {:?}", f.dataset.sites[r.station].name, r.reason);
    }
    if let Some(s) = &f.siting {
        println!(
            "added {} bound {} gap {:.4} before {} total {}",
            s.added.visits(),
            s.bound.visits(),
            s.optimality_gap,
            s.covered_before.visits(),
            s.total.visits()
        );
        for r in &s.recommendations {
            let n = |at: &siting::At| match at {
                siting::At::Candidate(c) => format!("{} {}", f.dataset.candidates[*c].id, f.dataset.candidates[*c].name),
                siting::At::Station(s) => f.dataset.sites[*s].name.clone(),
            };
            println!(
                "{} {} gain {:.2} cum {:.4} runner {:?}",
                r.action.id(),
                n(&r.at),
                r.gain.visits(),
                r.cumulative.get(),
                r.runner_up.map(|(a, l)| (n(&a), l.visits()))
            );
        }
    }
    for a in &f.after {
        for l in &a.ladders {
            let s = l.ladder.day(s.planning_day);
            println!(
                "after {} {} {:?}",
                a.step,
                l.standard.id,
                s.covered.map(|c| (c.share_of(s.demand).percent() * 10.).round() / 10.)
            );
        }
    }
    for b in &f.buses {
        println!(
            "bus {} default {} network {:.3} total {} served {} bound {}",
            b.plan.day,
            b.default_served.visits(),
            b.network_served.share_of(b.demand).get(),
            b.demand.visits(),
            b.plan.served.visits(),
            b.plan.bound.visits()
        );
        for w in &b.plan.windows {
            println!("   {} {}-{} {:.1}", f.dataset.stops[w.stop].name, w.from, w.to, w.served.visits());
        }
        for w in &b.plan.longer_hours {
            println!(
                "   hours {} {}-{} {} {:.1}",
                f.dataset.stops[w.stop].name,
                w.from,
                w.to,
                f.dataset.sites[w.station].name,
                w.visits.visits()
            );
        }
    }
}
