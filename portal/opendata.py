"""Open data beside OCDS: the notices as an Atom feed, and whole months in one file."""

from __future__ import annotations

import json

from flask import Response, request, stream_with_context
from marshmallow import fields
from sqlalchemy import func, literal, select, tuple_

from evaluation.frameworks.model import FrameworkNotice
from kernel.db import db
from kernel.refusal import NOT_FOUND
from people.edge import Book
from people.exchange import moment, reading
from people.fields import HexId, In, Out, Text
from tender.model import DirectNotice, PublishedNotice
from tender.timetable import BEIJING

from . import atom, bulk, market
from .site import site_address

api = Book("opendata")

PER_PAGE = 50

NOTICES = (PublishedNotice, DirectNotice, FrameworkNotice)
"""Every table of signed notices; a test looks for one that is not among them."""
AnyNotice = PublishedNotice | DirectNotice | FrameworkNotice


class AtomQuery(In):
    """`before`: the id of the last notice seen; without it, the newest."""

    before = HexId(load_default=None)


class StepsQuery(In):
    """`before`: the last step seen, `service-step`; without it, the newest."""

    before = Text(1, 60, load_default=None)


class MonthOut(Out):
    """One month, and where its tenders are; services, direct awards, frameworks and the call-offs
    under them likewise."""

    month = fields.String()
    jsonl = fields.String()
    csv = fields.String()
    services_jsonl = fields.String()
    services_csv = fields.String()
    direct_awards_jsonl = fields.String()
    direct_awards_csv = fields.String()
    frameworks_jsonl = fields.String()
    frameworks_csv = fields.String()
    calloffs_jsonl = fields.String()
    calloffs_csv = fields.String()


@api.get("/notices.atom", audience="open", query=AtomQuery)
def notices_atom(actor, query) -> Response:
    """Published notices of every kind, of direct awards and frameworks too, the newest first (RFC
    4287)."""
    rows, base = _newest(query["before"]), site_address()
    address = f"{base}/api/v1/notices.atom"
    older = f"{address}?before={rows[PER_PAGE - 1].id}" if len(rows) > PER_PAGE else None
    own = f"{address}?before={query['before']}" if query["before"] else address
    data = atom.feed("阳光：公告公示", own, base, [_entry(one, base) for one in rows[:PER_PAGE]],
                     older)
    return _conditional(Response(data, content_type="application/atom+xml; charset=utf-8"))


def _newest(before: str | None) -> list[AnyNotice]:
    """The newest notices before the one of this id, one more than a page holds. Raises NOT_FOUND."""
    last = before and next(filter(None, (reading().get(one, before) for one in NOTICES)), None)
    if before and last is None:
        raise NOT_FOUND()
    found: list[AnyNotice] = []
    for table in NOTICES:
        order = (table.published_at, table.id)
        query = select(table).order_by(*(one.desc() for one in order)).limit(PER_PAGE + 1)
        if last:
            query = query.where(tuple_(*order) < tuple_(*(
                literal(getattr(last, one.key), one.type) for one in order)))
        found += reading().scalars(query)
    return sorted(found, key=lambda one: (one.published_at, one.id), reverse=True)[:PER_PAGE + 1]


def _entry(row: AnyNotice, base: str) -> atom.Entry:
    said = json.loads(row.content)
    about = f"（{said['lot_title']}）" if said.get("lot_title") else ""
    summary = "\n".join(f"{field['label']['zh']}：{field['text']['zh']}"
                        for part in said["sections"] for field in part["rows"])
    return atom.Entry(
        row.id, f"{said['kind_text']['zh']}：{said['title']}{about}", row.published_at,
        f"{base}/{_page(row)}", said["buyer"]["name"], row.kind,
        said["kind_text"]["zh"], summary[:4000])


@api.get("/services.atom", audience="open", query=StepsQuery)
def services_atom(actor, query) -> Response:
    """What became public of intermediary services: requests, results, failures, contracts."""
    before = None
    if query["before"]:
        service, _, kind = query["before"].partition("-")
        before = market.step(reading(), service, kind)
        if before is None:
            raise NOT_FOUND()
    rows, base = market.steps(reading(), limit=PER_PAGE + 1, before=before), site_address()
    address = f"{base}/api/v1/services.atom"
    shown = rows[:PER_PAGE]
    older = f"{address}?before={shown[-1].id}-{shown[-1].kind}" if len(rows) > PER_PAGE else None
    own = f"{address}?before={query['before']}" if query["before"] else address
    data = atom.feed("阳光：中介服务", own, base, [atom.Entry(
        f"{one.id}-{one.kind}", f"{market.STEPS[one.kind]}：{one.title}", one.at,
        f"{base}/services/{one.id}", one.buyer, f"service_{one.kind}", market.STEPS[one.kind],
        one.title) for one in shown], older, "services.atom")
    return _conditional(Response(data, content_type="application/atom+xml; charset=utf-8"))


def _page(row: AnyNotice) -> str:
    if isinstance(row, FrameworkNotice):
        return f"frameworks/{row.framework_id}"
    if isinstance(row, DirectNotice):
        return f"direct-awards/{row.award_id}"
    return page_of(row.kind, row.tender_id, row.id)


