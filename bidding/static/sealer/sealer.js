/**
 * Sealing, sending, following, withdrawing and opening a bid from a page. Everything is sealed
 * in a worker onto this device before anything is sent; the seeds leave it only as the key file
 * that its owner saves.
 *
 *     const sealer = new Sealer({ token }, "/static/vendor/sealer-worker.js");
 *     const notice = await sealer.notice(lot);
 *     const job = sealer.seal(notice, bid, key, { progress });   // pause, resume, cancel
 *     const { id } = await job.done;
 *     save(await sealer.keyFile(id));  await sealer.prove(await chosen.text());
 *     const upload = sealer.submit(id, notice, { progress });    // pause; submit again goes on
 */

import { newId, roomFor } from "./bid.js";
import { text, unb64 } from "./bytes.js";
import { digest, jcs } from "./canonical.js";
import { withdrawal } from "./declaration.js";
import { readKeyFile, sameKeys, writeKeyFile, KEY_FILE } from "./keyfile.js";
import * as signing from "./keys.js";
import { readPromise } from "./note.js";
import { checkLimit, readNotice } from "./notice.js";
import { examine } from "./opened.js";
import * as store from "./store.js";
import { Stopped, sendPart } from "./upload.js";
import { Problem, Wire } from "./wire.js";

export { hasNative } from "./payload.js";
export { Problem, Stopped, examine, readKeyFile, readNotice, signing, store };

const REPEATED = ["bid.id-taken", "bid.already-standing", "access.denied", "bid.not-the-last"];

function ours(url) {
  const whole = new URL(url, location.href);
  if (whole.origin !== location.origin) throw new Error("the worker is not from here");
  return whole.href;
}

/** A refusal comes with its promise, which is a proof only once its signature was checked. */
async function withPromise(error, notice) {
  if (error.facts?.promise) error.says = await readPromise(error.facts.promise, notice.platform);
  throw error;
}

let policy = null;

/** A version that can no longer be sent: `state` and the promise that says so, if there is one. */
export class Ended extends Error {
  constructor(state, ending) {
    super(`this version is ${state}`);
    this.state = state;
    this.ending = ending;
  }
}

/** Where a policy of trusted types is in force, only a worker of our own origin is started. */
function trusted(url) {
  if (!globalThis.trustedTypes) return ours(url);
  policy ??= trustedTypes.createPolicy("yangguang-sealer", { createScriptURL: ours });
  return policy.createScriptURL(url);
}

export class Sealer {
  #worker;

  /**
   * @param {ConstructorParameters<typeof Wire>[0]} connection
   * @param {string} worker address of sealer-worker.js
   */
  constructor(connection, worker) {
    this.wire = new Wire(connection);
    this.#worker = trusted(worker);
  }

  /** @param {string} lot @returns {Promise<import("./notice.js").Notice>} read and checked */
  async notice(lot) {
    return readNotice(await this.wire.get(`/lots/${lot}`));
  }

  /**
   * Seal a bid version onto this device.
   * @param {import("./notice.js").Notice} notice
   * @param {import("./bid.js").Bid} bid
   * @param {string} key the signing key, public, base64
   * @param {{progress?: (part: string, bytes: number) => void, checking?: () => void,
   *   native?: boolean}} [watch]
   */
  seal(notice, bid, key, watch = {}) {
    const worker = new Worker(this.#worker);
    const order = (said, more = {}) => worker.postMessage({ order: said, ...more });
    const done = this.#seal(notice, bid, key, watch, worker, order).finally(
      () => worker.terminate());
    return {
      done, pause: () => order("pause"), resume: () => order("resume"),
      cancel: () => order("cancel"),
    };
  }

