"""A draw that a stranger can repeat: commit, reveal, seed, shuffle.

Whoever may contribute commits SHA-256 of a 32-byte nonce, then reveals it. The seed hashes the
announcement, all commitments, all revealed nonces and what the witnesses named in the
announcement signed under the first checkpoint that holds the close of revealing: all of them,
by key id, so that nobody chooses among them and nobody knew one while a nonce could still be
chosen (docs/adr/0007). The shuffle is Fisher-Yates over an HMAC-SHA256 counter stream without
modulo bias. Names stay out: the list holds tickets, hashes salted afresh for each draw, and the
salt is shown with the award (招标投标法 37). The format is docs/formats/draw.md.

Where there are no witnesses the log's own signature stands there. Then the operator could try
several checkpoints until one suits, and whoever shows the draw says so (`CAUTION`).
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from audit.checkpoint import read as read_checkpoint
from audit.checkpoint import signature_of
from audit.cosignature import Cosigner, cosigned_by, in_order
from audit.note import BadNote, Verifier
from audit.note import parse as parse_note
from kernel.canonical import NotCanonical, b64, jcs, sha256, unb64, unhex

DOMAIN = "yangguang.draw.v1"
TICKET_DOMAIN = "yangguang.ticket.v1"
COEFFICIENT_DOMAIN = "yangguang.coefficient.v1"
PLATFORM = "platform"
"""The platform's name among the contributors; all others are named by their party's id."""

CAUTION = {
    "zh": "本平台没有外部见证：抽取种子取自平台自己的签名，平台可以反复尝试直到结果合意。",
    "en": "This platform has no witnesses: the seed takes its own signature, so the platform "
          "could try again and again until a result suits it.",
}
"""What stands beside every draw that no witness has a part in."""

NONCE_BYTES = 32
_DECIMAL = re.compile(r"\A(?:0|[1-9]\d{0,9})(?:\.\d{1,6})?\Z")


class NotTheDraw(ValueError):
    """The document does not describe a draw that was held as it says; the message says where."""


def framed(*fields: bytes) -> bytes:
    """Join fields so that no two lists of fields have the same bytes: 8-byte length, bytes."""
    return b"".join(len(field).to_bytes(8, "big") + field for field in fields)


def commitment(nonce: bytes) -> str:
    """The commitment to a 32-byte nonce: its SHA-256 in hex. Raises ValueError for other sizes."""
    if len(nonce) != NONCE_BYTES:
        raise ValueError(f"a nonce has {NONCE_BYTES} bytes")
    return sha256(nonce).hex()


def ticket(draw_id: str, salt: bytes, grant_id: str) -> str:
    """What stands for a person on the list: 64 hex digits that say nothing without the salt."""
    fields = (TICKET_DOMAIN.encode(), draw_id.encode(), salt, grant_id.encode())
    return sha256(framed(*fields)).hex()


def stream(seed: bytes) -> Iterator[int]:
    """The 64-bit numbers of a seed: the first 8 bytes of HMAC-SHA256(seed, counter), big-endian."""
    counter = 0
    while True:
        block = hmac.new(seed, counter.to_bytes(8, "big"), hashlib.sha256).digest()
        yield int.from_bytes(block[:8], "big")
        counter += 1


def below(numbers: Iterator[int], limit: int) -> int:
    """An unbiased number in [0, limit): numbers of the last, incomplete stretch are skipped."""
    bound = 2**64 - 2**64 % limit
    while True:
        number = next(numbers)
        if number < bound:
            return number % limit


def shuffle(items: Sequence[str], seed: bytes) -> list[str]:
    """Put `items` into the order drawn by `seed` (LT-1); they are sorted first.

    The order in which they came, therefore, cannot matter.
    """
    order, numbers = sorted(items), stream(seed)
    for last in range(len(order) - 1, 0, -1):
        other = below(numbers, last + 1)
        order[last], order[other] = order[other], order[last]
    return order


@dataclass(frozen=True)
class Contribution:
    """One contributor's part: the commitment (hex) and the nonce, None if never revealed."""

    contributor: str
    commitment: str
    nonce: bytes | None


def seed_of(draw_id: str, announcement: dict, contributions: Sequence[Contribution],
            signatures: Sequence[bytes]) -> bytes:
    """The 32-byte seed (sealed-bid C3).

    Fields, each with its length in front: domain, draw id, announcement in canonical form,
    then for each contributor in the order of `ordered` the name, the commitment and the nonce
    (empty when it was not revealed), and last the signatures of `drawing_signatures`.
    """
    fields = [DOMAIN.encode(), draw_id.encode(), jcs(announcement)]
    for part in ordered(contributions):
        fields += [part.contributor.encode(), part.commitment.encode(), part.nonce or b""]
    return sha256(framed(*fields, *signatures))


