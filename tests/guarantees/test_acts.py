"""A security's whole life on both databases: lodged, replaced, released once, to its payer."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from audit.act import act
from audit.actor import CLOCK, OPERATOR
from guarantees import acts, clock, reading, refusals
from guarantees.instrument import (
    CASH_DEPOSIT,
    KINDS,
    read_instrument,
    read_order,
    sign_confirmation,
    sign_instrument,
)
from guarantees.ledger import Ledger
from guarantees.lifecycle import State
from guarantees.model import Guarantee, Release, ReleaseOrder, StandingGuarantee
from guarantees.reconciliation import sums
from kernel.canonical import jcs, parse
from kernel.refusal import NOT_FOUND, WRONG_PHASE, Refused
from tender.timetable import beijing_day

AMOUNT = 7_600_000


@act("test.bid-withdrawn", law="—", by=("operator",))
def withdraw(ctx, lot_id, party_id):
    """A withdrawal, as the book above makes it."""
    acts.bid_withdrawn(ctx, lot_id, party_id)
    ctx.record(lot_id)


@act("test.contract-signed", law="—", by=("operator",))
def sign(ctx, lot_id, winner_id=None, signed_at=None):
    """A contract, as the book above makes it."""
    acts.contract_signed(ctx, lot_id, () if winner_id is None else [winner_id], signed_at)
    ctx.record(lot_id)


@act("test.lot-failed", law="—", by=("operator",))
def fail(ctx, lot_id):
    """A failed lot, as the book above makes it."""
    acts.lot_failed(ctx, lot_id)
    ctx.record(lot_id)


def forget_test_acts():
    from audit.act import CATALOGUE

    for name in ("test.bid-withdrawn", "test.contract-signed", "test.lot-failed"):
        CATALOGUE.pop(name, None)


forget_test_acts()


@pytest.fixture
def lot(world):
    """A lot open for bids that asks for 76,000 yuan."""
    tender = world.draft_tender()
    found = world.lots(tender)[0]
    world.force_phase(found.id, "BIDDING")
    return world.lots(tender)[0]


def refused(word, function, *args, **kwargs):
    with pytest.raises(Refused) as caught:
        function(*args, **kwargs)
    assert caught.value.word is word, caught.value.word.code
    return caught.value.facts


def secured(world, lot, company):
    """Which security of the company's stands in the lot."""
    return world.session.scalars(select(StandingGuarantee.guarantee_id).where(
        StandingGuarantee.lot_id == lot.id,
        StandingGuarantee.party_id == company.party_id)).one_or_none()


def lodge(actor, lot, paper):
    return acts.lodge(actor, lot.id, instrument=paper.text, signature=paper.signature)


@pytest.mark.parametrize("kind", KINDS)
def test_a_security_is_lodged_and_stands(world, lot, kind):
    company = world.account("tenderer")
    row = world.lodged(lot, company, kind)
    found = world.security(row.id)
    assert found.state is State.STANDING and found.guarantee.amount_fen == AMOUNT
    assert secured(world, lot, company) == row.id
    entry, = world.entries("guarantee.lodged")
    assert entry.disclose == "party" and entry.party_id == company.party_id
    said = json.loads(entry.record)
    assert said["facts"]["amount_fen"] == AMOUNT and said["law"]


def test_the_guarantor_may_lodge_what_it_issued(world, lot):
    world.guarantor()
    company, machine = world.account("tenderer"), world.account("guarantor", world.bank_party)
    row = lodge(machine, lot, world.paper(lot, company))
    assert row.party_id == company.party_id
    other = world.account("guarantor")
    refused(refusals.NOT_YOURS, lodge, other, lot, world.paper(lot, company))


def test_a_rivals_paper_secures_nobody_else(world, lot):
    one, two = world.account("tenderer"), world.account("tenderer")
    refused(refusals.NOT_YOURS, lodge, two, lot, world.paper(lot, one))
    assert secured(world, lot, two) is None


def test_a_forged_paper_is_refused(world, lot, tmp_path):
    company = world.account("tenderer")
    paper = world.paper(lot, company)
    thief = Ledger(tmp_path / "thief", world.ledger.uscc)
    for signature in (sign_instrument(thief.key, thief.uscc, paper.text.encode()),
                      sign_confirmation(world.ledger.key, thief.uscc, paper.text.encode())):
        refused(refusals.FORGED, lodge, company, lot, replace(paper, signature=signature))
    more = jcs(parse(paper.text) | {"amount_fen": AMOUNT + 1}).decode()
    refused(refusals.FORGED, lodge, company, lot, replace(paper, text=more))
    assert not world.entries("guarantee.lodged")


