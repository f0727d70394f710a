"""The offline sealer: one file, opened from the disk, with no network, in a real browser."""

import functools
import hashlib
import http.server
import json
import os
import re
import shutil
import subprocess
import threading
import time

import pytest

from audit import checkpoint, leaf, note, tiles, tlogproof
from bidding import client, content, declaration, suites
from kernel.canonical import b64, jcs, parse_time, sha256
from tests.bidding.test_sealer_modules import LOG, SUITES, TENDERER, OnDisk, notice

from .sealing import FORM, ROOT, build, standing
from .test_public_pages import overflow, told_of_the_policy, violations

pytestmark = pytest.mark.browser

BESIDES = {"form.manifest.json", "technical.manifest.json", "price.manifest.json", "form.json",
           "notice.json"}


@pytest.fixture
def page(chromium):
    """A page on the file itself; `page.said` is its console, `page.asked` every address."""
    context = chromium.new_context(viewport={"width": 1000, "height": 900}, locale="zh-CN",
                                   accept_downloads=True)
    page = context.new_page()
    page.said, page.asked = [], []
    page.on("console", lambda message: page.said.append(message.text))
    page.on("pageerror", lambda error: page.said.append(str(error)))
    page.on("request", lambda request: page.asked.append(request.url))
    yield page
    context.close()


@pytest.fixture
def papers(tmp_path):
    """A notice's file, a signing key and the files of a bid."""
    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / "施工方案.pdf").write_bytes(os.urandom((9 << 20) + 17))
    (folder / "清单.csv").write_bytes(os.urandom(70_000))
    client.new_key(folder / "signing.key")
    return folder


def fill(page, papers, lot, **more):
    """Fill the page in as a person would."""
    # Another name each time: a browser says nothing when the same file is chosen again.
    path = papers / f"lot-{time.monotonic_ns()}.json"
    path.write_text(json.dumps(lot))
    page.evaluate("document.getElementById('facts').hidden = true;"
                  " document.getElementById('fault').textContent = ''")
    page.set_input_files("#notice", path)
    until(page, "!document.getElementById('facts').hidden"
                " || document.getElementById('fault').textContent")
    if page.is_visible("#unproven"):
        page.check("#unproven")
    page.fill("#uscc", TENDERER)
    page.fill("#price_yuan", "3851200.00")
    page.fill("#period_days", str(FORM["period_days"]))
    page.fill("#quality", FORM["quality"])
    page.fill("#leader", FORM["leader"])
    page.set_input_files("#technical", papers / "施工方案.pdf")
    page.set_input_files("#price", papers / "清单.csv")
    page.set_input_files("#signing", papers / "signing.key")
    for name, chosen in more.items():
        page.set_input_files(f"#{name}", chosen)


def until(page, truth, seconds=120):
    """Wait for a truth of the page's; its policy forbids the browser driver's own way."""
    end = time.monotonic() + seconds
    while not page.evaluate(truth):
        assert time.monotonic() < end, (truth, page.said, page.inner_text("main")[-1500:])
        page.wait_for_timeout(50)


def save(page, folder):
    """Save what the page offers: four files, and one of all."""
    folder.mkdir()
    for button in page.query_selector_all("#files button"):
        with page.expect_download() as waiting:
            button.click()
        waiting.value.save_as(folder / waiting.value.suggested_filename)
    return folder


def check_folder(folder, lot, papers):
    """The command line opens what the page sealed."""
    kept = client.load(folder)
    declared = declaration.parse(jcs(kept["declaration"]).decode())
    assert declaration.verify(declared.value, kept["key"], kept["signature"])
    assert declared.policy_hash == lot["policy_hash"] and declared.suite == lot["suite"]
    for part in declared.parts:
        on_disk = OnDisk(folder / f"{part.part}.age")
        binding = {name: declared.value[name] for name in (
            "log_origin", "tender", "lot", "bid", "tenderer", "version")} | {"part": part.part}
        files, opened = content.examine(
            on_disk, suites.get(declared.suite).identity(kept["seeds"][part.part]), binding,
            part.manifest_hash)
        for file in files:
            if part.part != "form":
                assert opened.read(file["offset"], file["size"]) \
                    == (papers / file["name"]).read_bytes()
    return kept


