/** Is it counted? Receipts checked here, under keys this browser pinned, by the sealing module. */

import { early, sayEarly } from "./bid-after.js";
import { beijing, get, make, remember, t, tell, words } from "./bid-words.js";

const place = get("check");
const { bid, lot, csrf } = place.dataset;

const TYPES = {
  "bid-receipt": ["收件承诺", "promise of receipt"], "bid-withdrawal-receipt": ["撤回承诺", "promise of withdrawal"],
  "bid-deemed-withdrawn": ["视为撤回", "deemed withdrawn"], "bid-refusal": ["拒收凭证", "promise of refusal"],
};
const STATES = {
  held: ["wait", "签名有效，等待载入存证", "signature holds; the record does not hold it yet"],
  proven: ["good", "已计入：签名和存证都核对无误", "counted: signature and record hold"],
  overdue: ["bad", "逾期未载入存证，请立即提出异议", "OVERDUE in the record: object at once"],
  refused: ["wait", "签名有效，等待载入存证", "signature holds; the record does not hold it yet"],
  "refusal-proven": ["good", "拒收已载入存证", "the refusal is in the record"],
};

function line(kind, said, more = "") {
  const badge = make("span", said);
  badge.className = `badge ${kind}`;
  return make("li", "", badge, ` ${more}`);
}

async function checked(module, receipt, keys) {
  try {
    const found = await module.checkReceipt(receipt, keys);
    const state = module.receiptState(found, new Date());
    const { says } = found;
    if (early({ name: state, facts: says })) return line("wait", t("请核对本机时钟", "look at this device's clock"), sayEarly({ facts: says }));
    const [kind, zh, en] = STATES[state];
    const [name, english] = TYPES[found.says.type] ?? [found.says.type, found.says.type];
    return line(kind, t(zh, en), [t(name, english),
      found.tick && t(`载入时间 ${beijing(found.tick)}`, `in the record at ${beijing(found.tick)}`),
      !found.record && found.says.include_by && t(`最迟 ${beijing(found.says.include_by)}`, `by ${beijing(found.says.include_by)} at the latest`),
      found.closed && t("截止时的总根里有它", "the root at the deadline holds it"),
      found.stamped && t("附有时间戳（未在此核对）", "with a time stamp, not checked here")].filter(Boolean).join(" · "));
  } catch (error) {
    return line("bad", t("核对不通过", "does NOT hold"), words(error)[0]);
  }
}

async function look(module, sealer, keys) {
  const told = await sealer.receipts(bid);
  const all = [...told.receipts, ...told.refusals.map(({ receipt }) => receipt)];
  const lines = [];
  for (const receipt of all) lines.push(await checked(module, receipt, keys));
  const list = make("ul", "", ...lines);
  list.className = "plain";
  tell(place, all.length ? list : t("还没有回执可核对：没有递交完成的投标。", "No receipts to check: nothing was submitted."),
    make("p", t(`核对时间 ${beijing(Date.now())}（本机时钟）`, `checked at ${beijing(Date.now())} by this device's clock`)));
  place.dataset.done = String(all.length);
  return told.receipts.some(({ proof }) => !proof);
}

async function begin() {
  const module = await import("/static/vendor/sealer.js");
  const sealer = new module.Sealer({ csrf }, "/static/vendor/sealer-worker.js");
  // Pins the record's keys at the first meeting, and is an alarm where they are others than before.
  const { terms } = await sealer.notice(lot);
  const { log, platform } = await module.pinned(terms.log_origin);
  const again = async () => {
    if (await look(module, sealer, { log, platform }).catch(() => true)) setTimeout(again, 20_000);
  };
  await again();
}

begin().catch((error) => {
  remember(error, "check");
  tell(place, ...words(error), t("可下载凭据，用命令行核对：yangguang receipt verify", "Download the receipts and check them with the command line: yangguang receipt verify"));
});
