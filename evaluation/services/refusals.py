"""How the intermediary supermarket says no."""

from kernel.refusal import Word

AGENCY_STATE = Word(
    "agency.state", 409, "规则 §0：中介超市",
    "该中介机构的入驻信息已变化或已办结。", "The agency's entry has moved on.",
    "请重新读取后再办。", "Read it again.",
)
AGENCY_SAME_PERSON = Word(
    "agency.same-person", 403, "规则：两人决定",
    "初审人不得复审，换账号也不行。", "Who proposed the entry cannot approve it, with any account.",
    "请由监督机构的另一人复审。", "Have another person of the supervisor's approve it.",
)
NOT_ENTERED = Word(
    "agency.not-entered", 409, "规则 §0：中介超市",
    "贵单位未入驻该类服务，或资质证明已过期。",
    "Your unit is not in the directory for this kind of service, or its papers have run out.",
    "请先入驻并经两人审核，或更新资质。", "Enter the directory, or renew your papers.",
)
SERVICE_EXISTS = Word(
    "offer.exists", 409, "规则 §1.3：一次报出不得更改",
    "贵单位已经报价，报价不得更改。", "Your unit has offered; an offer is not changed.",
    "请在揭示时段内揭示。", "Reveal it when the time comes.",
)
SERVICE_STATE = Word(
    "service.state", 409, "规则 §0：中介超市",
    "该服务处于 {state} 状态，不能这样办理。", "The service is in state {state}; this is not possible.",
    "请查看时间安排。", "See its times.",
)
SERVICE_EARLY = Word(
    "service.early", 422, "规则 T2",
    "报价截止时间过早，最早为 {earliest}；确需缩短的须书面说明理由。",
    "The time for offers ends too early; the earliest is {earliest}, unless a reason is given.",
    "请改期，或填写 reason（不少于 10 字）。", "Set it later, or give a reason of ten characters or more.",
)
SERVICE_LARGE = Word(
    "service.large", 422, "必须招标的工程项目规定 5",
    "预算 {budget_fen} 分达到必须招标限额 {limit_fen} 分，不适用中介超市。",
    "The budget of {budget_fen} fen reaches the statutory limit of {limit_fen} fen.",
    "请改走依法必须招标程序。", "Use the statutory procedure.",
)
SERVICE_GATE = Word(
    "service.lottery-gate", 422, "公平竞争审查规则 8(4); 规则 §1.4",
    "随机抽取须注明政策文件文号和审查办法。",
    "A draw names the policy document it rests on and the screen before it.",
    "请填写 policy_document 和 screen。", "Fill in policy_document and screen.",
)
SERVICE_SAME_PERSON = Word(
    "service.same-person", 403, "规则：两人发布",
    "提交人不得审核自己提交的需求，换账号也不行。",
    "Who submitted the request cannot approve it, with any account.",
    "请由本单位另一人审核。", "Have another person of the unit approve it.",
)
SERVICE_CHANGED = Word(
    "service.changed", 409, "规则：两人发布",
    "内容与所读的不一致。", "It is not what was read.", "请重新读取。", "Read it again.",
)
OFFER_DIFFERS = Word(
    "offer.differs", 422, "规则 §1.3：一次报出不得更改",
    "揭示的内容与封存的摘要不一致，或没有封存过。",
    "What is revealed is not what was sealed, or nothing was.",
    "请用封存时的金额、方案摘要和随机数。", "Use the price, the proposal's hash and the salt it was sealed with.",
)
NO_SCREEN = Word(
    "service.no-screen", 409, "公平竞争审查规则 8(4); 规则 §1.4",
    "未经资格审查不得抽取。", "There is no draw without a screen before it.",
    "请先逐家作出审查结论。", "Screen every agency first, with a reason where one fails.",
)
SCREEN_INCOMPLETE = Word(
    "service.screen-incomplete", 422, "公平竞争审查规则 8(4)",
    "须对每一家已揭示的机构作出结论，不通过的须说明理由。",
    "Say of each revealed offer whether it passes, and why where it does not.",
    "请补全结论。", "Complete the screen.",
)
NOT_AN_OFFER = Word(
    "service.not-an-offer", 422, "规则 §0：中介超市",
    "所选机构没有有效报价。", "The agency chosen has no valid offer.",
    "请在已揭示且不超预算的机构中选取。", "Choose among those revealed within the budget.",
)
NOT_YOURS = Word(
    "service.not-yours", 409, "规则 §0：中介超市",
    "贵单位不是该服务的当事方。", "Your unit is no party to this service.",
    "无需操作。", "Nothing is asked of you.",
)
CONTRACT_DIFFERS = Word(
    "service.contract-differs", 422, "招标投标法 46",
    "合同金额须与成交金额 {price_fen} 分一致。",
    "The contract's amount must be the result's, {price_fen} fen.",
    "请更正金额。", "Correct the amount.",
)
RATED = Word(
    "service.rated", 409, "规则 §0：中介超市",
    "每方只评价一次。", "Each party rates once.", "无需操作。", "Nothing need be done.",
)
DRAW_TIME = Word(
    "service.draw-time", 409, "规则 §1.4",
    "承诺至 {commit_by} 止，揭示至 {reveal_by} 止。",
    "Commitments are taken until {commit_by}, nonces until {reveal_by}.",
    "请在各自时段内办理。", "Act within the time for each.",
)
DRAW_ONCE = Word(
    "service.draw-once", 409, "规则 §1.4",
    "该服务已有有效抽取，或贵单位已承诺。", "A draw is in force, or your unit has committed.",
    "无需重复。", "There is no need to repeat it.",
)
AGENCY_OUT = Word(
    "agency.out", 409, "规则 §0：中介超市; 招标投标法 53, 54",
    "贵单位已退出或在禁止承接期内（至 {until}）。",
    "Your unit has left the directory, or is kept out of it until {until}.",
    "期满后重新入驻；已退出的随时可以重新入驻。", "Enter it again, after that day where there is one.",
)
SANCTION_OPEN = Word(
    "agency.sanction-open", 409, "规则：两人决定",
    "对该机构已有待审的处理。", "A sanction of this agency waits for approval already.",
    "请先办结。", "Finish that one first.",
)
SANCTION_DAY = Word(
    "agency.sanction-day", 422, "规则 §0：中介超市",
    "期限须晚于今日。", "The last day of a sanction lies after today.", "请另定期限。", "Set another day.",
)
SERVICE_SPLIT = Word(
    "service.split", 422, "招标投标法 4, 49",
    "与同一项目近期的采购合计 {total_fen} 分，达到必须招标限额 {limit_fen} 分，疑似化整为零。",
    "With what was published of the same project it comes to {total_fen} fen and reaches the"
    " statutory limit of {limit_fen} fen: this looks like splitting.",
    "请合并后依法招标；规则允许的，在 reason 中书面说明（不少于 10 字）。",
    "Tender them together; or give a reason of ten characters or more where the profile takes one.",
)
SERVICE_NOT_FAILED = Word(
    "service.not-failed", 409, "规则 §0：中介超市",
    "只有本单位同类且已失败的需求才能重新发布。",
    "Only a request of your own unit, of the same kind, that failed is made again.",
    "请不填 predecessor_id，另行提交需求。", "Leave predecessor_id out and ask anew.",
)
SERVICE_SUCCEEDED = Word(
    "service.succeeded", 409, "规则 §0：中介超市",
    "该需求已重新发布过。", "It has been asked for again already.",
    "请在最近一次需求上办理。", "Go on with the latest request.",
)
NOT_OBJECTABLE = Word(
    "service.not-objectable", 409, "规则 §0：中介超市; 实施条例 54",
    "成交结果异议须在公示期内提出（至 {until}，现在是 {now}）。",
    "An objection to the result is raised while it stands in public (until {until}; it is {now}).",
    "公示期已过的，可向监督机构反映。", "After that, turn to the supervisor.",
)
SERVICE_OBJECTED = Word(
    "service.objected", 409, "规则 §0：中介超市; 实施条例 54",
    "贵单位已对该结果提出异议，应一次性提出。",
    "Your unit has objected to this result; what there is to say is said at once.",
    "请等待答复。", "Wait for the answer.",
)
SERVICE_ANSWERED = Word(
    "service.answered", 409, "实施条例 54",
    "该异议已答复，答复不可更改。", "This objection has been answered; an answer is not changed.",
    "无需操作。", "Nothing need be done.",
)
CONTRACT_LATE = Word(
    "service.contract-late", 422, "规则 §0：成交后签约; 招标投标法 46",
    "签约期限至 {until} 止，现在是 {now}。", "The time for the contract ended at {until}; it is {now}.",
    "请重新发布需求；规则允许迟签的，填写 late_reason（不少于 10 字）。",
    "Ask for the service again; where the profile lets it be late, give late_reason, ten characters"
    " or more.",
)
