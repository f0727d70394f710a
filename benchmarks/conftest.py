"""The fixtures of the tests, for measurements against a whole installation."""

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
