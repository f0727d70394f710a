"""The story: a township's road repair in three lots, from draft to released guarantee.

Each step is an HTTP request of the person whose step it is. What must be refused is tried
too, and a story in which it is not refused stops.
"""

from __future__ import annotations

from .after import After
from .before import Before
from .envelopes import Envelopes
from .left_open import LeftOpen
from .service import Service
from .village import Village


class Story(Before, After, Envelopes, Village, Service, LeftOpen):
    """All scenes, in order."""

    def sealed(self) -> None:
        """From the first account to the deadline: nobody has read a bid."""
        for scene in (
            self.people,
            self.draft,
            self.publish,
            self.village,
            self.questions,
            self.securities,
            self.bids,
            self.village_bids,
            self.last_minute,
            self.failure,
        ):
            scene()

    def opened(self) -> None:
        """From the opening to the last released security."""
        for scene in (
            self.opening,
            self.first_envelope,
            self.village_opening,
            self.panel,
            self.prices_stay_shut,
            self.scores,
            self.second_envelope,
            self.candidates,
            self.award,
            self.contract,
            self.service,
            self.releases,
        ):
            scene()

    def play(self) -> None:
        """All of it."""
        self.sealed()
        self.opened()
