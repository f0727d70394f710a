"""How evaluation and award say no."""

from kernel.refusal import Word

# --- the draw -------------------------------------------------------------------------------
POOL_TOO_SMALL = Word(
    "draw.pool-too-small", 409, "招标投标法 37; 实施条例 46",
    "回避后可抽取的专家仅 {eligible} 人，少于 {seats} 人。",
    "After exclusions only {eligible} experts are left, fewer than {seats}.",
    "请联系监督部门补充该专业专家后再抽取。", "Have more experts of this specialty approved, then announce again.",
)
DRAW_EXISTS = Word(
    "draw.exists", 409, "实施条例 46",
    "该标段已有有效抽取，不得重抽。", "This lot has a draw in force; there is no second one.",
    "仅当前次抽取作废后方可再次公布。", "Only after a draw was voided may another be announced.",
)
CAUSE_NEEDED = Word(
    "draw.cause-needed", 422, "实施条例 46",
    "前次抽取已作废，再次抽取须写明原因。", "An earlier draw was voided; a further one needs its cause in writing.",
    "请填写 cause。", "State it in the field cause.",
)
COMMIT_CLOSED = Word(
    "draw.commit-closed", 409, "—",
    "承诺截止时间为 {until}，现已截止。", "Commitments were taken until {until}.",
    "抽取将继续进行。", "The draw goes on without one.",
)
REVEAL_NOT_OPEN = Word(
    "draw.reveal-not-open", 409, "—",
    "揭示时间为 {since} 至 {until}。", "Nonces may be revealed from {since} until {until}.",
    "请在此时段内提交。", "Send yours within that time.",
)
NONCE_DIFFERS = Word(
    "draw.nonce-differs", 422, "—",
    "所揭示的随机数与承诺不符。", "The nonce is not the one that was committed.",
    "请提交承诺时使用的 32 字节随机数。", "Send the 32 bytes whose SHA-256 you committed.",
)
NOT_COMMITTED = Word(
    "draw.not-committed", 409, "—",
    "贵方未作承诺，无可揭示。", "Your party committed nothing, so there is nothing to reveal.",
    "无需操作。", "Nothing is to be done.",
)
ALREADY_COMMITTED = Word(
    "draw.already-committed", 409, "—",
    "贵方已作承诺，不可更换。", "Your party has committed; a commitment is not replaced.",
    "请保存好随机数，届时揭示。", "Keep the nonce and reveal it in time.",
)
ALREADY_REVEALED = Word(
    "draw.already-revealed", 409, "—",
    "贵方已揭示。", "Your party has revealed its nonce.", "无需操作。", "Nothing is to be done.",
)
DRAW_WAITS = Word(
    "draw.waits", 409, "—",
    "揭示截止后的首个存证检查点尚未产生。", "There is no checkpoint of the record after the reveal deadline yet.",
    "请稍候。", "Wait for the next checkpoint.",
)

# --- panel and sheets -----------------------------------------------------------------------
ALREADY_DECLARED = Word(
    "panel.already-declared", 409, "实施条例 48",
    "您已接受评标任务。", "You have already accepted.",
    "如有新的回避情形，仍可声明回避。", "A conflict that came up since can still be declared.",
)
DECLARE_FIRST = Word(
    "panel.declare-first", 409, "实施条例 46",
    "评分前须先声明无回避情形。", "Declare that you have no conflict before you score.",
    "请先提交声明。", "Submit the declaration first.",
)
SHEETS_COMPLETE = Word(
    "panel.sheets-complete", 409, "实施条例 48",
    "全部评分表已签署，不能再更换成员。", "All sheets are signed; members are no longer replaced here.",
    "请在签署报告时写明意见，并报告监督部门。", "Write your dissent when you sign the report, and tell the supervisor.",
)
SCORE_OUT_OF_BOUNDS = Word(
    "score.out-of-bounds", 422, "实施条例 49",
    "评分 {score} 不在允许范围 {bounds} 内（投标 {bid}，项 {factor}）。",
    "The score {score} is outside {bounds} (bid {bid}, factor {factor}).",
    "请按招标文件规定的分值填写，最多两位小数。", "Score within the bounds of the bidding documents, two decimals at most.",
)
SHEET_INCOMPLETE = Word(
    "score.incomplete", 422, "实施条例 49",
    "还有 {missing} 项未评分，例如投标 {bid} 的 {factor}。",
    "{missing} scores are missing, for example {factor} of bid {bid}.",
    "请评完全部项目后签署。", "Score everything, then sign.",
)
SHEET_CHANGED = Word(
    "score.changed", 409, "招标投标法 44",
    "评分表与您要签署的哈希不一致。", "The sheet is not the one whose hash you signed.",
    "请重新核对评分表后签署。", "Read your sheet again and sign its present hash.",
)
SHEET_SIGNED = Word(
    "score.signed", 409, "招标投标法 44",
    "您的评分表已签署，不得更改。", "Your sheet is signed and cannot be changed.",
    "无需操作。", "Nothing is to be done.",
)
COMPETITION_UNARGUED = Word(
    "score.competition-unargued", 422, "评标委员会和评标方法暂行规定 27",
    "有效投标仅 {valid} 个，须论证是否明显缺乏竞争。",
    "Only {valid} bids are valid; say whether competition is clearly lacking, and why.",
    "请填写 competition。", "Fill in the field competition.",
)
STALE_SHEET = Word(
    "score.stale", 412, "—",
    "草稿已被更新（现为第 {version} 版）。", "The draft has changed since; it is now version {version}.",
    "请重新载入后再保存。", "Load it again, then save.",
)

