import { language, t } from "./i18n.js";
import * as policy from "./policy.js";

// Deadlines are the city's, wherever the screen stands; the policy names its zone.
const timeZone = () => policy.current()?.timezone ?? "Asia/Shanghai";

const locale = () => (language() === "en" ? "en-GB" : "zh-CN");

/** @param {number} value @param {number} [digits] exactly so many decimals */
export function figure(value, digits) {
  return value.toLocaleString(locale(), { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** Metres to the metre, below ten to the decimetre, kilometres from a thousand. @param {number} m */
export function metres(m) {
  if (m >= 1000) return t("unit.km", { n: figure(m / 1000, m < 10_000 ? 1 : 0) });
  return t("unit.m", { n: figure(m < 10 ? Math.round(m * 10) / 10 : Math.round(m)) });
}

/** @param {number} m2 */
export function squareMetres(m2) {
  return t("unit.m2", { n: figure(m2, m2 < 100_000 ? 1 : 0) });
}

/** A threshold: with decimals only where it has some. @param {number} m2 */
export const aboutSquareMetres = (m2) => t("unit.m2", { n: figure(m2) });

/** A share in per cent, one decimal. @param {number} share 0 to 1 */
export const percent = (share) => `${figure(share * 100, 1)} %`;

/** A threshold: with decimals only where it has some. @param {number} share 0 to 1 */
export const wholePercent = (share) => `${figure(Math.round(share * 1000) / 10)} %`;

/** @param {number} low @param {number} high */
export const percentRange = (low, high) => `${figure(low * 100, 0)}–${figure(high * 100, 0)} %`;

/** A stretch of time in its own unit. @param {number} minutes */
export function span(minutes) {
  if (minutes >= 2880) return t("span.days", { n: figure(minutes / 1440) });
  if (minutes >= 120) return t("span.hours", { n: figure(minutes / 60) });
  return t("span.minutes", { n: figure(minutes) });
}

/** A clock's span; working time in hours, because a working day has no 24. @param {import("./types.js").Span} given */
export const clockSpan = ({ minutes, working }) => working ? t("span.working", { n: figure(minutes / 60, minutes % 60 ? 1 : 0) }) : span(minutes);

/** Hours and minutes; with the day when it is not today's. @param {string} iso @param {number} now_ms */
export function moment(iso, now_ms) {
  const at = new Date(iso);
  const clock = at.toLocaleTimeString(locale(), { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: timeZone() });
  const day = (/** @type {Date} */ date) => date.toLocaleDateString(locale(), { month: "numeric", day: "numeric", timeZone: timeZone() });
  return day(at) === day(new Date(now_ms)) ? clock : `${day(at)} ${clock}`;
}

/** With seconds, for the record. @param {string} iso */
export function instant(iso) {
  return new Date(iso).toLocaleTimeString(locale(), { hourCycle: "h23", timeZone: timeZone() });
}

/** The day as documents write it, 2026-03-01. @param {string} iso */
export const day = (iso) => new Date(iso).toLocaleDateString("sv-SE", { timeZone: timeZone() });

/** @param {number[]} lngLat */
export const coordinates = ([lng, lat]) => `${lng.toFixed(6)}, ${lat.toFixed(6)}`;
