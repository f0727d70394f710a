"""PostgreSQL databases that are lent to one test after another.

A copy of the template costs a tenth of a second to make and to drop. A database that comes back is
given the template's rows again, where they moved, and is lent once more; one whose tables, rules or
rights are not the template's any more, or in which a session does not end, is dropped.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass

import psycopg

from .postgres import Server
from .rows import Library, Rows

FRESH = ""
"""The name under which the template's rows are kept."""


@dataclass
class Lent:
    """One database: the URLs of its owner and of the application, and its rows."""

    name: str
    owner_url: str
    app_url: str
    rows: Rows
    shape: list[tuple]


class Lender:
    """The databases of one process."""

    def __init__(self, server: Server, template: str):
        self._server, self._template = server, template
        self._library = Library()
        self._free: list[Lent] = []
        with closing(server.connect(template)) as connection:
            Rows(connection, self._library)

    def lend(self) -> Lent:
        """A database as the template is."""
        if self._free:
            return self._free.pop()
        owner_url, app_url = self._server.database(template=self._template)
        name = app_url.partition("@/")[2].partition("?")[0]
        rows = Rows(self._server.connect(name), self._library)
        return Lent(name, owner_url, app_url, rows, rows.shape())

    def take_back(self, lent: Lent) -> None:
        """Make it fresh for the next one, or drop it."""
        try:
            clean = lent.rows.end_others() and lent.rows.shape() == lent.shape
            if clean:
                lent.rows.put_back(FRESH)
        except psycopg.Error:
            clean = False
        if clean:
            self._free.append(lent)
            return
        lent.rows.close()
        self._server.drop(lent.name)
