/**
 * The board of one bid: one true state from what the platform says and what lies on this device,
 * and the work that the state asks for. The platform is asked again and again; nothing here is
 * believed to be submitted because a button was pressed.
 */

import { After, early } from "./bid-after.js";
import { BidForm } from "./bid-form.js";
import { also, amountsOf, faceOf, fill, OPEN, skewNote } from "./bid-faces.js";
import { beijing, get, make, remember, save, t, tell, words } from "./bid-words.js";
import { clock } from "./site.js";

const [EVERY, SLOWEST, place] = [5_000, 60_000, get("bid")];
const { lot, csrf } = place.dataset;
const title = document.title.split(" · ").slice(1).join(" · ");

let module;
let sealer;
let form;
let after;
/** What the platform said last, and what lies on this device for this lot. */
let server = null;
let device = [];
let busy = new Set();
let away = false;
let job = null;
let doing = "";
let why = "";
let replaces = null;
const progress = {};
const saved = new Set();
const others = new BroadcastChannel(`yangguang bid ${lot}`);

const pageOf = (path) => place.dataset.root.replace(/\/$/, "") + path;

/** The version on this device that is not submitted yet: the latest. */
const draft = () => device.filter((one) => ["sealed", "proven", "declared"].includes(one.step)
  && !ended(one)).sort((one, other) => one.version - other.version).at(-1);

/** Whether the platform knows that a version is over, or received it already. */
function ended({ bid, version }) {
  const known = server?.versions.filter((one) => one.bid === bid && one.version === version).at(-1);
  return known && known.state !== "DECLARED";
}

/** All that the board's face follows from. */
const view = () => ({ doing, board: server?.board ?? place.dataset.seen, server, one: draft(), busy, saved,
  why, progress, title, root: pageOf(""), past: server?.phase !== "SUSPENDED" && clock.now() >= Date.parse(place.dataset.deadline) + 2_000 });

function render() {
  const name = faceOf(view());
  for (const node of get("faces").children) node.hidden = node.dataset.face !== name;
  const shown = get("faces").querySelector(`[data-face="${name}"]`);
  fill(shown, name, view());
  place.dataset.state = name;
  get("away").hidden = !away;
  const taking = OPEN.includes(server?.board ?? place.dataset.seen) && !view().past;
  for (const button of get("faces").querySelectorAll("[data-do=start], [data-do=again]")) button.hidden = !taking;
  also(get("also"), { ...view(), taking });
  after.render(server, device, taking && !doing);
  if (!taking && !get("work-form").hidden) get("work-form").hidden = true;
  const note = skewNote();
  if (get("clock").textContent !== (note ? note.textContent : "")) tell(get("clock"), note);
}

let looking = null;
let turn = EVERY;
/** Ask the platform and this device once more. */
function look() {
  looking ??= (async () => {
    try {
      server = await sealer.wire.get(`/lots/${lot}/bids/mine`, 1);
      away = false;
      turn = EVERY;
      get("ended").hidden = true;
      if (Date.parse(server.deadline) !== Date.parse(place.dataset.deadline)) moved(server.deadline);
    } catch (error) {
      away = error.status === undefined || error.status >= 500;
      if (error.status === 401) await signedOut();
      turn = Math.min(SLOWEST, turn * 2);
    }
    try {
      device = (await module.store.list()).filter((one) => one.lot === lot);
      busy = new Set((await navigator.locks.query()).held.map(({ name }) => name.replace("yangguang ", "")));
    } catch (error) {
      alarm(words(error)[0]);
    }
    looking = null;
    render();
  })();
  return looking;
}

/** The session has ended: what the lot's public page says still holds. */
async function signedOut() {
  get("ended").hidden = false;
  const answer = await fetch(`/api/v1/lots/${lot}`, { credentials: "omit", cache: "no-store" }).catch(() => null);
  const said = answer?.ok ? await answer.json() : null;
  if (said && Date.parse(said.deadline) !== Date.parse(place.dataset.deadline)) moved(said.deadline);
}

