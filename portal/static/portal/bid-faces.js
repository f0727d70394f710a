/** Which face the board shows, and what stands in it: from what is known, and nothing else. */

import { beijing, make, size, t, tell } from "./bid-words.js";
import { clock } from "./site.js";

const FACES = { NONE: "none", SENDING: "elsewhere", REFUSED: "refused", WITHDRAWN: "withdrawn",
  SUBMITTED: "submitted", REPLACED: "replaced", LATE: "late", SEALED: "sealed", OPENED: "opened",
  UNOPENED: "unopened", REJECTED: "rejected", RETURNED: "returned", ENDED: "ended" };
/** The platform's states before the deadline, and those in which a bid counts. */
export const OPEN = ["NONE", "SENDING", "REFUSED", "WITHDRAWN", "SUBMITTED", "REPLACED"];
const STANDS = ["SUBMITTED", "REPLACED", "SEALED"];
const SENT = ["sending", "paused", "elsewhere"];

/**
 * The board's face: the platform's word first where it says that a bid counts.
 * @param {object} seen
 * @param {string} seen.doing what this window is at, @param {string} seen.board the platform's state
 * @param {any} seen.one the version on this device that is not submitted
 * @param {Set<string>} seen.busy versions another window is at work on
 * @param {Set<string>} seen.saved versions whose key file was saved here and not read back yet
 * @param {string} seen.why what was refused just now @param {boolean} seen.past the deadline
 */
export function faceOf({ doing, board, one, busy, saved, why, past }) {
  if (doing === "sealing" || doing === "sending") return doing;
  // Not heard of since, and the deadline went by: what was not submitted then is too late.
  if (OPEN.includes(board) && past) {
    return STANDS.includes(board) ? "sealed" : board === "WITHDRAWN" ? "withdrawn" : "late";
  }
  if (!OPEN.includes(board) || STANDS.includes(board) || !one) return FACES[board];
  if (busy.has(one.id)) return "elsewhere";
  if (why && board === "REFUSED") return "refused";
  if (one.step === "sealed") return saved.has(one.id) ? "saved" : "draft";
  return one.step === "proven" ? "ready" : "paused";
}

/** [bytes that are there, all of them] of what is under way. */
export function amountsOf(name, { progress, server, one }) {
  if (name === "sealing" || name === "sending") {
    const parts = Object.values(progress);
    return ["bytes", "size"].map((key) => parts.reduce((sum, part) => sum + part[key], 0));
  }
  const known = server?.versions.filter((version) => version.state === "DECLARED"
    && (!one || version.bid === one.bid && version.version === one.version)).at(-1);
  return known ? [known.sent, known.size] : [0, 0];
}

/** Put what is known into a face, and into the window's title. */
export function fill(node, name, seen) {
  const { server, why, title, root } = seen;
  const [have, whole] = amountsOf(name, seen);
  const percent = whole ? Math.min(99, Math.floor(100 * have / whole)) : 0;
  const slots = { percent: String(percent), amount: whole ? `${size(have)} / ${size(whole)}` : "", why,
    receipt: server?.receipt_number ?? "", version: String(server?.stands ?? ""),
    received: server?.received_at ? beijing(server.received_at) : "" };
  for (const slot of node.querySelectorAll("[data-slot]")) {
    const said = slots[slot.dataset.slot];
    if (said !== undefined && (said || slot.dataset.slot !== "why") && slot.textContent !== said) slot.textContent = said;
  }
  for (const bar of node.querySelectorAll("[data-slot-value]")) bar.value = percent;
  for (const link of node.querySelectorAll("[data-slot-href]")) {
    if (server?.bid) link.href = `${root}/desk/bids/${server.bid}/receipt`;
  }
  document.title = `${SENT.includes(name) ? `${percent} % ` : ""}${node.querySelector(".state").textContent.trim()} · ${title}`;
}

/** For a replacement that waits beside a bid that counts: the one thing to do with it. */
function nextButton({ id, step }, saved) {
  const [name, said] = step === "sealed" ? ["save-key", t("保存密钥文件 bid.key", "Save the key file bid.key")]
    : ["send", step === "proven" ? t("上传并替换", "Upload and replace") : t("继续上传", "Go on uploading")];
  const button = make("button", said);
  button.type = "button";
  button.dataset.do = name;
  button.className = "quiet";
  if (step !== "sealed" || !saved.has(id)) return make("p", "", button);
  const label = make("label", t("选择刚保存的 bid.key", "Choose the bid.key you saved"));
  const input = document.createElement("input");
  Object.assign(input, { type: "file", id: "key-file-also" });
  label.htmlFor = input.id;
  return make("p", "", label, input);
}

/** What stands beside the board's one state: a replacement that waits, a suspension. */
export function also(node, { server, one, saved, doing, taking }) {
  const waits = one && taking && !["sending", "sealing"].includes(doing) && STANDS.includes(server?.board);
  const halted = server?.phase === "SUSPENDED";
  const now = [waits && one.id, waits && one.step, waits && saved.has(one.id), server?.stands, doing, halted].join();
  if (node.dataset.now === now) return;  // nobody's chosen file or focus is lost
  node.dataset.now = now;
  tell(node,
    waits && make("p", t(`第 ${one.version} 版在本机，尚未递交；现在有效的仍是第 ${server.stands} 版。`,
      `Version ${one.version} is on this device and NOT submitted; version ${server.stands} still counts.`)),
    waits && !doing && nextButton(one, saved),
    halted && t("项目已暂停，截止时间将顺延。", "The lot is suspended; its deadline moves."));
}

/** What to say where this device's clock is not the platform's. */
export function skewNote() {
  const skew = Math.round((Date.now() - clock.now()) / 60_000);
  const days = Math.round(Math.abs(skew) / 1440);
  const by = days >= 2 ? t(`${days} 天`, `${days} days`) : t(`${Math.abs(skew)} 分钟`, `${Math.abs(skew)} min`);
  return Math.abs(skew) >= 2 && make("p", t(
    `本机的时钟比平台${skew > 0 ? "快" : "慢"} ${by}。本页按平台的时钟计时；是否按时以平台收到的时间为准。`,
    `This device's clock is ${by} ${skew > 0 ? "ahead of" : "behind"} the platform's. This page counts by the platform's clock, which decides.`));
}
