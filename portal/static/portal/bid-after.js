/** What comes after sealing: is it counted, replace, withdraw, versions here, brought in and out. */

import { beijing, get, make, remember, save, size, t, tell, words } from "./bid-words.js";
import { clock } from "./site.js";

const STEPS = {
  sealed: ["wait", "草稿，未递交：密钥文件未验证", "draft, NOT submitted: key file not proven"],
  proven: ["wait", "草稿，未递交", "draft, NOT submitted"],
  declared: ["wait", "上传未完成，未递交", "upload not finished, NOT submitted"],
  received: ["good", "平台已完整收到", "received in full"],
  withdrawn: ["calm", "已撤回", "withdrawn"],
};

/**
 * Overdue by this device's clock and not by the platform's: one of the two clocks is wrong. The
 * promise is checked by ours, because who breaks it would say another time; a person must look.
 */
export const early = (standing) => standing?.name === "overdue"
  && Date.parse(standing.facts.include_by) > clock.now();

export const sayEarly = ({ facts }) => t(
  `平台承诺 ${beijing(facts.include_by)} 前载入存证。按本机时钟已经过了，按平台时钟还没到：请先核对本机的时钟；如果本机的时间是对的，请立即提出异议。`,
  `Promised for the record by ${beijing(facts.include_by)}: past by this device's clock, not yet by the platform's. Look at this device's clock first; if it is right, object at once.`);

/** A sentence of the module's with its times as pages write them. */
const timed = (said) => said.replace(/[0-9-]{10}T[0-9:.]+Z/g, (at) => beijing(at));

export class After {
  #watched = new Map();

  constructor(module, sealer, place, { alarm, look, openForm, others }) {
    Object.assign(this, { module, sealer, place, alarm, look, openForm, others });
    this.server = null;
    this.device = [];
    this.DO = {
      replace: () => this.replace(), withdraw: () => this.askWithdrawal(),
      "close-withdrawal": () => { get("withdrawal").hidden = true; },
      export: (button) => this.export(button.dataset.id),
      remove: (button) => this.remove(button),
    };
    get("withdrawal").addEventListener("submit", (event) => {
      event.preventDefault();
      this.withdraw();
    });
    get("folder").addEventListener("change", () => this.adopt());
    sealer.addEventListener("standing", ({ detail }) => this.counted(detail));
  }

