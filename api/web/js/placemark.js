import { Marker } from "/web/vendor/maplibre-gl.mjs";
import * as api from "./api.js";
import { cut, heart } from "./cutting.js";
import { between } from "./edges.js";
import { percent } from "./format.js";
import { bounds, circle, surroundings } from "./geometry.js";
import { h } from "./dom.js";
import { t } from "./i18n.js";
import { INK, NOTHING, feature, setData } from "./map.js";

/** @typedef {import("./types.js").Geometry} Geometry */
/** @typedef {import("./types.js").LevelAnswer} LevelAnswer */
/** @typedef {import("./types.js").Decision} Decision */

const SOURCES = ["accuracy", "fence", "footprint", "outline", "parts", "border", "part-names"];
// How far an arrow key nudges the point, in pixels of the screen.
const NUDGE_PX = 2;
const ARROWS = /** @type {Object<string, [number, number]>} */ ({
  ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1],
});

/**
 * The outline as lines: a figure of eight has no area, so MapLibre would not
 * draw it as a polygon, and the person must see what is wrong.
 *
 * @param {Geometry} geometry
 */
const lines = ({ type, coordinates }) => (type === "Polygon" ? { type: "MultiLineString", coordinates }
  : type === "MultiPolygon" ? { type: "MultiLineString", coordinates: coordinates.flat() } : { type, coordinates });

/** @param {any} map */
function addLayers(map) {
  SOURCES.forEach((id) => setData(map, id, NOTHING));
  const before = "cell-names";
  const role = ["match", ["get", "role"], "lead", INK.lead, "assisting", INK.assisting, INK.place];
  map.addLayer({ id: "fence", type: "line", source: "fence",
    paint: { "line-color": INK.place, "line-width": 1.5, "line-dasharray": [2, 2] } }, before);
  map.addLayer({ id: "accuracy", type: "fill", source: "accuracy",
    paint: { "fill-color": INK.place, "fill-opacity": 0.1, "fill-outline-color": INK.place } }, before);
  map.addLayer({ id: "footprint", type: "fill", source: "footprint", filter: ["!=", ["geometry-type"], "LineString"],
    paint: { "fill-color": INK.place, "fill-opacity": 0.18 } }, before);
  map.addLayer({ id: "parts", type: "fill", source: "parts",
    paint: { "fill-color": role, "fill-opacity": 0.62, "fill-antialias": false } }, before);
  map.addLayer({ id: "outline", type: "line", source: "outline", layout: { "line-join": "round" },
    paint: { "line-color": INK.place, "line-width": 2 } }, before);
  map.addLayer({ id: "border", type: "line", source: "border", layout: { "line-join": "round", "line-cap": "round" },
    paint: { "line-color": INK.border, "line-width": 3 } }, before);
  map.addLayer({ id: "part-names", type: "symbol", source: "part-names", minzoom: 16.5,
    layout: { "text-field": ["get", "label"], "text-font": ["Noto Sans CJK SC Medium"], "text-size": 13 },
    paint: { "text-color": INK.place, "text-halo-color": INK.paper, "text-halo-width": 2 } });
}

/**
 * The place on the map: its point with accuracy or its footprint, the parts in
 * their side's colour, and in magenta the border it sits on.
 *
 * @param {any} map
 * @param {{onMove: (lngLat: [number, number]) => void,
 *   onPlace: (bounds: [number, number, number, number]|null) => void}} listeners `onPlace`: where names would be in the way
 */
export function createPlacemark(map, { onMove, onPlace }) {
  addLayers(map);
  const element = h("button", { type: "button", class: "pin", "data-testid": "pin" });
  const marker = new Marker({ element, anchor: "center", draggable: true });
  /** @type {Map<string, Promise<any>>} */
  const shapeOf = new Map();
  /** The colouring asked for last; an older one that comes late is dropped. */
  let asked = Symbol("asked");

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
    setData(map, "outline", point ? NOTHING : feature(lines(geometry)));
    setData(map, "accuracy", point && accuracy_m
      ? feature({ type: "Polygon", coordinates: [circle(geometry.coordinates, accuracy_m)] }) : NOTHING);
    onPlace(bounds(geometry));
    if (!point) return void marker.remove();
    element.setAttribute("aria-label", t(movable ? "place.pin" : "case.pin"));
    element.classList.toggle("fixed", !movable);
    marker.setLngLat(geometry.coordinates).setDraggable(movable).addTo(map);
  }

  /**
   * Colours the parts by their side and draws the border between them; the
   * shapes of the areas are fetched once each.
   *
   * @param {Geometry} geometry
   * @param {LevelAnswer[]} levels
   * @param {Decision|null} decision
   */
  async function colour(geometry, levels, decision) {
    const answer = levels.find(({ level }) => level === decision?.lead.level);
    const parts = (answer?.parts ?? []).filter(({ counts }) => counts);
    const sits = parts.length > 1 && (answer?.relation === "straddles" || answer?.relation === "on_line");
    const mine = (asked = Symbol("asked"));
    const shapes = sits ? await shapesOf(parts.map(({ code }) => code)) : [];
    if (mine !== asked || !shapes) return;
    setData(map, "border", shapes.length ? feature(between(shapes)) : NOTHING);
    const role = (/** @type {string} */ code) => (code === decision?.lead.code ? "lead" : "assisting");
    const flat = geometry.type.endsWith("Polygon");
    const cuts = !flat ? [] : parts.length === 1 ? [geometry] : shapes.map((shape) => cut(geometry, shape.geometry));
    setData(map, "parts", { type: "FeatureCollection", features: cuts.map((piece, i) => feature(piece, { role: role(parts[i].code) })) });
    map.setPaintProperty("footprint", "fill-opacity", cuts.length ? 0 : 0.18);
    setData(map, "part-names", { type: "FeatureCollection", features: parts.length < 2 ? [] : cuts.flatMap((piece, i) => {
      const at = heart(piece);
      const share = parts[i].share;
      return at && share !== null ? [feature({ type: "Point", coordinates: at }, { label: percent(share) })] : [];
    }) });
  }

  /** @param {string[]} codes @returns {Promise<any[]|null>} null when one could not be had */
  async function shapesOf(codes) {
    for (const code of codes) if (!shapeOf.has(code)) shapeOf.set(code, api.area(code));
    const found = await Promise.all(codes.map((code) => shapeOf.get(code))).catch(() => null);
    if (!found) codes.forEach((code) => shapeOf.delete(code));
    return found;
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
      onPlace(null);
      asked = Symbol("asked");
    },
  };
}
