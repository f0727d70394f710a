// A second, minimal check of an evidence folder that shares no line with ours: Node's own
// crypto and npm age-encryption. One receipt, one closing path, one form. Prints JSON.
//   node stranger.mjs FOLDER
import { createHash, createPublicKey, verify } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Decrypter } from "age-encryption";

const root = process.argv[2];
const text = (...path) => readFileSync(join(root, ...path), "utf8");
const list = (folder, ending) => readdirSync(join(root, folder)).filter((one) => one.endsWith(ending)).sort();
const sha = (...parts) => { const h = createHash("sha256"); parts.forEach((one) => h.update(one)); return h.digest(); };
const must = (good, what) => { if (!good) throw new Error(what); };

function ed25519(vkey) {
  const [name, id, key] = vkey.trim().split(/\+(.*?)\+(.*)/s);
  const raw = Buffer.from(key, "base64").subarray(1);
  const der = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), raw]);
  return { name, id, key: createPublicKey({ key: der, format: "der", type: "spki" }) };
}

function signedText(note, signer) {
  const cut = note.lastIndexOf("\n\n");
  const body = note.slice(0, cut + 1);
  const line = note.slice(cut + 2).split("\n").find((one) => one.startsWith(`— ${signer.name} `));
  const bytes = Buffer.from(line.split(" ")[2], "base64");
  must(bytes.subarray(0, 4).toString("hex") === signer.id, "key id");
  must(verify(null, Buffer.from(body), signer.key, bytes.subarray(4)), "signature");
  return body;
}

function receipt(stem, log, platform) {
  const promise = JSON.parse(signedText(text("receipts", `${stem}.receipt.txt`), platform));
  const [head, note] = text("receipts", `${stem}.tlog-proof`).split(/\n\n(.*)/s);
  const lines = head.split("\n");
  must(lines.shift() === "c2sp.org/tlog-proof@v1", "header");
  const extra = Buffer.from(lines.shift().replace("extra ", ""), "base64");
  let place = Number(lines.shift().replace("index ", ""));
  const [origin, size, treeRoot] = signedText(note, log).split("\n");
  must(origin === log.name, "origin");
  const leaf = readFileSync(join(root, "receipts", `${stem}.leaf`));
  must(JSON.parse(leaf).c === sha(extra).toString("base64"), "commitment");
  let node = sha(Buffer.from([0]), leaf), last = Number(size) - 1;
  for (const line of lines) {                       // RFC 9162, 2.1.3.2
    const other = Buffer.from(line, "base64");
    if (place % 2 === 1 || place === last) {
      node = sha(Buffer.from([1]), other, node);
      while (place % 2 === 0 && place !== 0) { place = Math.floor(place / 2); last = Math.floor(last / 2); }
    } else node = sha(Buffer.from([1]), node, other);
    place = Math.floor(place / 2); last = Math.floor(last / 2);
  }
  must(last === 0 && node.toString("base64") === treeRoot, "inclusion");
  const record = JSON.parse(extra.subarray(32));
  const declared = sha(text("receipts", `${stem}.declaration.json`)).toString("hex");
  must(record.facts.declaration === declared && promise.declaration === declared, "declaration");
  return { bid: promise.bid, declaration: declared, entry: record.type };
}

function closingPath(stem, bid, declaration) {
  const { position, salt, siblings } = JSON.parse(text("receipts", `${stem}.paths.json`)).closing;
  let node = sha(Buffer.from([0]), Buffer.from(salt, "base64"), JSON.stringify({ bid, declaration }));
  let place = position;
  for (const one of siblings) {
    const other = Buffer.from(one, "hex");
    node = place & 1 ? sha(Buffer.from([1]), other, node) : sha(Buffer.from([1]), node, other);
    place >>= 1;
  }
  const folder = join(root, "record", "disclosed");
  const roots = readdirSync(folder).flatMap((name) => readFileSync(join(folder, name), "utf8").trim().split("\n"))
    .map((line) => JSON.parse(line).r).filter((record) => record.type === "lot.closed")
    .map((record) => record.facts.root);
  must(place === 0 && roots.includes(node.toString("hex")), "closing path");
  return node.toString("hex");
}

async function form(stem, bid) {
  const name = `${stem.replace(/-v\d+$/, "")}-form`;
  const opener = new Decrypter();
  opener.addIdentity(text("bids", `${name}.key`).trim());
  const tar = Buffer.from(await opener.decrypt(readFileSync(join(root, "bids", `${name}.age`)), "uint8array"));
  const size = parseInt(tar.subarray(124, 135).toString(), 8);
  const price = JSON.parse(tar.subarray(512, 512 + size)).price_fen;
  const shown = list("openings", ".json").flatMap((one) => JSON.parse(text("openings", one)).record.bids)
    .find((row) => row.bid === bid).form.price_fen;
  must(price === shown, "price");
  return price;
}

try {
  const log = ed25519(text("log.vkey")), platform = ed25519(text("platform.vkey"));
  const found = [];
  for (const name of list("receipts", ".paths.json")) {
    const stem = name.replace(".paths.json", "");
    const kept = receipt(stem, log, platform);
    found.push({ ...kept, root: closingPath(stem, kept.bid, kept.declaration), price: await form(stem, kept.bid) });
  }
  console.log(JSON.stringify(found));
} catch (error) {
  console.error(String(error));
  process.exit(1);
}