@pytest.mark.parametrize("suite", SUITES)
def test_a_bid_is_sealed_from_a_file_with_no_network(page, built, papers, tmp_path, suite):
    lot, _, _ = notice(suite)
    page.goto((built / "yangguang-sealer.html").as_uri())
    fill(page, papers, lot)
    assert lot["policy_hash"] in page.inner_text("#facts")
    page.click("#seal_download")
    page.wait_for_selector("#proving:not([hidden])", timeout=120_000)
    assert "已密封并核对" in page.inner_text("#state")
    folder = save(page, tmp_path / "sealed")
    four = {"form.age", "technical.age", "price.age", "bid.key"}
    assert {path.name for path in folder.iterdir()} == four | {"bid.tar"}
    whole = tmp_path / "whole"
    whole.mkdir()
    subprocess.run(["tar", "-xf", folder / "bid.tar", "-C", whole], check=True)
    assert {path.name for path in whole.iterdir()} == four | BESIDES
    assert all((whole / name).read_bytes() == (folder / name).read_bytes() for name in four)
    assert client.load_notice(whole / "notice.json").lot == lot
    kept = check_folder(folder, lot, papers)
    assert declaration.digest(kept["declaration"]) in page.inner_text("#state")
    page.set_input_files("#prove", folder / "bid.key")
    until(page, "document.getElementById('proof').textContent")
    assert [url for url in page.asked if not url.startswith(("file:", "blob:"))] == []
    assert page.said == []
    # The next version follows the one that stands, and another's key file proves nothing.
    page.set_input_files("#replaces", folder / "bid.key")
    page.click("#seal_download")
    until(page, "document.getElementById('proof').textContent === ''"
                           " && !document.getElementById('proving').hidden")
    again = client.load(save(page, tmp_path / "second"))["declaration"]
    assert (again["bid"], again["version"]) == (kept["declaration"]["bid"], 2)
    assert again["previous"] == declaration.digest(kept["declaration"])
    page.set_input_files("#prove", folder / "bid.key")
    until(page, "document.getElementById('fault').textContent")
    assert page.inner_text("#proof") == ""


def test_it_reaches_for_nothing_even_when_told_to(page, built):
    page.goto((built / "yangguang-sealer.html").as_uri())
    for attempt in ("fetch('http://127.0.0.1:9/')", "new WebSocket('ws://127.0.0.1:9/')",
                    "Object.assign(new Image(), {src: 'http://127.0.0.1:9/'})"):
        page.said.clear()
        page.evaluate(f"(async () => {{ try {{ await {attempt}; }} catch (error) {{}} }})()")
        told_of_the_policy(page, attempt)
    # The policy names the hashes of exactly the script and the style that are there.
    text = (built / "yangguang-sealer.html").read_text("utf-8")
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text).group(1)
    assert "default-src 'none'" in policy and "connect-src 'none'" in policy
    assert not re.search(r"unsafe|https?:|\*", policy)
    assert not re.search(r"""(?:src|href)=["']?(?!data:)""", text.partition("<script>")[0])


