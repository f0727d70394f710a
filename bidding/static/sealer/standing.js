/**
 * How a bid stands, in one clear line, from what the platform says and what we can check: the
 * same names as `yangguang bid status`. The platform's word alone makes nothing proven.
 */

import { checkReceipt, receiptState } from "./receipt.js";

/** Each state in a line: [zh-CN, English]. */
const LINES = {
  draft: ["草稿，未递交", "draft, NOT submitted"],
  sending: ["未递交：已上传 {sent}，共 {size} 字节", "NOT submitted: {sent} of {size} bytes are there"],
  submitted: ["已发送，尚未载入记录；最迟 {include_by} 载入",
    "sent, not yet counted; the record must hold it by {include_by}"],
  proven: ["已于 {tick} 载入记录，已核实", "counted at {tick}, proven in the record"],
  overdue: ["逾期！承诺 {include_by} 前载入记录，至今无证明，请立即提出异议",
    "OVERDUE: promised for {include_by} and still unproven; raise the alarm, object at once"],
  replaced: ["已被后一版本替换", "replaced by a later version"],
  withdrawn: ["已撤回", "withdrawn"],
  late: ["逾期拒收；本版本未递交", "late and refused: this version is NOT submitted"],
  returned: ["流标，未开启，退回", "the lot failed; returned unopened"],
  opened: ["已开标", "opened"],
  rejected: ["开启后否决", "rejected at the opening"],
  unopened: ["未能开启", "could not be opened"],
  doubtful: ["平台所称与所持凭据不符：{problem}",
    "what the platform says is not what its receipts prove: {problem}"],
};

const ENDS = {
  REPLACED: "replaced", WITHDRAWN: "withdrawn", DEEMED_WITHDRAWN: "late", RETURNED: "returned",
  OPENED: "opened", REJECTED: "rejected", UNOPENED: "unopened", ABANDONED: "replaced",
};
const ALARMS = ["overdue", "doubtful", "late"];

/**
 * @typedef {{name: string, facts: object, alarm: boolean, zh: string, en: string}} Standing
 * @returns {Standing}
 */
export function standingOf(name, facts = {}) {
  const [zh, en] = LINES[name].map((line) => line.replace(/{(\w+)}/g, (_, key) => facts[key] ?? "—"));
  return { name, facts, alarm: ALARMS.includes(name), zh, en };
}

/**
 * Check every receipt that is held of one version: those of its acceptance and of its ending.
 * @param {any[]} receipts @param {string} digest of the declaration
 * @param {import("./receipt.js").Keys} keys @param {Date} now
 * @returns {Promise<{type: string, state: string, says?: any, problem?: string, receipt: any}[]>}
 *   `state` is that of the receipt, `false` where it does not hold; receipts that hold and are
 *   about something else are left out
 */
export async function checkAll(receipts, digest, keys, now) {
  const found = [];
  for (const receipt of receipts) {
    try {
      const finding = await checkReceipt(receipt, keys);
      const { says, tick, stamped, closed } = finding;
      if (says.type !== "bid-refusal" && says.declaration !== digest) continue;
      found.push({ type: says.type, state: receiptState(finding, now), says, tick, stamped, closed,
        receipt });
    } catch (error) {
      found.push({ type: "", state: "false", problem: error.message, receipt });
    }
  }
  return found;
}

/**
 * How a version stands.
 * @param {object} seen
 * @param {string} seen.digest of its declaration
 * @param {any} [seen.version] the platform's view of it, null where it was not to be had
 * @param {Awaited<ReturnType<typeof checkAll>>} seen.checked its receipts
 * @param {boolean} [seen.late] whether a promise of refusal says that it came too late
 * @returns {Standing}
 */
export function standing({ version, checked, late = false }) {
  const wrong = checked.find(({ state }) => state === "false");
  if (wrong) return standingOf("doubtful", { problem: wrong.problem });
  const overdue = checked.find(({ state, type }) => state === "overdue" && type !== "bid-refusal");
  if (overdue) return standingOf("overdue", { include_by: overdue.says.include_by });
  const state = version?.state;
  const accepted = checked.find(({ type }) => type === "bid-receipt");
  if (ENDS[state]) {
    // Whoever says that we withdrew must show a promise that it owns to have received that.
    if (state === "WITHDRAWN" && !checked.some(({ type }) => type === "bid-withdrawal-receipt")) {
      return standingOf("doubtful", { problem: "withdrawn, it says, and gives no promise of it" });
    }
    return standingOf(ENDS[state]);
  }
  if (!accepted) {
    if (state === "DECLARED") {
      return late ? standingOf("late") : standingOf("sending", sent(version));
    }
    return state ? standingOf("doubtful", { problem: `${state}, it says, and gives no promise` })
      : standingOf("draft");
  }
  return accepted.state === "proven" ? standingOf("proven", { tick: accepted.tick })
    : standingOf("submitted", { include_by: accepted.says.include_by });
}

function sent({ parts = [] }) {
  const sum = (name) => parts.reduce((total, part) => total + part[name], 0);
  return { sent: sum("offset"), size: sum("size") };
}
