import { Marker } from "/web/vendor/maplibre-gl.mjs";
import * as api from "./api.js";
import { between } from "./edges.js";
import { percent } from "./format.js";
import { bounds, circle, surroundings } from "./geometry.js";
import { h } from "./dom.js";
import { t } from "./i18n.js";
import { INK, NOTHING, feature, setData } from "./map.js";

/** @typedef {import("./types.js").Geometry} Geometry */
/** @typedef {import("./types.js").LevelAnswer} LevelAnswer */
/** @typedef {import("./types.js").Decision} Decision */

const SOURCES = ["accuracy", "fence", "footprint", "parts", "border", "part-names"];
// How far an arrow key nudges the point, in pixels of the screen.
const NUDGE_PX = 2;
const ARROWS = /** @type {Object<string, [number, number]>} */ ({
  ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1],
});

/** The bounds of a footprint, half as wide again. @param {Geometry} geometry */
function around(geometry) {
  const [west, south, east, north] = bounds(geometry);
  const [dx, dy] = [(east - west) / 3, (north - south) / 6];
  return [[west - dx, south - dy], [east + dx, south - dy], [east + dx, north + dy], [west - dx, north + dy], [west - dx, south - dy]];
}

/** @param {any} map */
function addLayers(map) {
  SOURCES.forEach((id) => setData(map, id, NOTHING));
  const before = "cell-names";
  const role = ["match", ["get", "role"], "lead", INK.lead, "assisting", INK.assisting, INK.place];
  map.addLayer({ id: "fence", type: "line", source: "fence",
    paint: { "line-color": INK.place, "line-width": 1.5, "line-dasharray": [2, 2] } }, before);
  map.addLayer({ id: "accuracy", type: "fill", source: "accuracy",
    paint: { "fill-color": INK.place, "fill-opacity": 0.1, "fill-outline-color": INK.place } }, before);
  map.addLayer({ id: "footprint", type: "fill", source: "footprint",
    paint: { "fill-color": INK.place, "fill-opacity": 0.18 } }, before);
  map.addLayer({ id: "parts", type: "fill", source: "parts",
    paint: { "fill-color": role, "fill-opacity": 0.62 } }, before);
  map.addLayer({ id: "footprint-line", type: "line", source: "footprint",
    paint: { "line-color": INK.place, "line-width": 2 } }, before);
  map.addLayer({ id: "border", type: "line", source: "border", layout: { "line-join": "round", "line-cap": "round" },
    paint: { "line-color": INK.border, "line-width": 3 } }, before);
  map.addLayer({ id: "part-names", type: "symbol", source: "part-names", minzoom: 16,
    layout: { "text-field": ["get", "label"], "text-font": ["Noto Sans CJK SC Medium"], "text-size": 13, "text-allow-overlap": true },
    paint: { "text-color": INK.place, "text-halo-color": INK.paper, "text-halo-width": 2 } });
}

/**
 * The place on the map: its point with accuracy or its footprint, the parts in
 * their side's colour, and in magenta the border it sits on.
 *
 * @param {any} map
 * @param {{onMove: (lngLat: [number, number]) => void}} listeners
 */
export function createPlacemark(map, { onMove }) {
  addLayers(map);
  const element = h("button", { type: "button", class: "pin", "data-testid": "pin" });
  const marker = new Marker({ element, anchor: "center", draggable: true });
  /** @type {Map<string, Promise<any>>} */
  const shapes = new Map();
  let borderOf = "";

  const moved = () => {
    const { lng, lat } = marker.getLngLat();
    setData(map, "accuracy", NOTHING);
    onMove([lng, lat]);
  };
  marker.on("dragend", moved);
  element.addEventListener("keydown", (event) => {
    const arrow = ARROWS[event.key];
    if (!arrow || !marker.isDraggable()) return;
    event.preventDefault();
    event.stopPropagation();
    const { x, y } = map.project(marker.getLngLat());
    marker.setLngLat(map.unproject([x + arrow[0] * NUDGE_PX, y + arrow[1] * NUDGE_PX]));
    moved();
  });

  /** @param {Geometry} geometry @param {{accuracy_m?: number|null, movable?: boolean}} [how] */
  function show(geometry, { accuracy_m, movable = true } = {}) {
    const point = geometry.type === "Point";
    setData(map, "footprint", point ? NOTHING : feature(geometry));
    setData(map, "accuracy", point && accuracy_m
      ? feature({ type: "Polygon", coordinates: [circle(geometry.coordinates, accuracy_m)] }) : NOTHING);
    keepNamesOff(point ? null : geometry);
    if (!point) return void marker.remove();
    element.setAttribute("aria-label", t(movable ? "place.pin" : "case.pin"));
    element.classList.toggle("fixed", !movable);
    marker.setLngLat(geometry.coordinates).setDraggable(movable).addTo(map);
  }

  /** Small names make room for the footprint and its shares. @param {Geometry|null} geometry */
  function keepNamesOff(geometry) {
    const filter = geometry ? ["!", ["within", { type: "Polygon", coordinates: [around(geometry)] }]] : null;
    ["community-names", "cell-names"].forEach((id) => map.setFilter(id, filter));
  }

  /**
   * @param {LevelAnswer[]} levels
   * @param {Decision|null} decision
   */
  function colour(levels, decision) {
    const answer = levels.find(({ level }) => level === decision?.lead.level);
    const parts = (answer?.parts ?? []).filter(({ counts }) => counts);
    const cut = parts.filter((part) => part.geometry);
    setData(map, "parts", { type: "FeatureCollection",
      features: cut.map((part) => feature(part.geometry, { role: part.code === decision?.lead.code ? "lead" : "assisting" })) });
    map.setPaintProperty("footprint", "fill-opacity", cut.length ? 0 : 0.18);
    setData(map, "part-names", { type: "FeatureCollection", features: cut.length > 1
      ? cut.map((part) => feature(part.geometry, { label: part.share === null ? "" : percent(part.share) })) : [] });
    const sits = answer && (answer.relation === "straddles" || answer.relation === "on_line");
    drawBorder(sits && parts.length > 1 ? parts.map(({ code }) => code) : []);
  }

  /** @param {string[]} codes */
  async function drawBorder(codes) {
    const wanted = codes.join();
    if (wanted === borderOf) return;
    borderOf = wanted;
    setData(map, "border", NOTHING);
    if (!codes.length) return;
    for (const code of codes) if (!shapes.has(code)) shapes.set(code, api.area(code));
    const found = await Promise.all(codes.map((code) => shapes.get(code))).catch(() => null);
    if (!found) codes.forEach((code) => shapes.delete(code));
    else if (borderOf === wanted) setData(map, "border", feature(between(found)));
  }

  return {
    show,
    colour,
    /** Draws the fence inside which an arrival counts. @param {Geometry} geometry @param {number} radius_m @returns {Geometry} */
    fence(geometry, radius_m) {
      const fence = { type: "Polygon", coordinates: [surroundings(geometry, radius_m)] };
      setData(map, "fence", feature(fence));
      return fence;
    },
    noFence: () => setData(map, "fence", NOTHING),
    clear() {
      marker.remove();
      SOURCES.forEach((id) => setData(map, id, NOTHING));
      keepNamesOff(null);
      borderOf = "";
    },
  };
}
