"""What every scene of the story uses: the platform, the persons, and patience."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

from bidding.wire import Problem

from .bids import Desk, Official
from .cast import Cast
from .stage import Stage
from .voice import Voice
from .web import Person, Platform

SUITES = ("intl-x25519-1", "intl-pq-1", "intl-pq-1")
"""What each lot is sealed in: the first so that any age opens what is left of it."""

PRICES = {
    "A": 385_120_000,
    "B": 379_250_050,
    "C": 381_500_000,
    "D": 362_088_000,
    "E": 390_566_660,
    "F": 377_800_000,
    "G": 382_000_000,
    "J": 380_000_000,
}
"""Fen; A to F are the valid bids of the worked example of the price method."""

ENVELOPES = {"A": 850_000, "B": 842_300, "C": 861_000}
"""Fen; lot 3, whose prices stay shut until the technical sheets are signed."""


class Unexpected(RuntimeError):
    """Something happened that the story does not allow."""


class Scenes:
    """One playing of the story; `summary` collects what it must leave behind."""

    def __init__(self, stage: Stage, megabytes: int, items: int = 2000):
        self.stage = stage
        self.platform = Platform(stage.address)
        self.voice = Voice(self.platform.now)
        self.cast = Cast(self.platform, self.voice)
        self.megabytes, self.items = megabytes, items
        self.desks: dict[str, Desk] = {}
        self.officials: list[Official] = []
        self.guarantor: dict[str, str] = {}
        self.tender: dict = {}
        self.summary: dict[str, object] = {}

    def _all_securities(self) -> list[dict]:
        found = []
        for person in self.cast.companies.values():
            for lot in self.lots:
                found += person.get(f"/lots/{lot}/guarantees/mine")["items"]
        return found

    def _phase(self, lot: str) -> str:
        return Person(self.platform).get(f"/lots/{lot}")["phase"]

    def _forward(self, to: datetime) -> None:
        before = self.platform.now()
        self.stage.forward(to)
        self.voice.say(
            "演示",
            f"时间前进 {(to - before).total_seconds() / 3600:.1f} 小时",
            "time moves forward",
        )

    def _until(self, what: str, done: Callable[[], bool], seconds: float = 180) -> None:
        limit = time.monotonic() + seconds
        while not done():
            if time.monotonic() > limit:
                raise Unexpected(f"{what} did not happen within {seconds} seconds")
            time.sleep(0.2)

    def _refused(
        self, zh: str, code: str, attempt: Callable[[], object], *, promise: bool = False
    ) -> None:
        """Try what the platform must refuse with the word `code`, and say so."""
        try:
            attempt()
        except Problem as answer:
            if answer.code != code:
                raise
            if promise and not answer.facts.get("promise"):
                raise Unexpected(f"{code} came without a promise") from answer
            self.voice.say("系统", f"{zh}（{answer.document['law']}）", f"refused: {code}")
            return
        raise Unexpected(f"{code} was not refused")
