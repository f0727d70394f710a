"""Evidence of tenders that did not go the plain way: two envelopes, a restored deadline, plain
files, certificates, witnesses. Each is right as it is, and wrong with what could be forged."""

import json
import shutil

import pytest

from audit.cosignature import CosignerKey
from audit.note import Signer
from audit.verify import Report
from kernel.canonical import b64, jcs, sha256
from kernel.db import db
from portal import evidence
from portal.factory import create_app
from portal.verify import command
from portal.verify.findings import Findings
from portal.verify.folder import INDEX, Index, pretty
from portal.verify.notices import LotTerms
from portal.verify.receipts import _ends
from tests.people import ca
from tests.portal import courses
from tests.world import World, WorldClock, settings_for

OTHER = "91330703MA2TERTA3E"
"""A unit that is none of the tenderers."""


class Made:
    """Where the evidence of a course lies, and the key that an insider has."""

    def __init__(self, folder, platform):
        self.public, self.panel, self.platform = folder / "public", folder / "panel", platform


def make(course, tmp_path_factory, installation_keys, sqlite_template):
    folder = tmp_path_factory.mktemp(course.__name__)
    data = folder / "data"
    data.mkdir()
    shutil.copytree(installation_keys, data / "keys")
    shutil.copy(sqlite_template, data / "yangguang.db")
    settings = settings_for(data)
    application = create_app(settings, WorldClock())
    application.testing = True
    with application.app_context():
        world = World(application, settings)
        lot = course(world, folder)
        courses.settle(world)
        wish = evidence.Wish(sealed=True, panel=folder / "panel")
        evidence.write(db.session(), lot.tender_id, folder / "public", wish, "http://x")
        world.close()
        db.session.remove()
        db.engine.dispose()
    return Made(folder, Signer.parse((data / "keys/platform.skey").read_text().strip()))


@pytest.fixture(scope="module")
def envelopes(tmp_path_factory, installation_keys, sqlite_template):
    return make(courses.envelopes, tmp_path_factory, installation_keys, sqlite_template)


@pytest.fixture(scope="module")
def restored(tmp_path_factory, installation_keys, sqlite_template):
    return make(courses.restored, tmp_path_factory, installation_keys, sqlite_template)


def problems(folder, panel=None):
    return command.check(folder, panel=panel and command.read_panel(panel)).problems


def said(folder, panel=None):
    findings = command.check(folder, panel=panel and command.read_panel(panel))
    return "\n".join(str(line) for line in (*findings.checked, *findings.unchecked))


def forged(made, tmp_path, forge):
    folder = shutil.copytree(made.public, tmp_path / "public")
    forge(folder)
    courses.sign_again(made.platform, folder)
    return problems(folder)


def edit(path, change):
    value = json.loads(path.read_text())
    change(value)
    path.write_text(pretty(value))


# --- two envelopes, a certificate --------------------------------------------------------------
def test_two_envelopes_verify(envelopes):
    assert problems(envelopes.public) == []
    text = said(envelopes.public)
    assert "2 opening record(s)" in text and "3 form(s) decrypted again" in text
    assert "12 path(s)" in text and "18 officials' shares" in text
    assert "1 of them under a certificate" in text
    assert problems(envelopes.public, envelopes.panel) == []
    assert "6 other part(s) opened again" in said(envelopes.public, envelopes.panel)


def prices(folder):
    return folder / "openings/lot1-prices.json"


def second_record_left_out(folder):
    prices(folder).unlink()


def second_record_in_the_place_of_the_first(folder):
    (folder / "openings/lot1.json").write_bytes(prices(folder).read_bytes())


def lower_price(folder):
    edit(prices(folder), lambda page: page["record"]["bids"][0]["form"].update(price_fen=1))


def a_bid_less(folder):
    def change(page):
        page["record"]["bids"].pop()
        page["record_hash"] = sha256(jcs(page["record"])).hex()
    edit(prices(folder), change)


def path_left_out(folder):
    edit(next((folder / "receipts").glob("*.paths.json")), lambda page: page.pop("price"))


def another_s_certificate(folder):
    """The thief signs the declaration anew, under a certificate of its own."""
    from bidding import declaration

    path = certified(folder)
    declared = path.with_name(path.name.replace("signature", "declaration"))
    value = declaration.parse(declared.read_text()).value
    key, signature = declaration.sign(value, ca.Authority("Root").signer(OTHER))
    path.write_text(pretty({"key": key, "signature": signature}))