def opens(nonce: str | None, committed: str) -> bool:
    """Whether a nonce (base64) is the one that `committed` was made of; what is none is not."""
    try:
        return commitment(unb64(nonce or "")) == committed
    except (NotCanonical, ValueError):
        return False


def contributions_of(rows: Iterable) -> list[Contribution]:
    """Rows with `contributor`, `commitment` and `nonce` (base64, None if never revealed), in the
    order in which they go into the seed."""
    return ordered([Contribution(row.contributor, row.commitment,
                                 row.nonce and unb64(row.nonce, NONCE_BYTES)) for row in rows])


def left_out(contributions: Iterable[Contribution]) -> list[str]:
    """Who committed and did not reveal, by name."""
    return [part.contributor for part in contributions if part.nonce is None]


def ordered(contributions: Sequence[Contribution]) -> list[Contribution]:
    """The platform first, then the parties by id."""
    return sorted(contributions, key=lambda part: (part.contributor != PLATFORM, part.contributor))


def list_hash(pool: Sequence[dict]) -> str:
    """The hash of the list from which is drawn, with its exclusions: SHA-256 of its JCS, hex."""
    return sha256(jcs(list(pool))).hex()


def eligible(announcement: dict) -> list[str]:
    """The tickets that are in the draw, sorted."""
    return sorted(row["ticket"] for row in announcement["pool"] if row["excluded"] is None)


def outcome(announcement: dict, seed: bytes) -> dict[str, object]:
    """What the seed decides: the full order of tickets, the first seats, the coefficient.

    The substitutes are those behind the seats, in that order; should they be used up, the rest
    of the order follows. The coefficient is drawn from the published set by a seed of its own.
    """
    order = shuffle(eligible(announcement), seed)
    own_seed = sha256(framed(COEFFICIENT_DOMAIN.encode(), seed))
    coefficients = shuffle(announcement["coefficients"], own_seed)
    seats, behind = announcement["seats"], announcement["substitutes"]
    return {"order": order, "panel": order[:seats], "substitutes": order[seats : seats + behind],
            "coefficient": coefficients[0] if coefficients else None}


def document(draw_id: str, announcement: dict, contributions: Sequence[Contribution],
             checkpoint: str) -> dict[str, object]:
    """The replayable document of a draw that was held. `checkpoint` is the signed note's text.

    Raises BadNote where an announced witness has not cosigned it.
    """
    signatures = drawing_signatures(checkpoint, announcement)
    seed = seed_of(draw_id, announcement, contributions, signatures)
    return {
        "v": 1, "draw": draw_id, "announcement": announcement,
        "list_hash": list_hash(announcement["pool"]),
        "contributions": [
            {"contributor": part.contributor, "commitment": part.commitment,
             "nonce": b64(part.nonce) if part.nonce else None}
            for part in ordered(contributions)],
        "checkpoint": own_lines(checkpoint, announcement),
        "signatures": [b64(value) for value in signatures], "seed": seed.hex(),
    } | outcome(announcement, seed)


def verify(draw: object, log: Verifier | None = None,
           witnesses: Sequence[Cosigner] | None = None) -> None:
    """Recompute a draw document from its own contents; raise NotTheDraw naming the first fault.

    `log` and `witnesses`: the keys known from elsewhere; those announced must be the same.
    That the announcement and the commitments are the ones made at the time is for the record to
    show, and that there was no earlier checkpoint for the histories of the witnesses
    (evaluation/replay.py).
    """
    try:
        _verify(draw, log, witnesses)
    except (KeyError, TypeError, AttributeError, NotCanonical) as error:
        raise NotTheDraw(f"not a draw document: {error}") from error


_FIELDS = {"v", "draw", "announcement", "list_hash", "contributions", "checkpoint", "signatures",
           "seed", "order", "panel", "substitutes", "coefficient"}


