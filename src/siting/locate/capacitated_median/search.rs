//! Good answers to a capacitated p-median: construct by regret, move customers, move medians, kick.
//!
//! A customer moves to a nearer open site when there is room, changes places with a customer there, or pushes one on to a third
//! site with room (Osman & Christofides 1994 shift and interchange; ejection of length two). A median moves to the site that
//! serves its customers cheapest (Maranzana 1964). The best of these is made customer by customer until none helps; then one to
//! three medians are replaced at random and their customers inserted again. Customers without room cost a penalty and are moved
//! like all others. Work is counted in costs looked at; the same seed and work give the same answer.

use super::instance::Instance;
use crate::random::Random;

/// Kicks in vain before a new start.
const PATIENCE: usize = 150;

/// Open sites and who goes where.
#[derive(Debug, Clone)]
struct State {
    /// Open sites: those that stand, then the chosen.
    open: Vec<u32>,
    /// Place of each customer's site among the open; `open.len()` when there is no room.
    at: Vec<usize>,
    /// Customers of each open site, and of none.
    members: Vec<Vec<u32>>,
    /// What each open site serves.
    load: Vec<u64>,
    cost: f64,
}

/// A search that can go on.
#[derive(Debug)]
pub struct Search<'a> {
    instance: &'a Instance,
    random: Random,
    /// How many sites stand.
    standing: usize,
    now: State,
    local: State,
    vain: usize,
    /// Least cost, and the site of each customer.
    best: (f64, Vec<u32>),
    work: u64,
}

impl<'a> Search<'a> {
    /// A search from a first start.
    pub fn new(instance: &'a Instance, seed: u64) -> Self {
        let open: Vec<u32> = (0..instance.sites as u32).filter(|&site| instance.standing[site as usize]).collect();
        let none = State { open: open.clone(), at: Vec::new(), members: Vec::new(), load: Vec::new(), cost: f64::INFINITY };
        let mut search = Self {
            instance,
            random: Random::new(seed),
            standing: open.len(),
            now: none.clone(),
            local: none,
            vain: 0,
            best: (instance.penalty, Vec::new()),
            work: 0,
        };
        search.start();
        search
    }

    /// Least cost found and the site of each customer; the penalty and nothing when no whole answer is found yet.
    pub fn best(&self) -> (f64, &[u32]) {
        (self.best.0, &self.best.1)
    }

    /// Costs looked at so far.
    pub fn work(&self) -> u64 {
        self.work
    }

    /// Searches until so much more is looked at, or `stop` says so.
    pub fn run(&mut self, work: u64, stop: &dyn Fn() -> bool) {
        let until = self.work + work;
        let choice = self.instance.sites - self.standing;
        if self.now.open.is_empty() {
            return;
        }
        while self.work < until && !stop() {
            if self.vain > PATIENCE && self.instance.p > 0 && self.instance.p < choice {
                self.start();
            } else {
                self.now = self.local.clone();
                self.kick();
                self.settle();
            }
        }
    }

    /// Tries these candidates as the chosen.
    pub fn try_sites(&mut self, chosen: &[u32]) {
        let mut open = self.local.open[..self.standing].to_vec();
        open.extend(chosen);
        self.construct(open);
        self.settle();
    }

    fn start(&mut self) {
        let mut closed: Vec<u32> = (0..self.instance.sites as u32).filter(|&s| !self.instance.standing[s as usize]).collect();
        let mut open = self.local.open[..self.standing].to_vec();
        for _ in 0..self.instance.p {
            open.push(closed.swap_remove(self.random.below(closed.len())));
        }
        self.local.cost = f64::INFINITY;
        self.vain = 0;
        self.construct(open);
        self.settle();
    }

    /// Opens these and inserts every customer.
    fn construct(&mut self, open: Vec<u32>) {
        let (places, customers) = (open.len(), self.instance.demand.len());
        let mut members = vec![Vec::new(); places + 1];
        members[places] = (0..customers as u32).collect();
        self.now = State { open, at: vec![places; customers], members, load: vec![0; places], cost: 0.0 };
        self.insert();
    }

    /// Inserts customers without a site where it is cheapest, those first who lose most by their second choice, with noise.
    fn insert(&mut self) {
        let nowhere = self.now.open.len();
        let mut random = self.random.clone();
        let mut regret = |&j: &u32| {
            let (mut first, mut second) = (f64::INFINITY, f64::INFINITY);
            for &site in &self.now.open {
                let cost = self.instance.cost(j as usize, site as usize);
                (first, second) = if cost < first { (cost, first) } else { (first, second.min(cost)) };
            }
            let noise = 0.75 + random.below(1024) as f64 / 2048.0;
            noise * if second.is_finite() { second - first } else { self.instance.penalty }
        };
        let mut waiting: Vec<(f64, u32)> = self.now.members[nowhere].iter().map(|j| (regret(j), *j)).collect();
        self.random = random;
        waiting.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        self.work += 2 * (waiting.len() * nowhere) as u64;
        for (_, j) in waiting {
            let fits = (0..nowhere).filter(|&to| self.room(to) >= self.instance.demand[j as usize]);
            let costs = fits.map(|to| (self.at_place(j, to), to)).filter(|(cost, _)| cost.is_finite());
            if let Some((_, to)) = costs.min_by(|a, b| a.0.total_cmp(&b.0)) {
                self.shift(j, to);
            }
        }
    }

