/**
 * Looks at files before they are sealed: empty, of another kind than their name says, cut off, of a
 * name that the archive cannot hold. By their first and last bytes only, on this device.
 */

import { t } from "./bid-words.js";

const ascii = (bytes) => String.fromCharCode(...bytes);
const TAIL = 1 << 16;
const ARCHIVES = ["docx", "xlsx", "pptx", "docm", "xlsm", "pptm", "xlsb", "zip", "ofd"];

/** What a file's first bytes must be, by the end of its name. */
const STARTS = [
  [["pdf"], (head) => ascii(head).includes("%PDF-")],
  [ARCHIVES, (head) => ascii(head.slice(0, 4)) === "PK\u0003\u0004"],
  [["csv", "txt"], () => true],
  [["png"], (head) => ascii(head.slice(1, 4)) === "PNG"],
  [["jpg", "jpeg"], (head) => head[0] === 0xff && head[1] === 0xd8],
  [["doc", "xls", "ppt"], (head) => head[0] === 0xd0 && head[1] === 0xcf],
  [["rar"], (head) => ascii(head.slice(0, 4)) === "Rar!"],
  [["7z"], (head) => ascii(head.slice(0, 2)) === "7z"],
];
const PROGRAMS = ["exe", "bat", "cmd", "com", "js", "vbs", "scr", "msi", "lnk", "ps1", "jar", "dll",
  "pif", "hta", "wsf", "sh", "apk", "reg", "chm"];
const CONTENT = [[[0x4d, 0x5a], "Windows"], [[0x7f, 0x45, 0x4c, 0x46], "Linux"], [[0x23, 0x21], "#!"],
  [[0xca, 0xfe, 0xba, 0xbe], "Java"]];
/** How much of a file is gone through for what is active in it. */
const DEEP = 64 << 20;
const STEP = 4 << 20;

const endOf = (name) => name.toLowerCase().split(".").at(-1);
const bytes = async (blob) => new Uint8Array(await blob.arrayBuffer());

/** Which of these words stand in a file's first bytes, read piece by piece. */
async function wordsIn(file, sought) {
  const found = new Set();
  for (let at = 0; at < Math.min(file.size, DEEP) && found.size < sought.length; at += STEP) {
    const said = new TextDecoder("latin1").decode(await file.slice(Math.max(0, at - 32), at + STEP).arrayBuffer());
    for (const word of sought) if (said.includes(word)) found.add(word);
  }
  return found;
}

async function activeInPdf(file) {
  const found = await wordsIn(file, ["/Encrypt", "/JavaScript", "/Launch", "/EmbeddedFile"]);
  if (found.has("/Encrypt")) return t("PDF 设了密码或权限限制，评委可能打不开，请去掉后再选", "the PDF has a password or restrictions and may not open for the panel; remove them");
  if (found.has("/Launch")) return t("PDF 里有启动程序的动作，评委的电脑可能拦截，请重新输出 PDF", "the PDF starts a program, which the panel's machines may block; print it anew");
  if (found.has("/JavaScript")) return t("PDF 里有脚本，请重新输出为普通 PDF", "the PDF holds scripts; print it anew as a plain one");
  return found.has("/EmbeddedFile") ? t("PDF 里嵌有别的文件，评委可能看不到，请单独提交", "the PDF holds other files that the panel may miss; give them by themselves") : "";
}

/** What an archive's own directory says: macros, programs, a password. */
function activeInArchive(tail, start) {
  const said = new TextDecoder("latin1").decode(tail);
  const entries = [...said.matchAll(/PK\u0001\u0002/g)].map(({ index }) => index);
  if (entries.some((at) => tail[at + 8] & 1)) return t("压缩包设了密码，评委打不开，请去掉密码", "the archive has a password and will not open for the panel");
  if (/vbaProject\.bin/i.test(said) || /\.(xlsm|docm|pptm|xlsb)$/i.test(start)) return t("含有宏，评委的电脑通常禁止运行；请另存为不含宏的格式", "it holds macros, which the panel's machines usually block; save it without");
  const names = entries.map((at) => said.slice(at + 46, at + 46 + tail[at + 28] + 256 * tail[at + 29]));
  const program = names.find((name) => PROGRAMS.includes(endOf(name)));
  return program ? t(`压缩包里有程序（${program}），请去掉`, `a program is in the archive (${program}); take it out`) : "";
}