def test_what_is_wrong_is_said_and_nothing_is_sealed(page, built, papers, tmp_path):
    lot, _, _ = notice("intl-x25519-1")
    page.goto((built / "yangguang-sealer.html").as_uri())
    fill(page, papers, {**lot, "policy_hash": "0" * 64})
    until(page, "document.getElementById('fault').textContent")
    assert page.is_hidden("#facts")
    assert "policy" in page.inner_text("#fault"), "another control's success hides no fault"
    page.click("#seal_download")
    until(page, "document.activeElement.id === 'notice'")
    fill(page, papers, {**lot, "limits": {"bid_bytes": 9 << 20}})
    page.click("#seal_download")
    until(page, "document.getElementById('fault').textContent.includes('the platform takes')")
    fill(page, papers, lot)
    page.fill("#price_yuan", "0")
    page.click("#seal_download")
    until(page, "document.getElementById('fault').textContent.includes('price_fen')")
    page.fill("#price_yuan", "1e9")
    page.click("#seal_download")
    until(page, "document.activeElement.id === 'price_yuan'")
    assert page.query_selector_all("#files li") == []


def approved(lot, /, **over):
    """What the platform gives with an approved notice: content, and its proof in a record of one
    entry."""
    content_ = {"tender": lot["tender_id"], "lots": [{"id": lot["id"], "suite": lot["suite"]}],
                "more": {"policies": {lot["id"]: lot["policy_hash"]}}}
    record = jcs({"v": 1, "type": "notice.approved", "at": "2026-03-02T01:00:00.000Z",
                  "tender": lot["tender_id"], "facts": {
                      "content_hash": sha256(jcs(content_)).hex(), "lots": [
                          {"lot": lot["id"], "suite": lot["suite"],
                           "policy_hash": lot["policy_hash"]} | over]}})
    entry = leaf.make(parse_time("2026-03-02T01:00:01.000Z"), leaf.commitment(bytes(32), record))
    head = checkpoint.Head(LOG.name, 1, tiles.leaf_hash(entry))
    proof = tlogproof.TlogProof(0, (), checkpoint.sign(head, LOG), bytes(32) + record)
    return {"content": content_, "proof": proof.text(), "leaf": b64(entry)}


def test_a_kept_notice_is_proven_and_a_false_one_is_not_sealed_for(page, built, papers):
    lot, _, _ = notice("intl-x25519-1")
    page.goto((built / "yangguang-sealer.html").as_uri())
    good = approved(lot)
    fill(page, papers, {"v": 1, "lot": lot, "approved": good})
    assert "2026-03-02T01:00:00.000Z" in page.inner_text("#facts")
    assert page.is_hidden("#accept") and "未与其他途径比对" in page.inner_text("#facts")
    page.fill("#log_key", str(LOG.verifier))
    page.press("#log_key", "Tab")
    until(page, "document.getElementById('facts').textContent.includes('与所填公钥一致')")
    place = good["proof"].index("index")
    flipped = good["proof"][:place - 9] + chr(ord(good["proof"][place - 9]) ^ 1) \
        + good["proof"][place - 8:]
    for false in (approved(lot, policy_hash="0" * 64), approved(lot, lot="0" * 32),
                  approved(lot, suite="intl-pq-1"), {**good, "proof": flipped},
                  {**good, "content": {**good["content"], "tender": "0" * 32}}):
        fill(page, papers, {"v": 1, "lot": lot, "approved": false})
        assert page.inner_text("#fault") and page.is_hidden("#facts")
        page.click("#seal_download")
        assert page.query_selector_all("#files li") == []
    page.fill("#log_key", str(note.Signer.generate(LOG.name).verifier))
    page.press("#log_key", "Tab")
    fill(page, papers, {"v": 1, "lot": lot, "approved": good})
    assert "not the one that was given" in page.inner_text("#fault")
    # A lot's bare JSON proves nothing: a person must say that it is enough.
    page.fill("#log_key", "")
    page.press("#log_key", "Tab")
    fill(page, papers, lot)
    page.uncheck("#unproven")
    page.click("#seal_download")
    until(page, "document.activeElement.id === 'unproven'")


