/**
 * An opening official's key and shares in a browser: the counterpart of `yangguang holder`, with
 * the same key file. The private key never leaves this device; only shares travel, and only after
 * the record was read and proves notice, close and authorisation, and the place of every bid.
 *
 *     const holder = new Holder({ csrf }, { logKey });
 *     const text = await newKey(suite);            // saved by its owner, read back
 *     await holder.register(lot, await readKey(text));
 *     await holder.rehearse(lot, key);
 *     const checked = await holder.check(lot, key);    // {shares, withheld}
 *     await holder.give(lot, checked);
 */

import { bech32 } from "@scure/base";
import { Decrypter } from "age-encryption";

import { b64, equal, hex, random, sha256, text, unb64, utf8 } from "./bytes.js";
import { digest, jcs, parseCanonical } from "./canonical.js";
import { holderRecords, pinnedKeys } from "./database.js";
import { follow, Untrue } from "./follower.js";
import { readVkey } from "./note.js";
import { leaves, policyHash } from "./policy.js";
import { lotFacts, mayOpen, NotProven, wanted } from "./proven.js";
import { rootOf } from "./record.js";
import { generate, identityText, known, recipientOf } from "./suites.js";
import { Distrust } from "./trust.js";
import { Problem, Wire } from "./wire.js";

export { Distrust, NotProven, Problem, Untrue };

const UNPUBLISHED = "record.unpublished";
const SUITE_OF = { "age-secret-key-": "intl-x25519-1", "age-secret-key-pq-": "intl-pq-1" };

/** @typedef {{suite: string, seed: Uint8Array, recipient: string}} Key */

/** A new key as the text of its file, the command line's own. @param {string} suite */
export async function newKey(suite) {
  if (!known(suite)) throw new Error(`this program knows no suite ${suite}`);
  const seed = generate();
  return `# public key: ${await recipientOf(suite, seed)}\n${identityText(suite, seed)}\n`;
}

/** What a key file holds; Debian's `age-keygen` writes the same form. @returns {Promise<Key>} */
export async function readKey(said) {
  const found = said.split(/\r?\n/).filter((line) => line.startsWith("AGE-SECRET-KEY-"));
  if (found.length !== 1) {
    throw new Error(`it holds ${found.length} lines AGE-SECRET-KEY-…, not one: this is no opening key`);
  }
  const { prefix, words } = bech32.decode(found[0].trim().toLowerCase(), false);
  const suite = SUITE_OF[prefix];
  const seed = Uint8Array.from(bech32.fromWords(words));
  if (!suite || seed.length !== 32) throw new Error("a key of another kind");
  return { suite, seed, recipient: await recipientOf(suite, seed) };
}

function unseal(wrapped, key) {
  const decrypter = new Decrypter();
  decrypter.addIdentity(identityText(key.suite, key.seed));
  return decrypter.decrypt(wrapped);
}

/** One official's program, with one platform to speak to and one record to believe. */
export class Holder {
  #given;

  /**
   * @param {ConstructorParameters<typeof Wire>[0]} connection
   * @param {{logKey?: string, now?: () => number}} [options] `logKey`: the log's vkey from another
   *   source; without it the one first met is kept, and another one later is refused
   */
  constructor(connection, { logKey = "", now = () => Date.now() } = {}) {
    this.wire = new Wire(connection);
    this.now = now;
    this.#given = logKey.trim();
  }

