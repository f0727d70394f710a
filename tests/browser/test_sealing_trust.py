"""What the sealing module believes in a real browser against the real server: keys, notice,
promises, proofs; a platform that lies; what is kept, tried, exported and handed in."""

import base64
import json
import subprocess

import pytest

from audit.note import Signer
from bidding import client, policy, promise, suites
from bidding.client import standing
from bidding.manifest import Form
from bidding.model import PlainFile
from bidding.receipt import Keys, State, check, read
from tests.bidding.test_receipts import beat

from .sealing import FORM, choose, papers, prove, seal, start_seal, submitted

pytestmark = pytest.mark.browser


def alarms(browser) -> list[str]:
    """What the page was alarmed with."""
    return [one["problem"] for one in browser.run("drive.events") if one["type"] == "alarm"]


def lying(browser, pattern, change) -> None:
    """Let `change` alter the platform's JSON answers under `pattern`."""
    def answer(route):
        came = route.fetch()
        said = came.json()
        change(said)
        route.fulfill(response=came, json=said)

    browser.page.unroute_all()
    browser.page.route(pattern, answer)


def refused(browser, lot) -> str:
    """The notice is not believed; with which words."""
    said = browser.run("drive.sealer.notice(LOT).then(() => '', (error) => error.name + ': '"
                       " + error.message)", LOT=lot.id)
    assert said.startswith("Distrust: "), said
    assert alarms(browser)[-1] == said.removeprefix("Distrust: ")
    return said


def test_the_notice_is_pinned_and_proven_and_a_lie_is_an_alarm(world, lot, browser, tmp_path):
    found = browser.run("drive.sealer.notice(LOT)", LOT=lot.id)
    assert found["trust"]["log"] == "first use" and found["trust"]["approved"].startswith("20")
    assert browser.run("drive.sealer.notice(LOT)", LOT=lot.id)["trust"]["log"] == "known"
    vkeys = found["lot"]["seal"]
    other = {name: str(Signer.generate(vkeys[f"{name}_vkey"].partition("+")[0]).verifier)
             for name in ("log", "platform")}
    # Given by hand: the same is told as such, another is an alarm.
    browser.run("drive.start(TOKEN, { logKey: KEY })", KEY=vkeys["log_vkey"] + "\n")
    assert browser.run("drive.sealer.notice(LOT)", LOT=lot.id)["trust"]["log"] == "given"
    browser.run("drive.start(TOKEN, { logKey: KEY })", KEY=other["log"])
    assert "not the one that was given" in refused(browser, lot)
    browser.run("drive.start(TOKEN)")
    # Another key of the record, or of the promises, than at the first meeting.
    for name, key in other.items():
        lying(browser, f"**/lots/{lot.id}", lambda said, name=name, key=key:
              said["seal"].update({f"{name}_vkey": key}))
        assert "other keys than before" in refused(browser, lot)
        # Met for the first time, they do not fit what the record proves.
        browser.run("drive.module.unpin(ORIGIN)", ORIGIN=found["terms"]["log_origin"])
        why = "proof is false" if name == "log" else "names other keys"
        assert why in refused(browser, lot)
        assert browser.run("drive.module.pinned(ORIGIN)",
                           ORIGIN=found["terms"]["log_origin"]) is None
        browser.page.unroute_all()
        assert browser.run("drive.sealer.notice(LOT)", LOT=lot.id)["trust"]["log"] == "first use"


def test_another_policy_is_not_sealed_for(world, lot, company, browser, tmp_path):
    """The operator puts an official's key of its own into the policy, hash and all."""
    def swapped(said):
        suite = suites.get(said["suite"])
        said["policy"]["any"][1]["of"][0]["recipient"] = suite.recipient_of(suite.generate())
        said["policy_hash"] = policy.policy_hash(said["policy"])

    lying(browser, f"**/lots/{lot.id}", swapped)
    assert "another policy" in refused(browser, lot)
    # Without any proof it is told to be unproven, and nothing is sealed.
    browser.page.route("**/notice", lambda route: route.fulfill(status=404, json={}))
    papers(browser, tmp_path / "papers", 1000)
    start_seal(browser, lot, company)
    found = browser.until("drive.outcome.seal")
    assert "does not prove this notice" in found["error"]
    assert browser.run("drive.notice.trust.approved") == ""
    assert browser.run("drive.module.store.list()") == []
    browser.page.unroute_all()
    # A proof with one byte of it changed, of the true notice.
    lying(browser, "**/notice", lambda said: said.update(
        proof=said["proof"][:400] + chr(ord(said["proof"][400]) ^ 1) + said["proof"][401:]))
    assert "proof is false" in refused(browser, lot)
    # The approval of another tender proves nothing here.
    second = world.lots(world.published_tender())[0]
    world.publish_record()
    browser.page.unroute_all()
    its = browser.run("drive.sealer.notice(LOT)", LOT=second.id)
    lying(browser, "**/notice", lambda said: said.update(its["approved"]))
    assert "another" in refused(browser, lot)


