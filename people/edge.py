"""The edge: what every JSON route does before and after its ten lines.

In order: the size is judged from the headers · who asks is found · the declared audience is
judged · the body is read strictly · a repeated key gets its stored answer · a reading asks
authority first and a change asks it inside its one act · the answer is made in the act's own
transaction, so that a repetition finds it. A route that declares no audience cannot be made.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote

from flask import Blueprint, Response, g, request
from marshmallow import Schema
from sqlalchemy.orm import Session

from audit.act import finisher, summary_of, wiring
from audit.actor import ANONYMOUS
from kernel.canonical import jcs
from kernel.db import db
from kernel.refusal import DENIED, Refused

from . import authentication, idempotency, intake, rates, security
from .door import DOOR, Outside
from .exchange import Exchange, current, moment
from .idempotency import Stored
from .inside import LOOKING
from .kept import Kept
from .kept import answer as kept_answer
from .paging import Page, page
from .permissions import ACTIONS, present
from .problem import MEDIA_TYPE, problem_body
from .refusals import BODY_TOO_LARGE, SCOPE, SIGN_IN, STALE

__all__ = ["ROUTES", "STALE", "Book", "Page", "Route", "allow", "etag", "may", "page"]

PREFIX = "/api/v1"
LOGGED = ("access.denied", "phase.wrong", "token.scope")
"""Refusals the security log keeps, beside those of sessions."""


@dataclass(frozen=True)
class Route:
    """One route as it was declared; feeds OpenAPI, the boot check and the permission test."""

    method: str
    rule: str
    """With the prefix /api/v1."""
    view: Callable
    action: str | None = None
    audience: str | None = None
    body: type[Schema] | Schema | None = None
    query: type[Schema] | Schema | None = None
    returns: type[Schema] | Schema | None = None
    many: bool = False
    status: int = 200
    summary: str = ""
    raw: bool = False
    stream: bool = False
    limit: int = intake.JSON_LIMIT
    if_match: bool = False
    matched: bool = False
    """If-Match is judged where it is given; the view is told None where it is not."""
    keyed: bool = False
    """Idempotency-Key is required."""
    begins: bool = False
    """It begins something new: told to come again while the worker is full (door.py)."""
    secret: bool = False
    """The answer holds a secret and is never stored."""
    repeatable: bool = False
    """A 201 that needs no Idempotency-Key, because asking twice makes nothing twice."""
    sensitive: bool = False
    """Read for a reason only, which the security log keeps (Q81); not where everybody may read it
    just now."""
    kept: Kept | None = None
    """What the answer to those who are not signed in is made of, where it is kept (kept.py)."""
    signed_in: bool = True
    """For audience `self`: False on the routes by which one comes in."""


ROUTES: list[Route] = []
"""Every JSON route there is, in the order of declaration."""


class Book(Blueprint):
    """A package's JSON routes under /api/v1. Each declares `action=` or `audience=`."""

    def __init__(self, name: str):
        super().__init__(f"{name}_api", f"{name}.api", url_prefix=PREFIX)

    def get(self, rule: str, **declared):
        """Declare a reading."""
        return self._declare("GET", rule, declared)

    def head(self, rule: str, **declared):
        """Declare a reading that answers with headers alone."""
        return self._declare("HEAD", rule, declared)

    def options(self, rule: str, **declared):
        """Declare what a route says of itself."""
        return self._declare("OPTIONS", rule, declared)

    def post(self, rule: str, **declared):
        """Declare a change; with `status=201` it needs an Idempotency-Key."""
        return self._declare("POST", rule, declared)

    def put(self, rule: str, **declared):
        """Declare a change that may be repeated."""
        return self._declare("PUT", rule, declared)

    def patch(self, rule: str, **declared):
        """Declare a partial change."""
        return self._declare("PATCH", rule, declared)

    def delete(self, rule: str, **declared):
        """Declare an ending."""
        return self._declare("DELETE", rule, declared)

    def _declare(self, method: str, rule: str, declared: dict):
        action, audience = declared.get("action"), declared.get("audience")
        if (action is None) == (audience is None):
            raise ValueError(f"{method} {rule} declares no audience, or two")
        if action is not None and (action not in ACTIONS or ACTIONS[action].nobody
                                   or not present(ACTIONS[action])):
            raise ValueError(f"{method} {rule}: the table has no action {action} to be routed")
        if audience not in (None, "self", "open"):
            raise ValueError(f"{method} {rule}: there is no audience {audience}")
        if declared.get("sensitive") and (method != "GET" or action is None):
            raise ValueError(f"{method} {rule}: only a reading of an action asks for a reason")
        if declared.get("kept") and (method != "GET" or declared.get("query")
                                     or declared.get("sensitive")):
            raise ValueError(f"{method} {rule}: only a plain reading is kept")
        if method == "POST" and declared.get("status") == 201 \
                and not declared.get("secret") and not declared.get("repeatable"):
            declared.setdefault("keyed", True)

        def register(view):
            route = Route(method, PREFIX + rule, view, summary=summary_of(view), **declared)
            ROUTES.append(route)

            @functools.wraps(view)
            def serve(**path):
                return _serve(route, path)

            self.add_url_rule(rule, f"{method.lower()}_{view.__name__}", serve, methods=[method],
                              provide_automatic_options=False)
            return view

        return register


