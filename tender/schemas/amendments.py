"""JSON of an amendment, in and out."""

from __future__ import annotations

from marshmallow import ValidationError, fields, validate, validates_schema

from kernel.canonical import parse
from people.fields import AllowedActions, Flag, Hash, HexId, In, Money, Out, Text, Time, Whole

from .. import rules
from ..amendment import AMENDABLE
from ..regime import REASON_LEAST
from .documents import DOCUMENT_KINDS, ItemIn
from .lots import CriteriaIn, PriceMethodIn
from .notices import SigningOut


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


class RestatedLotIn(AmendedLotIn):
    """What is to change of one lot now; `unchanged`: what is to stay as it stands after all."""

    unchanged = fields.List(fields.String(validate=validate.OneOf((*AMENDABLE, "items"))))


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


class RestatedIn(AmendmentIn):
    """What changes of an amendment's draft; what is left out stays as it was drafted."""

    why = Text(10, 2000)
    affects_bids = Flag()
    reasons = fields.Dict(keys=fields.String(validate=validate.OneOf(("T3.clarification",))),
                          values=Text(REASON_LEAST, 1000))
    lots = fields.List(fields.Nested(RestatedLotIn), load_default=list,
                       validate=validate.Length(max=rules.MAX_LOTS))


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
    version = fields.Integer()
    content = fields.Function(lambda one: one.content and parse(one.content))
    content_hash = Hash(allow_none=True)
    drafted_at = Time()
    submitted_at = Time(allow_none=True)
    ended_at = Time(allow_none=True)
    notice_id = HexId(allow_none=True)
    allowed_actions = AllowedActions()


class AmendingFileOut(Out):
    """A file that comes with an amendment; `replaces`: the one whose place it takes."""

    id = HexId()
    name = fields.String()
    kind = fields.String()
    size = fields.Integer()
    hash = Hash()
    replaces = HexId(allow_none=True)


class AmendedLotOut(Out):
    """A lot as the amendment would have it, and what that asks of its deadline (T3)."""

    lot_id = HexId()
    number = fields.Integer()
    open = Flag()
    """Whether bids are taken, so that it can be amended."""
    changed = fields.List(fields.String())
    deadline = Time()
    price_ceiling_fen = fields.Integer()
    period_days_max = fields.Integer(allow_none=True)
    quality = fields.String()
    criteria = fields.Raw()
    price_method = fields.Raw()
    items_count = fields.Integer()
    standing = Time()
    """The deadline that stands."""
    earliest = Time(allow_none=True)
    """The first lawful deadline, if it were published now; none where nothing asks for one."""
    reason_taken = Flag()
    """Whether the rules take a reason for less time."""


class AmendmentReadOut(Out):
    """A draft of an amendment as it would change the tender now."""

    id = HexId()
    version = fields.Integer()
    affects_bids = Flag()
    """Whether it may affect the bids: always where terms or a bill change, else as stated."""
    description = fields.String()
    sections = fields.Raw()
    """The difference, old → new."""
    findings = fields.Raw()
    """What keeps it from being submitted."""
    lots = fields.List(fields.Nested(AmendedLotOut))
    files = fields.List(fields.Nested(AmendingFileOut))
    signing = fields.Nested(SigningOut, allow_none=True)
    """What the one who asks would sign, once it is submitted."""
