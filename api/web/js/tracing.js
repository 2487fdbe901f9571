import { Marker } from "/web/vendor/maplibre-gl.mjs";
import { h } from "./dom.js";
import { t } from "./i18n.js";
import { INK, NOTHING, feature, setData } from "./map.js";

/** @typedef {import("./types.js").LngLat} LngLat */

// A handle between two corners is offered only where a thumb can tell it from them.
const ROOM_FOR_MIDDLE_PX = 88;

/** @param {any} map */
function addLayers(map) {
  if (map.getSource("tracing")) return;
  setData(map, "tracing", NOTHING);
  map.addLayer({ id: "tracing-fill", type: "fill", source: "tracing", filter: ["==", ["geometry-type"], "Polygon"],
    paint: { "fill-color": INK.place, "fill-opacity": 0.14 } }, "border");
  map.addLayer({ id: "tracing-line", type: "line", source: "tracing", filter: ["==", ["get", "part"], "drawn"],
    paint: { "line-color": INK.place, "line-width": 2 } }, "border");
  map.addLayer({ id: "tracing-closing", type: "line", source: "tracing", filter: ["==", ["get", "part"], "closing"],
    paint: { "line-color": INK.place, "line-width": 1.5, "line-dasharray": [2, 2] } }, "border");
}

/**
 * A footprint traced by hand: a tap adds a corner, a corner can be dragged at
 * any time, the handle between two corners makes a new one, undo takes back
 * the last of these.
 *
 * @param {any} map
 * @param {{ring?: number[][], onChange: (ring: LngLat[], canUndo: boolean) => void}} options `ring`: corners to begin with, open
 */
export function startTracing(map, { ring = [], onChange }) {
  addLayers(map);
  /** @type {LngLat[]} */
  let corners = ring.map(([lng, lat]) => [lng, lat]);
  /** @type {LngLat[][]} */
  const before = [];
  /** @type {any[]} */
  let handles = [];

  const remember = () => before.push(corners.map(([lng, lat]) => [lng, lat]));

  function drawShape() {
    const features = [];
    if (corners.length > 2) features.push(feature({ type: "Polygon", coordinates: [[...corners, corners[0]]] }));
    if (corners.length > 1) {
      features.push(feature({ type: "LineString", coordinates: corners }, { part: "drawn" }));
      features.push(feature({ type: "LineString", coordinates: [corners[corners.length - 1], corners[0]] }, { part: "closing" }));
    }
    setData(map, "tracing", { type: "FeatureCollection", features });
  }

  /** @param {LngLat} at @param {string} kind @param {string} name @param {(to: LngLat, done: boolean) => void} onDrag */
  function handle(at, kind, name, onDrag) {
    const element = h("div", { class: `grip ${kind}`, "aria-label": name, "data-testid": kind });
    const marker = new Marker({ element, anchor: "center", draggable: true }).setLngLat(at).addTo(map);
    const where = () => /** @type {LngLat} */ (marker.getLngLat().toArray());
    marker.on("dragstart", remember);
    marker.on("drag", () => onDrag(where(), false));
    marker.on("dragend", () => onDrag(where(), true));
    handles.push(marker);
  }

  function drawHandles() {
    handles.forEach((marker) => marker.remove());
    handles = [];
    corners.forEach((corner, i) => {
      handle(corner, "corner", t("trace.corner", { n: i + 1 }), (to, done) => {
        corners[i] = to;
        update(done);
      });
    });
    middles().forEach(({ at, after }) => {
      let added = false;
      handle(at, "between", t("trace.between"), (to, done) => {
        if (added) corners[after] = to;
        else corners.splice(after, 0, to);
        added = true;
        update(done);
      });
    });
  }

  /** @returns {{at: LngLat, after: number}[]} */
  function middles() {
    const count = corners.length;
    if (count < 2) return [];
    return corners.flatMap((a, i) => {
      if (count === 2 && i === 1) return [];
      const b = corners[(i + 1) % count];
      const [pa, pb] = [map.project(a), map.project(b)];
      if (Math.hypot(pa.x - pb.x, pa.y - pb.y) < ROOM_FOR_MIDDLE_PX) return [];
      return [{ at: /** @type {LngLat} */ ([(a[0] + b[0]) / 2, (a[1] + b[1]) / 2]), after: i + 1 }];
    });
  }

  /** @param {boolean} settled false while a handle is under the thumb */
  function update(settled = true) {
    drawShape();
    if (settled) drawHandles();
    onChange(corners, before.length > 0);
  }

  map.on("zoomend", drawHandles);
  update();

  return {
    /** @param {LngLat} at */
    add(at) {
      remember();
      corners.push(at);
      update();
    },
    undo() {
      const last = before.pop();
      if (!last) return;
      corners = last;
      update();
    },
    corners: () => corners,
    stop() {
      map.off("zoomend", drawHandles);
      handles.forEach((marker) => marker.remove());
      setData(map, "tracing", NOTHING);
    },
  };
}