def test_pause_and_cancel(page, built, papers):
    lot, _, _ = notice("intl-x25519-1")
    (papers / "施工方案.pdf").write_bytes(bytes(48 << 20))
    page.goto((built / "yangguang-sealer.html").as_uri())
    fill(page, papers, lot)
    # By the page's own hand at every further block: from here it would come when all is sealed.
    page.evaluate("""(() => {
        const bar = document.getElementById("bar");
        const true_ = Object.getOwnPropertyDescriptor(HTMLProgressElement.prototype, "value");
        Object.defineProperty(bar, "value", {
            get: () => true_.get.call(bar),
            set: (value) => {
                true_.set.call(bar, value);
                if (value > 0.1) document.getElementById("pause").click();
            } });
    })()""")
    page.click("#seal_download")
    until(page, "document.getElementById('state').textContent === '已暂停'")
    stood = standing(page, "document.getElementById('bar').value")
    assert 0.1 < stood < 1
    assert page.inner_text("#state") == "已暂停"
    page.click("#pause")
    until(page, f"document.getElementById('bar').value > {stood}")
    page.click("#cancel")
    until(page, "document.getElementById('fault').textContent.includes('已取消')")
    assert page.is_hidden("#proving") and page.query_selector_all("#files li") == []


@pytest.mark.parametrize("width", [360, 1280, 3840])
@pytest.mark.parametrize("english", [False, True], ids=["zh", "en"])
def test_it_fits_and_is_accessible(page, built, papers, width, english):
    page.set_viewport_size({"width": width, "height": 900})
    page.goto((built / "yangguang-sealer.html").as_uri())
    if english:
        page.click("#language")
        assert page.evaluate("document.documentElement.lang") == "en"
    fill(page, papers, notice(SUITES[0])[0])
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert overflow(page) == 0
    assert not re.search(r"{{|undefined", page.inner_text("body"))
    assert violations(page) == []


def test_every_control_is_reached_by_keyboard(page, built):
    page.goto((built / "yangguang-sealer.html").as_uri())
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    reached = []
    for _ in range(45):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id"))
    shown = page.evaluate("""[...document.querySelectorAll('input, textarea, button')]
        .filter((one) => one.offsetParent && !one.disabled).map((one) => one.id)""")
    assert [name for name in shown if name not in reached] == []


def test_into_a_folder_as_it_is_sealed(page, built, papers):
    """The folder picker cannot be driven; the private file system stands in for the folder."""
    handler = functools.partial(_Quiet, directory=str(built))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        lot, _, _ = notice("intl-x25519-1")
        page.goto(f"http://127.0.0.1:{server.server_port}/yangguang-sealer.html")
        page.evaluate("window.showDirectoryPicker = () => navigator.storage.getDirectory()")
        fill(page, papers, lot)
        page.click("#seal_folder")
        page.wait_for_selector("#proving:not([hidden])", timeout=120_000)
        sizes = page.evaluate("""async () => {
            const found = {};
            for await (const [name, handle] of await navigator.storage.getDirectory()) {
                found[name] = (await handle.getFile()).size;
            }
            return found;
        }""")
        assert set(sizes) == {"form.age", "technical.age", "price.age", "bid.key"} | BESIDES
        assert sizes["technical.age"] > 9 << 20
    finally:
        server.shutdown()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_args):
        """Say nothing."""


def test_the_same_sources_give_the_same_bytes(built, tmp_path):
    """Built again, and in another folder: the hash in a notice can be recomputed by anybody."""
    tree = tmp_path / "elsewhere"
    shutil.copytree(ROOT / "bidding/static", tree / "bidding/static")
    shutil.copytree(ROOT / "assets", tree / "assets")
    (tree / "node_modules").symlink_to((ROOT / "node_modules").resolve())
    made = build(tmp_path / "again", tree)
    for name in ("yangguang-sealer.html", "sealer.js", "sealer-worker.js", "holder.js",
                 "LICENSES.txt"):
        first, second = ((folder / name).read_bytes() for folder in (built, made))
        assert hashlib.sha256(first).digest() == hashlib.sha256(second).digest(), name
        assert str(ROOT).encode() not in first
