import * as api from "./api.js";
import { createAgreements } from "./agreements.js";
import { createAreas } from "./areas.js";
import * as draft from "./draft.js";
import { h, replace } from "./dom.js";
import { furnish, trouble } from "./frame.js";
import { speak, language, t } from "./i18n.js";
import { createCamera, createMap } from "./map.js";
import { createPins } from "./pins.js";
import * as me from "./me.js";
import * as policy from "./policy.js";
import { createPlacemark } from "./placemark.js";
import { words } from "./problems.js";
import { go, parse, placeHash, signInHash } from "./router.js";
import { createSheet } from "./sheet.js";
import { agreementView } from "./views/agreement.js";
import { caseView } from "./views/case.js";
import { casesView } from "./views/cases.js";
import { coordinatesForm } from "./views/coordinates.js";
import { home } from "./views/home.js";
import { placeView } from "./views/place.js";
import { signIn } from "./views/signin.js";
import { trace } from "./views/trace.js";

/**
 * What the views share.
 *
 * @typedef {Object} App
 * @property {any} map
 * @property {ReturnType<typeof createAreas>} areas
 * @property {ReturnType<typeof createPlacemark>} placemark
 * @property {ReturnType<typeof createSheet>} sheet
 * @property {HTMLElement} panel
 * @property {HTMLElement} view
 * @property {HTMLElement} actions
 * @property {import("./types.js").Catalogue|null} catalogue
 * @property {import("./types.js").Release|null} release
 * @property {import("./types.js").Resolution["place"]|null} resolved the last given place, as the server placed it
 * @property {string|null} typed coordinates typed into the search field
 * @property {string} news what has just happened, to be said once by the next view
 * @property {boolean} exact a tap means the spot, not the case pinned there
 * @property {((at: {lng: number, lat: number}) => void)|null} onTap
 * @property {(() => void)|null} onEscape
 * @property {(() => void)|null} onSearchKey
 * @property {(place: import("./types.js").Place, how?: {resolved?: any}) => void} givePlace
 * @property {(cases: import("./types.js").CaseSummary[]) => void} pins
 * @property {ReturnType<typeof createAgreements>} agreements
 * @property {{place: import("./types.js").Place, ids: string[]}|null} touched where an agreement was touched, and all that are there
 * @property {(words: string) => void} say for screen readers
 * @property {(words: string) => void} hint over the map
 * @property {ReturnType<typeof createCamera>} camera
 * @property {(session: import("./types.js").Session|null) => void} became somebody has signed in, or out
 * @property {(onclick: () => void) => HTMLElement} closeButton
 */

const element = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
/** @type {{again?: () => void, leave: () => void}} */
let present = { leave: () => {} };
let shown = "";
/** @type {{release: import("./types.js").Release|null, catalogue: import("./types.js").Catalogue|null}} */
let loaded = { release: null, catalogue: null };

speak(language());
start().catch((problem) => {
  replace(element("view"), h("div", { class: "error box", role: "alert" }, h("p", {}, t("map.broken")), h("p", {}, words(problem))));
});

async function start() {
  const [map] = await Promise.all([createMap(element("map")), load()]);
  const app = assemble(map);
  furnish(app, { onLanguage: () => draw(app, true) });
  listen(app);
  if (loaded.release) app.areas.mark(loaded.release.levels);
  app.agreements.load();
  draw(app);
  if (loaded.release && !["place", "case", "agreement"].includes(shown)) app.camera.fit(loaded.release.bounds, { at_once: true });
  map.once("idle", () => { document.documentElement.dataset.ready = "yes"; });
  map.triggerRepaint();
}

/** What hardly changes: the release, the catalogue and the policy. What cannot be had stays null until it is asked for again. */
async function load() {
  const [release, catalogue, rules, session] = await Promise.all([api.release, api.catalogue, api.policy, api.session].map((ask) => ask().catch(() => null)));
  policy.set(rules);
  if (session) me.set(session);
  loaded = { release: release ?? loaded.release, catalogue: catalogue ?? loaded.catalogue };
}

