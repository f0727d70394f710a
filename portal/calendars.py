"""The dates of what has no lots, as iCalendar files: services, direct awards, frameworks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from flask import Response
from sqlalchemy.orm import Session

from evaluation.frameworks import reading as frameworks
from evaluation.services import reading as services
from kernel.refusal import NOT_FOUND
from people.edge import Book
from people.exchange import reading
from tender import ical
from tender.halted import halts
from tender.model import DirectAward
from tender.schedule import Entry

api = Book("calendars")


def of_service(session: Session, own: str) -> tuple[str, datetime, list[Entry]]:
    """Title, when the dates were stated, and the dates of a published service. NOT_FOUND."""
    one = services.service(session, own)
    law = "规则 §0：中介超市"
    return one.title, one.decided_at or one.approved_at, _dated([
        Entry("service", "offers", "报价截止", "Offers close", law, one.offers_until),
        Entry("service", "reveal", "揭示截止", "Offers are revealed until", law, one.reveal_until),
        Entry("service", "objections", "异议截止", "Objections until", law, one.objections_until),
        Entry("service", "contract", "签约截止", "Contract until", "招标投标法 46",
              services.contract_until(session, one))])


def of_award(session: Session, own: str) -> tuple[str, datetime, list[Entry]]:
    """The same of a published direct award."""
    one = session.get(DirectAward, own)
    if one is None or one.published_at is None:
        raise NOT_FOUND()
    return one.title, one.published_at, _dated([
        Entry("T8", "objections", "异议截止", "Objections until", "规则 §1.3; 实施条例 54",
              one.objections_until)])


def of_framework(session: Session, own: str) -> tuple[str, datetime, list[Entry]]:
    """The same of a published framework."""
    one = frameworks.framework(session, own)
    return one.title, one.ended_at or one.published_at, _dated([
        Entry("framework", "valid", "框架协议期满", "The framework ends", "财政部令110号",
              one.ended_at or one.valid_until)])


OF = {"service": of_service, "direct_award": of_award, "framework": of_framework}
"""Whose dates are read how; a lot's are in tender/schedule.py."""


def _dated(entries: Iterable[Entry]) -> list[Entry]:
    return [one for one in entries if one.at is not None]


def _file(kind: str, own: str) -> Response:
    title, stated, entries = OF[kind](reading(), own)
    halted = halts(reading(), [own])[own]  # the end of one moves what follows
    data = ical.calendar_file(title, own, entries, stamp=stated,
                              sequence=len(entries) + sum(one.ends is not None for one in halted))
    return Response(data, mimetype="text/calendar", headers={
        "Content-Disposition": f'attachment; filename="{own}.ics"',
        "X-Content-Type-Options": "nosniff"})


@api.get("/services/<service_id>/calendar", audience="open")
def get_service_calendar(actor, service_id: str) -> Response:
    """A service's dates as an iCalendar file."""
    return _file("service", service_id)


@api.get("/direct-awards/<award_id>/calendar", audience="open")
def get_award_calendar(actor, award_id: str) -> Response:
    """A direct award's dates as an iCalendar file."""
    return _file("direct_award", award_id)


@api.get("/frameworks/<framework_id>/calendar", audience="open")
def get_framework_calendar(actor, framework_id: str) -> Response:
    """A framework's dates as an iCalendar file."""
    return _file("framework", framework_id)
