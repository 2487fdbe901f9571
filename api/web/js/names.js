import { INK, NOTHING, setData } from "./map.js";
import { bounds, contains } from "./geometry.js";

/**
 * Names of the areas in view, each on its own side: the server's label point
 * while it is in view, else a point well inside the part that can be seen.
 */
const LEVELS = [
  { level: "cell", from: 16.5, to: 24, size: 10, colour: "#8d897f" },
  { level: "community", from: 14, to: 24, size: 11, colour: "#7b776d" },
  { level: "street", from: 10.6, to: 24, size: 13, colour: "#4a4841" },
  { level: "district", from: 0, to: 13, size: 15, colour: INK.district },
];
// A grid of points in view, tried against the polygons to find a place for a name.
const COLUMNS = 12;
const ROWS = 10;
const MARGIN = 0.06;
// Half a name fits between a place and the middle of a name beside it.
const BESIDE_PX = { x: 56, y: 24 };
// A name is left out where the area is narrower than this part of it.
const ROOM = 0.9;
const EQUATOR_M = 40_075_017;
const TILE_PX = 512;

/** @param {any} map @param {{level: string, from: number, to: number, size: number, colour: string}} level */
function addLayer(map, { level, from, to, size, colour }) {
  setData(map, `${level}-names`, NOTHING);
  map.addLayer({
    id: `${level}-names`, type: "symbol", source: `${level}-names`, minzoom: from, maxzoom: to,
    layout: {
      "text-field": level === "street"
        ? ["step", ["zoom"], ["get", "name"], 13,
          ["format", ["get", "parent_name"], { "font-scale": 0.84 }, "\n", {}, ["get", "name"], {}]]
        : ["get", "name"],
      "text-font": [level === "district" || level === "street" ? "Noto Sans CJK SC Medium" : "Noto Sans CJK SC Regular"],
      "text-size": size, "text-padding": 6, "text-line-height": 1.3,
      "text-letter-spacing": level === "district" ? 0.12 : 0.02, "text-max-width": 12,
    },
    paint: { "text-color": colour, "text-halo-color": INK.land, "text-halo-width": 1.6, "text-halo-blur": 0.4 },
  });
}

/** @param {any} map */
function viewOf(map) {
  const { top = 0, bottom = 0, left = 0, right = 0 } = map.getPadding();
  const { clientWidth: width, clientHeight: height } = map.getContainer();
  const corner = (/** @type {number} */ x, /** @type {number} */ y) => map.unproject([x, y]);
  const nw = corner(left + width * MARGIN / 2, top + height * MARGIN / 2);
  const se = corner(width - right - width * MARGIN / 2, height - bottom - height * MARGIN / 2);
  return { west: nw.lng, north: nw.lat, east: se.lng, south: se.lat };
}

/** @typedef {{west: number, south: number, east: number, north: number}} View */

/** @param {View} view */
function lattice({ west, south, east, north }) {
  const points = [];
  for (let row = 0; row < ROWS; row++) {
    for (let column = 0; column < COLUMNS; column++) {
      points.push([west + ((column + 0.5) / COLUMNS) * (east - west), south + ((row + 0.5) / ROWS) * (north - south)]);
    }
  }
  return points;
}

/** @type {WeakMap<any, [number, number, number, number]>} */
const measured = new WeakMap();

/** @param {any} feature @returns {[number, number, number, number]} */
function boundsOf(feature) {
  const kept = measured.get(feature);
  if (kept) return kept;
  const found = bounds(feature.geometry);
  measured.set(feature, found);
  return found;
}

/**
 * @param {any} feature
 * @param {View} view
 * @param {number[][]} grid
 * @param {number} pixel_m
 * @param {number} size of the type, in pixels
 * @param {(point: number[]) => boolean} taken
 * @returns {number[]|null} null when nothing of it is worth a name here
 */
function spot(feature, view, grid, pixel_m, size, taken) {
  const { area_m2, name } = feature.properties;
  if (Math.sqrt(area_m2) < name.length * size * pixel_m * ROOM) return null;
  const label = feature.properties.label;
  const within = ([lng, lat] = label) => lng > view.west && lng < view.east && lat > view.south && lat < view.north;
  if (within(label) && !taken(label)) return label;
  const [west, south, east, north] = boundsOf(feature);
  if (west > view.east || east < view.west || south > view.north || north < view.south) return null;
  const inside = grid.filter(([lng, lat]) => lng > west && lng < east && lat > south && lat < north && !taken([lng, lat]) && contains([lng, lat], feature.geometry));
  if (!inside.length) return null;
  const mean = [0, 1].map((axis) => inside.reduce((sum, point) => sum + point[axis], 0) / inside.length);
  const away = (/** @type {number[]} */ p) => (p[0] - mean[0]) ** 2 + (p[1] - mean[1]) ** 2;
  return inside.reduce((best, point) => (away(point) < away(best) ? point : best));
}

/**
 * @param {any} map
 * @param {Map<string, {name: string, parent: string|null}>} known
 */
export function placeNames(map, known) {
  LEVELS.forEach((level) => addLayer(map, level));

  /**
   * @param {Map<string, any[]>} byLevel
   * @param {[number, number, number, number]|null} clear bounds that no name may cover
   */
  function draw(byLevel, clear) {
    const zoom = map.getZoom();
    const view = viewOf(map);
    const grid = lattice(view);
    const taken = clear ? covers(clear) : () => false;
    const pixel_m = (EQUATOR_M * Math.cos((map.getCenter().lat * Math.PI) / 180)) / (TILE_PX * 2 ** zoom);
    for (const { level, from, to, size } of LEVELS) {
      if (zoom < from - 0.5 || zoom > to + 0.5) continue;
      const features = (byLevel.get(level) ?? []).flatMap((area) => {
        const at = spot(area, view, level === "cell" ? [] : grid, pixel_m, size, taken);
        return at ? [named(area, at, level)] : [];
      });
      setData(map, `${level}-names`, { type: "FeatureCollection", features });
    }
  }

  /** @param {[number, number, number, number]} clear @returns {(point: number[]) => boolean} */
  function covers([west, south, east, north]) {
    const [nw, se] = [map.project([west, north]), map.project([east, south])];
    const topLeft = map.unproject([nw.x - BESIDE_PX.x, nw.y - BESIDE_PX.y]);
    const bottomRight = map.unproject([se.x + BESIDE_PX.x, se.y + BESIDE_PX.y]);
    return ([lng, lat]) => lng > topLeft.lng && lng < bottomRight.lng && lat < topLeft.lat && lat > bottomRight.lat;
  }

  /** @param {any} area @param {number[]} at @param {string} level */
  function named(area, at, level) {
    const { name, parent } = area.properties;
    return {
      type: "Feature",
      geometry: { type: "Point", coordinates: at },
      properties: { name: level === "cell" ? area.id.slice(-3) : name, parent_name: known.get(parent)?.name ?? "" },
    };
  }

  return { draw };
}
