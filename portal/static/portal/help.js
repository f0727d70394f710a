/** Puts a note for the helpdesk together on this device. It is saved by its reader, sent nowhere. */

import { beijing, get, make, refusals, save, t } from "./bid-words.js";
import { clock } from "./site.js";

const form = get("note-form");
const wants = (name) => form.querySelector(`[data-with=${name}]`).checked;
const seen = await fetch("/api/v1/bids", { cache: "no-store" }).then((one) => one.json()).catch(() => null);

async function device() {
  try {
    const root = await (await navigator.storage.getDirectory()).getDirectoryHandle("yangguang-bids");
    const found = [];
    for await (const folder of root.values()) {
      const state = await (await folder.getFileHandle("state.json")).getFile().then((file) => file.text()).catch(() => "{}");
      const { step = "sealing", lot = "", version = "" } = JSON.parse(state);
      found.push(`  ${folder.name}  ${t("标段", "lot")} ${lot}  v${version}  ${step}`);
    }
    return found;
  } catch {
    return [t("  没有", "  nothing")];
  }
}

async function note() {
  const lines = [t("阳光招标平台 求助记录", "Yangguang, a note for the helpdesk"), `${location.origin}`,
    `${t("账号", "account")}: ${form.dataset.login}  ${form.dataset.company}`, ""];
  const said = get("note-words").value.trim();
  if (said) lines.push(t("发生了什么", "What happened"), said, "");
  if (wants("clock")) {
    const skew = Math.round((Date.now() - clock.now()) / 1000);
    lines.push(t("时间", "Time"), `  ${t("平台", "platform")}: ${new Date(clock.now()).toISOString()}  (${beijing(clock.now())})`,
      `  ${t("本机", "device")}: ${new Date().toISOString()}  ${skew >= 0 ? "+" : ""}${skew} s`, "");
  }
  if (wants("refusals")) {
    lines.push(t("页面见到的拒绝", "Refusals that pages saw"), ...refusals().map(
      (one) => `  ${one.at}  ${one.doing}  ${one.status} ${one.code}  ${one.said}  ${one.page}`));
    if (!refusals().length) lines.push(t("  没有", "  none"));
    lines.push("");
  }
  if (wants("bids")) {
    lines.push(t("投标的状态", "State of the bids"), ...(seen?.items ?? []).map(
      (one) => `  ${one.lot_id}  ${one.phase}  ${one.board}  ${one.receipt_number ?? ""}  ${one.deadline}`
        + one.refusals.map(({ at, code }) => `\n    ${at}  ${code}`).join("")), "");
  }
  if (wants("device")) lines.push(t("本机上的投标文件", "On this device"), ...await device(), "");
  if (wants("browser")) {
    const { quota = 0, usage = 0 } = await navigator.storage?.estimate?.() ?? {};
    lines.push(t("浏览器", "Browser"), `  ${navigator.userAgent}`, `  ${navigator.language}  ${
      navigator.onLine ? "online" : "offline"}  ${Math.round(usage / 2 ** 20)} / ${Math.round(quota / 2 ** 20)} MiB`, "");
  }
  return lines.join("\n");
}

async function show() {
  get("note").replaceChildren(make("code", await note()));
}

form.addEventListener("input", show);
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const day = beijing(clock.now()).slice(0, 16).replace(/[ :]/g, "-");
  save(`${t("求助记录", "note")}-${day}.txt`, new Blob([await note()], { type: "text/plain;charset=utf-8" }));
});
for (const button of document.querySelectorAll("[data-needs-script]")) button.hidden = false;
show();
setInterval(() => { if (wants("clock") && !document.hidden) show(); }, 10_000);
