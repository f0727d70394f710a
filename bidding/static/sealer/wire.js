/** JSON to and from the platform, repeated with patience while it is away or busy. */

const PREFIX = "/api/v1";
const TRIES = 8;
const WAIT = 500;

/** The platform refused: `status`, `code` and `facts` of its problem document. */
export class Problem extends Error {
  constructor(status, document) {
    super(`${status} ${document?.code ?? ""}: ${document?.detail?.en ?? document?.detail ?? ""}`);
    this.name = "Problem";
    this.status = status;
    this.document = document ?? {};
    this.code = this.document.code ?? "";
    this.facts = this.document.facts ?? {};
  }
}

export const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/** Wait a while, or until the browser says that it is online again. */
export function nextTry(attempt) {
  const wait = Math.min(8000, WAIT * 2 ** attempt);
  return new Promise((done) => {
    const go = () => {
      clearTimeout(timer);
      globalThis.removeEventListener?.("online", go);
      done();
    };
    const timer = setTimeout(go, wait);
    globalThis.addEventListener?.("online", go);
  });
}

/** One platform, and who speaks to it. */
export class Wire {
  /**
   * @param {object} [options]
   * @param {string} [options.base] the platform's address; our own origin if left out
   * @param {string} [options.token] a session or API token, where no cookie is used
   * @param {string} [options.csrf] the session's token against forged requests, with a cookie
   */
  constructor({ base = "", token = "", csrf = "" } = {}) {
    this.base = base + PREFIX;
    this.headers = {
      ...token ? { Authorization: `Bearer ${token}` } : {},
      ...csrf ? { "X-CSRF-Token": csrf } : {},
    };
  }

  /** @param {string} path @param {number} [tries] */
  get(path, tries = TRIES) {
    return this.#call("GET", path, undefined, undefined, tries);
  }

  /** @param {string} path @param {object} body @param {string} key for Idempotency-Key */
  post(path, body, key) {
    return this.#call("POST", path, body, key);
  }

  /** Send bytes whole; the browser reads them from the disk as they go. @param {Blob} blob */
  put(path, blob) {
    return this.#call("PUT", path, blob);
  }

  async #call(method, path, body, key, tries = TRIES) {
    const bytes = body instanceof Blob;
    const asked = {
      method, cache: "no-store", credentials: "same-origin", redirect: "error",
      headers: {
        ...this.headers,
        ...body ? { "Content-Type": bytes ? "application/octet-stream" : "application/json" } : {},
        ...key ? { "Idempotency-Key": key } : {},
      },
      body: bytes ? body : body && JSON.stringify(body),
    };
    for (let attempt = 0; ; attempt += 1) {
      const last = attempt + 1 >= tries;
      try {
        const answer = await fetch(this.base + path, asked);
        const said = await answer.text();
        if (answer.ok) return said ? JSON.parse(said) : {};
        if (![429, 502, 503, 504].includes(answer.status) || last) {
          throw new Problem(answer.status, problemOf(said));
        }
      } catch (error) {
        if (error instanceof Problem || last) throw error;
      }
      await nextTry(attempt);
    }
  }
}

function problemOf(said) {
  try {
    return JSON.parse(said);
  } catch {
    return { detail: said.slice(0, 300) };
  }
}
