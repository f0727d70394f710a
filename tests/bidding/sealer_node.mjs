// Drives bidding/static/sealer in Node, for tests/bidding/test_sealer_modules.py.
// One JSON request on stdin, one JSON answer on stdout; files are read and written by name.
import { openAsBlob, promises as fs } from "node:fs";

const { command, ...ask } = JSON.parse(await new Response(process.stdin).text());
const from = (name) => import(new URL(`${name}.js`, `${ask.modules}/`));
const bytes = (text) => new Uint8Array(Buffer.from(text, "base64"));
const b64 = (data) => Buffer.from(data).toString("base64");

async function source(path) {
  return { name: path.split("/").at(-1), blob: await openAsBlob(path) };
}

const commands = {
  async key() {
    const { newKey, readKey } = await from("holder");
    const text = await newKey(ask.suite);
    return { text, recipient: (await readKey(text)).recipient };
  },
  async recipient() {
    return { recipient: (await (await from("holder")).readKey(ask.text)).recipient };
  },
  async follow() {
    const { follow, Untrue } = await from("follower");
    const { wanted } = await from("proven");
    const read = (name) => fs.readFile(`${ask.folder}/${name}`).then((data) => new Uint8Array(data),
      (error) => { if (["ENOENT", "ENOTDIR"].includes(error.code)) return null; throw error; });
    try {
      return { kept: await follow(read, ask.vkey, ask.kept, wanted) };
    } catch (error) {
      if (!(error instanceof Untrue)) throw error;
      return { untrue: error.message };
    }
  },
  async unwrap() {
    const { readKey, unwrap } = await from("holder");
    const key = await readKey(ask.key);
    return Promise.all(ask.declared.map((one) => unwrap(bytes(ask.wrap), key, one, ask.part, ask.path)
      .then(b64, (error) => `refused: ${error.message}`)));
  },
  async wraps() {
    const { checkWraps, readKey } = await from("holder");
    return checkWraps(ask.wraps, await readKey(ask.key), ask.lot, ask.path, ask.facts, ask.origin);
  },
  async seal() {
    const { sealBid, newId } = await from("bid");
    const { readNotice } = await from("notice");
    const { writeKeyFile } = await from("keyfile");
    const { examine } = await from("opened");
    const { signedBytes } = await from("declaration");
    const { ed25519 } = await import("@noble/curves/ed25519.js");
    const notice = await readNotice(ask.lot);
    const open = async (part) => {
      const file = await fs.open(`${ask.folder}/${part}.age`, "w");
      return { write: (data) => file.write(data.slice()), close: () => file.close() };
    };
    const bid = { tenderer: ask.tenderer, form: ask.form, replaces: ask.replaces,
      technical: await Promise.all(ask.technical.map(source)),
      price: await Promise.all(ask.price.map(source)) };
    const sealed = await sealBid(notice.terms, bid, ask.replaces?.bid ?? newId(), open,
      { native: ask.native });
    const seen = {};
    for (const { part } of sealed.declaration.parts) {
      const found = await examine(await openAsBlob(`${ask.folder}/${part}.age`),
        bytes(sealed.seeds[part]), sealed.declaration, part, { native: ask.native });
      seen[part] = found.files;
    }
    const seed = bytes(ask.signing);
    const signed = { key: b64(ed25519.getPublicKey(seed)),
      signature: b64(ed25519.sign(signedBytes(sealed.declaration), seed)) };
    await fs.writeFile(`${ask.folder}/bid.key`, writeKeyFile(sealed, notice.terms, signed));
    return { declaration: sealed.declaration, seen };
  },
  async open() {
    const { readKeyFile } = await from("keyfile");
    const { examine } = await from("opened");
    const kept = readKeyFile(await fs.readFile(`${ask.folder}/bid.key`, "utf8"));
    const contents = {};
    for (const { part } of kept.declaration.parts) {
      const { files, opened } = await examine(await openAsBlob(`${ask.folder}/${part}.age`),
        bytes(kept.seeds[part]), kept.declaration, part, { native: ask.native });
      contents[part] = {};
      for (const { name, offset, size } of files) {
        const pieces = [];
        for await (const piece of opened.stream(offset, size)) pieces.push(Buffer.from(piece));
        contents[part][name] = b64(Buffer.concat(pieces));
      }
    }
    return contents;
  },
  async vectors() {
    const { padme } = await from("ustar");
    const { hashBytes } = await from("blocks");
    const { policyHash, check } = await from("policy");
    const { digest } = await from("canonical");
    const { withdrawal, signedBytes } = await from("declaration");
    const { identityText, recipientOf } = await from("suites");
    const { ed25519 } = await import("@noble/curves/ed25519.js");
    check(ask.policy, ask.terms.suite);
    const verified = (value, signature) => ed25519.verify(
      bytes(signature), signedBytes(value), bytes(ask.key));
    return {
      padme: ask.padme.map(([size]) => [size, padme(size)]),
      block_hash: await Promise.all(ask.block_hash.map(
        async ([size]) => [size, await hashBytes(new Uint8Array(size))])),
      policy_hash: await policyHash(ask.policy),
      declaration_hash: await digest(ask.declaration),
      withdrawal: await withdrawal(ask.declaration),
      signatures: [verified(ask.declaration, ask.signature),
        verified(ask.withdrawal, ask.withdrawal_signature)],
      identities: Object.fromEntries(Object.entries(ask.parts).map(([part, { seed }]) =>
        [part, identityText(ask.terms.suite, bytes(seed))])),
      recipients: Object.fromEntries(await Promise.all(Object.entries(ask.parts).map(
        async ([part, { seed }]) => [part, await recipientOf(ask.terms.suite, bytes(seed))]))),
    };
  },
  async promise() {
    const { readPromise } = await from("note");
    try {
      return { says: await readPromise(ask.note, ask.vkey, ask.expected) };
    } catch (error) {
      return { refused: error.message };
    }
  },
  async receipts() {
    const { checkReceipt, receiptState } = await from("receipt");
    return Promise.all(ask.receipts.map(async (receipt) => {
      try {
        const found = await checkReceipt(receipt, ask.keys);
        return { ...found, state: receiptState(found, new Date(ask.now)) };
      } catch (error) {
        return { refused: error.message };
      }
    }));
  },
  async flips() {
    // One bit of every byte of what a receipt is made of; which of them were not noticed?
    const { checkReceipt } = await from("receipt");
    const unnoticed = [];
    let tried = 0;
    const attempt = async (name, place, changed) => {
      tried += 1;
      try {
        await checkReceipt(changed, ask.keys);
        unnoticed.push([name, place]);
      } catch { /* it was noticed */ }
    };
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    for (const name of ["promise", "proof", "leaf"]) {
      const said = Buffer.from(ask.receipt[name]);
      for (let place = 0; place < said.length; place += 1) {
        const changed = new Uint8Array(said);
        changed[place] ^= 1;
        await attempt(name, place, { ...ask.receipt, [name]: decoder.decode(changed) });
      }
    }
    return { tried, unnoticed };
  },
  async stands() {
    const { checkAll, standing } = await from("standing");
    return Promise.all(ask.cases.map(async ({ receipts, version, late, now }) => standing({
      version, late, checked: await checkAll(receipts, ask.digest, ask.keys, new Date(now)) })));
  },
  async proofs() {
    const { verifyProof } = await from("record");
    return Promise.all(ask.proofs.map((proof) => verifyProof(proof, bytes(ask.leaf), ask.vkey)
      .catch((error) => ({ refused: error.message }))));
  },
  async certified() {
    const { read, signBytes } = await from("certified");
    const { signedBytes } = await from("declaration");
    return Promise.all(ask.pairs.map(async ([chain, key]) => {
      try {
        const row = await read(chain, key);
        return { chain: row.chain, kept: row.private.extractable ? "seed" : "sealed",
          signature: b64(await signBytes(row, signedBytes(ask.value))) };
      } catch (error) {
        return { refused: error.message };
      }
    }));
  },
  async forms() {
    const { formBytes } = await from("manifest");
    return ask.forms.map((form) => {
      try {
        return { text: Buffer.from(formBytes(form)).toString() };
      } catch (error) {
        return { refused: error.message, zh: error.zh };
      }
    });
  },
  async joint() {
    const { begin, fits, signMember, standing, statement } = await from("consortium");
    const { digest } = await from("canonical");
    const { signWithBackup } = await from("keys");
    const files = ask.files.map((text) => ({ blob: new Blob([bytes(text)]) }));
    const terms = ask.notice.terms;
    return Promise.all(ask.cases.map(async ({ agreement, members, seeds = {}, given, tenderer, notice }) => {
      try {
        let made = given ?? await begin(new Blob([bytes(agreement)]), members);
        for (const [own, seed] of Object.entries(seeds)) {
          made = await signMember(terms, made, own, (value) => signWithBackup(value, seed));
        }
        const said = { made, standing: standing(terms, made),
          statement: await digest(statement(terms, made)) };
        if (tenderer) await fits({ ...ask.notice, ...notice }, tenderer, made, files);
        return said;
      } catch (error) {
        return { refused: error.message, zh: error.zh, name: error.name };
      }
    }));
  },
  async codes() {
    const { isUscc } = await from("uscc");
    return ask.codes.map(isUscc);
  },
  async deal() {
    const { deal } = await from("policy");
    const dealt = await deal(ask.policy, bytes(ask.secret));
    return Object.fromEntries([...dealt].map(([path, share]) => [path, b64(share)]));
  },
  async canonical() {
    const { jcs } = await from("canonical");
    return ask.values.map((value) => b64(jcs(value)));
  },
};

console.log(JSON.stringify(await commands[command]()));
