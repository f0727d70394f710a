"""Joint bids: signed by all, told to nobody before the opening, nobody twice (实施条例 37)."""

from __future__ import annotations

import json
import os
import shutil

import pytest

from bidding import client, consortium, manifest, sealing
from bidding.client import joint
from bidding.client.notice import Notice
from bidding.consortium import BadConsortium, Joined
from bidding.manifest import Form
from bidding.model import ConsortiumMember, OpenedBid
from bidding.sealing import Terms
from kernel.canonical import b64, jcs, sha256
from tender import acts as tendering

from .test_sealer_modules import notice

UNITS = ("91330703MA2TERTA3E", "91360732MA38K2P465", "11330703002600173X")
WHERE = {"log_origin": "a/log", "tender": "1" * 32, "lot": "2" * 32}
SEEDS = {unit: os.urandom(32) for unit in UNITS}


def signed(*units: str, agreement: str = "a" * 64, where=WHERE, seeds=SEEDS) -> dict:
    said = consortium.statement(**where, agreement=agreement,
                                members=[{"uscc": unit, "duty": "施工"} for unit in units])
    return {"agreement": agreement,
            "members": [consortium.signed(said, unit, seeds[unit]) for unit in units]}


KEYS = {one["uscc"]: {one["key"]} for one in signed(*UNITS)["members"]}


def judged(*bids: Joined, allowed=True, most=3) -> dict[str, str]:
    return consortium.judge(bids, allowed=allowed, most=most, **WHERE, keys=KEYS)


def test_members_who_all_signed_stand_and_nobody_stands_twice():
    a, b, c = UNITS
    assert judged(Joined("1", a, signed(a, b)), Joined("2", c, None)) == {}
    twice = {"1": "consortium_double", "2": "consortium_double"}
    assert judged(Joined("1", a, signed(a, b)), Joined("2", b, None)) == twice
    assert judged(Joined("1", a, signed(a, b)), Joined("2", c, signed(c, b))) == twice
    assert judged(Joined("1", a, signed(a, b)), Joined("2", c, signed(c, b)),
                  Joined("3", "x", None)) == twice


def test_a_bid_is_invalid_by_its_own_fault_and_spoils_no_other():
    a, b, c = UNITS
    alone = Joined("2", b, None)
    forged = signed(a, b)
    forged["members"][1]["signature"] = forged["members"][0]["signature"]
    foreign = signed(a, b, where=WHERE | {"lot": "3" * 32})
    unbound = signed(a, b, seeds={**SEEDS, b: os.urandom(32)})
    changed = json.loads(json.dumps(signed(a, b)))
    changed["members"][1]["duty"] = "供货"
    for wrong in (forged, foreign, unbound, changed):
        assert judged(Joined("1", a, wrong), alone) == {"1": "consortium_unsigned"}
    good = signed(a, b)
    assert judged(Joined("1", a, good), allowed=False) == {"1": "consortium_not_allowed"}
    assert judged(Joined("1", a, signed(a, b, c)), most=2) == {"1": "consortium_too_many"}
    assert judged(Joined("1", c, good)) == {"1": "consortium_lead"}


@pytest.mark.parametrize("change", [
    {"agreement": "x"}, {"members": []}, {"extra": 1}, {"members": [1, 2]},
    {"members": signed(*UNITS)["members"][:1]},
    {"members": signed(*UNITS)["members"][:1] * 2},
    {"members": [one | {"uscc": "91330703MA2TERTA3F"} for one in signed(*UNITS)["members"]]},
    {"members": [one | {"more": "x"} for one in signed(*UNITS)["members"]]},
])
def test_what_is_malformed_is_refused(change):
    with pytest.raises(BadConsortium):
        consortium.check(signed(*UNITS) | change)
    assert consortium.check(signed(*UNITS))


AGREEMENT = b"%PDF-1.7 joint"


def noticed(lot=None, **asked) -> Notice:
    """A notice whose approved content asks that of the lot's tenderers."""
    terms = Terms(**WHERE, suite="intl-x25519-1", policy="tenderer")
    content = {"more": {"requirements": [{"lot": lot or WHERE["lot"], **asked}]}} if asked \
        else {"more": {}}
    return Notice(terms, {}, {"content": content})


