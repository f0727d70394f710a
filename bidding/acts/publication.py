"""The end of the window: decrypt all at once, publish the opening record (办法 30, 32).

What was sealed is read and compared outside any transaction, because it may be long; the act
then sees, under the lot's lock, that no share has come since, and writes what was found. A
bid that cannot be opened, or is not what it says, is named with the reason; the others open.
"""

from __future__ import annotations

import json
import logging
from collections import defaultdict
from dataclasses import dataclass, field

from sqlalchemy import insert, or_, select
from sqlalchemy.orm import Session, defer

from audit.act import Act, act, wiring
from audit.actor import CLOCK, Actor
from kernel.canonical import b64, jcs, sha256, time_text, unb64
from kernel.db import db, new_id
from people.model import Party, SigningKey
from tender.acts import decide_outcome, lock_lot
from tender.model import Lot, Requirement

from .. import age, consortium, content, policy, rules, suites
from ..content import BadContent, Ciphertext
from ..manifest import FORM_FILE, BadManifest, Form, read_form
from ..model import (
    FIRST,
    PRICES,
    BidBlock,
    BidPart,
    BidPlace,
    BidVersion,
    ConsortiumMember,
    OpenedBid,
    OpenedPart,
    Opening,
    OpeningShare,
    PlainFile,
    UnopenedBid,
)
from ..reading import PLAIN_SUITE
from ..refusals import FAULTS_AWAITED, NOT_DUE
from .closing import fail_lot
from .faults import Moved, given_for, name_unopened, tenderers_left, undecided
from .promises import log_origin

log = logging.getLogger("yangguang.bidding")


@dataclass
class Finding:
    """What the examination found of one bid."""

    bid_id: str
    version_id: str
    party_id: str
    verdict: str = "opened"
    reason: str = ""
    form: Form | None = None
    parts: list[dict] = field(default_factory=list)


def open_lot(who: Actor, lot_id: str, stage: int = FIRST) -> None:
    """Examine every authorised bid, then publish: the clock's work when a window is over.

    Where bids could not be opened they are named first, and it waits until it was decided whose
    fault that was; where too few are left then after the first stage, the lot has failed.
    """
    for _ in range(3):
        session = db.session()
        session.rollback()
        count = given_for(session, lot_id)
        findings = examine(session, lot_id, stage)
        shut = [one for one in findings if one.verdict == "unopened"]
        lot, named = session.get_one(Lot, lot_id), _opening(session, lot_id, stage).named_at
        left, least = tenderers_left(session, lot), rules.least_tenderers(lot.profile)
        session.rollback()
        if stage == FIRST and left < least and not (shut and named is None):
            fail_lot(CLOCK, lot_id)
            return
        try:
            if shut and named is None:
                name_unopened(CLOCK, lot_id, [(one.bid_id, one.party_id, one.reason)
                                              for one in shut], count, stage)
                return
            (publish_opening if stage == FIRST else publish_prices)(CLOCK, lot_id, findings, count)
            return
        except Moved:
            continue


def _opening(session: Session, lot_id: str, stage: int) -> Opening:
    return session.scalars(select(Opening).where(
        Opening.lot_id == lot_id, Opening.stage == stage)).one()


@dataclass(frozen=True)
class _Part:
    part_id: str
    part: str
    recipient: str
    manifest_hash: str
    ciphertext_hash: str
    sealed: Ciphertext
    shares: dict[str, bytes]
    plain: tuple[Ciphertext, bytes] | None
    """What its tenderer handed in plain, sealed again, and the key of that."""


def examine(session: Session, lot_id: str, stage: int = FIRST) -> list[Finding]:
    """Rebuild keys and read every bid authorised in a stage; changes nothing.

    What the database knows is read first and its transaction ended: the files may be long.
    Of what is read one bid's last blocks are held, not those of every bid of the lot.
    """
    lot, opening = session.get_one(Lot, lot_id), _opening(session, lot_id, stage)
    tree, names = lot.policy, sorted(opening.roots)
    work = _work(session, lot, names)
    session.rollback()
    for finding, binding, parts in work:
        try:
            _examine_bid(tree, finding, binding, parts)
        except (OSError, MemoryError):
            # What the host lacks is no finding about a bid: the clock tries again.
            raise
        except Exception:
            # One bid of a stranger's making must not keep the others from being opened.
            log.exception("bid %s could not be examined", finding.bid_id)
            finding.verdict, finding.reason = "unopened", "examination_failed"
        parts.clear()
    return [finding for finding, _, _ in work]


