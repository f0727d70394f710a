"""Bids opened by fiat, so that this book is tested without sealing anything."""

import pytest

from evaluation.reading import awarding, draws, judgement
from evaluation.validity import reading as validity
from tests.worlds.evaluation import BY_FIAT


@pytest.fixture(autouse=True)
def fiat():
    """Lots of `world.opened_by_fiat()` have the bids it made; all others the opened ones.

    Set by hand and not by a MonkeyPatch: where nothing was opened by fiat it changes nothing, so a
    world under it may be remembered.
    """
    real = judgement.opened_bids
    for module in (awarding, draws, judgement, validity):
        module.opened_bids = lambda session, lot_id: (
            BY_FIAT[lot_id] if lot_id in BY_FIAT else real(session, lot_id))
    yield
    for module in (awarding, draws, judgement, validity):
        module.opened_bids = real
    BY_FIAT.clear()