  /** Follow a version until it is proven in the record. */
  follow(id) {
    if (!this.#watched.has(id)) this.#watched.set(id, this.sealer.watch(id, 15_000));
  }

  counted({ id, standing, alarm }) {
    const here = this.device.find((one) => one.id === id);
    if (!here || here.version !== this.server?.stands) return;
    const node = get("counted");
    const doubted = early(standing);
    node.className = `say ${alarm && !doubted ? "bad" : standing.name === "proven" ? "good" : "wait"}`;
    tell(node, make("p", doubted ? sayEarly(standing)
      : t(`在本机核对：${timed(standing.zh)}。`, `Checked on this device: ${timed(standing.en)}.`)));
  }

  render(server, device, may) {
    this.server = server;
    this.device = device;
    const standing = ["SUBMITTED", "REPLACED"].includes(server?.board);
    get("work-after").hidden = !(standing || server?.versions.length);
    const busyWith = device.some((one) => ["sealed", "proven", "declared"].includes(one.step)
      && one.bid === server?.bid && one.version > (server?.stands ?? 0));
    document.querySelector("[data-do=replace]").hidden = !standing || !may || busyWith;
    document.querySelector("[data-do=withdraw]").hidden = !standing || !may;
    if (!standing) get("withdrawal").hidden = true;
    if (server) {
      this.#list(get("versions"), server.versions, (one) => `${one.bid}-${one.version}-${one.state}-${one.sent}`, (one) => [
        make("strong", t(`第 ${one.version} 版 `, `Version ${one.version} `)),
        `${t(one.state_text.zh, one.state_text.en)} `,
        make("span", one.receipt_number ? t(`回执号 ${one.receipt_number}`, `receipt ${one.receipt_number}`) : one.state === "DECLARED" ? `${size(one.sent)} / ${size(one.size)}` : ""),
      ]);
    }
    get("device").previousElementSibling.parentElement.classList.toggle("empty-device", !device.length);
    this.#list(get("device"), device.length ? device : [null], (one) => (one ? one.id + one.step : "none"), (one) => (one ? this.#row(one) : [t("本机没有这个标段的投标文件。", "Nothing of this lot is on this device.")]));
  }

  /** Draw a list anew only where it changed, so that nobody's focus is lost. */
  #list(node, items, key, draw) {
    const now = items.map(key).join(" ");
    if (node.dataset.now === now) return;
    node.dataset.now = now;
    node.replaceChildren(...items.map((one) => make("li", "", ...draw(one))));
  }

  #row({ id, version, step }) {
    const [kind, zh, en] = STEPS[step] ?? ["calm", step, step];
    const badge = make("span", t(zh, en));
    badge.className = `badge ${kind}`;
    const button = (name, said, looks) => Object.assign(make("button", said), { type: "button", className: looks });
    const out = button("export", t("另存全部文件", "Save all of it"), "quiet");
    Object.assign(out.dataset, { do: "export", id });
    const away = button("remove", t("从本机删除", "Remove from this device"), "danger");
    Object.assign(away.dataset, { do: "remove", id, step });
    const acts = make("span", "", out, away);
    acts.className = "acts";
    return [make("p", "", make("strong", t(`第 ${version} 版 `, `Version ${version} `)), badge), acts];
  }

  async export(id) {
    const { name, blob } = await this.sealer.export(id);
    save(name, blob);
  }

  /** Two presses: the second one does it. */
  async remove(button) {
    if (button.dataset.sure !== "1") {
      button.dataset.sure = "1";
      button.textContent = button.dataset.step === "received"
        ? t("再按一次：删除后本机不能解密，须用另存的文件", "Press again: then only what you saved decrypts it")
        : t("再按一次：删除草稿", "Press again: delete the draft");
      return;
    }
    await this.module.store.remove(button.dataset.id);
    this.others.postMessage("changed");
    await this.look();
  }

  /** The key file of the version that stands: from this device, or from a file. */
  async #kept(file) {
    if (file) return this.module.readKeyFile(await file.text());
    const here = this.device.find((one) => one.bid === this.server.bid
      && one.version === this.server.stands);
    return here && this.module.readKeyFile(await this.sealer.keyFile(here.id));
  }

  async replace() {
    const kept = await this.#kept();
    if (!kept) {
      this.alarm(t("替换要用到上一版的声明，它不在本机。请先在“本机上的投标文件”里带入那一版的文件夹。", "To replace it the version before is needed, which is not on this device. Bring its folder in below first."));
      return;
    }
    await this.openForm(kept.declaration);
  }

  async askWithdrawal() {
    get("withdraw-key-place").hidden = !!await this.#kept();
    get("withdrawal").hidden = false;
    get("withdrawal").scrollIntoView({ block: "center" });
  }

  async withdraw() {
    try {
      const kept = await this.#kept(get("withdraw-key").files[0]);
      if (!kept) throw Object.assign(new Error("choose bid.key"), { zh: "请选择 bid.key。" });
      await this.sealer.notice(kept.declaration.lot);
      await this.sealer.withdraw(kept, typeof kept.key === "string" ? kept.key : await this.#certified(kept));
      get("withdrawal").hidden = true;
      this.alarm();
    } catch (error) {
      remember(error, "withdraw");
      this.alarm(t("没有撤回：投标仍然有效。", "NOT withdrawn: the bid still counts."), ...words(error));
    }
    this.others.postMessage("changed");
    await this.look();
  }

  async #certified() {
    const found = (await this.module.signing.keys()).find((one) => one.certified);
    if (!found) throw new Error("this browser does not have that signing key");
    return found.public;
  }

  async adopt() {
    tell(get("folder-fault"));
    try {
      const files = [...get("folder").files];
      const key = files.find(({ name }) => name === "bid.key");
      if (!key) throw new Error("there is no bid.key in this folder");
      const { declaration } = this.module.readKeyFile(await key.text());
      if (declaration.lot !== this.place.dataset.lot) throw Object.assign(new Error("that is a bid for another lot"), { zh: "这是另一个标段的投标。" });
      const missing = declaration.parts.filter(({ part }) => !files.some(({ name }) => name === `${part}.age`));
      if (missing.length) throw Object.assign(new Error(`missing: ${missing.map(({ part }) => `${part}.age`)}`), { zh: `缺少文件：${missing.map(({ part }) => `${part}.age`).join("、")}` });
      await this.sealer.adoptFolder(files);
    } catch (error) {
      remember(error, "adopt");
      tell(get("folder-fault"), ...words(error));
    }
    get("folder").value = "";
    this.others.postMessage("changed");
    await this.look();
  }
}
