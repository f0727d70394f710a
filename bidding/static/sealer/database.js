/**
 * IndexedDB as far as it is used: signing keys by public key; pinned keys, and what an opening
 * official believed last, by the record's name.
 */

const NAME = "yangguang-sealer";
const STORES = { "signing-keys": "public", "pinned-keys": "origin", "holder-records": "origin" };

const done = (request) => new Promise((good, bad) => {
  request.onsuccess = () => good(request.result);
  request.onerror = () => bad(request.error);
});

async function within(name, mode, work) {
  const opening = indexedDB.open(NAME, 3);
  opening.onupgradeneeded = () => {
    const there = [...opening.result.objectStoreNames];
    for (const [store, keyPath] of Object.entries(STORES)) {
      if (!there.includes(store)) opening.result.createObjectStore(store, { keyPath });
    }
  };
  const database = await done(opening);
  database.onversionchange = () => database.close();
  try {
    return await done(work(database.transaction(name, mode).objectStore(name)));
  } finally {
    database.close();
  }
}

const table = (name) => ({
  put: (row) => within(name, "readwrite", (store) => store.put(row)),
  get: (key) => within(name, "readonly", (store) => store.get(key)),
  all: () => within(name, "readonly", (store) => store.getAll()),
  remove: (key) => within(name, "readwrite", (store) => store.delete(key)),
});

export const signingKeys = table("signing-keys");
export const pinnedKeys = table("pinned-keys");
export const holderRecords = table("holder-records");