def test_what_the_opening_would_reject_is_refused_before_anything_is_sealed(tmp_path):
    a, b, c = UNITS
    agreement, other = tmp_path / "协议.pdf", tmp_path / "方案.pdf"
    agreement.write_bytes(AGREEMENT)
    other.write_bytes(b"plan")
    digest = sha256(AGREEMENT).hex()
    good = signed(a, b, agreement=digest)
    takes = noticed(consortium=True, members_max=2)
    joint.fits(good, takes, a, [other, agreement])
    # Nothing is known of what is asked where the notice brings no approval; the opening judges.
    joint.fits(good, Notice(takes.terms, {}), a, [agreement])
    for value, kept, lead, files, word in (
            (good, noticed(), a, [agreement], "公告不接受联合体"),
            (good, noticed("3" * 32, consortium=True, members_max=2), a, [agreement], "不接受"),
            (good, noticed(consortium=False, members_max=2), a, [agreement], "不接受"),
            (signed(a, b, c, agreement=digest), takes, a, [agreement], "不超过 2 名"),
            (good, takes, b, [agreement], "牵头人"),
            (good, takes, a, [other], "招标投标法 31"),
            (signed(a, b, agreement=digest, where=WHERE | {"lot": "3" * 32}), takes, a,
             [agreement], "不是针对本标段"),
            (signed(a, a, agreement=digest), takes, a, [agreement], "列了两次")):
        with pytest.raises(BadConsortium, match=word) as caught:
            joint.fits(value, kept, lead, files)
        assert caught.value.en.isascii() or "实施条例" in caught.value.en \
            or "招标投标法" in caught.value.en


def test_a_company_that_signed_here_does_not_stand_twice_by_mistake(tmp_path):
    a, b, c = UNITS
    lot = WHERE["lot"]
    joint.refuse_double(tmp_path, lot, a)
    joint.note(tmp_path, lot, a, [a, b])
    joint.refuse_double(tmp_path, lot, a, [b, a])
    joint.refuse_double(tmp_path, lot, b)
    joint.refuse_double(tmp_path, "3" * 32, a)
    for members in ((), (a, c), (a, b, c)):
        with pytest.raises(BadConsortium, match="despite-consortium"):
            joint.refuse_double(tmp_path, lot, a, members)


def test_members_sign_one_after_the_other_on_their_own_machines(tmp_path):
    file, terms = tmp_path / "joint.json", noticed().terms
    (tmp_path / "协议.pdf").write_bytes(AGREEMENT)
    made = joint.begin(file, tmp_path / "协议.pdf", [(unit, "施工") for unit in UNITS[:2]])
    assert made["agreement"] == sha256(AGREEMENT).hex()
    with pytest.raises(FileExistsError):
        joint.begin(file, tmp_path / "协议.pdf", [(unit, "供货") for unit in UNITS[:2]])
    joint.sign(file, terms, UNITS[0], SEEDS[UNITS[0]])
    with pytest.raises(BadConsortium, match="尚未签名"):
        joint.load(file)
    joint.sign(file, terms, UNITS[1], SEEDS[UNITS[1]])
    assert judged(Joined("1", UNITS[0], joint.load(file))) == {}
    with pytest.raises(ValueError, match="no member"):
        joint.sign(file, terms, UNITS[2], SEEDS[UNITS[2]])


