"""Every no in one shape: problem+json (RFC 9457) with code, article, facts and what to do.

Below this edge there are refusals (a rule said no) and HTTP errors (the request never reached
a rule). Anything else is our mistake: the answer then says so and nothing of its cause.
"""

from __future__ import annotations

import logging

from flask import Flask, Response
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException

from kernel.refusal import BUSY, MALFORMED, NOT_FOUND, Refused
from people.problem import MEDIA_TYPE, problem_body

from .refusals import METHOD, TOO_LARGE, UNEXPECTED

log = logging.getLogger("yangguang")

BY_STATUS = {400: MALFORMED, 404: NOT_FOUND, 405: METHOD, 413: TOO_LARGE, 503: BUSY}


def problem(refused: Refused, status: int = 0) -> Response:
    """The answer for one refusal, as `application/problem+json`; `status` for another one than
    the word's."""
    status = status or refused.word.status
    answer = Response(problem_body(refused, status), status=status, mimetype=MEDIA_TYPE)
    if refused.word.status == 401:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="yangguang"'
    if refused.word.status in (429, 503, 507):
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
        answer = problem(word(problem=error.name),
                         error.code if error.code and error.code < 500 else 0)
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
