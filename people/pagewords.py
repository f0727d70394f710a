"""What a refusal says on a page, where the word itself speaks to programs.

The interface's advice may name a header or an address. Whoever stands before a page has neither;
here is what to do on the page instead. Facts stay the word's own, but a moment is told as pages
tell it: in Beijing time.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

from .language import language, t

_BEIJING = timezone(timedelta(hours=8))
_MOMENT = re.compile(r"\b[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{3})?Z")

AGAIN = ("请过几秒再按一次按钮；同一份表单不会办理两次。",
         "Wait a few seconds and press the button again; one form is never done twice.")

ON_PAGES: dict[str, tuple[str, str]] = {
    "request.malformed": ("请回到原来的页面重新填写。", "Go back to the page and fill it in again."),
    "request.invalid": ("请按标出的地方逐项修改，再提交一次。",
                        "Correct what is marked, then send it again."),
    "service.busy": AGAIN,
    "service.error": AGAIN,
    "record.unwritable": AGAIN,
    "session.step-up": ("请在下面填写动态口令，再按一次按钮。",
                        "Enter your one-time code below and press the button again."),
    "session.needed": ("请登录；写好的内容会保留。", "Sign in; what you have written is kept."),
    "access.reason-needed": ("请在下面写明理由（4 至 200 字）。",
                             "Write the reason below (4 to 200 characters)."),
    "session.no-second-factor": ("请先在“账号”里绑定动态口令。",
                                 "Enrol a second factor first, under “Account”."),
    "session.csrf": ("请重新打开本页，再提交一次。", "Open this page anew and send it again."),
    "token.scope": ("请用自己的账号登录。", "Sign in with your own account."),
    "request.length-needed": ("请重新选择文件。", "Choose the file again."),
    "request.media": ("请选择所要求类型的文件。", "Choose a file of the type that is asked for."),
    "request.method": ("请从首页重新进入。", "Come in again from the first page."),
    "request.too-large": ("请选择较小的文件；大小的上限写在招标公告里。",
                          "Choose a smaller file; the limits stand in the notice."),
    "idempotency.needed": AGAIN,
    "idempotency.reused": ("请重新打开本页，再填写一次。", "Open this page anew and fill it in again."),
    "version.needed": ("请重新打开本页：您读到的版本已不是最新。",
                       "Open this page anew: what you read is no longer the latest."),
    "paper.missing": ("请先在本页上传该文件。", "Send that file on this page first."),
    "bid.key-unknown": ("请先在投标页登记签名密钥。", "Register a signing key on the bid's page first."),
    "holder-key.unrehearsed": ("请各开标人员在自己的开标页完成演练。",
                               "Each official rehearses on the opening page of their own."),
    "webhook.off": ("请改用订阅（Atom）或邮件提醒。", "Use the Atom feed or letters instead."),
    "mail.off": ("请改用查询或订阅（Atom）。", "Use the search or the Atom feed instead."),
}
"""By the word's code: what to do, in both languages."""


def words(document: dict) -> dict[str, str]:
    """A problem document's sentence (`detail`) and advice (`do`) in the language of this page."""
    said = {part: document[part][language()] if isinstance(document.get(part), dict)
            else str(document.get(part, "")) for part in ("detail", "do")}
    instead = ON_PAGES.get(str(document.get("code", "")))
    said |= {"do": t(*instead)} if instead else {}
    return {part: _MOMENT.sub(_in_beijing, text) for part, text in said.items()}


def _in_beijing(found: re.Match[str]) -> str:
    """A moment of the interface (UTC) as a page writes it; milliseconds only where there are any."""
    try:
        local = datetime.fromisoformat(found[0]).astimezone(_BEIJING)
    except (ValueError, OverflowError):
        return found[0]
    rest = f".{local.microsecond // 1000:03d}" if local.microsecond else ""
    return f"{local:%Y-%m-%d %H:%M:%S}{rest} {t('北京时间', 'Beijing time')}"
