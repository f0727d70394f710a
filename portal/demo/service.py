"""An intermediary chosen by a draw that anybody can hold again, behind a published screen."""

from __future__ import annotations

import json
import secrets
from datetime import datetime, timedelta

from evaluation.selection import commitment
from kernel.canonical import b64, sha256, time_text

from .base import Scenes
from .cast import COMPANIES, REGION
from .files import document
from .web import Person

KIND = "造价咨询"
FEES = {"A": 2_600_000, "B": 2_500_000, "C": 2_700_000}
"""Fen; what each agency asks for auditing the settlement."""


class Service(Scenes):
    """The intermediary regime (中介超市), after the contract."""

    def service(self) -> None:
        """Directory, request, sealed offers, screen, draw, result, contract, ratings."""
        self.voice.scene("十三之二、中介服务", "13b. An intermediary, drawn behind a screen")
        self._directory()
        found = self.cast.clerk.post("/services", {
            "kind": KIND, "title": "道路修复工程结算审核", "requirement": "审核结算并出具报告。",
            "budget_fen": 3_000_000, "method": "draw", "screen": "持证，近三年有同类业绩",
            "policy_document": "区中介超市管理办法（演示）",
            "offers_until": time_text(self.platform.now() + timedelta(days=12))})
        path = f"/services/{found['id']}"
        self.cast.chief.post(f"{path}/approval", {"content_hash": found["content_hash"]})
        standing = self._offers(path, found["id"])
        self._refused("未经审查不得抽取", "service.no-screen",
                      lambda: self.cast.clerk.post(f"{path}/draws", {}))
        last = max(standing)
        self.cast.clerk.post(f"{path}/screen", {"verdicts": [
            {"party_id": one, "passed": one != last, "because": "无同类业绩" if one == last else ""}
            for one in standing]})
        self._held(path)
        result = Person(self.platform).get(path)
        self._checked(result)
        self.voice.say("系统", "成交结果公示，未被选中的机构可以提出异议",
                       "the result stands in public; who offered may object")
        self._forward(datetime.fromisoformat(result["objections_until"]) + timedelta(seconds=1))
        self.cast.clerk.post(f"{path}/contract", {
            "amount_fen": result["price_fen"], "document_hash": sha256(b"paper").hex()})
        self.cast.clerk.post(f"{path}/completion", {"document_hash": sha256(b"taken").hex()})
        self.cast.clerk.post(f"{path}/rating", {"stars": 5, "text": "按期完成，报告清楚"})
        chosen = next(person for person in self.cast.companies.values()
                      if person.ids["party"] == result["winner_id"])
        chosen.post(f"{path}/buyer-rating", {"stars": 4, "text": "资料齐全，付款及时"})
        self.summary["service"] = {"code": result["code"], "winner": result["winner"],
                                   "price_fen": result["price_fen"]}
        self.voice.say("系统", f"随机抽中{result['winner']}，签约并互评",
                       "the agency drawn signs; both sides rate once")

    def _directory(self) -> None:
        for key in FEES:
            person = self.cast.companies[key]
            paper = person.upload("/papers", document(
                "营业执照（演示）", [("机构", [COMPANIES[key]])]), "application/pdf", name="营业执照.pdf")
            entry = person.post("/agencies", {
                "region": REGION, "kinds": [KIND], "qualifications": [
                    {"name": "营业执照", "number": f"演示-{key}", "evidence_hash": paper["hash"],
                     "valid_until": "2099-12-31"}]})
            read = {"content_hash": entry["content_hash"]}
            self.cast.supervisor.post(f"/agencies/{entry['id']}/proposal", read)
            self.cast.inspector.post(f"/agencies/{entry['id']}/approval", read)
        self.voice.say(self.cast.inspector.name, "三家中介机构经两人审核入驻",
                       "three agencies enter the directory, seen by two persons")

    def _offers(self, path: str, service: str) -> list[str]:
        """Sealed by hash, then revealed by each agency; the parties whose offers stand."""
        salts = {key: secrets.token_hex(32) for key in FEES}
        for key, price in FEES.items():
            person = self.cast.companies[key]
            person.post(f"{path}/offers", {"commitment": commitment(
                service, person.ids["party"], price, "b" * 64, salts[key])})
            self.voice.say(COMPANIES[key], "封存报价（平台只有摘要）", "seals its offer: a hash")
        times = Person(self.platform).get(path)
        self._forward(datetime.fromisoformat(times["offers_until"]) + timedelta(seconds=1))
        for key, price in FEES.items():
            self.cast.companies[key].post(f"{path}/offers/mine", {
                "price_fen": price, "proposal_hash": "b" * 64, "salt": salts[key]})
        self._forward(datetime.fromisoformat(times["reveal_until"]) + timedelta(seconds=1))
        self._until("报价揭示结束", lambda: Person(self.platform).get(path)["settled_at"])
        return [one["party_id"] for one in Person(self.platform).get(path)["offers"]]

    def _held(self, path: str) -> None:
        drawn = self.cast.clerk.post(f"{path}/draws", {})
        nonce = secrets.token_bytes(32)
        own = f"/service-draws/{drawn['id']}"
        self.cast.clerk.post(f"{own}/commitments", {"commitment": sha256(nonce).hex()})
        self._forward(datetime.fromisoformat(drawn["commit_by"]) + timedelta(seconds=1))
        self.cast.clerk.post(f"{own}/reveals", {"nonce": b64(nonce)})
        self._until("平台揭示", lambda: self._revealed(path))
        self._forward(datetime.fromisoformat(drawn["reveal_by"]) + timedelta(seconds=1))
        self._until("抽取中介机构", lambda: Person(self.platform).get(path)["winner_id"])

    def _revealed(self, path: str) -> bool:
        return Person(self.platform).get(path)["draws"][0]["platform_revealed"]

    def _checked(self, result: dict) -> None:
        """Anybody holds the draw again, with the log's key."""
        file = self.stage.folder / "service-draw.json"
        file.write_text(json.dumps(result["draws"][0]["document"], ensure_ascii=False), "utf-8")
        self.stage.command("draw", "verify", str(file), "--log-vkey",
                           str(self.stage.settings.keys / "log.vkey"))
        self.voice.say("任何人", "重演抽取，结果一致", "holds the draw again: the same result")
