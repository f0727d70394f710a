/**
 * `bid.key`, the same as the command line's: what Debian's `age -d -i` reads, then one line of
 * JSON with declaration, signature, wraps and shares. Whoever has it can read the bid; without
 * it only the rest of the policy can open.
 */

import { unb64 } from "./bytes.js";
import { digest } from "./canonical.js";
import { PARTS } from "./manifest.js";
import { identityText } from "./suites.js";

export const KEY_FILE = "bid.key";

/**
 * @param {import("./bid.js").Sealed} sealed
 * @param {import("./notice.js").Terms} terms
 * @param {{key: string, signature: string}} signed
 * @returns {string} the text of the file
 */
export function writeKeyFile(sealed, terms, signed) {
  const rest = {
    v: 1, declaration: sealed.declaration, wraps: sealed.wraps, key: signed.key,
    signature: signed.signature, policy: terms.policy, seeds: sealed.seeds, own: sealed.own,
  };
  const ascii = JSON.stringify(rest).replace(/[^\x20-\x7e]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`);
  const identities = PARTS.map((part) =>
    `# ${part}\n${identityText(terms.suite, unb64(sealed.seeds[part], 32))}\n`);
  return `${identities.join("")}# ${ascii}\n`;
}

/** @param {string} said the text of a key file @returns {any} what it holds */
export function readKeyFile(said) {
  const last = said.trimEnd().split("\n").at(-1);
  let value;
  try {
    value = JSON.parse(last.replace(/^# /, ""));
    if (value.v !== 1) throw new Error();
    PARTS.forEach((part) => unb64(value.seeds[part], 32));
  } catch {
    throw new Error("this is not a key file of a bid");
  }
  return value;
}

/** Whether two key files open and prove the same: a backup is believed only after this. */
export async function sameKeys(one, other) {
  return await digest(one) === await digest(other);
}
