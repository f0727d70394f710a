"""Every change to a security: lodged, its release scheduled, ordered, confirmed.

Nothing here calls out. A release is an order in a row, the outbox carries it to the
guarantor after commit (clock.deliver), and the guarantor's signed answer comes back as an
act of its own. If we die between the call and that act, the same order with the same key
is sent again and the guarantor answers what it answered before.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date, datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from audit.act import Act, act, wiring
from audit.actor import CLOCK
from kernel.canonical import NotCanonical, sha256, time_text, unb64
from kernel.refusal import NOT_FOUND
from people.model import Party
from tender.acts import lock_lot
from tender.model import Lot, Tender
from tender.timetable import beijing_day, validity_ends

from . import reading, refusals, rules
from .instrument import (
    Instrument,
    Order,
    confirmation_signed,
    instrument_signed,
    read_confirmation,
    read_instrument,
    read_order,
)
from .lifecycle import Cause
from .model import (
    Guarantee,
    Guarantor,
    Release,
    ReleaseConfirmation,
    ReleaseDelivery,
    ReleaseOrder,
    StandingGuarantee,
)


@act("guarantor.registered", law="实施条例 26; 电子招标投标办法 40", by=("operator",))
def register_guarantor(ctx: Act, party_id: str, *, api_base: str, public_key: str,
                       credential_ref: str) -> Guarantor:
    """Register where a guarantor's interface is and which key signs for it.

    `public_key` is base64 of 32 bytes; `credential_ref` names the file among the
    installation's secrets that holds the bearer we show. Raises guarantor.* words.
    """
    party = ctx.session.get(Party, party_id)
    if party is None or party.kind != "guarantor":
        raise refusals.NOT_A_GUARANTOR()
    rules.check_address(api_base, _hosts())
    try:
        unb64(public_key, 32)
    except NotCanonical as error:
        raise refusals.BAD_KEY() from error
    row = ctx.session.get(Guarantor, party_id)
    if row is None:
        row = Guarantor(party_id=party_id, registered_at=ctx.now)
        ctx.session.add(row)
    row.api_base, row.public_key = api_base.rstrip("/"), public_key
    row.credential_ref = credential_ref
    ctx.record(party_id, {"public_key": public_key}, party_id=party_id)
    return row


@act("guarantee.lodged", law="实施条例 26; 招标投标法 22", action="guarantee.submit", lot=True,
     disclose="party", veiled=True)
def lodge(ctx: Act, lot_id: str, *, instrument: str, signature: str) -> Guarantee:
    """Lodge a signed instrument as a tenderer's security for a lot, before or after its bid.

    By the applicant itself or by the guarantor that issued it. `instrument` is the canonical
    text as signed, `signature` base64. One that already stands is replaced and released.
    Raises guarantee.* words; nothing of it tells anyone else that it happened.
    """
    lot = lock_lot(ctx, lot_id, share=True)
    ctx.permit(lot_id=lot_id)
    read = unsigned(instrument)
    guarantor = signed_by(ctx.session, read, instrument, signature)
    applicant = ctx.session.scalars(select(Party).where(Party.uscc == read.applicant)).first()
    if applicant is None or ctx.actor.party_id not in (applicant.id, guarantor.party_id):
        raise refusals.NOT_YOURS()
    rules.check_instrument(read, demand_of(ctx.session, lot), ctx.now)
    before = standing_of(ctx.session, lot_id, applicant.id, lock=True)
    if before is not None:
        schedule_release(ctx, before.guarantee_id, Cause.WITHDRAWN.value, ctx.now)
    guarantee = Guarantee(
        lot_id=lot_id, party_id=applicant.id, guarantor_id=guarantor.party_id, kind=read.kind,
        instrument_no=read.instrument_no, amount_fen=read.amount_fen,
        payer_digest=read.payer_digest, received_on=read.received_on,
        valid_until=read.valid_until, instrument=instrument, signature=signature,
        lodged_at=ctx.now)
    ctx.session.add(guarantee)
    ctx.session.flush()
    ctx.session.add(StandingGuarantee(guarantee_id=guarantee.id, lot_id=lot_id,
                                      party_id=applicant.id))
    ctx.record(guarantee.id, {
        "instrument_hash": sha256(instrument.encode()).hex(), "kind": read.kind,
        "amount_fen": read.amount_fen, "payer_digest": read.payer_digest,
        "guarantor": guarantor.party_id, "replaces": before and before.guarantee_id,
    }, lot_id=lot_id, tender_id=lot.tender_id, party_id=applicant.id)
    return guarantee


@act("guarantee.release_scheduled", law="实施条例 31, 35, 57", by=("clock",), disclose="party",
     veiled=True)
def schedule_release(ctx: Act, guarantee_id: str, cause: str, cause_at: datetime) -> Release:
    """Fix why, from when and by what day a security goes back (T15-T17); there is one release.

    Joined by the act that is the cause, or by the clock for what only a lot's outcome tells.
    `cause` is a value of lifecycle.Cause, `cause_at` when it arose. Raises release.exists.
    """
    guarantee = ctx.session.get(Guarantee, guarantee_id)
    if guarantee is None:
        raise NOT_FOUND()
    if ctx.parent is None:
        lock_lot(ctx, guarantee.lot_id, share=True)
    # Whoever deletes the standing row fixes the release; a second finds none to delete.
    gone = ctx.session.execute(delete(StandingGuarantee).where(
        StandingGuarantee.guarantee_id == guarantee_id))
    if gone.rowcount != 1:
        raise refusals.RELEASE_EXISTS()
    lot = ctx.session.get(Lot, guarantee.lot_id)
    when = rules.timing(Cause(cause), cause_at, lot.profile)
    release = Release(
        guarantee_id=guarantee_id, cause=cause, cause_at=cause_at, order_from=when.order_from,
        due_day=when.due_day, principal_fen=guarantee.amount_fen,
        payee_digest=guarantee.payer_digest, scheduled_at=ctx.now)
    ctx.session.add(release)
    ctx.record(guarantee_id, {"cause": cause, "due_day": when.due_day.isoformat(),
                              "principal_fen": guarantee.amount_fen,
                              "payee_digest": guarantee.payer_digest},
               lot_id=lot.id, tender_id=lot.tender_id, party_id=guarantee.party_id)
    return release


def bid_withdrawn(ctx: Act, lot_id: str, party_id: str) -> None:
    """A tenderer withdrew before the deadline, or is deemed to have (实施条例 35; 电子招标投标
    办法 27): its security goes back within five days. Joins the caller's act; does nothing
    where no security stands."""
    standing = standing_of(ctx.session, lot_id, party_id, lock=True)
    if standing is not None:
        schedule_release(ctx, standing.guarantee_id, Cause.WITHDRAWN.value, ctx.now)


def lot_failed(ctx: Act, lot_id: str) -> None:
    """Fewer than three tenderers (招标投标法 28): every security of the lot goes back."""
    _release_all(ctx, lot_id, lambda _party: Cause.FAILED)


def contract_signed(ctx: Act, lot_id: str, winners: Collection[str] = (),
                    signed_at: datetime | None = None) -> None:
    """The contract is signed (实施条例 57): the securities of the companies that won together
    (`winners`; none where it is not said) and all others go back within five days of `signed_at`
    (now, where it is not said), cash with interest. Joins the caller's act, which holds the lot."""
    _release_all(ctx, lot_id, lambda party: Cause.LOST if winners and party not in winners
                 else Cause.CONTRACTED, signed_at)