# --- report and candidates ------------------------------------------------------------------
SHEETS_MISSING = Word(
    "report.sheets-missing", 409, "实施条例 53",
    "尚有 {missing} 份评分表未签署。", "{missing} score sheets are not signed yet.",
    "请待全部签署后再签报告。", "Sign the report once all sheets are signed.",
)
REPORT_CHANGED = Word(
    "report.changed", 409, "实施条例 53",
    "评标报告与您要签署的哈希不一致。", "The report is not the one whose hash you signed.",
    "请重新阅读报告后签署。", "Read the report again and sign its present hash.",
)
REPORT_SIGNED = Word(
    "report.signed", 409, "实施条例 53",
    "您已签署评标报告。", "You have signed the report.", "无需操作。", "Nothing is to be done.",
)
NO_REPORT = Word(
    "report.none", 409, "—",
    "评标报告尚未形成。", "There is no evaluation report yet.",
    "请待评标结束。", "Wait until the evaluation is over.",
)
NO_CANDIDATES = Word(
    "candidates.none", 409, "招标投标法 42",
    "评标委员会未推荐中标候选人。", "The panel recommended no candidate.",
    "请依法重新招标。", "The lot has to be tendered again.",
)
LATE_NEEDS_REASON = Word(
    "timetable.late-needs-reason", 422, "实施条例 54; 规则 T7, T12, T20",
    "法定期限为 {until}，逾期须写明原因。", "The time for this ended at {until}; being late needs a reason in writing.",
    "请填写 reason。", "State it in the field reason.",
)

