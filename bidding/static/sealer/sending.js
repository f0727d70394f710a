/** What a sealed version and the platform say to each other; harmless to repeat at any step. */

import { text } from "./bytes.js";
import { digest, jcs } from "./canonical.js";
import { readPromise } from "./note.js";
import * as store from "./store.js";
import { sendPart } from "./upload.js";
import { Problem } from "./wire.js";

const REPEATED = ["bid.id-taken", "bid.already-standing", "access.denied", "bid.not-the-last"];

/** A version that can no longer be sent: `state` and the promise that says so, if there is one. */
export class Ended extends Error {
  constructor(state, ending) {
    super(`this version is ${state}`);
    this.state = state;
    this.ending = ending;
  }
}

/** A refusal comes with its promise, which is a proof only once its signature was checked. */
export async function withPromise(error, platform) {
  if (error.facts?.promise) error.says = await readPromise(error.facts.promise, platform);
  throw error;
}

/** What the platform is asked; null where it refuses, or is not to be had. */
export async function asked(question) {
  try {
    return await question();
  } catch (error) {
    if (error instanceof Problem || error instanceof TypeError) return null;
    throw error;
  }
}

/** A version as the platform sees it; after the deadline from its receipts. */
export async function versionOf(wire, declaration) {
  const hash = await digest(declaration);
  for (const path of [`/bids/${declaration.bid}`, `/bids/${declaration.bid}/receipts`]) {
    const told = await asked(() => wire.get(path));
    const found = told?.versions.find((one) => one.declaration_hash === hash);
    if (found) return found;
  }
  return null;
}

async function declare(wire, kept) {
  const { declaration } = kept;
  const path = declaration.version === 1
    ? `/lots/${declaration.lot}/bids` : `/bids/${declaration.bid}/versions`;
  try {
    await wire.post(path, bodyOf(kept), `declare-${await digest(declaration)}`);
  } catch (error) {
    // Declared before, and the answer was lost together with its key.
    if (!REPEATED.includes(error.code) || !await versionOf(wire, declaration)) throw error;
  }
}

/** A signed declaration as it is sent. */
export const bodyOf = ({ declaration, key, signature, wraps }) =>
  ({ declaration: text(jcs(declaration)), key, signature, wraps });

async function sendAll(wire, id, declaration, watch, stop) {
  let last = null;
  for (const { part, size } of declaration.parts) {
    const path = `/bids/${declaration.bid}/versions/${declaration.version}/parts/${part}/upload`;
    const blob = await store.file(id, `${part}.age`);
    last = await sendPart(wire, path, blob,
      { stop, progress: (bytes) => watch.progress?.(part, bytes, size) });
  }
  // The answer with the receipt may have been lost, and is asked for again.
  return last?.receipt ? last : versionOf(wire, declaration);
}

/**
 * Declare a version, send what is missing of it and check the promise of receipt.
 * @param {import("./wire.js").Wire} wire @param {import("./store.js").State} state
 * @param {any} kept what its key file holds @param {string} platform the pinned vkey
 * @param {{progress?: (part: string, bytes: number, size: number) => void,
 *   declared?: () => Promise<void>}} watch
 * @param {AbortSignal} stop
 * @returns {Promise<Partial<import("./store.js").State>>} what is new
 */
export async function sendVersion(wire, state, kept, platform, watch, stop) {
  const { declaration } = kept;
  let answer = state.step === "declared" ? await versionOf(wire, declaration) : null;
  if (!answer) {
    await declare(wire, kept);
    await watch.declared?.();
    answer = await versionOf(wire, declaration);
  }
  if (answer?.state === "DECLARED") answer = await sendAll(wire, state.id, declaration, watch, stop);
  if (!answer?.receipt) throw new Ended(answer?.state ?? "unknown", answer?.ending ?? null);
  const says = await readPromise(answer.receipt, platform, {
    type: "bid-receipt", log_origin: declaration.log_origin, lot: declaration.lot,
    bid: declaration.bid, declaration: await digest(declaration),
  });
  return {
    step: "received", receipt: answer.receipt, received_at: says.received_at,
    include_by: says.include_by,
  };
}
