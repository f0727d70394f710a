"""How pages are declared, drawn and answered, for every package (ADR 12).

    pages = Pages("tender")

    @pages.desk("/desk/tenders")                     # signed in, else the way to sign in
    def own_tenders():
        return draw("tender/own.html", tenders=ask("/tenders", mine="true")["items"])

A page shows what the interface tells (`inside.ask`); a form performs one operation of the
interface (`/act/…`, people/pages.py). So a page can show and do what its reader may, and no more.
"""

from __future__ import annotations

import functools
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from flask import (
    Blueprint,
    Response,
    current_app,
    g,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from kernel.canonical import sha256
from kernel.db import Installation, db

from . import forms
from .authentication import COOKIE, csrf_token, refuse_foreign_origin
from .idempotency import Stored
from .inside import FORM, NOBODY, REASON, NotTold, look
from .intake import path_ids
from .kept import Kept, kept_at
from .language import TAGS, language, other, t, to
from .pagewords import words

SCRIPTS = ("default-src 'none'; script-src 'self'; connect-src 'self'; worker-src 'self'; "
           "style-src 'self'; img-src 'self'; font-src 'self'; form-action 'self'; "
           "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
           "trusted-types yangguang-sealer")
"""What a page may load: our own scripts, styles and worker, and nothing from elsewhere. The
worker that seals comes with a policy of its own, under which it reaches no network."""


@dataclass(frozen=True)
class PageRoute:
    """One page as it was declared: its address and the action or audience it stands for."""

    rule: str
    method: str = "GET"
    action: str | None = None
    audience: str | None = None
    """`open`: everybody, the same for all. `self`: who is signed in, each their own."""
    asks: str | None = None
    """The route of the interface (`GET /lots/<lot_id>`) that decides who reaches this page."""
    kept: Kept | None = None
    """What a page for everybody is made of, where it is kept as it was drawn."""


OWN = "yangguang.token"
"""Set while a page is drawn that holds its reader's form token: it is kept nowhere."""

PAGES: list[PageRoute] = []
"""Every page there is, for the check at boot and the table of who reaches what."""

DONE: dict[str, tuple[str, str]] = {}
"""What a page says after a form's work was done, by the key that the form names."""


def done(key: str, zh: str, en: str) -> None:
    """Words for a form's `done=key`; raises ValueError when two are called the same."""
    if DONE.setdefault(key, (zh, en)) != (zh, en):
        raise ValueError(f"two forms say {key} when they are done")


PARTS: list[tuple[int, str, Callable[[dict], dict | None]]] = []
"""What stands on everybody's desk: (place, template, what it shows to this viewer)."""


def on_desk(place: int, template: str):
    """Put a part on the desk: the function is given the viewer (`GET /session`) and returns the
    template's values, or None where there is nothing for them. Lower places come first."""

    def register(part: Callable[[dict], dict | None]):
        PARTS.append((place, template, part))
        return part

    return register


ROOMS: list[tuple[int, frozenset[str], str, str, str]] = []
"""What the desk's navigation leads to: (place, roles of `GET /session`, address, zh, en)."""


def room(roles: set[str], address: str, zh: str, en: str, place: int = 0) -> None:
    """Lead holders of any of these roles to a page from everywhere on the desk; a role's own work
    stands first, whatever else it has to do with at a later place."""
    ROOMS.append((place, frozenset(roles), address, zh, en))
    ROOMS.sort(key=lambda one: one[0])


def _rooms(viewer: dict | None) -> list[tuple[str, str]]:
    held = set(viewer["roles"]) if viewer else set()
    return [(address, t(zh, en)) for _, roles, address, zh, en in ROOMS if roles & held]


class Pages(Blueprint):
    """A package's pages, with its own templates; each declares for whom it is."""

    def __init__(self, package: str, room: str = ""):
        super().__init__(f"{package}{room and '_' + room}_pages", package,
                         template_folder="templates")

    def open(self, rule: str, *, action: str | None = None, kept: Kept | None = None):
        """A page for everybody that is the same for all and looks at no cookie (Q12); `action`
        where the permission table says what it shows, `kept` where it is kept as it was drawn."""
        return self._page(PageRoute(rule, action=action, audience=None if action else "open",
                                    kept=kept))

    def desk(self, rule: str, *, asks: str | None = None):
        """A page of who is signed in; others are led to the way in and back."""
        return self._page(PageRoute(rule, audience="self", asks=asks))

    def post(self, rule: str):
        """The few addresses forms are sent to (people/pages.py)."""
        return self._page(PageRoute(rule, "POST", audience="open"))

    def _page(self, route: PageRoute):
        PAGES.append(route)

        def register(view: Callable):
            @functools.wraps(view)
            def serve(**path):
                path_ids({name: one for name, one in path.items() if name.endswith("_id")})
                if route.method == "POST":
                    refuse_foreign_origin()  # before a word of it is read, let alone shown again
                if route.audience == "self":
                    refused = _signed_in()
                    if refused is not None:
                        return refused
                elif route.method == "GET":
                    request.environ[NOBODY] = True  # what it asks, it asks as everybody (Q12)
                if route.kept is not None and FORM not in request.environ:
                    return _kept(route.kept, path, lambda: view(**path))
                return view(**path)

            self.add_url_rule(route.rule, f"{route.method.lower()}_{view.__name__}", serve,
                              methods=[route.method])
            return view

        return register


LONGEST = 500
"""Characters of an address whose page is kept."""


def holds_until(moment: datetime | None) -> None:
    """Say of the page under way when time alone changes what it tells, where that need not be on
    the second (`Kept.until` asks `held_until`); None: it must not be kept."""
    g.holds_until = moment


def held_until() -> tuple[bool, datetime | None]:
    """What the page under way said: (whether it said anything, what)."""
    return "holds_until" in g, g.get("holds_until")


def _kept(kept: Kept, path: dict[str, object], view: Callable[[], Response]) -> Response:
    """The page as it was drawn, or drawn now. By the address as it was asked for: a page says it,
    it says the language, and the page leads to itself in the other one. Nothing else of a request
    tells in it."""
    def make() -> Stored:
        drawn = view()
        if drawn.status_code != 200 or request.environ.get(OWN):
            raise _NotAlike(drawn)
        body = drawn.get_data()
        return Stored(200, "text/html", body, sha256(body).hex())

    place = ("page", request.url_root, request.full_path)
    try:
        found = kept_at(place, kept, path, make) if len(request.full_path) <= LONGEST else make()
    except _NotAlike as error:
        return error.drawn
    answer = _answer(found.body, found.status)
    answer.set_etag(found.etag)
    return answer.make_conditional(request)


class _NotAlike(Exception):
    """A page was drawn that is not what everybody gets: it is sent, and kept nowhere."""

    def __init__(self, drawn: Response):
        super().__init__()
        self.drawn = drawn


def _signed_in() -> Response | None:
    """Put who reads into `g.viewer`, or answer with the way in."""
    said = look("/session")
    if not said.ok:
        if said.status != 401:
            raise NotTold(said)
        answer = redirect(to("/sign-in") + "?next=" + quote(request.full_path.rstrip("?")), 303)
        answer.headers["Cache-Control"] = "no-store"
        return answer
    g.viewer = said.body
    return None


def draw(template: str, status: int = 200, **values: object) -> Response:
    """Draw a page. The template knows `viewer` (None on open pages), `now` if given, `t`, `to`."""
    values.setdefault("viewer", g.get("viewer"))
    values.setdefault("now", None)
    try:
        kind = db.session.execute(select(Installation.kind)).scalar_one()
    except DBAPIError:  # the page that says so must not need what is away
        kind = ""
    return _answer(render_template(template, kind=kind, **values), status)


def _answer(text: str | bytes, status: int) -> Response:
    answer = make_response(text, status)
    answer.mimetype = "text/html"
    answer.headers["Content-Security-Policy"] = SCRIPTS
    answer.headers["Cache-Control"] = "no-store" if g.get("viewer") or request.environ.get(OWN) \
        else "no-cache"
    return answer


@dataclass
class FormState:
    """A form that came back: what was typed, and why it was not done (None: ask once more)."""

    form: str
    pairs: list[tuple[str, str]]
    problem: dict | None = None
    again: bool = False
    """Its session had ended: the text is here, nothing was sent."""


@dataclass
class Form:
    """One form of a page: the operation it performs, and what was typed into it before."""

    method: str
    path: str
    done: str = ""
    next: str = ""
    shows: str = ""
    match: str = ""
    name: str = ""
    back: str = ""
    state: FormState | None = None
    wrong: dict[str, list[str]] = field(default_factory=dict)

    def value(self, name: str, otherwise: object = "") -> object:
        """What was typed into the field, or what stands there at first."""
        if self.state is None:
            return "" if otherwise is None else otherwise
        return next((text for key, text in self.state.pairs if key == name), "")

    def values(self, name: str, otherwise: object = ()) -> list:
        """The same for a field that may stand several times."""
        if self.state is None:
            return list(otherwise)
        return [text for key, text in self.state.pairs if key == name]

    def errors(self, name: str) -> list[str]:
        """What is wrong with the field."""
        return self.wrong.get(forms.place_of(name), [])

    @property
    def problem(self) -> dict | None:
        """Why it was not done."""
        return self.state.problem if self.state else None

    @property
    def hidden(self) -> dict[str, str]:
        """The page's own fields of this form."""
        cookie = request.cookies.get(COOKIE)
        if cookie:
            request.environ[OWN] = True
        return {key: value for key, value in {
            "_method": self.method, "_key": secrets.token_hex(16), "_form": self.name,
            "_csrf": csrf_token(cookie) if cookie else "", "_done": self.done,
            "_next": self.next, "_shows": self.shows, "_match": self.match,
            "_reason": request.environ.get(REASON, ""),
            "_back": self.back or request.full_path.rstrip("?")}.items() if value}


def form(path: str, method: str = "POST", *, done: str = "", next: str = "", shows: str = "",
         match: object = "", name: str = "", back: str = "") -> Form:
    """A form that performs `method path` of the interface (below /api/v1).

    `done`: what the page says then (a key of DONE); `next`: where to go, this page if left out,
    `{id}` being the answer's; `shows`: a page that shows the answer instead (people/pages.py);
    `match`: the version it was read at, for If-Match; `name`: to tell two such forms of a page
    apart; `back`: the page on which a refusal is shown, this one if left out. On a page that was
    read for a reason the form keeps the reason, so that the page after it asks for none again.
    """
    made = Form(method, path, done, next, shows, f'"{match}"' if match != "" else "",
                name or f"{method} {path}", back)
    state = request.environ.get(FORM)
    if state is not None and state.form == made.name:
        made.state = state
        made.wrong = _told(forms.flat((state.problem or {}).get("fields", {})))
    return made


def _told(wrong: dict[str, list[str]]) -> dict[str, list[str]]:
    """Messages in the page's language: `[English. 中文。]`, or the two apart."""
    return {place: [_half(one) for one in said] for place, said in wrong.items()}


def _half(said: str) -> str:
    """The half of a message in both languages that this page speaks."""
    cut = next((at for at, sign in enumerate(said) if "\u3400" <= sign <= "\u9fff"), len(said))
    english, chinese = said[:cut].strip(), said[cut:].strip()
    return t(chinese or english, english or chinese)


def built(name: str) -> str:
    """The address of a built module; empty where this installation was not built."""
    there = Path(current_app.static_folder or "", "vendor", name).exists()
    return url_for("static", filename=f"vendor/{name}") if there else ""


def install(app) -> None:
    """Teach the templates of `app` these words, and turn a reading's refusal into its page."""
    app.jinja_env.globals.update(built=built, t=t, to=to, other=other, language=language, form=form,
                                 words=words, tags=TAGS, rooms=_rooms, home=home,
                                 done_words=_done_words)

    @app.errorhandler(NotTold)
    def refused(error: NotTold):
        return refusal(error.said.body, error.said.status)


def _done_words() -> str:
    found = DONE.get(request.args.get("done", ""))
    return t(*found) if found else ""


def home() -> str:
    """Where signing in leads, at this door, when one was going nowhere else."""
    return "/admin" if current_app.config.get("YANGGUANG_LISTENER") == "administrators" else "/desk"


def refusal(document: object, status: int) -> Response:
    """The page of a refusal, from its problem document."""
    said = document if isinstance(document, dict) else json.loads(document or b"{}")
    asks = said.get("code") == "access.reason-needed" and request.method == "GET"
    answer = draw("people/reason.html" if asks else "portal/error.html", status,
                  said=said | {"status": status})
    answer.headers["Cache-Control"] = "no-store"
    return answer


__all__ = ["DONE", "PAGES", "PARTS", "Form", "FormState", "PageRoute", "Pages", "done", "draw", "form",
           "held_until", "holds_until", "home", "install", "on_desk", "refusal", "room"]
