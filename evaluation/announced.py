"""What the public notices of this book say: candidates, result, contract (rulebook §2.6). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from bidding.words import reason
from tender.notices import Row, Section, row, section
from tender.registration import requirement_sections

from .ranking import screened

Bid = Mapping[str, object]
"""A row of `reading.candidate_rows`."""


ORDER = {"lowest-price": ("报价由低到高", "by price, lowest first"),
         "price-band": ("公开抽取", "by the public draw")}
"""How the candidates of a lot with an order came into it, by its price method."""
OVER = "高于最高投标限价（实施条例 51）"
UNSTATED = "投标文件未载明"
"""What a form of an earlier version, or one that leaves it out, says of it."""


def _tenderer(bid: Bid) -> list[Row]:
    rows = [row("name", "投标人", "Tenderer", bid["name"]),
            row("uscc", "统一社会信用代码", "Credit code", bid["uscc"])]
    rows += [row(f"member_{number}", "联合体成员及分工", "Member of the consortium, and its part",
                 f"{one['name']} {one['uscc']}：{one['duty']}")
             for number, one in enumerate(bid["members"], 1)]
    return [*rows,
            row("price_fen", "投标报价", "Price", bid["price_fen"], "money"),
            row("period_days", "工期（期限）", "Period", bid["period_days"], "days"),
            row("quality", "质量", "Quality", bid["quality"]),
            row("leader", "项目负责人", "Manager", bid["leader"])]


def _stated(bid: Bid) -> list[Row]:
    """What 招标公告和公示信息发布管理办法 6 (2), (3) asks for, as the bid states it."""
    certificate = bid["certificate"] or {"name": UNSTATED, "number": UNSTATED}
    rows = [row("certificate", "项目负责人证书名称", "The manager's certificate",
                certificate["name"]),
            row("certificate_number", "证书编号", "Its number", certificate["number"]),
            row("qualification", "响应招标文件要求的资格能力条件", "Qualification, as asked for",
                bid["qualification"] or UNSTATED)]
    return rows + [row(f"performance_{number}", f"业绩 {number}", f"Work done, {number}", one)
                   for number, one in enumerate(bid["performance"], 1)]


def candidate_sections(bids: Sequence[Bid]) -> list[Section]:
    """One section for each candidate: all that the notice says of it."""
    return [section(*_heading(number, bid), [*_tenderer(bid), *_stated(bid)])
            for number, bid in enumerate(bids, 1)]


def candidates(bids: Sequence[Bid], report: Mapping[str, object], report_hash: str, ends: datetime,
               late: str | None, *, asked: Mapping[str, object] | None = None, buyer: str = "",
               url: str = "", draw_hash: str = "") -> list[Section]:
    """The candidates' publicity (实施条例 54; 招标公告和公示信息发布管理办法 6).

    They stand in no order of merit, and no score is shown beside them: where another body awards,
    a score would be the rank that there is none of. In an inquiry or a lottery the order decides,
    and they stand in it. `asked`: what the lot asks of a tenderer, with its number; `draw_hash`:
    of the document of a lottery's draw.
    """
    parts = candidate_sections(bids)
    if asked:
        parts += requirement_sections([asked])
    drawn = [row("draw_hash", "抽取文件摘要 (SHA-256)", "The draw's document (SHA-256)", draw_hash,
                 "hash")] if draw_hash else []
    return [*parts, section("评标情况", "The evaluation",
                            [*_evaluation(bids, report, report_hash), *drawn]),
            section("公示与异议", "Publicity and objections",
                    [*_objecting(ends, buyer, url), *_late(late)])]


def _heading(number: int, bid: Bid) -> tuple[str, str]:
    if "rank" in bid:
        return f"第 {bid['rank']} 名候选人", f"Candidate {bid['rank']} in the order"
    return f"中标候选人（不排序）{number}", f"Candidate, in no order of merit, {number}"


def _screening(report: Mapping[str, object]) -> list[Row]:
    """Of a lot judged by a screen: who did not pass, and how the order was made."""
    usccs = {one["bid"]: one["uscc"] for one in report["bids"]}
    titles = {one["code"]: one["title"] for one in report["criteria"]["asked"]}
    out = []
    for number, (bid, one) in enumerate(sorted(
            (pair for pair in report["results"].items() if not pair[1]["passed"]),
            key=lambda pair: usccs[pair[0]]), 1):
        fails = sorted({titles[code] for sheet in report["sheets"]
                        for code in sheet["findings"][bid]["fails"]})
        why = "；".join(fails) if one["in_band"] else "报价不在有效区间内"
        out.append(row(f"not_passed_{number}", "审查不合格", "Did not pass the screen",
                       f"{usccs[bid]}：{why}"))
    zh, en = ORDER[report["price_method"]["method"]]
    return [*out, row("passed", "审查合格的投标", "Bids that passed", len(report["passed"]), "count"),
            row("order", "排序", "The order", report["price_method"]["method"]) | {
                "text": {"zh": f"{zh}；排名第一者中标，放弃的由下一名递补。",
                         "en": f"{en}; the first wins, the next where it gives up."}}]


def _evaluation(bids: Sequence[Bid], report: Mapping[str, object], report_hash: str) -> list[Row]:
    rejected, unopened = report["rejected"], report["unopened"]
    out = [row(f"rejected_{number}", "否决投标", "Rejected", f"{one['uscc']}：{OVER}")
           for number, one in enumerate(rejected, 1)]
    out += [row(f"unopened_{number}", "未能开启或与声明不符", "Not opened, or not what it says",
                f"{one['uscc']}：{reason(one['reason'])[0]}")
            for number, one in enumerate(unopened, 1)]
    return [
        row("evaluation", "评标情况", "Evaluation",
            f"评标委员会按公告规定的办法评审，推荐 {len(bids)} 名中标候选人。"),
        row("opened", "开标的投标文件", "Bids opened", len(report["bids"]), "count"),
        row("valid", "有效投标", "Valid bids", len(report["bids"]) - len(rejected), "count"), *out,
        *(_screening(report) if screened(report) else ()),
        row("report_hash", "评标报告摘要 (SHA-256)", "Evaluation report (SHA-256)", report_hash,
            "hash")]


def why_failed(report: Mapping[str, object]) -> tuple[str, str]:
    """Why a concluded report leaves nobody who could win, for the notice of failure."""
    if not screened(report):
        return "评标委员会否决全部投标。", "The panel rejected all bids."
    passed, least = len(report["passed"]), report["least"]
    return (f"经审查合格的投标 {passed} 份，少于 {least} 份。",
            f"{passed} bids passed the screen, fewer than {least}.")


def _objecting(ends: datetime, buyer: str, url: str) -> list[Row]:
    to = f"招标人{f'（{buyer}）' if buyer else ''}"
    return [
        row("publicity_ends", "公示期满时间", "Publicity ends", ends),
        row("objections", "提出异议的渠道和方式", "Where to object",
            f"投标人和其他利害关系人可在公示期内通过本平台向{to}提出异议，可附证据；不公布异议人。"
            f"{url}".strip()),
        row("reply", "异议答复", "The reply",
            "招标人自收到异议之日起 3 日内答复，作出答复前暂停招标投标活动（实施条例 54）。"),
        row("complaint", "投诉", "Complaint",
            "对答复不满意的，可自收到答复之日起 10 日内向有关行政监督部门投诉（实施条例 60）。")]


def _late(reason: str | None) -> list[Row]:
    return [row("late_reason", "逾期理由", "Why it is late", reason)] if reason else []


def result(notice: Mapping[str, object], names: Mapping[str, str]) -> list[Section]:
    """The result, of the award notice; `names` maps a bid to its tenderer (招标投标法 45)."""
    ballots = [row(f"ballot_{one['ballot']}", f"第 {one['ballot']} 轮投票", f"Ballot {one['ballot']}",
                   "；".join(f"{names[bid]} {count} 票" for bid, count in
                            sorted(one["votes"].items(), key=lambda pair: names[pair[0]])))
               for one in notice["ballots"]]
    rank = notice["winner"].get("rank")
    decided = [
        *([] if rank is None else [row("rank", "名次", "Place in the order", rank, "count")]),
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


def cancelled(winner: str, uscc: str, notice_hash: str, ground: tuple[str, str], law: str,
              document_no: str, kept_fen: int, kept_law: str, follows: bool,
              bar_law: str) -> list[Section]:
    """An award that was cancelled: whose, why, what of the guarantee, what follows (实施条例 55)."""
    rows = [row("name", "被取消的中标人", "Whose award was cancelled", winner),
            row("uscc", "统一社会信用代码", "Credit code", uscc),
            row("award_hash", "原中标通知书摘要 (SHA-256)", "The award notice (SHA-256)", notice_hash, "hash"),
            row("ground", "事由", "Ground", ground[0]) | {"text": {"zh": ground[0], "en": ground[1]}},
            row("law", "依据", "By", law)]
    if document_no:
        rows.append(row("document_no", "依据文号", "Document", document_no))
    if kept_fen:
        rows += [row("forfeited_fen", "不予退还的投标保证金", "Bid guarantee that is not returned",
                     kept_fen, "money"),
                 row("forfeit_law", "不予退还的依据", "Not returned by", kept_law)]
    if bar_law:
        rows.append(row("barred", "重新采购", "When it is put out again", bar_law) | {"text": {
            "zh": f"该单位不得参加对该项目重新开展的采购活动（{bar_law}）。",
            "en": f"This company may not take part when it is put out again ({bar_law})."}})
    zh, en = ("按候选人顺序确定下一名为中标人，另行公告。", "The next in the order is awarded; a notice of its own says so.") \
        if follows else ("本标段流标，招标人可重新招标（采购）。", "The lot has failed and may be put out again.")
    return [section("取消中标", "The award cancelled", [
        *rows, row("next", "后续", "What follows", zh) | {"text": {"zh": zh, "en": en}}])]
