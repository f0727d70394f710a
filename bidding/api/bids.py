"""The routes of the sealed bid: trial, declaration, upload, replacement, withdrawal, receipts."""

from __future__ import annotations

from flask import Response

from audit import note
from audit.act import wiring
from audit.actor import Actor
from audit.reading import cosigners
from kernel.canonical import b64
from kernel.refusal import NOT_FOUND
from people.edge import allow
from people.exchange import reading as session

from .. import acts, reading, receipt, rules, schemas, trial, tus
from ..refusals import TOO_LARGE
from .book import api, part_named


@api.post("/lots/<lot_id>/bids", action="bid.declare", body=schemas.DeclarationIn,
          returns=schemas.VersionOut, status=201, begins=True)
def declare_bid(actor: Actor, body, lot_id: str):
    """Declare a first sealed bid: the signed declaration and the wrapped shares beside it."""
    return acts.declare_bid(actor, lot_id, **body)


@api.post("/lots/<lot_id>/bid-trials", action="bid.declare", body=schemas.DeclarationIn,
          returns=schemas.TrialOut, begins=True)
def try_bid(actor: Actor, body, lot_id: str):
    """Try a declaration that cannot count (type `bid-trial`); nothing is kept or recorded."""
    allow("bid.declare", lot_id=lot_id)
    return trial.check(actor, lot_id, **body)


@api.put("/lots/<lot_id>/bid-trials/<part>", action="bid.declare", stream=True,
         limit=rules.PART_LIMIT, returns=schemas.MeasuredOut, begins=True)
def try_part(actor: Actor, body, lot_id: str, part: str):
    """Try to send a part: its bytes are hashed as they come and none is kept."""
    allow("bid.declare", lot_id=lot_id)
    return trial.measure(body, tus.number("Content-Length"), part_named(part))


@api.get("/bids/<bid_id>", action="bid.upload", returns=schemas.BidOut)
def get_bid(actor: Actor, bid_id: str):
    """One's own bid: the state of its versions, and which blocks have arrived."""
    bid = reading.bid(session(), bid_id)
    allow("bid.upload", lot_id=bid.lot_id, owner=bid.party_id)
    return reading.bid_view(session(), bid)


@api.options(tus.RULE, audience="open")
def upload_options(actor: Actor, bid_id: str, version: str, part: str):
    """What an upload's address speaks: tus 1.0.0 with creation and checksum."""
    return Response(status=204)


@api.post(tus.RULE, action="bid.upload", status=201, repeatable=True)
def create_upload(actor: Actor, bid_id: str, version: str, part: str):
    """Begin to send a part, by tus. `Upload-Length` must be what was declared."""
    tus.speak()
    offset, size = _own_upload(bid_id, version, part)
    if tus.number("Upload-Length") != size:
        raise TOO_LARGE(part=part, limit=size)
    return tus.answer(201, offset, size)


@api.head(tus.RULE, action="bid.upload")
def upload_offset(actor: Actor, bid_id: str, version: str, part: str):
    """How many bytes of a part are durable (`Upload-Offset`)."""
    tus.speak()
    return tus.answer(200, *_own_upload(bid_id, version, part))


@api.patch(tus.RULE, action="bid.upload", stream=True, limit=rules.PART_LIMIT,
           returns=schemas.UploadOut)
def patch_upload(actor: Actor, body, bid_id: str, version: str, part: str):
    """Send a piece of a part; the one that completes the bid is answered with the receipt.

    The offset moves in whole blocks of 4 MiB; until the bid is complete the answer is 204.
    """
    piece = tus.piece()
    target = acts.upload_of(bid_id, _number(version), part_named(part))
    with acts.promising(actor, target.lot_id, bid_id):
        allow("bid.upload", lot_id=target.lot_id, owner=target.party_id)
        came = acts.receive(actor, bid_id, target.version, target.part, piece.offset,
                            piece.length, body, piece.sha256, target)
    tus.tell_offset(came.offset)
    return came if came.receipt else tus.answer(204, came.offset, came.size)