function moved(deadline) {
  place.dataset.deadline = deadline;
  get("deadline").textContent = beijing(deadline);
  const left = get("left")?.firstElementChild;
  if (left) {
    left.dataset.until = deadline;
    delete left.dataset.ended;
  }
}

async function goOn() {
  for (;;) {
    const rest = Date.parse(place.dataset.deadline) - clock.now();
    await new Promise((done) => setTimeout(done, rest > 0 ? Math.min(turn, rest + 500) : turn));
    if (!document.hidden || doing) await look();
  }
}

const alarm = (...said) => tell(get("alarm"), ...said);

/** Run a job of the module's; `what` is shown meanwhile. */
async function run(what, begin) {
  doing = what;
  why = "";
  alarm();
  tell(get("tried"));
  for (const part of Object.keys(progress)) delete progress[part];
  try {
    job = begin();
    others.postMessage(what);
    render();
    return await job.done;
  } catch (error) {
    if (error.constructor === module.Stopped || error.message === "cancelled") return null;
    remember(error, what);
    if (error.status === 401) get("ended").hidden = false;
    why = words(error).join(" ");
    alarm(...words(error));
    return null;
  } finally {
    doing = "";
    job = null;
    others.postMessage("changed");
    await look();
  }
}

/** Seal, or try, what the form says. */
async function seal(trial) {
  tell(get("form-fault"));
  const filled = await form.read(replaces);
  if (!filled) return;
  let notice;
  try {
    notice = await sealer.notice(lot);
  } catch (error) {
    remember(error, "notice");
    tell(get("form-fault"), ...words(error));
    return;
  }
  get("unproven-place").hidden = !!notice.trust.approved;
  if (!notice.trust.approved && !get("unproven").checked) {
    tell(get("form-fault"), t("存证中还没有这份公告的批准证明。请一分钟后再试，或在上面勾选。", "The record does not prove this notice yet. Try again in a minute, or tick the box above."));
    return;
  }
  get("work-form").hidden = true;
  const { technical, price } = filled.bid;
  for (const [part, files] of Object.entries({ technical, price })) {
    progress[part] = { bytes: 0, size: files.reduce((sum, { blob }) => sum + blob.size, 0) };
  }
  const sizes = { ...progress };
  const done = await run("sealing", () => {
    Object.assign(progress, sizes);
    return sealer[trial ? "trial" : "seal"](notice, filled.bid, filled.key, {
      unproven: get("unproven").checked,
      progress: (part, bytes) => { if (progress[part]) progress[part].bytes += bytes; render(); } });
  });
  if (!done) {
    get("work-form").hidden = false;
    return;
  }
  if (trial) {
    get("tried").className = "say good";
    tell(get("tried"), t(`试投成功（${beijing(clock.now())}）：加密、上传、签名都被平台接受。这不是投标，没有递交任何内容。试投不看新登记密钥的等待期。`,
      `The trial worked (${beijing(clock.now())}): sealing, sending and signature were accepted. It is NOT a bid; nothing was submitted. The wait of a newly registered key is not tried.`));
    get("work-form").hidden = false;
  } else {
    form.forget();
    replaces = null;
  }
}

async function send() {
  const one = draft();
  if (!one) return;
  const { declaration } = module.readKeyFile(await sealer.keyFile(one.id));
  const [have] = amountsOf("paused", view());
  const done = await run("sending", () => {
    for (const { part, size: whole } of declaration.parts) progress[part] = { bytes: 0, size: whole };
    let rest = have;
    for (const part of Object.values(progress)) rest -= part.bytes = Math.min(rest, part.size);
    return sealer.submit(one.id, { progress: (part, bytes) => { progress[part].bytes = bytes; render(); } });
  });
  if (done) after.follow(one.id);
}

