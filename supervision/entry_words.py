"""What acts are called in the record and in a lot's trail, in both languages. Pure.

Every act that everybody may come to read of has its words here, and every act on a lot's notices,
bids, securities, questions and objections, which its trail tells to who watches over it.
"""

from __future__ import annotations

_WORDS = """
cover|遮盖条目（不含内容，用来隐去投标的次数）|Cover entry (empty; it hides how often anybody bids)
agency.approved|中介机构入库获批|Agency taken into the directory
agency.authorised|授权代理机构|Agency authorised
agency.entered|中介机构申请入库|Agency entered
agency.left|中介机构退出|Agency left the directory
agency.proposed|中介机构初审通过|Agency found good by the first of two
agency.revoked|撤回代理授权|Agency's authority taken back
agency.sanction_proposed|提议限制中介机构|Keeping an agency out proposed
agency.sanctioned|限制中介机构|Agency kept out
amendment.drafted|起草补充（更正）|Amendment drafted
amendment.fairness_recorded|记录补充（更正）的公平竞争审查|Fair competition review of an amendment recorded
amendment.file_added|加入补充（更正）文件|File added to an amendment
amendment.file_removed|取出补充（更正）文件|File taken out of an amendment
amendment.hit_answered|处理补充（更正）审查提示|Hit on an amendment answered
amendment.published|发布补充（更正）|Amendment published
amendment.restated|改写补充（更正）|Amendment restated
amendment.reviewed|审查补充（更正）|Amendment reviewed
amendment.sent_back|退回补充（更正）|Amendment sent back
amendment.signed|提交人签名补充（更正）|Amendment signed by who submitted it
amendment.submitted|补充（更正）送审|Amendment submitted for approval
amendment.withdrawn|放弃补充（更正）|Amendment given up
award.cancelled|取消中标|Award cancelled
award.confirmed|确定中标人|Winner confirmed
award.default_dropped|放弃取消中标的提议|Proposal to cancel an award dropped
award.default_proposed|提议取消中标|Cancelling of an award proposed
award.word_given|候选人对中标的说明|Word of a candidate about an award
award_committee.formed|组建定标委员会|Award committee formed
bid.declared|声明加密投标|Sealed bid declared
bid.deemed_withdrawn|视为撤回投标|Bid counts as withdrawn
bid.replaced|替换投标文件|Bid replaced
bid.replacement_declared|声明替换投标|Replacement of a bid declared
bid.returned|退回未开启的投标|Bid returned unopened
bid.submitted|收到投标文件|Bid received
bid.withdrawn|撤回投标文件|Bid withdrawn
buyer.rated|评价招标人|Buyer rated
calloff.contracted|登记框架协议成交合同|Contract of a call-off registered
calloff.decline_judged|认定拒绝轮候的理由|Reason to decline a turn judged
calloff.given_up|终止未签约的框架协议采购|Call-off ended unsigned
calloff.objection_answered|答复框架协议成交异议|Objection to a call-off answered
calloff.offers_closed|二次竞价截止|Offers of a mini-competition closed
calloff.revealed|揭示二次竞价报价|Offer of a mini-competition revealed
calloff.settled|二次竞价揭示结束|Mini-competition settled
calloff.stated|发起框架协议采购|Call-off made
calloff.turn_declined|拒绝轮候|Turn declined
calloff.turn_passed|轮候逾期顺延|Turn passed on
calloff.turn_taken|接受轮候|Turn taken
candidate.given_up|候选人放弃|Candidate gave up
candidates.published|公示中标候选人|Candidates published
clock.forwarded|演示时间前移|Demonstration's time moved forward
complaint.accepted|受理投诉|Complaint accepted
complaint.closed|投诉整改核实办结|Complaint closed on evidence
complaint.corrected|补正投诉书|Complaint corrected
complaint.correction_asked|要求补正投诉书|Correction of a complaint asked
complaint.course_filed|就直接发包、中介服务提出投诉|Complaint of a direct award or a service filed
complaint.decided|作出投诉处理决定|Complaint decided
complaint.decision_proposed|提出投诉处理决定|Decision on a complaint proposed
complaint.decision_returned|退回投诉处理决定|Proposed decision on a complaint sent back
complaint.disclosed|向被投诉人披露投诉人|Complainant disclosed to the buyer
complaint.evidence_added|提交投诉证据|Evidence for a complaint added
complaint.filed|提出投诉|Complaint filed
complaint.not_accepted|投诉不予受理|Complaint not accepted
complaint.order_reported|报告投诉整改情况|What a decision ordered reported as done
complaint.overdue|投诉办理逾期|Complaint overdue
complaint.paused|投诉处理期限停止计算|Clock of a complaint stands still
complaint.recused|投诉办案人员回避|A person stood aside in a complaint
complaint.report_returned|退回投诉整改报告|Report on a complaint sent back
complaint.resumed|投诉处理期限继续计算|Clock of a complaint runs on
complaint.statement_asked|要求被投诉人说明|Statement on a complaint asked
complaint.statement_given|被投诉人说明|Statement on a complaint given
complaint.suspension_ordered|因投诉责令暂停|Suspension ordered for a complaint
complaint.transferred|移送投诉|Complaint passed on
complaint.withdrawn|撤回投诉|Complaint withdrawn
contract.registered|登记合同|Contract registered
deadline.decided|对截止时间作出决定|Deadline decided
deadline.doubted|截止时间存疑|Deadline in doubt
deadline.extended|延长投标截止|Deadline extended
deadline.postponed|因未答复异议顺延截止|Deadline put off for an unanswered objection
deadline.restoration_proposed|提议恢复截止时间|Restoring the deadline proposed
deadline.restored|恢复截止时间|Deadline restored
debarment.approved|禁止投标名单获批|Debarment approved
debarment.proposed|提议列入禁止投标名单|Debarment proposed
direct_award.approved|公布直接发包|Direct award published
direct_award.complaint_decided|直接发包投诉作出处理决定|Complaint of a direct award decided
direct_award.contracted|登记直接发包合同|Contract of a direct award registered
direct_award.objection_answered|答复直接发包异议|Objection to a direct award answered
direct_award.objection_overdue|直接发包异议逾期|Objection to a direct award overdue
direct_award.suspended|因投诉暂停直接发包|Direct award halted for a complaint
document.added|加入招标文件|Bidding document added
document.removed|移除招标文件|Bidding document removed
draw.announced|公告抽取|Draw announced
draw.closed|抽取揭示截止|Revealing of the draw closed
draw.committed|提交抽取随机数承诺|Randomness for the draw committed
draw.revealed|揭示抽取随机数|Randomness for the draw revealed
expert.declared|专家接受或者回避|Expert accepted or declared a conflict
fairness.recorded|记录公平竞争审查|Fair competition review recorded
finding.answered|整改答复|Finding answered
finding.closed|问题销号|Finding closed
finding.closing_proposed|提议销号|Closing a finding proposed
finding.fell_overdue|整改逾期|Finding overdue
finding.opened|发现问题|Finding opened
finding.returned|退回整改|Answer to a finding returned
framework.admitted|供应商入围框架协议|Supplier admitted to a framework
framework.application_overdue|框架协议申请逾期未审|Application to a framework overdue
framework.ended|框架协议期满|Framework ended
framework.left|供应商退出框架协议|Supplier left a framework
framework.objection_answered|答复框架协议入围异议|Objection to a refusal answered
framework.objection_overdue|框架协议异议逾期|Objection under a framework overdue
framework.published|发布框架协议征集公告|Framework published
framework.stopped|提前终止框架协议|Framework ended before its day
framework.struck|取消框架协议入围资格|Supplier struck off a framework
guarantee.forfeited|不予退还保证金|Bid guarantee forfeited
guarantee.lodged|提交投标保证金|Bid guarantee lodged
guarantee.prolonged|延长投标保证金|Bid guarantee prolonged
guarantee.reconciled|核对保证金退还|Release of a security reconciled
guarantee.release_confirmed|确认退还保证金|Release of a security confirmed
guarantee.release_ordered|指令退还保证金|Release of a security ordered
guarantee.release_scheduled|安排退还保证金|Release of a security scheduled
guarantor.registered|登记保函机构|Guarantor registered
holder_key.certified|核实开标公钥|Opening key certified
holder_key.registered|登记开标公钥|Opening key registered
holder_key.rehearsal_begun|开始开标演练|Rehearsal begun
holder_key.rehearsed|完成开标演练|Rehearsal done
invitation.announced|公布受邀供应商的抽取|Draw of those invited announced
invitation.drawn|抽取受邀供应商|Those invited drawn
invitation.watched|签认受邀供应商的抽取|Draw of those invited watched
invitees.set|确定受邀单位|Invitees set
items.set|编制工程量清单|Bill of quantities set
ledger.imported|导入支付清单|Ledger imported
long_list.set|保存备选供应商名单|Longer list of suppliers set
lot.closed|投标截止，承诺已收投标|Lot closed; the bids that stand are committed to
lot.failed|流标|Lot failed
lot.opened|公布开标记录|Opening record published
lot.prices_opened|公布第二次开标记录|Second opening record published
lottery.announced|公告合格者抽取|Draw among those who passed announced
lottery.closed|合格者抽取揭示截止|Draw among those who passed: revealing closed
lottery.committed|提交合格者抽取承诺|Commitment for the draw among those who passed
lottery.drawn|合格者抽取完成|Order drawn among those who passed
lottery.revealed|揭示合格者抽取随机数|Nonce for the draw among those who passed revealed
notice_key.ended|公告签名密钥停用|Key that signed notices ended
notice_key.named|公示公告签名密钥|Key that signs notices made known
notice.approved|批准并发布公告|Notice approved and published
notice.published|发布公告|Notice published
notice.sent_back|退回公告|Notice sent back
notice.signed|提交人签名|Notice signed by who submitted it
notice.submitted|公告送审|Notice submitted for approval
objection.answered|答复异议|Objection answered
objection.evidence_added|提交异议证据|Evidence for an objection added
objection.filed|提出异议|Objection filed
objection.overdue|异议逾期未答复|Objection overdue
offer.revealed|揭示报价|Offer revealed
opener.assigned|指定开标人员|Opening official assigned
opener.dismissed|撤换开标人员|Opening official dismissed
opening.authorised|授权开标|Opening authorised
opening.fault_decided|对未开启投标作出决定|Unopened bid decided
opening.fault_objected|对决定提出异议|Decision on an unopened bid objected to
opening.fault_omitted|逾期未作决定|No decision on an unopened bid in time
opening.objected|开标异议|Objection at the opening
opening.objection_answered|当场答复开标异议|Objection at the opening answered
opening.plain_file_given|提交备用明文文件|Plain file given
opening.price_shares_released|开标人员提交报价解密份额|Official's shares of prices given
opening.prices_authorised|授权开启报价|Opening of prices authorised
opening.shares_released|开标人员提交解密份额|Official's shares given
opening.statement_made|当事人陈述|Statement made
opening.tenderer_price_shares_given|投标人提交报价解密密钥|Tenderer's shares of price given
opening.tenderer_shares_given|投标人提交解密密钥|Tenderer's shares given
opening.unopened_named|列明未能开启的投标|Unopened bids named
opening_record.signed|签署开标记录|Opening record signed
panel.drawn|抽取评标委员会|Panel drawn
person.erased|删除个人信息|Person's data erased
plan.announced|公布招标计划|Plan announced
pre_notice.signed|提交人签名招标预公告|Advance notice signed by who submitted it
pre_notice.published|发布招标预公告|Advance notice published
profile.approved|规则参数生效|Profile approved
profile.proposed|提议规则参数|Profile proposed
question.answered|答复疑问|Question answered
question.asked|提出疑问|Question asked
reading.asked|请外单位审阅公告|Reading asked of another unit
reading.given|外单位审阅结论|Reading given
reading.withdrawn|撤回审阅请求|Reading withdrawn
registration.set|项目登记|Registration stated
report.concluded|评标报告定稿|Evaluation report concluded
report.signed|签署评标报告|Evaluation report signed
requirements.set|设定资格要求|Requirements set
review.answered|处理审查提示|Review answered
review.made|招标文件审查|Documents reviewed
score.saved|保存评分表|Score sheet saved
score.signed|签署评分表|Score sheet signed
security.digested|承诺安全日志|Security log committed to
selection.announced|公告选取抽签|Selection announced
selection.closed|选取揭示截止|Revealing of the selection closed
selection.committed|提交选取随机数承诺|Randomness for the selection committed
selection.drawn|抽取中介机构|Agency drawn
selection.revealed|揭示选取随机数|Randomness for the selection revealed
service.approved|发布中介服务需求|Service request published
service.chosen|选定中介机构|Agency chosen
service.complaint_decided|中介服务投诉作出处理决定|Complaint of a service decided
service.contracted|登记中介服务合同|Service contract registered
service.finished|中介服务完成|Service finished
service.lapsed|中介服务逾期未签约|Service lapsed
service.objection_answered|答复中介服务异议|Objection to a service's result answered
service.objection_overdue|中介服务异议逾期|Objection to a service's result overdue
service.offers_closed|中介服务报价截止|Offers closed
service.rated|评价中介机构|Agency rated
service.requested|提出中介服务需求|Service asked for
service.screened|中介服务资格审查|Offers screened
service.settled|中介服务揭示结束|Service settled
service.suspended|因投诉暂停中介服务|Service halted for a complaint
template.used|使用招标模板|Template used
tender.created|建立招标项目|Project created
tender.edited|修改招标项目|Project edited
tender.resumed|恢复招标|Tender resumed
tender.retendered|重新招标|Tendered again
tender.suspended|暂停招标|Tender suspended
tender.terminated|终止招标|Tender terminated
validity.answered|答复是否延长投标有效期|Answer to a longer validity
validity.concluded|投标有效期延长结束|Longer validity concluded
validity.extension_asked|要求延长投标有效期|Longer validity asked for
vote.cast|定标投票|Vote cast
work.changed|更新村级工程|Village work changed
work.entered|登记村级工程|Village work entered
works.imported|导入村级工程|Village works imported
"""

WORDS: dict[str, tuple[str, str]] = {
    name: (zh, en) for name, zh, en in (line.split("|") for line in _WORDS.strip().splitlines())}
"""(Chinese, English) by the type of an entry."""


def said(kind: str) -> tuple[str, str]:
    """What an entry's type is called; a type without words says its own name."""
    return WORDS.get(kind, (kind, kind))
