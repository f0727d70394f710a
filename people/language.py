"""In which language a page speaks: Chinese at its address, English below `/en` (ADR 12).

The address decides and nothing else, so a link says the same to whoever opens it and a public
page needs no cookie. Both languages stand at the place where they are used, `t("中文", "English")`:
neither can be forgotten, and the legal word is read beside its translation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from urllib.parse import quote

from flask import has_request_context, request

CHINESE, ENGLISH = "zh", "en"
TAGS = {CHINESE: "zh-CN", ENGLISH: "en"}
_UNTRANSLATED = ("/en/api/", "/en/static/", "/en/en/")
_KEY = "yangguang.language"


class English:
    """WSGI: what is asked below `/en` is the same page, told to speak English."""

    def __init__(self, app: Callable):
        self.app = app

    def __call__(self, environ: dict, start_response: Callable) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if (path == "/en" or path.startswith("/en/")) and not path.startswith(_UNTRANSLATED):
            environ = {**environ, _KEY: ENGLISH, "PATH_INFO": path[3:] or "/",
                       "SCRIPT_NAME": environ.get("SCRIPT_NAME", "") + "/en"}
        return self.app(environ, start_response)


def language() -> str:
    """`zh` or `en`, as the request under way was addressed; `zh` outside a request."""
    return request.environ.get(_KEY, CHINESE) if has_request_context() else CHINESE


def t(zh: str, en: str) -> str:
    """The text of the two that this page speaks."""
    return en if language() == ENGLISH else zh


def to(path: str) -> str:
    """The address of a page in the language of this one; `path` begins with `/`."""
    return request.script_root + path if not path.startswith(("/api/", "/static/")) else path


def other() -> tuple[str, str]:
    """(tag, address) of this page in the other language."""
    root = request.script_root.removesuffix("/en")
    path = "/" + quote(request.path.lstrip("/"))  # as sent: two strokes would lead elsewhere
    query = f"?{request.query_string.decode('latin-1')}" if request.query_string else ""
    if language() == ENGLISH:
        return TAGS[CHINESE], root + path + query
    return TAGS[ENGLISH], root + "/en" + path + query


__all__ = ["CHINESE", "ENGLISH", "TAGS", "English", "language", "other", "t", "to"]
