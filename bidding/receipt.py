"""Receipts, checked by whoever holds them: offline, with nothing of ours but public keys.

A receipt is the platform's promise (a signed note), and later the proof that the record holds
what was promised: a `.tlog-proof` with its leaf, for a refusal the path to the digest whose
root the record holds, a time stamp, and for a bid its path to the closing root. Together they
are one JSON object, in the one spelling of RFC 8785:

    {"v", "type": "receipt", "promise", "proof", "leaf", "place", "stamped", "token", "closing"}

    yangguang receipt verify FILE… [--vkey log.vkey] [--platform-vkey …] [--witness-vkey …] [--tsa …]

FILE is a promise, a `.tlog-proof` (its `.leaf` beside it), such an object, or a declaration.
Keys not given are looked for beside the files. Exit: 0 it holds, 1 something is wrong (the
first thing is named), 2 it cannot be checked.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from audit import checkpoint, note, tlogproof
from audit.cosignature import Cosigner, cosigned_by
from audit.note import BadNote, Verifier
from audit.tokens import BadAuthority, BadStamp
from audit.tokens import verify as verify_token
from kernel.canonical import NotCanonical, jcs, parse_canonical, parse_time, sha256, unb64

from . import closing, declaration, digest, promise
from .closing import Place

FIELDS = ("promise", "proof", "leaf", "place", "stamped", "token", "closing")
ACTS = {"bid-receipt": ("bid.submitted", "bid.replaced"),
        "bid-withdrawal-receipt": ("bid.withdrawn",),
        "bid-deemed-withdrawn": ("bid.deemed_withdrawn",), "bid-refusal": ("security.digested",)}
"""The acts that keep a promise, by its type."""


class BadReceipt(ValueError):
    """The receipt does not hold; the message names the first thing that is wrong."""


class CannotCheck(Exception):
    """What was given does not suffice to check it; the message says what is missing."""


class State(enum.Enum):
    """Where a receipt stands. OVERDUE is the alarm: promised, due, and not in the record."""

    HELD = ("已收到，持有承诺", "received, promise held")
    PROVEN = ("已收到，已证明载入记录", "received, proven")
    REFUSED = ("被拒绝，持有承诺", "refused, promise held")
    REFUSAL_PROVEN = ("被拒绝，已证明载入记录", "refused, proven")
    OVERDUE = ("逾期：承诺的时间已过，记录中仍无此项", "OVERDUE: promised by now, not in the record")

    @property
    def zh(self) -> str:
        """In Chinese."""
        return self.value[0]

    @property
    def en(self) -> str:
        """In English."""
        return self.value[1]


@dataclass(frozen=True)
class Keys:
    """Whose word is taken: the log's, the platform's, witnesses', the time stamper's (PEM)."""

    log: Verifier | None = None
    platform: Verifier | None = None
    witnesses: tuple[Cosigner, ...] = ()
    tsa: bytes | None = None


@dataclass
class Finding:
    """What a receipt that holds proves."""

    says: dict | None = None
    """The promise's words."""
    record: dict | None = None
    """The act as the record holds it."""
    index: int = 0
    size: int = 0
    tick: str = ""
    """When the entry came into the record."""
    cosigned: dict[str, int] = field(default_factory=dict)
    """Witness → POSIX seconds at which it saw a tree that holds the entry."""
    stamped_at: datetime | None = None
    closed_root: str = ""
    """The closing root that the bid's path leads to."""
    declared: bool = False
    """Whether a declaration was compared."""

    @property
    def state(self) -> State:
        """Whether it is proven or promised only."""
        refused = self.says is not None and self.says["type"] == "bid-refusal"
        if self.record is None:
            return State.REFUSED if refused else State.HELD
        return State.REFUSAL_PROVEN if refused else State.PROVEN


def make(promised: str, proof: str | None = None, leaf: str | None = None, **more) -> dict:
    """A receipt object of what there is; `leaf` in base64."""
    return {"v": 1, "type": "receipt", **dict.fromkeys(FIELDS), "promise": promised,
            "proof": proof, "leaf": leaf, **more}


def state(receipt: dict, now: datetime, keys: Keys | None = None) -> State:
    """Where a receipt stands at `now`: held, proven, or OVERDUE, the alarm.

    With `keys` it is checked as well and raises BadReceipt, CannotCheck; without them it is
    believed as it stands (the caller has checked it).
    """
    if keys is not None:
        found = check(receipt, keys)
    else:
        found = Finding(says=_words(receipt["promise"]),
                        record={} if receipt.get("proof") else None)
    until = found.says.get("include_by")
    if found.record is None and until is not None and now > parse_time(until):
        return State.OVERDUE
    return found.state


def _words(text: str) -> dict:
    try:
        return parse_canonical(note.parse(text).text.removesuffix("\n").encode())
    except (BadNote, NotCanonical) as error:
        raise BadReceipt(f"promise: {error}") from error


