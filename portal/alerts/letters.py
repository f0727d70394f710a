"""What is written in a letter, in both languages, and how an address is spelled. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

_ADDRESS = re.compile(
    r"\A(?=.{3,254}\Z)[A-Za-z0-9](?:[A-Za-z0-9._%+\-]{0,62}[A-Za-z0-9_%+\-])?"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9\-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}\Z")


def is_address(text: str) -> bool:
    """Whether `text` is one plain mail address and nothing else: no name, no list, no line's end."""
    return bool(_ADDRESS.match(text)) and ".." not in text


@dataclass(frozen=True)
class Hit:
    """One lot in a digest, or a process that has none."""

    kind: str
    title: str
    lot_title: str
    buyer: str
    deadline: str
    url: str


def line(text: str) -> str:
    """Text as one line, whatever it holds: what stands in a header cannot begin another one."""
    return " ".join("".join(mark if mark.isprintable() else " " for mark in text).split())


def confirmation(code: str) -> tuple[str, str]:
    """(subject, body) of the letter that asks whether an address is its owner's."""
    return "确认邮箱 / Confirm your address", (
        f"确认码：{code}\n\n"
        "请在 24 小时内登录平台并输入确认码。若非本人操作，请忽略本邮件，平台不会再向此邮箱发信。\n\n"
        f"Your code: {code}\n\n"
        "Sign in and enter it within 24 hours. If it was not you, do nothing: no other letter will "
        "come here.\n")


_PROPOSED = (
    "有人提出更换您的动态口令，待另一人批准。不是您要求的，请登录后在工作台停止。",
    ("Somebody proposed to replace your second factor; another person has yet to approve. If you did "
     "not ask for it, sign in and stop it on your desk."))
_APPROVED = (
    "更换您的动态口令已获批准，更换码已交给批准人。不是您要求的，请登录后在工作台停止。",
    ("The replacement of your second factor was approved. If you did not ask for it, sign in and stop "
     "it on your desk."))
HAPPENED = {
    "recovery.issued": (
        "为您的账号制作了一套新的恢复码，以前的恢复码都已失效。",
        "A new set of recovery codes was made for your account; earlier ones ended."),
    "recovery.used": (
        "有人用密码和一个恢复码登录了您的账号。",
        "Somebody signed in to your account with the password and a recovery code."),
    "factor.reset_asked": _PROPOSED,
    "factor.reset_proposed": _PROPOSED,
    "factor.reset_seconded": _APPROVED,
    "factor.reset_approved": _APPROVED,
    "factor.reset_stopped": (
        "更换您的动态口令已被停止，原来的照旧。",
        "The replacement of your second factor was stopped."),
    "factor.replaced": (
        "您的动态口令已更换，原来的和全部恢复码作废，所有登录已结束。",
        "Your second factor was replaced; the old one, all recovery codes and all sessions ended."),
    "sessions.ended": (
        "安全管理员结束了您的全部登录；请重新登录，理由见“登录记录”。",
        ("A security administrator ended all your sessions; sign in again. The reason is on your page "
         "of sign-ins.")),
}
"""What letters about one's account tell, by the act."""


def safety(happened: str, at: str, url: str) -> tuple[str, str]:
    """(subject, body) of a letter about one's own account."""
    zh, en = HAPPENED[happened]
    return "账号安全提示 / About your account", (
        f"{at}\n\n{zh}\n{en}\n\n"
        "若非本人操作：立即登录更换密码、制作新的恢复码，并告知安全管理员。\n"
        "If it was not you: change the password, make new codes, and tell the administrators.\n\n"
        f"{url}\n")


KINDS = {"tender": "", "service": "中介服务 Service: ", "direct_award": "直接发包 Direct award: ",
         "framework": "框架协议 Framework: "}


def digest(name: str, hits: Sequence[Hit], more: bool, unsubscribe: str) -> tuple[str, str]:
    """(subject, body) of a digest of new lots."""
    lines = [f"“{line(name)}”：新公告 {len(hits)} 项 / {len(hits)} new", ""]
    for hit in hits:
        about = " — ".join(line(text) for text in (hit.title, hit.lot_title) if text)
        lines += [f"· {KINDS[hit.kind]}{about}", f"  招标人 Buyer: {line(hit.buyer)}",
                  f"  截止 Deadline: {line(hit.deadline)}", f"  {hit.url}", ""]
    if more:
        lines += ["还有更多，请在平台上查看。 There are more; see the site.", ""]
    lines += ["截止时间可能顺延，以平台公告为准。 Deadlines may be moved later: the notices on the site count.", ""]
    lines += ["退订本订阅 / Unsubscribe from this search:", unsubscribe, ""]
    return f"{line(name)[:60]} · {len(hits)}", "\n".join(lines)


