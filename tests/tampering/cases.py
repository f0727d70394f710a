"""What an insider may do to the rows, each with what must be said of it."""

import json
import re
import secrets
from datetime import timedelta

from audit import leaf, tiles
from audit.tiles import Frontier
from kernel.canonical import b64, jcs, sha256, time_text
from kernel.db import new_id

CASES = {}


def case(pattern):
    """A tampering: what fsck must say, `{}` standing for what the function returns."""
    def declare(function):
        CASES[function.__name__] = (function, pattern)
        return function
    return declare


# the record's own tables

@case(r"entry {} .*not the one its leaf commits to")
def entry_changed(insider):
    position = insider.one("disclosure", "position", "type = 'guarantee.lodged'")
    record = json.loads(insider.one("disclosure", "record", "position = :p", p=position))
    record["facts"]["amount_fen"] += 1
    insider.sql("UPDATE disclosure SET record = :r WHERE position = :p",
                r=jcs(record).decode(), p=position)
    return position


@case(r"leaf {}: another than the one published")
def entry_and_leaf_changed(insider):
    position = entry_changed(insider)
    record, salt = (insider.one("disclosure", name, "position = :p", p=position)
                    for name in ("record", "salt"))
    tick = leaf.read(bytes(insider.one("leaf", "entry", "position = :p", p=position)))[0]
    committed = b64(leaf.commitment(bytes(salt), record.encode()))
    insider.sql("UPDATE leaf SET entry = :e WHERE position = :p", p=position,
                e=jcs({"v": 1, "t": tick, "c": committed}))
    return position


def shifted(insider, start, by):
    """Move every leaf and record from `start` on by one place."""
    for table in ("leaf", "disclosure"):
        insider.sql(f"UPDATE {table} SET position = -position - 1 WHERE position >= :s", s=start)
        insider.sql(f"UPDATE {table} SET position = -position - 1 + :by WHERE position < 0", by=by)


@case(r"leaf {}: is missing")
def entry_deleted(insider):
    for table in ("leaf", "disclosure"):
        insider.sql(f"DELETE FROM {table} WHERE position = 20")
    return 20


@case(r"leaf {}: another than the one published")
def entry_deleted_and_the_gap_closed(insider):
    entry_deleted(insider)
    shifted(insider, 21, -1)
    return 20


@case(r"leaf {}: another than the one published")
def entry_inserted(insider):
    shifted(insider, 20, 1)
    record, salt = jcs({"v": 1, "type": "account.created", "lot": None, "tender": None}), bytes(32)
    tick = leaf.read(bytes(insider.one("leaf", "entry", "position = 19")))[0]
    insider.sql("INSERT INTO leaf (position, entry) VALUES (20, :e)",
                e=jcs({"v": 1, "t": tick, "c": b64(leaf.commitment(salt, record))}))
    insider.sql("INSERT INTO disclosure (position, entry_id, type, disclose, record, salt) VALUES "
                "(20, :id, 'account.created', 'never', :r, :s)", id=new_id(), r=record.decode(),
                s=salt)
    return 20


@case(r"leaf {}: is missing; (checkpoint|the published checkpoint)")
def record_truncated(insider):
    size = insider.one("log_head", "size")
    for table in ("leaf", "disclosure"):
        insider.sql(f"DELETE FROM {table} WHERE position >= :s", s=size - 5)
    edge = Frontier()
    rows = insider.connection.exec_driver_sql("SELECT entry FROM leaf ORDER BY position").scalars()
    edge.extend([tiles.leaf_hash(bytes(row)) for row in rows])
    insider.sql("UPDATE log_head SET size = :s, root = :r", s=edge.size, r=edge.root())
    return size - 5


@case(r"entry {}: its record is gone, and no act erased it")
def record_hidden(insider):
    position = insider.one("disclosure", "position", "type = 'bid.submitted'")
    insider.sql("DELETE FROM disclosure WHERE position = :p", p=position)
    return position


@case(r"entry {} \(cover\): the record is not the one its leaf commits to")
def real_entry_declared_cover(insider):
    position = insider.one("disclosure", "position", "type = 'bid.submitted'")
    insider.sql("""UPDATE disclosure SET type = 'cover', record = '{"type":"cover"}', lot_id = NULL,
                tender_id = NULL, party_id = NULL WHERE position = :p""", p=position)
    return position


