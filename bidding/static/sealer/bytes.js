/** Bytes and their spellings: hex, base64, UTF-8, SHA-256. Strict both ways. */

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** @param {string} text @returns {Uint8Array} its UTF-8 bytes */
export const utf8 = (text) => encoder.encode(text);

/** @param {BufferSource} bytes @returns {string} throws TypeError where it is not UTF-8 */
export const text = (bytes) => decoder.decode(bytes);

/** @param {Uint8Array} bytes @returns {string} lower-case hex */
export const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** @param {Uint8Array} bytes @returns {string} standard base64 with padding */
export function b64(bytes) {
  let raw = "";
  for (let place = 0; place < bytes.length; place += 8192) {
    raw += String.fromCharCode(...bytes.subarray(place, place + 8192));
  }
  return btoa(raw);
}

/**
 * @param {string} said standard base64; only the one canonical spelling is read
 * @param {number} [length] how many bytes there must be
 * @returns {Uint8Array}
 */
export function unb64(said, length) {
  let bytes;
  try {
    bytes = Uint8Array.from(atob(said), (sign) => sign.charCodeAt(0));
  } catch {
    throw new Error("not base64");
  }
  if (b64(bytes) !== said) throw new Error("base64 with another spelling");
  if (length !== undefined && bytes.length !== length) throw new Error(`expected ${length} bytes`);
  return bytes;
}

/** @param {...Uint8Array} parts @returns {Uint8Array} */
export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let place = 0;
  for (const part of parts) {
    whole.set(part, place);
    place += part.length;
  }
  return whole;
}

/** @param {Uint8Array} a @param {Uint8Array} b @returns {boolean} whether the bytes are the same */
export const equal = (a, b) => a.length === b.length && a.every((byte, place) => byte === b[place]);

/** @param {number} count @returns {Uint8Array} random bytes */
export const random = (count) => crypto.getRandomValues(new Uint8Array(count));

/** @param {BufferSource} bytes @returns {Promise<Uint8Array>} SHA-256, by the browser's own code */
export const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
