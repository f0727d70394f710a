"""Fields of the invitation's JSON that no other book reads."""

from __future__ import annotations

from datetime import date

from marshmallow import ValidationError, fields

from kernel.refusal import Refused
from people.fields import DecimalText

from . import access


class Exact(DecimalText):
    """A decimal kept as its shortest plain text."""

    def _deserialize(self, value, attr, data, **kwargs) -> str:
        number = super()._deserialize(value, attr, data, **kwargs)
        return format(number.normalize(), "f") if number else "0"


class PolicyTree(fields.Field):
    """Rules and leaves of an access policy, and nothing else (tender.access says which)."""

    def _deserialize(self, value, attr, data, **kwargs) -> object:
        try:
            access.shape(value)
        except Refused as refused:
            raise ValidationError(str(refused.facts["problem"])) from refused
        return value


class Day(fields.Field):
    """A Beijing day, `YYYY-MM-DD`."""

    def _deserialize(self, value, attr, data, **kwargs) -> date:
        try:
            day = date.fromisoformat(value)
            if day.isoformat() == value:
                return day
        except (TypeError, ValueError):
            pass
        raise ValidationError("A day, as 2027-01-31. 日期格式应为 2027-01-31。")


class DayText(Day):
    """A Beijing day, kept as its text."""

    def _deserialize(self, value, attr, data, **kwargs) -> str:
        return super()._deserialize(value, attr, data, **kwargs).isoformat()


class NumberValue(fields.Field):
    """The value of a profile's number: a whole number, or a rate as a decimal text."""

    def _deserialize(self, value, attr, data, **kwargs) -> int | str:
        if isinstance(value, bool) or not isinstance(value, (int, str)) or len(str(value)) > 20:
            raise ValidationError("A whole number, or a rate as text. 应为整数，或文本形式的比率。")
        return value
