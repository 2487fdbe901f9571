import * as draft from "../draft.js";
import { about, categoryChooser } from "../category.js";
import { bases, borders, called, fullNames, jurisdictions, path, spoken, warnings, who, why } from "../decision.js";
import { h, replace } from "../dom.js";
import { coordinates, metres, moment, squareMetres } from "../format.js";
import * as clock from "../clock.js";
import { bounds, middle } from "../geometry.js";
import { named, t } from "../i18n.js";
import { problemBox } from "../problems.js";
import { createResolver } from "../resolver.js";
import { go } from "../router.js";
import { send } from "../sending.js";

/** @typedef {import("../types.js").Resolution} Resolution */

// From here on a point can be told from its neighbour's plot.
const NEAR_ZOOM = 16;
const LONGEST_TEXT = 2000;

/**
 * A place was given: where it is, whose it is, who would come; then what, and send.
 *
 * @param {import("../main.js").App} app
 */
export function placeView(app) {
  /** @type {Resolution|null} */
  let answer = null;
  let choosing = false;
  let whyOpen = false;
  let sending = false;
  /** @type {any} */
  let failure = null;

  const slots = Object.fromEntries(["path", "trouble", "sides", "category", "intake", "who", "why"].map((name) => [name, h("div", { class: `slot ${name}` })]));
  const text = /** @type {HTMLTextAreaElement} */ (h("textarea", { id: "text", rows: 2, maxlength: LONGEST_TEXT, placeholder: t("text.placeholder"), "data-testid": "text",
    value: draft.current().text, oninput: () => draft.change({ text: text.value }) }));

  const resolver = createResolver({
    onAsk: () => app.panel.classList.add("asking"),
    onAnswer(resolution) {
      app.panel.classList.remove("asking");
      answer = resolution;
      failure = null;
      forgetStrangeIntake(resolution);
      show();
      app.say(spoken(resolution));
    },
    onProblem(problem) {
      app.panel.classList.remove("asking");
      answer = null;
      failure = problem;
      show();
    },
  });

  /** The chosen category, unless the catalogue no longer has it. */
  const item = () => app.catalogue?.items.find(({ code }) => code === draft.current().category) ?? null;

  const ask = (now = false) => {
    const { place, intake, sides } = draft.current();
    const category = item()?.code;
    if (place) resolver.ask({ place, sides, ...(category ? { category } : {}), ...(intake ? { intake } : {}) }, now);
  };

  /** @param {Partial<import("../draft.js").Draft>} changes */
  const change = (changes) => {
    draft.change(changes);
    ask(true);
    show();
  };

  /** The place has moved away from the street that received the report. @param {Resolution} resolution */
  function forgetStrangeIntake({ decision }) {
    const { intake } = draft.current();
    const near = decision ? [decision.lead, ...decision.assisting].some(({ code }) => code === intake) : true;
    if (!intake || near) return;
    draft.change({ intake: null });
    ask(true);
  }

  function show() {
    showPath();
    replace(slots.trouble, failure ? problemBox(failure, { kept: t("draft.safe"), todo: again(failure) }) : answer ? [warningBoxes(answer), duplicateBox(answer)] : null);
    replace(slots.sides, answer ? jurisdictions(answer) : null);
    showCategory();
    replace(slots.intake, answer ? intakeChooser(answer) : null);
    replace(slots.who, answer ? who(answer) : null);
    replace(slots.why, answer ? why(answer, whyOpen, (open) => { whyOpen = open; }) : null);
    showAction();
    if (answer) {
      const { geometry, accuracy_m } = answer.place;
      app.placemark.show(geometry, { accuracy_m });
      app.placemark.colour(geometry, answer.levels, answer.decision);
    }
  }

  function showPath() {
    const { place } = draft.current();
    const shown = answer?.place ?? null;
    replace(slots.path, answer ? path(answer) : h("p", { class: "path note" }, failure ? t("place.unknown") : t("place.asking")),
      h("p", { class: "note where" }, h("span", {}, where(place, shown)),
        h("button", { type: "button", class: "quiet", "data-testid": "draw-footprint", onclick: () => go("#/trace") },
          t(place?.geometry.type === "Polygon" ? "place.edit_outline" : "place.trace"))),
      answer ? [h("p", { class: "note", "data-testid": "borders" }, borders(answer)), bases(answer)] : null);
  }

  /** @param {any} place @param {Resolution["place"]|null} shown */
  function where(place, shown) {
    if (!shown) return "";
    const kind = t(`kind.${shown.kind}`);
    const size = shown.area_m2 != null ? squareMetres(shown.area_m2) : shown.length_m != null ? metres(shown.length_m)
      : coordinates(middle(shown.geometry)) + (shown.accuracy_m ? ` · ${t("place.accuracy", { m: metres(shown.accuracy_m) })}` : "");
    return `${kind} ${size}${place?.crs !== "EPSG:4326" ? ` · ${t("place.given", { crs: place?.crs ?? "" })}` : ""}`;
  }

  /** @param {Resolution} resolution */
  function warningBoxes(resolution) {
    return warnings(resolution).map(({ kind, text: said }) => {
      const near = kind === "near_line" || kind === "on_line";
      const asks = kind === "near_line" && resolution.place.kind === "point" && resolution.decision !== null;
      if (asks && draft.current().sides !== "computed") return chosenSides(resolution, said);
      return h("div", { class: "warning box", "data-testid": `warning-${kind}` }, h("p", {}, said), near ? h("div", { class: "row wraps" },
        h("button", { type: "button", class: "main", "data-testid": "trace-instead", onclick: () => go("#/trace") }, t("place.trace")),
        asks ? [h("button", { type: "button", "data-testid": "both-sides", onclick: () => change({ sides: "both" }) }, t("warn.both_sides")),
          h("button", { type: "button", "data-testid": "this-side", onclick: () => change({ sides: "here" }) }, t("warn.this_side", { area: resolution.decision?.lead.name ?? "" }))] : null) : null);
    });
  }

  /** What the reporter has said about the two sides, and the way back. @param {Resolution} resolution @param {string} said */
  function chosenSides({ levels, decision }, said) {
    const { sides } = draft.current();
    const full = (/** @type {any} */ area) => fullNames(/** @type {any} */ ({ levels }))(area);
    const chosen = sides === "here" ? t("warn.here", { area: decision ? full(decision.lead) : "" })
      : t("warn.both", { areas: decision ? [decision.lead, ...decision.assisting].map(full).join(t("list.and")) : "" });
    return h("div", { class: "box sides-chosen", "data-testid": `sides-${sides}` }, h("p", {}, h("strong", {}, chosen), h("br"), h("small", {}, said)),
      h("button", { type: "button", class: "quiet", "data-testid": "sides-back", onclick: () => change({ sides: "computed" }) }, t("warn.back")));
  }

  /** @param {Resolution} resolution */
  function duplicateBox({ duplicates: [first] }) {
    if (!first) return null;
    const { separate } = draft.current();
    const near = first.distance_m < 1 ? t("duplicate.same") : t("duplicate.within", { distance: metres(first.distance_m) });
    const facts = { where: near, number: first.number, at: moment(first.opened_at, clock.now()) };
    return h("div", { class: "box", "data-testid": "duplicate" }, h("p", {}, t(separate ? "duplicate.separate" : "duplicate.join", facts), " ",
      h("a", { href: `#/case/${encodeURIComponent(first.case_id)}` }, t("duplicate.look"))),
    h("label", { class: "check" }, h("input", { type: "checkbox", checked: separate, "data-testid": "separate",
      onchange: (/** @type {any} */ event) => { draft.change({ separate: event.target.checked }); show(); } }), t("duplicate.apart")));
  }

  function showCategory() {
    const catalogue = app.catalogue;
    const chosen = item();
    if (!catalogue) return replace(slots.category, h("p", { class: "note" }, t("loading")));
    if (choosing) {
      if (slots.category.querySelector(".chooser")) return undefined;
      const stop = () => { choosing = false; show(); };
      return replace(slots.category, categoryChooser(catalogue, { onChoose: (code) => { choosing = false; app.sheet.to("half"); change({ category: code }); focusCategory(); }, onCancel: stop }));
    }
    return replace(slots.category, h("button", { type: "button", class: chosen ? "chosen" : "choose", "data-testid": "choose-category", onclick: choose },
      h("span", {}, h("small", {}, t("category.title")), chosen ? named(chosen) : t("category.choose"), chosen ? h("small", {}, about(chosen, catalogue)) : null),
      h("span", { class: "more" }, t(chosen ? "category.change" : "category.open"))));
  }

  function choose() {
    choosing = true;
    app.sheet.to("full");
    show();
    /** @type {HTMLElement|null} */ (slots.category.querySelector("input"))?.focus();
    slots.category.scrollIntoView({ block: "start" });
  }

  const focusCategory = () => /** @type {HTMLElement|null} */ (slots.category.querySelector("button"))?.focus({ preventScroll: true });

  /** @param {Resolution} resolution */
  function intakeChooser({ decision }) {
    const { intake } = draft.current();
    const streets = decision ? [decision.lead, ...decision.assisting] : [];
    if (streets.length < 2 && !intake) return null;
    const choice = (/** @type {string|null} */ code, /** @type {string} */ name) => h("label", { class: "choice" },
      h("input", { type: "radio", name: "intake", value: code ?? "", checked: intake === code, "data-testid": `intake-${code ?? "none"}`, onchange: () => change({ intake: code }) }),
      h("span", {}, name));
    const sorted = [...streets].sort((a, b) => (a.code < b.code ? -1 : 1));
    return h("fieldset", { class: "intake" }, h("legend", {}, t("intake.title")), choice(null, t("intake.none")), sorted.map(({ code, name }) => choice(code, name)));
  }

  function showAction() {
    const { separate } = draft.current();
    const category = item();
    const joins = answer?.duplicates[0] && !separate ? answer.duplicates[0].number : null;
    const plan = answer?.plan;
    const label = sending ? t("send.sending") : !category ? t("send.choose") : joins ? t("send.join", { number: joins }) : plan ? t("send.send", called(plan)) : t(failure ? "send.blocked" : "send.wait");
    if (choosing) return replace(app.actions);
    const ready = !sending && (category ? Boolean(plan) : Boolean(app.catalogue));
    return replace(app.actions, sendTrouble, h("button", { type: "button", class: "main big", disabled: !ready, "data-testid": category ? "send" : "next-category",
      onclick: category ? submit : choose }, label));
  }

  const sendTrouble = h("div", {});

  async function submit() {
    sending = true;
    replace(sendTrouble);
    showAction();
    try {
      await send(app);
    } catch (problem) {
      sending = false;
      replace(sendTrouble, problemBox(problem, { kept: t(/** @type {any} */ (problem).unsure ? "send.unsure" : "draft.safe") }));
      showAction();
    }
  }

  /** @param {any} problem */
  function again(problem) {
    if (!problem.unsure) return null;
    return h("button", { type: "button", onclick: () => ask(true) }, t("again"));
  }

  replace(app.view, h("div", { class: "head" }, slots.path, app.closeButton(() => go("#/"))),
    slots.trouble, slots.sides, slots.category, slots.intake, slots.who, h("label", { for: "text", class: "field-label" }, t("text.label")), text, slots.why);
  app.onTap = ({ lng, lat }) => app.givePlace({ crs: "EPSG:4326", geometry: { type: "Point", coordinates: [lng, lat] } });
  app.onEscape = () => { if (choosing) { choosing = false; show(); focusCategory(); } else go("#/"); };
  app.onSearchKey = choose;
  look(app);
  show();
  ask(true);

  return {
    /** The place was moved: same view, new question. */
    again() {
      failure = null;
      look(app);
      ask();
    },
    leave() {
      resolver.drop();
      app.panel.classList.remove("asking");
      app.placemark.clear();
    },
  };
}

/** Shows the place at once where it can be shown, and brings it into view. @param {import("../main.js").App} app */
function look(app) {
  const { place } = draft.current();
  const shape = place && (place.crs === "EPSG:4326" ? place.geometry : app.resolved?.geometry);
  if (!place || !shape) return;
  app.placemark.show(shape, { accuracy_m: place.accuracy_m });
  const centre = middle(shape);
  const seen = app.camera.sees(centre);
  if (shape.type === "Point") {
    if (!seen || app.map.getZoom() < NEAR_ZOOM) app.camera.to(centre, Math.max(app.map.getZoom(), NEAR_ZOOM + 1));
  } else if (!seen || app.map.getZoom() < NEAR_ZOOM - 1) {
    app.camera.fit(bounds(shape), { maxZoom: 18.5 });
  }
}
