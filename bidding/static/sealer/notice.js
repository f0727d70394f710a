/**
 * A lot as the platform tells it: `GET /api/v1/lots/{id}`, or a file: that answer, or what
 * `yangguang bid notice` keeps, which has the approval's proof too. Checked here as far as it goes
 * by itself: a known suite, a policy that it can deal and that has the hash the notice gives.
 * trust.js checks it against the record.
 */

import { check, policyHash } from "./policy.js";
import { known } from "./suites.js";

/**
 * @typedef {{log_origin: string, suite: string, tender: string, lot: string, policy: any}} Terms
 * @typedef {object} Notice
 * @property {Terms} terms
 * @property {string} platform the vkey under which promises are given
 * @property {any} lot
 * @property {{content?: any, content_hash?: string, proof?: string, leaf?: string}} approved
 * @property {{log: string, approved: string}} [trust] how the log's key is known, and when the
 *   record says that this was approved; "" where it does not
 */

const ID = /^[0-9a-f]{32}$/;

/**
 * @param {any} said a lot, or {lot, approved} @param {any} [notice] the approved notice, where it
 *   was to be had
 * @returns {Promise<Notice>} throws where the notice contradicts itself or asks for what this
 *   program cannot do
 */
export async function readNotice(said, notice = said?.approved ?? {}) {
  const lot = said?.lot ?? said;
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
  const approved = Object.fromEntries(["content", "content_hash", "proof", "leaf"].filter(
    (name) => notice[name] !== undefined).map((name) => [name, notice[name]]));
  return { terms, platform: lot.seal.platform_vkey, lot, approved };
}

export const NOTICE_FILE = "notice.json";

/** The text of the file that the command line keeps of a notice. @param {Notice} notice */
export const keptNotice = ({ lot, approved }) => `${JSON.stringify({ v: 1, lot, approved })}\n`;

/** Throw where a bid is larger than the notice allows. @param {Notice} notice */
export function checkLimit(notice, bytes) {
  const most = notice.lot.limits?.bid_bytes;
  if (most && bytes > most) {
    throw new Error(`the sealed bid would have ${bytes} bytes; the platform takes ${most}`);
  }
}
