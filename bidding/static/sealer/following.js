/**
 * Following a bid after it was sent: its promises and proofs are fetched, checked under the
 * pinned keys and kept on the device, so that what was proven once stays proven here.
 */

import { digest, jcs } from "./canonical.js";
import { hex, sha256, text, utf8 } from "./bytes.js";
import { asked } from "./sending.js";
import { checkAll, standing } from "./standing.js";
import * as store from "./store.js";

const RECEIPTS = "receipts.json";

async function keptReceipts(id) {
  try {
    return JSON.parse(await store.readText(id, RECEIPTS));
  } catch (error) {
    if (error.name === "NotFoundError") return [];
    throw error;
  }
}

const empty = (promise) => ({
  v: 1, type: "receipt", promise, proof: null, leaf: null, place: null, stamped: null,
  token: null, closing: null,
});

/** How much a receipt shows: one with more of these takes the place of one with less. */
const shows = (receipt) => ["proof", "stamped", "closing"].filter((name) => receipt[name]).length;

/**
 * How a version stands now.
 * @param {import("./wire.js").Wire} wire @param {import("./store.js").State} state
 * @param {any} declaration of it @param {import("./receipt.js").Keys} keys pinned
 * @returns {Promise<{standing: import("./standing.js").Standing, alarm: boolean, receipts: any[]}>}
 */
export async function follow(wire, state, declaration, keys, now = new Date()) {
  const hash = await digest(declaration);
  const told = await asked(() => wire.get(`/bids/${state.bid}/receipts`, 2));
  const bid = await asked(() => wire.get(`/bids/${state.bid}`, 2));
  const find = (view) => view?.versions.find((one) => one.declaration_hash === hash);
  const version = find(bid) ?? find(told) ?? null;
  const fresh = [...told?.receipts ?? [], ...(told?.refusals ?? []).map(({ receipt }) => receipt)];
  if (version?.receipt) fresh.push(empty(version.receipt));
  if (state.receipt) fresh.push(empty(state.receipt));
  const checked = await checkAll(fresh, hash, keys, now);
  const best = new Map();
  for (const one of [...await checkAll(await keptReceipts(state.id), hash, keys, now), ...checked]) {
    const before = best.get(one.receipt.promise);
    if (!before || (one.state !== "false" && shows(one.receipt) > shows(before.receipt))) {
      best.set(one.receipt.promise, one);
    }
  }
  // A proof that does not hold is told even where another one did.
  const receipts = [...best.values(), ...checked.filter(
    (one) => one.state === "false" && !([...best.values()].includes(one)))];
  await store.write(state.id, RECEIPTS, JSON.stringify(
    receipts.filter((one) => one.state !== "false").map(({ receipt }) => receipt)));
  const late = receipts.some(({ says }) => says?.code === "bid.late" && says.bid === state.bid);
  const found = standing({ version, checked: receipts, late });
  const alarm = found.alarm || receipts.some((one) => ["overdue", "false"].includes(one.state));
  return { standing: found, alarm, receipts };
}

/** The kept receipts as files that `yangguang receipt verify` reads: [name, Blob]. */
export async function receiptFiles(id) {
  const files = [];
  for (const receipt of await keptReceipts(id)) {
    const name = hex(await sha256(utf8(receipt.promise))).slice(0, 8);
    files.push([`receipt-${name}.receipt.json`, new Blob([text(jcs(receipt)), "\n"])]);
  }
  return files;
}
