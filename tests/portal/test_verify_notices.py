"""The published notices of an evidence folder: each signed, of the record's hash, none left out;
and joint bids judged again. Wrong with whatever an insider could sign over."""

import json
import shutil
from datetime import timedelta

import pytest

from audit.note import Signer
from bidding.acts import publication
from kernel.canonical import jcs
from portal.verify import consortia
from portal.verify.findings import Findings
from portal.verify.folder import Evidence, Index
from portal.verify.notices import LotTerms
from portal.verify.parts import Opening
from portal.verify.published import _deadlines
from tender import acts as tendering
from tender.timetable import beijing_day, national_calendar, roll, start_of
from tests.bidding.test_consortium import signed
from tests.portal import courses
from tests.portal.test_verify_courses import forged, make, problems, said
from tests.tampering.forger import Forger


def published(world, _folder):
    """Announced ahead, amended, extended, ended: many kinds and versions."""
    tender = world.draft_tender(2)
    sent = tendering.submit_pre_notice(world.clerk, tender.id, expected=beijing_day(world.now))
    tendering.approve_pre_notice(world.fresh(world.chief), tender.id,
                                 content_hash=sent.content_hash)
    world.before_publishing(tender)
    notice = tendering.submit_notice(world.clerk, tender.id)
    tendering.approve_notice(world.fresh(world.chief), tender.id, content_hash=notice.content_hash)
    lot, other = world.lots(tender)
    world.advance(hours=1)
    later = start_of(roll(beijing_day(lot.deadline) + timedelta(days=9), national_calendar()))
    tendering.move_deadline(world.fresh(world.clerk), lot.id, later, why="图纸更正")
    world.advance(hours=1)
    tendering.terminate_lot(world.fresh(world.clerk), other.id, reason="项目取消")
    return lot


@pytest.fixture(scope="module")
def made(tmp_path_factory, installation_keys, sqlite_template):
    return make(published, tmp_path_factory, installation_keys, sqlite_template)


def test_every_notice_is_there_and_right(made):
    assert problems(made.public) == []
    assert "5 published notice(s), signed" in said(made.public)
    assert sorted(one.name for one in (made.public / "published").glob("*.json")) == [
        "amendment-1-v1.json", "pre_notice-1-v1.json", "tender_notice-1-v1.json",
        "tender_notice-1-v2.json", "termination-lot2-1-v1.json"]


def one(folder, name, ending="json"):
    return folder / f"published/{name}.{ending}"


def another_word(folder):
    path = one(folder, "termination-lot2-1-v1")
    path.write_text(path.read_text().replace("项目取消", "资金到位"))


def no_signature(folder):
    one(folder, "amendment-1-v1", "note").unlink()


def another_key(folder):
    path = one(folder, "amendment-1-v1", "note")
    text = path.read_text().partition("\n\n")[0] + "\n"
    name = (folder / "platform.vkey").read_text().partition("+")[0]
    path.write_text(Signer.generate(name).sign(text))


def another_s_signature(folder):
    one(folder, "tender_notice-1-v2", "note").write_bytes(
        one(folder, "tender_notice-1-v1", "note").read_bytes())


def left_out(folder):
    for ending in ("json", "note"):
        one(folder, "pre_notice-1-v1", ending).unlink()


def all_left_out(folder):
    shutil.rmtree(folder / "published")


def version_left_out(folder):
    for ending in ("json", "note"):
        one(folder, "tender_notice-1-v1", ending).unlink()


def another_name(folder):
    for ending in ("json", "note"):
        one(folder, "termination-lot2-1-v1", ending).rename(one(folder, "failure-lot2-1-v1", ending))


def one_too_many(folder):
    body = json.loads(one(folder, "amendment-1-v1").read_text()) | {"number": 2}
    one(folder, "amendment-2-v1").write_bytes(jcs(body))
    shutil.copy(one(folder, "amendment-1-v1", "note"), one(folder, "amendment-2-v1", "note"))


def signature_of_nothing(folder):
    shutil.copy(one(folder, "amendment-1-v1", "note"), one(folder, "amendment-9-v1", "note"))


def no_json(folder):
    one(folder, "amendment-1-v1").write_bytes(b"[]")


