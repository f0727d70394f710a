/** The folder of a sealed bid as the command line keeps it: what is in it, by name. */

import { MANIFEST_END } from "./bid.js";
import { receiptFiles } from "./following.js";
import { KEY_FILE } from "./keyfile.js";
import { FORM_FILE, PARTS } from "./manifest.js";
import { NOTICE_FILE } from "./notice.js";
import * as store from "./store.js";

/** What lies beside the sealed parts and the key file. */
export const BESIDES = [...PARTS.map((part) => `${part}${MANIFEST_END}`), FORM_FILE, NOTICE_FILE];

/**
 * All that is kept of a version, as files of that folder: sealed parts, key file, manifests,
 * notice, receipts, pinned keys.
 * @param {string} id @param {{log: string, platform: string}} [keys] those pinned
 * @returns {Promise<[string, Blob][]>}
 */
export async function filesOf(id, keys) {
  const files = [];
  for (const name of [...PARTS.map((part) => `${part}.age`), KEY_FILE, ...BESIDES]) {
    const file = await store.file(id, name).catch(missing);
    if (file) files.push([name, file]);
  }
  const { receipt } = await store.read(id);
  if (receipt) files.push(["receipt.txt", new Blob([receipt])]);
  files.push(...await receiptFiles(id));
  if (keys) {
    files.push(["log.vkey", new Blob([keys.log, "\n"])],
      ["platform.vkey", new Blob([keys.platform, "\n"])]);
  }
  return files;
}

/** What was taken in from elsewhere may have come without manifests or notice. */
function missing(error) {
  if (error.name !== "NotFoundError") throw error;
  return null;
}
