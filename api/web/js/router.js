/** @typedef {import("./types.js").Place} Place */

/**
 * @typedef {{name: "home"}|{name: "cases", state: "open"|"closed"}|{name: "case", id: string}|{name: "agreement", id: string}
 *   |{name: "place", place: Place}|{name: "trace"}|{name: "coordinates"}
 *   |{name: "sign-in", to: string}} Route
 */

// A ten-millionth of a degree is a centimetre: finer than any line on the map.
const DECIMALS = 7;

/** @param {number} value */
const short = (value) => String(Number(value.toFixed(DECIMALS)));

/** @param {number[]} pair */
const pairText = ([lng, lat]) => `${short(lng)},${short(lat)}`;

/**
 * The address of a place: `#/at/lng,lat[,accuracy]`, `#/line/lng,lat;…` or
 * `#/outline/lng,lat;…` (the outer ring, not closed). Of a shape with holes or
 * parts it holds the first ring; the draft holds all of it.
 *
 * @param {{type: string, coordinates: any}} geometry in degrees
 * @param {number|null} [accuracy_m]
 * @returns {string}
 */
export function placeHash(geometry, accuracy_m) {
  if (geometry.type === "Point") {
    return `#/at/${pairText(geometry.coordinates)}${accuracy_m ? `,${Math.round(accuracy_m)}` : ""}`;
  }
  if (geometry.type === "LineString") return `#/line/${geometry.coordinates.map(pairText).join(";")}`;
  const ring = geometry.type === "MultiPolygon" ? geometry.coordinates[0][0] : geometry.coordinates[0];
  return `#/outline/${ring.slice(0, -1).map(pairText).join(";")}`;
}

/**
 * @param {string} hash
 * @returns {Route} `home` for anything that says nothing
 */
export function parse(hash) {
  const [, name = "", rest = ""] = /^#\/([^/]*)\/?(.*)$/.exec(hash) ?? [];
  if ((name === "case" || name === "agreement") && rest) return { name, id: decodeURIComponent(rest) };
  if (name === "cases") return { name, state: rest === "closed" ? "closed" : "open" };
  if (name === "sign-in") return { name, to: returnOf(rest) };
  if (name === "trace" || name === "coordinates") return { name };
  const place = name === "at" ? pointOf(rest) : name === "outline" || name === "line" ? pathOf(name, rest) : null;
  return place ? { name: "place", place } : { name: "home" };
}

/** The address of the sign-in that leads back to `hash`. @param {string} hash */
export const signInHash = (hash) => (parse(hash).name === "sign-in" ? hash : `#/sign-in/${encodeURIComponent(hash)}`);

/** Only an address of this page. @param {string} text */
function returnOf(text) {
  try {
    const hash = decodeURIComponent(text);
    return hash.startsWith("#/") && parse(hash).name !== "sign-in" ? hash : "#/";
  } catch {
    return "#/";
  }
}

/** @param {string} text @returns {Place|null} */
function pointOf(text) {
  const [lng, lat, accuracy] = text.split(",").map(Number);
  if (!Number.isFinite(lng) || !Number.isFinite(lat)) return null;
  return {
    crs: "EPSG:4326",
    geometry: { type: "Point", coordinates: [lng, lat] },
    accuracy_m: accuracy > 0 ? accuracy : null,
  };
}

/** @param {"outline"|"line"} name @param {string} text @returns {Place|null} */
function pathOf(name, text) {
  const ring = text.split(";").map((pair) => pair.split(",").map(Number));
  if (ring.length < (name === "line" ? 2 : 3) || ring.some((pair) => pair.length !== 2 || !pair.every(Number.isFinite))) return null;
  if (name === "line") return { crs: "EPSG:4326", geometry: { type: "LineString", coordinates: ring } };
  return { crs: "EPSG:4326", geometry: { type: "Polygon", coordinates: [[...ring, ring[0]]] } };
}

/**
 * Goes to `hash`; `quietly` takes the place of the present entry, so that back
 * leads to where the person was before, not through every step of a dragged point.
 *
 * @param {string} hash
 * @param {{quietly?: boolean}} [how]
 */
export function go(hash, { quietly = false } = {}) {
  if (hash === location.hash) {
    window.dispatchEvent(new Event("hashchange"));
  } else if (quietly) {
    history.replaceState(null, "", hash);
    window.dispatchEvent(new Event("hashchange"));
  } else {
    location.hash = hash;
  }
}
