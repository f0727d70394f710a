/**
 * Receipts (docs/formats/receipts.md): the platform's promise, and later the proof that the
 * record holds what was promised. A time stamp is seen to be there; that its token holds is for
 * `yangguang receipt verify` to say, which reads RFC 3161.
 */

import { hex, sha256, unb64, utf8 } from "./bytes.js";
import { readPromise } from "./note.js";
import { rootOf, verifyProof } from "./record.js";

/** The acts that keep a promise, by its type. A trial is kept nowhere. */
const ACTS = {
  "bid-receipt": ["bid.submitted", "bid.replaced"], "bid-withdrawal-receipt": ["bid.withdrawn"],
  "bid-deemed-withdrawn": ["bid.deemed_withdrawn"], "bid-refusal": ["security.digested"],
  "bid-trial": [],
};

/**
 * @typedef {{log: string, platform: string}} Keys vkeys, pinned
 * @typedef {object} Finding
 * @property {any} says the promise's words
 * @property {any} record the act as the record holds it, or null
 * @property {string} tick when the entry came into the record
 * @property {boolean} stamped whether a time-stamp token is there; it is not checked here
 * @property {boolean} closed whether the bid's path leads to the lot's closing root
 */

/**
 * Check a receipt; throws an Error that names the first thing that is wrong.
 * @param {any} receipt as `GET /bids/{id}/receipts` gives it @param {Keys} keys
 * @returns {Promise<Finding>}
 */
export async function checkReceipt(receipt, keys) {
  const says = await readPromise(receipt.promise, keys.platform);
  const found = { says, record: null, tick: "", index: null, size: null, stamped: false, closed: false };
  if (receipt.proof !== null) {
    const { record, tick, index, size } = await verifyProof(
      receipt.proof, unb64(receipt.leaf), keys.log);
    await keeps(says, receipt.promise, record, receipt.place ?? null);
    Object.assign(found, { record, tick, index, size });
  } else if (receipt.leaf !== null || receipt.place !== null) {
    throw new Error("a leaf or a path without a proof");
  }
  if (receipt.token !== null || receipt.stamped !== null) {
    await checkStamped(receipt, found, keys);
    found.stamped = true;
  }
  if (receipt.closing !== null) {
    await checkClosing(receipt.closing, says, keys);
    found.closed = true;
  }
  return found;
}

/** Throw unless the record's entry is the one that the promise promised. */
async function keeps(says, promise, record, place) {
  if (!ACTS[says.type].includes(record.type)) {
    throw new Error(`the proof is of another act, ${record.type}`);
  }
  const facts = record.facts ?? {};
  if (says.type === "bid-refusal") {
    const content = { refusal: hex(await sha256(utf8(promise))) };
    if (await rootOf(content, place, true) !== facts.root) {
      throw new Error("the refusal's path leads to another root than the record's");
    }
    return;
  }
  if (place !== null) throw new Error("only a refusal has a path to a digest");
  const pairs = [["declaration", facts.declaration, says.declaration],
    ["bid", record.subject, says.bid], ["lot", record.lot, says.lot],
    ["tender", record.tender, says.tender]];
  if (says.type !== "bid-deemed-withdrawn") {
    pairs.push(["received_at", record.at, says.received_at]);
  }
  for (const [name, recorded, promised] of pairs) {
    if (typeof promised !== "string" || recorded !== promised) {
      throw new Error(`the record has another ${name} than the promise`);
    }
  }
}

async function checkStamped(receipt, found, keys) {
  if (receipt.token === null || receipt.stamped === null || found.record === null) {
    throw new Error("a time stamp without its proof");
  }
  unb64(receipt.token);
  const stamped = await verifyProof(receipt.stamped, unb64(receipt.leaf), keys.log);
  if (stamped.index !== found.index) throw new Error("the time stamp is of another entry");
}

async function checkClosing(closing, says, keys) {
  const { record } = await verifyProof(closing.proof, unb64(closing.leaf), keys.log);
  if (says.type !== "bid-receipt" || record.type !== "lot.closed" || record.lot !== says.lot) {
    throw new Error("the proof is not of this lot's close");
  }
  const content = { bid: says.bid, declaration: says.declaration };
  if (await rootOf(content, closing.place) !== record.facts?.root) {
    throw new Error("the bid's path leads to another closing root than the record's");
  }
}

/**
 * Where a receipt stands at `now` by our own clock: `held`, `proven`, `refused`,
 * `refusal-proven`, `tried`, or the alarm `overdue`.
 * @param {Finding} found @param {Date} now
 */
export function receiptState({ says, record }, now) {
  if (says.type === "bid-trial") return "tried";
  const refused = says.type === "bid-refusal";
  if (record) return refused ? "refusal-proven" : "proven";
  if (says.include_by !== null && !(now.getTime() <= Date.parse(says.include_by))) return "overdue";
  return refused ? "refused" : "held";
}
