"""What may be done next, and by whom: printed from the permission table, so it is what is true.

Only actions that move a tender on are named; what may be read is on the page anyway.
"""

from __future__ import annotations

from dataclasses import dataclass

from people import permissions
from tender.lifecycle import Phase

ROLES: dict[str, tuple[str, str]] = {
    "tenderer_outside": ("尚未投标的企业", "a company that has not bid"),
    "tenderer_own": ("投标人", "a tenderer"),
    "buyer_own": ("招标人", "the buyer"),
    "opener_assigned": ("开标人员", "an opening official"),
    "supervisor_in": ("监督机构", "the supervisor"),
    "expert_assigned": ("评标专家", "a panel expert"),
    "awarder_assigned": ("定标委员会成员", "a member of the award committee"),
}

ACTIONS: dict[str, tuple[str, str]] = {
    "question.ask": ("提出疑问（提问人对任何人保密）", "ask a question (nobody learns who asked)"),
    "question.answer": ("答复疑问，答复对全体公开", "answer, to everybody"),
    "guarantee.submit": ("提交投标保证金", "lodge a bid guarantee"),
    "bid.declare": ("在本机加密并递交投标文件", "seal a bid on its own machine and submit it"),
    "bid.replace_own": ("替换投标文件", "replace the bid"),
    "bid.withdraw_own": ("撤回投标文件", "withdraw the bid"),
    "opening.start": ("授权开标", "authorise the opening"),
    "opening.tenderer_share": ("提交解密密钥", "give the decryption key"),
    "opening.official_share": ("提交解密份额", "give a decryption share"),
    "opening.sign_record": ("签署开标记录", "sign the opening record"),
    "committee.draw": ("抽取评标委员会", "announce the draw of the panel"),
    "draw.contribute": ("向抽取提交随机数", "contribute randomness to the draw"),
    "expert.declare": ("接受或者回避", "accept, or declare a conflict"),
    "score.sign_own": ("独立评分并签署", "score alone and sign"),
    "report.sign": ("签署评标报告", "sign the evaluation report"),
    "candidates.publish": ("公示中标候选人", "publish the candidates"),
    "award.committee_form": ("组建定标委员会", "form the award committee"),
    "award.vote": ("投票", "vote"),
    "award.confirm": ("确定中标人", "confirm the winner"),
    "contract.register": ("登记合同", "register the contract"),
}


@dataclass(frozen=True)
class Next:
    """Who may do what now, in both languages."""

    who_zh: str
    who_en: str
    what: tuple[tuple[str, str], ...]


def next_steps(phase: Phase, *, guarantee: bool = True) -> list[Next]:
    """Who may do what in `phase`; `guarantee`: whether the lot asks for a bid guarantee."""
    found = []
    for role, (zh, en) in ROLES.items():
        what = tuple(words for action, words in ACTIONS.items()
                     if (guarantee or action != "guarantee.submit")
                     and permissions.decide(action, {role}, phase.name)
                     is permissions.Answer.ALLOWED)
        if what:
            found.append(Next(zh, en, what))
    return found
