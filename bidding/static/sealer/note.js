/** Signed notes (C2SP signed-note, Ed25519) and the promises in them: the platform's receipts. */

import { ed25519 } from "@noble/curves/ed25519.js";

import { concat, equal, hex, sha256, unb64, utf8 } from "./bytes.js";
import { parseCanonical } from "./canonical.js";

const ED25519 = 1;
const MOST_SIGNATURES = 32;
const ODD_NAME = /[\s+\p{C}\p{Z}]/u;

/** @param {string} vkey `name+hex(id)+base64(0x01 ‖ key)`; throws for any other spelling */
export async function readVkey(vkey) {
  const [name, id, ...rest] = String(vkey).split("+");
  const material = unb64(rest.join("+"), 33);
  const expected = (await sha256(concat(utf8(`${name}\n`), material))).subarray(0, 4);
  if (material[0] !== ED25519 || !name || ODD_NAME.test(name) || hex(expected) !== id) {
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

/** Text and signature lines of a note, nothing believed yet; throws for anything ambiguous. */
function parse(note) {
  // eslint-disable-next-line no-control-regex
  if (typeof note !== "string" || !note.isWellFormed() || /[\x00-\x09\x0b-\x1f]/.test(note)) {
    throw new Error("a note is text without control characters");
  }
  const place = note.lastIndexOf("\n\n");
  if (place < 0 || !note.endsWith("\n")) throw new Error("the note is not signed");
  const lines = note.slice(place + 2, -1).split("\n");
  if (lines.length > MOST_SIGNATURES) throw new Error("too many signatures");
  const signatures = lines.map((line) => {
    const found = /^— (\S+) (\S+)$/.exec(line);
    if (!found || ODD_NAME.test(found[1])) throw new Error("a signature line has another form");
    const material = unb64(found[2]);
    if (material.length < 5) throw new Error("a signature is too short");
    return { name: found[1], id: material.slice(0, 4), value: material.slice(4) };
  });
  return { said: note.slice(0, place + 1), signatures };
}

/**
 * The text of a note that the holder of `vkey` signed, once; lines by other keys (witnesses) are
 * passed over. Throws for anything else.
 * @param {string} note @param {string} vkey
 */
export async function verify(note, vkey) {
  const { name, id, key } = await readVkey(vkey);
  const { said, signatures } = parse(note);
  const own = signatures.filter((one) => one.name === name && equal(one.id, id));
  if (own.length !== 1) throw new Error(`not signed, once, by ${name}`);
  if (own[0].value.length !== 64 || !await signedBy(key, own[0].value, utf8(said))) {
    throw new Error(`the signature of ${name} is wrong`);
  }
  return said;
}

/** The kinds of promises; the last is given for a trial, which counts for nothing. */
export const KINDS = ["bid-receipt", "bid-withdrawal-receipt", "bid-deemed-withdrawn",
  "bid-refusal", "bid-trial"];

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