async function saveKey() {
  const { id } = draft();
  save("bid.key", new Blob([await sealer.keyFile(id)]));
  saved.add(id);
  render();
  (get("also").querySelector("input") ?? get("key-file")).focus();
}

async function prove(file) {
  try {
    await sealer.prove(await file.text());
    alarm();
  } catch (error) {
    remember(error, "prove");
    alarm(t("这个文件不能打开这份投标，请选择刚保存的 bid.key。", "This file does not open this bid: choose the bid.key you saved."), words(error)[0]);
  }
  get("key-file").value = "";
  await look();
}

async function openForm(standing) {
  replaces = standing ?? null;
  tell(get("form-for"), replaces && make("span", t(`这是第 ${replaces.version + 1} 版：递交完成后才替换第 ${replaces.version} 版。`,
    `This is version ${replaces.version + 1}: it replaces version ${replaces.version} once it is submitted.`)));
  await form.keys();
  get("work-form").hidden = false;
  get("h-form").scrollIntoView({ block: "start" });
  get(get("key-more").open ? "backup" : "price").focus({ preventScroll: true });
}

const DO = {
  start: () => openForm(), "save-key": saveKey, send, look,
  again: () => (draft() ? send() : openForm()),
  pause: () => job?.pause(), "close-form": () => { get("work-form").hidden = true; },
  "pause-seal": (button) => {
    const paused = button.dataset.paused !== "1";
    job?.[paused ? "pause" : "resume"]();
    button.dataset.paused = paused ? "1" : "";
    button.textContent = paused ? t("继续加密", "Go on sealing") : t("暂停", "Pause");
  },
  "new-key": () => form.newKey(), bind: () => form.bind(), trial: () => seal(true),
  "check-bill": () => form.checkBill(),
};

async function begin() {
  try {
    document.querySelector("[data-loading]")?.remove();
    module = await import("/static/vendor/sealer.js");
  } catch (error) {
    remember(error, "load");
    alarm(t("加密模块没有载入：请刷新；仍不行时请用离线加密器或命令行。", "The sealing module did not load: reload; if that does not help use the offline sealer or the command line."));
    return;
  }
  sealer = new module.Sealer({ csrf }, "/static/vendor/sealer-worker.js");
  form = new BidForm(module, sealer, place);
  after = new After(module, sealer, place, { alarm, look, openForm, others });
  sealer.addEventListener("alarm", ({ detail }) => early(detail.standing) || alarm(t("请注意：", "Attention: ") + (detail.standing ? t(detail.standing.zh, detail.standing.en) : words({ message: detail.problem })[0])));
  for (const button of document.querySelectorAll("[data-needs-script]")) button.hidden = false;
  document.addEventListener("click", async ({ target }) => {
    const button = target.closest("button[data-do]");
    const act = button && (DO[button.dataset.do] ?? after.DO[button.dataset.do] ?? form.joint.DO?.[button.dataset.do]);
    if (!act || button.disabled) return;
    button.disabled = !["pause-seal", "pause"].includes(button.dataset.do);
    try {
      await act(button);
    } catch (error) {
      remember(error, button.dataset.do);
      alarm(...words(error));
    } finally {
      button.disabled = false;
    }
  });
  document.addEventListener("change", ({ target }) => {
    if (target.id.startsWith("key-file") && target.files[0]) prove(target.files[0]);
  });
  get("form").addEventListener("submit", (event) => {
    event.preventDefault();
    seal(false);
  });
  others.onmessage = () => setTimeout(look, 200);
  addEventListener("online", () => look());
  addEventListener("offline", () => look());
  addEventListener("pageshow", () => look());
  document.addEventListener("visibilitychange", () => document.hidden || look());
  addEventListener("beforeunload", (event) => { if (doing === "sealing") event.preventDefault(); });
  await look();
  get("work-other").hidden = false;
  place.dataset.ready = "1";
  for (const one of device.filter(({ step }) => step === "received")) after.follow(one.id);
  goOn();
}

begin();
