// Words and numbers in the language of the page: sentences of page.toml, terms of the program, Intl formats.
// Every script hangs its functions on one namespace object, `Yizhan`; this is the first of them.
'use strict';
const Yizhan = {};

Yizhan.words = (() => {
  let header, lang, locale, formats;

  function use(newHeader, newLang) {
    header = newHeader;
    lang = newLang;
    locale = lang === 'zh' ? 'zh-CN' : 'en';
    formats = new Map();
  }

  function format(digits, style = 'decimal') {
    const key = `${style}${digits}`;
    if (!formats.has(key)) {
      formats.set(key, new Intl.NumberFormat(locale, { style, minimumFractionDigits: digits, maximumFractionDigits: digits }));
    }
    return formats.get(key);
  }

  const known = value => value !== null && value !== undefined;
  const fill = (template, values) => template.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const sentence = key => (header.profile === 'public' && header.text[lang][`${key}.public`]) || header.text[lang][key] || key;
  const t = (key, values = {}) => fill(sentence(key), values);
  const term = (family, id) => (known(id) ? header.words[lang][`${family}.${id}`] ?? id : t('page.none'));
  const number = (value, digits = 0) => (known(value) ? format(digits).format(value) : t('page.none'));
  const percent = share => (known(share) ? format(1, 'percent').format(share) : t('page.none'));
  const metres = value => (known(value) ? t('page.metres', { n: number(value) }) : t('page.no_path'));
  /** Visits have one decimal; demand without a time is counted in whole units, and its number says enough. */
  const visits = value => number(value, header.timed ? 1 : 0);
  function amount(value, unit = header.unit[lang]) {
    if (!known(value)) return t('page.none');
    return header.timed ? t('page.amount', { n: visits(value), unit }) : visits(value);
  }
  const plain = value => new Intl.NumberFormat(locale, { maximumFractionDigits: 3 }).format(value);
  const list = words => (words.length ? words.join(t('page.comma')) : t('page.none'));
  const clock = hour => `${String(hour).padStart(2, '0')}:00`;
  const span = (from, to) => `${clock(from)}–${clock(to)}`;
  function day({ season, day_type }) {
    return header.timed ? t('page.day', { season: term('season', season), type: term('day_type', day_type) }) : t('page.untimed');
  }
  const wholeDay = kind => (header.timed ? t('page.whole_day', { day: day(kind) }) : day(kind));

  /** The hours of a mask as spans: `08:00–11:00, 13:00–17:00`. */
  function hours(mask) {
    if (mask === Yizhan.model.ALL_DAY) return t('page.open.always');
    const spans = [];
    for (let hour = 0; hour < 24; hour++) {
      if (!(mask >> hour & 1)) continue;
      const last = spans[spans.length - 1];
      if (last && last[1] === hour) last[1] = hour + 1;
      else spans.push([hour, hour + 1]);
    }
    return spans.length ? list(spans.map(([from, to]) => span(from, to))) : t('page.open.never');
  }

  return {
    use, t, term, number, visits, percent, metres, amount, plain, list, span, day, wholeDay, hours,
    lang: () => lang,
    said: both => both[lang],
    collator: () => new Intl.Collator(locale, { numeric: true }),
  };
})();
