/** Signed notes (C2SP signed-note, Ed25519) and the promises in them: the platform's receipts. */

import { ed25519 } from "@noble/curves/ed25519.js";

import { concat, equal, hex, sha256, unb64, utf8 } from "./bytes.js";
import { parseCanonical } from "./canonical.js";

const ED25519 = 1;

/** @param {string} vkey `name+hex(id)+base64(0x01 ‖ key)` */
async function readVkey(vkey) {
  const [name, id, ...rest] = vkey.split("+");
  const material = unb64(rest.join("+"), 33);
  const expected = (await sha256(concat(utf8(`${name}\n`), material))).subarray(0, 4);
  if (material[0] !== ED25519 || !name || /[\s\p{C}]/u.test(name) || hex(expected) !== id) {
    throw new Error("not a verifier key");
  }
  return { name, id: expected, key: material.slice(1) };
}

async function signedBy(key, signature, bytes) {
  try {
    const imported = await crypto.subtle.importKey("raw", key, "Ed25519", false, ["verify"]);
    return await crypto.subtle.verify("Ed25519", imported, signature, bytes);
  } catch (error) {
    if (error.name !== "NotSupportedError") throw error;
    return ed25519.verify(signature, bytes, key, { zip215: false });
  }
}

/**
 * The text of a note that the holder of `vkey` signed; throws for anything else.
 * @param {string} note @param {string} vkey
 */
export async function verify(note, vkey) {
  const { name, id, key } = await readVkey(vkey);
  const place = note.lastIndexOf("\n\n");
  if (place < 0 || !note.endsWith("\n")) throw new Error("the note is not signed");
  const said = note.slice(0, place + 1);
  let good = 0;
  for (const line of note.slice(place + 2, -1).split("\n")) {
    const found = /^— (\S+) (\S+)$/.exec(line);
    if (!found) throw new Error("a signature line has another form");
    const material = unb64(found[2]);
    if (found[1] !== name || !equal(material.subarray(0, 4), id)) continue;
    if (!await signedBy(key, material.slice(4), utf8(said))) {
      throw new Error(`the signature of ${name} is wrong`);
    }
    good += 1;
  }
  if (good !== 1) throw new Error(`not signed, once, by ${name}`);
  return said;
}

const KINDS = ["bid-receipt", "bid-withdrawal-receipt", "bid-deemed-withdrawn", "bid-refusal"];

/**
 * Check a promise; `expected` are fields that it must name just so.
 * @param {string} note @param {string} vkey @param {object} expected
 * @returns {Promise<any>} what it says
 */
export async function readPromise(note, vkey, expected = {}) {
  const says = parseCanonical(utf8((await verify(note, vkey)).replace(/\n$/, "")));
  if (!KINDS.includes(says?.type)) throw new Error("signed, but not a promise");
  for (const [field, value] of Object.entries(expected)) {
    if (says[field] !== value) throw new Error(`the promise is about another ${field}`);
  }
  return says;
}
