import { h } from "./dom.js";
import { figure, metres, squareMetres } from "./format.js";
import { known, t } from "./i18n.js";

/**
 * What happened and what to do, in the person's language; the server's own
 * words when the slug is new to this page.
 *
 * @param {any} problem
 * @returns {string}
 */
export function words(problem) {
  const key = `problem.${problem.slug}`;
  if (!known(key)) return problem.detail || t("problem.unexpected", { status: problem.status ?? "" });
  return t(key, values(problem.fields ?? {}));
}

/** @param {Object<string, any>} fields */
function values(fields) {
  const said = { ...fields };
  for (const [name, value] of Object.entries(fields)) {
    if (Array.isArray(value)) said[name] = value.join(t("list.comma"));
    else if (typeof value !== "number") continue;
    else if (name.endsWith("_m2")) said[name] = squareMetres(value);
    else if (name.endsWith("_m")) said[name] = metres(value);
    else if (["lng", "lat", "west", "south", "east", "north", "x", "y"].includes(name)) said[name] = String(Number(value.toFixed(6)));
    else said[name] = figure(value);
  }
  if ("reason" in fields) said.reason = reason(fields.reason);
  // The server counts the corners from nought.
  if (typeof fields.vertex === "number") said.vertex = figure(fields.vertex + 1);
  return said;
}

/** What is wrong with a shape; the geometry library's own words where the pages have none. @param {any} words */
function reason(words) {
  const key = `reason.${String(words).toLowerCase().replace(/[^a-z]+/g, "-")}`;
  return known(key) ? t(key) : String(words);
}

/**
 * @param {any} problem
 * @param {{kept?: string, todo?: any}} [more] what was kept, and a way on (text or a button)
 */
export function problemBox(problem, { kept = "", todo = null } = {}) {
  const hint = known(`problem.${problem.slug}.swapped`) && problem.fields?.swapped ? t(`problem.${problem.slug}.swapped`) : "";
  return h("div", { class: "error box", role: "alert", "data-testid": "problem", "data-problem": problem.slug },
    h("p", {}, words(problem), hint), (problem.errors ?? []).map((/** @type {any} */ one) => h("p", {}, h("small", {}, `${one.where}: ${one.what}`))), kept ? h("p", {}, kept) : null, todo);
}
