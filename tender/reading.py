"""What others may ask of the invitation; nothing here changes anything."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, Row, Select, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

import audit.reading
from audit.held import once
from audit.model import Disclosure
from audit.spelled import spelled
from kernel.canonical import b64
from kernel.refusal import NOT_FOUND, Refused
from people.model import Party

from .lifecycle import Facts, Phase, phase, rank_of_tender
from .model import (
    AgencyAuthority,
    Document,
    Item,
    Lot,
    LotDoubt,
    LotHold,
    LotOutcome,
    LotSuccession,
    LotSuspension,
    LotTermination,
    Notice,
    PublishedNotice,
    RuleProfile,
    Tender,
)
from .profile import COVERED, Profile, choose, has, number
from .refusals import NO_PROFILE
from .registration import in_force


def lot(session: Session, lot_id: str) -> Lot:
    """The lot, or NOT_FOUND."""
    found = session.get(Lot, lot_id)
    if found is None:
        raise NOT_FOUND()
    return found


def tender(session: Session, tender_id: str) -> Tender:
    """The tender, or NOT_FOUND."""
    found = session.get(Tender, tender_id)
    if found is None:
        raise NOT_FOUND()
    return found


def lots_of(session: Session, tender_id: str) -> list[Lot]:
    """The lots of a tender by number."""
    return once(session, ("lots", tender_id), ("lot",), lambda: list(session.scalars(
        select(Lot).where(Lot.tender_id == tender_id).order_by(Lot.number))), living=True)


def told_tender(session: Session, tender_id: str) -> tuple[Tender, Party] | None:
    """A tender with its buyer, or None."""
    return once(session, ("tender", tender_id), ("tender", "party"), lambda: session.execute(
        select(Tender, Party).join(Party, Party.id == Tender.buyer_id)
        .where(Tender.id == tender_id)).one_or_none(), living=True)


def lot_facts(session: Session, lot_id: str) -> Facts:
    """The facts from which the lot's phase follows; NOT_FOUND when there is no such lot."""
    return facts_of(session, [lot_id])[lot_id]


def facts_of(session: Session, lot_ids: list[str]) -> dict[str, Facts]:
    """The facts of several lots in one query. Of the closings the last round's counts,
    of what was decided again the last time."""
    session.flush()
    found = _facts(session.connection().execute(_FACTS, {"lots": lot_ids}))
    if len(found) != len(set(lot_ids)):
        raise NOT_FOUND()
    return found


def facts_of_tender(session: Session, tender_id: str) -> dict[str, Facts]:
    """The facts of all lots of a tender; NOT_FOUND if there are none."""
    session.flush()
    found = once(session, ("facts", tender_id), FACTS,
                 lambda: _facts(session.connection().execute(
                     _FACTS_OF_TENDER, {"tender": tender_id})))
    if not found:
        raise NOT_FOUND()
    return found


FACTS = ("lot", "lot_outcome", "lot_suspension", "lot_doubt", "lot_hold")
"""The tables of which a lot's facts are."""


def _facts(rows: Iterable[Row]) -> dict[str, Facts]:
    found: dict[str, Facts] = {}
    for row in rows:
        facts = found.get(row.id)
        if facts is None:
            facts = found[row.id] = Facts(row.deadline, row.publicity_ends, {}, row.suspended,
                                          row.doubted, row.held)
        if row.outcome is not None and (row.outcome != "closed" or row.its == row.round) \
                and row.at >= facts.outcomes.get(row.outcome, row.at):
            facts.outcomes[row.outcome] = row.at
    return found


# Made once, of columns alone: every judgement of authority asks it.
_lot, _outcome = Lot.__table__.c, LotOutcome.__table__.c
_suspension, _doubt = LotSuspension.__table__.c, LotDoubt.__table__.c
_hold = LotHold.__table__.c
_STATED = (
    select(_lot.id, _lot.deadline, _lot.publicity_ends, _lot.round, _outcome.outcome, _outcome.at,
           _outcome.round.label("its"),
           exists().where(_suspension.lot_id == _lot.id, _suspension.resumed_at.is_(None))
           .label("suspended"),
           exists().where(_doubt.lot_id == _lot.id, _doubt.settled_at.is_(None)).label("doubted"),
           exists().where(_hold.lot_id == _lot.id, _hold.released_at.is_(None)).label("held"))
    .outerjoin_from(Lot.__table__, LotOutcome.__table__, _outcome.lot_id == _lot.id))
