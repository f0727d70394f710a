"""What every objection (异议) has in common, whatever it is against: a tender, a direct award, the
result of a selection. Pure.

An argument and what is asked for, evidence by its hash, one answer before everybody by T5, of whom
it comes nobody is told. Where it is upheld what it is against falls.
"""

from __future__ import annotations

from datetime import datetime

from kernel.canonical import jcs, sha256, time_text
from kernel.refusal import Word

from .profile import Profile
from .timetable import end_of, reply_due

OUTCOMES = ("upheld", "partly", "rejected")
"""What an answer says of the objection."""


def answer_by(profile: Profile, now: datetime) -> datetime:
    """T5: the instant by which the answer is due."""
    return end_of(reply_due(profile, now))


def digest(about: str, subject_id: str, row) -> str:
    """SHA-256 over what is objected, by whom, in canonical JSON; `about` is what the subject is
    called there, `row` has the columns."""
    return sha256(jcs({about: subject_id, "party": row.party_id, "argument": row.argument,
                       "remedy": row.remedy, "evidence": row.evidence})).hex()


def view(row, *, inside: bool) -> dict[str, object]:
    """An objection without who raised it; its words only for who answers or raised it. What it is
    against the caller adds."""
    own = {"argument": row.argument, "remedy": row.remedy,
           "evidence": row.evidence} if inside else {}
    return {"id": row.id, "answer_by": row.answer_by, "overdue": row.overdue_at is not None,
            "outcome": row.outcome, "answer": row.answer, "answered_at": row.answered_at} | own


def check_public(subject, now: datetime, word: Word) -> None:
    """Refuse an objection to a result that does not stand in public: `word` with the times.
    `subject` has `objections_until`, `failed_at`, `contracted_at`."""
    until = subject.objections_until
    if subject.failed_at or subject.contracted_at or until is None or now >= until:
        raise word(until=time_text(until) if until else "—", now=time_text(now))


def check_unanswered(row, subject, word: Word) -> None:
    """Refuse a second answer, and one about what has fallen."""
    if row.answered_at is not None or subject.failed_at is not None:
        raise word()


def check_overdue(row, subject, now: datetime, word: Word) -> None:
    """Refuse to note as overdue what is not, or was noted."""
    if row.answered_at is not None or row.overdue_at is not None or now < row.answer_by \
            or subject.failed_at is not None:
        raise word()
