// What is asked of the map: day, hour or slot, rung, before or after; with the day's profile of demand over the slider.

Yizhan.controls = (() => {
  const { t, term, span } = Yizhan.words;
  const { h, svg, id, choices } = Yizhan.dom;
  const { model: M } = Yizhan;
  const STEP_MS = 1100;

  let app, timer = null;

  function create(owner) {
    app = owner;
    id('season').addEventListener('change', event => chooseDay(event.target.value, id('day-type').value));
    id('day-type').addEventListener('change', event => chooseDay(id('season').value, event.target.value));
    id('hour').addEventListener('input', event => {
      stop();
      chooseHour(Number(event.target.value));
    });
    id('play').addEventListener('click', () => (timer === null ? play() : stop()));
    id('time').hidden = !app.header.hourly;
    for (const part of [id('season').closest('label'), id('day-type').closest('label')]) part.hidden = !app.header.timed;
    id('stage').hidden = !app.header.ladder.some(row => row.stage === 'all');
  }

  /** The day of a season and a type, or the season's first day when it has none of that type. */
  function chooseDay(season, type) {
    const { days } = app.header;
    const exact = days.findIndex(day => day.season === season && day.day_type === type);
    app.set({ day: exact >= 0 ? exact : days.findIndex(day => day.season === season) });
  }

  /** -1 is the whole day. */
  const chooseHour = hour => app.set({ hour, slot: null });

  function play() {
    timer = setInterval(() => (app.state.hour >= 23 ? stop() : chooseHour(app.state.hour + 1)), STEP_MS);
    chooseHour(0);
  }

  function stop() {
    clearInterval(timer);
    timer = null;
    renderPlay();
  }

  function renderPlay() {
    id('play').classList.toggle('playing', timer !== null);
    id('play').setAttribute('aria-label', t(timer === null ? 'page.play' : 'page.pause'));
    id('play').title = id('play').getAttribute('aria-label');
  }

  const unique = values => [...new Set(values)];

  function options(select, family, values, chosen) {
    select.replaceChildren(...values.map(value => h('option', { value, selected: value === chosen }, term(family, value))));
    select.value = chosen;
  }

  function renderDay() {
    const { days } = app.header;
    const now = days[app.state.day];
    options(id('season'), 'season', unique(days.map(day => day.season)), now.season);
    options(id('day-type'), 'day_type', unique(days.filter(day => day.season === now.season).map(day => day.day_type)), now.day_type);
  }

  function timeWords() {
    const { hour, slot } = app.state;
    if (slot !== null) return term('slot', slot);
    return hour < 0 ? t('page.time.day') : span(hour, hour + 1);
  }

  function renderTime() {
    const { hour, slot } = app.state;
    const words = timeWords();
    id('hour').value = hour;
    id('hour').setAttribute('aria-valuetext', words);
    id('when').textContent = words;
    const button = (value, label, pressed, choose) => h('button', { type: 'button', value, 'aria-pressed': String(pressed), click: () => {
      stop();
      choose();
      id('slots').querySelector(`[value="${value}"]`).focus();
    } }, label);
    id('slots').replaceChildren(
      button('day', t('page.time.day'), slot === null && hour < 0, () => chooseHour(-1)),
      ...app.header.slots.map(({ id: one }) => button(one, term('slot', one), slot === one, () => app.set({ slot: one, hour: -1 }))));
    renderPlay();
  }

  /** Demand in each hour as bars, the covered part full; the hours that are looked at stand out. */
  function renderProfile() {
    const { profile, hours } = app.now;
    const most = Math.max(...profile.demand, 1);
    const bar = (values, name) => M.ALL_HOURS.map(hour => {
      const height = 26 * values[hour] / most;
      return svg('rect', { class: hours.includes(hour) ? `${name} on` : name, x: hour * 10 + 1, y: 26 - height, width: 8, height });
    });
    id('profile').replaceChildren(...bar(profile.demand, 'all'), ...bar(profile.covered, 'covered'));
  }

  function render() {
    renderDay();
    renderTime();
    renderProfile();
    const rungs = M.RUNGS.filter(rung => app.header.hourly || rung !== 'open');
    choices(id('rung'), rungs.map(rung => [rung, term('rung', rung)]), app.state.rung, rung => app.set({ rung }));
    choices(id('stage'), ['today', 'all'].map(stage => [stage, t(`page.stage.${stage}`)]), app.state.stage, stage => app.set({ stage }));
  }

  return { create, render, timeWords };
})();
