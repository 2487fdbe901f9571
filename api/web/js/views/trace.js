import * as draft from "../draft.js";
import { jurisdictions, spoken } from "../decision.js";
import { h, replace } from "../dom.js";
import { squareMetres } from "../format.js";
import { bounds, ringArea_m2 } from "../geometry.js";
import { t } from "../i18n.js";
import { problemBox } from "../problems.js";
import { createResolver } from "../resolver.js";
import { go } from "../router.js";
import { startTracing } from "../tracing.js";

// From here on the corners of a building can be told apart.
const CLOSE_ENOUGH = 18;

/** @param {number[][]} ring open @returns {import("../types.js").Place} */
const outline = (ring) => ({ crs: "EPSG:4326", geometry: { type: "Polygon", coordinates: [[...ring, ring[0]]] } });

/** @param {import("../types.js").Place|null} place @returns {number[][]} */
function begun(place) {
  return place?.crs === "EPSG:4326" && place.geometry.type === "Polygon" ? place.geometry.coordinates[0].slice(0, -1) : [];
}

/** Tracing a footprint, with the answer under the thumb. @param {import("../main.js").App} app */
export function trace(app) {
  const before = draft.current().place;
  const answer = h("div", { class: "answer" });
  const say = h("h1", { class: "say", "data-testid": "trace-hint" });
  const resolver = createResolver({
    onAsk: () => answer.classList.add("asking"),
    onAnswer(resolution) {
      answer.classList.remove("asking");
      replace(answer, jurisdictions(resolution));
      app.placemark.colour(resolution.place.geometry, resolution.levels, resolution.decision);
      app.say(spoken(resolution));
    },
    onProblem(problem) {
      answer.classList.remove("asking");
      replace(answer, problemBox(problem));
      nothing();
    },
  });
  const nothing = () => app.placemark.colour({ type: "Polygon", coordinates: [] }, [], null);
  const button = (/** @type {string} */ id, /** @type {() => void} */ onclick, kind = "") =>
    /** @type {HTMLButtonElement} */ (h("button", { type: "button", class: kind, "data-testid": id, onclick }, t(`trace.${id}`)));
  const undo = button("undo-drawing", () => tracing.undo());
  const finish = button("finish-drawing", () => {
    draft.change({ ring: null });
    app.givePlace(outline(tracing.corners()));
  }, "main big");
  const leave = () => {
    draft.change({ ring: null });
    if (before) go(draft.current().hash ?? "#/", { quietly: true });
    else go("#/");
  };

  app.placemark.clear();
  if (before && before.geometry.type === "Point" && before.crs === "EPSG:4326") {
    app.camera.to(before.geometry.coordinates, Math.max(app.map.getZoom(), CLOSE_ENOUGH));
  }
  replace(app.view, h("div", { class: "head" }, say, app.closeButton(leave)), answer);
  replace(app.actions, h("div", { class: "row" }, undo, finish));

  const tracing = startTracing(app.map, {
    ring: draft.current().ring ?? begun(before),
    onChange(ring, canUndo) {
      draft.change({ ring });
      undo.disabled = !canUndo;
      finish.disabled = ring.length < 3;
      say.textContent = ring.length < 3 ? t("trace.hint", { n: ring.length }) : t("trace.area", { area: squareMetres(ringArea_m2(ring)) });
      if (ring.length < 3) {
        resolver.drop();
        replace(answer);
        nothing();
        app.areas.keepClear(null);
      } else {
        app.areas.keepClear(bounds(outline(ring).geometry));
        resolver.ask({ place: outline(ring) });
      }
    },
  });
  app.exact = true;
  app.onTap = ({ lng, lat }) => tracing.add([lng, lat]);
  app.onEscape = leave;
  const keys = (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Backspace" && !/INPUT|TEXTAREA/.test(document.activeElement?.tagName ?? "")) tracing.undo();
  };
  document.addEventListener("keydown", keys);
  return () => {
    document.removeEventListener("keydown", keys);
    resolver.drop();
    tracing.stop();
    app.placemark.clear();
  };
}
