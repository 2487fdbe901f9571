/** @typedef {import("./types.js").Place} Place */

/**
 * What went wrong, in the form the pages translate: a stable slug and its values.
 * `unreachable` (nobody answered) and `timeout` are the page's own.
 */
export class Problem extends Error {
  /**
   * @param {string} slug
   * @param {{status?: number, detail?: string, fields?: Object<string, any>, errors?: {where: string, what: string}[]}} [more]
   */
  constructor(slug, { status = 0, detail = "", fields = {}, errors = [] } = {}) {
    super(detail || slug);
    this.slug = slug;
    this.status = status;
    this.detail = detail;
    this.fields = fields;
    this.errors = errors;
  }

  /** Whether the server may have done it all the same: only a refusal (4xx) promises that it did not. */
  get unsure() {
    return this.status >= 500 || this.slug === "unreachable" || this.slug === "timeout";
  }
}

/** Said to the window when something needs somebody who is signed in. */
export const SIGN_IN_NEEDED = "gridmap:sign-in-needed";

const PATIENCE_MS = 20_000;

/**
 * @param {string} path
 * @param {{method?: string, body?: any, headers?: Object<string, string>, signal?: AbortSignal}} [options]
 * @returns {Promise<any>} the parsed JSON
 * @throws {Problem} and the signal's AbortError when the caller gave up
 */
async function call(path, { method = "GET", body, headers = {}, signal } = {}) {
  const patience = AbortSignal.timeout(PATIENCE_MS);
  const either = signal ? AbortSignal.any([signal, patience]) : patience;
  try {
    const response = await fetch(`/api/v1${path}`, {
      method,
      headers: body === undefined ? headers : { "Content-Type": "application/json", ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: either,
    });
    if (!response.ok) throw await problemOf(response);
    return response.status === 204 ? null : await response.json();
  } catch (error) {
    if (error instanceof Problem) {
      if (error.slug === "sign-in-needed") window.dispatchEvent(new Event(SIGN_IN_NEEDED));
      throw error;
    }
    if (signal?.aborted) throw error;
    throw new Problem(patience.aborted ? "timeout" : "unreachable");
  }
}

/** @param {Response} response */
async function problemOf(response) {
  const said = await response.json().catch(() => ({}));
  const slug = String(said.type ?? "").split("/").pop() || "unexpected";
  return new Problem(slug === "about:blank" ? "unexpected" : slug, {
    status: response.status,
    detail: said.detail,
    fields: { status: response.status, ...said.fields },
    errors: said.errors,
  });
}

/** @param {any} error */
export const gaveUp = (error) => error?.name === "AbortError";

/** @param {string} path @param {any} body */
const post = (path, body) => call(path, { method: "POST", body });

export const session = () => call("/session");
export const demonstration = () => call("/session/demonstration");
/** @param {string} login @param {string} password */
export const signIn = (login, password) => post("/session", { login, password });
/** @param {string} account */
export const signInToDemonstration = (account) => post("/session/demonstration", { account });
export const signOut = () => call("/session", { method: "DELETE" });

export const release = () => call("/release");
export const catalogue = () => call("/catalogue");
export const policy = () => call("/policy");

/**
 * @param {{level: string, bbox?: number[], zoom?: number}} wanted
 * @param {AbortSignal} [signal]
 */
export function areas({ level, bbox, zoom }, signal) {
  const query = new URLSearchParams({ level });
  if (bbox) query.set("bbox", bbox.join(","));
  if (zoom !== undefined) query.set("zoom", String(zoom));
  return call(`/areas?${query}`, { signal });
}

/** @param {string} code @param {AbortSignal} [signal] */
export const area = (code, signal) => call(`/areas/${encodeURIComponent(code)}`, { signal });

/**
 * @param {{place: Place, category?: string|null, intake?: string|null, sides?: string}} question
 * @param {AbortSignal} [signal]
 */
export const resolve = (question, signal) => call("/resolve", { method: "POST", body: question, signal });

/** @param {any} incident @param {string} key */
export const report = (incident, key) =>
  call("/incidents", { method: "POST", body: incident, headers: { "Idempotency-Key": key } });

/** @param {AbortSignal} [signal] */
export const agreements = (signal) => call("/agreements", { signal });

/** @param {string} id @param {AbortSignal} [signal] */
export const agreement = (id, signal) => call(`/agreements/${encodeURIComponent(id)}`, { signal });

/** @param {"open"|"closed"} state @param {AbortSignal} [signal] */
export const cases = (state, signal) => call(`/cases?state=${state}&limit=50`, { signal });

/** @param {string} id @param {AbortSignal} [signal] */
export const caseFile = (id, signal) => call(`/cases/${encodeURIComponent(id)}`, { signal });

/** @param {string} id @param {AbortSignal} [signal] */
export const events = (id, signal) => call(`/cases/${encodeURIComponent(id)}/events`, { signal });

/**
 * Any step on a case: `step(id, ["summons", "1", "respond"])`.
 *
 * @param {string} id
 * @param {string[]} path
 * @param {any} [body]
 */
export const step = (id, path, body = {}) => post(`/cases/${[id, ...path].map(encodeURIComponent).join("/")}`, body);

/** @param {string} id @param {string} text something to show, kept as evidence of the case */
export const showText = (id, text) => step(id, ["evidence"], { kind: "text", title: text.slice(0, 40), text });