_FACTS = _STATED.where(_lot.id.in_(bindparam("lots", expanding=True)))
_FACTS_OF_TENDER = _STATED.where(_lot.tender_id == bindparam("tender"))


def closed_lots() -> Select:
    """The ids of lots whose present deadline was closed, as a subquery."""
    return (select(LotOutcome.lot_id).join(Lot, Lot.id == LotOutcome.lot_id)
            .where(LotOutcome.outcome == "closed", LotOutcome.round == Lot.round))


def _doubted() -> Select:
    return select(LotDoubt.lot_id).where(LotDoubt.settled_at.is_(None))


def _suspended() -> Select:
    return select(LotSuspension.lot_id).where(LotSuspension.resumed_at.is_(None))


def suspension_of(session: Session, lot_id: str) -> LotSuspension | None:
    """The lot's suspension that is not lifted, or None."""
    return session.scalars(select(LotSuspension).where(
        LotSuspension.lot_id == lot_id, LotSuspension.resumed_at.is_(None))).one_or_none()


def until_of(session: Session, lot_id: str, facts: Facts) -> datetime | None:
    """When the lot's present suspension ends at the latest; None where none stands or none does."""
    row = suspension_of(session, lot_id) if facts.suspended else None
    return row and row.until


def suspensions_of(session: Session, lot_id: str) -> list[LotSuspension]:
    """All suspensions of the lot, in order."""
    return list(session.scalars(select(LotSuspension).where(LotSuspension.lot_id == lot_id)
                                .order_by(LotSuspension.suspended_at, LotSuspension.id)))


def succession_of(session: Session, lot_id: str) -> LotSuccession | None:
    """Which lot this one takes the place of, or None where it is put out for the first time."""
    return session.get(LotSuccession, lot_id)


def successor_of(session: Session, lot_id: str) -> LotSuccession | None:
    """The lot that takes this one's place, or None."""
    return session.scalars(select(LotSuccession).where(
        LotSuccession.predecessor_id == lot_id)).one_or_none()


def course_view(session: Session, lot: Lot) -> dict[str, object]:
    """What halted or ended a lot, which round it is, and its neighbours that are public;
    `failures` counts those of the rounds before and its own."""
    before, after = succession_of(session, lot.id), successor_of(session, lot.id)
    seen = after is not None and lot_facts(session, after.lot_id).published is not None
    failures = (before.failures if before else 0) + (
        "failed" in lot_facts(session, lot.id).outcomes)
    rule = "R44.stop_after_failures"
    known = lot.profile is not None and has(lot.profile, rule)
    halts = [one for one in suspensions_of(session, lot.id) if one.document_no is not None]
    return {"lot_id": lot.id, "suspensions": halts,
            "termination": session.get(LotTermination, lot.id),
            "attempt": before.attempt if before else 1, "failures": failures,
            "predecessor_id": before and before.predecessor_id,
            "successor_id": after.lot_id if seen else None,
            "may_stop": failures >= number(lot.profile, rule) if known else None}


def phase_of(session: Session, lot_id: str, now: datetime) -> Phase:
    """The phase of the lot at `now`."""
    return phase(lot_facts(session, lot_id), now)


def phase_of_tender(session: Session, tender_id: str, now: datetime) -> Phase:
    """The phase of the tender: that of the lot that has come least far; NOT_FOUND if none."""
    return rank_of_tender([phase(one, now) for one in
                           facts_of_tender(session, tender_id).values()])


def lots_past_deadline(session: Session, now: datetime) -> list[Lot]:
    """Published lots whose deadline has passed and whose closing is not yet an outcome."""
    return list(session.scalars(_open_lots().where(Lot.deadline <= now)))


def open_lots(session: Session) -> list[Lot]:
    """Published lots that are not closed, ended, suspended, or already in doubt, by deadline."""
    return list(session.scalars(_open_lots()))


