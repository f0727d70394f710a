"""The words with which this book says no about methods besides the open tender."""

from kernel.refusal import Word

NOT_INVITED = Word(
    "bid.not-invited", 403, "招标投标法 10, 17",
    "该标段为邀请招标，贵单位不在受邀之列，不能就其投标、提问或提交保证金。",
    "This lot is put out by invitation and your company is not invited: it cannot bid, ask or lodge"
    " security for it.",
    "认为应当公开招标的，可就招标文件提出异议（实施条例 22）或向监督机构投诉。",
    "If you hold that it must be put out openly, object to the documents or complain to the"
    " supervisor.",
)
INVITEE_NAMED = Word(
    "invitees.named", 422, "招标投标法 22, 52",
    "拟公布的内容出现受邀单位的名称或统一社会信用代码；开标前不得向他人透露。",
    "What is to be published names a company that is invited, by name or credit code; nobody may be"
    " told before the opening.",
    "请删去该名称后再办。", "Take the name out and repeat.",
)
INVITEE_TWICE = Word(
    "invitees.twice", 422, "招标投标法 17",
    "同一单位在名单中出现两次。", "One company is on the list twice.",
    "每个单位只列一次。", "Name each company once.",
)
INVITEES_DRAWN = Word(
    "invitees.drawn", 422, "政府采购法 34; 政府采购货物和服务招标投标管理办法 14",
    "政府采购邀请招标的受邀供应商须从备选名单中随机抽取，不能直接指定。",
    "In government procurement those invited are drawn from a longer list; the buyer cannot name"
    " them.",
    "请保存备选名单，再由两人监督抽取。",
    "Save the longer list, then have them drawn with two persons present.",
)
INVITEES_NAMED = Word(
    "invitees.not-drawn", 422, "政府采购法 34; 政府采购货物和服务招标投标管理办法 14",
    "只有政府采购的邀请招标才从备选名单中抽取受邀供应商。",
    "Only in government procurement are those invited drawn from a longer list.",
    "请直接填写受邀单位名单。", "Save the list of those invited itself.",
)
SUSPENSION_SPENT = Word(
    "lot.suspension-spent", 409, "政府采购质疑和投诉办法 28",
    "文号 {document_no} 已暂停过该项目；同一事项暂停采购活动最长不得超过三十日。",
    "This lot was suspended by {document_no} before; one matter suspends a procurement for thirty days"
    " at most.",
    "如有新的投诉事项，请以新的文号暂停。", "For another matter, suspend it by another document.",
)
HALTED = Word(
    "course.halted", 409, "实施条例 62; 政府采购质疑和投诉办法 28",
    "监督机构因投诉已责令暂停，暂停期间不得签订合同。",
    "The supervisor halted this for a complaint: no contract is made meanwhile.",
    "请待暂停解除或期满。", "Wait until the halt is lifted or over.",
)
HALT_SPENT = Word(
    "course.halt-spent", 409, "政府采购质疑和投诉办法 28",
    "该文号已暂停过此事项。", "It was halted by this document before.",
    "如有新的投诉事项，请以新的文号暂停。", "For another matter, halt it by another document.",
)
DIRECT_STATE = Word(
    "direct.state", 409, "规则 §1.3",
    "该直接发包事项所处阶段不允许此操作。", "The direct award is in a state that does not allow this.",
    "请刷新后查看其状态。", "Reload and see its state.",
)
DIRECT_CONTRACT = Word(
    "direct.contract", 422, "招标投标法 46",
    "合同金额应为发包价 {price_fen} 分，签订时间不早于公布、异议期满和最后答复（{since}），且不晚于现在。",
    "The contract is at the price of {price_fen} fen, signed no earlier than {since}, when it was"
    " published, its time for objections was over and all were answered, and not in the future.",
    "请核对合同金额和签订时间。", "Check amount and time.",
)
DIRECT_LATE = Word(
    "direct.late", 422, "招标投标法 46; 规则 T13",
    "合同应于 {until} 前签订，逾期须写明原因。",
    "The contract was to be signed by {until}; being late needs a reason.",
    "请填写 late_reason。", "State it in late_reason.",
)
OBJECTED_LAW = "规则 §1.3; 实施条例 54"
DIRECT_OWN = Word(
    "direct.own", 409, OBJECTED_LAW,
    "承包单位不能对发包给自己的结果提出异议。",
    "The contractor does not object to what was awarded to it.",
    "无需操作。", "Nothing is asked of you.",
)
DIRECT_NOT_OBJECTABLE = Word(
    "direct.not-objectable", 409, OBJECTED_LAW,
    "对直接发包的异议须在公示期内提出（至 {until}，现在是 {now}）。",
    "An objection to a direct award is raised while it stands in public (until {until}; it is"
    " {now}).",
    "公示期已过的，可向监督机构反映。", "After that, turn to the supervisor.",
)
DIRECT_OBJECTED = Word(
    "direct.objected", 409, OBJECTED_LAW,
    "贵单位已对该直接发包提出异议，应一次性提出。",
    "Your unit has objected to this award; what there is to say is said at once.",
    "请等待答复。", "Wait for the answer.",
)
DIRECT_ANSWERED = Word(
    "direct.answered", 409, OBJECTED_LAW,
    "该异议已答复，答复不可更改。", "This objection has been answered; an answer is not changed.",
    "无需操作。", "Nothing need be done.",
)
DIRECT_WAITS = Word(
    "direct.waits", 409, OBJECTED_LAW,
    "有异议尚未答复，答复前不得签订合同。",
    "An objection is not answered; until it is no contract is signed.",
    "请先答复异议。", "Answer the objection first.",
)
LICENCE_PERIOD = Word(
    "licence.period", 422, "建筑法 26",
    "证书的有效期截止日早于起始日。", "The licence ends before it begins.",
    "请按证书填写起止日。", "Give the days as it states them.",
)
LICENCE_OVER = Word(
    "licence.over", 422, "建筑法 26; 招标投标法 26",
    "证书已于 {until} 到期，不能登记。", "The licence ended on {until} and cannot be registered.",
    "请登记换发后的证书。", "Register the one that was issued in its place.",
)
REFUSED_BEFORE = Word(
    "bid.refused-before", 403, "政府采购非招标采购方式管理办法 22",
    "该单位在对该项目的上一次采购中拒绝签订合同，不得参加重新开展的采购活动。",
    "This company refused the contract in a round before and may not take part in this one.",
    "无需操作；不服该认定的，可向监督部门投诉。",
    "Nothing is to be done; against that finding one may complain to the supervisor.",
)
