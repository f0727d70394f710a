"""The interface's operations as its page shows them: made from the list of routes, like OpenAPI."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from marshmallow import Schema, fields

from people import fields as ours
from people.edge import ROUTES, Route

BOOKS: dict[str, tuple[str, str]] = {
    "portal": ("检索与开放数据", "Search and open data"),
    "tender": ("招标项目与公告", "Tenders and notices"),
    "bidding": ("投标与开标", "Bids and openings"),
    "guarantees": ("保函与保证金", "Guarantees"),
    "evaluation": ("评标与定标", "Evaluation and award"),
    "supervision": ("监督", "Supervision"),
    "people": ("账号与权限", "Accounts and roles"),
    "audit": ("存证", "The record"),
}
"""The books of the interface in the order of the page, each with what it is about."""

TYPES: tuple[tuple[type, str, str], ...] = (
    (ours.Time, "时间 RFC 3339", "time, RFC 3339"), (ours.Money, "整数分", "integer fen"),
    (ours.DecimalText, "小数文本", "decimal as text"), (ours.Base64, "Base64 文本", "base64"),
    (ours.HexId, "32 位十六进制编号", "id, 32 hex digits"), (ours.Hash, "SHA-256，64 位十六进制", "SHA-256, 64 hex digits"),
    (ours.Uscc, "统一社会信用代码", "unified social credit code"), (fields.Boolean, "真假", "true or false"),
    (fields.Date, "日期", "day"), (fields.Integer, "整数", "integer"), (fields.String, "文本", "text"),
    (fields.Dict, "对象", "object"))
"""What a field's value is, by its class; the first that fits."""

ANYTHING = ("值", "value")


@dataclass(frozen=True)
class Place:
    """One field: where it stands (`lots[].title`), what it holds, whether it must be there."""

    name: str
    kind: tuple[str, str]
    needed: bool


@dataclass(frozen=True)
class Operation:
    """One operation with what it takes and gives."""

    id: str
    book: str
    method: str
    rule: str
    audience: str
    summary: str
    status: int
    query: tuple[Place, ...]
    body: tuple[Place, ...]
    returns: tuple[Place, ...]
    notes: tuple[tuple[str, str], ...]


@cache
def operations() -> dict[str, tuple[Operation, ...]]:
    """Every operation by its book; made once, as routes do not change while we run."""
    found: dict[str, list[Operation]] = {book: [] for book in BOOKS}
    for route in ROUTES:
        book = route.view.__module__.split(".")[0]
        found.setdefault(book, []).append(_operation(book, route))
    return {book: tuple(sorted(all_of, key=lambda one: (one.rule, one.method)))
            for book, all_of in found.items() if all_of}


def matching(text: str) -> dict[str, list[Operation]]:
    """The operations in whose address, summary or fields every word of `text` stands."""
    words = text.lower().split()
    found = {book: [one for one in all_of if all(word in _text(one) for word in words)]
             for book, all_of in operations().items()}
    return {book: all_of for book, all_of in found.items() if all_of}


@cache
def _text(one: Operation) -> str:
    places = " ".join(place.name for part in (one.query, one.body, one.returns) for place in part)
    return f"{one.method} {one.rule} {one.audience} {one.summary} {places}".lower()


def _operation(book: str, route: Route) -> Operation:
    notes = [note for given, note in (
        (route.keyed, ("需要 Idempotency-Key：重复发送只做一次。",
                       "Needs an Idempotency-Key: sent twice it is done once.")),
        (route.if_match, ("需要 If-Match：写明读到的版本。", "Needs If-Match: the version that was read.")),
        (route.matched, ("可带 If-Match：读到的项目版本（ETag）；已有人修改时拒绝。",
                         "If-Match, the tender's version (ETag) that was read, is judged where given.")),
        (route.sensitive, ("需要 Access-Reason：说明查阅理由，记入安全日志。",
                           "Needs an Access-Reason, which the security log keeps.")),
        (route.many, ("分页：limit 与 cursor。", "In pages: limit and cursor.")),
        (route.raw or route.stream, ("请求体是文件的原始字节。", "The body is the raw bytes of a file.")))
        if given]
    rule = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route.rule)
    return Operation(
        re.sub(r"[^a-z0-9]+", "-", f"{route.method} {route.rule}".lower()).strip("-"), book,
        route.method, rule, route.action or route.audience or "", route.summary, route.status,
        _places(route.query), _places(route.body), _places(route.returns), tuple(notes))


def _places(schema: type[Schema] | Schema | None, before: str = "", depth: int = 0
            ) -> tuple[Place, ...]:
    if schema is None or depth > 3:
        return ()
    made = schema() if isinstance(schema, type) else schema
    found: list[Place] = []
    for name, field in made.fields.items():
        said, inner = f"{before}{field.data_key or name}", field
        while isinstance(inner, fields.List):
            said, inner = said + "[]", inner.inner
        found.append(Place(said, _kind(inner), field.required))
        if isinstance(inner, fields.Nested):
            found += _places(inner.schema, f"{said}.", depth + 1)
    return tuple(found)


def _kind(field: fields.Field) -> tuple[str, str]:
    if isinstance(field, fields.Nested):
        return "对象", "object"
    return next(((zh, en) for kind, zh, en in TYPES if isinstance(field, kind)), ANYTHING)
