"""The world's verbs for the invitation, and the act that exists in a test database only."""

from __future__ import annotations

import io
from dataclasses import asdict, replace
from datetime import timedelta

from audit.act import CATALOGUE, act, wiring
from audit.actor import OPERATOR, Actor
from kernel.canonical import parse_time, sha256, time_text
from kernel.db import Installation, db
from kernel.refusal import NOT_FOUND
from people.model import Party
from people.signed import sign
from people.x509 import CertifiedKey
from tender import acts, files, reading, rules, signed, signing
from tender.acts.own_signing import subject_of
from tender.lifecycle import Phase, phase
from tender.model import LotOutcome, LotSuspension
from tender.profile import shipped_for
from tender.timetable import earliest_deadline, national_calendar

PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
EVIDENCE = sha256(PDF).hex()
"""The hash of the paper that `World.keeps_paper` has a unit keep."""

ROADS = "东西南北中前后上下左右内外高低春夏秋冬风花雪月山水林田湖草"
"""A unit's projects are different ones; lots of one project would be summed (化整为零)."""

COURSE = ("published", "closed", "authorised", "opened", "panel_drawn", "report_concluded",
          "candidates_published", "committee_formed", "awarded", "contracted", "archived")

FORCED = {
    Phase.BIDDING: COURSE[:1], Phase.CLOSED: COURSE[:2], Phase.OPENING: COURSE[:3],
    Phase.OPENED: COURSE[:4], Phase.EVALUATING: COURSE[:5], Phase.EVALUATED: COURSE[:6],
    Phase.AWARDING: COURSE[:8], Phase.AWARDED: COURSE[:9], Phase.CONTRACTED: COURSE[:10],
    Phase.ARCHIVED: COURSE, Phase.SUSPENDED: COURSE[:1],
    Phase.TERMINATED: (*COURSE[:1], "terminated"), Phase.FAILED: (*COURSE[:2], "failed"),
}


@act("phase.forced", law="—", by=("operator",))
def force_phase(ctx, lot_id: str, name: str):
    """Bring a lot forward into any phase; in a test database only."""
    if ctx.session.get(Installation, 1).kind != "test":
        raise NOT_FOUND()
    lot = acts.lock_lot(ctx, lot_id)
    target = Phase[name]
    present = reading.lot_facts(ctx.session, lot_id).outcomes
    wanted = FORCED.get(target, ())
    beyond = set(present) - set(wanted) - {"technical_signed", "prices_opened"}
    if beyond:
        raise ValueError(f"{sorted(beyond)} cannot be undone: take a new lot")
    if wanted:
        tender = reading.tender(ctx.session, lot.tender_id)
        tender.published_at = tender.published_at or ctx.now
        lot.profile = lot.profile or dict(shipped_for(lot.regime, ctx.now.date()))
    for outcome in wanted:
        if outcome not in present:
            ctx.session.add(LotOutcome(lot_id=lot_id, outcome=outcome, at=ctx.now))
    if target is Phase.AWARDING:
        lot.publicity_ends = ctx.now
    if target is Phase.SUSPENDED:
        ctx.session.add(LotSuspension(lot_id=lot_id, suspended_at=ctx.now))
    ctx.session.flush()
    reached = phase(reading.lot_facts(ctx.session, lot_id), ctx.now)
    if reached is not target:
        raise ValueError(f"forced to {name}, reached {reached.name}")
    ctx.record(lot_id, {"phase": name}, lot_id=lot_id, tender_id=lot.tender_id)
    return lot


del CATALOGUE["phase.forced"]  # the catalogue printed into the documents is the product's


def lot_fields(now, **over) -> dict:
    """A lot that has no findings: works, 3.98 million yuan, worked example PB-1's method."""
    profile = shipped_for("below", now.date())
    deadline = earliest_deadline(profile, now + timedelta(days=1), comprehensive=True,
                                 calendar=national_calendar())
    return {
        "title": "镇村道路修复", "category": "works", "regime": "below",
        "estimate_fen": 398_500_000, "price_ceiling_fen": 398_000_000, "deadline": deadline,
        "decrypt_minutes": 30, "period_days_max": 90, "quality": "合格", "validity_days": 60,
        "publicity_days": 3, "guarantee": {"amount_fen": 7_600_000},
        "criteria": {"factors": [
            {"code": "plan", "title": "施工组织设计", "max": "25", "min": "0", "step": "0.5"},
            {"code": "team", "title": "项目班子", "max": "15", "min": "0", "step": "0.5"}]},
        "price_method": {
            "method": rules.PRICE_METHOD, "full_score": "60", "drop_high": 1, "drop_low": 1,
            "drop_when_valid_count_gt": 3, "coefficients": ["0.02", "0.025", "0.03"],
            "deduct_per_pct_above": "1", "deduct_per_pct_below": "0.5", "score_floor": "0"},
        "award_method": {"method": rules.AWARD_METHOD, "committee_size": 5},
        "panel": {"size": 5, "substitutes": 3, "candidates": 3, "specialty": "",
                  "commit_minutes": 30, "reveal_minutes": 30},
    } | over


ASKED = {"factors": [], "asked": [{"code": "spec", "title": "符合公告的技术规格"},
                                  {"code": "stock", "title": "现货供应，十日内交货"}]}
"""What a bid must meet where nothing is scored."""


def inquiry_fields(**over) -> dict:
    """What makes a price inquiry without findings of `lot_fields`: goods of 300,000 yuan."""
    return {"method": "inquiry", "category": "goods", "estimate_fen": 30_000_000,
            "price_ceiling_fen": 30_000_000, "guarantee": {"amount_fen": 0}, "criteria": ASKED,
            "price_method": {"method": "lowest-price", "ties": "received"},
            "award_method": {"method": "first-ranked"},
            "panel": {"size": 3, "substitutes": 3, "candidates": 3, "specialty": "",
                      "commit_minutes": 30, "reveal_minutes": 30}} | over


