import { h } from "./dom.js";
import { aboutSquareMetres, clockSpan, metres, percent, percentRange, squareMetres, wholePercent } from "./format.js";
import { known, named, t } from "./i18n.js";
import * as policy from "./policy.js";

/** @typedef {import("./types.js").Area} Area */
/** @typedef {import("./types.js").Part} Part */
/** @typedef {import("./types.js").LevelAnswer} LevelAnswer */
/** @typedef {import("./types.js").Decision} Decision */
/** @typedef {import("./types.js").Plan} Plan */
/** @typedef {{levels: LevelAnswer[], decision: Decision|null, plan: Plan|null,
 *   place: import("./types.js").Resolution["place"], release: {id: string, title: string}}} Answer */

/**
 * Names with their district in front: 丰台区太平桥街道.
 *
 * @param {Answer} answer
 * @returns {(area: Area) => string}
 */
export function fullNames({ levels }) {
  const districts = new Map(levels.flatMap(({ parts, nearby, touches }) => [...parts, ...nearby, ...touches])
    .filter(({ level }) => level === "district").map(({ code, name }) => [code, name]));
  return (area) => {
    const district = area.level === "street" ? districts.get(area.parent ?? "") : "";
    return district ? t("area.full", { district, name: area.name }) : area.name;
  };
}

/** @param {Answer} answer @param {string} level */
const levelOf = ({ levels }, level) => levels.find((one) => one.level === level);

/** 西城区 › 广安门外街道 › 社区 › 网格, by the first area of each level. @param {Answer} answer */
export function path(answer) {
  const below = answer.levels.filter(({ level }) => level !== "city");
  const hole = below.findIndex(({ parts }) => !parts.length);
  const steps = below.slice(0, hole < 0 ? undefined : hole + 1).map(({ level, parts }) => {
    const [first, ...others] = [...parts].sort((a, b) => (b.share ?? b.probability ?? 0) - (a.share ?? a.probability ?? 0));
    if (!first) return h("li", { class: "hole" }, t("path.none", { level: t(`level.${level}.short`) }));
    const name = level === "cell" ? t("path.cell", { code: first.code }) : first.name;
    return h("li", { "data-testid": `path-${level}`, class: level },
      h("span", {}, name), others.length ? h("small", {}, t("path.more", { n: others.length + 1 })) : null);
  });
  return h("ol", { class: "path", "aria-label": t("path.label"), "data-testid": "path" }, steps);
}

/** How far the district's and the street's border are, in words; "" on a border. @param {Answer} answer */
export function borders(answer) {
  const said = ["district", "street"].map((name) => levelOf(answer, name)).filter((level) => level?.border_distance_m)
    .map((level) => t("path.border", { border: t(`border.${level?.level}`), distance: metres(level?.border_distance_m ?? 0) }));
  return said.join(" · ");
}

/** What the lines of every level rest on, neighbours of one basis together. @param {Answer} answer */
export function bases({ levels }) {
  /** @type {{basis: string, names: string[]}[]} */
  const groups = [];
  for (const { level, basis } of levels.filter((one) => one.level !== "city")) {
    const last = groups[groups.length - 1];
    if (last?.basis === basis) last.names.push(t(`level.${level}.short`));
    else groups.push({ basis, names: [t(`level.${level}.short`)] });
  }
  const said = groups.map(({ basis, names: [first, ...others] }, i) => {
    const text = i && i === groups.length - 1 && others.length ? t("basis.below", { level: first }) : t("basis.lines", { levels: [first, ...others].join(t("list.comma")) });
    return [i ? t("list.semicolon") : "", h("span", { title: t(`basis.${basis}.long`) }, text, t("list.colon"), t(`basis.${basis}`))];
  });
  return h("p", { class: "note bases", "data-testid": "bases" }, said);
}

/** @param {string} basis */
export const badge = (basis) => h("span", { class: `badge ${basis}`, title: t(`basis.${basis}.long`) }, t(`basis.${basis}`));

/**
 * What the line near the place means, in words; one message per level, the
 * highest level first, and none for the schematic levels below the street.
 *
 * @param {Answer} answer
 * @returns {{kind: string, text: string}[]}
 */
