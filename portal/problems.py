"""Every no in one shape: problem+json (RFC 9457) with code, article, facts and what to do.

Below this edge there are refusals (a rule said no) and HTTP errors (the request never reached
a rule). Anything else is our mistake: the answer then says so and nothing of its cause.
"""

from __future__ import annotations

import logging

from flask import Flask, Response
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException

from kernel.refusal import BUSY, MALFORMED, NOT_FOUND, Refused, Word
from people.problem import MEDIA_TYPE, problem_body

log = logging.getLogger("yangguang")

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
BY_STATUS = {400: MALFORMED, 404: NOT_FOUND, 405: METHOD, 413: TOO_LARGE, 503: BUSY}


def problem(refused: Refused) -> Response:
    """The answer for one refusal, as `application/problem+json`."""
    answer = Response(problem_body(refused), status=refused.word.status, mimetype=MEDIA_TYPE)
    if refused.word.status == 401:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="yangguang"'
    if refused.word.status in (429, 503):
        answer.headers["Retry-After"] = str(refused.facts.get("retry_after", 5))
    return answer


def install(app: Flask) -> None:
    """Answer every error of `app` in that shape."""

    @app.errorhandler(Refused)
    def refused(error: Refused):
        return problem(error)

    @app.errorhandler(HTTPException)
    def http(error: HTTPException):
        word = BY_STATUS.get(error.code or 500)
        if word is None and (error.code or 500) < 400:
            return error
        word = word or (MALFORMED if (error.code or 500) < 500 else UNEXPECTED)
        answer = problem(word(problem=error.name))
        if error.code and error.code < 500:
            answer.status_code = error.code
        for name, value in error.get_headers():
            if name in ("Allow", "Retry-After"):
                answer.headers[name] = value
        return answer

    @app.errorhandler(DBAPIError)
    def database(error: DBAPIError):
        log.error("database error: %s", type(error.orig).__name__)
        return problem(BUSY())

    @app.errorhandler(Exception)
    def unexpected(error: Exception):
        log.exception("unexpected error")
        return problem(UNEXPECTED())
