/**
 * JCS (RFC 8785) as far as the formats use it: objects, arrays, strings, integers, booleans,
 * null. What is hashed and signed has exactly one spelling.
 */

import { hex, sha256, text, utf8 } from "./bytes.js";

const MAX_DEPTH = 32;

/** @param {unknown} value @returns {Uint8Array} throws where the value has no canonical form */
export const jcs = (value) => utf8(spell(value, 0));

function spell(value, depth) {
  if (depth > MAX_DEPTH) throw new Error(`nested deeper than ${MAX_DEPTH}`);
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string") {
    if (!value.isWellFormed()) throw new Error("a string holds a lone surrogate");
    return JSON.stringify(value);
  }
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) throw new Error("only integers up to 2^53-1 are carried");
    return String(value);
  }
  if (Array.isArray(value)) return `[${value.map((one) => spell(one, depth + 1)).join(",")}]`;
  if (typeof value !== "object") throw new Error(`${typeof value} has no canonical form`);
  // The default order of sort() is that of UTF-16 code units, as JCS asks.
  return `{${Object.keys(value).sort().map((key) =>
    `${spell(key, depth + 1)}:${spell(value[key], depth + 1)}`).join(",")}}`;
}

/**
 * Read JSON that must already be canonical; a key that stands twice is found by that.
 * @param {Uint8Array} bytes @returns {any}
 */
export function parseCanonical(bytes) {
  const said = text(bytes);
  const value = JSON.parse(said);
  if (spell(value, 0) !== said) throw new Error("not in canonical form");
  return value;
}

/** @param {unknown} value @returns {Promise<string>} SHA-256 of its JCS, hex */
export const digest = async (value) => hex(await sha256(jcs(value)));
