/** IndexedDB as far as it is used: one store of signing keys, by public key. */

const NAME = "yangguang-sealer";
const STORE = "signing-keys";

const done = (request) => new Promise((good, bad) => {
  request.onsuccess = () => good(request.result);
  request.onerror = () => bad(request.error);
});

async function within(mode, work) {
  const opening = indexedDB.open(NAME, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE, { keyPath: "public" });
  const database = await done(opening);
  try {
    return await done(work(database.transaction(STORE, mode).objectStore(STORE)));
  } finally {
    database.close();
  }
}

export const put = (row) => within("readwrite", (store) => store.put(row));
export const get = (key) => within("readonly", (store) => store.get(key));
export const all = () => within("readonly", (store) => store.getAll());
export const remove = (key) => within("readwrite", (store) => store.delete(key));