def test_a_bid_is_followed_until_it_is_counted_and_an_overdue_promise_is_an_alarm(
        world, lot, company, browser, tmp_path):
    papers(browser, tmp_path / "papers", 2000)
    id_ = seal(browser, lot, company)
    prove(browser, id_)
    at = "drive.sealer.follow(ID).then(({ standing, alarm }) => ({ ...standing, alarm }))"
    assert browser.run(at, ID=id_)["name"] == "draft"
    submitted(browser, lot, id_)
    assert [one["step"] for one in browser.run("drive.events") if one["type"] == "step"] \
        == ["sealed", "proven", "declared", "received"]
    # The page's clock decides what is overdue; the platform's runs in the tests' own year.
    here = "(async (now) => { const real = Date; globalThis.Date = class extends real {" \
           " constructor(...a) { super(...(a.length ? a : [now])); } };" \
           " try { return await WHAT; } finally { globalThis.Date = real; } })(NOW)"
    soon = here.replace("WHAT", at)
    promised = browser.run("drive.module.store.read(ID)", ID=id_)
    assert browser.run(soon, ID=id_, NOW=promised["received_at"])["name"] == "submitted"
    assert "not yet counted" in browser.run(soon, ID=id_, NOW=promised["received_at"])["en"]
    # Without the platform, by our own clock and our own copy of the promise.
    browser.page.route("**/api/**", lambda route: route.abort())
    overdue = browser.run(at, ID=id_)
    assert (overdue["name"], overdue["alarm"]) == ("overdue", True)
    assert "raise the alarm" in alarms(browser)[-1]
    browser.page.unroute_all()
    for _ in range(2):
        beat(world)
    browser.sign_in(world.session_token(company.actor))
    browser.run("void drive.sealer.watch(ID, 200)", ID=id_)
    told = browser.until("drive.events.find((one) => one.type === 'standing')")
    assert told["standing"]["name"] == "proven" and "counted at 20" in told["standing"]["en"]
    assert alarms(browser) == []
    # A false proof afterwards is told, though a good one is kept; withholding changes nothing.
    lying(browser, "**/receipts", lambda said: said["receipts"][0].update(
        proof=said["receipts"][0]["proof"].replace("index ", "index 1")))
    assert browser.run(at, ID=id_)["name"] == "doubtful"
    lying(browser, "**/receipts", lambda said: said["receipts"][0].update(
        proof=None, leaf=None, closing=None))
    assert browser.run(at, ID=id_)["name"] == "proven"
    browser.page.unroute_all()
    _exported(world, lot, company, browser, id_, tmp_path)


def _exported(world, lot, company, browser, id_, tmp_path):
    """The exported folder is the command line's: it opens, says how it stands, verifies."""
    made = browser.run("drive.export(ID)", ID=id_)
    folder = tmp_path / "exported"
    folder.mkdir()
    subprocess.run(["tar", "-x", "-C", folder], input=base64.b64decode(made["data"]), check=True)
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    names = {path.name for path in folder.iterdir()}
    assert {"form.age", "technical.age", "price.age", "bid.key", "form.json", "notice.json",
            "form.manifest.json", "technical.manifest.json", "price.manifest.json", "receipt.txt",
            "log.vkey", "platform.vkey"} < names
    plain = client.unseal(folder, tmp_path / "plain")
    for part, files in plain.items():
        for name in files:
            if part != "form":
                assert (tmp_path / "plain" / part / name).read_bytes() \
                    == (tmp_path / "papers" / name).read_bytes()
    notice = client.load_notice(folder / "notice.json")
    assert client.prove(notice) and notice.lot["id"] == lot.id
    keys = Keys(notice.log, notice.platform)
    for path in folder.glob("*.receipt.json"):
        assert check(read(path.read_bytes()), keys).state is State.PROVEN
    says = promise.read((folder / "receipt.txt").read_text(), notice.platform)
    assert standing.standing(says["declaration"], world.now, notice.platform, notice.log,
                             version=None, receipts=client.receipts(
                                 world.wire(company), says["bid"])).name == "proven"
    # And here, without the platform: decrypted by what is kept on this device.
    found = browser.run("drive.decrypt(ID)", ID=id_)["found"]
    for name in ("technical/施工方案.pdf", "price/清单.csv"):
        assert base64.b64decode(found[name]) \
            == (tmp_path / "papers" / name.partition("/")[2]).read_bytes()


