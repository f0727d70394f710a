"""What an insider may do to the rows of the later acts: deadlines, faults, plain files, the second
envelope, votes, candidates, rehearsals, stamps, cosignatures, the security log."""

import json
import secrets

from audit.cosignature import CosignerKey
from kernel.canonical import b64, jcs, sha256
from kernel.db import new_id

from .cases import case


def edited(insider, table, column, value, where="1 = 1"):
    """Change one row; its id."""
    row = insider.one(table, "id", where)
    insider.sql(f"UPDATE {table} SET {column} = :v WHERE id = :i", v=value, i=row)
    return row


# notices

@case(r"published_notice {}: content is not what .*notice.published")
def notice_edited_after_signing(insider):
    return edited(insider, "published_notice", "content", "{}")


# deadlines

@case(r"deadline_proposal {}: deadline is not what .*proposed")
def proposed_deadline_moved(insider):
    return edited(insider, "deadline_proposal", "deadline",
                  insider.one("lot", "publicity_ends", "publicity_ends IS NOT NULL"))


@case(r"deadline_proposal {}: evidence is not what")
def evidence_of_the_outage_rewritten(insider):
    return edited(insider, "deadline_proposal", "evidence", "网络故障")


@case(r"deadline_proposal {}: approved_by is not what .*decided")
def approval_put_on_somebody_else(insider):
    return edited(insider, "deadline_proposal", "approved_by", insider.world.chief.account_id)


@case(r"deadline_proposal {}: no deadline.decided")
def approval_forged(insider):
    forged = new_id()
    insider.sql("INSERT INTO deadline_proposal (id, lot_id, number, round, decision, "
                "deadline_before, evidence, proposed_at, proposed_by, proposed_person, "
                "approved_at, approved_by) SELECT :i, lot_id, 2, 2, 'closed', deadline, evidence, "
                "proposed_at, proposed_by, proposed_person, approved_at, approved_by "
                "FROM deadline_proposal", i=forged)
    return forged


@case(r"lot {}: its round is not the one that the record states")
def round_turned_back(insider):
    insider.sql("UPDATE lot SET round = 1")
    return insider.world.done.id


@case(r"lot_doubt {}: no deadline.doubted")
def doubt_forged(insider):
    forged = new_id()
    insider.sql("INSERT INTO lot_doubt (id, lot_id, round, doubted_at, evidence) SELECT :i, lot_id, "
                "1, proposed_at, '{}' FROM deadline_proposal", i=forged)
    return forged


# the opening

@case(r"unopened_bid {}: fault is not what .*fault_decided")
def fault_turned_round(insider):
    return edited(insider, "unopened_bid", "fault", "withdrawn")


@case(r"unopened_bid {}: grounds is not what")
def grounds_rewritten(insider):
    return edited(insider, "unopened_bid", "grounds", "另有原因")


@case(r"unopened_bid {}: statement is not what")
def statement_rewritten(insider):
    return edited(insider, "unopened_bid", "statement", "我方放弃")


@case(r"unopened_bid .*: the row of .*fault_objected. is gone|unopened_bid {}: objected_at is not")
def objection_taken_out(insider):
    return edited(insider, "unopened_bid", "objected_at", None)


@case(r"unopened_bid .*: the row of .* is gone")
def unopened_bid_taken_out(insider):
    insider.sql("DELETE FROM unopened_bid")
    return ""


@case(r"opening {}: authorised_at is not what .*prices_authorised")
def price_opening_put_before_the_sheets(insider):
    return edited(insider, "opening", "authorised_at",
                  insider.one("opening", "authorised_at", "stage = 1"), "stage = 2")


@case(r"opening_part {}: root is not what")
def authorised_root_swapped(insider):
    return edited(insider, "opening_part", "root", "0" * 64, "part = 'price'")


@case(r"opening_share {}: .* gave none|opening_share of .*: are not those of which")
def officials_share_taken_out(insider):
    share = insider.one("opening_share", "id", "holder <> 'tenderer'")
    insider.sql("DELETE FROM opening_share WHERE id = :s", s=share)
    return share


