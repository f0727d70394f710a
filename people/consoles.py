"""The pages of the three administrators, behind their own door (portal/listeners.py)."""

from __future__ import annotations

from typing import Any

from flask import g, request

from .inside import ask
from .language import t
from .model import GRANTED_ROLES, PARTY_KINDS
from .pagebook import Pages, done, draw
from .pages import shows

pages = Pages("people", "consoles")

ROLES = {
    "buyer": ("招标人", "Buyer"), "opener": ("开标人员", "Opening official"),
    "expert": ("评标专家", "Expert"), "awarder": ("定标委员", "Award committee"),
    "supervisor": ("监督人员", "Supervisor"), "guarantor": ("保函机构", "Guarantor"),
    "sys_admin": ("系统管理员", "System administrator"),
    "sec_admin": ("安全管理员", "Security administrator"),
    "audit_admin": ("审计管理员", "Audit administrator"),
}
"""What the granted roles are called."""

KINDS = {"buyer": ("招标人", "Buyer"), "tenderer": ("投标企业", "Tenderer"),
         "guarantor": ("保函机构", "Guarantor"), "supervisor": ("监督部门", "Supervisor"),
         "agency": ("代理机构", "Agency"), "other": ("其他单位", "Other unit")}
"""What the kinds of units are called."""

SETTINGS = {
    "password_min": ("密码最短长度", "Shortest password"),
    "guesses_free": ("输错几次后放慢来源", "Wrong tries before a source is slowed"),
    "password_complexity": ("密码须含三类字符", "Three kinds of characters"),
    "factor_for_all": ("所有人都须用动态口令", "A second factor for everybody"),
    "admin_networks": ("管理端口接受的网段", "Networks administrators may come from"),
    "document_mib": ("招标文件单个上限（MiB）", "Largest bidding document (MiB)"),
    "registrations_free": ("同一来源十五分钟内可注册几次", "Registrations of one source in 15 minutes"),
    "letters": ("发送邮件", "Send letters"),
}
"""What settings are called."""

OFFICES = (
    ("sys_admin", "/admin/accounts", "账号与单位", "Accounts and units"),
    ("sec_admin", "/admin/roles", "角色授权", "Roles"),
    ("sec_admin", "/admin/factors", "账号安全", "Account safety"),
    ("sec_admin", "/admin/keys", "密钥与证书机构", "Keys and authorities"),
    ("sec_admin", "/admin/erasures", "个人信息删除", "Erasures"),
    ("audit_admin", "/admin/erasures", "个人信息删除", "Erasures"),
    ("sec_admin", "/admin/policy", "安全策略", "Security policy"),
    ("sys_admin", "/admin/parameters", "系统参数", "Parameters"),
    ("sec_admin", "/admin/parameters/proposals", "系统参数审批", "Parameters to approve"),
    ("sys_admin", "/admin/webhooks", "推送地址", "Webhooks"),
    ("audit_admin", "/admin/log", "管理操作", "Administrators' operations"),
    ("audit_admin", "/admin/log/events", "登录与查阅", "Sign-ins and readings"),
    ("audit_admin", "/admin/log/security", "安全日志", "Security log"),
)
"""Who has which console: (role, address, name)."""

done("account-created", "账号已建立。请发放激活码，交给本人。",
     "The account is made. Issue an activation code and give it to its owner.")
done("account-disabled", "账号已停用，其登录与令牌即时失效。",
     "The account is disabled; its sessions and tokens ended at once.")
done("grant-proposed", "已提出，待另一位安全管理员批准。",
     "Proposed; another security administrator approves.")
done("grant-approved", "已批准，立即生效。", "Approved, with effect now.")
done("revocation-proposed", "已提出撤销，待另一位安全管理员批准。",
     "The revocation is proposed; another security administrator approves.")
done("erasure-proposed", "已提出，待审计管理员批准。", "Proposed; an audit administrator approves.")
done("erasure-approved", "已删除，不能恢复。", "Erased; this cannot be undone.")
done("settled", "已批准，立即生效，已记入存证。", "Approved, with effect now, and recorded.")
done("setting-proposed", "已提出，待另一位管理员批准；批准之前什么也没有改变。",
     "Proposed; another administrator approves. Nothing has changed until then.")
done("setting-rejected", "未予批准，设置照旧。", "Turned down; what holds stays as it is.")
done("sessions-ended", "该账号的全部登录已结束；账号照常有效，本人可以重新登录。",
     "All sessions of the account have ended; the account counts as before and its owner signs in "
     "again.")
