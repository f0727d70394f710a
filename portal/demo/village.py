"""A village tender beside the township's, and a number of its profile that two people change."""

from __future__ import annotations

from bidding.holding import FIRST
from bidding.wire import Problem
from kernel.canonical import sha256
from tender.timetable import beijing_day

from . import files
from .base import SUITES, Scenes, Unexpected
from .cast import REGION
from .web import Person

TITLE = "前王村灌溉水渠整治工程"
SUITE = SUITES[0]
VILLAGE_PRICES = {"A": 39_500_000, "B": 39_100_000, "C": 38_800_000}
"""Fen; the three companies that bid for the village's work."""
PUBLICITY, CHANGED = 3, 5
"""Days of publicity of the profile shipped, and of the one two supervisors put in its place."""


class Village(Scenes):
    """The village regime: a resolution first, numbers of its own."""

    def village(self) -> None:
        """Refused without the villagers' resolution, then published with it."""
        self.voice.scene("三之二、村级工程", "3b. A village tender, in its own regime")
        clerk = self.cast.clerk
        paper = files.document("村民代表会议决议", [("四议两公开", ["同意实施水渠整治，资金由村集体列支。"])])
        grounds = {"resolution": "前王村代表会议决议〔2026〕2号",
                   "resolution_day": beijing_day(self.platform.now()).isoformat(),
                   "resolution_hash": sha256(paper).hex()}
        tender = clerk.post("/tenders", self._village_tender(grounds, PUBLICITY))
        path = f"/tenders/{tender['id']}"
        self.village_tender, self.village_lot = tender["id"], tender["lots"][0]["id"]
        clerk.upload(f"{path}/documents", files.bidding_document(TITLE, [TITLE]),
                     "application/pdf", name="招标文件.pdf", kind="biddingDocuments")
        clerk.put(f"/lots/{self.village_lot}/items", {"items": [
            {key: row[key] for key in ("code", "description", "unit", "quantity")}
            for row in files.bill(5)]})
        self._holders()
        self._refused("村级工程未附决议原件，不得发布", "notice.incomplete",
                      lambda: clerk.post(f"{path}/notice"))
        clerk.upload(f"{path}/documents", paper, "application/pdf", name="决议.pdf",
                     kind="villageResolution")
        notice = clerk.post(f"{path}/notice")
        self.cast.chief.post(f"{path}/notice/approval", {"content_hash": notice["content_hash"]})
        self.voice.say(self.cast.chief.name, "凭决议发布村级工程公告",
                       "publishes the village tender on its resolution")
        self._number_changed()

    def _village_tender(self, grounds: dict, publicity: int | None) -> dict:
        lot = self._lot(TITLE, SUITE, 40_000_000, 39_800_000, None) | {
            "regime": "village", "grounds": grounds}
        lot["panel"] |= {"size": 3, "substitutes": 2}
        lot["award_method"] |= {"committee_size": 3}
        if publicity is None:
            del lot["publicity_days"]
        else:
            lot["publicity_days"] = publicity
        return {"title": TITLE, "description": "村集体资金，四议两公开。", "region": REGION,
                "funding": "村集体资金", "approval_no": "", "lots": [lot]}

    def _holders(self) -> None:
        for official in self.officials:
            self.cast.clerk.post(f"/lots/{self.village_lot}/officials",
                                 {"account_id": official.person.ids["account"]})
            key = official.register(self.village_lot, SUITE)
            self.cast.supervisor.post(f"/holder-keys/{key}/certification")
            official.rehearse(self.village_lot, SUITE)

    def _number_changed(self) -> None:
        """No restart, no release: two supervisors, from today on; what is published keeps its own."""
        anybody = Person(self.platform)
        old = anybody.get(f"/lots/{self.village_lot}")["profile"]
        proposed = self.cast.supervisor.post("/profiles", {
            "base": old["id"], "region": REGION,
            "valid_from": beijing_day(self.platform.now()).isoformat(),
            "title": {"zh": "本区村级工程规则", "en": "The district's rules for village works"},
            "why": "本区村级工程公示期延长至五日，便于村民监督。",
            "changes": [old["numbers"]["T8.publicity_days"] | {
                "name": "T8.publicity_days", "value": CHANGED, "breach": "block",
                "source": "本区村级工程管理办法（演示）"}]})
        path, body = f"/profiles/{proposed['id']}/approval", {"body_hash": proposed["body_hash"]}
        self._refused("提出人不得批准自己提出的规则", "profile.same-person",
                      lambda: self.cast.supervisor.post(path, body))
        self.cast.inspector.post(path, body)
        clerk, grounds = self.cast.clerk, {"resolution": "前王村代表会议决议〔2026〕3号"}
        taken = clerk.post("/tenders", self._village_tender(grounds, None))["lots"][0]
        short = clerk.post("/tenders", self._village_tender(grounds, PUBLICITY))
        kept = anybody.get(f"/lots/{self.village_lot}")
        if taken["publicity_days"] != CHANGED or kept["publicity_days"] != PUBLICITY \
                or kept["profile"] != old:
            raise Unexpected("the next tender does not obey the changed number, or the old one does")
        try:
            clerk.post(f"/tenders/{short['id']}/notice")
            raise Unexpected("a publicity shorter than the changed number was accepted")
        except Problem as answer:
            codes = {one["code"] for one in answer.facts["findings"]}
            if "lot.publicity" not in codes:
                raise
        self.voice.say(self.cast.inspector.name,
                       f"批准公示期改为 {CHANGED} 日：其后的项目照办，已发布的仍为 {PUBLICITY} 日",
                       f"approves {CHANGED} days of publicity: the next tender obeys, the one "
                       f"published keeps {PUBLICITY}")

    def village_bids(self) -> None:
        """Three companies bid for the village's work too."""
        for key, price in VILLAGE_PRICES.items():
            self.desks[key].seal(self.village_lot, price, small=True)
            self.desks[key].submit(self.village_lot)

    def village_opening(self) -> None:
        """The village's bids, by their companies' keys and two officials."""
        lot = self.village_lot
        self.officials[0].person.post(f"/lots/{lot}/{FIRST}", {"reason": "到达开启时间"})
        for key in "AB":
            self.desks[key].give_share(lot)  # C's bid is opened by two officials
        for official in self.officials[:2]:
            self._until("证人见证授权", lambda one=official: one.may_open(lot, SUITE))
            official.release(lot, SUITE)
        self._until("村级工程开标", lambda: self._phase(lot) == "OPENED")
        record = Person(self.platform).get(f"/lots/{lot}/opening-record")
        for official in self.officials:
            official.person.post(f"/lots/{lot}/opening-record/signatures",
                                 {"record_hash": record["record_hash"]})
        found = {row["form"]["price_fen"] for row in record["record"]["bids"]}
        if found != set(VILLAGE_PRICES.values()):
            raise Unexpected(f"the village's record shows {found}")
        self.voice.say("系统", "村级工程三家投标文件开启", "the village's three bids are opened")
