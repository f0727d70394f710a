"""How the cancelling of an award says no."""

from kernel.refusal import Word

LAW = "招标投标法 45; 实施条例 55"

UNDER_WAY = Word(
    "award-default.under-way", 409, LAW,
    "已有一项取消中标的提议等待决定。", "A proposal to cancel this award already waits for its decision.",
    "请先对其作出决定。", "Decide that one first.",
)
DECIDED = Word(
    "award-default.decided", 409, LAW,
    "该提议已有决定，或因合同签订而结束。", "This proposal is decided, or ended with the contract.",
    "请查看标段的中标情况。", "Look at the award of the lot.",
)
NO_EVIDENCE = Word(
    "award-default.evidence", 422, LAW,
    "该事由须附证据。", "This ground needs evidence.",
    "请先保存证据文件，再以其摘要提出。", "Keep the files here first and name them by their hash.",
)
NO_DOCUMENT = Word(
    "award-default.document", 422, "招标投标法 64; 实施条例 55",
    "“被查实”须有有权机关的文书。", "That something was found needs the authority's numbered document.",
    "请填写文书号。", "State its number.",
)
NO_CLAUSE = Word(
    "award-default.clause", 422, "实施条例 74",
    "只有查实违法的，才依招标文件的条款决定保证金；其他事由依法律。",
    "Only where a breach of law was found does a clause of the documents say what becomes of the guarantee.",
    "请去掉条款。", "Leave the clause out.",
)
NO_ORDER = Word(
    "award-default.no-order", 409, "实施条例 55; 规则 §3",
    "该标段的候选人不排序，不能依次确定下一名。",
    "The candidates of this lot stand in no order, so that none is the next.",
    "请选择重新招标。", "Choose to tender again.",
)
NO_SUCCESSOR = Word(
    "award-default.no-successor", 409, LAW,
    "没有仍然有效的下一名候选人。", "No further candidate is left whose bid counts.",
    "请选择重新招标（采购）。", "Choose to tender again.",
)
NOT_HEARD = Word(
    "award-default.not-heard", 409, LAW,
    "中标人可在 {until} 前说明，其间不作决定。", "The winner may speak until {until}; nothing is decided before.",
    "请等待其说明或期限届满。", "Wait for its word or for the end of its time.",
)
MAY_SIGN = Word(
    "award-default.may-sign", 409, "招标投标法 46",
    "签订合同的期限至 {until}，中标人没有表示拒绝，仍可签订。",
    "The contract may be signed until {until}, and the winner has not refused.",
    "请等待中标人表态或期限届满。", "Wait for its own word or for that day to pass.",
)
NOT_BOUND = Word(
    "award-default.not-bound", 409, "招标投标法 45; 工程建设项目施工招标投标办法 29",
    "下一名候选人的投标有效期至 {until}，已过，须其本人同意继续受约束。",
    "The next candidate's bid was valid until {until}; it must agree to be bound again.",
    "请待其在平台上同意；不同意或不答复的，请改为重新招标。",
    "Wait for its agreement here; where none comes, drop this proposal and tender again.",
)
SAME_PERSON = Word(
    "award-default.same-person", 409, "规则：两人决定",
    "提出的人不能自己作出决定。", "Whoever proposed it does not decide it.",
    "请由本单位另一人决定。", "Let another person of the unit decide.",
)
NOTHING_TO_SAY = Word(
    "award-default.no-word", 409, LAW,
    "现在没有需要贵方说明的事项，或贵方已经说明。",
    "Nothing here waits for your word now, or you have given it.",
    "中标人可放弃或对提议说明；投标有效期已过的下一名候选人可同意受约束。",
    "A winner gives up or speaks to a proposal; the next candidate whose bid is no longer valid agrees to be bound.",
)
AGREE_UNTIL = Word(
    "award-default.agree-until", 422, "招标投标法 46",
    "同意受约束的期限须不早于 {earliest}，以便签订合同。",
    "Who agrees is bound until {earliest} at least, so that there is time to sign.",
    "请填写更晚的日期。", "State a later day.",
)
CHANGED = Word(
    "award-default.changed", 409, LAW,
    "提议的内容与所读的不一致。", "The proposal is not the one that was read.",
    "请重新阅读后决定。", "Read it again, then decide.",
)
FALLEN = ("中标人不签订合同，或被取消中标资格，没有确定其他中标候选人。",
          "The winner did not sign or lost the award, and no other candidate was awarded.")
"""Why such a lot has failed, for its notice."""
