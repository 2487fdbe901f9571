import * as clock from "./clock.js";
import { INK, NOTHING, setData } from "./map.js";

const REACH_PX = 12;

/** Open cases on the map, as doors to them. @param {any} map */
export function createPins(map) {
  setData(map, "cases", NOTHING);
  map.addLayer({ id: "cases", type: "circle", source: "cases", paint: {
    "circle-radius": ["interpolate", ["linear"], ["zoom"], 8, 4, 14, 7],
    "circle-color": ["match", ["get", "state"], "over", "#b3261e", "running", INK.place, INK.paper],
    "circle-stroke-color": ["match", ["get", "state"], "waiting", INK.place, INK.paper], "circle-stroke-width": 2 } });

  return {
    /** @param {import("./types.js").CaseSummary[]} cases */
    show(cases) {
      const now = clock.now();
      const state = (/** @type {import("./types.js").CaseSummary} */ { step, next_due_at }) =>
        next_due_at && new Date(next_due_at).getTime() < now ? "over" : step === "analysis" ? "waiting" : "running";
      setData(map, "cases", { type: "FeatureCollection", features: cases.map((one) => ({ type: "Feature",
        properties: { id: one.id, state: state(one) }, geometry: { type: "Point", coordinates: one.point } })) });
    },
    /** The case under the finger, or null. @param {{x: number, y: number}} at @returns {string|null} */
    at({ x, y }) {
      const [hit] = map.queryRenderedFeatures([[x - REACH_PX, y - REACH_PX], [x + REACH_PX, y + REACH_PX]], { layers: ["cases"] });
      return hit ? hit.properties.id : null;
    },
  };
}
