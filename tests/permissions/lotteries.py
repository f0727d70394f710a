"""A lottery in the course, on a lot of its own: screened, announced, revealing, ranked."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from evaluation import acts as judging
from evaluation.lottery import acts as drawing
from kernel.canonical import b64
from tender import reading as tenders
from tests.worlds.tender import lottery_fields


def play(course) -> None:
    """From EVALUATED of the course's own lot aside and back again."""
    world, now = course.world, course.now
    main = now.lot, now.tender
    tender = world.published_tender(**lottery_fields())
    lot = world.lots(tender)[0]
    now.lot, now.tender = lot.id, tender.id
    companies = [course.own, course.rival, course.more[0]]
    for place, company in enumerate(companies, 1):
        world.sealed_bid(lot, company, lot.price_ceiling_fen - place)
    world.past_deadline(lot)
    world.authorise(lot)
    for company in companies:
        world.give_own(lot, company)
    world.tick()
    world.screen(lot)
    course.keep("EVALUATED:screened", full=False)
    found = drawing.announce_lottery(world.clerk, lot.id)
    now.lottery, commit_by, reveal_by = found.id, found.commit_by, found.reveal_by
    course.keep("EVALUATED:lottery", full=False)
    for role, nonce in now.nonces.items():
        drawing.commit_to_lottery(course.holders[role], now.lottery,
                                  commitment=hashlib.sha256(nonce).hexdigest())
    world.advance(to=commit_by + timedelta(seconds=1))
    world.draw_round()
    course.keep("EVALUATED:lottery revealing", full=False)
    world.advance(to=reveal_by + timedelta(seconds=1))
    world.draw_round()
    judging.publish_candidates(world.clerk, lot.id)
    course.keep("EVALUATED:ranked", full=False)
    world.advance(to=tenders.lot(world.session, lot.id).publicity_ends)
    course.keep("AWARDING:ranked", full=False)
    now.lot, now.tender = main
    course.stand_at("EVALUATED:bare")


def nonce(station, role: str) -> bytes:
    """The nonce of a role, or one that nobody committed to."""
    return station.nonces.get(role, b"\0" * 32)


def reveal(station, role: str) -> dict:
    """The body of a reveal."""
    return {"nonce": b64(nonce(station, role))}
