"""The public pages: a list, a tender, the record, the interface. They show and change nothing.

A page says what the permission table lets everybody see (portal.public), whoever is signed
in; drafts are not found. Each route declares its audience like a route of the API, and none
of them writes, closes a lot or sets a cookie (Q12).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from urllib.parse import urlencode

from flask import Response, request
from flask.globals import request_ctx

from audit import disclosed, tiles
from audit.act import wiring
from audit.reading import cosigners, published, published_folder, witnesses_required
from kernel.canonical import b64
from kernel.db import db
from kernel.refusal import NOT_FOUND, Refused
from people.exchange import moment
from people.language import language
from people.pagebook import PAGES, Pages, draw, holds_until, refusal
from people.problem import MEDIA_TYPE
from people.standing import FOREVER, STILL
from supervision.complaints.pages import WORDS as COMPLAINED
from tender import reading, shown
from tender.rules import GUARANTEE_KINDS
from tender.timetable import beijing_day
from tender.views import sealer_of

from . import awarded, browse, entries, market, public, reference, show, steps, watched
from .site import site_address
from .standing import PUBLIC, TENDER
from .timeline import timeline

pages = Pages("portal")


@pages.record_once
def _declare(state) -> None:
    state.app.extensions["yangguang_pages"] = {(route.method, route.rule) for route in PAGES}
    state.app.jinja_env.filters.update(show.FILTERS)
    state.app.jinja_env.trim_blocks = state.app.jinja_env.lstrip_blocks = True


@pages.app_context_processor
def _common() -> dict[str, object]:
    return {"left": show.left, "site_address": site_address}


@pages.open("/", action="notice.view", kept=PUBLIC)
def index():
    """What this is, how much of it there is, and what is due next."""
    now = moment()
    home = browse.home(db.session(), now)
    holds_until(min((one.deadline for one in home.next), default=FOREVER))
    return _render("index.html", now=now, home=home)


@pages.open("/tenders", action="notice.view", kept=PUBLIC)
def tenders():
    """The search over what is published, with its filters."""
    now = moment()
    found = browse.search(db.session(), request.args, now)
    holds_until(None if found.refused else shown.turning(
        (lot.facts for one, _ in found.tenders for lot in one.lots), now))
    further = {name: value for name, value in found.asked.items() if value}
    return _render("tenders.html", now=now, found=found, refused_words=_refused,
                   next_page=urlencode(further | {"cursor": found.more}) if found.more else "",
                   provinces=show.PROVINCES, states=browse.STATES)


@pages.open("/calendar", action="notice.view", kept=PUBLIC)
def calendar():
    """Deadlines of a month by day; each is also the time of the opening."""
    now = moment()
    region = request.args.get("region", "")[:6]
    return _render("calendar.html", now=now, region=region, provinces=show.PROVINCES,
                   today=beijing_day(now), month=browse.month(
                       db.session(), request.args.get("month", "")[:7], region, now))


@pages.open("/tenders/<tender_id>", action="notice.view", kept=TENDER)
def tender(tender_id):
    now = moment()
    view = public.tender_view(db.session(), tender_id, now)
    line = timeline(view)
    turns = shown.turning((lot.facts for lot in view.lots), now)
    holds_until(turns and min([turns, *(one.at for one in line if not one.past)]))
    return _render("tender.html", now=now, view=view, complained=COMPLAINED, timeline=line,
                   witnesses=witnesses_required(),
                   proofs=entries.of_notices(db.session(), published_folder(), tender_id),
                   sealer=sealer_of(reading.live_notice(db.session(), tender_id),
                                    wiring().settings.get("offline_sealer")),
                   next_steps=steps.next_steps, kinds=GUARANTEE_KINDS)


@pages.open("/notices/<notice_id>", kept=PUBLIC)
def notice(notice_id):
    """One published notice; of what is announced ahead there is no other page."""
    return _render("notice.html", now=moment(),
                   one=public.notice_view(db.session(), reading.published_notice(
                       db.session(), notice_id)))


@pages.open("/services", kept=PUBLIC)
def services():
    """Requests for intermediary services, the newest first."""
    found, more = market.listed(db.session(), moment(), after=request.args.get("after", "")[:32])
    return _render("services.html", now=moment(), services=found, more=more)


@pages.open("/services/<service_id>", kept=PUBLIC)
def service(service_id):
    """One service: the request, its offers once they are revealed, its result and after."""
    now = moment()
    return _render("service.html", now=now, one=market.shown(db.session(), service_id, now),
                   complained=COMPLAINED)


@pages.open("/direct-awards", kept=PUBLIC)
def direct_awards():
    """Direct awards, the newest first."""
    found, more = awarded.listed(db.session(), after=request.args.get("after", "")[:32])
    return _render("direct_awards.html", now=moment(), awards=found, more=more)


@pages.open("/direct-awards/<award_id>", kept=PUBLIC)
def direct_award(award_id):
    """One direct award: what was published of it."""
    return _render("direct_award.html", now=moment(), complained=COMPLAINED,
                   one=awarded.shown(db.session(), award_id))


@pages.open("/works", kept=PUBLIC)
def works():
    """Village works of a year and a place: the register, the rates, what is found and open."""
    now = moment()
    year, region = request.args.get("year", ""), request.args.get("region", "")
    wish = watched.wish(year, region, request.args.get("after", "")[:32], now)
    return _render("works.html", now=now, provinces=show.PROVINCES,
                   **watched.shown(db.session(), wish, now))


@pages.open("/record", action="audit.checkpoint", kept=PUBLIC)
def record():
    settings = wiring().settings
    try:
        head, note = published()
    except Refused:
        head, note = None, ""
    files = list(islice(_tiles(head.size), MOST_FILES + 1)) if head else []
    few = len(files) <= MOST_FILES
    return _render("record.html", now=moment(), checkpoint=note, head=head,
                   witnesses=witnesses_required(), cosigners=[str(one) for one in cosigners()],
                   root=head and b64(head.root), root_hex=head and head.root.hex(),
                   log_vkey=settings["log_vkey"], platform_vkey=settings["platform_vkey"],
                   base=site_address(), files=files if few else [],
                   shown=list(_disclosed(head.size)) if head and few else [])


@pages.open("/record/entries", action="audit.checkpoint", kept=PUBLIC)
def record_entries():
    """The entries of the record, as far as everybody may read them."""
    before = request.args.get("before", "")
    below = int(before) if before.isascii() and before.isdecimal() and len(before) < 16 else None
    return _render("entries.html", now=moment(),
                   found=entries.window(db.session(), published_folder(), below))


@pages.open("/record/entries/<int:index>", action="audit.checkpoint", kept=PUBLIC)
def record_entry(index):
    """One entry, and where the reader's own browser verifies it."""
    one, size = entries.one(db.session(), published_folder(), index)
    return _render("entry.html", now=moment(), one=one, size=size)


