// Opens a report.html (path in REPORT) in a headless Chromium and checks what the page says against its own data.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { big } from './big.mjs';
import { pack, recompute, unpack } from './blob.mjs';

const report = process.env.REPORT;
const html = readFileSync(report, 'utf8');
const data = unpack(html);
const { header } = data;
const ALL = Array.from({ length: 24 }, (_, hour) => hour);
const planning = Math.max(0, header.days.findIndex(day => day.planning));
const EVIL = '<img src=x onerror="window.hurt=1"><script>window.hurt=2</script>';

let browser, folder;

before(async () => {
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  folder = mkdtempSync(join(tmpdir(), 'yizhan-page-'));
});

after(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});

/** Opens a page and fails on anything in the console; `run` gets the page. */
async function visit(run, { file = report, ...options } = {}) {
  const page = await browser.newPage({ viewport: { width: 1366, height: 768 }, colorScheme: 'light', ...options });
  const [noise, requests] = [[], []];
  page.on('console', message => noise.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', error => noise.push(error.stack));
  page.on('request', request => requests.push(request.url()));
  page.setDefaultTimeout(60000);
  await page.goto(pathToFileURL(file).href);
  await page.waitForFunction(() => !document.getElementById('page').hidden);
  await run(page, requests);
  await page.close();
  assert.deepEqual(noise, []);
}

/** A changed copy of the report. */
function altered(name, change) {
  const copy = structuredClone(data);
  const made = change(copy) ?? copy;
  const file = join(folder, name);
  writeFileSync(file, pack(html, made, 1));
  return file;
}

const number = text => Number(text.replace(/[^\d.-]/g, ''));
const near = (a, b, step = 0.0501) => assert.ok(Math.abs(a - b) <= step, `${a} is not ${b}`);
const choose = (page, group, value) => page.locator(`#${group} label:has(input[value="${value}"]) span`).click();

async function slide(page, hour) {
  await page.locator('#hour').fill(String(hour));
}

/** The numbers on the page are those that are recomputed here. */
async function agrees(page, asked, step) {
  const expected = recompute(data, asked);
  const shown = async name => number(await page.locator(`#n-${name}`).innerText());
  for (const name of ['demand', 'covered', 'left']) near(await shown(name), expected[name], step);
  near(await shown('share'), 100 * expected.share);
}

/** A short mark of what the map shows once it is drawn. */
async function picture(page) {
  const dots = await page.evaluate(() => new Promise(done => {
    requestAnimationFrame(() => requestAnimationFrame(() => done(document.querySelector('#map canvas').toDataURL())));
  }));
  return createHash('sha256').update(dots).digest('hex').slice(0, 12);
}

const sides = header.ladder.some(row => row.stage === 'all') ? ['today', 'all'] : ['today'];

test('opens from disk, quietly, within 2 s, with no request but the file itself', async () => {
  const begin = performance.now();
  await visit(async (page, requests) => {
    await picture(page);
    const took = performance.now() - begin;
    console.log(`first draw after ${Math.round(took)} ms (new tab included)`);
    assert.ok(took < 2000, `${took} ms`);
    await page.waitForTimeout(500);
    assert.deepEqual(requests, [pathToFileURL(report).href]);
  });
});

test('its policy refuses whatever would leave the page', async () => {
  const page = await browser.newPage();
  await page.goto(pathToFileURL(report).href);
  const tries = await page.evaluate(() => {
    const image = new Promise(done => Object.assign(new Image(), { onload: () => done('sent'), onerror: () => done('refused'), src: 'https://example.org/x.png' }));
    return Promise.all([fetch('https://example.org/').then(() => 'sent', () => 'refused'), image]);
  });
  assert.deepEqual(tries, ['refused', 'refused']);
  assert.match(await page.getAttribute('meta[http-equiv=Content-Security-Policy]', 'content'), /^default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:/);
  await page.close();
});

test('whole-day sums equal the ladder, and a false ladder is noticed', async () => {
  const { standard } = header;
  for (const [day, kind] of header.days.entries()) {
    for (const stage of sides) {
      const row = header.ladder.find(one => one.standard === `${standard.id}@${standard.version}` && one.stage === stage
        && one.season === kind.season && one.day_type === kind.day_type);
      if (!row) continue;
      ['radius', 'path', 'open'].forEach((rung, step) => near(recompute(data, { day, hours: ALL, rung, stage }).covered, row.covered[step], 5e-4));
    }
  }
  await visit(async page => {
    await page.waitForTimeout(300);
    assert.ok(await page.locator('#warning').isHidden());
    await agrees(page, { day: planning, hours: ALL, rung: 'path', stage: 'today' });
  });
  const file = altered('ladder.html', ({ header: own }) => { own.ladder.forEach(row => { row.covered[0] += 0.001; }); });
  await visit(page => page.locator('#warning').waitFor({ state: 'visible' }), { file });
});

test('hour, slot, season, day, rung and before/after change the numbers to what is recomputed here', { skip: !header.timed }, async () => {
  await visit(async page => {
    for (const hour of [0, 8, 12, 23]) {
      await slide(page, hour);
      await agrees(page, { day: planning, hours: [hour], rung: 'path', stage: 'today' });
    }
    for (const { id, hours } of header.slots) {
      await page.locator(`#slots [value=${id}]`).click();
      await agrees(page, { day: planning, hours, rung: 'path', stage: 'today' });
    }
    await page.locator('#slots [value=day]').click();
    for (const [day, { season, day_type }] of header.days.entries()) {
      await page.locator('#season').selectOption(season);
      await page.locator('#day-type').selectOption(day_type);
      for (const stage of sides) {
        if (sides.length > 1) await choose(page, 'stage', stage);
        for (const rung of ['radius', 'path', 'open']) {
          await choose(page, 'rung', rung);
          await agrees(page, { day, hours: ALL, rung, stage });
        }
      }
    }
    await slide(page, 9);
    const day = header.days.length - 1;
    await agrees(page, { day, hours: [9], rung: 'open', stage: sides[sides.length - 1] });
    const statement = await page.locator('#statement').innerText();
    assert.ok(statement.includes('09:00–10:00'), statement);
    const limit = Math.round(header.standard.limit_m[header.days[day].season]);
    assert.ok(statement.replace(/,/g, '').includes(`${limit} m`), statement);
  });
});

test('the play button moves through the hours and stops', { skip: !header.timed }, async () => {
  await visit(async page => {
    await page.locator('#play').click();
    await page.waitForFunction(() => Number(document.getElementById('hour').value) >= 1);
    await page.locator('#play').click();
    const stopped = await page.locator('#hour').inputValue();
    await page.waitForTimeout(1500);
    assert.equal(await page.locator('#hour').inputValue(), stopped);
  });
});

test('layers switch off and on again', async () => {
  await visit(async page => {
    const whole = await picture(page);
    const boxes = page.locator('#layers input');
    assert.ok(await boxes.count() >= 4);
    for (let k = 0; k < await boxes.count(); k++) {
      await boxes.nth(k).uncheck();
      assert.notEqual(await picture(page), whole, await boxes.nth(k).getAttribute('name'));
      await boxes.nth(k).check();
      assert.equal(await picture(page), whole);
    }
    for (const surface of ['unmet', 'none']) {
      await page.locator(`#surface [value=${surface}]`).check();
      assert.notEqual(await picture(page), whole);
    }
  });
});

test('the map answers the pointer: squares, and items that open', async () => {
  await visit(async page => {
    const box = await page.locator('#map').boundingBox();
    const tip = page.locator('.tip');
    let [squares, items] = [0, 0];
    for (let step = 1; step < 40 && !(squares && items); step++) {
      await page.mouse.move(box.x + box.width * (0.2 + step * 0.015), box.y + box.height * (0.5 + 0.2 * Math.sin(step)));
      if (await tip.isHidden()) continue;
      if (await page.locator('#map.over').count()) items++;
      else {
        squares++;
        assert.match(await tip.innerText(), /\d/);
      }
    }
    assert.ok(squares > 0);
    const place = await page.evaluate(() => document.querySelector('#map').getBoundingClientRect().toJSON());
    for (let y = 20; y < place.height && await page.locator('#card').isHidden(); y += 10) {
      for (let x = 60; x < place.width - 60; x += 10) {
        await page.mouse.move(place.x + x, place.y + y);
        if (!await page.locator('#map.over').count()) continue;
        await page.mouse.click(place.x + x, place.y + y);
        break;
      }
    }
    assert.ok(await page.locator('#card').isVisible());
  });
});

const stations = header.layers[header.layers.zh ? 'zh' : 'en'].stations.features.map(feature => feature.properties);
const standing = stations.find(one => header.sites.some(site => site.id === one.station_id));

test('search by name finds a station and opens its card: name, why, numbers', async () => {
  await visit(async page => {
    await page.locator('#search').fill(standing.name);
    await page.locator('#hits button').first().click();
    assert.equal(await page.locator('#card-name').innerText(), standing.name);
    const card = await page.locator('#card').innerText();
    const own = header.layers[(await page.getAttribute('html', 'lang')).slice(0, 2)].stations.features.find(one => one.properties.station_id === standing.station_id).properties;
    for (const words of [own.reason, own.hours_text, own.unit].filter(Boolean)) assert.ok(card.includes(words), words);
    assert.ok(card.includes(standing.station_id));
    assert.match(card, /\d+\.\d/);
    await page.locator('#card-close').click();
    assert.ok(await page.locator('#card').isHidden());
    await page.locator('#search').fill('zzzz');
    assert.equal(await page.locator('#hits button').count(), 0);
  });
});

test('every sort of card opens from its table and says why, with numbers', async () => {
  await visit(async page => {
    for (const sort of ['station', 'gap', 'recommend', 'pair', 'bus']) {
      const tab = page.locator(`#tab-${sort}`);
      if (await tab.isHidden()) continue;
      await tab.click();
      const first = page.locator(`#table-${sort} tbody button`).first();
      if (!await first.count()) continue;
      const name = await first.innerText();
      await first.click();
      assert.equal(await page.locator('#card-name').innerText(), name);
      assert.ok((await page.locator('#card .why').innerText()).length > 4);
      assert.match(await page.locator('#card-body').innerText(), /\d/);
      assert.ok(await page.evaluate(() => document.activeElement.id === 'card-name'));
      await page.keyboard.press('Escape');
      assert.ok(await page.evaluate(text => document.activeElement.textContent === text, name), 'focus goes back');
    }
  });
});

test('tables sort up and down by words and by numbers, and follow the search', async () => {
  await visit(async page => {
    const column = async index => page.locator('#table-station tbody tr').evaluateAll((rows, k) => rows.map(row => row.children[k].textContent), index);
    const heads = page.locator('#table-station thead th');
    const local = 5;
    for (const [state, sign] of [['ascending', 1], ['descending', -1]]) {
      await heads.nth(local).locator('button').click();
      assert.equal(await heads.nth(local).getAttribute('aria-sort'), state);
      const numbers = (await column(local)).map(number).filter(value => !Number.isNaN(value) && value !== 0);
      assert.ok(numbers.length > 1);
      assert.deepEqual(numbers, [...numbers].sort((a, b) => sign * (a - b)));
    }
    await heads.nth(1).locator('button').click();
    const ids = await column(1);
    assert.deepEqual(ids, [...ids].sort(new Intl.Collator('zh-CN', { numeric: true }).compare));
    await page.locator('#search').fill(standing.name);
    assert.ok((await column(0)).every(name => name.includes(standing.name)));
  });
});

/** All words that a reader sees or hears: text, labels, tips, hints. */
const words = page => page.evaluate(() => {
  const found = [];
  const walker = document.createTreeWalker(document.getElementById('page'), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) if (walker.currentNode.textContent.trim()) found.push(walker.currentNode.textContent.trim());
  for (const element of document.querySelectorAll('#page *')) {
    for (const name of ['aria-label', 'title', 'placeholder', 'aria-valuetext']) if (element.getAttribute(name)) found.push(element.getAttribute(name));
  }
  return [...found, document.title];
});

/** Words that come from the data in a language, the longest first. */
function dataWords(lang) {
  const found = new Set();
  const collect = value => {
    if (typeof value === 'string') found.add(value);
    else if (value && typeof value === 'object') Object.values(value).forEach(collect);
  };
  collect(Object.values(header.layers[lang]).flatMap(layer => layer.features.map(feature => feature.properties)));
  collect(header.buses);
  return [...found].sort((a, b) => b.length - a.length);
}

test('the language switch changes every word, and leaves none behind', async () => {
  await visit(async page => {
    const seen = {};
    for (const lang of ['zh', 'en']) {
      await page.locator(`#lang-${lang}`).click();
      assert.match(await page.getAttribute('html', 'lang'), new RegExp(`^${lang}`));
      seen[lang] = [];
      for (const sort of ['station', 'gap', 'recommend', 'pair', 'bus']) {
        const link = page.locator(`#table-${sort} tbody button`).first();
        if (await link.count()) await link.evaluate(button => button.click());
        await page.waitForTimeout(500);
        seen[lang].push(...await words(page));
      }
      for (const text of seen[lang]) {
        assert.doesNotMatch(text, /page\.[a-z]|undefined|NaN|\[object|\{\w+\}/, text);
      }
    }
    const own = dataWords('en');
    const foreign = seen.en.filter(text => text !== '中文').filter(text => /\p{Script=Han}/u.test(own.reduce((left, known) => left.split(known).join(''), text)));
    assert.deepEqual([...new Set(foreign)], []);
    const terms = [...seen.zh, ...seen.en].filter(text => /^[a-z]+(_[a-z0-9]+)+$/.test(text));
    assert.deepEqual([...new Set(terms)], []);
    const english = new Set(Object.entries(header.text.en).filter(([key, text]) => text !== header.text.zh[key] && /[a-z]{4}/.test(text)).map(([, text]) => text));
    assert.deepEqual(seen.zh.filter(text => english.has(text)), []);
  });
});

test('works by keyboard alone', async () => {
  await visit(async page => {
    const focus = () => page.evaluate(() => document.activeElement.id);
    const tabTo = async id => {
      for (let k = 0; k < 120; k++) {
        await page.keyboard.press('Tab');
        if (await focus() === id) return;
      }
      assert.fail(`Tab does not reach #${id}`);
    };
    await page.keyboard.press('Tab');
    assert.ok(await page.evaluate(() => document.activeElement.classList.contains('skip')));
    await tabTo('search');
    await page.keyboard.type(standing.name);
    await page.keyboard.press('Enter');
    assert.equal(await focus(), 'card-name');
    await page.keyboard.press('Escape');
    assert.equal(await focus(), 'search');
    await page.keyboard.press('Escape');
    assert.equal(await page.locator('#search').inputValue(), '');
    if (header.timed) {
      await tabTo('hour');
      await page.keyboard.press('End');
      await agrees(page, { day: planning, hours: [23], rung: 'path', stage: 'today' });
      await page.keyboard.press('Home');
    }
    await tabTo('map');
    const before_ = await picture(page);
    await page.keyboard.press('ArrowRight');
    await page.waitForTimeout(500);
    assert.notEqual(await picture(page), before_);
    await page.locator('#zoom-whole').press('Enter');
    await page.locator('#map').focus();
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => !document.getElementById('card').hidden || !document.querySelector('.tip').hidden);
    await tabTo('tab-station');
    await page.keyboard.press('ArrowRight');
    assert.notEqual(await focus(), 'tab-station');
    assert.ok(await page.locator('#table-station').isHidden());
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    assert.equal(await page.locator('#table-station thead th').first().getAttribute('aria-sort'), 'ascending');
    const ring = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
    assert.equal(ring, 'solid');
  });
});

test('everything has a name for a screen reader, and the numbers are announced', async () => {
  await visit(async page => {
    const unnamed = await page.evaluate(() => [...document.querySelectorAll('#page button, #page input, #page select, #page [role=img], #page section, #page aside')]
      .filter(one => !(one.getAttribute('aria-label') || one.getAttribute('aria-labelledby') || one.textContent.trim() || one.labels?.length))
      .map(one => one.outerHTML.slice(0, 80)));
    assert.deepEqual(unnamed, []);
    assert.equal(await page.getAttribute('#live', 'aria-live'), 'polite');
    await page.waitForFunction(() => document.getElementById('live').textContent.length > 10);
    if (!header.timed) return;
    await slide(page, 7);
    await page.waitForFunction(() => document.getElementById('live').textContent.includes('07:00'));
    const { covered } = recompute(data, { day: planning, hours: [7], rung: 'path', stage: 'today' });
    assert.ok((await page.locator('#live').innerText()).includes(covered.toFixed(1)));
    assert.equal(await page.getAttribute('#hour', 'aria-valuetext'), '07:00–08:00');
    assert.match(await page.locator('#ladder svg').getAttribute('aria-label'), /%/);
    assert.equal(await page.locator('#ladder-table tbody tr').count(), 5);
    assert.equal(await page.locator('#curve-table tbody tr').count(), header.curve.length);
  });
});

test('dark follows the system, and the switch overrules it', async () => {
  const paper = page => page.evaluate(() => Math.round(getComputedStyle(document.body).backgroundColor.match(/\d+/g).reduce((sum, v) => sum + Number(v), 0) / 3));
  await visit(async page => {
    assert.ok(await paper(page) < 60);
    const dark = await picture(page);
    await page.locator('#theme').click();
    assert.ok(await paper(page) > 200);
    assert.notEqual(await picture(page), dark);
  }, { colorScheme: 'dark' });
  await visit(async page => {
    assert.ok(await paper(page) > 200);
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.waitForFunction(() => document.documentElement.dataset.theme === 'dark');
    assert.ok(await paper(page) < 60);
  });
});

test('prints on A4: the map legible, in light colours, controls hidden', async () => {
  await visit(async page => {
    const pdf = (await page.pdf({ preferCSSPageSize: true })).toString('latin1');
    const [, width, height] = pdf.match(/\/MediaBox \[\s*0 0 ([\d.]+) ([\d.]+)/);
    near(Number(width), 595, 1.5);
    near(Number(height), 842, 1.5);
    const images = [...pdf.matchAll(/\/Width (\d+)/g)].map(match => Number(match[1]));
    assert.ok(Math.max(...images) >= 1400, `the map's picture is ${Math.max(...images)} dots wide`);
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    for (const hidden of ['.controls', '.zoom', '#theme', '#tabs', '#search', '#card-close', '#layers input']) assert.ok(await page.locator(hidden).first().isHidden(), hidden);
    for (const shown of ['#title', '#headlines', '#map canvas', '#mark', '#ladder svg', '#table-recommend']) assert.ok(await page.locator(shown).isVisible(), shown);
    assert.ok(await page.evaluate(() => getComputedStyle(document.body).backgroundColor === 'rgb(255, 255, 255)'));
  }, { colorScheme: 'dark' });
});

test('a name that is markup stays text', async () => {
  const file = altered('evil.html', ({ header: own }) => {
    for (const lang of ['zh', 'en']) {
      for (const layer of Object.values(own.layers[lang])) {
        for (const { properties } of layer.features) {
          for (const key of ['name', 'a_name', 'b_name', 'reason', 'hours_text', 'unit', 'host', 'exempt_text']) if (key in properties) properties[key] = EVIL;
        }
      }
      own.title[lang] = EVIL;
      own.headlines[lang][0] = EVIL;
    }
    own.buses.forEach(bus => { bus.stop = EVIL; });
  });
  await visit(async page => {
    await page.locator('#search').fill('<img');
    await page.locator('#hits button').first().click();
    assert.equal(await page.locator('#card-name').textContent(), EVIL);
    for (const sort of ['gap', 'recommend', 'pair', 'bus']) {
      const link = page.locator(`#table-${sort} tbody button`).first();
      if (await link.count()) await link.evaluate(button => button.click());
    }
    const box = await page.locator('#map').boundingBox();
    for (let x = 0.2; x < 0.9; x += 0.02) await page.mouse.move(box.x + box.width * x, box.y + box.height * 0.45);
    await page.waitForTimeout(300);
    assert.equal(await page.evaluate(() => window.hurt), undefined);
    assert.equal(await page.locator('#page img, #page script').count(), 0);
  }, { file });
});

test('withheld values are never counted, and are hatched', async () => {
  const hide = copy => {
    const cells = copy.arrays.cell_square.length;
    for (let day = 0; day < header.days.length; day++) {
      for (let cell = 0; cell < cells; cell += 2) copy.arrays.demand.fill(0xffffffff, (day * cells + cell) * 24, (day * cells + cell + 1) * 24);
    }
    copy.header.ladder = [];
  };
  const copy = structuredClone(data);
  hide(copy);
  await visit(async page => {
    const expected = recompute(copy, { day: planning, hours: ALL, rung: 'path', stage: 'today' });
    near(number(await page.locator('#n-demand').innerText()), expected.demand);
    near(number(await page.locator('#n-covered').innerText()), expected.covered);
    assert.match(await page.locator('#classes').innerText(), /斜线|Hatched/);
  }, { file: altered('withheld.html', hide) });
});

test('a run without hours, gaps and recommendations shows what it has', async () => {
  const file = altered('bare.html', ({ header: own }) => {
    Object.assign(own, { timed: false, hourly: false, curve: [], buses: [], certificate: null, ladder: own.ladder.filter(row => row.stage === 'today') });
    for (const lang of ['zh', 'en']) for (const layer of ['gaps', 'duplicates', 'recommend']) own.layers[lang][layer].features = [];
  });
  await visit(async page => {
    await agrees(page, { day: planning, hours: ALL, rung: 'path', stage: 'today' }, 0.501);
    for (const hidden of ['#time', '#season', '#day-type', '#stage', '#curve-figure', '#tab-gap', '#tab-bus', '#warning']) assert.ok(await page.locator(hidden).isHidden(), hidden);
    assert.ok(await page.locator('#tab-station').isVisible());
  }, { file });
});

test('narrow screens stack and do not scroll sideways', async () => {
  await visit(async page => {
    const [content, screen] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(content <= screen, `${content} > ${screen}`);
  }, { viewport: { width: 390, height: 800 } });
});

test('12,000 stations and 200,000 squares stay usable', { timeout: 300000 }, async () => {
  const file = join(folder, 'big.html');
  writeFileSync(file, pack(html, big(data), 1));
  const begin = performance.now();
  await visit(async page => {
    await picture(page);
    console.log(`big: ${Math.round(readFileSync(file).length / 1e6)} MB, first draw after ${Math.round(performance.now() - begin)} ms`);
    await page.waitForTimeout(3000);
    assert.ok(await page.locator('#warning').isHidden());
    const steps = await page.evaluate(async () => {
      const took = [];
      const slider = document.getElementById('hour');
      for (let hour = 0; hour < 12; hour++) {
        const start = performance.now();
        slider.value = String(hour);
        slider.dispatchEvent(new Event('input', { bubbles: true }));
        await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
        took.push(Math.round(performance.now() - start));
      }
      return took;
    });
    console.log(`big: slider steps ${steps.join(', ')} ms`);
    const middle = [...steps].sort((a, b) => a - b)[steps.length >> 1];
    assert.ok(middle < 500, `${middle} ms`);
    await page.locator('#search').fill('第11999驿站');
    await page.locator('#hits button').first().click();
    assert.equal(await page.locator('#card-name').innerText(), '第11999驿站');
  }, { file });
});