@case(r"checkpoint {}: the .* leaves have another root")
def checkpoint_root_changed(insider):
    size = insider.one("checkpoint", "size", "size > 0")
    insider.sql("UPDATE checkpoint SET root = :r WHERE size = :s", r=bytes(32), s=size)
    return size


# bids

@case(r"bid_version {}: no bid.declared")
def bid_hash_changed(insider):
    version = insider.one("bid_version")
    insider.sql("UPDATE bid_version SET declaration_hash = :h WHERE id = :v", v=version, h="0" * 64)
    return version


@case(r"bid_version {}: declaration is not what")
def declaration_edited(insider):
    version = insider.one("bid_version")
    text = insider.one("bid_version", "declaration", "id = :v", v=version)
    insider.sql("UPDATE bid_version SET declaration = :d WHERE id = :v", v=version,
                d=text.replace('"version":1', '"version":2'))
    return version


def late_bid(insider, at):
    """A copy of a standing bid under another party and id, as if handed in at `at`."""
    world, lot = insider.world, insider.world.done.id
    bid, version, party = new_id(), new_id(), world.companies[0].party_id
    other = insider.one("party", "id", "id NOT IN (SELECT party_id FROM bid)")
    row = insider.connection.exec_driver_sql(
        "SELECT declaration, declaration_hash, key, signature FROM bid_version").first()
    insider.sql("INSERT INTO bid (id, lot_id, tender_id, party_id, declared_at) SELECT :b, lot_id, "
                "tender_id, :o, declared_at FROM bid WHERE party_id = :p AND lot_id = :l",
                b=bid, o=other, p=party, l=lot)
    insider.sql("INSERT INTO bid_version (id, bid_id, lot_id, party_id, version, declaration, "
                "declaration_hash, key, signature, declared_at, submitted_at) VALUES "
                "(:v, :b, :l, :o, 1, :d, :h, :k, :s, :at, :at)", v=version, b=bid, l=lot, o=other,
                d=row[0], h=row[1], k=row[2], s=row[3], at=at)
    insider.sql("INSERT INTO standing_bid (id, lot_id, party_id, bid_id, version_id) VALUES "
                "(:i, :l, :o, :b, :v)", i=new_id(), l=lot, o=other, b=bid, v=version)
    return bid, other, row[1]


@case(r"bid_version .*: no bid.declared|bid {}: stands in lot .* and was not there")
def bid_inserted_after_the_deadline(insider):
    return late_bid(insider, insider.one("bid_version", "submitted_at"))[0]


def waiting(insider, kind, subject, at, facts, lot, party=None):
    """A forged entry that waits for the sequencer, as an act would have left it."""
    record = {"v": 1, "type": kind, "at": at, "actor": {"kind": "clock"}, "law": "-",
              "subject": subject, "tender": lot.tender_id, "lot": lot.id, "party": party,
              "facts": facts}
    insider.sql("INSERT INTO pending_entry (id, type, at, tender_id, lot_id, party_id, disclose, "
                "record, salt) VALUES (:i, :k, :at, :t, :l, :p, 'public', :r, :s)", i=new_id(),
                k=kind, at=insider.one("bid_version", "submitted_at"), t=lot.tender_id, l=lot.id,
                p=party, r=jcs(record).decode(), s=secrets.token_bytes(32))


@case(r"bid {}: stands in lot .* and was not there")
def bid_inserted_with_its_entries_while_the_sequencer_is_down(insider):
    bid, party, digest = late_bid(insider, insider.one("bid_version", "submitted_at"))
    at = time_text(insider.world.done.deadline - timedelta(minutes=5))
    for kind in ("bid.declared", "bid.submitted"):
        waiting(insider, kind, bid, at, {"version": 1, "declaration": digest}, insider.world.done,
                party)
    insider.sql("UPDATE bid_version SET declared_at = :at, submitted_at = :at WHERE bid_id = :b",
                at=at, b=bid)
    insider.sql("UPDATE bid SET declared_at = :at WHERE id = :b", at=at, b=bid)
    return bid


@case(r"bid {}: was there at the closing .* and stands no more")
def bid_removed(insider):
    bid = insider.one("standing_bid", "bid_id")
    insider.sql("DELETE FROM standing_bid WHERE bid_id = :b", b=bid)
    return bid


