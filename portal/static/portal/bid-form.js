/** The form of a bid: which key signs, what the opening form says, which files; checked here. */

import { check } from "./bid-files.js";
import { Joint } from "./bid-joint.js";
import { beijing, get, make, priceOf, remember, save, size, t, tell, words, yuan } from "./bid-words.js";

const FIELDS = ["price", "period", "quality", "leader", "certificate", "certificate-number",
  "qualification", "performance"];

export class BidForm {
  #checks = 0;

  /** @param {any} module the sealing module @param {any} sealer @param {HTMLElement} place */
  constructor(module, sealer, place) {
    this.module = module;
    this.sealer = sealer;
    this.place = place;
    this.store = `yangguang.form.${place.dataset.lot}`;
    this.bound = new Map();
    this.sound = true;
    this.checked = Promise.resolve();
    this.joint = new Joint(module, sealer, place, () => this.#key);
    this.#remembered();
    get("form").addEventListener("input", () => this.#keep());
    for (const id of ["technical", "sheets"]) {
      get(id).addEventListener("change", () => { this.checked = this.checkFiles(); });
    }
    get("key").addEventListener("change", () => this.#aboutKey());
    get("backup").addEventListener("change", () => this.#readBackup());
    get("chain").addEventListener("change", () => this.#readChain());
  }

  /** What was typed outlives a reload or the Back button: on this device, until it is sealed. */
  #keep() {
    sessionStorage.setItem(this.store, JSON.stringify(
      Object.fromEntries(FIELDS.map((id) => [id, get(id).value]))));
  }

  #remembered() {
    const kept = JSON.parse(sessionStorage.getItem(this.store) ?? "{}");
    for (const id of FIELDS) if (kept[id] && !get(id).value) get(id).value = kept[id];
  }

  forget() {
    sessionStorage.removeItem(this.store);
    for (const id of ["technical", "sheets"]) get(id).value = "";
    get("checked").replaceChildren();
    this.joint.forget();
  }

  /** The keys of this device, and which of them are registered. @param {string} [chosen] */
  async keys(chosen = get("key").value) {
    const [here, bound] = await Promise.all([this.module.signing.keys(),
      this.sealer.wire.get("/signing-keys", 1).catch(() => null)]);
    if (bound) {
      this.bound = new Map(bound.items.filter((one) => !one.revoked_at)
        .map((one) => [one.public_key, one]));
    }
    this.known = !!bound;
    this.here = here;
    get("key").replaceChildren(...here.map((one) => {
      const option = make("option", `${one.certified ? t("证书 ", "certificate ") : ""}${
        one.public.replace("certificate:", "").slice(0, 16)}…`);
      option.value = one.public;
      return option;
    }));
    if (!here.length) get("key").append(make("option", t("本机还没有密钥", "no key on this device yet")));
    if (here.some((one) => one.public === chosen)) get("key").value = chosen;
    get("key-more").open = !here.some((one) => one.proven);
    this.#aboutKey();
  }

  get #key() {
    return this.here?.find((one) => one.public === get("key").value);
  }

  #aboutKey() {
    const key = this.#key;
    const bound = key && this.bound.get(key.public);
    const notes = [];
    if (key && !key.proven) notes.push(t("备份还没有读回来：请在下面选择刚保存的 signing.key。", "Its backup was not read back yet: choose the signing.key you saved below."));
    if (key?.kept === "seed") notes.push(t("本浏览器不能把密钥锁住，脚本能读到它；可改用命令行。", "This browser cannot lock the key away from scripts; the command line can."));
    if (bound?.cools_until && Date.parse(bound.cools_until) > Date.now()) {
      notes.push(t(
        `贵公司登记过别的密钥，这把新密钥到 ${beijing(bound.cools_until)} 才能用来递交投标；此前请用原有密钥或 CA 证书，试投现在就可以。`,
        `Your company has registered other keys: this new one may submit a bid from ${beijing(bound.cools_until)} on. Until then use an older key or a certificate; a trial works now.`));
    }
    const bind = key?.proven && !key.certified && this.known && !bound;
    if (bind) notes.push(t("这把密钥还没有登记到贵公司，须先登记。", "This key is not registered for your company yet; do that first."));
    get("key-bind").hidden = !bind;
    tell(get("key-note"), ...notes);
  }

  /** Make a key and give its backup out. */
  async newKey() {
    const { public: key, backup } = await this.module.signing.newKey();
    save("signing.key", new Blob([backup]));
    await this.keys(key);
    get("backup").focus();
  }

  async #readBackup() {
    const [file] = get("backup").files;
    if (!file) return;
    await this.#read(async () => this.module.signing.readBackup(await file.text()));
  }

