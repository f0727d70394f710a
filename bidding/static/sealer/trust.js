/**
 * Whose word is taken. What is believed is the log's key: compared with one given by hand (from a
 * letter, a QR code, another device), or kept from the first meeting; another one later is an
 * alarm. Under it a proof shows that this very notice was approved, and the notice names suite,
 * policy (and with it every holder's key) and the platform's key.
 */

import { unb64 } from "./bytes.js";
import { digest } from "./canonical.js";
import { pinnedKeys } from "./database.js";
import { readVkey } from "./note.js";
import { verifyProof } from "./record.js";

/** What the platform says is not what is pinned or proven: nothing is sealed or sent. */
export class Distrust extends Error {
  constructor(message) {
    super(message);
    this.name = "Distrust";
  }
}

/** @typedef {import("./notice.js").Notice} Notice */

async function told(notice, given) {
  const { log_vkey: log, platform_vkey: platform } = notice.lot.seal;
  try {
    const [of] = await Promise.all([readVkey(log), readVkey(platform)]);
    if (of.name !== notice.terms.log_origin) throw new Error("it is of another record");
  } catch (error) {
    throw new Distrust(`the notice's keys are no keys: ${error.message}`);
  }
  if (given && given.trim() !== log) {
    throw new Distrust("the log's key is not the one that was given; do not seal");
  }
  return { log, platform };
}

/**
 * Check a notice's keys and its approval, and pin the keys for the record that it names.
 * @param {Notice} notice @param {string} [given] the log's vkey from another source
 * @returns {Promise<{log: "given" | "known" | "first use", approved: string}>} throws Distrust
 *   where other keys are pinned, or the proof of the approval is false
 */
export async function trust(notice, given = "") {
  const keys = await told(notice, given);
  const origin = notice.terms.log_origin;
  const before = await pinnedKeys.get(origin);
  if (before && (before.log !== keys.log || before.platform !== keys.platform)) {
    throw new Distrust("the platform shows other keys than before; do not seal");
  }
  const approved = await prove(notice);
  if (!before || (given && before.how !== "given")) {
    await pinnedKeys.put({
      origin, ...keys, how: given ? "given" : "first use", at: new Date().toISOString() });
  }
  return { log: given ? "given" : before ? "known" : "first use", approved };
}

/** The keys pinned for a record: {origin, log, platform, how, at}, or undefined. */
export const pinned = (origin) => pinnedKeys.get(origin);

/** Forget the keys of a record: a person's decision, after asking whoever runs it. */
export const unpin = (origin) => pinnedKeys.remove(origin);

/**
 * Check the notice against the record under the log's key that it names, which must have been
 * pinned or compared before.
 * @param {Notice} notice
 * @returns {Promise<string>} the moment of its approval; "" where no proof was to be had
 */
async function prove(notice) {
  const { content, proof, leaf } = notice.approved;
  if (!proof) return "";
  let record;
  try {
    ({ record } = await verifyProof(proof, unb64(leaf), notice.lot.seal.log_vkey));
  } catch (error) {
    throw new Distrust(`the notice's proof is false: ${error.message}`);
  }
  const { terms, lot } = notice;
  const facts = record.facts ?? {};
  if (record.type !== "notice.approved" || facts.content_hash !== await digest(content)
      || record.tender !== terms.tender || content.tender !== terms.tender) {
    throw new Distrust("the record holds the approval of another notice");
  }
  const recorded = facts.lots?.find((one) => one.lot === terms.lot);
  const suite = content.lots?.find((one) => one.id === terms.lot)?.suite;
  if (recorded?.policy_hash !== lot.policy_hash
      || content.more?.policies?.[terms.lot] !== lot.policy_hash) {
    throw new Distrust("the approved notice has another policy for this lot");
  }
  if (recorded.suite !== terms.suite || suite !== terms.suite) {
    throw new Distrust("the approved notice has another suite for this lot");
  }
  const keys = content.more.keys;
  if (keys && (keys.log !== lot.seal.log_vkey || keys.platform !== lot.seal.platform_vkey)) {
    throw new Distrust("the approved notice names other keys than the platform shows");
  }
  return record.at;
}

/** As `trust`, without keeping anything: for a page that was opened from a file. */
export async function compare(notice, given = "") {
  await told(notice, given);
  return { log: given ? "given" : "unknown", approved: await prove(notice) };
}

/** Throw unless the record proves the notice, or `unproven` says that a person accepts that. */
export function requireProven(notice, unproven = false) {
  if (!notice.trust) throw new Distrust("the notice was not checked against the record");
  if (!notice.trust.approved && !unproven) {
    throw new Distrust("the record does not prove this notice yet; read it again in a minute");
  }
}