export function warnings(answer) {
  const full = fullNames(answer);
  /** @type {{kind: string, text: string}[]} */
  const said = [];
  const district = levelOf(answer, "district");
  const street = levelOf(answer, "street");
  const border = [district, street].find((level) => level && ["near_line", "on_line"].includes(level.relation));
  if (border) {
    const other = street?.nearby[0] && street.relation === border.relation ? street.nearby[0] : border.nearby[0];
    const level = t(`border.${border.level}`);
    if (border.relation === "on_line") said.push({ kind: "on_line", text: t("warn.on_line", { level }) });
    else if (other) said.push({ kind: "near_line", text: t("warn.near_line", { level, distance: metres(border.border_distance_m ?? other.distance_m), area: full(other) }) });
  }
  // What lies below a gap or an overlap has the same fault: it is said once.
  const hole = answer.levels.find(({ relation }) => relation === "gap");
  if (hole) {
    const [near] = hole.nearby;
    said.push({ kind: "gap", text: t("warn.gap", { level: t(`level.${hole.level}.short`), holder: answer.decision ? full(answer.decision.lead) : "",
      near: near ? t("warn.gap.near", { area: full(near), distance: metres(near.distance_m) }) : "" }) });
  }
  const double = answer.levels.find(({ relation }) => relation === "overlap");
  if (double) said.push({ kind: "overlap", text: t("warn.overlap", { areas: double.parts.map(full).join(t("list.and")) }) });
  return said;
}

// Below one in a hundred the other side of a line is not named.
const WORTH_SAYING = 0.01;

/** @param {Answer} answer @returns {{role: "lead"|"assisting"|"", part: Part}[]} */
function sides(answer) {
  const lead = answer.decision?.lead;
  const assisting = answer.decision?.assisting ?? [];
  const role = (/** @type {Part} */ { code }) => /** @type {"lead"|"assisting"|""} */ (code === lead?.code ? "lead" : assisting.some((area) => area.code === code) ? "assisting" : "");
  const parts = levelOf(answer, lead?.level ?? "street")?.parts.filter((part) => role(part) || part.counts || (part.probability ?? 0) >= WORTH_SAYING) ?? [];
  // Told although no part of the place lies there: the other side of a line near by, the level above a gap.
  const beside = (lead ? [lead, ...assisting] : []).filter(({ code }) => !parts.some((part) => part.code === code));
  return [...parts, ...beside.map((area) => /** @type {Part} */ (/** @type {unknown} */ (area)))]
    .map((part) => ({ part, role: role(part) }))
    .sort((a, b) => Number(b.role === "lead") - Number(a.role === "lead") || (b.part.share ?? b.part.probability ?? 0) - (a.part.share ?? a.part.probability ?? 0));
}

/** Who leads and who assists, each with its share: the bar and its rows. @param {Answer} answer */
export function jurisdictions(answer) {
  const full = fullNames(answer);
  const all = sides(answer);
  const gap = levelOf(answer, answer.decision?.lead.level ?? "street")?.gap_share ?? 0;
  return h("section", { class: "sides", "data-testid": "sides", "aria-label": t("sides.label") },
    all.length > 1 && all[0].part.share != null ? bar(all, gap) : null,
    h("ul", {}, all.map(({ role, part }) => h("li", { class: role, "data-testid": role || null, "data-code": part.code },
      h("span", { class: "swatch", "aria-hidden": "true" }),
      h("span", { class: "who" }, h("strong", {}, full(part)), role ? h("em", {}, t(`role.${role}`)) : null),
      amount(part, all.length)))),
    gap > 0.0005 ? h("p", { class: "note" }, t("sides.gap", { share: percent(gap) })) : null,
    districtLine(answer),
    touching(answer, full));
}

/** @param {{role: string, part: Part}[]} all @param {number} gap */
function bar(all, gap) {
  return h("div", { class: "share-bar", role: "img", "aria-label": all.map(({ part }) => `${part.name} ${percent(part.share ?? 0)}`).join(t("list.and")) },
    all.map(({ role, part }) => h("span", { class: role, style: `flex-grow:${part.share ?? 0}` })),
    gap > 0.0005 ? h("span", { class: "gap", style: `flex-grow:${gap}` }) : null);
}

