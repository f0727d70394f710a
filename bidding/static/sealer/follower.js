/**
 * Following the record: what it says, believed only as far as it is proven (audit/follow.py).
 *
 * Every leaf since the last reading is added to the edge of the tree that was kept, and the root
 * must come out as the one the log signed. That proves at once that the record continues the one
 * believed before, and that each leaf lies where it does: a record that was cut, rolled back or
 * forked is refused, and what was kept stays.
 */

import { sha256 as hash } from "@noble/hashes/sha2.js";

import { b64, concat, equal, text, unb64 } from "./bytes.js";
import { jcs } from "./canonical.js";
import { readCheckpoint } from "./record.js";

const WIDTH = 256;
const LEAF = /^\{"c":"([A-Za-z0-9+/]{43}=)","t":"[0-9TZ:.-]{24}","v":1\}$/;

/** The record is not what it was, or not what it says; nothing of it is believed. */
export class Untrue extends Error {
  constructor(message) {
    super(message);
    this.name = "Untrue";
  }
}

/** The right edge of a tree: the roots of its complete subtrees, the largest first. */
export class Edge {
  constructor(size = 0, hashes = []) {
    this.size = size;
    this.hashes = hashes;
  }

  /** @param {Uint8Array} entry */
  add(entry) {
    let node = hash(concat(Uint8Array.of(0), entry));
    for (let rest = this.size; rest % 2; rest = Math.floor(rest / 2)) {
      node = hash(concat(Uint8Array.of(1), this.hashes.pop(), node));
    }
    this.hashes.push(node);
    this.size += 1;
  }

  root() {
    if (!this.size) return hash(new Uint8Array(0));
    return this.hashes.reduceRight((right, left) => hash(concat(Uint8Array.of(1), left, right)));
  }
}

/** `1234067` as `x001/x234/067`. */
function numberPath(index) {
  let said = String(index % 1000).padStart(3, "0");
  for (let rest = Math.floor(index / 1000); rest; rest = Math.floor(rest / 1000)) {
    said = `x${String(rest % 1000).padStart(3, "0")}/${said}`;
  }
  return said;
}

function unpack(bundle) {
  const entries = [];
  const view = new DataView(bundle.buffer, bundle.byteOffset, bundle.byteLength);
  for (let place = 0; place < bundle.length;) {
    if (place + 2 > bundle.length) throw new Untrue("an entry is cut short");
    const end = place + 2 + view.getUint16(place);
    if (end > bundle.length) throw new Untrue("an entry is cut short");
    entries.push(bundle.subarray(place + 2, end));
    place = end;
  }
  return entries;
}

/**
 * @typedef {{size: number, edge: string[], records: [number, any][], note: string}} Kept what was
 *   believed last, in plain JSON
 * @typedef {(name: string) => Promise<Uint8Array | null>} Source
 */

/**
 * Read what is published now.
 * @param {Source} fetch `checkpoint`, `tile/…`, `disclosed/…`: the bytes, or null
 * @param {string} vkey the log's @param {Kept | undefined} kept
 * @param {(record: any) => boolean} wanted
 * @param {(read: number, size: number) => void} [progress]
 * @returns {Promise<Kept>} throws Untrue; then what was kept is as it was
 */
export async function follow(fetch, vkey, kept, wanted, progress = () => {}) {
  const note = await fetch("checkpoint");
  if (!note) {
    if (kept?.size) throw new Untrue("the record is gone");
    return { size: 0, edge: [], records: [], note: "" };
  }
  try {
    const head = await readCheckpoint(text(note), vkey);
    const size = Number(head.size);
    const edge = new Edge(kept?.size ?? 0, (kept?.edge ?? []).map((one) => unb64(one, 32)));
    const records = [...kept?.records ?? []];
    const first = edge.size;
    if (size < first) throw new Untrue(`the record was rolled back: ${size} entries after ${first}`);
    for (let index = Math.floor(first / WIDTH); index * WIDTH < size; index += 1) {
      const entries = await bundleOf(fetch, index, Math.min(WIDTH, size - index * WIDTH));
      const start = Math.max(first, index * WIDTH);
      entries.slice(start - index * WIDTH).forEach((entry) => edge.add(entry));
      records.push(...await disclosedOf(fetch, index, entries, start, wanted));
      progress(edge.size, size);
    }
    if (!equal(edge.root(), head.root)) {
      throw new Untrue(first ? "the record was forked, or its leaves are not those it signed"
        : "the record's leaves are not those it signed");
    }
    return { size, edge: edge.hashes.map(b64), records, note: text(note) };
  } catch (error) {
    throw error instanceof Untrue ? error : new Untrue(error.message);
  }
}

async function bundleOf(fetch, index, width) {
  const path = `tile/entries/${numberPath(index)}`;
  const data = (width < WIDTH && await fetch(`${path}.p/${width}`)) || await fetch(path);
  const entries = data ? unpack(data).slice(0, width) : [];
  if (entries.length !== width) throw new Untrue(`${path} is missing`);
  return entries;
}

/**
 * The wanted records of one bundle from `start` on. Every line must be what its leaf commits to,
 * those that are not wanted too: a platform that changes one is not to be believed in others.
 */
async function disclosedOf(fetch, index, entries, start, wanted) {
  const data = await fetch(`disclosed/${numberPath(index)}.jsonl`);
  const found = [];
  for (const line of data ? text(data).split("\n") : []) {
    if (!line) continue;
    const { i: place, r: record, s: salt } = JSON.parse(line);
    if (!(place >= index * WIDTH)) throw new Untrue(`entry ${place} stands in another bundle's file`);
    const entry = entries[place - index * WIDTH];
    if (!entry) break; // it came after the checkpoint that was read, and waits for the next
    const committed = LEAF.exec(text(entry))?.[1];
    if (b64(hash(concat(unb64(salt, 32), jcs(record)))) !== committed) {
      throw new Untrue(`entry ${place}: the record is not the one its leaf commits to`);
    }
    if (place >= start && wanted(record)) found.push([place, record]);
  }
  return found.sort(([one], [other]) => one - other);
}
