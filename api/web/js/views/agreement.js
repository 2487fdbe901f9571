import * as api from "../api.js";
import { h, replace } from "../dom.js";
import { endWords } from "../endings.js";
import { day, metres } from "../format.js";
import { bounds } from "../geometry.js";
import { named, t } from "../i18n.js";
import { problemBox } from "../problems.js";
import { go } from "../router.js";

/** @typedef {import("../types.js").Agreement} Agreement */

/**
 * An agreement on a stretch of border: who leads, for what, when, by which paper.
 *
 * @param {import("../main.js").App} app
 * @param {string} id
 */
export function agreementView(app, id) {
  let gone = false;
  const touched = app.touched?.ids.includes(id) ? app.touched : null;

  async function load() {
    try {
      const agreement = await api.agreement(id);
      if (!gone) show(agreement);
    } catch (problem) {
      if (!gone) replace(app.view, head(t("agreement.title")), problemBox(problem));
    }
  }

  const head = (/** @type {string} */ title) => h("div", { class: "head" }, h("h1", {}, title), app.closeButton(() => go("#/")));

  /** @param {Agreement} agreement */
  function show(agreement) {
    const left = endWords(agreement);
    const open = ["in_force", "not_yet", "proposed"].includes(agreement.state);
    replace(app.view, head(agreement.title),
      h("p", { class: "lede", "data-testid": "agreement-state" }, t(`agreement.state.${agreement.state}`),
        agreement.state === "in_force" && agreement.standing === "other_hours" ? [t("list.comma"), t("agreement.other_hours")] : null),
      left ? h("p", { class: open && (agreement.days_left ?? 0) > 30 ? "note" : "warning box", "data-testid": "agreement-end" }, left) : null,
      h("dl", { class: "terms", "data-testid": "terms" },
        h("dt", {}, t("agreement.lead")), h("dd", {}, h("strong", {}, name(agreement.lead))),
        h("dt", {}, t("agreement.parties")), h("dd", {}, h("ul", { class: "plain" }, agreement.parties.map((party) => h("li", {}, name(party), " ",
          h("small", {}, party.signed_at ? t("agreement.signed", { at: day(party.signed_at) }) : t("agreement.unsigned")))))),
        h("dt", {}, t("agreement.categories")), h("dd", {}, categories(agreement)),
        h("dt", {}, t("agreement.hours")), h("dd", {}, hours(agreement)),
        h("dt", {}, t("agreement.dates")), h("dd", {}, agreement.valid_until
          ? t("agreement.from_until", { from: agreement.valid_from, until: agreement.valid_until }) : t("agreement.from", { from: agreement.valid_from })),
        h("dt", {}, t("agreement.reach")), h("dd", {}, metres(agreement.reach_m)),
        h("dt", {}, t("agreement.document")), h("dd", {}, t("agreement.paper", { ...agreement.document })),
        ended(agreement)),
      others());
    replace(app.actions, touched ? h("button", { type: "button", class: "main big", "data-testid": "report-here", onclick: () => app.givePlace(touched.place) }, t("agreement.report_here")) : null);
    const { geometry } = agreement.place;
    if (!touched) app.camera.fit(bounds(geometry), { maxZoom: 16.5 });
  }

  /** @param {{code: string, name: string|null}} party */
  const name = ({ code, name: said }) => said ?? code;

  /** @param {Agreement} agreement */
  function categories({ categories: codes }) {
    if (!codes.length) return t("agreement.all_categories");
    const all = [...(app.catalogue?.items ?? []), ...(app.catalogue?.classes ?? [])];
    return codes.map((code) => all.find((one) => one.code === code)).map((one, i) => (one ? named(one) : codes[i])).join(t("list.comma"));
  }

  /** @param {Agreement} agreement */
  function hours({ hours: all }) {
    if (!all.length) return t("agreement.always");
    return h("ul", { class: "plain" }, all.map(({ weekdays, begins, ends }) => h("li", {},
      t("agreement.span", { days: weekdays.map((day) => t(`weekday.${day}`)).join(t("list.comma")), begins, ends, next: ends <= begins ? t("agreement.next_day") : "" }))));
  }

  /** @param {Agreement} agreement */
  function ended({ events }) {
    const last = events.find(({ kind }) => kind === "ended");
    return last ? [h("dt", {}, t("agreement.why_ended")), h("dd", {}, last.reason)] : null;
  }

  /** What else was under the finger. */
  function others() {
    const rest = touched?.ids.filter((other) => other !== id) ?? [];
    return rest.length ? h("p", { class: "note", "data-testid": "agreements-here" }, t("agreement.also_here"),
      rest.map((other, i) => [i ? t("list.comma") : "", h("a", { href: `#/agreement/${encodeURIComponent(other)}` }, app.agreements.titleOf(other))])) : null;
  }

  replace(app.view, head(t("agreement.title")), h("p", { class: "note" }, t("loading")));
  replace(app.actions);
  app.onTap = ({ lng, lat }) => app.givePlace({ crs: "EPSG:4326", geometry: { type: "Point", coordinates: [lng, lat] } });
  app.onEscape = () => go("#/");
  load();
  return () => { gone = true; };
}
