/**
 * The record as a stranger checks it (docs/formats/record.md): a `.tlog-proof` leads from a leaf
 * to the root that the log signed, and shows the record that the leaf commits to.
 */

import { concat, equal, hex, sha256, text, unb64 } from "./bytes.js";
import { jcs, parseCanonical } from "./canonical.js";
import { verify as verifyNote } from "./note.js";

const HEADER = "c2sp.org/tlog-proof@v1";
const NUMBER = /^(?:0|[1-9][0-9]{0,15})$/;
const LEAF = /^\{"c":"([A-Za-z0-9+/]{43}=)","t":"([0-9TZ:.-]{24})","v":1\}$/;
const SALT = 32;

const node = (left, right) => sha256(concat(Uint8Array.of(1), left, right));

function number(said, what) {
  if (!NUMBER.test(said) || !Number.isSafeInteger(Number(said))) {
    throw new Error(`${what} is not a number`);
  }
  return BigInt(said);
}

/** A `.tlog-proof` as it stands, nothing believed yet. */
function parseProof(said) {
  if (typeof said !== "string") throw new Error("there is no proof");
  const cut = said.indexOf("\n\n");
  const lines = said.slice(0, Math.max(cut, 0)).split("\n");
  if (lines.shift() !== HEADER) throw new Error(`the first line is not ${HEADER}`);
  if (!lines[0]?.startsWith("extra ")) throw new Error("the proof shows no record");
  const extra = unb64(lines.shift().slice(6));
  if (!lines[0]?.startsWith("index ")) throw new Error("the index line is missing");
  const index = number(lines.shift().slice(6), "the index");
  return { extra, index, path: lines.map((line) => unb64(line, 32)), signed: said.slice(cut + 2) };
}

/**
 * What a checkpoint says, once the log's own key is seen to have signed it.
 * @param {string} signed @param {string} vkey the log's
 * @returns {Promise<{origin: string, size: bigint, root: Uint8Array}>}
 */
export async function readCheckpoint(signed, vkey) {
  const lines = (await verifyNote(signed, vkey)).split("\n");
  if (lines.length !== 4 || lines[3] !== "") throw new Error("a checkpoint has three lines");
  if (lines[0] !== vkey.split("+")[0]) throw new Error("the checkpoint of another log");
  return { origin: lines[0], size: number(lines[1], "the size"), root: unb64(lines[2], 32) };
}

function readLeaf(leaf) {
  const found = LEAF.exec(text(leaf));
  const tick = new Date(found?.[2] ?? NaN);
  if (Number.isNaN(tick.getTime()) || tick.toISOString() !== found[2]) {
    throw new Error("not a leaf of this format");
  }
  return { tick: found[2], committed: unb64(found[1], 32) };
}

/** Throw unless `path` leads from the leaf hash at `index` to `root` (RFC 9162 §2.1.3.2). */
async function checkInclusion(hash, index, size, path, root) {
  if (index >= size) throw new Error("the leaf is not in a tree of that size");
  let [place, last, value] = [index, size - 1n, hash];
  for (const sibling of path) {
    if (last === 0n) throw new Error("the inclusion proof has the wrong length");
    if (place & 1n || place === last) {
      value = await node(sibling, value);
      while (!(place & 1n) && place) [place, last] = [place >> 1n, last >> 1n];
    } else {
      value = await node(value, sibling);
    }
    [place, last] = [place >> 1n, last >> 1n];
  }
  if (last) throw new Error("the inclusion proof has the wrong length");
  if (!equal(value, root)) throw new Error("the inclusion proof leads to another root");
}

/**
 * Check a proof whose `extra` is salt ‖ JCS(record) against the leaf that travels beside it.
 * @param {string} proof @param {Uint8Array} leaf 89 bytes @param {string} vkey the log's
 * @returns {Promise<{record: any, index: number, tick: string, size: number}>} throws where it
 *   does not hold
 */
export async function verifyProof(proof, leaf, vkey) {
  const { extra, index, path, signed } = parseProof(proof);
  const head = await readCheckpoint(signed, vkey);
  const { tick, committed } = readLeaf(leaf);
  await checkInclusion(await sha256(concat(Uint8Array.of(0), leaf)), index, head.size, path,
    head.root);
  if (extra.length <= SALT || !equal(await sha256(extra), committed)) {
    throw new Error("the record is not the one the leaf commits to");
  }
  const record = parseCanonical(extra.slice(SALT));
  if (record === null || typeof record !== "object" || Array.isArray(record)) {
    throw new Error("the record is not an object");
  }
  return { record, index: Number(index), tick, size: Number(head.size) };
}

/**
 * The root (hex) to which a path leads in a salted tree: of a closing, or of the digest of what
 * was refused. Depth 12 at least, and exactly where `exact`.
 * @param {object} content of the leaf @param {{position: number, salt: string, siblings: string[]}} place
 */
export async function rootOf(content, place, exact = false) {
  const { position, salt, siblings, ...more } = place ?? {};
  if (Object.keys(more).length || !Array.isArray(siblings) || !Number.isSafeInteger(position)
      || position < 0 || position >= 2 ** siblings.length || siblings.length < 12
      || (exact && siblings.length !== 12)) {
    throw new Error("not a path in a tree");
  }
  let value = await sha256(concat(Uint8Array.of(0), unb64(salt, 32), jcs(content)));
  let left = BigInt(position);
  for (const said of siblings) {
    const sibling = unhex(said);
    value = await (left & 1n ? node(sibling, value) : node(value, sibling));
    left >>= 1n;
  }
  return hex(value);
}

function unhex(said) {
  if (typeof said !== "string" || !/^[0-9a-f]{64}$/.test(said)) throw new Error("not a hash");
  return Uint8Array.from(said.match(/../g), (pair) => parseInt(pair, 16));
}
