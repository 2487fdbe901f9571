import { h, replace } from "./dom.js";
import { named, t } from "./i18n.js";
import { listbox } from "./listbox.js";

/** @typedef {import("./types.js").Catalogue} Catalogue */
/** @typedef {import("./types.js").Item} Item */

const KEPT = "gridmap.recent";
const RECENT = 4;

/** @returns {string[]} */
function recent() {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? "[]");
  } catch {
    return [];
  }
}

/** @param {string} code */
function remember(code) {
  try {
    localStorage.setItem(KEPT, JSON.stringify([code, ...recent().filter((other) => other !== code)].slice(0, RECENT)));
  } catch {
    // Without storage nothing is recent.
  }
}

/** @param {Item} item @param {Catalogue} catalogue @param {string} words */
function fits(item, catalogue, words) {
  const group = catalogue.classes.find(({ code }) => code === item.class_code);
  const text = `${item.code} ${item.name} ${item.name_en} ${group?.name ?? ""} ${group?.name_en ?? ""}`.toLowerCase();
  return words.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

/** @param {Item} item @param {Catalogue} catalogue */
export function about(item, catalogue) {
  const whistle = catalogue.whistle_kinds.find(({ code }) => code === item.whistle_kind);
  return [item.code, t(`severity.${item.severity}`), whistle ? named(whistle) : ""].filter(Boolean).join(" · ");
}

/**
 * Every kind of problem, by class, with a field that narrows the list.
 *
 * @param {Catalogue} catalogue
 * @param {{onChoose: (code: string) => void, onCancel: (() => void)|null}} listeners
 */
export function categoryChooser(catalogue, { onChoose, onCancel }) {
  const list = h("div", { class: "listbox", role: "listbox", id: "categories", "aria-label": t("category.list") });
  const input = /** @type {HTMLInputElement} */ (h("input", { type: "search", class: "search", role: "combobox", "aria-controls": "categories",
    "aria-expanded": "true", "aria-label": t("category.search"), placeholder: t("category.search"), autocomplete: "off",
    "data-search": true, "data-testid": "category-search" }));
  listbox(input, list);

  const option = (/** @type {Item} */ item) => h("div", { role: "option", "data-testid": `category-${item.code}`,
    onclick: () => { remember(item.code); onChoose(item.code); } }, h("span", {}, named(item)), h("small", {}, about(item, catalogue)));
  const group = (/** @type {string} */ title, /** @type {Item[]} */ items) => items.length
    ? h("div", { role: "group", "aria-label": title }, h("h3", {}, title), items.map(option)) : null;

  function show() {
    const words = input.value.trim();
    const items = catalogue.items.filter((item) => !words || fits(item, catalogue, words));
    const latest = words ? [] : recent().flatMap((code) => items.filter((item) => item.code === code));
    replace(list, items.length ? [group(t("category.recent"), latest), catalogue.classes.map((one) =>
      group(named(one), items.filter((item) => item.class_code === one.code)))] : h("p", { class: "note" }, t("category.nothing")));
  }

  input.addEventListener("input", show);
  show();
  return h("section", { class: "chooser", "data-testid": "category-chooser" },
    h("div", { class: "head" }, h("h2", {}, t("category.title")), onCancel ? h("button", { type: "button", class: "quiet close", onclick: onCancel }, t("cancel")) : null),
    h("div", { class: "field" }, input, h("kbd", { "aria-hidden": "true" }, "/")),
    list,
    catalogue.sample ? h("p", { class: "note" }, t("category.sample", { title: catalogue.title })) : null);
}
