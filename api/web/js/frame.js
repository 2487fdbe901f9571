import { h, replace } from "./dom.js";
import { language, speak, t } from "./i18n.js";
import { INK } from "./map.js";
import * as me from "./me.js";
import { go, signInHash } from "./router.js";

const LEVELS = ["district", "street", "community", "cell"];

/**
 * What stands round the map: the bar with the language, the zoom, the legend,
 * a place for a hint and for 离线.
 *
 * @param {import("./main.js").App} app
 * @param {{onLanguage: () => void}} listeners
 */
export function furnish(app, { onLanguage }) {
  const who = me.account();
  const other = language() === "en" ? "zh" : "en";
  replace(slot("bar"),
    h("a", { class: "brand", href: "#/" }, "gridmap ", h("span", {}, t("brand"))),
    h("a", { href: "#/cases", "data-testid": "all-cases" }, t("cases.link")),
    h("a", { class: "me", href: signInHash(location.hash), "data-testid": "me", title: who?.name,
      onclick: (/** @type {Event} */ event) => { event.preventDefault(); go(signInHash(location.hash)); } }, who ? who.name : t("sign-in.link")),
    h("button", { type: "button", lang: other === "en" ? "en" : "zh-CN", "data-testid": "language", onclick: () => {
      speak(other);
      furnish(app, { onLanguage });
      onLanguage();
    } }, t("language.other")));
  replace(slot("tools"),
    h("p", { id: "offline", class: "offline", role: "status" }),
    h("p", { id: "hint", class: "hint", role: "status" }),
    h("div", { class: "zoom" },
      h("button", { type: "button", "aria-label": t("map.zoom_in"), onclick: () => app.map.zoomIn() }, "+"),
      h("button", { type: "button", "aria-label": t("map.zoom_out"), onclick: () => app.map.zoomOut() }, "−")));
  const open = slot("legend").querySelector("details")?.open ?? innerWidth > 800;
  replace(slot("legend"), legend(app, open));
  app.map.getCanvas().setAttribute("aria-label", t("map.label"));
  watchNetwork();
  watchCrosshair(app.map);
}

/** @param {string} id */
const slot = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** Which line is which, and what it is drawn from. @param {import("./main.js").App} app @param {boolean} open */
function legend({ release, agreements }, open) {
  const basis = (/** @type {string} */ level) => release?.levels.find((one) => one.level === level)?.basis ?? "";
  return h("details", { open, "data-testid": "legend" }, h("summary", {}, t("legend.title")),
    h("ul", {}, LEVELS.map((level) => h("li", {}, sample(level, basis(level) === "schematic"), h("span", {}, t(`level.${level}`)),
      basis(level) ? h("small", { class: `badge ${basis(level)}` }, t(`basis.${basis(level)}`)) : null))),
    h("ul", { class: "meanings" },
      h("li", {}, h("i", { class: "swatch lead" }), t("role.lead")), h("li", {}, h("i", { class: "swatch assisting" }), t("role.assisting")),
      h("li", {}, h("i", { class: "swatch border" }), t("legend.border")),
      h("li", { id: "legend-agreement", hidden: !agreements.any() }, h("i", { class: "swatch agreement" }), t("legend.agreement"))),
    release ? h("p", {}, release.title, h("br"), h("small", {}, t("legend.schematic"))) : null);
}

/** @param {string} level @param {boolean} dashed */
function sample(level, dashed) {
  const width = { district: 3, street: 2, community: 1.4, cell: 1 }[level];
  return h("i", { class: "line", style: `border-top:${width}px ${dashed ? "dashed" : "solid"} ${/** @type {any} */ (INK)[level]}` });
}

let watching = false;

/** The quiet band: no network, or no server. @param {string} words empty when all is well */
export function trouble(words) {
  document.getElementById("offline")?.replaceChildren(navigator.onLine ? words : t("offline"));
}

function watchNetwork() {
  trouble("");
  if (!watching) ["online", "offline"].forEach((name) => window.addEventListener(name, () => trouble("")));
}

/** The cross that says where Enter would put a point, while the map has the keyboard. @param {any} map */
function watchCrosshair(map) {
  if (watching) return;
  watching = true;
  const cross = slot("crosshair");
  const canvas = map.getCanvas();
  const place = () => {
    const { x, y } = map.project(map.getCenter());
    cross.style.translate = `${x}px ${y}px`;
    cross.classList.toggle("shown", canvas.matches(":focus-visible"));
  };
  map.on("move", place);
  canvas.addEventListener("focus", place);
  canvas.addEventListener("blur", () => cross.classList.remove("shown"));
}