def test_a_stranger_guarantors_paper_is_refused(world, lot):
    company = world.account("tenderer")
    paper = world.paper(lot, company, guarantor="91330000MA27U0AB1X")
    refused(refusals.UNKNOWN_GUARANTOR, lodge, company, lot, paper)


@pytest.mark.parametrize("changes, word", [
    ({"amount_fen": AMOUNT - 1}, refusals.TOO_SMALL),
    ({"lot": "3" * 32}, refusals.WRONG_LOT),
    ({"beneficiary": "9" * 18}, refusals.WRONG_BENEFICIARY),
])
def test_a_paper_that_does_not_fit_is_refused(world, lot, changes, word):
    company = world.account("tenderer")
    refused(word, lodge, company, lot, world.paper(lot, company, **changes))
    assert not world.entries("guarantee.lodged")


def test_a_guarantee_that_ends_too_early_is_refused(world, lot):
    company = world.account("tenderer")
    needed = acts.demand_of(world.session, lot).needed_until
    paper = world.paper(lot, company, valid_until=needed - timedelta(days=1))
    refused(refusals.TOO_SHORT, lodge, company, lot, paper)
    lodge(company, lot, world.paper(lot, company, valid_until=needed))


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", "{", '{"v":1}', "\ud800", "甲" * 5000])
def test_noise_is_refused_in_words(world, lot, text):
    company = world.account("tenderer")
    refused(refusals.UNREADABLE, acts.lodge, company, lot.id, instrument=text, signature="A" * 88)


def test_one_paper_is_lodged_once(world, lot):
    company = world.account("tenderer")
    paper = world.paper(lot, company)
    lodge(company, lot, paper)
    refused(refusals.ALREADY_LODGED, lodge, company, lot, paper)
    assert len(world.entries("guarantee.lodged")) == 1
    assert not world.entries("guarantee.release_scheduled")


def test_after_the_deadline_nothing_is_taken(world, lot):
    company = world.account("tenderer")
    paper = world.paper(lot, company)
    world.advance(to=lot.deadline)
    refused(WRONG_PHASE, lodge, company, lot, paper)


def test_a_replaced_security_goes_back(world, lot):
    company = world.account("tenderer")
    first, second = world.lodged(lot, company, CASH_DEPOSIT), world.lodged(lot, company)
    assert secured(world, lot, company) == second.id
    assert world.security(first.id).release.cause == "withdrawn"
    assert world.security(second.id).state is State.STANDING
    world.advance(days=1)
    world.money_tick()
    assert world.security(first.id).state is State.RELEASED
    assert list(world.paid().values()).count(None) == 1


def test_withdrawal_gives_it_back_within_five_days(world, lot):
    company, other = world.account("tenderer"), world.account("tenderer")
    row, stays = world.lodged(lot, company), world.lodged(lot, other)
    at = world.freeze()
    withdraw(OPERATOR, lot.id, company.party_id)
    found = world.security(row.id)
    assert found.state is State.RELEASE_DUE and found.release.cause == "withdrawn"
    assert found.release.due_day == beijing_day(at) + timedelta(days=5)
    assert world.money_tick() == 0
    world.advance(to=found.release.order_from)
    assert world.money_tick() == 1
    found = world.security(row.id)
    assert found.state is State.RELEASED and found.confirmation.confirmed_at <= at + timedelta(days=5)
    assert world.security(stays.id).state is State.STANDING
    withdraw(OPERATOR, lot.id, company.party_id)
    assert len(world.entries("guarantee.release_scheduled")) == 1


def test_who_withdrew_may_come_again(world, lot):
    company = world.account("tenderer")
    world.lodged(lot, company)
    withdraw(OPERATOR, lot.id, company.party_id)
    assert secured(world, lot, company) is None
    again = world.lodged(lot, company)
    assert secured(world, lot, company) == again.id


def test_a_contract_releases_all_with_their_causes_and_interest(world, lot):
    winner, loser, silent = (world.account("tenderer") for _ in range(3))
    rows = [world.lodged(lot, winner, CASH_DEPOSIT), world.lodged(lot, loser, CASH_DEPOSIT),
            world.lodged(lot, silent)]
    world.advance(days=35)
    sign(OPERATOR, lot.id, winner.party_id)
    assert [world.security(row.id).release.cause for row in rows] == ["contracted", "lost", "lost"]
    world.advance(days=1)
    assert world.money_tick() == 3
    for row, interest in zip(rows, (380, 380, 0), strict=True):
        found = world.security(row.id)
        assert found.state is State.RELEASED
        assert found.order.interest_fen == interest
        assert found.release.principal_fen == found.guarantee.amount_fen == AMOUNT
        assert found.release.payee_digest == found.guarantee.payer_digest
        assert read_order(found.order.body.encode()).payee_digest == found.guarantee.payer_digest
    assert sorted(world.paid().values()) == [AMOUNT, AMOUNT + 380, AMOUNT + 380]


def test_the_five_days_run_from_the_signature_not_from_its_registration(world, lot):
    row = world.lodged(lot, world.account("tenderer"))
    signed = world.now
    world.advance(days=4)
    sign(OPERATOR, lot.id, None, signed)
    found = world.security(row.id)
    assert found.release.due_day == beijing_day(signed) + timedelta(days=5)
    assert world.money_tick() == 1
    assert world.security(row.id).confirmed_at <= signed + timedelta(days=5)


def test_a_failed_lot_releases_at_once(world, lot):
    rows = [world.lodged(lot, world.account("tenderer"), kind) for kind in KINDS]
    fail(OPERATOR, lot.id)
    assert world.money_tick() == 2
    assert {world.security(row.id).release.cause for row in rows} == {"failed"}
    assert all(world.security(row.id).state is State.RELEASED for row in rows)


@pytest.mark.parametrize("phase, cause", [
    ("TERMINATED", "terminated"), ("FAILED", "failed"), ("CONTRACTED", "contracted")])
def test_the_clock_watches_what_no_act_told(world, lot, phase, cause):
    row = world.lodged(lot, world.account("tenderer"))
    world.force_phase(lot.id, phase)
    assert world.money_tick() == (1 if cause == "contracted" else 2)
    found = world.security(row.id)
    assert found.release.cause == cause
    world.advance(days=1)
    world.money_tick()
    assert world.security(row.id).state is State.RELEASED
    assert world.money_tick() == 0


def test_nothing_is_ordered_before_its_day_nor_twice(world, lot):
    company = world.account("tenderer")
    row = world.lodged(lot, company)
    withdraw(OPERATOR, lot.id, company.party_id)
    release = world.security(row.id).release
    refused(refusals.RELEASE_NOT_DUE, acts.order_release, CLOCK, release.id)
    world.advance(days=1)
    acts.order_release(CLOCK, release.id)
    refused(refusals.RELEASE_EXISTS, acts.order_release, CLOCK, release.id)
    refused(refusals.RELEASE_EXISTS, acts.schedule_release, CLOCK, row.id, "failed", world.now)
    refused(NOT_FOUND, acts.order_release, CLOCK, "0" * 32)
    refused(NOT_FOUND, acts.schedule_release, CLOCK, "0" * 32, "failed", world.now)
    assert len(world.entries("guarantee.release_ordered")) == 1


@pytest.fixture
def ordered(world, lot):
    """A security whose release is ordered and not yet delivered; with its order and answer."""
    company = world.account("tenderer")
    row = world.lodged(lot, company, CASH_DEPOSIT)
    withdraw(OPERATOR, lot.id, company.party_id)
    world.advance(days=1)
    body = acts.order_release(CLOCK, world.security(row.id).release.id).body
    return row, body


def confirm(actor, row, paper):
    return acts.confirm_release(actor, row.id, statement=paper.text, signature=paper.signature)


def test_only_its_guarantor_confirms_and_once(world, ordered):
    row, body = ordered
    bank = world.account("guarantor", world.bank_party)
    paper = world.ledger.release(read_order(body.encode()).release, body)
    for role in ("guarantor", "buyer", "tenderer"):
        refused(NOT_FOUND, confirm, world.account(role), row, paper)
    confirm(bank, row, paper)
    for _ in range(3):
        assert "at" in refused(refusals.CONFIRMED, confirm, bank, row, paper)
    assert world.security(row.id).state is State.RELEASED
    assert len(world.entries("guarantee.release_confirmed")) == 1
    world.money_tick()
    assert len(world.entries("guarantee.release_confirmed")) == 1


def test_a_confirmation_must_be_the_orders_and_signed(world, ordered):
    row, body = ordered
    bank = world.account("guarantor", world.bank_party)
    order = read_order(body.encode())

    def said(changed, key=None):
        text = changed.confirmation("R-1", world.now)
        key = key or world.ledger.key
        return replace(world.ledger.release(order.release, body), text=text.decode(),
                       signature=sign_confirmation(key, world.ledger.uscc, text))

    for field, value in (("principal_fen", 1), ("interest_fen", 9), ("payee_digest", "ab" * 32),
                         ("release", "0" * 32), ("instrument_no", "X")):
        facts = refused(refusals.CONFIRMATION_DIFFERS, confirm, bank, row,
                        said(replace(order, **{field: value})))
        assert facts == {"field": field}
    good = said(order)
    refused(refusals.CONFIRMATION_FORGED, confirm, bank, row, replace(good, text=good.text + " "))
    noise = "not a statement"
    refused(refusals.UNREADABLE, confirm, bank, row, replace(
        good, text=noise, signature=sign_confirmation(world.ledger.key, world.ledger.uscc,
                                                      noise.encode())))
    assert not world.entries("guarantee.release_confirmed")
    confirm(bank, row, good)


def test_nothing_is_confirmed_that_was_not_ordered(world, lot):
    row = world.lodged(lot, world.account("tenderer"))
    bank = world.account("guarantor", world.bank_party)
    refused(refusals.NO_RELEASE, acts.confirm_release, bank, row.id, statement="{}",
            signature="A" * 88)


def test_the_database_itself_holds_amount_and_payee(world, lot):
    """Karnataka: who can write rows still cannot send the money elsewhere (I15)."""
    company = world.account("tenderer")
    row = world.lodged(lot, company)
    session = world.session
    good = {"guarantee_id": row.id, "cause": "withdrawn", "cause_at": world.now,
            "order_from": world.now, "due_day": beijing_day(world.now),
            "principal_fen": AMOUNT, "payee_digest": row.payer_digest, "scheduled_at": world.now}
    for change in ({"principal_fen": AMOUNT + 1}, {"payee_digest": "ab" * 32},
                   {"cause": "because"}, {"guarantee_id": "0" * 32}):
        session.add(Release(**good | change))
        with pytest.raises(IntegrityError):
            session.flush()
        session.rollback()


def test_every_security_stands_or_is_released_once(world, lot):
    """I14, I17 over a mixed crowd; every batch with three or more, each fate among them."""
    companies = [world.account("tenderer") for _ in range(5)]
    rows = [world.lodged(lot, one, KINDS[n % 2]) for n, one in enumerate(companies)]
    withdraw(OPERATOR, lot.id, companies[2].party_id)
    rows.append(world.lodged(lot, companies[3]))
    world.advance(days=1)
    world.money_tick()
    sign(OPERATOR, lot.id, companies[0].party_id)
    session = world.session
    standing = set(session.scalars(select(StandingGuarantee.guarantee_id)))
    released = list(session.scalars(select(Release.guarantee_id)))
    assert len(released) == len(set(released)) and not standing & set(released)
    assert standing | set(released) == set(session.scalars(select(Guarantee.id)))
    world.advance(days=1)
    world.money_tick()
    lines = reading.lines(world.session, world.bank_party.id)
    total = sums(lines)
    assert total.received == total.released == AMOUNT * len(rows) and total.held == 0
    assert not reading.overdue(world.session, world.now + timedelta(days=30))


def test_an_overdue_release_is_seen(world, lot):
    company = world.account("tenderer")
    row = world.lodged(lot, company)
    withdraw(OPERATOR, lot.id, company.party_id)
    due_day = world.security(row.id).release.due_day
    days = (due_day - beijing_day(world.now)).days
    assert not reading.overdue(world.session, world.now + timedelta(days=days))
    assert [one.id for one in reading.overdue(world.session, world.now + timedelta(days=days + 1))
            ] == [row.id]


def test_registering_needs_a_guarantor_an_address_and_a_key(world):
    bank, buyer = world.party("guarantor"), world.party("buyer")
    good = {"api_base": "http://127.0.0.1:9", "public_key": "A" * 43 + "=", "credential_ref": "b"}
    refused(refusals.NOT_A_GUARANTOR, acts.register_guarantor, OPERATOR, buyer.id, **good)
    refused(refusals.NOT_A_GUARANTOR, acts.register_guarantor, OPERATOR, "0" * 32, **good)
    refused(refusals.BAD_ADDRESS, acts.register_guarantor, OPERATOR, bank.id,
            **good | {"api_base": "http://10.0.0.1"})
    refused(refusals.BAD_KEY, acts.register_guarantor, OPERATOR, bank.id,
            **good | {"public_key": "AAAA"})
    acts.register_guarantor(OPERATOR, bank.id, **good)


def test_what_is_due_is_a_list(world, lot):
    company = world.account("tenderer")
    row = world.lodged(lot, company)
    withdraw(OPERATOR, lot.id, company.party_id)
    due, = clock.due(world.session, world.now)
    assert due.at == world.security(row.id).release.order_from > world.now
    assert due.act is acts.order_release
    assert read_instrument(row.instrument.encode()).instrument_no == row.instrument_no
    assert world.session.get(ReleaseOrder, due.args[0]) is None
