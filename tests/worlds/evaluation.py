"""The world's verbs for book 3: a panel drawn, a lot scored, a lot awarded."""

from __future__ import annotations

import functools
import hashlib
from datetime import timedelta
from types import SimpleNamespace

from sqlalchemy import select

from audit import sequencer
from audit.act import wiring
from audit.actor import CLOCK, Actor
from audit.keys import Keys
from audit.model import Disclosure
from evaluation import acts, clock, reading
from evaluation.ballot import Decided
from evaluation.lottery import acts as lottery_acts
from evaluation.lottery import clock as lottery_clock
from kernel.db import db, new_id
from tender import reading as tenders

BY_FIAT: dict[str, list] = {}
"""Opened bids that no opening opened, by lot: for tests of this book alone."""

PB1 = {"A": 385120000, "B": 379250050, "C": 381500000, "D": 362088000, "E": 390566660,
       "F": 377800000, "G": 399500000}
"""The prices of worked example PB-1, in fen."""


class EvaluationWorld:
    """Verbs of book 3; they work on any opened lot."""

    def opened_by_fiat(self, prices: dict[str, int] | None = None, **over):
        """A lot in phase OPENED with these prices, without sealing; needs the fixture `fiat`."""
        lot = self.lots(self.draft_tender(document=False, items=0, **over))[0]
        self.force_phase(lot.id, "OPENED")
        bids = []
        for name, price in (prices or PB1).items():
            party = self.party("tenderer", name=f"{name}公司{self.number()}")
            bids.append(SimpleNamespace(bid_id=new_id(), party_id=party.id, price_fen=price,
                                        period_days=60, quality="合格", leader=f"{name}某"))
        BY_FIAT[lot.id] = bids
        self._by_fiat = {**getattr(self, "_by_fiat", {}), lot.id: bids}
        return tenders.lot(self.session, lot.id)

    def recall(self) -> None:
        """Bids opened by fiat lie in no table."""
        BY_FIAT.update(getattr(self, "_by_fiat", {}))
        super().recall()

    def written(self, kind: str | None = None) -> list:
        """The entries written so far, whether the log has taken them up or not."""
        taken = select(Disclosure)
        if kind is not None:
            taken = taken.where(Disclosure.type == kind)
        return self.entries(kind) + list(self.session.scalars(taken.order_by(
            Disclosure.position)))

    def same_person(self, actor: Actor, other: Actor) -> Actor:
        """Make two accounts one person's, where no act of the platform would: by hand."""
        self.raw("UPDATE account SET person_id = :person WHERE id = :account",
                 person=other.person_id, account=actor.account_id)
        return self.actor_of(actor.account_id)

    def experts(self, count: int = 8, **attributes) -> list[Actor]:
        """So many approved experts, each of another employer."""
        return [self.account("expert", **attributes) for _ in range(count)]

    def announced_draw(self, lot, experts: int = 8):
        """A draw announced by the buyer, with a pool of fresh experts."""
        if experts:
            self.experts(experts)
        return acts.announce_draw(self.clerk, lot.id)

    def draw_round(self) -> None:
        """One round of this book's clock, with a checkpoint of the record after each act."""
        sequence = functools.partial(sequencer.run_once, Keys.load(self.settings.keys),
                                     wiring().settings["record"])
        while waiting := [due for part in (clock, lottery_clock)
                          for due in part.due(self.session, self.now) if due.at <= self.now]:
            for due in waiting:
                due.act(CLOCK, *due.args, **due.kwargs)
                sequence()

    def drawn_panel(self, lot, experts: int = 8) -> list[Actor]:
        """Announce a draw, let its time pass, and return the panel, its leader first."""
        draw = self.announced_draw(lot, experts)
        self.advance(to=draw.commit_by + timedelta(seconds=1))
        self.draw_round()
        self.advance(to=draw.reveal_by + timedelta(seconds=1))
        self.draw_round()
        return self.panel(lot)

    def panel(self, lot) -> list[Actor]:
        """The experts present, by drawn rank."""
        return [self.actor_of(seat.account_id) for seat in reading.seats(self.session, lot.id)]

    def sheet(self, lot, share: str = "0.8") -> dict:
        """Scores for every valid bid: the same share of each factor's maximum, on its step."""
        lot = tenders.lot(self.session, lot.id)
        return {bid.bid_id: {factor.code: str(int(factor.most * int(float(share) * 10) / 10))
                             for factor in reading.factors(lot)}
                for bid in reading.valid_bids(db.session(), lot)}

    def sign_sheets(self, lot, panel: list[Actor], scores: dict | None = None) -> None:
        """Every expert accepts, saves and signs a sheet."""
        for expert in panel:
            acts.declare(expert, lot.id, accept=True)
            saved = acts.save_sheet(expert, lot.id, scores=scores or self.sheet(lot))
            acts.sign_sheet(expert, lot.id, sheet_hash=saved.sheet_hash)

    def scored(self, lot, scores: dict | None = None) -> list[Actor]:
        """Draw, score and sign to the concluded report; return the panel."""
        panel = self.drawn_panel(lot)
        self.sign_sheets(lot, panel, scores)
        for expert in panel:
            found = reading.to_sign(self.session, tenders.lot(self.session, lot.id))
            acts.sign_report(expert, lot.id, report_hash=found["report_hash"])
        return panel

    def screen(self, lot, failing: dict[str, str] | None = None) -> list[Actor]:
        """Draw a panel, let all find the same of each bid, sign to the concluded report; return
        the panel. `failing`: bid → why it does not meet the first thing asked."""
        panel, failing = self.drawn_panel(lot), failing or {}
        lot = tenders.lot(self.session, lot.id)
        first = lot.criteria["asked"][0]["code"]
        said = {bid.bid_id: {"meets": bid.bid_id not in failing,
                             "fails": [first] if bid.bid_id in failing else [],
                             "reason": failing.get(bid.bid_id, "")}
                for bid in reading.valid_bids(self.session, lot)}
        for expert in panel:
            acts.declare(expert, lot.id, accept=True)
            saved = acts.save_sheet(expert, lot.id, findings=said)
            acts.sign_sheet(expert, lot.id, sheet_hash=saved.sheet_hash)
        for expert in panel:
            found = reading.to_sign(self.session, tenders.lot(self.session, lot.id))
            acts.sign_report(expert, lot.id, report_hash=found["report_hash"])
        return panel

    def drawn_order(self, lot):
        """Announce the draw of a lottery, let its time pass, and return the draw."""
        draw = lottery_acts.announce_lottery(self.clerk, lot.id)
        for moment in (draw.commit_by, draw.reveal_by):
            self.advance(to=moment + timedelta(seconds=1))
            self.draw_round()
        return draw

    def awarding(self, lot) -> list[Actor]:
        """Score, publish, form the committee and let the publicity end; return the committee."""
        self.scored(lot)
        acts.publish_candidates(self.clerk, lot.id)
        size = lot.award_method["committee_size"]
        committee = [self.account("awarder", party=self.buyer_unit()) for _ in range(size)]
        acts.form_committee(self.clerk, lot.id,
                            members=[member.account_id for member in committee])
        self.advance(to=tenders.lot(self.session, lot.id).publicity_ends + timedelta(seconds=1))
        return committee

    def vote(self, lot, committee: list[Actor], choose=min) -> str:
        """Vote until there is a result, all for `choose` of what is open; return the winner."""
        while not isinstance(state := reading.voting(self.session, lot.id).state, Decided):
            for member in committee:
                acts.cast_vote(member, lot.id, ballot=state.number, choice=choose(state.choices))
        return state.winner

    def awarded(self, lot):
        """All the way to the award notice; return the award."""
        self.vote(lot, self.awarding(lot))
        return acts.confirm_award(self.chief, lot.id)

    def contracted(self, lot):
        """All the way to the registered contract; return it."""
        award = self.awarded(lot)
        self.advance(days=1)
        return acts.register_contract(
            self.clerk, lot.id, amount_fen=award.price_fen, signed_at=self.now,
            document_hash=hashlib.sha256(b"contract").hexdigest())
