/**
 * Seals an offer of a mini-competition in the browser and opens it again: the platform gets its hash
 * and, once the time for offers is over, the opening. Until then the price is in no form and in no
 * request; it lies on this device and in the file that its owner saved and read back.
 *
 *   [data-offer=seal|kept|reveal|over]  data-service, data-party, data-most (fen), data-seal, data-code
 *     [data-step=fill|prove|send]  of `seal`: shown one at a time
 */

import { get, make, priceOf, remember, save, t, tell, words, yuan } from "./bid-words.js";

const place = document.querySelector("[data-offer]");
const { offer: doing, service, party, most, seal: known = "", code } = place?.dataset ?? {};
const KEPT = `yangguang offer ${service} ${party}`;
const NAME = `offer-${code}.json`;

let module;

/** What this device holds of this offer: {opening, proven}. A browser that keeps nothing has none. */
function kept() {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? "null");
  } catch {
    return null;
  }
}

function keep(value) {
  try {
    if (value) localStorage.setItem(KEPT, JSON.stringify(value));
    else localStorage.removeItem(KEPT);
  } catch {
    // The file stays, which is why it must be read back.
  }
}

function say(kind, ...said) {
  const line = get("offer-say");
  line.className = `say ${kind}`;
  tell(line, ...said);
}

const wrong = (error, what) => {
  remember(error, what);
  say("bad", ...words(error));
};

let made = null;

/** Show the step of sealing that `made` asks for. */
async function step() {
  const name = !made ? "fill" : made.proven ? "send" : "prove";
  for (const node of place.querySelectorAll("[data-step]")) node.hidden = node.dataset.step !== name;
  if (!made) return;
  const { price_fen: price, seal } = await module.offer.read(made.opening, { service, party });
  for (const node of place.querySelectorAll("[data-price]")) node.textContent = yuan(price);
  for (const node of place.querySelectorAll("[data-seal-of]")) node.textContent = seal;
  place.querySelector("form").elements.commitment.value = made.proven ? seal : "";
}

const DO = {
  async seal() {
    const price = priceOf(get("offer-price").value);
    if (!(price >= 1)) return say("bad", t("请填写金额，例如 1,234,567.89", "An amount is needed, as 1,234,567.89"));
    if (price > Number(most)) {
      return say("bad", t(`高于贵单位的协议价合计 ${yuan(Number(most))} 元，这样的报价无效。`,
        `It is above what your unit agreed to, ${yuan(Number(most))} yuan in all: such an offer does not stand.`));
    }
    const { opening } = await module.offer.seal({ service, party, price_fen: price },
      get("offer-proposal").files[0]);
    made = { opening, proven: false };
    keep(made);
    save(NAME, new Blob([opening]));
    get("offer-price").value = "";
    say("wait", t("揭示文件已保存到下载目录。请另存一份，再在下面读回：没有它，报价无法揭示，就等于没有报价。",
      "The opening is in your downloads. Keep a copy, then read it back below: without it the offer cannot be revealed, which is as if none was made."));
    return step();
  },
  async again() {
    save(NAME, new Blob([made.opening]));
  },
  async discard() {
    made = null;
    keep(null);
    say("wait", t("已放弃，没有递交任何内容。旧的揭示文件请删除。", "Given up; nothing was handed in. Delete the old file."));
    return step();
  },
};

/** The saved file is the one that was made: now the seal may be handed in. */
async function prove(file) {
  const { seal } = await module.offer.read(made.opening, { service, party });
  await module.offer.read(await file.text(), { service, party, seal });
  made = { ...made, proven: true };
  keep(made);
  say("good", t("揭示文件无误。", "The file is right."));
  return step();
}

/** Put an opening into the form that reveals it. */
async function fill(said) {
  const found = await module.offer.read(said, { service, party, seal: known });
  const form = get("offer-open").querySelector("form");
  form.elements["price_fen:int"].value = String(found.price_fen);
  form.elements.proposal_hash.value = found.proposal_hash;
  form.elements.salt.value = found.salt;
  for (const node of form.querySelectorAll("[data-price]")) node.textContent = yuan(found.price_fen);
  get("offer-open").hidden = false;
  say("good", t("揭示文件与已递交的摘要一致。", "The file is that of the seal you handed in."));
}

const READ = { seal: prove, reveal: async (file) => fill(await file.text()), kept: holds };

/** Whether the file saved is the opening of what was handed in. */
async function holds(file) {
  await module.offer.read(await file.text(), { service, party, seal: known });
  say("good", t("揭示文件与已递交的摘要一致，请保管好。", "The file is that of the seal you handed in: keep it well."));
}

async function begin() {
  if (doing === "over") return keep(null);
  module = await import("/static/vendor/sealer.js");
  made = kept();
  if (doing === "seal") await step();
  else if (made) {
    try {
      if (doing === "reveal") await fill(made.opening);
      else {
        await module.offer.read(made.opening, { service, party, seal: known });
        say("good", t("这台设备里存有揭示内容；揭示时到此页即可。", "This device holds the opening: come back to this page to reveal it."));
      }
    } catch {
      // Of an offer that was sealed elsewhere since: the file is asked for.
    }
  }
  place.addEventListener("click", ({ target }) => {
    const act = DO[target.closest("button[data-do]")?.dataset.do];
    if (act) act().catch((error) => wrong(error, target.dataset.do));
  });
  place.addEventListener("change", ({ target }) => {
    if (!target.matches("[data-read]") || !target.files[0]) return;
    READ[doing](target.files[0]).catch((error) => wrong(error, "read")).finally(() => { target.value = ""; });
  });
  place.hidden = false;
  place.dataset.ready = "1";
}

if (place) {
  begin().catch((error) => {
    remember(error, "load");
    place.hidden = false;
    for (const node of place.querySelectorAll("[data-step]")) node.hidden = true;
    tell(place, make("p", t("封存模块没有载入：请刷新，或用下面的方法自行制作摘要。", "The sealing module did not load: reload, or make the seal yourself as told below.")));
  });
}