  async #readChain() {
    const texts = await Promise.all([...get("chain").files].map((file) => file.text()));
    const chain = texts.filter((one) => one.includes("BEGIN CERTIFICATE")).join("\n");
    const key = texts.find((one) => one.includes("PRIVATE KEY"));
    if (!chain || !key) return;
    await this.#read(() => this.module.signing.readCertified(chain, key));
  }

  async #read(work) {
    try {
      await this.keys((await work()).public);
      tell(get("key-wrong"));
    } catch (error) {
      remember(error, "key");
      get("key-wrong").textContent = words(error)[0];
      get("key-wrong").hidden = false;
    }
  }

  /** Register the chosen key under a fresh second factor. */
  async bind() {
    await this.#read(async () => {
      const key = this.#key;
      if (get("totp").value) {
        await this.sealer.wire.post("/session/step-up", { totp: get("totp").value.trim() });
      }
      await this.sealer.bindKey(key.public);
      get("totp").value = "";
      return key;
    });
  }

  /** Look at the chosen files and say of each what is wrong. */
  async checkFiles() {
    const turn = ++this.#checks;
    const found = [];
    for (const id of ["technical", "sheets"]) found.push(...await check([...get(id).files]));
    if (turn !== this.#checks) return;
    this.sound = !found.some(({ bad }) => bad);
    get("checked").replaceChildren(...found.map(({ file, bad, mind }) => {
      const mark = make("span", bad ? t("不能用", "not usable") : mind ? t("请看一下", "look at it") : t("可用", "sound"));
      mark.className = `badge ${bad ? "bad" : mind ? "wait" : "good"}`;
      return make("li", "", mark, ` ${file.name} · ${size(file.size)} ${bad || mind}`);
    }));
  }

  #wrong(id, said) {
    get(`${id}-wrong`).textContent = said;
    get(`${id}-wrong`).hidden = !said;
    get(id).toggleAttribute("aria-invalid", !!said);
    return said ? id : null;
  }

  /**
   * The bid as it was filled in, or null where something is wrong, which is said beside it.
   * @param {object} [replaces] declaration of the version that stands
   */
  async read(replaces) {
    await this.checked;
    const price = priceOf(get("price").value);
    const period = Number(get("period").value.trim());
    const ceiling = Number(this.place.dataset.ceiling) || Infinity;
    const line = (id) => get(id).value.trim();
    const files = (id) => [...get(id).files].map((file) => ({ name: file.name, blob: file }));
    const must = t("必填", "required");
    const key = this.#key;
    const faults = [
      this.#wrong("key", !key ? t("请先生成密钥或读入备份", "Make a key or read a backup first")
        : !key.proven ? t("请先把备份读回来", "Read its backup back first")
          : this.known && !key.certified && !this.bound.has(key.public) ? t("请先登记这把密钥", "Register this key first") : ""),
      this.#wrong("price", !(price > 0) ? t("请填写金额，例如 1,234,567.89", "An amount is needed, as 1,234,567.89")
        : price > ceiling ? t("高于最高限价", "It is above the ceiling") : ""),
      this.#wrong("period", !(Number.isSafeInteger(period) && period > 0) ? t("请填写整数天数", "A whole number of days is needed") : ""),
      this.#wrong("quality", line("quality") ? "" : must),
      this.#wrong("leader", line("leader") ? "" : must),
      this.#wrong("technical", get("technical").files.length ? "" : t("请选择至少一个文件", "Choose at least one file")),
      this.#wrong("sheets", get("sheets").files.length ? "" : t("请选择至少一个文件", "Choose at least one file")),
      this.sound ? null : "technical",
    ].filter(Boolean);
    const total = [...files("technical"), ...files("sheets")].reduce((sum, { blob }) => sum + blob.size, 0);
    const limit = Number(this.place.dataset.limit) || Infinity;
    if (total > limit) faults.push(this.#wrong("technical", t(`全部文件共 ${size(total)}，超过上限 ${size(limit)}`, `together ${size(total)}, more than the ${size(limit)} that are taken`)));
    if (faults.length) {
      get(faults[0]).focus();
      return null;
    }
    return { key: key.public, bid: { tenderer: this.place.dataset.uscc, replaces,
      form: { price_fen: price, period_days: period, quality: line("quality"), leader: line("leader"),
        ...credentials(line), ...(this.joint.said && { consortium: this.joint.said }) },
      technical: files("technical"), price: files("sheets") } };
  }

  /** Ask the platform to go through a priced bill: it is shown the prices, and keeps nothing. */
  async checkBill() {
    const sheet = [...get("sheets").files].find(({ name }) => name.toLowerCase().endsWith(".xlsx"));
    if (!sheet) return tell(get("bill"), t("报价文件里没有 .xlsx 清单。", "No .xlsx is among the price files."));
    const answer = await fetch(`/api/v1/lots/${this.place.dataset.lot}/bill/check`, { method: "POST",
      body: sheet, headers: { ...this.sealer.wire.headers, "Content-Type": "application/octet-stream" } });
    const said = await answer.json();
    if (!answer.ok) {
      const error = { document: said, status: answer.status, code: said.code };
      remember(error, "bill");
      return tell(get("bill"), ...words(error), ...(said.facts?.problems ?? []).slice(0, 20).map(
        (one) => make("p", `${one.cell ?? ""} ${one.zh && one.en ? t(one.zh, one.en) : JSON.stringify(one)}`)));
    }
    return tell(get("bill"), ...billSays(said, priceOf(get("price").value)));
  }
}

function credentials(line) {
  const certificate = line("certificate") && line("certificate-number")
    ? { name: line("certificate"), number: line("certificate-number") } : null;
  const qualification = line("qualification") || null;
  const performance = get("performance").value.split("\n").map((one) => one.trim()).filter(Boolean);
  return certificate || qualification || performance.length
    ? { credentials: { certificate, qualification, performance } } : {};
}

/** What was found of a bill, in sentences. */
function billSays({ ours, stated_fen: stated, corrected_fen: corrected, findings }, price) {
  const amount = (fen) => (fen === null ? "—" : yuan(fen));
  return [
    ours ? t("各行与公告的清单一致。", "Its lines are those of the notice's bill.")
      : t("各行与公告的清单不一致。", "Its lines are not those of the notice's bill."),
    t(`清单写的合计 ${amount(stated)} 元，核算为 ${amount(corrected)} 元。`, `It states ${amount(stated)} yuan; the lines make ${amount(corrected)}.`),
    price > 0 && corrected !== null && price !== corrected
      && t("与上面填写的报价不一致，请核对。", "That is not the price above; look at both."),
    ...findings.slice(0, 20).map((one) => make("p", `${one.cell ?? ""} ${t(one.zh, one.en)}`)),
  ];
}
