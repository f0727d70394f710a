"""Q24: two worlds that differ in others' bids alone look the same; planted leaks do not."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from audit import cover
from bidding.model import StandingBid
from kernel.db import db
from people import security
from portal.factory import create_app
from supervision.complaints import api as complaints
from supervision.complaints.reading import OWN
from tender import feed
from tests import postgres
from tests.world import World, WorldClock, as_started, settings_for

from .twins import CASES, FEW, Play, leaks


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
    as_started()
    if plant:
        plant(app)
    with app.app_context():
        world = World(app, settings)
        # The brake on the security log counts the events of a minute; here of the world's, so that
        # what is written down does not depend on how fast this machine reads.
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(security, "time", SimpleNamespace(
                monotonic=lambda: world.now.timestamp()))
            yield world
        world.close()
        db.session.remove()
        db.engine.dispose()
    if drop:
        postgres.server().drop(drop)


def twins(database, request, tmp_path, plant=None, only=(), roles=FEW):
    """What each world showed: three bids, and four with all that world B has."""
    seen = []
    for more in (False, True):
        with a_world(database, request, tmp_path / f"{'ab'[more]}", plant) as world:
            seen.append(Play(world, more, only, roles).run())
    return seen


TOLD = {f"{moment} · supervisor · {root}/complaints/<complaint_id>/course-complainant{about}"
        for moment in ("bidding", "closed") for root in ("/api/v1", "/desk")
        for about in CASES[1:]}


def alike(database, request, tmp_path, roles):
    first, second = twins(database, request, tmp_path, roles=roles)
    found = leaks(first, second)
    # The supervisor asks who complained, says why, and is told: nobody else, and by nothing else.
    assert {one.partition(": ")[0] for one in found} == TOLD, "\n".join(
        one for one in found if one.partition(": ")[0] not in TOLD)
    assert len(first.tree) == 15
    routes = {route for _, _, route in first.answers}
    asked = {role for _, role, _ in first.answers}
    english = {route for route in routes if route.startswith("/en/")}
    assert len(routes) > 50 and len(english) > 10
    assert len(first.answers) == (len(routes - english) * len(asked) + len(english) * 2) * 2
    good = sum(status == 200 for status, _, _ in first.answers.values())
    assert good > 20 * len(asked), "most of it was read, not refused"
    # The close took what waited of its lot in a tick of its own, of 256 leaves, beside a beat.
    assert any(count == 256 + 16 for _, ticks in first.tree for _, count in ticks)
    print(f"Q24: {len(routes)} routes, {len(asked)} roles, {len(first.answers)} answers, "
          f"{good} read, {len(first.tree)} looks at the tree")
    return asked


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_the_twins_look_the_same(database, request, tmp_path):
    assert alike(database, request, tmp_path, FEW) == set(FEW)


@pytest.mark.faults
@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_the_twins_look_the_same_to_every_role(database, request, tmp_path):
    assert len(alike(database, request, tmp_path, ())) == 15


TIME = ("/api/v1/time",)


@pytest.mark.parametrize("name", [
    "a leaf for each bid", "a close that is not filled",
    pytest.param("a beat that is not filled", marks=pytest.mark.faults),
    pytest.param("no ticks of their own", marks=pytest.mark.faults)])
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
    found = leaks(*twins("sqlite", request, tmp_path, only=TIME))
    assert found and all(one.startswith("tick ") for one in found), found


def bare_plan(waiting, *_more):
    """What a log without cover does."""
    return cover.Plan(tuple(one.id for one in waiting))


LOT, TENDER = "/api/v1/lots/<lot_id>", "/api/v1/tenders/<tender_id>"

PLANTS = {
    "/api/v1/time": lambda answer, bids: answer.set_data(
        answer.get_data().replace(b"{", b'{"seen":%d,' % bids, 1)),
    "/api/v1/tenders": lambda answer, bids: answer.set_data(answer.get_data() + b" " * bids),
    LOT: lambda answer, bids: answer.headers.set("ETag", f'"{bids}"'),
    TENDER: lambda answer, bids: answer.headers.set("X-Rank", "1") if bids > 3 else None,
    f"{LOT}/items": lambda answer, bids: setattr(answer, "status_code", 203 + (bids > 3)),
}
"""One leak for each of five routes: a count in a body, one byte more for each bid (its length
tells), an ETag that counts, a header that only some see, another status."""


FEED = "/api/v1/changes"
CASE = "/api/v1/complaints/<complaint_id>"


def test_leaks_in_answers_are_seen(request, tmp_path, monkeypatch):
    # A feed that tells of acts which could tell of a bid: a real leak, and nothing planted in it.
    monkeypatch.setattr(feed, "tells", lambda _kind: True)
    # A case that everybody is shown as its own complainant is.
    monkeypatch.setattr(complaints, "viewer", lambda _actor, _row: OWN)

    def plant(app):
        rules = {rule.rule for rule in app.url_map.iter_rules()}
        assert rules >= PLANTS.keys(), PLANTS.keys() - rules

        @app.after_request
        def _leak(answer):
            from flask import request as asked

            if asked.url_rule and asked.url_rule.rule in PLANTS and answer.status_code == 200:
                bids = len(db.session.execute(select(StandingBid.id)).all())
                PLANTS[asked.url_rule.rule](answer, bids)
            return answer

    found = leaks(*twins("sqlite", request, tmp_path, plant, (*PLANTS, FEED, CASE)))
    cases = [CASE + which for which in CASES]
    told = {rule: {one.partition(": ")[2].split()[0] for one in found
                   if f" · {rule}: " in one} for rule in (*PLANTS, FEED, *cases)}
    assert [one for one in found if one.startswith("tick ")] == []
    assert "body" in told["/api/v1/time"] and "body" in told[FEED], told
    assert told["/api/v1/tenders"] == told[LOT] == told[TENDER] == {"headers"}, told
    assert "status" in told[f"{LOT}/items"], told
    assert all("body" in told[one] for one in cases), told
