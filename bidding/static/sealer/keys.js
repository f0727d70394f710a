/**
 * The tenderer's signing key. It is kept as a key that the browser does not hand out again, in
 * IndexedDB; its backup is the same file as the command line's (`yangguang bid new-key`), and
 * until that file has been read back the key signs nothing: browsers clear their stores.
 *
 * Where WebCrypto has no Ed25519 the seed itself is kept and signing is JavaScript;
 * `kept: "seed"` says so, and a page must say it too.
 */

import { ed25519 } from "@noble/curves/ed25519.js";

import { b64, concat, random, unb64, utf8 } from "./bytes.js";
import { jcs } from "./canonical.js";
import * as certified from "./certified.js";
import { signingKeys as database } from "./database.js";
import { signedBytes } from "./declaration.js";

const PKCS8 = Uint8Array.from([0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65,
  0x70, 0x04, 0x22, 0x04, 0x20]);

/**
 * @typedef {object} SigningKey
 * @property {string} public base64
 * @property {boolean} proven whether its backup has been read back
 * @property {"sealed" | "seed"} kept whether the browser keeps it from scripts, ours included
 * @property {boolean} certified whether a certificate speaks for it (certified.js)
 */

async function locked(seed) {
  try {
    return await crypto.subtle.importKey("pkcs8", concat(PKCS8, seed), "Ed25519", false, ["sign"]);
  } catch (error) {
    if (error.name !== "NotSupportedError") throw error;
    return null;
  }
}

const publicOf = (seed) => b64(ed25519.getPublicKey(seed));

const shown = ({ public: key, proven, private: held, chain }) => ({
  public: key, proven, kept: held instanceof CryptoKey ? "sealed" : "seed", certified: !!chain,
});

/**
 * Make a key. The backup's text is given out here and never again.
 * @returns {Promise<SigningKey & {backup: string}>}
 */
export async function newKey() {
  const seed = random(32);
  const row = { public: publicOf(seed), proven: false, private: await locked(seed) ?? seed };
  await database.put(row);
  return { ...shown(row), backup: `${b64(seed)}\n` };
}

/**
 * Read a backup: proves the key made here, or brings in one made elsewhere.
 * @param {string} said @returns {Promise<SigningKey>}
 */
export async function readBackup(said) {
  const seed = unb64(said.trim(), 32);
  const row = { public: publicOf(seed), proven: true, private: await locked(seed) ?? seed };
  await database.put(row);
  return shown(row);
}

/** @returns {Promise<SigningKey[]>} the keys of this browser */
export const keys = async () => (await database.all()).map(shown);

/** Forget a key here; its backup is not touched. */
export const forget = (key) => database.remove(key);

/** @param {string} key public, base64 @param {Uint8Array} bytes @returns {Promise<Uint8Array>} */
export async function signBytes(key, bytes) {
  const row = await database.get(key);
  if (!row) throw new Error("this browser does not have that signing key");
  if (!row.proven) throw new Error("read the key's backup back first");
  if (row.chain) return certified.signBytes(row, bytes);
  return row.private instanceof CryptoKey
    ? new Uint8Array(await crypto.subtle.sign("Ed25519", row.private, bytes))
    : ed25519.sign(bytes, row.private);
}

/**
 * Sign an object under its domain.
 * @param {{type: string, log_origin: string}} value @param {string} key public, base64
 * @returns {Promise<{key: string, signature: string}>}
 */
export async function sign(value, key) {
  const signature = b64(await signBytes(key, signedBytes(value)));
  const chain = (await database.get(key)).chain;
  return { key: chain ? { certificate: chain } : key, signature };
}

/**
 * Bring in a certified key: its certificate chain and its private key, both PEM.
 * @param {string} chain @param {string} pkcs8 @returns {Promise<SigningKey>}
 */
export async function readCertified(chain, pkcs8) {
  const row = { ...await certified.read(chain, pkcs8), proven: true };
  await database.put(row);
  return shown(row);
}

/** What the holder of a new key signs with it, so that nobody binds another's key. */
export const proof = async (key, origin, account) => b64(await signBytes(key, concat(
  utf8(`yangguang/v1/signing-key\n${origin}\n`), jcs({ account, public_key: key }))));

/** A fresh key that is kept nowhere but in the backup given out. */
export function newBackup() {
  const seed = random(32);
  return { public: publicOf(seed), backup: `${b64(seed)}\n` };
}

/** The public key of a backup. */
export const publicOfBackup = (said) => publicOf(unb64(said.trim(), 32));

/** Sign an object under its domain with the key in a backup, which is kept nowhere. */
export async function signWithBackup(value, said) {
  const seed = unb64(said.trim(), 32);
  return { key: publicOf(seed), signature: b64(ed25519.sign(signedBytes(value), seed)) };
}
