/** @typedef {import("./types.js").Place} Place */

/** @typedef {"computed"|"both"|"here"} Sides as computed, both told, or confirmed to be here */

/**
 * @typedef {Object} Draft
 * @property {Place|null} place
 * @property {number[][]|null} ring the corners of an outline not finished yet
 * @property {string|null} hash the address of the place, so that a reload finds its draft
 * @property {string|null} category
 * @property {string|null} intake
 * @property {string} text
 * @property {boolean} separate never join a duplicate
 * @property {Sides} sides near a line: what the reporter says about the two sides
 * @property {{key: string, body: string}|null} attempt the last sending and what it sent
 */

const KEPT = "gridmap.draft";

/** @returns {Draft} */
const empty = () => ({
  place: null, ring: null, hash: null, category: null, intake: null, text: "", separate: false, sides: "computed", attempt: null,
});

/** @type {Draft} */
let draft = read();

/** @returns {Draft} */
function read() {
  try {
    return { ...empty(), ...JSON.parse(localStorage.getItem(KEPT) ?? "{}") };
  } catch {
    return empty();
  }
}

function write() {
  try {
    localStorage.setItem(KEPT, JSON.stringify(draft));
  } catch {
    // Full or forbidden storage: the draft lives as long as the page.
  }
}

/** @returns {Readonly<Draft>} */
export const current = () => draft;

/** @param {Partial<Draft>} changes */
export function change(changes) {
  draft = { ...draft, ...changes };
  write();
}

export function discard() {
  draft = empty();
  write();
}

/** What would be sent now. */
export function body() {
  const { place, category, intake, text, separate, sides } = draft;
  return { place, category, text, intake, source: "inspector", separate, sides };
}

/**
 * The key for sending the draft as it stands: the same for the same content,
 * however often it is tried, and a new one as soon as anything was changed.
 *
 * @returns {string}
 */
export function key() {
  const content = JSON.stringify(body());
  if (draft.attempt?.body !== content) change({ attempt: { key: newKey(), body: content } });
  return /** @type {{key: string}} */ (draft.attempt).key;
}

/** `crypto.randomUUID` exists only on HTTPS and localhost; a desk may be reached by its bare address. */
function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
