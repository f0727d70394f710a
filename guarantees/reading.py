"""What others may ask of securities. Before the opening nothing here is shown to anyone but
the tenderer itself and the guarantor that issued it; the permission table holds that line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased, object_session

from audit.model import Checkpoint, Disclosure, PendingEntry
from kernel.canonical import parse
from people.model import Party
from tender.timetable import BEIJING, beijing_day

from .lifecycle import CAUSE_LAW, MEANING, Cause, State, state
from .model import (
    Forfeiture,
    Guarantee,
    Prolongation,
    Release,
    ReleaseConfirmation,
    ReleaseDelivery,
    ReleaseOrder,
)
from .reconciliation import Line

RECONCILED = "guarantee.reconciled"
"""The act by which a day's comparison with a guarantor is recorded."""

untold_since: list[Callable[[Session, str], datetime | None]] = []
"""Filled by the books above: each says since when it may not be told in a lot (by its id) that a
security was prolonged, or None."""


@dataclass(frozen=True)
class Held:
    """One security with whatever has become of it."""

    guarantee: Guarantee
    party: Party
    guarantor: Party
    release: Release | None
    order: ReleaseOrder | None
    confirmation: ReleaseConfirmation | None
    forfeiture: Forfeiture | None = None
    told: Mapping[str, date] | None = None
    """Of a list that is read at once: until when prolonged ones last, as far as it may be told."""

    @property
    def state(self) -> State:
        """The state that its rows add up to."""
        return state(scheduled=self.release is not None, ordered=self.order is not None,
                     confirmed=self.confirmation is not None,
                     forfeited=self.forfeiture is not None)

    @property
    def moves_next(self) -> str:
        """Who moves next."""
        return MEANING[self.state].next

    @property
    def releasing(self) -> Held | None:
        """Itself where a release is fixed, else None."""
        return self if self.release is not None else None

    @property
    def release_law(self) -> str:
        """The article that the release follows."""
        return CAUSE_LAW[Cause(self.release.cause)]

    @property
    def interest_fen(self) -> int | None:
        """Interest that was ordered, in fen; None before the order."""
        return self.order and self.order.interest_fen

    @property
    def ordered_at(self) -> datetime | None:
        """When the order was made."""
        return self.order and self.order.ordered_at

    @property
    def executed_at(self) -> datetime | None:
        """When the guarantor says it carried the order out."""
        return self.confirmation and self.confirmation.executed_at

    @property
    def confirmed_at(self) -> datetime | None:
        """When the guarantor's statement was taken."""
        return self.confirmation and self.confirmation.confirmed_at

    @property
    def reference(self) -> str | None:
        """The guarantor's own number for what it did."""
        return self.confirmation and self.confirmation.reference

    @property
    def valid_until(self) -> date | None:
        """Its last day, prolonged or not; None for cash."""
        return valid_until(object_session(self.guarantee), self.guarantee)

    @property
    def told_until(self) -> date | None:
        """The same for others than its parties, who may not know yet that it was prolonged."""
        if self.told is not None:
            return self.told.get(self.id) or self.guarantee.valid_until
        session = object_session(self.guarantee)
        return valid_until(session, self.guarantee, _untold(session, self.guarantee.lot_id))

    @property
    def party_id(self) -> str:
        """The tenderer that it secures."""
        return self.guarantee.party_id

    @property
    def id(self) -> str:
        """The security's id."""
        return self.guarantee.id

    @property
    def lot_id(self) -> str:
        """The lot that it secures."""
        return self.guarantee.lot_id


def _untold(session: Session, lot_id: str) -> datetime | None:
    """Since when it may not be told that securities of a lot were prolonged; None: it may."""
    return min((at for asked in untold_since if (at := asked(session, lot_id)) is not None),
               default=None)


def valid_until(session: Session, guarantee: Guarantee,
                before: datetime | None = None) -> date | None:
    """The last day of a security, prolonged or not (`before`: by what was taken until then); None
    for cash."""
    later = select(func.max(Prolongation.valid_until)).where(
        Prolongation.guarantee_id == guarantee.id)
    if before is not None:
        later = later.where(Prolongation.taken_at < before)
    return session.scalar(later) or guarantee.valid_until


def held(session: Session, guarantee_id: str) -> Held | None:
    """One security, or None."""
    return next(iter(_held(session, _all().where(Guarantee.id == guarantee_id))), None)


