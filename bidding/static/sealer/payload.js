/**
 * The payload of an age file: 64 KiB chunks of ChaCha20-Poly1305, each under its own counter,
 * the last one marked. By WebCrypto where the browser has the cipher, else in JavaScript.
 */

import { chacha20poly1305 } from "@noble/ciphers/chacha.js";

import { utf8 } from "./bytes.js";

export const CHUNK = 64 * 1024;
export const TAG = 16;
export const NONCE = 16;
const NAME = "ChaCha20-Poly1305";

/** @returns {Promise<boolean>} whether the browser has the cipher itself */
export async function hasNative() {
  try {
    await crypto.subtle.importKey("raw-secret", new Uint8Array(32), NAME, false, ["encrypt"]);
    return true;
  } catch {
    return false;
  }
}

async function payloadKey(fileKey, nonce) {
  const key = await crypto.subtle.importKey("raw", fileKey, "HKDF", false, ["deriveBits"]);
  return crypto.subtle.deriveBits(
    { name: "HKDF", hash: "SHA-256", salt: nonce, info: utf8("payload") }, key, 256);
}

function counter(number, last) {
  const iv = new Uint8Array(12);
  const view = new DataView(iv.buffer);
  view.setUint32(3, Math.floor(number / 2 ** 32));
  view.setUint32(7, number % 2 ** 32);
  iv[11] = last ? 1 : 0;
  return iv;
}

/**
 * @typedef {object} Chunks seals and opens chunks; `number` counts from 0
 * @property {boolean} native
 * @property {(plain: Uint8Array, number: number, last: boolean) => Promise<Uint8Array>} seal
 * @property {(sealed: Uint8Array, number: number, last: boolean) => Promise<Uint8Array>} open
 */

/**
 * @param {Uint8Array} fileKey 16 bytes
 * @param {Uint8Array} nonce the payload's 16 bytes
 * @param {boolean} [native] whether to use the browser's cipher; asked of the browser if left out
 * @returns {Promise<Chunks>}
 */
export async function chunks(fileKey, nonce, native) {
  const bits = await payloadKey(fileKey, nonce);
  if (native ?? await hasNative()) {
    const key = await crypto.subtle.importKey("raw-secret", bits, NAME, false,
      ["encrypt", "decrypt"]);
    const run = async (operation, bytes, number, last) => new Uint8Array(
      await crypto.subtle[operation]({ name: NAME, iv: counter(number, last) }, key, bytes));
    return {
      native: true,
      seal: (plain, number, last) => run("encrypt", plain, number, last),
      open: (sealed, number, last) => run("decrypt", sealed, number, last),
    };
  }
  const key = new Uint8Array(bits);
  return {
    native: false,
    seal: async (plain, number, last) => chacha20poly1305(key, counter(number, last)).encrypt(plain),
    open: async (sealed, number, last) => chacha20poly1305(key, counter(number, last)).decrypt(sealed),
  };
}

/** How many bytes `size` plain bytes make, header and nonce not counted. */
export const sealedSize = (size) => size + TAG * Math.max(1, Math.ceil(size / CHUNK));
