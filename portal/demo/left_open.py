"""What is left for whoever tries the site: a tender still open for bids, and the log-ins.

Played when the story has ended: the clerk publishes one more tender, which waits for bids; a
draft waits for its second approver; and the log-ins of everybody lie in the demonstration's own
folder, from which the page `/try` reads them (portal/trying.py).
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from tender.timetable import beijing_day, national_calendar, roll

from . import files
from .base import SUITES, Scenes
from .cast import NEWCOMER, REGION
from .voice import BEIJING

OPEN_TITLE = "镇中心小学围墙与排水改造工程"
DRAFT_TITLE = "下潘村文化礼堂屋面维修工程"
WAITING_TITLE = "溪口桥人行道护栏更换工程"
OPEN_DAYS = 12


class LeftOpen(Scenes):
    """The scene after the last."""

    def left_open(self) -> None:
        """One tender open for bids, one that waits for its second person, one draft."""
        self.voice.scene("尾声、留给您试", "Epilogue: left for you to try")
        now = self.platform.now()
        day = roll(beijing_day(now + timedelta(days=OPEN_DAYS)), national_calendar())
        self.deadline = datetime(day.year, day.month, day.day, 17, tzinfo=BEIJING)
        tender = self._sent(OPEN_TITLE, 1_860_000_00, 1_850_000_00)
        lot = tender["lots"][0]["id"]
        self.cast.chief.post(f"/tenders/{tender['id']}/notice/approval",
                             {"content_hash": self._hash})
        self._sent(WAITING_TITLE, 640_000_00, 638_000_00)
        draft = self._written(DRAFT_TITLE, 360_000_00, 358_000_00)
        self.summary |= {"open_lot": lot, "open_tender": tender["id"], "draft": draft["id"]}
        self.cast.register(NEWCOMER)
        self._log_ins(lot, draft["id"])
        self.voice.say(self.cast.chief.name, f"《{OPEN_TITLE}》正在接受投标",
                       "one more tender is open for bids")

    def _sent(self, title: str, estimate: int, ceiling: int) -> dict:
        """A tender written, its officials ready, sent to the second person."""
        tender = self._written(title, estimate, ceiling)
        lot = tender["lots"][0]["id"]
        for official in self.officials:
            self.cast.clerk.post(f"/lots/{lot}/officials",
                                 {"account_id": official.person.ids["account"]})
            key = official.register(lot, SUITES[1])
            self.cast.supervisor.post(f"/holder-keys/{key}/certification")
            official.rehearse(lot, SUITES[1])
        self._hash = self.cast.clerk.post(f"/tenders/{tender['id']}/notice")["content_hash"]
        return tender

    def _written(self, title: str, estimate: int, ceiling: int) -> dict:
        clerk = self.cast.clerk
        tender = clerk.post("/tenders", {
            "title": title, "description": f"{title}，评定分离，全流程线上办理。", "region": REGION,
            "funding": "镇财政资金", "approval_no": "金东发改〔2026〕112号",
            "lots": [self._lot(title, SUITES[1], estimate, ceiling, None)]})
        clerk.upload(f"/tenders/{tender['id']}/documents",
                     files.bidding_document(title, [title]), "application/pdf",
                     name="招标文件.pdf", kind="biddingDocuments")
        bill = [{key: row[key] for key in ("code", "description", "unit", "quantity")}
                for row in files.bill(20)]
        clerk.put(f"/lots/{tender['lots'][0]['id']}/items", {"items": bill})
        return tender

    def _log_ins(self, lot: str, draft: str) -> None:
        """Who may be tried, and what with; only a demonstration has such a file."""
        cast = self.cast
        chosen = (
            ("投标企业", "a tenderer", cast.companies[NEWCOMER], f"/desk/lots/{lot}/bid",
             "在浏览器里加密并递交一份投标", "seal a bid in the browser and submit it"),
            ("投过标的企业", "a tenderer that has bid", cast.companies["C"], "/desk/bids",
             "看故事里的投标和回执", "see its bids of the story and their receipts"),
            ("招标人经办人", "the buyer's clerk", cast.clerk, f"/desk/tenders/{draft}",
             "接着写一份招标草稿", "go on with a draft"),
            ("招标人审批人", "the buyer's approver", cast.chief, "/desk",
             "批准别人写的公告", "approve what another wrote"),
            ("开标人员", "an opening official", cast.officials[0], f"/desk/lots/{lot}/opening",
             "看开标席与自己的密钥", "see the opening desk and one's key"),
            ("监督机构", "the supervisor", cast.supervisor, "/desk/supervision",
             "看一个标段的全程记录", "read the whole trail of a lot"),
            ("系统管理员", "the system administrator", cast.administrators["system"], "/admin",
             "账号与单位", "accounts and units"),
            ("安全管理员", "the security administrator", cast.administrators["security1"], "/admin",
             "授权须两人", "roles, granted by two"),
            ("审计管理员", "the audit administrator", cast.administrators["audit"], "/admin",
             "安全日志", "the security log"),
        )
        people = [{"zh": zh, "en": en, "name": person.name, "login": person.login,
                   "password": person.password, "totp_secret": person.totp_secret, "to": to,
                   "try_zh": try_zh, "try_en": try_en, "admin": to == "/admin"}
                  for zh, en, person, to, try_zh, try_en in chosen]
        place = self.stage.settings.folder / "demo-log-ins.json"
        place.touch(mode=0o600)
        place.write_text(json.dumps({"people": people, "lot": lot}, ensure_ascii=False), "utf-8")
