"""A row read together with what tells the time, in one question.

Nearly every request asks what time it is: with its session, and again under the lock that it judges
by. Each of them asks for a row as well.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from sqlalchemy import Connection, Select, func, literal_column, true

from kernel.db import Installation

_here = Installation.__table__


def dated(statement: Select) -> Callable[[Connection], Select]:
    """The statement with the columns that `Clock.said` takes behind its own; by the connection that
    it is to be sent on."""
    @cache
    def made(postgres: bool) -> Select:
        return statement.join(_here, true()).add_columns(
            _here.c.clock_offset_ms, literal_column("installation.high_water"),
            *([func.clock_timestamp()] if postgres else []))

    return lambda connection: made(connection.dialect.name == "postgresql")
