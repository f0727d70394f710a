/**
 * Block hash: SHA-256 over the concatenated SHA-256 of consecutive 4 MiB blocks. It lets the
 * browser's native digest, which knows no streams, hash files of any size.
 */

import { hex, sha256 } from "./bytes.js";

export const BLOCK = 4 * 1024 * 1024;

/** Collects the hashes of a file's blocks, each handed in whole and in order. */
export class BlockHasher {
  #digests = [];
  size = 0;

  /**
   * Start hashing the next block. The bytes are copied by the browser before this returns, so
   * that their buffer may be used again at once.
   * @param {Uint8Array} block 4 MiB, or less when it is the last one
   */
  add(block) {
    if (this.size % BLOCK) throw new Error("a block after the last one");
    if (!block.length) return;
    this.size += block.length;
    this.#digests.push(sha256(block));
  }

  /** Wait until at most `most` blocks are still being hashed. */
  async settle(most = 2) {
    await this.#digests[this.#digests.length - 1 - most];
  }

  /** @returns {Promise<string>} the block hash, hex */
  async finish() {
    const digests = await Promise.all(this.#digests);
    const whole = new Uint8Array(32 * digests.length);
    digests.forEach((digest, number) => whole.set(digest, 32 * number));
    return hex(await sha256(whole));
  }
}

/** @param {Uint8Array} bytes @returns {Promise<string>} the block hash of bytes in memory */
export async function hashBytes(bytes) {
  const hasher = new BlockHasher();
  for (let place = 0; place < bytes.length; place += BLOCK) {
    hasher.add(bytes.subarray(place, place + BLOCK));
  }
  return hasher.finish();
}