/** What the accuracy of the lines leaves open, in words; empty when nothing worth saying. @param {Part} part */
function rangeOf({ share_low, share_high }) {
  if (share_low == null || share_high == null || share_high - share_low < 0.005) return "";
  return t("sides.range", { range: percentRange(share_low, share_high) });
}

/** @param {Part} part @param {number} count */
function amount(part, count) {
  if (part.share != null) {
    const size = part.area_m2 != null ? squareMetres(part.area_m2) : part.length_m != null ? metres(part.length_m) : "";
    return h("span", { class: "amount", "data-testid": `share-${part.code}` },
      count > 1 ? h("b", {}, percent(part.share)) : null,
      h("small", { title: rangeOf(part) ? t("sides.range.long") : null }, [size, rangeOf(part)].filter(Boolean).join(" · ")));
  }
  if (part.probability != null) {
    return h("span", { class: "amount", "data-testid": `probability-${part.code}` }, h("small", {}, t("sides.probability", { p: percent(part.probability) })));
  }
  return null;
}

/** @param {Answer} answer */
function districtLine(answer) {
  const district = levelOf(answer, "district");
  const parts = district?.parts.filter((part) => part.counts && part.share != null) ?? [];
  if (parts.length < 2) return null;
  return h("p", { class: "note" }, t("sides.districts"), parts.map((part) => h("span", { class: "line", "data-testid": `share-${part.code}` },
    [`${part.name} ${part.area_m2 == null ? "" : squareMetres(part.area_m2)}`, percent(part.share ?? 0), rangeOf(part)].filter(Boolean).join(" · "))));
}

/** @param {Answer} answer @param {(area: Area) => string} full */
function touching(answer, full) {
  const slivers = answer.levels.filter(({ level }) => level === "street").flatMap(({ touches }) => touches);
  if (!slivers.length) return null;
  return h("p", { class: "note" }, t("sides.touches", {
    areas: slivers.map((part) => `${full(part)} ${part.area_m2 != null ? squareMetres(part.area_m2) : part.length_m != null ? metres(part.length_m) : ""}`.trim()).join(t("list.comma")),
    least: least(slivers.some(({ length_m }) => length_m != null)),
  }));
}

/** From what size on a part counts, in words. @param {boolean} isLine */
function least(isLine) {
  const tolerance = policy.current()?.tolerance;
  if (!tolerance) return t("sides.least.unknown");
  const { min_area_m2, ample_area_m2, min_length_m, ample_length_m, min_share } = tolerance;
  return t("sides.least", { min: isLine ? metres(min_length_m) : aboutSquareMetres(min_area_m2),
    ample: isLine ? metres(ample_length_m) : aboutSquareMetres(ample_area_m2), share: wholePercent(min_share) });
}

/** The rule in a line, and behind 为什么 everything it stood on. @param {Answer} answer @param {boolean} open @param {(open: boolean) => void} onToggle */
export function why(answer, open, onToggle) {
  const { decision } = answer;
  if (!decision) return null;
  return h("details", { class: "why", open, "data-testid": "why", ontoggle: (/** @type {any} */ event) => onToggle(event.target.open) },
    h("summary", {}, h("span", { "data-testid": "rule" }, t("why.rule", { rule: named(decision, "rule_name") })), h("span", { class: "more" }, t("why.why"))),
    h("dl", {},
      h("dt", {}, t("why.basis")), h("dd", {}, decision.legal_basis),
      inputs(answer, decision),
      h("dt", {}, t("why.considered")),
      h("dd", {}, h("ol", { class: "considered" }, decision.considered.map((rule) =>
        h("li", { class: rule.decided ? "decided" : "" }, h("strong", {}, named(rule, "rule_name")), " ", named(rule, "why"))))),
      h("dt", {}, t("why.levels")), h("dd", {}, levels(answer)),
      h("dt", {}, t("why.release")), h("dd", {}, releaseName(answer.release), h("small", {}, t("why.policy", { policy: decision.policy })))));
}

/** @param {Answer["release"]} release */
const releaseName = (release) => [release.title, h("br"), h("small", {}, release.id, " · ")];

const FRACTIONS = new Set(["share", "threshold", "probability"]);

