/**
 * A sealed offer of a mini-competition: its SHA-256 is handed in, and nothing else of it before the
 * time for offers is over. The opening is the very document that is hashed, so that whoever keeps
 * the file finds its seal with any program.
 *
 *     const { seal, opening } = await offer.seal({ service, party, price_fen }, proposal);
 *     save(opening);  await offer.read(await chosen.text(), { service, party, seal });
 */

import { hex, random, sha256, utf8 } from "./bytes.js";
import { digest, jcs, parseCanonical } from "./canonical.js";

const HASH = /^[0-9a-f]{64}$/;

/** Bytes a proposal may have: it is hashed in one piece. */
export const MOST = 256 * 1024 * 1024;

const isFen = (value) => Number.isSafeInteger(value) && value >= 1;

/**
 * @param {{service: string, party: string, price_fen: number}} said ids of the purchase and of who
 *   offers, and the price of the whole
 * @param {Blob} [proposal] what is offered; none stands for a file of no bytes
 * @returns {Promise<{seal: string, opening: string}>}
 */
export async function seal({ service, party, price_fen }, proposal = new Blob([])) {
  if (!isFen(price_fen)) throw new Error("price_fen: not a whole number above 0");
  if (proposal.size > MOST) throw new Error(`the proposal is larger than ${MOST} bytes`);
  const proposal_hash = hex(await sha256(await proposal.arrayBuffer()));
  const said = { v: 1, type: "offer", service, party, price_fen, proposal_hash,
    salt: hex(random(32)) };
  return { seal: await digest(said), opening: new TextDecoder().decode(jcs(said)) };
}

/**
 * Read an opening back and hold it against what is known of it.
 * @param {string} said @param {{service: string, party: string, seal?: string}} known
 * @returns {Promise<{price_fen: number, proposal_hash: string, salt: string, seal: string}>} throws
 */
export async function read(said, { service, party, seal: known = "" }) {
  let found;
  try {
    found = parseCanonical(utf8(said.trim()));
  } catch {
    throw new Error("not the opening of an offer");
  }
  const { price_fen, proposal_hash, salt } = found ?? {};
  if (found?.v !== 1 || found.type !== "offer" || !isFen(price_fen)
    || !HASH.test(proposal_hash) || !HASH.test(salt)) throw new Error("not the opening of an offer");
  if (found.service !== service || found.party !== party) {
    throw new Error("the opening of another purchase's offer");
  }
  const made = await digest(found);
  if (known && made !== known) throw new Error("not the opening of the offer that was handed in");
  return { price_fen, proposal_hash, salt, seal: made };
}
