"""Erasure: two people, a public entry that names nobody, and a tree that still verifies."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text

import portal.record
from audit import model
from audit.actor import OPERATOR
from audit.guard import UnrecordedChange
from audit.verify import verify
from kernel.db import db
from kernel.refusal import Refused
from people import acts
from people.model import Account, Person, PersonErasure

NAME, LOGIN = "林晓云", "lin.xiaoyun"


@pytest.fixture
def gone(world):
    """Somebody whose account was disabled, with what the record says of it."""
    actor = world.account("opener", name=NAME, login=LOGIN)
    acts.disable_account(OPERATOR, actor.account_id, reason="离职")
    world.publish_record()
    return actor


def propose(world, actor, who="sec_admin"):
    return acts.propose_erasure(world.admin(who), actor.account_id, reason="本人申请")


def report(world, **more):
    target = world.settings.folder.parent / "copy"
    portal.record.copy(target, whole=True)
    return verify(target, world.log_keys.log.verifier, **more)


def about(world, actor):
    world.session.rollback()
    return [row.type for row in world.session.scalars(select(model.Disclosure))
            if actor.account_id in row.record]


def everything(world):
    """All that the database says, as text."""
    found = []
    for table in db.metadata.sorted_tables:
        found += [str(row) for row in world.session.execute(select(table))]
    return "\n".join(found)


def test_two_people_erase_and_the_tree_still_verifies(world, gone):
    assert report(world, complete=None).problems == []
    assert len(about(world, gone)) == 4 and NAME in everything(world)
    proposed = propose(world, gone)
    with pytest.raises(Refused) as refused:
        acts.approve_erasure(world.admin("audit_admin"), proposed.id)
    assert refused.value.word.code == "person.waiting", "the proposal itself is not in the tree yet"
    world.publish_record()
    before = report(world)
    done = acts.approve_erasure(world.admin("audit_admin"), proposed.id)
    assert done.approved_at and not done.reason
    world.publish_record()
    assert about(world, gone) == []
    person = world.session.get_one(Person, gone.person_id)
    account = world.session.get_one(Account, gone.account_id)
    assert (person.name, account.password_hash, account.totp_secret) == ("", None, None)
    said = everything(world)
    assert NAME not in said and LOGIN not in said
    found = report(world, complete=None)
    assert (found.problems, found.erased) == ([], 5), "every leaf is still accounted for"
    assert found.size == before.size + 1
    [entry] = world.records("person.erased")
    assert len(entry["facts"]["erased"]) == 5
    for name in (NAME, gone.account_id, gone.person_id):
        assert name not in str(entry)


def test_what_the_person_did_to_others_stays(world):
    admin = world.admin("sec_admin_2")
    other = world.account("opener")
    world.publish_record()
    kept = [row.type for row in world.session.scalars(select(model.Disclosure))
            if admin.account_id in row.record and other.account_id in row.record]
    acts.disable_account(OPERATOR, admin.account_id, reason="离职")
    proposed = propose(world, admin)
    world.publish_record()
    acts.approve_erasure(world.admin("audit_admin"), proposed.id)
    assert kept and [row.type for row in world.session.scalars(select(model.Disclosure))
                     if admin.account_id in row.record and other.account_id in row.record] == kept


def test_who_may_and_when(world):
    active = world.account("opener")
    with pytest.raises(Refused) as refused:
        propose(world, active)
    assert refused.value.word.code == "person.active"
    acts.disable_account(OPERATOR, active.account_id, reason="离职")
    second = world.account("buyer", id_number=world.number_of(active))
    with pytest.raises(Refused) as refused:
        propose(world, active)
    assert refused.value.word.code == "person.active", "another account of the same person counts"
    acts.disable_account(OPERATOR, second.account_id, reason="离职")
    propose(world, active)
    with pytest.raises(Refused) as refused:
        propose(world, second, "sec_admin_2")
    assert refused.value.word.code == "person.erased", "once for a person"


def test_nobody_approves_twice_or_alone(world, gone):
    proposed = propose(world, gone)
    world.publish_record()
    for role in ("sec_admin", "sec_admin_2", "sys_admin"):
        with pytest.raises(Refused):
            acts.approve_erasure(world.admin(role), proposed.id)
    acts.approve_erasure(world.admin("audit_admin"), proposed.id)
    with pytest.raises(Refused) as refused:
        acts.approve_erasure(world.admin("audit_admin"), proposed.id)
    assert refused.value.word.code == "person.erased"
    assert world.session.scalars(select(PersonErasure)).one().approved_at


def test_disclosures_go_with_an_entry_or_not_at_all(world, gone):
    row = world.session.scalars(select(model.Disclosure.position)).first()
    world.session.rollback()
    erase = text(f"DELETE FROM disclosure WHERE position = {row}")
    with pytest.raises(UnrecordedChange), db.engine.begin() as connection:
        connection.execute(erase)
    with pytest.raises(UnrecordedChange), db.engine.begin() as connection:
        connection.execute(erase.execution_options(erasing=True))
    assert report(world, complete=None).problems == []
    world.raw(f"DELETE FROM disclosure WHERE position = {row}")  # the owner, past the guard
    assert f"entry {row}: neither" in report(world, complete=None).problems[0]
