/**
 * The arithmetic of the record (docs/formats/record.md), in the reader's own browser: signed
 * checkpoints, tiles (C2SP tlog-tiles) and the tree of RFC 9162. It believes nothing but the key
 * that it is given; what it throws is what is wrong, as [中文, English].
 */

const WIDTH = 256;
const HASH = 32;
const ED25519 = 1;
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Something does not hold; `said` is what, in both languages. */
export class Fault extends Error {
  constructor(zh, en) {
    super(en);
    this.said = [zh, en];
  }
}

export const hex = (bytes) => Array.from(bytes, (one) => one.toString(16).padStart(2, "0")).join("");
export const b64 = (bytes) => btoa(String.fromCharCode(...bytes));
export const same = (a, b) => a.length === b.length && a.every((one, place) => one === b[place]);
const sha256 = async (...parts) =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", await new Blob(parts).arrayBuffer()));
const node = (left, right) => sha256(Uint8Array.of(1), left, right);
export const leafHash = (leaf) => sha256(Uint8Array.of(0), leaf);

/** The bytes of canonical base64. */
export function unb64(text, length) {
  let bytes;
  try {
    bytes = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
  } catch {
    bytes = new Uint8Array();
  }
  if (b64(bytes) !== text || (length !== undefined && bytes.length !== length)) {
    throw new Fault("编码不对。", "Something is not in base64 as it must be.");
  }
  return bytes;
}

/** `name+hex(id)+base64(0x01 ‖ key)` → {name, id, key}. */
export async function readKey(vkey) {
  const [name, id, ...rest] = vkey.split("+");
  const material = unb64(rest.join("+"), HASH + 1);
  const expected = (await sha256(encoder.encode(`${name}\n`), material)).subarray(0, 4);
  if (!name || material[0] !== ED25519 || hex(expected) !== id) {
    throw new Fault("公钥的写法不对。", "The key is not spelled as a key is.");
  }
  return { name, id: expected, key: material.slice(1) };
}

/** What a checkpoint says once the holder of `vkey` is seen to have signed it. */
export async function readCheckpoint(note, vkey) {
  const { name, id, key } = await readKey(vkey);
  const cut = note.lastIndexOf("\n\n");
  const said = note.slice(0, cut + 1);
  const own = note.slice(cut + 2).split("\n").map((line) => /^— (\S+) (\S+)$/.exec(line))
    .filter((line) => line?.[1] === name).map((line) => unb64(line[2]))
    .filter((material) => same(material.subarray(0, 4), id));
  if (cut < 0 || own.length !== 1) {
    throw new Fault("检查点没有该公钥的签名。", "The checkpoint is not signed by this key.");
  }
  let good;
  try {
    const imported = await crypto.subtle.importKey("raw", key, "Ed25519", false, ["verify"]);
    good = await crypto.subtle.verify("Ed25519", imported, own[0].subarray(4), encoder.encode(said));
  } catch {
    throw new Fault("这个浏览器不能核对 Ed25519 签名，请换用新版浏览器，或按“自己核对”用程序核对。",
      "This browser cannot check Ed25519 signatures; use a current one, or a program as the record's page says.");
  }
  if (!good) throw new Fault("检查点的签名是错的。", "The signature of the checkpoint is wrong.");
  const lines = said.split("\n");
  const size = Number(lines[1]);
  if (lines.length !== 4 || lines[0] !== name || !/^(?:0|[1-9]\d{0,14})$/.test(lines[1])) {
    throw new Fault("检查点属于另一份日志，或者写法不对。", "The checkpoint is of another log, or misspelled.");
  }
  return { origin: name, size, root: unb64(lines[2], HASH) };
}

const numbered = (index) => {
  let text = String(index % 1000).padStart(3, "0");
  for (let rest = Math.floor(index / 1000); rest; rest = Math.floor(rest / 1000)) {
    text = `x${String(rest % 1000).padStart(3, "0")}/${text}`;
  }
  return text;
};

/** The tiles of a tree of `size` leaves, fetched as they are needed; `get(path)` gives bytes. */
export class Tree {
  #tiles = new Map();

  constructor(size, get) {
    this.size = size;
    this.get = get;
    this.fetched = 0;
  }

