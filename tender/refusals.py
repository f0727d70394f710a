"""The words with which this book says no."""

from kernel.refusal import Word

DECIDED = Word(
    "lot.decided", 409, "招标投标法 45",
    "该标段的此项结果（{outcome}）已经产生，不可重复。",
    "This outcome of the lot ({outcome}) has already been decided and cannot be decided twice.",
    "请刷新后查看标段状态。", "Reload and look at the lot's present phase.",
)
OVER_LIMIT = Word(
    "lot.regime-limit", 422, "必须招标的工程项目规定 5",
    "同一项目的{category}估算价合计 {total_fen} 分，达到必须招标限额 {limit_fen} 分，不属于限额以下。",
    "The estimates of this project's {category} add up to {total_fen} fen and reach the statutory"
    " limit of {limit_fen} fen.",
    "请改走依法必须招标程序；不得化整为零（招标投标法 4）。",
    "Use the statutory procedure; splitting to evade it is forbidden (Tendering Law, article 4).",
)
DEADLINE_EARLY = Word(
    "lot.deadline-early", 422, "招标投标法 24; 规则 T2",
    "投标截止时间 {deadline} 过早，最早应为 {earliest}。",
    "The deadline {deadline} is too early; the earliest lawful one is {earliest}.",
    "请将截止时间改为不早于 {earliest}。", "Set a deadline no earlier than {earliest}.",
)
DEADLINE_FREE_DAY = Word(
    "lot.deadline-free-day", 422, "民法典 203",
    "投标截止时间落在休息日 {day}。", "The deadline falls on {day}, a free day.",
    "请改到工作日，最近的是 {next}。", "Choose a working day; the next one is {next}.",
)
DEADLINE_UNREAL = Word(
    "lot.deadline-unreal", 422, "招标投标法 24",
    "截止时间 {deadline} 不在可用范围内（1992 年至五年之内）。",
    "The deadline {deadline} is outside what can be used (from 1992 to five years ahead).",
    "请检查年份和时区。", "Check the year and the offset.",
)
LOCAL_TIME = Word(
    "time.local", 422, "中国标准时间",
    "北京时间 {local} 不存在或不唯一。", "{local} does not exist, or exists twice, in Beijing time.",
    "请填写带时区的时间。", "Give a time with an offset.",
)
GUARANTEE_HIGH = Word(
    "lot.guarantee-high", 422, "实施条例 26",
    "投标保证金 {amount_fen} 分超过上限 {cap_fen} 分。",
    "The bid guarantee of {amount_fen} fen is above the cap of {cap_fen} fen.",
    "请降低保证金金额。", "Lower the amount.",
)
INCOMPLETE = Word(
    "notice.incomplete", 422, "招标投标法 16, 19; 电子招标投标办法 17",
    "公告内容不完整或不合规，共 {count} 处。", "The notice is incomplete or unlawful in {count} places.",
    "请按列出的各项更正后重新提交。", "Correct each of the findings and submit again.",
)
NOT_SUBMITTED = Word(
    "notice.not-submitted", 409, "规则：两人发布",
    "没有待审核的公告；提交后若有修改，提交即作废。",
    "No notice awaits approval; a change after submission voids the submission.",
    "请由编制人重新提交。", "Have it submitted again.",
)
NOTICE_CHANGED = Word(
    "notice.changed", 409, "规则：两人发布",
    "内容在提交之后发生变化，与提交的摘要不一致。",
    "The content is no longer what was submitted.",
    "请重新提交，再由另一人审核。", "Submit it again and have another person approve it.",
)
ALREADY_SUBMITTED = Word(
    "notice.submitted", 409, "规则：两人发布",
    "同样内容的公告已经提交，等待另一人审核。", "The same notice has already been submitted and awaits approval.",
    "请由本单位另一人审核发布。", "Have another person of the unit approve it.",
)
SAME_PERSON = Word(
    "notice.same-person", 403, "规则：两人发布",
    "提交人不得审核自己提交的公告，换账号也不行。",
    "The person who submitted the notice cannot approve it, with any account.",
    "请由本单位另一人审核。", "Have another person of the unit approve it.",
)
NOTICE_RACED = Word(
    "notice.raced", 409, "规则：公告版本",
    "同时有另一份同类公告发布。", "Another notice of this kind was published at the same time.",
    "请刷新后重试。", "Reload and try again.",
)
AMENDMENT_WAITS = Word(
    "amendment.waits", 409, "规则：两人发布",
    "已有一份同类公告正在编制或等待审核。",
    "Another notice of this kind is being drafted or awaits approval.",
    "请先发布或撤销它，再编制新的。", "Publish it or give it up first, then draft the next.",
)
TEMPLATE_MOVED = Word(
    "template.moved", 409, "规则：范本",
    "同时有人保存了该范本的新版本。", "Another version of this template was kept at the same time.",
    "请刷新后重试。", "Reload and try again.",
)
AMENDMENT_ENDED = Word(
    "amendment.ended", 409, "规则：两人发布",
    "该公告已发布或已撤销。", "This notice has been published or given up.",
    "请另行编制。", "Draft another one.",
)
AMENDMENT_EMPTY = Word(
    "amendment.empty", 422, "招标投标法 23; 实施条例 21",
    "没有任何变更。", "Nothing is changed by it.",
    "请写明要变更的内容。", "Say what is to change.",
)
DEADLINE_BACK = Word(
    "deadline.not-forward", 409, "招标投标法 23, 24; 实施条例 21",
    "截止时间只能推迟：{deadline} 不晚于现行的 {standing}。",
    "A deadline only moves later: {deadline} is not after the standing {standing}.",
    "请填写晚于 {standing} 的时间；缩短截止时间任何人都无权办理。",
    "Name a time after {standing}; nobody may shorten it.",
)
DEADLINE_OVER = Word(
    "deadline.over", 409, "招标投标法 23, 28",
    "截止时间 {standing} 已过（或时间存疑），不能再推迟。",
    "The deadline {standing} has passed, or the time is in doubt; it is not extended any more.",
    "如因平台故障或时间存疑，请由两方办理截止时间恢复。",
    "After an outage or a doubt about time two people may restore it.",
)
DEADLINE_SOON = Word(
    "deadline.soon", 422, "招标投标法 23; 实施条例 21; 规则 T3",
    "该修改可能影响投标文件编制，标段 {lot} 的截止时间最早应为 {earliest}。",
    "The change may affect the bids; the earliest lawful deadline of lot {lot} is {earliest}.",
    "请将截止时间推迟到不早于 {earliest} 的工作日；规则允许时也可写明理由（T3.clarification）。",
    "Move the deadline to {earliest} or a working day after it; where the regime takes one, give"
    " a reason for T3.clarification.",
)
FILE_TYPE = Word(
    "document.type", 422, "规则 Q55",
    "文件内容不是允许的类型（PDF、DOCX、XLSX、PPTX、PNG、JPEG、纯文本）：{problem}。",
    "The content is none of the allowed kinds (PDF, DOCX, XLSX, PPTX, PNG, JPEG, plain text):"
    " {problem}.",
    "请按内容的真实类型重新保存后上传。", "Save it as one of these kinds, under its right name.",
)
FILE_ARCHIVE = Word(
    "document.archive", 422, "规则 Q56",
    "压缩结构不安全：{problem}。", "The archive inside is not safe: {problem}.",
    "请用办公软件重新保存后上传。", "Save it again with an office program and send that.",
)
FILE_ACTIVE = Word(
    "document.active", 422, "规则 Q56, Q58",
    "文件含有打开时会自动起作用的内容：{what}。", "The file holds what acts by itself when opened: {what}.",
    "请去除该内容（例如重新打印为 PDF、另存为不含宏的文件）后上传。",
    "Take it out (print it anew as a PDF, save it without macros) and send that.",
)
FILE_LARGE = Word(
    "document.large", 413, "规则 Q48",
    "文件超过 {limit} 字节。", "The file is larger than {limit} bytes.",
    "请拆分文件。", "Split the file.",
)
FILE_EMPTY = Word(
    "document.empty", 422, "规则 Q55",
    "文件为空。", "The file is empty.", "请检查后重传。", "Check it and send it again.",
)
FILE_DAMAGED = Word(
    "document.damaged", 503, "规则 F11",
    "此文件在存储中缺失或损坏，暂时不能下载。", "The stored file is missing or damaged.",
    "请联系平台运行单位。", "Tell the operator of the platform.",
)
FILE_REPEATED = Word(
    "document.repeated", 409, "—",
    "本项目已有相同内容的文件。", "This tender already holds a file with the same content.",
    "无需重复上传。", "There is no need to send it again.",
)
FUNDING_SHARES = Word(
    "registration.funding", 422, "实施条例 7",
    "资金来源的比例之和不是 100%。", "The shares of the funding do not make 100 percent.",
    "请更正各项资金来源的比例。", "Correct the shares.",
)
PLAN_OTHER = Word(
    "registration.plan", 422, "政府采购信息公开：采购意向",
    "没有此采购意向，或不是本招标人公开的。", "There is no such plan of this buyer.",
    "请填写本单位已公开的采购意向编号。", "Name a plan that the buyer's own unit announced.",
)
AGENCY_NONE = Word(
    "agency.none", 422, "招标投标法 13, 15",
    "{uscc} 不是已登记的招标代理机构。", "{uscc} is no registered agency.",
    "请核对统一社会信用代码；代理机构须先在平台登记。",
    "Check the credit code; an agency registers on the platform first.",
)
AUTHORITY_PERIOD = Word(
    "agency.period", 422, "民法典 165, 173",
    "委托期限至 {until}，已经届满或早于起始时间。",
    "The authority ends at {until}, which is past or before it begins.",
    "请填写有效的起止时间。", "Give a period that is not over.",
)
AUTHORITY_NONE = Word(
    "agency.no-authority", 403, "招标投标法 15; 民法典 171",
    "没有登记在案且有效的委托。", "There is no recorded authority in force.",
    "请由招标人登记委托书、范围和期限后再办。",
    "Have the buyer record the letter, its scope and its period first.",
)
STATEMENT_GONE = Word(
    "company.withdrawn", 409, "—",
    "该项声明已经撤回。", "This statement has been withdrawn.",
    "请刷新后查看。", "Reload and look again.",
)
DEBARMENT_PERIOD = Word(
    "debarment.period", 422, "招标投标法 53, 54, 60",
    "限制期限的截止日早于起始日。", "The period ends before it begins.",
    "请按决定书填写起止日。", "Give the days as the decision states them.",
)
DEBARMENT_DECIDED = Word(
    "debarment.decided", 409, "规则：两人决定",
    "该限制投标记录已经批准。", "This debarment has been approved.",
    "无需重复批准。", "There is no need to approve it again.",
)
DEBARMENT_SAME_PERSON = Word(
    "debarment.same-person", 403, "规则：两人决定",
    "登记人不得批准自己登记的限制投标记录，换账号也不行。",
    "Who entered a debarment may not approve it, not with another account either.",
    "请由另一名监督人员批准。", "Have another supervisor approve it.",
)
SHEET_KIND = Word(
    "sheet.kind", 422, "规则：工作簿",
    "不是可以读取的 XLSX 工作簿：{problem}。", "Not an XLSX workbook that can be read: {problem}.",
    "请用办公软件另存为不加密的 .xlsx 后上传；旧版 .xls 和加密文件不受理。",
    "Save it as .xlsx without a password; old .xls files and encrypted ones are not read.",
)
SHEET_UNSAFE = Word(
    "sheet.unsafe", 422, "规则 Q56：工作簿",
    "工作簿含有不接受的内容：{problem}。", "The workbook holds what is not taken: {problem}.",
    "请只复制数值到模板中再上传；宏、外部链接、嵌入对象和数据连接一律不受理。",
    "Copy the values alone into the template; macros, outside links, embedded objects and data"
    " connections are not taken.",
)
SHEET_ROWS = Word(
    "sheet.rows", 422, "规则：数量上限",
    "工作表“{sheet}”超过 {limit} 行。", "The sheet “{sheet}” has more than {limit} rows.",
    "请拆分后再上传。", "Split it.",
)
SHEET_WRONG = Word(
    "sheet.wrong", 422, "规则：工作簿",
    "工作簿有 {count} 处错误，未保存任何内容。",
    "The workbook is wrong in {count} places; nothing of it was kept.",
    "请按列出的单元格逐格更正后重新上传。", "Mend each cell that is named and send it again.",
)
MANY = Word(
    "tender.many", 422, "规则：数量上限",
    "{what} 超过上限 {limit}。", "More than {limit} {what}.",
    "请减少数量。", "Use fewer.",
)
QUESTION_NAMES = Word(
    "question.names-asker", 422, "招标投标法 22; 电子招标投标办法 21",
    "问题中写有贵单位的名称或代码，公布后会泄露潜在投标人。",
    "The question names your own unit; published, it would tell who may bid.",
    "请删去名称后重新提交。", "Leave the name out and ask again.",
)
ANSWERED = Word(
    "question.answered", 409, "招标投标法 22, 23",
    "该问题已答复，答复不可更改。", "This question has been answered; an answer is not changed.",
    "如需补充，请发布新的澄清。", "Publish a further clarification instead.",
)
ACCESS_WRONG = Word(
    "lot.access", 422, "电子招标投标办法 29",
    "开启权限设置有误：{problem}。", "The access terms are wrong: {problem}.",
    "请按 embedded、default、strict、classic 之一或合法的树填写。",
    "Use embedded, default, strict, classic, or a tree that keeps the rules.",
)
NO_PROFILE = Word(
    "lot.no-profile", 409, "规则 §0",
    "类别“{regime}”在 {day} 没有生效的规则版本。", "No rule profile of “{regime}” is in force on {day}.",
    "请联系平台运行单位。", "Ask the operator of the platform.",
)
OPENING_AUTHORISED = Word(
    "deadline.opening-authorised", 409, "招标投标法 34; 电子招标投标办法 29",
    "已授权开标，截止时间不可再恢复。", "The opening has been authorised; no deadline is restored after it.",
    "如有争议，请向监督机构投诉。", "Complain to the supervisor.",
)
NOT_LATER = Word(
    "deadline.not-later", 422, "招标投标法 24; 电子招标投标办法 27",
    "恢复的截止时间须晚于 {earliest}；维持原截止的提议不带新时间。",
    "A restored deadline lies after {earliest}; a proposal that the close stands names none.",
    "请另定更晚的截止时间。", "Name a later deadline.",
)
NOTHING_TO_SETTLE = Word(
    "deadline.nothing-to-settle", 409, "电子招标投标办法 27",
    "截止时间不存疑，也没有待确认的截止。", "Nobody doubts this deadline; there is nothing to confirm.",
    "无需操作。", "Nothing need be done.",
)
PROPOSAL_MOVED = Word(
    "deadline.proposal-moved", 409, "电子招标投标办法 27",
    "该提议已被新的提议取代或已有决定。", "Another proposal took its place, or it has been decided.",
    "请查看最新的提议。", "Read the newest proposal.",
)
OWN_PROPOSAL = Word(
    "deadline.same-person", 403, "规则：两人决定",
    "提议人不得批准自己的提议，换账号也不行。",
    "The person who proposed it cannot approve it, with any account.",
    "请由监督机构的另一人决定。", "Have another person, the supervisor's, decide.",
)
PROFILE_WRONG = Word(
    "profile.wrong", 422, "规则 §0",
    "规则版本有误：{problem}。", "The profile is wrong: {problem}.",
    "每个数须写明数值、单位、依据、可信度和违反后果。",
    "Give each number its value, unit, source, mark and what a breach does.",
)
PROFILE_LOOSER = Word(
    "profile.looser", 422, "招标投标法 3; 实施条例 80",
    "下列数值由法律规定，各地不得放宽：{numbers}。",
    "These numbers are the law's; no place may ask less than it does: {numbers}.",
    "请改为不低于法律的要求，或只改其他类别的规则。",
    "Keep to the law's numbers or stricter ones, or change another regime's.",
)
PROFILE_PAST = Word(
    "profile.past", 422, "规则：不溯及既往",
    "生效日 {day} 已过（今天是 {today}）。", "The day {day} is over; today is {today}.",
    "请另定今天或以后的生效日，重新提出。", "Propose it anew from today or a later day on.",
)
PROFILE_SAME_PERSON = Word(
    "profile.same-person", 403, "规则：两人决定",
    "提出人不得批准自己提出的规则版本，换账号也不行。",
    "The person who proposed the profile cannot approve it, with any account.",
    "请由监督机构的另一人批准。", "Have another person of the supervisor's approve it.",
)
PROFILE_MOVED = Word(
    "profile.moved", 409, "规则：两人决定",
    "规则版本与所读的不一致，或同时有人提出了新版本。",
    "The profile is not what was read, or another version was proposed at the same time.",
    "请重新读取后再办。", "Read it again and repeat.",
)
PROFILE_DECIDED = Word(
    "profile.decided", 409, "规则：两人决定",
    "该规则版本已经生效或已批准。", "This profile has been approved, or was there from the start.",
    "如需修改，请提出新版本。", "Propose a new version.",
)
CURSOR_LOST = Word(
    "feed.cursor-lost", 410, "规则：变更流",
    "该游标不属于本变更流：数据库可能已从备份恢复。",
    "This cursor is none of this feed: the database may have been restored from a dump.",
    "请不带 after 重新读取，并按 id 去重。", "Read again without `after`, and leave out ids you know.",
)
ALREADY_SUSPENDED = Word(
    "lot.suspended", 409, "实施条例 62",
    "该标段已经暂停。", "This lot is suspended already.",
    "请先解除现有的暂停。", "Lift the present suspension first.",
)
NOT_SUSPENDED = Word(
    "lot.not-suspended", 409, "实施条例 62",
    "该标段没有监督机构下达的暂停；它因时间存疑或异议未答复而等待。",
    "No supervisor's suspension is in force; the lot waits for a doubt about time or an answer.",
    "请按时间存疑或异议的程序办理。", "Settle the doubt, or have the objection answered.",
)
NOT_TO_BE_ENDED = Word(
    "lot.not-to-be-ended", 409, "实施条例 31; 招标投标法 45",
    "标段暂停前处于 {phase} 阶段，开标已授权或中标人已确定，不可终止。",
    "Before its suspension the lot was in phase {phase}: its opening is authorised or its winner"
    " known, and it cannot be ended.",
    "请先完成开标，或由监督机构依法处理。",
    "Complete the opening, or let the supervisor decide by law.",
)
RETENDERED = Word(
    "lot.retendered", 409, "招标投标法 28; 实施条例 44",
    "该标段已经重新招标。", "This lot is being tendered again already.",
    "请查看其后续标段。", "See the lot that takes its place.",
)
NOT_ENDED = Word(
    "lot.not-ended", 409, "招标投标法 28; 实施条例 31, 44",
    "标段 {number} 未流标也未终止，不可重新招标。",
    "Lot {number} has neither failed nor been ended, so it is not tendered again.",
    "请只选流标或终止的标段。", "Name only lots that failed or were ended.",
)
QUESTION_LATE = Word(
    "question.late", 409, "招标投标法 23; 实施条例 21; 规则 T3, T4",
    "对招标文件的提问最迟应于 {last} 提出，现在是 {now}（投标截止 {deadline}）。",
    "A question about the documents is asked no later than {last}; it is {now}, and the deadline"
    " for bids is {deadline}.",
    "请查看已公布的答疑；开标时可当场提出异议。",
    "Read the published answers; at the opening you may object on the spot.",
)
CLARIFIED_LATE = Word(
    "clarification.late", 409, "招标投标法 23; 实施条例 21; 规则 T3",
    "答复影响投标文件编制，截止时间 {deadline} 之前所余时间不足，截止时间最早应为 {earliest}。",
    "The answer affects bids and leaves too little time before {deadline}; the earliest lawful"
    " deadline is {earliest}.",
    "请在答复的同时将截止时间顺延至不早于 {earliest}。",
    "Move the deadline with the answer, to no earlier than {earliest}.",
)
REVIEW_MOVED = Word(
    "review.moved", 409, "规则 §5.6",
    "审查期间内容或规则发生变化，或有人同时操作。",
    "What is reviewed, or the rules, changed meanwhile, or somebody did the same at once.",
    "请重新运行审查后再办。", "Run the review again and repeat.",
)
FAIRNESS_WRONG = Word(
    "fairness.wrong", 422, "公平竞争审查规则",
    "公平竞争审查记录有误：{problem}。", "The record of the fair-competition review is wrong: {problem}.",
    "请逐条勾选审查标准，使结论与之相符。", "Tick each standard once and draw the conclusion that follows.",
)
READING_REPEATED = Word(
    "reading.repeated", 409, "规则：外部审阅",
    "已请该单位审阅。", "This unit has already been asked to read the notice.",
    "无需重复。", "Nothing need be done.",
)
READING_UNIT = Word(
    "reading.unit", 422, "规则：外部审阅",
    "只能请其他招标人、代理机构或监督机构审阅。",
    "Only another buyer's unit, an agency or a supervisor can be asked to read.",
    "请另选单位。", "Choose another unit.",
)
READING_OPEN = Word(
    "reading.open", 409, "规则：外部审阅",
    "外部审阅尚未通过：{units}。", "These units have not yet passed what they were asked to read: {units}.",
    "请等审阅单位提出意见；有异议的，修改后重新提交。",
    "Wait for their opinion; where they objected, mend the draft and submit it again.",
)
PAPER_MISSING = Word(
    "paper.missing", 422, "招标投标法 26; 规则 §9：整改证据",
    "贵单位没有在平台留存摘要为 {hash} 的文件。", "Your unit keeps no file with the hash {hash} here.",
    "请先上传文件（POST /papers），再填写其摘要。", "Send the file first (POST /papers), then name its hash.",
)
