import { Map as MapLibreMap, ScaleControl, setWorkerUrl } from "/web/vendor/maplibre-gl.mjs";
import { t } from "./i18n.js";

// The centre of the city until the release says more.
const START = { center: /** @type {[number, number]} */ ([116.39, 39.92]), zoom: 9 };
export const FONT = '"Noto Sans CJK SC","Noto Sans SC","PingFang SC","Microsoft YaHei",sans-serif';
export const INK = {
  water: "#e3e2dc", land: "#f6f5f1", district: "#35332f", street: "#6f6c64", community: "#98948a", cell: "#b9b5aa",
  lead: "#1b3f8f", assisting: "#e09b00", border: "#c2188b", agreement: "#0a7d6c", place: "#1d2125", paper: "#ffffff",
};

setWorkerUrl("/web/vendor/maplibre-gl-worker.mjs");

/**
 * The map, without any source that leaves this machine: no tiles, no glyph
 * server, no sprite. Names are drawn with the fonts of the device.
 *
 * @param {HTMLElement} container
 * @returns {Promise<any>} a MapLibre map whose style is loaded
 */
export function createMap(container) {
  const map = new MapLibreMap({
    container,
    ...START,
    minZoom: 6,
    maxZoom: 21,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    attributionControl: false,
    localIdeographFontFamily: FONT,
    fadeDuration: 100,
    style: {
      version: 8,
      sources: {},
      layers: [{ id: "outside", type: "background", paint: { "background-color": INK.water } }],
    },
    locale: { "Map.Title": t("map.title") },
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new ScaleControl({ maxWidth: 96, unit: "metric" }), "bottom-right");
  return new Promise((resolve) => map.once("load", () => resolve(map)));
}

/** Whether motion may be used to explain. */
const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/**
 * Moves of the view that keep clear of the panel.
 *
 * @param {any} map
 * @param {() => {top: number, bottom: number, left: number, right: number}} padding what the panel covers
 */
export function createCamera(map, padding) {
  return {
    /** @param {[number, number, number, number]} bounds @param {{maxZoom?: number, at_once?: boolean}} [how] */
    fit([west, south, east, north], { maxZoom = 18, at_once = false } = {}) {
      map.stop();
      map.setPadding(padding());
      map.fitBounds([[west, south], [east, north]], { padding: 32, maxZoom, animate: !at_once && !still(), duration: 600 });
    },
    /** @param {number[]} centre @param {number} [zoom] */
    to(centre, zoom) {
      map.easeTo({ center: centre, zoom: zoom ?? map.getZoom(), padding: padding(), animate: !still(), duration: 600 });
    },
    /** Whether a place can be seen beside the panel. @param {number[]} lngLat */
    sees(lngLat) {
      const { x, y } = map.project(lngLat);
      const { top, bottom, left, right } = padding();
      const { clientWidth, clientHeight } = map.getContainer();
      return x > left + 24 && x < clientWidth - right - 24 && y > top + 24 && y < clientHeight - bottom - 24;
    },
  };
}

/**
 * Puts `data` into the source `id`, making it when it is new.
 *
 * @param {any} map
 * @param {string} id
 * @param {any} data
 */
export function setData(map, id, data) {
  const source = map.getSource(id);
  if (source) source.setData(data);
  else map.addSource(id, { type: "geojson", data });
}

export const NOTHING = { type: "FeatureCollection", features: /** @type {any[]} */ ([]) };

/** @param {any} geometry @param {any} [properties] */
export const feature = (geometry, properties = {}) => ({ type: "Feature", properties, geometry });
