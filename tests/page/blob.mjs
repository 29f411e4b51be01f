// Takes the data out of a report.html, and puts other data in; written from CONTRACT.md, not from the page's own scripts.
import { deflateSync, inflateSync } from 'node:zlib';

const SLOT = /(<script type="application\/octet-stream" id="data">)([^<]*)(<\/script>)/;
const TYPES = { u8: Uint8Array, u16: Uint16Array, u32: Uint32Array };
const round4 = length => Math.ceil(length / 4) * 4;

export function unpack(html) {
  const bytes = inflateSync(Buffer.from(html.match(SLOT)[2], 'base64'));
  const length = bytes.readUInt32LE(0);
  const header = JSON.parse(bytes.subarray(4, 4 + length).toString('utf8'));
  const begin = round4(4 + length);
  const arrays = {};
  for (const [name, { type, offset, length: count }] of Object.entries(header.arrays)) {
    const size = count * TYPES[type].BYTES_PER_ELEMENT;
    const own = new Uint8Array(bytes.subarray(begin + offset, begin + offset + size));
    arrays[name] = new TYPES[type](own.buffer);
  }
  return { header, arrays };
}

export function pack(html, { header, arrays }, level = 6) {
  const listed = {};
  let offset = 0;
  for (const [name, values] of Object.entries(arrays)) {
    const type = Object.keys(TYPES).find(key => values instanceof TYPES[key]);
    listed[name] = { type, offset, length: values.length };
    offset = round4(offset + values.byteLength);
  }
  const text = Buffer.from(JSON.stringify({ ...header, arrays: listed }), 'utf8');
  const begin = round4(4 + text.length);
  const bytes = Buffer.alloc(begin + offset);
  bytes.writeUInt32LE(text.length, 0);
  text.copy(bytes, 4);
  for (const [name, values] of Object.entries(arrays)) {
    Buffer.from(values.buffer, values.byteOffset, values.byteLength).copy(bytes, begin + listed[name].offset);
  }
  const base64 = deflateSync(bytes, { level }).toString('base64');
  return html.replace(SLOT, (_, before, __, after) => before + base64 + after);
}

const SEASONS = ['spring', 'summer_peak', 'autumn', 'winter_peak'];

/** Demand and covered demand in visits, recomputed from the arrays in the plainest way. */
export function recompute({ header, arrays }, { day, hours, rung, stage }) {
  const season = SEASONS.indexOf(header.days[day].season);
  const cells = arrays.cell_square.length;
  const open = stage === 'all' ? arrays.open_after : arrays.open_before;
  const counts = (site, flags, hour) => {
    const { rec, closes } = header.sites[site];
    if (stage === 'all' ? closes : rec !== null) return false;
    if (!(flags >> season & 1)) return false;
    if (rung !== 'radius' && !(flags >> (4 + season) & 1)) return false;
    return rung !== 'open' || (open[day * header.sites.length + site] >> hour & 1) === 1;
  };
  let [demand, covered] = [0, 0];
  for (let cell = 0; cell < cells; cell++) {
    for (const hour of hours) {
      const visits = arrays.demand[(day * cells + cell) * 24 + hour];
      if (visits === 0xffffffff) continue;
      demand += visits;
      for (let k = arrays.reach_start[cell]; k < arrays.reach_start[cell + 1]; k++) {
        if (!counts(arrays.reach_site[k], arrays.reach_flags[k], hour)) continue;
        covered += visits;
        break;
      }
    }
  }
  return { demand: demand / 1000, covered: covered / 1000, left: (demand - covered) / 1000, share: demand ? covered / demand : null };
}
