/**
 * Sealed bids on the tenderer's own disk: one folder of the browser's private file system (OPFS)
 * for each version, with what the command line keeps in its folder (folder.js) and `state.json`.
 *
 * Steps of a version: `sealing` → `sealed` → `proven` (its key file was read back) → `declared`
 * → `received` (→ `withdrawn`). If we die while sealing, the folder is swept away at the next start and sealing
 * begins anew; from `sealed` on nothing is ever sealed twice.
 */

const ROOT = "yangguang-bids";
const STATE = "state.json";
const TRIES = 10;

/**
 * @typedef {object} State
 * @property {string} id `<bid>-<version>`
 * @property {string} bid
 * @property {number} version
 * @property {string} lot
 * @property {"sealing" | "sealed" | "proven" | "declared" | "received" | "withdrawn"} step
 * @property {string} [receipt] the promise of receipt
 */

async function root() {
  const disk = await navigator.storage.getDirectory();
  return disk.getDirectoryHandle(ROOT, { create: true });
}

/** @param {string} id @returns {Promise<FileSystemDirectoryHandle>} */
export const folder = async (id, options = {}) => (await root()).getDirectoryHandle(id, options);

/** @param {string} id @param {string} name @returns {Promise<File>} */
export const file = async (id, name) => (await (await folder(id)).getFileHandle(name)).getFile();

/**
 * The text of a file, null where there is none. One that is written anew while we read it cannot be
 * read, and is asked for again: what cannot be read is not what is not there.
 * @param {string} id @param {string} name @returns {Promise<string | null>}
 */
async function said(id, name) {
  for (let attempt = 1; ; attempt += 1) {
    const handle = await folder(id).then((place) => place.getFileHandle(name)).catch((error) => {
      if (error.name !== "NotFoundError") throw error;
    });
    if (!handle) return null;
    try {
      return await (await handle.getFile()).text();
    } catch (error) {
      if (attempt === TRIES) throw error;
      await new Promise((done) => setTimeout(done, 10 * attempt));
    }
  }
}

/** @param {string} id @param {string} name @returns {Promise<string>} */
export async function readText(id, name) {
  const text = await said(id, name);
  if (text === null) throw new DOMException(`there is no ${name}`, "NotFoundError");
  return text;
}

/**
 * Write a file whole: until it is closed the one before it stands.
 * @param {string} id @param {string} name @param {string | Blob} said
 */
export async function write(id, name, said) {
  const handle = await (await folder(id)).getFileHandle(name, { create: true });
  const writer = await handle.createWritable();
  await writer.write(said);
  await writer.close();
}

/** @param {State} state begin a version; an unfinished one of the same id is replaced */
export async function begin(state) {
  await remove(state.id);
  await folder(state.id, { create: true });
  await write(state.id, STATE, JSON.stringify({ ...state, step: "sealing" }));
}

/** @param {string} id @returns {Promise<State>} */
export const read = async (id) => JSON.parse(await readText(id, STATE));

/** @param {string} id @param {Partial<State>} news @returns {Promise<State>} */
export async function change(id, news) {
  const state = { ...await read(id), ...news };
  await write(id, STATE, JSON.stringify(state));
  return state;
}

/** @param {string} id */
export async function remove(id) {
  await (await root()).removeEntry(id, { recursive: true }).catch((error) => {
    if (error.name !== "NotFoundError") throw error;
  });
}

/** The state of a version whose sealing came to its end, null of another. */
async function sealed(id) {
  const text = await said(id, STATE);
  const state = text ? JSON.parse(text) : null;
  return state?.step === "sealing" ? null : state;
}

/** Do `work` while no other tab touches this version; throws where one does. */
export const alone = (id, work) => navigator.locks.request(
  `yangguang ${id}`, { ifAvailable: true }, (lock) => {
    if (!lock) throw new Error("another window is busy with this bid");
    return work();
  });

/**
 * The versions on this disk. Sealings that were cut off, and that no other window is at work on,
 * are removed.
 * @returns {Promise<State[]>}
 */
export async function list() {
  const found = [];
  for await (const id of (await root()).keys()) {
    const state = await sealed(id);
    if (state) found.push(state);
    // It may have come to its end since, and been let go.
    else await alone(id, async () => await sealed(id) || remove(id)).catch(() => {});
  }
  return found;
}
