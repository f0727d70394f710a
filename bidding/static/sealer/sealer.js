/**
 * Sealing, sending, following, replacing, withdrawing and opening a bid from a page. Everything is
 * sealed in a worker onto this device before anything is sent; the seeds leave it only as the key
 * file that its owner saves. docs/books/bidding.md says how a page uses it.
 *
 *     const sealer = new Sealer({ token }, "/static/vendor/sealer-worker.js", { logKey });
 *     sealer.addEventListener("alarm", ({ detail }) => show(detail.problem));
 *     const notice = await sealer.notice(lot);                   // Distrust: another key, policy
 *     const job = sealer.seal(notice, bid, key, { progress });   // pause, resume, cancel
 *     const { id } = await job.done;
 *     save(await sealer.keyFile(id));  await sealer.prove(await chosen.text());
 *     const upload = sealer.submit(id, { progress });            // pause; submit again goes on
 *     const stop = sealer.watch(id);                             // "standing" until it is counted
 */

import { tarOf } from "./archive.js";
import { besides, newId, roomFor } from "./bid.js";
import { text, unb64 } from "./bytes.js";
import { digest, jcs } from "./canonical.js";
import * as joint from "./consortium.js";
import { withdrawal } from "./declaration.js";
import { refuseDouble } from "./doubles.js";
import { BESIDES, filesOf } from "./folder.js";
import { follow } from "./following.js";
import { readKeyFile, sameKeys, writeKeyFile, KEY_FILE } from "./keyfile.js";
import * as signing from "./keys.js";
import { readPromise } from "./note.js";
import { checkLimit, readNotice } from "./notice.js";
import * as offer from "./offer.js";
import { examine } from "./opened.js";
import { decryptAll, giveShares, handIn } from "./opening.js";
import { asked, bodyOf, Ended, sendVersion, withPromise } from "./sending.js";
import * as store from "./store.js";
import { Distrust, pinned, requireProven, trust, unpin } from "./trust.js";
import { trusted } from "./trusted.js";
import { Stopped } from "./upload.js";
import { Problem, Wire } from "./wire.js";

export { NEEDS_PROGRAM } from "./certified.js";
export { hasNative } from "./payload.js";
export { checkReceipt, receiptState } from "./receipt.js";
export { Distrust, Ended, Problem, Stopped, examine, pinned, readKeyFile, readNotice, signing, store,
  unpin, joint, offer };

/**
 * Events, each with `detail`: `step` {id, step} when a version gets on; `progress` {id, doing,
 * part, bytes, size} (`doing`: sealing, checking, sending, decrypting); `standing` {id, standing,
 * alarm, receipts}; `alarm` {id?, problem, standing?} when something is wrong that a person must
 * act upon.
 */
export class Sealer extends EventTarget {
  #worker;
  #logKey;

  /**
   * @param {ConstructorParameters<typeof Wire>[0]} connection
   * @param {string} worker address of sealer-worker.js
   * @param {{logKey?: string}} [options] the log's vkey from another source, to be compared
   */
  constructor(connection, worker, { logKey = "" } = {}) {
    super();
    this.wire = new Wire(connection);
    this.#worker = trusted(worker);
    this.#logKey = logKey;
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  async #change(id, news) {
    const state = await store.change(id, news);
    if (news.step) this.#tell("step", { id, step: state.step });
    return state;
  }

