"""The portal's own words of refusal, and those for what never reached a rule."""

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
METHOD = Word(
    "request.method", 405, "—",
    "此地址不支持该方法。", "This address does not know that method.",
    "请查看接口文档。", "See the API document.",
)
TOO_LARGE = Word(
    "request.too-large", 413, "—",
    "内容超过允许的大小。", "The content is larger than allowed.",
    "请分块上传；上限见接口文档。", "Upload in blocks; the limits stand in the API document.",
)
UNEXPECTED = Word(
    "service.error", 500, "—",
    "系统内部错误，未做任何更改。", "An internal error; nothing was changed.",
    "请用同一 Idempotency-Key 重试，或联系运维并告知请求编号。",
    "Try again with the same Idempotency-Key, or tell the operator the request number.",
)
SEARCH_TOO_WIDE = Word(
    "search.too-wide", 422, "—",
    "符合条件的数据过多，未能在限定时间内查完。", "The search did not end within its time.",
    "请加上地区、类别、时间等条件，或换用更具体的词。",
    "Add a region, a category or dates, or use more specific words.",
)
WEBHOOKS_OFF = Word(
    "webhook.off", 403, "—",
    "本平台未开放事件推送。", "This installation calls no webhooks.",
    "请改用变更接口 /api/v1/changes。", "Follow the feed at /api/v1/changes instead.",
)
WEBHOOK_ADDRESS = Word(
    "webhook.address", 422, "规则 Q69",
    "不能向该地址推送：{problem}。", "No webhook may go to this address: {problem}.",
    "请使用公网 https 地址（443 或 8443 端口），或请运维单位将主机列入名单。",
    "Use a public https address (port 443 or 8443), or ask the operator to list the host.",
)
WEBHOOKS_MANY = Word(
    "webhook.too-many", 409, "—",
    "每个账号最多 {most} 个推送。", "An account may have {most} webhooks.",
    "请先停用不再使用的推送。", "End one that is not used any more.",
)
MAIL_OFF = Word(
    "mail.off", 403, "—",
    "本平台未配置邮件服务。", "This installation sends no mail.",
    "请使用查询或变更接口。", "Use the search or the feed instead.",
)
MAILS_MANY = Word(
    "mail.too-many", 429, "—",
    "24 小时内最多发送 {most} 次确认邮件。", "At most {most} confirmations are sent in a day.",
    "请明天再试，并核对邮箱地址。", "Try again tomorrow, and check the address.",
)
MAIL_CODE = Word(
    "mail.code", 422, "—",
    "确认码不正确或已过期。", "The code is not the one that was sent, or it has expired.",
    "请核对邮件，或重新提交邮箱地址。", "Look at the letter again, or state the address anew.",
)
MAIL_UNCONFIRMED = Word(
    "mail.unconfirmed", 409, "个人信息保护法 13",
    "邮箱尚未确认，不能订阅。", "Your mail address is not confirmed yet.",
    "请先提交邮箱并输入确认码。", "State your address and enter the code that is sent there.",
)
SEARCHES_MANY = Word(
    "search.too-many", 409, "—",
    "每个账号最多保存 {most} 个订阅。", "An account may keep {most} saved searches.",
    "请先删除不再需要的订阅。", "Drop one that is not needed any more.",
)