def extension(company: str, title: str, lot_title: str, until: str, answer_by: str, url: str
              ) -> tuple[str, str]:
    """(subject, body) of the letter that asks one tenderer to stay bound until a later day."""
    return _NOTICE, "\n".join([
        f"{line(company)}：", "",
        f"招标人请求把投标有效期延长至 {until} / The buyer asks you to stay bound until {until}", "",
        f"· {line(title)} — {line(lot_title)}", f"  答复截止 Answer by: {line(answer_by)}",
        f"  {url}", "",
        ("请登录平台答复同意或者拒绝。同意的，投标不得修改，投标保证金相应延长；拒绝或者到期不答复的，投标失效，投标保证金退还"
        "（工程建设项目施工招标投标办法 29）。"),
        ("Sign in to agree or to refuse. Who agrees changes nothing of the bid, and its guarantee lasts as "
        "long; who refuses or says nothing in time has the bid lapse and the guarantee back."), ""])


CONCLUDED = {
    "kept": ("贵单位的投标继续有效至 {until}。", "Your bid stays valid until {until}."),
    "lapsed": ("贵单位的投标已失效，投标保证金将退还。",
               "Your bid has lapsed; its guarantee goes back."),
    "bound": ("中标通知书已发出，贵单位的投标依然有效（招标投标法 45）。",
              "The award notice is out: your bid stays valid as it was."),
}
"""What a concluded request came to for one tenderer."""


def extended(company: str, title: str, lot_title: str, outcome: str, until: str, url: str
             ) -> tuple[str, str]:
    """(subject, body) of the letter that says what the request came to for one tenderer: `outcome`
    is a key of CONCLUDED."""
    zh, en = (said.format(until=until) for said in CONCLUDED[outcome])
    return _NOTICE, "\n".join([
        f"{line(company)}：", "", "延长投标有效期的答复已结束 / The answers on a longer validity are in", "",
        f"· {line(title)} — {line(lot_title)}", f"  {zh}", f"  {en}", f"  {url}", ""])


_NOTICE = "平台通知 / A notice for your company"
"""The subject of letters to a company: it tells whoever carries it nothing."""


def invitation(company: str, title: str, lot_title: str, deadline: str, url: str, *,
               moved: bool) -> tuple[str, str]:
    """(subject, body) of the letter to one company that is invited to a lot, or (`moved`) of what
    its deadline has become. The subject tells whoever carries it nothing."""
    zh, en = ("投标截止时间已顺延", "The deadline was moved later") if moved else \
        ("贵单位受邀投标", "Your company is invited to bid")
    return _NOTICE, "\n".join([
        f"{line(company)}：", "", f"{zh} / {en}", "",
        f"· {line(title)} — {line(lot_title)}", f"  截止 Deadline: {line(deadline)}", f"  {url}", "",
        "登录平台后可见邀请并下载招标文件。受邀情况在开标前不得向他人透露（招标投标法 22）。",
        "Sign in to see the invitation. Who is invited is told to nobody before the opening.", "",
        "截止时间以平台公告为准。 The notice on the site counts for the deadline.", ""])


def message(sender: str, to: str, subject: str, body: str, message_id: str,
            unsubscribe: str = "") -> EmailMessage:
    """A letter; with `unsubscribe` it carries the headers of RFC 8058. Raises ValueError for what
    would be more than one header."""
    if not is_address(to) or not is_address(sender):
        raise ValueError("not a mail address")
    letter = EmailMessage(policy=SMTP)
    user, _, domain = sender.partition("@")
    letter["From"] = Address("阳光招标采购", user, domain)
    letter["To"] = to
    letter["Subject"] = line(subject)
    letter["Message-ID"] = f"<{message_id}@{domain}>"
    letter["Auto-Submitted"] = "auto-generated"
    if unsubscribe:
        letter["List-Unsubscribe"] = f"<{unsubscribe}>"
        letter["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    letter.set_content(body, cte="base64")
    return letter


AWARD = {
    "proposed": (
        "招标人提出取消贵单位的中标。请在 {until} 前登录平台说明；不说明的，期限届满后由招标人另一人决定。",
        ("The buyer proposes to cancel your award. Sign in and speak to it until {until}; after that another "
         "person of the buyer decides.")),
    "dropped": ("取消中标的提议已放弃，中标有效。", "The proposal is dropped; your award stands."),
    "cancelled": (
        "贵单位的中标已取消；事由、依据和投标保证金的处理见平台。",
        ("Your award is cancelled. Why, by which article, and what becomes of the guarantee stands on the "
         "platform.")),
    "agreement": (
        "中标人可能被取消中标，贵单位是下一名候选人。投标有效期已过，贵单位没有义务；同意递补的，请登录平台表示。",
        ("The award may be cancelled, and you are next in the order. Your bid is no longer valid and you owe "
         "nothing; who agrees to follow says so on the platform.")),
    "awarded": (
        "原中标被取消，贵单位依次被确定为中标人；请查看中标通知书，按期签订合同。",
        ("The award before was cancelled and you are awarded as the next in the order: see the award notice, "
         "and sign the contract in time.")),
}
"""What one step of an award that falls means for a company."""


def award(company: str, title: str, lot_title: str, what: str, until: str, url: str
          ) -> tuple[str, str]:
    """(subject, body) of the letter about an award that may fall: `what` is a key of AWARD."""
    zh, en = (said.format(until=until) for said in AWARD[what])
    return _NOTICE, "\n".join([f"{line(company)}：", "", f"· {line(title)} — {line(lot_title)}", "",
                               zh, "", en, "", f"  {url}", ""])
