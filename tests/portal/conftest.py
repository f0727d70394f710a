"""Bids for the portal's tests: rows as an opening leaves them."""

from types import SimpleNamespace

import pytest
from sqlalchemy import select

from bidding.model import OpenedBid
from evaluation import reading
from tender import acts as tenders


@pytest.fixture(autouse=True)
def opened_bids(monkeypatch):
    """Evaluation reads the rows that `world.opened_rows()` wrote."""
    def found(session, lot_id):
        rows = session.scalars(select(OpenedBid).where(OpenedBid.lot_id == lot_id))
        return [SimpleNamespace(bid_id=row.bid_id, party_id=row.party_id, price_fen=row.price_fen,
                                period_days=row.period_days, quality=row.quality,
                                leader=row.leader) for row in rows]

    monkeypatch.setattr(reading, "opened_bids", found)


@pytest.fixture(autouse=True)
def no_officials(monkeypatch):
    """Publish without officials and their keys: what is shown here is not how bids are sealed."""
    monkeypatch.setattr(tenders, "publish_hooks", [])
    monkeypatch.setattr(tenders, "finding_hooks", [])