def _work(session: Session, lot: Lot, names: list[str]) -> list[tuple[Finding, dict, list[_Part]]]:
    """All that the examination needs, in five queries however many bids there are."""
    origin, store = log_origin(session), wiring().store
    shares: dict[tuple[str, str], dict[str, bytes]] = defaultdict(dict)
    for row in session.execute(
            select(OpeningShare.bid_id, OpeningShare.part, OpeningShare.path, OpeningShare.share)
            .where(OpeningShare.lot_id == lot.id, OpeningShare.part.in_(names))):
        shares[row.bid_id, row.part][row.path] = unb64(row.share)
    plain = {(row.bid_id, row.part): (Ciphertext(store.open, row.blocks, row.size),
                                      unb64(row.seed, 32))
             for row in session.scalars(select(PlainFile).where(PlainFile.lot_id == lot.id))}
    authorised = (BidPlace.lot_id == lot.id, BidPlace.purpose.in_(names))
    hashes: dict[str, list[str]] = defaultdict(list)
    for row in session.execute(
            select(BidBlock.part_id, BidBlock.hash).join(BidPart, BidPart.id == BidBlock.part_id)
            .join(BidPlace, (BidPlace.version_id == BidPart.version_id)
                  & (BidPlace.purpose == BidPart.part))
            .where(*authorised).order_by(BidBlock.part_id, BidBlock.number)):
        hashes[row.part_id].append(row.hash)
    work: dict[str, tuple[Finding, dict, list[_Part]]] = {}
    for part, version, uscc in session.execute(
            select(BidPart, BidVersion, Party.uscc)
            .join(BidVersion, BidVersion.id == BidPart.version_id)
            .join(BidPlace, (BidPlace.version_id == BidVersion.id)
                  & (BidPlace.purpose == BidPart.part))
            .join(Party, Party.id == BidVersion.party_id)
            .options(defer(BidVersion.declaration))
            .where(*authorised).order_by(BidVersion.bid_id, BidPart.part)):
        if version.bid_id not in work:
            work[version.bid_id] = (
                Finding(version.bid_id, version.id, version.party_id),
                {"log_origin": origin, "tender": lot.tender_id, "lot": lot.id,
                 "bid": version.bid_id, "version": version.version, "tenderer": uscc}, [])
        place = version.bid_id, part.part
        work[version.bid_id][2].append(_Part(
            part.id, part.part, part.recipient, part.manifest_hash, part.ciphertext_hash,
            Ciphertext(store.open, hashes[part.id], part.size), shares[place], plain.get(place)))
    return list(work.values())


def _examine_bid(tree: object, finding: Finding, binding: dict, parts: list[_Part]) -> None:
    for part in parts:
        seed = policy.combine(tree, part.shares,
                              lambda found, part=part: rules.check_recipient(found, part.recipient))
        sealed, plain = part.sealed, seed is None and part.plain is not None
        if plain:
            sealed, seed = part.plain
        if seed is None:
            dealt_wrong = policy.opens(tree, set(part.shares))
            finding.verdict = "unopened"
            finding.reason = f"{part.part}: {'wrong_shares' if dealt_wrong else 'shares_missing'}"
            return
        suite = suites.get(PLAIN_SUITE) if plain else suites.of_recipient(part.recipient)
        identity = suite.identity(seed)
        try:
            files, opened = content.examine(sealed, identity, {**binding, "part": part.part},
                                            part.manifest_hash)
            if part.part == "form":
                finding.form = _form(files, opened)
        except BadContent as error:
            finding.verdict = "unopened" if error.code == "damaged" else "rejected"
            finding.reason = f"{part.part}: {error.code}"
            return
        finding.parts.append({"part_id": part.part_id, "part": part.part, "seed": b64(seed),
                              "files": files, "ciphertext_hash": part.ciphertext_hash,
                              "recipient": part.recipient, "plain": plain})


