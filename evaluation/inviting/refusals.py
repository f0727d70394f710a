"""The words with which a draw of those invited says no."""

from kernel.refusal import Word
from tender.longlist import LAW

LIST_WRONG = Word(
    "invitation.list", 422, LAW,
    "备选名单有 {count} 处不符合规定，不能抽取。",
    "The longer list has {count} faults; nobody can be drawn from it.",
    "请按所列各项修改名单后再抽取。", "Mend what is listed, then announce the draw.",
)
UNDER_WAY = Word(
    "invitation.draw-under-way", 409, LAW,
    "该标段的抽取正在进行。", "A draw for this lot is under way.",
    "请由监督人确认并等待抽取结果。", "Have it watched, and wait for its result.",
)
CAUSE_NEEDED = Word(
    "invitation.draw-cause", 422, LAW,
    "该标段已抽取过，重新抽取须写明原因，随公告公布。",
    "This lot was drawn before; another draw needs a cause, which the notice publishes.",
    "请填写 cause，不得出现供应商名称。", "State it in cause, naming no supplier.",
)
STOOD = Word(
    "invitation.stood", 409, LAW,
    "您已为本次抽取签认；须由采购人的另一名工作人员监督。",
    "You stand for this draw already; another person of the buyer watches it.",
    "请由另一人确认。", "Have another person do it.",
)
OTHER_ANNOUNCEMENT = Word(
    "invitation.changed", 409, LAW,
    "所确认的不是本次抽取公布的内容。", "What was read is not the announcement of this draw.",
    "请重新读取后确认。", "Read it anew, then confirm.",
)
CLOSED = Word(
    "invitation.closed", 409, LAW,
    "该标段没有等待签认的抽取。", "No draw of this lot waits for a person to stand for it.",
    "请先公布抽取，或查看其结果。", "Announce one, or see its result.",
)
