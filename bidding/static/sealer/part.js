/**
 * Sealing one part in one pass: files → tar → age → sink, hashed on the way. Memory does not
 * grow with the files: 4 MiB are read, sealed in 64 chunks, hashed and written before the next.
 */

import { BLOCK, BlockHasher } from "./blocks.js";
import { concat, hex, random, sha256 } from "./bytes.js";
import * as manifest from "./manifest.js";
import { CHUNK, NONCE, chunks, sealedSize } from "./payload.js";
import { makeHeader } from "./suites.js";
import * as ustar from "./ustar.js";

/**
 * @typedef {{name: string, blob: Blob}} Source a file to be sealed, under its true name
 * @typedef {object} Sink takes the sealed bytes; a buffer is its own only until `write` is done
 * @property {(bytes: Uint8Array) => void | Promise<void>} write
 * @typedef {object} Watch
 * @property {(bytes: number) => void} [progress] is told of plain bytes as they are sealed
 * @property {() => void | Promise<void>} [gate] awaited between blocks: pauses, or throws
 */

/** How long the age file of a part will be, for a header of `header` bytes. */
export const sizeOf = (binding, sources, header) => {
  const sizes = sources.map(({ blob }) => blob.size);
  const named = sources.map(({ name, blob }) => ({ name, size: blob.size }));
  return header + NONCE + sealedSize(ustar.plan(sizes, manifest.lengthOf(binding, named)));
};

/**
 * Seal a part: how the declaration describes it, and its manifest. The sink is not closed.
 * @param {object} binding of the manifest @param {Source[]} sources
 * @param {string} recipient of the part's own key @param {Sink} sink
 * @param {Watch & {native?: boolean}} [watch]
 */
export async function sealPart(binding, sources, recipient, sink, watch = {}) {
  manifest.checkNames(sources.map(({ name }) => name));
  ustar.checkCount(sources.length);
  const { fileKey, header } = await makeHeader([recipient]);
  const nonce = random(NONCE);
  const out = new Blocks(sink);
  await out.put(concat(header, nonce));
  const total = ustar.plan(sources.map(({ blob }) => blob.size), manifest.lengthOf(
    binding, sources.map(({ name, blob }) => ({ name, size: blob.size }))));
  const sealer = new Batches(await chunks(fileKey, nonce, watch.native), total, out);
  const entries = [];
  for (const [number, source] of sources.entries()) {
    await sealer.put(ustar.header(ustar.memberName(number), source.blob.size));
    entries.push(await addFile(sealer, source, watch));
    await sealer.zeros(ustar.filler(source.blob.size));
  }
  const said = manifest.build(binding, manifest.nonce(), entries);
  await sealer.put(ustar.header(ustar.MANIFEST, said.length));
  await sealer.put(said);
  await sealer.finish();
  const described = {
    recipient,
    manifest_hash: hex(await sha256(said)),
    ciphertext_hash: await out.finish(),
    size: out.size,
  };
  return { described, manifest: said };
}

async function addFile(sealer, { name, blob }, watch) {
  const hasher = new BlockHasher();
  const read = (place) => place < blob.size ? blob.slice(place, place + BLOCK).arrayBuffer() : null;
  let next = read(0);
  for (let place = 0; place < blob.size; place += BLOCK) {
    await watch.gate?.();
    const block = new Uint8Array(await next);
    if (block.length !== Math.min(BLOCK, blob.size - place)) throw new Error(`${name} has changed`);
    next = read(place + BLOCK);
    next?.catch(() => {}); // it is awaited above; until then nobody listens
    hasher.add(block);
    await sealer.put(block);
    watch.progress?.(block.length);
  }
  return { name, size: blob.size, hash: await hasher.finish() };
}

/** Gathers sealed bytes into 4 MiB blocks, each hashed and handed to the sink. */
class Blocks {
  #sink;
  #hasher = new BlockHasher();
  #block = new Uint8Array(BLOCK);
  #filled = 0;
  size = 0;

  /** @param {Sink} sink */
  constructor(sink) {
    this.#sink = sink;
  }

  async put(bytes) {
    this.size += bytes.length;
    let rest = bytes;
    while (rest.length) {
      const piece = rest.subarray(0, BLOCK - this.#filled);
      this.#block.set(piece, this.#filled);
      this.#filled += piece.length;
      rest = rest.subarray(piece.length);
      if (this.#filled === BLOCK) await this.#flush();
    }
  }

  async finish() {
    await this.#flush();
    return this.#hasher.finish();
  }

  async #flush() {
    const block = this.#block.subarray(0, this.#filled);
    this.#hasher.add(block);
    await this.#sink.write(block);
    await this.#hasher.settle();
    this.#filled = 0;
  }
}

/** Cuts the plain stream into batches of 64 chunks; while one is sealed the next is filled. */
class Batches {
  #chunks;
  #out;
  #left;
  #number = 0;
  #batch = new Uint8Array(64 * CHUNK);
  #filled = 0;
  #behind = Promise.resolve();

  constructor(cipher, total, out) {
    this.#chunks = cipher;
    this.#left = total;
    this.#out = out;
  }

  async put(bytes) {
    let rest = bytes;
    while (rest.length) {
      const piece = rest.subarray(0, this.#batch.length - this.#filled);
      this.#batch.set(piece, this.#filled);
      this.#filled += piece.length;
      rest = rest.subarray(piece.length);
      if (this.#filled === this.#batch.length) await this.#flush();
    }
  }

  async zeros(count) {
    const none = new Uint8Array(Math.min(count, CHUNK));
    for (let left = count; left > 0; left -= none.length) await this.put(none.subarray(0, left));
  }

  /** Fill up to the planned size, which the Padmé zeros are part of, and seal the end. */
  async finish() {
    await this.zeros(this.#left - this.#filled);
    await this.#flush();
    await this.#behind;
    if (this.#left) throw new Error("the part is not as long as was planned");
  }

  async #flush() {
    if (!this.#filled) return;
    if (this.#filled > this.#left) throw new Error("the part is longer than was planned");
    const sealed = [];
    // The browser copies each chunk before `seal` returns, so the batch may be filled again.
    for (let place = 0; place < this.#filled; place += CHUNK) {
      const plain = this.#batch.subarray(place, Math.min(place + CHUNK, this.#filled));
      this.#left -= plain.length;
      sealed.push(this.#chunks.seal(plain, this.#number, this.#left === 0));
      this.#number += 1;
    }
    this.#filled = 0;
    await this.#behind;
    this.#behind = Promise.all(sealed).then(async (pieces) => {
      for (const piece of pieces) await this.#out.put(piece);
    });
    this.#behind.catch(() => {}); // it is awaited by the next flush; until then nobody listens
  }
}

/** The text of a form as a source. */
export const formSource = (form) => ({
  name: manifest.FORM_FILE, blob: new Blob([manifest.formBytes(form)]),
});