def _form(files: list[dict], opened: age.Opened) -> Form:
    if [file["name"] for file in files] != [FORM_FILE]:
        raise BadContent("form", "the form part holds something else than form.json")
    try:
        form = read_form(opened.read(files[0]["offset"], files[0]["size"]))
        if form.consortium is not None:
            consortium.check(form.consortium)
    except (BadManifest, consortium.BadConsortium) as error:
        raise BadContent("form", str(error)) from error
    return form


@act("lot.opened", law="招标投标法 36; 电子招标投标办法 30, 32", by=("clock",))
def publish_opening(ctx: Act, lot_id: str, findings: list[Finding], given: int) -> Opening:
    """Publish the opening record: who bid, at what price, and what could not be opened."""
    lot = lock_lot(ctx, lot_id)
    opening = _decided(ctx, lot_id, FIRST, findings, given)
    decide_outcome(ctx, lot_id, "opened")
    return _publish(ctx, lot, opening, findings)


@act("lot.prices_opened", law="招标投标法 36; 电子招标投标办法 30, 32", by=("clock",))
def publish_prices(ctx: Act, lot_id: str, findings: list[Finding], given: int) -> Opening:
    """Publish the second opening record of a lot of two envelopes: forms and prices."""
    lot = lock_lot(ctx, lot_id)
    opening = _decided(ctx, lot_id, PRICES, findings, given)
    decide_outcome(ctx, lot_id, "prices_opened")
    return _publish(ctx, lot, opening, findings)


def _decided(ctx: Act, lot_id: str, stage: int, findings: list[Finding], given: int) -> Opening:
    """The stage, when it is over and of every bid that stayed shut it was said whose fault that
    was, or that the buyer did not say."""
    opening = _over(ctx, lot_id, stage, given)
    shut = any(one.verdict == "unopened" for one in findings)
    if undecided(ctx.session, lot_id) or shut and opening.named_at is None:
        raise FAULTS_AWAITED()
    return opening


def _over(ctx: Act, lot_id: str, stage: int, given: int) -> Opening:
    """The stage, locked, when its window is over or all is in, and nothing came since."""
    opening = ctx.session.scalars(
        select(Opening).where(Opening.lot_id == lot_id, Opening.stage == stage).with_for_update()
        .execution_options(populate_existing=True)).one()
    if ctx.now < opening.ends_at and opening.complete_at is None:
        raise NOT_DUE()
    if given_for(ctx.session, lot_id) != given:
        raise Moved
    return opening


def _publish(ctx: Act, lot: Lot, opening: Opening, findings: list[Finding]) -> Opening:
    joint = _judge_consortia(ctx, lot, findings)
    record = jcs(_record(ctx, lot, opening, findings))
    opening.opened_at = ctx.now
    opening.record, opening.record_hash = record.decode(), sha256(record).hex()
    bids, parts = [], []
    for finding in findings:
        form = finding.form if finding.verdict == "opened" else None
        bids.append({
            "id": new_id(), "lot_id": lot.id, "bid_id": finding.bid_id, "stage": opening.stage,
            "version_id": finding.version_id, "party_id": finding.party_id,
            "verdict": finding.verdict, "reason": finding.reason,
            "price_fen": form and form.price_fen, "period_days": form and form.period_days,
            "quality": form and form.quality, "leader": form and form.leader})
        parts += [{"id": new_id(), "bid_id": finding.bid_id, "part_id": part["part_id"],
                   "part": part["part"], "seed": part["seed"], "files": part["files"]}
                  for part in finding.parts if finding.verdict == "opened"]
    for table, rows in ((OpenedBid, bids), (OpenedPart, parts), (ConsortiumMember, joint)):
        if rows:
            ctx.session.execute(insert(table), rows)
    ctx.record(lot.id, {"record": opening.record_hash,
                        "opened": sum(one.verdict == "opened" for one in findings),
                        "rejected": sum(one.verdict == "rejected" for one in findings),
                        "unopened": sum(one.verdict == "unopened" for one in findings)},
               lot_id=lot.id, tender_id=lot.tender_id)
    return opening


