"""Mail addresses and saved searches as JSON."""

from __future__ import annotations

from marshmallow import ValidationError, fields, pre_dump, validate

from people.digests import unseal
from people.fields import HexId, In, Out, Text, Time

from ..search.schemas import WishIn
from . import letters


class MailText(Text):
    """One plain mail address."""

    def _deserialize(self, value, attr, data, **kwargs):
        found = super()._deserialize(value, attr, data, **kwargs)
        if not letters.is_address(found):
            raise ValidationError("One plain mail address. 须为一个邮箱地址。")
        return found


class LineText(Text):
    """Text of one line."""

    def _deserialize(self, value, attr, data, **kwargs):
        found = super()._deserialize(value, attr, data, **kwargs)
        if letters.line(found) != found:
            raise ValidationError("One line. 须为一行。")
        return found


class AddressIn(In):
    """Where one's letters go."""

    address = MailText(3, 254, required=True)


class CodeIn(In):
    """The code that was sent there."""

    code = Text(1, 40, required=True)


class AddressOut(Out):
    """One's own address."""

    address = fields.String()
    asked_at = Time()
    confirmed_at = Time()
    version = fields.Integer()
    """What it is replaced at (If-Match); 0 where there is none."""

    @pre_dump
    def _open(self, row, **_kwargs):
        return {"address": unseal(row.address), "asked_at": row.asked_at,
                "confirmed_at": row.confirmed_at, "version": row.version}


class SavedIn(In):
    """A search to hear of: `daily` at eight in the morning, or `at-once`."""

    name = LineText(1, 80, required=True)
    query = fields.Nested(WishIn, required=True)
    pace = fields.String(load_default="daily", validate=validate.OneOf(("daily", "at-once")))


class SavedOut(Out):
    """A saved search."""

    id = HexId()
    name = fields.String()
    query = fields.Dict()
    pace = fields.String()
    created_at = Time()
