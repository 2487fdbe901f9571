import * as api from "../api.js";
import * as draft from "../draft.js";
import { caseRows, notAll } from "../caserows.js";
import * as clock from "../clock.js";
import { h, replace } from "../dom.js";
import { coordinates, figure } from "../format.js";
import { middle } from "../geometry.js";
import { named, t } from "../i18n.js";
import * as me from "../me.js";
import { position } from "../position.js";
import { endings } from "../endings.js";
import { problemBox } from "../problems.js";
import { go, placeHash, signInHash } from "../router.js";
import { searchField } from "../search.js";

const REFRESH_MS = 8_000;
const AGREEMENTS_MS = 60_000;

/** The first screen: give a place, or take up an open case. @param {import("../main.js").App} app */
export function home(app) {
  const trouble = h("div", {});
  const rows = h("div", { class: "cases", "data-testid": "open-cases" });
  const count = h("small", {});
  const loud = h("div", {});

  async function locate() {
    replace(trouble, h("p", { class: "note", role: "status" }, t("place.locating")));
    try {
      const { lngLat, accuracy_m } = await position();
      app.givePlace({ crs: "EPSG:4326", geometry: { type: "Point", coordinates: lngLat }, accuracy_m });
    } catch (problem) {
      replace(trouble, problemBox(problem));
    }
  }

  async function refresh() {
    if (!me.account()) return;
    try {
      const answer = await api.cases("open");
      clock.set(answer.now);
      app.pins(answer.cases);
      count.textContent = answer.total ? figure(answer.total) : "";
      replace(rows, answer.cases.length ? [caseRows(answer.cases), notAll(answer)] : h("p", { class: "note" }, t("cases.none")));
    } catch (problem) {
      replace(rows, problemBox(problem));
    }
  }

  /** What ends soon stands first; where it cannot be had the list of cases says so. */
  async function agreements() {
    const all = await app.agreements.load();
    if (all) replace(loud, endings(all));
  }

  const action = (/** @type {string} */ id, /** @type {() => void} */ onclick) =>
    h("button", { type: "button", "data-testid": id, onclick }, t(`home.${id}`));

  replace(app.view,
    loud,
    h("h1", {}, t("home.title")),
    h("p", { class: "lede" }, t("home.hint")),
    h("div", { class: "row actions-3" }, action("my-position", locate), action("draw-footprint", () => go("#/trace")),
      action("type-coordinates", () => go("#/coordinates"))),
    trouble,
    keptDraft(app),
    searchField(app),
    h("h2", {}, t("cases.open"), count, h("a", { href: "#/cases", class: "more" }, t("cases.all"))),
    me.account() ? rows : h("p", { class: "note", "data-testid": "sign-in-first" }, h("a", { href: signInHash("#/") }, t("sign-in.link")), t("sign-in.first")));
  replace(app.actions);
  app.onTap = ({ lng, lat }) => app.givePlace({ crs: "EPSG:4326", geometry: { type: "Point", coordinates: [lng, lat] } });
  refresh();
  agreements();
  const stop = [clock.repeat(refresh, REFRESH_MS), clock.repeat(agreements, AGREEMENTS_MS)];
  return () => stop.forEach((one) => one());
}

/** @param {import("../main.js").App} app */
function keptDraft(app) {
  const { place, hash, category } = draft.current();
  if (!place) return null;
  const item = app.catalogue?.items.find(({ code }) => code === category);
  const card = h("div", { class: "card", "data-testid": "kept-draft" },
    h("p", {}, t("draft.kept", { what: item ? named(item) : t("draft.no_category"), where: `${place.crs === "EPSG:4326" ? coordinates(middle(place.geometry)) : place.crs}` })),
    h("div", { class: "row" },
      h("button", { type: "button", class: "main", "data-testid": "continue-draft", onclick: () => go(hash ?? placeHash(place.geometry, place.accuracy_m)) }, t("draft.continue")),
      h("button", { type: "button", "data-testid": "discard-draft", onclick: () => { draft.discard(); card.remove(); } }, t("draft.discard"))));
  return card;
}