def page_of(kind: str, tender_id: str, notice_id: str) -> str:
    """Where a notice is read: of a tender that is only announced ahead there is no page yet."""
    return f"notices/{notice_id}" if kind == "pre_notice" else f"tenders/{tender_id}"


def _conditional(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "no-cache"
    answer.add_etag()
    return answer.make_conditional(request)


@api.get("/bulk", audience="open", returns=MonthOut, many=True)
def list_months(actor):
    """The months in which tenders, services, direct awards, frameworks or call-offs were published,
    and their files."""
    ends = [at for one in bulk.PUBLISHED.values() for at in reading().execute(
        select(func.min(one), func.max(one))).one() if at is not None]
    found = []
    if ends:
        first, end = min(ends).astimezone(BEIJING), max(ends).astimezone(BEIJING)
        year, month = first.year, first.month
        while (year, month) <= (end.year, end.month):
            path = f"{site_address()}/api/v1/bulk/{year}/{month}"
            found.append({"month": f"{year:04}-{month:02}", "jsonl": f"{path}/tenders.jsonl",
                          "csv": f"{path}/lots.csv"} | {
                f"{kind.replace('-', '_')}_{form}": f"{path}/{kind}.{form}"
                for kind in bulk.OTHER_COLUMNS for form in ("jsonl", "csv")})
            year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return found


@api.get("/bulk/<int:year>/<int:month>/tenders.jsonl", audience="open")
def month_as_lines(actor, year: int, month: int) -> Response:
    """The compiled OCDS release of each tender published in a month of Beijing, one a line."""
    span = _span(year, month)
    return _streamed(bulk.lines(db.engine, span, moment(), site_address()), "application/jsonl",
                     f"{year:04}-{month:02}-tenders.jsonl")


@api.get("/bulk/<int:year>/<int:month>/lots.csv", audience="open")
def month_as_table(actor, year: int, month: int) -> Response:
    """The lots of the tenders published in a month of Beijing, one a row."""
    return _streamed(bulk.table(db.engine, _span(year, month), moment()),
                     "text/csv; charset=utf-8", f"{year:04}-{month:02}-lots.csv")


@api.get("/bulk/<int:year>/<int:month>/services.jsonl", audience="open")
def services_as_lines(actor, year: int, month: int) -> Response:
    """The compiled OCDS release of each service published in a month, one a line."""
    return _other_lines("services", year, month)


@api.get("/bulk/<int:year>/<int:month>/services.csv", audience="open")
def services_as_table(actor, year: int, month: int) -> Response:
    """The services published in a month, one a row."""
    return _other_table("services", year, month)


@api.get("/bulk/<int:year>/<int:month>/direct-awards.jsonl", audience="open")
def direct_awards_as_lines(actor, year: int, month: int) -> Response:
    """The compiled OCDS release of each direct award published in a month, one a line."""
    return _other_lines("direct-awards", year, month)


@api.get("/bulk/<int:year>/<int:month>/direct-awards.csv", audience="open")
def direct_awards_as_table(actor, year: int, month: int) -> Response:
    """The direct awards published in a month, one a row."""
    return _other_table("direct-awards", year, month)


@api.get("/bulk/<int:year>/<int:month>/frameworks.jsonl", audience="open")
def frameworks_as_lines(actor, year: int, month: int) -> Response:
    """The compiled OCDS release of each framework published in a month, one a line."""
    return _other_lines("frameworks", year, month)


@api.get("/bulk/<int:year>/<int:month>/frameworks.csv", audience="open")
def frameworks_as_table(actor, year: int, month: int) -> Response:
    """The frameworks published in a month, one a row."""
    return _other_table("frameworks", year, month)


@api.get("/bulk/<int:year>/<int:month>/calloffs.jsonl", audience="open")
def calloffs_as_lines(actor, year: int, month: int) -> Response:
    """The compiled OCDS release of each call-off stated in a month, one a line."""
    return _other_lines("calloffs", year, month)


@api.get("/bulk/<int:year>/<int:month>/calloffs.csv", audience="open")
def calloffs_as_table(actor, year: int, month: int) -> Response:
    """The call-offs stated in a month, one a row."""
    return _other_table("calloffs", year, month)


def _other_lines(kind: str, year: int, month: int) -> Response:
    return _streamed(bulk.other_lines(db.engine, _span(year, month), kind), "application/jsonl",
                     f"{year:04}-{month:02}-{kind}.jsonl")


def _other_table(kind: str, year: int, month: int) -> Response:
    return _streamed(bulk.other_table(db.engine, _span(year, month), moment(), kind),
                     "text/csv; charset=utf-8", f"{year:04}-{month:02}-{kind}.csv")


def _span(year: int, month: int):
    if not 2000 <= year <= 9000:
        raise NOT_FOUND()
    try:
        return bulk.month(year, month)
    except ValueError as error:
        raise NOT_FOUND() from error


def _streamed(parts, media: str, name: str) -> Response:
    """Sent as it is made; squeezed where the reader takes gzip."""
    # The request's own reading ends here: what follows is read page by page.
    db.session().rollback()
    squeezed = "gzip" in request.accept_encodings
    answer = Response(stream_with_context(bulk.zipped(parts) if squeezed else parts),
                      content_type=media)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-cache"
    answer.headers["Vary"] = "Accept-Encoding"
    if squeezed:
        answer.headers["Content-Encoding"] = "gzip"
    return answer
