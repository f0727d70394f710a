"""What a form sends, as the JSON that the interface takes: pure (ADR 12).

A field's name is its place in the JSON, with what it holds behind a colon:
`price_ceiling_fen:yuan`, `lots.0.deadline:when`, `criteria.factors.2.max:int`; a tilde is a dot within a step. An empty field
is left out, as an absent member, unless it is `blank`: then nothing may stand where something stood.
Names that begin with `_` are the page's own and never sent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from kernel.canonical import NotCanonical, parse

MOST_DEEP = 8
"""Steps of a name; deeper ones are no field of ours."""

SECRET = ("password", "old", "new", "totp", "code", "recovery", "_totp")
"""Last steps of names whose values are never shown again."""

_NUMBER = re.compile(r"\A[0-9]{1,9}\Z")
_YUAN = re.compile(r"\A([0-9]{1,13})(?:\.([0-9]{1,2}))?\Z")
_WHEN = re.compile(r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?\Z")


class Unreadable(ValueError):
    """A field's text is not what it should hold; the message is (zh, en)."""

    def __init__(self, zh: str, en: str):
        super().__init__(en)
        self.said = (zh, en)


def _int(text: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,15}", text):
        raise Unreadable("请填写整数。", "A whole number is needed.")
    return int(text)


def _yuan(text: str) -> int:
    found = _YUAN.match(text.replace(",", "").replace("，", "").removeprefix("¥").strip())
    if not found:
        raise Unreadable("请填写金额，单位元，最多两位小数，例如 1,234.56。",
                         "An amount in yuan with at most two decimals is needed, as 1,234.56.")
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))


def _truth(text: str) -> bool:
    return text in ("true", "on", "1")


def _when(text: str) -> str:
    if not _WHEN.match(text):
        raise Unreadable("请填写北京时间的日期和时间，例如 2026-12-01 17:00。",
                         "A date and a time in Beijing are needed, as 2026-12-01 17:00.")
    return (text if len(text) > 16 else text + ":00") + "+08:00"


def _json(text: str) -> object:
    try:
        return parse(text)
    except NotCanonical as error:
        raise Unreadable("内容不是有效的 JSON。", "This is not JSON.") from error


KINDS: dict[str, Callable[[str], object]] = {
    "text": lambda text: text.replace("\r\n", "\n"),
    "int": _int, "yuan": _yuan, "bool": _truth, "when": _when, "json": _json,
    "lines": lambda text: [line.strip() for line in text.splitlines() if line.strip()],
    "list": lambda text: text, "blank": lambda text: text.replace("\r\n", "\n").strip(),
}
"""What may stand behind the colon; `list` gathers all fields of the name."""


def place_of(name: str) -> str:
    """A field's place in the JSON: its name without its kind."""
    return name.partition(":")[0].replace("~", ".")


def read(pairs: Iterable[tuple[str, str]]) -> tuple[dict[str, object], dict[str, list[str]]]:
    """(the JSON, what could not be read: place to [zh, en]) of a form's fields in their order."""
    made: dict[str, object] = {}
    wrong: dict[str, list[str]] = {}
    for name, text in pairs:
        place, _, kind = name.partition(":")
        steps = [step.replace("~", ".") for step in place.split(".")]
        if name.startswith("_") or (not text.strip() and kind != "blank") or len(steps) > MOST_DEEP:
            continue
        try:
            value = KINDS.get(kind or "text", KINDS["text"])(
                text if kind in ("", "text", "lines") else text.strip())
        except Unreadable as error:
            wrong[place] = list(error.said)
            continue
        _put(made, steps, value, many=kind == "list")
    return _lists(made), wrong


def _put(made: dict, steps: list[str], value: object, many: bool) -> None:
    for step in steps[:-1]:
        inner = made.setdefault(step, {})
        if not isinstance(inner, dict):
            return
        made = inner
    if many:
        found = made.setdefault(steps[-1], [])
        if isinstance(found, list):
            found.append(value)
    else:
        made[steps[-1]] = value


def _lists(value: object) -> object:
    """Objects whose names are all numbers are lists, in the order of the numbers."""
    if not isinstance(value, dict):
        return value
    inner = {name: _lists(one) for name, one in value.items()}
    if inner and all(_NUMBER.match(name) for name in inner):
        return [inner[name] for name in sorted(inner, key=int)]
    return inner


def flat(fields: object, before: str = "") -> dict[str, list[str]]:
    """The interface's `fields` of a refusal, by place: nested objects become dotted names."""
    if isinstance(fields, dict):
        found: dict[str, list[str]] = {}
        for name, inner in fields.items():
            step = "" if name in ("_schema", "_") else str(name)
            place = ".".join(part for part in (before, step) if part)
            for key, said in flat(inner, place).items():
                found.setdefault(key, []).extend(said)
        return found
    said = fields if isinstance(fields, list) else [fields]
    return {before: [str(one) for one in said]}
