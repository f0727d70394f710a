/**
 * An opening official's key in the browser: made, registered, rehearsed, and its share given. The
 * key file is read on this device and never sent; the module checks the record before it answers.
 *
 *   [data-holder=key|rehearse|share] data-lot, data-module
 *     [data-file] the key file · [data-make] [data-register] [data-go] [data-partial] buttons
 *     [data-vkey] the log's key from elsewhere · [data-code] a one-time code · [data-say]
 */

import { atWork, wordsOf as refused } from "./hall.js";

const english = document.documentElement.lang === "en";
const t = (zh, en) => (english ? en : zh);
const WORDS = {
  NotProven: t("存证没有证明可以这样做，没有提交任何份额：", "The record does not prove that this may be done; nothing was given: "),
  Untrue: t("存证与以前所见不符或者不完整，没有提交任何份额，请立即告知监督机构：", "The record is not what it was, or not whole; nothing was given. Tell the supervisor at once: "),
  Distrust: t("存证公钥与已知的不同，没有提交任何份额，请立即告知监督机构：", "The record's key is another one; nothing was given. Tell the supervisor at once: "),
};
const wordsOf = (error) => (WORDS[error.name] ? WORDS[error.name] + error.message : refused(error));

function say(place, kind, words) {
  const line = place.querySelector("[data-say]");
  line.className = `say ${kind}`;
  line.textContent = words;
  line.hidden = false;
}

/** Save a text as a file of the person's own. */
function save(name, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

const after = (done) => location.replace(`${location.pathname}?done=${done}`);

async function holderOf(place, module) {
  const session = await (await fetch("/api/v1/session", { cache: "no-store" })).json();
  return new module.Holder({ csrf: session.csrf_token },
    { logKey: place.querySelector("[data-vkey]")?.value ?? "" });
}

async function keyOf(place, module) {
  const file = place.querySelector("[data-file]").files[0];
  if (!file) throw new Error(t("请先选择开标密钥文件。", "choose your opening key file first."));
  return module.readKey(await file.text());
}

const WORK = {
  async make(place, module) {
    place.made = await module.newKey(place.dataset.suite);
    save(`opening-${place.dataset.lot.slice(0, 8)}.key`, place.made);
    say(place, "wait", t("密钥文件已保存到下载目录。请再抄一份离线保管，然后选择它读回来。", "The key file is in your downloads. Keep a second copy offline, then choose it to read it back."));
  },
  async register(place, module) {
    const key = await keyOf(place, module);
    if (place.made && (await module.readKey(place.made)).recipient !== key.recipient) {
      throw new Error(t("这不是刚才生成的密钥文件。", "this is not the key file that was just made."));
    }
    await (await holderOf(place, module)).register(place.dataset.lot, key, place.dataset.replaces);
    after("key-registered");
  },
  async rehearse(place, module) {
    const key = await keyOf(place, module);
    if (key.recipient !== place.dataset.recipient) {
      throw new Error(t("这不是为本标段登记的密钥。", "this is not the key that is registered for this lot."));
    }
    await (await holderOf(place, module)).rehearse(place.dataset.lot, key);
    after("key-rehearsed");
  },
  async share(place, module) {
    const holder = await holderOf(place, module);
    const checked = await holder.check(place.dataset.lot, await keyOf(place, module), {
      prices: "prices" in place.dataset,
      progress: (read, size) => say(place, "wait", `${t("正在核对存证", "Reading the record")} ${read} / ${size}`),
    });
    if (checked.withheld.length || !checked.shares.length) {
      place.checked = checked;
      place.querySelector("[data-partial]").hidden = !checked.shares.length;
      throw new Error(t(`可提交 ${checked.shares.length} 份，另有 ${checked.withheld.length} 份核对不符：`, `${checked.shares.length} shares passed, ${checked.withheld.length} did not: `)
        + checked.withheld.map(({ bid, part, why }) => `${bid.slice(0, 8)} ${part}: ${why}`).join("; "));
    }
    await give(place, holder, checked);
  },
  async partial(place, module) {
    await give(place, await holderOf(place, module), place.checked);
  },
};

async function give(place, holder, checked) {
  const code = place.querySelector("[data-code]").value.trim();
  if (code) await holder.stepUp(code);
  await holder.give(place.dataset.lot, checked);
  after("share-given");
}

const ORDERS = { make: "make", register: "register", partial: "partial" };

async function run(button, place) {
  const buttons = place.querySelectorAll("button");
  buttons.forEach((one) => { one.disabled = true; });
  try {
    const module = await import(place.dataset.module);
    const order = Object.keys(ORDERS).find((name) => name in button.dataset) ?? place.dataset.holder;
    say(place, "wait", t("正在进行……", "Under way …"));
    await WORK[order](place, module);
  } catch (error) {
    say(place, "bad", wordsOf(error));
  } finally {
    buttons.forEach((one) => { one.disabled = false; });
  }
}

document.querySelector("[data-loading]")?.remove();
for (const place of document.querySelectorAll("[data-holder]")) {
  if (!place.dataset.module) {
    say(place, "wait", t("本平台没有安装浏览器密钥模块，请用下面的命令行。", "This installation has no key module for browsers; use the command line below."));
    continue;
  }
  for (const one of place.querySelectorAll("button, [data-file]")) one.disabled = false;
  for (const button of place.querySelectorAll("button")) {
    button.addEventListener("click", () => run(button, place));
  }
}

const board = document.getElementById("official-board");
const began = board?.dataset.step;
document.addEventListener("looked", () => {
  const now = document.getElementById("official-board")?.dataset.step;
  const busy = atWork() || document.querySelector("[data-holder] :disabled");
  // What the page offers has changed: draw it again, unless somebody is at work on it.
  if (now !== began && !busy) location.reload();
});
