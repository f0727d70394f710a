"""The portal's own words of refusal."""

from kernel.refusal import Word

NOT_A_DEMONSTRATION = Word(
    "clock.not-a-demonstration", 403, "—",
    "此数据库为 {kind}，其时间不可由任何人调整。",
    "This database was created as {kind}; its time is nobody's to move.",
    "请用 ./dev demo 新建演示库。", "Create a demonstration with ./dev demo.",
)
BACKWARDS = Word(
    "clock.backwards", 409, "—",
    "时间只能向前：现在 {now}，请求 {to}。", "Time goes forward only: it is {now}, you ask for {to}.",
    "请给出更晚的时间。", "Give a later time.",
)
