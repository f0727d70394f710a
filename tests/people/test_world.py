"""The simulator itself: what other tests lean on."""

from datetime import timedelta

from people.relations import relations

from ..world import START


def test_the_world_begins_where_it_says_and_time_can_be_moved(world):
    assert START <= world.now < START + timedelta(minutes=1)
    world.advance(days=3)
    assert START + timedelta(days=3) <= world.now < START + timedelta(days=3, minutes=1)
    world.freeze()
    assert world.now == world.now


def test_accounts_have_the_roles_they_were_granted(world):
    for role, word in {"buyer": "buyer_other", "opener": "opener_unassigned",
                       "expert": "expert_unassigned", "awarder": "awarder_unassigned",
                       "supervisor": "supervisor_out", "guarantor": "guarantor",
                       "tenderer": "tenderer_outside"}.items():
        actor = world.account(role)
        assert relations(world.session, actor, world.now) == {word}
    for role in ("sys_admin", "sec_admin", "audit_admin"):
        assert relations(world.session, world.admin(role), world.now) == {role}


def test_a_signing_key_is_bound(world):
    from kernel.canonical import b64
    from people import reading

    actor = world.account("tenderer")
    key = world.signing_key(actor)
    public = b64(key.public_key().public_bytes_raw())
    assert reading.signing_key(world.session, actor.party_id, public) is not None
