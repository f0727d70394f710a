"""The JSON routes of the sealed bid and its opening."""

from __future__ import annotations

from urllib.parse import quote

from flask import Response
from sqlalchemy import select

from audit import note, tlogproof
from audit.act import wiring
from audit.actor import Actor
from kernel.refusal import NOT_FOUND
from people.edge import Book, allow, page
from people.exchange import reading as session

from . import acts, promise, promised, reading, rules, schemas, trial, tus
from .manifest import PARTS
from .model import HolderKey, OpenedBid
from .refusals import TOO_LARGE

api = Book("bidding")


@api.post("/lots/<lot_id>/officials", action="opener.assign", body=schemas.OfficialIn,
          returns=schemas.OfficialOut, status=201)
def assign_official(actor: Actor, body, lot_id: str):
    """Assign an opening official or a clock holder; of k who are needed at most k - 1 of a unit."""
    return acts.assign_official(actor, lot_id, **body)


@api.get("/lots/<lot_id>/officials", action="opener.assign", returns=schemas.OfficialOut, many=True)
def officials(actor: Actor, lot_id: str):
    """Who is assigned to a lot in preparation."""
    return reading.officials_of(session(), lot_id)


@api.delete("/lots/<lot_id>/officials/<official_id>", action="opener.assign", status=204)
def dismiss_official(actor: Actor, lot_id: str, official_id: str):
    """Take an official or clock holder away before publication, with its key."""
    acts.dismiss_official(actor, lot_id, official_id)


@api.post("/lots/<lot_id>/holder-keys", action="holder_key.register", body=schemas.KeyIn,
          returns=schemas.KeyOut, status=201)
def register_key(actor: Actor, body, lot_id: str):
    """Register one's own public opening key."""
    return acts.register_key(actor, lot_id, **body)


@api.post("/lots/<lot_id>/rehearsals", action="holder_key.rehearse", body=schemas.RehearsalIn,
          returns=schemas.RehearsalOut, status=201)
def begin_rehearsal(actor: Actor, body, lot_id: str):
    """Begin to rehearse with one's own key: a share wrapped for it, with one's own nonce."""
    return acts.begin_rehearsal(actor, lot_id, **body)


@api.post("/lots/<lot_id>/rehearsals/answer", action="holder_key.rehearse",
          body=schemas.RehearsalAnswerIn, returns=schemas.RehearsedOut, status=201)
def answer_rehearsal(actor: Actor, body, lot_id: str):
    """Give back the share of one's own rehearsal; publication waits for every holder's."""
    return acts.answer_rehearsal(actor, lot_id, **body)


@api.get("/lots/<lot_id>/holder-keys", action="holder_key.certify", returns=schemas.KeyOut,
         many=True)
def holder_keys(actor: Actor, lot_id: str):
    """The opening keys that wait for, or have, the supervisor's certification."""
    return reading.keys_of(session(), lot_id)


@api.post("/holder-keys/<key_id>/certification", action="holder_key.certify",
          returns=schemas.KeyOut, status=201)
def certify_key(actor: Actor, key_id: str):
    """Certify an official's opening key."""
    key = session().get(HolderKey, key_id)
    if key is None:
        raise NOT_FOUND()
    return acts.certify_key(actor, key.lot_id, key_id)


@api.post("/lots/<lot_id>/bids", action="bid.declare", body=schemas.DeclarationIn,
          returns=schemas.VersionOut, status=201)
def declare_bid(actor: Actor, body, lot_id: str):
    """Declare a first sealed bid: the signed declaration and the wrapped shares beside it."""
    return acts.declare_bid(actor, lot_id, **body)


@api.post("/lots/<lot_id>/bid-trials", action="bid.declare", body=schemas.DeclarationIn,
          returns=schemas.TrialOut)
def try_bid(actor: Actor, body, lot_id: str):
    """Try a declaration that cannot count (type `bid-trial`); nothing is kept or recorded."""
    allow("bid.declare", lot_id=lot_id)
    return trial.check(actor, lot_id, **body)


@api.put("/lots/<lot_id>/bid-trials/<part>", action="bid.declare", stream=True,
         limit=rules.PART_LIMIT, returns=schemas.MeasuredOut)
def try_part(actor: Actor, body, lot_id: str, part: str):
    """Try to send a part: its bytes are hashed as they come and none is kept."""
    allow("bid.declare", lot_id=lot_id)
    return trial.measure(body, tus.number("Content-Length"), _part(part))


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
    lot_id, owner = acts.owner_of(bid_id)
    with acts.promising(actor, lot_id, bid_id):
        allow("bid.upload", lot_id=lot_id, owner=owner)
        came = acts.receive(actor, bid_id, _number(version), _part(part), piece.offset,
                            piece.length, body, piece.sha256)
    tus.tell_offset(came.offset)
    return came if came.receipt else tus.answer(204, came.offset, came.size)


def _own_upload(bid_id: str, version: str, part: str) -> tuple[int, int]:
    lot_id, owner = acts.owner_of(bid_id)
    allow("bid.upload", lot_id=lot_id, owner=owner)
    return acts.offset_of(bid_id, _number(version), _part(part))


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
    return promised.refusals_of(session(), lot_id, party_id)


@api.post("/lots/<lot_id>/receipt-checks", action="bid.receipt_verify",
          body=schemas.ReceiptCheckIn, returns=schemas.ReceiptCheckOut)
