/**
 * The suites a notice may name, and age v1 identities and recipients of each. Headers are made
 * and read by npm `age-encryption`; seeds are 32 bytes in both suites.
 */

import { bech32 } from "@scure/base";
import { Decrypter, Encrypter, identityToRecipient } from "age-encryption";

import { random } from "./bytes.js";

const SUITES = {
  "intl-pq-1": { identity: "age-secret-key-pq-", recipient: "age1pq", bytes: 1216 },
  "intl-x25519-1": { identity: "age-secret-key-", recipient: "age", bytes: 32 },
};

/** @param {string} name @returns {boolean} whether this program seals that suite */
export const known = (name) => Object.hasOwn(SUITES, name);

/** @returns {Uint8Array} a fresh identity's seed */
export const generate = () => random(32);

/** @param {string} suite @param {Uint8Array} seed @returns {string} `AGE-SECRET-KEY-…` */
export const identityText = (suite, seed) =>
  bech32.encode(SUITES[suite].identity, bech32.toWords(seed), false).toUpperCase();

/** @param {string} suite @param {Uint8Array} seed @returns {Promise<string>} `age1…` */
export const recipientOf = (suite, seed) => identityToRecipient(identityText(suite, seed));

/** Throw unless `recipient` is a canonical one of `suite`. */
export function checkRecipient(suite, recipient) {
  const kind = SUITES[suite];
  const { prefix, words } = bech32.decode(recipient, false);
  if (prefix !== kind.recipient || bech32.fromWords(words).length !== kind.bytes
      || recipient !== recipient.toLowerCase()) {
    throw new Error(`not a recipient of ${suite}`);
  }
}

const FILE_KEY = 16;
const NONCE = 16;
const TAG = 16;

/**
 * A fresh file key and the complete age header that wraps it.
 * @param {string[]} recipients
 * @returns {Promise<{fileKey: Uint8Array, header: Uint8Array}>}
 */
export async function makeHeader(recipients) {
  const encrypter = new Encrypter();
  let fileKey;
  // A recipient that writes no stanza is handed the file key: the payload is then ours to seal.
  encrypter.addRecipient({
    wrapFileKey: (key) => {
      fileKey = key.slice();
      return [];
    },
  });
  recipients.forEach((recipient) => encrypter.addRecipient(recipient));
  const empty = await encrypter.encrypt(new Uint8Array(0));
  if (fileKey?.length !== FILE_KEY) throw new Error("age-encryption did not hand out the file key");
  return { fileKey, header: empty.slice(0, empty.length - NONCE - TAG) };
}

/**
 * The file key of an age file, with an identity of the suite; throws where it does not open.
 * @param {Uint8Array} header the complete header
 * @param {string} suite
 * @param {Uint8Array} seed
 */
export function openHeader(header, suite, seed) {
  const decrypter = new Decrypter();
  decrypter.addIdentity(identityText(suite, seed));
  return decrypter.decryptHeader(header);
}

/** Where the header that `start` begins with ends; throws where none does. */
export function headerLength(start) {
  for (let place = start.indexOf(0x0a); place >= 0; place = start.indexOf(0x0a, place + 1)) {
    const line = String.fromCharCode(...start.subarray(place + 1, place + 5));
    if (line === "--- ") {
      const end = start.indexOf(0x0a, place + 1);
      if (end > 0) return end + 1;
    }
  }
  throw new Error("not an age file");
}

/** @param {Uint8Array} bytes @param {string[]} recipients @returns {Promise<Uint8Array>} */
export function sealShort(bytes, recipients) {
  const encrypter = new Encrypter();
  recipients.forEach((recipient) => encrypter.addRecipient(recipient));
  return encrypter.encrypt(bytes);
}
