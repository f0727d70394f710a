"""Joint bids and certified keys in a real browser: the offline file, and the module against the
real server."""

import base64
import json
import tarfile

import pytest

from audit.act import wiring
from bidding import client, consortium, manifest
from bidding.client import joint
from bidding.manifest import Form
from bidding.model import BidVersion
from kernel.canonical import sha256
from people import uscc
from tender import acts as tendering
from tests.bidding.test_consortium import signed
from tests.bidding.test_formats import CREDENTIALS
from tests.bidding.test_sealer_modules import TENDERER, notice
from tests.people import ca

from .sealing import FORM, choose, papers, prove, seal, submitted
from .test_offline_sealer import fill, page, until

pytestmark = pytest.mark.browser

MATE = uscc.completed("91360732", "MA38K2P4")
__all__ = ["page"]  # a fixture


@pytest.fixture
def desk(tmp_path):
    """What lies on a tenderer's desk: papers, the agreement, both members' signing keys."""
    folder = tmp_path / "papers"
    folder.mkdir()
    for name in ("施工方案.pdf", "清单.csv", "共同投标协议.pdf"):
        (folder / name).write_bytes(f"{name} {folder}".encode())
    for name in ("signing.key", "mate.key"):
        client.new_key(folder / name)
    return folder


def downloaded(page, button, path):
    """What a button gives for saving."""
    with page.expect_download() as waiting:
        page.click(button)
    waiting.value.save_as(path)
    return path


def fault(page) -> str:
    until(page, "document.getElementById('fault').textContent")
    return page.inner_text("#fault")


def test_a_consortium_is_begun_signed_and_sealed_offline(page, built, desk, tmp_path):
    lot, _, _ = notice("intl-x25519-1")
    page.goto((built / "yangguang-sealer.html").as_uri())
    fill(page, desk, lot)
    for name in ("joint", "credentials"):
        page.click(f"#{name} summary")
    page.set_input_files("#joint_agreement", desk / "共同投标协议.pdf")
    page.fill("#joint_members", f"{TENDERER} 土建\n{TENDERER} 绿化\n")
    page.click("#joint_begin")
    assert "列了两次" in fault(page)
    page.click("#language")
    assert "named twice" in page.inner_text("#fault")
    page.click("#language")
    page.fill("#joint_members", f"{TENDERER}  土建 道路\n\n{MATE} 绿化\n")
    begun = downloaded(page, "#joint_begin", tmp_path / "begun.json")
    assert page.inner_text("#fault") == ""
    assert json.loads(begun.read_text()) == {
        "agreement": sha256((desk / "共同投标协议.pdf").read_bytes()).hex(),
        "members": [{"uscc": TENDERER, "duty": "土建 道路"}, {"uscc": MATE, "duty": "绿化"}]}
    page.click("#seal_download")
    assert "尚未签名" in fault(page) and page.is_hidden("#proving")
    # The lead signs here; the other member on a page of its own.
    half = downloaded(page, "#joint_sign", tmp_path / "half.json")
    other = page.context.new_page()
    other.said = []
    other.goto((built / "yangguang-sealer.html").as_uri())
    fill(other, desk, lot, signing=desk / "mate.key")
    other.click("#joint summary")
    other.set_input_files("#joint_file", half)
    until(other, "document.querySelectorAll('#joint_standing li').length === 2")
    assert [("已签名" in line, "牵头" in line)
            for line in other.inner_text("#joint_standing").splitlines()] \
        == [(True, True), (False, False)]
    other.fill("#uscc", MATE)
    whole = downloaded(other, "#joint_sign", tmp_path / "whole.json")
    terms = client.load_notice(next(desk.glob("lot-*.json"))).terms
    assert all(one["signed"] for one in consortium.standing(
        joint.load(whole), terms.log_origin, terms.tender, terms.lot))
    # The member is not the lead and cannot seal it; the lead needs the agreement among its files.
    other.click("#seal_download")
    assert "牵头人" in fault(other)
    page.set_input_files("#joint_file", whole)
    until(page, "document.getElementById('joint_standing').textContent.match(/已签名/g)?.length === 2")
    page.click("#seal_download")
    until(page, "document.getElementById('fault').textContent.includes('招标投标法 31')")
    page.set_input_files("#technical", [desk / "施工方案.pdf", desk / "共同投标协议.pdf"])
    page.fill("#certificate_name", CREDENTIALS["certificate"]["name"])
    page.fill("#certificate_number", CREDENTIALS["certificate"]["number"])
    page.fill("#qualification", CREDENTIALS["qualification"])
    page.fill("#performance", CREDENTIALS["performance"][0] + "\n")
    page.click("#seal_download")
    page.wait_for_selector("#proving:not([hidden])", timeout=120_000)
    whole_bid = downloaded(page, "#files li:first-child button", tmp_path / "bid.tar")
    with tarfile.open(whole_bid) as archive:
        archive.extractall(tmp_path / "sealed")
    client.unseal(tmp_path / "sealed", tmp_path / "plain")
    text = (tmp_path / "plain/form/form.json").read_bytes()
    assert text == Form(**FORM | {"price_fen": 385120000}, consortium=joint.load(whole),
                        credentials=CREDENTIALS).to_json()
    assert page.said == [] and other.said == []


