"""What every recorded act says of a row: the table that `yangguang admin fsck` checks by.

One `Rule` for each pair of an act and a row it leaves behind. Both directions count: an entry
whose row is gone or says something else, and a row of which no entry speaks. Facts are digests,
ids and amounts; where a fact is a digest the row's text is hashed again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Select, select

from bidding.model import (
    FIRST,
    PRICES,
    Bid,
    BidVersion,
    HolderKey,
    LotClosing,
    Official,
    OfficialRelease,
    Opening,
    OpeningPart,
    OpeningRecordSignature,
    OpeningShare,
    PlainFile,
    Rehearsal,
    SecurityDigest,
    UnopenedBid,
)
from evaluation.model import (
    Award,
    Candidate,
    CommitteeMember,
    Contract,
    Draw,
    DrawContribution,
    DrawPlace,
    EvaluationReport,
    PanelSeat,
    ReportSignature,
    ScoreSheet,
    Vote,
)
from evaluation.reading import vote_row
from evaluation.rules import digest
from guarantees.model import Guarantee, Guarantor, Release, ReleaseConfirmation, ReleaseOrder
from kernel.canonical import jcs
from people.model import RoleGrant, SigningKey
from tender.model import (
    DeadlineProposal,
    Document,
    Lot,
    LotDoubt,
    Notice,
    NoticeDraft,
    PublishedNotice,
    RuleProfile,
    Template,
)
from tender.profile import shipped

VERSION = ("bid_id", "version", "declaration_hash")
VERSION_SAID = ("subject", "facts.version", "facts.declaration")


def _any(_values: dict) -> bool:
    return True


def _shipped(values: dict) -> bool:
    """Whether a profile is one this program brings, to the letter."""
    return values["body"] in {jcs(one).decode() for one in shipped()}


def _set(column: str) -> Callable[[dict], bool]:
    return lambda values: values[column] is not None


def _withdrawn(values: dict) -> bool:
    """A version that stood; one that was never complete falls with it and has no entry."""
    return values["withdrawn_at"] is not None and values["submitted_at"] is not None


@dataclass(frozen=True)
class Rule:
    """Entries of `kinds` and rows of `rows`, matched where `said` of one equals `key` of the other.

    `same`: column → path in the entry (`at`, `lot`, `party`, `subject`, `facts.…`, `item.…`).
    `digests`: text column → path of its SHA-256. `made`: further columns, made from a row.
    `owed`: which rows must have an entry; `binds`: of which entries a row must exist; `when`:
    which entries are meant at all. `each`: the path of a list, of whose every item the entry
    speaks; `item` is that one.
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
    when: Callable[[dict], bool] = _any
    made: dict[str, Callable[[Mapping], object]] = field(default_factory=dict)
    each: str = ""


def rule_of(kinds: str, model, key: str | tuple, said: str | tuple = "subject", where=None,
            **more) -> Rule:
    """A rule for the acts named in `kinds` and the rows of a table."""
    pair = [(one,) if isinstance(one, str) else one for one in (key, said)]
    rows = select(model.__table__)
    return Rule(tuple(kinds.split()), model.__tablename__,
                rows if where is None else rows.where(where), *pair, **more)


_rule = rule_of


def _accepted(record: dict) -> bool:
    return record["facts"]["accepted"] is True


def _left(record: dict) -> bool:
    return not _accepted(record)


def _never(_values: dict) -> bool:
    return False


def _dissent(row: Mapping) -> str | None:
    return digest(row["dissent"]) if row["dissent"] else None


def _vote(row: Mapping) -> str:
    return digest(vote_row(Vote(**{name: row[name] for name in (
        "lot_id", "ballot", "member_id", "bid_id", "salt")})))


_LODGED = {"lot_id": "lot", "party_id": "party", "guarantor_id": "facts.guarantor",
           "kind": "facts.kind", "amount_fen": "facts.amount_fen",
           "payer_digest": "facts.payer_digest", "lodged_at": "at"}
_SCHEDULED = {"cause": "facts.cause", "principal_fen": "facts.principal_fen",
              "payee_digest": "facts.payee_digest", "due_day": "facts.due_day",
              "scheduled_at": "at"}