    /// Improves what is there, and remembers it.
    fn settle(&mut self) {
        loop {
            self.improve();
            if !self.recentre() {
                break;
            }
        }
        let all = (0..self.now.at.len() as u32).map(|j| self.at_place(j, self.now.at[j as usize]));
        self.now.cost = all.sum();
        self.vain += 1;
        self.work += (self.now.at.len() + self.now.open.len()) as u64;
        if self.now.cost <= self.local.cost {
            if self.now.cost < self.local.cost {
                self.vain = 0;
            }
            self.local = self.now.clone();
        }
        if self.now.members[self.now.open.len()].is_empty() && self.now.cost < self.best.0 {
            self.best = (self.now.cost, self.now.at.iter().map(|&at| self.now.open[at]).collect());
        }
    }

    fn room(&self, place: usize) -> u64 {
        self.instance.capacity[self.now.open[place] as usize] - self.now.load[place]
    }

    /// Cost of a customer at an open site, or without one: more than anywhere, and more for a large one.
    fn at_place(&self, j: u32, place: usize) -> f64 {
        match self.now.open.get(place) {
            Some(&site) => self.instance.cost(j as usize, site as usize),
            None => self.instance.penalty * (1.0 + self.instance.demand[j as usize] as f64),
        }
    }

    fn shift(&mut self, j: u32, to: usize) {
        let from = std::mem::replace(&mut self.now.at[j as usize], to);
        self.now.members[from].retain(|&member| member != j);
        self.now.members[to].push(j);
        let takes = self.instance.demand[j as usize];
        if let Some(load) = self.now.load.get_mut(from) {
            *load -= takes;
        }
        if let Some(load) = self.now.load.get_mut(to) {
            *load += takes;
        }
    }

    /// Moves customers until no move helps.
    fn improve(&mut self) {
        let mut moved = true;
        while moved {
            moved = false;
            for j in 0..self.now.at.len() as u32 {
                if let Some((to, pushed)) = self.best_move(j) {
                    if let Some((other, onward)) = pushed {
                        self.shift(other, onward);
                    }
                    self.shift(j, to);
                    moved = true;
                }
            }
        }
    }

    /// Where a customer goes best, and who has to leave for where.
    fn best_move(&mut self, j: u32) -> Option<(usize, Option<(u32, usize)>)> {
        let (places, from) = (self.now.open.len(), self.now.at[j as usize]);
        let (takes, here) = (self.instance.demand[j as usize], self.at_place(j, from));
        let mut best = (1e-9 * here.max(1e-3), None);
        let mut looked = places;
        for to in (0..places).filter(|&to| to != from) {
            let gain = here - self.at_place(j, to);
            if gain <= 1e-9 * here.max(1e-3) {
                continue;
            }
            if self.room(to) >= takes {
                if gain > best.0 {
                    best = (gain, Some((to, None)));
                }
                continue;
            }
            for &other in &self.now.members[to] {
                let gives = self.instance.demand[other as usize];
                if self.room(to) + gives < takes {
                    continue;
                }
                let there = self.at_place(other, to);
                looked += places;
                for onward in (0..=places).filter(|&onward| onward != to) {
                    let room = match onward {
                        _ if onward == places => u64::MAX,
                        _ if onward == from => self.room(from) + takes,
                        _ => self.room(onward),
                    };
                    let total = gain + there - self.at_place(other, onward);
                    if total > best.0 && gives <= room {
                        best = (total, Some((to, Some((other, onward)))));
                    }
                }
            }
        }
        self.work += looked as u64;
        best.1
    }

    /// Moves medians to where they serve their customers cheapest. Whether any moved.
    fn recentre(&mut self) -> bool {
        let mut is_open = self.instance.standing.clone();
        self.now.open.iter().for_each(|&site| is_open[site as usize] = true);
        let mut moved = false;
        for place in self.standing..self.now.open.len() {
            let members = &self.now.members[place];
            let total = |site: usize| -> f64 { members.iter().map(|&j| self.instance.cost(j as usize, site)).sum() };
            let fits = |&site: &usize| !is_open[site] && self.instance.capacity[site] >= self.now.load[place];
            let now = self.now.open[place] as usize;
            let best = (0..self.instance.sites).filter(fits).map(|site| (total(site), site)).min_by(|a, b| a.0.total_cmp(&b.0));
            self.work += (members.len() * self.instance.sites) as u64;
            if let Some((cost, site)) = best.filter(|&(cost, _)| cost < total(now) * (1.0 - 1e-12)) {
                debug_assert!(cost.is_finite());
                (is_open[now], is_open[site]) = (false, true);
                self.now.open[place] = site as u32;
                moved = true;
            }
        }
        moved
    }

    /// Replaces up to three medians and inserts their customers again; now and then everyone.
    fn kick(&mut self) {
        let (places, sites) = (self.now.open.len(), self.instance.sites);
        let choice = self.instance.p > 0 && self.instance.p < sites - self.standing;
        for _ in 0..=self.random.below(3) {
            if !choice {
                for j in self.now.members[self.random.below(places)].clone() {
                    self.shift(j, places);
                }
                continue;
            }
            let place = self.standing + self.random.below(places - self.standing);
            let mut enters = self.random.below(sites);
            while self.instance.standing[enters] || self.now.open[self.standing..].contains(&(enters as u32)) {
                enters = (enters + 1) % sites;
            }
            for j in self.now.members[place].clone() {
                self.shift(j, places);
            }
            self.now.open[place] = enters as u32;
        }
        if self.random.below(4) == 0 {
            self.construct(self.now.open.clone());
        } else {
            self.insert();
        }
    }
}
