import * as api from "./api.js";
import * as draft from "./draft.js";
import { t } from "./i18n.js";
import { go } from "./router.js";

/**
 * Sends the draft and opens its case; the draft is dropped only once the
 * server has said that it holds the report.
 *
 * @param {import("./main.js").App} app
 * @throws {api.Problem} the draft and its key are kept for another try
 */
export async function send(app) {
  const key = draft.key();
  const { number, joined, case_id } = await api.report(draft.body(), key);
  draft.discard();
  app.news = t(joined ? "sent.joined" : "sent.new", { number });
  go(`#/case/${encodeURIComponent(case_id)}`, { quietly: true });
}