  /** Run `work`; what is not to be trusted is an alarm as well as an error. */
  async #alarmed(work) {
    try {
      return await work();
    } catch (error) {
      if (error instanceof Distrust) this.#tell("alarm", { problem: error.message });
      throw error;
    }
  }

  /**
   * A lot's notice: read, its keys compared with those pinned for its record (or pinned now), and
   * its approval proven where the record has it: `notice.trust` says both.
   * @param {string} lot @returns {Promise<import("./notice.js").Notice>}
   */
  notice(lot) {
    return this.#alarmed(async () => {
      const told = await this.wire.get(`/lots/${lot}`);
      if (told.id !== lot) throw new Distrust("the platform shows another lot");
      const approved = await asked(() => this.wire.get(`/tenders/${told.tender_id}/notice`));
      const notice = await readNotice(told, approved ?? {});
      return { ...notice, trust: await trust(notice, this.#logKey) };
    });
  }

  /** The pinned keys under which a version's promises and proofs are checked. */
  async #keys({ log_origin }) {
    const keys = await pinned(log_origin);
    if (!keys) throw new Distrust("no keys of this record are known here; read the notice first");
    return keys;
  }

  /**
   * Seal a bid version onto this device.
   * @param {import("./notice.js").Notice} notice
   * @param {import("./bid.js").Bid} bid
   * @param {string} key the signing key, as `signing.keys()` names it
   * @param {{progress?: (part: string, bytes: number) => void, checking?: () => void,
   *   native?: boolean, unproven?: boolean}} [watch] `unproven`: a person accepts that the record
   *   does not prove the notice yet
   */
  seal(notice, bid, key, watch = {}) {
    const version = bid.replaces ? bid.replaces.version + 1 : 1;
    const id = `${bid.replaces?.bid ?? newId()}-${version}`;
    return this.#job(async (work) => {
      const sealed = await this.#sealed(id, version, notice, bid, key, watch, work);
      const signed = await signing.sign(sealed.declaration, key);
      await store.write(id, KEY_FILE, writeKeyFile(sealed, notice.terms, signed));
      for (const [name, said] of Object.entries(besides(sealed, notice))) {
        await store.write(id, name, said);
      }
      return this.#change(id, { step: "sealed" });
    }, id, true);
  }

  /**
   * Try everything against the real tender in a way that cannot count: sealed, sent, judged and
   * forgotten. `done` gives what the platform's signed word says.
   * @param {import("./notice.js").Notice} notice @param {import("./bid.js").Bid} bid
   * @param {string} key @param {Parameters<Sealer["seal"]>[3]} [watch]
   */
  trial(notice, bid, key, watch = {}) {
    const id = `${newId()}-trial`;
    return this.#job(async (work) => {
      const { platform } = await this.#keys(notice.terms);
      const sealed = await this.#sealed(id, 1, notice, bid, key, watch, work);
      // Another domain of signatures: good for a trial and for nothing else.
      sealed.declaration.type = "bid-trial";
      const path = `/lots/${notice.terms.lot}/bid-trials`;
      for (const { part, size, ciphertext_hash: hash } of sealed.declaration.parts) {
        const came = await this.wire.put(`${path}/${part}`, await store.file(id, `${part}.age`));
        if (came.size !== size || came.ciphertext_hash !== hash) {
          throw new Error(`part ${part} arrived as other bytes than were sent`);
        }
        this.#tell("progress", { id, doing: "sending", part, bytes: size, size });
      }
      const signed = await signing.sign(sealed.declaration, key);
      const { promise } = await this.wire.post(path, bodyOf({ ...sealed, ...signed }));
      return readPromise(promise, platform, {
        type: "bid-trial", lot: notice.terms.lot, declaration: await digest(sealed.declaration) });
    }, id, false);
  }

  #job(run, id, keep) {
    const worker = new Worker(this.#worker);
    const order = (said, more = {}) => worker.postMessage({ order: said, ...more });
    const done = store.alone(id, async () => {
      const work = { worker, order, begun: false };
      try {
        const value = await this.#alarmed(() => run(work));
        if (keep) work.begun = false;
        return value;
      } finally {
        worker.terminate();
        if (work.begun) await store.remove(id);
      }
    });
    return {
      done, pause: () => order("pause"), resume: () => order("resume"),
      cancel: () => order("cancel"),
    };
  }

  async #sealed(id, version, notice, bid, key, watch, work) {
    requireProven(notice, watch.unproven);
    if (!(await signing.keys()).find((one) => one.public === key)?.proven) {
      throw new Error("read the signing key's backup back first");
    }
    if (bid.form.consortium) {
      await joint.fits(notice, bid.tenderer, bid.form.consortium, [...bid.technical, ...bid.price]);
    }
    await refuseDouble(notice.terms.lot, bid);
    const room = roomFor(notice.terms, bid);
    checkLimit(notice, room);
    const { quota = 0, usage = 0 } = await navigator.storage.estimate();
    if (room > quota - usage) throw new Error(`this device has no room for ${room} bytes`);
    await navigator.storage.persist?.();
    await store.begin({ id, bid: id.slice(0, 32), version, lot: notice.terms.lot });
    work.begun = true;
    const { worker, order } = work;
    return new Promise((good, bad) => {
      worker.onerror = (event) => bad(new Error(event.message || "the worker was stopped"));
      worker.onmessage = ({ data }) => {
        if (data.progress) {
          watch.progress?.(data.progress.part, data.progress.bytes);
          this.#tell("progress", { id, doing: "sealing", ...data.progress });
        }
        if (data.checking) {
          watch.checking?.();
          this.#tell("progress", { id, doing: "checking" });
        }
        if (data.sealed) good(data.sealed);
        if (data.failed) bad(new Error(data.failed));
      };
      order("seal", { terms: notice.terms, bid, folder: id, native: watch.native });
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
    return step === "sealed" ? this.#change(id, { step: "proven" }) : store.read(id);
  }

  /**
   * Take in a bid that was sealed elsewhere: by the command line, or the offline sealer.
   * @param {string} said the text of its key file
   * @param {Record<string, Blob>} files its sealed parts by part, and what else lay in its folder
   *   by file name
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
      for (const name of BESIDES) if (files[name]) await store.write(id, name, files[name]);
      await store.write(id, KEY_FILE, said);
      // Its key file was just read from where its owner keeps it.
      return this.#change(id, { step: "proven" });
    });
  }

  /** As `adopt`, of all the files of the folder that the command line made. @param {File[]} files */
  async adoptFolder(files) {
    const named = Object.fromEntries(files.map((file) => [file.name.replace(/\.age$/, ""), file]));
    if (!named[KEY_FILE]) throw new Error("there is no bid.key in this folder");
    return this.adopt(await named[KEY_FILE].text(), named);
  }

  /**
   * All that is kept of a version as one tar, unpacked the folder that `yangguang bid` takes:
   * sealed parts, key file, manifests, notice, receipts, pinned keys.
   * @param {string} id @returns {Promise<{name: string, blob: Blob}>}
   */
  async export(id) {
    const { declaration } = readKeyFile(await this.keyFile(id));
    return { name: `bid-${id}.tar`, blob: tarOf(await filesOf(id, await pinned(declaration.log_origin))) };
  }

  /**
   * Declare and send a sealed version and check its receipt. After a pause, a reload or a crash
   * the same call goes on at the platform's offset.
   * @param {string} id
   * @param {{progress?: (part: string, bytes: number, size: number) => void}} [watch]
   */
  submit(id, watch = {}) {
    const stop = new AbortController();
    return {
      done: store.alone(id, () => this.#submit(id, watch, stop.signal)),
      pause: () => stop.abort(),
    };
  }

  async #submit(id, watch, stop) {
    const state = await store.read(id);
    if (["received", "withdrawn"].includes(state.step)) return state;
    if (state.step === "sealed") throw new Error("save the key file and read it back first");
    // Another key than before is found here, before anything is sent.
    const { platform } = await this.notice(state.lot);
    const kept = readKeyFile(await this.keyFile(id));
    try {
      return await this.#change(id, await sendVersion(this.wire, state, kept, platform, {
        declared: () => this.#change(id, { step: "declared" }),
        progress: (part, bytes, size) => {
          watch.progress?.(part, bytes, size);
          this.#tell("progress", { id, doing: "sending", part, bytes, size });
        },
      }, stop));
    } catch (error) {
      return withPromise(error, platform);
    }
  }

  /**
   * How a version stands now: its promises and proofs are fetched, checked under the pinned keys
   * and kept. Works without the platform too: by our own clock a promise is overdue.
   * @param {string} id
   */
  follow(id) {
    return this.#alarmed(async () => {
      const state = await store.read(id);
      const { declaration } = readKeyFile(await this.keyFile(id));
      const found = await follow(this.wire, state, declaration, await this.#keys(declaration));
      this.#tell("standing", { id, ...found });
      if (found.alarm) {
        this.#tell("alarm", { id, problem: found.standing.en, standing: found.standing });
      }
      return found;
    });
  }

  /**
   * Follow a version until it is proven or has ended. @param {string} id
   * @param {number} [every] milliseconds between looks @returns {() => void} stops it
   */
  watch(id, every = 30_000) {
    let timer = null;
    let stopped = false;
    const look = async () => {
      const { standing } = await this.follow(id).catch(() => ({}));
      const waits = !standing || ["draft", "sending", "submitted"].includes(standing.name)
        || standing.alarm;
      if (!stopped && waits) timer = setTimeout(look, every);
    };
    look();
    return () => {
      stopped = true;
      clearTimeout(timer);
    };
  }

  /** One's own bid as the platform sees it. */
  status(bid) {
    return this.wire.get(`/bids/${bid}`);
  }

  /** One's promises, proofs and closing path, as the platform tells them. */
  receipts(bid) {
    return this.wire.get(`/bids/${bid}/receipts`);
  }

  /**
   * Withdraw a version that stands, sealed here or by the command line; the promise of it is
   * checked. @param {any} kept what its key file holds @param {string} key that signed it
   */
  async withdraw(kept, key) {
    const value = await withdrawal(kept.declaration);
    const { platform } = await this.#keys(kept.declaration);
    const signed = await signing.sign(value, key);
    const answer = await this.wire.post(`/bids/${value.bid}/withdrawal`,
      { withdrawal: text(jcs(value)), ...signed }, `withdraw-${value.declaration}`);
    const says = await readPromise(answer.ending, platform, {
      type: "bid-withdrawal-receipt", bid: value.bid, declaration: value.declaration });
    const id = `${value.bid}-${value.version}`;
    if ((await store.list()).some((one) => one.id === id)) {
      await this.#change(id, { step: "withdrawn", ending: answer.ending });
    }
    return { ...answer, says };
  }

  /**
   * Give one's own share of every part whose opening is authorised.
   * @param {any} kept what the key file holds @param {boolean} [prices] those of the second envelope
   */
  open(kept, prices = false) {
    return giveShares(this.wire, kept, prices);
  }

  /**
   * Decrypt one's own sealed files here; the platform is not asked.
   * @param {string} id
   * @param {(part: string, name: string) => Promise<import("./part.js").Sink & {close: () => Promise<void>}>} place
   *   opens a place for a file @returns {Promise<Record<string, string[]>>} names by part
   */
  decrypt(id, place) {
    return decryptAll(id, place, (detail) => this.#tell("progress", { id, doing: "decrypting", ...detail }));
  }

  /**
   * The key is lost: hand in the plain files at the opening (办法 31). The platform can read them
   * from then on. All are found before anything is sent. `prices`: the second envelope.
   * @param {string} id @param {Blob[]} files those that were sealed, under whatever names
   * @returns {Promise<string[]>} the parts handed in
   */
  handIn(id, files, prices = false) {
    return handIn(this.wire, id, files, prices);
  }

  /** Bind a signing key to one's company; the session needs a fresh second factor. */
  async bindKey(key) {
    const who = await this.wire.get("/session");
    const proof = await signing.proof(key, who.log_origin, who.account_id);
    return this.wire.post("/signing-keys", { public_key: key, proof }, `bind-${await digest(key)}`);
  }
}
