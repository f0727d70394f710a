"""Tender by invitation (邀请招标): why it may be, who is invited, and what of that is said. Pure.

Who is invited, and how many, is told to nobody before the opening (招标投标法 22): rivals who know
one another can agree on prices. So the notice holds a salted hash of the list and nothing else;
list and salt are published with the opening, and anybody checks then that nobody was added.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from kernel.canonical import jcs, sha256

from .findings import Finding, finding
from .letters import letters
from .notices import Section, row, section
from .profile import Profile, number
from .terms import Grounds

LEAST = 3
"""招标投标法 17: three or more; no profile goes below the law."""
MOST = 100
SALT = 32
"""Bytes of the salt: without it the few companies of a county could be tried out."""

GROUNDS: Mapping[str, tuple[str, str, str]] = {
    "few": ("技术复杂、有特殊要求或受自然环境限制，只有少量潜在投标人可供选择",
            "only few companies can do it, by its technique, special demands or nature",
            "实施条例 8(1)"),
    "cost": ("采用公开招标方式的费用占项目合同金额的比例过大",
             "an open tender would cost too large a share of the contract", "实施条例 8(2)"),
    "key": ("国家或省重点项目不适宜公开招标，经批准",
            "a key project of the state or province, approved as unfit for an open tender",
            "招标投标法 11"),
    "other": ("其他理由", "another reason", "规则 §1.3"),
}
"""On what an invitation may rest: (zh, en, article). `other` is for the regimes in which the law
leaves the method to the buyer."""
NOT_IN: Mapping[str, set[str]] = {"statutory": {"other"}, "govproc": {"key", "other"}}
LAWS = {"govproc": "政府采购法 29"}
REASON_LEAST = 10
SHORTEST = 4


def commitment(lot_id: str, salt: str, invitees: Iterable[tuple[str, str]]) -> str:
    """The hash that stands for a list: of lot, salt (hex) and the (uscc, name) in their order."""
    return sha256(jcs({
        "v": 1, "type": "invitation-list", "lot": lot_id, "salt": salt,
        "invitees": [{"uscc": uscc, "name": name} for uscc, name in sorted(invitees)]})).hex()


def least(profile: Profile) -> int:
    """How many must be invited: three, or as many as must bid so that the lot does not fail."""
    return max(LEAST, number(profile, "L28.tenderers"))


def ground_findings(regime: str, grounds: Grounds) -> list[Finding]:
    """What an invitation rests on (实施条例 8; 政府采购法 29): a ground and a reason that are
    published. Of the authority's approval `paper_findings`."""
    found = []
    allowed = set(GROUNDS) - NOT_IN.get(regime, set())
    if grounds.invite_ground not in allowed:
        found.append(finding(
            "grounds.invite_ground", "lot.invite-ground", LAWS.get(regime, "实施条例 8; 招标投标法 11"),
            f"邀请招标须选定法定理由之一：{'、'.join(sorted(allowed))}。",
            f"An invitation rests on one of: {', '.join(sorted(allowed))}."))
    if len(grounds.invite_reason) < REASON_LEAST:
        found.append(finding(
            "grounds.invite_reason", "lot.invite-reason", "实施条例 8",
            "须写明采用邀请招标的具体理由（随公告公布）。",
            "Say why this lot is put out by invitation; it is published with the notice."))
    return found


def paper_findings(needed: bool, grounds: Grounds, hashes: Iterable[str]) -> list[Finding]:
    """Where an approval is needed it is named, and can be read: it lies among the tender's
    documents (`hashes`)."""
    if not needed or grounds.invite_document and grounds.invite_document_hash in set(hashes):
        return []
    if not grounds.invite_document:
        return [finding(
            "grounds.invite_document", "lot.invite-document", "实施条例 7, 8; 政府采购法 27",
            "依法必须招标、或达到公开招标数额标准的项目采用邀请招标，须注明批准（认定）文件文号。",
            "Where an open tender is a must, name the document by which the invitation was "
            "approved.")]
    return [finding("grounds.invite_document_hash", "lot.invite-paper", "实施条例 7, 8",
                    "须上传批准文件（不得含受邀单位名称），并注明其摘要（SHA-256）。",
                    "Add the approval to the documents, without the names of those invited, and "
                    "name its SHA-256.")]


def list_findings(profile: Profile, invitees: Sequence[tuple[str, str]], own: Iterable[str],
                  barred: Iterable[str]) -> list[Finding]:
    """What is wrong with a list of (uscc, name). `own`: credit codes of the buyer and its agency;
    `barred`: those on the public list of debarments. Told to the buyer's own people only."""
    found, codes = [], {uscc for uscc, _ in invitees}
    count = least(profile)
    if len(codes) < count:
        found.append(finding(
            "invitees", "lot.invitees", "招标投标法 17",
            f"应当邀请 {count} 个以上具备能力、资信良好的特定单位。",
            f"At least {count} companies are invited."))
    if codes & set(own):
        found.append(finding(
            "invitees", "lot.invitee-own", "实施条例 34",
            "不得邀请招标人自己或其代理机构投标。",
            "Neither the buyer nor its agency can be invited."))
    for uscc in sorted(codes & set(barred)):
        found.append(finding(
            "invitees", "lot.invitee-debarred", "招标投标法 17, 26",
            f"受邀单位 {uscc} 在限制投标名单上。",
            f"{uscc} is on the public list of units barred from tendering."))
    return found


def names(text: str, invitees: Iterable[tuple[str, str]], own: Iterable[str] = ()) -> bool:
    """Whether a text names one of those invited, by credit code or by name, however it is spaced
    or cased. `own` are names taken out before: the buyer's may hold another's. Names of fewer
    than SHORTEST letters are not looked for."""
    plain = letters(text)
    for one in own:
        plain = plain.replace(letters(one), "\n")
    return any((uscc and letters(uscc) in plain)
               or (len(letters(name)) >= SHORTEST and letters(name) in plain)
               for uscc, name in invitees)


def sections(said: Iterable[Mapping[str, object]]) -> Iterator[Section]:
    """What a notice says of the invitation to each lot: why, and the hash of the list."""
    for lot in said:
        zh, en, law = GROUNDS[lot["ground"]]
        rows = [row("ground", "邀请招标的依据", "Ground of the invitation", lot["ground"])
                | {"text": {"zh": f"{zh}（{law}）", "en": f"{en} ({law})"}},
                row("reason", "具体理由", "Reason", lot["reason"])]
        if lot["document"]:
            rows.append(row("document", "批准文件", "Approval", lot["document"]))
        rows += [row("commitment", "受邀单位名单摘要 (SHA-256)", "List of those invited (SHA-256)",
                     lot["commitment"], "hash"),
                 row("secrecy", "名单公布", "Publication of the list",
                     "名单及数量自公告起固定，开标前对任何人保密，开标时与盐值一并公布，可核对摘要。")]
        yield section(f"标段 {lot['number']} 邀请招标", f"Invitation to lot {lot['number']}", rows)
