"""Reading a request strictly: its size before its body, its JSON without tricks (Q48, Q70)."""

from __future__ import annotations

import re
from functools import cache
from urllib.parse import unquote

from flask import request
from marshmallow import Schema, ValidationError

from kernel.canonical import NotCanonical, parse
from kernel.refusal import INVALID, MALFORMED, NOT_FOUND

from .refusals import BODY_TOO_LARGE, LENGTH_NEEDED, MATCH_NEEDED, MEDIA, REASON_NEEDED

JSON_LIMIT = 1 << 20
_ID = re.compile(r"\A[0-9a-f]{32}\Z")
_ETAG = re.compile(r'\A(?:W/)?"([0-9]{1,15})"\Z')
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


def refuse_by_size(limit: int, wants_body: bool) -> None:
    """Refuse from the headers alone, before a byte of the body is read.

    411 for a chunked or unstated length, 413 above `limit` bytes.
    """
    if request.headers.get("Transfer-Encoding"):
        raise LENGTH_NEEDED()
    text = request.headers.get("Content-Length")
    if text is None or text == "":
        if wants_body:
            raise LENGTH_NEEDED()
        return
    if not re.fullmatch(r"[0-9]{1,19}", text):
        raise MALFORMED(problem="Content-Length")
    if int(text) > limit:
        raise BODY_TOO_LARGE(limit=limit)


def path_ids(values: dict[str, object]) -> None:
    """Refuse an address whose ids cannot be ids, as not found."""
    for name, value in values.items():
        if isinstance(value, str) and (
                _CONTROL.search(value) or (name.endswith("_id") and not _ID.match(value))):
            raise NOT_FOUND()


def read_json(schema: type[Schema] | Schema) -> dict[str, object]:
    """The request's JSON object, strictly parsed and loaded by `schema`.

    415 for another content type, 400 for what is not strict JSON, 422 with `fields` for values
    that do not fit.
    """
    if request.mimetype != "application/json":
        raise MEDIA(expected="application/json")
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if charset not in ("utf-8", "utf8"):
        raise MEDIA(expected="application/json; charset=utf-8")
    return load(schema, parse_json(request.get_data(cache=False)))


def parse_json(data: bytes) -> object:
    """Strict JSON, as 400 when it is not."""
    try:
        return parse(data)
    except NotCanonical as error:
        raise MALFORMED(problem=str(error)) from error


def refuse_body() -> None:
    """A route without a body accepts none, save an empty JSON object; unknown fields are 422."""
    data = request.get_data(cache=False)
    if not data:
        return
    if request.mimetype != "application/json":
        raise MEDIA(expected="application/json")
    value = parse_json(data)
    if value != {} or not isinstance(value, dict):
        names = value if isinstance(value, dict) else {"_": None}
        raise INVALID(fields={str(name): ["Unknown field. 未知字段。"] for name in names})


def given_reason() -> str:
    """The header Access-Reason: 4 to 200 characters of UTF-8, percent-encoded, without control
    characters. Raises REASON_NEEDED."""
    try:
        text = unquote(request.headers.get("Access-Reason", ""), errors="strict").strip()
    except UnicodeDecodeError as error:
        raise REASON_NEEDED() from error
    if not 4 <= len(text) <= 200 or not text.isprintable():
        raise REASON_NEEDED()
    return text


def read_query(schema: type[Schema] | Schema, besides: tuple[str, ...]) -> dict[str, object]:
    """The query part, each name once, loaded by `schema`; `besides` are read elsewhere."""
    values: dict[str, object] = {}
    for name, found in request.args.lists():
        if name in besides:
            continue
        if len(found) > 1:
            raise MALFORMED(problem=f"{name[:40]} is given twice")
        if any(_CONTROL.search(item) for item in found):
            raise MALFORMED(problem=f"{name[:40]} holds a control character")
        values[name] = found[0]
    return load(schema, values)


def made(schema: type[Schema] | Schema) -> Schema:
    """The schema itself. One of each class is made and used by all: to make one copies all its
    fields, and a schema keeps nothing of what it reads or writes."""
    return _one(schema) if isinstance(schema, type) else schema


@cache
def _one(kind: type[Schema]) -> Schema:
    return kind()


def load(schema: type[Schema] | Schema, value: object) -> dict[str, object]:
    """`value` by `schema`; 422 with the faulty fields named."""
    try:
        loaded = made(schema).load(value)
    except ValidationError as error:
        raise INVALID(fields=_plain(error.normalized_messages())) from error
    if _holds_nul(value):
        # PostgreSQL stores no U+0000, and no field of ours needs one.
        raise INVALID(fields={"_": ["U+0000 is not allowed. 不得含空字符。"]})
    return loaded


def _holds_nul(value: object) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(_holds_nul(item) for pair in value.items() for item in pair)
    return isinstance(value, list) and any(_holds_nul(item) for item in value)


def _plain(messages: object) -> object:
    if isinstance(messages, dict):
        return {str(key)[:80]: _plain(value) for key, value in messages.items()}
    if isinstance(messages, list):
        return [_plain(item) for item in messages]
    return str(messages)


def if_match(needed: bool = True) -> int | None:
    """The version of If-Match; 428 (or None) where it is missing, 400 where it is none of ours."""
    text = request.headers.get("If-Match")
    if not text:
        if needed:
            raise MATCH_NEEDED()
        return None
    found = _ETAG.match(text.strip())
    if not found:
        raise MALFORMED(problem="If-Match is not an ETag of ours")
    return int(found.group(1))