def test_promises_under_another_key_are_not_believed(world, lot, company, browser, tmp_path):
    papers(browser, tmp_path / "papers", 1000)
    id_ = seal(browser, lot, company)
    text = prove(browser, id_)
    vkey = browser.run("drive.notice.platform")
    forger = Signer.generate(vkey.partition("+")[0])

    def resigned(said):
        for one in [said, *said.get("versions", [])]:
            for name in ("receipt", "ending"):
                if one.get(name):
                    line = one[name].partition("\n\n")[0]
                    one[name] = promise.sign(json.loads(line), forger)

    lying(browser, "**/bids/*", resigned)
    browser.page.route("**/upload", lambda route: route.fulfill(**_resign(route, resigned)))
    browser.run("drive.submit(ID)", ID=id_)
    assert "not signed, once, by" in browser.until("drive.outcome.submit")["error"]
    browser.page.unroute_all()
    assert submitted(browser, lot, id_)["step"] == "received"
    # Nor is a withdrawal believed that is acknowledged under another key; the true one is kept.
    lying(browser, "**/withdrawal", resigned)
    withdraw = "drive.sealer.withdraw(drive.module.readKeyFile(TEXT), KEY)" \
               ".then((one) => one.says.type, (error) => error.message)"
    more = {"TEXT": text, "KEY": browser.key}
    assert "not signed" in browser.run(withdraw, **more)
    browser.page.unroute_all()
    assert browser.run(withdraw, **more) == "bid-withdrawal-receipt"
    assert browser.run("drive.module.store.read(ID)", ID=id_)["step"] == "withdrawn"


def _resign(route, change):
    came = route.fetch()
    if came.status != 200 or not came.body():
        return {"response": came}
    said = came.json()
    change(said)
    return {"response": came, "json": said}


def test_a_trial_is_judged_for_real_and_counts_for_nothing(world, lot, company, browser, tmp_path):
    papers(browser, tmp_path / "papers", 5_000_000)
    before = len(world.entries())
    start_seal(browser, lot, company, trial=True)
    says = browser.outcome("seal")
    assert (says["type"], says["lot"]) == ("bid-trial", lot.id) and len(says["declaration"]) == 64
    assert browser.run("drive.module.store.list()") == [], "nothing of it is kept here"
    assert len(world.entries()) == before
    # Other bytes on the way are seen.
    lying(browser, "**/bid-trials/price", lambda said: said.update(ciphertext_hash="0" * 64))
    start_seal(browser, lot, company, trial=True)
    assert "other bytes than were sent" in browser.until("drive.outcome.seal")["error"]


def test_the_command_lines_folder_comes_in_and_a_lost_key_costs_no_bid(
        world, lot, company, browser, tmp_path):
    papers(browser, tmp_path / "papers", 70_000)
    files = tmp_path / "papers"
    sealed = tmp_path / "sealed"
    client.seal(client.read_notice(world.wire(company), lot.id), company.uscc,
                company.signing.private_bytes_raw(), Form(**FORM), [files / "施工方案.pdf"],
                [files / "清单.csv"], sealed)
    browser.page.set_input_files("#parts", sorted(sealed.iterdir()))
    id_ = browser.run("drive.folder()")["id"]
    assert submitted(browser, lot, id_)["step"] == "received"
    for _ in range(2):
        world.sealed_bid(lot)
    world.past_deadline(lot)
    world.authorise(lot)
    browser.sign_in(world.session_token(company.actor))
    choose(browser, files)
    hand = "drive.sealer.handIn(ID, drive.chosen()).catch((error) => error.message)"
    (tmp_path / "other").mkdir()
    for name in ("施工方案.pdf", "清单.csv"):
        data = (files / name).read_bytes()
        (tmp_path / "other" / name).write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    choose(browser, tmp_path / "other")
    assert "施工方案.pdf" in browser.run(hand, ID=id_)
    choose(browser, files)
    assert browser.run(hand, ID=id_) == ["form", "technical", "price"]
    assert world.session.query(PlainFile).filter_by(lot_id=lot.id).count() == 3
