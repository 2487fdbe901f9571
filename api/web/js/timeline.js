import * as clock from "./clock.js";
import { h } from "./dom.js";
import { instant, metres, moment } from "./format.js";
import { known, named, t } from "./i18n.js";
import { provenBy } from "./units.js";

/**
 * What names stand for in an event: the unit called, the areas, the levels of a clock.
 *
 * @param {import("./types.js").CaseEvent} event
 * @param {import("./types.js").Case} file
 */
function said({ kind, actor_name, data, texts }, file) {
  const key = `event.${kind}`;
  if (!known(key)) return kind;
  const unit = file.summons.find(({ id }) => id === data.summons)?.unit.name ?? data.call?.unit_name;
  const sides = [file.decision.lead, ...file.decision.assisting];
  const area = (/** @type {string} */ code) => sides.find((one) => one.code === code)?.name ?? code;
  const units = (/** @type {string[]} */ ids) => (ids ?? []).map((id) => file.summons.find((one) => one.unit.id === id)?.unit.name ?? id).join("、");
  const changed = data.added?.length || data.left_out?.length
    ? t("event.changed", { added: units(data.added) || "—", left_out: units(data.left_out) || "—" }) : "";
  const said = Object.values(texts).filter(Boolean).join("。");
  return t(key, { ...data, who: unit ?? actor_name, actor: actor_name, by: provenBy(data), changed, said,
    distance: data.distance_m == null ? "" : metres(data.distance_m),
    whistle: whistleName(file, data),
    lead: area(data.lead ?? ""), proposes: data.proposes ? area(data.proposes) : (unit ?? ""),
    score: data.score ? t(`score.${data.score}`) : "",
    stage: t(`clock.${data.stage ?? "analysis"}`), to: t(`told.${data.to}`) }) + (said ? t("event.said", { said }) : "");
}

/** @param {import("./types.js").Case} file @param {any} data */
function whistleName(file, data) {
  const whistle = file.whistles.find(({ id }) => id === data.whistle);
  return whistle ? named(whistle) : "";
}

/** A sentence with who signed it, unless it says so itself. @param {string} sentence @param {string} name */
const signed = (sentence, name) => h("span", {}, sentence, sentence.includes(name) ? null : [" ", h("small", {}, name)]);

/**
 * What happened, newest first.
 *
 * @param {import("./types.js").CaseEvent[]} events
 * @param {import("./types.js").Case} file
 */
export function timeline(events, file) {
  const today = clock.now();
  return h("ol", { class: "timeline", "data-testid": "timeline" }, [...events].reverse().map((event) =>
    h("li", { class: event.kind, "data-kind": event.kind },
      h("time", { datetime: event.at, title: moment(event.at, today) }, instant(event.at)), signed(said(event, file), event.actor_name))));
}
