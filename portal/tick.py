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
import evaluation.frameworks.clock
import evaluation.inviting.clock
import evaluation.lottery.clock
import evaluation.services.clock
import evaluation.validity.clock
import guarantees.clock
import guarantees.nightly
import people.clock
import portal.alerts.clock
import portal.scanning.clock
import portal.search.indexing
import portal.webhooks.clock
import supervision.clock
import tender.clock
import tender.feed
from audit import sequencer
from audit.act import wiring
from audit.actor import CLOCK
from audit.keys import Keys
from kernel.db import db
from kernel.refusal import Refused

log = logging.getLogger("yangguang.clock")

DUE = (tender.clock.due, guarantees.clock.due, bidding.clock.due, evaluation.clock.due,
       evaluation.inviting.clock.due, evaluation.lottery.clock.due,
       evaluation.services.clock.due,
       evaluation.validity.clock.due, evaluation.frameworks.clock.due,
       supervision.clock.due)
"""`due(session, now)` of each book in which something waits for time; each yields acts."""

WORK = (tender.feed.place, people.clock.sweep, guarantees.clock.deliver,
        guarantees.nightly.reconcile_all, portal.search.indexing.follow,
        portal.webhooks.clock.tell, portal.webhooks.clock.forget,
        portal.alerts.clock.post, portal.alerts.clock.forget, portal.scanning.clock.scan)
"""`work(now)`: what time does that is no act."""

ROUNDS = 8
"""A close can make a failure due, and that a release; more rounds than this wait for the next tick."""


def tick(keys: Keys | None = None) -> int:
    """One round of acts and errands, inside an app context; return how many acts were done.

    With `keys` the record is brought up to date too: only one process of an installation
    holds the log's key.
    """
    done = act_round(keys)
    errands()
    if keys is not None:
        sequencer.run_once(keys, wiring().settings["record"])
    return done


def act_round(keys: Keys | None = None) -> int:
    """The acts that are due, each followed into the record; return how many were done."""
    done = 0
    for _ in range(ROUNDS):
        count = _settled()
        done += count
        if keys is not None:
            sequencer.run_once(keys, wiring().settings["record"])
        if not count:
            break
    return done


def errands() -> None:
    """What is no act: it asks guarantors and mail servers, who may be slow."""
    for work in WORK:
        _safely(work, _now())


def _settled() -> int:
    """Acts until none is due: what a close makes due must be in the closing's own tick."""
    done = 0
    for _ in range(ROUNDS):
        count = _acts()
        done += count
        if not count:
            break
    return done


def _now() -> datetime:
    db.session.rollback()
    now = wiring().clock.now(db.session.connection())
    db.session.rollback()
    return now


def _acts() -> int:
    now, count = _now(), 0
    waiting = [one for due in DUE for one in due(db.session, now)]
    db.session.rollback()
    for one in sorted(waiting, key=lambda one: one.at):
        if one.at <= now and _safely(one.act, CLOCK, *one.args, **one.kwargs):
            count += 1
    return count


def _safely(function, *args, **kwargs) -> bool:
    name = function.__name__
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
