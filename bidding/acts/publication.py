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

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from audit.act import Act, act
from audit.actor import CLOCK, Actor
from kernel.canonical import b64, jcs, sha256, time_text, unb64
from kernel.db import db, new_id
from people.model import Party
from tender.acts import decide_outcome, lock_lot
from tender.model import Lot

from .. import age, content, policy, rules, suites
from ..content import BadContent, Ciphertext
from ..manifest import FORM_FILE, BadManifest, Form, read_form
from ..model import (
    BidPart,
    BidPlace,
    BidVersion,
    OpenedBid,
    OpenedPart,
    Opening,
    OpeningShare,
)
from ..reading import ciphertext_of
from ..refusals import NOT_DUE
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


class _Moved(Exception):
    """A share came while the bids were being read."""


def open_lot(who: Actor, lot_id: str) -> None:
    """Examine every authorised bid, then publish: the clock's work when the window is over."""
    for _ in range(3):
        session = db.session()
        session.rollback()
        count = _shares(session, lot_id)
        findings = examine(session, lot_id)
        session.rollback()
        try:
            publish_opening(CLOCK, lot_id, findings, count)
            return
        except _Moved:
            continue


def _shares(session: Session, lot_id: str) -> int:
    return session.execute(select(func.count()).select_from(OpeningShare).where(
        OpeningShare.lot_id == lot_id)).scalar_one()


@dataclass(frozen=True)
class _Part:
    part_id: str
    part: str
    recipient: str
    manifest_hash: str
    ciphertext_hash: str
    sealed: Ciphertext
    shares: dict[str, bytes]


def examine(session: Session, lot_id: str) -> list[Finding]:
    """Rebuild keys and read every authorised bid of a lot; changes nothing.

    What the database knows is read first and its transaction ended: the files may be long.
    """
    lot = session.get_one(Lot, lot_id)
    tree, origin, tender_id = lot.policy, log_origin(session), lot.tender_id
    shares: dict[tuple[str, str], dict[str, bytes]] = defaultdict(dict)
    for row in session.scalars(select(OpeningShare).where(OpeningShare.lot_id == lot_id)):
        shares[row.bid_id, row.part][row.path] = unb64(row.share)
    work = []
    for version in session.scalars(
            select(BidVersion).join(BidPlace, BidPlace.version_id == BidVersion.id)
            .where(BidPlace.lot_id == lot_id, BidPlace.purpose == "form")
            .order_by(BidVersion.bid_id)).all():
        binding = {"log_origin": origin, "tender": tender_id, "lot": lot_id,
                   "bid": version.bid_id, "version": version.version,
                   "tenderer": session.get_one(Party, version.party_id).uscc}
        parts = [_Part(part.id, part.part, part.recipient, part.manifest_hash,
                       part.ciphertext_hash, ciphertext_of(session, part),
                       shares[version.bid_id, part.part])
                 for part in session.scalars(select(BidPart).where(
                     BidPart.version_id == version.id).order_by(BidPart.part))]
        work.append((Finding(version.bid_id, version.id, version.party_id), binding, parts))
    session.rollback()
    for finding, binding, parts in work:
        try:
            _examine_bid(tree, finding, binding, parts)
        except Exception:
            # One bid of a stranger's making must not keep the others from being opened.
            log.exception("bid %s could not be examined", finding.bid_id)
            finding.verdict, finding.reason = "unopened", "examination_failed"
    return [finding for finding, _, _ in work]


def _examine_bid(tree: object, finding: Finding, binding: dict, parts: list[_Part]) -> None:
    for part in parts:
        seed = policy.combine(tree, part.shares,
                              lambda found, part=part: rules.check_recipient(found, part.recipient))
        if seed is None:
            dealt_wrong = policy.opens(tree, set(part.shares))
            finding.verdict = "unopened"
            finding.reason = f"{part.part}: {'wrong_shares' if dealt_wrong else 'shares_missing'}"
            return
        try:
            files, opened = content.examine(part.sealed, suites.of_recipient(part.recipient).identity(seed), {**binding, "part": part.part},
                                            part.manifest_hash)
            if part.part == "form":
                finding.form = _form(files, opened)
        except BadContent as error:
            finding.verdict = "unopened" if error.code == "damaged" else "rejected"
            finding.reason = f"{part.part}: {error.code}"
            return
        finding.parts.append({"part_id": part.part_id, "part": part.part, "seed": b64(seed),
                              "files": files, "ciphertext_hash": part.ciphertext_hash,
                              "recipient": part.recipient})


