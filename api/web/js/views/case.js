import * as api from "../api.js";
import * as clock from "../clock.js";
import { bases, fullNames, jurisdictions, path, why } from "../decision.js";
import { CASE, OBJECTION, SUMMONS, WHISTLE, formOf } from "../deeds.js";
import { h, replace } from "../dom.js";
import { clockSpan, moment } from "../format.js";
import * as kept from "../kept.js";
import { bounds } from "../geometry.js";
import { named, t } from "../i18n.js";
import { position } from "../position.js";
import { problemBox } from "../problems.js";
import { go } from "../router.js";
import { timeline } from "../timeline.js";
import { summonsCard } from "../units.js";

/** @typedef {import("../types.js").Case} Case */
/** @typedef {import("../types.js").Summons} Summons */
/** @typedef {{deed: import("../deeds.js").Deed, path: string[], words: string, testid: string}} DeedAsked */
/** @typedef {{summons: string, what: string}|{closing: true}|DeedAsked|null} Asking */

const REFRESH_MS = 4_000;
const STEPS = ["source", "analysis", "whistle", "platform", "reporting_in", "evaluation", "feedback"];

/** One case: its clocks, its summons, what can be done now, what happened. @param {import("../main.js").App} app @param {string} id */
export function caseView(app, id) {
  /** @type {Case|null} */
  let file = null;
  /** @type {import("../types.js").CaseEvent[]} */
  let events = [];
  let whyOpen = false;
  let busy = false;
  /** What is being asked: a summons and what for, or the closing. @type {Asking} */
  let asking = null;
  /** The form of a deed, built once: what somebody else does meanwhile empties no field. @type {{fields: any[], given: any}|null} */
  let form = null;
  /** @type {{problem: any, summons: string|null}|null} */
  let failure = null;
  let lost = false;
  let gone = false;
  const result = /** @type {HTMLTextAreaElement} */ (h("textarea", { rows: 2, "data-testid": "result", "aria-label": t("result.label"), placeholder: t("result.placeholder"),
    value: kept.result(id), oninput: () => kept.keepResult(id, result.value) }));

  const record = h("div");

  async function refresh() {
    if (busy) return;
    try {
      const [next, told] = await Promise.all([api.caseFile(id), api.events(id)]);
      const changed = !file || next.version !== file.version || lost;
      lost = false;
      if (gone || busy) return;
      events = told.events;
      take(next, changed);
    } catch (problem) {
      if (gone) return;
      lost = file !== null;
      if (file) show();
      // An id of the wrong form is a case that does not exist.
      else replace(app.view, head(t("case.title")), problemBox(/** @type {any} */ (problem).slug === "validation" ? new api.Problem("unknown-case", { fields: { case: id } }) : problem));
    }
  }

  /** @param {Case} next @param {boolean} changed */
  function take(next, changed) {
    const first = !file;
    clock.set(next.now);
    file = next;
    if (first) {
      app.placemark.show(next.place.geometry, { accuracy_m: next.place.accuracy_m, movable: false });
      // The areas on the map are the active release's; a case decided with other lines is not coloured by them.
      if (next.release.id === app.release?.id) app.placemark.colour(next.place.geometry, next.levels, next.decision);
      app.camera.fit(bounds(next.place.geometry), { maxZoom: 18 });
    }
    if (changed) show();
  }

  /**
   * @param {() => Promise<Case>} what
   * @param {string|null} [summons] where to say what went wrong
   */
  async function act(what, summons = null) {
    busy = true;
    failure = null;
    show();
    try {
      const next = await what();
      if (asking && "closing" in asking) app.view.scrollTop = 0;
      settle();
      result.value = "";
      kept.keepResult(id, "");
      busy = false;
      take(next, true);
      events = (await api.events(id)).events;
      // Only the record is told again: a button that is being pressed stays where it is.
      if (!gone) replace(record, timeline(events));
    } catch (problem) {
      failure = { problem, summons };
      busy = false;
      if (gone) return;
      show();
      // What was refused may have been overtaken by somebody else's step; what was not answered may have been done.
      const { status, unsure } = /** @type {any} */ (problem);
      if (status === 409 || unsure) refresh();
    }
  }

  /** @param {Summons} summons @param {"gps"|"hand"} how @param {[number, number]} lngLat @param {{accuracy_m?: number}} [known] a hand knows no accuracy */
  const arriveAt = (summons, how, lngLat, known = {}) => act(() => api.step(id, ["summons", summons.id, "arrive"], {
    place: { crs: "EPSG:4326", geometry: { type: "Point", coordinates: lngLat }, ...known }, how }), summons.id);

  /** @param {Summons} summons */
  async function arriveHere(summons) {
    try {
      const { lngLat, accuracy_m } = await position();
      await arriveAt(summons, "gps", lngLat, { accuracy_m });
    } catch (problem) {
      failure = { problem, summons: summons.id };
      show();
    }
  }

  /** What became of a step that went wrong. @param {any} problem */
  const fate = (problem) => t(problem.unsure ? "step.unsure" : "step.not_recorded");

  /** Whatever was being asked is answered. */
  function settle() {
    if (asking && "what" in asking && asking.what === "map") app.sheet.to("half");
    asking = null;
  }

  /** @param {Asking} next */
  function ask(next) {
    if (!next) settle();
    if (next && "closing" in next) app.sheet.to("half");
    asking = next;
    form = null;
    failure = null;
    const onMap = next && "what" in next && next.what === "map";
    app.onTap = onMap ? ({ lng, lat }) => {
      const summons = file?.summons.find((one) => one.id === next.summons);
      app.onTap = null;
      if (summons) arriveAt(summons, "hand", [lng, lat]);
    } : null;
    app.hint(onMap ? t("arrive.tap") : "");
    app.exact = Boolean(onMap);
    if (onMap && file) {
      app.sheet.to("low");
      app.camera.fit(bounds(app.placemark.fence(file.place.geometry, file.geofence_m)));
    }
    show();
    if (next && ("closing" in next || ("what" in next && next.what === "finish"))) result.focus();
  }

  /**
   * The form of a deed, with its button and the way back; what was typed is sent as it stands.
   *
   * @param {import("../deeds.js").Deed} deed
   * @param {string[]} path where it goes
   * @param {{words: string, testid: string, summons?: string|null, outcomes?: any[]}} options
   */
  function deedForm(deed, path, { words, testid, summons = null, outcomes = [] }) {
    if (!file) return null;
    const areas = [file.decision.lead, ...file.decision.assisting];
    form ??= formOf(deed, { areas, outcomes, holder: file.holder.code, result });
    const { fields, given } = form;
    const send = async () => {
      const { evidence, ...body } = given;
      if (deed.fields.includes("text")) body.result = result.value.trim();
      // What is shown is kept first: the step names it.
      if (evidence) body.evidence = [(await api.showText(id, evidence)).id];
      return api.step(id, path, body);
    };
    return [fields, h("div", { class: "row" },
      h("button", { type: "button", class: "main", disabled: busy, "data-testid": testid, onclick: () => act(send, summons) }, words),
      h("button", { type: "button", disabled: busy, onclick: () => ask(null) }, t("cancel")))];
  }

  /** @param {Summons} summons */
  function below(summons) {
    if (asking && "what" in asking && asking.what === "map") return null;
    const trouble = failure?.summons === summons.id ? problemBox(failure.problem, { kept: fate(failure.problem) }) : null;
    if (!asking || !("what" in asking) || asking.summons !== summons.id) return trouble;
    const { what } = asking;
    if (what in SUMMONS) {
      const outcomes = file?.whistles.find(({ id: one }) => one === summons.whistle)?.outcomes ?? [];
      return [deedForm(SUMMONS[what], ["summons", summons.id, SUMMONS[what].path], {
        words: t(`confirm.${what}`), testid: `confirm-${what}-${summons.unit.id}`, summons: summons.id, outcomes }), trouble];
    }
    const button = (/** @type {string} */ testid, /** @type {string} */ words, /** @type {() => void} */ onclick, main = false) =>
      h("button", { type: "button", class: main ? "main" : "", disabled: busy, "data-testid": `${testid}-${summons.unit.id}`, onclick }, words);
    return [h("p", { class: "note" }, t("arrive.how")), h("div", { class: "row" },
      button("arrive-gps", t("arrive.gps"), () => arriveHere(summons), true),
      button("arrive-map", t("arrive.map"), () => ask({ summons: summons.id, what: "map" })),
      button("cancel", t("cancel"), () => ask(null))), trouble];
  }

  /** @param {Summons} summons @param {string} verb */
  function begin(summons, verb) {
    const asksNothing = verb === "respond" || (SUMMONS[verb] && !SUMMONS[verb].fields.length);
    if (asksNothing) act(() => api.step(id, ["summons", summons.id, verb.replace("_", "-")]), summons.id);
    else ask({ summons: summons.id, what: verb });
  }

  /** @param {Case} open */
  function summonsList(open) {
    if (!open.summons.length) return null;
    const full = fullNames(open);
    const done = open.summons.filter(({ state }) => state === "finished" || state === "stood_down").length;
    const groups = [open.decision.lead, ...open.decision.assisting].map((area, i) => ({ area, role: i ? "assisting" : "lead",
      summons: open.summons.filter(({ areas }) => areas[0] === area.code) }));
    const rest = open.summons.filter((one) => !groups.some(({ summons }) => summons.includes(one)));
    if (rest.length) groups[0].summons.push(...rest);
    return h("section", { class: "summonses" }, h("h2", {}, t("summons.title"), h("small", { "data-testid": "progress" }, t("summons.progress", { done, all: open.summons.length }))),
      groups.filter(({ summons }) => summons.length).map(({ area, role, summons }) => [h("h3", { class: role }, h("span", { class: "swatch", "aria-hidden": "true" }), full(area), " ", h("em", {}, t(`role.${role}`))),
        h("ul", { class: "plain" }, summons.map((one) => summonsCard(one, { onDo: (verb) => begin(one, verb), open: below(one), busy })))]));
  }

  /** @param {Case} open */
  function beforeWhistle({ plan, may, convener, holder }) {
    const { arrive } = plan.whistle;
    const within = arrive ? t("blow.within", { time: clockSpan(arrive) }) : "";
    const whoBlows = convener?.name ?? holder.name;
    return [
      may.includes("blow") ? h("button", { type: "button", class: "main big", disabled: busy, "data-testid": "blow", onclick: () => act(() => api.step(id, ["whistles"])) },
        t("blow", { n: plan.summons, within, whistle: named(plan.whistle) }))
        : plan.summons ? h("p", { class: "waits", "data-testid": "waits" }, t("waits.whistle", { unit: whoBlows })) : h("p", { class: "error", role: "alert" }, t("blow.nobody")),
      may.includes("close") ? h("button", { type: "button", class: "big", disabled: busy, "data-testid": "close", onclick: () => ask({ closing: true }) }, t("close.own_power")) : null];
  }

  /** @param {Case} open */
  function action(open) {
    const general = failure && failure.summons === null ? problemBox(failure.problem, { kept: fate(failure.problem) }) : null;
    if (asking && "what" in asking && asking.what === "map") {
      const { summons } = asking;
      return [h("p", {}, t("arrive.who", { unit: open.summons.find((one) => one.id === summons)?.unit.name ?? "" })),
        h("button", { type: "button", class: "big", "data-testid": "cancel-arrival", onclick: () => ask(null) }, t("cancel"))];
    }
    if (asking && "deed" in asking) {
      const { deed, path, words, testid } = asking;
      return [general, deedForm(deed, path, { words, testid })];
    }
    if (open.closed_at) return [general, h("p", { class: "done", "data-testid": "closed" }, t("case.closed", { at: moment(open.closed_at, clock.now()), result: open.result ?? "" }))];
    if (asking && "closing" in asking) {
      return [general, result, h("div", { class: "row" }, h("button", { type: "button", class: "main big", disabled: busy, "data-testid": "confirm-close",
        onclick: () => act(() => api.step(id, ["close"], { result: result.value.trim() })) }, t("close.confirm")),
      h("button", { type: "button", onclick: () => ask(null) }, t("cancel")))];
    }
    if (!open.whistles.some(({ state }) => state !== "sent_back")) return [general, beforeWhistle(open)];
    if (open.may.includes("close")) return [general, h("button", { type: "button", class: "main big", disabled: busy, "data-testid": "close", onclick: () => ask({ closing: true }) }, t("close"))];
    return [general, h("p", { class: "waits", "data-testid": "waits" }, waitsFor(open))];
  }

  /** Who has to do something before the case can close. @param {Case} open */
  function waitsFor(open) {
    const working = open.summons.filter(({ state }) => !["finished", "stood_down"].includes(state)).length;
    if (open.whistles.some(({ state }) => state === "pending")) return t("waits.platform");
    if (working) return t("waits.units", { n: working });
    const unit = open.convener?.name ?? open.holder.name;
    return open.summons.some(({ state, evaluation }) => state === "finished" && !evaluation) ? t("waits.evaluation", { unit }) : t("waits.close", { unit });
  }

  /** The steps beyond the ordinary that whoever looks can take, each with its form. @param {Case} open */
  function further(open) {
    const doing = (/** @type {string} */ verb, /** @type {import("../deeds.js").Deed} */ deed, /** @type {string[]} */ before) =>
      h("button", { type: "button", disabled: busy, "data-testid": `deed-${[...before, verb].join("-")}`, onclick: () => {
        const path = [...before, ...deed.path.split("/")];
        if (deed.fields.length) ask({ deed, path, words: t(`confirm.${verb}`), testid: "confirm-deed" });
        else act(() => api.step(id, path));
      } }, t(`do.${verb}`));
    const own = Object.keys(CASE).filter((verb) => open.may.includes(verb)).map((verb) => doing(verb, CASE[verb], []));
    const whistles = open.whistles.map((one) => h("li", { "data-testid": `whistle-${one.id}`, "data-state": one.state },
      h("span", {}, named(one), one.confidential ? h("em", {}, t("whistle.confidential")) : null, h("small", {}, t(`whistle.${one.state}`))),
      one.may.filter((verb) => WHISTLE[verb]).map((verb) => doing(verb, WHISTLE[verb], ["whistles", one.id]))));
    const sides = [open.decision.lead, ...open.decision.assisting];
    const disputes = open.objections.map((one) => h("li", { "data-testid": `objection-${one.id}`, "data-state": one.state },
      h("span", {}, one.summons ? t("objection.summons", { unit: open.summons.find(({ id: called }) => called === one.summons)?.unit.name ?? "" })
        : t("objection.lead", { area: sides.find(({ code }) => code === one.proposes)?.name ?? "" }), h("small", {}, t(`objection.${one.state}`),
        one.settle_by && ["open", "negotiating"].includes(one.state) ? t("objection.until", { at: moment(one.settle_by, clock.now()) }) : "")),
      one.may.filter((verb) => OBJECTION[verb]).map((verb) => doing(verb, OBJECTION[verb], ["objections", one.id]))));
    const held = open.holds.filter(({ ended_at, refused_at }) => !ended_at && !refused_at).map((one) =>
      h("li", { "data-testid": "hold" }, t(one.granted_at ? "hold.running" : "hold.asked", { on: one.review_on })));
    if (!own.length && !whistles.length && !disputes.length && !held.length) return null;
    return h("section", { class: "further" }, h("h2", {}, t("further.title")),
      h("ul", { class: "plain" }, whistles, disputes, held, open.vetoed_at ? h("li", { class: "error" }, t("veto.standing")) : null),
      own.length ? h("div", { class: "row wrap" }, own) : null);
  }

  /** @param {string} title */
  const head = (title) => h("div", { class: "head" }, h("h1", { "data-testid": "case-number" }, title), app.closeButton(() => go("#/")));

  function show() {
    if (!file) return;
    const open = file;
    const at = STEPS.indexOf(open.step);
    if (!asking || !("what" in asking) || asking.what !== "map") {
      app.hint("");
      app.placemark.noFence();
    }
    replace(app.view,
      head(named(open.category)),
      h("p", { class: "note" }, open.number, " · ", t("case.opened", { at: moment(open.opened_at, clock.now()) })),
      app.news && !open.whistles.length ? h("p", { class: "news", role: "status", "data-testid": "news" }, app.news) : null,
      lost ? h("p", { class: "error box", role: "status" }, t("case.lost")) : null,
      h("div", { class: "steps", role: "img", "aria-label": t("steps.label", { n: at + 1, all: STEPS.length, step: t(`step.${open.step}`) }), "data-testid": "step", "data-step": open.step },
        STEPS.map((_, i) => h("i", { class: i < at ? "past" : i === at ? "now" : "" })), h("span", {}, t(`step.${open.step}`))),
      open.whistles.length && !open.closed_at ? [summonsList(open), further(open), whose(open)] : [whose(open), summonsList(open), further(open)],
      why(open, whyOpen, (next) => { whyOpen = next; }),
      reports(open),
      h("h2", {}, t("timeline.title")), record);
    replace(record, timeline(events));
    replace(app.actions, action(open));
  }

  /** @param {Case} open */
  const whose = (open) => [
    h("p", { class: "holder" }, t("case.holder", { area: fullNames(open)(open.holder) }), open.convener ? h("small", {}, t("case.convener", { unit: open.convener.name })) : null),
    path(open),
    bases(open),
    app.release && open.release.id !== app.release.id ? h("p", { class: "note", "data-testid": "other-release" }, t("case.other_release", { title: open.release.title })) : null,
    jurisdictions(open)];

  /** @param {Case} open */
  function reports({ incidents }) {
    const said = incidents.filter(({ text }) => text);
    if (incidents.length < 2 && !said.length) return null;
    return h("section", {}, h("h2", {}, t("reports.title"), h("small", {}, t("reports.count", { n: incidents.length }))),
      h("ul", { class: "plain reports" }, incidents.map((one) => h("li", {}, h("time", {}, moment(one.reported_at, clock.now())), h("span", {}, one.text || t("reports.silent"))))));
  }

  replace(app.view, h("p", { class: "note" }, t("loading")));
  replace(app.actions);
  app.onTap = null;
  app.onEscape = () => (asking ? ask(null) : go("#/"));
  refresh();
  const stop = clock.repeat(refresh, REFRESH_MS);
  return () => {
    gone = true;
    stop();
    app.news = "";
    app.hint("");
    app.placemark.clear();
  };
}
