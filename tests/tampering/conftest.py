"""One played world for all tamperings of a database; each is done in a transaction and undone."""

import shutil
from dataclasses import dataclass

import pytest
from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from audit.folder import Folder
from audit.keys import verifier
from audit.schema_sql import append_only_tables
from kernel.db import configure_sqlite, db
from portal import check, objects
from portal.factory import create_app
from tests import postgres
from tests.world import World, WorldClock, settings_for


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def played(request, tmp_path_factory, installation_keys):
    """A lot from draft to contract with its securities, and a second that still takes bids."""
    folder = tmp_path_factory.mktemp("played") / "data"
    folder.mkdir()
    shutil.copytree(installation_keys, folder / "keys")
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), folder / "yangguang.db")
        settings = settings_for(folder)
    else:
        template = request.getfixturevalue("postgres_template")
        owner, application = postgres.server().database(template=template)
        settings = settings_for(folder, application, owner)
    app = create_app(settings, WorldClock())
    with app.app_context():
        world = World(app, settings)
        play(world)
        yield world
        world.close()
        db.session.remove()
        db.engine.dispose()
    if request.param == "postgres":
        postgres.server().drop(application.partition("@/")[2].partition("?")[0])


def play(world):
    world.done = world.opened_lot()
    guarantee = world.lodged(world.lots(world.published_tender())[0], world.companies[0].actor)
    world.guarantee_id = guarantee.id
    world.contracted(world.done)
    world.open = world.session.get(type(world.done), guarantee.lot_id)
    world.tick(record=True)
    world.publish_record()


@dataclass
class Insider:
    """Who holds the database: every trigger is off, nothing stays after the test."""

    world: World
    connection: object

    def sql(self, statement, **values):
        """Run a statement; the first value of the first row, if there is one."""
        result = self.connection.execute(text(statement), values)
        row = result.first() if result.returns_rows else None
        return row[0] if row else None

    def one(self, table, column="id", where="1 = 1", **values):
        """A value of the first row."""
        return self.sql(f"SELECT {column} FROM {table} WHERE {where} ORDER BY 1", **values)

    def found(self):
        """What fsck finds now."""
        settings = self.world.settings
        with Session(bind=self.connection) as session:
            return [*check.fsck(session, Folder(settings.record), verifier(settings.keys),
                                verifier(settings.keys, "platform")),
                    *objects.fsck(session, self.world.app.extensions["yangguang"].store)]


@pytest.fixture
def insider(played):
    db.session.rollback()
    url = played.settings.migration_url
    if not url.startswith("sqlite"):
        url = postgres.server().url(make_url(url).database, postgres.SUPERUSER)
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        configure_sqlite(engine)

        @event.listens_for(engine, "connect")
        def _loose(connection, _record):
            connection.execute("PRAGMA foreign_keys=OFF")

    with engine.connect() as connection:
        transaction = connection.begin()
        for table in append_only_tables():
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {table.name}_no_update")
                connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {table.name}_no_delete")
        if engine.dialect.name == "postgresql":
            # A superuser's: no trigger fires and no foreign key is asked.
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        yield Insider(played, connection)
        transaction.rollback()
    engine.dispose()
