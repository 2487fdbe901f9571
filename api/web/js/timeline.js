import * as clock from "./clock.js";
import { h } from "./dom.js";
import { instant, moment } from "./format.js";
import { named } from "./i18n.js";

/** A sentence with who signed it, unless it says so itself. @param {string} sentence @param {string} name */
const signed = (sentence, name) => h("span", {}, sentence, sentence.includes(name) ? null : [" ", h("small", {}, name)]);

/**
 * What happened, newest first, in the service's own sentences.
 *
 * @param {import("./types.js").CaseEvent[]} events
 */
export function timeline(events) {
  const today = clock.now();
  return h("ol", { class: "timeline", "data-testid": "timeline" }, [...events].reverse().map((event) =>
    h("li", { class: event.kind, "data-kind": event.kind },
      h("time", { datetime: event.at, title: moment(event.at, today) }, instant(event.at)), signed(named(event, "said"), event.actor_name))));
}
