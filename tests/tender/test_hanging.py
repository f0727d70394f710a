"""What a publication does not ask for is not there; what it hands on is what would be read."""

from __future__ import annotations

import pytest
from sqlalchemy import JSON, BigInteger, Boolean, Integer, insert, select

from audit.held import hold
from kernel.db import UtcTime
from tender import acts, reading
from tender.acts import publishing
from tender.hanging import _OF, hangs
from tender.model import Lot, Tender
from tender.terms import terms_of


def _filled(session, now, table, **own: object) -> dict[str, object]:
    """Values that a row of this table needs, whatever they are."""
    for column in table.columns:
        if column.name in own or column.nullable:
            continue
        if column.foreign_keys:
            target = next(iter(column.foreign_keys)).column
            own[column.name] = session.scalar(select(target).limit(1))
        else:
            own[column.name] = now if isinstance(column.type, UtcTime) else {
                Integer: 1, BigInteger: 1, JSON: {}, Boolean: False}.get(type(column.type), "x")
    return own


@pytest.mark.parametrize("kind", _OF, ids=lambda kind: kind.__tablename__)
def test_each_thing_is_found_where_it_is_and_nowhere_else(world, kind):
    draft, other = world.draft_tender(1), world.draft_tender(1)
    now, session = world.now, world.session
    assert hangs(session, draft.id, kind), "not known where nothing is held"
    hold(session)
    assert not hangs(session, draft.id, kind)
    table = kind.__table__
    lot = session.scalar(select(Lot.id).where(Lot.tender_id == draft.id))
    place = {"tender_id": draft.id} if "tender_id" in table.c else \
        {"lot_id": lot} if "lot_id" in table.c else {"about": draft.id}
    session.execute(insert(table).values(_filled(session, now, table, **place)))
    assert hangs(session, draft.id, kind), "and seen as soon as the act itself writes it"
    assert not hangs(session, other.id, kind)
    assert not any(hangs(session, draft.id, one) for one in _OF if one is not kind)
    session.rollback()


def test_the_facts_it_hands_on_are_those_that_would_be_read(world, monkeypatch):
    draft, handed = world.draft_tender(2), []
    world.before_publishing(draft)
    notice = acts.submit_notice(world.clerk, draft.id)
    keep = publishing.keep_facts

    def kept(ctx, tender_id, facts):
        keep(ctx, tender_id, facts)
        handed.append((facts, reading.facts_of_tender(ctx.session, tender_id)))

    monkeypatch.setattr(publishing, "keep_facts", kept)
    acts.approve_notice(world.fresh(world.chief), draft.id, content_hash=notice.content_hash)
    (facts, held), = handed
    world.session.rollback()
    assert held is facts == reading.facts_of_tender(world.session, draft.id)
    assert len(facts) == 2 and all(one.published for one in facts.values())


def test_terms_are_read_once_and_again_when_a_column_changes(world):
    draft = world.draft_tender(1)
    lot = world.session.scalars(select(Lot).where(Lot.tender_id == draft.id)).one()
    first = terms_of(lot)
    assert terms_of(lot) is first
    for name in ("criteria", "price_method", "award_method", "panel", "guarantee", "grounds"):
        before = terms_of(lot)
        setattr(lot, name, dict(getattr(lot, name)))
        assert terms_of(lot) is not before and terms_of(lot) == before, name
    lot.panel = lot.panel | {"size": lot.panel["size"] + 2}
    assert terms_of(lot).panel.size == first.panel.size + 2
    world.session.rollback()
    assert terms_of(world.session.get_one(Lot, lot.id)).panel.size == first.panel.size


def test_the_time_comes_with_the_last_lock_alone(world):
    draft = world.draft_tender(1)

    class Timed:
        session, said = world.session, None

        def dated(self, *row):
            self.said = row

    for last in (False, True):
        one = Timed()
        tender, lots = acts.lock_tender(one, draft.id, last=last)
        assert isinstance(tender, Tender) and len(lots) == 1
        assert (one.said is not None) is last
    world.session.rollback()
