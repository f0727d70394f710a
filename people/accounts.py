"""The pages of one's own account: coming to have one, keeping it, and getting back in."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import segno
from flask import Response, g, redirect, request
from markupsafe import Markup

from audit.act import wiring
from kernel.canonical import parse_time, time_text

from . import action_words
from .inside import ask, tell, told
from .language import to
from .pagebook import Pages, done, draw, on_desk
from .pages import shows
from .permissions import ACTIONS, present_actions

pages = Pages("people", "accounts")

_OTPAUTH = re.compile(r"\Aotpauth://totp/[!-~]{1,400}\Z")
"""What a QR code of a second factor holds."""

FEW = 3
"""Fewer recovery codes than this are said on the desk."""

GROUPS = {
    "prepare": ("编制与发布", "Preparing and publishing"), "notice": ("公告", "Notices"),
    "qa": ("答疑与异议", "Questions and objections"), "bid": ("投标", "Bids"),
    "opening": ("开标", "Opening"), "guarantee": ("保函", "Guarantees"),
    "evaluation": ("评标", "Evaluation"), "award": ("定标", "Award"),
    "supervise": ("监督", "Supervision"), "admin": ("管理", "Administration"),
    "watch": ("村级工程", "Village works"), "services": ("中介服务", "Services"),
}
"""What the groups of the permission table are called; one without a name stands by itself."""

done("password-changed", "密码已更换，请用新密码登录。", "The password is changed; sign in with it.")
done("session-ended", "该设备的登录已结束。", "That session has ended.")
done("others-ended", "其他设备上的登录都已结束。", "All other sessions have ended.")
done("device-forgotten", "已不再认得该设备。", "That device is forgotten.")
done("activated", "密码已设置。请等动态口令换成下一个，再登录。",
     "The password is set. Wait for the next one-time code, then sign in.")
done("factor-enrolled", "动态口令已绑定。以后登录须同时输入动态口令。",
     "The one-time codes are enrolled; from now on signing in asks for one.")
done("recovered", "已用恢复码登录，该恢复码已作废。请在五分钟内绑定新的动态口令。",
     "You signed in with a recovery code, which is used up. Enrol a new second factor within five "
     "minutes.")
done("factor-replaced", "新的动态口令已生效，原来的和全部恢复码作废。请等下一个口令再登录。",
     "The new second factor counts; the old one and all recovery codes ended. Wait for the next "
     "code, then sign in.")
done("reset-asked", "已提出，待另一人批准；本人已被告知，可以停止。",
     "Proposed; another person approves. The owner was told and can stop it.")
done("reset-stopped", "已停止，原来的动态口令照旧。", "Stopped; the present second factor stays.")
done("key-bound", "密钥已登记。若标为冷却中，到时才能签名。",
     "The key is registered. Where it says cooling, it signs from then on.")
done("key-revoked", "签名密钥已撤销，从现在起不能再用它签名；以前的签名仍然有效。",
     "The key is revoked: it signs nothing from now on; what it signed before stands.")
done("notice-seen", "已确认知悉。", "Noted that you have seen it.")
done("token-revoked", "接口令牌已撤销。", "The token is revoked.")
done("vouched", "已为该同事担保，其账号现在可以代表本单位。",
     "You vouched for this colleague, who can act for the company now.")
done("address-stated", "确认码已发往该邮箱。", "A letter with a code was sent there.")
done("address-confirmed", "邮箱已确认。", "The address is confirmed.")
done("address-withdrawn", "邮箱已删除。", "The address is taken back.")

shows("registered", "people/registered.html", "login", "next")
shows("factor", "people/factor-new.html", "secret", "otpauth")
shows("recovery-codes", "people/recovery-codes.html", "codes", "made_at")
shows("reset-code", "people/reset-code.html", "reset_code", "until")
shows("token", "people/token-new.html", "name", "token", "expires_at")


@pages.record_once
def _teach(state: Any) -> None:
    state.app.jinja_env.globals["qr"] = qr


def qr(text: str) -> Markup:
    """A QR code of `text` as SVG without styles, dark on light in every colour scheme."""
    return Markup(segno.make(text, error="m").svg_inline(
        omitsize=True, border=4, dark="#000", light="#fff", svgclass=None, lineclass=None))


@pages.open("/register")
def register():
    """A company and its first person."""
    return draw("people/register.html")


@pages.open("/recover")
def recover():
    """What to do without password or second factor: the ways that exist."""
    return draw("people/recover.html")


@pages.open("/recover/factor")
def recover_factor():
    """Enrol a new second factor with the code that two persons handed over."""
    return draw("people/recover-factor.html", typed={})


@pages.post("/recover/factor")
def recovered_factor() -> Response:
    """First login, password and code, then a code of the new factor; the password is typed again."""
    typed = {name: request.form.get(name, "").strip() for name in
             ("login", "code", "secret", "otpauth")}
    if not _OTPAUTH.match(typed["otpauth"]):
        typed |= {"secret": "", "otpauth": ""}  # not as we sent it: begin again
    given = {"login": typed["login"], "password": request.form.get("password", ""),
             "code": typed["code"]}
    if not typed["secret"]:
        said = tell("POST", "/factor-recovery", given)
        if said.ok:
            return draw("people/recover-factor.html", typed=typed | said.body)
    else:
        said = tell("POST", "/factor-recovery/completion",
                    given | {"totp": request.form.get("totp", "").strip()})
        if said.ok:
            return redirect(to("/sign-in") + "?done=factor-replaced", 303)
    return draw("people/recover-factor.html", said.status, typed=typed, refused=said.body)


@pages.open("/activate")
def activate():
    """From an activation code to a password of one's own."""
    return draw("people/activate.html", typed={})


