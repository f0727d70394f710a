"""A joint bid is secured in the names of its members (30号令 45): each one's own security goes the
way of the bid."""

from evaluation import acts as judging
from guarantees.instrument import CASH_DEPOSIT
from tender import acts as tendering
from tender import reading as tenders
from tender.timetable import validity_ends

from ..bidding.test_consortium import signed
from .test_validity import asked, own, refused, said


def joint_lot(world):
    """An opened lot: a joint bid of two, each with a guarantee of its own, and two that bid alone;
    the companies, the partner last, and their securities."""
    tender = world.draft_tender()
    lot = world.lots(tender)[0]
    tendering.set_requirements(world.clerk, lot.id, licences=[], personnel=[], credit=[],
                               consortium=True, members_max=2)
    world.before_publishing(tender)
    sent = tendering.submit_notice(world.clerk, tender.id)
    tendering.approve_notice(world.fresh(world.chief), tender.id, content_hash=sent.content_hash)
    lead, partner = world.company(), world.company()
    terms, top = world.terms(lot.id), tenders.lot(world.session, lot.id).price_ceiling_fen
    joint = signed(lead.uscc, partner.uscc, seeds={
        one.uscc: one.signing.private_bytes_raw() for one in (lead, partner)},
        where={"log_origin": terms.log_origin, "tender": terms.tender, "lot": lot.id})
    world.sealed_bid(lot, lead, price_fen=top - 300, consortium=joint)
    alone = [world.sealed_bid(lot, price_fen=top - n) for n in range(2)]
    held = [world.lodged(lot, one.actor, *kind) for one, *kind in (
        (lead,), (alone[0], CASH_DEPOSIT), (alone[1],), (partner,))]
    world.past_deadline(lot)
    world.authorise(lot)
    for company in (lead, *alone):
        world.give_own(lot, company)
    world.tick()
    return tenders.lot(world.session, lot.id), [lead, *alone, partner], held


def causes(world, held):
    found = [world.security(one.id).release for one in held]
    return [release and release.cause for release in found]


def test_a_longer_validity_wants_every_members_security_longer(world):
    lot, (lead, first, second, _partner), held = joint_lot(world)
    request = asked(world, lot)
    lead_longer, mate_longer = (world.ledger.prolong(held[n].instrument_no, request["until"])
                                for n in (0, 3))
    assert refused(said, world, lot, lead, True) == "validity.security-short"
    assert refused(said, world, lot, lead, True, lead_longer) == "validity.security-short"
    assert refused(said, world, lot, lead, True, mate_longer) == "validity.security-short"
    assert refused(said, world, lot, lead, True, lead_longer, mate_longer, mate_longer) \
        == "validity.security-unasked"
    page = said(world, lot, lead, True, mate_longer, lead_longer)["own"]
    assert [(one["until"], one["short"]) for one in page["securities"]] \
        == [(request["until"], False)] * 2
    said(world, lot, first, True)
    said(world, lot, second, True,
         world.ledger.prolong(held[2].instrument_no, request["until"]))
    assert {world.security(held[n].id).valid_until for n in (0, 2, 3)} == {request["until"]}
    # The contract: who won together is no loser.
    lot = tenders.lot(world.session, lot.id)
    world.vote(lot, world.awarding(lot), lambda _open: own(world, lot, lead))
    award = judging.confirm_award(world.chief, lot.id)
    judging.register_contract(world.clerk, lot.id, amount_fen=award.price_fen,
                              signed_at=world.now, document_hash="d" * 64)
    assert causes(world, held) == ["contracted", "lost", "lost", "contracted"]


def test_when_a_joint_bid_lapses_every_members_security_goes_back(world):
    lot, (lead, first, second, _partner), held = joint_lot(world)
    asked(world, lot)
    said(world, lot, lead, False)
    said(world, lot, first, True)
    said(world, lot, second, True, world.ledger.prolong(
        held[2].instrument_no, validity_ends(lot.deadline, lot.validity_days)
        .replace(year=lot.deadline.year + 1)))
    assert causes(world, held) == ["extension_refused", None, None, "extension_refused"]