@act("guarantee.release_ordered", law="实施条例 31, 35, 57", by=("clock",), disclose="party",
     veiled=True)
def order_release(ctx: Act, release_id: str) -> ReleaseOrder:
    """Order a due release: principal and, on cash, interest to this day, to the payer.

    The order's bytes are fixed here and never change; its day is the day interest ends.
    Raises release.not-due, release.exists.
    """
    release = ctx.session.get(Release, release_id)
    if release is None:
        raise NOT_FOUND()
    if ctx.now < release.order_from:
        raise refusals.RELEASE_NOT_DUE()
    guarantee = ctx.session.get(Guarantee, release.guarantee_id)
    lot = ctx.session.get(Lot, guarantee.lot_id)
    day = beijing_day(ctx.now)
    order = Order(
        release=release.id, guarantee=guarantee.id,
        guarantor=_uscc(ctx.session, guarantee.guarantor_id),
        instrument_no=guarantee.instrument_no, cause=release.cause,
        principal_fen=release.principal_fen,
        interest_fen=rules.interest_due(guarantee.kind, release.principal_fen,
                                        guarantee.received_on, day, lot.profile),
        payee_digest=release.payee_digest, value_date=day)
    row = ReleaseOrder(release_id=release.id, interest_fen=order.interest_fen, value_date=day,
                       body=order.as_bytes().decode(), ordered_at=ctx.now)
    ctx.session.add(row)
    ctx.session.flush()
    ctx.session.add(ReleaseDelivery(release_id=release.id, next_try_at=ctx.now))
    ctx.record(guarantee.id, {"cause": release.cause, "principal_fen": order.principal_fen,
                              "interest_fen": order.interest_fen,
                              "order_hash": sha256(order.as_bytes()).hex()},
               lot_id=lot.id, tender_id=lot.tender_id, party_id=guarantee.party_id)
    return row


