"""Authority at the moment of commit (I30), and the brakes of the edge (Q67)."""

import threading
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from audit.act import CATALOGUE, act
from kernel.db import new_id
from kernel.refusal import Refused
from people import acts, rates, security
from people.model import LoginSession, RoleGrant, SecurityEvent

from .test_accounts import code_of
from .test_sessions import bearer, me


@pytest.fixture
def slow_act(app):
    """An act of buyers that waits, after its permission, until it is told to go on."""
    permitted, go_on = threading.Event(), threading.Event()

    @act("trial.slow", law="—", action="project.create", disclose="never")
    def slow(ctx):
        """Wait between permission and commit."""
        ctx.permit()
        permitted.set()
        assert go_on.wait(300)
        ctx.record(new_id())

    slow.permitted, slow.go_on = permitted, go_on
    yield slow
    del CATALOGUE["trial.slow"]


def in_thread(world, function, *args):
    outcome = []

    def run():
        with world.app.app_context():
            try:
                outcome.append(function(*args))
            except Refused as refused:
                outcome.append(refused.word.code)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, outcome


def test_i30_a_revocation_waits_for_the_act_that_was_permitted_and_counts_for_the_next(
        world, slow_act):
    if not world.postgres:
        pytest.skip("SQLite lets one write at a time: nothing can come between")
    buyer = world.account("buyer")
    grant = world.session.execute(select(RoleGrant).where(
        RoleGrant.account_id == buyer.account_id)).scalar_one()
    acts.propose_revocation(world.admin("sec_admin"), grant.id)
    working, _ = in_thread(world, slow_act, buyer)
    assert slow_act.permitted.wait(300)
    revoking, _ = in_thread(world, acts.approve_grant, world.admin("sec_admin_2"), grant.id)
    revoking.join(0.5)
    assert revoking.is_alive(), "the revocation came between permission and commit"
    slow_act.go_on.set()
    working.join(300)
    revoking.join(300)
    slow, revoked = world.entries("trial.slow"), world.entries("role.approved")
    assert len(slow) == 1 and slow[0].at <= max(entry.at for entry in revoked)
    assert code_of(slow_act, buyer) == "access.denied"


@pytest.mark.parametrize("how", ["revoke", "disable", "expire", "logout"])
def test_i30_what_ended_before_the_act_began_counts_in_it(world, slow_act, how):
    from dataclasses import replace

    slow_act.go_on.set()
    buyer = world.account("buyer")
    token = world.session_token(buyer)
    actor = replace(buyer, session_id=me(world, token).json["session_id"])
    slow_act(actor)
    if how == "revoke":
        world.revoke(buyer, "buyer")
    elif how == "disable":
        acts.disable_account(world.admin("sys_admin"), buyer.account_id, reason="离职")
    elif how == "expire":
        world.raw("UPDATE account SET expires_at = created_at WHERE id = :id",
                  id=buyer.account_id)
    else:
        world.client().delete("/session", headers=bearer(token))
    expected = "access.denied" if how == "revoke" else "session.ended"
    assert code_of(slow_act, actor) == expected
    assert len(world.entries("trial.slow")) == 1


def test_a_strangers_session_id_lends_no_authority(world, slow_act):
    from dataclasses import replace

    slow_act.go_on.set()
    buyer, other = world.account("buyer"), world.account("buyer")
    world.session_token(other)
    foreign = world.session.execute(select(LoginSession.id).where(
        LoginSession.account_id == other.account_id)).scalar_one()
    assert code_of(slow_act, replace(buyer, session_id=foreign)) == "session.ended"


def test_q67_who_sends_too_many_requests_is_slowed_and_nobody_else(world, monkeypatch):
    monkeypatch.setattr(rates.time, "monotonic", lambda: 1000.0)
    world.app.extensions["yangguang"].settings["rate_per_minute"] = 60
    mine, other = (world.session_token(world.account("tenderer")) for _ in range(2))
    client = world.client()
    statuses = [client.get("/session", headers=bearer(mine)).status_code for _ in range(63)]
    assert statuses == [200] * 60 + [429] * 3
    assert client.get("/session", headers=bearer(other)).status_code == 200


def test_tokens_come_back_with_time(monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(rates.time, "monotonic", lambda: clock[0])
    rates._left.clear()
    for _ in range(60):
        rates.refuse_if_too_many("k", 60)
    with pytest.raises(Refused) as refused:
        rates.refuse_if_too_many("k", 60)
    assert refused.value.facts["retry_after"] >= 1
    clock[0] += 2
    rates.refuse_if_too_many("k", 60)
    rates.refuse_if_too_many("k", 0)


def test_a_flood_of_denials_does_not_become_a_flood_of_writes(world, monkeypatch):
    monkeypatch.setattr(security, "time", SimpleNamespace(monotonic=lambda: 0.0))  # one minute
    for _ in range(security.MOST_A_MINUTE + 40):
        world.client().get("/session")
    found = world.session.execute(select(SecurityEvent).where(
        SecurityEvent.kind == "session.needed")).scalars().all()
    assert len(found) == security.MOST_A_MINUTE


def test_the_security_log_cannot_be_changed(world):
    world.client().get("/session")
    for statement in ("UPDATE security_event SET kind = 'x'", "DELETE FROM security_event"):
        with pytest.raises(Exception, match=r"append-only|permission denied|23001"):
            world.raw(statement)
    assert world.session.execute(select(SecurityEvent)).scalars().all()
