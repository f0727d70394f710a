/**
 * A contributor's random number in a draw: made, kept and saved here, its hash sent; revealed from
 * this device or from the file.
 *
 *   [data-nonce=commit|reveal]  data-draw, data-seal
 *     a form with `commitment`, with [data-make] and [data-made]; or one with `nonce` and [data-read]
 *     [data-say]
 */

import { save, t, tell } from "./bid-words.js";

const b64 = (bytes) => btoa(String.fromCharCode(...bytes));
const hex = (bytes) => [...bytes].map((one) => one.toString(16).padStart(2, "0")).join("");

async function sealOf(said) {
  const bytes = Uint8Array.from(atob(said), (one) => one.charCodeAt(0));
  return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}

function kept(draw, value) {
  try {
    if (value) localStorage.setItem(`yangguang nonce ${draw}`, value);
    return localStorage.getItem(`yangguang nonce ${draw}`);
  } catch {
    return null; // a browser that keeps nothing: the file has it
  }
}

function say(place, kind, ...words) {
  const line = place.querySelector("[data-say]");
  line.className = `say ${kind}`;
  tell(line, ...words);
}

/** Make one and save it; its hash goes with the form that shows then. */
async function make(place, form) {
  const { draw } = place.dataset;
  const nonce = b64(crypto.getRandomValues(new Uint8Array(32)));
  form.elements.commitment.value = await sealOf(nonce);
  kept(draw, nonce);
  save(`nonce-${draw.slice(0, 8)}.txt`, new Blob([nonce]));
  place.querySelector("[data-made]").hidden = false;
  say(place, "wait", t("随机数已保存到下载目录；公开时要用，请保管好。还没有提交承诺。", "It is in your downloads; you need it to reveal: keep it. The commitment is not sent yet."));
}

async function reveal(place, form) {
  const { draw, seal } = place.dataset;
  const [file] = place.querySelector("[data-read]").files;
  const nonce = file ? (await file.text()).trim() : kept(draw);
  const made = nonce && await sealOf(nonce).catch(() => null);
  if (made !== seal) {
    say(place, "bad", nonce ? t("这不是承诺时的随机数，没有公开。", "That is not the nonce you committed to; nothing was revealed.")
      : t("这台设备里没有这个随机数，请选择保存的文件。", "This device does not hold the nonce: choose the file you saved."));
    return;
  }
  form.elements.nonce.value = nonce;
  form.submit();
}

for (const place of document.querySelectorAll("[data-nonce]")) {
  const form = place.querySelector("form");
  const failed = (error) => say(place, "bad", error.message);
  place.querySelector("[data-make]")?.addEventListener("click", () => make(place, form).catch(failed));
  if (place.dataset.nonce === "reveal") {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      reveal(place, form).catch(failed).finally(() => setTimeout(() => {
        for (const button of form.querySelectorAll("button")) button.disabled = false;
      }));
    });
  }
  place.hidden = false;
  place.dataset.ready = "1";
}