_ORDERS = select(ReleaseOrder.__table__, Release.guarantee_id).join(
    Release, Release.id == ReleaseOrder.release_id)
_SEATS = select(PanelSeat.__table__, DrawPlace.ticket).join(
    DrawPlace, DrawPlace.id == PanelSeat.place_id)
_CONFIRMED = select(ReleaseConfirmation.__table__, Release.guarantee_id).join(
    Release, Release.id == ReleaseConfirmation.release_id)

_AUTHORISED = {"authorised_at": "at", "authorised_by": "facts.official", "ends_at": "facts.ends_at"}
_OPENED = {"opened_at": "at", "record_hash": "facts.record"}
_PROPOSED = {"lot_id": "lot", "number": "facts.proposal", "decision": "facts.decision"}

RULES: tuple[Rule, ...] = (
    # bidding
    _rule("bid.declared bid.replacement_declared", BidVersion, VERSION, VERSION_SAID,
          same={"lot_id": "lot", "party_id": "party", "declared_at": "at"},
          digests={"declaration": "facts.declaration", "signature": "facts.signature"}),
    _rule("bid.submitted bid.replaced", BidVersion, VERSION, VERSION_SAID,
          same={"submitted_at": "at", "entry_id": "entry"}, owed=_set("submitted_at")),
    _rule("bid.withdrawn", BidVersion, VERSION, VERSION_SAID,
          same={"withdrawn_at": "at", "ending_entry_id": "entry"}, owed=_withdrawn),
    _rule("bid.deemed_withdrawn", BidVersion, VERSION, VERSION_SAID,
          same={"deemed_withdrawn_at": "at"}, owed=_set("deemed_withdrawn_at")),
    _rule("bid.declared", Bid, "id", same={"lot_id": "lot", "party_id": "party",
                                           "declared_at": "at"}),
    _rule("opener.assigned", Official, "id",
          same={"lot_id": "lot", "account_id": "facts.account", "unit_id": "facts.unit",
                "kind": "facts.kind", "seat": "facts.seat"}, binds=_never),
    _rule("holder_key.registered", HolderKey, "id",
          same={"lot_id": "lot", "official_id": "facts.official",
                "recipient": "facts.recipient", "registered_at": "at"}, binds=_never),
    _rule("holder_key.certified", HolderKey, "id",
          same={"certified_at": "at", "certified_by": "actor.account",
                "official_id": "facts.official", "recipient": "facts.recipient"},
          owed=lambda row: row["certified_at"] is not None and row["certificate"] is None,
          binds=_never),
    _rule("holder_key.rehearsal_begun", Rehearsal, "id", "facts.rehearsal",
          same={"key_id": "subject", "lot_id": "lot", "begun_at": "at"}, binds=_never),
    _rule("holder_key.rehearsed", Rehearsal, "id", "facts.rehearsal",
          same={"key_id": "subject", "passed_at": "at"}, owed=_set("passed_at"), binds=_never),
    _rule("lot.closed", LotClosing, ("lot_id", "round"), ("lot", "facts.round"),
          same={"root": "facts.root", "closed_at": "at", "entry_id": "entry"}),
    _rule("opening.authorised", Opening, "lot_id", "lot", Opening.stage == FIRST, same=_AUTHORISED),
    _rule("opening.prices_authorised", Opening, "lot_id", "lot", Opening.stage == PRICES,
          same=_AUTHORISED),
    _rule("opening.authorised opening.prices_authorised", OpeningPart, ("lot_id", "part"),
          ("lot", "item.part"), each="facts.parts", same={"root": "item.root"}),
    _rule("opening.shares_released opening.price_shares_released", OfficialRelease,
          ("lot_id", "official_id", "root"), ("lot", "subject", "facts.root"),
          same={"released_at": "at", "wrong": "facts.wrong"}),
    _rule("opening.tenderer_shares_given opening.tenderer_price_shares_given", OpeningShare,
          ("bid_id", "part"), ("subject", "item"), OpeningShare.holder == "tenderer",
          each="facts.parts", same={"lot_id": "lot", "given_at": "at"}),
    _rule("opening.plain_file_given", PlainFile, ("bid_id", "part"), ("subject", "facts.part"),
          same={"lot_id": "lot", "given_at": "at"}),
    _rule("opening.unopened_named", Opening, ("lot_id", "named_at"), ("lot", "at"),
          owed=_set("named_at")),
    _rule("opening.unopened_named", UnopenedBid, "bid_id", "item.bid", each="facts.bids",
          same={"lot_id": "lot", "reason": "item.reason", "heard_until": "facts.heard_until"}),
    _rule("opening.statement_made", UnopenedBid, "bid_id", same={"stated_at": "at"},
          digests={"statement": "facts.statement_hash"}, owed=_set("stated_at")),
    _rule("opening.fault_decided", UnopenedBid, "bid_id",
          same={"fault": "facts.fault", "evidence_hash": "facts.evidence", "decided_at": "at",
                "decided_by": "actor.account"},
          digests={"grounds": "facts.grounds_hash"}, owed=_set("fault")),
    _rule("opening.fault_omitted", UnopenedBid, "bid_id", "item", each="facts.bids",
          same={"omitted_at": "at"}, owed=_set("omitted_at")),
    _rule("opening.fault_objected", UnopenedBid, "bid_id", same={"objected_at": "at"},
          digests={"objection": "facts.objection_hash"}, owed=_set("objected_at")),
    _rule("lot.opened", Opening, "lot_id", "lot", Opening.stage == FIRST, same=_OPENED,
          digests={"record": "facts.record"}, owed=_set("opened_at")),
    _rule("lot.prices_opened", Opening, "lot_id", "lot", Opening.stage == PRICES, same=_OPENED,
          digests={"record": "facts.record"}, owed=_set("opened_at")),
    _rule("security.digested", SecurityDigest, "id",
          same={"at": "at", "beat": "facts.beat", "root": "facts.root", "entry_id": "entry"}),
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
    _rule("expert.declared", PanelSeat, "id", when=_accepted,
          same={"accepted_at": "at", "number": "facts.seat"}, owed=_set("accepted_at")),
    _rule("expert.declared", PanelSeat, "id", when=_left,
          same={"left_at": "at", "rank": "facts.rank"}, owed=_set("left_at")),
    Rule(("panel.drawn",), "panel_seat", _SEATS, ("draw_id", "ticket"), ("subject", "item"),
         each="facts.panel", owed=_never),
    _rule("report.signed", ReportSignature, "id",
          same={"lot_id": "lot", "report_hash": "facts.report_hash", "signed_at": "at",
                "dissent_hash": "facts.dissent_hash"}, made={"dissent_hash": _dissent}),
    _rule("report.concluded", EvaluationReport, "id",
          same={"lot_id": "lot", "report_hash": "facts.report_hash", "concluded_at": "at"},
          digests={"content": "facts.report_hash"}),
    _rule("candidates.published", Candidate, ("lot_id", "bid_id"), ("lot", "item.bid"),
          each="facts.candidates", same={"price_fen": "item.price_fen"}, owed=_never),
    _rule("award_committee.formed", CommitteeMember, ("lot_id", "account_id"), ("lot", "item"),
          each="facts.members", same={"formed_at": "at"}),
    _rule("vote.cast", Vote, ("member_id", "ballot"), ("subject", "facts.ballot"),
          same={"lot_id": "lot", "cast_at": "at", "vote_hash": "facts.vote_hash"},
          made={"vote_hash": _vote}),
    _rule("award.confirmed", Vote, ("lot_id", "ballot", "member_id"),
          ("lot", "item.ballot", "item.member"), each="facts.votes",
          same={"bid_id": "item.choice", "salt": "item.salt"}, owed=_never),
    _rule("award.confirmed", Award, "id",
          same={"lot_id": "lot", "bid_id": "facts.bid", "party_id": "facts.party",
                "price_fen": "facts.price_fen", "notice_hash": "facts.notice_hash",
                "decided_at": "at"},
          digests={"notice": "facts.notice_hash"}),
    _rule("contract.registered", Contract, "id",
          same={"award_id": "facts.award", "amount_fen": "facts.amount_fen",
                "document_hash": "facts.document_hash", "signed_at": "facts.signed_at",
                "late_reason": "facts.late_reason", "registered_at": "at"}),
    # tender, people
    _rule("deadline.doubted", LotDoubt, ("lot_id", "doubted_at"), ("lot", "at"),
          same={"evidence": "facts.sources"}),
    _rule("deadline.decided", LotDoubt, ("lot_id", "settled_at"), ("lot", "at"),
          owed=_set("settled_at"), binds=_never),
    _rule("deadline.restoration_proposed", DeadlineProposal, "id",
          same=_PROPOSED | {"deadline": "facts.deadline", "proposed_at": "at",
                            "proposed_by": "actor.account", "proposed_person": "actor.person"},
          digests={"evidence": "facts.evidence_hash"}),
    _rule("deadline.decided", DeadlineProposal, "id",
          same=_PROPOSED | {"approved_at": "at", "approved_by": "actor.account",
                            "proposed_by": "facts.proposed_by"},
          digests={"evidence": "facts.evidence_hash"}, owed=_set("approved_at")),
    _rule("deadline.restored", DeadlineProposal, ("lot_id", "approved_at"), ("lot", "at"),
          same=_PROPOSED | {"deadline": "facts.deadline",
                            "deadline_before": "facts.deadline_before"}, owed=_never),
    _rule("notice.approved", Notice, "id", same={"content_hash": "facts.content_hash"},
          owed=_never),
    _rule("notice.published", PublishedNotice, "id",
          same={"kind": "facts.kind", "number": "facts.number", "version": "facts.version",
                "content_hash": "facts.content_hash", "lot_id": "lot", "tender_id": "tender",
                "published_at": "at"},
          digests={"content": "facts.content_hash"}),
    _rule("template.kept", Template, "id",
          same={"family": "facts.family", "version": "facts.version",
                "body_hash": "facts.body_hash"},
          made={"body_hash": lambda row: digest(row["body"])}),
    _rule("amendment.submitted", NoticeDraft, ("id", "content_hash"),
          ("subject", "facts.content_hash"), digests={"content": "facts.content_hash"},
          owed=lambda values: values["kind"] == "amendment" and values["content"] is not None,
          binds=_never),
    _rule("amendment.published", NoticeDraft, "id",
          same={"notice_id": "facts.notice", "content_hash": "facts.content_hash",
                "ended_at": "at", "approved_by": "actor.account",
                "submitted_by": "facts.submitted_by"},
          owed=lambda values: values["kind"] == "amendment" and values["notice_id"] is not None),
    _rule("document.added", Document, "id", same={"hash": "facts.document_hash",
                                                  "size": "facts.size"},
          binds=_never),
    _rule("notice.approved", Lot, "id", "item.lot", each="facts.lots",
          same={"profile_hash": "item.profile_hash"},
          made={"profile_hash": lambda row: digest(row["profile"])}, owed=_never),
    _rule("profile.proposed", RuleProfile, "id",
          same={"regime": "facts.regime", "region": "facts.region",
                "valid_from": "facts.valid_from", "base_id": "facts.base"},
          digests={"body": "facts.body_hash"}, owed=lambda values: not _shipped(values)),
    _rule("profile.approved", RuleProfile, "id",
          same={"valid_from": "facts.valid_from"}, digests={"body": "facts.body_hash"},
          owed=lambda values: values["approved_by"] is not None
          or (values["shipped"] and not _shipped(values))),
    _rule("signing_key.bound", SigningKey, "id",
          same={"party_id": "facts.party", "public_key": "facts.public_key", "bound_at": "at"}),
    _rule("role.approved", RoleGrant, "id",
          same={"account_id": "facts.account", "role": "facts.role"},
          owed=_never),
)
"""Where `binds` says no, a later act may have taken the row away (a dismissed official, a key
that was replaced, a file removed from a draft)."""
