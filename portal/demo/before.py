"""The story up to the deadline: people, draft, publication, questions, securities, bids."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from bidding.wire import Problem
from tender.timetable import beijing_day, national_calendar, roll

from . import files, timekeeper
from .base import ENVELOPES, PRICES, SUITES, Scenes, Unexpected
from .bids import Desk, Official
from .cast import BANK, COMPANIES, COMPANY_USCC, NEWCOMER, REGION, TOWN
from .voice import BEIJING
from .web import Counter, Person

BIDDING_DAYS = 20
"""Longer than the profile asks (T2: 10 days), so that no long holiday can push it back."""
DEFAULT = {"policy": "default", "officials": 3, "needed": 2, "clocks": 1}
"""Lot 1: the tenderer, or the supervisor's clock with two of three officials."""
TITLE = "孝顺镇镇村道路修复工程"
LOTS = ("孝顺段道路修复", "低田村口涵洞", "古桥修缮")


class Before(Scenes):
    """Scenes one to seven."""

    def people(self) -> None:
        """Everybody signs up."""
        self.voice.scene("一、人员与权限", "1. People and permissions")
        self.cast.assemble(self.stage)
        self.guarantor = self.stage.guarantor(BANK.uscc)
        self.stage.command(
            "admin",
            "guarantor",
            "--unit",
            BANK.name,
            "--uscc",
            BANK.uscc,
            "--address",
            self.guarantor["url"],
            "--public-key",
            self.guarantor["public_key"],
            given=self.guarantor["platform"] + "\n",
        )
        self.voice.say(
            "运营者",
            "三员、招标人、监督、开标人员、专家、定标委员均已双人授权",
            "administrators, buyer, supervisor, officials, experts, committee granted by two",
        )

    def draft(self) -> None:
        """The clerk writes the tender."""
        self.voice.scene("二、编制招标文件", "2. The draft")
        clerk, now = self.cast.clerk, self.platform.now()
        day = roll(beijing_day(now + timedelta(days=BIDDING_DAYS)), national_calendar())
        self.deadline = datetime(day.year, day.month, day.day, 17, tzinfo=BEIJING)
        self.tender = clerk.post(
            "/tenders",
            {
                "title": TITLE,
                "description": "镇区主干道及村口涵洞修复，评定分离。",
                "region": REGION,
                "funding": "镇财政资金",
                "approval_no": "金东发改〔2026〕88号",
                "lots": [
                    self._lot(LOTS[0], SUITES[0], 392_000_000, 391_000_000, 7_600_000)
                    | {"access": DEFAULT},
                    self._lot(LOTS[1], SUITES[1], 7_000_000, 6_900_000, 130_000),
                    self._lot(LOTS[2], SUITES[2], 900_000, 890_000, None)
                    | {"two_envelopes": True},
                ],
            },
        )
        self.lots = [lot["id"] for lot in self.tender["lots"]]
        papers = self.stage.folder / "documents"
        papers.mkdir()
        for name, data, media, kind in (
            (
                "招标文件.pdf",
                files.bidding_document(TITLE, list(LOTS)),
                "application/pdf",
                "biddingDocuments",
            ),
            (
                "工程量清单.xlsx",
                files.workbook(TITLE, files.bill(self.items)),
                files.XLSX,
                "billOfQuantity",
            ),
        ):
            (papers / name).write_bytes(data)
            clerk.upload(
                f"/tenders/{self.tender['id']}/documents", data, media, name=name, kind=kind
            )
        bill = [
            {key: row[key] for key in ("code", "description", "unit", "quantity")}
            for row in files.bill(self.items)
        ]
        clerk.put(f"/lots/{self.lots[0]}/items", {"items": bill})
        clerk.put(f"/lots/{self.lots[1]}/items", {"items": bill[:20]})
        clerk.put(f"/lots/{self.lots[2]}/items", {"items": bill[:5]})
        self.voice.say(
            clerk.name,
            f"三个标段（第三标段双信封），{self.items:,} 行工程量清单，截止 {self.deadline:%m月%d日 %H:%M}",
            f"three lots (the third in two envelopes), a bill of {self.items:,} lines",
        )

    def _lot(self, title: str, suite: str, estimate: int, ceiling: int,
             guarantee: int | None) -> dict:
        return {
            "title": title,
            "suite": suite,
            "category": "works",
            "regime": "below",
            "estimate_fen": estimate,
            "price_ceiling_fen": ceiling,
            "deadline": self.deadline.isoformat(),
            "decrypt_minutes": 30,
            "period_days_max": 120,
            "quality": "合格",
            "validity_days": 60,
            "publicity_days": 3,
            **({"guarantee": {"amount_fen": guarantee}} if guarantee else {}),
            "criteria": {
                "factors": [
                    {
                        "code": "plan",
                        "title": "施工组织设计",
                        "max": "25",
                        "min": "0",
                        "step": "0.5",
                    },
                    {"code": "team", "title": "项目班子", "max": "15", "min": "0", "step": "0.5"},
                ]
            },
            "price_method": {
                "method": "trimmed-mean-drawn-coefficient",
                "full_score": "60",
                "drop_high": 1,
                "drop_low": 1,
                "drop_when_valid_count_gt": 3,
                "deduct_per_pct_above": "1",
                "coefficients": ["0.02", "0.025", "0.03", "0.035", "0.04", "0.045", "0.05"],
                "deduct_per_pct_below": "0.5",
                "score_floor": "0",
            },
            "award_method": {"method": "direct-vote", "committee_size": 5},
            "panel": {
                "size": 5,
                "substitutes": 3,
                "candidates": 3,
                "specialty": "市政",
                "commit_minutes": 30,
                "reveal_minutes": 30,
            },
        }

    def publish(self) -> None:
        """Officials get their keys certified; a second person approves what the first froze."""
        self.voice.scene("三、开标人员与发布", "3. Officials, and publication by two persons")
        for lot in self.lots:
            for person in self.cast.officials:
                self.cast.clerk.post(
                    f"/lots/{lot}/officials", {"account_id": person.ids["account"]}
                )
        self._timekeeper(self.lots[0])
        for person in self.cast.officials:
            official = Official(person, self.stage.folder / "officials", self.stage.pins())
            self.officials.append(official)
            for lot, suite in zip(self.lots, SUITES, strict=True):
                key = official.register(lot, suite)
                self.cast.supervisor.post(f"/holder-keys/{key}/certification")
        path = f"/tenders/{self.tender['id']}"
        notice = self.cast.clerk.post(f"{path}/notice")
        body = {"content_hash": notice["content_hash"]}
        self._refused(
            "持有者未演练开启密钥，不得发布",
            "holder-key.unrehearsed",
            lambda: self.cast.chief.post(f"{path}/notice/approval", body),
        )
        for official in self.officials:
            for lot, suite in zip(self.lots, SUITES, strict=True):
                official.rehearse(lot, suite)
            self.voice.say(official.person.name, "演练通过", "rehearses with the key, and passes")
        self._until("时钟服务演练通过", lambda: all(
            key["rehearsed_at"] for key in self.cast.supervisor.get(
                f"/lots/{self.lots[0]}/holder-keys")["items"]))
        self._refused(
            "送审人不得自行批准",
            "notice.same-person",
            lambda: self.cast.clerk.post(f"{path}/notice/approval", body),
        )
        self.cast.chief.post(f"{path}/notice/approval", body)
        self.tender = Person(self.platform).get(path)
        self.voice.say(
            self.cast.chief.name, "批准并发布公告", "approves, and so publishes, the notice"
        )

    def _timekeeper(self, lot: str) -> None:
        """The supervisor's clock holder: a service that gives its share by the record alone."""
        person = self.cast.timekeeper
        self.cast.clerk.post(f"/lots/{lot}/officials",
                             {"account_id": person.ids["account"], "kind": "clock"})
        self._next_code()
        key = timekeeper.begin(self.stage, person, lot, SUITES[0])
        self.cast.supervisor.post(f"/holder-keys/{key}/certification")
        self._next_code()
        timekeeper.run(self.stage)
        self.voice.say(person.name, "监督机构的时钟服务启动，只认公开记录",
                       "the supervisor's clock holder starts; it believes the record alone")

    def _next_code(self) -> None:
        """A one-time code counts once, and each program of the service signs in for itself."""
        self.stage.forward(self.platform.now() + timedelta(seconds=60))

    def questions(self) -> None:
        """A question, and its answer to all."""
        self.voice.scene("四、提问与答疑", "4. A question and its answer to all")
        for key in COMPANIES:
            if key != NEWCOMER:
                self.cast.register(key)
        asked = self.cast.companies["C"].post(
            f"/lots/{self.lots[0]}/questions",
            {"text": "K0+300 处雨水管径图纸与清单不一致，以何为准？"},
        )
        self.cast.clerk.post(
            f"/questions/{asked['id']}/answer", {"text": "以清单 DN400 为准，图纸随补充文件更正。"}
        )
        seen = Person(self.platform).get(f"/lots/{self.lots[0]}/questions")["items"]
        if len(seen) != 1 or any("party" in key or "asker" in key for key in seen[0]):
            raise Unexpected("a published question tells who asked")
        self.voice.say(
            self.cast.clerk.name,
            "公开答复，不显示提问人",
            "answers everybody; nobody learns who asked",
        )

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
        self.voice.say(
            "系统", "开标前任何人看不到保证金名单", "before the opening nobody sees who lodged"
        )

    def _lodge(self, number: int, key: str, cash: bool) -> None:
        lot = self.tender["lots"][number]
        now = self.platform.now()
        wish = {
            "applicant": COMPANY_USCC[key],
            "beneficiary": TOWN.uscc,
            "tender": self.tender["id"],
            "lot": lot["id"],
            "amount_fen": lot["guarantee"]["amount_fen"],
            "on": now.isoformat(),
        }
        if cash:
            wish |= {
                "account_name": COMPANIES[key],
                "account_number": f"6222{number}{ord(key)}",
                "received_on": now.astimezone(BEIJING).date().isoformat(),
            }
        else:
            until = self.deadline + timedelta(days=lot["validity_days"] + 30)
            wish |= {"valid_until": until.date().isoformat()}
        paper = Counter(self.guarantor["url"], self.guarantor["counter"]).issue(
            "/deposits" if cash else "/guarantees", wish
        )
        self.cast.companies[key].post(f"/lots/{lot['id']}/guarantees", paper)
        self.voice.say(
            COMPANIES[key],
            f"提交{'现金' if cash else '银行保函'}（标段{number + 1}）",
            f"lodges {'cash' if cash else 'a bank guarantee'} for lot {number + 1}",
        )

    def bids(self) -> None:
        """A to G bid; F replaces, G withdraws, H sends what is not sealed."""
        self.voice.scene("六、加密、递交、替换、撤回", "6. Seal, submit, replace, withdraw")
        for key in "ABCDEFGHJ":
            self.desks[key] = Desk(
                self.voice,
                self.cast.companies[key],
                key,
                self.stage.folder / "companies",
                self.megabytes,
            )
        first, second, third = self.lots
        for key in "ABCDEFG":
            self.desks[key].seal(first, PRICES[key], small=key == "G")
            self.desks[key].submit(first)
        self.desks["F"].seal(first, PRICES["F"], replace=True)
        self.desks["F"].submit(first)
        self.desks["G"].withdraw(first)
        self._forward(self.platform.now() + timedelta(days=5))
        mine = f"/lots/{first}/guarantees/mine"
        self._until("撤回者的保证金退还", lambda: all(
            one["release"] and one["release"]["confirmed_at"]
            for one in self.cast.companies["G"].get(mine)["items"]))
        self.voice.say("时钟", "撤回后五日内退还保证金", "its guarantee is released within five days")
        for key in "AB":
            self.desks[key].seal(second, 6_000_000 + ord(key) * 1_000, small=True)
            self.desks[key].submit(second)
        for key, price in ENVELOPES.items():
            self.desks[key].seal(third, price, small=True)
            self.desks[key].submit(third)
        self._refused(
            "未加密文件被拒收",
            "bid.not-sealed",
            lambda: self.desks["H"].send_unsealed(first),
            promise=True,
        )
        self.desks["E"].lose_key(first)

    def last_minute(self) -> None:
        """J's last byte comes after the deadline."""
        self.voice.scene("七、截止", "7. The deadline")
        desk = self.desks["J"]
        lot = self.lots[0]
        desk.seal(lot, PRICES["J"], small=True)
        # Minutes before: however slow the machine is, it has begun when the deadline comes.
        self.stage.forward(self.deadline - timedelta(minutes=5))
        desk.begin(lot)
        self.voice.say(COMPANIES["J"], "截止前开始传输", "begins before the deadline")
        self.stage.forward(self.deadline - timedelta(seconds=1))
        while self.platform.now() < self.deadline:
            time.sleep(0.2)
        self._refused(
            "最后一块在截止后到达，视为撤回", "bid.late", lambda: desk.finish(lot), promise=True
        )
        self._until(
            "三个标段均已截止",
            lambda: all(self._phase(lot) in ("CLOSED", "FAILED") for lot in self.lots),
        )

    def failure(self) -> None:
        """Lot 2 has two bids: never opened."""
        self._until("标段二流标", lambda: self._phase(self.lots[1]) == "FAILED")
        self.voice.say(
            "时钟",
            "标段二不足三家，流标，不开启任何文件",
            "lot 2 has two bids: failed, nothing opened",
        )
