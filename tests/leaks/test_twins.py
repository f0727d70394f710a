"""Q24: two worlds that differ in others' bids alone look the same; planted leaks do not."""

from __future__ import annotations

import shutil
from contextlib import contextmanager

import pytest
from sqlalchemy import select

from audit import cover
from bidding.model import StandingBid
from kernel.db import db
from people import rates, security
from portal.factory import create_app
from tests import postgres
from tests.world import World, WorldClock, settings_for

from .twins import Play, leaks


@contextmanager
def a_world(database, request, folder, plant=None):
    """A fresh installation of its own, with `plant(app)` done before its first request."""
    folder.mkdir()
    shutil.copytree(request.getfixturevalue("installation_keys"), folder / "keys")
    settings, drop = settings_for(folder), None
    if database == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), folder / "yangguang.db")
    else:
        template = request.getfixturevalue("postgres_template")
        owner_url, app_url = postgres.server().database(template=template)
        settings = settings_for(folder, app_url, owner_url)
        drop = app_url.partition("@/")[2].partition("?")[0]
    app = create_app(settings, WorldClock())
    app.testing = True
    security._seen.clear()
    rates._left.clear()
    if plant:
        plant(app)
    with app.app_context():
        world = World(app, settings)
        yield world
        world.close()
        db.session.remove()
        db.engine.dispose()
    if drop:
        postgres.server().drop(drop)


def twins(database, request, tmp_path, plant=None, only=""):
    """What each world showed: three bids, and four with all that world B has."""
    seen = []
    for more in (False, True):
        with a_world(database, request, tmp_path / f"{'ab'[more]}", plant) as world:
            seen.append(Play(world, more, only).run())
    return seen


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_the_twins_look_the_same(database, request, tmp_path):
    first, second = twins(database, request, tmp_path)
    found = leaks(first, second)
    assert found == [], "\n".join(found[:40])
    assert len(first.tree) == 15
    routes = {route for _, _, route in first.answers}
    assert len(routes) > 50 and len(first.answers) == len(routes) * 15 * 2
    good = sum(status == 200 for status, _, _ in first.answers.values())
    assert good > 300, "most of it was read, not refused"
    # The close took what waited of its lot in a tick of its own, of 256 leaves, beside a beat.
    assert any(count == 256 + 16 for _, ticks in first.tree for _, count in ticks)


@pytest.mark.parametrize("name", ["a leaf for each bid", "a beat that is not filled",
                                  "a close that is not filled", "no ticks of their own"])
def test_a_leak_in_the_tree_is_seen(name, request, tmp_path, monkeypatch):
    if name == "a leaf for each bid":
        monkeypatch.setattr(cover, "plan", bare_plan)
    elif name == "a beat that is not filled":
        monkeypatch.setattr(cover, "_filled", lambda _count, _step: 0)
    elif name == "a close that is not filled":
        monkeypatch.setattr(cover, "CLOSING", 1)
    else:
        monkeypatch.setattr(cover, "_alone", lambda _first, waiting: cover.Plan(
            tuple(one.id for one in waiting)))
    assert leaks(*twins("sqlite", request, tmp_path, only="/api/v1/time"))


def bare_plan(waiting, *_more):
    """What a log without cover does."""
    return cover.Plan(tuple(one.id for one in waiting))


LOT = "/api/v1/lots/<lot_id>"

PLANTS = {
    "a count in a body": lambda answer, bids: answer.set_data(
        answer.get_data().replace(b'"regime"', b'"seen":%d,"regime"' % bids)),
    "one byte more for each bid": lambda answer, bids: answer.set_data(
        answer.get_data() + b" " * bids),
    "an ETag that counts": lambda answer, bids: answer.headers.set("ETag", f'"{bids}"'),
    "another header": lambda answer, bids: answer.headers.set("X-Rank", "1") if bids > 3 else None,
    "another status": lambda answer, bids: setattr(answer, "status_code", 203 + (bids > 3)),
}


@pytest.mark.parametrize("name", PLANTS)
def test_a_leak_in_an_answer_is_seen(name, request, tmp_path):
    def plant(app):
        @app.after_request
        def _leak(answer):
            from flask import request as asked

            if asked.endpoint and asked.path.startswith("/api/v1/lots/") \
                    and len(asked.path) == len("/api/v1/lots/") + 32:
                bids = len(db.session.execute(select(StandingBid.id)).all())
                PLANTS[name](answer, bids)
            return answer

    first, second = twins("sqlite", request, tmp_path, plant, LOT)
    found = leaks(first, second)
    assert found and all(f"{LOT}:" in one for one in found), found
