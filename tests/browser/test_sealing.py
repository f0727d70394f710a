"""The sealing module in a real browser against the real server: sealed, sent, paused, cut off,
resumed, killed; and what it shares with the command line."""

import base64
import json

import pytest
from sqlalchemy import select

from bidding import client, content, declaration, suites
from bidding.manifest import Form
from bidding.model import BidPart, BidVersion
from bidding.reading import ciphertext_of
from kernel.canonical import unb64

from .sealing import (
    FORM,
    MIB,
    choose,
    papers,
    pids,
    prove,
    resident,
    seal,
    seed_of,
    standing,
    start_seal,
    submitted,
    written,
)

pytestmark = pytest.mark.browser



def to_disk(browser, id_, folder):
    """The folder that the command line would have made of this bid."""
    folder.mkdir()
    for part in ("form", "technical", "price"):
        (folder / f"{part}.age").write_bytes(base64.b64decode(
            browser.run("drive.part(ID, PART)", ID=id_, PART=part)))
    (folder / "bid.key").write_text(browser.run("drive.sealer.keyFile(ID)", ID=id_))
    return folder


def opens_as_sent(world, bid, text, tmp_path, papers_) -> None:
    """The stored bytes open with the key file to the files that were chosen."""
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "bid.key").write_text(text)
    kept = client.load(tmp_path / "kept")
    declared = kept["declaration"]
    version = world.session.scalars(select(BidVersion).where(BidVersion.bid_id == bid)).one()
    for part in world.session.scalars(
            select(BidPart).where(BidPart.version_id == version.id)).all():
        binding = {name: declared[name] for name in (
            "log_origin", "tender", "lot", "bid", "tenderer", "version")} | {"part": part.part}
        files, opened = content.examine(
            ciphertext_of(world.session, part),
            suites.get(declared["suite"]).identity(kept["seeds"][part.part]), binding,
            part.manifest_hash)
        for file in files:
            if part.part != "form":
                with open(papers_ / file["name"], "rb") as chosen:
                    for piece in opened.stream(file["offset"], file["size"]):
                        assert chosen.read(len(piece)) == piece


@pytest.mark.parametrize(("suite", "flags"), [
    ("intl-pq-1", ()), ("intl-x25519-1", ()),
    ("intl-pq-1", ("--disable-features=WebCryptoPQC",))], ids=["pq", "x25519", "pq-javascript"])
def test_a_bid_is_sealed_sent_and_received(world, company, browse, tmp_path, suite, flags):
    lot = world.lots(world.published_tender(suite=suite))[0]
    world.publish_record()
    assert lot.suite == suite
    browser = browse(world.session_token(company.actor), *flags)
    assert browser.run("drive.module.hasNative()") == (not flags)
    browser.key = browser.run("drive.module.signing.readBackup(SEED)",
                              SEED=seed_of(company))["public"]
    papers(browser, tmp_path / "papers", 5 * MIB + 5)
    id_ = seal(browser, lot, company)
    assert browser.run("drive.checking") is True
    # Not before the key file has been read back.
    browser.run("drive.submit(ID)", ID=id_)
    assert "read it back" in browser.until("drive.outcome.submit")["error"]
    text = prove(browser, id_)
    state = submitted(browser, lot, id_)
    assert state["step"] == "received" and "bid-receipt" in state["receipt"]
    assert written(world, lot, "bid.submitted") == 1
    opens_as_sent(world, state["bid"], text, tmp_path, tmp_path / "papers")
    assert [words for words in browser.said if "Content Security" in words] == []


def test_what_the_page_does_while_sealing(world, lot, company, browser, tmp_path):
    """Paused it stands still, cancelled it leaves nothing, reloaded it begins anew."""
    papers(browser, tmp_path / "papers", 48 * MIB)
    start_seal(browser, lot, company, paused=True)
    browser.run("drive.step(8e6)")
    stood = standing(browser.page, "drive.progress.technical")
    assert stood < 48 * MIB
    assert browser.run("drive.module.store.list()") == [], "its own sealing is left alone"
    browser.run(f"drive.step({stood})")
    browser.run("drive.jobs.seal.cancel()")
    assert browser.until("drive.outcome.seal")["error"] == "cancelled"
    assert browser.run(FOLDERS) == []
    start_seal(browser, lot, company, paused=True)
    browser.run("drive.step(8e6)")
    assert len(browser.run(FOLDERS)) == 1
    browser.load()
    # The page before may hold its folder for a moment yet; whoever looks after that sweeps it.
    browser.until(f"drive.module.store.list().then(async (kept) => "
                  f"kept.length === 0 && (await {FOLDERS}).length === 0)")
    choose(browser, tmp_path / "papers")
    assert browser.run("drive.module.store.read(ID)", ID=seal(browser, lot, company))["step"] \
        == "sealed"


