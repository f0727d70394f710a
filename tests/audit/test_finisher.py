"""What an edge keeps with an act: before COMMIT, and told of it only after."""

from __future__ import annotations

import pytest

from audit.act import finisher
from kernel.db import db
from tender import acts


def test_it_is_told_when_the_act_is_committed_and_only_then(world, monkeypatch):
    draft, seen = world.draft_tender(1), []

    def store(session, _result, _now):
        seen.append(("kept", session.in_transaction()))
        return lambda: seen.append(("done", session.in_transaction()))

    def submit():
        remembered = finisher.set(store)
        try:
            acts.submit_notice(world.clerk, draft.id)
        finally:
            finisher.reset(remembered)

    def broken(_self):
        raise RuntimeError("the power went")

    with monkeypatch.context() as now, pytest.raises(RuntimeError):
        world.before_publishing(draft)
        now.setattr(type(db.session()), "commit", broken)
        submit()
    assert seen == [("kept", True)]
    seen.clear()
    submit()
    assert seen == [("kept", True), ("done", False)]
