"""What waits for time in book 2: closes, failures, returns, deemed withdrawals, the opening."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from audit.act import Due, wiring
from people.model import Undigested
from tender.deadlines import doubt_time, lots_in_doubt
from tender.model import Lot, LotOutcome
from tender.reading import closed_lots, lots_past_deadline, sealed_lots

from . import acts, rules
from .model import BidVersion, Opening, SecurityDigest, StandingBid, UnopenedBid
from .reading import restorable

log = logging.getLogger("yangguang.bidding")


def due(session: Session, now: datetime) -> Iterator[Due]:
    """Everything of this book that may be done at `now`."""
    yield from _doubts(session)
    for lot in lots_past_deadline(session, now):
        yield Due(lot.deadline, acts.close_due_lot, (lot.id,))
    yield from _digest(session, now)
    yield from _failures(session, now)
    yield from _endings(session)
    yield from _omissions(session, now)
    waiting = select(Opening).where(
        Opening.opened_at.is_(None), (Opening.ends_at <= now) | Opening.complete_at.is_not(None),
        Opening.lot_id.not_in(_closed("failed")),
        Opening.lot_id.not_in(select(UnopenedBid.lot_id).where(
            UnopenedBid.fault.is_(None), UnopenedBid.omitted_at.is_(None))))
    for opening in session.scalars(waiting):
        yield Due(opening.complete_at or opening.ends_at, acts.open_lot,
                  (opening.lot_id, opening.stage))


def _doubts(session: Session) -> Iterator[Due]:
    """Open lots near whose deadline the sources of time disagree (Q47); before any close."""
    doubt = wiring().watch.doubt(session.connection(), all_sources=True)
    if doubt is None:
        return
    log.warning("the sources of time disagree: %s", doubt.to_json())
    for lot_id in lots_in_doubt(session, doubt, acts.doubt_margin()):
        yield Due(datetime.min.replace(tzinfo=UTC), doubt_time, (lot_id, doubt))


def _digest(session: Session, now: datetime) -> Iterator[Due]:
    """One digest of the security log a minute while a lot is open, else when something waits."""
    beat = now.replace(second=0, microsecond=0)
    last = session.execute(select(func.max(SecurityDigest.beat))).scalar()
    if last is not None and last >= beat:
        return
    lot_open = any(deadline and now < deadline for _, deadline in sealed_lots(session, now))
    if lot_open or session.execute(select(Undigested.of_id).limit(1)).first():
        yield Due(beat, acts.digest_log, (beat,))


def _closed(outcome: str = "closed"):
    if outcome == "closed":
        return closed_lots()
    return select(LotOutcome.lot_id).where(LotOutcome.outcome == outcome)


def _failures(session: Session, now: datetime) -> Iterator[Due]:
    """Closed lots, nothing decided since, with too few standing bids."""
    decided = select(LotOutcome.lot_id).where(
        LotOutcome.outcome.in_(("failed", "authorised", "terminated", "archived")))
    counts = (select(StandingBid.lot_id, func.count().label("bids"))
              .group_by(StandingBid.lot_id).subquery())
    rows = session.execute(
        select(Lot, LotOutcome.at, func.coalesce(counts.c.bids, 0).label("bids"))
        .select_from(LotOutcome).join(Lot, Lot.id == LotOutcome.lot_id)
        .outerjoin(counts, counts.c.lot_id == LotOutcome.lot_id)
        .where(LotOutcome.outcome == "closed", LotOutcome.round == Lot.round,
               LotOutcome.lot_id.not_in(decided)))
    for row in rows.all():
        if row.bids < rules.least_tenderers(row.Lot.profile) \
                and not restorable(session, row.Lot, now):
            yield Due(row.at, acts.fail_lot, (row.Lot.id,))


def _omissions(session: Session, now: datetime) -> Iterator[Due]:
    """Lots in whose opening the buyer's time to decide about a fault is over."""
    rows = session.execute(
        select(UnopenedBid.lot_id, func.max(UnopenedBid.heard_until).label("heard"), Lot.profile)
        .join(Lot, Lot.id == UnopenedBid.lot_id)
        .where(UnopenedBid.fault.is_(None), UnopenedBid.omitted_at.is_(None),
               UnopenedBid.heard_until <= now)
        .group_by(UnopenedBid.lot_id, Lot.id))
    for row in rows.all():
        until = row.heard + rules.decision(row.profile)
        if until <= now:
            yield Due(until, acts.name_omission, (row.lot_id,))


def _endings(session: Session) -> Iterator[Due]:
    unfinished = select(BidVersion).where(
        BidVersion.submitted_at.is_(None), BidVersion.abandoned_at.is_(None),
        BidVersion.withdrawn_at.is_(None), BidVersion.deemed_withdrawn_at.is_(None),
        BidVersion.lot_id.in_(_closed()))
    for version in session.scalars(unfinished):
        yield Due(version.declared_at, acts.deem_withdrawn, (version.id,))
    returnable = (select(BidVersion).join(StandingBid, StandingBid.version_id == BidVersion.id)
                  .where(BidVersion.returned_at.is_(None),
                         BidVersion.lot_id.in_(_closed("failed").union(_closed("terminated"))),
                         BidVersion.lot_id.not_in(_closed("opened"))))
    for version in session.scalars(returnable):
        yield Due(version.submitted_at, acts.return_bid, (version.id,))
