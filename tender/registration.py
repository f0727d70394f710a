"""What a registration must say, and what an agency may do. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal

from .findings import Finding, finding
from .notices import Section, row, section

AGENT_ACTIONS = ("project.create", "project.edit", "notice.view", "tenderdoc.download",
                 "notice.submit", "question.answer", "amendment.publish", "deadline.extend",
                 "committee.draw", "invitation.view")
"""What a buyer may have an agency do for it. Publishing (`notice.approve`), everything about money
and the award stay with the buyer's own people: it answers for the tender itself (招标投标法 12)."""


def in_force(authority, now: datetime) -> bool:
    """Whether an agency's authority counts at `now`: recorded, begun, not over, not revoked."""
    return authority.revoked_at is None and authority.valid_from <= now < authority.valid_until


def funding_wrong(funding: Iterable[Mapping[str, str]]) -> bool:
    """Whether the shares of the funding do not make 100 percent; none at all is no mistake."""
    shares = [Decimal(one["share"]) for one in funding]
    return bool(shares) and sum(shares) != 100


def visit_findings(visit: Mapping[str, object] | None, now: datetime,
                   deadlines: Iterable[datetime]) -> list[Finding]:
    """What is wrong with an announced visit of the site (实施条例 28)."""
    if visit is None:
        return []
    at = datetime.fromisoformat(visit["at"])
    last = min(deadlines, default=None)
    if at <= now or (last is not None and at >= last):
        return [finding("registration.site_visit", "registration.visit-time", "实施条例 28",
                        "踏勘时间应在公告之后、投标截止之前。",
                        "The site is visited after the notice and before the deadline.")]
    return []


def sections(said: Mapping[str, object]) -> Iterator[Section]:
    """A registration as a notice prints it."""
    rows = []
    if said["approval_body"]:
        rows.append(row("approval_body", "批准机关", "Approved by", said["approval_body"]))
    if said["township"]:
        rows.append(row("place", "乡镇、村代码", "Township and village",
                        said["township"] + (f"-{said['village']}" if said["village"] else "")))
    for one in said["funding"]:
        rows.append(row("funding", "资金来源及比例", "Funding", f"{one['source']} {one['share']}%"))
    if said.get("agency"):
        rows.append(row("agency", "招标代理机构", "Agency",
                        f"{said['agency']['name']} {said['agency']['uscc']}"))
        rows.append(row("letter", "委托书", "Letter of authority", said["agency"]["letter"]))
    if said.get("plan"):
        rows.append(row("plan", "采购意向", "Plan announced ahead", said["plan"]))
    visit = said["site_visit"]
    if visit:
        rows.append(row("visit_at", "踏勘时间", "Visit of the site", visit["at"], "time"))
        rows.append(row("visit_place", "踏勘集合地点", "Meeting place", visit["place"]))
        rows.append(row("visit_note", "踏勘说明", "About the visit",
                        visit["note"] + " 自愿参加，不登记、不点名。"))
    if rows:
        yield section("登记信息", "Registration", rows)


def requirement_sections(said: Iterable[Mapping[str, object]]) -> Iterator[Section]:
    """What each lot asks of a tenderer, as a notice prints it."""
    for lot in said:
        rows = [row("licence", "资质要求", "Licence", f"{one['kind']} {one['grade']}".strip())
                for one in lot["licences"]]
        rows += [row("personnel", "人员要求", "Personnel",
                     f"{one['role']} {one['certificate']} × {one['count']}")
                 for one in lot["personnel"]]
        rows += [row("credit", "信誉要求", "Credit", one) for one in lot["credit"]]
        rows.append(row("consortium", "是否接受联合体投标", "Consortia may bid",
                        "yes" if lot["consortium"] else "no", "word"))
        if lot["consortium"]:
            rows.append(row("members_max", "联合体成员上限", "Members at most", lot["members_max"],
                            "count"))
        yield section(f"标段 {lot['number']} 资格要求", f"Qualification for lot {lot['number']}", rows)