@pytest.fixture
def joint_lot(world):
    """A lot that takes consortia of two."""
    tender = world.draft_tender()
    lot = world.lots(tender)[0]
    tendering.set_requirements(world.clerk, lot.id, licences=[], personnel=[], credit=[],
                               consortium=True, members_max=2)
    world.before_publishing(tender)
    sent = tendering.submit_notice(world.clerk, tender.id)
    tendering.approve_notice(world.fresh(world.chief), tender.id, content_hash=sent.content_hash)
    world.publish_record()
    return lot


def test_the_module_seals_a_joint_bid_and_refuses_what_the_opening_would(
        world, lot, joint_lot, company, browser, tmp_path):
    mate, folder = world.company(), tmp_path / "papers"
    papers(browser, folder, 2000)
    terms = world.terms(joint_lot.id)
    where = {"log_origin": terms.log_origin, "tender": terms.tender, "lot": terms.lot}
    seeds = {one.uscc: one.signing.private_bytes_raw() for one in (company, mate)}
    digest = sha256((folder / "施工方案.pdf").read_bytes()).hex()
    # Begun in the page, signed by the lead in the page and by the mate on the command line.
    half = browser.run(
        "drive.module.joint.begin(drive.chosen()[0], MEMBERS).then(async (made) =>"
        " drive.module.joint.signMember((await drive.sealer.notice(LOT)).terms, made, OWN,"
        " (value) => drive.module.signing.sign(value, KEY)))", LOT=joint_lot.id, OWN=company.uscc,
        KEY=browser.key, MEMBERS=[{"uscc": one.uscc, "duty": "施工"} for one in (company, mate)])
    kept = tmp_path / "consortium.json"
    kept.write_text(json.dumps(half))
    joint.sign(kept, terms, mate.uscc, seeds[mate.uscc])
    whole = joint.load(kept)
    assert whole == signed(company.uscc, mate.uscc, agreement=digest, where=where, seeds=seeds)

    def refused(at, value):
        browser.run("drive.seal(LOT, USCC, FORM, KEY)", LOT=at.id, USCC=company.uscc,
                    FORM=FORM | {"consortium": value}, KEY=browser.key)
        found = browser.until("drive.outcome.seal")
        assert found["kind"] == "BadConsortium", found
        return found["error"]

    assert "takes no consortia" in refused(lot, whole)
    assert "not signed yet" in refused(joint_lot, half)
    assert "first member leads" in refused(joint_lot, whole | {"members": whole["members"][::-1]})
    assert browser.run("drive.module.store.list()") == []
    form = FORM | {"consortium": whole, "credentials": CREDENTIALS}
    browser.run("drive.seal(LOT, USCC, FORM, KEY)", LOT=joint_lot.id, USCC=company.uscc, FORM=form,
                KEY=browser.key)
    id_ = browser.outcome("seal")["id"]
    prove(browser, id_)
    assert submitted(browser, joint_lot, id_)["step"] == "received"
    plain = browser.run("drive.decrypt(ID)", ID=id_)["found"]["form/form.json"]
    assert manifest.read_form(base64.b64decode(plain)) == Form(**form)
    # Alone in the lot where one bids with others: a double, until that bid is out of the way.
    again = {"LOT": joint_lot.id, "USCC": company.uscc, "KEY": browser.key}
    browser.run("drive.seal(LOT, USCC, FORM, KEY)", FORM=FORM, **again)
    found = browser.until("drive.outcome.seal")
    assert found["kind"] == "BadConsortium" and company.uscc in found["error"], found
    # The same units once more are another try, and another lot is another matter.
    browser.run("drive.seal(LOT, USCC, FORM, KEY)", FORM=form, **again)
    browser.outcome("seal")
    seal(browser, lot, company)
    assert len(browser.run("drive.module.store.list()")) == 3