@pages.post("/activate")
def activated() -> Response:
    """First the code, then password and one-time code; nothing typed before is lost."""
    typed = {name: request.form.get(name, "").strip() for name in
             ("code", "login", "secret", "otpauth", "factor")}
    if typed["factor"] == "new" and not _OTPAUTH.match(typed["otpauth"]):
        typed = {"code": typed["code"]}  # not as we sent it: begin with the code again
        return draw("people/activate.html", 400, typed=typed)
    if "password" not in request.form:
        said = tell("POST", "/activation", {"code": typed["code"]})
        if said.ok:
            typed |= {"login": said.body["login"], "factor": "old", **(
                said.body["factor"] | {"factor": "new"} if said.body["factor"] else {})}
            return draw("people/activate.html", typed=typed)
    else:
        said = tell("POST", "/activation/completion", {
            "code": typed["code"], "password": request.form["password"],
            "totp": request.form.get("totp", "").strip() or None})
        if said.ok:
            return redirect(to("/sign-in") + "?done=activated", 303)
    if said.body.get("code") == "activation.refused":
        typed = {"code": typed["code"]}
    return draw("people/activate.html", said.status, typed=typed, refused=said.body)


@pages.desk("/desk/account", asks="GET /sessions")
def account():
    """One's own password, second factor, and where one is signed in."""
    return draw("people/account.html", sessions=ask("/sessions")["items"],
                devices=ask("/devices")["items"])


@pages.desk("/desk/account/factor", asks="GET /session")
def factor():
    """Enrol a second factor, or replace it."""
    return draw("people/factor.html", now=ask("/time")["now"])


@pages.desk("/desk/account/recovery", asks="GET /recovery-codes")
def recovery():
    """Recovery codes: how many are left, and a new set."""
    return draw("people/recovery.html", held=ask("/recovery-codes"))


@pages.desk("/desk/account/log", asks="GET /sign-ins")
def sign_ins():
    """Who came in to one's account from where, and what was refused."""
    return draw("people/sign-ins.html", found=ask(
        "/sign-ins", cursor=request.args.get("cursor", "")[:400]))


@pages.desk("/desk/account/keys", asks="GET /signing-keys/company")
def keys():
    """The keys one's company signs with."""
    return draw("people/keys.html", keys=ask("/signing-keys/company")["items"],
                now=ask("/time")["now"],
                cooling=wiring().settings["key_cooling"] // timedelta(hours=1))


@pages.desk("/desk/account/tokens", asks="GET /tokens")
def tokens():
    """Tokens for machines."""
    now = ask("/time")["now"]
    return draw("people/tokens.html", tokens=ask("/tokens")["items"], now=now,
                until=time_text(parse_time(now) + timedelta(days=90)),
                groups=_groups(set(g.viewer["roles"])), action_words=action_words.WORDS)


@pages.desk("/desk/account/colleagues", asks="GET /colleagues")
def colleagues():
    """Who else acts for one's unit, and who waits for somebody to vouch."""
    return draw("people/colleagues.html", colleagues=ask("/colleagues")["items"],
                resets=ask("/colleagues/factor-resets")["items"], now=ask("/time")["now"])


@pages.desk("/desk/account/mail", asks="GET /session")
def mail():
    """Where letters go."""
    return draw("people/mail.html", address=told("/mail-address"),
                searches=ask("/saved-searches")["items"])


@on_desk(1, "people/_notices.html")
def notices(viewer: dict) -> dict | None:
    """New keys of one's company, a second factor that is still to be enrolled, recovery codes that
    were used or are few."""
    waiting = [one for one in viewer["key_notices"] if not one["revoked_at"]]
    codes = ask("/recovery-codes") if viewer["has_factor"] else None
    few = codes is not None and codes["left"] < FEW
    resets = [] if codes is None else [
        one for one in ask("/colleagues/factor-resets")["items"]
        if one["account_id"] == viewer["account_id"]]
    return {"notices": waiting, "codes": codes, "few": few, "resets": resets} \
        if waiting or few or resets or codes is None else None


def _groups(held: set[str]) -> list[tuple[tuple[str, str], list[str]]]:
    """The actions a token of somebody who is `held` could be for, by group of the table.

    What somebody may do depends on the lot: any closer relation of a role held counts here. No
    machine has a role that needs two factors, an administrator's least of all.
    """
    families = {role.partition("_")[0] for role in held} & {"buyer", "guarantor", "tenderer"}
    found: dict[str, list[str]] = {}
    for name in present_actions():
        action = ACTIONS[name]
        roles = {role for row, _ in action.rows for role in row}
        if any(role.partition("_")[0] in families for role in roles):
            found.setdefault(action.group, []).append(name)
    return [(GROUPS.get(group, (group, group)), names) for group, names in found.items()]
