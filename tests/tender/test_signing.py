"""Those who publish sign with keys of their own: judged at the act, kept, shown, provable."""

from __future__ import annotations

import json
import threading
from datetime import timedelta

import pytest
from sqlalchemy import select
from werkzeug.serving import make_server

from audit.act import wiring
from audit.checkpoint import Head
from audit.keys import verifier
from audit.schema_sql import append_only_tables
from kernel.canonical import b64, parse, time_text
from kernel.db import db
from people import acts as people
from people.model import SigningKey
from people.signed import fingerprint, verify
from portal import notice as command
from portal.fsck.entries import entries
from portal.fsck.rows import rows
from portal.fsck.signed import RULES, signed
from portal.verify.entries import Entries
from portal.verify.findings import Findings
from portal.verify.signed import check
from tender import acts, profile, signing
from tender.model import DirectAward, NoticeDraft, NoticeSignature, PublishedNotice
from tender.signed import origin_of
from tests.people import ca
from tests.tender.test_acts import refused
from tests.tender.test_direct import place, stated  # noqa: F401 - a fixture
from tests.tender.test_notices import pdf_text, plain
from tests.tender.test_profiles import BASE

WHO = {"value": 2, "unit": "count", "mark": "memory-M", "source": "本县办法", "breach": "block"}


@pytest.fixture
def keys(world):
    """The clerk's and the chief's keys, which cool no more."""
    world.buyer_unit()
    made = [world.signing_key(world.fresh(one)) for one in (world.clerk, world.chief)]
    world.advance(hours=25)
    return made


def submitted(world):
    tender = world.draft_tender()
    world.before_publishing(tender)
    return tender, acts.submit_notice(world.clerk, tender.id)


def approve(world, tender, notice, signature=None):
    return acts.approve_notice(world.fresh(world.chief), tender.id, signature=signature,
                               content_hash=notice.content_hash)


def record(entry) -> dict:
    return json.loads(entry.record)


def ask(world, value: int) -> None:
    """The county's rules ask for so many signatures."""
    two = [world.fresh(world.account("supervisor", region="330703")) for _ in range(2)]
    row = acts.propose_profile(
        two[0], base=BASE, region="330703", valid_from=world.now.date(),
        title={"zh": "某县规则", "en": "A county's rules"}, why="本县办法要求签名后发布。",
        changes={signing.NUMBER: WHO | {"value": value}})
    acts.approve_profile(two[1], row.id, body_hash=row.body_hash)


def test_two_persons_sign_and_everybody_can_check(world, keys, tmp_path):
    tender, notice = submitted(world)
    digest = notice.content_hash
    first = world.signs(world.clerk, keys[0], notice, digest, "submit")
    second = world.signs(world.chief, keys[1], notice, digest, "approve")
    waits = world.client(world.clerk).get(f"/tenders/{tender.id}/notice/reading").json["signing"]
    assert waits["statement"]["role"] == "submit" and waits["asked"] == waits["signatures"] == []
    sent = world.client(world.clerk).post(f"/tenders/{tender.id}/notice/signature", json={
        "content_hash": digest, "signature": first | {"at": time_text(first["at"])}})
    assert sent.status_code == 201 and sent.json["role"] == "submit"
    assert refused(acts.sign_notice, world.clerk, tender.id, content_hash=digest,
                   signature=first) == "notice.signed-already"
    approve(world, tender, notice, second)
    told = world.client().get(f"/tenders/{tender.id}/notices").json["items"][0]
    shown = world.client().get(f"/notices/{told['id']}").json["signatures"]
    assert [one["role"] for one in shown] == ["submit", "approve"]
    for one, key in zip(shown, (first, second), strict=True):
        assert one["key"] == key["key"] and one["fingerprint"] == fingerprint(key["key"])
        assert one["statement"]["content_hash"] == digest
        assert verify(one["statement"], one["key"], one["signature"])
        assert not set(one) & {"person", "account", "name", "login"}
    paper = plain(pdf_text(world.client().get(f"/notices/{told['id']}/pdf").data))
    assert all(plain(one["signature"]) in paper and one["fingerprint"] in paper for one in shown)
    (entry,) = world.written("notice.approved")
    assert [one["key"] for one in record(entry)["facts"]["signatures"]] == [
        first["key"], second["key"]]
    named = [record(one) for one in world.written("notice_key.named")]
    assert {one["facts"]["public_key"] for one in named} == {first["key"], second["key"]}
    own = db.session.scalars(select(SigningKey.id).where(
        SigningKey.public_key == second["key"])).one()
    world.advance(hours=1)
    people.revoke_signing_key(world.fresh(world.chief), own)
    assert len(world.written("notice_key.ended")) == 1, "its end is told to everybody too"
    assert len(world.client().get(f"/notices/{told['id']}").json["signatures"]) == 2, "and it stands"
    assert faults(world) == [] and list(offline(world).problems) == []


