/**
 * What the record itself says of a lot, as a holder needs it before it gives a share
 * (bidding/proven.py). The deadline is the latest that any entry names, so that no amendment can
 * make a holder too early.
 */

const MOVED = ["deadline.restored", "deadline.extended", "deadline.postponed", "tender.resumed"];
const AUTHORISED = ["opening.authorised", "opening.prices_authorised"];

/** The record does not say what must be there. */
export class NotProven extends Error {
  constructor(message) {
    super(message);
    this.name = "NotProven";
  }
}

/** Whether a record is one of those that are kept. */
export const wanted = ({ type }) =>
  ["notice.approved", ...MOVED, "lot.closed", ...AUTHORISED].includes(type);

/**
 * @typedef {{tender: string, suite: string, policyHash: string, deadline: number,
 *   closingRoot: string | null, roots: Record<string, string>}} LotFacts `deadline` in ms
 */

/**
 * What the proven records say of a lot, in the order of the log.
 * @param {[number, any][]} records @param {string} lot @returns {LotFacts} throws NotProven
 */
export function lotFacts(records, lot) {
  const facts = { tender: "", suite: "", policyHash: "", deadline: NaN, closingRoot: null, roots: {} };
  for (const [, record] of records) {
    const said = record.facts ?? {};
    if (record.type === "notice.approved") published(facts, record, lot);
    else if (record.lot !== lot) continue;
    else if (MOVED.includes(record.type)) {
      later(facts, said.deadline);
      if ("deadline" in said) facts.closingRoot = null;
    } else if (record.type === "lot.closed") {
      facts.closingRoot = said.root;
      later(facts, said.deadline);
    } else if (AUTHORISED.includes(record.type)) authorised(facts, said.parts);
  }
  return facts;
}

function published(facts, record, lot) {
  for (const one of record.facts.lots) {
    if (one.lot !== lot) continue;
    if (facts.policyHash && facts.policyHash !== one.policy_hash) {
      throw new NotProven("the record has two policies for this lot");
    }
    facts.tender = record.tender;
    facts.suite = one.suite;
    facts.policyHash = one.policy_hash;
    later(facts, one.deadline);
  }
}

function later(facts, text) {
  if (text === undefined || text === null) return;
  const moment = Date.parse(text);
  if (Number.isNaN(moment)) throw new NotProven("a record names a deadline that is no time");
  facts.deadline = Number.isNaN(facts.deadline) ? moment : Math.max(facts.deadline, moment);
}

function authorised(facts, parts) {
  for (const { part, root } of parts) {
    if ((facts.roots[part] ??= root) !== root) {
      throw new NotProven(`the record authorises ${part} twice, over different bids`);
    }
  }
}

/** Throw NotProven unless the lot is closed, authorised and past its latest deadline. */
export function mayOpen(facts, now) {
  if (!facts.policyHash) throw new NotProven("the record has no published notice of this lot");
  if (!(now > facts.deadline)) {
    throw new NotProven(`the deadline is ${new Date(facts.deadline).toISOString()}`);
  }
  if (!facts.closingRoot) throw new NotProven("the record has no closing of this lot");
  if (!Object.keys(facts.roots).length) {
    throw new NotProven("the record has no authorisation of this opening");
  }
}
