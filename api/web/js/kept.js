const RESULT = "gridmap.result.";

/** What was being written about a case, kept while somebody signs in again. @param {string} id */
export function result(id) {
  try {
    return sessionStorage.getItem(RESULT + id) ?? "";
  } catch {
    return "";
  }
}

/** @param {string} id @param {string} text */
export function keepResult(id, text) {
  try {
    if (text) sessionStorage.setItem(RESULT + id, text);
    else sessionStorage.removeItem(RESULT + id);
  } catch {
    // A browser that keeps nothing still closes cases.
  }
}
