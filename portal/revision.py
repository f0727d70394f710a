"""Which revision the schema of a database is, and which one this program's models are.

Read without Alembic, which only `yangguang migrate` needs: every process of the platform asks this
when it starts, and to load Alembic costs it a sixth of its start.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from sqlalchemy import Engine, inspect, text

FOLDER = Path(__file__).resolve().parent.parent / "migrations"

_SAID = re.compile(r'^(revision|down_revision) = (?:"(\w+)"|None)$', re.MULTILINE)


@cache
def head() -> str:
    """The revision that this program's models are: the one that no other follows.

    Raises ValueError when there is not exactly one.
    """
    made, followed = set(), set()
    for path in (FOLDER / "versions").glob("*.py"):
        said = dict(_SAID.findall(path.read_text("utf-8")))
        made.add(said["revision"])
        followed.add(said["down_revision"])
    (newest,) = made - followed
    return newest


def schema_of(engine: Engine) -> str | None:
    """The revision of the schema in the database; None where no migration made it."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
