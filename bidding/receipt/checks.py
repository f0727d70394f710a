"""Each thing a receipt holds, checked: promise, proof, time stamp, closing path, declaration."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from audit import checkpoint, note, tlogproof
from audit.cosignature import cosigned_by
from audit.note import BadNote
from audit.tokens import BadAuthority, BadStamp
from audit.tokens import verify as verify_token
from kernel.canonical import NotCanonical, parse_canonical, parse_time, unb64

from .. import closing, declaration, digest, promise
from ..closing import Place
from .shape import BadReceipt, CannotCheck, Finding, Keys, State, said

ACTS = {"bid-receipt": ("bid.submitted", "bid.replaced"),
        "bid-withdrawal-receipt": ("bid.withdrawn",),
        "bid-deemed-withdrawn": ("bid.deemed_withdrawn",), "bid-refusal": ("security.digested",)}
"""The acts that keep a promise, by its type."""


def check(receipt: dict, keys: Keys, declared: str | None = None, *,
          strangers: bool = False) -> Finding:
    """Check all that a receipt holds, and a declaration's text against it: the one judge of
    receipts, for the command, the tenderer's program and the platform's own route alike.

    `strangers`: pass over cosignatures of witnesses whose keys are not known; they count for
    nothing. Raises BadReceipt naming the first thing that is wrong, CannotCheck when a key is missing.
    """
    found = Finding(says=check_promise(receipt["promise"], keys))
    if declared is not None:
        check_declaration(declared, found.says)
        found.declared = True
    if receipt["proof"] is not None:
        proven = check_proof(receipt["proof"], _bytes(receipt, "leaf"), keys, found,
                             strangers=strangers)
        keeps(found.says, receipt["promise"], proven.record, receipt["place"])
    elif receipt["leaf"] is not None or receipt["place"] is not None:
        raise BadReceipt("receipt: a leaf or a path without a proof")
    _check_stamp(receipt, keys, found)
    if receipt["closing"] is not None:
        _check_closing(receipt["closing"], keys, found)
    return found


def state(receipt: dict, now: datetime, keys: Keys | None = None) -> State:
    """Where a receipt stands at `now`: held, proven, or OVERDUE, the alarm.

    With `keys` it is checked as well and raises BadReceipt, CannotCheck; without them it is
    believed as it stands (the caller has checked it).
    """
    if keys is not None:
        found = check(receipt, keys)
    else:
        found = Finding(says=said(receipt["promise"]),
                        record={} if receipt.get("proof") else None)
    until = found.says.get("include_by")
    if found.record is None and until is not None and now > parse_time(until):
        return State.OVERDUE
    return found.state


def check_promise(text: str, keys: Keys) -> dict:
    """The words of a promise, its signature checked. Raises BadReceipt, CannotCheck."""
    if keys.platform is None:
        raise CannotCheck("the platform's key is missing (--platform-vkey)")
    try:
        note.verify(text, [keys.platform], closed=True)
        return promise.read(text, keys.platform)
    except (BadNote, promise.BadPromise) as error:
        raise BadReceipt(f"promise: {error}") from error


def check_declaration(text: str, says: dict) -> None:
    """Whether a promise is about this declaration, or about the withdrawal it signs."""
    try:
        value = parse_canonical(text.encode().removesuffix(b"\n"))
    except (NotCanonical, UnicodeEncodeError) as error:
        raise BadReceipt(f"declaration: {error}") from error
    if not isinstance(value, dict) or value.get("type") not in ("bid", "bid-withdrawal"):
        raise BadReceipt("declaration: neither a bid nor a withdrawal")
    named = value.get("declaration") if value["type"] == "bid-withdrawal" \
        else declaration.digest(value)
    if named != says.get("declaration"):
        raise BadReceipt("declaration: the promise is about another one")
    for name in ("log_origin", "tender", "lot", "bid"):
        if value.get(name) != says.get(name):
            raise BadReceipt(f"declaration: another {name} than the promise's")


def check_proof(text: str, leaf: bytes, keys: Keys, found: Finding | None = None, *,
                strangers: bool = False) -> tlogproof.Proven:
    """A `.tlog-proof`: leaf, inclusion, the log's signature, every cosignature.

    Raises BadReceipt, CannotCheck.
    """
    if keys.log is None:
        raise CannotCheck("the log's key is missing (--vkey)")
    try:
        proven = tlogproof.verify(text, leaf, keys.log)
        signed = note.parse(tlogproof.parse(text).checkpoint)
        known = {(one.name, one.id) for one in (keys.log, *keys.witnesses)}
        unknown = [one.name for one in signed.signatures if (one.name, one.id) not in known]
        if unknown and not strangers:
            raise CannotCheck(f"also signed by {unknown[0]}, whose key is not known here "
                              "(--witness-vkey)")
        checkpoint.read(tlogproof.parse(text).checkpoint, keys.log, others=keys.witnesses,
                        closed=not unknown)
        times = cosigned_by(signed, list(keys.witnesses))
    except (tlogproof.BadProofFile, BadNote) as error:
        raise BadReceipt(f"proof: {error}") from error
    if found is not None:
        found.record, found.index, found.tick = proven.record, proven.index, proven.tick
        found.size = proven.head.size
        found.cosigned |= {witness.name: at for witness, at in times.items()}
    return proven


def keeps(says: dict, promised: str, record: dict, place: object = None) -> None:
    """Whether the record's entry is the one that the promise promised. Raises BadReceipt."""
    if record.get("type") not in ACTS.get(says["type"], ()):
        raise BadReceipt(f"proof: of another act, {record.get('type')}")
    facts = record.get("facts")
    if not isinstance(facts, dict):
        raise BadReceipt("proof: the record has no facts")
    if says["type"] == "bid-refusal":
        root = digest.root_of(digest.refusal(promised), _place(place))
        if root != facts.get("root"):
            raise BadReceipt("place: the refusal's path leads to another root than the record's")
        return
    if place is not None:
        raise BadReceipt("place: only a refusal has a path to a digest")
    pairs = [("declaration", facts.get("declaration"), says["declaration"]),
             ("bid", record.get("subject"), says["bid"]), ("lot", record.get("lot"), says["lot"]),
             ("tender", record.get("tender"), says["tender"])]
    if says["type"] != "bid-deemed-withdrawn":
        pairs.append(("received_at", record.get("at"), says["received_at"]))
    for name, recorded, promised_value in pairs:
        if recorded != promised_value:
            raise BadReceipt(f"proof: the record has another {name} than the promise")


