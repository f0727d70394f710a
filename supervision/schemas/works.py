"""JSON of village works, payment lists and findings."""

from __future__ import annotations

from marshmallow import fields, pre_dump, validate

from people.exchange import moment
from people.fields import Flag, Hash, HexId, In, Money, Out, Text, Time, Uscc, Whole
from tender.fields import Day

from ..model import FINDING_KINDS, STATES
from ..reading import finding_view

REGION = validate.Regexp(r"\A(\d{2}|\d{4}|\d{6})\Z")
YEARS = (1992, 2100)


class _Work(In):
    funding = Text(1, 200)
    amount_fen = Money(low=1)
    contractor = Text(0, 200)
    contractor_uscc = Uscc()
    code = Text(0, 40)
    state = fields.String(validate=validate.OneOf(STATES))


class WorkIn(_Work):
    """A village work of one's own unit; `code` where it was tendered on the platform."""

    village = Text(1, 100, required=True)
    name = Text(1, 200, required=True)
    year = Whole(*YEARS, required=True)
    funding = Text(1, 200, required=True)
    amount_fen = Money(low=1, required=True)
    contractor = Text(0, 200, load_default="")
    contractor_uscc = Uscc(load_default="")
    code = Text(0, 40, load_default="")
    state = fields.String(load_default="planned", validate=validate.OneOf(STATES))


class WorkEdit(_Work):
    """What became of a work."""


class WorksQuery(In):
    """Of a year, of a place, of one village, of the unit that entered it, tendered or not."""

    year = fields.Integer(validate=validate.Range(*YEARS))
    region = fields.String(validate=REGION)
    village = fields.String(validate=validate.Length(1, 100))
    party_id = HexId()
    tendered = fields.String(validate=validate.OneOf(("true", "false")))


class WorkOut(Out):
    """A work of the register."""

    id = HexId()
    party_id = HexId()
    region = fields.String()
    village = fields.String()
    name = fields.String()
    year = fields.Integer()
    funding = fields.String()
    amount_fen = fields.Integer()
    contractor = fields.String()
    contractor_uscc = fields.String()
    code = fields.String()
    state = fields.String()
    version = fields.Integer()
    entered_at = Time()


class WorksOut(Out):
    """What an import entered."""

    count = fields.Integer()
    amount_fen = fields.Integer()
    file_hash = Hash()


class LedgerQuery(In):
    """Of which place a list is, and what its lines are."""

    region = fields.String(required=True, validate=REGION)
    kind = fields.String(load_default="payments",
                         validate=validate.OneOf(("payments", "contracts")))


class HitsQuery(In):
    """Of which place; of one list, of one year."""

    region = fields.String(required=True, validate=REGION)
    ledger_id = HexId()
    year = fields.Integer(validate=validate.Range(*YEARS))


class LedgerOut(Out):
    """An imported list of payments or contracts."""

    id = HexId()
    region = fields.String()
    kind = fields.String()
    file_hash = Hash()
    lines = fields.Integer()
    imported_at = Time()


class HitOut(Out):
    """A payment that nothing on the platform explains: `hit`; `split` for smaller ones that reach the
    limit together; `over` where more was paid on a contract than its amount."""

    id = HexId()
    ledger_id = HexId()
    row = fields.Integer()
    why = fields.String()
    payer = fields.String()
    payer_uscc = fields.String()
    payee = fields.String()
    payee_uscc = fields.String()
    amount_fen = fields.Integer()
    day = fields.String()
    purpose = fields.String()
    code = fields.String()
    limit_fen = fields.Integer()


class FindingIn(In):
    """A finding on a work or on a payment; of a payment `party_id` is the unit that answers."""

    work_id = HexId()
    payment_id = HexId()
    party_id = HexId()
    kind = fields.String(required=True, validate=validate.OneOf(FINDING_KINDS))
    text = Text(4, 2000, required=True)
    due = Day(required=True)


class AnswerIn(In):
    """How a finding was mended, and the SHA-256 of the evidence."""

    answer = Text(4, 2000, required=True)
    evidence_hash = Hash(required=True)


class EvidenceIn(In):
    """The SHA-256 of the evidence that was read."""

    evidence_hash = Hash(required=True)


class ReturnIn(In):
    """Why the evidence does not do."""

    reason = Text(4, 2000, required=True)


class FindingOut(Out):
    """A finding with its state and whether its day passed."""

    id = HexId()
    work_id = HexId(allow_none=True)
    payment_id = HexId(allow_none=True)
    party_id = HexId()
    region = fields.String()
    kind = fields.String()
    text = fields.String()
    state = fields.String()
    overdue = Flag()
    opened_at = Time()
    due_at = Time()
    answer = fields.String(allow_none=True)
    evidence_hash = Hash(allow_none=True)
    answered_at = Time()
    close_proposed_at = Time()
    closed_at = Time()

    @pre_dump
    def _stands(self, found, **_):
        return finding_view(found, moment())


class FiguresQuery(In):
    """Of which year and place."""

    year = fields.Integer(required=True, validate=validate.Range(*YEARS))
    region = fields.String(required=True, validate=REGION)


class FiguresOut(Out):
    """Published figures, each with its definition; rates in per cent, money in fen."""

    year = fields.Integer()
    region = fields.String()
    works = fields.Integer()
    amount_fen = fields.Integer()
    surveyed = fields.Integer()
    entered_pct = fields.String(allow_none=True)
    tendered_pct = fields.String(allow_none=True)
    off_platform = fields.Integer()
    findings = fields.Integer()
    closed = fields.Integer()
    closed_pct = fields.String(allow_none=True)
    on_time_pct = fields.String(allow_none=True)
    year_on_year = fields.Raw()
    definitions = fields.Raw()
