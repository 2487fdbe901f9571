/**
 * The server's time on this page: every answer that carries `now` sets it, so
 * that a phone with a wrong clock shows the right minutes.
 */
let ahead_ms = 0;

/** @param {string} now */
export function set(now) {
  ahead_ms = new Date(now).getTime() - Date.now();
}

/** @returns {number} milliseconds since the epoch, by the server */
export const now = () => Date.now() + ahead_ms;

/**
 * Calls `what` every `every_ms` while the page is seen, and at once when it is seen again.
 *
 * @param {() => void} what
 * @param {number} every_ms
 * @returns {() => void} stops it
 */
export function repeat(what, every_ms) {
  const beat = () => {
    if (!document.hidden) what();
  };
  const timer = setInterval(beat, every_ms);
  document.addEventListener("visibilitychange", beat);
  return () => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", beat);
  };
}
