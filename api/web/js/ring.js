import * as clock from "./clock.js";
import { h, svg } from "./dom.js";
import { t } from "./i18n.js";

/**
 * A clock as a ring that empties. At 50 % it thickens, at 80 % it turns amber,
 * past zero it counts up in red and says so. The same ring everywhere.
 */
const RADIUS = 24;
const ROUND = 2 * Math.PI * RADIUS;
const HALF = 0.5;
const LATE = 0.8;
const MINUTE_MS = 60_000;

/** @typedef {{from: string, due: string, name?: string}} Span */

/** @param {number} ms @returns {{figures: string, unit: string}} */
export function duration(ms) {
  const minutes = Math.floor(Math.abs(ms) / MINUTE_MS);
  if (minutes >= 48 * 60) return { figures: String(Math.floor(minutes / 1440)), unit: t("unit.days") };
  if (minutes >= 100) return { figures: String(Math.floor(minutes / 60)), unit: t("unit.hours") };
  if (minutes >= 5) return { figures: String(minutes), unit: t("unit.minutes") };
  const seconds = Math.floor((Math.abs(ms) % MINUTE_MS) / 1000);
  return { figures: `${minutes}:${String(seconds).padStart(2, "0")}`, unit: t("unit.minutes") };
}

/**
 * @param {Span} span
 * @param {number} at_ms
 */
export function state({ from, due }, at_ms) {
  const start = new Date(from).getTime();
  const left_ms = new Date(due).getTime() - at_ms;
  const used = Math.min(1, Math.max(0, 1 - left_ms / (new Date(due).getTime() - start)));
  const phase = left_ms <= 0 ? "over" : used >= LATE ? "late" : used >= HALF ? "half" : "early";
  return { left_ms, used, phase };
}

/**
 * @param {Span} span
 * @returns {HTMLElement} keeps itself up to date while it is in the document
 */
export function ring(span) {
  const arc = svg("circle", { class: "arc", cx: 32, cy: 32, r: RADIUS, "stroke-dasharray": ROUND, transform: "rotate(-90 32 32)" });
  const figures = h("b", {});
  const unit = h("small", {});
  const element = h("div", { class: "ring", role: "timer", "data-due": span.due },
    svg("svg", { viewBox: "0 0 64 64", "aria-hidden": "true" }, svg("circle", { class: "track", cx: 32, cy: 32, r: RADIUS }), arc),
    h("span", { class: "ring-text" }, figures, unit));
  const update = () => {
    const { left_ms, used, phase } = state(span, clock.now());
    const said = duration(left_ms);
    element.dataset.phase = phase;
    arc.setAttribute("stroke-dashoffset", String(phase === "over" ? 0 : ROUND * used));
    figures.textContent = phase === "over" ? `+${said.figures}` : said.figures;
    unit.textContent = phase === "over" ? t("ring.over") : said.unit;
    element.setAttribute("aria-label", t(phase === "over" ? "ring.over.label" : "ring.left.label",
      { name: span.name ?? "", time: `${said.figures} ${said.unit}` }));
  };
  update();
  ticking.set(element, update);
  return element;
}

/** A ring at rest: a word in a circle. @param {string} word @param {"done"|"there"|"waiting"} kind */
export const still = (word, kind) => h("div", { class: `ring still ${kind}` },
  svg("svg", { viewBox: "0 0 64 64", "aria-hidden": "true" }, svg("circle", { class: "track", cx: 32, cy: 32, r: RADIUS })),
  h("span", { class: "ring-text" }, h("small", {}, word)));

/** @type {Map<HTMLElement, () => void>} */
const ticking = new Map();

setInterval(() => {
  for (const [element, update] of ticking) {
    if (element.isConnected) update();
    else ticking.delete(element);
  }
}, 1000);
