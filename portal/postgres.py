"""Connections to PostgreSQL that keep what they have prepared, and are asked now and then whether
they still live."""

from __future__ import annotations

import time

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import InvalidatePoolError

OPTIONS = ("-c lock_timeout=10s -c statement_timeout=60s "
           "-c idle_in_transaction_session_timeout=60s")
PREPARED = 500
"""Statements that a connection keeps prepared; the whole application has fewer that are frequent."""
QUIET = 1.0
"""Seconds after which a connection that lay unused is asked whether it still lives. A bid takes one
out seventeen times: to ask each time is a twentieth of what the bid costs, and tells nothing new."""
_RETURNED = "returned"
_OPEN = (TransactionStatus.INTRANS, TransactionStatus.INERROR)


class Keeping(psycopg.Connection):
    """A connection that a rollback does not make forget.

    Every reading here ends with one, and psycopg then drops all it has prepared, because tables
    may have been made in what was rolled back. The application makes none, and PostgreSQL itself
    keeps prepared statements through a rollback.
    """

    def rollback(self) -> None:
        """As the library's, but for its prepared statements."""
        if self.info.transaction_status in _OPEN:
            self.execute("ROLLBACK", prepare=False)
        else:
            super().rollback()


def keep_prepared(engine: Engine) -> None:
    """Let the engine's connections be such ones."""
    @event.listens_for(engine, "do_connect")
    def _connect(_dialect, _record, args, options):
        made = Keeping.connect(*args, **options)
        made.prepared_max = PREPARED
        return made


def ask_the_quiet(engine: Engine) -> None:
    """Take no connection out of the engine's pool that died while it lay there for long. One that
    dies in use, or a moment after, fails who uses it (503), and the pool begins anew."""
    @event.listens_for(engine, "checkin")
    def _returned(_connection, record):
        record.info[_RETURNED] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _fetched(connection, record, _proxy):
        if time.monotonic() - record.info.get(_RETURNED, time.monotonic()) < QUIET:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError() from error
