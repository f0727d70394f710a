/**
 * Joint bids (实施条例 37; 招标投标法 31): the file that passes from member to member, each of whom
 * signs one statement on a device of its own; what the form then holds. The same file, statement
 * and bytes as `yangguang bid consortium`.
 *
 *     let file = await begin(agreement, [{ uscc, duty }, …]);        // the lead first
 *     file = await signMember(terms, file, uscc, (value) => signing.sign(value, key));
 *     bid.form.consortium = file;                                    // once all have signed
 */

import { ed25519 } from "@noble/curves/ed25519.js";

import { hex, sha256, unb64 } from "./bytes.js";
import { signedBytes } from "./declaration.js";
import { isUscc } from "./uscc.js";

export const MOST = 10;
/** Bytes of the agreement's file at most: it is hashed at once. */
export const AGREEMENT_LIMIT = 64 * 1024 * 1024;

const HASH = /^[0-9a-f]{64}$/;

/** What is wrong with a consortium, in English (`message`) and Chinese (`zh`). */
export class BadConsortium extends Error {
  constructor(message, zh) {
    super(message);
    this.name = "BadConsortium";
    this.zh = zh;
  }
}

/**
 * @typedef {{uscc: string, duty: string, key?: string, signature?: string}} Member
 * @typedef {{agreement: string, members: Member[]}} Consortium
 */

const keysOf = (value) => Object.keys(value).sort().join();
const line = (said) => typeof said === "string" && said !== "" && [...said].length <= 200
  && said.isWellFormed();

/** Throw unless agreement and members can be signed for. @param {any} value @returns {Consortium} */
export function checkMembers(value) {
  if (value === null || typeof value !== "object" || keysOf(value) !== "agreement,members"
      || !Array.isArray(value.members)) {
    throw new BadConsortium("this is no consortium's file", "这不是联合体文件");
  }
  if (typeof value.agreement !== "string" || !HASH.test(value.agreement)) {
    throw new BadConsortium("the agreement is named by its SHA-256", "共同投标协议应以其 SHA-256 标明");
  }
  if (value.members.length < 2 || value.members.length > MOST) {
    throw new BadConsortium(`a consortium has 2 to ${MOST} members`, `联合体应有 2 至 ${MOST} 名成员`);
  }
  for (const one of value.members) {
    if (one === null || typeof one !== "object" || !line(one.duty)) {
      throw new BadConsortium("each member has its part of the work", "每名成员应写明分工");
    }
    if (!isUscc(one.uscc)) {
      throw new BadConsortium(`${one.uscc} is not a credit code`, `${one.uscc} 不是有效的统一社会信用代码`);
    }
  }
  for (const [place, { uscc }] of value.members.entries()) {
    if (value.members.findIndex((one) => one.uscc === uscc) !== place) {
      throw new BadConsortium(`${uscc} is named twice (实施条例 37)`, `${uscc} 被列了两次（实施条例 37）`);
    }
  }
  return value;
}

/** Throw unless it is whole: every member with key and signature. @param {any} value @returns {Consortium} */
export function checkConsortium(value) {
  checkMembers(value);
  const open = value.members.filter((one) => !one.signature).map((one) => one.uscc);
  if (open.length) {
    throw new BadConsortium(`not signed yet: ${open.join(", ")}`, `尚未签名：${open.join("、")}`);
  }
  for (const one of value.members) {
    if (keysOf(one) !== "duty,key,signature,uscc" || !line(one.key) || !line(one.signature)) {
      throw new BadConsortium(`a malformed member ${one.uscc}`, `成员 ${one.uscc} 的内容不符合格式`);
    }
  }
  return value;
}

/** What every member signs. @param {import("./notice.js").Terms} terms @param {Consortium} said */
export const statement = (terms, { agreement, members }) => ({
  v: 1, type: "consortium", log_origin: terms.log_origin, tender: terms.tender, lot: terms.lot,
  agreement, members: members.map(({ uscc, duty }) => ({ uscc, duty })),
});

