"""What a notice says of a review: each hit, its article, and what a person said of it."""

from __future__ import annotations

from collections.abc import Mapping

from ..notices import Row, Section, row, section

MOST = 100
"""Hits that are said one by one; `GET …/review` has all."""

ANSWERS = {"accepted": ("认定属实", "accepted"), "justified": ("说明理由后保留", "it stands"),
           None: ("提示，未要求处理", "advice, unanswered")}


def worded(said: Mapping[str, object]) -> list[Section]:
    """The section of a review as it stands in a notice's content (`more.review`)."""
    hits = said["hits"]
    rows = [row("review", "第几次审查", "Number of the review", said["number"], "count"),
            row("review_hash", "审查结果摘要 (SHA-256)", "Result (SHA-256)", said["hash"], "hash"),
            row("hits", "命中条数", "Hits", len(hits), "count")]
    rows += [_hit(number, hit) for number, hit in enumerate(hits[:MOST], 1)]
    return [section("招标文件审查", "Review of the bidding documents", rows)]


def _hit(number: int, hit: Mapping[str, object]) -> Row:
    title = hit.get("title") or {"zh": hit["rule"], "en": hit["rule"]}
    zh, en = ANSWERS[hit["answer"]]
    reason = f"：{hit['reason']}" if hit["reason"] else ""
    one = row(f"hit_{number}", f"命中 {number}：{title['zh']}", f"Hit {number}: {title['en']}",
              hit["quotation"])
    return one | {"text": {
        "zh": f"“{hit['quotation']}”（{hit['law']}）——{zh}{reason}",
        "en": f"“{hit['quotation']}” ({hit['law']}) — {en}{reason}"}}
