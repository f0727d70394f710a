"""What companies and buyers state beside a tender: papers, licences, authority, registration."""

from __future__ import annotations

from types import SimpleNamespace

from kernel.canonical import jcs, sha256
from tender.acts.companies import debarment_hash, statement_hash
from tender.acts.registration import plan_hash, registration_hash
from tender.model import (
    AgencyAuthority,
    CompanyRelation,
    Debarment,
    Licence,
    Paper,
    ProcurementPlan,
    Registration,
    Requirement,
)

from .folds import Fold, by_subject
from .rules import Rule, rule_of

_BARRED = {"uscc": "facts.uscc", "document_no": "facts.document_no", "region": "facts.region",
           "nationwide": "facts.nationwide", "from_day": "facts.from", "until_day": "facts.until",
           "text_hash": "facts.text_hash"}


def _stated(table: str):
    return {"statement_hash": lambda row: statement_hash(SimpleNamespace(**row), table)}


FOLDS = (
    Fold(Licence, {"company.licence_declared": by_subject(
        party_id="party", evidence_hash="facts.evidence_hash",
        statement_hash="facts.statement_hash", declared_at="at")},
         {"company.statement_withdrawn": by_subject(withdrawn_at="at")}, ("withdrawn_at",),
         made=_stated("licence")),
    Fold(CompanyRelation, {"company.relation_declared": by_subject(
        party_id="party", kind="facts.kind", statement_hash="facts.statement_hash",
        declared_at="at")},
         {"company.statement_withdrawn": by_subject(withdrawn_at="at")}, ("withdrawn_at",),
         made=_stated("company_relation")),
    Fold(Debarment, {"debarment.proposed": by_subject(
        proposed_at="at", proposed_by="actor.account", proposed_person="actor.person", **_BARRED)},
         {"debarment.approved": by_subject(approved_at="at", approved_by="actor.account")},
         ("approved_at", "approved_by"),
         made={"text_hash": lambda row: debarment_hash(SimpleNamespace(**row))}),
    Fold(AgencyAuthority, {"agency.authorised": by_subject(
        buyer_id="facts.buyer", agency_id="facts.agency", tender_id="tender",
        actions="facts.actions", letter="facts.letter", letter_hash="facts.letter_hash",
        valid_from="facts.valid_from", valid_until="facts.valid_until", recorded_at="at",
        recorded_by="actor.account")},
         {"agency.revoked": by_subject(revoked_at="at", revoked_by="actor.account")},
         ("tender_id", "revoked_at", "revoked_by")),
    Fold(Registration, {"registration.set": by_subject(
        row_hash="facts.row_hash", plan_id="facts.plan", set_at="at")},
         key=("tender_id",), later=("plan_id",),
         made={"row_hash": lambda row: registration_hash(SimpleNamespace(**row))}),
    Fold(Requirement, {"requirements.set": by_subject(
        body_hash="facts.requirements_hash", set_at="at")}, key=("lot_id",),
         made={"body_hash": lambda row: sha256(jcs(row["body"])).hex()}),
)

RULES: tuple[Rule, ...] = (
    rule_of("paper.kept", Paper, "id",
            same={"party_id": "party", "hash": "facts.document_hash", "size": "facts.size",
                  "added_at": "at"}),
    rule_of("plan.announced", ProcurementPlan, "id",
            same={"buyer_id": "actor.party", "estimate_fen": "facts.estimate_fen",
                  "expected": "facts.expected", "region": "facts.region", "announced_at": "at",
                  "announced_by": "actor.account"}),
    rule_of("plan.announced", ProcurementPlan, "id", same={"plan_hash": "facts.plan_hash"},
            made={"plan_hash": lambda row: plan_hash(SimpleNamespace(**row))},
            when=lambda record: "plan_hash" in record["facts"], owed=lambda _row: False),
)
"""Beside the rules of rules.py."""
