"""JSON of what a unit has to do in its own tenders."""

from __future__ import annotations

from marshmallow import fields

from people.fields import Flag, Hash, HexId, Out, Time

from .lots import DateOut
from .notices import SigningOut


class WaitingOut(Out):
    """One thing that waits for one's own unit: `kind` says what, `due` by when at the latest."""

    kind = fields.String()
    tender_id = HexId(allow_none=True)
    title = fields.String()
    due = Time(allow_none=True)
    lot_id = HexId(allow_none=True)
    lot_title = fields.String(allow_none=True)
    count = fields.Integer(allow_none=True)
    about = HexId(allow_none=True)


class FindingOut(Out):
    """One thing that keeps a draft from being published; `rule` is the number it breaches."""

    field = fields.String()
    code = fields.String()
    law = fields.String()
    zh = fields.String()
    en = fields.String()
    rule = fields.String()
    breach = fields.String()
    hit = fields.String()


class SubmissionOut(Out):
    """The submission that stands. `own`: the one who asks submitted it."""

    number = fields.Integer()
    content_hash = Hash()
    submitted_at = Time()
    published_at = Time()
    own = Flag()


class SentBackOut(Out):
    """What was sent back last, and why."""

    about = HexId()
    reason = fields.String()
    at = Time()


class WorkLotOut(Out):
    """A lot: the numbers it is held to, the first lawful deadline, its dates as they are or would
    be, and where its deadline must lie after a change of what bids are made of (T3)."""

    lot_id = HexId()
    number = fields.Integer()
    profile = fields.Raw()
    rule = fields.String()
    earliest_deadline = Time(allow_none=True)
    after_change = Time(allow_none=True)
    guarantee_cap_fen = fields.Integer()
    questions = fields.Integer()
    dates = fields.List(fields.Nested(DateOut))


class WorkOut(Out):
    """How a tender of one's own stands."""

    tender_id = HexId()
    draft = Flag()
    findings = fields.List(fields.Nested(FindingOut))
    submission = fields.Nested(SubmissionOut, allow_none=True)
    sent_back = fields.Nested(SentBackOut, allow_none=True)
    template = fields.Raw(allow_none=True)
    lots = fields.List(fields.Nested(WorkLotOut))


class ReadNoticeOut(Out):
    """The submitted notice as it will read, and what differs `against` the submission before it
    (`submission`) or the template it was begun from (`template`)."""

    tender_id = HexId()
    content_hash = Hash()
    submitted_at = Time()
    against = fields.String(allow_none=True)
    sections = fields.Raw()
    changes = fields.Raw()
    signing = fields.Nested(SigningOut)
