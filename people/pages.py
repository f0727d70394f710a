"""Where forms are sent, and the way in and out.

A form performs one operation of the interface: its fields are that operation's JSON. What the
interface refuses comes back on the page it was sent from, with everything that was typed. Sent
twice, it is done once, by the key it was drawn with.
"""

from __future__ import annotations

import json
from urllib.parse import quote, urlsplit

from flask import Response, current_app, g, redirect, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from kernel.canonical import NotCanonical, parse
from kernel.refusal import MALFORMED, NOT_FOUND

from . import forms
from .authentication import COOKIE, refuse_without_csrf
from .inside import FORM, REASON, Said, ask, dispatch, look, tell
from .language import to
from .pagebook import PARTS, FormState, Pages, done, draw, home, refusal

pages = Pages("people")
METHODS = ("POST", "PUT", "PATCH", "DELETE")
SHOWN: dict[str, tuple[str, frozenset[str]]] = {}
"""Templates that show an operation's answer once, by the name a form gives in `shows`, each with
the members it shows."""

MOST_UNKNOWN = 16 << 20
"""Bytes that somebody who is not signed in may send with a form, file included."""

done("signed-out", "已退出登录。", "You are signed out.")


def shows(name: str, template: str, *members: str) -> None:
    """Let forms name `template` as the page that shows their operation's answer, where that
    answer has these `members`."""
    SHOWN[name] = template, frozenset(members)


@pages.open("/sign-in")
def sign_in():
    return draw("people/sign-in.html", next=local(request.args.get("next", "")), typed="")


@pages.post("/sign-in")
def signed_in():
    """Sign in by cookie, then on: to where one was going, or to the form that was under way."""
    body, _ = forms.read(request.form.items(multi=True))
    said = tell("POST", "/session", body | {"cookie": True})
    target, typed = local(request.form.get("_next", "")), request.form.get("_typed", "")
    if said.ok and body.get("recovery") and not target:
        target = "/desk/account/factor?done=recovered"
    if not said.ok:
        return draw("people/sign-in.html", said.status, next=target, typed=typed, refused=said.body,
                    login=request.form.get("login", ""), recovering="recovery" in body)
    answer = _typed_again(typed, said.response) if typed else redirect(to(target or home()), 303)
    for cookie in said.response.headers.getlist("Set-Cookie"):
        answer.headers.add("Set-Cookie", cookie)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@pages.desk("/desk")
def desk():
    """Where everybody begins: what is theirs to do."""
    parts = []
    for _, template, part in sorted(PARTS, key=lambda one: one[:2]):
        values = part(g.viewer)
        if values is not None:
            parts.append((template, values))
    return draw("people/desk.html", parts=parts, now=ask("/time")["now"])


@pages.post("/sign-out")
def signed_out():
    _judge()
    said = tell("DELETE", "/session")
    answer = redirect(to("/") + "?done=signed-out", 303)
    for cookie in said.response.headers.getlist("Set-Cookie"):
        answer.headers.add("Set-Cookie", cookie)
    return answer


@pages.post("/act/<path:path>")
def act(path):
    """Perform the operation of the interface that the form names."""
    if (request.content_length or 0) > MOST_UNKNOWN and not look("/session").ok:
        request.max_content_length = MOST_UNKNOWN
    _judge()
    method = request.form.get("_method", "POST")
    pairs = [(name, text) for name, text in request.form.items(multi=True)]
    state = FormState(request.form.get("_form", ""), _shown_again(pairs))
    back = _undone(local(request.form.get("_back", ""))) or "/desk"
    if method not in METHODS:
        raise NOT_FOUND()
    code = request.form.get("_totp", "")
    if code:
        fresh = tell("POST", "/session/step-up", {"totp": code.strip()})
        if not fresh.ok:
            return _back(back, state, fresh)
    body, wrong = forms.read(pairs)
    if wrong:
        said = Said(422, {"status": 422, "code": "request.invalid", "law": "—", "facts": {},
                          "fields": {place: [" ".join(reversed(two))]
                                     for place, two in wrong.items()},
                          "detail": {"zh": "有的内容无法读取。", "en": "Some fields cannot be read."},
                          "do": {"zh": "请按标出的地方修改后重新提交。",
                                 "en": "Correct what is marked and send it again."}}, {}, Response())
        return _back(back, state, said)
    said = _perform(method, "/" + path, body)
    if not said.ok:
        return _back(back, state, said)
    template, members = SHOWN.get(request.form.get("_shows", ""), ("", frozenset()))
    if template and isinstance(said.body, dict) and members <= said.body.keys():
        who = look("/session")
        g.viewer = who.body if who.ok else None
        answer = draw(template, said=said.body, back=back)
        answer.headers["Cache-Control"] = "no-store"
        return answer
    reason = request.form.get("_reason", "")
    if reason and not request.form.get("_next"):
        # What is read for a reason is drawn with the same reason: an address cannot hold it.
        return _page(local(_after(said, back)), **{REASON: reason})
    return redirect(_after(said, back), 303)


