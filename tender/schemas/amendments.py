"""JSON of an amendment, in and out."""

from __future__ import annotations

from marshmallow import ValidationError, fields, validate, validates_schema

from kernel.canonical import parse
from people.fields import AllowedActions, Flag, Hash, HexId, In, Money, Out, Text, Time, Whole

from .. import rules
from ..regime import REASON_LEAST
from .documents import DOCUMENT_KINDS, ItemIn
from .lots import CriteriaIn, PriceMethodIn


class AmendedLotIn(In):
    """What is to change of one lot; nothing else of it may."""

    id = HexId(required=True)
    deadline = Time()
    price_ceiling_fen = Money(low=1)
    period_days_max = Whole(1, 36500)
    quality = Text(1, 200)
    criteria = fields.Nested(CriteriaIn)
    price_method = fields.Nested(PriceMethodIn)
    items = fields.List(fields.Nested(ItemIn), validate=validate.Length(max=rules.MAX_ITEMS))


class AmendmentIn(In):
    """An amendment: what changes, why, and whether it may affect the bids.

    Terms and bills always do. `reasons` by the name of the number departed from.
    """

    why = Text(10, 2000, required=True)
    affects_bids = Flag(load_default=True)
    description = Text(0, 20000)
    reasons = fields.Dict(keys=fields.String(validate=validate.OneOf(("T3.clarification",))),
                          values=Text(REASON_LEAST, 1000), load_default=dict)
    lots = fields.List(fields.Nested(AmendedLotIn), load_default=list,
                       validate=validate.Length(max=rules.MAX_LOTS))

    @validates_schema
    def _once(self, data, **_):
        named = [one["id"] for one in data.get("lots", ())]
        if len(set(named)) != len(named):
            raise ValidationError({"lots": ["A lot is named twice. 标段重复。"]})


class AmendingFileQuery(In):
    """Name and kind of a file that comes with an amendment, and which one it takes the place of."""

    name = fields.String(required=True, validate=validate.Length(1, 255))
    kind = fields.String(load_default="biddingDocuments", validate=validate.OneOf(DOCUMENT_KINDS))
    replaces = HexId(load_default=None)


class AmendmentOut(Out):
    """A draft of an amendment, for the buyer's unit; `content` is what a second person approves."""

    id = HexId()
    tender_id = HexId()
    number = fields.Integer()
    changes = fields.Raw()
    content = fields.Function(lambda one: one.content and parse(one.content))
    content_hash = Hash(allow_none=True)
    drafted_at = Time()
    submitted_at = Time(allow_none=True)
    ended_at = Time(allow_none=True)
    notice_id = HexId(allow_none=True)
    allowed_actions = AllowedActions()
