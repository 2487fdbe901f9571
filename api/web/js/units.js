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

/** @param {Summons} summons */
function line(summons) {
  const today = clock.now();
  const { state, arrived_at, finished_at, arrive_by } = summons;
  if (state === "finished") return t("summons.finished", { at: moment(finished_at ?? "", today) });
  if (state === "arrived") return t("summons.arrived", { at: moment(arrived_at ?? "", today) });
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
      arrivals.filter(({ verdict }) => verdict === "wrong_place").map(({ at, distance_m }) =>
        h("p", { class: "error", "data-testid": `wrong-place-${unit.id}` }, t("summons.wrong_place", { at: instant(at), distance: metres(distance_m) })))),
    over || state === "finished" ? null : h("div", { class: "buttons" },
      state === "called" ? button("respond", onRespond) : null,
      state !== "arrived" ? button("arrive", onArrive, true) : button("finish", onFinish, true)),
    open ? h("div", { class: "open" }, open) : null);
}