/** The SHA-256 of an agreement, or of a file that may be it. @param {Blob} blob @returns {Promise<string>} */
const hashOf = async (blob) => hex(await sha256(await blob.arrayBuffer()));

/**
 * Begin a consortium's file. @param {Blob} agreement the signed agreement, at most 64 MiB
 * @param {Member[]} members the lead first @returns {Promise<Consortium>}
 */
export async function begin(agreement, members) {
  if (!agreement.size || agreement.size > AGREEMENT_LIMIT) {
    throw new BadConsortium("the agreement is empty, or larger than 64 MiB", "共同投标协议为空，或大于 64 MiB");
  }
  return checkMembers({
    agreement: await hashOf(agreement), members: members.map(({ uscc, duty }) => ({ uscc, duty })) });
}

/**
 * Add one member's signature.
 * @param {import("./notice.js").Terms} terms @param {Consortium} said
 * @param {string} own the credit code of who signs
 * @param {(value: object) => Promise<{key: any, signature: string}>} sign
 * @returns {Promise<Consortium>}
 */
export async function signMember(terms, said, own, sign) {
  checkMembers(said);
  if (!said.members.some((one) => one.uscc === own)) {
    throw new BadConsortium(`${own} is no member of this consortium`, `${own} 不是该联合体的成员`);
  }
  const { key, signature } = await sign(statement(terms, said));
  if (typeof key !== "string") {
    throw new BadConsortium("members sign with a registered key, not with a certificate",
      "联合体成员须以登记的签名密钥签名，暂不支持证书");
  }
  return { agreement: said.agreement, members: said.members.map(
    (one) => (one.uscc === own ? { uscc: one.uscc, duty: one.duty, key, signature } : one)) };
}

/** Who has signed exactly this for this lot. @returns {{uscc: string, duty: string, signed: boolean}[]} */
export function standing(terms, said) {
  const bytes = signedBytes(statement(terms, checkMembers(said)));
  return said.members.map(({ uscc, duty, key, signature }) => ({
    uscc, duty, signed: good(signature, bytes, key) }));
}

function good(signature, bytes, key) {
  try {
    return ed25519.verify(unb64(signature, 64), bytes, unb64(key, 32), { zip215: false });
  } catch {
    return false;
  }
}

/** What the approved notice asks of the lot's tenderers; undefined where it is not known here. */
function asked(notice) {
  const { content } = notice.approved;
  if (!content) return undefined;
  return content.more?.requirements?.find((one) => one.lot === notice.terms.lot)
    ?? { consortium: false };
}

/**
 * Throw where the opening would reject a joint bid, as far as it can be told before: who leads,
 * whether the lot takes it, signatures, and the agreement among the files (招标投标法 31).
 * @param {import("./notice.js").Notice} notice @param {string} tenderer
 * @param {any} value the form's consortium @param {{blob: Blob}[]} files of the bid
 */
export async function fits(notice, tenderer, value, files) {
  const { members, agreement } = checkConsortium(value);
  if (members[0].uscc !== tenderer) {
    throw new BadConsortium("the first member leads and must be the tenderer", "第一名成员为牵头人，应与投标人一致");
  }
  const terms = asked(notice);
  if (terms && !terms.consortium) {
    throw new BadConsortium("the notice takes no consortia", "公告不接受联合体投标");
  }
  if (terms && members.length > terms.members_max) {
    throw new BadConsortium(`the notice takes ${terms.members_max} members at most`,
      `公告规定联合体成员不超过 ${terms.members_max} 名`);
  }
  const unsigned = standing(notice.terms, value).filter(({ signed }) => !signed);
  if (unsigned.length) {
    const names = unsigned.map(({ uscc }) => uscc);
    throw new BadConsortium(`not signed for this lot and these members: ${names.join(", ")}`,
      `签名不是针对本标段和所列成员的：${names.join("、")}`);
  }
  for (const { blob } of files) {
    if (blob.size && blob.size <= AGREEMENT_LIMIT && await hashOf(blob) === agreement) return;
  }
  throw new BadConsortium("the agreement is not among the bid's files (招标投标法 31)",
    "投标文件中没有该共同投标协议（招标投标法 31）");
}
