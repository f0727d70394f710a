"""Fields of the invitation's JSON that no other book reads."""

from __future__ import annotations

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
