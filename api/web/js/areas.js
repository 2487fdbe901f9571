import * as api from "./api.js";
import { borders } from "./edges.js";
import { INK, NOTHING, feature, setData } from "./map.js";
import { placeNames } from "./names.js";

/** @typedef {import("./types.js").Level} Level */
/** @typedef {import("./types.js").Basis} Basis */

/**
 * How each level is asked for and drawn: from which zoom, with which zooms of
 * generalisation, and on which grid of degrees the view is rounded up, so that
 * small moves ask for the same box again and find it in the browser's cache.
 */
const LEVELS = [
  { level: "cell", from: 15, zooms: [15], grid_deg: 0.01, width: [15, 0.5, 19, 1] },
  { level: "community", from: 13, zooms: [13, 15], grid_deg: 0.05, width: [13, 0.7, 18, 1.4] },
  { level: "street", from: 9.5, zooms: [9, 11, 13, 15], grid_deg: 0.1, width: [9.5, 0.5, 13, 1.2, 18, 2] },
  { level: "district", from: 0, zooms: [8, 10, 12, 14], grid_deg: 0.1, width: [7, 1, 12, 2, 18, 2.6] },
];
// Below this zoom the whole city is asked for once; above, only the box in view.
const WHOLE_CITY_BELOW = 12;
const PATIENCE_MS = 150;
const DASHES = { cell: [5, 3], community: [4, 2.5], street: [5, 2.5], district: [6, 3] };

/** @param {any} map @param {(typeof LEVELS)[number]} level */
function addLayers(map, { level, from, width }) {
  setData(map, `${level}-lines`, NOTHING);
  const paint = {
    "line-color": /** @type {any} */ (INK)[level],
    "line-width": ["interpolate", ["linear"], ["zoom"], ...width],
  };
  if (level === "district") {
    map.addLayer({ id: "district-halo", type: "line", source: "district-lines", layout: { "line-join": "round" },
      paint: { "line-color": INK.district, "line-opacity": 0.14, "line-blur": 3,
        "line-width": ["interpolate", ["linear"], ["zoom"], 7, 4, 12, 8, 18, 11] } });
  }
  map.addLayer({ id: `${level}-lines`, type: "line", source: `${level}-lines`, minzoom: from,
    layout: { "line-join": "round" }, paint });
}

/** @param {any} map @param {number[]} zooms */
function bucket(map, zooms) {
  const zoom = map.getZoom();
  return zooms.filter((candidate) => candidate <= zoom + 0.5).pop() ?? zooms[0];
}

/** @param {any} map @param {number} step_deg @returns {number[]} the view, rounded up to the grid */
function box(map, step_deg) {
  const view = map.getBounds();
  const down = (/** @type {number} */ value) => Number((Math.floor(value / step_deg) * step_deg).toFixed(4));
  const up = (/** @type {number} */ value) => Number((Math.ceil(value / step_deg) * step_deg).toFixed(4));
  return [down(view.getWest()), down(view.getSouth()), up(view.getEast()), up(view.getNorth())];
}

/**
 * The areas of every level on the map, following the view.
 *
 * @param {any} map
 * @param {{onProblem: (problem: any) => void, onFine: () => void}} listeners
 */
export function createAreas(map, { onProblem, onFine }) {
  /** @type {Map<string, {key: string, features: any[], asked: AbortController|null}>} */
  const held = new Map(LEVELS.map(({ level }) => [level, { key: "", features: [], asked: null }]));
  /** @type {Map<string, {level: string, name: string, parent: string|null}>} */
  const known = new Map();
  let timer = 0;
  /** @type {[number, number, number, number]|null} */
  let clear = null;

  setData(map, "land", NOTHING);
  map.addLayer({ id: "land", type: "fill", source: "land", paint: { "fill-color": INK.land, "fill-antialias": false } });
  LEVELS.forEach((level) => addLayers(map, level));
  const names = placeNames(map, known);

  const drawNames = () => names.draw(new Map([...held].map(([level, { features }]) => [level, features])), clear);

  /** @param {(typeof LEVELS)[number]} wanted */
  async function load({ level, from, zooms, grid_deg }) {
    const state = /** @type {{key: string, features: any[], asked: AbortController|null}} */ (held.get(level));
    if (map.getZoom() < from) return;
    const zoom = bucket(map, zooms);
    const bbox = zoom < WHOLE_CITY_BELOW ? undefined : box(map, grid_deg);
    const key = `${zoom} ${bbox ?? ""}`;
    if (key === state.key) return;
    state.asked?.abort();
    state.asked = new AbortController();
    state.key = key;
    try {
      const { features } = await api.areas({ level, bbox, zoom }, state.asked.signal);
      if (state.key !== key) return;
      show(level, features);
      onFine();
    } catch (/** @type {any} */ error) {
      // A very large screen: the lines appear a little closer in.
      if (api.gaveUp(error) || error.slug === "too-many-areas") return;
      state.key = "";
      onProblem(error);
    }
  }

  /** @param {string} level @param {any[]} features */
  function show(level, features) {
    const state = held.get(level);
    if (state) state.features = features;
    for (const { id, properties } of features) known.set(id, properties);
    setData(map, `${level}-lines`, feature(borders(features)));
    if (level === "district") setData(map, "land", { type: "FeatureCollection", features });
    drawNames();
  }

  function follow() {
    clearTimeout(timer);
    drawNames();
    timer = window.setTimeout(() => LEVELS.forEach(load), PATIENCE_MS);
  }

  map.on("moveend", follow);
  LEVELS.forEach(load);

  return {
    /** The name of an area seen so far. @param {string|null} code */
    nameOf: (code) => (code ? known.get(code)?.name ?? "" : ""),
    /** Levels whose lines are ours are dashed. @param {{level: string, basis: Basis}[]} levels */
    mark(levels) {
      for (const { level, basis } of levels) {
        if (basis === "schematic" && map.getLayer(`${level}-lines`)) {
          map.setPaintProperty(`${level}-lines`, "line-dasharray", /** @type {any} */ (DASHES)[level]);
        }
      }
    },
    /** Names stand beside these bounds, not on them. @param {[number, number, number, number]|null} bounds */
    keepClear(bounds) {
      if (String(bounds) === String(clear)) return;
      clear = bounds;
      drawNames();
    },
    retry: follow,
  };
}
