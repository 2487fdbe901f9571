import { h } from "./dom.js";
import { named, t } from "./i18n.js";

/**
 * @typedef {"reason"|"text"|"score"|"outcome"|"date"|"yes"|"document"|"proposes"|"evidence"} Field
 * @typedef {{path: string, fields: Field[], yes?: string}} Deed what it asks for, and where it goes
 * @typedef {{areas: import("./types.js").Area[], outcomes: {code: string, name: string, name_en: string}[], holder: string, result: HTMLElement}} Choices
 */

/** What can be done about one unit that was called, beside responding and arriving. @type {Object<string, Deed>} */
export const SUMMONS = {
  finish: { path: "finish", fields: ["outcome", "text"] },
  evaluate: { path: "evaluate", fields: ["score", "reason"] },
  countersign: { path: "countersign", fields: ["reason"] },
  release: { path: "release", fields: [] },
  leave: { path: "leave", fields: [] },
  stand_down: { path: "stand-down", fields: ["reason"] },
  object: { path: "object", fields: ["evidence", "reason"] },
};

/** What can be done about the case itself, beside whistling and closing. @type {Object<string, Deed>} */
export const CASE = {
  object: { path: "objections", fields: ["proposes", "evidence", "reason"] },
  ask_hold: { path: "hold", fields: ["date", "reason"] },
  grant_hold: { path: "hold/grant", fields: ["yes", "reason"], yes: "granted" },
  resume: { path: "hold/resume", fields: ["reason"] },
  veto: { path: "veto", fields: ["reason"] },
  lift_veto: { path: "veto/lift", fields: ["reason"] },
  reopen: { path: "reopen", fields: ["reason"] },
};

/** @type {Object<string, Deed>} */
export const WHISTLE = {
  dispatch: { path: "dispatch", fields: [] },
  send_back: { path: "send-back", fields: ["reason"] },
  lift_secrecy: { path: "lift-secrecy", fields: [] },
};

/** @type {Object<string, Deed>} */
export const OBJECTION = {
  answer: { path: "answer", fields: ["yes", "reason"], yes: "agrees" },
  withdraw: { path: "withdraw", fields: ["reason"] },
  settle: { path: "settle", fields: ["reason"] },
  refer_up: { path: "refer", fields: [] },
  rule: { path: "rule", fields: ["yes", "document", "reason"], yes: "upheld" },
};

/**
 * The form that a deed asks for, and what was filled in.
 *
 * @param {Deed} deed
 * @param {Choices} choices
 */
export function formOf(deed, choices) {
  /** @type {Object<string, any>} */
  const given = {};
  const text = (/** @type {string} */ key, /** @type {string} */ words) => {
    given[key] = "";
    return h("textarea", { rows: 2, "data-testid": `deed-${key}`, "aria-label": words, placeholder: words,
      oninput: (/** @type {any} */ event) => { given[key] = event.target.value.trim(); } });
  };
  const choice = (/** @type {string} */ key, /** @type {string} */ words, /** @type {[any, string][]} */ options) => {
    given[key] = options[0][0];
    return h("label", { class: "asked" }, words, h("select", { "data-testid": `deed-${key}`,
      onchange: (/** @type {any} */ event) => { given[key] = options[event.target.selectedIndex][0]; } },
    options.map(([, name]) => h("option", {}, name))));
  };
  const fields = deed.fields.map((field) => {
    if (field === "outcome") {
      const { outcomes } = choices;
      return outcomes.length ? choice("outcome", t("deed.outcome"), outcomes.map((one) => [one.code, named(one)])) : null;
    }
    if (field === "score") return choice("score", t("deed.score"), [5, 4, 3, 2, 1].map((n) => [n, t(`score.${n}`)]));
    if (field === "yes") return choice(deed.yes ?? "", t(`deed.${deed.yes}`), [[true, t("deed.yes")], [false, t("deed.no")]]);
    if (field === "proposes") {
      const others = choices.areas.filter(({ code }) => code !== choices.holder);
      return choice("proposes", t("deed.proposes"), others.map(({ code, name }) => [code, name]));
    }
    if (field === "date") {
      return h("label", { class: "asked" }, t("deed.review_on"), h("input", { type: "date", "data-testid": "deed-review_on",
        onchange: (/** @type {any} */ event) => { given.review_on = event.target.value; } }));
    }
    return field === "text" ? choices.result : text(field, t(`deed.${field}`));
  });
  return { fields, given };
}