def test_a_bid_that_is_written_while_others_look_is_not_swept_away(world, lot, company, browser,
                                                                  tmp_path):
    """Planted: what could not be read for a moment was taken for a sealing that was cut off."""
    papers(browser, tmp_path / "papers", 1 * MIB)
    id_ = seal(browser, lot, company)
    counts = browser.run("""(async () => {
        const store = drive.module.store, counts = new Set();
        let writing = true;
        const writer = (async () => {
            for (let turn = 0; turn < 400; turn += 1) await store.change(ID, { turn });
        })().finally(() => { writing = false; });
        const look = async () => { while (writing) counts.add((await store.list()).length); };
        await Promise.all([writer, look(), look(), look()]);
        return [...counts];
    })()""", ID=id_)
    assert counts == [1] and browser.run("drive.module.store.read(ID)", ID=id_)["turn"] == 399


FOLDERS = """(async () => {
    const found = [];
    const disk = await navigator.storage.getDirectory();
    const root = await disk.getDirectoryHandle("yangguang-bids", { create: true });
    for await (const name of root.keys()) found.push(name);
    return found;
})()"""


def cut_and_resumed(world, lot, company, browser, tmp_path, size):
    """Pause, reload and kill the browser in the course of one upload; figures of memory."""
    idle = resident(pids(browser.profile))
    papers(browser, tmp_path / "papers", size)
    start_seal(browser, lot, company)
    most, heap = idle, 0
    session = browser.context.new_cdp_session(browser.page)
    session.send("Performance.enable")
    while not browser.run("drive.outcome.seal"):
        most = max(most, resident(pids(browser.profile)))
        metrics = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")[
            "metrics"]}
        heap = max(heap, metrics["JSHeapUsedSize"])
        browser.page.wait_for_timeout(100)
    id_ = browser.outcome("seal")["id"]
    text = prove(browser, id_)
    with browser.site.holding(12 * MIB):
        browser.run("drive.submit(ID)", ID=id_)
        browser.until("drive.sent.technical >= 8e6")
        browser.run("drive.jobs.submit.pause()")
        assert browser.until("drive.outcome.submit")["kind"] == "Stopped"
        sent = browser.run("drive.sent.technical")
    # Reloaded: the platform is asked, and nothing is sent again.
    browser.load()
    browser.patches.clear()
    with browser.site.holding(24 * MIB):
        browser.run("drive.submit(ID)", ID=id_)
        browser.until(f"drive.sent.technical > {sent}")
        assert min(browser.patches) >= sent - 4 * MIB
        sent = browser.run("drive.sent.technical")
        assert sent < size, "it is still under way"
        browser.kill()
    browser.open()
    assert browser.run("drive.module.store.list()")[0]["step"] == "declared"
    browser.patches.clear()
    during = submitted(browser, lot, id_, 600)
    assert min(browser.patches) >= sent - 4 * MIB
    most = max(most, resident(pids(browser.profile)))
    assert during["step"] == "received"
    assert written(world, lot, "bid.submitted") == 1
    opens_as_sent(world, during["bid"], text, tmp_path, tmp_path / "papers")
    return most - idle, heap


def test_40_mib_paused_reloaded_and_killed(world, lot, company, lasting, tmp_path, record_property):
    grown, heap = cut_and_resumed(world, lot, company, lasting, tmp_path, 40 * MIB)
    record_property("grown_mib", grown / MIB)
    print(f"40 MiB: {grown / MIB:.0f} MiB above idle, JavaScript heap {heap / MIB:.0f} MiB")
    assert heap < 32 * MIB


@pytest.mark.faults
def test_1_gib_paused_reloaded_and_killed_with_flat_memory(world, lot, company, lasting, tmp_path):
    grown, heap = cut_and_resumed(world, lot, company, lasting, tmp_path, 1024 * MIB)
    print(f"1 GiB: {grown / MIB:.0f} MiB above idle, JavaScript heap {heap / MIB:.0f} MiB")
    assert grown < 256 * MIB and heap < 32 * MIB


