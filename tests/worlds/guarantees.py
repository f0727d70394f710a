"""The world's verbs for securities: a guarantor with its own ledger, and what it issues."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

from audit.actor import CLOCK, OPERATOR, Actor
from guarantees import acts, clock, gateway, reading
from guarantees.instrument import BANK_GUARANTEE, CASH_DEPOSIT, Instrument
from guarantees.ledger import Ledger, Paper
from guarantees.model import Guarantee
from guarantees.simulator import Guarantor
from kernel.db import db
from kernel.refusal import Refused
from people.model import Party
from tender.model import Lot, Tender
from tender.timetable import beijing_day, validity_ends


class GuaranteesWorld:
    """Verbs of book 4. Expects `now`, `party`, `account`, `session` of the world around it."""

    bank_server: Guarantor | None = None

    def guarantor(self) -> Party:
        """The one guarantor, made and registered once; its interface runs on a thread."""
        if self.bank_server is None:
            made = self.party("guarantor", name="金东担保")
            self._bank_id = made.id
            server = Guarantor(Path(self.settings.folder) / "bank", made.uscc)
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
            self.bank_server = server
            self.connect_guarantor(server.url, server.ledger.public_key, server.platform)
        return self.bank_party

    @property
    def bank_party(self) -> Party:
        """The guarantor's party, read afresh."""
        return self.session.get_one(Party, self._bank_id)

    def connect_guarantor(self, url: str, public_key: str, secret: str) -> None:
        """Register where the guarantor's interface is; again to move it."""
        acts.register_guarantor(OPERATOR, self._bank_id, api_base=url,
                                public_key=public_key, credential_ref="bank")
        gateway.keep_credential(self.settings.keys, "bank", secret)

    @property
    def ledger(self) -> Ledger:
        """The guarantor's own books."""
        self.guarantor()
        return self.bank_server.ledger

    def paper(self, lot: Lot | str, company: Actor, kind: str = BANK_GUARANTEE, /,
              **changes: object) -> Paper:
        """An instrument that secures `company` in `lot`, issued by the guarantor today.

        `changes` replace fields of the instrument.
        """
        ledger, now = self.ledger, self.now
        session = self.session
        lot = session.get_one(Lot, lot if isinstance(lot, str) else lot.id)
        buyer = session.get_one(Party, session.get_one(Tender, lot.tender_id).buyer_id)
        applicant = session.get_one(Party, company.party_id)
        cash = kind == CASH_DEPOSIT
        facts = {
            "kind": kind, "guarantor": ledger.uscc, "applicant": applicant.uscc,
            "instrument_no": f"I{self.number():05d}-{self.salt}", "beneficiary": buyer.uscc,
            "tender": lot.tender_id, "lot": lot.id,
            "amount_fen": lot.guarantee["amount_fen"], "issued_at": now,
            "valid_until": None if cash else validity_ends(lot.deadline, lot.validity_days)
            + timedelta(days=1),
            "independent": not cash,
            "payer_account_digest": ledger.payer(applicant.name, "6222") if cash else None,
            "received_on": beijing_day(now) if cash else None,
        }
        db.session.rollback()
        return ledger.issue(Instrument(**facts | changes))

    def lodged(self, lot: Lot | str, company: Actor, kind: str = BANK_GUARANTEE) -> Guarantee:
        """A security that `company` lodged in `lot`."""
        paper = self.paper(lot, company, kind)
        return acts.lodge(company, lot if isinstance(lot, str) else lot.id,
                          instrument=paper.text, signature=paper.signature)

    def security(self, guarantee_id: str) -> reading.Held:
        """One security as it stands now."""
        return reading.held(self.session, guarantee_id)

    def money_tick(self) -> int:
        """The clock's round for securities alone: what is due, then the outbox; how many acts."""
        done = 0
        for _ in range(3):
            now = self.now
            waiting = [due for due in clock.due(self.session, now) if due.at <= now]
            db.session.rollback()
            done += sum(self._done(due) for due in waiting)
        clock.deliver(self.now)
        db.session.rollback()
        return done

    def _done(self, due) -> bool:
        try:
            due.act(CLOCK, *due.args, **due.kwargs)
        except Refused:
            return False
        finally:
            db.session.rollback()
        return True

    def paid(self) -> dict[str, int | None]:
        """What the guarantor paid out, by instrument number; None while it holds it."""
        return {str(line["instrument_no"]): line["paid_fen"] for line in self.ledger.lines()}

    def close(self) -> None:
        """Stop the guarantor."""
        if self.bank_server is not None:
            self.bank_server.stopping.set()
            self.bank_server.shutdown()
            self.bank_server.server_close()
        super().close()
