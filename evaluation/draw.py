"""A draw that a stranger can repeat: commit, reveal, seed, shuffle.

Whoever may contribute commits SHA-256 of a 32-byte nonce, then reveals it. The seed hashes the
announcement, all commitments, all revealed nonces and the signature bytes of the first
checkpoint of the record after the reveal deadline, so that nobody knew it while a nonce could
still be chosen. The shuffle is Fisher-Yates over an HMAC-SHA256 counter stream without modulo
bias. Names stay out: the list holds tickets, hashes salted afresh for each draw, and the salt
is shown with the award (招标投标法 37). The format is docs/formats/draw.md.

Without witnesses the operator could try several checkpoints until one suits (sealed-bid C3);
the document says which signature was taken, and that is all that can be said.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from audit.checkpoint import read as read_checkpoint
from audit.note import BadNote, Verifier
from audit.note import parse as parse_note
from kernel.canonical import NotCanonical, b64, jcs, sha256, unb64, unhex

DOMAIN = "yangguang.draw.v1"
TICKET_DOMAIN = "yangguang.ticket.v1"
COEFFICIENT_DOMAIN = "yangguang.coefficient.v1"
PLATFORM = "platform"
"""The platform's name among the contributors; all others are named by their party's id."""

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
            signature: bytes) -> bytes:
    """The 32-byte seed (sealed-bid C3).

    Fields, each with its length in front: domain, draw id, announcement in canonical form,
    then for each contributor in the order of `ordered` the name, the commitment and the nonce
    (empty when it was not revealed), and last the signature bytes of the checkpoint.
    """
    fields = [DOMAIN.encode(), draw_id.encode(), jcs(announcement)]
    for part in ordered(contributions):
        fields += [part.contributor.encode(), part.commitment.encode(), part.nonce or b""]
    return sha256(framed(*fields, signature))


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
    """The replayable document of a draw that was held. `checkpoint` is the signed note's text."""
    signature = drawing_signature(checkpoint)
    seed = seed_of(draw_id, announcement, contributions, signature)
    return {
        "v": 1, "draw": draw_id, "announcement": announcement,
        "list_hash": list_hash(announcement["pool"]),
        "contributions": [
            {"contributor": part.contributor, "commitment": part.commitment,
             "nonce": b64(part.nonce) if part.nonce else None}
            for part in ordered(contributions)],
        "checkpoint": checkpoint, "signature": b64(signature), "seed": seed.hex(),
    } | outcome(announcement, seed)


def verify(draw: object) -> None:
    """Recompute a draw document from its own contents; raise NotTheDraw naming the first fault.

    That the announcement and the commitments are the ones made at the time, and that the log
    had no earlier checkpoint after the deadline, is for the record to show: docs/formats/draw.md.
    """
    try:
        _verify(draw)
    except (KeyError, TypeError, AttributeError, NotCanonical) as error:
        raise NotTheDraw(f"not a draw document: {error}") from error


_FIELDS = {"v", "draw", "announcement", "list_hash", "contributions", "checkpoint", "signature",
           "seed", "order", "panel", "substitutes", "coefficient"}


def _verify(draw) -> None:
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
        log = Verifier.parse(announcement["log_vkey"])
        read_checkpoint(draw["checkpoint"], log)
        _require(draw["signature"] == b64(drawing_signature(draw["checkpoint"])), "signature")
    except BadNote as error:
        raise NotTheDraw(f"checkpoint: {error}") from error
    signature = unb64(draw["signature"])
    seed = seed_of(draw["draw"], announcement, parts, signature)
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
    coefficients = announcement["coefficients"]
    _require(len(set(coefficients)) == len(coefficients), "a coefficient twice")
    _require(all(_DECIMAL.match(text) for text in coefficients), "coefficients")


def drawing_signature(checkpoint: str) -> bytes:
    """The signature bytes that go into the seed: the last line of the checkpoint, which is a
    witness's where there are witnesses, else the log's own. Raises BadNote."""
    return parse_note(checkpoint).signatures[-1].value


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
