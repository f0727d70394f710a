/** The page of the offline sealer. It has one state at a time and says which. */

import { tarOf } from "../archive.js";
import { besides, newId, roomFor, sealBid, sourcesOf } from "../bid.js";
import { unb64, utf8 } from "../bytes.js";
import { digest } from "../canonical.js";
import * as joint from "../consortium.js";
import { KEY_FILE, readKeyFile, sameKeys, writeKeyFile } from "../keyfile.js";
import { newBackup, publicOfBackup, signWithBackup } from "../keys.js";
import { checkNames, formBytes, PARTS } from "../manifest.js";
import { checkLimit, readNotice } from "../notice.js";
import { examine } from "../opened.js";
import { hasNative } from "../payload.js";
import { compare, requireProven } from "../trust.js";
import { download, inBrowser, inFolder } from "./places.js";
import { TEXTS } from "./texts.js";

const get = (id) => document.getElementById(id);
const element = (tag, said) => Object.assign(document.createElement(tag), { textContent: said });

let english = false;
let notice = null;
let job = null;
let keptHere = null;
let together = null;
const said = (name) => TEXTS[name][english ? 1 : 0];

function show() {
  document.documentElement.lang = english ? "en" : "zh-CN";
  document.title = said("title");
  for (const node of document.querySelectorAll("[data-t]")) node.textContent = said(node.dataset.t);
  get("language").textContent = english ? "中文" : "English";
  get("language").lang = english ? "zh-CN" : "en";
  get("pause").textContent = said(job?.resume ? "resume" : "pause");
  if (notice) showNotice();
  showJoint();
  showFaults();
}

function showNotice() {
  const { terms, lot } = notice;
  const rows = [["tender_title", `${lot.number ?? ""} ${lot.title ?? ""}`], ["deadline", lot.deadline],
    ["suite", terms.suite], ["origin", terms.log_origin], ["policy_hash", lot.policy_hash],
    ["log_key", `${lot.seal.log_vkey ?? ""} ${said(notice.trust.log)}`],
    ["approval", notice.trust.approved ? said("approved") + notice.trust.approved
      : said("unapproved")]];
  get("facts").replaceChildren(...rows.flatMap(
    ([name, value]) => [element("dt", said(name)), element("dd", value ?? "")]));
  get("facts").hidden = false;
  get("accept").hidden = !!notice.trust.approved;
  get("unproven").required = !notice.trust.approved;
}

const faults = new Map();

function showFaults() {
  const words = [...faults.values()].map((error) => (!english && error.zh) || error.message);
  get("fault").textContent = words.length ? said("wrong") + words.join(" · ") : "";
}

/** Run what a control does; what it throws is shown until the same control does better. */
const doing = (control, work) => async (event) => {
  faults.delete(control);
  try {
    await work(event);
  } catch (error) {
    if (error.name !== "AbortError") faults.set(control, error);
    // A browser says nothing when the same file is chosen again: so that it can be, forget it.
    if (get(control)?.type === "file") get(control).value = "";
  }
  showFaults();
};

const chosen = (id) => get(id).files[0];

get("language").onclick = () => { english = !english; show(); };

/** Read the notice's file and check it, under the record's key where that was given. */
async function checkNotice() {
  notice = null;
  for (const id of ["facts", "accept"]) get(id).hidden = true;
  get("unproven").checked = get("unproven").required = false;
  const read = await readNotice(JSON.parse(await chosen("notice").text()));
  notice = { ...read, trust: await compare(read, get("log_key").value) };
  showNotice();
  showJoint();
}

get("notice").onchange = doing("notice", checkNotice);
get("log_key").onchange = () => { if (chosen("notice")) get("notice").onchange(); };

get("signing").onchange = doing("signing", async () => {
  get("key").textContent = "";
  get("key").textContent = said("key_read") + publicOfBackup(await chosen("signing").text());
});

get("new_key").onclick = doing("new_key", () => {
  const { backup, public: key } = newBackup();
  download("signing.key", new Blob([backup]));
  get("key").textContent = said("key_saved") + key;
});