  #path(level, index) {
    const all = level === "entries" ? this.size : Math.floor(this.size / WIDTH ** level);
    const width = Math.min(WIDTH, all - index * WIDTH);
    return `tile/${level}/${numbered(index)}${width < WIDTH ? `.p/${width}` : ""}`;
  }

  #tile(level, index) {
    const path = this.#path(level, index);
    if (!this.#tiles.has(path)) {
      this.fetched += 1;
      this.#tiles.set(path, this.get(path));
    }
    return this.#tiles.get(path);
  }

  /** The bytes of a leaf, out of its bundle. */
  async leaf(index) {
    const bundle = await this.#tile("entries", Math.floor(index / WIDTH));
    let place = 0;
    for (let skip = index % WIDTH; ; skip -= 1) {
      const length = (bundle[place] << 8) | bundle[place + 1];
      if (!(place + 2 + length <= bundle.length)) {
        throw new Fault("条目文件不完整。", "The file of entries is cut short.");
      }
      if (skip === 0) return bundle.slice(place + 2, place + 2 + length);
      place += 2 + length;
    }
  }

  /** The hash over leaves `low` to `high` - 1. */
  async hash(low, high) {
    const count = high - low;
    const height = Math.log2(count);
    if (Number.isInteger(height) && low % count === 0) {
      const level = Math.floor(height / 8);
      const first = low / WIDTH ** level;
      const tile = await this.#tile(level, Math.floor(first / WIDTH));
      return within(tile, first % WIDTH, count / WIDTH ** level);
    }
    const middle = low + split(count);
    return node(await this.hash(low, middle), await this.hash(middle, high));
  }

  /** The root to which the leaf's hash at `index` leads, and over how many siblings. */
  async rootFrom(hash, index, low = 0, high = this.size) {
    if (high - low === 1) return { root: hash, steps: 0 };
    const middle = low + split(high - low);
    const left = index < middle;
    const [inner, sibling] = [
      await this.rootFrom(hash, index, ...(left ? [low, middle] : [middle, high])),
      await this.hash(...(left ? [middle, high] : [low, middle]))];
    const root = await (left ? node(inner.root, sibling) : node(sibling, inner.root));
    return { root, steps: inner.steps + 1 };
  }

  /** [root of the first `old` leaves, root of all], both made of the same hashes: a proof that the
   *  one continues the other. `old` is at least 1. */
  async roots(old, low = 0, high = this.size) {
    if (old === high - low) {
      const whole = await this.hash(low, high);
      return [whole, whole];
    }
    const step = split(high - low);
    const middle = low + step;
    if (old <= step) {
      const [before, now] = await this.roots(old, low, middle);
      return [before, await node(now, await this.hash(middle, high))];
    }
    const left = await this.hash(low, middle);
    const [before, now] = await this.roots(old - step, middle, high);
    return [await node(left, before), await node(left, now)];
  }
}

const split = (count) => 2 ** (Math.ceil(Math.log2(count)) - 1);

async function within(tile, first, count) {
  if (tile.length < (first + count) * HASH) {
    throw new Fault("哈希文件不完整。", "A file of hashes is cut short.");
  }
  let row = Array.from({ length: count }, (_, place) =>
    tile.slice((first + place) * HASH, (first + place + 1) * HASH));
  while (row.length > 1) {
    row = await Promise.all(Array.from({ length: row.length / 2 }, (_, place) =>
      node(row[2 * place], row[2 * place + 1])));
  }
  return row[0];
}

/** {at, committed} of a leaf's bytes. */
export function readLeaf(bytes) {
  const found = /^\{"c":"([A-Za-z0-9+/]{43}=)","t":"([0-9TZ:.-]{24})","v":1\}$/.exec(decoder.decode(bytes));
  if (!found) throw new Fault("条目的写法不对。", "The entry is not written as an entry is.");
  return { at: found[2], committed: unb64(found[1], HASH) };
}

/** The record (its very text) in a file of disclosed ones that leaf `index` commits to, or null
 *  where it is not disclosed. */
export async function disclosed(file, index, committed) {
  const before = `{"i":${index},"r":`;
  const line = file.split("\n").find((one) => one.startsWith(before));
  if (!line) return null;
  const cut = line.lastIndexOf(",\"s\":\"");
  const text = line.slice(before.length, cut);
  const salt = unb64(line.slice(cut + 6, -2), HASH);
  if (!same(await sha256(salt, encoder.encode(text)), committed)) {
    throw new Fault("公开的内容不是这个条目所承诺的内容。", "What is disclosed is not what the entry commits to.");
  }
  return text;
}
