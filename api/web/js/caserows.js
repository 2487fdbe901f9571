import * as clock from "./clock.js";
import { h } from "./dom.js";
import { figure, moment } from "./format.js";
import { named, t } from "./i18n.js";
import { ring, still } from "./ring.js";

/** @param {import("./types.js").CaseSummary} one */
function dial({ step, closed_at, next_due_at, whistle_blown_at }) {
  if (closed_at) return still(t("stage.closed"), "done");
  if (next_due_at && whistle_blown_at) return ring({ from: whistle_blown_at, due: next_due_at });
  if (step === "analysis") return still(t("stage.analysis.short"), "waiting");
  return step === "evaluation" ? still(t("state.finished"), "there") : still(t("state.arrived"), "there");
}

/** @param {import("./types.js").CaseSummary[]} cases in the server's order: without a whistle first, then the clock that runs out first */
export function caseRows(cases) {
  const today = clock.now();
  return h("ul", { class: "case-rows" }, cases.map((one) => h("li", {},
    h("a", { href: `#/case/${encodeURIComponent(one.id)}`, "data-testid": `case-${one.id}` },
      dial(one),
      h("span", { class: "about" }, h("strong", {}, named(one.category)), h("span", {}, one.holder.name),
        h("small", {}, one.number, " · ", one.closed_at ? t("cases.closed_at", { at: moment(one.closed_at, today) })
          : one.open_summons ? t("cases.open_summons", { n: one.open_summons }) : t(`stage.${one.step}`)))))));
}

/** That the list is not all there is; nothing when it is. @param {{cases: any[], total?: number}} answer */
export const notAll = ({ cases, total = 0 }) => (total > cases.length
  ? h("p", { class: "note", "data-testid": "not-all" }, t("cases.not_all", { shown: figure(cases.length), total: figure(total) })) : null);
