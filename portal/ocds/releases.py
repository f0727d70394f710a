"""The story of a tender as releases: one for each thing that was made public, in its order.

A release holds what its event brought and nothing else; ocdsmerge puts them together again.
Ids come from what happened, so the same event has the same id for ever, and a package made
later only has more of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from sqlalchemy.orm import Session

from kernel.refusal import NOT_FOUND
from people.model import Party
from portal.public import Award, LotView, TenderView, told_views
from tender import timetable

from . import amendments as changes
from . import complaints, objections, planning, sections, statements, terms
from .merge import compiled
from .terms import organization, reference, stamp


@dataclass
class Event:
    """Something that was made public: when, what kind, and what its release holds."""

    at: datetime
    id: str
    tag: str
    content: Callable[[datetime], dict[str, object]]
    parties: tuple[tuple[Party, str], ...] = ()
    """Who takes part from here on, each with the OCDS role."""
    lot: str = ""
    """The lot whose event it is; a lot names its parties itself, whatever another one told."""


def release_package(session: Session, tender_id: str, now: datetime, *,
                    base: str = "http://localhost", publisher: str = "Yangguang"
                    ) -> dict[str, object]:
    """The release package of a tender as everybody may have it at `now`.

    Amounts are Decimals: write it with `exact.dumps`. `base` is the installation's address
    without a slash at its end. Raises NOT_FOUND for a draft that was not announced ahead.
    """
    releases = releases_of(session, tender_id, now, base)
    return {
        "uri": f"{base}/api/v1/tenders/{tender_id}/ocds",
        **_package(releases, base, publisher),
        "releases": releases,
    }


def record_package(session: Session, tender_id: str, now: datetime, *,
                   base: str = "http://localhost", publisher: str = "Yangguang"
                   ) -> dict[str, object]:
    """The record package of a tender: its releases, and what they come to together.

    As `release_package` otherwise.
    """
    releases = releases_of(session, tender_id, now, base)
    return {
        "uri": f"{base}/api/v1/tenders/{tender_id}/ocds/record",
        **_package(releases, base, publisher),
        "records": [{"ocid": releases[0]["ocid"], "releases": releases,
                     "compiledRelease": compiled(releases)}],
    }


def releases_of(session: Session, tender_id: str, now: datetime, base: str,
                view: TenderView | None = None) -> list[dict[str, object]]:
    """The releases of a tender that was published or announced ahead, the oldest first; `view` is
    the one of `told_views`, where the caller has it.

    Raises NOT_FOUND.
    """
    ahead = planning.releases(session, tender_id, base)
    view = view or told_views(session, [tender_id], now).get(tender_id)
    if view is None:
        if not ahead:
            raise NOT_FOUND()
        return ahead
    events = sorted(_events(session, view, base), key=lambda event: (event.at, event.id))
    return ahead + list(_releases(view, events))


def _package(releases: list[dict], base: str, publisher: str) -> dict[str, object]:
    return {
        "version": terms.VERSION,
        "extensions": [*terms.EXTENSIONS, *(base + own for own in terms.OWN_EXTENSIONS)],
        "publishedDate": releases[-1]["date"],
        "publisher": {"name": publisher},
        "license": None,
        "publicationPolicy": None,
    }


def _releases(view: TenderView, events: list[Event]) -> Iterator[dict[str, object]]:
    roles: dict[str, list[str]] = {}
    told: set[tuple[str, str, str]] = set()
    for event in events:
        changed: dict[str, Party] = {}
        for party, role in event.parties:
            known = roles.setdefault(party.id, [])
            if role not in known:
                known.append(role)
            if (event.lot, party.id, role) not in told:
                told.add((event.lot, party.id, role))
                changed[party.id] = party
        release: dict[str, object] = {
            "ocid": view.tender.ocid, "id": event.id, "date": stamp(event.at),
            "tag": [event.tag], "initiationType": "tender", "language": terms.LANGUAGE,
            "buyer": reference(view.buyer)}
        if changed:
            release["parties"] = [organization(party, list(roles[party.id]))
                                  for party in changed.values()]
        yield release | event.content(event.at)


def _events(session: Session, view: TenderView, base: str) -> Iterator[Event]:
    published = min(one.facts.published for one in view.lots)
    lots = [one.lot for one in view.lots]
    stated = statements.kept(session, view.tender.id) or [
        (1, published, statements.present(session, view.tender.id, published))]
    first = sections.addressed(stated[0][2], base)
    earlier = changes.predecessors(session, lots)
    yield Event(published, f"{view.tender.id}-published", "tender",
                lambda _at: {"tender": first,
                             **sections.related(earlier, "unsuccessfulProcess", base)},
                ((view.buyer, "buyer"), (view.buyer, "procuringEntity")))
    for (_, _, before), (number, at, after) in pairwise(stated):
        said = sections.addressed(statements.difference(before, after), base)
        yield Event(at, f"{view.tender.id}-stated-{number:04}",
                    "tenderAmendment" if "amendments" in said else "tenderUpdate",
                    lambda _at, said=said: _tender(view, said))
    for one in view.lots:
        yield from _lot_events(session, view, one)
    for later in changes.successors(session, lots):
        yield Event(later.published_at, f"{later.id}-replaces", "tenderUpdate",
                    lambda _at, later=later: sections.related(
                        [later], "replacementProcess", base))


def _lot_events(session: Session, view: TenderView, one: LotView) -> Iterator[Event]:
    outcomes = one.facts.outcomes
    for question in one.questions:
        yield Event(question.answered_at, f"{question.id}-answered", "tenderUpdate",
                    lambda at, question=question: _tender(view, {
                        "hasEnquiries": True, "enquiries": [sections.enquiry(question)]}))
    for since, name, said in objections.answered(session, one):
        yield Event(since, f"{name}-answered", "tenderUpdate",
                    lambda _at, said=said: _tender(view, {"objections": [said]}))
    for since, name, said in complaints.told(one.complaints):
        yield Event(since, name, "tenderUpdate",
                    lambda _at, said=said: _tender(view, {"decidedComplaints": [said]}))
    if "failed" in outcomes:
        yield Event(outcomes["failed"], f"{one.lot.id}-failed", "tenderUpdate",
                    lambda at: _status(view, one, at))
    if "terminated" in outcomes:
        why = changes.termination(session, one.lot)
        yield Event(outcomes["terminated"], f"{one.lot.id}-terminated", "tenderCancellation",
                    lambda at: _status(view, one, at, **why))
    for first in one.openings[:1]:
        yield Event(first.at, f"{one.lot.id}-opened", "tenderUpdate",
                    lambda at: _opened(view, one, at),
                    tuple((entry.party, "tenderer") for entry in first.bids), one.lot.id)
    for second in one.openings[1:]:
        yield Event(second.at, f"{one.lot.id}-prices-opened", "tenderUpdate",
                    lambda at: _prices_opened(one, at))
    for at, bids in one.lapses.items():
        yield Event(at, f"{one.lot.id}-lapsed-{stamp(at)}", "tenderUpdate",
                    lambda _at, bids=bids: {"bids": {"details": [
                        {"id": bid, "status": "withdrawn", "description": sections.LAPSED}
                        for bid in bids]}})
    if one.candidates:
        yield Event(outcomes["candidates_published"], f"{one.lot.id}-candidates", "tenderUpdate",
                    lambda at: _candidates(view, one, at),
                    tuple((entry.party, "tenderer") for entry in one.candidates), one.lot.id)
    yield from _awards(view, one)
    if one.contract:
        yield Event(outcomes["contracted"], f"{one.lot.id}-contracted", "contract",
                    lambda at: _status(view, one, at)
                    | {"contracts": [sections.contract(one, one.contract)]})


def _awards(view: TenderView, one: LotView) -> Iterator[Event]:
    """Each award, and that it was cancelled (实施条例 55); the next in the order has one of its own."""
    for number, made in enumerate([*one.cancelled, *([one.award] if one.award else [])], 1):
        yield Event(made.at, f"{one.lot.id}-awarded" + (f"-{number}" if number > 1 else ""), "award",
                    lambda at, made=made: _awarded(view, one, made, at),
                    ((made.party, "tenderer"), (made.party, "supplier")), one.lot.id)
        if made.cancelled_at is not None:
            yield Event(made.cancelled_at, f"{made.id}-0-cancelled", "awardCancellation",
                        lambda _at, made=made: {"awards": [{"id": made.id, "status": "cancelled"}]})


def _tender(view: TenderView, content: dict[str, object]) -> dict[str, object]:
    return {"tender": {"id": view.tender.id} | content}


def _status(view: TenderView, one: LotView, at: datetime, **lot: object) -> dict[str, object]:
    return _tender(view, {
        "status": sections.tender_status(view, at),
        "lots": [{"id": one.lot.id, "status": sections.lot_status(one, at)} | lot]})


def _opened(view: TenderView, one: LotView, at: datetime) -> dict[str, object]:
    """What the opening of this lot brought. How many bid in all lots is said by the merged list:
    a number would change with what of the other lots may be shown."""
    parties = {entry.party.id: entry.party for entry in one.openings[0].bids}
    number = {"numberOfTenderers": len(parties)} if len(view.lots) == 1 else {}
    return _tender(view, number | {
        "tenderers": [reference(party) for party in parties.values()]}) | {
        "bids": {"statistics": sections.statistics(one, at),
                 "details": [sections.bid(one, entry) for entry in one.openings[0].bids]}}


def _prices_opened(one: LotView, at: datetime) -> dict[str, object]:
    """What the second envelope adds to the bids of the first (电子招标投标办法 30): prices and
    periods, and which bids are no longer valid."""
    first, second = one.openings
    known = {entry.id: sections.bid(one, entry) for entry in first.bids}
    return {"bids": {
        "statistics": [said for said in sections.statistics(one, at)
                       if said["measure"] == "validBids"],
        "details": [{"id": entry.id} | statements.difference(
            known[entry.id], sections.bid(one, entry)) for entry in second.bids]}}


def _candidates(view: TenderView, one: LotView, at: datetime) -> dict[str, object]:
    """What was said when they were published; a pause moves the end later, in its own release."""
    ends = timetable.publicity_ends(at, one.lot.publicity_days)
    return _tender(view, {"lots": [{
        "id": one.lot.id,
        "candidates": [{"id": entry.id, "relatedBid": entry.id, "tenderer": reference(entry.party)}
                       for entry in one.candidates],
        "candidatesPeriod": {"startDate": stamp(at), "endDate": stamp(ends)}}]})


def _awarded(view: TenderView, one: LotView, made: Award, at: datetime) -> dict[str, object]:
    lot: dict[str, object] = {"panel": list(one.panel)} if one.panel else {}
    return _status(view, one, at, **lot) | {"awards": [sections.award(one, made)]}
