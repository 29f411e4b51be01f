// Puts the page together: one state, what follows from it, and which parts are written again when something changes.

(() => {
  const { model: M, words: W, map: Map_ } = Yizhan;
  const { id, translate } = Yizhan.dom;

  const DARK = matchMedia('(prefers-color-scheme: dark)');
  const app = { set, open, announce, siteItem: site => app.items.byKey.get(keyOfSite(app.header.sites[site])) };

  const keyOfSite = ({ id: station, rec }) => (rec === null ? `station:${station}` : `recommend:${rec}`);

  const once = make => {
    const made = new Map();
    return (...key) => {
      const name = key.join();
      if (!made.has(name)) made.set(name, make(...key));
      return made.get(name);
    };
  };
  const masksOf = once((day, rung, stage) => M.coveredHours(app.model, day, rung, stage));
  const profileOf = once((day, rung, stage) => M.byHour(app.model, day, masksOf(day, rung, stage)));
  const breaksOf = once((surface, whole) => M.scale(app.model, surface, whole, Yizhan.colours.CLASSES));

  function hoursOf({ hour, slot }) {
    if (slot !== null) return app.header.slots.find(one => one.id === slot).hours;
    return hour < 0 ? M.ALL_HOURS : [hour];
  }

  /** What follows from the state: sums by square and in all, classes, which site is open. */
  function derive() {
    const { day, rung, stage, surface } = app.state;
    const isPublic = app.header.profile === 'public';
    const hours = hoursOf(app.state);
    const whole = hours.length === 24;
    const profile = profileOf(day, rung, stage);
    const squares = M.bySquare(app.model, day, hours, masksOf(day, rung, stage));
    const mask = M.maskOf(hours);
    app.now = {
      hours, profile, squares,
      unit: whole ? W.said(app.header.unit) : W.t(hours.length === 1 ? 'page.unit.hour' : 'page.unit.slot'),
      total: isPublic ? M.published(app.model, day, rung, stage) : M.total(profile, hours),
      today: isPublic ? M.published(app.model, day, rung, 'today') : M.total(profileOf(day, rung, 'today'), hours),
      breaks: surface === 'none' ? [] : breaksOf(surface, whole),
      anyWithheld: squares.withheld.includes(1),
      open: M.servedHours(app.model, day, 'open', stage).map(open => open & mask),
    };
  }

  /** Parts of the page and the keys of the state that they show. */
  const PARTS = [
    [derive, ['day', 'hour', 'slot', 'rung', 'stage', 'surface', 'lang']],
    [renderFrame, ['lang', 'theme']],
    [Yizhan.controls.render, ['day', 'hour', 'slot', 'rung', 'stage', 'lang']],
    [Yizhan.panel.renderFindings, ['lang']],
    [Yizhan.panel.render, ['day', 'hour', 'slot', 'rung', 'stage', 'lang']],
    [Yizhan.legend.render, ['day', 'hour', 'slot', 'surface', 'hidden', 'lang', 'theme']],
    [Map_.redraw, ['day', 'hour', 'slot', 'rung', 'stage', 'surface', 'hidden', 'lang', 'theme', 'selected']],
    [Yizhan.cards.render, ['selected', 'day', 'hour', 'slot', 'rung', 'stage', 'lang']],
    [Yizhan.figures.renderLadder, ['day', 'standard', 'lang']],
    [Yizhan.figures.renderCurve, ['lang']],
    [Yizhan.tables.render, ['day', 'query', 'lang']],
    [Yizhan.search.render, ['query', 'day', 'lang']],
  ];

  function set(change) {
    const changed = Object.keys(change).filter(key => change[key] !== app.state[key]);
    Object.assign(app.state, change);
    if (changed.includes('lang')) speak();
    if (changed.includes('theme')) document.documentElement.dataset.theme = app.state.theme;
    for (const [render, keys] of PARTS) if (keys.some(key => changed.includes(key))) render(app);
  }

  function speak() {
    W.use(app.header, app.state.lang);
    app.items = Yizhan.items.build(app.header, app.state.lang);
    document.documentElement.lang = app.state.lang === 'zh' ? 'zh-CN' : 'en';
  }

  function open(key) {
    set({ selected: key });
    Map_.reveal(app.items.byKey.get(key));
    Yizhan.cards.enter();
  }

  function close() {
    set({ selected: null });
    Yizhan.cards.leave();
  }

  let timer;

  /** Says something to a screen reader, once the last of several quick changes is done. */
  function announce(words) {
    clearTimeout(timer);
    timer = setTimeout(() => { id('live').textContent = words; }, 400);
  }

  function renderFrame() {
    const { header, state } = app;
    translate(W.t);
    document.title = W.said(header.title);
    id('title').textContent = W.said(header.title);
    id('asked').textContent = W.said(header.asked);
    id('run').textContent = W.t('page.run', { run: header.run, tool: header.tool, profile: W.t(`page.profile.${header.profile}`) });
    for (const lang of ['zh', 'en']) id(`lang-${lang}`).setAttribute('aria-pressed', String(state.lang === lang));
    id('theme').textContent = W.t(state.theme === 'dark' ? 'page.theme.light' : 'page.theme.dark');
  }

  function listenTheme() {
    const follow = () => set({ theme: DARK.matches ? 'dark' : 'light' });
    DARK.addEventListener('change', follow);
    id('theme').addEventListener('click', () => {
      DARK.removeEventListener('change', follow);
      set({ theme: app.state.theme === 'dark' ? 'light' : 'dark' });
    });
  }

  /** On paper the map has a size of its own and the colours of the light theme. */
  function listenPrint() {
    let screen;
    addEventListener('beforeprint', () => {
      screen = app.state.theme;
      document.documentElement.classList.add('printing');
      set({ theme: 'light' });
      Map_.resize();
    });
    addEventListener('afterprint', () => {
      document.documentElement.classList.remove('printing');
      set({ theme: screen });
      Map_.resize();
    });
  }

  function listen() {
    for (const lang of ['zh', 'en']) id(`lang-${lang}`).addEventListener('click', () => set({ lang }));
    id('print').addEventListener('click', () => print());
    id('card-close').addEventListener('click', close);
    id('card').addEventListener('keydown', event => { if (event.key === 'Escape') close(); });
    listenTheme();
    listenPrint();
  }

  function check() {
    const faults = M.faults(app.model);
    id('warning').hidden = faults.length === 0;
    if (faults.length) id('warning').textContent = W.t('page.warning', { n: faults.length });
  }

  async function start() {
    const read = await Yizhan.data.read(id('data'));
    app.header = read.header;
    app.model = M.create(read);
    app.siteOf = new Map(app.header.sites.map((site, index) => [keyOfSite(site), index]));
    app.state = { surface: 'demand', hidden: new Set(), hour: -1, slot: null, rung: 'path', stage: 'today', selected: null, query: '',
      standard: `${app.header.standard.id}@${app.header.standard.version}`, day: app.model.planning,
      lang: document.documentElement.lang.startsWith('zh') ? 'zh' : 'en', theme: DARK.matches ? 'dark' : 'light' };
    document.documentElement.dataset.theme = app.state.theme;
    speak();
    derive();
    id('loading').hidden = true;
    id('page').hidden = false;
    for (const part of [Yizhan.controls, Yizhan.figures, Yizhan.tables, Yizhan.search, Map_]) part.create(app);
    listen();
    for (const [render] of PARTS) render(app);
    setTimeout(check);
  }

  start().catch(error => {
    id('loading').hidden = true;
    id('failure').hidden = false;
    throw error;
  });
})();
