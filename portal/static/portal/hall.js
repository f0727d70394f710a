/**
 * The tenderer's part in the opening hall: give one's own shares with one button, or hand in the
 * plain files. The sealing module does the work; the key file is read here and is not sent.
 *
 *   [data-decrypt] data-lot, data-bid, data-sealer [data-prices]   one stage of one's own bid
 *     [data-key] the key file · [data-go] · [data-plain] the plain files · [data-hand]
 *   [data-say]   what became of it
 */

const english = document.documentElement.lang === "en";
const t = (zh, en) => (english ? en : zh);
const say = (kind, words) => {
  const place = document.querySelector("[data-say]");
  place.className = `say ${kind}`;
  place.textContent = words;
  place.hidden = false;
};

/** What went wrong, in the words of the platform where it has any. */
export function wordsOf(error) {
  const { detail, do: next } = error.document ?? {};
  const part = (said) => (said && typeof said === "object" ? said[english ? "en" : "zh"] : said) ?? "";
  if (detail) return `${part(detail)} ${part(next)}`;
  return `${t("没有完成：", "Not done: ")}${error.message}`;
}

async function sealerOf(place) {
  const module = await import(place.dataset.sealer);  // was there before the button was
  const session = await (await fetch("/api/v1/session", { cache: "no-store" })).json();
  const worker = place.dataset.sealer.replace("sealer.js", "sealer-worker.js");
  return { module, sealer: new module.Sealer({ csrf: session.csrf_token }, worker) };
}

/** The version of this bid that the device keeps, or null. */
async function keptHere(module, bid) {
  const kept = await module.store.list().catch(() => []);
  return kept.filter((one) => one.bid === bid).sort((a, b) => b.version - a.version)[0] ?? null;
}

async function decrypt(place) {
  const { module, sealer } = await sealerOf(place);
  const file = place.querySelector("[data-key]").files[0];
  const here = file ? null : await keptHere(module, place.dataset.bid);
  if (!file && !here) {
    throw new Error(t("请选择递交前保存的密钥文件 bid.key。", "choose the key file bid.key that you saved before submitting."));
  }
  const kept = module.readKeyFile(file ? await file.text() : await sealer.keyFile(here.id));
  if (kept.declaration.bid !== place.dataset.bid) {
    throw new Error(t("这是另一份投标的密钥文件。", "this is the key file of another bid."));
  }
  await sealer.open(kept, "prices" in place.dataset);
}

async function handIn(place) {
  const { module, sealer } = await sealerOf(place);
  const here = await keptHere(module, place.dataset.bid);
  const files = [...place.querySelector("[data-plain]").files];
  if (!here) {
    throw new Error(t("本设备没有保存这份投标的清单；请用保存它的设备，或命令行 yangguang bid plain。", "this device keeps no lists of this bid; use the one that does, or yangguang bid plain."));
  }
  if (!files.length) throw new Error(t("请选择全部原始文件。", "choose all the original files."));
  await sealer.handIn(here.id, files, "prices" in place.dataset);
}

document.addEventListener("click", async ({ target }) => {
  const button = target.closest?.("[data-go], [data-hand]");
  const place = button?.closest("[data-decrypt]");
  if (!place || document.body.dataset.busy) return;
  document.body.dataset.busy = "1";
  say("wait", t("正在进行，请不要关闭本页……", "Under way; keep this page open …"));
  try {
    await (button.matches("[data-go]") ? decrypt : handIn)(place);
    say("good", t("已提交，平台已记录。", "Done, and the platform has recorded it."));
    setTimeout(() => location.reload(), 400);
  } catch (error) {
    say("bad", wordsOf(error));
  } finally {
    delete document.body.dataset.busy;
  }
});

/** Let nothing be pressed before what it needs is here; say why where it does not come. */
async function ready(place) {
  if (!place.dataset.sealer) return;
  try {
    await import(place.dataset.sealer);
  } catch {
    say("bad", t("解密模块没有载入，暂时不能解密。请检查网络后刷新本页；仍不行时用命令行 yangguang bid open。",
      "The module that decrypts did not load, so nothing can be decrypted here yet. Look at the network and reload; if that does not help use yangguang bid open."));
    return;
  } finally {
    place.querySelector("[data-loading]")?.remove();
  }
  for (const one of place.querySelectorAll("button, input")) one.disabled = false;
}

for (const place of document.querySelectorAll("[data-decrypt]")) ready(place);

/** Whether somebody is at work on this page: then it is not drawn again under their hands. */
export const atWork = () => document.body.dataset.busy || document.querySelector("main :is(input, textarea):focus")
  || [...document.querySelectorAll("main :is(input, textarea)")].some((one) =>
    one.files?.length || (one.type !== "hidden" && one.type !== "file" && one.value !== one.defaultValue));

const step = () => document.getElementById("hall-own")?.dataset.step;
const began = step();
document.addEventListener("looked", () => {
  // What one is asked to do has changed: draw the page with its form, or without it.
  if (step() !== began && !atWork()) location.reload();
});
