/**
 * The worker that seals. It has the files, the disk and no network: the platform serves it under
 * a policy that lets it load and ask nothing.
 */

import { sealBid } from "./bid.js";
import { unb64 } from "./bytes.js";
import { examine } from "./opened.js";
import { file, folder } from "./store.js";

/** A sink onto a file of the private file system, written in place and flushed at the end. */
async function place(id, name) {
  const handle = await (await folder(id)).getFileHandle(name, { create: true });
  const disk = await handle.createSyncAccessHandle();
  disk.truncate(0);
  let end = 0;
  return {
    write(bytes) {
      const written = disk.write(bytes, { at: end });
      if (written !== bytes.length) throw new Error("the disk is full");
      end += written;
    },
    async close() {
      disk.flush();
      disk.close();
    },
    abort: () => disk.close(),
  };
}

let going = Promise.resolve();
let go = null;
let cancelled = false;

const gate = async () => {
  await going;
  if (cancelled) throw new Error("cancelled");
};

const orders = {
  pause() {
    if (!go) going = new Promise((done) => { go = done; });
  },
  resume() {
    go?.();
    go = null;
  },
  cancel() {
    cancelled = true;
    orders.resume();
  },
  async seal({ terms, bid, folder: id, native }) {
    const open = new Set();
    try {
      const sealed = await sealBid(terms, bid, id.slice(0, 32), async (part) => {
        const sink = await place(id, `${part}.age`);
        open.add(sink);
        return { ...sink, close: async () => { await sink.close(); open.delete(sink); } };
      }, { native, gate, progress: (part, bytes) => postMessage({ progress: { part, bytes } }) });
      postMessage({ checking: true });
      for (const { part } of sealed.declaration.parts) {
        await examine(await file(id, `${part}.age`), unb64(sealed.seeds[part]),
          sealed.declaration, part, { native, gate });
      }
      postMessage({ sealed });
    } catch (error) {
      open.forEach((sink) => sink.abort());
      postMessage({ failed: error.message });
    }
  },
};

onmessage = ({ data: { order, ...rest } }) => orders[order](rest);