def _own_upload(bid_id: str, version: str, part: str) -> tuple[int, int]:
    target = acts.upload_of(bid_id, _number(version), part_named(part))
    allow("bid.upload", lot_id=target.lot_id, owner=target.party_id)
    return target.bytes(target.have), target.size


@api.post("/bids/<bid_id>/versions", action="bid.replace_own", body=schemas.DeclarationIn,
          returns=schemas.VersionOut, status=201)
def declare_replacement(actor: Actor, body, bid_id: str):
    """Declare a new version of one's standing bid."""
    return acts.declare_replacement(actor, bid_id, **body)


@api.post("/bids/<bid_id>/withdrawal", action="bid.withdraw_own", body=schemas.WithdrawalIn,
          returns=schemas.VersionOut, status=201)
def withdraw_bid(actor: Actor, body, bid_id: str):
    """Withdraw one's standing bid before the deadline."""
    return acts.withdraw_bid(actor, bid_id, **body)


@api.get("/bids/<bid_id>/receipts", action="bid.receipt_view", returns=schemas.ReceiptsOut)
def receipts(actor: Actor, bid_id: str):
    """One's own promises of receipt and of refusal, proofs, and the closing path."""
    bid = reading.bid(session(), bid_id)
    allow("bid.receipt_view", lot_id=bid.lot_id, owner=bid.party_id)
    return reading.receipts_view(session(), bid)


@api.get("/lots/<lot_id>/tenderers/<party_id>/refusals", action="bid.receipt_view",
         returns=schemas.RefusalOut, many=True)
def refusals(actor: Actor, lot_id: str, party_id: str):
    """What was refused to one's own company in a lot, each with its receipt: also declarations
    that never became a bid."""
    allow("bid.receipt_view", lot_id=lot_id, owner=party_id)
    return reading.refusals_of(session(), lot_id, party_id)


@api.post("/lots/<lot_id>/receipt-checks", action="bid.receipt_verify",
          body=schemas.ReceiptCheckIn, returns=schemas.ReceiptCheckOut)
def check_receipt(actor: Actor, body, lot_id: str):
    """Check a promise (and its proof) that one holds; tells nothing that it does not say."""
    allow("bid.receipt_verify", lot_id=lot_id)
    settings = wiring().settings
    keys = receipt.Keys(note.Verifier.parse(settings["log_vkey"]),
                        note.Verifier.parse(settings["platform_vkey"]), tuple(cosigners()))
    try:
        says = receipt.check_promise(body["promise"], keys)
        if says.get("lot") != lot_id:
            raise receipt.BadReceipt("a promise about another lot")
    except receipt.BadReceipt as error:
        return {"signed": False, "says": None, "included": None, "problem": str(error)}
    included, problem = None, None
    if "proof" in body:
        try:
            receipt.check(receipt.make(body["promise"], body["proof"],
                                       b64(body.get("leaf", b""))), keys)
            included = True
        except (receipt.BadReceipt, receipt.CannotCheck, KeyError) as error:
            included, problem = False, str(error)
    return {"signed": True, "says": says, "included": included, "problem": problem}


@api.get("/lots/<lot_id>/bids/count", action="bid.count", returns=schemas.CountOut)
def count_bids(actor: Actor, lot_id: str):
    """How many bids stood at the deadline."""
    return {"count": reading.count_standing(session(), lot_id)}


@api.get("/lots/<lot_id>/tenderers", action="tenderer.list", returns=schemas.TendererOut, many=True)
def list_tenderers(actor: Actor, lot_id: str):
    """The companies that bid, once opened."""
    return reading.tenderers(session(), lot_id)


@api.get("/lots/<lot_id>/tenderers/<party_id>/bid", action="bid.exists_probe",
         returns=schemas.StandsOut)
def bid_stands(actor: Actor, lot_id: str, party_id: str):
    """Whether one's own company's bid stands; nobody learns it of another."""
    allow("bid.exists_probe", lot_id=lot_id, owner=party_id)
    return reading.stands(session(), lot_id, party_id)


def _number(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 6 or str(int(text)) != text:
        raise NOT_FOUND()
    return int(text)