@act("guarantee.release_confirmed", law="实施条例 57", action="guarantee.release_confirm",
     by=("clock",), disclose="party", veiled=True)
def confirm_release(ctx: Act, guarantee_id: str, *, statement: str,
                    signature: str) -> ReleaseConfirmation:
    """Take the guarantor's signed word that a release was carried out, once.

    From the guarantor itself (its own instruments only) or as the answer to our order. The
    statement must repeat the order in every figure. A replay raises release.confirmed and
    changes nothing.
    """
    guarantee = ctx.session.get(Guarantee, guarantee_id)
    own = guarantee is not None and (
        ctx.actor.kind == CLOCK.kind or ctx.actor.party_id == guarantee.guarantor_id)
    if not own:
        raise NOT_FOUND()
    ctx.permit(lot_id=guarantee.lot_id)
    order = _order_of(ctx.session, guarantee_id)
    if order is None:
        raise refusals.NO_RELEASE()
    before = ctx.session.get(ReleaseConfirmation, order.release)
    if before is not None:
        raise refusals.CONFIRMED(at=time_text(before.confirmed_at))
    guarantor = ctx.session.get(Guarantor, guarantee.guarantor_id)
    if not confirmation_signed(guarantor.public_key, order.guarantor, statement.encode(),
                               signature):
        raise refusals.CONFIRMATION_FORGED()
    try:
        confirmation = read_confirmation(statement.encode())
    except NotCanonical as error:
        raise refusals.UNREADABLE(problem=str(error)) from error
    rules.check_confirmation(confirmation, order)
    row = ReleaseConfirmation(
        release_id=order.release, reference=confirmation.reference,
        executed_at=confirmation.executed_at, statement=statement, signature=signature,
        confirmed_at=ctx.now)
    ctx.session.add(row)
    lot = ctx.session.get(Lot, guarantee.lot_id)
    ctx.record(guarantee.id, {"statement_hash": sha256(statement.encode()).hex(),
                              "principal_fen": order.principal_fen,
                              "interest_fen": order.interest_fen},
               lot_id=lot.id, tender_id=lot.tender_id, party_id=guarantee.party_id)
    return row