def read(data: bytes) -> dict:
    """A receipt object from a file's bytes. Raises BadReceipt."""
    try:
        value = parse_canonical(data.removesuffix(b"\n"))
    except NotCanonical as error:
        raise BadReceipt(f"receipt: {error}") from error
    if not isinstance(value, dict) or set(value) != {"v", "type", *FIELDS} \
            or value["type"] != "receipt" or value["v"] != 1 or value["v"] is True:
        raise BadReceipt("receipt: not an object of this format")
    texts = [value[name] for name in FIELDS if name not in ("place", "closing")]
    if any(one is not None and not isinstance(one, str) for one in texts) \
            or not isinstance(value["promise"], str):
        raise BadReceipt("receipt: a field of another type than the format says")
    return value


def check(receipt: dict, keys: Keys, declared: str | None = None) -> Finding:
    """Check all that a receipt holds, and a declaration's text against it.

    Raises BadReceipt naming the first thing that is wrong, CannotCheck when a key is missing.
    """
    found = Finding(says=check_promise(receipt["promise"], keys))
    if declared is not None:
        check_declaration(declared, found.says)
        found.declared = True
    if receipt["proof"] is not None:
        proven = check_proof(receipt["proof"], _bytes(receipt, "leaf"), keys, found)
        keeps(found.says, receipt["promise"], proven.record, receipt["place"])
    elif receipt["leaf"] is not None or receipt["place"] is not None:
        raise BadReceipt("receipt: a leaf or a path without a proof")
    _check_stamp(receipt, keys, found)
    if receipt["closing"] is not None:
        _check_closing(receipt["closing"], keys, found)
    return found


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


def check_proof(text: str, leaf: bytes, keys: Keys,
                found: Finding | None = None) -> tlogproof.Proven:
    """A `.tlog-proof`: leaf, inclusion, the log's signature, every cosignature.

    Raises BadReceipt, CannotCheck.
    """
    if keys.log is None:
        raise CannotCheck("the log's key is missing (--vkey)")
    try:
        proven = tlogproof.verify(text, leaf, keys.log)
        signed = note.parse(tlogproof.parse(text).checkpoint)
        known = {(one.name, one.id) for one in (keys.log, *keys.witnesses)}
        strangers = [one.name for one in signed.signatures if (one.name, one.id) not in known]
        if strangers:
            raise CannotCheck(f"also signed by {strangers[0]}, whose key is not known here "
                              "(--witness-vkey)")
        checkpoint.read(tlogproof.parse(text).checkpoint, keys.log, others=keys.witnesses,
                        closed=True)
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
    if record.get("type") not in ACTS[says["type"]]:
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


def words(found: Finding) -> list[tuple[str, str]]:
    """What the receipt proves, in sentences (Chinese, English)."""
    lines = [_promised(found.says)] if found.says else []
    if found.declared:
        lines.append(("所给声明正是该承诺所指的声明。",
                      "The declaration given is the one that the promise is about."))
    if found.record is not None:
        lines.append(((f"记录第 {found.index} 项（共 {found.size} 项）载有此事，载入时间 {found.tick}："
                      "此后改动或删除，凭本回执即可发现。"),
                      (f"Entry {found.index} of the record (of {found.size}) holds it since "
                      f"{found.tick}: this receipt shows any later change or removal.")))
    if found.cosigned:
        names = ", ".join(sorted(found.cosigned))
        lines.append((f"见证人 {names} 已共签该记录。", f"Witnesses have cosigned that record: {names}."))
    elif found.record is not None:
        lines.append(("没有见证人共签：平台若另造一份记录，本回执单独不能揭示。",
                      ("No witness has cosigned: this alone does not show a platform that keeps a "
                      "second record.")))
    if found.stamped_at is not None:
        lines.append((f"时间戳机构证明不晚于 {found.stamped_at.isoformat()}。",
                      (f"A time-stamping authority saw it no later than "
                      f"{found.stamped_at.isoformat()}.")))
    if found.closed_root:
        lines.append(("截止时该投标在有效投标之列（封标根可核）。",
                      "At the deadline the bid was among those that stood (closing root)."))
    return lines


def _promised(says: dict) -> tuple[str, str]:
    kind = says["type"]
    if kind == "bid-refusal":
        return (f"平台承认：{says['refused_at']} 拒绝了该请求，理由 {says['code']}（{says['law']}）。",
                (f"The platform owns to a refusal at {says['refused_at']}: {says['code']} "
                f"({says['law']})."))
    if kind == "bid-deemed-withdrawn":
        return (f"平台声明：投标 {says['bid']} 截止时未完整收到，视为撤回。",
                (f"The platform states: bid {says['bid']} was incomplete at the deadline and is "
                "deemed withdrawn."))
    what = ("撤回", "the withdrawal of") if kind == "bid-withdrawal-receipt" else ("完整的", "all of")
    return ((f"平台承认：{says['received_at']} 收到{what[0]}投标 {says['bid']}（声明 "
            f"{says['declaration'][:16]}…）。"),
            (f"The platform owns that it received {what[1]} bid {says['bid']} (declaration "
            f"{says['declaration'][:16]}…) at {says['received_at']}."))


def write(receipt: dict) -> bytes:
    """A receipt object as a file's bytes."""
    return jcs(receipt) + b"\n"


def name_of(receipt: dict) -> str:
    """A file name's stem that tells receipts apart: kind and the start of the promise's hash."""
    kind = _words(receipt["promise"])["type"].removeprefix("bid-")
    return f"{kind}-{sha256(receipt['promise'].encode()).hex()[:8]}"