def test_a_certified_key_signs_a_bid_that_the_platform_takes(
        world, lot, company, browser, tmp_path, monkeypatch):
    """`readCertified` in Chromium, ECDSA and RSA: kept unextractable, over a reload too."""
    root = ca.Authority("根", now=world.now)
    ca.install(tmp_path / "ca", root)
    monkeypatch.setitem(wiring().settings, "ca", tmp_path / "ca")
    papers(browser, tmp_path / "papers", 2000)
    for place, key in enumerate((ca.p256(), ca.rsa_key())):
        signer = root.signer(company.uscc, key)
        pkcs8 = key.private_bytes(
            ca.serialization.Encoding.PEM, ca.serialization.PrivateFormat.PKCS8,
            ca.serialization.NoEncryption()).decode()
        found = browser.run("drive.module.signing.readCertified(CHAIN, PEM)", CHAIN=signer.chain,
                            PEM=pkcs8)
        assert (found["proven"], found["kept"], found["certified"]) == (True, "sealed", True)
        browser.load()
        choose(browser, tmp_path / "papers")
        assert found in browser.run("drive.module.signing.keys()")
        browser.key = found["public"]
        at = lot if place == 0 else world.lots(world.published_tender())[0]
        world.publish_record()
        id_ = seal(browser, at, company)
        prove(browser, id_)
        assert submitted(browser, at, id_)["step"] == "received"
        version = world.session.query(BidVersion).filter_by(bid_id=id_[:32]).one()
        assert version.certificate == signer.chain
        world.session.rollback()
    # A key under a password, another certificate's key, and a page that asks for the key itself.
    locked = key.private_bytes(
        ca.serialization.Encoding.PEM, ca.serialization.PrivateFormat.PKCS8,
        ca.serialization.BestAvailableEncryption(b"secret")).decode()
    said = "drive.module.signing.readCertified(CHAIN, PEM).then(() => '', (error) => error.message)"
    assert browser.run(said, CHAIN=signer.chain, PEM=locked) \
        == browser.run("drive.module.NEEDS_PROGRAM")
    stranger = root.signer(company.uscc, ca.p256())
    assert "not the certificate's" in browser.run(said, CHAIN=stranger.chain, PEM=pkcs8)
    held = browser.run("""new Promise((good) => {
        const opening = indexedDB.open("yangguang-sealer");
        opening.onsuccess = () => {
            const asked = opening.result.transaction("signing-keys").objectStore("signing-keys")
                .get(KEY);
            asked.onsuccess = () => { opening.result.close(); good(crypto.subtle.exportKey(
                "pkcs8", asked.result.private).then(() => "given out", (error) => error.name)); };
        };
    })""", KEY=browser.key)
    assert held == "InvalidAccessError"