  async #file(name) {
    const answer = await fetch(`${this.wire.base}/record/${name}`, {
      cache: "no-store", credentials: "omit", redirect: "error" });
    if (answer.status === 404) return null;
    if (!answer.ok) {
      const problem = new Problem(answer.status, await answer.json().catch(() => ({})));
      if (problem.code === UNPUBLISHED) return null;
      throw problem;
    }
    return new Uint8Array(await answer.arrayBuffer());
  }

  /** The log's key: given, kept from before, or met now and kept. Throws Distrust. */
  async #logKey() {
    const told = text(await this.#file("log.vkey") ?? new Uint8Array(0)).trim();
    const { name } = await readVkey(told);
    if (this.#given && this.#given !== told) {
      throw new Distrust("the log's key is not the one that was given; give nothing");
    }
    const before = await pinnedKeys.get(name);
    if (before && before.log !== told) {
      throw new Distrust("the platform shows another log's key than before; give nothing");
    }
    if (!before) {
      const platform = text(await this.#file("platform.vkey") ?? new Uint8Array(0)).trim();
      await pinnedKeys.put({ origin: name, log: told, platform,
        how: this.#given ? "given" : "first use", at: new Date().toISOString() });
    }
    return { vkey: told, origin: name };
  }

  /** What the record proves now, continuing what this device believed before. */
  async #record(progress) {
    const { vkey, origin } = await this.#logKey();
    const kept = await holderRecords.get(origin);
    const seen = await follow((name) => this.#file(name), vkey, kept, wanted, progress);
    await holderRecords.put({ origin, ...seen });
    return { origin, records: seen.records };
  }

  /** Register the public half. @param {string} lot @param {Key} key @param {string} [replaces] */
  async register(lot, key, replaces = "") {
    return this.wire.post(`/lots/${lot}/holder-keys`,
      { recipient: key.recipient, ...replaces ? { replaces } : {} },
      `register-${lot}-${hex(await sha256(utf8(key.recipient)))}`);
  }

  /**
   * Prove before publication that one can open with the key: one's own nonce, one share.
   * @param {string} lot @param {Key} key
   */
  async rehearse(lot, key) {
    const { origin, records } = await this.#record();
    if (lotFacts(records, lot).policyHash) {
      throw new NotProven("the lot is published: no rehearsal is answered any more");
    }
    const nonce = hex(random(32));
    const begun = await this.wire.post(`/lots/${lot}/rehearsals`, { nonce }, `rehearse-${nonce}`);
    const share = await answerRehearsal(unb64(begun.wrap), key, origin, lot, nonce);
    return this.wire.post(`/lots/${lot}/rehearsals/answer`, { nonce, share: b64(share) },
      `rehearsed-${nonce}`);
  }

  /**
   * Check everything and unwrap what may be given; gives nothing.
   * @param {string} lot @param {Key} key
   * @param {{prices?: boolean, progress?: (read: number, size: number) => void}} [options]
   * @returns {Promise<Checked>}
   */
  async check(lot, key, { prices = false, progress } = {}) {
    const { origin, records } = await this.#record(progress);
    const facts = lotFacts(records, lot);
    mayOpen(facts, this.now());
    if (facts.suite !== key.suite) {
      throw new NotProven(`the lot is sealed in ${facts.suite}, this key is of ${key.suite}`);
    }
    const { policy } = await this.wire.get(`/lots/${lot}`);
    if (await policyHash(policy) !== facts.policyHash) {
      throw new NotProven("the policy shown is not the one in the record");
    }
    const [path] = leaves(policy).find(([, leaf]) => leaf.recipient === key.recipient) ?? [];
    if (path === undefined) throw new NotProven("this key does not stand in the lot's policy");
    const place = prices ? "price-opening" : "opening";
    const wraps = await this.wire.get(`/lots/${lot}/${place}/wraps`);
    return { place, ...await checkWraps(wraps, key, lot, path, facts, origin) };
  }

  /**
   * Give the shares that passed, once: what is withheld now cannot be given later.
   * @param {string} lot @param {Checked} checked
   */
  async give(lot, { place, shares }) {
    return this.wire.post(`/lots/${lot}/${place}/official-shares`, { shares },
      `release-${place}-${lot}`);
  }

  /** Enter the second factor again: giving shares needs a fresh one. @param {string} totp */
  stepUp(totp) {
    return this.wire.post("/session/step-up", { totp });
  }
}

/** The share that answers one's own rehearsal of a lot, and nothing else. */
export async function answerRehearsal(wrapped, key, origin, lot, nonce) {
  const value = parseCanonical(await unseal(wrapped, key));
  const expected = {
    v: 1, purpose: "rehearsal", log_origin: origin, tender: value.tender, lot, nonce,
    share: value.share, recipient_hash: hex(await sha256(utf8(key.recipient))) };
  if (!equal(jcs(value), jcs(expected))) {
    throw new NotProven("the wrap is not of the rehearsal that was begun here");
  }
  return unb64(value.share, 33);
}

/**
 * @typedef {{place: string, shares: {bid: string, part: string, share: string}[],
 *   withheld: {bid: string, part: string, why: string}[]}} Checked
 */

/** Judge every wrap (bidding/holding.py): those that may be given, and the others with why. */
export async function checkWraps(wraps, key, lot, path, facts, origin) {
  const found = { shares: [], withheld: [] };
  for (const bid of wraps.bids) {
    const no = (part, error) => found.withheld.push({ bid: bid.bid, part, why: error.message });
    let declared;
    try {
      declared = parseCanonical(utf8(bid.declaration));
      same(declared, { log_origin: origin, tender: facts.tender, lot, bid: bid.bid, suite: facts.suite,
        policy_hash: facts.policyHash, type: "bid" });
      await stands(facts.closingRoot, declared, bid.place, "closing");
    } catch (error) {
      bid.parts.forEach(({ part }) => no(part, error));
      continue;
    }
    for (const part of bid.parts) {
      try {
        if (!Object.hasOwn(facts.roots, part.part)) throw new Error("this part is not authorised");
        await stands(facts.roots[part.part], declared, part.place, "authorised");
        if (part.path !== path) throw new Error("the share is of another holder's path");
        const share = await unwrap(unb64(part.wrap), key, declared, part.part, path);
        found.shares.push({ bid: bid.bid, part: part.part, share: b64(share) });
      } catch (error) {
        no(part.part, error);
      }
    }
  }
  return found;
}

function same(declared, expected) {
  for (const [name, value] of Object.entries(expected)) {
    if (declared[name] !== value) throw new Error(`the declaration is about another ${name}`);
  }
}

async function stands(root, declared, place, which) {
  const content = { bid: declared.bid, declaration: await digest(declared) };
  if (await rootOf(content, place) !== root) {
    throw new Error(`the bid does not stand in the ${which} root`);
  }
}

/** A share, once it is seen to belong to exactly this bid, part and path (sealing.unwrap). */
export async function unwrap(wrap, key, declared, part, path) {
  const value = parseCanonical(await unseal(wrap, key));
  const said = declared.parts.find((one) => one.part === part);
  const expected = {
    v: 1, purpose: "share", part, role: "official", path, share: value.share,
    recipient_hash: hex(await sha256(utf8(said.recipient))) };
  for (const name of ["log_origin", "tender", "lot", "bid", "tenderer", "version"]) {
    expected[name] = declared[name];
  }
  if (!equal(jcs(value), jcs(expected))) throw new Error("the share was dealt for another bid, part or path");
  const share = unb64(value.share);
  const declaredHash = said.shares.find((one) => one.path === path)?.share_hash;
  if (hex(await sha256(share)) !== declaredHash) {
    throw new Error("the share is not the one that was declared");
  }
  return share;
}