def certified(folder):
    return next(path for path in (folder / "receipts").glob("*.signature.json")
                if isinstance(json.loads(path.read_text())["key"], dict))


def signature_of_another(folder):
    path = certified(folder)
    edit(path, lambda page: page.update(signature=b64(bytes(64))))


def other_witnesses(folder):
    """A witness is put beside the record whom the notice does not name."""
    stranger = CosignerKey.generate("mallory").cosigner
    for place in ("", "receipts", "record"):
        (folder / place / "witness1.vkey").write_text(f"{stranger}\n")
    (folder / INDEX).write_text((folder / INDEX).read_text().replace('"quorum":0', '"quorum":1'))


@pytest.mark.parametrize("forge,word", [
    (second_record_left_out, "openings: "), (second_record_in_the_place_of_the_first, "openings/lot1.json"),
    (lower_price, "lot1-prices.json"), (a_bid_less, "lot1-prices.json"),
    (path_left_out, ".paths.json"), (another_s_certificate, "not of the tenderer"),
    (signature_of_another, ".signature.json")], ids=lambda one: getattr(one, "__name__", ""))
def test_two_envelopes_forged(envelopes, tmp_path, forge, word):
    found = forged(envelopes, tmp_path, forge)
    assert found and word in found[0], found


# --- a restored deadline, plain files ----------------------------------------------------------
def test_a_restored_deadline_and_plain_files_verify(restored):
    assert problems(restored.public) == []
    text = said(restored.public)
    assert "1 part(s) handed in plain" in text, "the form; the others are the panel's"
    assert problems(restored.public, restored.panel) == []
    assert "3 part(s) handed in plain" in said(restored.public, restored.panel)


def deadline_of_the_notice(folder):
    """As if nothing had been restored."""
    def change(page):
        page["record"]["deadline"] = json.loads(
            (folder / "notices/notice-1.json").read_text())["lots"][0]["deadline"]
        page["record_hash"] = sha256(jcs(page["record"])).hex()
    edit(folder / "openings/lot1.json", change)


def another_plain_form(folder):
    path = next((folder / "bids").glob("*.tar"))
    data = path.read_bytes()
    assert data.count(b'"price_fen":390000000') == 1
    path.write_bytes(data.replace(b'"price_fen":390000000', b'"price_fen":390000001'))


def plain_form_left_out(folder):
    next((folder / "bids").glob("*.tar")).unlink()


def a_plain_archive_too_many(folder):
    path = next((folder / "bids").glob("*.tar"))
    (folder / "bids/zzz-lot1-form.tar").write_bytes(path.read_bytes())


@pytest.mark.parametrize("forge,word", [
    (deadline_of_the_notice, "lot1.json"), (another_plain_form, "-form.tar"),
    (plain_form_left_out, "-form.tar"), (a_plain_archive_too_many, "zzz-lot1-form.tar"),
    (other_witnesses, "witness")],
    ids=lambda one: getattr(one, "__name__", ""))
def test_a_restored_deadline_forged(restored, tmp_path, forge, word):
    found = forged(restored, tmp_path, forge)
    assert found and word in found[0], found


def test_a_promise_is_held_to_the_deadline_that_was_in_force(restored):
    lot = LotTerms("l", 1, "s", "2026-01-02", "h", [("2026-01-03", "2026-01-05")])
    assert _ends(lot, "2026-01-01", False) == ["2026-01-02"]
    assert _ends(lot, "2026-01-04", False) == ["2026-01-05"]
    assert _ends(lot, "2026-01-04", True) == ["2026-01-02", "2026-01-05"]


# --- witnesses ---------------------------------------------------------------------------------
@pytest.mark.parametrize("quorum,cosigned,word,wrong", [
    (2, ("a", "b"), "cosigned by 2 witnesses", False),
    (2, ("a",), "1 cosignatures of a quorum of 2: not proven by witnesses yet", False),
    (2, (), "0 cosignatures of a quorum of 2: not proven by witnesses yet", False),
    (0, ("a",), "names a quorum of 0 of 3", True), (4, ("a",), "names a quorum of 4 of 3", True)])
def test_a_checkpoint_without_its_quorum_is_no_forgery(quorum, cosigned, word, wrong):
    findings, report = Findings(), Report()
    report.cosigned = dict.fromkeys(cosigned, 1)
    command._witnessed(findings, Index("o", "t", "m", {}, {}, quorum), report, 3)
    assert bool(findings.problems) == wrong
    lines = [*findings.problems, *map(str, findings.checked), *map(str, findings.unchecked)]
    assert len(lines) == 1 and word in lines[0]