  async #seal(notice, bid, key, watch, worker, order) {
    if (!(await signing.keys()).find((one) => one.public === key)?.proven) {
      throw new Error("read the signing key's backup back first");
    }
    const room = roomFor(notice.terms, bid);
    checkLimit(notice, room);
    const { quota = 0, usage = 0 } = await navigator.storage.estimate();
    if (room > quota - usage) throw new Error(`this device has no room for ${room} bytes`);
    await navigator.storage.persist?.();
    const version = bid.replaces ? bid.replaces.version + 1 : 1;
    const id = `${bid.replaces?.bid ?? newId()}-${version}`;
    return store.alone(id, async () => {
      await store.begin({ id, bid: id.slice(0, 32), version, lot: notice.terms.lot });
      try {
        const sealed = await new Promise((good, bad) => {
          worker.onerror = (event) => bad(new Error(event.message || "the worker was stopped"));
          worker.onmessage = ({ data }) => {
            if (data.progress) watch.progress?.(data.progress.part, data.progress.bytes);
            if (data.checking) watch.checking?.();
            if (data.sealed) good(data.sealed);
            if (data.failed) bad(new Error(data.failed));
          };
          order("seal", { terms: notice.terms, bid, folder: id, native: watch.native });
        });
        const signed = await signing.sign(sealed.declaration, key);
        await store.write(id, KEY_FILE, writeKeyFile(sealed, notice.terms, signed));
        return await store.change(id, { step: "sealed" });
      } catch (error) {
        await store.remove(id);
        throw error;
      }
    });
  }

  /** @param {string} id @returns {Promise<string>} the text of its key file, to be saved */
  keyFile(id) {
    return store.readText(id, KEY_FILE);
  }

  /**
   * Read a saved key file back: only then may its bid be sent.
   * @param {string} said @returns {Promise<import("./store.js").State>}
   */
  async prove(said) {
    const kept = readKeyFile(said);
    const id = `${kept.declaration.bid}-${kept.declaration.version}`;
    const here = readKeyFile(await this.keyFile(id));
    if (!await sameKeys(kept, here)) throw new Error("this is the key file of another version");
    const { step } = await store.read(id);
    return step === "sealed" ? store.change(id, { step: "proven" }) : store.read(id);
  }

  /**
   * Take in a bid that was sealed elsewhere (by the command line, or the offline sealer).
   * @param {string} said the text of its key file
   * @param {Record<string, Blob>} files its sealed parts
   * @returns {Promise<import("./store.js").State>}
   */
  async adopt(said, files) {
    const kept = readKeyFile(said);
    const { bid, version, lot, parts } = kept.declaration;
    for (const { part } of parts) {
      await examine(files[part], unb64(kept.seeds[part]), kept.declaration, part);
    }
    const id = `${bid}-${version}`;
    return store.alone(id, async () => {
      await store.begin({ id, bid, version, lot });
      for (const { part } of parts) await store.write(id, `${part}.age`, files[part]);
      await store.write(id, KEY_FILE, said);
      // Its key file was just read from where its owner keeps it.
      return store.change(id, { step: "proven" });
    });
  }

  /**
   * Declare and send a sealed version and check its receipt. After a pause, a reload or a crash
   * the same call goes on at the platform's offset.
   * @param {string} id @param {import("./notice.js").Notice} notice
   * @param {{progress?: (part: string, bytes: number, size: number) => void}} [watch]
   */
  submit(id, notice, watch = {}) {
    const stop = new AbortController();
    return {
      done: store.alone(id, () => this.#submit(id, notice, watch, stop.signal)
        .catch((error) => withPromise(error, notice))),
      pause: () => stop.abort(),
    };
  }

  async #submit(id, notice, watch, stop) {
    const state = await store.read(id);
    if (state.step === "received") return state;
    if (state.step === "sealed") throw new Error("save the key file and read it back first");
    const kept = readKeyFile(await this.keyFile(id));
    let answer = state.step === "declared" ? await this.#standing(kept.declaration) : null;
    if (!answer) {
      await this.#declare(kept);
      await store.change(id, { step: "declared" });
      answer = await this.#standing(kept.declaration);
    }
    if (answer?.state === "DECLARED") answer = await this.#send(id, kept.declaration, watch, stop);
    if (!answer?.receipt) throw new Ended(answer?.state ?? "unknown", answer?.ending ?? null);
    const expected = {
      type: "bid-receipt", log_origin: notice.terms.log_origin, lot: state.lot, bid: state.bid,
      declaration: await digest(kept.declaration),
    };
    const says = await readPromise(answer.receipt, notice.platform, expected);
    return store.change(id, {
      step: "received", receipt: answer.receipt, received_at: says.received_at,
      include_by: says.include_by,
    });
  }

  async #declare(kept) {
    const { declaration } = kept;
    const path = declaration.version === 1
      ? `/lots/${declaration.lot}/bids` : `/bids/${declaration.bid}/versions`;
    const body = {
      declaration: text(jcs(declaration)), key: kept.key, signature: kept.signature,
      wraps: kept.wraps,
    };
    try {
      await this.wire.post(path, body, `declare-${await digest(declaration)}`);
    } catch (error) {
      // Declared before, and the answer was lost together with its key.
      if (!REPEATED.includes(error.code) || !await this.#standing(declaration)) throw error;
    }
  }

  /** The version as the platform sees it; after the deadline from its receipts. */
  async #standing(declaration) {
    const hash = await digest(declaration);
    for (const path of [`/bids/${declaration.bid}`, `/bids/${declaration.bid}/receipts`]) {
      try {
        const found = (await this.wire.get(path)).versions.find(
          (one) => one.declaration_hash === hash);
        if (found) return found;
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
      }
    }
    return null;
  }

  async #send(id, declaration, watch, stop) {
    let last = null;
    for (const { part, size } of declaration.parts) {
      const path = `/bids/${declaration.bid}/versions/${declaration.version}/parts/${part}/upload`;
      const blob = await store.file(id, `${part}.age`);
      last = await sendPart(this.wire, path, blob,
        { stop, progress: (bytes) => watch.progress?.(part, bytes, size) });
    }
    // The answer with the receipt may have been lost, and is asked for again.
    return last?.receipt ? last : this.#standing(declaration);
  }

  /** One's own bid as the platform sees it. */
  status(bid) {
    return this.wire.get(`/bids/${bid}`);
  }

  /** One's promises, proofs and closing path. */
  receipts(bid) {
    return this.wire.get(`/bids/${bid}/receipts`);
  }

  /**
   * Withdraw a version that stands, sealed here or by the command line.
   * @param {any} kept what its key file holds @param {string} key that signed it
   */
  async withdraw(kept, key) {
    const value = await withdrawal(kept.declaration);
    const signed = await signing.sign(value, key);
    return this.wire.post(`/bids/${value.bid}/withdrawal`,
      { withdrawal: text(jcs(value)), ...signed }, `withdraw-${value.declaration}`);
  }

  /**
   * Give one's own share of every part whose opening is authorised.
   * @param {any} kept what the key file holds @param {boolean} [prices] those of the second envelope
   */
  async open(kept, prices = false) {
    const { bid, version, lot } = kept.declaration;
    const stage = prices ? "price-" : "";
    const { roots } = await this.wire.get(`/lots/${lot}/${stage}opening`);
    const shares = Object.fromEntries(
      Object.entries(kept.own).filter(([part]) => Object.hasOwn(roots, part)));
    return this.wire.post(`/bids/${bid}/${stage || "opening-"}share`, { shares },
      `${stage}open-${bid}-${version}`);
  }

  /** Bind a signing key to one's company; the session needs a fresh second factor. */
  async bindKey(key) {
    const who = await this.wire.get("/session");
    const proof = await signing.proof(key, who.log_origin, who.account_id);
    return this.wire.post("/signing-keys", { public_key: key, proof }, `bind-${await digest(key)}`);
  }
}
