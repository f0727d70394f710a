"""Lot 3 of the story: two envelopes in the hybrid suite, opened one after the other."""

from __future__ import annotations

from bidding.holding import FIRST, PRICES

from .base import ENVELOPES, SUITES, Scenes, Unexpected
from .cast import COMPANIES
from .web import Person

KEYLESS = "C"
"""Its shares are not its own: two officials open it."""


class Envelopes(Scenes):
    """What lot 3 needs beside lot 1; its draw and sheets go with those of lot 1."""

    def first_envelope(self) -> None:
        """Technical parts alone."""
        self._envelope(FIRST, "技术标", "the technical parts")
        record = self._record()
        if record["forms"] or any(one["form"] for one in record["record"]["bids"]):
            raise Unexpected("a price is shown before the technical sheets are signed")

    def prices_stay_shut(self) -> None:
        """An official who is too early is refused."""
        self._refused(
            "技术评分签署前不得开启报价",
            "opening.sheets-awaited",
            lambda: self._authorise(PRICES),
        )

    def second_envelope(self) -> None:
        """Forms and prices, once every technical sheet is signed."""
        self._envelope(PRICES, "报价", "the prices")
        found = sorted(one["form"]["price_fen"] for one in self._record()["prices"]["record"]["bids"])
        if found != sorted(ENVELOPES.values()):
            raise Unexpected(f"the second record of lot 3 shows {found}")

    def _authorise(self, place: str) -> None:
        self.officials[0].person.post(f"/lots/{self.lots[2]}/{place}", {"reason": "到达开启时间"})

    def _record(self) -> dict:
        return Person(self.platform).get(f"/lots/{self.lots[2]}/opening-record")

    def _envelope(self, place: str, zh: str, en: str) -> None:
        lot, prices = self.lots[2], place == PRICES
        self._authorise(place)
        for key in ENVELOPES:
            if key != KEYLESS:
                self.desks[key].give_share(lot, prices=prices)
        for official in self.officials[:2]:
            self._until("证人见证授权", lambda one=official: one.may_open(lot, SUITES[2], prices))
            official.release(lot, SUITES[2], place)
        self._until(f"标段三{zh}开启", lambda: self._shown(prices))
        self.voice.say(
            "系统",
            f"标段三只开启{zh}；{COMPANIES[KEYLESS]}由两名开标人员开启",
            f"of lot 3 {en} alone are opened; {KEYLESS}'s by two officials",
        )

    def _shown(self, prices: bool) -> bool:
        if not prices:
            return self._phase(self.lots[2]) == "OPENED"
        return self._record()["prices"] is not None
