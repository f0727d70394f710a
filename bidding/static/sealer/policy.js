/**
 * Who can open a bid: the access policy, a public tree in the notice. `{"any":[…]}` copies the
 * secret, `{"all":[…]}` XOR-splits it, `{"k":2,"of":[…]}` Shamir-splits it (GF(256), HashiCorp's
 * layout). A leaf is `"tenderer"` or `{"holder", "recipient"}`; a path the child indices.
 */

import { split } from "shamir-secret-sharing";

import { concat, random } from "./bytes.js";
import { digest } from "./canonical.js";
import { checkRecipient } from "./suites.js";

const MAX_DEPTH = 4;
const MAX_LEAVES = 32;

/** @param {unknown} tree @returns {Promise<string>} SHA-256 of its JCS */
export const policyHash = (tree) => digest(tree);

const below = (path, number) => (path ? `${path}/${number}` : String(number));

function children(node) {
  if (node === null || typeof node !== "object" || "holder" in node) return null;
  return node.any ?? node.all ?? node.of ?? null;
}

/** @returns {[string, any][]} every leaf with its path, in order */
export function leaves(node, path = "") {
  const branches = children(node);
  if (branches === null) return [[path, node]];
  return branches.flatMap((child, number) => leaves(child, below(path, number)));
}

/** Throw unless `tree` is one this program can deal for holders of `suite`. */
export function check(tree, suite) {
  checkNode(tree, suite, 0);
  const found = leaves(tree).map(([, leaf]) => leaf);
  if (found.length > MAX_LEAVES) throw new Error(`more than ${MAX_LEAVES} leaves`);
  const holders = found.filter((leaf) => leaf !== "tenderer");
  for (const name of ["holder", "recipient"]) {
    if (new Set(holders.map((leaf) => leaf[name])).size !== holders.length) {
      throw new Error(`one ${name} stands twice`);
    }
  }
  if (found.length - holders.length > 1) throw new Error("the tenderer stands twice");
}

function checkNode(node, suite, depth) {
  if (depth > MAX_DEPTH) throw new Error(`the policy is deeper than ${MAX_DEPTH}`);
  if (node === "tenderer") return;
  const kind = node && typeof node === "object" ? Object.keys(node).sort().join() : "";
  if (kind === "holder,recipient") {
    if (typeof node.holder !== "string" || !node.holder || node.holder.length > 64) {
      throw new Error("a holder without an id");
    }
    checkRecipient(suite, node.recipient);
    return;
  }
  const branches = children(node);
  if (!["any", "all", "k,of"].includes(kind) || !Array.isArray(branches) || !branches.length
      || branches.length > 255) {
    throw new Error("a rule is any, all or k of, with branches");
  }
  const k = node.k ?? 1;
  if (!Number.isSafeInteger(k) || k < 1 || k > branches.length) {
    throw new Error("k is not between 1 and the number of branches");
  }
  branches.forEach((child) => checkNode(child, suite, depth + 1));
}

/**
 * Shares of `secret` for every leaf, by path.
 * @param {any} node @param {Uint8Array} secret
 * @returns {Promise<Map<string, Uint8Array>>}
 */
export async function deal(node, secret, path = "", dealt = new Map()) {
  const branches = children(node);
  if (branches === null) return dealt.set(path, secret);
  const parts = node.any ? branches.map(() => secret)
    : node.all ? xorSplit(secret, branches.length)
      : await shamirSplit(secret, branches.length, node.k);
  for (const [number, child] of branches.entries()) {
    await deal(child, parts[number], below(path, number), dealt);
  }
  return dealt;
}

function xorSplit(secret, count) {
  const parts = Array.from({ length: count - 1 }, () => random(secret.length));
  const last = secret.map((byte, place) => parts.reduce((sum, part) => sum ^ part[place], byte));
  return [...parts, last];
}

function shamirSplit(secret, count, k) {
  if (k > 1) return split(secret, count, k);
  // The library deals from two on. One of n is the constant polynomial: the secret at every x.
  const first = random(1)[0] % 255;
  return Array.from({ length: count },
    (_, number) => concat(secret, new Uint8Array([((first + number) % 255) + 1])));
}
