"""One tender brought through its whole course, and kept at every station of it.

A station is a state in which some action is ripe: the score sheet is saved but not signed, all
have voted but nobody has confirmed. Every phase has a main station, `PHASE`; some have more,
`PHASE:what`. Where the course has not yet given somebody a role that the table asks about (an
expert on the panel while bids still come in), a test-only act seats him by hand: such stations
are `full`. The others are as the platform's own acts left them.
"""

from __future__ import annotations

import copy
import hashlib
import io
import os
from datetime import date, timedelta
from types import SimpleNamespace

from sqlalchemy import delete, select

from audit.act import side_write, wiring
from audit.actor import CLOCK, OPERATOR, Actor
from bidding import acts as bidding
from bidding import declaration, suites
from bidding.model import BidVersion, OpenedBid, Opening
from evaluation import acts as judging
from evaluation import reading
from evaluation.inviting import reading as inviting
from evaluation.inviting.acts import announce_invitation
from evaluation.validity import acts as validity
from guarantees import acts as securities
from guarantees import clock as securities_clock
from guarantees.model import Release, ReleaseOrder
from kernel.canonical import b64, jcs
from kernel.db import db
from people import acts as people
from people.digests import new_token, token_hash
from people.model import LoginSession, RoleGrant
from people.uscc import completed
from portal.webhooks import acts as webhooks
from supervision import acts as watching
from tender import acts as tendering
from tender import deadlines, fairness, files, reviewing
from tender import reading as tenders
from tender.model import DraftDocument
from tender.signed import origin_of
from tender.timetable import beijing_day, valid_until
from tests.worlds.tender import EVIDENCE, PDF

from . import by_hand, complained, fallen, framed, lotteries, market, straight, watch

SUITE = suites.get(suites.DEFAULT)
AMENDING = PDF.replace(b"obj<<", b"obj<</A(3)")


