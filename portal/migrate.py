"""Bringing a database to the present schema, and creating an installation in it.

Run before the server, by the owner of the database; the application's role gets no more than
it needs: no UPDATE, DELETE or TRUNCATE on append-only tables.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, insert, select, text
from sqlalchemy.engine import make_url

import portal.models  # noqa: F401  (all tables)
from audit.keys import Keys
from audit.schema_sql import protect
from kernel.canonical import jcs, sha256
from kernel.db import Base, Installation, configure_sqlite
from kernel.store import Store
from tender.model import RuleProfile
from tender.profile import shipped

from .config import Settings
from .revision import FOLDER


def alembic_config(url: str) -> Config:
    """Alembic's configuration for `url`, with no ini file."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["url"] = url
    return config


def migrate(settings: Settings, create_as: str | None = None) -> None:
    """Upgrade the schema; with `create_as` make the installation's row if there is none.

    Raises SystemExit when there is no installation and none may be made.
    """
    make_folder(settings)
    command.upgrade(alembic_config(settings.migration_url), "head")
    engine = create_engine(settings.migration_url)
    if engine.dialect.name == "sqlite":
        configure_sqlite(engine)
    with engine.begin() as connection:
        kind = connection.execute(select(Installation.kind)).scalar()
        if kind is None:
            if create_as is None:
                raise SystemExit("This database holds no installation yet. To create one: "
                                 "yangguang migrate --create production")
            connection.execute(insert(Installation).values(
                id=1, kind=create_as, log_origin=settings.log_origin, clock_offset_ms=0))
        elif create_as is not None and kind != create_as:
            raise SystemExit(f"This database was created as '{kind}', not as '{create_as}'.")
        lay_profiles(connection)
        protect(connection)
        grant(connection, make_url(settings.url).username)
    engine.dispose()


def lay_profiles(connection: Connection) -> None:
    """Lay down the rule profiles this program ships and the database has not seen yet.

    What lies there is never changed: two people may since have put others in its place.
    """
    present = set(connection.execute(select(RuleProfile.id)).scalars())
    for one in shipped():
        if one["id"] not in present:
            body = jcs(one)
            connection.execute(insert(RuleProfile).values(
                id=one["id"], regime=one["regime"], region=one["region"], version=one["version"],
                valid_from=one["valid_from"], body=body.decode(), body_hash=sha256(body).hex(),
                why="", shipped=True))


def make_folder(settings: Settings) -> None:
    """Make the data folder: the store, the log's and the platform's keys, the secret; each once.

    Database and store are closed to the machine's other users: rows and sizes tell who bid.
    """
    Store(settings.folder / "objects").prepare()
    (settings.folder / "objects").chmod(0o700)
    _close_database(settings)
    Keys.make(settings.keys, settings.log_origin)
    secret = settings.keys / "secret"
    if not secret.exists():
        with os.fdopen(os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(32))


def _close_database(settings: Settings) -> None:
    url = make_url(settings.migration_url)
    if url.get_backend_name() != "sqlite" or not url.database:
        return
    # SQLite gives the files it lays beside the database the database's own mode.
    os.close(os.open(url.database, os.O_RDWR | os.O_CREAT, 0o600))
    for path in Path(url.database).parent.glob(Path(url.database).name + "*"):
        path.chmod(0o600)


def grant(connection: Connection, role: str | None) -> None:
    """Give the application's role what it needs on PostgreSQL; nothing elsewhere."""
    if connection.dialect.name != "postgresql" or role is None:
        return
    if role == connection.execute(text("SELECT current_user")).scalar():
        return
    quoted = connection.dialect.identifier_preparer.quote(role)
    connection.execute(text(f"GRANT USAGE ON SCHEMA public TO {quoted}"))
    connection.execute(text(f"GRANT SELECT ON alembic_version TO {quoted}"))
    for table in Base.metadata.sorted_tables:
        rights = "SELECT, INSERT" if table.info.get("append_only") else \
            "SELECT, INSERT, UPDATE, DELETE"
        connection.execute(text(f'REVOKE ALL ON "{table.name}" FROM {quoted}'))
        connection.execute(text(f'GRANT {rights} ON "{table.name}" TO {quoted}'))
