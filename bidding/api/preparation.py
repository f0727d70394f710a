"""The routes before publication: officials, clock holders, their keys and rehearsals."""

from __future__ import annotations

from audit.actor import Actor
from kernel.refusal import NOT_FOUND
from people.edge import allow
from people.exchange import moment
from people.exchange import reading as session

from .. import acts, reading
from ..model import HolderKey
from ..schemas import holders, own
from .book import api


@api.post("/lots/<lot_id>/officials", action="opener.assign", body=holders.OfficialIn,
          returns=holders.OfficialOut, status=201)
def assign_official(actor: Actor, body, lot_id: str):
    """Assign an opening official or a clock holder; of k who are needed at most k - 1 of a unit."""
    allow("opener.assign", lot_id=lot_id)
    login, account_id = body.pop("login", None), body.pop("account_id", None)
    return acts.assign_official(
        actor, lot_id, account_id=account_id or reading.account_called(session(), login), **body)


@api.get("/lots/<lot_id>/officials", action="opener.assign", returns=holders.OfficialOut, many=True)
def officials(actor: Actor, lot_id: str):
    """Who is assigned to a lot in preparation."""
    return reading.officials_shown(session(), lot_id)


@api.delete("/lots/<lot_id>/officials/<official_id>", action="opener.assign", status=204)
def dismiss_official(actor: Actor, lot_id: str, official_id: str):
    """Take an official or clock holder away before publication, with its key."""
    acts.dismiss_official(actor, lot_id, official_id)


@api.post("/lots/<lot_id>/holder-keys", action="holder_key.register", body=holders.KeyIn,
          returns=holders.KeyOut, status=201)
def register_key(actor: Actor, body, lot_id: str):
    """Register one's own public opening key."""
    return acts.register_key(actor, lot_id, **body)


@api.post("/lots/<lot_id>/rehearsals", action="holder_key.rehearse", body=holders.RehearsalIn,
          returns=holders.RehearsalOut, status=201)
def begin_rehearsal(actor: Actor, body, lot_id: str):
    """Begin to rehearse with one's own key: a share wrapped for it, with one's own nonce."""
    return acts.begin_rehearsal(actor, lot_id, **body)


@api.post("/lots/<lot_id>/rehearsals/answer", action="holder_key.rehearse",
          body=holders.RehearsalAnswerIn, returns=holders.RehearsedOut, status=201)
def answer_rehearsal(actor: Actor, body, lot_id: str):
    """Give back the share of one's own rehearsal; publication waits for every holder's."""
    return acts.answer_rehearsal(actor, lot_id, **body)


@api.get("/lots/<lot_id>/holder-keys", action="holder_key.certify", returns=holders.KeyOut,
         many=True)
def holder_keys(actor: Actor, lot_id: str):
    """The opening keys that wait for, or have, the supervisor's certification."""
    return reading.keys_of(session(), lot_id)


@api.post("/holder-keys/<key_id>/certification", action="holder_key.certify",
          returns=holders.KeyOut, status=201)
def certify_key(actor: Actor, key_id: str):
    """Certify an official's opening key."""
    key = session().get(HolderKey, key_id)
    if key is None:
        raise NOT_FOUND()
    return acts.certify_key(actor, key.lot_id, key_id)


@api.get("/openings", audience="self", returns=own.OwnOpeningOut, many=True)
def own_openings(actor: Actor):
    """The openings that one is an official or clock holder of, until their lots are awarded."""
    return reading.own_openings(session(), actor, moment())


@api.get("/lots/<lot_id>/officials/me", audience="self", returns=own.OwnOpeningOut)
def own_opening(actor: Actor, lot_id: str):
    """One's own part in a lot's opening: key, rehearsal, shares given, signature."""
    return reading.own_opening(session(), actor, moment(), lot_id)