done("webhook-approved", "已批准，开始推送。", "Approved; it is called from now on.")

shows("activation-code", "people/activation-code.html", "activation_code", "until")


@pages.record_once
def _teach(state: Any) -> None:
    state.app.jinja_env.filters.update(
        role_pair=lambda role: (role, t(*ROLES[role])), kind_pair=lambda kind: (kind, t(*KINDS[kind])))
    state.app.jinja_env.globals.update(
        role_words=ROLES, kind_words=KINDS, offices=offices, setting_words=SETTINGS)


def offices() -> list[tuple[str, str, str]]:
    """(address, zh, en) of the consoles of who reads this page."""
    held = set(g.viewer["roles"]) if g.get("viewer") else set()
    return list(dict.fromkeys((href, zh, en) for role, href, zh, en in OFFICES if role in held))


@pages.desk("/admin")
def overview():
    """The consoles of who is signed in."""
    return draw("people/offices.html", now=ask("/time")["now"])


@pages.desk("/admin/accounts", asks="GET /accounts")
def accounts():
    """Accounts and units: made, given a code, disabled."""
    return draw("people/admin-accounts.html", found=_listed("/accounts"), kinds=PARTY_KINDS)


@pages.desk("/admin/roles", asks="GET /role-grants")
def roles():
    """Who is granted what, and what waits for a second person."""
    return draw("people/admin-roles.html", found=_listed("/role-grants"), roles=GRANTED_ROLES)


@pages.desk("/admin/factors", asks="GET /factor-resets")
def factors():
    """Second factors to be replaced: one proposes, another person approves."""
    return draw("people/admin-factors.html", found=_listed("/factor-resets"))


@pages.desk("/admin/keys", asks="GET /certificate-authorities")
def keys():
    """Certificate authorities that are believed, and a unit's signing keys."""
    uscc = request.args.get("uscc", "").strip()[:18]
    return draw("people/admin-keys.html", authorities=ask("/certificate-authorities"), uscc=uscc,
                found=ask("/unit-keys", uscc=uscc) if uscc else None, now=ask("/time")["now"])


@pages.desk("/admin/log/security", asks="GET /security-log")
def security_log():
    """The security log: who came in from where, and what was refused."""
    login = request.args.get("login", "").strip()[:80]
    return draw("people/admin-security.html", login=login, found=ask(
        "/security-log", cursor=request.args.get("cursor", "")[:400], login=login))


@pages.desk("/admin/erasures")
def erasures():
    """Proposals to erase a person's data; a security administrator proposes, an auditor approves."""
    proposes = "sec_admin" in g.viewer["roles"]
    return draw("people/admin-erasures.html", found=None if proposes else _listed("/erasures"))


@pages.desk("/admin/policy", asks="GET /policy")
def policy():
    """Passwords, second factors, and from where administrators may come."""
    return draw("people/admin-policy.html", held=ask("/policy"))


@pages.desk("/admin/parameters", asks="GET /parameters")
def parameters():
    """Sizes, letters, the brake on registrations."""
    return draw("people/admin-parameters.html", held=ask("/parameters"))


@pages.desk("/admin/parameters/proposals", asks="GET /parameters/proposals")
def proposed_parameters():
    """Parameters that a system administrator proposed, for a security administrator to approve."""
    return draw("people/admin-proposals.html", held=ask("/parameters/proposals"))


@pages.desk("/admin/webhooks", asks="GET /webhooks/waiting")
def webhooks():
    """Addresses that wait to be called."""
    return draw("people/admin-webhooks.html", found=ask("/webhooks/waiting"))


@pages.desk("/admin/log", asks="GET /administration-log")
def operations():
    """What administrators and the operator did."""
    return draw("people/admin-log.html", found=ask(
        "/administration-log", cursor=request.args.get("cursor", "")[:400]))


@pages.desk("/admin/log/events", asks="GET /administration-log/events")
def events():
    """What the security log has of administrators' accounts."""
    return draw("people/admin-events.html", found=ask(
        "/administration-log/events", cursor=request.args.get("cursor", "")[:400]))


def _listed(path: str) -> dict:
    """A sensitive list; without a reason its refusal becomes the page that asks for one (Q81)."""
    return ask(path, cursor=request.args.get("cursor", "")[:400], limit="200")