FORGERIES = {
    another_word: ("termination-lot2-1-v1.json", "no notice that the record"),
    no_signature: ("amendment-1-v1.note", "is missing"),
    another_key: ("amendment-1-v1.note", "key is not known"),
    another_s_signature: ("tender_notice-1-v2.note", "not over published/tender_notice-1-v2"),
    left_out: ("pre_notice-1-v1.json", "is missing: entry"),
    all_left_out: ("published/", "is missing: entry"),
    version_left_out: ("tender_notice-1-v1.json", "is missing: entry"),
    another_name: ("failure-lot2-1-v1.json", "should be published/termination-lot2-1-v1.json"),
    one_too_many: ("amendment-2-v1.json", "no notice that the record"),
    signature_of_nothing: ("amendment-9-v1.note", "signature of no notice"),
    no_json: ("amendment-1-v1.json", "no notice that the record"),
}


@pytest.mark.parametrize("forge", FORGERIES, ids=lambda one: one.__name__)
def test_a_forged_or_missing_notice_is_named(made, tmp_path, forge):
    found = forged(made, tmp_path, forge)
    where, what = FORGERIES[forge]
    assert found and where in found[0] and what in found[0], found


@pytest.mark.parametrize("known,wrong", [(True, []), (False, ["published/x.json"])],
                         ids=["as it was", "a deadline that nothing put in force"])
def test_a_notice_states_the_deadline_that_was_in_force(made, known, wrong):
    """Q41, by a stranger: planted is a platform whose notice says another one."""
    entry = json.loads((made.public / "notices/notice-1.json").read_text())["lots"][0]
    body = json.loads(one(made.public, "tender_notice-1-v2").read_text())
    (moved,) = {row["value"] for row in body["sections"][1]["rows"] if row["name"] == "deadline"}
    terms = LotTerms(entry["id"], 1, "", entry["deadline"], "")
    if known:
        terms.restored.append((body["published_at"], moved))
    findings = Findings()
    _deadlines(findings, "published/x.json", body, {terms.lot: terms})
    assert [one.partition(":")[0] for one in findings.problems] == wrong


# --- joint bids --------------------------------------------------------------------------------
def joint(world, _folder):
    """Two joint bids that share a member, and a third of its own: the first two fall."""
    tender = world.draft_tender()
    lot = world.lots(tender)[0]
    tendering.set_requirements(world.clerk, lot.id, licences=[], personnel=[], credit=[],
                               consortium=True, members_max=2)
    world.before_publishing(tender)
    sent = tendering.submit_notice(world.clerk, tender.id)
    tendering.approve_notice(world.fresh(world.chief), tender.id, content_hash=sent.content_hash)
    terms = world.terms(lot.id)
    where = {"log_origin": terms.log_origin, "tender": terms.tender, "lot": lot.id}
    lead, second, other, partner, mate, lone, more = (world.company() for _ in range(7))
    for unit, members in ((lead, [partner]), (second, [partner]), (other, [mate]), (lone, []),
                          (more, [])):
        seeds = {one.uscc: one.signing.private_bytes_raw() for one in (unit, *members)}
        world.sealed_bid(lot, unit, consortium=signed(
            unit.uscc, *(one.uscc for one in members), where=where, seeds=seeds)
            if members else None)
    courses.settle(world)
    world.past_deadline(lot)
    courses.settle(world)
    world.authorise(lot)
    for unit in (lead, second, other, lone, more):
        world.give_own(lot, unit)
    world.tick()
    return lot


def blind(world, folder):
    """As `joint`, on a platform that looks at no consortium."""
    judge = publication.consortium.judge
    publication.consortium.judge = lambda *_args, **_more: {}
    try:
        return joint(world, folder)
    finally:
        publication.consortium.judge = judge


@pytest.fixture(scope="module")
def careless(tmp_path_factory, installation_keys, sqlite_template):
    return make(blind, tmp_path_factory, installation_keys, sqlite_template)


def test_a_unit_in_two_bids_that_were_opened_is_found(careless):
    """Planted in the platform itself, so every hash and signature is right."""
    record = json.loads((careless.public / "openings/lot1.json").read_text())["record"]
    twice = sorted(row["bid"] for row in record["bids"]
                   if row["form"].get("consortium") and row["form"]["consortium"]["members"][1][
                       "uscc"] in _shared(record))
    assert len(twice) == 2
    assert problems(careless.public) == [
        f"openings/lot1.json: bid {bid} was opened and is invalid: consortium_double"
        for bid in twice]