def test_what_is_not_this_person_s_over_this_content_is_refused(world, keys):
    tender, notice = submitted(world)
    digest, chief = notice.content_hash, world.chief
    good = world.signs(chief, keys[1], notice, digest, "approve")
    stranger = world.account("buyer")
    foreign = world.signing_key(world.fresh(stranger))
    over = {"submit": {"role": "submit"}, "another tender": {"about": "0" * 32},
            "another version": {"number": 2}, "another kind": {"kind": "amendment"},
            "another content": {"content_hash": "0" * 64}, "another unit": {"unit": "9" * 18}}
    for name, change in over.items():
        bad = world.signs(chief, keys[1], notice, digest, "approve", **change)
        assert refused(approve, world, tender, notice, bad) == "notice.signature-wrong", name
    late = world.signs(chief, keys[1], notice, digest, "approve",
                       at=time_text(world.now - timedelta(minutes=16)))
    forged = good | {"signature": good["signature"][:-4] + "AAA="}
    for bad, code in ((late, "signature-time"), (forged, "signature-wrong"),
                      (world.signs(chief, keys[0], notice, digest, "approve"), "signer-unknown"),
                      (world.signs(chief, foreign, notice, digest, "approve"), "signer-unknown")):
        assert refused(approve, world, tender, notice, bad) == f"notice.{code}"
    young = world.signing_key(world.fresh(chief))
    assert refused(approve, world, tender, notice, world.signs(
        chief, young, notice, digest, "approve")) == "notice.signer-cools"
    # Nobody signs as the one who submitted but that person.
    assert refused(acts.sign_notice, chief, tender.id, content_hash=digest, signature=world.signs(
        chief, keys[1], notice, digest, "submit")) == "notice.signer-other"
    own = db.session.scalars(select(SigningKey.id).where(
        SigningKey.public_key == good["key"])).one()
    people.revoke_signing_key(world.fresh(chief), own)
    assert refused(approve, world, tender, notice, good) == "notice.signer-unknown"
    assert not world.written("notice_key.named") and not world.written("notice.approved")
    assert approve(world, tender, notice).published_at, "without a signature, as ever"


def test_a_place_may_ask_for_both(world, keys):
    ask(world, 2)
    tender, notice = submitted(world)
    digest = notice.content_hash
    second = world.signs(world.chief, keys[1], notice, digest, "approve")
    assert refused(approve, world, tender, notice) == "notice.signature-needed"
    assert refused(approve, world, tender, notice, second) == "notice.signature-needed"
    acts.sign_notice(world.clerk, tender.id, content_hash=digest, signature=world.signs(
        world.clerk, keys[0], notice, digest, "submit"))
    own = db.session.scalars(select(SigningKey).where(
        SigningKey.account_id == world.clerk.account_id)).one()
    people.revoke_signing_key(world.fresh(world.clerk), own.id)
    # Who signed with a key that is revoked by now has not signed.
    assert refused(approve, world, tender, notice, second) == "notice.signature-needed"
    again = world.signing_key(world.fresh(world.clerk))
    world.advance(hours=25)
    acts.sign_notice(world.clerk, tender.id, content_hash=digest, signature=world.signs(
        world.clerk, again, notice, digest, "submit"))
    approve(world, tender, notice, world.signs(world.chief, keys[1], notice, digest, "approve"))
    assert profile.number(world.lots(tender)[0].profile, signing.NUMBER) == 2
    # What comes after goes by the rules that were frozen.
    draft = acts.draft_amendment(world.clerk, tender.id, why="更正说明中的联系方式。",
                                 affects_bids=False, description="更正联系电话。")
    draft = acts.submit_amendment(world.clerk, tender.id, draft.id)
    chief = world.fresh(world.chief)
    assert refused(acts.approve_amendment, chief, tender.id, draft.id,
                   content_hash=draft.content_hash) == "notice.signature-needed"
    acts.sign_amendment(world.clerk, tender.id, draft.id, content_hash=draft.content_hash,
                        signature=world.signs(world.clerk, again, draft, draft.content_hash,
                                              "submit"))
    # The signature under the notice is none under its amendment.
    assert refused(acts.approve_amendment, chief, tender.id, draft.id,
                   content_hash=draft.content_hash, signature=world.signs(
                       world.chief, keys[1], notice, digest, "approve")) == "notice.signature-wrong"
    acts.approve_amendment(chief, tender.id, draft.id, content_hash=draft.content_hash,
                           signature=world.signs(world.chief, keys[1], draft, draft.content_hash,
                                                 "approve"))
    kinds = {one["kind"]: world.client().get(f"/notices/{one['id']}").json["signatures"]
             for one in world.client().get(f"/tenders/{tender.id}/notices").json["items"]
             if one["version"] == 1}
    assert {kind: len(found) for kind, found in kinds.items()} == {
        "tender_notice": 2, "amendment": 2}
    assert faults(world) == [] and list(offline(world).problems) == []
    assert offline(world, rewrite=lambda text: text.replace("更正联系电话", "更换联系人")).problems


