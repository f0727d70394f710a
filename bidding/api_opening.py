"""The JSON routes of what an opening needs besides its plain course: deadlines in doubt, faults,
plain files, and the second envelope. They belong to the blueprint of `bidding.api`."""

from __future__ import annotations

from audit.actor import Actor
from kernel.refusal import NOT_FOUND
from people.edge import allow, moment
from people.exchange import reading as session
from tender import deadlines
from tender.reading import lot as the_lot

from . import acts, reading, rules, schemas
from .api import api
from .manifest import PARTS
from .model import PRICES
from .reading_closing import closing_view


@api.get("/lots/<lot_id>/closing", action="notice.view", returns=schemas.ClosingOut)
def closing(actor: Actor, lot_id: str):
    """The lot's close: its root, whether witnesses saw it, doubts about time and decisions."""
    return closing_view(session(), the_lot(session(), lot_id), moment())


@api.post("/lots/<lot_id>/deadline-proposals", action="deadline.restore_propose",
          body=schemas.ProposalIn, returns=schemas.ProposalOut, status=201)
def propose_deadline(actor: Actor, body, lot_id: str):
    """Propose with evidence a later deadline, or that the close stands."""
    return deadlines.propose(actor, lot_id, **body)


@api.get("/lots/<lot_id>/deadline-proposals/last", action="deadline.restore_approve",
         returns=schemas.ProposalOut)
def last_proposal(actor: Actor, lot_id: str):
    """The proposal that waits for, or has, the supervisor's decision."""
    found = deadlines.last_proposal(session(), lot_id)
    if found is None:
        raise NOT_FOUND()
    return found


@api.post("/lots/<lot_id>/deadline-proposals/decision", action="deadline.restore_approve",
          body=schemas.DecisionIn, returns=schemas.ProposalOut, status=201)
def decide_deadline(actor: Actor, body, lot_id: str):
    """Approve the last proposal: a later deadline comes into force, or the close stands."""
    return acts.decide_deadline(actor, lot_id, **body)


@api.put("/bids/<bid_id>/plain-files/<part>", action="opening.plain_file", stream=True,
         limit=rules.PART_LIMIT, returns=schemas.PlainOut, status=201)
def give_plain_file(actor: Actor, body, bid_id: str, part: str):
    """Hand in the plain archive of a part that cannot be decrypted (办法 31)."""
    if part not in PARTS:
        raise NOT_FOUND()
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
    if found is None or actor.party_id is None or bid.party_id != actor.party_id:
        raise NOT_FOUND()
    return found


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


@api.post("/lots/<lot_id>/price-opening", action="opening.price_share", body=schemas.OpeningIn,
          returns=schemas.OpeningOut, status=201)
def start_prices(actor: Actor, body, lot_id: str):
    """Authorise the opening of forms and prices, once all technical sheets are signed."""
    return acts.authorise_prices(actor, lot_id, **body)


@api.get("/lots/<lot_id>/price-opening", action="opening.price_share", returns=schemas.OpeningOut)
def watch_prices(actor: Actor, lot_id: str):
    """The course of the second opening: times and counts, no prices."""
    return reading.opening_view(session(), lot_id, PRICES)


@api.get("/lots/<lot_id>/price-opening/wraps", action="opening.price_share",
         returns=schemas.WrapsOut)
def price_wraps(actor: Actor, lot_id: str):
    """An official's wrapped shares of forms and prices, with what must be checked first."""
    return reading.wraps_view(session(), lot_id, actor.account_id, PRICES)


@api.post("/lots/<lot_id>/price-opening/official-shares", action="opening.price_share",
          body=schemas.SharesIn, returns=schemas.ReleaseOut, status=201, limit=8 << 20)
def release_price_shares(actor: Actor, body, lot_id: str):
    """Give all one's shares of forms and prices, once."""
    return acts.release_price_shares(actor, lot_id, **body)


@api.post("/bids/<bid_id>/price-share", action="opening.price_share", body=schemas.OwnSharesIn,
          returns=schemas.OwnSharesOut, status=201)
def give_price_shares(actor: Actor, body, bid_id: str):
    """Give one's own share of form and price."""
    return acts.give_price_shares(actor, bid_id, **body)

