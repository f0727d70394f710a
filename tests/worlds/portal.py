"""The world's verbs for the pages and the open data: what an opening leaves, put there at once."""

from __future__ import annotations

from kernel.canonical import time_text
from kernel.db import new_id

PRICES = {"甲": 385_120_000, "乙": 379_250_050, "丙": 381_500_001, "丁": 362_088_000}


class PortalVerbs:
    """Verbs of the portal."""

    def opened_rows(self, lot, prices: dict[str, int] | None = None,
                    verdicts: dict[str, tuple[str, str]] | None = None) -> dict[str, str]:
        """The rows an opening leaves, whatever the phase; the bid ids by company name.

        `verdicts`: company → (verdict, reason) where the bid was not simply opened.

        Written past the guard, so that a test can have them there before they may be seen.
        """
        found = {}
        now = time_text(self.now)
        for name, price in (prices or PRICES).items():
            party = self.party("tenderer", name=f"{name}建设有限公司")
            bid, version = new_id(), new_id()
            row = {"bid": bid, "version": version, "lot": lot.id, "tender": lot.tender_id,
                   "party": party.id, "now": now, "new": new_id()}
            verdict, reason = (verdicts or {}).get(name, ("opened", ""))
            known = verdict != "unopened"
            self.raw("INSERT INTO bid (id, lot_id, tender_id, party_id, declared_at) "
                     "VALUES (:bid, :lot, :tender, :party, :now)", **row)
            self.raw("INSERT INTO bid_version (id, bid_id, lot_id, party_id, version, declaration,"
                     " declaration_hash, key, signature, declared_at, submitted_at) VALUES "
                     "(:version, :bid, :lot, :party, 1, '{}', '', '', '', :now, :now)", **row)
            self.raw("INSERT INTO opened_bid (id, lot_id, bid_id, version_id, party_id, verdict,"
                     " reason, price_fen, period_days, quality, leader) VALUES (:new, :lot, :bid,"
                     " :version, :party, :verdict, :reason, :price, :days, :quality, :leader)",
                     verdict=verdict, reason=reason, price=price if known else None,
                     days=60 if known else None, quality="合格" if known else None,
                     leader=f"{name}某某" if known else None, **row)
            found[name] = bid
        return found
