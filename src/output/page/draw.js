// Draws the map on a canvas. A view is { width, height, scale, x, y, ratio }: Web Mercator (0 to 1) times scale, less x and y, in pixels.

Yizhan.draw = (() => {
  const TURN = 2 * Math.PI;

  const mercator = ([lon, lat]) => [lon / 360 + 0.5, 0.5 - Math.log(Math.tan(Math.PI / 4 + lat * Math.PI / 360)) / TURN];
  const pixel = (view, [x, y]) => [x * view.scale - view.x, y * view.scale - view.y];

  /** Pixels of a length on the ground at a place (Mercator). */
  function pixels(view, metres, [, y]) {
    const latitude = Math.atan(Math.sinh(Math.PI * (1 - 2 * y)));
    return metres / (40075016.7 * Math.cos(latitude)) * view.scale;
  }

  const inside = (view, [x, y], margin) => x > -margin && y > -margin && x < view.width + margin && y < view.height + margin;

  function trace(context, view, lines) {
    context.beginPath();
    for (const line of lines) {
      line.forEach((at, index) => {
        const [x, y] = pixel(view, at);
        if (index === 0) context.moveTo(x, y);
        else context.lineTo(x, y);
      });
    }
  }

  function stroke(context, colour, width, dash = []) {
    Object.assign(context, { strokeStyle: colour, lineWidth: width, lineJoin: 'round' });
    context.setLineDash(dash);
    context.stroke();
    context.setLineDash([]);
  }

  function areas(context, view, rings, fill, line) {
    trace(context, view, rings);
    context.fillStyle = fill;
    context.fill('evenodd');
    stroke(context, line, 1);
  }

  const STAR = Array.from({ length: 10 }, (_, k) => [k % 2 ? 0.52 : 1.15, k / 10 - 0.25]);
  const regular = (corners, radius, turn) => Array.from({ length: corners }, (_, k) => [radius, k / corners + turn]);
  /** Corners of each shape around its centre: radius and turn. None: a disc. */
  const SHAPES = {
    disc: [], square: regular(4, 1.2, 0.125), triangle: regular(3, 1.3, -0.25), diamond: regular(4, 1.25, 0), star: STAR,
    pentagon: regular(5, 1.15, -0.25), hexagon: regular(6, 1.1, 0), down: regular(3, 1.3, 0.25), small: regular(4, 0.85, 0.125),
  };

  function outline(context, shape, x, y, radius) {
    context.beginPath();
    const corners = SHAPES[shape];
    if (corners.length === 0) context.arc(x, y, radius, 0, TURN);
    for (const [far, turn] of corners) context.lineTo(x + far * radius * Math.cos(turn * TURN), y + far * radius * Math.sin(turn * TURN));
    context.closePath();
  }

  /** A symbol with a rim: full, or hollow for what is closed. Three fills are much faster than strokes when there are thousands. */
  function symbol(context, { shape, colour, hollow }, [x, y], radius, paper) {
    const layers = [[1.3, paper], [1, colour], ...(hollow ? [[0.65, paper]] : [])];
    for (const [part, fill] of layers) {
      outline(context, shape, x, y, radius * part);
      context.fillStyle = fill;
      context.fill();
    }
  }

  function text(context, words, [x, y], { size, colour, halo, align = 'center' }) {
    Object.assign(context, { font: `600 ${size}px system-ui, sans-serif`, textAlign: align, textBaseline: 'middle', lineJoin: 'round' });
    if (halo) {
      Object.assign(context, { strokeStyle: halo, lineWidth: 3 });
      context.strokeText(words, x, y);
    }
    context.fillStyle = colour;
    context.fillText(words, x, y);
  }

  /** A gap's number in a disc. */
  function badge(context, words, [x, y], { fill, ink }) {
    context.beginPath();
    context.arc(x, y, 9, 0, TURN);
    stroke(context, ink, 2.5);
    context.fillStyle = fill;
    context.fill();
    text(context, words, [x, y + 0.5], { size: words.length > 2 ? 8 : 10.5, colour: ink });
  }

  /** A railway: dark line with light bars in it. */
  function railway(context, view, lines, { dark, light }) {
    trace(context, view, lines);
    stroke(context, dark, 3.4);
    trace(context, view, lines);
    stroke(context, light, 1.6, [7, 7]);
  }

  /** A halo around two places, so that a pair shows on a small map too, and the link between them. */
  function pair(context, view, lines, { ink, width, dash }) {
    trace(context, view, lines);
    Object.assign(context, { lineCap: 'round', globalAlpha: 0.3 });
    stroke(context, ink, width);
    Object.assign(context, { lineCap: 'butt', globalAlpha: 1 });
    stroke(context, ink, 3, dash);
  }

  const scratch = document.createElement('canvas');

  /** A clear canvas of the view's size, for what has to be composed before it goes on the map. */
  function layer(view) {
    scratch.width = view.width * view.ratio;
    scratch.height = view.height * view.ratio;
    const context = scratch.getContext('2d');
    context.scale(view.ratio, view.ratio);
    return context;
  }

  const stamp = (context, view) => context.drawImage(scratch, 0, 0, view.width, view.height);

  /** The outline of many circles as one area: drawn wide, then cut out narrower. */
  function merged(context, view, circles, colour, rim) {
    const on = layer(view);
    const discs = grow => {
      for (const [x, y, radius] of circles) {
        on.beginPath();
        on.arc(x, y, Math.max(radius + grow, 0), 0, TURN);
        on.fill();
      }
    };
    on.fillStyle = rim;
    discs(1.5);
    on.fillStyle = colour;
    discs(0.7);
    on.globalCompositeOperation = 'destination-out';
    discs(-0.7);
    stamp(context, view);
  }

  /** An image of one dot per square, laid over the lattice patch by patch; each reaches one dot further, so that no seam shows. */
  function lattice(context, view, { grid, points }, { image, left, top }) {
    context.save();
    context.imageSmoothingEnabled = false;
    for (let i = 0; i + 1 < grid.at_row.length; i++) {
      for (let j = 0; j + 1 < grid.at_column.length; j++) {
        const [wide, high] = [grid.at_column[j + 1] - grid.at_column[j], grid.at_row[i + 1] - grid.at_row[i]];
        const [origin, east, south] = [points[i + 1][j], points[i + 1][j + 1], points[i][j]].map(at => pixel(view, at));
        if (Math.max(origin[0], east[0], south[0]) < 0 || Math.min(origin[0], south[0]) > view.width) continue;
        if (Math.max(south[1], origin[1]) < 0 || Math.min(origin[1], east[1]) > view.height) continue;
        context.save();
        context.transform((east[0] - origin[0]) / wide, (east[1] - origin[1]) / wide,
          (south[0] - origin[0]) / high, (south[1] - origin[1]) / high, ...origin);
        context.drawImage(image, grid.at_column[j] - left, top - grid.at_row[i + 1], wide + 1, high + 1, 0, 0, wide + 1, high + 1);
        context.restore();
      }
    }
    context.restore();
  }

  /** The same, but hatched: only the image's opaque dots show the pattern. */
  function hatched(context, view, lines, dots, colour) {
    const on = layer(view);
    lattice(on, view, lines, dots);
    on.globalCompositeOperation = 'source-in';
    on.beginPath();
    for (let x = -view.height; x < view.width; x += 6) {
      on.moveTo(x, view.height);
      on.lineTo(x + view.height, 0);
    }
    stroke(on, colour, 1.2);
    stamp(context, view);
  }

  return { mercator, pixel, pixels, inside, trace, stroke, areas, symbol, outline, text, badge, railway, pair, merged, lattice, hatched };
})();
