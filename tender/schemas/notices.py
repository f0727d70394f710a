"""JSON of a notice."""

from __future__ import annotations

import json

from marshmallow import ValidationError, fields, validate, validates_schema

from people.exchange import reading
from people.fields import AllowedActions, Hash, HexId, In, Out, Text, Time
from people.x509 import MOST_PEM

from ..notices import KINDS
from ..signed import of_notices


class SignatureIn(In):
    """One's own signature over the statement of one's role: by a registered key, or a certificate
    (PEM chain, one's own first). `at` is the time that the statement names."""

    key = fields.String(validate=validate.Regexp(r"\A[A-Za-z0-9+/]{43}=\Z"))
    certificate = fields.String(validate=validate.Length(1, MOST_PEM))
    at = Time(required=True)
    signature = fields.String(required=True, validate=validate.Regexp(
        r"\A[A-Za-z0-9+/]{84,1400}={0,2}\Z"))

    @validates_schema
    def _one_key(self, data, **_kwargs) -> None:
        if ("key" in data) == ("certificate" in data):
            raise ValidationError("Either key or certificate.", "key")


class SignedIn(In):
    """The signature of who submitted, over what was submitted."""

    content_hash = Hash(required=True)
    signature = fields.Nested(SignatureIn, required=True)


class SignedOut(Out):
    """A signature that was taken."""

    id = HexId()
    role = fields.String()
    content_hash = Hash()
    fingerprint = fields.String(attribute="key_hash")
    signed_at = Time()


class SignatureOut(Out):
    """A person's own signature, with the statement it is over: whoever has the key checks it. Who the
    person is stays with the unit; the key is named in the record."""

    role = fields.String()
    unit = fields.String()
    at = fields.String()
    fingerprint = fields.String()
    key = fields.String(allow_none=True)
    certificate = fields.String(allow_none=True)
    signature = fields.String()
    statement = fields.Raw()


class SigningOut(Out):
    """What the one who asks would sign: the statement but for `at`, the roles that must sign by the
    rules of the place, and the signatures that are there."""

    statement = fields.Raw()
    asked = fields.List(fields.String())
    signatures = fields.List(fields.Nested(SignatureOut))


class ApprovalIn(In):
    """The hash of the content that the approver read, and where it is signed the signature."""

    content_hash = Hash(required=True)
    signature = fields.Nested(SignatureIn)


class SendBackIn(In):
    """Why it is sent back to who submitted it."""

    content_hash = Hash(required=True)
    reason = Text(4, 2000, required=True)


class NoticeOut(Out):
    """A submission of the notice: the frozen content (canonical JSON) and its SHA-256."""

    id = HexId()
    tender_id = HexId()
    number = fields.Integer()
    content_hash = Hash()
    content = fields.Function(lambda notice: json.loads(
        notice["content"] if isinstance(notice, dict) else notice.content))
    proof = fields.String(allow_none=True)
    leaf = fields.String(allow_none=True)
    submitted_at = Time()
    published_at = Time()
    voided_at = Time()
    allowed_actions = AllowedActions()


class NoticeQuery(In):
    """`kind`: only notices of this kind."""

    kind = fields.String(load_default=None, validate=validate.OneOf(KINDS))


class PublishedNoticeRow(Out):
    """A published notice in a list."""

    id = HexId()
    tender_id = HexId()
    lot_id = HexId(allow_none=True)
    kind = fields.String()
    number = fields.Integer()
    version = fields.Integer()
    content_hash = Hash()
    published_at = Time()


class PublishedNoticeOut(PublishedNoticeRow):
    """A published notice: its content, what page and PDF print, and the platform's signature."""

    content = fields.Function(lambda notice: json.loads(notice.content))
    signature = fields.String()
    signatures = fields.Function(lambda notice: SignatureOut(many=True).dump(
        of_notices(reading(), [notice])[notice.id]))
    """Those of the persons who submitted and approved it, where they signed."""


class ExtensionIn(In):
    """A later deadline, and why."""

    deadline = Time(required=True)
    why = Text(10, 2000, required=True)
