/**
 * Archives as one Blob: the browser reads what is in it from the disk only as it is saved or sent,
 * so that memory does not grow with it.
 */

import { BLOCK } from "./blocks.js";
import { utf8 } from "./bytes.js";
import { hashOf } from "./opened.js";
import * as ustar from "./ustar.js";

const OWNER_ONLY = "0000600";

const member = (name, blob, mode) => [
  ustar.header(name, blob.size, mode), blob, new Uint8Array(ustar.filler(blob.size))];

/** A tar of files, each its owner's alone. @param {[string, Blob][]} files @returns {Blob} */
export const tarOf = (files) => new Blob([
  ...files.flatMap(([name, blob]) => member(name, blob, OWNER_ONLY)),
  new Uint8Array(2 * ustar.RECORD)], { type: "application/x-tar" });

/**
 * The very archive that a part's sealing held (电子招标投标办法 31), made again of its manifest and
 * the plain files, under whatever names these lie here. Throws an Error that names what is missing.
 * @param {string} part @param {string} manifest its text @param {Blob[]} given
 * @returns {Promise<Blob>}
 */
export async function plainArchive(part, manifest, given) {
  const { files } = JSON.parse(manifest);
  const hashes = new Map();
  const found = [];
  const missing = [];
  for (const { name, size, hash } of files) {
    let blob = null;
    for (const one of given) {
      if (one.size !== size) continue;
      if (!hashes.has(one)) hashes.set(one, await hashOf(one));
      if (hashes.get(one) === hash) blob = one;
    }
    if (blob) found.push(blob);
    else missing.push(`${name} (${size} bytes)`);
  }
  if (missing.length) {
    throw new Error(`${part}: not given, or not as they were sealed: ${missing.join(", ")}`);
  }
  const last = new Blob([utf8(manifest)]);
  const members = [...found.flatMap((blob, number) => member(ustar.memberName(number), blob)),
    ...member(ustar.MANIFEST, last)];
  const size = members.reduce((sum, piece) => sum + (piece.size ?? piece.length), 0);
  const whole = ustar.plan(found.map((blob) => blob.size), last.size);
  return new Blob([...members, ...zeros(whole - size)]);
}

function zeros(count) {
  const block = new Blob([new Uint8Array(BLOCK)]);
  const pieces = Array.from({ length: Math.floor(count / BLOCK) }, () => block);
  return [...pieces, block.slice(0, count % BLOCK)];
}
