/**
 * A footprint cut along the areas, for drawing only: the figures are the
 * server's. The footprint is divided into triangles, and each area is clipped
 * by each triangle (Sutherland and Hodgman 1974, which needs a convex clip).
 *
 * @typedef {import("./types.js").Geometry} Geometry
 * @typedef {[number, number]} Point
 * @typedef {[Point, Point, Point]} Triangle counterclockwise
 */

// The sine of an angle that is none: crossings are right to 1e-14 of some 1e-6 degrees.
const SPIKE = 1e-7;

/** Twice the signed area of a, b, c: positive when c lies left of a → b. @param {Point} a @param {Point} b @param {Point} c */
const turn = (a, b, c) => (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);

/** @param {Point} p @param {Triangle} triangle */
const within = (p, [a, b, c]) => turn(a, b, p) >= 0 && turn(b, c, p) >= 0 && turn(c, a, p) >= 0;

/**
 * Ear clipping of a simple ring; a ring that crosses itself yields what it can.
 *
 * @param {Point[]} ring open, either way round
 * @returns {Triangle[]}
 */
export function triangles(ring) {
  const area = ring.reduce((sum, p, i) => sum + turn(ring[0], p, ring[(i + 1) % ring.length]), 0);
  const left = area < 0 ? [...ring].reverse() : [...ring];
  /** @type {Triangle[]} */
  const found = [];
  while (left.length > 2) {
    const ear = left.findIndex((b, i) => {
      /** @type {Triangle} */
      const corner = [left[(i + left.length - 1) % left.length], b, left[(i + 1) % left.length]];
      return turn(...corner) > 0 && !left.some((p) => !corner.includes(p) && within(p, corner));
    });
    if (ear < 0) break;
    found.push([left[(ear + left.length - 1) % left.length], left[ear], left[(ear + 1) % left.length]]);
    left.splice(ear, 1);
  }
  return found;
}

/** @param {Point[]} ring open @param {Triangle} triangle @returns {Point[]} open, empty when nothing is left */
function clip(ring, triangle) {
  return triangle.reduce((/** @type {Point[]} */ kept, a, side) => {
    const b = triangle[(side + 1) % 3];
    return kept.flatMap((p, i) => {
      const before = kept[(i + kept.length - 1) % kept.length];
      const [here, there] = [turn(a, b, p), turn(a, b, before)];
      const out = /** @type {Point[]} */ ([]);
      if (here >= 0 !== there >= 0) {
        const part = there / (there - here);
        out.push([before[0] + part * (p[0] - before[0]), before[1] + part * (p[1] - before[1])]);
      }
      if (here >= 0) out.push(p);
      return out;
    });
  }, ring);
}

/**
 * The ring without its spikes: where an area leaves a triangle and comes back, the clip runs along
 * a side to a corner and back, and the map's own triangulation stumbles over that.
 *
 * @param {Point[]} ring open
 * @returns {Point[]} open
 */
export function unspiked(ring) {
  const left = [...ring];
  for (let i = 0, unchanged = 0; left.length > 2 && unchanged < left.length;) {
    const at = i % left.length;
    const [a, b, c] = [left[(at + left.length - 1) % left.length], left[at], left[(at + 1) % left.length]];
    const along = (b[0] - a[0]) * (c[0] - b[0]) + (b[1] - a[1]) * (c[1] - b[1]);
    if (along <= 0 && Math.abs(turn(a, b, c)) <= SPIKE * Math.hypot(b[0] - a[0], b[1] - a[1]) * Math.hypot(c[0] - b[0], c[1] - b[1])) {
      left.splice(at, 1);
      [i, unchanged] = [Math.max(at - 1, 0), 0];
    } else [i, unchanged] = [at + 1, unchanged + 1];
  }
  return left;
}

/** @param {Geometry} geometry @returns {Point[][][]} polygons of open rings */
function polygons({ type, coordinates }) {
  const all = type === "MultiPolygon" ? coordinates : type === "Polygon" ? [coordinates] : [];
  return all.map((/** @type {Point[][]} */ rings) => rings.map((ring) => ring.slice(0, -1)));
}

/**
 * The part of a footprint that lies in an area. Holes of the footprint are not cut out.
 *
 * @param {Geometry} footprint Polygon or MultiPolygon
 * @param {Geometry} area Polygon or MultiPolygon
 * @returns {Geometry} a MultiPolygon, perhaps empty
 */
export function cut(footprint, area) {
  const pieces = polygons(footprint).flatMap(([outer]) => triangles(outer)).flatMap((triangle) =>
    polygons(area).flatMap(([outer, ...holes]) => {
      const rings = [outer, ...holes].map((ring) => unspiked(clip(ring, triangle))).filter((ring, i) => i === 0 || ring.length > 2);
      return rings[0].length > 2 ? [rings.map((ring) => [...ring, ring[0]])] : [];
    }));
  return { type: "MultiPolygon", coordinates: pieces };
}

/**
 * Where to write a part's figure: its centroid, over all its pieces, so that
 * the seams between the triangles do not show.
 *
 * @param {Geometry} part
 * @returns {Point|null}
 */
export function heart({ type, coordinates }) {
  /** @type {Point[][]} */
  const rings = (type === "Polygon" ? [coordinates] : coordinates).map((/** @type {Point[][]} */ [outer]) => outer);
  const sum = [0, 0, 0];
  for (const [origin, ...rest] of rings) {
    rest.slice(1).forEach((c, i) => {
      const b = rest[i];
      const size = turn(origin, b, c);
      sum[0] += size * (origin[0] + b[0] + c[0]);
      sum[1] += size * (origin[1] + b[1] + c[1]);
      sum[2] += 3 * size;
    });
  }
  return sum[2] ? [sum[0] / sum[2], sum[1] / sum[2]] : null;
}