def test_offline_for_a_while(world, lot, company, browser, tmp_path):
    papers(browser, tmp_path / "papers", 20 * MIB)
    id_ = seal(browser, lot, company)
    prove(browser, id_)
    with browser.site.holding(8 * MIB):
        browser.run("drive.submit(ID)", ID=id_)
        browser.until("drive.sent.technical >= 4e6")
        browser.context.set_offline(True)
    browser.page.wait_for_timeout(1500)
    stood = browser.run("drive.sent.technical")
    assert browser.run("drive.outcome.submit") is None, "it waits"
    browser.context.set_offline(False)
    assert browser.outcome("submit")["step"] == "received"
    assert stood < 20 * MIB
    assert written(world, lot, "bid.submitted") == 1


def test_sealed_in_the_browser_submitted_and_withdrawn_by_the_command_line(
        world, lot, company, browser, tmp_path):
    papers(browser, tmp_path / "papers", 5 * MIB)
    id_ = seal(browser, lot, company)
    folder = to_disk(browser, id_, tmp_path / "sealed")
    wire = world.wire(company)
    says = client.submit(wire, folder, client.read_notice(wire, lot.id).platform)
    assert says["declaration"] == declaration.digest(client.load(folder)["declaration"])
    client.withdraw(wire, folder, company.signing.private_bytes_raw())
    assert written(world, lot, "bid.withdrawn") == 1


def test_sealed_by_the_command_line_sent_withdrawn_and_opened_by_the_browser(
        world, lot, company, browser, tmp_path):
    papers(browser, tmp_path / "papers", 5 * MIB)
    files = tmp_path / "papers"
    client.seal(client.read_notice(world.wire(company), lot.id), company.uscc,
                company.signing.private_bytes_raw(), Form(**FORM), [files / "施工方案.pdf"],
                [files / "清单.csv"], tmp_path / "sealed")
    text = (tmp_path / "sealed" / "bid.key").read_text()
    browser.page.set_input_files("#parts", sorted((tmp_path / "sealed").glob("*.age")))
    id_ = browser.run("drive.adopt(TEXT)", TEXT=text)["id"]
    assert submitted(browser, lot, id_)["step"] == "received"
    for _ in range(2):
        world.sealed_bid(lot)
    world.past_deadline(lot)
    world.authorise(lot)
    browser.sign_in(world.session_token(company.actor))
    browser.run("drive.sealer.open(drive.module.readKeyFile(TEXT))", TEXT=text)
    assert written(world, lot, "opening.tenderer_shares_given") == 1


def test_withdrawn_and_replaced_in_the_browser(world, lot, company, browser, tmp_path):
    papers(browser, tmp_path / "papers", 1000)
    id_ = seal(browser, lot, company)
    text = prove(browser, id_)
    submitted(browser, lot, id_)
    before = json.loads(text.rstrip("\n").rpartition("\n")[2][2:])["declaration"]
    choose(browser, tmp_path / "papers")
    second = seal(browser, lot, company, replaces=before)
    assert second == f"{before['bid']}-2"
    after = prove(browser, second)
    submitted(browser, lot, second)
    assert written(world, lot, "bid.replaced") == 1
    browser.run("drive.sealer.withdraw(drive.module.readKeyFile(TEXT), KEY)", TEXT=after,
                KEY=browser.key)
    assert written(world, lot, "bid.withdrawn") == 1


def test_a_key_made_here_signs_only_after_its_backup_was_read(world, lot, browse, tmp_path):
    actor = world.account("tenderer", party=world.party("tenderer"))
    browser = browse(world.session_token(actor))
    made = browser.run("drive.module.signing.newKey()")
    assert (made["proven"], made["kept"]) == (False, "sealed")
    refused = browser.run("drive.sealer.bindKey(KEY).catch((error) => error.message)",
                          KEY=made["public"])
    assert "read the key's backup back" in refused
    # The browser does not give the private key out again, to us or to anybody's script.
    assert browser.run("""(async () => {
        const opening = indexedDB.open("yangguang-sealer");
        await new Promise((done) => { opening.onsuccess = done; });
        const all = opening.result.transaction("signing-keys").objectStore("signing-keys").getAll();
        await new Promise((done) => { all.onsuccess = done; });
        const key = all.result[0].private;
        return crypto.subtle.exportKey("pkcs8", key).catch((error) => error.name);
    })()""") == "InvalidAccessError"
    browser.load()
    browser.run("drive.module.signing.readBackup(TEXT)", TEXT=made["backup"])
    before = len(world.entries("signing_key.bound"))
    browser.run("drive.sealer.bindKey(KEY)", KEY=made["public"])
    assert len(world.entries("signing_key.bound")) == before + 1
    (tmp_path / "signing.key").write_text(made["backup"])
    seed = client.read_key(tmp_path / "signing.key")
    assert declaration.sign({"type": "", "log_origin": ""}, seed)[0] == made["public"]