def _open_lots() -> Select:
    published = select(LotOutcome.lot_id).where(LotOutcome.outcome == "published")
    ended = select(LotOutcome.lot_id).where(LotOutcome.outcome.in_(
        ("failed", "terminated", "archived")))
    return (select(Lot).where(Lot.id.in_(published), Lot.id.not_in(closed_lots()),
                              Lot.id.not_in(ended), Lot.id.not_in(_doubted()),
                              Lot.id.not_in(_suspended()))
            .order_by(Lot.deadline, Lot.id))


def sealed_lots(session: Session | Connection, now: datetime) -> list[tuple[str, datetime | None]]:
    """The lots of which nothing may tell a bid, each with its deadline.

    A lot is sealed from its publication to its opening. One that failed or was ended unopened
    stays in the list for its profile's `cover.days`, with None for its deadline.
    """
    published, opened, ended = (aliased(LotOutcome) for _ in range(3))
    rows = session.execute(
        select(Lot.id, Lot.deadline, ended.at, Lot.profile)
        .join(published, (published.lot_id == Lot.id) & (published.outcome == "published"))
        .outerjoin(opened, (opened.lot_id == Lot.id) & (opened.outcome == "opened"))
        .outerjoin(ended, (ended.lot_id == Lot.id) & ended.outcome.in_(("failed", "terminated")))
        .where(opened.id.is_(None), or_(ended.at.is_(None), ended.at > now - _LONGEST))).all()
    return [(row.id, None if row.at else row.deadline) for row in rows if not row.at
            or now < row.at + timedelta(days=number(row.profile, "cover.days"))]


_LONGEST = timedelta(days=COVERED)
"""No profile covers an ended lot longer; older ones are not looked at."""


_DOCUMENTS = (select(Document).where(Document.tender_id == bindparam("tender"))
              .order_by(Document.position))


def documents_of(session: Session, tender_id: str) -> list[Document]:
    """The bidding documents in order."""
    return once(session, ("documents", tender_id), ("document",), lambda: list(session.scalars(
        _DOCUMENTS, {"tender": tender_id})), living=True)


def items_of(session: Session, lot_id: str) -> list[Row]:
    """The lot's bill of quantities in order: its columns, since a bill may have thousands."""
    session.flush()
    return list(session.connection().execute(_ITEMS, {"lot": lot_id}))


_ITEMS = (select(Item.__table__).where(Item.__table__.c.lot_id == bindparam("lot"))
          .order_by(Item.__table__.c.position))
_BILLS = (select(Item.__table__)
          .where(Item.__table__.c.lot_id.in_(bindparam("lots", expanding=True)))
          .order_by(Item.__table__.c.lot_id, Item.__table__.c.position))


def bills_of(session: Session, lots: Iterable[Lot]) -> dict[str, list[Row]]:
    """The bills of several lots, as `items_of` gives each; by the lots' ids, every one of them."""
    ids = sorted(lot.id for lot in lots)
    return once(session, ("bills", *ids), ("item",), lambda: _bills(session, ids))


def _bills(session: Session, ids: list[str]) -> dict[str, list[Row]]:
    session.flush()
    found: dict[str, list[Row]] = {one: [] for one in ids}
    for row in session.connection().execute(_BILLS, {"lots": ids}):
        found[row.lot_id].append(row)
    return found


def item_counts(session: Session, lots: Iterable[Lot]) -> dict[str, int]:
    """How many lines the bill of each lot has; by the lots' ids, where there are any."""
    return dict(session.execute(
        select(Item.lot_id, func.count()).where(Item.lot_id.in_([lot.id for lot in lots]))
        .group_by(Item.lot_id)).all())


_LIVE = select(Notice).where(Notice.tender_id == bindparam("tender"), Notice.voided_at.is_(None))


def live_notice(session: Session, tender_id: str) -> Notice | None:
    """The submission that stands: awaiting approval, or published."""
    found = once(session, ("notice", tender_id), ("notice",), lambda: session.scalars(
        _LIVE, {"tender": tender_id}).first(), living=True)
    return found if found is None or found.voided_at is None else None


def published_notice(session: Session, notice_id: str) -> PublishedNotice:
    """The published notice, or NOT_FOUND."""
    found = session.get(PublishedNotice, notice_id)
    if found is None:
        raise NOT_FOUND()
    return found


def published_notices(session: Session, tender_id: str) -> list[PublishedNotice]:
    """Every version of every notice of a tender, in their order; NOT_FOUND where there is none."""
    found = list(session.scalars(
        select(PublishedNotice).where(PublishedNotice.tender_id == tender_id)
        .order_by(PublishedNotice.published_at, PublishedNotice.id)))
    if not found:
        raise NOT_FOUND()
    return found


