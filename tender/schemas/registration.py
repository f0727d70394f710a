"""JSON of a registration, of what a lot asks, of an agency's authority, of plans."""

from __future__ import annotations

import re

from marshmallow import ValidationError, fields, validate

from people.fields import Flag, Hash, HexId, In, Money, Out, Text, Time, Uscc, Whole

from .. import registration, rules
from ..codes import REGION
from ..fields import Exact

_PLACE = re.compile(r"\A(?:[0-9]{3})?\Z")
_MONTH = re.compile(r"\A20[0-9]{2}-(?:0[1-9]|1[0-2])\Z")


def _three(value: str) -> None:
    if not _PLACE.match(value):
        raise ValidationError("Three digits, or nothing. 应为三位数字或空。")


class FundingIn(In):
    """A source of the money and its share in percent."""

    source = Text(1, 100, required=True)
    share = Exact(places=2, low="0.01", high="100", required=True)


class VisitIn(In):
    """A visit of the site that everybody may join; nobody notes who came."""

    at = Time(required=True)
    place = Text(1, 200, required=True)
    note = Text(0, 500, load_default="")


class RegistrationIn(In):
    """The registration as a whole; what is left out is empty."""

    approval_body = Text(0, 200, load_default="")
    funding = fields.List(fields.Nested(FundingIn), load_default=list,
                          validate=validate.Length(max=20))
    township = fields.String(load_default="", validate=_three)
    village = fields.String(load_default="", validate=_three)
    site_visit = fields.Nested(VisitIn, load_default=None, allow_none=True)
    plan_id = HexId(load_default=None, allow_none=True)


class RegistrationOut(Out):
    """A project's registration."""

    tender_id = HexId()
    approval_body = fields.String()
    funding = fields.Raw()
    township = fields.String()
    village = fields.String()
    site_visit = fields.Raw(allow_none=True)
    plan_id = HexId(allow_none=True)


class LicenceAsked(In):
    """A licence that is asked for; a better grade will do."""

    kind = Text(1, 80, required=True)
    grade = Text(0, 20, load_default="")


class PersonnelAsked(In):
    """Persons that are asked for, with their certificate."""

    role = Text(1, 80, required=True)
    certificate = Text(1, 120, required=True)
    count = Whole(1, 99, load_default=1)


class RequirementsIn(In):
    """What a lot asks of tenderers."""

    licences = fields.List(fields.Nested(LicenceAsked), load_default=list,
                           validate=validate.Length(max=20))
    personnel = fields.List(fields.Nested(PersonnelAsked), load_default=list,
                            validate=validate.Length(max=40))
    credit = fields.List(Text(1, 300), load_default=list, validate=validate.Length(max=20))
    consortium = Flag(load_default=False)
    members_max = Whole(2, 10, load_default=2)


class RequirementsOut(Out):
    """What a lot asks of tenderers."""

    lot_id = HexId()
    licences = fields.Function(lambda row: row.body["licences"])
    personnel = fields.Function(lambda row: row.body["personnel"])
    credit = fields.Function(lambda row: row.body["credit"])
    consortium = fields.Function(lambda row: row.body["consortium"])
    members_max = fields.Function(lambda row: row.body["members_max"])


class AuthorityIn(In):
    """An agency's authority: `tender_id` for one project, without it for all of the unit's."""

    agency = Uscc(required=True)
    tender_id = HexId(load_default=None, allow_none=True)
    actions = fields.List(fields.String(validate=validate.OneOf(registration.AGENT_ACTIONS)),
                          required=True, validate=validate.Length(min=1, max=20))
    letter = Text(1, 200, required=True)
    letter_hash = Hash(required=True)
    valid_from = Time(required=True)
    valid_until = Time(required=True)


class AuthorityOut(Out):
    """An agency's authority as it is recorded."""

    id = HexId()
    buyer_id = HexId()
    agency_id = HexId()
    tender_id = HexId(allow_none=True)
    actions = fields.Raw()
    letter = fields.String()
    letter_hash = Hash()
    valid_from = Time()
    valid_until = Time()
    recorded_at = Time()
    revoked_at = Time(allow_none=True)


def _month(value: str) -> None:
    if not _MONTH.match(value):
        raise ValidationError("A month, as 2027-01. 月份格式应为 2027-01。")


def _region(value: str) -> None:
    if not REGION.match(value):
        raise ValidationError("A division code has six digits (GB/T 2260). 行政区划代码为六位数字。")


class PlanIn(In):
    """A plan announced ahead."""

    title = Text(1, 200, required=True)
    description = Text(0, 5000, load_default="")
    region = fields.String(required=True, validate=_region)
    category = fields.String(required=True, validate=validate.OneOf(rules.CATEGORIES))
    estimate_fen = Money(low=1, required=True)
    expected = fields.String(required=True, validate=_month)


class PlanOut(Out):
    """A plan, and the tenders that name it."""

    id = HexId()
    buyer_id = HexId()
    title = fields.String()
    description = fields.String()
    region = fields.String()
    category = fields.String()
    estimate_fen = fields.Integer()
    expected = fields.String()
    announced_at = Time()
    tenders = fields.List(HexId())