def test_a_false_receipt_is_not_believed(world, lot, company, browser, tmp_path):
    papers(browser, tmp_path / "papers", 1000)
    id_ = seal(browser, lot, company)
    prove(browser, id_)

    def forged(route):
        answer = route.fetch()
        if answer.status != 200 or route.request.method != "PATCH":
            route.fulfill(response=answer)
            return
        said = answer.json()
        said["receipt"] = said["receipt"].replace('"received_at":"2', '"received_at":"3')
        route.fulfill(response=answer, json=said)

    browser.page.route("**/upload", forged)
    browser.run("drive.submit(ID)", ID=id_)
    assert "signature" in browser.until("drive.outcome.submit")["error"]
    browser.page.unroute("**/upload")
    assert submitted(browser, lot, id_)["step"] == "received", "the true one is asked for"


@pytest.mark.parametrize("closed", [False, True], ids=["late", "closed"])
def test_after_the_deadline_it_is_told_at_once_with_the_promise(
        world, lot, company, browser, tmp_path, closed):
    papers(browser, tmp_path / "papers", 5 * MIB)
    id_ = seal(browser, lot, company)
    prove(browser, id_)
    browser.page.route("**/parts/price/upload", lambda route: route.abort())
    browser.run("drive.submit(ID)", ID=id_)
    browser.until("drive.sent.technical > 5e6")
    if closed:
        world.past_deadline(lot)
    else:
        world.set_time(lot.deadline)
    browser.run("drive.jobs.submit.pause()")
    browser.until("drive.outcome.submit")
    browser.page.unroute("**/parts/price/upload")
    browser.sign_in(world.session_token(company.actor))
    browser.run("drive.submit(ID)", ID=id_)
    found = browser.until("drive.outcome.submit")
    if closed:
        assert (found["kind"], found["state"]) == ("Ended", "DEEMED_WITHDRAWN"), \
            found
    else:
        assert (found["kind"], found["code"]) == ("Problem", "bid.late")
        assert found["says"]["type"] == "bid-refusal" and found["says"]["lot"] == lot.id


def test_the_check_after_sealing_finds_a_changed_byte(world, lot, company, browser, tmp_path):
    papers(browser, tmp_path / "papers", 5 * MIB)
    id_ = seal(browser, lot, company)
    text = prove(browser, id_)
    look = """(async () => {
        const { module } = drive;
        const kept = module.readKeyFile(TEXT);
        const blob = await module.store.file(ID, "technical.age");
        const bytes = new Uint8Array(await blob.arrayBuffer());
        if (PLACE !== null) bytes[PLACE] ^= 1;
        const seed = Uint8Array.from(atob(kept.seeds.technical), (one) => one.charCodeAt(0));
        if (RESEAL) kept.declaration.parts[1].ciphertext_hash = await hash(bytes);
        try {
            const { files } = await module.examine(new Blob([bytes]), seed, kept.declaration,
                "technical");
            return files.length;
        } catch (error) { return error.message; }
        async function hash(all) {
            const digests = [];
            for (let at = 0; at < all.length; at += 4194304) {
                digests.push(new Uint8Array(await crypto.subtle.digest("SHA-256",
                    all.subarray(at, at + 4194304))));
            }
            const digest = await crypto.subtle.digest("SHA-256",
                await new Blob(digests).arrayBuffer());
            return [...new Uint8Array(digest)].map((one) => one.toString(16).padStart(2, "0"))
                .join("");
        }
    })()"""
    size = len(unb64(browser.run("drive.part(ID, 'technical')", ID=id_)))
    assert browser.run(look, TEXT=text, ID=id_, PLACE=None, RESEAL=True) == 1
    for place in (0, 300, 3000, 2 * MIB, size - 1):
        for reseal in (False, True):
            assert isinstance(browser.run(look, TEXT=text, ID=id_, PLACE=place, RESEAL=reseal),
                              str), (place, reseal)
