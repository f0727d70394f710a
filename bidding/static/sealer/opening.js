/** The tenderer's part in the opening: shares, one's own plain files, the remedy of 办法 31. */

import { plainArchive } from "./archive.js";
import { MANIFEST_END } from "./bid.js";
import { unb64 } from "./bytes.js";
import { KEY_FILE, readKeyFile } from "./keyfile.js";
import { FORM_FILE, PARTS } from "./manifest.js";
import { examine } from "./opened.js";
import * as store from "./store.js";

/** Give one's own share of every part whose opening is authorised. */
export async function giveShares(wire, kept, prices) {
  const { bid, version, lot } = kept.declaration;
  const stage = prices ? "price-" : "";
  const { roots } = await wire.get(`/lots/${lot}/${stage}opening`);
  const shares = Object.fromEntries(
    Object.entries(kept.own).filter(([part]) => Object.hasOwn(roots, part)));
  return wire.post(`/bids/${bid}/${stage || "opening-"}share`, { shares },
    `${stage}open-${bid}-${version}`);
}

/** Decrypt all files of a version on this device, each into the sink that `place` opens. */
export async function decryptAll(id, place, tell) {
  const kept = readKeyFile(await store.readText(id, KEY_FILE));
  const written = {};
  for (const { part } of kept.declaration.parts) {
    const { files, opened } = await examine(await store.file(id, `${part}.age`),
      unb64(kept.seeds[part]), kept.declaration, part);
    written[part] = [];
    for (const { name, offset, size } of files) {
      const sink = await place(part, name);
      let bytes = 0;
      if (size) {
        for await (const piece of opened.stream(offset, size)) {
          await sink.write(piece);
          bytes += piece.length;
          tell({ part, bytes, size });
        }
      }
      await sink.close();
      written[part].push(name);
    }
  }
  return written;
}

/** Hand in the plain archive of every part that is authorised (`prices`: of the second envelope); all
 * are made before one is sent. */
export async function handIn(wire, id, files, prices) {
  const { bid, lot } = await store.read(id);
  const { roots } = await wire.get(`/lots/${lot}/${prices ? "price-" : ""}opening`);
  const parts = PARTS.filter((part) => Object.hasOwn(roots, part));
  const given = [...files, await store.file(id, FORM_FILE)];
  const archives = [];
  for (const part of parts) {
    archives.push([part, await plainArchive(
      part, await store.readText(id, `${part}${MANIFEST_END}`), given)]);
  }
  for (const [part, archive] of archives) {
    try {
      await wire.put(`/bids/${bid}/plain-files/${part}`, archive);
    } catch (error) {
      if (error.code !== "bid.already-done") throw error; // the answer to an earlier try was lost
    }
  }
  return parts;
}
