import { zh } from "./texts/zh.js";
import { en } from "./texts/en.js";

/** @typedef {"zh"|"en"} Language */

const CATALOGUES = { zh, en };
const KEPT = "gridmap.lang";

/** @type {Language} */
let current = asked();

/** What `?lang=` says, else what was chosen before, else Chinese. @returns {Language} */
function asked() {
  const wanted = new URLSearchParams(location.search).get("lang") ?? kept();
  const language = wanted === "en" ? "en" : "zh";
  keep(language);
  return language;
}

function kept() {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null;
  }
}

/** @param {Language} language */
function keep(language) {
  try {
    localStorage.setItem(KEPT, language);
  } catch {
    // A browser that keeps nothing still shows the page.
  }
}

/** @returns {Language} */
export const language = () => current;

/** @param {Language} chosen */
export function speak(chosen) {
  current = chosen;
  keep(chosen);
  document.documentElement.lang = chosen === "en" ? "en" : "zh-CN";
  document.title = t("title");
}

/**
 * The text of `key` in the chosen language; `{name}` is filled from `params`.
 *
 * @param {string} key
 * @param {Object<string, any>} [params]
 * @returns {string}
 */
export function t(key, params = {}) {
  const catalogue = CATALOGUES[current];
  const text = catalogue[key];
  if (text === undefined) return key;
  if (typeof text === "function") return text(params);
  return text.replace(/\{(\w+)\}/g, (_, name) => String(params[name] ?? ""));
}

/** @param {string} key */
export const known = (key) => key in CATALOGUES[current];

/**
 * The name of a catalogue entry, rule or department kind in the chosen language.
 *
 * @param {Object<string, any>} thing has `<field>` and perhaps `<field>_en`
 * @param {string} [field]
 * @returns {string}
 */
export function named(thing, field = "name") {
  return (current === "en" && thing[`${field}_en`]) || thing[field];
}
