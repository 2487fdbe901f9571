import * as api from "../api.js";
import { caseRows, notAll } from "../caserows.js";
import * as clock from "../clock.js";
import { h, replace } from "../dom.js";
import { figure } from "../format.js";
import { t } from "../i18n.js";
import { problemBox } from "../problems.js";
import { go } from "../router.js";

const REFRESH_MS = 8_000;

/** Open or closed cases, in the server's order: what waits for its whistle, then the clock that runs out first. @param {import("../main.js").App} app @param {"open"|"closed"} state */
export function casesView(app, state) {
  const rows = h("div", { class: "cases" }, h("p", { class: "note" }, t("loading")));
  const count = h("small", { "data-testid": "total" });
  const tab = (/** @type {string} */ name) => h("a", { href: name === "open" ? "#/cases" : "#/cases/closed", "aria-current": name === state ? "page" : null, "data-testid": `cases-${name}` }, t(`cases.${name}`), name === state ? [" ", count] : null);

  async function refresh() {
    try {
      const answer = await api.cases(state);
      clock.set(answer.now);
      if (state === "open") app.pins(answer.cases);
      count.textContent = answer.total ? figure(answer.total) : "";
      replace(rows, answer.cases.length ? [caseRows(answer.cases), notAll(answer)] : h("p", { class: "note" }, t(state === "open" ? "cases.none" : "cases.none_closed")));
    } catch (problem) {
      replace(rows, problemBox(problem));
    }
  }

  replace(app.view, h("div", { class: "head" }, h("h1", {}, t("cases.title")), app.closeButton(() => go("#/"))), h("nav", { class: "tabs" }, tab("open"), tab("closed")), rows);
  replace(app.actions);
  refresh();
  return clock.repeat(refresh, REFRESH_MS);
}