@pages.open("/record/compare", action="audit.checkpoint", kept=PUBLIC)
def record_compare():
    """Two checkpoints compared in the reader's own browser; none yet: the page says so."""
    try:
        origin = published()[0].origin
    except Refused:
        origin = ""
    return _render("compare.html", now=moment(), origin=origin)


MOST_FILES = 80
"""A record of more files than this is copied by a program for such logs, not by a pasted line."""


def _tiles(size: int) -> Iterator[str]:
    for level, index, width in tiles.all_tiles(size):
        yield tiles.tile_path(level, index, width)
        if level == 0:
            yield tiles.tile_path(tiles.ENTRIES, index, width)


def _disclosed(size: int) -> Iterator[str]:
    return (disclosed.path(index) for level, index, _ in tiles.all_tiles(size) if level == 0)


@pages.open("/components")
def components():
    """The parts these pages are made of, with the rules of their use."""
    now = moment()
    return _render("components.html", now=now, soon=now + timedelta(hours=3))


@pages.open("/api", kept=STILL)
def interface():
    """Every operation of the interface by book, or those with the words that were asked for."""
    asked = request.args.get("q", "")[:100]
    return _render("api.html", base=site_address(), asked=asked,
                   books=reference.BOOKS, found=reference.matching(asked))


@pages.open("/reference/<book>", kept=STILL)
def interface_book(book):
    """One book's operations with their fields."""
    all_of = reference.operations().get(book)
    if all_of is None:
        raise NOT_FOUND()
    return _render("book.html", base=site_address(), book=book,
                   words=reference.BOOKS[book], all_of=all_of)


def _refused(error: Refused) -> dict[str, str]:
    """A refusal's sentence and advice in the page's language."""
    return {"detail": error.text(language()), "do": error.advice(language())}


def _render(name: str, **values) -> Response:
    return draw(f"portal/{name}", **values)


@pages.after_app_request
def _error_page(answer: Response) -> Response:
    """Say a refusal as a page to whoever asked for a page; the words are the API's own. Asked
    under a name that is none of ours, a page could not say where its own parts lie."""
    wants = request.accept_mimetypes.best_match(["application/json", "text/html"],
                                                "application/json")
    if (answer.mimetype == MEDIA_TYPE and not request.path.startswith("/api/")
            and wants == "text/html" and request_ctx.url_adapter is not None):
        said = json.loads(answer.get_data())
        page = refusal(said, answer.status_code)
        answer.set_data(page.get_data())
        answer.mimetype = "text/html"
        answer.headers["Content-Security-Policy"] = page.headers["Content-Security-Policy"]
    return answer