/**
 * @param {File} file
 * @returns {Promise<{bad: string, mind: string}>} what stops it, and what a person should look at
 */
async function lookAt(file) {
  const found = { bad: "", mind: "" };
  if (!file.size) return { ...found, bad: t("文件是空的", "the file is empty") };
  if ([...file.name].some((sign) => sign < " ") || new TextEncoder().encode(file.name).length > 255) {
    return { ...found, bad: t("文件名过长或含控制字符", "its name is too long or has control characters") };
  }
  let head;
  let tail;
  try {
    head = await bytes(file.slice(0, 1024));
    tail = await bytes(file.slice(Math.max(0, file.size - TAIL)));
  } catch {
    return { ...found, bad: t("文件读不出来：可能已移动、被占用或损坏", "it cannot be read: moved, in use or damaged") };
  }
  const kind = endOf(file.name);
  if (/[\u202a-\u202e\u2066-\u2069]/.test(file.name)) return { ...found, bad: t("文件名里有改变显示方向的字符，看到的扩展名可能是假的", "its name has marks that turn the direction: the extension shown may be a false one") };
  if (PROGRAMS.includes(kind) && file.name.split(".").length > 2) return { ...found, bad: t("双扩展名：看起来是文档，实际是程序", "two extensions: it looks like a document and is a program") };
  const program = CONTENT.find(([start]) => start.every((byte, at) => head[at] === byte));
  if (program && !PROGRAMS.includes(kind)) return { ...found, bad: t(`内容是程序（${program[1]}），不是投标文件`, `its content is a program (${program[1]})`) };
  if (PROGRAMS.includes(kind)) return { ...found, bad: t("是程序，不是投标文件", "a program is no bidding document") };
  const start = STARTS.find(([ends]) => ends.includes(kind));
  if (ARCHIVES.includes(kind) && head[0] === 0xd0 && head[1] === 0xcf) {
    return { ...found, bad: t("文档设了打开密码（或不是这种格式），评委打不开", "the document has a password, or is of another format: the panel cannot open it") };
  }
  if (start && !start[1](head)) {
    return { ...found, bad: t(`内容不是 ${kind} 文件，可能损坏或改过扩展名`, `its content is no ${kind}: damaged, or renamed`) };
  }
  if (kind === "pdf" && !ascii(tail.slice(-2048)).includes("%%EOF")) {
    found.mind = t("PDF 没有正常的结尾，可能没有下载完整，请打开看一下", "the PDF has no proper end and may be cut off; open it and look");
  }
  if (ARCHIVES.includes(kind) && !ascii(tail).includes("PK\u0005\u0006")) {
    return { ...found, bad: t("文件不完整：没有压缩包的结尾", "it is cut off: the archive has no end") };
  }
  if (kind === "pdf") found.mind ||= await activeInPdf(file);
  if (ARCHIVES.includes(kind)) found.mind ||= activeInArchive(tail, file.name);
  if (!start) found.mind = t("不认识的文件类型，请确认评委能打开", "an unknown kind of file: make sure that the panel can open it");
  return found;
}

/**
 * @param {File[]} files of one part
 * @returns {Promise<{file: File, bad: string, mind: string}[]>}
 */
export async function check(files) {
  const found = [];
  const names = new Set();
  for (const file of files) {
    const one = { file, ...await lookAt(file) };
    const name = file.name.normalize("NFC").toUpperCase().toLowerCase();
    if (names.has(name)) one.bad ||= t("同一部分里有同名文件", "two files of this part have the same name");
    names.add(name);
    found.push(one);
  }
  return found;
}