def own(session: Session, lot_id: str, party_id: str) -> list[Held]:
    """What a party lodged, or as guarantor issued, in a lot; by time."""
    return _held(session, _all().where(
        Guarantee.lot_id == lot_id,
        (Guarantee.party_id == party_id) | (Guarantee.guarantor_id == party_id)))


def revealed(session: Session, lot_id: str) -> list[Held]:
    """Every security that was not taken back before the deadline. Only after the opening."""
    back = select(Release.guarantee_id).where(Release.cause == Cause.WITHDRAWN.value)
    later = (select(Guarantee.id, func.max(Prolongation.valid_until))
             .join(Prolongation, Prolongation.guarantee_id == Guarantee.id)
             .where(Guarantee.lot_id == lot_id).group_by(Guarantee.id))
    if (untold := _untold(session, lot_id)) is not None:
        later = later.where(Prolongation.taken_at < untold)
    told = dict(session.execute(later).all())
    return [replace(one, told=told) for one in _held(
        session, _all().where(Guarantee.lot_id == lot_id, Guarantee.id.not_in(back)))]


def unordered(session: Session) -> list[Release]:
    """Releases that wait for their day, the earliest first."""
    return list(session.scalars(
        select(Release).outerjoin(ReleaseOrder, ReleaseOrder.release_id == Release.id)
        .where(ReleaseOrder.release_id.is_(None)).order_by(Release.order_from)))


def waiting(session: Session, now: datetime) -> list[tuple[str, str]]:
    """(release, guarantor) of the orders to send again or for the first time, oldest first."""
    rows = session.execute(
        select(ReleaseDelivery.release_id, Guarantee.guarantor_id)
        .join(Release, Release.id == ReleaseDelivery.release_id)
        .join(Guarantee, Guarantee.id == Release.guarantee_id)
        .outerjoin(ReleaseConfirmation,
                   ReleaseConfirmation.release_id == ReleaseDelivery.release_id)
        .where(ReleaseConfirmation.release_id.is_(None), ReleaseDelivery.next_try_at <= now)
        .order_by(ReleaseDelivery.next_try_at))
    return [(row.release_id, row.guarantor_id) for row in rows]


def overdue(session: Session, now: datetime) -> list[Held]:
    """Securities whose last day has passed without a confirmation (I16: should be none)."""
    return [one for one in _held(session, _all().where(
        Release.due_day < beijing_day(now), ReleaseConfirmation.release_id.is_(None)))]


def lines(session: Session, guarantor_id: str) -> list[Line]:
    """Our list for one guarantor, to be compared with its ledger (reconciliation.compare)."""
    return [Line(one.guarantee.instrument_no, one.guarantee.amount_fen,
                 one.order and one.release.principal_fen + one.order.interest_fen,
                 one.order and one.release.payee_digest, one.confirmation is not None)
            for one in _held(session, _all().where(Guarantee.guarantor_id == guarantor_id))]


def reconciled(session: Session, day: date) -> set[str]:
    """The guarantors whose comparison on `day` (in Beijing) is in the record."""
    start = datetime.combine(day, time(), BEIJING)
    # From the last checkpoint before on: a day of leaves, not the whole tree.
    first = session.scalar(select(func.max(Checkpoint.size)).where(Checkpoint.signed_at < start))
    texts = [*session.scalars(select(Disclosure.record).where(
        Disclosure.position >= (first or 0), Disclosure.type == RECONCILED)),
        *session.scalars(select(PendingEntry.record).where(PendingEntry.type == RECONCILED))]
    return {one["subject"] for one in map(parse, texts) if one["facts"]["day"] == day.isoformat()}


def _all() -> Select:
    issuer = aliased(Party)
    return (select(Guarantee, Party, issuer, Release, ReleaseOrder, ReleaseConfirmation, Forfeiture)
            .join(Party, Party.id == Guarantee.party_id)
            .join(issuer, issuer.id == Guarantee.guarantor_id)
            .outerjoin(Release, Release.guarantee_id == Guarantee.id)
            .outerjoin(ReleaseOrder, ReleaseOrder.release_id == Release.id)
            .outerjoin(ReleaseConfirmation, ReleaseConfirmation.release_id == Release.id)
            .outerjoin(Forfeiture, Forfeiture.guarantee_id == Guarantee.id)
            .order_by(Guarantee.lodged_at, Guarantee.id))


def _held(session: Session, query: Select) -> list[Held]:
    return [Held(*row) for row in session.execute(query)]
