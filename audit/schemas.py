"""JSON of the record."""

from __future__ import annotations

import json

from marshmallow import RAISE, Schema, fields, validate


class ConsistencyQuery(Schema):
    """`?from=` and `?to=` are tree sizes; without `to` the published one is meant."""

    class Meta:
        unknown = RAISE

    old = fields.String(required=True, data_key="from", validate=validate.Regexp(r"^[0-9]{1,15}$"))
    new = fields.String(data_key="to", validate=validate.Regexp(r"^[0-9]{1,15}$"))


class ConsistencyOut(Schema):
    """A consistency proof; hashes in base64, RFC 6962 order."""

    old = fields.Integer(data_key="from")
    new = fields.Integer(data_key="to")
    proof = fields.List(fields.String())
    checkpoint = fields.String()


class EntryOut(Schema):
    """One entry of the record as its reader may see it."""

    entry_id = fields.String()
    position = fields.Integer()
    type = fields.String()
    disclose = fields.String()
    record = fields.Function(lambda row: json.loads(row.record))
