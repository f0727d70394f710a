"""Holding a draw document against the record and against the witnesses' histories. Pure.

The document alone proves that this result follows from this announcement, these nonces and
these signatures. The record proves that they are the ones of the time; a witness's history
proves that its signature was under the first checkpoint that held the close, and that none was
passed over because another draw would have come of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from audit.checkpoint import head_of
from audit.note import parse
from kernel.canonical import b64, jcs, sha256

from .draw import PLATFORM, NotTheDraw, list_hash

_LINE = re.compile(r"\A(\d{1,19}) (\S{44}) (\d{1,19})\Z", re.ASCII)


def against_record(draw: dict, entries: Iterable[tuple[int, dict]]) -> int:
    """Compare a verified document with the entries of a verified record, (position, record);
    return the position of `draw.closed`. Raises NotTheDraw naming the first difference."""
    own: dict[str, list[tuple[int, dict]]] = {}
    for position, record in entries:
        if record.get("subject") == draw["draw"]:
            own.setdefault(record["type"], []).append((position, record["facts"]))
    size = head_of(parse(draw["checkpoint"])).size
    kind = kind_of(draw["announcement"])
    if kind == "invitation":
        _as_closing(own)
    (_, announced), = _exactly(own, f"{kind}.announced", 1)
    (closed_at, closed), = _exactly(own, f"{kind}.closed", 1)
    (_, drawn), = _exactly(own, "panel.drawn" if kind == "draw" else f"{kind}.drawn", 1)
    _same(announced["announcement_hash"], _digest(draw["announcement"]), "the announcement")
    _same(announced["list_hash"], list_hash(draw["announcement"]["pool"]), "the list")
    _same(announced["platform_commitment"], draw["announcement"]["platform_commitment"],
          "the platform's commitment")
    committed = {facts["contributor"]: facts["commitment"]
                 for _, facts in own.get(f"{kind}.committed", [])}
    revealed = {facts["contributor"]: facts["nonce"] for _, facts in own.get(f"{kind}.revealed", [])}
    rows = draw["contributions"]
    _same(committed, {row["contributor"]: row["commitment"] for row in rows
                      if row["contributor"] != PLATFORM}, "the commitments")
    _same(revealed, {row["contributor"]: row["nonce"] for row in rows if row["nonce"]},
          "the nonces")
    _same(sorted(closed["left_out"]), sorted(row["contributor"] for row in rows
                                             if row["nonce"] is None), "who was left out")
    _same(drawn["draw_hash"], _digest(draw), "the document")
    for name in (f"{kind}.committed", f"{kind}.revealed"):
        for position, _ in own.get(name, []):
            # What came after the checkpoint could be chosen by who had seen its signatures.
            if position >= size:
                raise NotTheDraw(f"entry {position}: {name} is not under the checkpoint used")
    if closed_at >= size:
        raise NotTheDraw(f"entry {closed_at}: the close is not under the checkpoint used")
    return closed_at


def kind_of(announcement: dict) -> str:
    """What a draw is of, and so what its entries are called: a panel's is a plain `draw`."""
    return next((kind for name, kind in (("service", "selection"), ("invitation", "invitation"),
                                         ("lottery", "lottery")) if name in announcement), "draw")


def _as_closing(own: dict[str, list[tuple[int, dict]]]) -> None:
    """Of those invited the last who stood for the draw closed it, and the platform's nonce came out
    with that one entry."""
    last = [(position, facts) for position, facts in own.get("invitation.watched", [])
            if facts["closed"]]
    own["invitation.closed"] = [(position, facts | {"left_out": []}) for position, facts in last]
    own["invitation.revealed"] = [(position, {"contributor": PLATFORM, "nonce": facts["nonce"]})
                                  for position, facts in last]


def against_history(draw: dict, history: str, closed: int) -> None:
    """A witness's history must have the checkpoint used as its first that holds leaf `closed`.

    `history` is what the witness serves: `size root time` a line. Raises NotTheDraw.
    """
    head = head_of(parse(draw["checkpoint"]))
    last = -1
    for number, line in enumerate(history.splitlines(), 1):
        match = _LINE.match(line)
        if not match or int(match[1]) <= last:
            raise NotTheDraw(f"line {number} is not of a witness's history")
        last = int(match[1])
        if last > closed:
            if (last, match[2]) != (head.size, b64(head.root)):
                raise NotTheDraw(f"the witness cosigned a checkpoint of {last} leaves first; the "
                                 f"draw took one of {head.size}")
            return
    raise NotTheDraw("the witness's history does not reach the checkpoint used")


def _digest(value: object) -> str:
    return sha256(jcs(value)).hex()


def _exactly(own: dict, kind: str, count: int) -> list[tuple[int, dict]]:
    found = own.get(kind, [])
    if len(found) != count:
        raise NotTheDraw(f"the record holds {len(found)} entries {kind} of this draw")
    return found


def _same(recorded: object, shown: object, what: str) -> None:
    if recorded != shown:
        raise NotTheDraw(f"{what}: the record holds another")