/** The members of the chosen file, and who of them has signed for this very lot. */
function showJoint() {
  const lines = together && notice ? joint.standing(notice.terms, together) : [];
  get("joint_standing").replaceChildren(...lines.map(({ uscc, duty, signed }, place) => element("li",
    `${uscc}${place ? "" : ` (${said("joint_lead_word")})`} · ${duty} · ${
      said(signed ? "joint_signed" : "joint_open")}`)));
}

const saveJoint = (made) => download("consortium.json",
  new Blob([`${JSON.stringify(made, null, 2)}\n`]));

get("joint_begin").onclick = doing("joint_begin", async () => {
  if (!chosen("joint_agreement")) throw new Error(said("joint_agreement"));
  const members = get("joint_members").value.split("\n").filter((line) => line.trim()).map((line) => {
    const [uscc, ...duty] = line.trim().split(/\s+/);
    return { uscc, duty: duty.join(" ") };
  });
  together = await joint.begin(chosen("joint_agreement"), members);
  saveJoint(together);
  showJoint();
});

get("joint_file").onchange = doing("joint_file", async () => {
  together = null;
  showJoint();
  if (!chosen("joint_file")) return;
  together = joint.checkMembers(JSON.parse(await chosen("joint_file").text()));
  showJoint();
});

get("joint_sign").onclick = doing("joint_sign", async () => {
  if (!notice) throw new Error(said("no_notice"));
  if (!together) throw new Error(said("joint_file"));
  if (!chosen("signing")) throw new Error(said("signing"));
  const backup = await chosen("signing").text();
  together = await joint.signMember(notice.terms, together, get("uscc").value,
    (value) => signWithBackup(value, backup));
  saveJoint(together);
  showJoint();
});

/** What the form states for the candidates' notice; undefined where nothing is. */
function credentials() {
  const [name, number, qualification] = ["certificate_name", "certificate_number", "qualification"]
    .map((id) => get(id).value.trim());
  const performance = get("performance").value.split("\n").map((line) => line.trim()).filter(Boolean);
  if (!name && !number && !qualification && !performance.length) return undefined;
  return { certificate: name || number ? { name, number } : null,
    qualification: qualification || null, performance };
}

/** 元 as text to 分 as a whole number, without floating point. */
function fen(yuan) {
  const [whole, cents = ""] = yuan.split(".");
  return Number(whole) * 100 + Number(cents.padEnd(2, "0"));
}

async function bidOf() {
  if (!notice) throw new Error(said("no_notice"));
  requireProven(notice, get("unproven").checked);
  const source = (id) => Array.from(get(id).files, (file) => ({ name: file.name, blob: file }));
  const bid = {
    tenderer: get("uscc").value,
    form: {
      price_fen: fen(get("price_yuan").value), period_days: Number(get("period_days").value),
      quality: get("quality").value, leader: get("leader").value,
      consortium: together ?? undefined, credentials: credentials(),
    },
    technical: source("technical"), price: source("price"),
  };
  formBytes(bid.form);
  if (together) {
    await joint.fits(notice, bid.tenderer, together, [...bid.technical, ...bid.price]);
  }
  for (const part of ["technical", "price"]) checkNames(bid[part].map(({ name }) => name));
  if (chosen("replaces")) bid.replaces = readKeyFile(await chosen("replaces").text()).declaration;
  checkLimit(notice, roomFor(notice.terms, bid));
  if (bid.replaces && bid.replaces.lot !== notice.terms.lot) throw new Error("bid.key: another lot");
  return bid;
}

function begin() {
  let release = null;
  let going = Promise.resolve();
  let cancelled = false;
  return {
    get resume() { return release; },
    toggle() {
      if (release) release();
      else going = new Promise((done) => { release = () => { release = null; done(); }; });
    },
    cancel() {
      cancelled = true;
      release?.();
    },
    async gate() {
      await going;
      if (cancelled) throw new Error(said("cancelled"));
    },
  };
}

