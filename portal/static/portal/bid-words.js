/** Words, small helpers and the log of refusals that the pages of a bid share. */

export const english = document.documentElement.lang === "en";

/** @param {string} zh @param {string} en */
export const t = (zh, en) => (english ? en : zh);

export const get = (id) => document.getElementById(id);

/** An element with its text and children. */
export function make(tag, said = "", ...inside) {
  const node = document.createElement(tag);
  node.textContent = said;
  node.append(...inside);
  return node;
}

/** Put text into an element and show it, or hide it where there is none. */
export function tell(node, ...said) {
  node.replaceChildren(...said.filter(Boolean).map(
    (one) => (one instanceof Node ? one : make("p", one))));
  node.hidden = !node.childNodes.length;
}

/** Save a file, as the browser saves downloads. @param {string} name @param {Blob} blob */
export function save(name, blob) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

const BEIJING = new Intl.DateTimeFormat("sv-SE", {
  timeZone: "Asia/Shanghai", dateStyle: "short", timeStyle: "medium" });

/** A moment as the pages write it. @param {string | number} at */
export const beijing = (at) => {
  const moment = new Date(at);
  const rest = moment.getMilliseconds(); // as the page writes it: only where there are any
  return `${BEIJING.format(moment)}${rest ? `.${String(rest).padStart(3, "0")}` : ""} ${t("北京时间", "Beijing time")}`;
};

const UNITS = [["GiB", 2 ** 30], ["MiB", 2 ** 20], ["KiB", 2 ** 10]];

/** @param {number} bytes */
export function size(bytes) {
  const [unit, many] = UNITS.find(([, least]) => bytes >= least) ?? ["B", 1];
  return many === 1 ? `${bytes} B` : `${(bytes / many).toFixed(1)} ${unit}`;
}

/** An amount in fen as yuan. @param {number} fen */
export const yuan = (fen) => (fen / 100).toFixed(2);

/** Fen of an amount in yuan; NaN where it is none. @param {string} said */
export function priceOf(said) {
  const found = /^¥?([0-9]{1,13})(?:\.([0-9]{1,2}))?$/.exec(said.replace(/[,，\s]/g, ""));
  return found ? Number(found[1]) * 100 + Number((found[2] ?? "").padEnd(2, "0")) : NaN;
}

/** The sealing module's own sentences, which are in English, as a Chinese page says them. */
const CHINESE = [
  ["another window is busy", "另一个窗口正在处理这份投标。"],
  ["no room for", "本机的浏览器存储空间不够，请清理或改用离线加密器。"],
  ["not a key file", "这不是投标的密钥文件 bid.key。"],
  ["another version", "这是另一个版本的密钥文件。"],
  ["two files are called", "同一部分里有两个同名文件，请改名。"],
  ["backup back first", "请先把签名密钥的备份读回来。"],
  ["no bid.key in this folder", "所选文件里没有 bid.key，请选中文件夹里的全部文件。"],
  ["the platform takes", "文件总大小超过平台的上限。"],
  ["other keys than before", "平台出示的密钥与以前不同，不要加密或上传，请联系监督部门核实。"],
  ["does not prove this notice", "存证中还没有这份公告的批准证明，请一分钟后再试。"],
  ["the worker was stopped", "加密被浏览器中止，请重试。"],
  ["token or under a password", "浏览器不能使用 UKey 或带密码的私钥，请用命令行签名。"],
  ["does not have that signing key", "本浏览器里没有这把签名密钥，请读入备份。"],
  ["files are not all", "文件不全。"],
  ["not the opening of an offer", "这不是报价的揭示文件。"],
  ["opening of another purchase", "这是另一笔采购或另一单位的揭示文件。"],
  ["opening of the offer that was handed in", "这不是已递交的那份报价的揭示文件。"],
  ["proposal is larger", "方案文件太大（不超过 256 MiB）。"],
];

/** What went wrong, in a sentence, and what to do. @param {any} error @returns {[string, string]} */
export function words(error) {
  const half = (part) => String((part && typeof part === "object" ? part[english ? "en" : "zh"] : part) ?? "")
    .replace(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z/g, (at) => beijing(at)); // the interface's moments
  if (error?.document) {
    const { detail, do: next } = error.document;
    return [half(detail) || `${error.status} ${error.code}`, half(next)];
  }
  if (error?.name === "TypeError" && /fetch/i.test(error.message)) {
    return [t("连不上平台。", "The platform cannot be reached."),
      t("请检查网络；本机上的内容都在。", "Look at the network; what is on this device is all there.")];
  }
  const said = error?.zh && !english ? error.zh : String(error?.message ?? error);
  const known = CHINESE.find(([part]) => said.includes(part));
  return [!english && known ? known[1] : said, ""];
}

const LOG = "yangguang.refusals";
const MOST = 30;

/** Remember a refusal for the helpdesk note: in this window's session, nowhere else. */
export function remember(error, doing) {
  try {
    const log = refusals();
    log.push({ at: new Date().toISOString(), doing, page: location.pathname,
      status: error?.status ?? 0, code: error?.code ?? "", said: words(error)[0],
      instance: error?.document?.instance ?? "" });
    sessionStorage.setItem(LOG, JSON.stringify(log.slice(-MOST)));
  } catch {
    // A browser that keeps nothing has no log; the page goes on.
  }
}

/** @returns {{at: string, doing: string, page: string, status: number, code: string, said: string}[]} */
export function refusals() {
  try {
    return JSON.parse(sessionStorage.getItem(LOG) ?? "[]");
  } catch {
    return [];
  }
}
