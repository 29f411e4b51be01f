// The card of one station, gap, recommendation, pair or bus stop: what it is, why, and the numbers behind it.

Yizhan.cards = (() => {
  const { t, term, amount, visits, percent, metres, number, list, day, hours, plain } = Yizhan.words;
  const { h, svg, id } = Yizhan.dom;
  const { model: M } = Yizhan;

  let app, opener = null;

  const known = value => value !== null && value !== undefined && value !== '';

  /** Names and values; what is not known (null, false) is left out. */
  function facts(...pairs) {
    const some = pairs.filter(([, value]) => known(value) && value !== false);
    return h('dl', { class: 'facts' }, ...some.map(([key, value]) => h('div', {}, h('dt', {}, t(key)), h('dd', {}, value))));
  }

  const part = (key, ...children) => h('section', {}, h('h4', {}, t(key)), ...children);
  const why = words => h('p', { class: 'why' }, words);

  function link(key, words) {
    return app.items.byKey.has(key) ? h('button', { type: 'button', class: 'link', click: () => app.open(key) }, words) : words;
  }

  const stationName = one => app.items.byKey.get(`station:${one}`)?.name ?? one;
  const stationLink = one => (known(one) ? link(`station:${one}`, stationName(one)) : null);

  /** Visits by slot or by group as bars, with the numbers beside them. */
  function bars(family, parts) {
    const all = Object.entries(parts ?? {}).filter(([, value]) => value !== null);
    const most = Math.max(...all.map(([, value]) => value), 0.001);
    return all.length === 0 ? null : h('ul', { class: 'bars' }, ...all.map(([name, value]) => h('li', {},
      h('span', {}, term(family, name)), h('i', { style: `--part:${value / most}` }), h('span', { class: 'number' }, visits(value)))));
  }

  const when = (key, family, parts) => {
    const drawn = bars(family, parts);
    return drawn && part(key, drawn);
  };

  const cost = ({ cost_low: low, cost_high: high }) => {
    if (!known(low)) return t('page.cost.none');
    return low === high ? t('page.cost.one', { n: number(low) }) : t('page.cost.span', { low: number(low), high: number(high) });
  };

  /** The 24 hours of the day as a strip: open before, and what the recommendation adds. */
  function openStrip(site) {
    const at = app.state.day * app.header.sites.length + site;
    const [before, after] = [app.model.open_before[at], app.model.open_after[at]];
    const cell = hour => svg('rect', { x: hour * 10, y: 0, width: 9, height: 14, class: before >> hour & 1 ? 'open' : after >> hour & 1 ? 'opens' : 'shut' });
    return part('page.open',
      svg('svg', { class: 'strip', viewBox: '0 0 240 14', 'aria-hidden': 'true' }, ...M.ALL_HOURS.map(cell)),
      h('p', {}, t('page.open.before', { day: day(app.header.days[app.state.day]), hours: hours(before) })),
      after === before ? null : h('p', {}, t('page.open.after', { hours: hours(after) })));
  }

  function servedNow(site) {
    const { covered, alone } = M.servedBy(app.model, site, { ...app.state, hours: app.now.hours });
    return part('page.served', h('p', { class: 'of' }, Yizhan.panel.statement(app)),
      facts(['page.served.covered', amount(covered, app.now.unit)], ['page.served.alone', amount(alone, app.now.unit)]));
  }

  /** Other items about a station: pairs, gaps, recommendations. */
  function about(station) {
    const gaps = Yizhan.map.gapsNow().filter(one => one.p.station_id === station.id);
    const recs = app.items.recommend.filter(one => one.p.candidate_id === station.id);
    const pairs = app.items.pair.filter(one => one.p.a_id === station.id || one.p.b_id === station.id);
    const lines = [...recs, ...gaps, ...pairs].map(one => h('li', {}, link(one.key, t(`page.about.${one.sort}`, { name: one.name }))));
    return lines.length ? part('page.about', h('ul', { class: 'links' }, ...lines)) : null;
  }

  function station(one) {
    const { p } = one;
    const site = app.siteOf.get(one.key);
    return [
      why(t('page.station.why', { action: term('action', p.action), reason: p.reason })),
      site === undefined ? h('p', { class: 'of' }, t('page.station.not_counted')) : app.header.profile === 'public' ? null : servedNow(site),
      facts(['page.station.local', known(p.local_demand) && amount(p.local_demand)], ['page.station.night', known(p.night_demand) && amount(p.night_demand)],
        ['page.station.open_share', known(p.open_now_share) && percent(p.open_now_share)],
        ['page.station.load', known(p.load_peak) && percent(p.load_peak)], ['page.station.score', known(p.score) && amount(p.score)]),
      site === undefined ? null : openStrip(site),
      facts(['page.station.hours', p.hours_text], ['page.station.unit', p.unit], ['page.station.status', term('status', p.status)],
        ['page.station.area', known(p.area_m2) && t('page.square_metres', { n: plain(p.area_m2) })],
        ['page.station.services', p.service_types.length > 0 && list(p.service_types.map(service => term('service', service)))],
        ['page.station.position', t(`page.position.${p.coord_quality}`, { crs: p.crs_source })]),
      about(one),
    ];
  }

  function gapReason(p) {
    const far = { station: stationName(p.station_id ?? p.nearest_station_id), straight: metres(p.straight_m), path: metres(p.path_m) };
    const cause = known(p.nearest_station_id) || known(p.station_id) ? p.cause : 'alone';
    return t(`page.gap.why.${cause}`, far);
  }

  function gap({ p }) {
    return [
      why(gapReason(p)),
      facts(['page.gap.severity', amount(p.severity)], ['page.gap.rank', number(p.rank)], ['page.gap.day', day(p)],
        ['page.gap.cells', known(p.cells) && t('page.gap.squares', { n: number(p.cells), side: plain(app.header.grid.cell_m) })],
        ['page.gap.area', t(p.in_area ? 'page.gap.inside' : 'page.gap.outside')]),
      part('page.gap.suggestion', facts(['page.action', term('action', p.action)], ['page.kind', known(p.suggest_kind) && term('kind', p.suggest_kind)],
        ['page.service', known(p.suggest_service) && term('service', p.suggest_service)], ['page.cost', cost(p)], ['page.gap.station', stationLink(p.station_id)])),
      part('page.gap.nearest', facts(['page.station', stationLink(p.nearest_station_id)], ['page.straight', known(p.straight_m) && metres(p.straight_m)],
        ['page.path', p.suppressed === undefined && metres(p.path_m)])),
      when('page.gap.slots', 'slot', p.visits_by_slot),
      when('page.gap.groups', 'group', p.visits_by_group),
    ];
  }

  function runnersUp(p) {
    const lines = (p.runner_ups ?? []).map(({ id: other, loss }) => h('li', {}, t('page.recommend.runner', { place: stationName(other), loss: amount(loss) })));
    return lines.length ? part('page.recommend.runners', h('ul', {}, ...lines)) : null;
  }

  function recommend({ p }) {
    return [
      why(t(p.action === 'close' && known(p.loss) ? 'page.recommend.why.close' : 'page.recommend.why', { action: term('action', p.action), gain: amount(p.gain),
        loss: amount(p.loss), share: percent(p.cum_coverage) })),
      facts(['page.recommend.gain', known(p.gain) && amount(p.gain)], ['page.recommend.unique', known(p.unique) && amount(p.unique)],
        ['page.recommend.cum', known(p.cum_coverage) && percent(p.cum_coverage)], ['page.recommend.day', day(p)],
        ['page.recommend.window', known(p.arrive) && `${p.arrive}–${p.leave}`], ['page.cost', cost(p)],
        ['page.recommend.phase', known(p.phase) && number(p.phase)], ['page.recommend.key_area', p.key_area]),
      part('page.recommend.place', facts(['page.recommend.candidate', stationLink(p.candidate_id)], ['page.recommend.host', p.host], ['page.kind', term('kind', p.kind)],
        ['page.recommend.equipment', p.equipment.length > 0 && list(p.equipment.map(thing => term('equipment', thing)))])),
      known(p.nearest_station_id) ? part('page.recommend.nearest', facts(['page.station', stationLink(p.nearest_station_id)],
        ['page.straight', metres(p.straight_m)], ['page.path', metres(p.path_m)])) : null,
      known(p.chosen_share) ? part('page.recommend.sure', h('p', {}, t(p.core ? 'page.recommend.core' : 'page.recommend.open', { share: percent(p.chosen_share) }))) : null,
      runnersUp(p),
      when('page.recommend.slots', 'slot', p.gain_by_slot),
      when('page.recommend.groups', 'group', p.gain_by_group),
    ];
  }

  const CONDITIONS = ['near_by_path', 'same_catchment', 'same_hours', 'substitutable', 'unlinked', 'has_room'];

  const lossBySlot = p => Object.fromEntries(app.header.slots.map(({ id: slot }) => [slot, p[`loss_${slot}`] ?? null]));

  function pair({ p }) {
    const verdict = { verdict: term('verdict', p.verdict), reason: p.exempt_text, keep: known(p.keep_id) && stationName(p.keep_id), remove: known(p.remove_id) && stationName(p.remove_id) };
    const sentence = p.verdict !== 'redundant' ? 'page.pair.why.close' : known(p.remove_id) ? 'page.pair.why.merge' : 'page.pair.why.redundant';
    return [
      why(t(sentence, verdict)),
      facts(['page.pair.a', stationLink(p.a_id)], ['page.pair.b', stationLink(p.b_id)], ['page.straight', metres(p.straight_m)], ['page.path', metres(p.path_m)],
        ['page.pair.overlap', known(p.overlap) && percent(p.overlap)], ['page.pair.hours', percent(p.hours_overlap)], ['page.pair.load', known(p.load) && percent(p.load)],
        ['page.pair.loss', known(p.loss_if_removed) && amount(p.loss_if_removed)]),
      part('page.pair.conditions', h('ul', { class: 'checks' }, ...CONDITIONS.map(name =>
        h('li', { class: p[name] ? 'yes' : 'no' }, t(`page.pair.${name}`), h('b', {}, t(p[name] ? 'page.yes' : 'page.no')))))),
      known(p.loss_if_removed) ? when('page.pair.slots', 'slot', lossBySlot(p)) : null,
    ];
  }

  const bus = ({ p }) => [
    why(t('page.bus.why', { bus: p.bus, stop: p.stop, from: p.arrive, to: p.leave, visits: amount(p.visits) })),
    facts(['page.bus.bus', p.bus], ['page.bus.day', dayOfBus(p)], ['page.bus.window', `${p.arrive}–${p.leave}`], ['page.bus.visits', known(p.visits) && amount(p.visits)],
      ['page.bus.approved', p.approved_by]),
  ];

  function dayOfBus({ day: when_ }) {
    const [season, day_type] = when_.split(' ');
    return day({ season, day_type });
  }

  const BODY = { station, gap, recommend, pair, bus };
  const kindOf = one => (one.sort === 'station' ? term('kind', one.p.kind) : one.sort === 'recommend' ? t('page.recommend.number', { n: one.number }) : t(`page.sort.${one.sort}`));

  function render(owner) {
    app = owner;
    const one = app.items.byKey.get(app.state.selected);
    id('card').hidden = one === undefined;
    if (one === undefined) return;
    id('card-kind').textContent = t('page.card.kind', { kind: kindOf(one), id: one.id });
    id('card-name').textContent = one.name;
    id('card-body').replaceChildren(...BODY[one.sort](one).filter(Boolean));
  }

  /** After opening: the reader's place moves to the card; closing gives it back to where it was. */
  function enter() {
    if (!id('card').contains(document.activeElement)) opener = document.activeElement;
    id('card').scrollIntoView({ block: 'nearest' });
    id('card-name').focus({ preventScroll: true });
  }

  function leave() {
    const back = opener && opener.isConnected ? opener : id('map');
    back.focus();
    opener = null;
  }

  return { render, enter, leave };
})();
