// The map: Leaflet for moving and zooming, one canvas for everything that is drawn, and what lies under the pointer.

Yizhan.map = (() => {
  const { t, amount, percent, list, term } = Yizhan.words;
  const { h, id } = Yizhan.dom;
  const { model: M, draw: D, items: I } = Yizhan;

  /** The canvas is this much larger than the map on every side, so that dragging shows no bare edge at once. */
  const PAD = 0.12;
  const SHAPE_OF = {
    fixed: ['disc', 'fixed'], smart_room: ['square', 'smart'], smart_locker: ['pentagon', 'smart'], bus: ['triangle', 'mobile'],
    container: ['down', 'mobile'], micro: ['small', 'fixed'], centre: ['hexagon', 'fixed'],
  };
  const SHAPE_FOR = { new_fixed: 'star', new_smart: 'diamond', upgrade_smart: 'square', mobile_window: 'triangle', close: 'small', relocate: 'hexagon' };
  const REACHED = ['hours', 'capacity', 'service'];

  const shapeOfKind = kind => SHAPE_OF[kind] ?? SHAPE_OF.fixed;
  const shapeOfAction = action => SHAPE_FOR[action] ?? 'pentagon';
  const radiusFor = count => (count > 3000 ? 2.4 : count > 600 ? 3.6 : 5.5);
  const isReached = gap => REACHED.includes(gap.p.cause);

  let app, leaflet, canvas, tip, ground, dots, hits, frame;

  function create(owner) {
    app = owner;
    leaflet = L.map('map', { zoomControl: false, attributionControl: false, zoomAnimation: false, fadeAnimation: false, zoomSnap: 0, zoomDelta: 0.5,
      inertia: !matchMedia('(prefers-reduced-motion: reduce)').matches });
    L.control.scale({ imperial: false }).addTo(leaflet);
    tip = id('map').appendChild(h('div', { class: 'tip', 'aria-hidden': 'true', hidden: true }));
    prepare(app.header);
    whole();
    canvas = leaflet.getPane('overlayPane').appendChild(h('canvas'));
    listen();
  }

  /** Ground and lattice in Mercator, and the image that holds one dot per square. */
  function prepare({ base, grid }) {
    const lines = name => base[name].map(line => line.map(D.mercator));
    ground = { water: base.water.map(rings => rings.map(ring => ring.map(D.mercator))) };
    for (const name of ['railway', 'expressway', 'crossing', 'street']) ground[name] = lines(name);
    ground.lattice = { grid, points: grid.lon.map((row, i) => row.map((lon, j) => D.mercator([lon, grid.lat[i][j]]))) };
    const at = app.model.square_at;
    let [left, right, bottom, top] = [grid.columns, 0, grid.rows, 0];
    for (let k = 0; k < at.length; k += 2) {
      [left, right] = [Math.min(left, at[k]), Math.max(right, at[k])];
      [bottom, top] = [Math.min(bottom, at[k + 1]), Math.max(top, at[k + 1])];
    }
    const [width, height] = [right - left + 1, top - bottom + 1];
    dots = { left, top: top + 1, width, index: new Int32Array(width * height).fill(-1), pixels: new ImageData(width, height) };
    dots.image = Object.assign(document.createElement('canvas'), { width, height });
    dots.place = Uint32Array.from({ length: at.length / 2 }, (_, square) => (top - at[2 * square + 1]) * width + at[2 * square] - left);
    dots.place.forEach((place, square) => { dots.index[place] = square; });
  }

  function whole() {
    const { grid } = app.header;
    const corners = [grid.lon.flat(), grid.lat.flat()].map(values => [Math.min(...values), Math.max(...values)]);
    leaflet.fitBounds([[corners[1][0], corners[0][0]], [corners[1][1], corners[0][1]]], { animate: false, padding: [4, 4] });
  }

  function viewNow() {
    const size = leaflet.getSize();
    const pad = size.multiplyBy(PAD).round();
    const corner = leaflet.getPixelBounds().min.subtract(pad);
    return { width: size.x + 2 * pad.x, height: size.y + 2 * pad.y, scale: 256 * 2 ** leaflet.getZoom(), x: corner.x, y: corner.y,
      pad, ratio: Math.max(2, devicePixelRatio) };
  }

  function paint() {
    cancelAnimationFrame(frame);
    const view = viewNow();
    Object.assign(canvas, { width: view.width * view.ratio, height: view.height * view.ratio });
    Object.assign(canvas.style, { width: `${view.width}px`, height: `${view.height}px` });
    L.DomUtil.setPosition(canvas, leaflet.containerPointToLayerPoint(view.pad.multiplyBy(-1)));
    const context = canvas.getContext('2d');
    context.scale(view.ratio, view.ratio);
    hits = [];
    drawAll(context, view);
  }

  function redraw() {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(paint);
  }

  const shown = layer => !app.state.hidden.has(layer);

  function drawAll(context, view) {
    const colour = Yizhan.colours.fixed();
    context.fillStyle = colour.ground;
    context.fillRect(0, 0, view.width, view.height);
    if (app.state.surface !== 'none') drawSquares(context, view, colour);
    drawGround(context, view, colour);
    if (shown('reach')) drawReach(context, view, colour);
    if (shown('gaps')) drawGapOutlines(context, view, colour);
    if (shown('pairs')) drawPairs(context, view, colour);
    drawStations(context, view, colour);
    if (shown('buses')) drawBuses(context, view, colour);
    if (shown('recommend')) drawRecommendations(context, view, colour);
    if (shown('gaps')) drawBadges(context, view, colour);
    drawSelection(context, view, colour);
  }

  /** Gives every square its dot; 0 is none. */
  function fillDots(colourOf) {
    const pixels = new Uint32Array(dots.pixels.data.buffer);
    dots.place.forEach((place, square) => { pixels[place] = colourOf(square); });
    dots.image.getContext('2d').putImageData(dots.pixels, 0, 0);
  }

  /** The bytes of `#rrggbb` in the order of an image's dots. */
  const dotOf = hex => parseInt(`ff${hex.slice(5)}${hex.slice(3, 5)}${hex.slice(1, 3)}`, 16);

  function classColours() {
    const { surface, theme } = app.state;
    const { squares: { demand, covered }, hours, breaks } = app.now;
    const scale = hours.length === 24 ? 1000 : 1000 * hours.length;
    const ramp = Yizhan.colours.ramp(theme, surface, breaks.length + 1).map(dotOf);
    return square => {
      const visits = surface === 'unmet' ? demand[square] - covered[square] : demand[square];
      if (visits <= 0) return 0;
      let step = 0;
      while (step < breaks.length && visits / scale > breaks[step]) step++;
      return ramp[step];
    };
  }

  function drawSquares(context, view, colour) {
    fillDots(classColours());
    D.lattice(context, view, ground.lattice, dots);
    if (!app.now.anyWithheld) return;
    const { withheld, demand } = app.now.squares;
    fillDots(square => (withheld[square] && demand[square] === 0 ? 0xffffffff : 0));
    D.hatched(context, view, ground.lattice, dots, colour.withheld);
  }

  function drawGround(context, view, colour) {
    if (shown('water')) for (const rings of ground.water) D.areas(context, view, rings, colour.water, colour.shore);
    if (shown('street')) {
      D.trace(context, view, ground.street);
      D.stroke(context, colour.street, 0.8);
      D.trace(context, view, ground.expressway);
      D.stroke(context, colour.expressway, 2.2);
    }
    if (shown('railway')) {
      D.railway(context, view, ground.railway, { dark: colour.rail, light: colour.ground });
      D.trace(context, view, ground.crossing);
      D.stroke(context, colour.rail, 2);
    }
  }

  const limit = () => app.header.standard.limit_m[app.header.days[app.state.day].season];
  const circle = (view, xy) => [...D.pixel(view, xy), D.pixels(view, limit(), xy)];

  function drawReach(context, view, colour) {
    const radius = D.pixels(view, limit(), ground.lattice.points[0][0]);
    if (radius < 3) return;
    const { sites } = app.header;
    const standing = sites.map((site, index) => M.standing(site, app.state.stage) && app.siteItem(index)).filter(one => one && one.xy);
    const circles = standing.map(one => circle(view, one.xy)).filter(at => D.inside(view, at, 2 * radius));
    D.merged(context, view, circles, colour.reach, colour.rim);
    if (!shown('recommend')) return;
    const proposed = sites.map((site, index) => site.rec !== null && app.siteItem(index)).filter(one => one && one.xy);
    for (const one of proposed) {
      D.outline(context, 'disc', ...circle(view, one.xy));
      D.stroke(context, colour.chosen, 1.4, [5, 4]);
    }
  }

  const gapsNow = () => app.items.gap.filter(I.ofDay(app.header.days[app.state.day]));
  const busesNow = () => app.items.bus.filter(I.busOfDay(app.header.days[app.state.day]));

  function drawGapOutlines(context, view, colour) {
    for (const gap of gapsNow()) {
      D.trace(context, view, gap.lines);
      D.stroke(context, colour.rim, 4);
      D.stroke(context, colour.ink, isReached(gap) ? 1 : 1.8, isReached(gap) ? [3, 3] : []);
    }
  }

  function drawPairs(context, view, colour) {
    for (const pair of app.items.pair) {
      const look = pair.p.verdict === 'redundant' ? { ink: colour.chosen } : { ink: colour.ink, dash: [3, 3] };
      D.pair(context, view, pair.lines, { width: 20, ...look });
      hit(view, pair, 10);
    }
  }

  /** Notes where an item is drawn, for the pointer; null if that is nowhere in sight. */
  function hit(view, item, radius, at = item.xy && D.pixel(view, item.xy)) {
    if (!at || !D.inside(view, at, 20)) return null;
    hits.push({ x: at[0] - view.pad.x, y: at[1] - view.pad.y, radius, item });
    return at;
  }

  /** How a station looks now: its kind, hollow while it is closed, grey when it is not in use. */
  function lookOf(station, colour) {
    const [shape, name] = shapeOfKind(station.p.kind);
    const site = app.siteOf.get(station.key);
    if (site !== undefined) return { shape, colour: colour[name], hollow: app.now.open[site] === 0 };
    return { shape, colour: name === 'mobile' && station.p.status === 'active' ? colour.mobile : colour.idle, hollow: station.p.status !== 'active' };
  }

  function drawStations(context, view, colour) {
    const stations = app.items.station.filter(one => one.xy && shown(`kind.${one.p.kind}`) && D.inside(view, D.pixel(view, one.xy), 8));
    const radius = radiusFor(stations.length);
    for (const one of stations) D.symbol(context, lookOf(one, colour), hit(view, one, radius), radius, colour.rim);
  }

  function drawBuses(context, view, colour) {
    for (const bus of busesNow()) {
      const at = hit(view, bus, 7);
      const here = app.now.hours.some(hour => hour >= parseInt(bus.p.arrive, 10) && hour < parseInt(bus.p.leave, 10));
      if (at) D.symbol(context, { shape: 'triangle', colour: colour.chosen, hollow: !here }, at, 7, colour.rim);
    }
  }

  function drawRecommendations(context, view, colour) {
    for (const one of app.items.recommend) {
      const at = hit(view, one, 8);
      if (!at) continue;
      D.symbol(context, { shape: shapeOfAction(one.p.action), colour: colour.chosen }, at, 7, colour.rim);
      D.text(context, String(one.number), [at[0] + 10, at[1] - 10], { size: 13, colour: colour.ink, halo: colour.rim, align: 'left' });
    }
  }

  /** The upper left corner of a gap, where its number hides least; of one without an outline its place. */
  function cornerOf(view, gap) {
    const corners = (gap.lines.length ? gap.lines.flat() : [gap.xy]).map(at => D.pixel(view, at));
    return corners.reduce((best, at) => (at[0] + at[1] < best[0] + best[1] ? at : best));
  }

  function drawBadges(context, view, colour) {
    for (const gap of gapsNow().filter(one => one.lines.length || one.xy).reverse()) {
      const at = hit(view, gap, 9, cornerOf(view, gap));
      const [fill, ink] = isReached(gap) ? [colour.rim, colour.ink] : [colour.ink, colour.rim];
      if (at) D.badge(context, String(gap.p.rank), at, { fill, ink });
    }
  }

  function drawSelection(context, view, colour) {
    const one = app.items.byKey.get(app.state.selected);
    if (!one || !one.xy) return;
    const [x, y, radius] = circle(view, one.xy);
    const ring = (size, ink, width, dash) => {
      D.outline(context, 'disc', x, y, size);
      D.stroke(context, ink, width, dash);
    };
    ring(14, colour.rim, 5);
    ring(14, colour.focus, 2.5);
    if (app.siteOf.has(one.key)) ring(radius, colour.focus, 2);
  }

  /** The topmost item at a point of the map, if there is one. */
  function itemAt({ x, y }) {
    const near = hits.filter(at => Math.hypot(at.x - x, at.y - y) <= at.radius + 3);
    return near.length ? near[near.length - 1].item : null;
  }

  function squareAt(latlng) {
    const [column, row] = M.columnRow(app.header.grid, latlng.lng, latlng.lat);
    const [x, y] = [column - dots.left, dots.top - 1 - row];
    return x >= 0 && x < dots.width && y >= 0 ? dots.index[y * dots.width + x] ?? -1 : -1;
  }

  function describeItem(one) {
    const figure = { station: () => term('kind', one.p.kind), gap: () => amount(one.p.severity), recommend: () => term('action', one.p.action),
      pair: () => term('verdict', one.p.verdict), bus: () => `${one.p.arrive}–${one.p.leave}` };
    return [one.name, figure[one.sort]()];
  }

  function describeSquare(square) {
    const { demand, covered, withheld } = app.now.squares;
    const names = !app.header.named ? [] : M.sitesOf(app.model, square, { ...app.state, hours: app.now.hours }).map(site => app.siteItem(site)?.name ?? app.header.sites[site].id);
    const more = names.length > 3 ? t('page.square.more', { n: names.length }) : '';
    return [
      t('page.square.demand', { n: amount(demand[square] / 1000, app.now.unit) }),
      t('page.square.covered', { n: amount(covered[square] / 1000, app.now.unit), share: percent(demand[square] ? covered[square] / demand[square] : null) }),
      ...(!app.header.named ? [] : [names.length ? t('page.square.by', { names: list(names.slice(0, 3)) + more }) : t('page.square.by.none')]),
      ...(withheld[square] ? [t('page.square.withheld')] : []),
    ];
  }

  /** What is at a point: its lines of text, and the item if there is one. */
  function under(point, latlng) {
    const item = itemAt(point);
    if (item) return { item, lines: describeItem(item) };
    const square = app.state.surface === 'none' ? -1 : squareAt(latlng);
    return { item, lines: square < 0 ? [] : describeSquare(square) };
  }

  function showTip(point, lines) {
    tip.hidden = lines.length === 0;
    tip.replaceChildren(...lines.map(line => h('div', {}, line)));
    const size = leaflet.getSize();
    const left = Math.min(point.x + 14, size.x - tip.offsetWidth - 6);
    const top = point.y + 16 + tip.offsetHeight > size.y ? point.y - tip.offsetHeight - 10 : point.y + 16;
    tip.style.transform = `translate(${Math.max(left, 6)}px, ${Math.max(top, 6)}px)`;
  }

  function listen() {
    leaflet.on('mousemove', event => {
      const { item, lines } = under(event.containerPoint, event.latlng);
      id('map').classList.toggle('over', item !== null);
      showTip(event.containerPoint, lines);
    });
    leaflet.on('mouseout movestart', () => { tip.hidden = true; });
    leaflet.on('moveend', paint);
    leaflet.on('click', event => act(event.containerPoint, event.latlng));
    id('map').addEventListener('keydown', event => {
      if (event.key !== 'Enter' || event.target !== id('map')) return;
      act(leaflet.getSize().divideBy(2), leaflet.getCenter());
    });
    id('zoom-in').addEventListener('click', () => leaflet.zoomIn());
    id('zoom-out').addEventListener('click', () => leaflet.zoomOut());
    id('zoom-whole').addEventListener('click', whole);
  }

  /** A click, or Enter for the middle of the map: opens the item there, or says what the square holds. */
  function act(point, latlng) {
    const { item, lines } = under(point, latlng);
    if (item) app.open(item.key);
    else {
      showTip(point, lines);
      app.announce(lines.join(' '));
    }
  }

  /** Moves the map to an item unless it is in sight. */
  function reveal(one) {
    if (!one.at) return;
    const at = L.latLng(one.at[1], one.at[0]);
    if (!leaflet.getBounds().pad(-0.1).contains(at)) leaflet.setView(at, leaflet.getZoom(), { animate: false });
  }

  /** Before and after printing the map has another size; it keeps what it shows. */
  function resize() {
    const bounds = leaflet.getBounds();
    leaflet.invalidateSize({ animate: false, pan: false });
    leaflet.fitBounds(bounds, { animate: false });
    paint();
  }

  return { create, redraw, reveal, resize, shapeOfKind, shapeOfAction, limit, gapsNow, busesNow };
})();