def _place(value: object) -> Place:
    try:
        if not isinstance(value, dict) or set(value) != {"position", "salt", "siblings"}:
            raise NotCanonical("not a path")
        return Place.from_json(value)
    except NotCanonical as error:
        raise BadReceipt(f"place: {error}") from error


def _bytes(receipt: dict, name: str) -> bytes:
    try:
        return unb64(receipt[name] if receipt[name] is not None else "")
    except NotCanonical as error:
        raise BadReceipt(f"{name}: {error}") from error


def _check_stamp(receipt: dict, keys: Keys, found: Finding) -> None:
    """The token, over the checkpoint of a second proof of the same entry."""
    if receipt["stamped"] is None and receipt["token"] is None:
        return
    if None in (receipt["stamped"], receipt["token"], receipt["proof"]):
        raise BadReceipt("token: its proof is missing")
    cosigned = partial(check_proof, receipt["stamped"], _bytes(receipt, "leaf"), keys)
    proven, early = cosigned(), Finding()
    cosigned(early)
    if (proven.index, proven.record) != (found.index, found.record):
        raise BadReceipt("token: its proof is of another entry")
    found.cosigned = {**found.cosigned, **early.cosigned}
    if keys.tsa is None:
        raise CannotCheck("the time-stamping authority's certificate is missing (--tsa)")
    try:
        over = checkpoint.own(tlogproof.parse(receipt["stamped"]).checkpoint)
        found.stamped_at = verify_token(_bytes(receipt, "token"), over, keys.tsa).at
    except (BadStamp, BadAuthority, BadNote) as error:
        raise BadReceipt(f"token: {error}") from error


def _check_closing(value: object, keys: Keys, found: Finding) -> None:
    """The bid's path to the root that the record holds of the lot's close."""
    if not isinstance(value, dict) or set(value) != {"place", "proof", "leaf"} \
            or not all(isinstance(value[name], str) for name in ("proof", "leaf")):
        raise BadReceipt("closing: not of this format")
    proven = check_proof(value["proof"], _bytes(value, "leaf"), keys)
    facts = proven.record.get("facts")
    says = found.says
    if proven.record.get("type") != "lot.closed" or proven.record.get("lot") != says["lot"] \
            or not isinstance(facts, dict):
        raise BadReceipt("closing: the proof is not of this lot's close")
    if says["type"] != "bid-receipt" or not closing.verify(
            str(facts.get("root")), says["bid"], says["declaration"], _place(value["place"])):
        raise BadReceipt("closing: the bid's path leads to another root than the record's")
    found.closed_root = facts["root"]
