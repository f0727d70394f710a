/**
 * Looks at files before they are sealed: empty, of another kind than their name says, cut off, of a
 * name that the archive cannot hold. By their first and last bytes only, on this device.
 */

import { t } from "./bid-words.js";

const ascii = (bytes) => String.fromCharCode(...bytes);
const TAIL = 1 << 16;
const ARCHIVES = ["docx", "xlsx", "pptx", "zip", "ofd"];

/** What a file's first bytes must be, by the end of its name. */
const STARTS = [
  [["pdf"], (head) => ascii(head).includes("%PDF-")],
  [ARCHIVES, (head) => ascii(head.slice(0, 4)) === "PK\u0003\u0004"],
  [["png"], (head) => ascii(head.slice(1, 4)) === "PNG"],
  [["jpg", "jpeg"], (head) => head[0] === 0xff && head[1] === 0xd8],
  [["doc", "xls", "ppt"], (head) => head[0] === 0xd0 && head[1] === 0xcf],
  [["rar"], (head) => ascii(head.slice(0, 4)) === "Rar!"],
  [["7z"], (head) => ascii(head.slice(0, 2)) === "7z"],
];
const PROGRAMS = ["exe", "bat", "cmd", "com", "js", "vbs", "scr", "msi", "lnk", "ps1", "jar"];

const endOf = (name) => name.toLowerCase().split(".").at(-1);
const bytes = async (blob) => new Uint8Array(await blob.arrayBuffer());

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
  if (PROGRAMS.includes(kind)) return { ...found, bad: t("是程序，不是投标文件", "a program is no bidding document") };
  const start = STARTS.find(([ends]) => ends.includes(kind));
  if (start && !start[1](head)) {
    return { ...found, bad: t(`内容不是 ${kind} 文件，可能损坏或改过扩展名`, `its content is no ${kind}: damaged, or renamed`) };
  }
  if (kind === "pdf" && !ascii(tail.slice(-2048)).includes("%%EOF")) {
    found.mind = t("PDF 没有正常的结尾，可能没有下载完整，请打开看一下", "the PDF has no proper end and may be cut off; open it and look");
  }
  if (ARCHIVES.includes(kind) && !ascii(tail).includes("PK\u0005\u0006")) {
    return { ...found, bad: t("文件不完整：没有压缩包的结尾", "it is cut off: the archive has no end") };
  }
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
