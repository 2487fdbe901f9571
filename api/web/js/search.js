import * as api from "./api.js";
import { h, replace } from "./dom.js";
import { t } from "./i18n.js";
import { bounds } from "./geometry.js";
import { listbox } from "./listbox.js";
import { go } from "./router.js";

// Enough to choose from; more means: type another character.
const SHOWN = 8;
// At this zoom the whole city's lines are small; only the names are wanted.
const COARSE = 9;
const PAIR = /^\s*(-?\d+(?:\.\d+)?)\s*[,,\s]\s*(-?\d+(?:\.\d+)?)\s*$/;
const CODE = /^\d{6}(\d{3}){0,3}$/;

/** @type {Promise<any[]>|null} */
let names = null;

/** District and street names of the whole city, asked for once. */
function allNames() {
  names ??= Promise.all(["district", "street"].map((level) => api.areas({ level, zoom: COARSE })))
    .then((answers) => answers.flatMap(({ features }) => features));
  names.catch(() => { names = null; });
  return names;
}

/** Finds a district, a street, an area's code or a pair of coordinates. @param {import("./main.js").App} app */
export function searchField(app) {
  const list = h("ul", { class: "listbox", role: "listbox", id: "found", "aria-label": t("search.found") });
  const input = /** @type {HTMLInputElement} */ (h("input", { type: "search", class: "search", role: "combobox", "aria-controls": "found",
    "aria-expanded": "false", "aria-label": t("search.label"), placeholder: t("search.placeholder"), autocomplete: "off",
    "data-search": true, "data-testid": "search", enterkeyhint: "search" }));
  listbox(input, list);

  /** @param {any} feature */
  const choose = ({ geometry }) => {
    app.sheet.to("low");
    app.camera.fit(bounds(geometry), { maxZoom: 17 });
    input.blur();
  };
  const option = (/** @type {string} */ text, /** @type {string} */ small, /** @type {() => void} */ onclick) =>
    h("li", { role: "option", onclick }, text, " ", h("small", {}, small));

  input.addEventListener("input", async () => {
    const words = input.value.trim();
    const pair = PAIR.exec(words);
    if (!words) return show([]);
    if (pair) return show([option(words, t("search.coordinates"), () => { app.typed = words; go("#/coordinates"); })]);
    if (CODE.test(words)) {
      const found = await api.area(words).catch(() => null);
      if (found && input.value.trim() === words) return show([option(found.properties.name, words, () => choose(found))]);
    }
    const all = await allNames().catch(() => []);
    if (input.value.trim() !== words) return;
    const hits = all.filter(({ id, properties }) => properties.name.includes(words) || id.startsWith(words)).slice(0, SHOWN);
    show(hits.length ? hits.map((one) => option(one.properties.name, app.areas.nameOf(one.properties.parent), () => choose(one)))
      : [h("li", { class: "note" }, t("search.nothing"))]);
  });

  /** @param {HTMLElement[]} options */
  function show(options) {
    replace(list, options);
    input.setAttribute("aria-expanded", String(options.length > 0));
  }

  return h("div", { class: "field" }, input, h("kbd", { "aria-hidden": "true" }, "/"), list);
}
