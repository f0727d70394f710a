"""Which acts come out under cover: all by which somebody could learn of a bid in an open lot."""

from __future__ import annotations

import portal.factory  # noqa: F401  (imports every book)
from audit.act import CATALOGUE
from people.permissions import ACTIONS
from tender.lifecycle import SEALED

OF_TENDERERS = {"tenderer_own", "tenderer_rival", "tenderer_outside", "guarantor"}
PHASES = {phase.name for phase in SEALED} - {"DRAFT"}

TELLS_NOTHING = {
    "draw.committed": "only after the opening (sealed-bid C1)",
    "draw.revealed": "only after the opening (sealed-bid C1)",
    "lottery.committed": "only after the report",
    "lottery.revealed": "only after the report",
    "reading.given": "in DRAFT only, by the unit that was asked to read",
} | dict.fromkeys(("agency.entered", "agency.left", "offer.made", "offer.revealed",
                   "selection.committed", "selection.revealed", "service.objected", "buyer.rated"),
                  "of intermediary services, which no lot is") | {
    "direct_award.objected": "of a direct award, which no lot is"} | dict.fromkeys((
        "framework.applied", "framework.left", "framework.withdrawn", "framework.refusal_objected",
        "calloff.turn_taken", "calloff.turn_declined", "calloff.offered", "calloff.revealed",
        "calloff.objected"), "of framework agreements, which no lot is")


def could_tell(kind) -> bool:
    """Whether tenderers or guarantors do it while a lot is sealed, or it is about their accounts."""
    if "self" in kind.by or "anonymous" in kind.by:
        return True
    rows = ACTIONS[kind.action].rows if kind.action else ()
    return any(roles & OF_TENDERERS and phases & PHASES for roles, phases in rows)


def test_every_act_of_tenderers_and_guarantors_is_veiled():
    bare = {name for name, kind in CATALOGUE.items()
            if could_tell(kind) and not kind.veiled} - TELLS_NOTHING.keys()
    assert bare == set()


def test_what_follows_from_a_bid_is_veiled_too():
    for name in ("bid.deemed_withdrawn", "bid.returned", "guarantee.release_scheduled",
                 "guarantee.release_ordered", "security.digested", "account.created",
                 "party.registered"):
        assert CATALOGUE[name].veiled, name


def test_two_acts_have_ticks_of_their_own():
    alone = {name: kind.alone for name, kind in CATALOGUE.items() if kind.alone}
    assert alone["lot.closed"] == "closing"
    assert "authorisation" in alone.values()
    assert not any(CATALOGUE[name].veiled for name in alone)
