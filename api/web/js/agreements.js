import * as api from "./api.js";
import { INK, NOTHING, feature, setData } from "./map.js";

/** @typedef {import("./types.js").Agreement} Agreement */

const REACH_PX = 10;
// So early, and so long afterwards, an end is said aloud.
export const LOUD_DAYS = 30;

/**
 * Agreements along the borders: the stretch as a thick line, its reach as a
 * faint band; dashed what does not hold now. Withdrawn ones are not drawn.
 *
 * @param {any} map
 */
export function createAgreements(map) {
  setData(map, "agreements", NOTHING);
  setData(map, "agreement-reach", NOTHING);
  const before = "district-lines";
  map.addLayer({ id: "agreement-reach", type: "fill", source: "agreement-reach", minzoom: 12,
    paint: { "fill-color": INK.agreement, "fill-opacity": 0.13 } }, before);
  const width = ["interpolate", ["linear"], ["zoom"], 9, 4, 13, 7, 18, 11];
  const holds = ["get", "holds"];
  const line = { "line-color": INK.agreement, "line-width": width, "line-opacity": 0.75 };
  map.addLayer({ id: "agreements", type: "line", source: "agreements", filter: ["==", holds, true],
    layout: { "line-join": "round" }, paint: line }, before);
  map.addLayer({ id: "agreements-idle", type: "line", source: "agreements", filter: ["==", holds, false],
    layout: { "line-join": "round" }, paint: { ...line, "line-opacity": 0.45, "line-dasharray": [1.2, 0.8] } }, before);

  /** @type {Map<string, string>} */
  const titles = new Map();
  let any = false;
  /** @param {Agreement[]} all */
  const show = (all) => {
    all.forEach(({ id, title }) => titles.set(id, title));
    const drawn = all.filter(({ state }) => state !== "ended");
    const features = (/** @type {(one: Agreement) => any} */ shape) => ({ type: "FeatureCollection",
      features: drawn.map((one) => feature(shape(one), { id: one.id, holds: one.standing === "in_force" })) });
    setData(map, "agreements", features(({ place }) => place.geometry));
    setData(map, "agreement-reach", features(({ region }) => region));
    // The legend names what is drawn, and leaves the map its room otherwise.
    any = drawn.length > 0;
    document.getElementById("legend-agreement")?.toggleAttribute("hidden", !any);
  };

  return {
    /** Draws what there is now; null where it cannot be had. @returns {Promise<Agreement[]|null>} */
    async load() {
      const answer = await api.agreements().catch(() => null);
      if (answer) show(answer.agreements);
      return answer?.agreements ?? null;
    },
    any: () => any,
    /** The title of an agreement seen so far. @param {string} id */
    titleOf: (id) => titles.get(id) ?? id,
    /** The agreements under the finger, those that hold first. @param {{x: number, y: number}} at @returns {string[]} */
    at({ x, y }) {
      const hits = map.queryRenderedFeatures([[x - REACH_PX, y - REACH_PX], [x + REACH_PX, y + REACH_PX]],
        { layers: ["agreements", "agreements-idle"] });
      const sorted = hits.sort((/** @type {any} */ a, /** @type {any} */ b) => Number(b.properties.holds) - Number(a.properties.holds));
      return [...new Set(sorted.map((/** @type {any} */ hit) => hit.properties.id))];
    },
  };
}

/** Those whose end is near or just past, the first to end first. @param {Agreement[]} all */
export const ending = (all) => all
  .filter(({ days_left, state }) => days_left !== null && Math.abs(days_left) <= LOUD_DAYS && state !== "proposed")
  .sort((a, b) => (a.days_left ?? 0) - (b.days_left ?? 0));