# --- award ----------------------------------------------------------------------------------
SAME_PERSON = Word(
    "judge.same-person", 409, "招标投标法 37; 实施条例 46",
    "同一人不得在同一标段兼任评标、定标或重复任职。",
    "One person cannot be on both the panel and the award committee of a lot, or twice on one.",
    "请更换人选。", "Name another person.",
)
COMMITTEE_SIZE = Word(
    "award.committee-size", 422, "招标投标法 37",
    "招标文件规定定标委员会为 {published} 人（单数），现为 {size} 人。",
    "The documents give the award committee {published} members, an odd number; this one has {size}.",
    "请调整人数。", "Name as many members as the documents say.",
)
NOT_AN_AWARDER = Word(
    "award.not-an-awarder", 422, "—",
    "账号 {account} 没有已批准的定标委员授权。", "Account {account} holds no approved grant as awarder.",
    "请先办理授权。", "Have the role granted and approved first.",
)
COMMITTEE_EXISTS = Word(
    "award.committee-exists", 409, "—",
    "定标委员会已经组成。", "The award committee has been formed.", "无需操作。", "Nothing is to be done.",
)
BALLOT_NOT_OPEN = Word(
    "ballot.not-open", 409, "—",
    "第 {ballot} 轮投票未开放，当前为第 {open} 轮。", "Ballot {ballot} is not open; the open one is {open}.",
    "请按当前轮次投票。", "Vote in the open ballot.",
)
CHOICE_NOT_OPEN = Word(
    "ballot.choice-not-open", 422, "招标投标法 57",
    "本轮不能投给该投标人。", "This choice is not open in this ballot.",
    "请在本轮所列候选人中选择。", "Choose one of the names of the open ballot.",
)
ALREADY_VOTED = Word(
    "ballot.already-voted", 409, "—",
    "您在本轮已投票，每轮一票。", "You have voted in this ballot; each member has one vote.",
    "请待本轮结束。", "Wait for the ballot to end.",
)
BALLOTS_OVER = Word(
    "ballot.over", 409, "—",
    "投票已有结果。", "The ballots have a result.",
    "请待招标人确认。", "The buyer confirms it next.",
)
NOTHING_TO_VOTE = Word(
    "ballot.none", 409, "—",
    "尚无候选人或定标委员会，无法投票。", "There are no candidates or no committee to vote yet.",
    "请待候选人公示、定标委员会组成。", "Wait for the candidates and the committee.",
)
BALLOTS_OPEN = Word(
    "award.ballots-open", 409, "招标投标法 40",
    "第 {open} 轮投票尚未完成，还缺 {missing} 票。", "Ballot {open} is not complete; {missing} votes are missing.",
    "请待投票完成。", "Wait until the ballots have a result.",
)
ALREADY_AWARDED = Word(
    "award.exists", 409, "招标投标法 45",
    "该标段已定标，不得更改。", "This lot has been awarded; that is not changed.",
    "无需操作。", "Nothing is to be done.",
)
NO_AWARD = Word(
    "contract.no-award", 409, "招标投标法 46",
    "该标段尚无有效的中标结果。", "There is no standing award in this lot.",
    "请先定标。", "Award the lot first.",
)
CONTRACT_EXISTS = Word(
    "contract.exists", 409, "招标投标法 46",
    "该标段合同已登记。", "The contract of this lot has been registered.",
    "无需操作。", "Nothing is to be done.",
)
CONTRACT_AMOUNT = Word(
    "contract.amount", 422, "招标投标法 46; 实施条例 57",
    "合同金额 {amount_fen} 分与中标价 {price_fen} 分不一致。",
    "The contract says {amount_fen} fen, the winning bid {price_fen} fen.",
    "不得订立背离合同实质性内容的其他协议，请按中标价签约。", "The contract follows the bid; sign it at the bid's price.",
)
CONTRACT_LATE = Word(
    "contract.late", 409, "招标投标法 46",
    "合同应在 {until} 前签订，登记的签订时间为 {signed_at}。",
    "The contract had to be signed by {until}; this one says {signed_at}.",
    "请报告监督部门。", "Report it to the supervisor.",
)
CONTRACT_TIME = Word(
    "contract.time", 422, "招标投标法 46",
    "合同签订时间应在中标通知（{since}）之后、当前时间之前。",
    "A contract is signed after the award notice ({since}) and not in the future.",
    "请更正签订时间。", "Correct the time of signature.",
)
VALIDITY_OVER = Word(
    "contract.bid-validity", 409, "实施条例 25; 招标投标法 46",
    "投标有效期至 {until}，已过期。", "The bids were valid until {until}.",
    "请先办理投标有效期延长。", "Have the validity of the bid extended first.",
)
NO_COMMITTEE = Word(
    "award.no-committee", 409, "政府采购非招标采购方式管理办法 49; 规则 §1.4",
    "该标段按顺序确定中标人，不组建定标委员会。",
    "In this lot the first in the order wins; there is no award committee.",
    "候选人公示期满后由招标人确认第一名。", "The buyer confirms the first after the publicity.",
)
NOT_A_LOTTERY = Word(
    "lottery.none", 409, "公平竞争审查规则 8(4); 规则 §1.4",
    "该标段不是摇号标段。", "This lot is no lottery.",
    "无需抽取。", "There is nothing to draw.",
)
NOT_PASSED = Word(
    "lottery.not-passed", 409, "公平竞争审查规则 8(4); 规则 §1.4",
    "只有审查合格的投标参加抽取，其投标人才能提交随机数。",
    "Only bids that passed the screen take part in the draw, and only their tenderers contribute.",
    "请查看评审结果。", "Look at the findings of the panel.",
)
DRAW_FIRST = Word(
    "lottery.draw-first", 409, "公平竞争审查规则 8(4); 规则 §1.4",
    "摇号标段须先在审查合格者中公开抽取，再公示候选人。",
    "In a lottery the draw among those who passed comes before the candidates' publicity.",
    "请先公告抽取并待抽取完成。", "Announce the draw and wait until it is held.",
)
GIVEN_UP = Word(
    "candidate.given-up", 409, "政府采购非招标采购方式管理办法 22, 49",
    "该候选人已放弃。", "This candidate has given up.",
    "无需操作。", "Nothing is to be done.",
)
NOT_RANKED = Word(
    "candidate.not-ranked", 409, "实施条例 55; 政府采购非招标采购方式管理办法 49",
    "只有已公示、按顺序确定中标人的标段，候选人才能放弃。",
    "A candidate gives up where the order decides, and once the candidates are published.",
    "请待候选人公示。", "Wait until the candidates are published.",
)
OTHER_SHEET = Word(
    "score.kind", 422, "招标投标法 40; 政府采购非招标采购方式管理办法 16",
    "该标段的评审表不是这一种：询价、摇号只作审查结论，其他标段评分。",
    "Sheets of this lot say something else: findings in an inquiry or a lottery, scores elsewhere.",
    "请按该标段的评审表填写。", "Fill in the sheet of this lot.",
)
FINDING_WRONG = Word(
    "score.finding", 422, "政府采购非招标采购方式管理办法 16",
    "对投标 {bid} 的审查结论有误：须针对有效投标，满足的不列不满足项，不满足的列出公布的要求。",
    "The finding on bid {bid} is wrong: of a valid bid, without failures where it meets what is"
    " asked, and with published ones where it does not.",
    "请按公布的审查要求逐项认定。", "Find by the published requirements, one by one.",
)
FINDING_UNREASONED = Word(
    "score.finding-reason", 422, "政府采购非招标采购方式管理办法 16, 17",
    "认定投标 {bid} 不满足要求须写明理由（至少 {least} 个字）。",
    "That bid {bid} does not meet what is asked needs its reason ({least} characters or more).",
    "请写明理由。", "Give the reason.",
)
PRICES_AWAITED = Word(
    "report.prices-awaited", 409, "电子招标投标办法 29; 实施条例 53",
    "双信封：报价尚未开启，评标报告还不能形成。",
    "Two envelopes: the prices are not opened yet, so there is no report to sign.",
    "请等待开标人员授权开启报价。", "Wait until the opening officials have the prices opened.",
)