def test_a_certificate_of_the_unit_signs_too_and_one_for_both_does_not(world, keys, tmp_path):
    root = ca.Authority("Root", now=world.now)
    ca.install(tmp_path / "ca", root)
    wiring().settings["ca"] = str(tmp_path / "ca")
    uscc = world.buyer_unit().uscc
    own, other = root.signer(uscc), root.signer(world.party("buyer").uscc)
    tender, notice = submitted(world)
    digest = notice.content_hash
    acts.sign_notice(world.clerk, tender.id, content_hash=digest, signature=world.signs(
        world.clerk, own, notice, digest, "submit"))
    assert refused(approve, world, tender, notice, world.signs(
        world.chief, other, notice, digest, "approve")) == "notice.signer-certificate"
    assert refused(approve, world, tender, notice, world.signs(
        world.chief, own, notice, digest, "approve")) == "notice.signed-already"
    approve(world, tender, notice, world.signs(world.chief, root.signer(uscc), notice, digest,
                                               "approve"))
    assert not world.written("notice_key.named") and list(offline(world).problems) == []
    told = world.client().get(f"/tenders/{tender.id}/notices").json["items"][0]
    for one in world.client().get(f"/notices/{told['id']}").json["signatures"]:
        assert one["key"] is None and verify(
            one["statement"], {"certificate": one["certificate"]}, one["signature"])


def test_advance_notices_and_direct_awards_are_signed_by_the_same(world, keys, place):  # noqa: F811
    tender = world.draft_tender()
    draft = acts.submit_pre_notice(world.clerk, tender.id, expected=world.now.date())
    draft = db.session.get(NoticeDraft, draft.id)
    acts.sign_pre_notice(world.clerk, tender.id, content_hash=draft.content_hash,
                         signature=world.signs(world.clerk, keys[0], draft, draft.content_hash,
                                               "submit"))
    acts.approve_pre_notice(world.fresh(world.chief), tender.id, content_hash=draft.content_hash,
                            signature=world.signs(world.chief, keys[1], draft,
                                                  draft.content_hash, "approve"))
    award, digest = stated(world)
    row = db.session.get(DirectAward, award)
    acts.sign_award(world.clerk, award, content_hash=digest, signature=world.signs(
        world.clerk, keys[0], row, digest, "submit"))
    acts.approve_award(world.fresh(world.chief), award, content_hash=digest,
                       signature=world.signs(world.chief, keys[1], row, digest, "approve"))
    (told,) = world.client().get(f"/direct-awards/{award}").json["notices"]
    assert [one["statement"]["about"] for one in told["signatures"]] == [award, award]
    assert faults(world) == [] and list(offline(world).problems) == []


