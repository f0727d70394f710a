"""What every recorded act says of a row: the table that `yangguang admin fsck` checks by.

One `Rule` for each pair of an act and a row it leaves behind. Both directions count: an entry
whose row is gone or says something else, and a row of which no entry speaks. Facts are digests,
ids and amounts; where a fact is a digest the row's text is hashed again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import Select, select

from bidding.model import (
    Bid,
    BidVersion,
    HolderKey,
    LotClosing,
    Official,
    OfficialRelease,
    Opening,
    OpeningRecordSignature,
)
from evaluation.model import (
    Award,
    Contract,
    Draw,
    DrawContribution,
    EvaluationReport,
    ReportSignature,
    ScoreSheet,
)
from guarantees.model import Guarantee, Guarantor, Release, ReleaseConfirmation, ReleaseOrder
from people.model import RoleGrant, SigningKey
from tender.model import Document, Notice

VERSION = ("bid_id", "version", "declaration_hash")
VERSION_SAID = ("subject", "facts.version", "facts.declaration")


def _any(_values: dict) -> bool:
    return True


def _set(column: str) -> Callable[[dict], bool]:
    return lambda values: values[column] is not None


@dataclass(frozen=True)
class Rule:
    """Entries of `kinds` and rows of `rows`, matched where `said` of one equals `key` of the other.

    `same`: column → path in the entry (`at`, `lot`, `party`, `subject`, `facts.…`). `digests`:
    text column → path of its SHA-256. `owed`: which rows must have an entry; `binds`: of which
    entries a row must exist.
    """

    kinds: tuple[str, ...]
    name: str
    rows: Select
    key: tuple[str, ...]
    said: tuple[str, ...]
    same: dict[str, str] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    owed: Callable[[dict], bool] = _any
    binds: Callable[[dict], bool] = _any


def _rule(kinds: str, model, key: str | tuple, said: str | tuple = "subject", **more) -> Rule:
    pair = [(one,) if isinstance(one, str) else one for one in (key, said)]
    return Rule(tuple(kinds.split()), model.__tablename__, select(model.__table__), *pair, **more)


_LODGED = {"lot_id": "lot", "party_id": "party", "guarantor_id": "facts.guarantor",
           "kind": "facts.kind", "amount_fen": "facts.amount_fen",
           "payer_digest": "facts.payer_digest", "lodged_at": "at"}
_SCHEDULED = {"cause": "facts.cause", "principal_fen": "facts.principal_fen",
              "payee_digest": "facts.payee_digest", "due_day": "facts.due_day",
              "scheduled_at": "at"}
_ORDERS = select(ReleaseOrder.__table__, Release.guarantee_id).join(
    Release, Release.id == ReleaseOrder.release_id)
_CONFIRMED = select(ReleaseConfirmation.__table__, Release.guarantee_id).join(
    Release, Release.id == ReleaseConfirmation.release_id)

RULES: tuple[Rule, ...] = (
    # bidding
    _rule("bid.declared bid.replacement_declared", BidVersion, VERSION, VERSION_SAID,
          same={"lot_id": "lot", "party_id": "party", "declared_at": "at"},
          digests={"declaration": "facts.declaration", "signature": "facts.signature"}),
    _rule("bid.submitted bid.replaced", BidVersion, VERSION, VERSION_SAID,
          same={"submitted_at": "at", "entry_id": "entry"}, owed=_set("submitted_at")),
    _rule("bid.withdrawn", BidVersion, VERSION, VERSION_SAID,
          same={"withdrawn_at": "at", "ending_entry_id": "entry"}, owed=_set("withdrawn_at")),
    _rule("bid.deemed_withdrawn", BidVersion, VERSION, VERSION_SAID,
          same={"deemed_withdrawn_at": "at"}, owed=_set("deemed_withdrawn_at")),
    _rule("bid.declared", Bid, "id", same={"lot_id": "lot", "party_id": "party",
                                           "declared_at": "at"}),
    _rule("opener.assigned", Official, "id",
          same={"lot_id": "lot", "account_id": "facts.account", "unit_id": "facts.unit",
                "kind": "facts.kind", "seat": "facts.seat"}, binds=lambda _record: False),
    _rule("holder_key.registered", HolderKey, "id",
          same={"lot_id": "lot", "official_id": "facts.official",
                "recipient": "facts.recipient", "registered_at": "at"},
          binds=lambda _record: False),
    _rule("lot.closed", LotClosing, "lot_id", "lot",
          same={"root": "facts.root", "closed_at": "at"}),
    _rule("opening.shares_released", OfficialRelease, ("lot_id", "official_id", "root"),
          ("lot", "subject", "facts.root"), same={"released_at": "at"}),
    _rule("lot.opened", Opening, "lot_id", "lot",
          same={"opened_at": "at", "record_hash": "facts.record"},
          digests={"record": "facts.record"}, owed=_set("opened_at")),
    _rule("opening_record.signed", OpeningRecordSignature, ("lot_id", "official_id"),
          ("lot", "subject"), same={"record_hash": "facts.record", "signed_at": "at"}),
    # guarantees
    _rule("guarantor.registered", Guarantor, "party_id",
          same={"public_key": "facts.public_key", "registered_at": "at"}),
    _rule("guarantee.lodged", Guarantee, "id", same=_LODGED,
          digests={"instrument": "facts.instrument_hash"}),
    _rule("guarantee.release_scheduled", Release, "guarantee_id", same=_SCHEDULED),
    Rule(("guarantee.release_ordered",), "release_order", _ORDERS, ("guarantee_id",), ("subject",),
         {"interest_fen": "facts.interest_fen", "ordered_at": "at"}, {"body": "facts.order_hash"}),
    Rule(("guarantee.release_confirmed",), "release_confirmation", _CONFIRMED, ("guarantee_id",),
         ("subject",), {"confirmed_at": "at"}, {"statement": "facts.statement_hash"}),
    # evaluation
    _rule("draw.announced", Draw, "id", same={"lot_id": "lot", "announced_at": "at",
                                              "commit_by": "facts.commit_by",
                                              "reveal_by": "facts.reveal_by"},
          digests={"announcement": "facts.announcement_hash"}),
    _rule("draw.closed", Draw, "id", same={"closed_at": "at"}, owed=_set("closed_at")),
    _rule("panel.drawn", Draw, "id", digests={"document": "facts.draw_hash"},
          owed=_set("document"), binds=lambda record: "draw_hash" in record["facts"]),
    _rule("draw.committed", DrawContribution, ("draw_id", "contributor"),
          ("subject", "facts.contributor"),
          same={"commitment": "facts.commitment", "committed_at": "at"},
          owed=lambda values: values["contributor"] != "platform"),
    _rule("draw.revealed", DrawContribution, ("draw_id", "contributor"),
          ("subject", "facts.contributor"), same={"nonce": "facts.nonce", "revealed_at": "at"},
          owed=_set("nonce")),
    _rule("score.signed", ScoreSheet, "seat_id",
          same={"lot_id": "lot", "sheet_hash": "facts.sheet_hash", "signed_at": "at"},
          digests={"content": "facts.sheet_hash"}),
    _rule("report.signed", ReportSignature, "id", same={"lot_id": "lot", "signed_at": "at"}),
    _rule("report.concluded", EvaluationReport, "id",
          same={"lot_id": "lot", "report_hash": "facts.report_hash", "concluded_at": "at"}),
    _rule("award.confirmed", Award, "id",
          same={"lot_id": "lot", "bid_id": "facts.bid", "party_id": "facts.party",
                "price_fen": "facts.price_fen", "notice_hash": "facts.notice_hash"},
          digests={"notice": "facts.notice_hash"}),
    _rule("contract.registered", Contract, "id",
          same={"award_id": "facts.award", "amount_fen": "facts.amount_fen",
                "document_hash": "facts.document_hash"}),
    # tender, people
    _rule("notice.approved", Notice, "id", same={"content_hash": "facts.content_hash"},
          owed=lambda _values: False),
    _rule("document.added", Document, "id", same={"hash": "facts.document_hash",
                                                  "size": "facts.size"},
          binds=lambda _record: False),
    _rule("signing_key.bound", SigningKey, "id",
          same={"party_id": "facts.party", "public_key": "facts.public_key", "bound_at": "at"}),
    _rule("role.approved", RoleGrant, "id",
          same={"account_id": "facts.account", "role": "facts.role"},
          owed=lambda _values: False),
)
"""Where `binds` says no, a later act may have taken the row away (a dismissed official, a key
that was replaced, a file removed from a draft)."""
