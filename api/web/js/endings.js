import { ending } from "./agreements.js";
import { h } from "./dom.js";
import { figure } from "./format.js";
import { t } from "./i18n.js";

/** @typedef {import("./types.js").Agreement} Agreement */

/** How long an agreement still holds, or since when it does not, in words; "" when it has no end. @param {Agreement} agreement */
export function endWords({ state, days_left, valid_until }) {
  if (days_left === null) return "";
  if (state === "ended") return t("agreement.ended_before", { n: figure(-days_left) });
  if (days_left < 0) return t("agreement.expired", { day: valid_until, n: figure(-days_left) });
  return days_left === 0 ? t("agreement.last_day") : t("agreement.days_left", { n: figure(days_left), day: valid_until });
}

/** The agreements that end soon or have just ended, said aloud; nothing when there are none. @param {Agreement[]} all */
export function endings(all) {
  const loud = ending(all);
  if (!loud.length) return null;
  return h("section", { class: "warning box", role: "alert", "data-testid": "endings" },
    h("h2", {}, t("agreement.endings")),
    h("ul", { class: "plain" }, loud.map((one) => h("li", {},
      h("a", { href: `#/agreement/${encodeURIComponent(one.id)}`, "data-testid": `ending-${one.id}` }, t("agreement.quoted", { title: one.title })), " ", endWords(one)))));
}
