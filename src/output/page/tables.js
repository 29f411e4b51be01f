// The tables: stations, gaps, recommendations, near-duplicates, buses. Sorted by their heads, filtered by the search.

Yizhan.tables = (() => {
  const { t, term, number, percent, collator, day, said } = Yizhan.words;
  const { h, id } = Yizhan.dom;
  const PAGE = 100;

  const name = ['page.col.name', one => one.name];
  const visits = (key, pick) => [key, pick, Yizhan.words.visits];
  const length = (key, pick) => [key, pick, value => (value === null ? t('page.none') : number(value))];
  const share = (key, pick) => [key, pick, percent];

  /** Columns: words of the head, the value that is sorted by, and for numbers how it is written. The first column opens the card. */
  const TABLES = {
    station: [name, ['page.col.id', one => one.id], ['page.col.kind', one => term('kind', one.p.kind)], ['page.col.unit', one => one.p.unit ?? ''],
      ['page.col.hours', one => one.p.hours_text ?? ''], visits('page.col.local', one => one.p.local_demand), share('page.col.open', one => one.p.open_now_share),
      ['page.col.action', one => term('action', one.p.action)], ['page.col.reason', one => one.p.reason ?? '']],
    gap: [name, ['page.col.rank', one => one.p.rank, number], visits('page.col.severity', one => one.p.severity),
      ['page.col.group', one => one.p.group_top && term('group', one.p.group_top)], ['page.col.slot', one => one.p.slot && term('slot', one.p.slot)],
      ['page.col.nearest', one => nameOf(one.p.nearest_station_id)], length('page.col.straight', one => one.p.straight_m), length('page.col.path', one => one.p.path_m),
      ['page.col.suggestion', one => term('action', one.p.action)]],
    recommend: [name, ['page.col.number', one => one.number, number], ['page.col.action', one => term('action', one.p.action)], ['page.col.host', one => one.p.host ?? ''],
      visits('page.col.gain', one => one.p.gain), share('page.col.cum', one => one.p.cum_coverage), ['page.col.nearest', one => nameOf(one.p.nearest_station_id)],
      length('page.col.path', one => one.p.path_m), share('page.col.chosen', one => one.p.chosen_share)],
    pair: [name, ['page.col.verdict', one => term('verdict', one.p.verdict)], length('page.col.straight', one => one.p.straight_m), length('page.col.path', one => one.p.path_m),
      share('page.col.overlap', one => one.p.overlap), ['page.col.keep', one => nameOf(one.p.keep_id)], ['page.col.remove', one => nameOf(one.p.remove_id)],
      visits('page.col.loss', one => one.p.loss_if_removed), ['page.col.reason', one => one.p.exempt_text ?? '']],
    bus: [name, ['page.col.bus', one => one.p.bus], ['page.col.arrive', one => one.p.arrive], ['page.col.leave', one => one.p.leave],
      visits('page.col.visits', one => one.p.visits), ['page.col.approved', one => one.p.approved_by ?? '']],
  };

  let app;
  const blank = value => value === null || value === undefined || value === '';

  /** The columns of a table; in the public edition without those that hold nothing. */
  const columnsOf = sort => TABLES[sort].filter(([key, value]) => app.header.profile !== 'public' || key === 'page.col.name'
    || app.items[sort].some(one => !blank(value(one))));

  const order = {};
  const shownRows = {};

  const nameOf = station => (station === null ? '' : app.items.byKey.get(`station:${station}`)?.name ?? station);

  function items(sort) {
    if (sort === 'gap') return Yizhan.map.gapsNow();
    return sort === 'bus' ? Yizhan.map.busesNow() : app.items[sort];
  }

  function sorted(sort, list) {
    if (!order[sort]) return list;
    const { column, sign } = order[sort];
    const value = columnsOf(sort)[column][1];
    const words = collator();
    const compare = (a, b) => (typeof a === 'number' && typeof b === 'number' ? a - b : words.compare(a, b));
    const unknown = one => value(one) === null || value(one) === '';
    const keyed = list.map(one => [unknown(one), value(one), one]);
    return keyed.sort((a, b) => a[0] - b[0] || (a[0] ? 0 : sign * compare(a[1], b[1]))).map(([, , one]) => one);
  }

  function head(sort) {
    const columns = columnsOf(sort).map(([key, , written], column) => {
      const now = order[sort]?.column === column ? order[sort].sign : 0;
      const state = now === 0 ? 'none' : now > 0 ? 'ascending' : 'descending';
      return h('th', { scope: 'col', 'aria-sort': state, class: written && 'number' },
        h('button', { type: 'button', click: () => sortBy(sort, column, now > 0 ? -1 : 1) }, t(key)));
    });
    return h('thead', {}, h('tr', {}, ...columns));
  }

  function sortBy(sort, column, sign) {
    order[sort] = { column, sign };
    renderOne(sort);
    id(`table-${sort}`).querySelectorAll('th button')[column].focus();
  }

  function row(sort, one) {
    const [, ...columns] = columnsOf(sort);
    const button = h('button', { type: 'button', class: 'link', click: () => app.open(one.key) }, one.name);
    return h('tr', {}, h('th', { scope: 'row' }, button), ...columns.map(([, value, written]) =>
      h('td', { class: written && 'number' }, written ? written(value(one)) : value(one))));
  }

  function more(sort, list) {
    const count = shownRows[sort];
    if (list.length <= count) return null;
    return h('button', { type: 'button', class: 'more', click: () => {
      shownRows[sort] = Infinity;
      renderOne(sort);
    } }, t('page.table.more', { n: number(list.length) }));
  }

  function renderOne(sort) {
    const all = items(sort);
    const list = sorted(sort, Yizhan.search.filter(all, app.state.query));
    const caption = t(`page.table.${sort}`, { shown: number(list.length), all: number(all.length), day: day(app.header.days[app.state.day]), unit: said(app.header.unit) });
    id(`tab-${sort}`).hidden = app.items[sort].length === 0;
    id(`tab-${sort}`).replaceChildren(t(`page.tab.${sort}`), h('span', { class: 'count' }, number(list.length)));
    id(`table-${sort}`).replaceChildren(
      h('table', {}, h('caption', {}, caption), head(sort), h('tbody', {}, ...list.slice(0, shownRows[sort]).map(one => row(sort, one)))),
      ...[list.length === 0 ? h('p', { class: 'empty' }, t('page.table.none')) : more(sort, list)].filter(Boolean));
  }

  function render(owner) {
    app = owner;
    for (const sort of Object.keys(TABLES)) {
      shownRows[sort] = PAGE;
      renderOne(sort);
    }
  }

  function show(sort) {
    for (const other of Object.keys(TABLES)) {
      id(`tab-${other}`).setAttribute('aria-selected', String(other === sort));
      id(`tab-${other}`).tabIndex = other === sort ? 0 : -1;
      id(`table-${other}`).hidden = other !== sort;
    }
  }

  const STEPS = { ArrowRight: 1, ArrowLeft: -1 };

  function create() {
    const tabs = [...id('tabs').children];
    for (const tab of tabs) {
      tab.addEventListener('click', () => show(tab.dataset.sort));
      tab.addEventListener('keydown', event => {
        const seen = tabs.filter(other => !other.hidden);
        const next = event.key in STEPS && seen[(seen.indexOf(tab) + STEPS[event.key] + seen.length) % seen.length];
        if (!next) return;
        show(next.dataset.sort);
        next.focus();
      });
    }
    show('station');
  }

  return { create, render };
})();