def test_a_joint_bid_by_commands(tmp_path, monkeypatch, capsys):
    """Two machines sign, the lead seals without a server; who signed here seals no other bid."""
    a, b, c = UNITS
    monkeypatch.setenv("YANGGUANG_PROFILE", str(tmp_path / "profile"))
    lot, _, _ = notice("intl-x25519-1")
    content = {"more": {"requirements": [{"lot": lot["id"], "consortium": True, "members_max": 2}]}}
    kept, file, paper = tmp_path / "notice.json", tmp_path / "joint.json", tmp_path / "协议.pdf"
    kept.write_text(json.dumps({"v": 1, "lot": lot, "approved": {"content": content}}))
    paper.write_bytes(AGREEMENT)
    for unit in UNITS:
        (tmp_path / unit).write_text(b64(SEEDS[unit]) + "\n")

    def join(unit, *more):
        return client.main(["consortium", str(file), "--notice", str(kept), "--uscc", unit,
                            "--key", str(tmp_path / unit), *more])

    def seal(unit, *more):
        return client.main([
            "seal", "--notice", str(kept), "--uscc", unit, "--key", str(tmp_path / unit),
            "--price-fen", "100", "--period-days", "9", "--quality", "合格", "--leader", "王五",
            "--leader-certificate", "一级建造师", "浙133", "--performance", "某路", "某桥",
            "--technical", str(paper), "--price", str(paper), "--out", str(tmp_path / "bid"), *more])

    assert join(a, "--agreement", str(paper), "--member", a, "土建", "--member", b, "绿化") == 0
    assert [one["signed"] for one in json.loads(capsys.readouterr().out)["members"]] \
        == [True, False]
    assert seal(a, "--consortium", str(file)) == 1 and "尚未签名" in capsys.readouterr().err
    assert join(b) == 0 and join(c) == 1
    assert seal(b, "--consortium", str(file)) == 1 and "牵头人" in capsys.readouterr().err
    assert seal(b) == 1 and "实施条例 37" in capsys.readouterr().err
    assert not (tmp_path / "bid").exists()
    assert seal(a, "--consortium", str(file)) == 0
    form = manifest.read_form((tmp_path / "bid/form.json").read_bytes())
    assert form.consortium == json.loads(file.read_text("utf-8"))
    assert form.credentials == {"certificate": {"name": "一级建造师", "number": "浙133"},
                                "qualification": None, "performance": ["某路", "某桥"]}
    shutil.rmtree(tmp_path / "bid")
    assert seal(b, "--despite-consortium") == 0


def test_at_the_opening_doubles_fall_and_an_honest_consortium_stands(world, tmp_path):
    tender = world.draft_tender()
    lot = world.lots(tender)[0]
    tendering.set_requirements(world.clerk, lot.id, licences=[], personnel=[], credit=[],
                               consortium=True, members_max=2)
    world.before_publishing(tender)
    sent = tendering.submit_notice(world.clerk, tender.id)
    tendering.approve_notice(world.fresh(world.chief), tender.id, content_hash=sent.content_hash)
    lead, second, partner, other, lone = units = [world.company() for _ in range(5)]
    terms = world.terms(lot.id)
    where = {"log_origin": terms.log_origin, "tender": terms.tender, "lot": lot.id}
    seeds = {one.uscc: one.signing.private_bytes_raw() for one in units}
    for place, (unit, mates) in enumerate([(lead, [partner]), (second, [partner]),
                                           (other, [world.company()]), (lone, [])]):
        seeds |= {mate.uscc: mate.signing.private_bytes_raw() for mate in mates}
        said = signed(unit.uscc, *(mate.uscc for mate in mates), where=where,
                      seeds=seeds) if mates else None
        papers = [tmp_path / f"{place}.pdf", tmp_path / f"{place}.xlsx"]
        for paper in papers:
            paper.write_bytes(os.urandom(900))
        form = Form(390_000_000 - place, 60, "合格", "经理", said)
        sealed = sealing.seal(terms, unit.uscc, form, papers[:1], papers[1:], tmp_path / f"s{place}")
        world.declare(lot, unit, sealed)
        world.send(unit, sealed)
        unit.bids[lot.id] = sealed
    assert world.session.query(ConsortiumMember).count() == 0
    world.past_deadline(lot)
    world.authorise(lot)
    for unit in (lead, second, other, lone):
        world.give_own(lot, unit)
    world.tick()
    found = {one.party_id: (one.verdict, one.reason)
             for one in world.session.query(OpenedBid).filter_by(lot_id=lot.id)}
    double = ("rejected", "form: consortium_double")
    assert found == {lead.party_id: double, second.party_id: double,
                     other.party_id: ("opened", ""), lone.party_id: ("opened", "")}
    record = world.client().get(f"/lots/{lot.id}/opening-record").json["record"]
    shown = {line["tenderer"]: line["form"] for line in record["bids"]}
    assert next(one["uscc"] for one in shown[other.uscc]["consortium"]["members"]) == other.uscc
    assert shown[lead.uscc] is None and "consortium" not in shown[lone.uscc]
    standing = world.client(world.supervisor).get(
        f"/lots/{lot.id}/standing", headers={"Access-Reason": "check"}).json["items"]
    assert sorted(len(one["companies"]) for one in standing) == [1, 2]
    assert jcs(record)
