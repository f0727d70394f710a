"""JSON in and out of the sealed bid and its opening."""

from __future__ import annotations

from marshmallow import fields, validate

from people.fields import AllowedActions, Base64, Hash, HexId, In, Money, Out, Text, Time, Whole
from people.x509 import MOST_PEM
from tender.schemas import DoubtOut, ScanOut

from ..declaration import MAX_TEXT
from ..manifest import PARTS

Part = fields.String(required=True, validate=validate.OneOf(PARTS))


class WrapIn(In):
    part = Part
    path = Text(0, 32, required=True)
    wrap = Text(1, 8000, required=True)


class CertificateIn(In):
    certificate = fields.String(required=True, validate=validate.Length(1, MOST_PEM))


class SignerField(fields.Field):
    """A registered key, 44 characters of base64, or {"certificate": PEM chain}."""

    def _deserialize(self, value, attr, data, **kwargs):
        if isinstance(value, dict):
            return CertificateIn().load(value)
        return Text(44, 44).deserialize(value)


class DeclarationIn(In):
    declaration = Text(1, MAX_TEXT, required=True)
    key = SignerField(required=True)
    signature = Text(88, 1400, required=True)
    wraps = fields.List(fields.Nested(WrapIn), required=True, validate=validate.Length(max=128))


class WithdrawalIn(In):
    withdrawal = Text(1, MAX_TEXT, required=True)
    key = SignerField(required=True)
    signature = Text(88, 1400, required=True)


class PartOut(Out):
    part = fields.String()
    size = fields.Integer()
    ciphertext_hash = Hash()
    offset = fields.Integer()


class VersionOut(Out):
    bid = HexId()
    lot_id = HexId()
    version = fields.Integer()
    state = fields.String()
    state_text = fields.Raw()
    moves_next = fields.String()
    declaration_hash = Hash()
    declared_at = Time()
    submitted_at = Time()
    block_size = fields.Integer()
    parts = fields.List(fields.Nested(PartOut))
    receipt = fields.String(allow_none=True)
    ending = fields.String(allow_none=True)
    allowed_actions = AllowedActions()


class BidOut(Out):
    id = HexId()
    lot_id = HexId()
    tender_id = HexId()
    versions = fields.List(fields.Nested(VersionOut))
    allowed_actions = AllowedActions()


class UploadOut(Out):
    bid = HexId()
    version = fields.Integer()
    part = fields.String()
    offset = fields.Integer()
    size = fields.Integer()
    missing = fields.Integer()
    state = fields.String()
    receipt = fields.String(allow_none=True)


class TrialOut(Out):
    promise = fields.String()


class MeasuredOut(Out):
    size = fields.Integer()
    ciphertext_hash = Hash()


class VersionReceiptOut(Out):
    version = fields.Integer()
    state = fields.String()
    declaration_hash = Hash()
    submitted_at = Time()
    receipt = fields.String(allow_none=True)
    ending = fields.String(allow_none=True)
    proof = fields.String(allow_none=True)
    leaf = fields.String(allow_none=True)


class RefusalOut(Out):
    at = Time()
    code = fields.String()
    bid = HexId(allow_none=True)
    promise = fields.String()
    receipt = fields.Raw()


class ReceiptsOut(Out):
    bid = HexId()
    lot_id = HexId()
    versions = fields.List(fields.Nested(VersionReceiptOut))
    receipts = fields.List(fields.Raw())
    refusals = fields.List(fields.Nested(RefusalOut))
    closing = fields.Raw(allow_none=True)
    allowed_actions = AllowedActions()


class ReceiptCheckIn(In):
    promise = fields.String(required=True, validate=validate.Length(1, 10_000))
    proof = fields.String(validate=validate.Length(1, 100_000))
    leaf = Base64(most=4096)


class ReceiptCheckOut(Out):
    signed = fields.Boolean()
    says = fields.Raw(allow_none=True)
    included = fields.Boolean(allow_none=True)
    problem = fields.String(allow_none=True)


class CountOut(Out):
    count = fields.Integer()


class TendererOut(Out):
    id = HexId()
    uscc = fields.String()
    name = fields.String()


class StandsOut(Out):
    stands = fields.Boolean()
    bid = HexId(allow_none=True)
    version = fields.Integer(allow_none=True)


class OwnVersionOut(Out):
    bid = HexId()
    version = fields.Integer()
    state = fields.String()
    state_text = fields.Raw()
    declaration_hash = Hash()
    declared_at = Time()
    submitted_at = Time()
    receipt_number = fields.String(allow_none=True)
    sent = fields.Integer()
    size = fields.Integer()


class OwnRefusalOut(Out):
    at = Time()
    code = fields.String()
    bid = HexId(allow_none=True)


class OwnBidOut(Out):
    """How one's own bid in a lot stands, in one state (`board`)."""

    lot_id = HexId()
    tender_id = HexId()
    number = fields.Integer()
    title = fields.String()
    tender_title = fields.String()
    deadline = Time()
    phase = fields.String()
    board = fields.String()
    board_text = fields.Raw()
    counts = fields.Boolean()
    bid = HexId(allow_none=True)
    stands = fields.Integer(allow_none=True)
    receipt_number = fields.String(allow_none=True)
    received_at = Time(allow_none=True)
    versions = fields.List(fields.Nested(OwnVersionOut))
    refusals = fields.List(fields.Nested(OwnRefusalOut))
    securities = fields.Integer()