@case(r"opening_share {}: given_at is not what")
def tenderers_share_put_later(insider):
    return edited(insider, "opening_share", "given_at", insider.one("bid_version", "submitted_at"),
                  "holder = 'tenderer'")


@case(r"opened_part {} of bid .*: its key opens another part")
def opened_key_swapped(insider):
    return edited(insider, "opened_part", "seed", b64(secrets.token_bytes(32)))


@case(r"consortium_member {} of bid .*: is not what the form says")
def member_of_a_joint_bid_invented(insider):
    forged = new_id()
    insider.sql("INSERT INTO consortium_member (id, lot_id, bid_id, uscc, duty, lead) SELECT :i, "
                "lot_id, bid_id, '91330703MA2TERTA3E', '施工', :n FROM opened_bid LIMIT 1",
                i=forged, n=False)
    return forged


# plain files

@case(r"bid .* part technical, handed in plain: block 0 is missing from the store")
def plain_files_block_swapped(insider):
    return edited(insider, "plain_file", "blocks", json.dumps([sha256(b"another").hex()]))


@case(r"bid .* part technical, handed in plain: is not what the declared manifest says")
def plain_files_content_swapped(insider):
    other = insider.one("bid_block", "hash")
    size = insider.world.app.extensions["yangguang"].store.path(other).stat().st_size
    row = edited(insider, "plain_file", "blocks", json.dumps([other]))
    insider.sql("UPDATE plain_file SET size = :s", s=size)
    return row


@case(r"plain_file {}: given_at is not what")
def plain_file_put_earlier(insider):
    return edited(insider, "plain_file", "given_at", insider.one("bid_version", "submitted_at"))


# the judgement

@case(r"vote {}: vote_hash is not what .*vote.cast")
def vote_turned(insider):
    vote, bid = (insider.one("vote", name) for name in ("id", "bid_id"))
    other = insider.one("candidate", "bid_id", "bid_id <> :b", b=bid)
    insider.sql("UPDATE vote SET bid_id = :b WHERE id = :v", b=other, v=vote)
    return vote


@case(r"vote {}: no vote.cast")
def vote_added(insider):
    forged = new_id()
    insider.sql("INSERT INTO vote (id, lot_id, member_id, ballot, bid_id, salt, cast_at) SELECT :i, "
                "lot_id, member_id, 9, bid_id, salt, cast_at FROM vote LIMIT 1", i=forged)
    return forged


@case(r"vote .*: the row of .*vote.cast. is gone")
def vote_taken_out(insider):
    insider.sql("DELETE FROM vote WHERE id = :v", v=insider.one("vote"))
    return ""


@case(r"candidate {}: price_fen is not what|candidate {}: is not what the evaluation report says")
def candidates_price_edited(insider):
    row = insider.one("candidate")
    insider.sql("UPDATE candidate SET price_fen = price_fen - 1 WHERE id = :c", c=row)
    return row


@case(r"candidate {}: is not what the evaluation report says")
def candidate_added(insider):
    forged = new_id()
    bid = insider.one("bid", "id", "id NOT IN (SELECT bid_id FROM candidate)")
    insider.sql("INSERT INTO candidate (id, lot_id, bid_id, party_id, price_fen) SELECT :i, lot_id, "
                "id, party_id, 1 FROM bid WHERE id = :b", i=forged, b=bid)
    return forged


@case(r"evaluation_report {}: content is not what")
def report_rewritten(insider):
    content = json.loads(insider.one("evaluation_report", "content"))
    content["candidates"].reverse()
    content["candidates"].append("another")
    return edited(insider, "evaluation_report", "content", jcs(content).decode())


@case(r"report_signature {}: dissent_hash is not what")
def dissent_put_into_a_mouth(insider):
    return edited(insider, "report_signature", "dissent", "不同意")


