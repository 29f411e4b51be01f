// Makes a province of a report: 12,000 stations, 200,000 squares, 4 days, with the words of a real report.
import { recompute } from './blob.mjs';

const [COLUMNS, ROWS, STATIONS, NEAR] = [500, 400, 12000, 2];
const DAYS = [['autumn', 'weekday'], ['winter_peak', 'weekday'], ['winter_peak', 'festival'], ['summer_peak', 'weekend']];
const ALL = Array.from({ length: 24 }, (_, hour) => hour);

/** A generator of numbers from 0 to 1, the same every time (mulberry32). */
function numbers(seed) {
  return () => {
    seed = seed + 0x6d2b79f5 | 0;
    let t = Math.imul(seed ^ seed >>> 15, 1 | seed);
    t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t;
    return ((t ^ t >>> 14) >>> 0) / 4294967296;
  };
}

function station(model, index, [column, row]) {
  const name = `第${index + 1}驿站`;
  return {
    type: 'Feature', geometry: { type: 'Point', coordinates: [125 + column * 0.0032, 44 + row * 0.00225] },
    properties: { ...model, station_id: `S${index + 1}`, name, kind: index % 12 ? 'fixed' : 'smart_room', status: 'active' },
  };
}

function grid() {
  const ticks = end => [...Array.from({ length: Math.ceil(end / 16) }, (_, k) => k * 16), end];
  const [at_column, at_row] = [ticks(COLUMNS), ticks(ROWS)];
  return { columns: COLUMNS, rows: ROWS, cell_m: 250, at_column, at_row,
    lon: at_row.map(() => at_column.map(column => 125 + column * 0.0032)), lat: at_row.map(row => at_column.map(() => 44 + row * 0.00225)) };
}

function reach(places) {
  const at = new Map();
  places.forEach(([column, row], site) => {
    for (let y = Math.ceil(row) - NEAR - 1; y <= row + NEAR; y++) {
      for (let x = Math.ceil(column) - NEAR - 1; x <= column + NEAR; x++) {
        if (x < 0 || y < 0 || x >= COLUMNS || y >= ROWS || Math.hypot(x + 0.5 - column, y + 0.5 - row) > NEAR) continue;
        const cell = y * COLUMNS + x;
        at.set(cell, [...(at.get(cell) ?? []), site]);
      }
    }
  });
  const [start, site] = [new Uint32Array(COLUMNS * ROWS + 1), []];
  for (let cell = 0; cell < COLUMNS * ROWS; cell++) {
    site.push(...(at.get(cell) ?? []));
    start[cell + 1] = site.length;
  }
  return { reach_start: start, reach_site: Uint32Array.from(site), reach_flags: Uint8Array.from(site, (_, k) => (k % 7 ? 0xff : 0x0f)) };
}

function demand(random) {
  const values = new Uint32Array(DAYS.length * COLUMNS * ROWS * 24);
  for (let k = 0; k < values.length; k += 24) {
    const busy = Math.floor(random() ** 6 * 800) + 1;
    for (let hour = 0; hour < 24; hour++) values[k + hour] = busy * (hour > 6 && hour < 21 ? 3 : 1);
  }
  return values;
}

export function big({ header }) {
  const random = numbers(7);
  const model = header.layers.zh.stations.features.find(feature => feature.geometry).properties;
  const places = Array.from({ length: STATIONS }, () => [random() * COLUMNS, random() * ROWS]);
  const features = places.map((place, index) => station(model, index, place));
  const days = DAYS.map(([season, day_type], index) => ({ season, day_type, planning: index === 0 }));
  const sites = features.map((feature, index) => ({ id: `S${index + 1}`, smart: index % 12 === 0, rec: null, closes: false }));
  const layers = Object.fromEntries(['zh', 'en'].map(lang => [lang, { ...header.layers[lang],
    stations: { type: 'FeatureCollection', features }, gaps: { features: [] }, duplicates: { features: [] }, recommend: { features: [] } }]));
  const open = Uint32Array.from({ length: DAYS.length * STATIONS }, (_, k) => (k % 12 ? 0x1ff00 : 0xffffff));
  const arrays = {
    square_at: Uint16Array.from({ length: 2 * COLUMNS * ROWS }, (_, k) => (k % 2 ? Math.floor(k / 2 / COLUMNS) : k / 2 % COLUMNS)),
    cell_square: Uint32Array.from({ length: COLUMNS * ROWS }, (_, cell) => cell),
    demand: demand(random), ...reach(places), open_before: open, open_after: open,
  };
  const made = { header: { ...header, days, sites, layers, grid: grid(), buses: [], curve: [], base: { water: [], railway: [], expressway: [], crossing: [], street: [] } }, arrays };
  made.header.ladder = days.map(({ season, day_type }, day) => {
    const steps = ['radius', 'path', 'open'].map(rung => recompute(made, { day, hours: ALL, rung, stage: 'today' }));
    const covered = steps.map(step => step.covered);
    return { standard: `${header.standard.id}@${header.standard.version}`, stage: 'today', season, day_type, demand: steps[0].demand, covered: [...covered, covered[2], covered[2]] };
  });
  return made;
}
