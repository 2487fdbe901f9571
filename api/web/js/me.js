import { named, t } from "./i18n.js";

/** @typedef {import("./types.js").Session} Session */
/** @typedef {import("./types.js").Grant} Grant */

/** @type {Session|null} */
let session = null;

/** Who is signed in here; null while nobody is, or nobody could say. @returns {Session["account"]} */
export const account = () => session?.account ?? null;

/** Whether the service has said who is signed in, or that nobody is. */
export const known = () => session !== null;

/** @returns {Grant[]} */
export const grants = () => session?.grants ?? [];

/** Whether demonstration accounts may sign in here. */
export const demonstration = () => session?.demonstration ?? false;

/** @param {Session|null} next */
export function set(next) {
  session = next;
}

/** The session has ended; what is known of the service stays. */
export function forget() {
  if (session) session = { ...session, account: null, grants: [] };
}

/** As what somebody acts: 召集人. @param {Grant} grant */
export const duty = ({ role }) => t(`duty.${role}`);

/** Where or for whom: the unit, else the area. @param {Grant} grant */
export const where = ({ unit, area, area_code }) => (unit ? named(unit) : area ? area.name : area_code);
