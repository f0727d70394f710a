"""A document with samples: where they stand, what they ask, and how an answer is printed. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from xml.etree import ElementTree as ET

SAMPLE = re.compile(r"^```http(?P<info>[^\n]*)\n(?P<request>.*?)^```\n\n?"
                    r"(?:^```http\n(?P<answer>HTTP/.*?)^```\n)?", re.DOTALL | re.MULTILINE)
FIRST = re.compile(r"\A(GET|POST|PUT|PATCH|DELETE) (\S+)\n")
LONGEST, LONGEST_LIST, LONGEST_TEXT, WIDEST = 30, 2, 160, 118
NAME = re.compile(r"\{([a-z_0-9]+)\}")


@dataclass(frozen=True)
class Request:
    """What a sample asks, with names in braces where an installation has ids of its own."""

    method: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    only: str = ""
    """A JSON pointer: the part of the answer that is printed."""
    fields: tuple[str, ...] = ()
    """Of objects at the top of that part, the fields that are printed; all where none is named."""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    reason: str
    media: str
    body: str


def read(info: str, text: str) -> Request:
    """The request of a sample. Raises ValueError."""
    found = FIRST.match(text)
    if found is None:
        raise ValueError(f"no request: {text[:60]!r}")
    head, _, body = text[found.end():].partition("\n") if text[found.end():].startswith("\n") \
        else text[found.end():].partition("\n\n")
    headers = dict(line.split(": ", 1) for line in head.splitlines() if line)
    said = dict(part.split("=", 1) for part in info.split())
    fields = tuple(filter(None, said.get("fields", "").split(",")))
    return Request(found[1], found[2], headers, body.strip(), said.get("only", ""), fields)


def printed(text: str, ask: Callable[[Request], str], send: Callable[[Request], str]) -> str:
    """The document with every answer made anew: `ask` prints an answer, `send` prints what the
    platform sends by itself, to an address that is not its own."""
    def anew(match: re.Match[str]) -> str:
        request = read(match["info"], match["request"])
        if request.path.startswith("https://"):
            return f"```http{match['info']}\n{send(request)}```\n" + (
                "\n" if match[0].endswith("\n\n") else "")
        more = "\n" if match["answer"] is None else ""
        return (f"```http{match['info']}\n{match['request']}```\n\n"
                f"```http\n{ask(request)}```\n{more}")
    return SAMPLE.sub(anew, text)


def filled(text: str, names: Mapping[str, str]) -> str:
    """A request's text with the installation's ids for the names. Raises KeyError."""
    return NAME.sub(lambda match: names[match[1]], text)


def shown(answer: Answer, request: Request, normal: Callable[[str], str]) -> str:
    """An answer as it is printed: status, media type, body; `normal` takes out what differs from
    one installation to the next."""
    head = f"HTTP/1.1 {answer.status} {answer.reason}\nContent-Type: {answer.media}\n\n"
    said = body(answer.media, answer.body, request)
    return head + normal(said).rstrip("\n") + "\n"


def body(media: str, text: str, request: Request) -> str:
    """A body as people read it: JSON and XML in lines, long lists and texts cut short."""
    kind = media.partition(";")[0]
    if kind.endswith("json"):
        value = pointed(json.loads(text, parse_float=Decimal), request.only)
        return lines(cut(chosen(value, request.fields)))
    if kind.endswith("xml"):
        root = ET.fromstring(text)
        ET.indent(root, " ")
        text = ET.tostring(root, encoding="unicode")
    said = text.replace("\r\n", "\n").splitlines()
    return "\n".join(said[:LONGEST] + ["…"] * (len(said) > LONGEST))


def pointed(value: object, pointer: str) -> object:
    """The part of a JSON value that a pointer leads to; `-1` is the last of a list."""
    for name in filter(None, pointer.split("/")):
        value = value[int(name)] if isinstance(value, list) else value[name]
    return value


def chosen(value: object, fields: tuple[str, ...]) -> object:
    """The value with the fields that are to be printed, and a mark for the others.

    Raises KeyError for a field that is not there.
    """
    if isinstance(value, list):
        return [chosen(one, fields) for one in value]
    if not fields or not isinstance(value, dict):
        return value
    return {name: value[name] for name in fields} | (
        {"…": "…"} if len(value) > len(fields) else {})


def cut(value: object) -> object:
    """The value with long lists and texts cut short."""
    if isinstance(value, dict):
        return {name: cut(one) for name, one in value.items()}
    if isinstance(value, list):
        return [cut(one) for one in value[:LONGEST_LIST]] + ["…"] * (len(value) > LONGEST_LIST)
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        return value[:LONGEST_TEXT] + "…"
    return value


def lines(value: object, depth: int = 0) -> str:
    """JSON as people read it: what fits stands in one line; decimals digit for digit."""
    flat = _flat(value)
    if not isinstance(value, (dict, list)) or len(flat) + depth <= WIDEST:
        return flat
    inner = [f"{_flat(name)}: {lines(one, depth + 1)}" for name, one in value.items()] \
        if isinstance(value, dict) else [lines(one, depth + 1) for one in value]
    begin, end = "{}" if isinstance(value, dict) else "[]"
    pad = " " * (depth + 1)
    return begin + "\n" + ",\n".join(pad + one for one in inner) + "\n" + " " * depth + end


def _flat(value: object) -> str:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_flat(name)}: {_flat(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flat(one) for one in value) + "]"
    return json.dumps(value, ensure_ascii=False)


class Normal:
    """Takes out of a page what differs from one installation to the next: ids and digests by
    number in the order in which they come, known ids by their name, signatures, keys, and the drawn part of codes."""

    def __init__(self, names: Mapping[str, str]):
        self._names = {value: name for name, value in names.items()}
        self._seen: dict[str, str] = {}

    def __call__(self, text: str) -> str:
        text = re.sub(r"(?<![0-9a-f])(?:[0-9a-f]{64}|[0-9a-f]{32})(?![0-9a-f])", self._id, text)
        text = re.sub(r"(?<![0-9A-Z])(E[0-9]{6}YG[0-9]{2})[0-9A-Z]{6}(?=[0-9]{3}|[^0-9A-Z]|$)", r"\1XXXXXX", text)
        text = re.sub(r"(-[0-9]{8}-)[0-9]{6}-[0-9A-Z]\b", r"\g<1>000000-X", text)
        text = re.sub(r"\b(age1(?:pq1)?)[a-z0-9]{20,}…?", r"\1…", text)
        text = re.sub(r"— (\S+) [A-Za-z0-9+/]+=*", r"— \1 …", text)
        return re.sub(r"\b([a-z.]+/[a-z/0-9-]+)\+[0-9a-f]{8}\+[A-Za-z0-9+/]+=*", r"\1+…", text)

    def _id(self, match: re.Match[str]) -> str:
        found = match[0]
        if found in self._names:
            return "{" + self._names[found] + "}"
        alike = [one for one in self._seen if len(one) == len(found)]
        return self._seen.setdefault(found, f"{len(alike) + 1:0{len(found)}x}")


def pages_of(texts: Mapping[str, str]) -> Iterable[str]:
    """The names of the documents that hold a sample, in order."""
    return sorted(name for name, text in texts.items() if "\n```http" in text)
