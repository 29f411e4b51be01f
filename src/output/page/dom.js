// Elements from plain text: whatever comes from the data becomes text or an attribute, never markup.

Yizhan.dom = (() => {
  const SVG = 'http://www.w3.org/2000/svg';
  const id = name => document.getElementById(name);

  function furnish(element, attributes, children) {
    for (const [name, value] of Object.entries(attributes)) {
      if (typeof value === 'function') element.addEventListener(name, value);
      else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : value);
    }
    element.append(...children.flat().filter(child => child !== null && child !== undefined));
    return element;
  }

  const h = (tag, attributes = {}, ...children) => furnish(document.createElement(tag), attributes, children);
  const svg = (tag, attributes = {}, ...children) => furnish(document.createElementNS(SVG, tag), attributes, children);

  /** Writes the words of every element that names a key: text, label, tip, placeholder. */
  function translate(t) {
    for (const element of document.querySelectorAll('[data-t]')) element.textContent = t(element.dataset.t);
    for (const element of document.querySelectorAll('[data-t-label]')) element.setAttribute('aria-label', t(element.dataset.tLabel));
    for (const element of document.querySelectorAll('[data-t-tip]')) element.title = t(element.dataset.tTip);
    for (const element of document.querySelectorAll('[data-t-hint]')) element.placeholder = t(element.dataset.tHint);
  }

  /** One choice of a few: radio buttons that look like a switch. `options` are [value, words]. */
  function choices(fieldset, options, chosen, choose) {
    const option = ([value, words]) => h('label', {},
      h('input', { type: 'radio', name: fieldset.id, value, checked: value === chosen, change: () => choose(value) }),
      h('span', {}, words));
    const focused = fieldset.contains(document.activeElement);
    fieldset.replaceChildren(fieldset.querySelector('legend'), ...options.map(option));
    if (focused) fieldset.querySelector('input:checked').focus({ preventScroll: true });
  }

  return { id, h, svg, translate, choices };
})();
