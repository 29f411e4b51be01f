// Everything that has a card, in one form: stations, gaps, recommendations, near-duplicate pairs, bus stops.
// An item is { key, sort, id, name, p (its properties), at ([lon, lat] or null), xy (the same in Mercator), lines (its shape in Mercator) }.

Yizhan.items = (() => {
  const { t, term } = Yizhan.words;
  const { mercator } = Yizhan.draw;

  const point = geometry => (geometry && geometry.type === 'Point' ? geometry.coordinates : null);

  function middle(geometry) {
    const [from, to] = [geometry.coordinates[0], geometry.coordinates[geometry.coordinates.length - 1]];
    return [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2];
  }

  /** The rings or the line of a shape. */
  function lines(geometry) {
    if (!geometry || geometry.type === 'Point') return [];
    if (geometry.type === 'LineString') return [geometry.coordinates.map(mercator)];
    const polygons = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates;
    return polygons.flat().map(ring => ring.map(mercator));
  }

  const MAKE = {
    station: p => ({ id: p.station_id, name: p.name }),
    gap: p => ({ id: p.gap_id, name: t('page.gap.name', { rank: p.rank, cause: term('cause', p.cause) }), at: [p.centre_lon, p.centre_lat] }),
    recommend: (p, geometry, index) => ({ id: p.rec_id, name: p.name ?? p.candidate_id, number: index + 1 }),
    pair: (p, geometry) => ({ id: p.pair_id, name: t('page.pair.name', { a: p.a_name, b: p.b_name }), at: geometry && middle(geometry) }),
    bus: (p, geometry, index) => ({ id: `B${index + 1}`, name: p.stop, at: p.lon === null ? null : [p.lon, p.lat] }),
  };

  const item = (sort, p, geometry, index) => {
    const made = { sort, p, at: point(geometry), lines: lines(geometry), ...MAKE[sort](p, geometry, index) };
    return { ...made, key: `${sort}:${made.id}`, xy: made.at && mercator(made.at) };
  };

  /** All items of a run in a language, by sort and by key. Windows of buses are items of the timetable, not recommendations twice. */
  function build(header, lang) {
    const layers = header.layers[lang];
    const features = (sort, list) => list.map((feature, index) => item(sort, feature.properties, feature.geometry, index));
    const sorts = {
      station: features('station', layers.stations.features),
      gap: features('gap', layers.gaps.features),
      recommend: features('recommend', layers.recommend.features.filter(feature => feature.properties.action !== 'place_bus')),
      pair: features('pair', layers.duplicates.features),
      bus: header.buses.map((bus, index) => item('bus', bus, null, index)),
    };
    return { ...sorts, byKey: new Map(Object.values(sorts).flat().map(one => [one.key, one])) };
  }

  const ofDay = ({ season, day_type }) => one => one.p.season === season && one.p.day_type === day_type;
  const busOfDay = ({ season, day_type }) => one => one.p.day === `${season} ${day_type}`;

  return { build, ofDay, busOfDay };
})();