@case(r"bid_version {}: submitted_at is not what")
def receipt_time_moved(insider):
    version = insider.one("bid_version", "id", "submitted_at IS NOT NULL")
    row = insider.connection.exec_driver_sql("SELECT deadline FROM lot").first()[0]
    insider.sql("UPDATE bid_version SET submitted_at = :at WHERE id = :v", v=version, at=row)
    return version


@case(r"bid {}: its receipt is none")
def receipt_forged(insider):
    bid = insider.one("bid_version", "bid_id", "receipt IS NOT NULL")
    text = insider.one("bid_version", "receipt", "bid_id = :b", b=bid)
    insider.sql("UPDATE bid_version SET receipt = :r WHERE bid_id = :b", b=bid,
                r=re.sub(r'"received_at":"....', '"received_at":"2020', text))
    return bid


@case(r"bid_share {} of bid .*: is not what was declared")
def wrapped_share_swapped(insider):
    share = insider.one("bid_share", "id", "wrap IS NOT NULL")
    insider.sql("UPDATE bid_share SET wrap = :w WHERE id = :s", s=share, w=b"another")
    return share


@case(r"bid_part {} of bid .*: is not what was declared")
def declared_size_changed(insider):
    part = insider.one("bid_part")
    insider.sql("UPDATE bid_part SET size = size + 1 WHERE id = :p", p=part)
    return part


# closing, opening

@case(r"lot_closing {}: no lot.closed")
def close_forged_early(insider):
    forged, lot = new_id(), insider.world.open
    at = time_text(lot.deadline - timedelta(hours=1))
    insider.sql("INSERT INTO lot_closing (id, lot_id, round, root, closed_at) VALUES (:i, :l, 1, :r, :at)",
                i=forged, l=lot.id, r="0" * 64, at=at)
    insider.sql("INSERT INTO lot_outcome (id, lot_id, outcome, at) VALUES (:i, :l, 'closed', :at)",
                i=new_id(), l=lot.id, at=at)
    return forged


@case(r"lot {}: .*lot.closed. is before the deadline")
def close_forged_early_with_its_entry(insider):
    close_forged_early(insider)
    lot = insider.world.open
    at = time_text(lot.deadline - timedelta(hours=1))
    waiting(insider, "lot.closed", lot.id, at, {"root": "0" * 64,
                                                "deadline": time_text(lot.deadline)}, lot)
    return lot.id


@case(r"lot {}: its deadline is not the last that the record states")
def deadline_moved(insider):
    lot = insider.world.open.id
    insider.sql("UPDATE lot SET deadline = :at WHERE id = :l", l=lot,
                at=insider.one("bid_version", "submitted_at"))
    return lot


@case(r"lot {}: its access policy is not the published one")
def policy_swapped(insider):
    lot, policy = insider.world.open.id, {"any": ["tenderer"]}
    insider.sql("UPDATE lot SET policy = :p, policy_hash = :h WHERE id = :l", l=lot,
                p=json.dumps(policy), h=sha256(jcs(policy)).hex())
    return lot


@case(r"holder_key {}: recipient is not what")
def officials_key_swapped(insider):
    key = insider.one("holder_key")
    insider.sql("UPDATE holder_key SET recipient = 'age1another' WHERE id = :k", k=key)
    return key


@case(r"opening_share {} of bid .*: is not the share")
def share_swapped(insider):
    share = insider.one("opening_share")
    insider.sql("UPDATE opening_share SET share = :v WHERE id = :s", s=share, v=b64(bytes(33)))
    return share


@case(r"opened_bid of bid {}: is not what the opening record says")
def price_edited(insider):
    bid = insider.one("opened_bid", "bid_id", "stage = 2")
    insider.sql("UPDATE opened_bid SET price_fen = price_fen - 1 WHERE bid_id = :b AND stage = 2",
                b=bid)
    return bid


@case(r"opening {}: record_hash is not what")
def price_edited_in_the_opening_record_too(insider):
    price_edited(insider)
    opening, text = (insider.one("opening", name, "stage = 2") for name in ("id", "record"))
    record = json.loads(text)
    record["bids"][0]["form"]["price_fen"] -= 1
    insider.sql("UPDATE opening SET record = :r, record_hash = :h WHERE id = :o", o=opening,
                r=jcs(record).decode(), h=sha256(jcs(record)).hex())
    return opening


