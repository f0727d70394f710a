/**
 * Reading a sealed part back: each chunk under its tag, the archive byte for byte, every file
 * against its hash in the manifest, the manifest and the ciphertext against the declaration.
 */

import { BLOCK, BlockHasher, hashBytes } from "./blocks.js";
import { concat } from "./bytes.js";
import * as manifest from "./manifest.js";
import { CHUNK, NONCE, TAG, chunks } from "./payload.js";
import { headerLength, openHeader } from "./suites.js";
import { Reader } from "./ustar.js";

const HEADER_LIMIT = 64 * 1024;
const SEALED = CHUNK + TAG;

/** An age file opened with a part's seed; its plain bytes can be read at any place. */
export class Opened {
  #blob;
  #cipher;
  #start;
  #count;

  /**
   * @param {Blob} blob the age file @param {string} suite @param {Uint8Array} seed
   * @param {boolean} [native]
   */
  static async of(blob, suite, seed, native) {
    const start = new Uint8Array(await blob.slice(0, HEADER_LIMIT).arrayBuffer());
    const length = headerLength(start);
    const fileKey = await openHeader(start.slice(0, length), suite, seed);
    const nonce = start.slice(length, length + NONCE);
    const opened = new Opened();
    opened.#blob = blob;
    opened.#cipher = await chunks(fileKey, nonce, native);
    opened.#start = length + NONCE;
    const payload = blob.size - opened.#start;
    opened.#count = Math.max(1, Math.ceil(payload / SEALED));
    /** How many plain bytes there are; proven only by the last chunk. */
    opened.size = payload - TAG * opened.#count;
    return opened;
  }

  /** @returns {AsyncGenerator<Uint8Array>} plain bytes from `offset`, `length` of them */
  async* stream(offset = 0, length = this.size - offset) {
    const end = offset + length;
    let number = Math.floor(offset / CHUNK);
    while (number * CHUNK < end || number === 0) {
      const many = Math.min(64, this.#count - number, Math.ceil(end / CHUNK) - number || 1);
      for (const plain of await this.#batch(number, many)) {
        const piece = plain.subarray(Math.max(0, offset - number * CHUNK), end - number * CHUNK);
        if (piece.length) yield piece;
        number += 1;
      }
      if (number >= this.#count) return;
    }
  }

  async #batch(number, many) {
    const place = this.#start + number * SEALED;
    const bytes = new Uint8Array(
      await this.#blob.slice(place, place + many * SEALED).arrayBuffer());
    return Promise.all(Array.from({ length: many }, (_, step) => this.#cipher.open(
      bytes.subarray(step * SEALED, (step + 1) * SEALED), number + step,
      number + step === this.#count - 1)));
  }
}

/**
 * Open a part and compare all of it with its declaration. Throws an Error that says what differs.
 * @param {Blob} blob the age file @param {Uint8Array} seed of the part
 * @param {object} declaration of the bid @param {string} part
 * @param {import("./part.js").Watch & {native?: boolean}} [watch]
 * @returns {Promise<{files: {name: string, size: number, hash: string, offset: number}[], opened: Opened}>}
 */
export async function examine(blob, seed, declaration, part, watch = {}) {
  const said = declaration.parts.find((one) => one.part === part);
  if (blob.size !== said.size) throw new Error(`${part}: the file does not have its declared size`);
  if (await hashOf(blob, watch) !== said.ciphertext_hash) {
    throw new Error(`${part}: the file is not the one that was declared`);
  }
  const opened = await Opened.of(blob, declaration.suite, seed, watch.native);
  const hashers = [];
  const reader = new Reader(opened.size, (member, bytes) => {
    hashers[member] ??= new Pieces();
    hashers[member].push(bytes);
  });
  for await (const plain of opened.stream()) {
    await watch.gate?.();
    reader.push(plain);
    await hashers.at(-1)?.settle();
  }
  reader.finish();
  const last = reader.members.at(-1);
  const binding = { part };
  for (const name of ["log_origin", "tender", "lot", "bid", "tenderer", "version"]) {
    binding[name] = declaration[name];
  }
  const kept = [];
  for await (const piece of opened.stream(last.offset, last.size)) kept.push(piece);
  const files = await manifest.read(concat(...kept), binding, said.manifest_hash);
  const members = reader.members.slice(0, -1);
  if (files.length !== members.length) throw new Error(`${part}: other files than it lists`);
  for (const [number, file] of files.entries()) {
    const hash = await (hashers[number]?.finish() ?? hashBytes(new Uint8Array(0)));
    if (members[number].size !== file.size || hash !== file.hash) {
      throw new Error(`${part}: ${file.name} is not what the manifest lists`);
    }
  }
  return { files: files.map((file, number) => ({ ...file, offset: members[number].offset })), opened };
}

/** The block hash of a file on the disk. */
export async function hashOf(blob, watch = {}) {
  const hasher = new BlockHasher();
  for (let place = 0; place < blob.size; place += BLOCK) {
    await watch.gate?.();
    hasher.add(new Uint8Array(await blob.slice(place, place + BLOCK).arrayBuffer()));
    await hasher.settle();
  }
  return hasher.finish();
}

/** A block hash fed with pieces of any length. */
class Pieces {
  #hasher = new BlockHasher();
  #block = null;
  #filled = 0;

  push(bytes) {
    let rest = bytes;
    while (rest.length) {
      this.#block ??= new Uint8Array(BLOCK);
      const piece = rest.subarray(0, BLOCK - this.#filled);
      this.#block.set(piece, this.#filled);
      this.#filled += piece.length;
      rest = rest.subarray(piece.length);
      if (this.#filled === BLOCK) this.#flush();
    }
  }

  settle() {
    return this.#hasher.settle();
  }

  async finish() {
    this.#flush();
    this.#block = null;
    return this.#hasher.finish();
  }

  #flush() {
    if (this.#filled) this.#hasher.add(this.#block.subarray(0, this.#filled));
    this.#filled = 0;
  }
}
