// Builds what browsers are given, into the folder named (portal/static/vendor):
//
//   sealer.js         the sealing module for the site's pages
//   sealer-worker.js  the worker that seals, with no network
//   holder.js         an opening official's key and shares, for the site's pages
//   yangguang-sealer.html  the offline sealer: one file, no network, same modules
//   LICENSES.txt      of the libraries in them
//
// The same sources and the same lock give the same bytes: nothing of the time, the machine or
// the folder goes in.
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const SOURCE = join(ROOT, "bidding/static/sealer");
const ALLOWED = ["MIT", "BSD-3-Clause", "Apache-2.0", "ISC"];
const target = process.argv[2] ?? join(ROOT, "portal/static/vendor");

async function bundle(entry, format, used) {
  const made = await build({
    absWorkingDir: ROOT, entryPoints: [join("bidding/static/sealer", entry)], bundle: true, format,
    write: false, metafile: true, platform: "browser", target: "es2022", charset: "utf8",
    minify: false, legalComments: "none", logLevel: "warning", preserveSymlinks: true,
  });
  for (const input of Object.keys(made.metafile.inputs)) {
    const found = [...input.matchAll(/node_modules\/((?:@[^/]+\/)?[^/]+)/g)].at(-1);
    if (found) used.add(input.slice(0, found.index + found[0].length));
  }
  return made.outputFiles[0].text;
}

async function licences(packages) {
  const said = [];
  for (const folder of [...packages].sort()) {
    const { name, version, license } = JSON.parse(
      await readFile(join(ROOT, folder, "package.json"), "utf8"));
    const file = (await readdir(join(ROOT, folder))).find((one) => /^licen[cs]e/i.test(one));
    if (!file || !ALLOWED.includes(license)) throw new Error(`${name}: ${license}, with no text`);
    const text = await readFile(join(ROOT, folder, file), "utf8");
    said.push(`${name} ${version} (${license})\n\n${text.trim()}\n`);
  }
  return said.join(`\n${"-".repeat(72)}\n\n`);
}

const hash = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

async function offline(script, notices) {
  const [page, style] = await Promise.all(["offline/sealer.html", "offline/sealer.css"].map(
    (name) => readFile(join(SOURCE, name), "utf8")));
  if (/<\/script/i.test(script) || /<\/style/i.test(style)) throw new Error("would end too early");
  const policy = `default-src 'none'; script-src ${hash(script)}; style-src ${hash(style)}; `
    + "connect-src 'none'; img-src 'none'; form-action 'none'; base-uri 'none'; "
    + "require-trusted-types-for 'script'; trusted-types 'none'";
  const put = { policy, style, script, licences: notices.replace(/&/g, "&amp;").replace(/</g, "&lt;") };
  return page.replace(/{{(\w+)}}/g, (_, name) => put[name]);
}

const used = new Set();
const files = {
  "sealer.js": await bundle("sealer.js", "esm", used),
  "sealer-worker.js": await bundle("worker.js", "iife", used),
  "holder.js": await bundle("holder.js", "esm", used),
};
const alone = new Set();
const script = await bundle("offline/page.js", "iife", alone);
files["yangguang-sealer.html"] = await offline(script, await licences(alone));
files["LICENSES.txt"] = await licences(used);
await mkdir(target, { recursive: true });
for (const [name, text] of Object.entries(files)) {
  await writeFile(join(target, name), text);
  console.log(`${createHash("sha256").update(text).digest("hex")}  ${name}`);
}
