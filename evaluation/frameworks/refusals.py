"""How framework agreements say no."""

from kernel.refusal import Word

LAW = "财政部令110号"

FRAMEWORK_CLOSED = Word(
    "framework.closed-kind", 422, LAW,
    "本平台尚未提供封闭式框架协议：其第一阶段是竞争性征集，须有评审和淘汰。",
    "This platform does not carry closed frameworks yet: their first stage is a competition.",
    "请改用开放式（kind=open），或按公开招标发布标段。",
    "State it as open (kind=open), or publish a lot and tender it.",
)
FRAMEWORK_STATE = Word(
    "framework.state", 409, LAW,
    "该框架协议处于 {state} 状态，不能这样办理。",
    "The framework is in state {state}; this is not possible.",
    "请查看有效期和办理情况。", "See its validity and what was done.",
)
FRAMEWORK_USER = Word(
    "framework.user", 403, LAW,
    "贵单位不在该框架协议的采购人范围内。", "Your unit is not among those who may buy under it.",
    "请向征集人了解，或采用其他采购方式。", "Ask the unit that stated it, or buy another way.",
)
APPLICATION_ONCE = Word(
    "framework.applied", 409, LAW,
    "贵单位已申请或已入围。", "Your unit has applied, or stands in it already.",
    "请等待审核结果；入围后无需再申请。", "Wait for the decision; who is admitted need not apply.",
)
APPLICATION_PAPERS = Word(
    "framework.papers", 422, LAW,
    "缺少有效的证明材料：{missing}。", "There is no valid paper for: {missing}.",
    "请先存入材料，再逐项列出。", "Keep the papers first and list one for each condition.",
)
APPLICATION_TERMS = Word(
    "framework.terms", 409, LAW,
    "所接受的条款与公布的不一致。", "What is accepted is not what was published.",
    "请重新读取公告后再申请。", "Read the notice again and apply then.",
)
APPLICATION_PRICE = Word(
    "framework.price", 422, LAW,
    "价格须符合征集公告：最高（或付费标准）{price_fen} 分。",
    "The price does not fit what was published, {price_fen} fen.",
    "请按公布的价格方式填写单价。", "Name a unit price as the terms ask.",
)
APPLICATION_STRUCK = Word(
    "framework.struck", 409, LAW,
    "贵单位已被取消入围资格，不得再次加入同一框架协议。",
    "Your unit was struck off and cannot join the same framework again.",
    "可对取消入围资格的决定依法寻求救济。", "Turn to the supervisor against the decision.",
)
APPLICATION_BARRED = Word(
    "framework.barred", 409, "政府采购法 22; " + LAW,
    "该单位在限制参加采购的名单上。", "The unit is on the public list of debarments.",
    "期满后再申请。", "Apply when it has run out.",
)
APPLICATION_STATE = Word(
    "framework.application-state", 409, LAW,
    "该申请已办结或已变化。", "The application has been decided or has changed.",
    "请重新读取。", "Read it again.",
)
APPLICATION_GROUNDS = Word(
    "framework.grounds", 422, LAW,
    "只能以公布的条件不符为由拒绝，并说明理由。",
    "An application is refused only against published conditions, with a reason.",
    "请指出不符合的条件。", "Name the conditions that are not met.",
)
SUPPLIER_BUSY = Word(
    "framework.busy", 409, LAW,
    "贵单位还有未办结的成交项目。", "A call-off given to your unit is not finished.",
    "请先答复轮候或签订合同，再退出。", "Answer your turn or sign the contract first, then leave.",
)
STRIKE_OPEN = Word(
    "framework.strike-open", 409, LAW,
    "对该供应商已有待审的清退。", "A proposal to strike this supplier off waits already.",
    "请先办结。", "Finish that one first.",
)
STRIKE_STATE = Word(
    "framework.strike-state", 409, LAW,
    "该清退已办结，或供应商已不在框架协议内。",
    "It has been decided, or the supplier stands in the framework no more.",
    "请重新读取。", "Read it again.",
)
CALLOFF_METHOD = Word(
    "calloff.method", 422, LAW,
    "该框架协议没有载明这种方式。", "The framework does not name this way.",
    "请采用公告载明的方式。", "Use one that the notice names.",
)
CALLOFF_LARGE = Word(
    "calloff.large", 422, LAW,
    "单笔金额最高 {most_fen} 分，达到限额 {limit_fen} 分，不属于小额采购。",
    "It may cost {most_fen} fen and reaches the limit of {limit_fen} fen for one purchase.",
    "请按采购方式的一般规定办理。", "Procure it by the general procedures.",
)
CALLOFF_SPLIT = Word(
    "calloff.split", 422, "政府采购法 28; " + LAW,
    "与近期同一项目合计 {total_fen} 分，达到限额 {limit_fen} 分，疑似化整为零。",
    "With others of the same project it comes to {total_fen} fen and reaches the limit of"
    " {limit_fen} fen: this looks like splitting.",
    "请合并后按一般规定采购；规则允许的，在 split_reason 中说明（不少于 10 字）。",
    "Procure them together; or give split_reason, ten characters or more, where the profile"
    " takes one.",
)
CALLOFF_REASON = Word(
    "calloff.reason", 422, LAW,
    "直接选定须说明选择该供应商的理由（不少于 10 字）。",
    "Who chooses directly says why, in ten characters or more.",
    "请填写 reason。", "Fill in reason.",
)
CALLOFF_SUPPLIER = Word(
    "calloff.supplier", 422, LAW,
    "没有可以承接的入围供应商，或所选单位未入围。",
    "Nobody admitted can be asked, or the unit chosen is not admitted.",
    "请在入围供应商中办理。", "Choose among those admitted.",
)
CALLOFF_TIME = Word(
    "calloff.time", 422, LAW,
    "报价截止须在 {earliest} 至 {latest} 之间（揭示须在有效期内结束）。",
    "Offers end between {earliest} and {latest}, so that they are revealed within the validity.",
    "请调整时间。", "Set another time.",
)
CALLOFF_STATE = Word(
    "calloff.state", 409, LAW,
    "该采购处于 {state} 状态，不能这样办理。", "The call-off is in state {state}; this is not possible.",
    "请查看办理情况。", "See how it stands.",
)
NOT_YOUR_TURN = Word(
    "calloff.not-yours", 409, LAW,
    "没有轮到贵单位，或贵单位不是入围供应商。",
    "It is not your unit's turn, or your unit is not admitted.",
    "轮到时会在工作台提示。", "Your desk says when your turn comes.",
)
TURN_TAKEN = Word(
    "calloff.turn-taken", 409, LAW,
    "该次轮候已给予另一采购。", "This turn was given to another call-off at the same moment.",
    "请重试。", "Try again.",
)
TURN_ANSWERED = Word(
    "calloff.turn-answered", 409, LAW,
    "该次轮候已答复。", "This turn has been answered.", "无需重复。", "Nothing need be done.",
)
OFFERED = Word(
    "calloff.offered", 409, LAW,
    "贵单位已经报价，报价不得更改。", "Your unit has offered; an offer is not changed.",
    "请在揭示时段内揭示。", "Reveal it when the time comes.",
)
OFFER_DIFFERS = Word(
    "calloff.offer-differs", 422, LAW,
    "揭示的内容与封存的摘要不一致，或没有封存过。",
    "What is revealed is not what was sealed, or nothing was.",
    "请用封存时的金额、方案摘要和随机数。",
    "Use the price, the proposal's hash and the salt it was sealed with.",
)
CALLOFF_AMOUNT = Word(
    "calloff.amount", 422, "政府采购法 46; " + LAW,
    "合同金额须与成交金额 {price_fen} 分一致。",
    "The contract's amount is the result's, {price_fen} fen.",
    "请更正金额。", "Correct the amount.",
)
NOT_OBJECTABLE = Word(
    "framework.not-objectable", 409, "政府采购法 52; " + LAW,
    "异议须在期限内提出（至 {until}，现在是 {now}）。",
    "An objection is raised in its time (until {until}; it is {now}).",
    "期限已过的，可向监督机构反映。", "After that, turn to the supervisor.",
)
OBJECTED = Word(
    "framework.objected", 409, "政府采购法 52; " + LAW,
    "贵单位已提出异议，应一次性提出。", "Your unit has objected; what there is to say is said at once.",
    "请等待答复。", "Wait for the answer.",
)
OBJECTION_ANSWERED = Word(
    "framework.objection-answered", 409, "政府采购法 53; " + LAW,
    "该异议已答复，答复不可更改。", "This objection has been answered; an answer is not changed.",
    "无需操作。", "Nothing need be done.",
)
NOT_YOURS = Word(
    "framework.not-yours", 409, LAW,
    "贵单位不是该事项的当事方。", "Your unit is no party to this.",
    "无需操作。", "Nothing is asked of you.",
)
