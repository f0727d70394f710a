/**
 * A joint bid (联合体, 招标投标法 31): its file is begun by the lead, signed by each member on a page
 * of its own, and sealed by the lead. What it says stays on this device until the opening.
 */

import { get, make, remember, save, t, tell, words } from "./bid-words.js";

export class Joint {
  #file = null;

  /** @param {any} module the sealing module @param {any} sealer @param {HTMLElement} place
   * @param {() => any} key the chosen signing key */
  constructor(module, sealer, place, key) {
    Object.assign(this, { module, sealer, place, key });
    this.store = `yangguang.joint.${place.dataset.lot}`;
    if (!get("joint")) return;
    get("joint-file").addEventListener("change", () => this.#doing(() => this.#read()));
    this.DO = {
      "joint-begin": () => this.#doing(() => this.#begin()),
      "joint-sign": () => this.#doing(() => this.#sign()),
      "joint-drop": () => this.forget(),
    };
    const kept = sessionStorage.getItem(this.store);
    if (kept) this.#doing(() => this.#take(JSON.parse(kept)));
  }

  /** What the bid's form says of it; undefined where the company bids alone. */
  get said() {
    return this.#file ?? undefined;
  }

  forget() {
    this.#file = null;
    sessionStorage.removeItem(this.store);
    if (!get("joint")) return;
    for (const id of ["joint-file", "joint-agreement"]) get(id).value = "";
    get("joint-standing").replaceChildren();
    get("joint-drop").hidden = true;
    tell(get("joint-wrong"));
  }

  async #doing(work) {
    tell(get("joint-wrong"));
    try {
      await work();
    } catch (error) {
      remember(error, "joint");
      tell(get("joint-wrong"), ...words(error));
    }
  }

  async #terms() {
    this.terms ??= (await this.sealer.notice(this.place.dataset.lot)).terms;
    return this.terms;
  }

  /** Show who has signed exactly this, for this very lot. */
  async #take(file) {
    this.module.joint.checkMembers(file);
    const lines = this.module.joint.standing(await this.#terms(), file);
    this.#file = file;
    sessionStorage.setItem(this.store, JSON.stringify(file));
    get("joint").open = true;
    get("joint-drop").hidden = false;
    get("joint-standing").replaceChildren(...lines.map(({ uscc, duty, signed }, number) => {
      const badge = make("span", signed ? t("已签名", "signed") : t("尚未签名", "not signed yet"));
      badge.className = `badge ${signed ? "good" : "wait"}`;
      return make("li", "", badge, ` ${uscc}${number ? "" : t("（牵头）", " (lead)")} · ${duty}${
        uscc === this.place.dataset.uscc ? t(" · 本单位", " · your company") : ""}`);
    }), make("li", lines.every(({ signed }) => signed)
      ? t("全部成员已签名，可以由牵头人加密投标。", "All members have signed; the lead can seal the bid.")
      : t("把保存的 consortium.json 交给尚未签名的成员，由其在自己的投标页读入、签名，再交回来。",
        "Pass the saved consortium.json to who has not signed; it is read in and signed on their own page, and comes back.")));
  }

  async #read() {
    const [file] = get("joint-file").files;
    if (!file) return;
    let said;
    try {
      said = JSON.parse(await file.text());
    } catch {
      throw Object.assign(new Error("this is no consortium's file"), { zh: "这不是联合体文件 consortium.json。" });
    }
    await this.#take(said);
  }

  async #begin() {
    const [agreement] = get("joint-agreement").files;
    if (!agreement) throw Object.assign(new Error("choose the agreement's file"), { zh: "请选择共同投标协议的文件。" });
    const members = get("joint-members").value.split("\n").filter((line) => line.trim()).map((line) => {
      const [uscc, ...duty] = line.trim().split(/\s+/);
      return { uscc: uscc.toUpperCase(), duty: duty.join(" ") };
    });
    if (members[0] && members[0].uscc !== this.place.dataset.uscc) {
      throw Object.assign(new Error("the first line is the lead: your own company"), { zh: "第一行是牵头人，应为本单位；不是牵头人的，请读入牵头人的文件后签名。" });
    }
    await this.#take(await this.module.joint.begin(agreement, members));
    this.#save();
  }

  async #sign() {
    if (!this.#file) throw Object.assign(new Error("begin or read in the consortium's file first"), { zh: "请先建立或读入联合体文件。" });
    const key = this.key();
    if (!key?.proven) throw Object.assign(new Error("choose a signing key whose backup was read back"), { zh: "请先在上面选择已读回备份的签名密钥。" });
    await this.#take(await this.module.joint.signMember(await this.#terms(), this.#file,
      this.place.dataset.uscc, (value) => this.module.signing.sign(value, key.public)));
    this.#save();
  }

  #save() {
    save("consortium.json", new Blob([`${JSON.stringify(this.#file, null, 2)}\n`]));
  }
}
