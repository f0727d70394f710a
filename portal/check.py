"""`yangguang admin fsck`: does the database still say what the record says?

Whoever holds the database can change a row behind the platform's back; the leaf of the act that
made it is in the published tree. Here every leaf is held against the tree, every kept record
against its leaf, every business row against the record of its act (rows.py), and what follows
from rows together against both: the closing tree, shares, receipts, outcomes. Each fault names
the first affected object. Read-only; it takes no part in the platform's own work.

A tampering that also rewrites the leaves is found by what was published: the log refuses to
sign over it, `audit verify --against` and every receipt contradict it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit import checkpoint, disclosed, leaf, tiles
from audit.cosignature import Cosigner, cosigned_by
from audit.folder import Folder
from audit.model import Checkpoint, Cosignature, Disclosure, Leaf, LogHead, PendingEntry
from audit.note import BadNote, Verifier, parse
from audit.tiles import Frontier
from bidding import closing, promise
from bidding.model import (
    BidPart,
    BidPlace,
    BidShare,
    BidVersion,
    LotClosing,
    OpenedBid,
    Opening,
    OpeningShare,
    StandingBid,
)
from kernel.canonical import NotCanonical, jcs, sha256, time_text, unb64
from tender.model import Lot, LotOutcome

from .rows import RULES, Rule

_BID_ACTS = {"bid.submitted", "bid.replaced", "bid.withdrawn"}


@dataclass(frozen=True)
class Entry:
    """One record, waiting (`position` None) or in its place."""

    id: str
    position: int | None
    record: dict

    @property
    def name(self) -> str:
        """How a fault names it."""
        where = "waiting entry" if self.position is None else f"entry {self.position}"
        return f"{where} ({self.record['type']})"

    def said(self, path: str) -> object:
        """What it says at `path`; None where it says nothing."""
        if path == "entry":
            return self.id
        value = self.record
        for step in path.split("."):
            value = value.get(step) if isinstance(value, dict) else None
        return value


def fsck(session: Session, folder: Folder, log: Verifier, platform: Verifier) -> list[str]:
    """Every fault found, `what: which is wrong`, those of the tree first; empty when there is none."""
    faults = [*_tree(session, folder, log), *_records(session)]
    entries = list(_entries(session))
    for rule in RULES:
        faults += _rows(session, rule, entries)
    faults += [*_declared(session), *_closings(session, entries), *_opened(session),
               *_receipts(session, platform), *_times(session, entries)]
    return faults


# the tree

def _tree(session: Session, folder: Folder, log: Verifier) -> Iterator[str]:
    """Leaves, head and signed checkpoints against each other and against what is published."""
    signed = {row.size: row for row in session.scalars(select(Checkpoint))}
    published = _published(folder, log)
    if isinstance(published, str):
        yield published
        published = None
    known = {size: (row.root, f"checkpoint {size}") for size, row in signed.items()}
    if published:
        known[published.size] = (published.root, "the published checkpoint")
    edge, found = Frontier(), set()
    for position, row in enumerate(session.execute(
            select(Leaf.position, Leaf.entry).order_by(Leaf.position)
            .execution_options(yield_per=4096))):
        if row.position != position:
            yield f"leaf {position}: is missing"
            return
        yield from _root_at(known, edge, found)
        if published and position < published.size:
            yield from _same_leaf(folder, published.size, position, row.entry)
        edge.extend([tiles.leaf_hash(row.entry)])
    yield from _root_at(known, edge, found)
    head = session.get(LogHead, 1)
    if head and (head.size, head.root) != (edge.size, edge.root()):
        yield f"log head: says {head.size} leaves, there are {edge.size} or they are others"
    for size in sorted(set(known) - found):
        yield f"leaf {edge.size}: is missing; {known[size][1]} holds {size} leaves"
    yield from _signatures(session, signed, log)


def _published(folder: Folder, log: Verifier) -> checkpoint.Head | str | None:
    note = folder.checkpoint()
    try:
        return note and checkpoint.read(note, log)
    except BadNote as error:
        return f"the published checkpoint: {error}"


def _root_at(known: dict, edge: Frontier, found: set[int]) -> Iterator[str]:
    if edge.size in known:
        found.add(edge.size)
        root, name = known[edge.size]
        if edge.root() != root:
            yield f"{name}: the {edge.size} leaves have another root than the one signed"


def _same_leaf(folder: Folder, size: int, position: int, entry: bytes) -> Iterator[str]:
    index = position // tiles.WIDTH
    width = min(tiles.WIDTH, size - index * tiles.WIDTH)
    try:
        bundle = folder.tile(tiles.ENTRIES, index, width)
        step = len(bundle) // width
        there = bundle[(position % tiles.WIDTH) * step + 2:][:step - 2]
    except FileNotFoundError:
        there = None
    if there != entry:
        yield f"leaf {position}: another than the one published"


def _signatures(session: Session, signed: dict[int, Checkpoint], log: Verifier) -> Iterator[str]:
    for size, row in sorted(signed.items()):
        try:
            head = checkpoint.read(row.note, log)
            if (head.size, head.root) != (size, row.root):
                yield f"checkpoint {size}: its note says something else"
        except BadNote as error:
            yield f"checkpoint {size}: {error}"
    for row in session.scalars(select(Cosignature).order_by(Cosignature.size)):
        try:
            witness = Cosigner.parse(row.witness)
            note = parse(signed[row.size].note + row.line)
            good = cosigned_by(note, [witness]).get(witness) == row.timestamp
        except (BadNote, KeyError):
            good = False
        if not good:
            yield f"cosignature of {row.witness.split('+')[0]} at {row.size}: is wrong"


# what the leaves commit to

def _records(session: Session) -> Iterator[str]:
    """Every leaf has its record, the one it commits to, or an act of erasure."""
    erased, bare = set(), []
    rows = session.execute(
        select(Leaf.position, Leaf.entry, Disclosure)
        .outerjoin(Disclosure, Disclosure.position == Leaf.position)
        .order_by(Leaf.position).execution_options(yield_per=4096))
    for position, entry, shown in rows:
        if shown is None:
            bare.append(position)
            continue
        try:
            committed = leaf.read(entry)[1]
        except leaf.BadLeaf as error:
            yield f"leaf {position}: {error}"
            continue
        if leaf.commitment(shown.salt, shown.record.encode()) != committed:
            yield f"entry {position} ({shown.type}): the record is not the one its leaf commits to"
            continue
        record = json.loads(shown.record)
        if record["type"] != shown.type or (shown.record.encode() != disclosed.COVER and (
                record["lot"], record["tender"]) != (shown.lot_id, shown.tender_id)):
            yield f"entry {position}: is kept under another type, lot or tender than it says"
        if record["type"] == disclosed.ERASURE:
            erased |= set(record["facts"]["erased"])
    for position in bare:
        if position not in erased:
            yield f"entry {position}: its record is gone, and no act erased it"


def _entries(session: Session) -> Iterator[Entry]:
    cover = disclosed.COVER.decode()
    for row in session.scalars(select(Disclosure).where(Disclosure.record != cover)
                               .order_by(Disclosure.position)):
        yield Entry(row.entry_id, row.position, json.loads(row.record))
    for row in session.scalars(select(PendingEntry).order_by(PendingEntry.at)):
        yield Entry(row.id, None, json.loads(row.record))


# rows against records

def _rows(session: Session, rule: Rule, entries: list[Entry]) -> Iterator[str]:
    said = {tuple(entry.said(path) for path in rule.said): entry
            for entry in entries if entry.record["type"] in rule.kinds}
    seen = set()
    for row in session.execute(rule.rows).mappings():
        key = tuple(row[column] for column in rule.key)
        name = f"{rule.name} {row.get('id') or key[0]}"
        entry = said.get(key)
        if entry is None:
            if rule.owed(row):
                yield f"{name}: no {' or '.join(rule.kinds)} in the record speaks of it"
            continue
        seen.add(key)
        yield from _compared(name, row, rule, entry)
    for key, entry in said.items():
        if key not in seen and rule.binds(entry.record):
            yield f"{rule.name} {key[0]}: the row of {entry.name} is gone"


def _compared(name: str, row, rule: Rule, entry: Entry) -> Iterator[str]:
    for column, path in rule.same.items():
        if _plain(row[column]) != entry.said(path):
            yield f"{name}: {column} is not what {entry.name} says"
    for column, path in rule.digests.items():
        recorded = entry.said(path)
        if recorded is not None and sha256((row[column] or "").encode()).hex() != recorded:
            yield f"{name}: {column} is not what {entry.name} says"


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return time_text(value)
    return value.isoformat() if isinstance(value, date) else value


# rows against each other

def _declared(session: Session) -> Iterator[str]:
    """Parts and shares against the signed declaration (whose hash is in the record)."""
    parts, shares = defaultdict(list), defaultdict(list)
    for one in session.scalars(select(BidPart)):
        parts[one.version_id].append(one)
    for one in session.scalars(select(BidShare)):
        shares[one.part_id].append(one)
    for version in session.scalars(select(BidVersion)):
        try:
            declared = json.loads(version.declaration)["parts"]
        except (ValueError, KeyError):
            continue
        wanted = {row["part"]: row for row in declared}
        for part in parts[version.id]:
            row = wanted.pop(part.part, None)
            own = {name: getattr(part, name) for name in (
                "recipient", "manifest_hash", "ciphertext_hash", "size")}
            if row is None or own != {name: row[name] for name in own}:
                yield f"bid_part {part.id} of bid {version.bid_id}: is not what was declared"
                continue
            told = {one["path"]: one for one in row["shares"]}
            for share in shares[part.id]:
                one = told.get(share.path)
                wrapped = sha256(share.wrap).hex() if share.wrap is not None else None
                if one is None or share.share_hash != one["share_hash"] or (
                        wrapped is not None and wrapped != one["wrap_hash"]):
                    yield f"bid_share {share.id} of bid {version.bid_id}: is not what was declared"
        if wanted and version.abandoned_at is None:
            yield f"bid {version.bid_id}: declared parts have no rows: {', '.join(sorted(wanted))}"


def _closings(session: Session, entries: list[Entry]) -> Iterator[str]:
    """A closed lot holds exactly the bids of its closing tree, and nothing came in after it."""
    versions = {one.id: one for one in session.scalars(select(BidVersion))}
    for closed in session.scalars(select(LotClosing)):
        places = {}
        for row in session.scalars(select(BidPlace).where(BidPlace.lot_id == closed.lot_id,
                                                          BidPlace.purpose == "closing")):
            places[row.bid_id] = row
            try:
                place, version = closing.Place.from_json(row.place), versions[row.version_id]
                good = closing.verify(closed.root, row.bid_id, version.declaration_hash, place)
            except (NotCanonical, KeyError):
                good = False
            if not good:
                yield f"bid {row.bid_id}: its place is not in the closing tree of lot {closed.lot_id}"
        standing = {one.bid_id for one in session.scalars(
            select(StandingBid).where(StandingBid.lot_id == closed.lot_id))}
        for bid_id in sorted(standing - places.keys()):
            yield f"bid {bid_id}: stands in lot {closed.lot_id} and was not there at its closing"
        for bid_id in sorted(places.keys() - standing):
            yield f"bid {bid_id}: was there at the closing of lot {closed.lot_id} and stands no more"
        end = next((one for one in entries if one.record["type"] == "lot.closed"
                    and one.record["lot"] == closed.lot_id), None)
        if end is None:
            continue
        for one in entries:
            if one.record["type"] in _BID_ACTS and one.record["lot"] == closed.lot_id and (
                    one.record["at"] >= end.record["at"]
                    or one.position is None and end.position is not None):
                yield f"bid {one.record['subject']}: {one.name} came in after the closing"


def _opened(session: Session) -> Iterator[str]:
    """Shares against their declared hashes; opened bids against the opening record."""
    declared = {(bid, part, path): share for bid, part, path, share in session.execute(
        select(BidVersion.bid_id, BidPart.part, BidShare.path, BidShare.share_hash)
        .join(BidPart, BidPart.version_id == BidVersion.id)
        .join(BidShare, BidShare.part_id == BidPart.id)
        .join(StandingBid, StandingBid.version_id == BidVersion.id))}
    for one in session.scalars(select(OpeningShare)):
        try:
            told = sha256(unb64(one.share)).hex()
        except NotCanonical:
            told = ""
        if declared.get((one.bid_id, one.part, one.path)) != told:
            yield (f"opening_share {one.id} of bid {one.bid_id}: is not the share that "
                   f"{one.holder} was dealt")
    for opening in session.scalars(select(Opening).where(Opening.record.is_not(None))):
        lines = {line["bid"]: line for line in json.loads(opening.record)["bids"]}
        for bid in session.scalars(select(OpenedBid).where(OpenedBid.lot_id == opening.lot_id)):
            line = lines.pop(bid.bid_id, None)
            form = (line or {}).get("form") or {}
            own = (bid.verdict, bid.reason, bid.price_fen, bid.period_days, bid.quality, bid.leader)
            if line is None or own != (line["verdict"], line["reason"], *map(
                    form.get, ("price_fen", "period_days", "quality", "leader"))):
                yield f"opened_bid of bid {bid.bid_id}: is not what the opening record says"
        for bid_id in lines:
            yield f"opened_bid of bid {bid_id}: is gone, the opening record names it"


def _receipts(session: Session, platform: Verifier) -> Iterator[str]:
    """The promises that were given: signed by us, of this version, of this time."""
    for version in session.scalars(select(BidVersion).where(BidVersion.receipt.is_not(None))):
        try:
            value = promise.read(version.receipt, platform)
            told = (value["bid"], value["declaration"], value["received_at"])
        except (promise.BadPromise, KeyError) as error:
            yield f"bid {version.bid_id}: its receipt is none: {error}"
            continue
        own = (version.bid_id, version.declaration_hash,
               version.submitted_at and time_text(version.submitted_at))
        if told != own:
            yield f"bid {version.bid_id}: its receipt says another declaration or time"


def _times(session: Session, entries: list[Entry]) -> Iterator[str]:
    """Deadlines, policies and outcomes as they were recorded; no close before its deadline."""
    stated, policies, moments = defaultdict(set), {}, set()
    for entry in entries:
        record = entry.record
        moments |= {(record.get("lot"), record.get("at")), (record.get("tender"), record.get("at"))}
        if record["type"] == "notice.approved":
            for row in record["facts"]["lots"]:
                stated[row["lot"]].add(row["deadline"])
                policies[row["lot"]] = row["policy_hash"]
        elif record.get("lot") and entry.said("facts.deadline"):
            stated[record["lot"]].add(record["facts"]["deadline"])
        if record["type"] == "lot.closed" and record["at"] < record["facts"]["deadline"]:
            yield f"lot {record['lot']}: {entry.name} is before the deadline"
    for lot in session.scalars(select(Lot)):
        if lot.id in policies:
            if time_text(lot.deadline) not in stated[lot.id]:
                yield f"lot {lot.id}: its deadline is none that the record states"
            if (lot.policy_hash, sha256(jcs(lot.policy)).hex()) != (policies[lot.id],) * 2:
                yield f"lot {lot.id}: its access policy is not the published one"
    for row in session.scalars(select(LotOutcome)):
        tender = session.scalar(select(Lot.tender_id).where(Lot.id == row.lot_id))
        if not {(row.lot_id, time_text(row.at)), (tender, time_text(row.at))} & moments:
            yield f"lot {row.lot_id}: no act decided {row.outcome} at {time_text(row.at)}"
