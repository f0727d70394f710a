// The contenders of test_browser_seal.py, all in one worker: each is given the same file and
// answers with its seconds.
import { Encrypter } from "age-encryption";

import { BLOCK } from "../bidding/static/sealer/blocks.js";
import { sealPart } from "../bidding/static/sealer/part.js";
import { CHUNK, chunks } from "../bidding/static/sealer/payload.js";
import { generate, recipientOf } from "../bidding/static/sealer/suites.js";

const BINDING = {
  log_origin: "bench", tender: "a".repeat(32), lot: "b".repeat(32), bid: "c".repeat(32),
  part: "technical", tenderer: "d".repeat(18), version: 1,
};

const recipient = await recipientOf("intl-x25519-1", generate());

const contenders = {
  // The product: read, archive, hash, seal, hash, write to the private file system.
  async seal(file, native) {
    const root = await navigator.storage.getDirectory();
    const disk = await (await root.getFileHandle("part.age", { create: true }))
      .createSyncAccessHandle();
    let place = 0;
    const sink = { write: (bytes) => { place += disk.write(bytes, { at: place }); } };
    await sealPart(BINDING, [{ name: "file", blob: file }], recipient, sink, { native });
    disk.flush();
    disk.close();
  },

  // What no sealer can do without: read the file, digest each block of it and of as many sealed
  // bytes, and run the native cipher, all overlapping as the browser lets them.
  async bare(file) {
    const cipher = await chunks(new Uint8Array(16), new Uint8Array(16), true);
    const read = (place) => file.slice(place, place + BLOCK).arrayBuffer();
    let next = read(0);
    let behind = [];
    for (let place = 0; place < file.size; place += BLOCK) {
      const block = new Uint8Array(await next);
      next = read(place + BLOCK);
      const work = [crypto.subtle.digest("SHA-256", block), crypto.subtle.digest("SHA-256", block)];
      for (let at = 0; at < block.length; at += CHUNK) {
        work.push(cipher.seal(block.subarray(at, at + CHUNK), at, false));
      }
      await Promise.all(behind);
      behind = work;
    }
    await Promise.all([...behind, next]);
  },

  // age-encryption as it comes: its own stream, no hashes, nothing written.
  async library(file) {
    const encrypter = new Encrypter();
    encrypter.addRecipient(recipient);
    const reader = (await encrypter.encrypt(file.stream())).getReader();
    while (!(await reader.read()).done);
  },
};

onmessage = async ({ data: { name, file, native } }) => {
  const began = performance.now();
  try {
    await contenders[name](file, native);
    postMessage({ seconds: (performance.now() - began) / 1000 });
  } catch (error) {
    postMessage({ error: String(error) });
  }
};
postMessage({ ready: true });