# money, judgement

@case(r"guarantee {}: payer_digest is not what")
def payee_edited(insider):
    insider.sql("UPDATE guarantee SET payer_digest = :d", d="0" * 64)
    return insider.world.guarantee_id


@case(r"guarantee {}: amount_fen is not what")
def amount_edited(insider):
    insider.sql("UPDATE guarantee SET amount_fen = amount_fen + 100")
    return insider.world.guarantee_id


@case(r"release {}: no guarantee.release_scheduled")
def release_forged(insider):
    forged = new_id()
    insider.sql("INSERT INTO release (id, guarantee_id, cause, cause_at, order_from, due_day, "
                "principal_fen, payee_digest, scheduled_at) SELECT :i, id, 'withdrawn', lodged_at, "
                "lodged_at, '2026-12-01', amount_fen, :d, lodged_at FROM guarantee", i=forged,
                d="0" * 64)
    return forged


@case(r"score_sheet {}: sheet_hash is not what")
def score_edited(insider):
    sheet = insider.one("score_sheet")
    text = insider.one("score_sheet", "content", "id = :s", s=sheet)
    content = re.sub(r'":"(\d+)', lambda match: f'":"{int(match[1]) + 1}', text, count=1)
    insider.sql("UPDATE score_sheet SET content = :c, sheet_hash = :h WHERE id = :s", s=sheet,
                c=content, h=sha256(content.encode()).hex())
    return sheet


@case(r"award {}: price_fen is not what")
def award_edited(insider):
    insider.sql("UPDATE award SET price_fen = price_fen + 1")
    return insider.one("award")


@case(r"contract {}: amount_fen is not what")
def contract_edited(insider):
    insider.sql("UPDATE contract SET amount_fen = amount_fen + 1")
    return insider.one("contract")


@case(r"draw {}: document is not what")
def draw_edited(insider):
    text = insider.one("draw", "document")
    document = json.loads(text)
    document["panel"].reverse()
    insider.sql("UPDATE draw SET document = :d", d=jcs(document).decode())
    return insider.one("draw")


@case(r"signing_key {}: public_key is not what")
def signing_key_swapped(insider):
    key = insider.one("signing_key")
    insider.sql("UPDATE signing_key SET public_key = :k WHERE id = :i", i=key, k=b64(bytes(32)))
    return key


@case(r"role_grant {}: role is not what")
def role_raised(insider):
    grant = insider.one("role_grant", "id", "role = 'expert'")
    insider.sql("UPDATE role_grant SET role = 'awarder' WHERE id = :g", g=grant)
    return grant


# the rules a tender runs by

@case(r"lot {}: profile_hash is not what")
def frozen_number_changed(insider):
    lot = insider.world.done.id
    text = json.dumps(insider.world.done.profile)
    insider.sql("UPDATE lot SET profile = :p WHERE id = :l", l=lot,
                p=text.replace('"value": 30}', '"value": 31}', 1))
    return lot


@case(r"rule_profile {}: no profile.proposed in the record")
def shipped_number_changed(insider):
    text = insider.one("rule_profile", "body", "id = 'below-2026-3'")
    insider.sql("UPDATE rule_profile SET body = :b WHERE id = 'below-2026-3'",
                b=text.replace('"value":60}', '"value":61}', 1))
    return "below-2026-3"


@case(r"rule_profile {}: no profile.proposed in the record")
def profile_smuggled_in(insider):
    insider.sql("""INSERT INTO rule_profile (id, regime, region, version, valid_from, body,
                body_hash, why, shipped) SELECT 'below-330703-1', regime, '330703', 1, valid_from,
                '{}', body_hash, why, shipped FROM rule_profile WHERE id = 'below-2026-3'""")
    return "below-330703-1"


# the store

@case(r"bid .* part .*: its blocks are not the declared ciphertext")
def blocks_of_two_bids_swapped(insider):
    rows = insider.connection.exec_driver_sql(
        "SELECT part_id, hash FROM bid_block WHERE number = 0 ORDER BY hash").all()
    for (part, _), (_, other) in (rows[:2], rows[1::-1]):
        insider.sql("UPDATE bid_block SET hash = :h WHERE part_id = :p AND number = 0", h=other,
                    p=part)
    return ""
