"""The fixtures of the tests, for measurements against a whole installation.

The tests' PostgreSQL is quick and not durable. `YANGGUANG_BENCH_DURABLE=1` measures with one that
is, as an installation's must be; put `--basetemp` on a disk then.
"""

import functools
import os

from tests import postgres
from tests.conftest import (
    app,
    database,
    installation,
    installation_keys,
    kept_worlds,
    lender,
    postgres_template,
    sqlite_template,
    world,
)

__all__ = ["app", "database", "installation", "installation_keys", "kept_worlds", "lender",
           "postgres_template", "sqlite_template", "world"]

if os.environ.get("YANGGUANG_BENCH_DURABLE") == "1":
    postgres.server = functools.partial(postgres.server, durable=True)