/** @param {any} map @returns {App} */
function assemble(map) {
  const panel = element("panel");
  const sheet = createSheet(panel, element("handle"), map);
  const areas = createAreas(map, { onProblem: (problem) => trouble(words(problem)), onFine: () => again(app) });
  /** @type {App} */
  const app = {
    map,
    areas,
    placemark: createPlacemark(map, { onPlace: areas.keepClear, onMove: (lngLat) => app.givePlace({ crs: "EPSG:4326", geometry: { type: "Point", coordinates: lngLat } }) }),
    sheet,
    camera: createCamera(map, sheet.padding),
    panel, view: element("view"), actions: element("actions"),
    get catalogue() { return loaded.catalogue; },
    get release() { return loaded.release; },
    agreements: createAgreements(map),
    resolved: null, typed: null, news: "", touched: null,
    exact: false, onTap: null, onEscape: null, onSearchKey: null,
    givePlace(place, { resolved = null } = {}) {
      app.resolved = resolved;
      const hash = placeHash(resolved?.geometry ?? place.geometry, place.accuracy_m);
      draft.change({ place, hash, sides: "computed" });
      go(hash, { quietly: ["place", "trace", "coordinates"].includes(parse(location.hash).name) });
    },
    became(session) {
      if (session) me.set(session);
      else me.forget();
      if (!session) pins.show([]);
      furnish(app, { onLanguage: () => draw(app, true) });
    },
    pins: (cases) => pins.show(cases),
    say: (words) => { element("live").textContent = words; },
    hint: (words) => { document.querySelector("#hint")?.replaceChildren(words); },
    closeButton: (onclick) => h("button", { type: "button", class: "quiet close", onclick, "data-testid": "back" }, t("back")),
  };
  const pins = createPins(map);
  /** Where a place is on the screen: the one seam for tests, which then use real clicks. */
  Object.assign(window, { gridmapProject: (/** @type {number} */ lng, /** @type {number} */ lat) => {
    const { x, y } = map.project([lng, lat]);
    return [x, y];
  } });
  map.on("click", (/** @type {any} */ event) => tap(app, pins, event));
  return app;
}

/** @param {App} app @param {ReturnType<typeof createPins>} pins @param {any} event */
function tap(app, pins, { originalEvent, point, lngLat }) {
  // What can be dragged is no map; the pin of a case is: an arrival may be right under it.
  if (originalEvent.target.closest(".maplibregl-marker:not(.fixed)")) return;
  const id = app.exact ? null : pins.at(point);
  // Who is giving a place means the spot, also on a stretch that an agreement is about.
  const agreed = !id && ["home", "agreement"].includes(shown) ? app.agreements.at(point) : [];
  if (id) go(`#/case/${encodeURIComponent(id)}`);
  else if (agreed.length) {
    app.touched = { place: { crs: "EPSG:4326", geometry: { type: "Point", coordinates: [lngLat.lng, lngLat.lat] } }, ids: agreed };
    go(`#/agreement/${encodeURIComponent(agreed[0])}`);
  } else app.onTap?.(lngLat);
}

/** @param {App} app */
function listen(app) {
  window.addEventListener("hashchange", () => draw(app));
  // Whatever asked: the way leads through the door and back, and the draft is kept meanwhile.
  window.addEventListener(api.SIGN_IN_NEEDED, () => {
    app.became(null);
    go(signInHash(location.hash), { quietly: true });
  });
  window.addEventListener("online", () => app.areas.retry());
  document.addEventListener("keydown", (event) => {
    const typing = /INPUT|TEXTAREA|SELECT/.test(document.activeElement?.tagName ?? "");
    if (event.key === "Escape") app.onEscape?.();
    if (event.key === "/" && !typing) {
      event.preventDefault();
      const field = /** @type {HTMLElement|null} */ (app.view.querySelector("[data-search]"));
      if (field) field.focus();
      else app.onSearchKey?.();
    }
    if (event.key === "Enter" && document.activeElement === app.map.getCanvas()) app.onTap?.(app.map.getCenter());
  });
}

/** Shows what the address says. @param {App} app @param {boolean} [anew] even when the address is the same */
function draw(app, anew = false) {
  const route = parse(location.hash);
  if (route.name === "place") keepPlace(route.place);
  if (!anew && route.name === "place" && shown === "place" && present.again) return present.again();
  present.leave();
  shown = route.name;
  Object.assign(app, { exact: false, onTap: null, onEscape: null, onSearchKey: null });
  app.view.scrollTop = 0;
  if (app.sheet.phone()) document.querySelector("#legend details")?.removeAttribute("open");
  app.panel.dataset.view = route.name;
  app.sheet.to(route.name === "home" || route.name === "trace" ? "low" : "half");
  const leave = route.name === "case" ? caseView(app, route.id)
    : route.name === "agreement" ? agreementView(app, route.id)
    : route.name === "cases" ? casesView(app, route.state)
      : route.name === "place" ? placeView(app)
        : route.name === "trace" ? trace(app)
          : route.name === "coordinates" ? coordinatesForm(app)
            : route.name === "sign-in" ? signIn(app, route.to) : home(app);
  present = typeof leave === "function" ? { leave } : leave;
  // Who came by keyboard goes on in the new view, not at the top of the page.
  if (!document.activeElement || document.activeElement === document.body) app.panel.focus({ preventScroll: true });
  return undefined;
}

/** The server answers again: what could not be had at the start is fetched now. @param {App} app */
async function again(app) {
  trouble("");
  if (loaded.release && loaded.catalogue && me.known()) return;
  await load();
  if (!loaded.release || !loaded.catalogue) return;
  app.areas.mark(loaded.release.levels);
  furnish(app, { onLanguage: () => draw(app, true) });
  draw(app, true);
}

/** An address that is not the draft's own begins a new place in it. @param {import("./types.js").Place} place */
function keepPlace(place) {
  const { hash } = draft.current();
  if (hash !== location.hash) draft.change({ place, hash: location.hash, sides: "computed" });
}
