"""JSON of the bidding documents and of the bill of quantities."""

from __future__ import annotations

from marshmallow import fields, validate

from people.fields import AllowedActions, Hash, HexId, In, Out, Text, Time

from .. import rules
from ..fields import Exact
from ..model import UNSEEN

DOCUMENT_KINDS = ("biddingDocuments", "technicalSpecifications", "billOfQuantity",
                  "evaluationCriteria", "contractDraft", "drawings", "villageResolution",
                  "other")
"""OCDS documentType; the last three are ours (the codelist is open)."""


class ItemIn(In):
    """One line of the bill of quantities."""

    code = Text(1, 40, required=True)
    description = Text(1, 500, required=True)
    unit = Text(1, 20, required=True)
    quantity = Exact(places=6, low="0", high="999999999999", required=True)


class ItemsIn(In):
    """The whole bill of quantities of a lot, in order."""

    items = fields.List(fields.Nested(ItemIn), required=True,
                        validate=validate.Length(max=rules.MAX_ITEMS))


class DocumentQuery(In):
    """What a file is called and what it is."""

    name = fields.String(required=True, validate=validate.Length(min=1, max=1000))
    kind = fields.String(load_default="biddingDocuments",
                         validate=validate.OneOf(DOCUMENT_KINDS))


class ScanOut(Out):
    """What a virus scanner said of a file: `clean`, `found` (`said` names it), `not_scanned`."""

    state = fields.String()
    said = fields.String()
    engine = fields.String()
    scanned_at = Time(allow_none=True)


class DocumentOut(Out):
    """A file of the bidding documents; `hash` is its SHA-256."""

    id = HexId()
    tender_id = HexId()
    kind = fields.String()
    name = fields.String()
    media_type = fields.String()
    size = fields.Integer()
    hash = Hash()
    added_at = Time()
    replaced_by = Hash(allow_none=True)
    url = fields.Function(lambda document: (
        f"/api/v1/tenders/{document.tender_id}/documents/{document.id}/content"))
    scan = fields.Nested(ScanOut, dump_default=UNSEEN)
    allowed_actions = AllowedActions()


class ItemOut(Out):
    """One line of the bill of quantities."""

    position = fields.Integer()
    code = fields.String()
    description = fields.String()
    unit = fields.String()
    quantity = fields.String()


class BillFindingOut(Out):
    """What differs at a cell of a priced bill, and what follows: wrong, corrected, decide."""

    cell = fields.String()
    code = fields.String()
    kind = fields.String()
    zh = fields.String()
    en = fields.String()
    stated_fen = fields.Integer(allow_none=True)
    right_fen = fields.Integer(allow_none=True)


class BillOut(Out):
    """A priced bill against ours: whether it is ours line by line, its total stated and corrected."""

    ours = fields.Boolean()
    clean = fields.Boolean()
    lines = fields.Integer()
    stated_fen = fields.Integer(allow_none=True)
    corrected_fen = fields.Integer(allow_none=True)
    findings = fields.List(fields.Nested(BillFindingOut))


class CellProblemOut(Out):
    """Why a cell cannot be read."""

    cell = fields.String()
    zh = fields.String()
    en = fields.String()


class PricedBillOut(Out):
    """A workbook of a bid against the lot's bill; without `bill` where it could not be read as a
    priced one, then `problem` is the refusal's code and `problems` name the cells."""

    name = fields.String()
    size = fields.Integer()
    hash = Hash()
    problem = fields.String()
    problems = fields.List(fields.Nested(CellProblemOut))
    bill = fields.Nested(BillOut, allow_none=True)
