/**
 * A unit stands in one bid of a lot (实施条例 37). What this device keeps of other bids in the lot is
 * asked before another is sealed; what was sealed elsewhere is not known here.
 */

import { BadConsortium } from "./consortium.js";
import { readKeyFile, KEY_FILE } from "./keyfile.js";
import { FORM_FILE } from "./manifest.js";
import * as store from "./store.js";

const units = (tenderer, form) => new Set(
  [tenderer, ...form.consortium?.members.map(({ uscc }) => uscc) ?? []]);

/**
 * Throw BadConsortium where a unit of the bid stands, with others or alone, in another bid that is
 * kept here for the lot. The same units once more are another try of the same bid.
 * @param {string} lot @param {import("./bid.js").Bid} bid
 */
export async function refuseDouble(lot, bid) {
  const now = units(bid.tenderer, bid.form);
  for (const one of await store.list()) {
    if (one.lot !== lot || one.step === "withdrawn" || one.bid === bid.replaces?.bid) continue;
    const there = await unitsOf(one.id);
    const both = [...there].filter((unit) => now.has(unit));
    if (both.length && (there.size !== now.size || both.length !== now.size)) {
      throw new BadConsortium(
        `${both.join(", ")}: in another bid for this lot on this device (实施条例 37); withdraw or remove that first`,
        `${both.join("、")} 已在本机为本标段密封的另一份投标中（实施条例 37）；请先撤回或删除该份`);
    }
  }
}

async function unitsOf(id) {
  try {
    const { declaration } = readKeyFile(await store.readText(id, KEY_FILE));
    return units(declaration.tenderer, JSON.parse(await store.readText(id, FORM_FILE)));
  } catch {
    // It was adopted without its form, or is only being sealed: who stands in it is not known.
    return new Set();
  }
}