class Course:
    """Plays the course on a bench. `stations` are filled in order; `holders` are the roles."""

    def __init__(self, bench):
        self.bench, self.world = bench, bench.world
        self.stations: dict[str, SimpleNamespace] = {}
        self.holders: dict[str, Actor | None] = {}
        self.tokens: dict[str, str] = {}
        self.now = SimpleNamespace(draw=by_hand.DRAW, lottery="0" * 32, report_hash="0" * 64, sheet_hash={},
                                   record_hash="0" * 64, content_hash="0" * 64, version=1,
                                   award_price=1, question="0" * 32, objection="0" * 32, proposal=1,
                                   cases={name: dict.fromkeys((
                                       "filed", "correcting", "accepted", "paused", "proposed",
                                       "ordered", "reported"), "0" * 32)
                                       for name in ("own", "outside", "body")},
                                   evidence="0" * 32, course_case="0" * 32, nonces={},
                                   amendment="0" * 32, amendment_hash="0" * 64,
                                   amendment_hit="0" * 64, amendment_version=1,
                                   amending_file="0" * 32,
                                   award_default="0" * 32, statement_hash="0" * 64,
                                   pre_notice="0" * 64, template="0" * 32)
        self.world.freeze()
        self._people()
        self._before_publication()
        self._bidding()
        self._opening()
        self._judgement()
        self._award()
        by_hand.complete(self)

    # --- keeping ------------------------------------------------------------------------------
    def keep(self, name: str, full: bool = True) -> None:
        """Keep this moment as a station. `full=False`: exactly as the acts left it."""
        world, phase = self.world, name.partition(":")[0]
        self.now.foreign = by_hand.foreign_rows(
            world, self.holders["buyer_other"], phase, self.more[0].party_id)
        world.publish_record()
        now = world.now
        with side_write() as session:
            session.execute(delete(LoginSession))  # the clock sweeps old ones away in its time
            session.add_all(LoginSession(
                account_id=account_id, token_hash=token_hash(token), created_at=now, seen_at=now,
                fresh_until=now + timedelta(minutes=5), second_factor=True, source="127.0.0.1")
                for account_id, token in self.tokens.items())
        station = copy.deepcopy(self.now)
        station.name, station.phase, station.at, station.full = name, phase, now, full
        station.kept = name
        self.stations[name] = station
        self.bench.keep(name)

    def stand_at(self, name: str) -> SimpleNamespace:
        """Put the bench back to a station; time stands still there."""
        station = self.stations[name]
        self.bench.put_back(station.kept)
        self.world.clock.frozen = station.at
        return station

    # --- people -------------------------------------------------------------------------------
    def _people(self) -> None:
        world, now = self.world, self.now
        unit = world.buyer_unit()
        world.guarantor()
        world.bank_server.stopping.set()
        world.bank_server.shutdown()  # an order that nobody hears stays open for the guarantor
        world.bank_server.server_close()  # and the clock, refused at once, need not wait
        self.own, self.rival, self.outside = (world.company() for _ in range(3))
        self.more = [world.company() for _ in range(2)]
        self.experts = world.experts(8)
        self.awarders = [world.account("awarder", party=unit) for _ in range(5)]
        self.spare = world.account(None, world.party("other"))
        self.holders = {
            "anonymous": None, "tenderer_own": self.own.actor, "tenderer_rival": self.rival.actor,
            "tenderer_outside": self.outside.actor, "buyer_own": world.clerk,
            "buyer_other": world.account("buyer"), "opener_assigned": world.officials[0],
            "opener_unassigned": world.account("opener"), "awarder_assigned": self.awarders[0],
            "awarder_unassigned": world.account("awarder"), "supervisor_in": world.supervisor,
            "supervisor_out": world.account("supervisor", region="110000"),
            "guarantor": world.account("guarantor", world.bank_party),
            "sys_admin": world.admin("sys_admin"), "sec_admin": world.admin("sec_admin"),
            "audit_admin": world.admin("audit_admin")}
        now.buyer_key = world.signing_key(world.fresh(world.clerk)).private_bytes_raw()
        now.buyer_uscc, now.log_origin = unit.uscc, origin_of(world.session)
        waiting = people.propose_grant(world.admin("sec_admin_2"), role="opener",
                                       account_id=self.spare.account_id)
        granted = world.account("opener")
        now.spare_account, now.waiting_grant = self.spare.account_id, waiting.id
        now.free_account = world.account(None, world.party("other")).account_id
        now.free_opener = self.holders["opener_unassigned"].account_id
        now.standing_grant = world.session.scalars(select(RoleGrant.id).where(
            RoleGrant.account_id == granted.account_id)).one()
        gone = [world.account(None, world.party("other")).account_id for _ in range(2)]
        for one in gone:
            people.disable_account(OPERATOR, one, reason="离职")
        now.gone_account = gone[0]
        now.unvouched = people.create_account(
            world.admin("sys_admin"), login="unvouched", person_name="某",
            id_number=world.id_number(), party_id=world.party("tenderer").id).id
        now.erasure = people.propose_erasure(world.admin("sec_admin_2"), gone[1],
                                             reason="本人申请").id
        now.forgetful = [world.account(None, world.party("other")).account_id for _ in range(2)]
        for one in now.forgetful:
            world.password(world.actor_of(one))
        now.factor_reset = people.propose_reset(world.admin("sec_admin_2"), now.forgetful[1],
                                                reason="持证件到场核对").id
        now.proposals = {
            "policy": people.propose_policy(
                world.admin("sec_admin_2"), version=0, source="127.0.0.1", why="等保测评整改", body={
                    "password_min": 9, "password_complexity": True, "guesses_free": 5,
                    "factor_for_all": False, "admin_networks": []}).id,
            "parameters": people.propose_parameters(
                world.admin("sys_admin"), version=0, why="试运行期间",
                body={"document_mib": 150, "registrations_free": 30, "letters": True}).id}
        now.webhook = webhooks.create(self.outside.actor, url="https://hooks.example.org/a",
                                      wish={}).webhook.id
        proposed = tendering.propose_profile(
            world.account("supervisor", region="330703"), base="village-2026-2",
            region="330703", valid_from=date(2099, 1, 1), title={"zh": "某县", "en": "A county"},
            why="本县另有规定，文号略。", changes={"resolution.needed": None})
        now.profile, now.profile_hash = proposed.id, proposed.body_hash
        watch.begin(world, now, self.holders)
        straight.begin(world, now, self.holders)
        now.debarment = tendering.propose_debarment(
            world.account("supervisor", region="330703"), uscc=world.party("other").uscc, name="某",
            region="330703", authority="某局", document_no="1", reason="x", nationwide=False,
            from_day=date(2026, 1, 1), until_day=date(2027, 1, 1)).id
        agency = world.party("agency")
        now.agency = agency.uscc
        now.suppliers = [{"uscc": completed("91330703", f"MA3K00{n:02d}"), "name": f"供应商{n}"}
                         for n in range(6)]
        now.authority = {role: tendering.authorise_agency(
            world.fresh(self.holders[role]), agency=agency.uscc, tender_id=None,
            actions=["notice.submit"], letter="委托书", letter_hash="b" * 64, valid_from=world.now,
            valid_until=world.now + timedelta(days=400)).id for role in ("buyer_own", "buyer_other")}
        market.begin(world, now, self.holders)
        framed.begin(world, now, self.holders)
        now.id_numbers = [world.id_number() for _ in range(3)]
        now.party = {"own": self.own.party_id, "rival": self.rival.party_id,
                     "outside": self.outside.party_id}
        now.awarders = [member.account_id for member in self.awarders]
        now.recipient = SUITE.recipient_of(SUITE.generate())
        for actor in [*self.holders.values(), *self.experts]:
            if actor is not None:
                self.tokens[actor.account_id] = new_token("ygs_")

    # --- DRAFT --------------------------------------------------------------------------------
    def _before_publication(self) -> None:
        world, now = self.world, self.now
        tender = world.draft_tender(document=False, two_envelopes=True)
        document = world.add_document(tender)
        lot = world.lots(tender)[0]
        now.tender, now.lot, now.document = tender.id, lot.id, document.id
        now.ceiling, now.version = lot.price_ceiling_fen, world.tender(tender.id).version
        now.official = "0" * 32
        self._reviewed(tender)
        now.template = tendering.keep_template(
            world.clerk, name="道路范本", tender_id=tender.id, shared_with=["*"]).id
        self.keep("DRAFT:blank", full=False)
        now.pre_notice = tendering.submit_pre_notice(
            world.chief, tender.id, expected=date(2099, 1, 4)).content_hash
        self.keep("DRAFT:announced", full=False)
        now.pre_notice = tendering.submit_pre_notice(
            world.clerk, tender.id, expected=date(2099, 1, 4)).content_hash
        self.keep("DRAFT:announced by buyer_own", full=False)
        self.stand_at("DRAFT:blank")
        self._drawing()
        self.stand_at("DRAFT:blank")
        tendering.withdraw_reading(world.clerk, tender.id, now.reading)
        for official in world.officials:
            now.official = bidding.assign_official(
                world.clerk, lot.id, account_id=official.account_id).id
        self.keep("DRAFT:assigned", full=False)
        keys = [world.holder_key(lot.id, official) for official in world.officials]
        now.holder_key = keys[0]
        self.keep("DRAFT:registered", full=False)
        now.rehearsal = world.begin_rehearsal(lot.id, world.officials[0])
        self.keep("DRAFT:rehearsing", full=False)
        for official in world.officials:
            world.rehearse(lot.id, official)
        for key in keys:
            bidding.certify_key(world.supervisor, lot.id, key)
        self.keep("DRAFT:certified", full=False)
        now.content_hash = tendering.submit_notice(world.clerk, tender.id).content_hash
        self.keep("DRAFT:submitted by buyer_own", full=False)
        self.stand_at("DRAFT:certified")
        now.content_hash = tendering.submit_notice(world.chief, tender.id).content_hash
        self.keep("DRAFT:submitted", full=False)
        tendering.approve_notice(world.clerk, tender.id, content_hash=now.content_hash)

    def _drawing(self) -> None:
        """The lot as one of government procurement by invitation, with a list and a draw of it."""
        world, now = self.world, self.now
        tendering.edit_tender(world.clerk, now.tender, if_match=now.version, lots=[
            {"id": now.lot, "regime": "govproc", "method": "invite",
             "deadline": world.now + timedelta(days=28)}])
        world.keeps_paper(world.clerk)
        tendering.set_long_list(
            world.clerk, now.lot, source="library", basis="省级供应商库", paper_hash=EVIDENCE,
            wanted=3, candidates=now.suppliers)
        self.keep("DRAFT:listed", full=False)
        now.invite_hash = inviting.page(world.session, announce_invitation(
            world.chief, now.lot))["announcement_hash"]
        self.keep("DRAFT:drawing", full=False)

    def _reviewed(self, tender) -> None:
        """A review with a hit, a record of fair competition, a unit that is asked to read."""
        world, now = self.world, self.now
        today = beijing_day(world.now)
        prepared = reviewing.prepare(db.session, world.tender(tender.id), today)
        made = tendering.make_review(world.clerk, tender.id, prepared=prepared)
        now.hit = made.body["hits"][0]["key"]
        now.fairness = {"unit": "某镇人民政府", "document_number": "竞审〔2026〕1号",
                        "reviewed_on": today.isoformat(), "conclusion": "clean",
                        "standards": [{"article": one, "met": True, "note": ""}
                                      for one in fairness.STANDARDS], "exception": ""}
        tendering.record_fairness(world.clerk, tender.id, **now.fairness)
        units = [world.party("agency").id, world.party("agency").id]
        now.reader = units[1]
        now.reading = tendering.ask_reading(world.clerk, tender.id, party_id=units[0]).id
        now.version = world.tender(tender.id).version

    # --- BIDDING, CLOSED, FAILED --------------------------------------------------------------
    def _bidding(self) -> None:
        world, now = self.world, self.now
        lot = now.lot
        answered = tendering.ask_question(self.rival.actor, lot, text="工期含雨季吗？").id
        tendering.answer_question(world.clerk, lot, answered, text="含。")
        now.question = tendering.ask_question(self.outside.actor, lot, text="可否现场踏勘？").id
        self._object("BIDDING")
        watching.answer_objection(world.clerk, lot, now.objection, outcome="rejected",
                                  text="条件与规模相适应。")
        complained.begin(world, lot, now, self.holders, {
            "own": self.own, "outside": self.outside, "body": self.rival})
        self._security()
        for company in (self.own, self.rival):
            world.sealed_bid(lot, company, now.ceiling - 10_000_000 * (2 + len(company.uscc)))
        replacement = world.replacement(lot, self.own)
        world.redeclare(self.own, replacement)
        unfinished = world.seal(lot, self.outside)
        world.declare(lot, self.outside, unfinished)
        sealed = {"own": self.own.bids[lot], "rival": self.rival.bids[lot], "outside": unfinished}
        now.bid = {name: one.declaration["bid"] for name, one in sealed.items()}
        now.version_of = {"own": 2, "outside": 1, "rival": 1}
        now.first_block = {"own": world.blocks(replacement)[0], "outside":
                           world.blocks(unfinished)[0], "rival": world.blocks(sealed["rival"])[0]}
        now.size_of = {"own": len(now.first_block["own"][2]),
                       "outside": len(now.first_block["outside"][2])}
        now.own_shares = {name: {"technical": b64(one.own["technical"])}
                          for name, one in sealed.items()}
        now.price_shares = {name: {part: b64(one.own[part]) for part in ("form", "price")}
                            for name, one in sealed.items()}
        now.declared = {name: self._request(company, world.seal(lot, company))
                        for name, company in self._companies().items()}
        now.tried = {name: self._trial(company, world.seal(lot, company))
                     for name, company in self._companies().items()}
        now.replacing = {
            "own": self._request(self.own, world.replacement(lot, self.own)),
            "rival": self._request(self.rival, world.replacement(lot, self.rival)),
            "outside": self._request(self.outside, world.seal(
                lot, self.outside, bid=now.bid["outside"], version=2, previous="0" * 64))}
        now.withdrawal = {name: self._withdrawal(company, sealed[name])
                          for name, company in self._companies().items()}
        now.receipt = world.session.scalars(select(BidVersion.receipt).where(
            BidVersion.bid_id == now.bid["own"], BidVersion.version == 1)).one()
        self.keep("BIDDING:two bids", full=False)
        self._failed()
        for place, company in enumerate(self.more):
            world.sealed_bid(lot, company, now.ceiling - 7_000_000 * (place + 1))
        self.keep("BIDDING")
        self._amendment()
        self._objected("BIDDING")
        for phase in ("SUSPENDED", "TERMINATED"):
            self.stand_at("BIDDING")
            world.force_phase(lot, phase)
            self.keep(phase)
            if phase == "SUSPENDED":
                self._proposed(phase)
        self.stand_at("BIDDING")
        world.past_deadline(lot)
        self.keep("CLOSED")
        self._proposed("CLOSED")

    def _amendment(self) -> None:
        """An amendment that the chief has submitted."""
        draft = tendering.draft_amendment(
            self.world.chief, self.now.tender, why="更正联系方式的表述。", affects_bids=False,
            description="更正后的说明")
        digest, size = wiring().store.put_stream(io.BytesIO(AMENDING), files.LIMIT)
        tendering.add_amending_file(
            self.world.chief, self.now.tender, draft.id, name="联系方式.pdf", kind="other",
            media_type="application/pdf", size=size, digest=digest)
        self.now.amending_file = self.world.session.scalar(
            select(DraftDocument.id).where(DraftDocument.draft_id == draft.id))
        prepared = reviewing.prepare_amendment(
            db.session, self.world.tender(self.now.tender), db.session.merge(draft))
        made = tendering.review_amendment(self.world.chief, self.now.tender, draft.id,
                                          prepared=prepared)
        self.now.amendment_hit = made.body["hits"][0]["key"]
        tendering.record_amended_fairness(self.world.chief, self.now.tender, draft.id,
                                          **self.now.fairness)
        draft = tendering.submit_amendment(self.world.chief, self.now.tender, draft.id)
        self.now.amendment, self.now.amendment_hash = draft.id, draft.content_hash
        self.now.amendment_version = draft.version
        self.keep("BIDDING:amendment")
        tendering.submit_amendment(self.world.clerk, self.now.tender, self.now.amendment)
        self.keep("BIDDING:amendment by buyer_own")
        self.stand_at("BIDDING")

    def _object(self, phase: str) -> None:
        """Somebody objects, with a file where the phase takes one."""
        actor, lot, now = self.own.actor, self.now.lot, self.now
        said = {"argument": "资格条件与项目不相适应", "remedy": "请删除该条件"}
        if phase in ("OPENING", "OPENED"):
            now.objection = watching.object_at_opening(actor, lot, **said).id
            return
        now.evidence = watching.add_evidence(
            actor, lot, name="证据.pdf", media_type="application/pdf", size=len(PDF),
            digest=wiring().store.put(PDF)).id
        now.objection = watching.file_objection(actor, lot, evidence=[now.evidence], **said).id

    def _objected(self, phase: str) -> None:
        """An objection waits for its answer; the course goes on without it."""
        before = self.now.objection, self.now.evidence
        self._object(phase)
        self.keep(f"{phase}:objected")
        self.stand_at(phase)
        self.now.objection, self.now.evidence = before

    def _proposed(self, phase: str) -> None:
        """The buyer has proposed a later deadline; the supervisor may decide."""
        self.now.later = self.world.now + timedelta(days=30)
        deadlines.propose(self.world.clerk, self.now.lot, decision="restored",
                          deadline=self.now.later, evidence="停电记录")
        self.keep(f"{phase}:proposed")
        self.stand_at(phase)

    def _companies(self) -> dict:
        return {"own": self.own, "rival": self.rival, "outside": self.outside}

    def _request(self, company, sealed) -> dict:
        return {"declaration": jcs(sealed.declaration).decode(), "wraps": sealed.wraps,
                **company.sign(sealed.declaration)}

    def _trial(self, company, sealed) -> dict:
        sealed.declaration["type"] = "bid-trial"
        return self._request(company, sealed)

    def _withdrawal(self, company, sealed) -> dict:
        value = declaration.withdrawal(sealed.declaration)
        return {"withdrawal": jcs(value).decode(), **company.sign(value)}

    def _security(self) -> None:
        """Securities of three companies; one was replaced, and its release is ordered."""
        world, now = self.world, self.now
        replaced = world.lodged(now.lot, self.own.actor).id
        now.guarantee = {name: world.lodged(now.lot, company.actor).id
                         for name, company in self._companies().items()}
        world.advance(days=1)
        for due in [*securities_clock.due(world.session, world.now)]:
            if due.act is securities.order_release:
                due.act(CLOCK, *due.args)
        order = world.session.scalars(
            select(ReleaseOrder).join(Release, Release.id == ReleaseOrder.release_id)
            .where(Release.guarantee_id == replaced)).one()
        paper = world.ledger.release(order.release_id, order.body)
        now.released = replaced
        now.confirmation = {"statement": paper.text, "signature": paper.signature}
        papers = {name: world.paper(now.lot, company.actor)
                  for name, company in self._companies().items()}
        now.instrument = {name: {"instrument": one.text, "signature": one.signature}
                          for name, one in papers.items()}

    def _failed(self) -> None:
        self.world.past_deadline(self.now.lot)
        self.keep("FAILED")
        self.stand_at("BIDDING:two bids")

    # --- OPENING, OPENED ----------------------------------------------------------------------
    def _opening(self) -> None:
        world, now = self.world, self.now
        companies = [self.own, self.rival, *self.more]
        world.authorise(now.lot)
        now.official_shares = world.official_shares(now.lot, world.officials[0])
        now.plain_part, now.plain = "technical", world.plain(now.lot, self.own)
        self.keep("OPENING")
        self._objected("OPENING")
        for company in companies[1:]:
            world.give_own(now.lot, company)
        world.advance(minutes=31)
        world.tick()
        world.advance(minutes=31)
        self.keep("OPENING:named")
        self.stand_at("OPENING")
        for company in companies:
            world.give_own(now.lot, company)
        world.tick()
        now.record_hash = world.session.scalars(select(Opening.record_hash).where(
            Opening.lot_id == now.lot)).one()  # of the first stage: there is no other yet
        verdicts = world.session.scalars(select(OpenedBid.verdict)).all()
        assert verdicts == ["opened"] * 4, verdicts
        now.scores = world.sheet(SimpleNamespace(id=now.lot))
        self.keep("OPENED:bare", full=False)
        lot = tenders.lot(world.session, now.lot)
        now.longer = (valid_until(lot) + timedelta(days=30)).isoformat()
        now.extension = validity.ask_extension(
            world.fresh(world.clerk), now.lot, until=valid_until(lot) + timedelta(days=30),
            answer_by=world.now + timedelta(days=4),
            reason="评标工作需要延长，请予答复。")["requests"][0]["id"]
        self.keep("OPENED:asked")
        self.stand_at("OPENED:bare")
        found = judging.announce_draw(world.clerk, now.lot)
        now.draw, commit_by, reveal_by = found.id, found.commit_by, found.reveal_by
        parties = {"tenderer_own": self.own.actor, "tenderer_rival": self.rival.actor,
                   "buyer_own": world.clerk, "supervisor_in": world.supervisor}
        now.nonces = {role: os.urandom(32) for role in parties}
        self.keep("OPENED")
        self._objected("OPENED")
        for role, actor in parties.items():
            judging.commit_nonce(actor, now.draw, commitment=hashlib.sha256(
                now.nonces[role]).hexdigest())
        world.advance(to=commit_by + timedelta(seconds=1))
        world.draw_round()
        self.keep("OPENED:revealing")
        world.advance(to=reveal_by + timedelta(seconds=1))
        world.draw_round()

    # --- EVALUATING, EVALUATED ----------------------------------------------------------------
    def _judgement(self) -> None:
        world, now = self.world, self.now
        lot = SimpleNamespace(id=now.lot)
        panel = world.panel(lot)
        seated = {member.account_id for member in panel}
        self.panel = panel
        self.holders |= {"expert_leader": panel[0], "expert_assigned": panel[1],
                         "expert_unassigned": next(one for one in self.experts
                                                   if one.account_id not in seated)}
        self.keep("EVALUATING:drawn")
        for expert in panel:
            judging.declare(expert, now.lot, accept=True)
        self.keep("EVALUATING:accepted")
        for expert in panel:
            saved = judging.save_sheet(expert, now.lot, scores=now.scores)
            now.sheet_hash[expert.account_id] = saved.sheet_hash
        self.keep("EVALUATING:saved")
        for expert in panel:
            judging.sign_sheet(expert, now.lot, sheet_hash=now.sheet_hash[expert.account_id])
        self.keep("EVALUATING:technical signed")
        bidding.authorise_prices(world.fresh(world.officials[0]), now.lot, reason="评分已签署")
        now.official_prices = world.official_shares(now.lot, world.officials[0], 2)
        now.plain_part, now.plain = "price", world.plain(now.lot, self.own, "price")
        self.keep("EVALUATING:prices")
        for company in (self.rival, *self.more):
            world.give_prices(now.lot, company)
        world.advance(minutes=31)
        world.tick()
        world.advance(minutes=31)
        self.keep("EVALUATING:price named")
        self.stand_at("EVALUATING:prices")
        for company in (self.own, self.rival, *self.more):
            world.give_prices(now.lot, company)
        world.tick()
        now.report_hash = reading.to_sign(
            world.session, tenders.lot(world.session, now.lot))["report_hash"]
        self.keep("EVALUATING")
        for expert in panel:
            judging.sign_report(expert, now.lot, report_hash=now.report_hash)
        self.keep("EVALUATED:bare", full=False)
        lotteries.play(self)

    # --- AWARDING and after -------------------------------------------------------------------
    def _award(self) -> None:
        world, now = self.world, self.now
        judging.publish_candidates(world.clerk, now.lot)
        judging.form_committee(world.clerk, now.lot, members=now.awarders)
        self.keep("EVALUATED")
        self._objected("EVALUATED")
        world.advance(to=tenders.lot(world.session, now.lot).publicity_ends
                      + timedelta(seconds=1))
        now.choice = next(row.bid_id for row in reading.candidates(world.session, now.lot)
                          if row.party_id == self.own.party_id)
        self.keep("AWARDING")
        world.vote(SimpleNamespace(id=now.lot), self.awarders,
                   lambda open_ones: now.choice if now.choice in open_ones else min(open_ones))
        self.keep("AWARDING:voted")
        award = judging.confirm_award(world.clerk, now.lot)
        now.award_price = award.price_fen
        world.advance(days=1)
        self.keep("AWARDED")
        fallen.play(self)
        judging.register_contract(world.clerk, now.lot, amount_fen=now.award_price,
                                  signed_at=world.now, document_hash="a" * 64)
        self.keep("CONTRACTED")
        world.force_phase(now.lot, "ARCHIVED")
        self.keep("ARCHIVED")
        last = self.stations["ARCHIVED"]
        for station in self.stations.values():  # what only a later station taught, as a guess
            for name, value in vars(last).items():
                if not hasattr(station, name):
                    setattr(station, name, value)
            station.sheet_hash = station.sheet_hash or last.sheet_hash
