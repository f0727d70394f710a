"""A refusal as the body of a problem document (RFC 9457), in both languages."""

from __future__ import annotations

from datetime import datetime

from kernel.canonical import jcs, time_text
from kernel.refusal import Refused

MEDIA_TYPE = "application/problem+json"


def problem_body(refused: Refused, status: int = 0) -> bytes:
    """`{type, title, status, code, law, facts, detail, do, fields?}` as JSON bytes.

    The fact `fields` (of `request.invalid`) becomes the member `fields`; `status` where it is
    answered with another one than the word's.
    """
    word = refused.word
    facts = {key: _plain(value) for key, value in refused.facts.items()}
    fields = facts.pop("fields", None)
    body = {"type": f"urn:yangguang:refusal:{word.code}", "title": refused.text("en"),
            "status": status or word.status, "code": word.code, "law": word.law, "facts": facts,
            "detail": {"zh": refused.text("zh"), "en": refused.text("en")},
            "do": {"zh": refused.advice("zh"), "en": refused.advice("en")}}
    if fields is not None:
        body["fields"] = fields
    return jcs(body)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return time_text(value)
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if abs(value) < 2**53 else str(value)
    return str(value).encode("utf-8", "replace").decode()
