"""Complaints and the steps of their cases, rule by rule."""

from __future__ import annotations

from types import SimpleNamespace

from supervision.complaints.model import (
         Complaint,
         ComplaintStep,
         CourseComplaint,
         CourseComplaintStep,
)
from supervision.complaints.reading import digest, step_digest

from .rules import Rule, rule_of

STEPS = ("corrected withdrawn correction_asked accepted suspension_ordered not_accepted "
         "statement_asked statement_given paused resumed transferred recused disclosed overdue "
         "decision_proposed decision_returned decided order_reported report_returned closed")
"""The acts that leave a step."""

RULES: tuple[Rule, ...] = (
    rule_of("complaint.filed", Complaint, "id",
            same={"lot_id": "lot", "subject": "facts.subject", "party_id": "actor.party",
                  "filed_at": "at", "objection_id": "facts.objection",
                  "complaint_hash": "facts.complaint_hash"},
            made={"complaint_hash": lambda row: digest(SimpleNamespace(**row))}),
    rule_of("complaint.course_filed", CourseComplaint, "id",
            same={"subject": "facts.subject", "party_id": "actor.party", "filed_at": "at",
                  "about": "facts.about", "objection_id": "facts.objection",
                  "evidence": "facts.evidence", "complaint_hash": "facts.complaint_hash"},
            made={"complaint_hash": lambda row: digest(SimpleNamespace(**row)),
                  "about": lambda row: row["award_id"] or row["service_id"]}),
    *(rule_of(" ".join(f"complaint.{one}" for one in STEPS.split()), table, "id", "facts.step",
              same={"complaint_id": "subject", "number": "facts.number", "kind": "facts.kind",
                    "at": "at", "account_id": "actor.account", "person_id": "actor.person",
                    "party_id": "actor.party", "step_hash": "facts.step_hash"},
              made={"step_hash": lambda row: step_digest(SimpleNamespace(**row))},
              when=lambda record, lot=table is ComplaintStep: (record["lot"] is not None) is lot)
      for table in (ComplaintStep, CourseComplaintStep)),
    rule_of("complaint.corrected", CourseComplaintStep, "id", "facts.step",
            same={"evidence": "facts.evidence"}, when=lambda record: record["lot"] is None,
            owed=lambda row: row["kind"] == "corrected"),
)
"""Beside the rules of rules.py."""
