/** Where the offline sealer puts what it makes: a chosen folder, or the browser's downloads. */

/** A folder that the person chose: bytes go to the disk as they are sealed. */
export async function inFolder() {
  const folder = await showDirectoryPicker({ mode: "readwrite", id: "yangguang" });
  return {
    saved: true,
    async open(name) {
      const handle = await folder.getFileHandle(name, { create: true });
      const writer = await handle.createWritable();
      return {
        write: (bytes) => writer.write(bytes),
        close: () => writer.close(),
        abort: () => writer.abort(),
      };
    },
    blob: async (name) => (await folder.getFileHandle(name)).getFile(),
  };
}

/** The browser keeps the blocks, beside its memory where they are many, until they are saved. */
export function inBrowser() {
  const kept = new Map();
  return {
    saved: false,
    async open(name) {
      const pieces = [];
      return {
        write: (bytes) => { pieces.push(new Blob([bytes])); },
        close: async () => { kept.set(name, new Blob(pieces)); },
        abort: () => { pieces.length = 0; },
      };
    },
    blob: async (name) => kept.get(name),
  };
}

/** Offer a file for saving. */
export function download(name, blob) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}