def _judge_consortia(ctx: Act, lot: Lot, findings: list[Finding]) -> list[dict]:
    """Reject bids that their consortium makes invalid (实施条例 37); the members of the others."""
    opened = [one for one in findings if one.verdict == "opened" and one.form is not None]
    if all(one.form.consortium is None for one in opened):
        return []
    codes = dict(ctx.session.execute(select(Party.id, Party.uscc).where(
        Party.id.in_({one.party_id for one in opened}))).all())
    bids = [consortium.Joined(one.bid_id, codes[one.party_id], one.form.consortium)
            for one in opened]
    units = {member["uscc"] for bid in bids for member in (bid.consortium or {"members": ()})["members"]}
    keys: dict[str, set[str]] = defaultdict(set)
    for uscc, key in ctx.session.execute(
            select(Party.uscc, SigningKey.public_key)
            .join(SigningKey, SigningKey.party_id == Party.id)
            .where(Party.uscc.in_(units), SigningKey.bound_at < lot.deadline,
                   or_(SigningKey.revoked_at.is_(None), SigningKey.revoked_at >= lot.deadline))):
        keys[uscc].add(key)
    asked = ctx.session.get(Requirement, lot.id)
    wrong = consortium.judge(
        bids, allowed=bool(asked and asked.body["consortium"]),
        most=asked.body["members_max"] if asked else 0, log_origin=log_origin(ctx.session),
        tender=lot.tender_id, lot=lot.id, keys=keys)
    for one in opened:
        if one.bid_id in wrong:
            one.verdict, one.reason = "rejected", f"form: {wrong[one.bid_id]}"
    return [{"id": new_id(), "lot_id": lot.id, "bid_id": bid.bid, "uscc": member["uscc"],
             "duty": member["duty"], "lead": member["uscc"] == bid.tenderer}
            for bid in bids if bid.consortium and bid.bid not in wrong
            for member in bid.consortium["members"]]


def _record(ctx: Act, lot: Lot, opening: Opening, findings: list[Finding]) -> dict:
    faults = {row.bid_id: row for row in ctx.session.scalars(
        select(UnopenedBid).where(UnopenedBid.lot_id == lot.id))}
    known = {version.id: (version, party) for version, party in ctx.session.execute(
        select(BidVersion, Party).join(Party, Party.id == BidVersion.party_id)
        .join(BidPlace, BidPlace.version_id == BidVersion.id)
        .options(defer(BidVersion.declaration))
        .where(BidPlace.lot_id == lot.id, BidPlace.purpose == min(opening.roots)))}
    lines = []
    for finding in findings:
        version, party = known[finding.version_id]
        fault = faults.get(finding.bid_id)
        lines.append({
            "bid": finding.bid_id, "tenderer": party.uscc, "name": party.name,
            "declaration": version.declaration_hash, "version": version.version,
            "received_at": time_text(version.submitted_at), "verdict": finding.verdict,
            "reason": finding.reason, "form": _form_line(finding),
            "plain": sorted(part["part"] for part in finding.parts if part["plain"]),
            "fault": fault and _fault_line(fault)})
    return {"v": 1, "type": "opening-record", "log_origin": log_origin(ctx.session),
            "tender": lot.tender_id, "lot": lot.id, "deadline": time_text(lot.deadline),
            "stage": opening.stage, "parts": sorted(opening.roots),
            "authorised_at": time_text(opening.authorised_at), "opened_at": time_text(ctx.now),
            "bids": lines}


def _fault_line(fault: UnopenedBid) -> dict:
    """Whose fault it was and why; `undecided` with since when where the buyer never said."""
    return {"deemed": fault.fault or "undecided", "grounds": fault.grounds,
            "evidence": fault.evidence_hash,
            "decided_at": time_text(fault.decided_at or fault.omitted_at)}


def _form_line(finding: Finding) -> dict | None:
    """The form as the record shows it: its seed opens the ciphertext that was declared. A form
    that was handed in plain has no seed to show; the archive itself lies beside the record."""
    part = next((one for one in finding.parts if one["part"] == "form"), None)
    if finding.verdict != "opened" or part is None:
        return None
    return {**json.loads(finding.form.to_json()), "recipient": part["recipient"],
            "seed": None if part["plain"] else part["seed"],
            "ciphertext_hash": part["ciphertext_hash"]}
