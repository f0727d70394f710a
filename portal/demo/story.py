"""The story: a township's road repair in two lots, from draft to released guarantee.

Each step is an HTTP request of the person whose step it is. What must be refused is tried
too, and a story in which it is not refused stops.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from kernel.canonical import b64, sha256

from . import files
from .bids import Desk, Official
from .cast import BANK, COMPANIES, COMPANY_USCC, REGION, TOWN, Cast
from .stage import Stage
from .voice import BEIJING, Voice
from bidding.wire import Problem

from .web import Counter, Person, Platform

PRICES = {"A": 385_120_000, "B": 379_250_050, "C": 381_500_000, "D": 362_088_000,
          "E": 390_566_660, "F": 377_800_000, "G": 382_000_000, "J": 380_000_000}
"""Fen; A to F are the valid bids of the worked example of the price method."""

BIDDERS_FREE_DAYS = 12
TITLE = "孝顺镇镇村道路修复工程"
LOTS = ("孝顺段道路修复", "低田村口涵洞")


class Unexpected(RuntimeError):
    """Something happened that the story does not allow."""


class Story:
    """One playing of the story; `summary` collects what it must leave behind."""

    def __init__(self, stage: Stage, megabytes: int, items: int = 2000):
        self.stage = stage
        self.platform = Platform(stage.address)
        self.voice = Voice(self.platform.now)
        self.cast = Cast(self.platform, self.voice)
        self.megabytes, self.items = megabytes, items
        self.desks: dict[str, Desk] = {}
        self.officials: list[Official] = []
        self.guarantor: dict[str, str] = {}
        self.tender: dict = {}
        self.summary: dict[str, object] = {}

    def play(self) -> None:
        """All of it, in order."""
        for scene in (self.people, self.draft, self.publish, self.questions, self.securities,
                      self.bids, self.last_minute, self.failure, self.opening, self.panel,
                      self.scores, self.candidates, self.award, self.contract, self.releases):
            scene()

    # --- before the deadline ------------------------------------------------------------------
    def people(self) -> None:
        """Everybody signs up."""
        self.voice.scene("一、人员与权限", "1. People and permissions")
        self.cast.assemble(self.stage)
        self.guarantor = self.stage.guarantor(BANK.uscc)
        self.stage.command("admin", "guarantor", "--unit", BANK.name, "--uscc", BANK.uscc,
                           "--address", self.guarantor["url"], "--public-key",
                           self.guarantor["public_key"], given=self.guarantor["platform"] + "\n")
        self.voice.say("运营者", "三员、招标人、监督、开标人员、专家、定标委员均已双人授权",
                       "administrators, buyer, supervisor, officials, experts, committee granted "
                       "by two")

    def draft(self) -> None:
        """The clerk writes the tender."""
        self.voice.scene("二、编制招标文件", "2. The draft")
        clerk, now = self.cast.clerk, self.platform.now()
        day = (now + timedelta(days=BIDDERS_FREE_DAYS)).astimezone(BEIJING)
        self.deadline = day.replace(hour=17, minute=0, second=0, microsecond=0)
        self.tender = clerk.post("/tenders", {
            "title": TITLE, "description": "镇区主干道及村口涵洞修复，评定分离。", "region": REGION,
            "funding": "镇财政资金", "approval_no": "金东发改〔2026〕88号",
            "lots": [self._lot(LOTS[0], 392_000_000, 391_000_000, 7_600_000),
                     self._lot(LOTS[1], 7_000_000, 6_900_000, 130_000)]})
        self.lots = [lot["id"] for lot in self.tender["lots"]]
        papers = self.stage.folder / "documents"
        papers.mkdir()
        for name, data, media, kind in (
                ("招标文件.pdf", files.bidding_document(TITLE, list(LOTS)), "application/pdf",
                 "biddingDocuments"),
                ("工程量清单.xlsx", files.workbook(TITLE, files.bill(self.items)), files.XLSX,
                 "billOfQuantity")):
            (papers / name).write_bytes(data)
            clerk.upload(f"/tenders/{self.tender['id']}/documents", data, media, name=name,
                         kind=kind)
        bill = [{key: row[key] for key in ("code", "description", "unit", "quantity")}
                for row in files.bill(self.items)]
        clerk.put(f"/lots/{self.lots[0]}/items", {"items": bill})
        clerk.put(f"/lots/{self.lots[1]}/items", {"items": bill[:20]})
        self.voice.say(clerk.name, f"两个标段，{self.items:,} 行工程量清单，截止 {self.deadline:%m月%d日 %H:%M}",
                       f"two lots, a bill of {self.items:,} lines")

    def _lot(self, title: str, estimate: int, ceiling: int, guarantee: int) -> dict:
        return {
            "title": title, "category": "works", "regime": "below", "estimate_fen": estimate,
            "price_ceiling_fen": ceiling, "deadline": self.deadline.isoformat(),
            "decrypt_minutes": 30, "period_days_max": 120, "quality": "合格", "validity_days": 60,
            "publicity_days": 3, "guarantee": {"amount_fen": guarantee},
            "criteria": {"factors": [
                {"code": "plan", "title": "施工组织设计", "max": "25", "min": "0", "step": "0.5"},
                {"code": "team", "title": "项目班子", "max": "15", "min": "0", "step": "0.5"}]},
            "price_method": {
                "method": "trimmed-mean-drawn-coefficient", "full_score": "60", "drop_high": 1,
                "drop_low": 1, "drop_when_valid_count_gt": 3, "deduct_per_pct_above": "1",
                "coefficients": ["0.02", "0.025", "0.03", "0.035", "0.04", "0.045", "0.05"],
                "deduct_per_pct_below": "0.5", "score_floor": "0"},
            "award_method": {"method": "direct-vote", "committee_size": 5},
            "panel": {"size": 5, "substitutes": 3, "candidates": 3, "specialty": "市政",
                      "commit_minutes": 30, "reveal_minutes": 30}}

    def publish(self) -> None:
        """Officials get their keys certified; a second person approves what the first froze."""
        self.voice.scene("三、开标人员与发布", "3. Officials, and publication by two persons")
        for lot in self.lots:
            for person in self.cast.officials:
                self.cast.clerk.post(f"/lots/{lot}/officials", {"account_id": person.ids["account"]})
        for person in self.cast.officials:
            official = Official(person, self.stage.folder / "officials")
            self.officials.append(official)
            for lot in self.lots:
                key = official.register(lot)
                self.cast.supervisor.post(f"/holder-keys/{key}/certification")
        path = f"/tenders/{self.tender['id']}"
        notice = self.cast.clerk.post(f"{path}/notice")
        body = {"content_hash": notice["content_hash"]}
        self._refused("送审人不得自行批准", "access.denied notice.same-person people.same-person",
                      lambda: self.cast.clerk.post(f"{path}/notice/approval", body))
        self.cast.chief.post(f"{path}/notice/approval", body)
        self.tender = Person(self.platform).get(path)
        self.voice.say(self.cast.chief.name, "批准并发布公告", "approves, and so publishes, the notice")

    def questions(self) -> None:
        """A question, and its answer to all."""
        self.voice.scene("四、提问与答疑", "4. A question and its answer to all")
        for key in COMPANIES:
            self.cast.register(key)
        asked = self.cast.companies["C"].post(f"/lots/{self.lots[0]}/questions", {
            "text": "K0+300 处雨水管径图纸与清单不一致，以何为准？"})
        self.cast.clerk.post(f"/questions/{asked['id']}/answer",
                             {"text": "以清单 DN400 为准，图纸随补充文件更正。"})
        seen = Person(self.platform).get(f"/lots/{self.lots[0]}/questions")["items"]
        if len(seen) != 1 or any("party" in key or "asker" in key for key in seen[0]):
            raise Unexpected("a published question tells who asked")
        self.voice.say(self.cast.clerk.name, "公开答复，不显示提问人", "answers everybody; nobody learns who asked")

    def securities(self) -> None:
        """Bank guarantees, and cash from company B."""
        self.voice.scene("五、投标保证金", "5. Bid guarantees")
        lodged = [(0, key) for key in "ABCDEFGJ"] + [(1, key) for key in "AB"]
        for number, key in lodged:
            self._lodge(number, key, cash=(key == "B"))
        try:
            self.cast.clerk.get(f"/lots/{self.lots[0]}/guarantees")
            raise Unexpected("the buyer sees guarantees before the opening")
        except Problem as answer:
            if answer.status not in (403, 404, 409):
                raise
        self.voice.say("系统", "开标前任何人看不到保证金名单", "before the opening nobody sees who lodged")

    def _lodge(self, number: int, key: str, cash: bool) -> None:
        lot = self.tender["lots"][number]
        now = self.platform.now()
        wish = {"applicant": COMPANY_USCC[key], "beneficiary": TOWN.uscc,
                "tender": self.tender["id"], "lot": lot["id"],
                "amount_fen": lot["guarantee"]["amount_fen"], "on": now.isoformat()}
        if cash:
            wish |= {"account_name": COMPANIES[key], "account_number": f"6222{number}{ord(key)}",
                     "received_on": now.astimezone(BEIJING).date().isoformat()}
        else:
            until = self.deadline + timedelta(days=lot["validity_days"] + 30)
            wish |= {"valid_until": until.date().isoformat()}
        paper = Counter(self.guarantor["url"], self.guarantor["counter"]).issue(
            "/deposits" if cash else "/guarantees", wish)
        self.cast.companies[key].post(f"/lots/{lot['id']}/guarantees", paper)
        self.voice.say(COMPANIES[key], f"提交{'现金' if cash else '银行保函'}（标段{number + 1}）",
                       f"lodges {'cash' if cash else 'a bank guarantee'} for lot {number + 1}")

    def bids(self) -> None:
        """A to G bid; F replaces, G withdraws, H sends what is not sealed."""
        self.voice.scene("六、加密、递交、替换、撤回", "6. Seal, submit, replace, withdraw")
        for key in "ABCDEFGHJ":
            self.desks[key] = Desk(self.voice, self.cast.companies[key], key,
                                   self.stage.folder / "companies", self.megabytes)
        first, second = self.lots
        for key in "ABCDEFG":
            self.desks[key].seal(first, PRICES[key], small=key == "G")
            self.desks[key].submit(first)
        self.desks["F"].seal(first, PRICES["F"], replace=True)
        self.desks["F"].submit(first)
        self.desks["G"].withdraw(first)
        for key in "AB":
            self.desks[key].seal(second, 6_000_000 + ord(key) * 1_000, small=True)
            self.desks[key].submit(second)
        self._refused("未加密文件被拒收", "bid.not-sealed",
                      lambda: self.desks["H"].send_unsealed(first), promise=True)
        self.desks["E"].lose_key(first)

    def last_minute(self) -> None:
        """J's last byte comes after the deadline."""
        self.voice.scene("七、截止", "7. The deadline")
        desk = self.desks["J"]
        lot = self.lots[0]
        desk.seal(lot, PRICES["J"], small=True)
        self.stage.forward(self.deadline - timedelta(seconds=8))
        desk.begin(lot)
        self.voice.say(COMPANIES["J"], "截止前开始传输", "begins before the deadline")
        while self.platform.now() < self.deadline:
            time.sleep(0.2)
        self._refused("最后一块在截止后到达，视为撤回", "bid.late", lambda: desk.finish(lot), promise=True)
        self._until("两个标段均已截止", lambda: all(
            self._phase(lot) in ("CLOSED", "FAILED") for lot in self.lots))

    def failure(self) -> None:
        """Lot 2 has two bids: never opened."""
        self._until("标段二流标", lambda: self._phase(self.lots[1]) == "FAILED")
        self.voice.say("时钟", "标段二不足三家，流标，不开启任何文件", "lot 2 has two bids: failed, nothing opened")

    # --- after the deadline -------------------------------------------------------------------
    def opening(self) -> None:
        """Companies and officials give their shares; all is decrypted at once."""
        self.voice.scene("八、开标", "8. The opening")
        lot = self.lots[0]
        first, second, third = self.officials
        self._refused("授权之前不得交出份额", "phase.wrong",
                      lambda: self.desks["A"].give_share(lot))
        first.person.post(f"/lots/{lot}/opening", {"reason": "到达公告的开标时间"})
        for key in "ABCDF":
            self.desks[key].give_share(lot)
            self.voice.say(COMPANIES[key], "解密", "gives its key")
        for official in (first, second):
            count = official.release(lot, *self._public_roots(lot))
            self.voice.say(official.person.name, f"核对根与路径后交出 {count} 个份额",
                           f"checks roots and paths, gives {count} shares")
        self._until("开标完成", lambda: self._phase(lot) == "OPENED", seconds=180)
        record = Person(self.platform).get(f"/lots/{lot}/opening-record")
        for official in (first, second, third):
            official.person.post(f"/lots/{lot}/opening-record/signatures",
                                 {"record_hash": record["record_hash"]})
        opened = [one for one in record["record"]["bids"] if one["verdict"] == "opened"]
        if len(opened) != 6:
            raise Unexpected(f"{len(opened)} bids were opened, six should be")
        self.record = record
        self.voice.say("系统", "六家投标文件全部开启，开标记录公布并签署", "six bids opened; the record is public and signed")

    def _public_roots(self, lot: str) -> tuple[str, dict[str, str]]:
        """Closing root and authorised roots, as the record says them; the supervisor reads it."""
        self._until("记录含授权", lambda: "opening.authorised" in self._entries(lot))
        entries = self._entries(lot)
        facts = entries["opening.authorised"]["facts"]
        return (entries["lot.closed"]["facts"]["root"],
                {part["part"]: part["root"] for part in facts["parts"]})

    def _entries(self, lot: str) -> dict[str, dict]:
        page = self.cast.supervisor.get(f"/lots/{lot}/record", limit=200)
        return {one["record"]["type"]: one["record"] for one in page["items"]}

    def panel(self) -> None:
        """One draw yields panel, substitutes and coefficient."""
        self.voice.scene("九、抽取评标委员会与系数", "9. The draw")
        lot = self.lots[0]
        draw = self.cast.clerk.post(f"/lots/{lot}/draws", {})
        contributors = [self.cast.clerk, self.cast.supervisor, self.cast.companies["A"],
                        self.cast.companies["D"]]
        nonces = {person.login: secrets.token_bytes(32) for person in contributors}
        for person in contributors:
            person.post(f"/draws/{draw['id']}/commitments",
                        {"commitment": sha256(nonces[person.login]).hex()})
        self._forward(datetime.fromisoformat(draw["commit_by"]) + timedelta(seconds=1))
        for person in contributors[:3]:
            person.post(f"/draws/{draw['id']}/reveals", {"nonce": b64(nonces[person.login])})
        self._forward(datetime.fromisoformat(draw["reveal_by"]) + timedelta(seconds=1))
        self._until("抽取完成", lambda: self._phase(lot) == "EVALUATING", seconds=120)
        self.voice.say("系统", "抽出五名专家、三名候补与下浮系数；未揭示者被点名剔除",
                       "five experts, three substitutes and the coefficient are drawn; who did "
                       "not reveal is named")
        declined = False
        pending = True
        while pending:
            pending = False
            for person in self.cast.experts:
                state = self._seat(person, lot)
                if state != "asked":
                    continue
                pending = True
                accept = declined
                person.post(f"/lots/{lot}/panel/declarations", {"accept": True} if accept else
                            {"accept": False, "reason": "近三年与投标人有劳动关系"})
                if not accept:
                    self.voice.say(person.name, "申明回避，由候补递补", "declares a conflict; a substitute follows")
                    declined = True
                break

    def _seat(self, person: Person, lot: str) -> str:
        """`asked`, `sits` or `none`, as far as the person itself can tell."""
        try:
            number = person.get(f"/lots/{lot}/score-sheets/mine")["seat"]
        except Problem as problem:
            if problem.status in (403, 404):
                return "none"
            raise
        members = person.get(f"/lots/{lot}/panel")["members"]
        own = next(one for one in members if one["seat"] == number)
        return "sits" if own["accepted"] else "asked"

    def scores(self) -> None:
        """Each scores alone, signs; prices are scored; the report is signed and concluded."""
        self.voice.scene("十、评审", "10. Scores and report")
        lot = self.lots[0]
        judges = [person for person in self.cast.experts if self._seat(person, lot) == "sits"]
        if len(judges) != 5:
            raise Unexpected(f"{len(judges)} experts sit, five should")
        for number, person in enumerate(judges):
            sheet = person.get(f"/lots/{lot}/score-sheets/mine")
            marks = {bid["bid_id"]: {"plan": f"{18 + (place + number) % 6}.5", "team": f"{10 + place % 5}"}
                     for place, bid in enumerate(sheet["bids"])}
            saved = person.put(f"/lots/{lot}/score-sheets/mine", {"scores": marks},
                               **{"If-Match": f'"{sheet["version"]}"'})
            person.post(f"/lots/{lot}/score-sheets/mine/signature",
                        {"sheet_hash": saved["sheet_hash"]})
            self.voice.say(person.name, "独立打分并签署", "scores alone and signs")
        for person in judges:
            draft = person.get(f"/lots/{lot}/evaluation-report/signatures")
            person.post(f"/lots/{lot}/evaluation-report/signatures",
                        {"report_hash": draft["report_hash"]})
        self._until("评标报告完成", lambda: self._phase(lot) == "EVALUATED")
        report = self.cast.clerk.get(f"/lots/{lot}/evaluation-report")
        self.summary["evaluation_report"] = report["report"]
        self.voice.say("评标委员会", "推荐三名不排序的中标候选人", "recommends three candidates, unranked")

    def candidates(self) -> None:
        """Three days of publicity; meanwhile the award committee is formed."""
        self.voice.scene("十一、公示与定标委员会", "11. Publicity and the award committee")
        lot = self.lots[0]
        result = self.cast.clerk.post(f"/lots/{lot}/candidates", {})
        members = [person.ids["account"] for person in self.cast.committee]
        self.cast.clerk.post(f"/lots/{lot}/award-committee", {"members": members})
        self._refused("公示期内不得投票", "phase.wrong", lambda: self.cast.committee[0].post(
            f"/lots/{lot}/ballots", {"ballot": 1, "choice": result["candidates"][0]["bid_id"]}))
        self._forward(datetime.fromisoformat(result["publicity_ends"]) + timedelta(hours=9))
        self._until("公示期满", lambda: self._phase(lot) == "AWARDING")

    def award(self) -> None:
        """Two ballots: nobody has a majority at first."""
        self.voice.scene("十二、定标", "12. The award")
        lot = self.lots[0]
        rounds = 0
        while True:
            page = self.cast.committee[0].get(f"/lots/{lot}/ballots")
            if page.get("result"):
                break
            rounds += 1
            choices = sorted(page["choices"])
            wish = [0, 0, 1, 1, 2] if len(choices) == 3 else [0, 0, 0, 1, 1]
            for person, number in zip(self.cast.committee, wish, strict=True):
                person.post(f"/lots/{lot}/ballots",
                            {"ballot": page["open"], "choice": choices[number]})
            self.voice.say("定标委员会", f"第 {rounds} 轮投票", f"ballot {rounds}")
        award = self.cast.clerk.post(f"/lots/{lot}/award", {})
        self._refused("不得再次定标", "award.decided lot.decided phase.wrong state.conflict",
                      lambda: self.cast.clerk.post(f"/lots/{lot}/award", {}))
        self.winner = next(key for key, person in self.cast.companies.items()
                           if person.ids["party"] == award["party_id"])
        self.summary["award"] = award | {"company": COMPANIES[self.winner], "ballots": rounds}
        self.voice.say(self.cast.clerk.name, f"确定中标人：{COMPANIES[self.winner]}", "confirms the winner")

    def contract(self) -> None:
        """The contract is signed on paper of both, and registered."""
        self.voice.scene("十三、合同", "13. The contract")
        paper = files.document("施工合同", [("合同价", [f"{PRICES[self.winner] // 100} 元"])])
        (self.stage.folder / "documents" / "合同.pdf").write_bytes(paper)
        now = self.platform.now()
        made = self.cast.clerk.post(f"/lots/{self.lots[0]}/contract", {
            "amount_fen": PRICES[self.winner], "signed_at": now.isoformat(),
            "document_hash": sha256(paper).hex()})
        self.summary["contract"] = made
        self.voice.say(self.cast.clerk.name, "登记合同", "registers the contract")

    def releases(self) -> None:
        """The clock releases every security, each exactly once."""
        self.voice.scene("十四、退还保证金", "14. Every guarantee is released")
        self._forward(self.platform.now() + timedelta(days=5))
        self._until("全部退还", lambda: all(
            one["release"] and one["release"]["confirmed_at"] for one in self._all_securities()),
            seconds=180)
        released = self._all_securities()
        ledger = Counter(self.guarantor["url"], self.guarantor["platform"]).ledger()
        paid = [line for line in ledger if line["paid_fen"] is not None]
        if len(paid) != len(released) or len(ledger) != len(released):
            raise Unexpected(f"the guarantor paid {len(paid)} of {len(ledger)}, "
                             f"we released {len(released)}")
        self.summary["releases"] = [
            {"tenderer": one["tenderer"]["name"], "kind": one["kind"],
             "cause": one["release"]["cause"], "principal_fen": one["release"]["principal_fen"],
             "interest_fen": one["release"]["interest_fen"],
             "confirmed_at": one["release"]["confirmed_at"]} for one in released]
        self.voice.say("时钟", f"{len(released)} 笔保证金各退还一次", f"{len(released)} securities, each released once")

    # --- tools --------------------------------------------------------------------------------
    def _all_securities(self) -> list[dict]:
        found = []
        for person in self.cast.companies.values():
            for lot in self.lots:
                found += person.get(f"/lots/{lot}/guarantees/mine")["items"]
        return found

    def _phase(self, lot: str) -> str:
        return Person(self.platform).get(f"/lots/{lot}")["phase"]

    def _forward(self, to: datetime) -> None:
        before = self.platform.now()
        self.stage.forward(to)
        self.voice.say("演示", f"时间前进 {(to - before).total_seconds() / 3600:.1f} 小时", "time moves forward")

    def _until(self, what: str, done: Callable[[], bool], seconds: float = 60) -> None:
        limit = time.monotonic() + seconds
        while not done():
            if time.monotonic() > limit:
                raise Unexpected(f"{what} did not happen within {seconds} seconds")
            time.sleep(0.2)

    def _refused(self, zh: str, codes: str, attempt: Callable[[], object], *,
                 promise: bool = False) -> None:
        try:
            attempt()
        except Problem as answer:
            if answer.code not in codes.split():
                raise
            if promise and not answer.facts.get("promise"):
                raise Unexpected(f"{answer.code} came without a promise") from answer
            self.voice.say("系统", f"{zh}（{answer.document['law']}）", f"refused: {answer.code}")
            return
        raise Unexpected(f"{codes} was not refused")

