// The legend, which is also the switch of the layers: every line has its symbol, and most a box to tick.

Yizhan.legend = (() => {
  const { t, term, plain } = Yizhan.words;
  const { h, svg, id, choices } = Yizhan.dom;
  const { draw: D, map: Map_ } = Yizhan;

  /** A small picture of a symbol, drawn by the map's own pen. */
  function swatch(paint) {
    const element = h('canvas', { class: 'swatch', width: 48, height: 40, 'aria-hidden': 'true' });
    const context = element.getContext('2d');
    context.scale(2, 2);
    paint(context, Yizhan.colours.fixed());
    return element;
  }

  const symbol = (shape, name, hollow) => swatch((context, colour) => D.symbol(context, { shape, colour: colour[name], hollow }, [12, 10], 6, colour.rim));
  const FLAT = { width: 24, height: 20, scale: 1, x: 0, y: 0, ratio: 2 };

  function line(paint) {
    return swatch((context, colour) => {
      D.trace(context, FLAT, [[[1, 10], [23, 10]]]);
      paint(context, colour);
    });
  }

  const PICTURES = {
    reach: () => swatch((context, colour) => {
      D.outline(context, 'disc', 12, 10, 7.5);
      D.stroke(context, colour.reach, 1.4);
    }),
    gaps: () => swatch((context, colour) => D.badge(context, '1', [12, 10], { fill: colour.ink, ink: colour.rim })),
    pairs: () => swatch((context, colour) => D.pair(context, FLAT, [[[8, 10], [16, 10]]], { ink: colour.chosen, width: 12 })),
    recommend: () => symbol('star', 'chosen'),
    buses: () => symbol('triangle', 'chosen'),
    water: () => swatch((context, colour) => D.areas(context, FLAT, [[[2, 3], [22, 3], [22, 17], [2, 17], [2, 3]]], colour.water, colour.shore)),
    railway: () => swatch((context, colour) => D.railway(context, FLAT, [[[1, 10], [23, 10]]], { dark: colour.rail, light: colour.ground })),
    crossing: () => line((context, colour) => D.stroke(context, colour.rail, 2)),
    street: () => line((context, colour) => D.stroke(context, colour.street, 1)),
    expressway: () => line((context, colour) => D.stroke(context, colour.expressway, 2.2)),
  };

  function layer(app, key, words, picture) {
    const box = h('input', { type: 'checkbox', name: key, checked: !app.state.hidden.has(key), change: () => {
      const hidden = new Set(app.state.hidden);
      if (!hidden.delete(key)) hidden.add(key);
      app.set({ hidden });
    } });
    return h('label', { class: 'layer' }, box, picture, h('span', {}, words));
  }

  const note = (words, picture = null) => h('p', { class: 'layer note' }, picture, h('span', {}, words));
  const group = (key, ...lines) => h('section', {}, h('h3', {}, t(key)), ...lines);

  function classes(app) {
    const { breaks, unit, hours } = app.now;
    const { surface, theme } = app.state;
    if (surface === 'none') return [];
    const { cell_m: side } = app.header.grid;
    const label = step => {
      if (step === 0) return breaks.length ? t('page.class.first', { to: plain(breaks[0]) }) : t('page.class.only');
      if (step === breaks.length) return t('page.class.last', { from: plain(breaks[step - 1]) });
      return t('page.class.between', { from: plain(breaks[step - 1]), to: plain(breaks[step]) });
    };
    const colours = Yizhan.colours.ramp(theme, surface, breaks.length + 1);
    const several = hours.length > 1 && hours.length < 24;
    return [
      h('p', { class: 'unit' }, t(several ? 'page.legend.unit.mean' : 'page.legend.unit', { unit: several ? t('page.unit.hour') : unit, side: plain(side) })),
      h('ul', { class: 'classes' }, ...colours.map((colour, step) => h('li', {}, box(colour), label(step)))),
      app.now.anyWithheld ? h('p', { class: 'unit' }, t('page.legend.withheld')) : null,
      h('p', { class: 'unit' }, t(app.header.timed ? 'page.legend.method' : 'page.legend.method.untimed')),
    ];
  }

  function box(colour) {
    return svg('svg', { width: 24, height: 13, 'aria-hidden': 'true' }, svg('rect', { width: 24, height: 13, fill: colour }));
  }

  function surfaces(app) {
    const options = ['demand', 'unmet', 'none'].map(value => [value, t(`page.surface.${value}`)]);
    choices(id('surface'), options, app.state.surface, surface => app.set({ surface }));
    id('classes').replaceChildren(...classes(app).filter(Boolean));
  }

  function stations(app) {
    const count = new Map();
    for (const { p } of app.items.station) count.set(p.kind, (count.get(p.kind) ?? 0) + 1);
    const kinds = [...count].sort((a, b) => b[1] - a[1]).map(([kind, n]) =>
      layer(app, `kind.${kind}`, t('page.legend.kind', { kind: term('kind', kind), n: plain(n) }), symbol(...Map_.shapeOfKind(kind))));
    const closed = app.header.hourly ? note(t('page.legend.closed'), symbol('disc', 'fixed', true)) : null;
    const radius = t('page.legend.reach', { radius: plain(Map_.limit()) });
    return group('page.legend.stations', ...kinds, closed, note(t('page.legend.idle'), symbol('disc', 'idle', true)),
      layer(app, 'reach', radius, PICTURES.reach()));
  }

  function findings(app) {
    const gaps = Map_.gapsNow();
    const lines = [
      gaps.length ? layer(app, 'gaps', t('page.legend.gaps', { n: plain(gaps.length) }), PICTURES.gaps()) : null,
      app.items.pair.length ? layer(app, 'pairs', t('page.legend.pairs', { n: plain(app.items.pair.length) }), PICTURES.pairs()) : null,
      app.items.recommend.length ? layer(app, 'recommend', t('page.legend.recommend', { n: plain(app.items.recommend.length) }), PICTURES.recommend()) : null,
      ...[...new Set(app.items.recommend.map(one => one.p.action))].map(action => note(term('action', action), symbol(Map_.shapeOfAction(action), 'chosen'))),
      Map_.busesNow().length ? layer(app, 'buses', t('page.legend.buses', { n: plain(Map_.busesNow().length) }), PICTURES.buses()) : null,
    ].filter(Boolean);
    return lines.length ? group('page.legend.findings', ...lines) : null;
  }

  function base(app) {
    const { water, railway, expressway, crossing, street } = app.header.base;
    const lines = [
      water.length ? layer(app, 'water', t('page.legend.water'), PICTURES.water()) : null,
      railway.length ? layer(app, 'railway', t('page.legend.railway'), PICTURES.railway()) : null,
      crossing.length ? note(t('page.legend.crossing'), PICTURES.crossing()) : null,
      street.length ? layer(app, 'street', t('page.legend.street'), PICTURES.street()) : null,
      expressway.length ? note(t('page.legend.expressway'), PICTURES.expressway()) : null,
    ].filter(Boolean);
    return lines.length ? group('page.legend.base', ...lines) : null;
  }

  function render(app) {
    const focused = document.activeElement.closest('#layers') && document.activeElement.name;
    surfaces(app);
    id('layers').replaceChildren(...[findings(app), stations(app), base(app)].filter(Boolean));
    if (focused) id('layers').querySelector(`[name="${focused}"]`)?.focus();
  }

  return { render };
})();
