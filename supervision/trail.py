"""The entries of a lot as a story: who did what, when, by which article. Pure.

What an entry says stands in its record; here are only the words for it. An act without words of
its own is shown by its name, so that nothing is left out.
"""

from __future__ import annotations

WHAT: dict[str, tuple[str, str]] = {
    "tender.created": ("建立项目", "The project was created"),
    "tender.edited": ("修改草稿", "The draft was changed"),
    "tender.retendered": ("重新招标", "It was put out again"),
    "document.added": ("加入招标文件", "A file was added to the documents"),
    "document.removed": ("移除招标文件", "A file was taken out of the documents"),
    "items.set": ("录入工程量清单", "The bill of quantities was set"),
    "requirements.set": ("录入资格要求", "The requirements were stated"),
    "fairness.recorded": ("记录公平竞争审查", "The fairness review was recorded"),
    "review.made": ("规则审查", "The rules were run over it"),
    "review.answered": ("处理审查提示", "A hit of the review was answered"),
    "opener.assigned": ("指定开标人员", "An opening official was assigned"),
    "opener.dismissed": ("撤换开标人员", "An opening official was taken away"),
    "holder_key.registered": ("登记开标密钥", "An opening key was registered"),
    "holder_key.certified": ("认证开标密钥", "An opening key was certified"),
    "holder_key.rehearsal_begun": ("开始密钥演练", "A rehearsal began"),
    "holder_key.rehearsed": ("通过密钥演练", "A rehearsal was passed"),
    "notice.submitted": ("提交公告送审", "The notice was submitted for approval"),
    "notice.approved": ("批准并发布公告", "The notice was approved and published"),
    "notice.published": ("签发公告", "A signed notice was published"),
    "amendment.published": ("发布变更公告", "An amendment was published"),
    "deadline.extended": ("延后截止时间", "The deadline was moved later"),
    "deadline.postponed": ("截止时间顺延", "The deadline moved because something waited"),
    "deadline.restoration_proposed": ("提出截止时间建议", "A decision on the deadline was proposed"),
    "deadline.decided": ("决定截止时间建议", "The proposal on the deadline was decided"),
    "deadline.restored": ("恢复投标", "The deadline was restored"),
    "question.asked": ("提出疑问", "A question was asked"),
    "question.answered": ("答复疑问", "A question was answered"),
    "objection.filed": ("提出异议", "An objection was made"),
    "objection.answered": ("答复异议", "An objection was answered"),
    "objection.overdue": ("异议逾期未答复", "An objection was not answered in time"),
    "tender.suspended": ("责令暂停", "It was suspended"),
    "tender.resumed": ("恢复进行", "It went on"),
    "tender.terminated": ("终止招标", "It was ended"),
    "guarantee.lodged": ("提交投标保证金", "A bid security was lodged"),
    "bid.declared": ("声明加密投标", "A sealed bid was declared"),
    "bid.submitted": ("递交投标", "A sealed bid was received"),
    "bid.replacement_declared": ("声明替换投标", "A replacement was declared"),
    "bid.replaced": ("替换投标", "A bid was replaced"),
    "bid.withdrawn": ("撤回投标", "A bid was withdrawn"),
    "bid.deemed_withdrawn": ("视为撤回投标", "A bid counts as withdrawn"),
    "bid.returned": ("退回投标", "A bid was returned unopened"),
    "lot.closed": ("投标截止并封存", "The bids were closed and committed"),
    "lot.failed": ("流标", "The lot failed"),
    "opening.authorised": ("授权开标", "The opening was authorised"),
    "opening.prices_authorised": ("授权开启报价", "The opening of prices was authorised"),
    "opening.tenderer_shares_given": ("投标人提交解密份额", "A tenderer gave its shares"),
    "opening.tenderer_price_shares_given": ("投标人提交报价份额", "A tenderer gave its price shares"),
    "opening.shares_released": ("开标人员提交解密份额", "An official gave its shares"),
    "opening.price_shares_released": ("开标人员提交报价份额", "An official gave its price shares"),
    "opening.plain_file_given": ("提交明文文件", "A plain file was handed in"),
    "opening.unopened_named": ("列出未能开启的投标", "The bids that did not open were named"),
    "opening.statement_made": ("投标人说明未开启原因", "A tenderer said why its bid did not open"),
    "opening.fault_decided": ("认定未开启责任", "It was decided whose fault it was"),
    "opening.fault_omitted": ("逾期未认定责任", "Nobody decided whose fault it was"),
    "opening.fault_objected": ("对责任认定提出异议", "The decision on fault was objected to"),
    "opening.objected": ("现场异议", "The opening was objected to"),
    "opening.objection_answered": ("答复现场异议", "An objection on the spot was answered"),
    "lot.opened": ("公布开标记录", "The opening record was published"),
    "lot.prices_opened": ("公布报价开标记录", "The record of prices was published"),
    "opening_record.signed": ("签署开标记录", "An official signed the opening record"),
    "draw.announced": ("公告抽取专家", "The draw of the panel was announced"),
    "expert.declared": ("专家接受或回避", "An expert accepted, or stepped aside"),
    "score.saved": ("保存评分", "A score sheet was saved"),
    "score.signed": ("签署评分", "A score sheet was signed"),
    "report.signed": ("签署评标报告", "The report was signed by one of the panel"),
    "report.concluded": ("评标报告完成", "The evaluation report was concluded"),
    "candidates.published": ("公示中标候选人", "The candidates were published"),
    "award_committee.formed": ("组建定标委员会", "The award committee was formed"),
    "vote.cast": ("投票", "A vote was cast"),
    "award.confirmed": ("确定中标人", "The winner was confirmed"),
    "contract.registered": ("登记合同", "The contract was registered"),
}

WHO = {"clock": ("平台时钟", "the clock"), "operator": ("运维人员", "the operator"),
       "anonymous": ("未登录者", "nobody signed in"), "account": ("账号", "account"),
       "token": ("接口令牌", "token")}

PLAIN = ("document_no", "deadline", "deadline_before", "opening_at", "ends_at", "decision", "kind",
         "outcome", "count", "root", "record", "content_hash", "policy_hash", "fault", "version",
         "closed_at", "witnesses", "document_hash")
"""Facts that are shown as they stand; the rest is in the entry itself."""


def story(entries: list[dict]) -> list[dict]:
    """The entries as they are told: {index, at, zh, en, type, who, actor, law, facts, entry}."""
    return [_told(entry) for entry in sorted(entries, key=lambda one: (
        one["record"].get("at", ""), one["position"]))]


def _told(entry: dict) -> dict:
    record = entry["record"]
    kind = record.get("type", entry["type"])
    actor = record.get("actor") or {}
    facts = record.get("facts") or {}
    zh, en = WHAT.get(kind, (kind, kind))
    return {"index": entry["position"], "at": record.get("at"), "type": kind, "zh": zh, "en": en,
            "who": WHO.get(actor.get("kind", ""), ("", "")),
            "actor": actor.get("account") or actor.get("account_id") or "",
            "law": record.get("law", ""), "disclose": entry["disclose"],
            "facts": [(name, facts[name]) for name in PLAIN
                      if isinstance(facts.get(name), (str, int)) and facts[name] != ""]}