function busy(on) {
  for (const id of ["seal_folder", "seal_download", "new_key"]) get(id).disabled = on;
  for (const id of ["pause", "cancel", "bar"]) get(id).hidden = !on;
  get("seal_folder").disabled ||= typeof showDirectoryPicker === "undefined";
  if (!on) job = null;
}

get("pause").onclick = () => {
  job.toggle();
  get("state").textContent = said(job.resume ? "paused" : "sealing");
  show();
};
get("cancel").onclick = () => job.cancel();

get("form").onsubmit = (event) => {
  event.preventDefault();
  doing("seal", () => seal(event.submitter.id === "seal_folder"))();
};

async function seal(intoFolder) {
  const place = intoFolder ? await inFolder() : inBrowser();
  const bid = await bidOf();
  const backup = await chosen("signing").text();
  job = begin();
  busy(true);
  get("files").replaceChildren();
  get("proving").hidden = true;
  const open = new Set();
  try {
    get("state").textContent = said("sealing") + (await hasNative() ? "" : ` · ${said("slow")}`);
    const total = Object.values(sourcesOf(bid)).flat().reduce((sum, { blob }) => sum + blob.size, 0);
    let sealedBytes = 0;
    const sealed = await sealBid(notice.terms, bid, bid.replaces?.bid ?? newId(), async (part) => {
      const sink = await place.open(`${part}.age`);
      open.add(sink);
      return { ...sink, close: async () => { await sink.close(); open.delete(sink); } };
    }, {
      gate: job.gate,
      progress: (_, bytes) => { sealedBytes += bytes; get("bar").value = sealedBytes / total; },
    });
    get("state").textContent = said("checking");
    for (const part of PARTS) {
      await examine(await place.blob(`${part}.age`), unb64(sealed.seeds[part]),
        sealed.declaration, part, { gate: job.gate });
    }
    await finish(place, sealed, await signWithBackup(sealed.declaration, backup));
  } catch (error) {
    open.forEach((sink) => sink.abort());
    get("state").textContent = "";
    throw error;
  } finally {
    busy(false);
  }
}

async function finish(place, sealed, signed) {
  const keys = writeKeyFile(sealed, notice.terms, signed);
  keptHere = readKeyFile(keys);
  const sink = await place.open(KEY_FILE);
  await sink.write(utf8(keys));
  await sink.close();
  const names = [...PARTS.map((part) => `${part}.age`), KEY_FILE];
  const more = Object.entries(besides(sealed, notice));
  for (const [name, text] of more) {
    const other = await place.open(name);
    await other.write(utf8(text));
    await other.close();
  }
  if (!place.saved) await offerWhole(place, [...names, ...more.map(([name]) => name)]);
  for (const name of names) {
    const line = element("li", `${name} · ${(await place.blob(name)).size} `);
    if (!place.saved) {
      const button = element("button", `${said("save")} ${name}`);
      button.type = "button";
      button.onclick = async () => download(name, await place.blob(name));
      line.append(button);
    }
    get("files").append(line);
  }
  get("state").textContent = `${said("sealed")} ${said("declaration")}: ${
    await digest(sealed.declaration)}`;
  get("proof").textContent = "";
  get("prove").value = "";
  get("proving").hidden = false;
}

/** One file for all of it, manifests and notice too: unpacked, the folder of the command line. */
async function offerWhole(place, names) {
  const files = [];
  for (const name of names) files.push([name, await place.blob(name)]);
  const button = element("button", said("save_whole"));
  button.type = "button";
  button.onclick = () => download("bid.tar", tarOf(files));
  const line = element("li", "bid.tar ");
  line.append(button);
  get("files").append(line);
}

get("prove").onchange = doing("prove", async () => {
  get("proof").textContent = "";
  const read = readKeyFile(await chosen("prove").text());
  if (!await sameKeys(read, keptHere)) throw new Error("bid.key");
  get("proof").textContent = said("proven");
});

busy(false);
show();