@pages.post("/read/<path:path>")
def read(path):
    """Draw a page whose reading needs a reason, with the reason that was given (Q81). Fields called
    `_q_name` go into its address: a page that was read for a reason is asked for in another way."""
    _judge()
    query = request.query_string.decode("latin-1")
    asked = "&".join(f"{quote(name.removeprefix('_q_'))}={quote(text)}"
                     for name, text in request.form.items() if name.startswith("_q_") and text.strip())
    query = "&".join(part for part in (query, asked) if part)
    return _page(f"/{path}" + (f"?{query}" if query else ""),
                 **{REASON: request.form.get("reason", "")})


def _judge() -> None:
    """Refuse a form that is not this session's; that it is from a page of ours is judged before."""
    cookie = request.cookies.get(COOKIE)
    if cookie:
        refuse_without_csrf(cookie, request.form.get("_csrf", ""))


def _perform(method: str, path: str, body: dict) -> Said:
    headers = {name: request.form[field] for name, field in
               (("Idempotency-Key", "_key"), ("If-Match", "_match"))
               if request.form.get(field) and (method == "POST" or field != "_key")}
    if not all(text.isascii() and text.isprintable() for text in headers.values()):
        raise MALFORMED(problem="a header of the form")
    file = request.files.get("_file")
    query = {name.removeprefix("_q_"): text for name, text in request.form.items()
             if name.startswith("_q_") and text.strip()}
    if file is not None and "_q_name" in request.form:
        query.setdefault("name", file.filename or "")
    if query:
        path += "?" + "&".join(f"{quote(name)}={quote(text)}" for name, text in query.items())
    if file is not None:
        return tell(method, path, data=file.stream, media=file.mimetype or
                    "application/octet-stream", headers=headers)
    if not body and method == "DELETE":
        return tell(method, path, headers=headers)
    return tell(method, path, body, headers=headers)


def _after(said: Said, back: str) -> str:
    target = local(request.form.get("_next", "")) or back
    if isinstance(said.body, dict) and isinstance(said.body.get("id"), str):
        target = target.replace("{id}", said.body["id"])
    key = request.form.get("_done", "")
    target, mark, anchor = target.partition("#")
    address, _, query = _undone(target).partition("?")
    query = "&".join(part for part in (query, f"done={quote(key)}" if key else "") if part)
    return to(address) + (f"?{query}" if query else "") + mark + anchor


def _undone(address: str) -> str:
    """The address of a page without what was done before."""
    address, _, query = address.partition("?")
    kept = "&".join(part for part in query.split("&") if part and not part.startswith("done="))
    return address + (f"?{kept}" if kept else "")


def _back(back: str, state: FormState, said: Said) -> Response:
    """The page the form came from, with what was typed and why it was not done."""
    if said.status == 401 and said.body.get("code") in ("session.ended", "session.needed"):
        typed = json.dumps({"back": back, "form": state.form, "pairs": state.pairs},
                           ensure_ascii=False)
        return draw("people/sign-in.html", 401, next=back, typed=typed)
    state.problem = said.body
    reason = request.form.get("_reason", "")
    answer = _page(back, **{FORM: state}, **({REASON: reason} if reason else {}))
    if answer.status_code != 200:
        return refusal(said.body, said.status)
    answer.status_code = said.status
    return answer


def _typed_again(typed: str, signed: Response) -> Response:
    """The page on which something was typed when its session had ended; nothing is sent yet."""
    try:
        told = parse(typed)
        state = FormState(str(told["form"]), [(str(name), str(text)) for name, text in
                                              told["pairs"]], again=True)
        back = local(str(told["back"]))
    except (NotCanonical, ValueError, KeyError, TypeError):
        return redirect(to("/desk"), 303)
    session = next((one.partition(";")[0] for one in signed.headers.getlist("Set-Cookie")
                    if one.startswith(COOKIE + "=")), "")
    return _page(back or "/desk", cookie=session, **{FORM: state})


def _page(address: str, cookie: str | None = None, **extra: object) -> Response:
    """Draw the page of ours at `address`, as if it were asked for by GET."""
    path, _, query = address.partition("?")
    try:
        endpoint, _ = current_app.url_map.bind_to_environ(request.environ).match(path, "GET")
    except (HTTPException, RequestRedirect) as error:
        raise NOT_FOUND() from error
    if not endpoint.rpartition(".")[0].endswith("_pages"):
        raise NOT_FOUND()
    headers = {name: value for name, value in request.headers.items()
               if name in ("Cookie", "User-Agent", "X-Forwarded-For", "X-Forwarded-Proto",
                           "Accept", "Accept-Language")}
    if cookie:
        headers["Cookie"] = cookie
    answer = dispatch("GET", path + (f"?{query}" if query else ""), headers, **extra)
    answer.headers["Cache-Control"] = "no-store"
    g.pop("viewer", None)
    return answer


def _shown_again(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name, text) for name, text in pairs if not name.startswith("_")
            and forms.place_of(name).rpartition(".")[2] not in forms.SECRET]


def local(address: str) -> str:
    """An address of this site's own pages, or nothing: never a way out of it."""
    if not address.startswith("/") or address.startswith(("//", "/\\")) or "\\" in address:
        return ""
    parts = urlsplit(address)
    if parts.scheme or parts.netloc or any(ord(sign) < 32 for sign in address):
        return ""
    # Below /en the rest is an address of its own, and may be one that leads out.
    return local(address[3:]) if address.startswith("/en/") else address


__all__ = ["local", "pages", "shows"]
