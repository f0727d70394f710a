/**
 * "Verify" on the pages of the record: every step is computed here from the public files, and
 * nothing that the platform says about itself is believed but what its key signed (tree.js).
 *
 *   [data-verify=INDEX]  one entry: key, signature, continuity, place, content
 *   [data-compare]       two checkpoints: that the later continues the earlier
 */
import { Fault, Tree, b64, disclosed, hex, leafHash, readCheckpoint, readKey, readLeaf, same } from "./tree.js";

const RECORD = "/api/v1/record/";
const english = document.documentElement.lang === "en";
const say = (zh, en) => (english ? en : zh);

async function get(path) {
  const answer = await fetch(RECORD + path, { credentials: "omit" }).catch(() => null);
  if (answer?.status === 404) return null;
  if (!answer?.ok) throw new Fault(`取不到 ${path}，请稍后再试。`, `${path} cannot be fetched; try again later.`);
  return new Uint8Array(await answer.arrayBuffer());
}

const text = async (path) => new TextDecoder().decode(await needed(path));

async function needed(path) {
  const found = await get(path);
  if (!found) throw new Fault(`平台没有 ${path}。`, `The platform does not have ${path}.`);
  return found;
}

/** The list of steps of a page; each says how it went. */
class Steps {
  constructor(list) {
    this.list = list;
    list.replaceChildren();
  }

  /** @param {"good"|"bad"|"wait"} how */
  add(how, words, ...codes) {
    const item = document.createElement("li");
    item.className = how;
    const body = document.createElement("div");
    const line = document.createElement("p");
    line.textContent = words;
    body.append(line);
    for (const one of codes) {
      const code = document.createElement("code");
      code.textContent = one;
      body.append(code);
    }
    item.append(body);
    this.list.append(item);
  }
}

const pinAt = (origin) => `yangguang.log ${origin}`;

function kept(origin) {
  try {
    return JSON.parse(localStorage.getItem(pinAt(origin)) ?? "null");
  } catch {
    return null;
  }
}

function keep(origin, vkey, note) {
  try {
    localStorage.setItem(pinAt(origin), JSON.stringify({ vkey, note }));
    return true;
  } catch {
    return false;
  }
}

/** The log's key, compared with the one that this browser met before. */
async function trusted(steps) {
  const vkey = (await text("log.vkey")).trim();
  const { name } = await readKey(vkey);
  const before = kept(name);
  if (before && before.vkey !== vkey) {
    throw new Fault(`公钥和本浏览器以前见到的不同：以前是 ${before.vkey}，现在是 ${vkey}。请向监督机构核实。`,
      `The key is not the one this browser met before: it was ${before.vkey}, and is ${vkey} now. Ask the supervisor.`);
  }
  steps.add(before ? "good" : "wait", before
    ? say("公钥和本浏览器以前见到的相同。", "The key is the one this browser met before.")
    : say("第一次见到这个公钥，已记在本浏览器；请和招标文件或监督机构给的那一份比较。",
      "The key is met for the first time and kept in this browser; compare it with a copy from the documents or the supervisor."), vkey);
  return { vkey, before };
}

/** Throw unless the tree of `now` continues that of `old`; both signed already. */
async function continues(old, now, tree) {
  if (old.size > now.size) {
    throw new Fault(`日志变短了：以前有 ${old.size} 条，现在只有 ${now.size} 条。`, `The log became shorter: it had ${old.size} entries and has ${now.size}.`);
  }
  const [before, whole] = old.size ? await tree.roots(old.size) : [old.root, await tree.hash(0, now.size)];
  if (!same(before, old.root)) {
    throw new Fault("以前的条目被改动过：按现在的文件算不出以前的根。", "Earlier entries were changed: today's files do not give the earlier root.");
  }
  if (!same(whole, now.root)) {
    throw new Fault("文件和签名的根不符。", "The files do not give the root that was signed.");
  }
}

async function head(steps) {
  const { vkey, before } = await trusted(steps);
  const note = await text("checkpoint");
  const now = await readCheckpoint(note, vkey);
  steps.add("good", say(`检查点由这个公钥签名：共 ${now.size} 条，根为`, `The checkpoint is signed by this key: ${now.size} entries, with the root`), b64(now.root));
  const tree = new Tree(now.size, needed);
  if (before?.note) {
    const old = await readCheckpoint(before.note, vkey);
    await continues(old, now, tree);
    steps.add("good", say(`日志包含本浏览器上次见到的 ${old.size} 条，没有改动。`, `The log still holds the ${old.size} entries this browser saw last time, unchanged.`));
  }
  keep(now.origin, vkey, note);
  return { now, tree };
}

