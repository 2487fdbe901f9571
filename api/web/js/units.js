import * as clock from "./clock.js";
import { h } from "./dom.js";
import { instant, metres, moment } from "./format.js";
import { t } from "./i18n.js";
import { ring, still } from "./ring.js";

/** @typedef {import("./types.js").Summons} Summons */

/** The clock that runs for a summons now, or null. @param {Summons} summons */
export function running({ called_at, respond_by, arrive_by, finish_by, responded_at, arrived_at, finished_at }) {
  const ahead = [["respond", respond_by, responded_at ?? arrived_at], ["arrive", arrive_by, arrived_at], ["finish", finish_by, finished_at]]
    .filter(([, due, done]) => due && !done);
  if (!ahead.length || finished_at) return null;
  const [name, due] = ahead.reduce((first, next) => (new Date(next[1] ?? 0) < new Date(first[1] ?? 0) ? next : first));
  return { from: called_at, due: due ?? "", name: t(`clock.${name}`) };
}

/** @param {Summons} summons */
function dial(summons) {
  const span = running(summons);
  if (span) return h("div", { class: "dial" }, ring(span), h("small", {}, span.name));
  const rest = { finished: still(t("state.finished"), "done"), arrived: still(t("state.arrived"), "there") };
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
  if (state === "finished") return t("summons.finished", { at: moment(finished_at ?? "", today) });
  if (state === "arrived") {
    const by = arrivals.filter(({ verdict }) => verdict === "on_site").map(provenBy).pop() ?? "";
    return t("summons.arrived", { at: moment(arrived_at ?? "", today), by });
  }
  return arrive_by ? t(`summons.${state}`, { by: moment(arrive_by, today) }) : t(`summons.${state}.open`);
}

/**
 * One unit that was called: its clock, where it stands, what it can do next.
 *
 * @param {Summons} summons
 * @param {{onRespond: () => void, onArrive: () => void, onFinish: () => void, open: any, busy: boolean, over: boolean}} options
 *   `open`: what stands below the buttons (a form, a question); `over`: the case is closed
 */
export function summonsCard(summons, { onRespond, onArrive, onFinish, open, busy, over }) {
  const { unit, state, role, arrivals } = summons;
  const button = (/** @type {string} */ verb, /** @type {() => void} */ onclick, main = false) =>
    h("button", { type: "button", class: main ? "main" : "", disabled: busy, onclick, "data-testid": `${verb}-${unit.id}`,
      "aria-label": t("summons.button", { verb: t(`do.${verb}`), unit: unit.name }) }, t(`do.${verb}`));
  return h("li", { class: `summons ${state}`, "data-testid": `summons-${unit.id}`, "data-state": state, "data-summons": summons.id },
    dial(summons),
    h("div", { class: "about" }, h("strong", {}, unit.name), h("small", {}, `${t(`unit-role.${role}`)} · `, line(summons)),
      arrivals.filter(({ verdict }) => verdict !== "on_site").map((arrival) =>
        h("p", { class: "error", "data-testid": `${arrival.verdict.replace("_", "-")}-${unit.id}` },
          t(`summons.${arrival.verdict}`, { at: instant(arrival.at), distance: metres(arrival.distance_m), by: provenBy(arrival) })))),
    over || state === "finished" ? null : h("div", { class: "buttons" },
      state === "called" ? button("respond", onRespond) : null,
      state !== "arrived" ? button("arrive", onArrive, true) : button("finish", onFinish, true)),
    open ? h("div", { class: "open" }, open) : null);
}
