/**
 * Warns on the desk of bids that were sealed on this device and never submitted: the platform
 * cannot know of them. Reads the device's store as the sealing module lays it out (store.js).
 */

const NAMES = ["sealed", "proven", "declared"];
const english = document.documentElement.lang === "en";

async function drafts() {
  const disk = await navigator.storage.getDirectory();
  const root = await disk.getDirectoryHandle("yangguang-bids");
  const found = [];
  for await (const folder of root.values()) {
    try {
      const file = await (await folder.getFileHandle("state.json")).getFile();
      const state = JSON.parse(await file.text());
      if (NAMES.includes(state.step)) found.push(state);
    } catch {
      // Being sealed just now, or swept away: nothing to warn of.
    }
  }
  return found;
}

async function warn(place) {
  const answer = await fetch("/api/v1/bids", { credentials: "same-origin", cache: "no-store" });
  const known = answer.ok ? (await answer.json()).items : [];
  const over = (one) => known.some(({ lot_id: lot, board, versions }) => lot === one.lot
    && (!["NONE", "SENDING", "REFUSED", "WITHDRAWN", "SUBMITTED", "REPLACED"].includes(board)
      || versions.some(({ bid, version, state }) => bid === one.bid && version === one.version
        && state !== "DECLARED")));
  const lots = [...new Set((await drafts()).filter((one) => !over(one)).map(({ lot }) => lot))];
  if (!lots.length) return;
  const head = document.createElement("p");
  const strong = document.createElement("strong");
  strong.textContent = english ? "On this device lies a bid that is NOT submitted."
    : "本机上有加密好、但还没有递交的投标。";
  head.append(strong);
  place.replaceChildren(head, ...lots.map((lot) => {
    const line = document.createElement("p");
    const link = document.createElement("a");
    link.href = `${place.dataset.root.replace(/\/$/, "")}/desk/lots/${lot}/bid`;
    link.className = "button";
    link.textContent = `${english ? "Go on with it" : "去完成递交"}${
      lots.length > 1 ? ` ${lot.slice(0, 8)}` : ""}`;
    line.append(link);
    return line;
  }));
  place.hidden = false;
}

const place = document.getElementById("device-drafts");
// No store, no drafts.
if (place && navigator.storage?.getDirectory) warn(place).catch(() => {});
