"""What suspensions, endings, second rounds, invitations, direct awards and objections left behind,
rule by rule."""

from __future__ import annotations

from types import SimpleNamespace

from kernel.canonical import jcs, sha256
from supervision.model import Evidence, Objection, ObjectionAnswer, ObjectionOverdue
from supervision.reading.objections import digest
from tender.direct import objection_hash
from tender.model import (
    CourseHalt,
    DirectAward,
    DirectNotice,
    DirectObjection,
    Invitation,
    LongList,
    LotHold,
    LotSuccession,
    LotSuspension,
    LotTermination,
)

from .rules import Rule, rule_of


def _set(column: str):
    return lambda values: values[column] is not None


def _never(_record: dict) -> bool:
    """An earlier list of a draft: a later one took its place."""
    return False


def _objection(row) -> str:
    return digest(SimpleNamespace(**row))


RULES: tuple[Rule, ...] = (
    rule_of("direct_award.suspended service.suspended", CourseHalt, "id", "facts.halt",
            same={"course_id": "tender", "halted_at": "at", "document_no": "facts.document_no",
                  "until": "facts.until", "halted_by": "actor.account"},
            digests={"reason": "facts.reason_hash"}),
    rule_of("direct_award.complaint_decided service.complaint_decided", CourseHalt, "id",
            "facts.halt", same={"lifted_at": "at"}, owed=_set("lifted_at"),
            when=lambda record: record["facts"]["halt"] is not None),
    rule_of("tender.suspended", LotSuspension, "id",
            same={"lot_id": "lot", "suspended_at": "at", "document_no": "facts.document_no",
                  "until": "facts.until", "suspended_by": "actor.account"},
            digests={"reason": "facts.reason_hash"}),
    rule_of("tender.resumed", LotSuspension, "id",
            same={"resumed_at": "at", "resume_document_no": "facts.document_no",
                  "resumed_by": "actor.account"},
            digests={"resume_reason": "facts.reason_hash"}, owed=_set("resumed_at")),
    rule_of("tender.terminated", LotTermination, "lot_id",
            same={"terminated_at": "at", "document_no": "facts.document_no",
                  "terminated_by": "actor.account"},
            digests={"reason": "facts.reason_hash"}),
    rule_of("tender.retendered", LotSuccession, "lot_id", "item.lot", each="facts.lots",
            same={"predecessor_id": "item.before", "attempt": "item.attempt",
                  "failures": "item.failures"}),
    rule_of("objection.evidence_added complaint.evidence_added", Evidence, "id",
            same={"lot_id": "lot", "hash": "facts.document_hash", "size": "facts.size",
                  "added_at": "at"}),
    rule_of("objection.filed opening.objected", Objection, "id",
            same={"lot_id": "lot", "stage": "facts.stage", "filed_at": "at",
                  "party_id": "actor.party", "objection_hash": "facts.objection_hash"},
            made={"objection_hash": _objection}),
    rule_of("objection.answered opening.objection_answered", ObjectionAnswer, "objection_id",
            same={"outcome": "facts.outcome", "answered_at": "at",
                  "answered_by": "actor.account"},
            digests={"text": "facts.answer_hash"}),
    rule_of("objection.overdue", ObjectionOverdue, "objection_id", same={"at": "at"}),
    rule_of("direct_award.approved", DirectAward, "id",
            same={"published_at": "at", "content_hash": "facts.content_hash",
                  "approved_by": "actor.account", "contractor_uscc": "facts.uscc",
                  "price_fen": "facts.price_fen", "profile_hash": "facts.profile_hash",
                  "objections_until": "facts.objections_until"},
            made={"profile_hash": lambda row: row["profile"] and sha256(
                jcs(row["profile"])).hex()}, owed=_set("published_at")),
    rule_of("direct_award.approved", DirectNotice, "award_id",
            digests={"content": "facts.notice_hash"}, where=DirectNotice.kind == "direct_award"),
    rule_of("direct_award.contracted", DirectAward, "id",
            same={"contracted_at": "at", "amount_fen": "facts.amount_fen",
                  "document_hash": "facts.document_hash"}, owed=_set("contracted_at")),
    rule_of("direct_award.contracted", DirectNotice, "award_id",
            digests={"content": "facts.notice_hash"}, where=DirectNotice.kind == "contract"),
    rule_of("direct_award.objected", DirectObjection, "id",
            same={"award_id": "facts.award", "party_id": "party", "filed_at": "at",
                  "answer_by": "facts.answer_by", "objection_hash": "facts.objection_hash"},
            made={"objection_hash": lambda row: objection_hash(SimpleNamespace(**row))}),
    rule_of("direct_award.objection_answered", DirectObjection, "id",
            same={"outcome": "facts.outcome", "answered_at": "at",
                  "answered_by": "actor.account"},
            digests={"answer": "facts.answer_hash"}, owed=_set("answered_at")),
    rule_of("direct_award.objection_answered direct_award.complaint_decided", DirectAward, "id",
            "facts.award",
            same={"failed_at": "at"}, owed=_set("failed_at"),
            when=lambda record: record["facts"]["failed"] is True),
    rule_of("direct_award.objection_overdue", DirectObjection, "id",
            same={"overdue_at": "at"}, owed=_set("overdue_at")),
    rule_of("invitees.set invitation.drawn", Invitation, ("lot_id", "commitment"),
            ("lot", "facts.commitment"), same={"set_at": "at"}, binds=_never,
            when=lambda record: record["facts"].get("void") is None),
    rule_of("long_list.set", LongList, ("lot_id", "commitment"), ("lot", "facts.commitment"),
            same={"set_at": "at"}, binds=_never),
    rule_of("objection.filed", LotHold, "subject", same={"lot_id": "lot", "held_at": "at"}),
    rule_of("objection.answered", LotHold, "subject", same={"released_at": "at"},
            owed=_set("released_at")),
)
"""Beside the rules of rules.py."""
