"""How the extension of the bids' validity says no."""

from kernel.refusal import Word

LAW = "实施条例 25; 工程建设项目施工招标投标办法 29"

UNOPENED = Word(
    "validity.unopened", 409, "招标投标法 22; 电子招标投标办法 21",
    "开标前任何人不得知道谁投了标，不能向投标人提出延长要求。",
    "Before the opening nobody may know who has bid, so nobody can be asked.",
    "请在开标后提出；截止时间可在截止前延长，有效期随之顺延。",
    "Ask after the opening; before the deadline a later deadline moves the validity with it.",
)
UNDER_WAY = Word(
    "validity.under-way", 409, LAW,
    "上一次延长要求尚在答复中，至 {until}。", "The request before this one waits for answers until {until}.",
    "请等待其结束。", "Wait until it is concluded.",
)
OVER = Word(
    "validity.over", 409, LAW,
    "投标有效期已于 {until} 届满，投标不再有约束力，不能再要求延长。",
    "The bids' validity ended on {until}: nobody is bound any more, so nobody can be asked to stay so.",
    "请终止后重新招标；非依法必须招标的项目也可写明理由后继续。",
    "End the tender and put it out again; outside the statutory regime one may go on with a reason.",
)
NOT_LATER = Word(
    "validity.not-later", 422, LAW,
    "新的有效期须在 {earliest} 至 {latest} 之间。", "The new end must lie between {earliest} and {latest}.",
    "请填写该范围内的日期。", "State a day within that range.",
)
ANSWER_TIME = Word(
    "validity.answer-time", 422, LAW,
    "答复期限须在 {earliest} 至 {latest} 之间：投标人要有时间考虑并延长保证金。",
    "Answers are taken until a time between {earliest} and {latest}: tenderers need time to decide, and to "
    "have their security prolonged.",
    "请调整答复期限。", "State another time.",
)
SIGNING = Word(
    "validity.signing", 409, "实施条例 53",
    "评标报告已开始签署。", "The evaluation report is being signed.",
    "请在报告签署完成后提出。", "Ask once it is concluded.",
)
VOTING = Word(
    "validity.voting", 409, "招标投标法 45",
    "定标票决已经开始。", "The award committee has begun to vote.",
    "请先完成定标；之后仍可提出延长。", "Let the award be decided first; one may ask after it.",
)
NOBODY = Word(
    "validity.nobody", 409, LAW,
    "没有可以延长有效期的投标。", "There is no bid whose validity could be extended.",
    "无需操作。", "Nothing is to be done.",
)
NOT_OPEN = Word(
    "validity.not-open", 409, LAW,
    "没有等待答复的此项延长要求。", "No such request waits for answers.",
    "请查看标段的投标有效期。", "Look at the validity of the lot's bids.",
)
NOT_ASKED = Word(
    "validity.not-asked", 409, LAW,
    "本次延长要求不涉及贵方的投标：它未被开启，或已失效。",
    "Your bid is not among those asked: it was not opened, or has lapsed.",
    "无需答复。", "No answer is needed.",
)
ANSWERED = Word(
    "validity.answered", 409, LAW,
    "贵方已作答复，不可更改。", "You have answered; an answer is not changed.",
    "无需操作。", "Nothing is to be done.",
)
ANSWERS_OVER = Word(
    "validity.answers-over", 409, LAW,
    "答复期限已于 {until} 届满。", "Answers were taken until {until}.",
    "未在期限内同意的投标已失效，保证金予以退还。",
    "A bid whose tenderer did not agree in time has lapsed, and its security goes back.",
)
SECURITY_SHORT = Word(
    "validity.security-short", 409, "实施条例 26; 工程建设项目施工招标投标办法 29",
    "同意延长的，须相应延长投标保证金：{name} 的保函 {instrument_no} 有效期至 {valid_until}，须至少至 {needed_until}。",
    "Who agrees extends the security too: {instrument_no} of {name} is valid until {valid_until} and must be "
    "until {needed_until}.",
    "请向保函机构取得延期后的保函（编号、金额不变），与答复一并提交。",
    "Get the instrument prolonged (same number, same sum) and send it with the answer.",
)
SECURITY_UNASKED = Word(
    "validity.security-unasked", 422, LAW,
    "拒绝延长、没有保函或现有担保已足够的，不必提交保函。",
    "No instrument belongs here: you refuse, have none, or yours lasts long enough.",
    "请去掉多余的 securities。", "Leave what is too much out of `securities`.",
)
NOT_DUE = Word(
    "validity.not-due", 409, LAW,
    "答复期限未到，且尚有投标人未答复。", "Answers are still awaited.",
    "请等待至 {until}。", "Wait until {until}.",
)
WAITS = Word(
    "validity.waits", 409, LAW,
    "正在征求投标人是否同意延长投标有效期（至 {until}），其间不签署评标报告、不票决、不定标。",
    "Tenderers are being asked to stay bound (until {until}); meanwhile no report is signed, nobody votes and "
    "nothing is awarded.",
    "请等待答复结束，届时以仍然有效的投标为准。", "Wait for the answers; the bids that stay valid count.",
)
ALL_LAPSED = ("全部投标人未同意延长投标有效期，没有有效投标。",
              "No tenderer agreed to stay bound, so no valid bid is left.")
"""Why such a lot has failed, for its notice."""
