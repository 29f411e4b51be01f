// The numbers of what the map shows, always said of what, when and at what radius; and what was found.

Yizhan.panel = (() => {
  const { t, amount, percent, day, said, number } = Yizhan.words;
  const { h, id } = Yizhan.dom;

  function statement(app) {
    const time = app.header.hourly ? [Yizhan.controls.timeWords()] : [];
    const rung = t(`page.rung.${app.state.rung}`, { radius: number(Yizhan.map.limit()) });
    return [day(app.header.days[app.state.day]), ...time, rung, t(`page.stage.${app.state.stage}`)].join(' · ');
  }

  const figure = (name, words, value) => h('div', { class: name }, h('dt', {}, words), h('dd', { id: `n-${name}` }, value));

  function render(app) {
    const { total, today, unit } = app.now;
    const gain = app.state.stage === 'all' && total.covered !== null && today.covered !== null ? total.covered - today.covered : 0;
    id('statement').textContent = statement(app);
    id('figures').replaceChildren(
      figure('share', t('page.share'), percent(total.share)),
      figure('demand', t('page.demand'), amount(total.demand, unit)),
      figure('covered', t('page.covered'), amount(total.covered, unit)),
      figure('left', t('page.left'), amount(total.left, unit)));
    id('bar').style.setProperty('--part', total.share ?? 0);
    id('gain').textContent = gain > 0.0005 ? t('page.gain', { n: amount(gain, unit), before: percent(today.share) }) : '';
    id('gain').hidden = id('gain').textContent === '';
    app.announce(t('page.live', { statement: statement(app), demand: amount(total.demand, unit), covered: amount(total.covered, unit),
      share: percent(total.share), left: amount(total.left, unit) }));
  }

  function renderFindings(app) {
    id('headlines').replaceChildren(...said(app.header.headlines).map(sentence => h('li', {}, sentence)));
    id('certificate').textContent = app.header.certificate ? said(app.header.certificate) : '';
    id('notes').replaceChildren(...said(app.header.notes).map(sentence => h('p', {}, sentence)));
    id('mark').textContent = said(app.header.mark);
  }

  return { render, renderFindings, statement };
})();
