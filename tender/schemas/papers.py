"""JSON of papers that a unit keeps here."""

from __future__ import annotations

from marshmallow import fields

from people.fields import Hash, HexId, In, Out, Text, Time


class PaperQuery(In):
    """The name of the file that is sent."""

    name = Text(1, 200, required=True)


class PaperOut(Out):
    """A file of one's own unit; statements name it by its hash."""

    id = HexId()
    name = fields.String()
    media_type = fields.String()
    size = fields.Integer()
    hash = Hash()
    added_at = Time()