def check_receipt(actor: Actor, body, lot_id: str):
    """Check a promise (and its proof) that one holds; tells nothing that it does not say."""
    allow("bid.receipt_verify", lot_id=lot_id)
    settings = wiring().settings
    try:
        says = promise.read(body["promise"], note.Verifier.parse(settings["platform_vkey"]))
        if says.get("lot") != lot_id:
            raise promise.BadPromise("a promise about another lot")
    except promise.BadPromise as error:
        return {"signed": False, "says": None, "included": None, "problem": str(error)}
    included, problem = None, None
    if "proof" in body:
        try:
            proven = tlogproof.verify(body["proof"], body.get("leaf", b""),
                                      note.Verifier.parse(settings["log_vkey"]))
            included = proven.record.get("facts", {}).get("declaration") == says["declaration"]
        except (tlogproof.BadProofFile, KeyError, AttributeError) as error:
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


@api.post("/lots/<lot_id>/opening", action="opening.start", body=schemas.OpeningIn,
          returns=schemas.OpeningOut, status=201)
def start_opening(actor: Actor, body, lot_id: str):
    """Authorise the opening of exactly the standing bids."""
    return acts.authorise_opening(actor, lot_id, **body)


@api.get("/lots/<lot_id>/opening", action="opening.view_live", returns=schemas.OpeningOut)
def watch_opening(actor: Actor, lot_id: str):
    """The course of the opening: times and counts, no names and prices before its end."""
    return reading.opening_view(session(), lot_id)


@api.get("/lots/<lot_id>/opening/wraps", action="opening.official_share", returns=schemas.WrapsOut)
def own_wraps(actor: Actor, lot_id: str):
    """An official's wrapped shares, with the declarations, places and roots to check first."""
    return reading.wraps_view(session(), lot_id, actor.account_id)


@api.post("/lots/<lot_id>/opening/official-shares", action="opening.official_share",
          body=schemas.SharesIn, returns=schemas.ReleaseOut, status=201, limit=8 << 20)
def release_shares(actor: Actor, body, lot_id: str):
    """Give all one's shares of an authorisation, once; a wrong one is named in the answer."""
    return acts.release_shares(actor, lot_id, **body)


@api.post("/bids/<bid_id>/opening-share", action="opening.tenderer_share",
          body=schemas.OwnSharesIn, returns=schemas.OwnSharesOut, status=201)
def give_own_shares(actor: Actor, body, bid_id: str):
    """Give one's own share of every part of one's bid."""
    return acts.give_own_shares(actor, bid_id, **body)


@api.get("/lots/<lot_id>/opening-record", action="opening_record.view", returns=schemas.RecordOut)
def opening_record(actor: Actor, lot_id: str):
    """The opening record with the published form parts."""
    return reading.record_view(session(), lot_id)


@api.post("/lots/<lot_id>/opening-record/signatures", action="opening.sign_record",
          body=schemas.SignatureIn, returns=schemas.SignatureOut, status=201)
def sign_record(actor: Actor, body, lot_id: str):
    """Sign the opening record as one of its officials."""
    return acts.sign_record(actor, lot_id, **body)


@api.get("/bids/<bid_id>/content", action="bid.read_own", returns=schemas.ContentOut)
def own_content(actor: Actor, bid_id: str):
    """The files of one's own opened bid."""
    bid = reading.bid(session(), bid_id)
    allow("bid.read_own", lot_id=bid.lot_id, owner=bid.party_id)
    return reading.content_view(session(), bid_id)


@api.get("/bids/<bid_id>/content/<part>/<name>", action="bid.read_own")
def own_file(actor: Actor, bid_id: str, part: str, name: str):
    """One file of one's own opened bid."""
    bid = reading.bid(session(), bid_id)
    allow("bid.read_own", lot_id=bid.lot_id, owner=bid.party_id)
    return _file(bid_id, part, name)


@api.get("/lots/<lot_id>/opened-bids", action="bid.read_other", returns=schemas.ContentOut,
         many=True)
def opened_bids(actor: Actor, lot_id: str):
    """The opened bids with their files."""
    ids = [one.id for one in reading.opened_bids(session(), lot_id)]
    found = page(session(), select(OpenedBid).where(OpenedBid.id.in_(ids)), OpenedBid.id)
    found.items[:] = [reading.content_view(session(), one.bid_id) for one in found.items]
    return found


@api.get("/lots/<lot_id>/opened-bids/<bid_id>/<part>/<name>", action="bid.read_other")
def opened_file(actor: Actor, lot_id: str, bid_id: str, part: str, name: str):
    """One file of an opened bid."""
    if reading.bid(session(), bid_id).lot_id != lot_id:
        raise NOT_FOUND()
    return _file(bid_id, part, name)


def _file(bid_id: str, part: str, name: str) -> Response:
    size, pieces = reading.read_member(session(), bid_id, _part(part), name)
    session().rollback()  # no transaction stays open while a slow reader reads
    return Response(pieces, mimetype="application/octet-stream", headers={
        "Content-Length": str(size), "Cache-Control": "no-store",
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox"})


def _part(text: str) -> str:
    if text not in PARTS:
        raise NOT_FOUND()
    return text


def _number(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 6 or str(int(text)) != text:
        raise NOT_FOUND()
    return int(text)
