"""Connections to PostgreSQL that keep what they have prepared."""

from __future__ import annotations

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import event
from sqlalchemy.engine import Engine

OPTIONS = ("-c lock_timeout=10s -c statement_timeout=60s "
           "-c idle_in_transaction_session_timeout=60s")
PREPARED = 500
"""Statements that a connection keeps prepared; the whole application has fewer that are frequent."""
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
