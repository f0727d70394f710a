"""What the public notices of this book say: candidates, result, contract (rulebook §2.6). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from tender.notices import Row, Section, row, section

Bid = Mapping[str, object]
"""A row of `reading.candidate_rows`."""


def _tenderer(bid: Bid) -> list[Row]:
    return [row("name", "投标人", "Tenderer", bid["name"]),
            row("uscc", "统一社会信用代码", "Credit code", bid["uscc"]),
            row("price_fen", "投标报价", "Price", bid["price_fen"], "money"),
            row("period_days", "工期（期限）", "Period", bid["period_days"], "days"),
            row("quality", "质量", "Quality", bid["quality"]),
            row("leader", "项目负责人", "Manager", bid["leader"])]


def candidates(bids: Sequence[Bid], report_hash: str, ends: datetime,
               late: str | None) -> list[Section]:
    """The candidates' publicity; they stand in no order of merit (实施条例 54)."""
    parts = [section(f"中标候选人（不排序）{number}", f"Candidate, in no order of merit, {number}",
                     _tenderer(bid)) for number, bid in enumerate(bids, 1)]
    course = [
        row("evaluation", "评标情况", "Evaluation",
            f"评标委员会按公告规定的办法评审，推荐 {len(bids)} 名中标候选人。"),
        row("report_hash", "评标报告摘要 (SHA-256)", "Evaluation report (SHA-256)", report_hash,
            "hash"),
        row("publicity_ends", "公示期满时间", "Publicity ends", ends),
        row("objections", "提出异议的渠道和方式", "Where to object",
            "投标人和其他利害关系人可在公示期内通过本平台向招标人提出异议。")]
    return [*parts, section("评审与公示", "Evaluation and publicity", course + _late(late))]


def _late(reason: str | None) -> list[Row]:
    return [row("late_reason", "逾期理由", "Why it is late", reason)] if reason else []


def result(notice: Mapping[str, object], names: Mapping[str, str]) -> list[Section]:
    """The result, of the award notice; `names` maps a bid to its tenderer (招标投标法 45)."""
    ballots = [row(f"ballot_{one['ballot']}", f"第 {one['ballot']} 轮投票", f"Ballot {one['ballot']}",
                   "；".join(f"{names[bid]} {count} 票" for bid, count in
                            sorted(one["votes"].items(), key=lambda pair: names[pair[0]])))
               for one in notice["ballots"]]
    decided = [
        row("method", "定标方法", "How it was decided", notice["method"], "word"), *ballots,
        row("decided_at", "定标时间", "Decided at", notice["decided_at"], "time"),
        row("contract_due", "签订合同期限", "Contract due", notice["contract_due"], "day"),
        row("award_hash", "中标通知书摘要 (SHA-256)", "Award notice (SHA-256)", notice["hash"],
            "hash")]
    return [section("中标人", "The winner", _tenderer(notice["winner"])),
            section("定标", "The decision", decided + _late(notice["reason"]))]


def contract(winner: str, uscc: str, amount_fen: int, signed: datetime, document_hash: str,
             due: date, late: str | None) -> list[Section]:
    """The contract as it was registered (招标投标法 46)."""
    rows: Iterable[Row] = (
        row("name", "中标人", "Contractor", winner),
        row("uscc", "统一社会信用代码", "Credit code", uscc),
        row("amount_fen", "合同金额", "Amount", amount_fen, "money"),
        row("signed_at", "签订时间", "Signed at", signed),
        row("due", "签订期限", "Due", due.isoformat(), "day"),
        row("document_hash", "合同文件摘要 (SHA-256)", "Document (SHA-256)", document_hash, "hash"))
    return [section("合同", "The contract", [*rows, *_late(late)])]
