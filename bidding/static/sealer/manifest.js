/**
 * What a part says of itself (manifest.json, its last member) and the opening form. The manifest
 * binds the contents to tender, lot, company, part and version.
 */

import { b64, equal, hex, random, sha256, unb64 } from "./bytes.js";
import { jcs, parseCanonical } from "./canonical.js";
import { checkConsortium } from "./consortium.js";

export const PARTS = ["form", "technical", "price"];
export const FORM_FILE = "form.json";
const MAX_FILES = 5000;
const MAX_NAME = 255;
const MAX_FEN = 10 ** 15;
const [MAX_CERTIFICATE, MAX_QUALIFICATION, MAX_WORK, MAX_WORKS] = [120, 1000, 300, 20];
const BINDING = ["log_origin", "tender", "lot", "bid", "part", "tenderer", "version"];
const NO_HASH = "0".repeat(64);

/** @typedef {{name: string, size: number, hash: string}} FileEntry */

/**
 * The bytes of manifest.json.
 * @param {object} binding the seven names of a part's binding
 * @param {Uint8Array} nonce 32 random bytes: they hide what the hash would tell
 * @param {FileEntry[]} files
 */
export function build(binding, nonce, files) {
  if (!equal(jcs(Object.keys(binding).sort()), jcs([...BINDING].sort()))) {
    throw new Error("incomplete binding");
  }
  return jcs({ v: 1, purpose: "bid", ...binding, nonce: b64(nonce), files });
}

/** A fresh nonce. */
export const nonce = () => random(32);

/** How long the manifest of these files will be, known before they are read. */
export const lengthOf = (binding, files) => build(binding, new Uint8Array(32),
  files.map(({ name, size }) => ({ name, size, hash: NO_HASH }))).length;

/**
 * The files that a manifest lists, once it is seen to be the declared one of this bid.
 * @param {Uint8Array} bytes @param {object} binding @param {string} manifestHash
 * @returns {Promise<FileEntry[]>}
 */
export async function read(bytes, binding, manifestHash) {
  const value = parseCanonical(bytes);
  for (const name of ["tenderer", ...BINDING]) {
    if (value[name] !== binding[name]) throw new Error(`the manifest names another ${name}`);
  }
  if (hex(await sha256(bytes)) !== manifestHash) {
    throw new Error("not the manifest that was declared");
  }
  const again = build(Object.fromEntries(BINDING.map((name) => [name, value[name]])),
    unb64(value.nonce, 32), value.files);
  if (!equal(again, bytes)) throw new Error("not a manifest of version 1");
  checkNames(value.files.map((file) => file.name));
  return value.files;
}

/** Throw unless these are plain file names, none of them twice. */
export function checkNames(names) {
  if (names.length > MAX_FILES) throw new Error(`more than ${MAX_FILES} files in one part`);
  const seen = new Set();
  for (const name of names) {
    checkName(name);
    const folded = name.normalize("NFC").toUpperCase().toLowerCase();
    if (seen.has(folded)) throw new Error(`two files are called ${name}`);
    seen.add(folded);
  }
}

function checkName(name) {
  if (typeof name !== "string" || !name || !name.isWellFormed()
      || new TextEncoder().encode(name).length > MAX_NAME) {
    throw new Error("a file name is missing or longer than 255 bytes");
  }
  if (name === "." || name === ".." || /[/\\]/.test(name)) throw new Error(`${name} is a path`);
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(name)) {
    throw new Error("a file name has control or direction marks");
  }
}

const isLine = (value, most) => typeof value === "string" && !!value.trim()
  && [...value].length <= most && value.isWellFormed() && !/\p{Cc}/u.test(value);

/**
 * The bytes of form.json. Throws an Error whose message begins with the field that is wrong.
 * @param {{price_fen: number, period_days: number, quality: string, leader: string,
 *   consortium?: import("./consortium.js").Consortium, credentials?: Credentials}} form
 */
export function formBytes({ price_fen, period_days, quality, leader, consortium, credentials }) {
  for (const [field, value, top] of [["price_fen", price_fen, MAX_FEN],
    ["period_days", period_days, 36500]]) {
    if (!Number.isSafeInteger(value) || value < 1 || value > top) {
      throw new Error(`${field}: not a whole number between 1 and ${top}`);
    }
  }
  for (const [field, value] of [["quality", quality], ["leader", leader]]) {
    if (!isLine(value, 200)) {
      throw new Error(`${field}: not one line of text of at most 200 characters`);
    }
  }
  return jcs({
    v: credentials ? 3 : consortium ? 2 : 1, price_fen, period_days, quality, leader,
    ...consortium && { consortium: checkConsortium(consortium) },
    ...credentials && { credentials: checkCredentials(credentials) },
  });
}

/**
 * What the candidates' notice shows besides; at least one of them is stated.
 * @typedef {{certificate: {name: string, number: string} | null, qualification: string | null,
 *   performance: string[]}} Credentials
 * @param {Credentials} value @returns {Credentials}
 */
function checkCredentials(value) {
  const { certificate, qualification, performance } = value;
  if (certificate !== null && !(isLine(certificate?.name, MAX_CERTIFICATE)
      && isLine(certificate.number, MAX_CERTIFICATE))) {
    throw new Error("certificate: a name and a number, one line each of at most 120 characters");
  }
  if (qualification !== null && !isLine(qualification, MAX_QUALIFICATION)) {
    throw new Error("qualification: not one line of text of at most 1000 characters");
  }
  if (!Array.isArray(performance) || performance.length > MAX_WORKS
      || !performance.every((one) => isLine(one, MAX_WORK))) {
    throw new Error(`performance: at most ${MAX_WORKS} lines of at most ${MAX_WORK} characters`);
  }
  if (certificate === null && qualification === null && !performance.length) {
    throw new Error("credentials: nothing is stated");
  }
  return { certificate: certificate && { name: certificate.name, number: certificate.number },
    qualification, performance };
}