def _form(files: list[dict], opened: age.Opened) -> Form:
    if [file["name"] for file in files] != [FORM_FILE]:
        raise BadContent("form", "the form part holds something else than form.json")
    try:
        return read_form(opened.read(files[0]["offset"], files[0]["size"]))
    except BadManifest as error:
        raise BadContent("form", str(error)) from error


@act("lot.opened", law="招标投标法 36; 电子招标投标办法 30, 32", by=("clock",))
def publish_opening(ctx: Act, lot_id: str, findings: list[Finding], shares: int) -> Opening:
    """Publish the opening record: who bid, at what price, and what could not be opened."""
    lot = lock_lot(ctx, lot_id)
    opening = ctx.session.scalars(
        select(Opening).where(Opening.lot_id == lot_id).with_for_update()
        .execution_options(populate_existing=True)).one()
    if ctx.now < opening.ends_at and opening.complete_at is None:
        raise NOT_DUE()
    if _shares(ctx.session, lot_id) != shares:
        raise _Moved
    decide_outcome(ctx, lot_id, "opened")
    record = _record(ctx, lot, opening, findings)
    opening.opened_at = ctx.now
    opening.record, opening.record_hash = jcs(record).decode(), sha256(jcs(record)).hex()
    for finding in findings:
        form = finding.form if finding.verdict == "opened" else None
        ctx.session.add(OpenedBid(
            lot_id=lot_id, bid_id=finding.bid_id, version_id=finding.version_id,
            party_id=finding.party_id, verdict=finding.verdict, reason=finding.reason,
            price_fen=form and form.price_fen, period_days=form and form.period_days,
            quality=form and form.quality, leader=form and form.leader))
        if finding.verdict == "opened":
            ctx.session.execute(insert(OpenedPart), [
                {"id": new_id(), "bid_id": finding.bid_id, "part_id": part["part_id"],
                 "part": part["part"], "seed": part["seed"], "files": part["files"]}
                for part in finding.parts])
    ctx.record(lot_id, {"record": opening.record_hash,
                        "opened": sum(one.verdict == "opened" for one in findings),
                        "rejected": sum(one.verdict == "rejected" for one in findings),
                        "unopened": sum(one.verdict == "unopened" for one in findings)},
               lot_id=lot_id, tender_id=lot.tender_id)
    return opening


def _record(ctx: Act, lot: Lot, opening: Opening, findings: list[Finding]) -> dict:
    lines = []
    for finding in findings:
        party = ctx.session.get_one(Party, finding.party_id)
        version = ctx.session.get_one(BidVersion, finding.version_id)
        line = {"bid": finding.bid_id, "tenderer": party.uscc, "name": party.name,
                "declaration": version.declaration_hash, "version": version.version,
                "received_at": time_text(version.submitted_at), "verdict": finding.verdict,
                "reason": finding.reason, "form": None}
        if finding.verdict == "opened":
            part = next(one for one in finding.parts if one["part"] == "form")
            line["form"] = {**json.loads(finding.form.to_json()), "seed": part["seed"],
                            "recipient": part["recipient"],
                            "ciphertext_hash": part["ciphertext_hash"]}
        lines.append(line)
    return {"v": 1, "type": "opening-record", "log_origin": log_origin(ctx.session),
            "tender": lot.tender_id, "lot": lot.id, "deadline": time_text(lot.deadline),
            "authorised_at": time_text(opening.authorised_at), "opened_at": time_text(ctx.now),
            "bids": lines}
