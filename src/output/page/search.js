// Search by name, number or kind: a list of hits that open cards; the same words filter the tables.

Yizhan.search = (() => {
  const { t, term } = Yizhan.words;
  const { h, id } = Yizhan.dom;
  const MOST = 8;

  let app;

  const tidy = words => words.trim().toLocaleLowerCase();

  /** What an item can be found by. */
  function haystack({ name, id: key, p }) {
    const words = [name, key, p.unit, p.host, p.bus, p.approved_by, p.a_id, p.b_id, p.candidate_id, p.cause && term('cause', p.cause),
      p.action && term('action', p.action), p.kind && term('kind', p.kind)];
    return tidy(words.filter(Boolean).join(' '));
  }

  function filter(list, query) {
    const wanted = tidy(query).split(/\s+/).filter(Boolean);
    return wanted.length === 0 ? list : list.filter(one => wanted.every(word => haystack(one).includes(word)));
  }

  /** Hits by name first. Gaps and buses are those of the day. */
  function hits() {
    const { station, recommend, pair } = app.items;
    const found = filter([...station, ...recommend, ...Yizhan.map.gapsNow(), ...Yizhan.map.busesNow(), ...pair], app.state.query);
    const byName = one => (tidy(one.name).includes(tidy(app.state.query)) ? 0 : 1);
    return found.sort((a, b) => byName(a) - byName(b));
  }

  function render(owner) {
    app = owner;
    const asked = app.state.query.trim() !== '';
    const found = asked ? hits() : [];
    id('hits').hidden = !asked;
    id('hits').replaceChildren(...found.slice(0, MOST).map(one => h('li', {},
      h('button', { type: 'button', click: () => choose(one) }, h('span', {}, one.name), h('small', {}, t(`page.sort.${one.sort}`))))));
    if (!asked) return;
    const sum = found.length ? t('page.search.found', { n: found.length }) : t('page.search.none');
    id('hits').append(h('li', { class: 'sum' }, sum));
    app.announce(sum);
  }

  function choose(one) {
    hide();
    id('search').focus();
    app.open(one.key);
  }

  const hide = () => { id('hits').hidden = true; };

  function move(step) {
    const buttons = [...id('hits').querySelectorAll('button')];
    const next = buttons.indexOf(document.activeElement) + step;
    (next < 0 ? id('search') : buttons[Math.min(next, buttons.length - 1)])?.focus();
  }

  const KEYS = {
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    Escape: () => {
      id('search').value = '';
      id('search').focus();
      app.set({ query: '' });
    },
  };

  function create(owner) {
    app = owner;
    id('search').addEventListener('input', event => app.set({ query: event.target.value }));
    id('search').addEventListener('focus', () => render(app));
    id('search').addEventListener('keydown', event => {
      const first = event.key === 'Enter' && id('hits').querySelector('button');
      if (first) first.click();
    });
    id('finder').addEventListener('keydown', event => {
      if (!(event.key in KEYS)) return;
      event.preventDefault();
      KEYS[event.key]();
    });
    id('finder').addEventListener('focusout', event => {
      if (!id('finder').contains(event.relatedTarget)) hide();
    });
  }

  return { create, render, filter };
})();
