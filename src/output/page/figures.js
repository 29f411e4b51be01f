// Two charts as SVG, each with the same numbers in a table: the ladder of coverage, and the siting curve.

Yizhan.figures = (() => {
  const { t, term, percent, amount, number, wholeDay } = Yizhan.words;
  const { h, svg, id } = Yizhan.dom;
  const STEPS = ['radius', 'path', 'open', 'capacity', 'service'];
  const STAGES = ['today', 'all'];

  function table(caption, head, rows) {
    const cell = (words, index) => (index === 0 ? h('th', { scope: 'row' }, words) : h('td', { class: 'number' }, words));
    return h('table', {}, h('caption', { class: 'visually-hidden' }, caption),
      h('thead', {}, h('tr', {}, ...head.map(words => h('th', { scope: 'col' }, words)))),
      h('tbody', {}, ...rows.map(row => h('tr', {}, ...row.map(cell)))));
  }

  function ladderRows(app) {
    const { season, day_type } = app.header.days[app.state.day];
    const rows = app.header.ladder.filter(row => row.standard === app.state.standard && row.season === season && row.day_type === day_type);
    return STAGES.map(stage => rows.find(row => row.stage === stage)).filter(Boolean);
  }

  /** The covered share of a step; null where a figure is withheld. */
  const shareOf = (row, step) => (row.covered[step] === null || row.demand === null ? null : row.demand > 0 ? row.covered[step] / row.demand : 0);

  const LADDER = { left: 148, right: 64, width: 520, step: 44 };

  function ladderStep(rows, step) {
    const top = step * LADDER.step + 6;
    const room = LADDER.width - LADDER.left - LADDER.right;
    const bars = rows.flatMap((row, index) => {
      const share = shareOf(row, step) ?? 0;
      const y = top + index * 17;
      return [
        ...(shareOf(row, step) === null ? [] : [svg('rect', { class: `bar ${row.stage}`, x: LADDER.left, y, width: Math.max(room * share, 1), height: 13 })]),
        svg('text', { class: 'value', x: LADDER.left + room * share + 6, y: y + 11 }, percent(shareOf(row, step))),
      ];
    });
    return [svg('text', { class: 'name', x: LADDER.left - 10, y: top + (rows.length > 1 ? 19 : 11), 'text-anchor': 'end' }, term('rung', STEPS[step])), ...bars];
  }

  function renderStandards(app) {
    const standards = [...new Set(app.header.ladder.map(row => row.standard))];
    id('standard-row').hidden = standards.length < 2;
    id('standard').replaceChildren(...standards.map(value => h('option', { value, selected: value === app.state.standard }, value)));
  }

  function renderLadder(app) {
    renderStandards(app);
    const rows = ladderRows(app);
    const when = wholeDay(app.header.days[app.state.day]);
    const said = rows.map(row => t('page.ladder.said', { stage: t(`page.stage.${row.stage}`),
      steps: STEPS.map((step, index) => `${term('rung', step)} ${percent(shareOf(row, index))}`).join(t('page.comma')) })).join(' ');
    const height = STEPS.length * LADDER.step + 8;
    id('ladder-of').textContent = rows.length ? t('page.ladder.of', { day: when, demand: amount(rows[0].demand) }) : t('page.ladder.none', { day: when });
    id('ladder').replaceChildren(svg('svg', { viewBox: `0 0 ${LADDER.width} ${height}`, role: 'img', 'aria-label': `${t('page.ladder')} ${said}` },
      svg('line', { class: 'axis', x1: LADDER.left, x2: LADDER.left, y1: 0, y2: height }), ...STEPS.flatMap((_, step) => ladderStep(rows, step))));
    id('ladder-key').replaceChildren(...rows.map(row => h('li', { class: row.stage }, t(`page.stage.${row.stage}`))));
    const head = [t('page.ladder.step'), ...rows.flatMap(row => [t(`page.stage.${row.stage}`), t('page.share.short')])];
    id('ladder-table').replaceChildren(table(t('page.ladder'), head, STEPS.map((step, index) =>
      [term('rung', step), ...rows.flatMap(row => [amount(row.covered[index]), percent(shareOf(row, index))])])));
  }

  const CURVE = { left: 52, right: 20, top: 14, bottom: 40, width: 520, height: 260 };

  /** Shares on the axis: tenths that hold all values. */
  function ticks(values) {
    const [from, to] = [Math.floor(Math.min(...values) * 10), Math.ceil(Math.max(...values) * 10)];
    return Array.from({ length: Math.max(to - from, 1) + 1 }, (_, k) => (from + k) / 10);
  }

  function curveFrame(points) {
    const shares = ticks(points.flatMap(point => [point.covered, point.bound]));
    const [first, last] = [points[0].measures, points[points.length - 1].measures];
    const [low, high] = [shares[0], shares[shares.length - 1]];
    const x = measures => CURVE.left + (CURVE.width - CURVE.left - CURVE.right) * (measures - first) / Math.max(last - first, 1);
    const y = share => CURVE.top + (CURVE.height - CURVE.top - CURVE.bottom) * (high - share) / (high - low);
    return { shares, x, y };
  }

  const path = (points, x, y, name) => points.map((point, index) => `${index ? 'L' : 'M'}${x(point.measures).toFixed(1)},${y(point[name]).toFixed(1)}`).join('');

  function marker(point, words, { x, y }, above) {
    const at = [x(point.measures), y(point.covered)];
    const side = at[0] > CURVE.width / 2 ? 'end' : 'start';
    return [svg('circle', { class: 'knee', cx: at[0], cy: at[1], r: 5 }),
      svg('text', { class: 'value', x: at[0] + (side === 'end' ? 4 : -4), y: at[1] + (above ? -12 : 22), 'text-anchor': side === 'end' ? 'end' : 'start' }, words)];
  }

  function drawCurve(app, points) {
    const { shares, x, y } = curveFrame(points);
    const every = Math.ceil(points.length / 10);
    const knee = points.find(point => point.knee);
    const plan = points.find(point => point.measures === app.items.recommend.length);
    const foot = CURVE.height - CURVE.bottom;
    const mark = (key, point) => t(key, { n: number(point.measures), share: percent(point.covered) });
    const said = [t('page.curve'), ...(knee ? [mark('page.curve.knee', knee)] : []), ...(plan ? [mark('page.curve.plan', plan)] : [])];
    return svg('svg', { viewBox: `0 0 ${CURVE.width} ${CURVE.height}`, role: 'img', 'aria-label': said.join(' ') },
      ...shares.flatMap(share => [svg('line', { class: 'grid', x1: CURVE.left, x2: CURVE.width - CURVE.right, y1: y(share), y2: y(share) }),
        svg('text', { class: 'tick', x: CURVE.left - 8, y: y(share) + 4, 'text-anchor': 'end' }, percent(share))]),
      ...points.filter((_, index) => index % every === 0).map(point =>
        svg('text', { class: 'tick', x: x(point.measures), y: foot + 18, 'text-anchor': 'middle' }, number(point.measures))),
      svg('text', { class: 'tick', x: (CURVE.left + CURVE.width - CURVE.right) / 2, y: CURVE.height - 4, 'text-anchor': 'middle' }, t('page.curve.measures')),
      svg('path', { class: 'bound', d: path(points, x, y, 'bound') }),
      svg('path', { class: 'found', d: path(points, x, y, 'covered') }),
      ...(knee ? marker(knee, mark('page.curve.knee', knee), { x, y }, false) : []),
      ...(plan && plan !== knee ? marker(plan, mark('page.curve.plan', plan), { x, y }, true) : []));
  }

  function renderCurve(app) {
    const points = app.header.curve;
    id('curve-figure').hidden = points.length === 0;
    if (points.length === 0) return;
    id('curve').replaceChildren(drawCurve(app, points));
    const head = ['page.curve.measures', 'page.curve.covered', 'page.curve.bound', 'page.curve.mark'].map(key => t(key));
    id('curve-table').replaceChildren(table(t('page.curve'), head, points.map(point =>
      [number(point.measures), percent(point.covered), percent(point.bound), point.knee ? t('page.curve.is_knee') : ''])));
  }

  function create(app) {
    id('standard').addEventListener('change', event => app.set({ standard: event.target.value }));
  }

  return { create, renderLadder, renderCurve };
})();
