/**
 * A lot as the platform tells it (`GET /api/v1/lots/{id}`, or that answer saved as a file),
 * checked as far as a stranger can: a known suite, a policy that it can deal and that has the
 * hash the notice gives.
 */

import { check, policyHash } from "./policy.js";
import { known } from "./suites.js";

/**
 * @typedef {{log_origin: string, suite: string, tender: string, lot: string, policy: any}} Terms
 * @typedef {{terms: Terms, platform: string, lot: any}} Notice `platform` is the vkey under which
 *   promises are given
 */

const ID = /^[0-9a-f]{32}$/;

/**
 * @param {any} lot @returns {Promise<Notice>} throws where the notice contradicts itself or asks
 *   for what this program cannot do
 */
export async function readNotice(lot) {
  if (!lot?.seal || !ID.test(lot.id) || !ID.test(lot.tender_id)) {
    throw new Error("this is not a notice of a lot");
  }
  if (!known(lot.suite)) throw new Error(`this program does not seal ${lot.suite}`);
  check(lot.policy, lot.suite);
  if (await policyHash(lot.policy) !== lot.policy_hash) {
    throw new Error("the notice's policy does not have its hash");
  }
  const terms = {
    log_origin: lot.seal.log_origin, suite: lot.suite, tender: lot.tender_id, lot: lot.id,
    policy: lot.policy,
  };
  if (typeof terms.log_origin !== "string" || !terms.log_origin) {
    throw new Error("the notice names no record");
  }
  return { terms, platform: lot.seal.platform_vkey, lot };
}

/** Throw where a bid is larger than the notice allows. @param {Notice} notice */
export function checkLimit(notice, bytes) {
  const most = notice.lot.limits?.bid_bytes;
  if (most && bytes > most) {
    throw new Error(`the sealed bid would have ${bytes} bytes; the platform takes ${most}`);
  }
}