@case(r"committee_member .*: the row of .*formed. is gone|committee_member {}: no award_committee")
def committee_member_exchanged(insider):
    return edited(insider, "committee_member", "account_id", insider.world.chief.account_id)


@case(r"draw_place {}: its ticket stands for somebody else")
def drawn_expert_exchanged(insider):
    place = insider.one("draw_place", "id", "rank = 1")
    other = insider.one("draw_place", "grant_id", "rank = 2")
    insider.sql("UPDATE draw_place SET grant_id = :g WHERE id = :p", g=other, p=place)
    return place


@case(r"draw_place {}: is not where draw .* put its ticket")
def drawn_order_changed(insider):
    place = insider.one("draw_place", "id", "rank = 1")
    insider.sql("UPDATE draw_place SET rank = 99 WHERE id = :p", p=place)
    return place


@case(r"panel_seat {}: accepted_at is not what")
def acceptance_put_earlier(insider):
    return edited(insider, "panel_seat", "accepted_at", insider.one("draw", "announced_at"))


# holders

@case(r"rehearsal {}: passed_at is not what")
def rehearsal_put_later(insider):
    return edited(insider, "rehearsal", "passed_at", insider.one("bid_version", "submitted_at"))


@case(r"rehearsal {}: no holder_key.rehears")
def rehearsal_forged(insider):
    forged = new_id()
    insider.sql("INSERT INTO rehearsal (id, key_id, lot_id, nonce, share_hash, begun_at, passed_at) "
                "SELECT :i, key_id, lot_id, :n, share_hash, begun_at, passed_at FROM rehearsal "
                "LIMIT 1", i=forged, n=secrets.token_hex(32))
    return forged


@case(r"holder_key {}: certified_by is not what")
def certification_put_on_somebody_else(insider):
    return edited(insider, "holder_key", "certified_by", insider.world.chief.account_id)


# witnesses, stamps, the security log

@case(r"cosignature of w.example/1 at {}: is wrong")
def cosignature_forged(insider):
    key = CosignerKey.generate("w.example/1")
    size, note = (insider.one("checkpoint", name, "size > 0") for name in ("size", "note"))
    line = key.cosign(note.partition("\n\n")[0] + "\n", 1_800_000_000)
    insider.sql("INSERT INTO cosignature (size, witness, line, timestamp) VALUES (:s, :w, :l, :t)",
                s=size, w=str(key.cosigner), l=line, t=1_700_000_000)
    return size


@case(r"time stamp \(close\) of checkpoint {}: ")
def time_stamp_forged(insider):
    size = insider.one("checkpoint", "size", "size > 0")
    insider.sql("INSERT INTO time_stamp (size, purpose, token, at) SELECT :s, 'close', :t, "
                "submitted_at FROM bid_version WHERE submitted_at IS NOT NULL LIMIT 1", s=size,
                t=b"0\x03\x02\x01\x00")
    return size


@case(r"security_digest {}: its lines were changed")
def line_of_the_security_log_changed(insider):
    digest, event = insider.connection.exec_driver_sql(
        "SELECT digest_id, of_id FROM digest_leaf WHERE kind = 'event'").first()
    insider.sql("UPDATE security_event SET source = '10.9.9.9' WHERE id = :e", e=event)
    return digest


@case(r"security_digest {}: its lines were changed or taken away")
def line_of_the_security_log_taken_out(insider):
    digest, event = insider.connection.exec_driver_sql(
        "SELECT digest_id, of_id FROM digest_leaf WHERE kind = 'event'").first()
    insider.sql("DELETE FROM security_event WHERE id = :e", e=event)
    return digest


@case(r"security_event {}: is in no digest and waits for none")
def line_of_the_security_log_added(insider):
    forged = new_id()
    insider.sql("INSERT INTO security_event (id, at, kind, action, source, detail) SELECT :i, at, "
                "kind, action, source, detail FROM security_event LIMIT 1", i=forged)
    return forged


@case(r"security_digest {}: root is not what")
def digests_root_changed(insider):
    return edited(insider, "security_digest", "root", "0" * 64)