/** @param {Answer} answer @param {Decision} decision */
function inputs(answer, decision) {
  const names = new Map(answer.levels.flatMap(({ parts }) => parts).map((part) => [part.code, fullNames(answer)(part)]));
  const say = (/** @type {any} */ value, key = "") => {
    if (key === "agreement_id") return h("a", { href: `#/agreement/${encodeURIComponent(value)}` }, t("agreement.open"));
    if (FRACTIONS.has(key) && typeof value === "number") return percent(value);
    if (value === null || value === undefined || value === "") return t("none");
    if (typeof value === "number") return value > 0 && value < 1 ? percent(value) : String(value);
    if (typeof value === "boolean") return t(value ? "yes" : "no");
    if (Array.isArray(value)) return value.map((one) => names.get(one) ?? String(one)).join(t("list.comma"));
    if (typeof value === "object") return Object.entries(value).map(([key, one]) => `${names.get(key) ?? key} ${typeof one === "number" && one <= 1 ? percent(one) : one ?? "–"}`).join(t("list.comma"));
    return names.get(value) ?? String(value);
  };
  const rows = Object.entries(decision.inputs ?? {});
  if (!rows.length) return null;
  return [h("dt", {}, t("why.inputs")), h("dd", {}, h("ul", { class: "plain" }, rows.map(([key, value]) =>
    h("li", {}, `${known(`input.${key}`) ? t(`input.${key}`) : key}${t("list.colon")}`, say(value, key)))))];
}

/** @param {Answer} answer */
function levels(answer) {
  return h("table", { class: "levels" }, h("tbody", {}, answer.levels.map((one) => h("tr", {},
    h("th", { scope: "row" }, t(`level.${one.level}`)), h("td", {}, badge(one.basis)), h("td", {}, t(`relation.${one.relation}`)),
    h("td", { class: "number" }, one.border_distance_m == null ? "" : t("why.distance", { distance: metres(one.border_distance_m) }))))));
}

/** Who will be called, per side; what the directory lacks is said as an error. @param {Answer} answer */
export function who(answer) {
  if (!answer.plan) return null;
  const full = fullNames(answer);
  return h("section", { class: "whom", "data-testid": "who", "aria-label": t("who.label") },
    h("h2", {}, t("who.label"), h("small", {}, whistleLine(answer.plan.whistle))),
    answer.plan.needs_whistle === false ? h("p", { class: "note" }, t("who.own_power")) : null,
    answer.plan.jurisdictions.map(({ area, role, office, units, missing }) => h("div", { class: `call ${role}` },
      h("h3", {}, h("span", { class: "swatch", "aria-hidden": "true" }), full(area), " ", h("em", {}, t(`role.${role}`))),
      h("ul", { class: "units" }, office && !units.some(({ unit }) => unit.id === office.id)
        ? h("li", {}, office.name, " ", h("small", {}, t("unit-role.convener"))) : null, units.map((one) => h("li", { "data-testid": `unit-${one.unit.id}` }, one.unit.name, " ", h("small", {}, t(`unit-role.${one.role}`))))),
      missing.map((one) => h("p", { class: "error", role: "alert", "data-testid": `missing-${one.kind}` },
        t("who.missing", { kind: named(one, "kind_name") }))))));
}

/** @param {import("./types.js").WhistleKind} whistle */
const whistleLine = (whistle) => [named(whistle), whistle.arrive ? t("who.within", { time: clockSpan(whistle.arrive) }) : ""].filter(Boolean).join(" · ");

/** How many areas and departments would be told, and whether the areas are all streets. @param {Plan} plan */
export function called(plan) {
  const departments = new Set(plan.jurisdictions.flatMap(({ units }) => units.filter(({ role }) => role !== "office").map(({ unit }) => unit.id)));
  return { areas: plan.jurisdictions.length, streets: plan.jurisdictions.every(({ area }) => area.level === "street"), departments: departments.size };
}

/** The decision as one sentence for those who listen. @param {Answer} answer */
export function spoken(answer) {
  const full = fullNames(answer);
  if (!answer.decision) return t("spoken.none");
  const { lead, assisting } = answer.decision;
  return [t("spoken.lead", { area: full(lead) }),
    assisting.length ? t("spoken.assisting", { areas: assisting.map(full).join(t("list.and")) }) : "",
    t("why.rule", { rule: named(answer.decision, "rule_name") }),
    ...warnings(answer).map(({ text }) => text)].filter(Boolean).join(t("list.stop"));
}
