// What the tests call in the page: the product's module, and what a page would keep of it.
import * as module from "/static/vendor/sealer.js";

const sources = (id) => Array.from(document.getElementById(id).files,
  (file) => ({ name: file.name, blob: file }));

const drive = {
  module,
  progress: {}, sent: {}, jobs: {}, outcome: {}, checking: false,
  start(token) {
    drive.sealer = new module.Sealer({ token }, "/static/vendor/sealer-worker.js");
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
    drive.jobs.seal = drive.sealer.seal(drive.notice, {
      tenderer, form, technical: sources("technical"), price: sources("price"),
      replaces: options.replaces,
    }, key, {
      native: options.native,
      progress: (part, bytes) => { drive.progress[part] = (drive.progress[part] ?? 0) + bytes; },
      checking: () => { drive.checking = true; },
    });
    drive.follow("seal", drive.jobs.seal.done);
  },
  async submit(id, lot) {
    drive.notice = await drive.sealer.notice(lot);
    drive.sent = {};
    drive.jobs.submit = drive.sealer.submit(id, drive.notice,
      { progress: (part, bytes) => { drive.sent[part] = bytes; } });
    drive.follow("submit", drive.jobs.submit.done);
  },
  async adopt(keys) {
    const files = Object.fromEntries(Array.from(document.getElementById("parts").files,
      (file) => [file.name.replace(".age", ""), file]));
    return drive.sealer.adopt(keys, files);
  },
  async part(id, part) {
    const bytes = new Uint8Array(await (await module.store.file(id, `${part}.age`)).arrayBuffer());
    let raw = "";
    for (let place = 0; place < bytes.length; place += 8192) {
      raw += String.fromCharCode(...bytes.subarray(place, place + 8192));
    }
    return btoa(raw);
  },
};
window.drive = drive;
