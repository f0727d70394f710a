"""Refusals of a bid are answered with a signed promise of refusal (sealed-bid A3.4, A3.5)."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, bindparam, func, select
from sqlalchemy.orm import Session

from audit.act import Act, side_write, wiring
from audit.actor import Actor
from kernel.db import Installation, new_id
from kernel.refusal import NOT_FOUND, WRONG_PHASE, Refused
from people import x509
from people.model import Party, Undigested
from people.reading import signing_key
from tender.deadlines import doubt_of
from tender.model import Lot

from .. import promise, rules
from ..declaration import Key
from ..model import BidRefusal, BidVersion
from ..refusals import BAD_CERTIFICATE, UNKNOWN_KEY

log = logging.getLogger("yangguang.bidding")

REFUSALS_KEPT = 200
"""Promises of refusal kept for one company in one lot; further ones are given, not kept."""


_lot, _party = Lot.__table__.c, Party.__table__.c
_SHARE = (select(_lot.id, _lot.tender_id, _lot.deadline, _lot.suite, _lot.policy, _lot.policy_hash)
          .where(_lot.id == bindparam("lot")).with_for_update(read=True))
_TENDERER = select(
    _party.uscc, select(Installation.__table__.c.log_origin).scalar_subquery().label("log_origin")
).where(_party.id == bindparam("party"))


def share_lot(session: Session, lot_id: str) -> Row:
    """Lock the lot's row FOR SHARE and read what a bid is held to: id, tender_id, deadline, suite,
    policy, policy_hash; NOT_FOUND if there is none.

    As `tender.acts.lock_lot`, for the acts of which there are thousands in the last minute.
    """
    lot = session.connection().execute(_SHARE, {"lot": lot_id}).one_or_none()
    if lot is None:
        raise NOT_FOUND()
    return lot


def log_origin(session: Session) -> str:
    """The name of this installation's record."""
    return session.execute(select(Installation.log_origin)).scalar_one()


def expected(session: Session, lot: Lot | Row, party_id: str) -> rules.Expected:
    """What every declaration of this company in this lot must repeat."""
    own = session.connection().execute(_TENDERER, {"party": party_id}).one()
    return rules.Expected(own.log_origin, lot.suite, lot.policy, lot.policy_hash,
                          lot.tender_id, lot.id, own.uscc)


@dataclass(frozen=True)
class Signer:
    """Who signs for a company: a registered key, or a certificate that names the company."""

    key: str
    """The Ed25519 key, or the pin of the certificate's."""
    certificate: str | None = None
    usable_at: datetime | None = None
    """Until then a registered key cools and may sign no first declaration."""

    def may_follow(self, standing: BidVersion) -> bool:
        """Whether it may replace or withdraw that version: the same key, or any certificate of
        the company (A3.2)."""
        return self.certificate is not None or (
            standing.certificate is None and standing.key == self.key)


def own_signer(ctx: Act, party_id: str, key: Key) -> Signer:
    """The company's signer behind `key`: registered and unrevoked, or certified now for its
    credit code. Raises UNKNOWN_KEY, BAD_CERTIFICATE."""
    if isinstance(key, dict):
        return _certified(ctx, party_id, key.get("certificate", ""))
    row = signing_key(ctx.session, party_id, key)
    if row is None:
        raise UNKNOWN_KEY()
    return Signer(key, usable_at=row.cools_until)


def _certified(ctx: Act, party_id: str, chain: str) -> Signer:
    folder = wiring().settings["ca"]
    try:
        authorities = x509.Authorities.read(folder) if folder else x509.Authorities()
        found = x509.check(chain, authorities, ctx.now)
    except x509.BadCertificate as error:
        raise BAD_CERTIFICATE(problem=str(error)) from error
    if found.uscc != ctx.session.get_one(Party, party_id).uscc:
        raise BAD_CERTIFICATE(problem="its subject is another unit")
    return Signer(found.pin, chain)


def permit(ctx: Act, lot: Lot | Row, owner: str | None = None) -> None:
    """Authority for an act of bidding; a bid that is late hears its article and both times."""
    try:
        ctx.permit(lot_id=lot.id, owner=owner)
    except Refused as refused:
        _late(refused, lot, ctx.now)
        raise
    rules.in_time(ctx.now, lot.deadline)


def _late(refused: Refused, lot: Lot | Row, now) -> None:
    # Of a lot whose time is in doubt nobody says, and signs, that something came late.
    known = refused.facts.get("phase") not in (None, "DRAFT", "SUSPENDED")
    if refused.word is WRONG_PHASE and known and lot.deadline is not None:
        rules.in_time(now, lot.deadline)


@contextmanager
def promising(actor: Actor, lot_id: str, bid_id: str | None = None) -> Iterator[None]:
    """Give every refusal of a bid its promise: `facts["promise"]` is a signed note.

    Wraps whatever judges or takes a bid, authority at the edge included: whoever reads a time
    past the deadline here closes the lot, even though what it wanted is refused.
    """
    try:
        yield
    except Refused as refused:
        found = _translated(lot_id, refused)
        if not found.word.code.startswith("bid.") or actor.party_id is None:
            raise
        if found.word.code == "bid.late":
            wiring().close_if_due(lot_id)
            if _doubted(lot_id):
                raise WRONG_PHASE(phase="SUSPENDED") from refused
        if "promise" not in found.facts:
            found.facts["promise"] = _promise(actor, lot_id, bid_id, found)
        if found is refused:
            raise
        raise found from refused


def _doubted(lot_id: str) -> bool:
    with side_write() as session:
        return doubt_of(session, lot_id) is not None


def _translated(lot_id: str, refused: Refused) -> Refused:
    if refused.word is not WRONG_PHASE:
        return refused
    with side_write() as session:
        lot = session.get(Lot, lot_id)
        try:
            _late(refused, lot, wiring().clock.now(session.connection()))
        except Refused as late:
            return late
    return refused


def _promise(actor: Actor, lot_id: str, bid_id: str | None, refused: Refused) -> str:
    with side_write() as session:
        lot = session.get_one(Lot, lot_id)
        now = wiring().clock.now(session.connection())
        facts = {"code": refused.word.code, "law": refused.word.law, "tender": lot.tender_id,
                 "lot": lot_id, "bid": bid_id,
                 "tenderer": session.get_one(Party, actor.party_id).uscc,
                 "facts": {name: value for name, value in refused.facts.items()
                           if isinstance(value, (str, int))}}
        count = session.execute(select(func.count()).select_from(BidRefusal).where(
            BidRefusal.lot_id == lot_id, BidRefusal.party_id == actor.party_id)).scalar_one()
        kept = count < REFUSALS_KEPT
        signed = promise.sign(promise.refusal(log_origin(session), facts, now, kept),
                              wiring().platform_key)
        if kept:
            own = new_id()
            session.add(BidRefusal(id=own, at=now, lot_id=lot_id, party_id=actor.party_id,
                                   bid_id=bid_id, code=refused.word.code, promise=signed))
            session.add(Undigested(of_id=own, kind="refusal", at=now))
    return signed
