/**
 * The inside of a sealed part: a ustar of one narrow kind. Members are `0001`, `0002` … in
 * manifest order, the last is `manifest.json`; then two zero blocks and zeros up to the Padmé
 * size. Every byte that is not content has one allowed value.
 */

import { equal, utf8 } from "./bytes.js";

export const RECORD = 512;
export const MANIFEST = "manifest.json";
const MAX_MEMBERS = 9999;
const MAX_MEMBER = 8 ** 11 - 1;
const MAX_MANIFEST = 4 * 1024 * 1024;

/** The Padmé size: at most 12 % more, and few bits of the length leak. */
export function padme(size) {
  if (size < 2) return size;
  const exponent = bitLength(size) - 1;
  const low = exponent - bitLength(exponent);
  const step = low > 0 ? 2 ** low : 1;
  return Math.ceil(size / step) * step;
}

function bitLength(number) {
  let bits = 0;
  for (let left = number; left >= 1; left = Math.floor(left / 2)) bits += 1;
  return bits;
}

/** How many zero bytes follow a member of `size` bytes. */
export const filler = (size) => (RECORD - (size % RECORD)) % RECORD;

/** How many bytes, Padmé included, members of these sizes and the manifest make. */
export function plan(sizes, manifest) {
  const members = [...sizes, manifest].reduce(
    (sum, size) => sum + RECORD + size + filler(size), 0);
  return padme(members + 2 * RECORD);
}

/** The name of member `number`, counted from 0. */
export const memberName = (number) => String(number + 1).padStart(4, "0");

/**
 * The 512 bytes before a member. Inside a sealed part the mode is always this one.
 * @param {string} name @param {number} size @param {string} [mode] @returns {Uint8Array}
 */
export function header(name, size, mode = "0000644") {
  if (!Number.isSafeInteger(size) || size < 0 || size > MAX_MEMBER) {
    throw new Error("a member is larger than ustar can say");
  }
  const block = new Uint8Array(RECORD);
  const put = (place, said) => block.set(utf8(said), place);
  put(0, name);
  put(100, `${mode}\0`);
  put(108, "0000000\0");
  put(116, "0000000\0");
  put(124, `${size.toString(8).padStart(11, "0")}\0`);
  put(136, "00000000000\0");
  put(148, " ".repeat(8));
  put(156, "0");
  put(257, "ustar\0" + "00");
  const sum = block.reduce((total, byte) => total + byte, 0);
  put(148, `${sum.toString(8).padStart(6, "0")}\0 `);
  return block;
}

/** Throw where so many files do not go into one part. */
export function checkCount(count) {
  if (count > MAX_MEMBERS) throw new Error("more than 9,999 files in one part");
}

/**
 * Reads a part strictly from its stream: `push` bytes as they come, then `finish`. Anything
 * that the writer would not have written, byte for byte, is refused.
 */
export class Reader {
  /** @type {{name: string, offset: number, size: number}[]} */
  members = [];
  #total;
  #offset = 0;
  #head = new Uint8Array(RECORD);
  #filled = 0;
  #left = 0;
  #zeros = 0;
  #end = false;
  #sink;

  /**
   * @param {number} total how many plain bytes there are
   * @param {(member: number, bytes: Uint8Array) => void} sink is given each member's bytes
   */
  constructor(total, sink) {
    this.#total = total;
    this.#sink = sink;
  }

  /** @param {Uint8Array} bytes */
  push(bytes) {
    let rest = bytes;
    while (rest.length) {
      const used = this.#left ? this.#content(rest) : this.#zeros || this.#end
        ? this.#padding(rest) : this.#header(rest);
      rest = rest.subarray(used);
      this.#offset += used;
    }
  }

  /** Throw unless the whole archive has been read. */
  finish() {
    if (!this.#end || this.#zeros || this.#offset !== this.#total) {
      throw new Error("the archive is cut off");
    }
  }

  #content(bytes) {
    const used = Math.min(this.#left, bytes.length);
    this.#sink(this.members.length - 1, bytes.subarray(0, used));
    this.#left -= used;
    return used;
  }

  #padding(bytes) {
    const used = Math.min(this.#zeros, bytes.length);
    if (!used) throw new Error("the archive goes on behind its end");
    if (bytes.subarray(0, used).some((byte) => byte)) throw new Error("padding that is not zero");
    this.#zeros -= used;
    return used;
  }

  #header(bytes) {
    const used = Math.min(RECORD - this.#filled, bytes.length);
    this.#head.set(bytes.subarray(0, used), this.#filled);
    this.#filled += used;
    if (this.#filled === RECORD) {
      this.#begin(this.#offset + used);
      this.#filled = 0;
    }
    return used;
  }

  #begin(offset) {
    const size = parseInt(String.fromCharCode(...this.#head.subarray(124, 135)), 8);
    const last = this.#head[0] === MANIFEST.charCodeAt(0);
    const name = last ? MANIFEST : memberName(this.members.length);
    if (!Number.isSafeInteger(size) || !equal(header(name, size), this.#head)) {
      throw new Error("a member is not a plain regular file of its number");
    }
    if (size > this.#total - offset || (last && size > MAX_MANIFEST)) {
      throw new Error("a member is longer than the archive");
    }
    this.members.push({ name, offset, size });
    this.#left = size;
    this.#zeros = filler(size);
    if (!last) return;
    this.#end = true;
    const behind = offset + size + filler(size);
    if (this.#total !== padme(behind + 2 * RECORD)) {
      throw new Error("the archive does not have its Padmé size");
    }
    this.#zeros += this.#total - behind;
  }
}
