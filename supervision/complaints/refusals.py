"""Refusals of complaints: each with its article and what to do."""

from kernel.refusal import Word

LATE = Word(
    "complaint.late", 409, "实施条例 60; 规则 T10",
    "投诉最迟应于 {last} 前提出，现在是 {now}。",
    "The complaint had to be filed before {last}; it is {now}.",
    "逾期不予受理；可依法申请行政复议、提起诉讼或向监督机构反映线索。",
    "It is out of time. Review, a lawsuit or a hint to the supervisor remain.",
)
NO_EVENT = Word(
    "complaint.no-event", 409, "实施条例 60",
    "所投诉的事项（{subject}）在本标段尚未发生，或尚不知道。",
    "What the complaint is about ({subject}) has not happened in this lot, or is not known yet.",
    "请选择与事实相符的投诉事项；知道的时间不得晚于现在。",
    "Choose what did happen; what is known cannot be known later than now.",
)
OBJECTION_FIRST = Word(
    "complaint.objection-first", 409, "实施条例 60; 政府采购质疑和投诉办法 17",
    "对招标文件、开标、评标结果的投诉，应当先由贵单位就该事项提出异议（质疑）。",
    "Of documents, opening or result your own unit must have objected first.",
    "请先提出异议（质疑），收到答复或答复期满后再投诉。",
    "Object first; complain after the answer, or when its time is over.",
)
OBJECTION_RUNS = Word(
    "complaint.objection-runs", 409, "实施条例 60",
    "贵单位的异议尚在答复期内（至 {until}）。",
    "Your objection may still be answered, until {until}.",
    "请待答复或答复期满后再投诉；此期间不计入投诉期限。",
    "Wait for the answer or the end of its time, which is not counted.",
)
STANDING = Word(
    "complaint.standing", 403, "招标投标法 65; 实施条例 60",
    "只有本标段的投标人可以就此事项投诉。",
    "Of this only those who bid in the lot may complain.",
    "如有违法线索，请向监督机构举报。", "If you know of a breach, tell the supervisor.",
)
NAMES = Word(
    "complaint.names-complainant", 422, "招标投标法 22; 实施条例 62",
    "文字中写有投诉人的名称或代码；投诉人身份只由平台告知监督机构。",
    "The text names the complainant; the platform alone tells the supervisor who it is.",
    "请删去名称和代码后重新提交。", "Leave name and code out and send it again.",
)
REPEATED = Word(
    "complaint.repeated", 409, "工程建设项目招标投标活动投诉处理办法 12, 19",
    "贵单位已就同一事实和理由提出过投诉。",
    "Your unit has complained on the same facts and for the same reasons already.",
    "请补充新的证据和事实后再提出。", "Complain again only with new facts and evidence.",
)
EVIDENCE = Word(
    "complaint.evidence", 422, "实施条例 60",
    "所列证据文件不存在、不属于贵单位或已随另一投诉提交。",
    "A file named as evidence is not there, not yours, or already part of another complaint.",
    "请重新上传证据文件。", "Upload the file again.",
)
MOVED = Word(
    "complaint.moved", 409, "实施条例 61; 规则：两人决定",
    "案件现为“{zh}”（{en}），不能办理这一步。",
    "The case does not stand where this can be done: {en} ({zh}).",
    "请重新读取案件后再办。", "Read the case again.",
)
OTHER_UNIT = Word(
    "complaint.other-unit", 403, "实施条例 60, 61",
    "案件由另一监督部门办理。", "Another supervising department handles this case.",
    "请与办理部门联系，或请其移送。", "Ask that department, or have it pass the case on.",
)
RECUSED = Word(
    "complaint.recused", 403, "工程建设项目招标投标活动投诉处理办法 13",
    "您已在本案回避，不得再办理。", "You stood aside in this case and take no part in it.",
    "请由监督机构的其他人办理。", "Have another person of the supervisor do it.",
)
PROPOSER_RECUSED = Word(
    "complaint.proposer-recused", 409, "工程建设项目招标投标活动投诉处理办法 13",
    "提出该处理决定的人已在本案回避。", "Who proposed this decision stood aside in this case.",
    "请退回后由其他人重新提出。", "Send it back and have another person propose one.",
)
SAME_PERSON = Word(
    "complaint.same-person", 403, "规则：两人决定",
    "提出处理决定的人不得批准，换账号也不行。",
    "Who proposed the decision cannot approve it, with any account.",
    "请由监督机构的另一人批准。", "Have another person of the supervisor approve it.",
)
CORRECTION_RUNS = Word(
    "complaint.correction-runs", 409, "政府采购质疑和投诉办法 21",
    "补正期限至 {until}，期满前不得不予受理。",
    "The letter may be corrected until {until}; before that it cannot be turned away.",
    "请待补正或期满。", "Wait for the correction or the end of its time.",
)
NOT_ASKED = Word(
    "complaint.not-asked", 409, "实施条例 62",
    "监督机构没有要求贵单位说明，或已收到说明。",
    "No statement is asked of your unit, or it has given it.",
    "无需再次提交。", "There is nothing to send.",
)
ORDER = Word(
    "complaint.order", 422, "实施条例 61; 招标投标法 65",
    "整改要求和期限须同时写明，期限须晚于今日；投诉成立的应写明整改要求或理由。",
    "An order and its day go together, and the day lies after today.",
    "请补正后重新提出。", "Mend it and propose it again.",
)
BASIS = Word(
    "complaint.basis", 422, "实施条例 61",
    "驳回须选择法定情形（捏造事实、伪造材料、非法取得证明材料），其他结论不选。",
    "A rejection names one of the law's cases (facts made up, papers forged, papers got "
    "unlawfully); other outcomes name none.",
    "请改正后重新提出。", "Mend it and propose it again.",
)
NOT_SUSPENDED_BY = Word(
    "complaint.not-suspended", 409, "实施条例 62",
    "本标段没有由本案作出的暂停。", "The lot does not stand suspended by this case.",
    "请改为不解除暂停。", "Decide without lifting one.",
)
NOT_SUSPENDABLE = Word(
    "complaint.not-suspendable", 409, "实施条例 62; 规则 §3.2",
    "本标段现为 {phase}，不能暂停。", "The lot is {phase} and cannot be suspended now.",
    "请不暂停而办理，或待可以暂停时再责令暂停。",
    "Go on without a suspension, or order it when that is possible.",
)
UNIT_UNKNOWN = Word(
    "complaint.unit-unknown", 422, "实施条例 4, 61",
    "所选单位在本地区没有监督职责，或就是本单位。",
    "The unit named does not supervise this place, or is your own.",
    "请选择本地区的另一监督部门，或填写平台以外的部门名称。",
    "Choose another supervisor of this place, or name a department outside the platform.",
)
UNOPENED = Word(
    "complaint.unopened", 409, "招标投标法 22",
    "开标前不得披露投诉人。", "Before the opening nobody is told who complains.",
    "请在开标后办理。", "Do it after the opening.",
)
MOVED_ON = Word(
    "complaint.moved-on", 409, "规则：两人决定",
    "案件刚刚有了新的进展。", "The case moved on a moment ago.",
    "请重新读取案件后再办。", "Read the case again.",
)
