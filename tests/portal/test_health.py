"""Whether the platform is up, for people and for programs, without a number that tells."""

import re

import pytest
from sqlalchemy.exc import OperationalError

from kernel.clock import Clock
from tests.reader import Reader


def test_health_says_up_and_no_number(world):
    world.published_tender()
    world.tick(record=True)
    quiet = Reader(world.app).get("/health").text
    assert "平台正常" in quiet and "按时更新" in quiet
    world.account("tenderer")
    world.tick(record=True)
    busy = Reader(world.app).get("/health").text
    plain = [re.sub(r"<time.*?</time>|data-now=\S+", "", text, flags=re.DOTALL)
             for text in (quiet, busy)]
    assert plain[0] == plain[1], "what happened between them is not to be seen"
    assert world.client().get("/health").json == {"status": "ok"}


def test_health_says_that_the_record_is_late(world):
    world.account("tenderer")
    world.raw("UPDATE pending_entry SET veiled = false")
    world.advance(minutes=11)
    page = Reader(world.app, english=True).get("/health")
    assert "The platform is up" in page.text and ">late<" in page.text


@pytest.mark.parametrize("database", ["sqlite"])
def test_health_says_down_when_the_database_does_not_answer(world, monkeypatch):
    def away(*_args):
        raise OperationalError("SELECT", {}, Exception("gone"))

    monkeypatch.setattr(type(world.app.extensions["yangguang"].clock), "now", away)
    monkeypatch.setattr(Clock, "now", away)
    page = Reader(world.app).get("/health")
    assert page.status == 503 and "暂时不能办理" in page.text
    assert world.app.test_client().get("/api/v1/health").status_code == 503
