"""How a command of the programs that run elsewhere ends: one sentence, what to do next, a status.

| status | means |
| --- | --- |
| 0 | done |
| 1 | not done; stderr says why and what to do |
| 2 | the command line itself is wrong (argparse) |
| 3 | done, and what was found is an alarm (`bid status`) |
| 130 | interrupted by the user |

Nothing ends in a traceback: a platform that lies must not look like a broken program. With
YANGGUANG_TRACE=1 the traceback is shown after all.
"""

from __future__ import annotations

import errno
import os
import socket
import ssl
import sys
import time
import traceback
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path

from .wire import Problem, Strange, Wire

DONE, FAILED, ALARM, INTERRUPTED = 0, 1, 3, 130

SKEW_SECONDS = 60
"""By how much this machine's clock may differ from the platform's before it is said."""

SESSION = ("The session or token is over, or was never given: sign in again and hand its token over "
           "by --token-file or the variable YANGGUANG_TOKEN.")
SIGN_IN = ("Login, password or second factor is wrong; or its codes of this minute are used up, then "
           "wait for one.")
STEP_UP = ("This needs a second factor no older than five minutes: enter its code on the site (or "
           "POST /session/step-up), then repeat the command.")
FOREIGN = ("Is --url the platform's, and this program as new as it? YANGGUANG_TRACE=1 shows where it "
           "broke.")
WRONG_SHAPE = (KeyError, TypeError, AttributeError, IndexError)
"""What an answer of another form than agreed raises where it is used."""


def run(program: str, body: Callable[[], int | None], *, after: str = "") -> int:
    """Run a command's body; say how it ended where it did not end well; its exit status.

    `after` says how things stand when it was cut off, and what goes on from there.
    """
    try:
        return body() or DONE
    except KeyboardInterrupt:
        _say(program, "interrupted", after)
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has gone; Python would complain once more at its exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except Exception as error:  # noqa: BLE001 - said to the user, whatever it is
        if os.environ.get("YANGGUANG_TRACE") == "1":
            traceback.print_exc()
        what, then = explained(error, after)
        _say(program, what, then)
        if isinstance(error, Problem) and isinstance(error.facts.get("promise"), str):
            print(error.facts["promise"], end="")
        return FAILED


def wire(program: str, url: str, token_file: Path | None) -> Wire:
    """The connection of a command, with the token of a file or of YANGGUANG_TOKEN; it says when it
    waits, and when the clocks disagree. Raises OSError, ValueError."""
    token = token_file.read_text("utf-8").strip() if token_file \
        else os.environ.get("YANGGUANG_TOKEN", "").strip()
    return Wire(url, token, waits=waiting(program), skewed=skewed(program))


def explained(error: Exception, after: str = "") -> tuple[str, str]:
    """What went wrong and what to do about it. Errors that nobody foresaw are named by kind."""
    if isinstance(error, Problem):
        return str(error), _advice(error) or after
    if isinstance(error, Strange):
        return str(error), ""
    if isinstance(error, ssl.SSLCertVerificationError):
        return (f"the platform's certificate is not believed: {error.verify_message}",
                f"Is --url right, and is this machine's clock ({time.strftime('%F %T %Z')})?")
    if isinstance(error, (ConnectionError, TimeoutError, socket.gaierror, ssl.SSLError)):
        return (f"the platform does not answer: {error or type(error).__name__}",
                f"Look at the network and at --url. {after}".strip())
    if isinstance(error, HTTPException):
        return f"the platform's answer broke off or is no HTTP: {error!r}"[:300], after
    if isinstance(error, OSError):
        return _system(error, after)
    if isinstance(error, WRONG_SHAPE):
        return (f"an answer or file is not of the known form ({error!r})"[:300],
                FOREIGN)
    if isinstance(error, MemoryError):
        return "this machine's memory is used up", after
    return str(error) or repr(error), ""


def _system(error: OSError, after: str) -> tuple[str, str]:
    name = f"{error.filename}: " if error.filename else ""
    text = f"{name}{error.strerror or error}"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"{name}the disk is full", f"Make room. {after}".strip()
    if error.errno == errno.ENETUNREACH or error.errno == errno.EHOSTUNREACH:
        return f"the platform does not answer: {text}", f"Look at the network. {after}".strip()
    return text, ""


def _advice(problem: Problem) -> str:
    if problem.code == "session.step-up":
        return STEP_UP
    if problem.code == "session.refused":
        return SIGN_IN
    if problem.status == 401:
        return SESSION
    told = problem.document.get("do")
    text = told.get("en") if isinstance(told, dict) else None
    return "".join(one for one in text if one.isprintable())[:500] if isinstance(text, str) else ""


def _say(program: str, what: str, then: str) -> None:
    print(f"{program}: {what}", file=sys.stderr)
    if then:
        print(then, file=sys.stderr)


def waiting(program: str) -> Callable[[int, int, object], None]:
    """What a command says while the platform does not answer and it tries again."""
    def say(attempt: int, tries: int, why: object) -> None:
        print(f"{program}: no answer ({why or type(why).__name__}); trying again, {attempt + 1} of "
              f"{tries}", file=sys.stderr)
    return say


def skewed(program: str) -> Callable[[float], None]:
    """What a command says, once, where this machine's clock and the platform's disagree."""
    said = []

    def say(ahead: float) -> None:
        if abs(ahead) > SKEW_SECONDS and not said:
            said.append(True)
            print(f"{program}: note: this machine's clock is {abs(ahead):.0f} s "
                  f"{'ahead of' if ahead > 0 else 'behind'} the platform's, by which deadlines "
                  "count", file=sys.stderr)
    return say
