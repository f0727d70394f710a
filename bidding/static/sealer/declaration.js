/**
 * What a tenderer signs. Signed bytes are `yangguang/v1/` ‖ type ‖ LF ‖ log_origin ‖ LF ‖ JCS,
 * so that no signature can be shown for another purpose or another platform.
 */

import { concat, utf8 } from "./bytes.js";
import { digest, jcs } from "./canonical.js";

/** @param {{type: string, log_origin: string}} value @returns {Uint8Array} */
export const signedBytes = (value) =>
  concat(utf8(`yangguang/v1/${value.type}\n${value.log_origin}\n`), jcs(value));

/** The withdrawal of a declared version, ready to be signed. */
export async function withdrawal(declared) {
  const { log_origin, tender, lot, bid, tenderer, version } = declared;
  return {
    v: 1, type: "bid-withdrawal", log_origin, tender, lot, bid, tenderer, version,
    declaration: await digest(declared),
  };
}
