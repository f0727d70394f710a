"""JSON of the feed of changes."""

from __future__ import annotations

from marshmallow import ValidationError, fields

from people.fields import HexId, In, Out, Text, Time

MOST = 1000


def _limit(value: str) -> None:
    if not value.isascii() or not value.isdigit() or len(value) > 4 or not 1 <= int(value) <= MOST:
        raise ValidationError(f"From 1 to {MOST}. 须在 1 至 {MOST}。")


class ChangesQuery(In):
    """`after`: the cursor of the answer before; `tender_id`: only of this tender, or of
    the service or direct award of this id."""

    after = Text(0, 200, load_default="")
    limit = fields.String(load_default="100", validate=_limit,
                          metadata={"pattern": "^[0-9]{1,4}$"})
    tender_id = HexId(load_default=None)


class ChangeOut(Out):
    """A public act: which, when, and of what. Read its tender for what it brought; an act of an
    intermediary service has no tender, and `service_id`; one of a direct award `direct_award_id`, one
    of a framework agreement and its call-offs `framework_id`."""

    id = HexId()
    type = fields.String()
    at = Time()
    tender_id = HexId(allow_none=True)
    service_id = HexId()
    direct_award_id = HexId()
    framework_id = HexId()
    lot_id = HexId(allow_none=True)
    cursor = fields.String()


class ChangesOut(Out):
    """Some changes in their order; ask on with `next`, at once when `more` is true."""

    items = fields.List(fields.Nested(ChangeOut))
    next = fields.String()
    more = fields.Boolean()
