/** @typedef {import("./types.js").LngLat} LngLat */
/** @typedef {import("./types.js").Geometry} Geometry */

// GRS 80 semi-major axis. These figures only guide the hand; the server measures.
const RADIUS_M = 6_378_137;
const RAD = Math.PI / 180;

/** @param {number} lat */
const perDegree = (lat) => ({ lng_m: RADIUS_M * RAD * Math.cos(lat * RAD), lat_m: RADIUS_M * RAD });

/**
 * A circle on the ground as a ring.
 *
 * @param {number[]} centre
 * @param {number} radius_m
 * @param {number} [steps]
 * @returns {number[][]} closed
 */
export function circle([lng, lat], radius_m, steps = 64) {
  const { lng_m, lat_m } = perDegree(lat);
  return Array.from({ length: steps + 1 }, (_, i) => {
    const angle = (2 * Math.PI * (i % steps)) / steps;
    return [lng + (Math.cos(angle) * radius_m) / lng_m, lat + (Math.sin(angle) * radius_m) / lat_m];
  });
}

/** About right for a building; the server gives the true figure. @param {number[][]} ring open or closed */
export function ringArea_m2(ring) {
  if (ring.length < 3) return 0;
  const { lng_m, lat_m } = perDegree(ring[0][1]);
  let twice = 0;
  ring.forEach(([lng, lat], i) => {
    const [nextLng, nextLat] = ring[(i + 1) % ring.length];
    twice += (lng - ring[0][0]) * (nextLat - ring[0][1]) - (nextLng - ring[0][0]) * (lat - ring[0][1]);
  });
  return Math.abs(twice / 2) * lng_m * lat_m;
}

/** @param {Geometry} geometry @returns {number[][]} every vertex */
export function vertices(geometry) {
  /** @param {any} node @returns {number[][]} */
  const walk = (node) => (typeof node[0] === "number" ? [node] : node.flatMap(walk));
  return geometry.coordinates.length ? walk(geometry.coordinates) : [];
}

/** @param {Geometry} geometry @returns {[number, number, number, number]} west, south, east, north */
export function bounds(geometry) {
  /** @type {[number, number, number, number]} */
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [lng, lat] of vertices(geometry)) {
    box[0] = Math.min(box[0], lng);
    box[1] = Math.min(box[1], lat);
    box[2] = Math.max(box[2], lng);
    box[3] = Math.max(box[3], lat);
  }
  return box;
}

/** @param {Geometry} geometry @returns {LngLat} the middle of its bounds */
export function middle(geometry) {
  const [west, south, east, north] = bounds(geometry);
  return [(west + east) / 2, (south + north) / 2];
}

/**
 * The ring that no point within `radius_m` of the geometry lies outside of: the
 * convex hull of circles round its vertices. A geofence drawn with it is never too small.
 *
 * @param {Geometry} geometry
 * @param {number} radius_m
 * @returns {number[][]} closed
 */
export function surroundings(geometry, radius_m) {
  const points = vertices(geometry)
    .flatMap((vertex) => circle(vertex, radius_m, 48))
    .sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const ring = [...half(points), ...half([...points].reverse())];
  return [...ring, ring[0]];
}

/** One side of the hull (monotone chain, Andrew 1979). @param {number[][]} points sorted */
function half(points) {
  /** @type {number[][]} */
  const side = [];
  for (const p of points) {
    while (side.length > 1) {
      const [a, b] = side.slice(-2);
      if ((b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0]) > 0) break;
      side.pop();
    }
    side.push(p);
  }
  return side.slice(0, -1);
}

/**
 * Even-odd over all rings, so holes count as outside.
 *
 * @param {number[]} point
 * @param {Geometry} geometry Polygon or MultiPolygon
 */
export function contains([x, y], geometry) {
  const all = geometry.type === "MultiPolygon" ? geometry.coordinates.flat() : geometry.coordinates;
  let inside = false;
  for (const ring of all) {
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
      const [xi, yi] = ring[i];
      const [xj, yj] = ring[j];
      if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
    }
  }
  return inside;
}
