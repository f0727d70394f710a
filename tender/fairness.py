"""The record of a 公平竞争审查 of bidding documents: its standards, and when it is whole. Pure.

The standards are the articles of 招标投标领域公平竞争审查规则 (2024) that the rulebook read (§11,
FC16); a reviewer ticks each of them once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .notices import Section, row, section
from .refusals import FAIRNESS_WRONG

LAW = "招标投标领域公平竞争审查规则"

STANDARDS = {
    "6": ("不限制、排斥经营主体参与投标（注册地、所有制、分支机构、备案入库等）", "Nobody is kept from bidding"),
    "7": ("资格条件、评标标准、加分项不偏向特定经营主体", "Conditions, criteria and points favour nobody"),
    "8": ("不干预招标人自主定标，不直接以抽签、摇号确定中标人", "The award is the buyer's, and not by lot"),
    "10": ("平台只提供服务，不强制非公共资源项目进场", "The platform serves and forces nobody in"),
    "11": ("不限定保证金形式，不指定出函机构，不增设退还条件", "Guarantees are free in kind and issuer"),
}
"""Article → what it asks, in both languages."""

CONCLUSIONS = {
    "clean": ("不具有排除、限制竞争效果，可以发布", "It restricts no competition and may be published"),
    "mended": ("经修改后不具有排除、限制竞争效果，可以发布", "Mended, it restricts no competition"),
    "exception": ("适用例外规定，可以发布", "An exception of the rules applies"),
}


def judged(changes: Mapping[str, object], files: bool) -> bool:
    """Whether an amendment changes what a review judges: documents, description, criteria, the
    quality asked for, a bill. Deadline, ceiling and period keep nobody out."""
    return files or changes["description"] is not None or any(
        {"criteria", "price_method", "quality", "items"} & one.keys() for one in changes["lots"])


def check(standards: Iterable[Mapping[str, object]], conclusion: str, exception: str,
          reviewed_on: str, today: str) -> None:
    """Refuse a record that is not whole, contradicts itself or lies in the future: FAIRNESS_WRONG.

    Days are Beijing days, `YYYY-MM-DD`.
    """
    ticked = list(standards)
    if sorted(str(one["article"]) for one in ticked) != sorted(STANDARDS):
        raise FAIRNESS_WRONG(problem="standards")
    if reviewed_on > today:
        raise FAIRNESS_WRONG(problem="reviewed_on")
    if (conclusion == "exception") != bool(exception.strip()):
        raise FAIRNESS_WRONG(problem="exception")
    if conclusion != "exception" and not all(one["met"] for one in ticked):
        raise FAIRNESS_WRONG(problem="conclusion")


def worded(said: Mapping[str, object]) -> list[Section]:
    """The record as a section of the notice."""
    zh, en = CONCLUSIONS[said["conclusion"]]
    rows = [row("fairness_unit", "审查单位", "Reviewed by", said["unit"]),
            row("fairness_number", "审查文号", "Document number", said["document_number"]),
            row("fairness_on", "审查日期", "Date", said["reviewed_on"]),
            row("fairness_conclusion", "结论", "Conclusion", f"{zh} {en}")]
    if said["exception"]:
        rows.append(row("fairness_exception", "例外理由", "Exception", said["exception"]))
    for one in said["standards"]:
        zh, en = STANDARDS[one["article"]]
        met = ("符合 met" if one["met"] else "不符合 not met") + (f"：{one['note']}" if one["note"] else "")
        rows.append(row(f"fairness_{one['article']}", f"第{one['article']}条 {zh}",
                        f"Article {one['article']}: {en}", met))
    return [section("公平竞争审查", "Review of fair competition", rows)]