def allow(action: str, *, lot_id: str | None = None, tender_id: str | None = None,
          owner: str | None = None, region: str | None = None) -> None:
    """Refuse unless the request's actor may do its route's action on this object now.

    For readings of objects that no `<lot_id>` or `<tender_id>` of the address names; `region`
    for what belongs to a place.
    """
    exchange = current()
    if exchange.route.action != action:
        raise RuntimeError(f"the route stands for {exchange.route.action}, not for {action}")
    wiring().authority(db.session(), exchange.actor, action, moment(), lot_id=lot_id,
                       tender_id=tender_id, owner=owner, region=region)
    exchange.judged = True
    if exchange.route.sensitive and not _public(action, lot_id, tender_id):
        exchange.reason = intake.given_reason()


def _public(action: str, lot_id: str | None, tender_id: str | None) -> bool:
    try:
        wiring().authority(db.session(), ANONYMOUS, action, moment(), lot_id=lot_id,
                           tender_id=tender_id, owner=None)
    except Refused:
        return False
    return True


def may(action: str, *, lot_id: str | None = None, tender_id: str | None = None,
        owner: str | None = None, region: str | None = None) -> bool:
    """Whether the request's actor may also do `action`: for what an answer shows, never instead
    of `allow`."""
    try:
        wiring().authority(db.session(), current().actor, action, moment(), lot_id=lot_id,
                           tender_id=tender_id, owner=owner, region=region)
    except Refused:
        return False
    return True


def etag(version: int) -> str:
    """Put the version of what is answered into the ETag header; return the header's text."""
    current().etag = f'"{version}"'
    return current().etag


def _serve(route: Route, path: dict[str, str]) -> Response:
    DOOR.enter(route.begins)
    exchange = g.exchange = Exchange(route)
    changing = route.method not in authentication.SAFE
    try:
        intake.refuse_by_size(route.limit, bool(route.body or route.raw or route.stream))
        intake.path_ids(path)
        _audience(route, exchange)
        rates.refuse_if_too_many(exchange.actor.account_id or security.source(),
                                 int(wiring().settings.get("rate_per_minute") or 0))
        answer = (_change if changing else _read)(route, exchange, path)
        answer.headers.update(exchange.headers)
        return answer
    except Refused as refused:
        _note(route, exchange, refused)
        raise
    finally:
        DOOR.leave()
        g.pop("exchange", None)


def _audience(route: Route, exchange: Exchange) -> None:
    if route.audience == "self" and not route.signed_in:
        authentication.refuse_foreign_origin()
        return
    authentication.identify(exchange)
    kind = exchange.actor.kind
    if route.audience == "self":
        if kind == "anonymous":
            raise SIGN_IN()
        if kind == "machine":
            raise DENIED()
    if kind == "machine" and route.action and route.action not in (exchange.token_actions or ()):
        raise SCOPE()


def _read(route: Route, exchange: Exchange, path: dict[str, str]) -> Response:
    if route.kept is not None and exchange.actor.kind == "anonymous":
        return _response(kept_answer(route.kept, route.rule, path, lambda: _render(
            route, exchange, _result(route, exchange, path))))
    result = _result(route, exchange, path)
    answer = _with_etag(result, exchange) if isinstance(result, Response) \
        else _response(_render(route, exchange, result))
    if exchange.reason is not None:
        # Before the first byte leaves: what cannot be written down is not shown.
        security.note_reading(moment(), account_id=exchange.actor.account_id,
                              action=route.action or "", subject=unquote(request.full_path).rstrip("?"),
                              reason=exchange.reason)
    return answer


def _result(route: Route, exchange: Exchange, path: dict[str, str]) -> object:
    """What a reading's view returns, once authority has allowed it."""
    arguments: dict[str, object] = dict(path)
    if route.query is not None:
        arguments["query"] = intake.read_query(
            route.query, ("cursor", "limit") if route.many else ())
    if route.action and ("lot_id" in path or "tender_id" in path):
        allow(route.action, lot_id=path.get("lot_id"),
              tender_id=None if "lot_id" in path else path.get("tender_id"))
    result = route.view(exchange.actor, **arguments)
    if route.action and not exchange.judged:
        raise RuntimeError(f"{route.method} {route.rule} answered without asking authority")
    return result