def lottery_fields(**over) -> dict:
    """What makes a lottery without findings of `lot_fields`."""
    return {"method": "lottery", "criteria": ASKED,
            "price_method": {"method": "price-band", "low_rate": "0.85", "high_rate": "1"},
            "award_method": {"method": "first-ranked"},
            "grounds": {"policy_document": "某政办〔2026〕5号",
                        "screen": "资质、业绩符合公告要求，报价在最高限价的 85% 至 100%"}} | over


class TenderWorld:
    """Verbs of book 1. Expects `now`, `party`, `account` of the world it is mixed into."""

    def buyer_unit(self):
        """The buyer's unit, made once, with a clerk and a chief: two persons."""
        if getattr(self, "_buyer_unit", None) is None:
            unit = self.party("buyer", region="330703")
            self._buyer_unit = unit
            self.clerk = self.account("buyer", party=unit)
            self.chief = self.account("buyer", party=unit)
        return self._buyer_unit

    def keeps_paper(self, actor: Actor) -> Actor:
        """Have the actor's unit keep the paper whose hash is EVIDENCE; the actor."""
        digest, size = self.app.extensions["yangguang"].store.put_stream(
            io.BytesIO(PDF), files.LIMIT)
        acts.keep_paper(actor, name="evidence.pdf", media_type="application/pdf", size=size,
                        digest=digest)
        return actor

    def fresh(self, actor: Actor) -> Actor:
        """The same actor with a second factor just entered."""
        return replace(actor, fresh_until=self.now + self.fresh_for)

    def draft_tender(self, lots: int = 1, *, items: int = 3, document: bool = True, **over):
        """A draft with `lots` lots and everything a notice needs; `over` changes every lot."""
        self.buyer_unit()
        fields = lot_fields(self.now)
        if lots > 1:
            share = {"estimate_fen": 398_500_000 // lots, "price_ceiling_fen": 398_000_000 // lots,
                     "guarantee": {"amount_fen": 7_600_000 // lots}}
            fields |= share
        number = self._projects = getattr(self, "_projects", 0) + 1
        road = ROADS[number % len(ROADS)] if number > 1 else ""
        tender = acts.create_tender(
            self.clerk, title=f"某镇{road}道路修复工程", description="", region="330703",
            funding="镇财政", approval_no=f"金东发改〔2026〕{number}号",
            lots=[fields | {"title": f"第{number}标段"} | over for number in range(1, lots + 1)])
        if document:
            self.add_document(tender)
        if items:
            for lot in self.lots(tender):
                acts.set_items(self.clerk, lot.id, items=[
                    {"code": f"0401010{n:02d}", "description": f"土方开挖 {n}", "unit": "m3",
                     "quantity": f"{n}.5"} for n in range(1, items + 1)])
        return self.tender(tender.id)

    def tender(self, tender_id: str):
        """A tender, read afresh and whole: it stays readable whatever sessions come and go."""
        db.session.rollback()
        found = reading.tender(db.session, tender_id)
        db.session.refresh(found)
        db.session.expunge(found)
        return found

    def add_document(self, tender, data: bytes = b"", name: str = "招标文件.pdf"):
        """Add a file to a draft; a fresh small PDF unless `data` is given."""
        data = data or PDF.replace(b"obj<<", b"obj<</T(" + tender.id.encode() + b")")
        kind = files.media_type(io.BytesIO(data), len(data), name)
        digest = wiring().store.put(data)
        return acts.add_document(self.clerk, tender.id, name=name, kind="biddingDocuments",
                                 media_type=kind, size=len(data), digest=digest)

    def lots(self, tender) -> list:
        """The tender's lots, by number, read afresh and whole."""
        db.session.rollback()
        found = reading.lots_of(db.session, tender.id)
        for lot in found:
            db.session.refresh(lot)
            db.session.expunge(lot)
        return found

    def before_publishing(self, tender) -> None:
        """What other books do in DRAFT so that the notice may be published; they extend this."""
        parent = getattr(super(), "before_publishing", None)
        if parent is not None:
            parent(tender)

    def published_tender(self, lots: int = 1, **over):
        """A published tender: submitted by the clerk, approved by the chief."""
        tender = self.draft_tender(lots, **over)
        self.before_publishing(tender)
        notice = acts.submit_notice(self.clerk, tender.id)
        acts.approve_notice(self.fresh(self.chief), tender.id, content_hash=notice.content_hash)
        return self.tender(tender.id)

    def signs(self, actor: Actor, key, of, digest: str, part: str, /, **over) -> dict:
        """What `actor` sends as its own signature with `key` over a submission (`of`: a Notice, a
        NoticeDraft or a direct award), or over what `over` says instead."""
        what = subject_of(of, digest)
        said = asdict(what) | {"role": part, "at": time_text(self.now), "unit": db.session.get(
            Party, actor.party_id).uscc}
        said = {name: one for name, one in said.items() if name != "of_id"} | over
        given, signature = sign(signing.statement(signed.origin_of(db.session), **said),
                                key if isinstance(key, CertifiedKey) else key.private_bytes_raw())
        return {"at": parse_time(said["at"]), "signature": signature,
                **({"key": given} if isinstance(given, str) else given)}

    def force_phase(self, lot_id: str, name: str) -> None:
        """Bring a lot forward into a phase by the test-only act."""
        force_phase(OPERATOR, lot_id, name)
