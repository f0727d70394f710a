// What the tests call in the page: the product's module, and what a page would keep of it.
import * as module from "/static/vendor/sealer.js";

const sources = (id) => Array.from(document.getElementById(id).files,
  (file) => ({ name: file.name, blob: file }));

const drive = {
  module,
  progress: {}, sent: {}, jobs: {}, outcome: {}, checking: false,
  events: [],
  start(token, options = {}) {
    drive.sealer = new module.Sealer({ token }, "/static/vendor/sealer-worker.js", options);
    drive.events = [];
    for (const type of ["step", "progress", "standing", "alarm"]) {
      drive.sealer.addEventListener(type, ({ detail }) => {
        drive.events.push({ type, ...JSON.parse(JSON.stringify(detail)) });
      });
    }
  },
  follow(name, done) {
    drive.outcome[name] = null;
    done.then((value) => { drive.outcome[name] = { value }; },
      (error) => {
        drive.outcome[name] = { error: error.message, kind: error.constructor.name,
          code: error.code, says: error.says, state: error.state };
      });
  },
  async seal(lot, tenderer, form, key, options = {}) {
    drive.notice = await drive.sealer.notice(lot);
    drive.progress = {};
    drive.jobs.seal = drive.sealer[options.trial ? "trial" : "seal"](drive.notice, {
      tenderer, form, technical: sources("technical"), price: sources("price"),
      replaces: options.replaces,
    }, key, {
      native: options.native, unproven: options.unproven,
      progress: (part, bytes) => { drive.progress[part] = (drive.progress[part] ?? 0) + bytes; },
      checking: () => { drive.checking = true; },
    });
    if (options.paused) drive.jobs.seal.pause();
    drive.follow("seal", drive.jobs.seal.done);
  },
  // Let a paused sealing go on, block by block, until more than so many bytes of the technical
  // part are sealed; it is paused then as before, however fast or slow anything is.
  async step(bytes) {
    while (!(drive.progress.technical > bytes)) {
      drive.jobs.seal.resume();
      drive.jobs.seal.pause();
      await new Promise((done) => setTimeout(done, 10));
    }
  },
  submit(id) {
    drive.sent = {};
    drive.jobs.submit = drive.sealer.submit(id,
      { progress: (part, bytes) => { drive.sent[part] = bytes; } });
    drive.follow("submit", drive.jobs.submit.done);
  },
  async adopt(keys) {
    const files = Object.fromEntries(Array.from(document.getElementById("parts").files,
      (file) => [file.name.replace(".age", ""), file]));
    return drive.sealer.adopt(keys, files);
  },
  async part(id, part) {
    return drive.raw(await module.store.file(id, `${part}.age`));
  },
  async decrypt(id) {
    const found = {};
    const written = await drive.sealer.decrypt(id, async (part, name) => {
      const pieces = [];
      return {
        write: (bytes) => { pieces.push(bytes.slice()); },
        close: async () => { found[`${part}/${name}`] = await drive.raw(new Blob(pieces)); },
      };
    });
    return { written, found };
  },
  async export(id) {
    const { name, blob } = await drive.sealer.export(id);
    return { name, data: await drive.raw(blob) };
  },
  folder() {
    return drive.sealer.adoptFolder(Array.from(document.getElementById("parts").files));
  },
  chosen() {
    return [...sources("technical"), ...sources("price")].map(({ blob }) => blob);
  },
  async raw(blob) {
    const bytes = new Uint8Array(await blob.arrayBuffer());
    let raw = "";
    for (let place = 0; place < bytes.length; place += 8192) {
      raw += String.fromCharCode(...bytes.subarray(place, place + 8192));
    }
    return btoa(raw);
  },
};
window.drive = drive;
