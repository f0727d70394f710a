"""The longer list from which those invited are drawn in government procurement. Pure.

87号令 14: those invited are drawn at random from suppliers that a prequalification found fit, from
the finance department's library, or from a written recommendation of the buyer; of the latter two
at least twice as many as are drawn. Here the list's salted hash is in the record before the draw,
so that nobody is added once the seed can be known; list, salt and draw come out with the opening.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from kernel.canonical import jcs, sha256

from . import invitation
from .findings import Finding, finding
from .notices import Section, row, section
from .profile import Profile, has, number

LAW = "政府采购法 34; 政府采购货物和服务招标投标管理办法 14"
DRAWN = frozenset({"govproc"})
"""The regimes in which those invited are drawn; in the others the buyer names them."""

SOURCES: Mapping[str, tuple[str, str, str]] = {
    "prequalified": ("发布资格预审公告征集，经资格预审合格", "found fit in a prequalification",
                     "87号令 14(1)"),
    "library": ("从省级以上财政部门建立的供应商库中选取",
                "from the library of suppliers of a province's finance department or higher",
                "87号令 14(2)"),
    "recommended": ("采购人书面推荐", "recommended in writing by the buyer", "87号令 14(3)"),
}
"""Where a longer list comes from: (zh, en, article)."""

MANIFOLD = frozenset({"library", "recommended"})
"""Of these the list is a multiple of those drawn: somebody chose who stands on it."""
FACTOR = 2
PERSONS = 2
"""87号令 14: twice as many, two persons of the buyer; no profile goes below the law."""
MOST = invitation.MOST


def commitment(lot_id: str, salt: str, source: str, wanted: int,
               candidates: Iterable[tuple[str, str]]) -> str:
    """The hash that stands for a longer list: of lot, salt (hex), source, how many are to be drawn,
    and the (uscc, name) in their order."""
    return sha256(jcs({
        "v": 1, "type": "invitation-candidates", "lot": lot_id, "salt": salt, "source": source,
        "wanted": wanted, "candidates": [{"uscc": uscc, "name": name}
                                         for uscc, name in sorted(candidates)]})).hex()


def factor(profile: Profile) -> int:
    """How many times those drawn a chosen list must hold."""
    return max(FACTOR, number(profile, "invite.pool_factor")) \
        if has(profile, "invite.pool_factor") else FACTOR


def persons(profile: Profile) -> int:
    """How many persons of the buyer stand for a draw."""
    return max(PERSONS, number(profile, "invite.watchers")) \
        if has(profile, "invite.watchers") else PERSONS


def findings(profile: Profile, source: str, wanted: int, candidates: Sequence[tuple[str, str]],
             own: Iterable[str], barred: Iterable[str]) -> list[Finding]:
    """What is wrong with a longer list of (uscc, name), of which `wanted` are to be drawn. `own`:
    credit codes of the buyer and its agency; `barred`: those kept out of tendering."""
    found, codes, least = [], {uscc for uscc, _ in candidates}, invitation.least(profile)
    if wanted < least:
        found.append(finding("invitees", "lot.candidates-wanted", LAW,
                             f"应当随机抽取 {least} 家以上供应商。",
                             f"At least {least} suppliers are drawn."))
    needed = wanted * (factor(profile) if source in MANIFOLD else 1)
    if len(codes) < needed:
        found.append(finding(
            "invitees", "lot.candidates-few", LAW,
            f"备选供应商应不少于 {needed} 家（拟抽取 {wanted} 家）。",
            f"The list needs at least {needed} suppliers, of whom {wanted} are drawn."))
    if codes & set(own):
        found.append(finding("invitees", "lot.invitee-own", "实施条例 34",
                             "备选名单不得包括采购人自己或其代理机构。",
                             "Neither the buyer nor its agency can stand on the list."))
    for uscc in sorted(codes & set(barred)):
        found.append(finding("invitees", "lot.invitee-debarred", "政府采购法 22, 77",
                             f"备选单位 {uscc} 在限制投标名单上。",
                             f"{uscc} is on the public list of units barred from tendering."))
    return found


def approval_needed(regime: str, profile: Profile, category: str, estimate_fen: int) -> bool:
    """Whether a lot that is not put out openly needs an authority's approval (实施条例 7, 8; 政府采购法
    27: goods and services that reach the limit of open tendering)."""
    if regime == "govproc":
        return category != "works" and has(profile, "approval.open_fen") \
            and estimate_fen >= number(profile, "approval.open_fen")
    return regime == "statutory"


def sections(said: Iterable[Mapping[str, object]]) -> Iterator[Section]:
    """What a notice says of the draw of those invited to each lot: source, hash, every draw."""
    for lot in said:
        zh, en, law = SOURCES[lot["source"]]
        rows = [row("source", "备选名单来源", "Source of the longer list", lot["source"])
                | {"text": {"zh": f"{zh}（{law}）", "en": f"{en} ({law})"}},
                row("basis", "依据", "It rests on", lot["basis"]),
                row("commitment", "备选名单摘要 (SHA-256)", "The longer list (SHA-256)",
                    lot["commitment"], "hash")]
        for count, one in enumerate(lot["draws"], 1):
            rows.append(row(f"draw_{count}", f"第 {count} 次抽取", f"Draw {count}", one["draw"]))
            if one["cause"]:
                rows.append(row(f"cause_{count}", "重新抽取的原因", "Why it was drawn again",
                                one["cause"]))
        rows += [row("draw_hash", "抽取文件摘要 (SHA-256)", "The draw's document (SHA-256)",
                     lot["draw_hash"], "hash"),
                 row("replay", "抽取的核验", "Checking the draw",
                     "备选名单、盐值和抽取文件开标时公布，任何人可以重演抽取（yangguang draw verify）。")]
        yield section(f"标段 {lot['number']} 受邀供应商的抽取",
                      f"The draw of those invited to lot {lot['number']}", rows)
