"""What JSON may hold on the way in and out: exact money, aware times, checked codes."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal, InvalidOperation

from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields

from kernel.canonical import NotCanonical, b64, parse_time, time_text, unb64
from kernel.refusal import Refused

from . import uscc
from .exchange import allowed_actions

MAX_FEN = 10**15
"""Ten trillion yuan: more than any contract, and within JSON's exact integers."""

_HEX_ID = re.compile(r"\A[0-9a-f]{32}\Z")
_HASH = re.compile(r"\A[0-9a-f]{64}\Z")
_DECIMAL = re.compile(r"\A-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,12})?\Z")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


class In(Schema):
    """What a client may send; a field we do not know is refused, never stored (Q17)."""

    class Meta:
        unknown = RAISE


def of_all(given: object, many: bool, views: Callable[[list], list]) -> object:
    """What an answer shows of one thing or of a page of them, for `pre_dump` of a whole collection:
    `views` reads for all together what it needs, where each by itself would ask again."""
    return views(list(given)) if many else views([given])[0]


class Out(Schema):
    """What a client may see: exactly the fields named, whatever the object holds."""

    class Meta:
        unknown = EXCLUDE


class Text(fields.String):
    """A string of `low` to `high` characters without control or direction marks."""

    def __init__(self, low: int = 1, high: int = 2000, **kwargs):
        super().__init__(**kwargs)
        self.low, self.high = low, high
        self.metadata |= {"minLength": low, "maxLength": high}

    def _deserialize(self, value, attr, data, **kwargs):
        if not isinstance(value, str):
            raise ValidationError("A string is needed. 应为文本。")
        if _CONTROL.search(value):
            raise ValidationError("Control characters are not allowed. 不得含控制字符。")
        if not self.low <= len(value) <= self.high or (self.low and not value.strip()):
            raise ValidationError(
                f"From {self.low} to {self.high} characters. 长度须为 {self.low} 至 {self.high}。")
        return value


class Whole(fields.Integer):
    """An integer from `low` to `high`, given as a JSON integer (no string, no boolean)."""

    hint = "An integer is needed. 应为整数。"

    def __init__(self, low: int = 0, high: int = 2**53 - 1, **kwargs):
        super().__init__(strict=True, **kwargs)
        self.low, self.high = low, high
        self.metadata |= {"minimum": low, "maximum": high}

    def _deserialize(self, value, attr, data, **kwargs):
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValidationError(self.hint)
        if not self.low <= value <= self.high:
            raise ValidationError(f"From {self.low} to {self.high}. 须在 {self.low} 至 {self.high}。")
        return value


class Money(Whole):
    """An amount in fen, never negative (1 yuan = 100 fen)."""

    hint = ("Money is whole fen, as an integer. 金额以分为单位，应为整数"
            "（人民币单位为元、角、分，中国人民银行法 17）。")

    def __init__(self, low: int = 0, high: int = MAX_FEN, **kwargs):
        super().__init__(low, high, **kwargs)


class Flag(fields.Boolean):
    """true or false, and no other spelling of it."""

    def _deserialize(self, value, attr, data, **kwargs):
        if not isinstance(value, bool):
            raise ValidationError("true or false is needed. 应为布尔值。")
        return value


class Time(fields.Field):
    """An aware time: RFC 3339 with an offset in, UTC with three decimals out."""

    def _serialize(self, value, attr, obj, **kwargs):
        return None if value is None else time_text(value)

    def _deserialize(self, value, attr, data, **kwargs) -> datetime:
        try:
            return parse_time(value)
        except NotCanonical as error:
            raise ValidationError(f"{error}. 时间须含时区偏移（GB/T 7408.1）。") from error


class Uscc(fields.String):
    """A unified social credit code, checked (GB 32100) and in upper case."""

    def _deserialize(self, value, attr, data, **kwargs):
        if not isinstance(value, str):
            raise ValidationError("A string is needed. 应为文本。")
        try:
            return uscc.checked(value)
        except Refused as error:
            english, _, chinese = str(error.facts["problem"]).partition(" / ")
            said = [error.text(tongue).replace(str(error.facts["problem"]), half)
                    for tongue, half in (("en", english), ("zh", chinese))]
            raise ValidationError(" ".join(said)) from error


class _Pattern(fields.String):
    pattern: re.Pattern[str]
    hint = ""

    def _deserialize(self, value, attr, data, **kwargs):
        if not isinstance(value, str) or not self.pattern.match(value):
            raise ValidationError(self.hint)
        return value


class HexId(_Pattern):
    """An id of the platform: 32 hex digits."""

    pattern, hint = _HEX_ID, "An id has 32 lower-case hex digits. 编号为 32 位十六进制。"


class Hash(_Pattern):
    """A SHA-256: 64 hex digits."""

    pattern, hint = _HASH, "A hash has 64 lower-case hex digits. 摘要为 64 位十六进制。"


class DecimalText(fields.Field):
    """An exact decimal written as a string; a `decimal.Decimal` inside.

    `places`: at most so many decimals; `low`, `high`: bounds, inclusive.
    """

    def __init__(self, places: int = 12, low: str | None = None, high: str | None = None,
                 **kwargs):
        super().__init__(**kwargs)
        self.places = places
        self.low = None if low is None else Decimal(low)
        self.high = None if high is None else Decimal(high)

    def _serialize(self, value, attr, obj, **kwargs):
        return None if value is None else format(Decimal(value), "f")

    def _deserialize(self, value, attr, data, **kwargs) -> Decimal:
        if not isinstance(value, str) or not _DECIMAL.match(value):
            raise ValidationError('A decimal is written as a string, as "12.50". 小数以文本书写。')
        try:
            number = Decimal(value)
        except InvalidOperation as error:
            raise ValidationError("Not a number. 不是数字。") from error
        if len(value.partition(".")[2]) > self.places:
            raise ValidationError(f"At most {self.places} decimals. 最多 {self.places} 位小数。")
        if (self.low is not None and number < self.low) or (
                self.high is not None and number > self.high):
            raise ValidationError(f"From {self.low} to {self.high}. 须在 {self.low} 至 {self.high}。")
        return number


class Base64(fields.Field):
    """Strict standard base64 in and out, `bytes` inside; exactly `length` bytes if given."""

    def __init__(self, length: int | None = None, most: int = 1 << 20, **kwargs):
        super().__init__(**kwargs)
        self.length, self.most = length, most

    def _serialize(self, value, attr, obj, **kwargs):
        return value if value is None or isinstance(value, str) else b64(value)

    def _deserialize(self, value, attr, data, **kwargs) -> bytes:
        if isinstance(value, str) and len(value) > self.most * 4 // 3 + 4:
            raise ValidationError("Too long. 过长。")
        try:
            return unb64(value, self.length)
        except NotCanonical as error:
            raise ValidationError(f"{error}. 须为标准 base64。") from error


class AllowedActions(fields.Field):
    """What the present actor may do now with this object, in the order of the permission table."""

    _CHECK_ATTRIBUTE = False

    def _serialize(self, value, attr, obj, **kwargs):
        return allowed_actions(obj)
