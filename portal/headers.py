"""Headers on every answer, errors included (Q63): what a browser may do with what we send.

A header that is there already is kept, but for what is to be saved: that is sandboxed.
"""

from __future__ import annotations

from flask import Flask, Response, request

from audit.act import wiring

from . import vendor

POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
"""The pages run no script at all, so none may run; nothing comes from another host."""

SEALING = ("default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self'; "
           "style-src 'self'; img-src 'self'; font-src 'self'; form-action 'self'; "
           "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
           "trusted-types yangguang-sealer")
"""For a page on which a bid is sealed, and for no other: our own scripts and our own worker. The
worker's script comes with the policy above, so that it can reach no network."""

ALWAYS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}

SAVED = "sandbox; default-src 'none'"
"""For a file that is to be saved: should a browser open it all the same, it is nobody's page."""

OPEN_TO_READ = ("/record/", "/api/v1/record/")
"""Below these anybody's page may read: the public record is there to be checked by strangers."""

YEAR = 31_536_000


def install(app: Flask) -> None:
    """Put the headers on every answer of `app`."""

    @app.after_request
    def headers(answer: Response) -> Response:
        if request.path == vendor.URL + vendor.OFFLINE_SEALER:
            # To be saved and looked at before it is used, never run from our own address.
            answer.headers["Content-Disposition"] = \
                f'attachment; filename="{vendor.OFFLINE_SEALER}"'
        if answer.headers.get("Content-Disposition", "").startswith("attachment"):
            answer.headers["Content-Security-Policy"] = SAVED
        for name, value in ALWAYS.items():
            answer.headers.setdefault(name, value)
        if request.path.startswith(OPEN_TO_READ):
            answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        if _secure():
            answer.headers.setdefault("Strict-Transport-Security", f"max-age={YEAR}")
        if "Cache-Control" not in answer.headers:
            answer.headers["Cache-Control"] = "no-store"
        return answer


def _secure() -> bool:
    """Whether the browser came by TLS, as we see it or as a proxy of ours says it."""
    behind = wiring().settings["trusted_proxies"]
    return request.is_secure or bool(
        behind and request.headers.get("X-Forwarded-Proto", "") == "https")
