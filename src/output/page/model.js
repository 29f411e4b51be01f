// What the page computes itself, without any display: coverage by day, hour and rung, before and after the recommendation.
// Demand is in thousandths of a visit, so sums are whole numbers and agree exactly with those of the program.

Yizhan.model = (() => {
  const SEASONS = ['spring', 'summer_peak', 'autumn', 'winter_peak'];
  const RUNGS = ['radius', 'path', 'open'];
  const ALL_DAY = 0xffffff;
  const ALL_HOURS = Array.from({ length: 24 }, (_, hour) => hour);
  const WITHHELD = 0xffffffff;

  function create({ header, arrays }) {
    return {
      ...arrays,
      header,
      days: header.days,
      sites: header.sites,
      cells: arrays.cell_square.length,
      squares: arrays.square_at.length / 2,
      planning: Math.max(0, header.days.findIndex(day => day.planning)),
    };
  }

  const standing = (site, stage) => (stage === 'all' ? !site.closes : site.rec === null);
  const maskOf = hours => hours.reduce((mask, hour) => mask | 1 << hour, 0);

  /** Hours of each site that count on a rung; 0 for a site that does not stand at this stage. */
  function servedHours(model, day, rung, stage) {
    const open = stage === 'all' ? model.open_after : model.open_before;
    const begin = day * model.sites.length;
    return Uint32Array.from(model.sites, (site, index) => {
      if (!standing(site, stage)) return 0;
      return rung === 'open' ? open[begin + index] : ALL_DAY;
    });
  }

  /** Bits of `reach_flags` that a rung asks for on a day. */
  function needed(model, day, rung) {
    const straight = 1 << SEASONS.indexOf(model.days[day].season);
    return rung === 'radius' ? straight : straight | straight << 4;
  }

  /** For each demand cell, the hours in which a station covers it. */
  function coveredHours(model, day, rung, stage) {
    const served = servedHours(model, day, rung, stage);
    const need = needed(model, day, rung);
    const { reach_start: start, reach_site: site, reach_flags: flags } = model;
    const masks = new Uint32Array(model.cells);
    for (let cell = 0; cell < masks.length; cell++) {
      let mask = 0;
      for (let k = start[cell]; k < start[cell + 1]; k++) {
        if ((flags[k] & need) === need) mask |= served[site[k]];
      }
      masks[cell] = mask;
    }
    return masks;
  }

  /** Demand and what is covered of it in each square over some hours, and which squares hold withheld values. */
  function bySquare(model, day, hours, masks) {
    const { demand, cell_square: square } = model;
    const sums = { demand: new Float64Array(model.squares), covered: new Float64Array(model.squares), withheld: new Uint8Array(model.squares) };
    const begin = day * model.cells * 24;
    for (let cell = 0; cell < model.cells; cell++) {
      const at = begin + cell * 24;
      for (const hour of hours) {
        const visits = demand[at + hour];
        if (visits === WITHHELD) sums.withheld[square[cell]] = 1;
        else {
          sums.demand[square[cell]] += visits;
          if (masks[cell] >> hour & 1) sums.covered[square[cell]] += visits;
        }
      }
    }
    return sums;
  }

  /** Demand and what is covered of it in each hour of a day. */
  function byHour(model, day, masks) {
    const sums = { demand: new Float64Array(24), covered: new Float64Array(24) };
    let at = day * model.cells * 24;
    for (let cell = 0; cell < model.cells; cell++) {
      for (let hour = 0; hour < 24; hour++, at++) {
        const visits = model.demand[at];
        if (visits === WITHHELD) continue;
        sums.demand[hour] += visits;
        if (masks[cell] >> hour & 1) sums.covered[hour] += visits;
      }
    }
    return sums;
  }

  /** The same as `total` for a whole day from the ladder, which holds what may be published; unknown figures are null. */
  function published(model, day, rung, stage) {
    const { standard, ladder } = model.header;
    const kind = model.days[day];
    const row = ladder.find(one => one.standard === `${standard.id}@${standard.version}` && one.stage === stage
      && one.season === kind.season && one.day_type === kind.day_type);
    const [demand, covered] = [row?.demand ?? null, row?.covered[RUNGS.indexOf(rung)] ?? null];
    const known = demand !== null && covered !== null;
    return { demand, covered, left: known ? demand - covered : null, share: known && demand > 0 ? covered / demand : null };
  }

  /** Sums of `byHour` over some hours, in visits. */
  function total(profile, hours) {
    const sum = values => hours.reduce((upto, hour) => upto + values[hour], 0) / 1000;
    const [demand, covered] = [sum(profile.demand), sum(profile.covered)];
    return { demand, covered, left: demand - covered, share: demand > 0 ? covered / demand : null };
  }

  /** Sites that cover a cell of a square in one of some hours. */
  function sitesOf(model, square, { day, rung, stage, hours }) {
    const served = servedHours(model, day, rung, stage);
    const [need, mask] = [needed(model, day, rung), maskOf(hours)];
    const found = new Set();
    for (let cell = model.cell_square.indexOf(square); cell >= 0; cell = model.cell_square.indexOf(square, cell + 1)) {
      for (let k = model.reach_start[cell]; k < model.reach_start[cell + 1]; k++) {
        const site = model.reach_site[k];
        if ((model.reach_flags[k] & need) === need && served[site] & mask) found.add(site);
      }
    }
    return [...found];
  }

  /** Demand that a site covers in some hours, and how much of it no other station covers then; in visits. */
  function servedBy(model, site, { day, rung, stage, hours }) {
    const served = servedHours(model, day, rung, stage);
    const need = needed(model, day, rung);
    let [covered, alone] = [0, 0];
    for (let cell = 0; cell < model.cells; cell++) {
      let [own, others] = [0, 0];
      for (let k = model.reach_start[cell]; k < model.reach_start[cell + 1]; k++) {
        if ((model.reach_flags[k] & need) !== need) continue;
        if (model.reach_site[k] === site) own = served[site];
        else others |= served[model.reach_site[k]];
      }
      if (own === 0) continue;
      for (const hour of hours) {
        const visits = model.demand[(day * model.cells + cell) * 24 + hour];
        if (visits === WITHHELD || !(own >> hour & 1)) continue;
        covered += visits;
        if (!(others >> hour & 1)) alone += visits;
      }
    }
    return { covered: covered / 1000, alone: alone / 1000 };
  }

  /** Rows of the ladder that the page's own whole-day sums do not equal: none, unless the file is damaged. */
  function faults(model) {
    const { standard, ladder, profile } = model.header;
    const faulty = [];
    // Squares of the public edition are means, and some are withheld.
    if (profile === 'public') return faulty;
    model.days.forEach((kind, day) => {
      const rows = ladder.filter(row => row.standard === `${standard.id}@${standard.version}` && row.stage !== 'new_sites'
        && row.season === kind.season && row.day_type === kind.day_type);
      for (const row of rows) {
        RUNGS.forEach((rung, step) => {
          const sum = total(byHour(model, day, coveredHours(model, day, rung, row.stage)), ALL_HOURS);
          if (Math.abs(sum.covered - row.covered[step]) > 5e-4) faulty.push({ kind, rung, sum: sum.covered, ladder: row.covered[step] });
        });
      }
    });
    return faulty;
  }

  const ROUND = [
    [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10],
    [1, 1.2, 1.4, 1.6, 1.8, 2, 2.2, 2.5, 2.8, 3, 3.5, 4, 4.5, 5, 5.5, 6, 6.5, 7, 7.5, 8, 8.5, 9, 9.5, 10],
  ];

  function rounded(value, mantissas) {
    const exponent = Math.floor(Math.log10(value));
    const scaled = value / 10 ** exponent;
    const nearest = mantissas.reduce((best, m) => (Math.abs(m - scaled) < Math.abs(best - scaled) ? m : best));
    return Number(`${nearest}e${exponent}`);
  }

  /** Upper bounds of all classes but the last: about equal sums, moved to round numbers (as on the program's own maps). */
  function breaks(values, count) {
    const sorted = Float64Array.from(values).filter(value => value > 0).sort();
    const sum = sorted.reduce((upto, value) => upto + value, 0);
    const raw = [];
    let upto = 0;
    for (const value of sorted) {
      upto += value;
      while (raw.length < count - 1 && upto >= sum * (raw.length + 1) / count) raw.push(value);
    }
    const largest = sorted[sorted.length - 1];
    const tidy = mantissas => [...new Set(raw.map(value => rounded(value, mantissas)))].filter(value => value < largest);
    const [coarse, fine] = ROUND.map(tidy);
    return fine.length > coarse.length ? fine : coarse;
  }

  /** Classes of a surface, the same for all hours and days: from the planning day, on foot, as things are today. */
  function scale(model, surface, whole, count) {
    const masks = coveredHours(model, model.planning, 'path', 'today');
    const times = whole ? [ALL_HOURS] : ALL_HOURS.map(hour => [hour]);
    const every = Math.ceil(times.length * model.squares / 250000);
    const values = times.flatMap(hours => {
      const { demand, covered } = bySquare(model, model.planning, hours, masks);
      const value = surface === 'unmet' ? demand.map((visits, square) => visits - covered[square]) : demand;
      return Array.from(value.filter((_, square) => square % every === 0), visits => visits / 1000);
    });
    return breaks(values, count);
  }

  /** The place of a lattice point (column, row), fractions allowed: bilinear between the points that are given. */
  function place({ at_column: columns, at_row: rows, lon, lat }, column, row) {
    const part = (ticks, value) => {
      let k = ticks.findIndex(tick => tick > value) - 1;
      if (k < 0) k = value < ticks[0] ? 0 : ticks.length - 2;
      return [k, (value - ticks[k]) / (ticks[k + 1] - ticks[k])];
    };
    const [[j, u], [i, v]] = [part(columns, column), part(rows, row)];
    const mix = z => (z[i][j] * (1 - u) + z[i][j + 1] * u) * (1 - v) + (z[i + 1][j] * (1 - u) + z[i + 1][j + 1] * u) * v;
    return [mix(lon), mix(lat)];
  }

  /** The column and row of a place, by Newton's method: the lattice is nearly straight, so a few steps are enough. */
  function columnRow(grid, lon, lat) {
    let [column, row] = [grid.columns / 2, grid.rows / 2];
    for (let step = 0; step < 6; step++) {
      const [x, y] = place(grid, column, row);
      const [east, north] = [place(grid, column + 1, row), place(grid, column, row + 1)];
      const [a, b, c, d] = [east[0] - x, north[0] - x, east[1] - y, north[1] - y];
      const scale = a * d - b * c;
      column += (d * (lon - x) - b * (lat - y)) / scale;
      row += (a * (lat - y) - c * (lon - x)) / scale;
    }
    return [Math.floor(column), Math.floor(row)];
  }

  return {
    create, RUNGS, ALL_DAY, ALL_HOURS, standing, maskOf, servedHours, coveredHours, bySquare, byHour, total, published,
    sitesOf, servedBy, faults, breaks, scale, place, columnRow,
  };
})();
