/**
 * A certified signing key (docs/formats/signatures.md): a CA's certificate chain and the private
 * key as an unencrypted PKCS#8 file, ECDSA P-256 or RSA. The key is kept as one that the browser
 * does not give out again.
 *
 * The keys of a token or a card cannot be reached from a browser, nor can a key file under a
 * password: `NEEDS_PROGRAM` is said then, and a page says it too.
 */

import { b64, equal, hex, random, sha256, unb64 } from "./bytes.js";

export const NEEDS_PROGRAM = "a browser cannot reach a key on a token or under a password: "
  + "sign with the command line (yangguang bid), or with a key file in PKCS#8 without a password";

const MOST = 5;
const P256 = { import: { name: "ECDSA", namedCurve: "P-256" }, sign: { name: "ECDSA", hash: "SHA-256" } };
const RSA = { import: { name: "RSA-PSS", hash: "SHA-256" }, sign: { name: "RSA-PSS", saltLength: 32 } };
// The algorithm's object identifier, as it stands in SubjectPublicKeyInfo.
const KINDS = [["2a8648ce3d0201", P256], ["2a864886f70d010101", RSA]];

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----\s+([A-Za-z0-9+/=\s]+?)-----END \1-----/g;

function blocks(pem) {
  return Array.from(pem.matchAll(BLOCK), ([, label, said]) => ({ label, der: unb64(said.replace(/\s/g, "")) }));
}

/** One DER element at `place`: where its content begins, where it ends. */
function element(der, place) {
  let length = der[place + 1];
  let begin = place + 2;
  if (length & 0x80) {
    const count = length & 0x7f;
    if (count < 1 || count > 3) throw new Error("not a certificate");
    length = der.subarray(begin, begin + count).reduce((sum, byte) => sum * 256 + byte, 0);
    begin += count;
  }
  const end = begin + length;
  if (!(end <= der.length)) throw new Error("not a certificate");
  return { tag: der[place], begin, end };
}

/** The SubjectPublicKeyInfo of a certificate: the seventh of its fields, or sixth before v3. */
function publicOf(der) {
  const whole = element(der, 0);
  const inner = element(der, whole.begin);
  const fields = [];
  for (let place = inner.begin; place < inner.end;) {
    const { tag, end } = element(der, place);
    fields.push({ tag, bytes: der.slice(place, end) });
    place = end;
  }
  // [0] version, serial, signature, issuer, validity, subject, subjectPublicKeyInfo
  const found = fields[fields[0]?.tag === 0xa0 ? 6 : 5]?.bytes;
  if (whole.tag !== 0x30 || inner.tag !== 0x30 || found?.[0] !== 0x30) throw new Error("not a certificate");
  return found;
}

function kindOf(spki) {
  const algorithm = element(spki, element(spki, 0).begin);
  const oid = element(spki, algorithm.begin);
  const found = KINDS.find(([name]) => name === hex(spki.subarray(oid.begin, oid.end)));
  if (!found) throw new Error("a certificate for another algorithm than ECDSA P-256 or RSA");
  return found[1];
}

/** PEM as the platform reads it: 64 columns, nothing between. */
const pem = (der) => `-----BEGIN CERTIFICATE-----\n${
  b64(der).match(/.{1,64}/g).join("\n")}\n-----END CERTIFICATE-----\n`;

/**
 * Read a chain and its key; throws where the key is not the first certificate's.
 * @param {string} chain PEM, the signer's certificate first @param {string} pkcs8 PEM
 */
export async function read(chain, pkcs8) {
  const certificates = blocks(chain).filter(({ label }) => label === "CERTIFICATE");
  if (!certificates.length || certificates.length > MOST) {
    throw new Error(`not a chain of one to ${MOST} certificates`);
  }
  const [key] = blocks(pkcs8).filter(({ label }) => label.endsWith("PRIVATE KEY"));
  if (key?.label !== "PRIVATE KEY") throw new Error(NEEDS_PROGRAM);
  const spki = publicOf(certificates[0].der);
  const kind = kindOf(spki);
  // Browsers say nothing of why a key cannot be read: it is damaged, or of another algorithm.
  const [held, known] = await Promise.all([
    crypto.subtle.importKey("pkcs8", key.der, kind.import, false, ["sign"]),
    crypto.subtle.importKey("spki", spki, kind.import, true, ["verify"])]).catch(() => {
    throw new Error("the key is not the certificate's");
  });
  const probe = random(32);
  const signature = await crypto.subtle.sign(kind.sign, held, probe);
  if (!await crypto.subtle.verify(kind.sign, known, signature, probe)) {
    throw new Error("the key is not the certificate's");
  }
  if (!equal(new Uint8Array(await crypto.subtle.exportKey("spki", known)), spki)) {
    throw new Error("the certificate's key has another spelling");
  }
  const name = `certificate:${hex(await sha256(certificates[0].der))}`;
  return { public: name, private: held, chain: certificates.map(({ der }) => pem(der)).join("") };
}

/** Sign with a key that `read` gave: raw r ‖ s, or PSS. */
export async function signBytes({ private: held }, bytes) {
  const kind = held.algorithm.name === "ECDSA" ? P256 : RSA;
  return new Uint8Array(await crypto.subtle.sign(kind.sign, held, bytes));
}
