"""Refusals of the watch: each with its article and what to do."""

from kernel.refusal import Word

WORK_REPEATED = Word(
    "work.repeated", 409, "“三清一促”村级工程清查",
    "同一单位同一村同一年度已登记同名工程。",
    "The unit has entered a work of this name in this village and year already.",
    "请修改已登记的工程，或写明期次以示区别。", "Change the entry there is, or name the phase apart.",
)
WORK_CODE = Word(
    "work.code-unknown", 422, "区级平台之外无交易；规则 §10",
    "平台上没有编号 {code}。", "The platform knows no code {code}.",
    "请填写本平台的招标项目编号、标段编号或中介服务编号；未招标的留空。",
    "Give a tender's, a section's or a service's code of this platform; leave it empty where "
    "there was none.",
)
LEDGER_REPEATED = Word(
    "ledger.repeated", 409, "规则 §10",
    "这份清单已经导入过。", "This list has been imported already.",
    "无需重复导入。", "There is no need to import it again.",
)
FINDING_ABOUT = Word(
    "finding.about", 422, "“三清一促”村级工程清查",
    "问题须针对一项登记工程或一笔支付，且恰为其一。",
    "A finding is about one registered work or one payment, exactly one of them.",
    "请填写 work_id 或 payment_id 之一。", "Give either work_id or payment_id.",
)
FINDING_OPEN = Word(
    "finding.open", 409, "“三清一促”村级工程清查",
    "同一对象的同类问题尚未销号。", "A finding of this kind on the same thing is still open.",
    "请先办结原问题。", "Finish that one first.",
)
FINDING_DUE = Word(
    "finding.due", 422, "规则 §0",
    "整改期限须晚于今日，且不超过规则所定的 {days} 日（最晚 {latest}）。",
    "The day of rectification lies after today and within the {days} days of the profile, at the"
    " latest on {latest}.",
    "请另定期限。", "Set another day.",
)
FINDING_UNANSWERED = Word(
    "finding.unanswered", 409, "“三清一促”村级工程清查",
    "责任单位尚未提交整改证据，不得销号。",
    "The unit has given no evidence of rectification; the finding cannot be closed.",
    "请责任单位提交证据文件的摘要。", "Have the unit give the hash of its evidence.",
)
FINDING_MOVED = Word(
    "finding.moved", 409, "规则：两人决定",
    "该问题的状态已变化（现为 {state}）。", "The finding has moved on; it is now {state}.",
    "请重新读取后再办。", "Read it again.",
)
FINDING_SAME_PERSON = Word(
    "finding.same-person", 403, "规则：两人决定",
    "提议销号的人不得批准销号，换账号也不行。",
    "The person who proposed to close the finding cannot approve it, with any account.",
    "请由监督机构的另一人批准。", "Have another person of the supervisor's approve it.",
)
OBJECTION_LATE = Word(
    "objection.late", 409, "实施条例 22; 规则 T4",
    "对招标文件的异议最迟应于 {last} 提出，现在是 {now}（投标截止 {deadline}）。",
    "An objection to the documents is raised no later than {last}; it is {now}, and the deadline"
    " for bids is {deadline}.",
    "请在开标现场或候选人公示期提出，或向监督机构反映。",
    "Object at the opening or while the candidates stand in public, or turn to the supervisor.",
)
NOT_IN_PUBLICITY = Word(
    "objection.not-in-publicity", 409, "实施条例 54",
    "对评标结果的异议应在中标候选人公示期内提出（公示至 {ends}，现在是 {now}）。",
    "An objection to the result is raised while the candidates stand in public (until {ends}; it"
    " is {now}).",
    "请在公示期内提出；公示期已过的，可依法投诉。",
    "Object during the publicity; after it, complain to the supervisor.",
)
OBJECTION_NAMES = Word(
    "objection.names-objector", 422, "招标投标法 22",
    "开标前的异议中写有贵单位的名称或代码，会泄露潜在投标人。",
    "Before the opening an objection may not name your own unit: it would tell who may bid.",
    "请删去名称和代码后重新提交；异议人由平台核实。",
    "Leave name and code out and file it again; the platform vouches for who you are.",
)
OBJECTION_ANSWERED = Word(
    "objection.answered", 409, "实施条例 22, 44, 54",
    "该异议已答复，答复不可更改。", "This objection has been answered; an answer is not changed.",
    "对答复不服的，异议人可依法投诉。", "Who is not content with the answer may complain.",
)
EVIDENCE_USED = Word(
    "objection.evidence", 422, "实施条例 22, 54",
    "所列证据文件不存在、不属于贵单位或已随另一异议提交。",
    "A file named as evidence is not there, not yours, or already part of another objection.",
    "请重新上传证据文件。", "Upload the file again.",
)
