import { h } from "./dom.js";
import { t } from "./i18n.js";

/** @typedef {"low"|"half"|"full"} Stop */

const PHONE = matchMedia("(max-width: 800px)");
const PANEL_WIDTH_PX = 424;
const LOW_PX = 272;
const TOP_PX = 72;
// A flick faster than this goes on to the next stop.
const FLICK_PX_PER_MS = 0.5;

/** @param {Object<string, number>} a @param {Object<string, number>} b */
const same = (a, b) => Object.keys(b).every((side) => a[side] === b[side]);

const heights = () => ({
  low: Math.min(LOW_PX, innerHeight * 0.45),
  half: Math.round(innerHeight * 0.56),
  full: innerHeight - TOP_PX,
});

/**
 * The panel: at the side on a desk, a sheet with three stops under the thumb on a phone.
 *
 * @param {HTMLElement} panel
 * @param {HTMLElement} handle
 * @param {any} map its padding follows, so that what is centred can be seen
 */
export function createSheet(panel, handle, map) {
  /** @type {Stop} */
  let stop = "half";
  const grip = h("button", { type: "button", class: "grip-bar", "data-testid": "sheet-handle" });
  handle.replaceChildren(grip);

  const padding = () => (PHONE.matches
    ? { top: 56, bottom: Math.min(heights()[stop], heights().half), left: 0, right: 0 }
    : { top: 0, bottom: 0, left: PANEL_WIDTH_PX, right: 0 });

  /** @param {Stop} to */
  function settle(to) {
    stop = to;
    panel.dataset.stop = to;
    panel.style.setProperty("--sheet", `${heights()[to]}px`);
    grip.setAttribute("aria-label", t(to === "full" ? "sheet.down" : "sheet.up"));
    grip.setAttribute("aria-expanded", String(to === "full"));
    if (!same(map.getPadding(), padding())) map.easeTo({ padding: padding(), duration: 200 });
    document.documentElement.style.setProperty("--covered", PHONE.matches ? `${heights()[to]}px` : "0px");
  }

  /** @param {PointerEvent} down */
  function drag(down) {
    const start = panel.getBoundingClientRect().height;
    let last = { y: down.clientY, at: down.timeStamp };
    let speed = 0;
    handle.setPointerCapture(down.pointerId);
    panel.classList.add("dragged");
    const move = (/** @type {PointerEvent} */ event) => {
      speed = (last.y - event.clientY) / Math.max(1, event.timeStamp - last.at);
      last = { y: event.clientY, at: event.timeStamp };
      panel.style.setProperty("--sheet", `${Math.max(96, start + down.clientY - event.clientY)}px`);
    };
    const up = (/** @type {PointerEvent} */ event) => {
      handle.removeEventListener("pointermove", move);
      panel.classList.remove("dragged");
      const travelled = down.clientY - event.clientY;
      if (Math.abs(travelled) < 6) return;
      skipClick = true;
      settle(nearest(start + travelled, speed));
    };
    handle.addEventListener("pointermove", move);
    handle.addEventListener("pointerup", up, { once: true });
    handle.addEventListener("pointercancel", up, { once: true });
  }

  /** @param {number} height @param {number} speed @returns {Stop} */
  function nearest(height, speed) {
    const aim = height + (Math.abs(speed) > FLICK_PX_PER_MS ? Math.sign(speed) * innerHeight * 0.2 : 0);
    const entries = /** @type {[Stop, number][]} */ (Object.entries(heights()));
    return entries.reduce((best, entry) => (Math.abs(entry[1] - aim) < Math.abs(best[1] - aim) ? entry : best))[0];
  }

  let skipClick = false;
  handle.addEventListener("pointerdown", drag);
  // On the handle, not the grip: a captured pointer clicks what captured it.
  handle.addEventListener("click", () => {
    if (skipClick) skipClick = false;
    else settle(stop === "low" ? "half" : stop === "half" ? "full" : "low");
  });
  const again = () => settle(stop);
  PHONE.addEventListener("change", again);
  window.addEventListener("resize", again);
  map.setPadding(padding());
  settle(stop);

  return { to: settle, padding, phone: () => PHONE.matches };
}