def test_the_command_signs_approves_and_checks(world, keys, tmp_path, capsys):
    tender, notice = submitted(world)
    server = make_server("127.0.0.1", 0, world.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        def run(actor, name, key, *more):
            token, file = tmp_path / "token", tmp_path / "signing.key"
            token.write_text(world.session_token(world.fresh(actor)))
            file.write_text(b64(key.private_bytes_raw()) + "\n")
            base = ["--url", f"http://127.0.0.1:{server.server_port}", "--token-file", str(token)]
            given = ["--tender", tender.id] + (["--key", str(file)] if name != "read" else [])
            return command.main([*base, name, *given, *more])

        digest = notice.content_hash
        assert run(world.clerk, "read", keys[0]) == 0 and digest in capsys.readouterr().out
        assert run(world.chief, "sign", keys[1]) == 1, "she did not submit it"
        assert run(world.clerk, "sign", keys[0]) == 0
        assert run(world.chief, "approve", keys[1], "--hash", "0" * 64) == 1
        assert run(world.chief, "approve", keys[0], "--hash", digest) == 1, "another's key"
        assert run(world.chief, "approve", keys[1], "--hash", digest) == 0
    finally:
        server.shutdown()
        thread.join(300)
        server.server_close()
    told = world.client().get(f"/tenders/{tender.id}/notices").json["items"][0]["id"]
    said, file = world.client().get(f"/notices/{told}").json, tmp_path / "notice.json"
    file.write_text(json.dumps(said))
    vkey = str(verifier(world.settings.keys, "platform"))
    capsys.readouterr()
    assert command.main(["check", str(file), "--platform-vkey", vkey]) == 0
    assert capsys.readouterr().out.count(": good") == 2
    for change in ({"role": "submit"}, {"signature": said["signatures"][0]["signature"]}):
        forged = said | {"signatures": [said["signatures"][0], said["signatures"][1] | change]}
        file.write_text(json.dumps(forged))
        assert command.main(["check", str(file)]) == 1
    file.write_text(json.dumps(said | {"content": said["content"] | {"title": "另一项目"}}))
    assert command.main(["check", str(file), "--platform-vkey", vkey]) == 1


# --- tampering ------------------------------------------------------------------------------------
def faults(world) -> list[str]:
    db.session.rollback()
    return [*rows(db.session, list(entries(db.session)), RULES), *signed(db.session)]


class _Folder:
    """What `check` asks of an evidence folder: the published notices, and where it says what."""

    def __init__(self, files):
        self.findings, self.files = Findings(), files

    def within(self, folder, ending):
        return [name for name in self.files if name.startswith(folder) and name.endswith(ending)]

    def read(self, name):
        return self.files[name]

    def canonical(self, name):
        return parse(self.files[name])


def offline(world, change=lambda found: None, rewrite=lambda text: text) -> Findings:
    """The verifier's word over what the record tells everybody, changed as an insider might."""
    db.session.rollback()
    found = [parse(one.record) for one in world.entries() if one.disclose == "public"]
    change(found)
    folder = _Folder({f"published/{one.kind}-{one.number}-v{one.version}.json":
                      rewrite(one.content).encode()
                      for one in db.session.scalars(select(PublishedNotice))})
    check(folder, Entries(None, Head(origin_of(db.session), 1, b""), list(enumerate(found))), {})
    return folder.findings


def approval(found) -> dict:
    return next(one for one in found if one["type"] == "notice.approved")


def _swap(found):
    first, second = approval(found)["facts"]["signatures"]
    first["signature"], second["signature"] = second["signature"], first["signature"]


def _edit(name, value):
    return lambda found: approval(found)["facts"]["signatures"][1].update({name: value})


def _unname(found):
    found[:] = [one for one in found if one["type"] != "notice_key.named"]


def _end_before(found):
    one = next(one for one in found if one["type"] == "notice_key.named")
    found.append(one | {"type": "notice_key.ended", "at": "2020-01-01T00:00:00.000Z"})


def _another_account(found):
    for one in found:
        if one["type"] == "notice_key.named":
            one["actor"]["account"] = "0" * 32


TAMPERED = {
    "signature": "UPDATE notice_signature SET signature = :v",
    "role": "UPDATE notice_signature SET role = 'submit' WHERE role = 'approve'",
    "content": "UPDATE notice_signature SET content_hash = :h",
    "gone": "DELETE FROM notice_signature WHERE role = 'approve'",
    "unit": "UPDATE notice_signature SET unit = '913300000000000000'",
    "time": "UPDATE notice_signature SET signed_by = :i WHERE role = 'approve'",
    "named": "UPDATE signing_key SET named_at = NULL",
}


def test_tampering_is_found_by_the_operator_and_by_a_stranger(world, keys, database):
    tender, notice = submitted(world)
    digest = notice.content_hash
    acts.sign_notice(world.clerk, tender.id, content_hash=digest, signature=world.signs(
        world.clerk, keys[0], notice, digest, "submit"))
    approve(world, tender, notice, world.signs(world.chief, keys[1], notice, digest, "approve"))
    assert faults(world) == []
    for name, change in {
            "swapped": _swap, "another role": _edit("role", "submit"), "unnamed": _unname,
            "another number": _edit("number", 7), "another unit": _edit("unit", "9" * 18),
            "ended before": _end_before, "another account's": _another_account,
            "another content": lambda found: approval(found)["facts"].update(
                content_hash="0" * 64)}.items():
        assert offline(world, change).problems, name
    for table in append_only_tables():
        if database == "sqlite":
            for what in ("update", "delete"):
                world.raw(f"DROP TRIGGER IF EXISTS {table.name}_no_{what}")
        else:
            world.raw(f'ALTER TABLE "{table.name}" DISABLE TRIGGER USER')
    before = world.raw("SELECT * FROM notice_signature")
    values = {"v": "A" * 86 + "==", "h": "0" * 64, "i": "0" * 32}
    for name, statement in TAMPERED.items():
        world.raw(statement, **{key: value for key, value in values.items()
                                if f":{key}" in statement})
        assert faults(world), name
        world.raw("DELETE FROM notice_signature")
        for line in before:
            given = dict(line._mapping)
            world.raw(f"INSERT INTO notice_signature ({', '.join(given)}) VALUES "
                      f"({', '.join(f':{key}' for key in given)})", **given)
        if name != "named":
            assert faults(world) == [], name
    assert db.session.scalar(select(NoticeSignature.id)) is not None
