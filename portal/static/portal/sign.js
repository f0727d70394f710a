/**
 * A person's own signing key in the browser: made and registered on the keys page, and signing what
 * is submitted or approved. The private key never leaves this device; without this script a notice
 * is published unsigned, where the rules of the place allow that.
 *
 *   [data-keys]  make a key, read its backup back, register it
 *     [data-make] [data-backup] [data-chain] [data-totp] [data-bind] [data-say]
 *   [data-sign=STATEMENT] inside a form: signs when the form is sent; [data-required]
 *     [data-key] a select · [data-say] · inputs named signature.…
 */

import { make, save, t, tell } from "./bid-words.js";

const MODULE = "/static/vendor/sealer.js";
const WORKER = "/static/vendor/sealer-worker.js";

const ask = async (path) => (await fetch(`/api/v1${path}`, { cache: "no-store" })).json();

function say(place, kind, ...words) {
  const line = place.querySelector("[data-say]");
  line.className = `say ${kind}`;
  tell(line, ...words);
  line.hidden = false;
}

const mark = (key) => `${key.public.slice(0, 12)}…${key.certified ? t("（CA 证书）", " (certificate)") : ""}`;

/** The keys of this browser that may sign now: registered by this person and cooled, or certified. */
async function usable(module) {
  const [here, own, { now }] = await Promise.all(
    [module.signing.keys(), ask("/signing-keys"), ask("/time")]);
  const good = new Set(own.items.filter((one) => !one.revoked_at
    && (!one.cools_until || one.cools_until <= now)).map((one) => one.public_key));
  return here.filter((key) => key.proven && (key.certified || good.has(key.public)));
}

async function signs(place, module) {
  const form = place.closest("form");
  const select = place.querySelector("[data-key]");
  const found = await usable(module);
  for (const key of found) select.append(new Option(mark(key), key.public));
  if (found.length) select.value = found[0].public;
  place.querySelector("[data-none]").hidden = found.length > 0;
  select.closest("p").hidden = !found.length;
  place.hidden = false;
  form.addEventListener("submit", (event) => {
    if (!select.value || place.dataset.signed) return;
    event.preventDefault();
    fill(place, module, form, select.value).catch((error) => {
      for (const button of form.querySelectorAll("button")) button.disabled = false;
      say(place, "bad", `${t("没有签名，也没有提交：", "Not signed, and nothing was sent: ")}${error.message}`);
    });
  });
}

async function fill(place, module, form, key) {
  const { now } = await ask("/time");
  const said = { ...JSON.parse(place.dataset.sign), at: now };
  const { key: by, signature } = await module.signing.sign(said, key);
  const put = (name, value) => { form.elements[`signature.${name}`].value = value; };
  put("key", typeof by === "string" ? by : "");
  put("certificate", typeof by === "string" ? "" : by.certificate);
  put("at", now);
  put("signature", signature);
  place.dataset.signed = "1";
  form.submit();
}

async function keys(place, module) {
  const session = await ask("/session");
  const sealer = new module.Sealer({ csrf: session.csrf_token }, WORKER);
  const part = (name) => place.querySelector(`[data-${name}]`);
  let ready = null;
  const show = async () => {
    const bound = new Set((await ask("/signing-keys")).items.map((one) => one.public_key));
    const here = await module.signing.keys();
    ready = here.find((key) => key.proven && !key.certified && !bound.has(key.public)) ?? null;
    part("register").hidden = !ready;
    const usable = here.filter((key) => key.proven && (key.certified || bound.has(key.public)));
    if (usable.length) {
      tell(part("here"), t("此浏览器中可用：", "In this browser: "), ...usable.map((key) => make("code", mark(key))));
    }
  };
  const tried = (work) => async () => {
    try {
      await work();
      await show();
    } catch (error) {
      say(place, "bad", error.message);
    }
  };
  part("make").addEventListener("click", tried(async () => {
    const { backup } = await module.signing.newKey();
    save("signing.key", new Blob([backup]));
    say(place, "wait", t("备份 signing.key 已保存到下载目录。请另存一份离线保管，然后在下面读回来：读回之前这把密钥不能使用。", "The backup signing.key is in your downloads. Keep a copy offline, then read it back below: until then the key signs nothing."));
  }));
  part("backup").addEventListener("change", tried(async () => {
    await module.signing.readBackup(await part("backup").files[0].text());
    say(place, "good", t("备份无误。", "The backup is right."));
  }));
  part("chain").addEventListener("change", tried(async () => {
    const texts = await Promise.all([...part("chain").files].map((file) => file.text()));
    const chain = texts.filter((one) => one.includes("BEGIN CERTIFICATE")).join("\n");
    const key = texts.find((one) => one.includes("PRIVATE KEY"));
    if (!chain || !key) throw new Error(t("请同时选中证书链和私钥。", "choose the chain and the key together."));
    await module.signing.readCertified(chain, key);
    say(place, "good", t("证书已读入此浏览器。", "The certificate is in this browser."));
  }));
  part("bind").addEventListener("click", tried(async () => {
    const code = part("totp").value.trim();
    if (code) await sealer.wire.post("/session/step-up", { totp: code });
    await sealer.bindKey(ready.public);
    location.replace(`${location.pathname}?done=key-bound`);
  }));
  place.hidden = false;
  await show();
}

for (const place of document.querySelectorAll("[data-sign], [data-keys]")) {
  import(MODULE).then((module) => ("keys" in place.dataset ? keys : signs)(place, module))
    .catch((error) => {
      place.hidden = false;
      say(place, "bad", `${t("签名模块没有载入：", "The signing module did not load: ")}${error.message}`);
    });
}
