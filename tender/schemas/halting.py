"""JSON of what halts, ends or repeats a lot."""

from __future__ import annotations

from marshmallow import fields, validate

from people.fields import HexId, In, Out, Text, Time


class SuspensionIn(In):
    """A supervisor's order, by the number of its document."""

    document_no = Text(1, 100, required=True)
    reason = Text(4, 4000, required=True)


class SuspensionOut(Out):
    """A suspension; everybody may know it."""

    id = HexId()
    lot_id = HexId()
    document_no = fields.String(allow_none=True)
    reason = fields.String(allow_none=True)
    suspended_at = Time()
    until = Time(allow_none=True)
    """When the law ends it at the latest; null where it sets no limit."""
    resumed_at = Time()
    resume_document_no = fields.String(allow_none=True)
    resume_reason = fields.String(allow_none=True)


class TerminationIn(In):
    """Why the buyer ends a lot, and the document it rests on, if there is one."""

    reason = Text(4, 4000, required=True)
    document_no = Text(0, 100, load_default="")


class TerminationOut(Out):
    """Why and when a lot was ended."""

    lot_id = HexId()
    reason = fields.String()
    document_no = fields.String()
    terminated_at = Time()


class RetenderIn(In):
    """Further lots of the same tender that failed or were ended, to be put out together."""

    also = fields.List(HexId(), load_default=list, validate=validate.Length(max=50))


class CourseOut(Out):
    """What halted a lot, what ended it, and the rounds before and after it."""

    lot_id = HexId()
    suspensions = fields.List(fields.Nested(SuspensionOut))
    termination = fields.Nested(TerminationOut, allow_none=True)
    attempt = fields.Integer()
    failures = fields.Integer()
    predecessor_id = HexId(allow_none=True)
    successor_id = HexId(allow_none=True)
    may_stop = fields.Boolean(allow_none=True)
    """Whether, with approval, the project need not be tendered again; null where the regime has
    no such rule."""