async function verifyEntry(index, steps, shown) {
  const { now, tree } = await head(steps);
  if (index >= now.size) throw new Fault("这个条目还不在签名的日志里。", "This entry is not in the signed log yet.");
  const leaf = await tree.leaf(index);
  const { at, committed } = readLeaf(leaf);
  const hash = await leafHash(leaf);
  steps.add("good", say(`取得第 ${index} 条，写入时刻 ${at}，叶子的哈希为`, `Entry ${index} was fetched, written at ${at}; the hash of its leaf is`), hex(hash));
  const { root, steps: siblings } = await tree.rootFrom(hash, index);
  if (!same(root, now.root)) {
    throw new Fault("从这个条目算出的根和签名的根不同。", "The root computed from this entry is not the one that was signed.");
  }
  steps.add("good", say(`经过 ${siblings} 个相邻哈希（取了 ${tree.fetched} 个文件）算到签名的根：条目确在日志里。`,
    `Over ${siblings} sibling hashes (${tree.fetched} files fetched) it leads to the signed root: the entry is in the log.`));
  const bundle = Math.floor(index / 256);
  const path = `disclosed/${bundlePath(bundle)}.jsonl`;
  const file = await get(path);
  const record = file && await disclosed(new TextDecoder().decode(file), index, committed);
  if (!record) {
    steps.add("wait", say("内容尚未公开：已证明它在日志里、何时写入，以后不能换成别的内容。",
      "Its content is not disclosed: proven are its place and its time, and that no other content can take its place."));
    return;
  }
  if (shown && shown.textContent !== record) {
    throw new Fault("本页显示的内容和存证里的不同。", "What this page shows is not what the record holds.");
  }
  steps.add("good", say("公开的内容正是这个条目所承诺的内容，也是本页显示的内容。",
    "What is disclosed is what the entry commits to, and what this page shows."), b64(committed));
}

function bundlePath(index) {
  let said = String(index % 1000).padStart(3, "0");
  for (let rest = Math.floor(index / 1000); rest; rest = Math.floor(rest / 1000)) {
    said = `x${String(rest % 1000).padStart(3, "0")}/${said}`;
  }
  return said;
}

async function compare(form, steps) {
  const { vkey } = await trusted(steps);
  const notes = await Promise.all(["older", "newer"].map(async (name) =>
    form.elements[name].value.trim() ? `${form.elements[name].value.trim()}\n` : text("checkpoint")));
  const heads = [];
  for (const [place, note] of notes.entries()) {
    const found = await readCheckpoint(note.replaceAll("\r\n", "\n"), vkey);
    steps.add("good", say(`${place ? "较新" : "较早"}的检查点签名正确：${found.size} 条，根为`, `The ${place ? "later" : "earlier"} checkpoint is signed rightly: ${found.size} entries, with the root`), b64(found.root));
    heads.push(found);
  }
  // Both are shown to be the beginning of today's tree, whose files the platform surely has.
  const now = await readCheckpoint(await text("checkpoint"), vkey);
  if (heads[0].size > heads[1].size) {
    throw new Fault("较早的检查点比较新的还长，请交换。", "The earlier checkpoint is longer than the later one; exchange them.");
  }
  const tree = new Tree(now.size, needed);
  for (const one of heads) await continues(one, now, tree);
  steps.add("good", say(`较新的日志包含较早的全部 ${heads[0].size} 条，只在后面增加了 ${heads[1].size - heads[0].size} 条（取了 ${tree.fetched} 个文件）。`,
    `The later log holds all ${heads[0].size} entries of the earlier one and only adds ${heads[1].size - heads[0].size} behind them (${tree.fetched} files fetched).`));
}

async function run(place, work) {
  const result = place.querySelector("[data-result]");
  const steps = new Steps(place.querySelector(".checks"));
  result.className = "say";
  result.textContent = say("正在核对……", "Verifying …");
  try {
    await work(steps);
    result.className = "say good";
    result.textContent = say("核对通过：以上每一步都在您的浏览器里算过。", "Verified: every step above was computed in your browser.");
  } catch (error) {
    const words = error instanceof Fault ? say(...error.said) : String(error);
    steps.add("bad", words);
    result.className = "say bad";
    result.textContent = say(`核对未通过：${words}`, `Not verified: ${words}`);
  }
}

const place = document.querySelector("[data-verify], [data-compare]");
if (place) {
  const button = place.querySelector("button");
  button.disabled = false;
  const form = place.querySelector("form");
  if (place.dataset.verify) {
    button.addEventListener("click", () => run(place, (steps) =>
      verifyEntry(Number(place.dataset.verify), steps, document.getElementById("shown-record"))));
  } else {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      run(place, (steps) => compare(form, steps));
    });
    const before = kept(place.dataset.compare);
    if (before?.note && !form.elements.older.value) form.elements.older.value = before.note;
  }
}
