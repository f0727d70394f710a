"""The routes of bids that do not open: plain files, statements, whose fault it was (办法 31)."""

from __future__ import annotations

from audit.actor import Actor
from kernel.refusal import NOT_FOUND
from people.edge import allow
from people.exchange import moment
from people.exchange import reading as session
from people.relations import own_party

from .. import acts, reading, rules, schemas
from ..schemas import own
from .book import api, part_named


@api.put("/bids/<bid_id>/plain-files/<part>", action="opening.plain_file", stream=True,
         limit=rules.PART_LIMIT, returns=schemas.PlainOut, status=201)
def give_plain_file(actor: Actor, body, bid_id: str, part: str):
    """Hand in the plain archive of a part that cannot be decrypted (办法 31)."""
    part = part_named(part)
    bid = reading.bid(session(), bid_id)
    allow("opening.plain_file", lot_id=bid.lot_id, owner=bid.party_id)
    return acts.give_plain_file(actor, bid_id, part, body)


@api.get("/lots/<lot_id>/opening/unopened", action="opening.fault_decide",
         returns=schemas.FaultOut, many=True)
def unopened_bids(actor: Actor, lot_id: str):
    """The bids that could not be opened, with what their tenderers say."""
    return reading.faults_view(session(), lot_id)


@api.post("/bids/<bid_id>/fault", action="opening.fault_decide", body=schemas.FaultIn,
          returns=schemas.FaultOut, status=201)
def decide_fault(actor: Actor, body, bid_id: str):
    """Decide with evidence whether a bid that could not be opened is revoked or withdrawn."""
    return acts.decide_fault(actor, bid_id, **body)


@api.get("/bids/<bid_id>/fault", audience="self", returns=schemas.FaultOut)
def own_fault(actor: Actor, bid_id: str):
    """One's own bid that could not be opened: until when one may speak, what was decided."""
    bid, found = reading.bid(session(), bid_id), reading.unopened_bid(session(), bid_id)
    if found is None or bid.party_id != own_party(session(), actor, moment()):
        raise NOT_FOUND()
    return found


@api.get("/bids/<bid_id>/opening", audience="self", returns=own.OwnRowOut)
def own_row(actor: Actor, bid_id: str):
    """One's own bid in the opening: which stage was authorised, what one has given, what came."""
    bid = reading.bid(session(), bid_id)
    if bid.party_id != own_party(session(), actor, moment()):
        raise NOT_FOUND()
    return reading.own_row(session(), bid)


@api.post("/bids/<bid_id>/statement", audience="self", body=schemas.StatementIn,
          returns=schemas.FaultOut, status=201)
def make_statement(actor: Actor, body, bid_id: str):
    """Say why one's own bid could not be opened, before it is decided."""
    return acts.make_statement(actor, bid_id, **body)


@api.post("/bids/<bid_id>/fault-objection", audience="self", body=schemas.StatementIn,
          returns=schemas.FaultOut, status=201)
def object_to_fault(actor: Actor, body, bid_id: str):
    """Object to what was decided about one's own bid."""
    return acts.object_to_fault(actor, bid_id, **body)
