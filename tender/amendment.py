"""What an amendment changes, said field by field, and what that asks of the deadline. Pure.

May change: what is asked of bids and how they are judged (`AMENDABLE`), the bill, the documents,
the description. May not: how bids are sealed and opened, who judges, the money lodged with a bid,
regime and profile. So a bid that stands stays a bid that can be opened (docs/adr/0010).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from kernel.canonical import time_text

from .notices import Row, Section, changed, row, section
from .profile import Period, Profile, period, rule_for
from .refusals import DEADLINE_SOON
from .regime import excused
from .terms import grounds_of
from .timetable import postponed

AMENDABLE = ("deadline", "price_ceiling_fen", "period_days_max", "quality", "criteria",
             "price_method")
"""The fields of a lot that an amendment may change; all but the deadline affect the bids."""

RULE = "T3.clarification"
MOST_LINES = 500
"""Changed lines of a bill that are said one by one."""


def difference(before: Sequence[Section], after: Sequence[Section]) -> list[Section]:
    """The sections of `after` with the rows that say something else than `before`, old → new."""
    old = {part["title"]["zh"]: part for part in before}
    found = []
    for part in after:
        was = {one["name"]: one for one in old.pop(part["title"]["zh"], {"rows": []})["rows"]}
        rows = [_changed(was.pop(one["name"], None), one) for one in part["rows"]
                if was.get(one["name"], {}).get("value", ...) != one["value"]]
        names = {one["name"] for one in part["rows"]}
        rows += [_changed(one, None) for one in was.values() if one["name"] not in names]
        if rows:
            found.append(section(part["title"]["zh"], part["title"]["en"], rows))
    for part in old.values():
        found.append(section(part["title"]["zh"], part["title"]["en"],
                             [_changed(one, None) for one in part["rows"]]))
    return found


def _changed(old: Row | None, new: Row | None) -> Row:
    one = new or old
    return changed(one["name"], one["label"]["zh"], one["label"]["en"],
                   old and old["value"], new and new["value"], one["kind"])


def bill_changes(number: int, before: Sequence, after: Sequence) -> list[Section]:
    """The lines of a lot's bill that change; `before` and `after` have the columns of items."""
    old, new = ({one.position: f"{one.code} {one.description} {one.quantity} {one.unit}"
                 for one in bill} for bill in (before, after))
    places = [place for place in sorted(old.keys() | new.keys()) if old.get(place) != new.get(place)]
    rows = [changed(f"item_{place}", f"清单第 {place} 行", f"Line {place}", old.get(place),
                    new.get(place)) for place in places[:MOST_LINES]]
    if len(places) > MOST_LINES:
        rows.append(row("more", "其余变更行数", "Further changed lines", len(places) - MOST_LINES,
                        "count"))
    return [section(f"标段 {number} 工程量清单", f"Bill of lot {number}", rows)] if rows else []


def restated(changes: Mapping, stated: Mapping, standing: Mapping[str, Mapping[str, object]],
             description: str) -> dict[str, object]:
    """The changes with what is stated put into them; what says the same as what stands is none.

    `standing`: each lot's amendable fields and `items` as they stand, by id, times as text. Of a
    lot `unchanged` names what is to stay as it stands after all.
    """
    made = dict(changes) | {name: stated[name] for name in (
        "why", "affects_bids", "description", "reasons") if name in stated}
    if made["description"] == description:
        made["description"] = None
    by_id = {one["id"]: dict(one) for one in changes["lots"]}
    for given in stated.get("lots", ()):
        one = by_id.setdefault(given["id"], {})
        one |= {name: value for name, value in given.items() if name != "unchanged"}
        for name in given.get("unchanged", ()):
            one.pop(name, None)
    made["lots"] = [
        {"id": lot_id, **kept} for lot_id, one in by_id.items()
        if (kept := {name: value for name, value in one.items()
                     if name != "id" and value != standing[lot_id].get(name)})]
    return made


def affects(changes: Mapping[str, object]) -> bool:
    """Whether a change may affect the bids: always where terms or a bill change, else as stated."""
    terms = any({"items", *AMENDABLE[1:]} & one.keys() for one in changes["lots"])
    return terms or bool(changes["affects_bids"])


def span(profile: Profile, method: str) -> Period:
    """T3: the time that bids are left after a change of what they are made of."""
    return period(profile, rule_for(profile, method, RULE))


def earliest(profile: Profile, method: str, standing: datetime, stated: datetime) -> datetime:
    """T3: the first lawful deadline after what was stated at `stated`, never before `standing`."""
    return postponed(standing, stated, span(profile, method))


def check_time_left(lot, deadline: datetime, stated: datetime,
                    reasons: Mapping[str, str]) -> None:
    """Refuse a deadline that leaves less than T3 after a change that affects the bids, unless the
    regime takes a reason for that and one is given (DEADLINE_SOON). `lot` has the columns."""
    first = earliest(lot.profile, lot.method, lot.deadline, stated)
    if deadline < first and not excused(lot.profile, grounds_of({"reasons": reasons}), RULE):
        raise DEADLINE_SOON(lot=lot.number, earliest=time_text(first))


def reasons_section(why: str, affecting: bool, reasons: Mapping[str, str]) -> Section:
    """Why, whether it may affect the bids, and what excuses a departure."""
    rows: Iterable[Row] = (
        row("why", "变更原因", "Reason", why),
        row("affects_bids", "是否可能影响投标文件编制", "May affect the bids",
            "yes" if affecting else "no", "word"),
        row("standing_bids", "已递交的投标文件", "Bids already sent",
            "继续有效，可在截止时间前替换或撤回；以截止时的公告内容评审。"))
    more = [row(f"reason_{name}", f"偏离规则 {name} 的理由", f"Why it departs from {name}", said)
            for name, said in sorted(reasons.items())]
    return section("说明", "Why", [*rows, *more])
