import * as api from "../api.js";
import { h, replace } from "../dom.js";
import { t } from "../i18n.js";
import * as me from "../me.js";
import { problemBox } from "../problems.js";
import { go } from "../router.js";

/** @typedef {import("../types.js").Session} Session */

/** Who one is here, and how to become somebody; afterwards back to where one was. @param {import("../main.js").App} app @param {string} to */
export function signIn(app, to) {
  let gone = false;
  const trouble = h("div", {});
  const field = (/** @type {string} */ name, /** @type {Object<string, any>} */ props) => /** @type {HTMLInputElement} */ (
    h("input", { id: name, name, required: true, autocapitalize: "none", spellcheck: "false", "data-testid": name, ...props }));
  const login = field("login", { type: "text", autocomplete: "username", maxlength: 200 });
  const password = field("password", { type: "password", autocomplete: "current-password", maxlength: 256 });

  /** @param {() => Promise<Session>} ask */
  async function enter(ask) {
    replace(trouble, h("p", { class: "note", role: "status" }, t("sign-in.asking")));
    try {
      const session = await ask();
      app.became(session);
      app.say(t("sign-in.done", { name: session.account?.name ?? "" }));
      go(to, { quietly: true });
    } catch (problem) {
      if (gone) return;
      replace(trouble, problemBox(problem, { kept: to === "#/" ? "" : t("draft.safe") }));
      password.value = "";
      password.focus();
    }
  }

  async function leave() {
    try {
      await api.signOut();
      app.became(null);
      app.say(t("sign-out.done"));
      go("#/", { quietly: true });
    } catch (problem) {
      replace(trouble, problemBox(problem));
    }
  }

  function show() {
    const who = me.account();
    replace(app.view,
      h("div", { class: "head" }, h("h1", {}, who ? who.name : t("sign-in.title")), app.closeButton(() => go(to))),
      who ? card() : form(),
      trouble,
      offered);
    replace(app.actions, who
      ? h("button", { type: "button", class: "big", "data-testid": "sign-out", onclick: leave }, t("sign-out"))
      : h("button", { type: "submit", form: "sign-in-form", class: "main big", "data-testid": "sign-in" }, t("sign-in")));
    if (!who) login.focus({ preventScroll: true });
  }

  /** Who is signed in, as what and where. */
  const card = () => h("div", { "data-testid": "who" },
    me.grants().length ? h("ul", { class: "plain duties" }, me.grants().map((grant) => h("li", {}, h("strong", {}, me.duty(grant)), " ", me.where(grant))))
      : h("p", { class: "note" }, t("sign-in.no_duty")));

  const form = () => h("form", { id: "sign-in-form", class: "sign-in", onsubmit: (/** @type {Event} */ event) => {
    event.preventDefault();
    enter(() => api.signIn(login.value, password.value));
  } },
  to === "#/" ? null : h("p", { class: "note" }, t("sign-in.why")),
  h("label", { for: "login" }, t("sign-in.login")), login,
  h("label", { for: "password" }, t("sign-in.password")), password);

  const offered = h("section", { class: "offered" });

  async function offer() {
    if (!me.demonstration()) return;
    const { accounts } = await api.demonstration().catch(() => ({ accounts: [] }));
    if (gone || !accounts.length) return;
    replace(offered, h("h2", {}, t("demonstration.title"), h("small", {}, t("demonstration.note"))),
      h("ul", { class: "plain" }, accounts.map((/** @type {any} */ one) => h("li", {},
        h("button", { type: "button", class: "person", "data-testid": "demonstration", disabled: one.id === me.account()?.id,
          onclick: () => enter(() => api.signInToDemonstration(one.id)) },
        one.grants.map((/** @type {any} */ grant) => h("strong", {}, me.duty(grant))), h("span", {}, one.name),
        one.grants.map((/** @type {any} */ grant) => h("small", {}, me.where(grant))))))));
  }

  show();
  offer();
  app.onEscape = () => go(to);
  return () => { gone = true; };
}
