"""The story after the deadline: opening, draw, scores, award, contract, releases."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from bidding.wire import Problem
from evaluation.draw import PLATFORM
from kernel.canonical import b64, sha256

from . import files
from .base import PRICES, SUITES, Scenes, Unexpected
from .cast import COMPANIES
from .web import Counter, Person


class After(Scenes):
    """Scenes eight to fourteen."""

    def opening(self) -> None:
        """Companies and officials give their shares; all is decrypted at once."""
        self.voice.scene("八、开标", "8. The opening")
        lot = self.lots[0]
        first, second, third = self.officials
        self._refused(
            "授权之前不得交出份额", "phase.wrong", lambda: self.desks["A"].give_share(lot)
        )
        first.person.post(f"/lots/{lot}/opening", {"reason": "到达公告的开标时间"})
        for key in "ABCDF":
            self.desks[key].give_share(lot)
            self.voice.say(COMPANIES[key], "解密", "gives its key")
        for official in (first, second):
            self._until("证人见证授权", lambda one=official: one.may_open(lot, SUITES[0]))
            count = official.release(lot, SUITES[0])
            self.voice.say(
                official.person.name,
                f"核对根与路径后交出 {count} 个份额",
                f"checks roots and paths, gives {count} shares",
            )
        self._until("开标完成", lambda: self._phase(lot) == "OPENED", seconds=180)
        record = Person(self.platform).get(f"/lots/{lot}/opening-record")
        for official in (first, second, third):
            official.person.post(
                f"/lots/{lot}/opening-record/signatures", {"record_hash": record["record_hash"]}
            )
        opened = [one for one in record["record"]["bids"] if one["verdict"] == "opened"]
        if len(opened) != 6:
            raise Unexpected(f"{len(opened)} bids were opened, six should be")
        self.record = record
        self.voice.say(
            "系统",
            "六家投标文件全部开启，开标记录公布并签署",
            "six bids opened; the record is public and signed",
        )

    def panel(self) -> None:
        """One draw yields panel, substitutes and coefficient."""
        self.voice.scene("九、抽取评标委员会与系数", "9. The draw")
        lot = self.lots[0]
        draws = [self.cast.clerk.post(f"/lots/{one}/draws", {})
                 for one in (lot, self.lots[2], self.village_lot)]
        draw = draws[0]
        contributors = [
            self.cast.clerk,
            self.cast.supervisor,
            self.cast.companies["A"],
            self.cast.companies["D"],
        ]
        nonces = {person.login: secrets.token_bytes(32) for person in contributors}
        for person in contributors:
            person.post(
                f"/draws/{draw['id']}/commitments",
                {"commitment": sha256(nonces[person.login]).hex()},
            )
        self._forward(datetime.fromisoformat(draws[-1]["commit_by"]) + timedelta(seconds=1))
        for person in contributors[:3]:
            person.post(f"/draws/{draw['id']}/reveals", {"nonce": b64(nonces[person.login])})
        self._until("平台揭示", lambda: all(self._platform_revealed(one["id"]) for one in draws))
        self._forward(datetime.fromisoformat(draws[-1]["reveal_by"]) + timedelta(seconds=1))
        self._until("抽取完成", lambda: all(
            self._phase(one) == "EVALUATING" for one in (lot, self.lots[2], self.village_lot)), seconds=120)
        self.voice.say(
            "系统",
            "抽出五名专家、三名候补与下浮系数；未揭示者被点名剔除",
            "five experts, three substitutes and the coefficient are drawn; who did "
            "not reveal is named",
        )
        self._declare(lot)

    def _platform_revealed(self, draw_id: str) -> bool:
        """Without it the draw is void: days pass in a moment here, the clock needs a tick."""
        parts = self.cast.clerk.get(f"/draws/{draw_id}")["contributions"]
        return any(one["contributor"] == PLATFORM and one["revealed"] for one in parts)

    def _declare(self, lot: str) -> None:
        """The first expert asked declares a conflict; the others and the substitute accept."""
        person = self._asked(lot)
        person.post(
            f"/lots/{lot}/panel/declarations",
            {"accept": False, "reason": "近三年与投标人有劳动关系"},
        )
        self.voice.say(
            person.name, "申明回避，由候补递补", "declares a conflict; a substitute follows"
        )
        for one in (lot, self.lots[2], self.village_lot):
            while person := self._asked(one):
                person.post(f"/lots/{one}/panel/declarations", {"accept": True})

    def _asked(self, lot: str) -> Person | None:
        return next((one for one in self.cast.experts if self._seat(one, lot) == "asked"), None)

    def _seat(self, person: Person, lot: str) -> str:
        """`asked`, `sits` or `none`, as far as the person itself can tell."""
        try:
            number = person.get(f"/lots/{lot}/score-sheets/mine")["seat"]
        except Problem as problem:
            if problem.status in (403, 404):
                return "none"
            raise
        members = person.get(f"/lots/{lot}/panel", reason="核对本人席位")["members"]
        own = next(one for one in members if one["seat"] == number)
        return "sits" if own["accepted"] else "asked"

    def scores(self) -> None:
        """Each scores alone, signs; prices are scored; the report is signed and concluded."""
        self.voice.scene("十、评审", "10. Scores and report")
        lot = self.lots[0]
        self._sheets(self.lots[2])
        for one, judges in ((lot, self._sheets(lot)),
                            (self.village_lot, self._sheets(self.village_lot, 3))):
            path = f"/lots/{one}/evaluation-report/signatures"
            for person in judges:
                person.post(path, {"report_hash": person.get(path)["report_hash"]})
        self._until("评标报告完成", lambda: all(
            self._phase(one) == "EVALUATED" for one in (lot, self.village_lot)))
        report = self.cast.clerk.get(f"/lots/{lot}/evaluation-report")
        self.summary["evaluation_report"] = report["report"]
        self.voice.say(
            "评标委员会", "推荐三名不排序的中标候选人", "recommends three candidates, unranked"
        )

    def _sheets(self, lot: str, size: int = 5) -> list[Person]:
        """Each expert of a lot scores and signs; who they are."""
        judges = [person for person in self.cast.experts if self._seat(person, lot) == "sits"]
        if len(judges) != size:
            raise Unexpected(f"{len(judges)} experts sit, {size} should")
        for number, person in enumerate(judges):
            sheet = person.get(f"/lots/{lot}/score-sheets/mine")
            marks = {
                bid["bid_id"]: {
                    "plan": f"{18 + (place + number) % 6}.5",
                    "team": f"{10 + place % 5}",
                }
                for place, bid in enumerate(sheet["bids"])
            }
            saved = person.put(
                f"/lots/{lot}/score-sheets/mine",
                {"scores": marks},
                **{"If-Match": f'"{sheet["version"]}"'},
            )
            person.post(
                f"/lots/{lot}/score-sheets/mine/signature", {"sheet_hash": saved["sheet_hash"]}
            )
            self.voice.say(person.name, "独立打分并签署", "scores alone and signs")
        return judges

    def candidates(self) -> None:
        """Three days of publicity; meanwhile the award committee is formed."""
        self.voice.scene("十一、公示与定标委员会", "11. Publicity and the award committee")
        lot = self.lots[0]
        result = self.cast.clerk.post(f"/lots/{lot}/candidates", {})
        members = [person.ids["account"] for person in self.cast.committee]
        self.cast.clerk.post(f"/lots/{lot}/award-committee", {"members": members})
        self.cast.clerk.post(f"/lots/{self.village_lot}/candidates", {})
        self.cast.clerk.post(f"/lots/{self.village_lot}/award-committee",
                             {"members": members[:3]})
        self._refused(
            "公示期内不得投票",
            "phase.wrong",
            lambda: self.cast.committee[0].post(
                f"/lots/{lot}/ballots", {"ballot": 1, "choice": result["candidates"][0]["bid_id"]}
            ),
        )
        self._forward(datetime.fromisoformat(result["publicity_ends"]) + timedelta(hours=9))
        self._until("公示期满", lambda: all(
            self._phase(one) == "AWARDING" for one in (lot, self.village_lot)))

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
                person.post(
                    f"/lots/{lot}/ballots", {"ballot": page["open"], "choice": choices[number]}
                )
            self.voice.say("定标委员会", f"第 {rounds} 轮投票", f"ballot {rounds}")
        award = self.cast.clerk.post(f"/lots/{lot}/award", {})
        self.winner = next(
            key
            for key, person in self.cast.companies.items()
            if person.ids["party"] == award["party_id"]
        )
        self.summary["award"] = award | {"company": COMPANIES[self.winner], "ballots": rounds}
        self.voice.say(
            self.cast.clerk.name, f"确定中标人：{COMPANIES[self.winner]}", "confirms the winner"
        )
        self._refused(
            "不得再次定标",
            "phase.wrong",
            lambda: self.cast.clerk.post(f"/lots/{lot}/award", {}),
        )

    def _village_award(self) -> None:
        """The village's committee of three agrees at once; the contract is registered."""
        lot, clerk = self.village_lot, self.cast.clerk
        page = self.cast.committee[0].get(f"/lots/{lot}/ballots")
        for person in self.cast.committee[:3]:
            person.post(f"/lots/{lot}/ballots",
                        {"ballot": page["open"], "choice": min(page["choices"])})
        award = clerk.post(f"/lots/{lot}/award", {})
        clerk.post(f"/lots/{lot}/contract", {
            "amount_fen": award["price_fen"], "signed_at": self.platform.now().isoformat(),
            "document_hash": sha256(b"village contract").hex()})
        self.voice.say(clerk.name, "村级工程定标并登记合同",
                       "the village's work is awarded and its contract registered")

    def contract(self) -> None:
        """The contract is signed on paper of both, and registered."""
        self.voice.scene("十三、合同", "13. The contract")
        paper = files.document("施工合同", [("合同价", [f"{PRICES[self.winner] // 100} 元"])])
        (self.stage.folder / "documents" / "合同.pdf").write_bytes(paper)
        now = self.platform.now()
        made = self.cast.clerk.post(
            f"/lots/{self.lots[0]}/contract",
            {
                "amount_fen": PRICES[self.winner],
                "signed_at": now.isoformat(),
                "document_hash": sha256(paper).hex(),
            },
        )
        self.summary["contract"] = made
        self._village_award()
        self.voice.say(self.cast.clerk.name, "登记合同", "registers the contract")

    def releases(self) -> None:
        """The clock releases every security, each exactly once."""
        self.voice.scene("十四、退还保证金", "14. Every guarantee is released")
        self._forward(self.platform.now() + timedelta(days=5))
        self._until(
            "全部退还",
            lambda: all(
                one["release"] and one["release"]["confirmed_at"] for one in self._all_securities()
            ),
            seconds=180,
        )
        released = self._all_securities()
        ledger = Counter(self.guarantor["url"], self.guarantor["platform"]).ledger()
        paid = [line for line in ledger if line["paid_fen"] is not None]
        if len(paid) != len(released) or len(ledger) != len(released):
            raise Unexpected(
                f"the guarantor paid {len(paid)} of {len(ledger)}, we released {len(released)}"
            )
        self.summary["releases"] = [
            {
                "tenderer": one["tenderer"]["name"],
                "kind": one["kind"],
                "cause": one["release"]["cause"],
                "principal_fen": one["release"]["principal_fen"],
                "interest_fen": one["release"]["interest_fen"],
                "confirmed_at": one["release"]["confirmed_at"],
            }
            for one in released
        ]
        self.voice.say(
            "时钟",
            f"{len(released)} 笔保证金各退还一次",
            f"{len(released)} guarantees, each released once",
        )
