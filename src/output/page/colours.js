// Colours of the map, the same as on the program's own maps (src/output/map/colour.rs): ramps of equal steps of lightness, safe for
// colour-blind readers and for grey print, after ColorBrewer (YlOrBr, RdPu). On dark ground much is light, so the ramps run the other way.

Yizhan.colours = (() => {
  const RAMPS = {
    light: {
      demand: ['#fbe7ab', '#f9cf7c', '#f6b55d', '#f09a48', '#e4823b', '#d36d2f', '#c05925'],
      unmet: ['#fae4dd', '#f5cbc6', '#f0b0ba', '#ec95ae', '#e778a0', '#d75f98', '#c5488e'],
    },
    dark: {
      demand: ['#4a2e22', '#684131', '#8b543b', '#b06642', '#d17e4a', '#ea9a52', '#f7bc63'],
      unmet: ['#462c44', '#663d5c', '#8c4d71', '#b25e89', '#d1769a', '#e595ac', '#f2b8bd'],
    },
  };
  const CLASSES = 7;

  /** `count` colours of a ramp, from its first to its last. */
  function ramp(theme, surface, count) {
    const all = RAMPS[theme][surface];
    const step = index => (count < 2 ? 0.5 : index / (count - 1)) * (CLASSES - 1);
    return Array.from({ length: count }, (_, index) => all[Math.round(step(index))]);
  }

  const FIXED = ['ground', 'water', 'shore', 'rail', 'expressway', 'street', 'reach', 'rim', 'ink', 'focus', 'withheld',
    'fixed', 'smart', 'mobile', 'idle', 'chosen'];

  /** The fixed colours of ground, lines and symbols: custom properties of the style sheet, so that both follow one theme. */
  function fixed() {
    const style = getComputedStyle(document.documentElement);
    return Object.fromEntries(FIXED.map(name => [name, style.getPropertyValue(`--${name}`).trim()]));
  }

  return { CLASSES, ramp, fixed };
})();
