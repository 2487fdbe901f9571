/**
 * Border lines out of polygons that share edges, each edge once.
 *
 * Drawing the polygons' own outlines would draw every shared border twice, in
 * opposite directions, and two dashed lines on top of each other look solid.
 *
 * @typedef {{codes: Set<string>, ends: [number[], number[]]}} Edge
 * @typedef {{id: string, geometry: {type: string, coordinates: any}}} Feature
 */

/** @param {number[]} point */
const name = (point) => `${point[0]},${point[1]}`;

/** @param {Feature} feature @returns {number[][][]} every ring of every part */
function rings({ geometry }) {
  if (geometry.type === "Polygon") return geometry.coordinates;
  return geometry.type === "MultiPolygon" ? geometry.coordinates.flat() : [];
}

/**
 * @param {Feature[]} features
 * @returns {Edge[]} each edge with the codes on its two sides (one code on the outside)
 */
function edges(features) {
  /** @type {Map<string, Edge>} */
  const found = new Map();
  for (const feature of features) {
    for (const ring of rings(feature)) {
      for (let i = 1; i < ring.length; i++) {
        const a = name(ring[i - 1]);
        const b = name(ring[i]);
        if (a === b) continue;
        const key = a < b ? `${a};${b}` : `${b};${a}`;
        const edge = found.get(key);
        if (edge) edge.codes.add(feature.id);
        else found.set(key, { codes: new Set([feature.id]), ends: [ring[i - 1], ring[i]] });
      }
    }
  }
  return [...found.values()];
}

/**
 * Chains edges into the longest lines that pass no junction.
 *
 * @param {Edge[]} loose
 * @returns {number[][][]} coordinates of a MultiLineString
 */
function chains(loose) {
  /** @type {Map<string, number[]>} */
  const at = new Map();
  loose.forEach(({ ends }, index) => {
    for (const end of ends) {
      const key = name(end);
      const here = at.get(key);
      if (here) here.push(index);
      else at.set(key, [index]);
    }
  });
  const used = new Uint8Array(loose.length);
  /** @param {number} start @param {number[]} from */
  const walk = (start, from) => {
    const line = [from];
    let index = start;
    let here = from;
    for (;;) {
      used[index] = 1;
      const [a, b] = loose[index].ends;
      here = name(a) === name(here) ? b : a;
      line.push(here);
      const others = /** @type {number[]} */ (at.get(name(here)));
      const next = others.length === 2 ? others.find((other) => !used[other]) : undefined;
      if (next === undefined) return line;
      index = next;
    }
  };
  /** @type {number[][][]} */
  const lines = [];
  // Open lines start at their ends and at junctions; what is left are closed rings.
  loose.forEach(({ ends }, index) => {
    for (const end of ends) {
      if (!used[index] && at.get(name(end))?.length !== 2) lines.push(walk(index, end));
    }
  });
  loose.forEach(({ ends }, index) => {
    if (!used[index]) lines.push(walk(index, ends[0]));
  });
  return lines;
}

/**
 * All border lines of the features, each once.
 *
 * @param {Feature[]} features
 * @returns {{type: "MultiLineString", coordinates: number[][][]}}
 */
export const borders = (features) => ({ type: "MultiLineString", coordinates: chains(edges(features)) });

/**
 * The border between areas: only edges with more than one of them on their sides.
 *
 * @param {Feature[]} features
 * @returns {{type: "MultiLineString", coordinates: number[][][]}}
 */
export const between = (features) => ({
  type: "MultiLineString",
  coordinates: chains(edges(features).filter(({ codes }) => codes.size > 1)),
});
