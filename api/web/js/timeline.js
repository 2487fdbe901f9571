import * as clock from "./clock.js";
import { h } from "./dom.js";
import { instant, metres, moment } from "./format.js";
import { known, t } from "./i18n.js";
import { provenBy } from "./units.js";

/** @param {import("./types.js").CaseEvent} event @param {Map<string, string>} units names by summons */
function said({ kind, actor_name, data }, units) {
  const key = `event.${kind}`;
  const who = units.get(data.summons) ?? actor_name;
  return known(key) ? t(key, { ...data, who, actor: actor_name, distance: data.distance_m == null ? "" : metres(data.distance_m), by: provenBy(data), result: data.result ?? "" }) : kind;
}

/** A sentence with who signed it, unless it says so itself. @param {string} sentence @param {string} name */
const signed = (sentence, name) => h("span", {}, sentence, sentence.includes(name) ? null : [" ", h("small", {}, name)]);

/**
 * What happened, newest first.
 *
 * @param {import("./types.js").CaseEvent[]} events
 * @param {import("./types.js").Summons[]} summons
 */
export function timeline(events, summons) {
  const units = new Map(summons.map(({ id, unit }) => [id, unit.name]));
  const today = clock.now();
  return h("ol", { class: "timeline", "data-testid": "timeline" }, [...events].reverse().map((event) =>
    h("li", { class: event.kind, "data-kind": event.kind },
      h("time", { datetime: event.at, title: moment(event.at, today) }, instant(event.at)), signed(said(event, units), event.actor_name))));
}
