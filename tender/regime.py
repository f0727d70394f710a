"""What carries a project: its regime, its method, and what its choices must rest on (rulebook §0-1).

In the statutory regime a breach of a number blocks. Elsewhere it goes through with a recorded
reason, unless the profile says that it blocks. Every answer is a list of findings, so that all
of them are seen at once.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from . import invitation
from .findings import Finding, finding
from .letters import letters
from .profile import Profile, blocks, has, number
from .terms import Grounds, Terms

METHODS = ("open", "invite", "negotiate", "inquiry", "lottery", "direct")
"""公开 · 邀请 · 竞争性谈判 · 询价 · 摇号/随机抽取 · 直接发包 (rulebook §1.3)."""

CARRIED = frozenset({"open", "invite", "inquiry", "lottery"})
"""The methods whose course is built; the others are judged and then refused as not offered."""

OCDS_METHOD = {"open": "open", "inquiry": "open", "lottery": "open", "invite": "limited"}
"""Method → the word of the OCDS codelist `method`, the widest first: whom the buyer chooses to
invite are `limited` (selective would be: all may ask, the qualified are invited). An inquiry and
a lottery are put out by a notice, and whoever is qualified may answer it."""

SEPARATED = frozenset({"direct-vote"})
"""Award methods in which others than the panel choose among unranked candidates (评定分离)."""

CATEGORIES = ("works", "goods", "services")
REASON_LEAST = 10
"""A reason has at least so many characters."""


def excused(profile: Profile, grounds: Grounds, rule: str) -> bool:
    """Whether a breach of the number `rule` goes through: it does not block and has a reason."""
    return not blocks(profile, rule) \
        and len(str(grounds.reasons.get(rule, "")).strip()) >= REASON_LEAST


def breach(profile: Profile, rule: str, found: Finding) -> Finding:
    """A finding that breaches the number `rule`, with what that means here."""
    return found | {"rule": rule, "breach": "block" if blocks(profile, rule) else "reason"}


def standing(profile: Profile, grounds: Grounds, found: Iterable[Finding]) -> list[Finding]:
    """The findings that no recorded reason excuses."""
    return [one for one in found
            if "rule" not in one or not excused(profile, grounds, one["rule"])]


def departures(profile: Profile, grounds: Grounds, found: Iterable[Finding]) -> list[str]:
    """The numbers that are breached with a reason, each once, in order."""
    return sorted({one["rule"] for one in found
                   if "rule" in one and excused(profile, grounds, one["rule"])})


# --- method ---------------------------------------------------------------------------------------
def method_findings(regime: str, method: str, terms: Terms) -> list[Finding]:
    """What keeps a lot from being put out by its method in its regime."""
    found = []
    if method == "lottery":
        found += _lottery(regime, terms.grounds)
    if method == "invite":
        found += invitation.ground_findings(regime, terms.grounds)
    if regime == "statutory" and method not in ("open", "invite"):
        found.append(finding("method", "lot.method", "招标投标法 10",
                             "依法必须招标的项目只能公开招标或邀请招标。",
                             "A project that must be tendered is tendered openly or by invitation."))
    if method == "direct":
        found.append(finding("method", "lot.method-direct", "规则 §1.3",
                             "直接发包不设标段，请改用直接发包登记。",
                             "A direct award is no lot: state it as one (direct awards)."))
    elif method not in CARRIED:
        found.append(finding("method", "lot.method-unbuilt", "规则 §1.3",
                             f"本平台尚未提供方式“{method}”。",
                             f"This platform does not yet carry the method “{method}”."))
    return found


def procurement_method(methods: Iterable[str]) -> str:
    """The OCDS word for a tender whose lots are put out by `methods`: the narrowest of them."""
    used = set(methods)
    return [word for name, word in OCDS_METHOD.items() if name in used or name == "open"][-1]


def _lottery(regime: str, grounds: Grounds) -> list[Finding]:
    """Rulebook §1.4: never where the law asks for a tender; elsewhere only among those who
    passed a screen, and on a policy document."""
    found = []
    if regime == "statutory":
        found.append(finding(
            "method", "lot.lottery", "发改法规规〔2022〕1117号 1(2); 公平竞争审查规则 8(4)",
            "依法必须招标的项目不得以抽签、摇号、抓阄方式选择中标人。",
            "Where the law asks for a tender nobody is chosen by lot."))
    if not grounds.screen:
        found.append(finding(
            "grounds.screen", "lot.lottery-screen", "公平竞争审查规则 8(4)",
            "摇号只能在资格或报价审查合格者中进行，须写明审查办法。",
            "Lots are drawn among those who passed a screen only; say which screen."))
    if not grounds.policy_document:
        found.append(finding(
            "grounds.policy_document", "lot.lottery-policy", "公平竞争审查规则 8(4)",
            "摇号须注明所依据的政策文件文号。",
            "A lottery names the policy document it rests on, with its number."))
    return found


def basis_findings(regime: str, profile: Profile, terms: Terms) -> list[Finding]:
    """The documents that a choice needs: 评定分离 by law, village works by resolution."""
    found = []
    if regime == "statutory" and terms.award.method in SEPARATED \
            and not terms.grounds.pilot_document:
        found.append(finding(
            "grounds.pilot_document", "lot.pilot", "实施条例 53, 55; 规则 §3.1",
            "依法必须招标的项目采用评定分离，须注明试点文件文号。",
            "Where the law asks for a tender, award apart from evaluation needs the number of the "
            "pilot document that allows it."))
    if has(profile, "resolution.needed") and number(profile, "resolution.needed") \
            and not terms.grounds.resolution:
        found.append(finding("grounds.resolution", "lot.resolution", "四议两公开",
                             "村级工程须注明“四议两公开”决议文号。",
                             "Village works name the resolution of the villagers they rest on."))
    return found


def resolution_findings(profile: Profile, grounds: Grounds, hashes: Collection[str],
                        day: date) -> list[Finding]:
    """Village works rest on a resolution that can be read (四议两公开): the document lies among
    those of the tender (`hashes`), and it was taken on a day that is not after `day`."""
    if not (has(profile, "resolution.needed") and number(profile, "resolution.needed")) \
            or not grounds.resolution:
        return []
    found = []
    if grounds.resolution_hash not in hashes:
        found.append(finding("grounds.resolution_hash", "lot.resolution-paper", "四议两公开",
                             "须上传决议原件，并注明其摘要（SHA-256）。",
                             "Add the resolution itself to the documents and name its SHA-256."))
    try:
        late = date.fromisoformat(grounds.resolution_day) > day
    except ValueError:
        late = True
    if late:
        found.append(finding("grounds.resolution_day", "lot.resolution-day", "四议两公开",
                             "须注明决议日期，且不得晚于今日。",
                             "Name the day of the resolution; it is not after today."))
    return found


# --- thresholds and splitting ---------------------------------------------------------------------
def over_limits(profile: Profile, estimates: Iterable[tuple[str, int]]) -> list[tuple[str, int, int]]:
    """Categories whose lots reach the statutory limit together: (category, total, limit) in fen.

    必须招标的工程项目规定 5: what can be merged is summed; the limit itself is inside (以上). A
    profile without the limit knows none.
    """
    totals = dict.fromkeys(CATEGORIES, 0)
    for category, estimate_fen in estimates:
        totals[category] += estimate_fen
    limits = {name: number(profile, f"limit.{name}_fen") for name in CATEGORIES
              if has(profile, f"limit.{name}_fen")}
    return [(name, totals[name], limit) for name, limit in limits.items() if totals[name] >= limit]


@dataclass(frozen=True)
class Part:
    """One lot as the splitting check sees it: of which project, how large, published when."""

    lot_id: str
    title: str
    approval_no: str
    category: str
    estimate_fen: int
    published: date | None


def split_alert(profile: Profile, own: Sequence[Part], earlier: Iterable[Part], day: date,
                ) -> list[tuple[str, int, int, tuple[str, ...]]]:
    """化整为零: categories in which this project's lots reach the statutory limit only together
    with lots of the same project published in the months before `day`.

    招标投标法 4, 49. Each answer: (category, total in fen, limit in fen, the earlier lots' ids).
    """
    since = split_since(profile, day)
    if since is None:
        return []
    kin = [one for one in earlier if one.published and one.published > since
           and any(same_project(one, mine) for mine in own)]
    alone = {name for name, _, _ in over_limits(profile, _sums(own))}
    return [(name, total, limit, tuple(sorted(one.lot_id for one in kin if one.category == name)))
            for name, total, limit in over_limits(profile, _sums([*own, *kin]))
            if name not in alone and any(one.category == name for one in own)]


def split_since(profile: Profile, day: date) -> date | None:
    """The day after which what was published counts together with what is published on `day`;
    None where the profile knows no splitting."""
    return months_before(day, number(profile, "split.months")) \
        if has(profile, "split.months") else None


def _sums(parts: Iterable[Part]) -> list[tuple[str, int]]:
    return [(one.category, one.estimate_fen) for one in parts]


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier, or the last one of a shorter month."""
    place = day.year * 12 + day.month - 1 - months
    year, month = divmod(place, 12)
    for last in range(day.day, 27, -1):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    return date(year, month + 1, min(day.day, 28))


def same_project(one: Part, other: Part) -> bool:
    """Whether two lots of one buyer belong to one project: one approval number, or one title but
    for what numbers its parts (期, 标段, figures)."""
    if _plain(one.approval_no) and _plain(one.approval_no) == _plain(other.approval_no):
        return True
    return bool(core(one.title)) and core(one.title) == core(other.title)


_PARTS = re.compile(r"第?[0-9一二三四五六七八九十百零〇]+(?:期|标段|标|段|批次|批|包|部分)?")


@lru_cache(maxsize=4096)
def core(title: str) -> str:
    """A title without what numbers its part, spaces and marks."""
    return _PARTS.sub("", _plain(title))


def numbered(title: str) -> bool:
    """Whether a title says that it is one part of something."""
    return core(title) != _plain(title)


_plain = lru_cache(maxsize=4096)(letters)
"""Of titles and numbers, which come again and again."""


def split_findings(profile: Profile, alerts: Iterable[tuple]) -> list[Finding]:
    """The splitting alerts as findings; each needs a recorded reason."""
    return [breach(profile, "split.months", finding(
        "lots", "lot.split", "招标投标法 4, 49",
        f"同一项目近期已发布标段与本次{name}合计 {total} 分，达到必须招标限额 {limit} 分，疑似化整为零。",
        f"With lots of the same project published before, its {name} come to {total} fen and "
        f"reach the statutory limit of {limit} fen: this looks like splitting."))
        for name, total, limit, _ in alerts]


def reason_findings(profile: Profile, grounds: Grounds) -> list[Finding]:
    """Reasons given for what the profile does not know, so that none stands there in vain."""
    return [finding("grounds.reasons", "lot.reason-unknown", "规则 §0",
                    f"规则中没有“{name}”这个数。", f"The profile has no number “{name}”.")
            for name in sorted(grounds.reasons) if not has(profile, name)]
