"""What a search is asked with, and what it shows."""

from __future__ import annotations

import re

from marshmallow import ValidationError, fields, validate

from people.fields import HexId, In, Money, Out, Text, Time, Uscc
from tender.lifecycle import OCDS_TENDER_STATUS, PUBLISHED, Phase
from tender.profile import REGIMES
from tender.regime import CATEGORIES

from . import words

_AMOUNT = re.compile(r"\A(?:0|[1-9][0-9]{0,15})\Z")


SHOWN = PUBLISHED | {Phase.DRAFT}
"""Of drafts, those that an advance notice announces."""


KINDS = ("tender", "service", "direct_award", "framework")


class QueryMoney(Money):
    """An amount in fen, written in an address."""

    def _deserialize(self, value, attr, data, **kwargs):
        if isinstance(value, str) and _AMOUNT.match(value):
            value = int(value)
        return super()._deserialize(value, attr, data, **kwargs)


class QueryTime(Time):
    """A time written in an address, where `+08:00` may have become ` 08:00`."""

    def _deserialize(self, value, attr, data, **kwargs):
        if isinstance(value, str):
            value = value.replace(" ", "+")
        return super()._deserialize(value, attr, data, **kwargs)


class Phases(fields.String):
    """Names of phases, or OCDS statuses, separated by commas."""

    def _deserialize(self, value, attr, data, **kwargs) -> frozenset[str]:
        found: set[str] = set()
        for word in str(value).split(",") if value else ():
            mine = {one.name for one in SHOWN
                    if word in (one.name, OCDS_TENDER_STATUS[one])}
            if not mine:
                raise ValidationError("A phase or an OCDS status. 须为阶段名或 OCDS 状态。")
            found |= mine
        return frozenset(found)

    def _serialize(self, value, attr, obj, **kwargs):
        return ",".join(one.name for one in Phase if one.name in (value or ()))


class WishIn(In):
    """What is looked for; what is not given does not narrow."""

    q = Text(0, words.LONGEST_QUERY, load_default="", attribute="text")
    region = fields.String(load_default="", validate=validate.Regexp(r"\A(?:[0-9]{2,12})?\Z"))
    category = fields.String(load_default="", validate=validate.OneOf(("", *CATEGORIES)))
    regime = fields.String(load_default="", validate=validate.OneOf(("", *REGIMES)))
    kind = fields.String(load_default="", validate=validate.OneOf(("", *KINDS)))
    buyer = Uscc(load_default="")
    value_from = QueryMoney(load_default=None, allow_none=True)
    value_to = QueryMoney(load_default=None, allow_none=True)
    published_from = QueryTime(load_default=None, allow_none=True)
    published_to = QueryTime(load_default=None, allow_none=True)
    deadline_from = QueryTime(load_default=None, allow_none=True)
    deadline_to = QueryTime(load_default=None, allow_none=True)
    phase = Phases(load_default=frozenset(), attribute="phases")


class SearchQuery(WishIn):
    """A search in an address."""

    sort = fields.String(load_default="newest", validate=validate.OneOf(("newest", "best")))


class PieceOut(Out):
    """A piece of a snippet; plain text."""

    text = fields.String()
    hit = fields.Boolean()


class FoundOut(Out):
    """A published lot that was found, or (phase DRAFT) a notice that announces a tender ahead, or
    what has no lots: an intermediary service, a direct award. Their phase is the lot's that says
    the same."""

    kind = fields.String()
    tender_id = HexId(allow_none=True)
    """Of a tender."""
    service_id = HexId(allow_none=True)
    direct_award_id = HexId(allow_none=True)
    framework_id = HexId(allow_none=True)
    lot_id = HexId(allow_none=True)
    """Nothing where only a notice stands."""
    notice_id = HexId(allow_none=True)
    """Nothing where a lot stands."""
    ocid = fields.String()
    section_code = fields.String()
    title = fields.String()
    lot_title = fields.String()
    buyer = fields.String()
    region = fields.String()
    category = fields.String()
    regime = fields.String()
    value_fen = Money()
    published_at = Time()
    deadline = Time(allow_none=True)
    phase = fields.String()
    snippet = fields.List(fields.Nested(PieceOut))