def _shared(record):
    units = [member["uscc"] for row in record["bids"]
             for member in (row["form"].get("consortium") or {"members": ()})["members"]]
    return {unit for unit in units if units.count(unit) > 1}


def without_doubles(folder):
    """The openings of the folder, with the doubles rejected as an honest platform would."""
    page = json.loads((folder / "openings/lot1.json").read_text())
    shared = _shared(page["record"])
    for row in page["record"]["bids"]:
        members = (row["form"].get("consortium") or {"members": ()})["members"]
        if {one["uscc"] for one in members} & shared:
            row |= {"verdict": "rejected", "reason": "form: consortium_double", "form": None}
    return page


def judged(folder, page):
    """What the check of joint bids alone finds and says of an opening."""
    findings = Findings()
    body = json.loads((folder / "notices/notice-1.json").read_text())
    (asked,), (lot,) = body["more"]["requirements"], body["lots"]
    terms = LotTerms(lot["id"], 1, "", lot["deadline"], "", requirement=asked)
    record = page["record"]
    consortia.check(Evidence(folder, findings), [Opening("x", lot["id"], record, terms)],
                    Index(record["log_origin"], record["tender"], "", {}, {}, 0))
    return findings.problems, "\n".join(map(str, (*findings.checked, *findings.unchecked)))


def test_an_honest_platform_s_joint_bids_pass_and_what_is_not_public_is_said(careless):
    page = without_doubles(careless.public)
    found, text = judged(careless.public, page)
    assert found == []
    assert "1 joint bid(s) judged again" in text and "2 bid(s) rejected for their consortium" in text
    assert "whether a member's key was bound" in text


def changed_duty(rows):
    rows[0]["form"]["consortium"]["members"][1]["duty"] = "别的"


def another_lead(rows):
    rows[0]["form"]["consortium"]["members"].reverse()


def malformed(rows):
    rows[0]["form"]["consortium"] = {"agreement": "x"}


@pytest.mark.parametrize("forge,word", [(changed_duty, "unsigned"), (another_lead, "lead"),
                                        (malformed, "consortium")])
def test_a_joint_bid_that_not_all_signed_is_named(careless, forge, word):
    page = without_doubles(careless.public)
    forge([row for row in page["record"]["bids"]
           if row["form"] and row["form"].get("consortium")])
    (found,), _ = judged(careless.public, page)
    assert word in found


def test_one_bid_cannot_be_the_double_of_none(careless):
    page = without_doubles(careless.public)
    first = next(row for row in page["record"]["bids"] if row["verdict"] == "rejected")
    page["record"]["bids"].remove(first)
    (found,), _ = judged(careless.public, page)
    assert "rejects one bid alone" in found


# --- terms after an amendment ------------------------------------------------------------------
def a_ceiling_that_no_amendment_said(forger):
    forger.row("tender_notice-1-v2", "price_ceiling_fen", 1)


def a_factor_that_no_amendment_said(forger):
    rows = forger.file("published/tender_notice-1-v2")["sections"][1]["rows"]
    rows[:] = [row for row in rows if row["name"] != "factor_plan_max"]


def an_amendment_that_says_another_deadline(forger):
    for part in forger.file("published/amendment-1-v1")["sections"]:
        for row in part["rows"]:
            if row["name"].endswith(".deadline"):
                row["value"] = "2027-01-01T00:00:00.000Z"


@pytest.mark.parametrize("forge,word", [
    (a_ceiling_that_no_amendment_said, "no amendment says so"),
    (a_factor_that_no_amendment_said, "no amendment says so"),
    (an_amendment_that_says_another_deadline, "and the record moved it to")],
    ids=lambda one: getattr(one, "__name__", ""))
def test_a_later_version_says_what_amendments_changed_and_nothing_else(made, tmp_path, forge, word):
    """Rewritten end to end, under all keys of the platform."""
    forger = Forger(made.public, made.panel, made.public.parent / "data/keys", tmp_path)
    forge(forger)
    found = problems(forger.write())
    assert any(word in one for one in found), found