def _verify(draw, log: Verifier | None, witnesses: Sequence[Cosigner] | None) -> None:
    _require(set(draw) == _FIELDS and draw["v"] == 1 and draw["v"] is not True, "fields")
    announcement = draw["announcement"]
    check_announcement(announcement)
    _require(draw["draw"] == announcement["draw"], "draw id")
    _require(draw["list_hash"] == list_hash(announcement["pool"]), "list hash")
    parts = [_contribution(row) for row in draw["contributions"]]
    names = [part.contributor for part in parts]
    _require(len(set(names)) == len(names), "a contributor twice")
    _require(parts == ordered(parts), "order of contributions")
    _require(names[:1] == [PLATFORM] and parts[0].nonce is not None, "the platform's nonce")
    _require(parts[0].commitment == announcement["platform_commitment"], "platform's commitment")
    try:
        key, announced = Verifier.parse(announcement["log_vkey"]), announced_witnesses(announcement)
        _require(log is None or key == log, "the log's key is not the expected one")
        _require(witnesses is None or set(announced) == set(witnesses),
                 "the announced witnesses are not the expected ones")
        read_checkpoint(draw["checkpoint"], key, others=tuple(announced), closed=True)
        signatures = drawing_signatures(draw["checkpoint"], announcement)
        _require(draw["checkpoint"] == own_lines(draw["checkpoint"], announcement),
                 "order of the checkpoint's lines")
    except BadNote as error:
        raise NotTheDraw(f"checkpoint: {error}") from error
    _require(draw["signatures"] == [b64(value) for value in signatures], "signatures")
    seed = seed_of(draw["draw"], announcement, parts, signatures)
    _require(draw["seed"] == seed.hex(), "seed")
    for name, value in outcome(announcement, seed).items():
        _require(draw[name] == value, name)


def check_announcement(announcement: dict) -> None:
    """The announcement alone: names, distinct tickets, enough of them. Raises NotTheDraw."""
    tickets = [row["ticket"] for row in announcement["pool"]]
    _require(all(set(row) == {"ticket", "excluded"} for row in announcement["pool"]), "pool rows")
    for name in tickets:
        unhex(name, 32)
    _require(tickets == sorted(set(tickets)), "tickets are not distinct and sorted")
    seats, behind = announcement["seats"], announcement["substitutes"]
    _require(isinstance(seats, int) and 0 < seats <= len(eligible(announcement)), "seats")
    _require(isinstance(behind, int) and behind >= 0, "substitutes")
    _require(isinstance(announcement["witnesses"], list), "witnesses")
    coefficients = announcement["coefficients"]
    _require(len(set(coefficients)) == len(coefficients), "a coefficient twice")
    _require(all(_DECIMAL.match(text) for text in coefficients), "coefficients")


def announced_witnesses(announcement: dict) -> list[Cosigner]:
    """The witnesses named in the announcement, by key id. Raises BadNote."""
    found = [Cosigner.parse(text) for text in announcement["witnesses"]]
    _require(found == in_order(found) and len(set(found)) == len(found), "order of the witnesses")
    return found


def absent_witnesses(checkpoint: str, announcement: dict) -> list[str]:
    """The names of announced witnesses whose line the checkpoint does not have (yet)."""
    announced = announced_witnesses(announcement)
    signed = cosigned_by(parse_note(checkpoint), announced)
    return [one.name for one in announced if one not in signed]


def drawing_signatures(checkpoint: str, announcement: dict) -> list[bytes]:
    """What goes into the seed: 72 bytes of each announced witness, by key id, or, where none is
    announced, the log's 64. Raises BadNote where one is missing or wrong."""
    announced = announced_witnesses(announcement)
    if not announced:
        return [signature_of(checkpoint, Verifier.parse(announcement["log_vkey"]).name)]
    if absent := absent_witnesses(checkpoint, announcement):
        raise BadNote(f"{absent[0]} has not cosigned")
    values = {(line.name, line.id): line.value for line in parse_note(checkpoint).signatures}
    return [values[one.name, one.id] for one in announced]


def own_lines(checkpoint: str, announcement: dict) -> str:
    """The note with the log's line first, then the announced witnesses' by key id, no others."""
    signed, log = parse_note(checkpoint), Verifier.parse(announcement["log_vkey"])
    lines = {(line.name, line.id): f"— {line.name} {b64(line.id + line.value)}\n"
             for line in signed.signatures}
    wanted = [log, *announced_witnesses(announcement)]
    return f"{signed.text}\n" + "".join(
        lines[one.name, one.id] for one in wanted if (one.name, one.id) in lines)


def _contribution(row: dict) -> Contribution:
    _require(set(row) == {"contributor", "commitment", "nonce"}, "fields of a contribution")
    unhex(row["commitment"], 32)
    nonce = None if row["nonce"] is None else unb64(row["nonce"], NONCE_BYTES)
    matches = nonce is None or commitment(nonce) == row["commitment"]
    _require(matches, f"the nonce of {row['contributor']} is not what was committed")
    return Contribution(row["contributor"], row["commitment"], nonce)


def _require(condition: bool, what: str) -> None:
    if not condition:
        raise NotTheDraw(what)
