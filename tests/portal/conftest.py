"""The portal's tests look at what is shown, not at how bids are sealed."""

import pytest

from tender.acts import publishing as tenders
from tests.world import World


@pytest.fixture
def no_officials(monkeypatch):
    """Publish without officials and their keys."""
    monkeypatch.setattr(World, "before_publishing", lambda world, tender: None)
    monkeypatch.setattr(tenders, "publish_hooks", [])
    monkeypatch.setattr(tenders, "finding_hooks", [])