class OpeningIn(In):
    reason = Text(1, 500, required=True)


class ProposalIn(In):
    decision = fields.String(required=True, validate=validate.OneOf(("restored", "closed")))
    evidence = Text(1, 4000, required=True)
    deadline = Time()


class ProposalOut(Out):
    lot_id = HexId()
    number = fields.Integer()
    decision = fields.String()
    deadline_before = Time()
    deadline = Time(allow_none=True)
    evidence = fields.String()
    proposed_at = Time()
    approved_at = Time(allow_none=True)


class DecisionIn(In):
    proposal = fields.Integer(required=True, strict=True, validate=validate.Range(1, 1_000_000))
    reason = Text(1, 2000, required=True)


class ClosingOut(Out):
    lot_id = HexId()
    deadline = Time()
    round = fields.Integer()
    closed_at = Time(allow_none=True)
    root = Hash(allow_none=True)
    witnesses = fields.String()
    doubt = fields.Raw(allow_none=True)
    decision = fields.Raw(allow_none=True)


class StatementIn(In):
    text = Text(1, 4000, required=True)


class FaultIn(In):
    fault = fields.String(required=True, validate=validate.OneOf(("revoked", "withdrawn")))
    grounds = Text(1, 4000, required=True)
    evidence_hash = Hash(required=True)


class FaultOut(Out):
    lot_id = HexId()
    bid = HexId(attribute="bid_id")
    reason = fields.String()
    heard_until = Time()
    statement = fields.String(allow_none=True)
    stated_at = Time(allow_none=True)
    fault = fields.String(allow_none=True)
    grounds = fields.String(allow_none=True)
    evidence_hash = Hash(allow_none=True)
    decided_at = Time(allow_none=True)
    objection = fields.String(allow_none=True)
    objected_at = Time(allow_none=True)


class PlainOut(Out):
    bid = HexId(attribute="bid_id")
    part = fields.String()
    given_at = Time()


class ReleaseSeenOut(Out):
    official = HexId()
    released_at = Time()
    wrong = fields.Raw()


class OpeningOut(Out):
    lot_id = HexId()
    stage = fields.Integer()
    authorised_at = Time()
    ends_at = Time()
    complete_at = Time()
    opened_at = Time()
    roots = fields.Raw()
    bids = fields.Integer()
    tenderers_given = fields.Integer()
    unopened = fields.Raw()
    officials = fields.List(fields.Nested(ReleaseSeenOut))
    allowed_actions = AllowedActions()


class WrapsOut(Out):
    lot_id = HexId()
    official = HexId()
    ends_at = Time()
    closing_root = Hash()
    roots = fields.Raw()
    bids = fields.Raw()


class OneShareIn(In):
    bid = HexId(required=True)
    part = Part
    share = Text(1, 120, required=True)


class SharesIn(In):
    shares = fields.List(fields.Nested(OneShareIn), required=True,
                         validate=validate.Length(max=20_000))


class ReleaseOut(Out):
    lot_id = HexId()
    official = HexId(attribute="official_id")
    root = Hash()
    wrong = fields.Raw()
    released_at = Time()


class OwnSharesIn(In):
    shares = fields.Dict(keys=fields.String(validate=validate.OneOf(PARTS)), values=Text(1, 120),
                         required=True)


class OwnSharesOut(Out):
    lot_id = HexId()
    ends_at = Time()
    complete_at = Time()


class SignatureIn(In):
    record_hash = Hash(required=True)


class SignatureOut(Out):
    lot_id = HexId()
    official = HexId(attribute="official_id")
    record_hash = Hash()
    signed_at = Time()


class SignatureSeenOut(Out):
    official = HexId()
    signed_at = Time()


class FormOut(Out):
    bid = HexId()
    plain = fields.String(allow_none=True)
    ciphertext = fields.String(allow_none=True)


class RecordOut(Out):
    lot_id = HexId()
    record = fields.Raw()
    record_hash = Hash()
    forms = fields.List(fields.Nested(FormOut))
    prices = fields.Raw(allow_none=True)
    signatures = fields.List(fields.Nested(SignatureSeenOut))
    allowed_actions = AllowedActions()


class FileOut(Out):
    name = fields.String()
    size = fields.Integer()
    hash = Hash()
    scan = fields.Nested(ScanOut)


class PartContentOut(Out):
    part = fields.String()
    files = fields.List(fields.Nested(FileOut))


class ContentOut(Out):
    bid = HexId()
    lot_id = HexId()
    party_id = HexId()
    price_fen = Money(allow_none=True)
    period_days = Whole(allow_none=True)
    quality = fields.String(allow_none=True)
    leader = fields.String(allow_none=True)
    parts = fields.List(fields.Nested(PartContentOut))


class HeldOut(Out):
    kind = fields.String()
    grade = fields.String()
    number = fields.String()
    valid_from = fields.Date()
    valid_until = fields.Date(allow_none=True)
    evidence_hash = fields.String()


class CompanyStandingOut(Out):
    uscc = fields.String()
    name = fields.String()
    doubts = fields.List(fields.Nested(DoubtOut))
    licences = fields.List(fields.Nested(HeldOut))


class BidStandingOut(Out):
    bid = HexId()
    companies = fields.List(fields.Nested(CompanyStandingOut))
