import * as clock from "./clock.js";
import { h } from "./dom.js";
import { instant, metres, moment } from "./format.js";
import { t } from "./i18n.js";
import { ring, still } from "./ring.js";

/** @typedef {import("./types.js").Summons} Summons */

/** The clock that runs for a summons now, or null. @param {Summons} summons */
export function running({ called_at, respond_by, arrive_by, finish_by, responded_at, arrived_at, finished_at, stood_down_at }) {
  const ahead = [["respond", respond_by, responded_at ?? arrived_at], ["arrive", arrive_by, arrived_at], ["finish", finish_by, finished_at]]
    .filter(([, due, done]) => due && !done);
  if (!ahead.length || finished_at || stood_down_at) return null;
  const [name, due] = ahead.reduce((first, next) => (new Date(next[1] ?? 0) < new Date(first[1] ?? 0) ? next : first));
  return { from: called_at, due: due ?? "", name: t(`clock.${name}`) };
}

/** @param {Summons} summons */
function dial(summons) {
  const span = running(summons);
  if (span) return h("div", { class: "dial" }, ring(span), h("small", {}, span.name));
  const rest = { finished: still(t("state.finished"), "done"), arrived: still(t("state.arrived"), "there"), stood_down: still(t("state.stood_down"), "waiting") };
  return h("div", { class: "dial" }, /** @type {any} */ (rest)[summons.state] ?? still(t("state.called"), "waiting"));
}

/**
 * What an arrival rests on, in brackets: a position of the device with its accuracy, or a hand.
 *
 * @param {{how?: string, accuracy_m?: number|null}} arrival
 */
export function provenBy({ how, accuracy_m }) {
  if (how === "hand") return t("arrival.hand");
  return accuracy_m ? t("arrival.gps", { accuracy: metres(accuracy_m) }) : "";
}

/** @param {Summons} summons */
function line(summons) {
  const today = clock.now();
  const { state, arrived_at, finished_at, arrive_by, arrivals } = summons;
  if (state === "stood_down") return t("summons.stood_down", { at: moment(summons.stood_down_at ?? "", today) });
  if (state === "finished") return t("summons.finished", { at: moment(finished_at ?? "", today) });
  if (state === "arrived") {
    if (summons.countersigned) return t("summons.arrived", { at: moment(arrived_at ?? "", today), by: t("arrival.countersigned") });
    const by = arrivals.filter(({ verdict }) => verdict === "on_site").map(provenBy).pop() ?? "";
    return t("summons.arrived", { at: moment(arrived_at ?? "", today), by });
  }
  return arrive_by ? t(`summons.${state}`, { by: moment(arrive_by, today) }) : t(`summons.${state}.open`);
}

// What a unit itself does next, in the order of its way; the rest stands behind 更多.
const ORDINARY = ["respond", "arrive", "finish", "evaluate"];

/**
 * One unit that was called: its clock, where it stands, what whoever looks can do next.
 *
 * @param {Summons} summons
 * @param {{onDo: (verb: string) => void, open: any, busy: boolean}} options
 *   `open`: what stands below the buttons (a form, a question)
 */
export function summonsCard(summons, { onDo, open, busy }) {
  const { unit, state, role, arrivals, may, evaluation } = summons;
  const button = (/** @type {string} */ verb) =>
    h("button", { type: "button", class: verb === first ? "main" : "", disabled: busy, onclick: () => onDo(verb), "data-testid": `${verb}-${unit.id}`,
      "aria-label": t("summons.button", { verb: t(`do.${verb}`), unit: unit.name }) }, t(`do.${verb}`));
  const usual = ORDINARY.filter((verb) => may.includes(verb) && !(verb === "evaluate" && evaluation));
  const first = usual.filter((verb) => verb !== "respond")[0];
  const rest = may.filter((verb) => !usual.includes(verb));
  return h("li", { class: `summons ${state}`, "data-testid": `summons-${unit.id}`, "data-state": state, "data-summons": summons.id },
    dial(summons),
    h("div", { class: "about" }, h("strong", {}, unit.name), h("small", {}, `${t(`unit-role.${role}`)} · `, line(summons)),
      evaluation ? h("small", { "data-testid": `score-${unit.id}` }, t("summons.evaluated", { score: t(`score.${evaluation.score}`) })) : null,
      summons.left_early ? h("p", { class: "error" }, t("summons.left_early", { at: instant(summons.left_at ?? "") })) : null,
      arrivals.filter(({ verdict }) => verdict !== "on_site").map((arrival) =>
        h("p", { class: "error", "data-testid": `${arrival.verdict.replace("_", "-")}-${unit.id}` },
          t(`summons.${arrival.verdict}`, { at: instant(arrival.at), distance: metres(arrival.distance_m), by: provenBy(arrival) })))),
    usual.length || rest.length ? h("div", { class: "buttons" }, usual.map(button),
      rest.length ? h("details", { class: "more" }, h("summary", { "data-testid": `more-${unit.id}` }, t("more")), rest.map(button)) : null) : null,
    open ? h("div", { class: "open" }, open) : null);
}
