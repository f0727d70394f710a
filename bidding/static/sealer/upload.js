/**
 * Sending a sealed part by tus, in whole blocks of 4 MiB, each with its SHA-256. The address of
 * a part is known beforehand; where an earlier run stopped is asked of the platform, so nothing
 * has to be remembered here.
 */

import { Upload } from "tus-js-client";

import { BLOCK } from "./blocks.js";
import { b64, sha256 } from "./bytes.js";
import { Problem, nextTry } from "./wire.js";

/** What passes by itself; anything else the platform says is its answer. */
const passes = (status, code) =>
  [0, 429, 460, 502, 503, 504].includes(status) || code === "upload.offset";

/** Stopped by the person; it can go on later. */
export class Stopped extends Error {}

/**
 * Send what is missing of one part.
 * @param {import("./wire.js").Wire} wire
 * @param {string} path of the part's upload, under /api/v1
 * @param {Blob} blob the age file
 * @param {{progress?: (bytes: number) => void, stop?: AbortSignal}} [watch]
 * @returns {Promise<any>} the body of the last answer, null where it had none
 */
export async function sendPart(wire, path, blob, watch = {}) {
  let sent = 0;
  for (let attempt = 0; ; attempt += 1) {
    if (watch.stop?.aborted) throw new Stopped();
    try {
      return await sendOnce(wire, path, blob, {
        ...watch,
        progress: (bytes) => {
          if (bytes > sent) attempt = 0;
          sent = bytes;
          watch.progress?.(bytes);
        },
      });
    } catch (error) {
      if (error instanceof Stopped) throw error;
      const answer = error.originalResponse;
      const status = answer?.getStatus() ?? 0;
      const said = answer && bodyOf(answer);
      if (!passes(status, said?.code)) {
        throw new Problem(status, said ?? await reason(wire, path, blob));
      }
      const wait = Number(answer?.getHeader("Retry-After"));
      if (wait) await new Promise((done) => setTimeout(done, 1000 * Math.min(wait, 60)));
      else await nextTry(attempt);
    }
  }
}

/** A refused HEAD says no reason. One byte of a PATCH is refused with it, and moves nothing. */
async function reason(wire, path, blob) {
  const answer = await fetch(wire.base + path, {
    method: "PATCH", body: blob.slice(0, 1), credentials: "same-origin",
    headers: {
      ...wire.headers, "Tus-Resumable": "1.0.0", "Upload-Offset": "0",
      "Content-Type": "application/offset+octet-stream",
    },
  });
  return answer.json().catch(() => null);
}

function sendOnce(wire, path, blob, { progress, stop }) {
  return new Promise((good, bad) => {
    let last = null;
    const upload = new Upload(blob, {
      uploadUrl: wire.base + path,
      uploadSize: blob.size,
      chunkSize: BLOCK,
      headers: wire.headers,
      retryDelays: null,
      storeFingerprintForResuming: false,
      async onBeforeRequest(request) {
        if (request.getMethod() !== "PATCH") return;
        const place = Number(request.getHeader("Upload-Offset"));
        const block = await blob.slice(place, place + BLOCK).arrayBuffer();
        request.setHeader("Upload-Checksum", `sha256 ${b64(await sha256(block))}`);
      },
      onAfterResponse(_request, response) {
        last = bodyOf(response);
      },
      onChunkComplete: (_size, accepted) => progress?.(accepted),
      onSuccess: () => {
        stop?.removeEventListener("abort", halt);
        good(last);
      },
      onError: (error) => {
        stop?.removeEventListener("abort", halt);
        bad(error);
      },
    });
    const halt = () => {
      upload.abort();
      bad(new Stopped());
    };
    stop?.addEventListener("abort", halt);
    upload.start();
  });
}

function bodyOf(answer) {
  try {
    return JSON.parse(answer.getBody());
  } catch {
    return null;
  }
}