@act("guarantee.reconciled", law="实施条例 26, 31, 57", by=("clock",), disclose="never", veiled=True)
def reconcile(ctx: Act, guarantor_id: str, *, day: date, sheet_hash: str, differences: int,
              overdue: int) -> None:
    """Record that a guarantor's ledger was compared with ours on a day in Beijing, and how many
    entries differ or are overdue.

    `sheet_hash` is the SHA-256 of the comparison in full, which the operator keeps. Once a day:
    raises reconciliation.done.
    """
    # Two rounds at once: the second waits here, and then finds the first one's entry.
    if ctx.session.get(Guarantor, guarantor_id, with_for_update=True) is None:
        raise NOT_FOUND()
    if guarantor_id in reading.reconciled(ctx.session, day):
        raise refusals.RECONCILED(day=day.isoformat())
    ctx.record(guarantor_id, {"day": day.isoformat(), "sheet_hash": sheet_hash,
                              "differences": differences, "overdue": overdue})


def demand_of(session: Session, lot: Lot) -> rules.Demand:
    """What the published lot asks of a security."""
    tender = session.get(Tender, lot.tender_id)
    wanted = lot.guarantee or {}
    return rules.Demand(
        tender=tender.id, lot=lot.id, beneficiary=_uscc(session, tender.buyer_id),
        amount_fen=int(wanted.get("amount_fen") or 0), kinds=rules.kinds_of(wanted.get("kinds")),
        needed_until=validity_ends(lot.deadline, lot.validity_days))


def unsigned(text: str) -> Instrument:
    """An instrument's text, read; who signed it is another question. Raises UNREADABLE."""
    try:
        return read_instrument(text.encode())
    except (NotCanonical, UnicodeEncodeError) as error:
        raise refusals.UNREADABLE(problem=str(error)) from error


def signed_by(session: Session, read: Instrument, text: str, signature: str) -> Guarantor:
    """The registered guarantor that signed an instrument. Raises UNKNOWN_GUARANTOR, FORGED."""
    guarantor = session.scalars(
        select(Guarantor).join(Party, Party.id == Guarantor.party_id)
        .where(Party.uscc == read.guarantor)).first()
    if guarantor is None:
        raise refusals.UNKNOWN_GUARANTOR(uscc=read.guarantor)
    if not instrument_signed(guarantor.public_key, read.guarantor, text.encode(), signature):
        raise refusals.FORGED()
    return guarantor


def standing_of(session: Session, lot_id: str, party_id: str,
                lock: bool = False) -> StandingGuarantee | None:
    """Which security stands for a tenderer in a lot, or None; `lock` where it is to be released."""
    found = select(StandingGuarantee).where(
        StandingGuarantee.lot_id == lot_id, StandingGuarantee.party_id == party_id)
    return session.scalars(found.with_for_update() if lock else found).first()


def _release_all(ctx: Act, lot_id: str, cause_for: Callable[[str], Cause],
                 cause_at: datetime | None = None) -> None:
    rows = ctx.session.scalars(
        select(StandingGuarantee).where(StandingGuarantee.lot_id == lot_id)
        .order_by(StandingGuarantee.guarantee_id).with_for_update()).all()
    for row in rows:
        schedule_release(ctx, row.guarantee_id, cause_for(row.party_id).value,
                         cause_at or ctx.now)


def _order_of(session: Session, guarantee_id: str) -> Order | None:
    row = session.scalars(
        select(ReleaseOrder).join(Release, Release.id == ReleaseOrder.release_id)
        .where(Release.guarantee_id == guarantee_id)).first()
    return read_order(row.body.encode()) if row else None


def _uscc(session: Session, party_id: str) -> str:
    return session.get(Party, party_id).uscc


def _hosts() -> list[str]:
    listed = wiring().settings.get("guarantor_hosts", "")
    hosts = listed.split(",") if isinstance(listed, str) else listed
    return [host.strip() for host in hosts if host.strip()]
