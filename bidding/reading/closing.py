"""What may be asked of a lot's close: its root, whether witnesses saw it in time, what is decided
about it. Everybody may know all of this (sealed-bid A3.6)."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

from sqlalchemy import select
from sqlalchemy.orm import Session

import audit.reading
from kernel.canonical import time_text
from kernel.refusal import Refused
from tender.deadlines import CLOSED, RESTORED, doubt_of, last_proposal
from tender.model import Lot

from .. import rules
from ..model import LotClosing
from ..promise import TICK


def last_closing(session: Session, lot_id: str) -> LotClosing | None:
    """The lot's newest closing, or None; of a restored deadline it is not the one that counts
    until that deadline has passed too."""
    return session.scalars(select(LotClosing).where(LotClosing.lot_id == lot_id)
                           .order_by(LotClosing.round.desc()).limit(1)).one_or_none()


class Witnessing(Enum):
    """Whether others than the operator have seen a close in time (sealed-bid A3.6)."""

    NOT_CONFIGURED = "not_configured"
    PENDING = "pending"
    WITNESSED = "witnessed"
    UNWITNESSED = "unwitnessed"


def witnessing(session: Session, lot: Lot, now: datetime | None = None) -> Witnessing:
    """How the lot's present close stands with the witnesses.

    In time is a quorum's cosignature no later than the deadline + one tick. Before that moment
    a close without one is PENDING.
    """
    closed = last_closing(session, lot.id)
    if closed is None or closed.round != lot.round or not audit.reading.witnesses_required():
        return Witnessing.NOT_CONFIGURED
    limit = lot.deadline + TICK
    seen = _cosigned(session, closed.entry_id)
    if seen is not None and seen.at <= limit:
        return Witnessing.WITNESSED
    if now is not None and now <= limit:
        return Witnessing.PENDING
    return Witnessing.UNWITNESSED


def late_close(session: Session, lot: Lot) -> LotClosing | None:
    """The lot's present close where it came later than one tick after the deadline: the platform
    was away just then, and those who were kept out could tell nobody."""
    closed = last_closing(session, lot.id)
    if closed is None or closed.round != lot.round or closed.closed_at <= lot.deadline + TICK:
        return None
    return closed


def restorable(session: Session, lot: Lot, now: datetime) -> bool:
    """Whether two people may yet restore the deadline, so that too few bids fail nothing (Q46).

    So while a proposal of a later deadline waits for its decision, and for a time after a close
    that came late, unless they have said that it stands.
    """
    closed, said = late_close(session, lot), last_proposal(session, lot.id)
    end = (closed.closed_at if closed else lot.deadline) + rules.restore_within(lot.profile)
    if said is not None and said.round == lot.round:
        if said.decision == CLOSED and said.approved_at is not None:
            return False
        if said.decision == RESTORED and said.approved_at is None:
            return now < max(end, said.proposed_at + rules.restore_within(lot.profile))
    return closed is not None and now < end


def close_stands(session: Session, lot: Lot, now: datetime) -> bool:
    """Whether anything may follow the close: a quorum saw it in time, or none is asked for, or
    two people have said that it stands."""
    if witnessing(session, lot, now) not in (Witnessing.PENDING, Witnessing.UNWITNESSED):
        return True
    said = last_proposal(session, lot.id)
    return (said is not None and said.decision == CLOSED and said.round == lot.round
            and said.approved_at is not None)


def _cosigned(session: Session, entry_id: str):
    try:
        position = audit.reading.disclosure(session, entry_id).position
    except Refused:  # the sequencer has not placed it yet
        return None
    return audit.reading.cosigned(session, position)


def closing_view(session: Session, lot: Lot, now: datetime) -> dict:
    """What everybody may know of a lot's close: its root, its witnesses, doubts and decisions."""
    closed = last_closing(session, lot.id)
    doubt, said = doubt_of(session, lot.id), last_proposal(session, lot.id)
    present = closed is not None and closed.round == lot.round
    return {"lot_id": lot.id, "deadline": lot.deadline, "round": lot.round,
            "closed_at": closed.closed_at if present else None,
            "root": closed.root if present else None,
            "witnesses": witnessing(session, lot, now).value,
            "doubt": doubt and {"since": time_text(doubt.doubted_at), "sources": doubt.evidence},
            "decision": said and {
                "proposal": said.number, "decision": said.decision, "round": said.round,
                "deadline": said.deadline and time_text(said.deadline),
                "approved_at": said.approved_at and time_text(said.approved_at)}}
