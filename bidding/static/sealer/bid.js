/**
 * A whole bid version: its three parts sealed, the shares of their keys dealt along the policy
 * and wrapped for their holders, and the declaration that names it all.
 */

import { b64, hex, random, sha256, text, utf8 } from "./bytes.js";
import { digest, jcs } from "./canonical.js";
import { FORM_FILE, formBytes, PARTS } from "./manifest.js";
import { NOTICE_FILE, keptNotice } from "./notice.js";
import { formSource, sealPart, sizeOf } from "./part.js";
import { deal, leaves, policyHash } from "./policy.js";
import { generate, recipientOf, sealShort } from "./suites.js";

const HEADER_ROOM = 4096;
export const MANIFEST_END = ".manifest.json";

/**
 * @typedef {import("./notice.js").Terms} Terms
 * @typedef {object} Bid
 * @property {string} tenderer unified social credit code
 * @property {object} form price_fen, period_days, quality, leader; of a joint bid `consortium`
 *   (consortium.js), and `credentials` for the candidates' notice (manifest.js)
 * @property {import("./part.js").Source[]} technical
 * @property {import("./part.js").Source[]} price
 * @property {object} [replaces] the declaration of the version that this one replaces
 * @typedef {object} Sealed
 * @property {object} declaration not yet signed
 * @property {{part: string, path: string, wrap: string}[]} wraps travel beside the declaration
 * @property {Record<string, string>} seeds of the parts' keys, base64
 * @property {Record<string, string>} own the tenderer's own shares, base64; never sent before
 *   the opening
 * @property {Record<string, string>} manifests with their nonces: without them and without the key
 *   the plain files could not be handed in
 * @property {string} form the text of form.json
 */

/** The sources of each part of a bid. */
export const sourcesOf = (bid) => ({
  form: [formSource(bid.form)], technical: bid.technical, price: bid.price,
});

/** An upper bound of the bytes that a sealed bid takes on the disk. */
export function roomFor(terms, bid) {
  const binding = bindingOf(terms, bid, "0".repeat(32));
  return Object.entries(sourcesOf(bid)).reduce((sum, [part, sources]) =>
    sum + sizeOf({ ...binding, part }, sources, HEADER_ROOM), 0);
}

function bindingOf(terms, bid, id) {
  return {
    log_origin: terms.log_origin, tender: terms.tender, lot: terms.lot, bid: id,
    tenderer: bid.tenderer, version: bid.replaces ? bid.replaces.version + 1 : 1,
  };
}

/**
 * Seal a bid version.
 * @param {Terms} terms of the notice, checked
 * @param {Bid} bid
 * @param {string} id the bid's 16 bytes, hex; that of the version it replaces, if it does
 * @param {(part: string) => Promise<import("./part.js").Sink & {close: () => Promise<void>}>} open
 *   opens a place for a part
 * @param {{progress?: (part: string, bytes: number) => void, gate?: () => void | Promise<void>,
 *   native?: boolean}} [watch]
 * @returns {Promise<Sealed>}
 */
export async function sealBid(terms, bid, id, open, watch = {}) {
  const sealed = {
    declaration: null, wraps: [], seeds: {}, own: {}, manifests: {}, form: text(formBytes(bid.form)),
  };
  const binding = bindingOf(terms, bid, id);
  const sources = sourcesOf(bid);
  const parts = [];
  for (const part of PARTS) {
    const seed = generate();
    const recipient = await recipientOf(terms.suite, seed);
    const sink = await open(part);
    const { described, manifest } = await sealPart({ ...binding, part }, sources[part], recipient,
      sink, { ...watch, progress: (bytes) => watch.progress?.(part, bytes) });
    await sink.close();
    sealed.manifests[part] = text(manifest);
    sealed.seeds[part] = b64(seed);
    const shares = await dealShares(terms, { ...binding, part }, seed, recipient, sealed);
    parts.push({ part, ...described, shares });
  }
  sealed.declaration = {
    v: 1, type: "bid", log_origin: terms.log_origin, suite: terms.suite, tender: terms.tender,
    lot: terms.lot, bid: id, tenderer: bid.tenderer, version: binding.version,
    previous: bid.replaces ? await digest(bid.replaces) : null,
    policy_hash: await policyHash(terms.policy), parts,
  };
  return sealed;
}

/**
 * What is kept beside the sealed parts and the key file, by file name: the same as `yangguang bid
 * seal` keeps.
 */
export function besides(sealed, notice) {
  const kept = Object.fromEntries(Object.entries(sealed.manifests).map(
    ([part, said]) => [`${part}${MANIFEST_END}`, said]));
  return { ...kept, [FORM_FILE]: sealed.form, [NOTICE_FILE]: keptNotice(notice) };
}

/** A fresh bid id. */
export const newId = () => hex(random(16));

async function dealShares(terms, binding, seed, recipient, sealed) {
  const dealt = await deal(terms.policy, seed);
  const shares = [];
  for (const [path, leaf] of leaves(terms.policy)) {
    const share = dealt.get(path);
    let wrapHash = null;
    if (leaf === "tenderer") {
      sealed.own[binding.part] = b64(share);
    } else {
      const wrap = await wrapShare(binding, path, leaf, share, recipient);
      wrapHash = hex(await sha256(wrap));
      sealed.wraps.push({ part: binding.part, path, wrap: b64(wrap) });
    }
    shares.push({ path, share_hash: hex(await sha256(share)), wrap_hash: wrapHash });
  }
  return shares;
}

async function wrapShare(binding, path, leaf, share, recipient) {
  return sealShort(jcs({
    v: 1, purpose: "share", ...binding, role: "official", path, share: b64(share),
    recipient_hash: hex(await sha256(utf8(recipient))),
  }), [leaf.recipient]);
}
