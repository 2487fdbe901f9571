import * as api from "../api.js";
import { h, replace } from "../dom.js";
import { t } from "../i18n.js";
import { problemBox } from "../problems.js";
import { go } from "../router.js";

const SYSTEMS = ["EPSG:4326", "EPSG:4490", "EPSG:4548", "GCJ-02", "BD-09"];
const NUMBER = /-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/gi;
const PROJECTED = "EPSG:4548";

/**
 * Pairs of numbers, one or more; three or more make an outline.
 *
 * @param {string} text
 * @returns {{type: string, coordinates: any}|null}
 */
export function geometryOf(text) {
  const numbers = (text.match(NUMBER) ?? []).map(Number);
  if (!numbers.length || numbers.length % 2) return null;
  const pairs = Array.from({ length: numbers.length / 2 }, (_, i) => numbers.slice(2 * i, 2 * i + 2));
  if (pairs.length === 1) return { type: "Point", coordinates: pairs[0] };
  if (pairs.length === 2) return { type: "LineString", coordinates: pairs };
  const closed = pairs[0].join() === pairs[pairs.length - 1].join();
  return { type: "Polygon", coordinates: [closed ? pairs : [...pairs, pairs[0]]] };
}

/** Typed or pasted coordinates, with the system they are in: it is asked, never guessed. @param {import("../main.js").App} app */
export function coordinatesForm(app) {
  const trouble = h("div", {});
  const crs = /** @type {HTMLSelectElement} */ (h("select", { id: "crs", "data-testid": "crs", onchange: example },
    h("option", { value: "" }, t("crs.choose")), SYSTEMS.map((code) => h("option", { value: code }, t(`crs.${code}`)))));
  const text = /** @type {HTMLTextAreaElement} */ (h("textarea", { id: "coordinates", rows: 4, "data-testid": "coordinates",
    spellcheck: "false", autocomplete: "off", value: app.typed ?? "" }));
  app.typed = null;

  function example() {
    text.placeholder = t(crs.value === PROJECTED ? "coordinates.example.projected" : "coordinates.example");
  }

  async function submit(/** @type {Event} */ event) {
    event.preventDefault();
    const geometry = geometryOf(text.value);
    if (!crs.value) return replace(trouble, problemBox(new api.Problem("missing-crs")));
    if (!geometry) return replace(trouble, problemBox(new api.Problem("coordinates-unread")));
    try {
      const place = { crs: crs.value, geometry };
      const answer = await api.resolve({ place });
      app.givePlace(place, { resolved: answer.place });
    } catch (problem) {
      replace(trouble, problemBox(problem, { kept: t("coordinates.kept") }));
    }
  }

  example();
  replace(app.view,
    h("form", { onsubmit: submit, id: "coordinates-form" },
      h("div", { class: "head" }, h("h1", {}, t("home.type-coordinates")), app.closeButton(() => go("#/"))),
      h("label", { for: "coordinates" }, t("coordinates.label")), text,
      h("p", { class: "note" }, t("coordinates.hint")),
      h("label", { for: "crs" }, t("crs.label")), crs,
      h("p", { class: "note" }, t("crs.why")),
      trouble));
  replace(app.actions, h("button", { type: "submit", form: "coordinates-form", class: "main big", "data-testid": "show-coordinates" }, t("coordinates.show")));
  text.focus();
  return () => {};
}