def deadlines_of(session: Session, lot_ids: Iterable[str]) -> dict[str, datetime | None]:
    """The enforced deadline of each lot, by its id: for whoever keeps copies of other columns."""
    return {row.id: row.deadline for row in session.execute(
        select(Lot.id, Lot.deadline).where(Lot.id.in_(list(lot_ids))))}


def advance_notices(session: Session, tender_id: str) -> list[PublishedNotice]:
    """What was announced of a tender ahead of itself, in order; empty where nothing was."""
    return list(session.scalars(select(PublishedNotice).where(
        PublishedNotice.about == tender_id, PublishedNotice.kind == "pre_notice")
        .order_by(PublishedNotice.number, PublishedNotice.version)))


def notice_as_it_stands(session: Session, tender_id: str) -> PublishedNotice | None:
    """The last version of the tender notice, or None before publication."""
    return session.scalars(select(PublishedNotice).where(
        PublishedNotice.about == tender_id, PublishedNotice.kind == "tender_notice")
        .order_by(PublishedNotice.version.desc()).limit(1)).one_or_none()


def profile_in_force(session: Session, regime: str, region: str, day: date) -> Profile:
    """The rule profile of `regime` for `region` (six digits) on a Beijing day; NO_PROFILE."""
    return once(session, ("profile", regime, region, day), ("rule_profile",),
                lambda: _in_force(session, regime, region, day))


_BODIES = select(RuleProfile.body).where(
    RuleProfile.regime == bindparam("regime"),
    RuleProfile.region.in_(bindparam("places", expanding=True)),
    RuleProfile.valid_from <= bindparam("day"),
    or_(RuleProfile.shipped, RuleProfile.approved_at.is_not(None)))


def _in_force(session: Session, regime: str, region: str, day: date) -> Profile:
    places = [region[:length] for length in (0, 2, 4, 6)]
    session.flush()
    rows = session.connection().scalars(
        _BODIES, {"regime": regime, "places": places, "day": day.isoformat()})
    try:
        return choose([spelled(row) for row in rows], regime, region, day)
    except KeyError as error:
        raise NO_PROFILE(regime=regime, day=day.isoformat()) from error


def profiles_of(session: Session, tender: Tender, lots: list[Lot],
                day: date) -> dict[str, Profile]:
    """The rule profiles in force for a tender's lots on a Beijing day, by regime; NO_PROFILE."""
    return {regime: profile_in_force(session, regime, tender.region, day)
            for regime in sorted({lot.regime for lot in lots})}


def approval_proof(session: Session, notice: Notice) -> dict[str, str | None]:
    """{proof, leaf} of the entry that approved a notice, once the record holds it; a sealing
    program checks by them that it seals for what was really published."""
    entry = session.execute(select(Disclosure.entry_id).where(
        Disclosure.type == "notice.approved", Disclosure.tender_id == notice.tender_id)
        .order_by(Disclosure.position.desc()).limit(1)).scalar_one_or_none()
    nothing = {"proof": None, "leaf": None}
    if entry is None or notice.published_at is None:
        return nothing
    try:
        return {"proof": audit.reading.tlog_proof(session, entry),
                "leaf": b64(audit.reading.leaf_of(session, entry))}
    except Refused:
        return nothing


def agency_authorities(session: Session, agency_id: str, buyer_id: str, tender_id: str | None,
                       now: datetime) -> list[AgencyAuthority]:
    """The authorities in force at `now` under which an agency acts for a buyer, in one project or
    (None) in any. Inside an act they are locked, so that taking one back waits or comes first."""
    query = select(AgencyAuthority).where(
        AgencyAuthority.agency_id == agency_id, AgencyAuthority.buyer_id == buyer_id,
        AgencyAuthority.tender_id.is_(None) if tender_id is None else or_(
            AgencyAuthority.tender_id.is_(None), AgencyAuthority.tender_id == tender_id))
    if session.connection().get_execution_options().get("immediate"):
        query = query.with_for_update(read=True).execution_options(populate_existing=True)
    return [row for row in session.scalars(query) if in_force(row, now)]