def _change(route: Route, exchange: Exchange, path: dict[str, str]) -> Response:
    exchange.key = idempotency.given_key(route.keyed) if not route.secret else None
    arguments: dict[str, object] = dict(path)
    if route.query is not None:
        arguments["query"] = intake.read_query(route.query, ())
    if route.if_match or route.matched:
        arguments["if_match"] = intake.if_match(route.if_match)
    body = _body(route, arguments)
    if exchange.key is not None:
        exchange.fingerprint = idempotency.fingerprint(body)
        stored = idempotency.find(db.session(), exchange.actor, exchange.key, exchange.fingerprint)
        if stored is not None:
            return _response(stored, repeated=True)
    remembered = finisher.set(functools.partial(_finish, route, exchange))
    try:
        result = route.view(exchange.actor, **arguments)
    except Refused:
        # Another request with the same key may have been first, and its effect is what refused us.
        exchange.session = exchange.answer = None
        stored = _stored(exchange) if exchange.key is not None else None
        if stored is None:
            raise
        return _response(stored, repeated=True)
    finally:
        finisher.reset(remembered)
        exchange.session = None
    if exchange.answer is not None:
        return _response(exchange.answer)
    if route.action and not exchange.judged:
        raise RuntimeError(f"{route.method} {route.rule} changed nothing and asked no authority")
    if isinstance(result, Response):
        return _with_etag(result, exchange)
    return _response(_render(route, exchange, result))


def _body(route: Route, arguments: dict[str, object]) -> bytes:
    """Read the body as the route declared it; what it is known by for its key."""
    if route.stream:
        db.session().rollback()  # no transaction stays open while a slow sender sends
        # Its length was judged above by the route's own limit, which may be beyond the
        # application's; a server that ends the body itself need not be watched byte by byte.
        request.max_content_length = route.limit
        ended = "wsgi.input_terminated" in request.environ
        arguments["body"] = Outside(
            request.environ["wsgi.input"] if ended else request.stream, DOOR)
        return (request.headers.get("Content-Length") or "").encode()
    if route.raw:
        db.session().rollback()  # no transaction stays open while a slow sender sends
        data = request.get_data(cache=False)
        if len(data) > route.limit:
            raise BODY_TOO_LARGE(limit=route.limit)
        arguments["body"] = data
        return data
    if route.body is None:
        intake.refuse_body()
        return b""
    data = request.get_data(cache=True)
    arguments["body"] = intake.read_json(route.body)
    return data


def _stored(exchange: Exchange) -> Stored | None:
    """What another request with this key was answered meanwhile."""
    session = db.session()
    session.rollback()
    return idempotency.find(session, exchange.actor, exchange.key, exchange.fingerprint)


def _finish(route: Route, exchange: Exchange, session: Session, result: object, now
            ) -> Callable[[], None]:
    """The finisher of the request's one act: make the answer and keep it, before COMMIT; returns
    what notes that this is done."""
    if exchange.committed:
        raise RuntimeError(f"{route.method} {route.rule} made two acts")
    exchange.session, exchange.now = session, now
    answer = _render(route, exchange, result)
    if exchange.key is not None:
        idempotency.keep(session, exchange.actor, exchange.key, exchange.fingerprint, now, answer)
    exchange.answer, exchange.session = answer, None
    return functools.partial(setattr, exchange, "committed", True)


def _render(route: Route, exchange: Exchange, result: object) -> Stored:
    """The answer as bytes. A Refused that an act returned is a refusal whose entry stands."""
    if isinstance(result, Refused):
        return Stored(result.word.status, MEDIA_TYPE, problem_body(result))
    if route.returns is None:
        if result is None or exchange.session is not None:
            return Stored(204 if route.status == 200 else route.status, "application/json", b"")
        return Stored(route.status, "application/json", jcs(result))
    schema = intake.made(route.returns)
    if route.many:
        found = result if isinstance(result, Page) else Page(list(result))
        data = {"items": schema.dump(found.items, many=True), "next": found.next}
    else:
        data = schema.dump(result)
    version = getattr(result, "version", None)
    if not exchange.etag and isinstance(version, int):
        exchange.etag = f'"{version}"'
    return Stored(route.status, "application/json", jcs(data), exchange.etag)


def _response(stored: Stored, repeated: bool = False) -> Response:
    answer = Response(stored.body, status=stored.status, mimetype=stored.media)
    answer.headers["Cache-Control"] = "no-store"
    if stored.etag:
        answer.headers["ETag"] = stored.etag
    if repeated:
        answer.headers["Idempotent-Replay"] = "true"
    return answer


def _with_etag(answer: Response, exchange: Exchange) -> Response:
    if exchange.etag:
        answer.headers["ETag"] = exchange.etag
    return answer


def _note(route: Route, exchange: Exchange, refused: Refused) -> None:
    code = refused.word.code
    if code.startswith("session.") or code in LOGGED and LOOKING not in request.environ:
        security.note(code, moment(), account_id=exchange.actor.account_id,
                      action=route.action or f"{route.method} {route.rule}")
