/**
 * What the pages say of the policy in force: its thresholds and its clock.
 *
 * @typedef {import("./types.js").Policy} Policy
 */

/** @type {Policy|null} */
let inForce = null;

/** @param {Policy|null} policy null while it could not be had: what was known stays */
export function set(policy) {
  inForce = policy ?? inForce;
}

/** @returns {Policy|null} */
export const current = () => inForce;
