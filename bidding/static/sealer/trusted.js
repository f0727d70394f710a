/** The address of the worker, as a page under a policy of trusted types may start it. */

function ours(url) {
  const whole = new URL(url, location.href);
  if (whole.origin !== location.origin) throw new Error("the worker is not from here");
  return whole.href;
}

let policy = null;

/** Where a policy of trusted types is in force, only a worker of our own origin is started. */
export function trusted(url) {
  if (!globalThis.trustedTypes) return ours(url);
  policy ??= trustedTypes.createPolicy("yangguang-sealer", { createScriptURL: ours });
  return policy.createScriptURL(url);
}
