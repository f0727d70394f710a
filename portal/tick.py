"""The clock's round: ask each package what is due, do each thing in its own transaction.

Two rounds at once are safe because the second finds the state moved. A refusal is logged and
the round goes on; nothing depends on a round for correctness, only for promptness.
"""

from __future__ import annotations

import logging
from datetime import datetime

from sqlalchemy.exc import DBAPIError

import bidding.clock
import evaluation.clock
import guarantees.clock
import people.clock
import tender.clock
from audit import sequencer
from audit.act import wiring
from audit.actor import CLOCK
from audit.keys import Keys
from kernel.db import db
from kernel.refusal import Refused

log = logging.getLogger("yangguang.clock")

CLOCKS = (people.clock, tender.clock, guarantees.clock, bidding.clock, evaluation.clock)
ROUNDS = 8
"""A close can make a failure due, and that a release; more rounds than this wait for the next tick."""


def tick(keys: Keys | None = None) -> int:
    """One round, inside an app context; return how many acts were done.

    With `keys` the record is brought up to date too: only one process of an installation
    holds the log's key.
    """
    done = 0
    for _ in range(ROUNDS):
        count = _acts()
        done += count
        if keys is not None:
            sequencer.run_once(keys, wiring().settings["record"])
        if not count:
            break
    for package in CLOCKS:
        for work in getattr(package, "WORK", ()):
            _safely(work, _now())
    if keys is not None:
        sequencer.run_once(keys, wiring().settings["record"])
    return done


def _now() -> datetime:
    db.session.rollback()
    now = wiring().clock.now(db.session.connection())
    db.session.rollback()
    return now


def _acts() -> int:
    now, count = _now(), 0
    waiting = [due for package in CLOCKS for due in package.due(db.session, now)]
    db.session.rollback()
    for due in sorted(waiting, key=lambda due: due.at):
        if due.at <= now and _safely(due.act, CLOCK, *due.args, **due.kwargs):
            count += 1
    return count


def _safely(function, *args, **kwargs) -> bool:
    name = getattr(getattr(function, "act", None), "name", getattr(function, "__name__", "?"))
    try:
        function(*args, **kwargs)
        return True
    except Refused as refused:
        log.info("%s not done: %s", name, refused.word.code)
    except DBAPIError as error:
        log.warning("%s will be tried again: %s", name, type(error.orig).__name__)
    except Exception:
        log.exception("%s failed", name)
    finally:
        db.session.rollback()
    return False
