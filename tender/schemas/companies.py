"""JSON of what companies state of themselves, of debarments, and of what is found."""

from __future__ import annotations

from datetime import date

from marshmallow import fields, validate

from people.exchange import moment
from people.fields import Flag, Hash, HexId, In, Out, Text, Time, Uscc

from ..companies import RELATIONS, validity
from ..fields import Day
from ..timetable import beijing_day
from .registration import _region


class LicenceIn(In):
    """A licence and the SHA-256 of its evidence; without `valid_until` it has no end."""

    kind = Text(1, 80, required=True)
    grade = Text(0, 20, load_default="")
    number = Text(1, 60, required=True)
    valid_from = Day(required=True)
    valid_until = Day(load_default=None, allow_none=True)
    evidence_hash = Hash(required=True)


class LicenceOut(Out):
    """A licence as its company declared it."""

    id = HexId()
    kind = fields.String()
    grade = fields.String()
    number = fields.String()
    valid_from = fields.String()
    valid_until = fields.String()
    validity = fields.Function(lambda row: validity(
        date.fromisoformat(row.valid_from),
        date.fromisoformat(row.valid_until) if row.valid_until else None, beijing_day(moment())))
    """Today: `ahead`, `valid`, `soon` over, `over`."""
    evidence_hash = Hash()
    declared_at = Time()
    withdrawn_at = Time(allow_none=True)


class RelationIn(In):
    """Who heads the company (`other`: the identity number, kept as a keyed digest), or a unit it
    controls or manages, or that controls or manages it (`other`: its credit code)."""

    kind = fields.String(required=True, validate=validate.OneOf(RELATIONS))
    other = Text(6, 40, required=True)


class RelationOut(Out):
    """A relation as its company declared it; of a principal nothing but that one is declared."""

    id = HexId()
    kind = fields.String()
    other = fields.Function(lambda row: "" if row.kind == "principal" else row.other)
    declared_at = Time()
    withdrawn_at = Time(allow_none=True)


class CompanyOut(Out):
    """What one's own company has declared of itself."""

    licences = fields.List(fields.Nested(LicenceOut))
    relations = fields.List(fields.Nested(RelationOut))


class DebarmentIn(In):
    """An authority's decision that bars a unit from tendering."""

    uscc = Uscc(required=True)
    name = Text(1, 200, required=True)
    region = fields.String(required=True, validate=_region)
    authority = Text(1, 200, required=True)
    document_no = Text(1, 100, required=True)
    reason = Text(1, 2000, required=True)
    nationwide = Flag(load_default=False)
    from_day = Day(required=True)
    until_day = Day(required=True)


class DebarmentOut(Out):
    """A debarment; on the public list once approved."""

    id = HexId()
    uscc = fields.String()
    name = fields.String()
    region = fields.String()
    authority = fields.String()
    document_no = fields.String()
    reason = fields.String()
    nationwide = fields.Boolean()
    from_day = fields.String()
    until_day = fields.String()
    approved_at = Time(allow_none=True)


class DoubtOut(Out):
    """Something about a company that a person should look at, with its article."""

    code = fields.String()
    law = fields.String()
    zh = fields.String()
    en = fields.String()
    with_uscc = fields.String()


class StandingOut(Out):
    """How one's own company stands to a lot; empty where nothing was found."""

    doubts = fields.List(fields.Nested(DoubtOut))
