import * as api from "./api.js";

/** @typedef {import("./types.js").Resolution} Resolution */

const PATIENCE_MS = 180;

/**
 * Asks again after each change, a moment after the last one, and lets only the
 * newest question's answer through.
 *
 * @param {{onAsk: () => void, onAnswer: (resolution: Resolution) => void, onProblem: (problem: any) => void}} listeners
 */
export function createResolver({ onAsk, onAnswer, onProblem }) {
  let timer = 0;
  /** @type {AbortController|null} */
  let asked = null;

  const drop = () => {
    clearTimeout(timer);
    asked?.abort();
    asked = null;
  };

  return {
    /** @param {{place: any, category?: string|null, intake?: string|null}} question @param {boolean} [now] */
    ask(question, now = false) {
      drop();
      onAsk();
      timer = window.setTimeout(async () => {
        const mine = (asked = new AbortController());
        try {
          const resolution = await api.resolve(question, mine.signal);
          if (asked === mine) onAnswer(resolution);
        } catch (problem) {
          if (asked === mine && !api.gaveUp(problem)) onProblem(problem);
        }
      }, now ? 0 : PATIENCE_MS);
    },
    drop,
  };
}
