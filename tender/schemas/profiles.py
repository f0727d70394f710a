"""JSON of rule profiles, in and out."""

from __future__ import annotations

from marshmallow import ValidationError, fields, post_load, pre_dump, validate

from kernel.canonical import parse
from people.fields import Flag, Hash, In, Out, Text, Time

from .. import profile
from ..fields import Day, NumberValue


class ChangeIn(In):
    """One number as it shall be; `remove` takes it away instead."""

    name = fields.String(required=True, validate=validate.Regexp(r"\A[A-Za-z0-9]{1,20}(\.[a-z_]{1,30})\Z"))
    value = NumberValue()
    unit = fields.String(validate=validate.OneOf(profile.UNITS))
    source = Text(4, 300)
    mark = fields.String(validate=validate.OneOf(profile.MARKS))
    breach = fields.String(validate=validate.OneOf(profile.BREACHES))
    remove = Flag(load_default=False)

    @post_load
    def _whole(self, data, **_):
        said = {key: data[key] for key in ("value", "unit", "source", "mark", "breach")
                if key in data}
        if data["remove"] != (not said) or (said and len(said) != 5):
            raise ValidationError("A number has value, unit, source, mark and breach; or it is "
                                  "removed. 每个数须有数值、单位、依据、标记和违反后果。")
        return data["name"], said or None


class TitleIn(In):
    """What a profile is called, in both languages."""

    zh = Text(1, 100, required=True)
    en = Text(1, 100, required=True)


class ProfileIn(In):
    """A profile proposed for a place: another one with some numbers changed."""

    base = fields.String(required=True, validate=validate.Length(1, 40))
    region = fields.String(required=True, validate=validate.Regexp(r"\A(\d{2}|\d{4}|\d{6})\Z"))
    valid_from = Day(required=True)
    title = fields.Nested(TitleIn, required=True)
    why = Text(10, 2000, required=True)
    changes = fields.List(fields.Nested(ChangeIn), required=True,
                          validate=validate.Length(1, 100))

    @post_load
    def _changes(self, data, **_):
        named = dict(data["changes"])
        if len(named) != len(data["changes"]):
            raise ValidationError("A number is changed twice. 同一个数只能改一次。", "changes")
        return data | {"changes": named}


class ProfileApprovalIn(In):
    """The hash of the profile that the approver read."""

    body_hash = Hash(required=True)


class ProfileQuery(In):
    """`regime`: of one regime only."""

    regime = fields.String(validate=validate.OneOf(profile.REGIMES))


class ProfileOut(Out):
    """A rule profile: the numbers of a regime in a place, each with source, mark and what a
    breach does; proposed, or in force from its day on."""

    id = fields.String()
    regime = fields.String()
    region = fields.String()
    version = fields.Integer()
    valid_from = fields.String()
    title = fields.Raw()
    numbers = fields.Raw()
    body_hash = Hash()
    base_id = fields.String(allow_none=True)
    why = fields.String()
    shipped = Flag()
    proposed_at = Time()
    approved_at = Time()

    @pre_dump
    def _read(self, row, **_):
        body = parse(row.body)
        return {column.name: getattr(row, column.name) for column in row.__table__.columns} | {
            "title": body["title"], "numbers": body["numbers"]}
