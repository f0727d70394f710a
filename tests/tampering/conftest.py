"""One played world for all tamperings of a database; each is done in a transaction and undone."""

import io
import shutil
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

import pytest
from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from audit.folder import Folder
from audit.keys import verifier
from audit.schema_sql import append_only_tables
from bidding import acts as bidding
from evaluation import acts as judging
from evaluation import reading
from kernel.db import configure_sqlite, db
from people import security
from portal.factory import create_app
from portal.fsck import fsck
from tender import deadlines
from tender import reading as tenders
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
    world.done = told(world)
    guarantee = world.lodged(world.lots(world.published_tender())[0], world.companies[0].actor)
    world.guarantee_id = guarantee.id
    judging.publish_candidates(world.clerk, world.done.id)
    award(world, world.done)
    world.open = world.session.get(type(world.done), guarantee.lot_id)
    security.note("access.denied", world.now, action="project.edit")
    world.tick(record=True)
    world.publish_record()


def told(world):
    """A lot of two envelopes with all that may happen on its way: a restored deadline, a file
    handed in plain, a bid that stays shut, whose fault is decided and objected to."""
    lot = world.lots(world.published_tender(two_envelopes=True))[0]
    world.companies = [world.sealed_bid(lot, price_fen=381_111_100 + n) for n in range(5)]
    world.past_deadline(lot)
    deadlines.propose(world.clerk, lot.id, decision="restored", evidence="机房停电",
                      deadline=world.now + timedelta(hours=1))
    bidding.decide_deadline(world.fresh(world.supervisor), lot.id, proposal=1, reason="属实")
    world.past_deadline(lot)
    world.authorise(lot)
    world.release(lot, world.officials[0])
    *given, plain, shut = world.companies
    for company in given:
        world.give_own(lot, company)
    bid = plain.bids[lot.id].declaration["bid"]
    bidding.give_plain_file(plain.actor, bid, "technical", io.BytesIO(world.plain(lot, plain)))
    world.advance(minutes=31)
    world.tick()
    bid = shut.bids[lot.id].declaration["bid"]
    bidding.make_statement(shut.actor, bid, text="密钥遗失")
    world.decide_faults(lot)
    bidding.object_to_fault(shut.actor, bid, text="不服")
    panel = world.drawn_panel(lot)
    world.sign_sheets(lot, panel)
    world.prices_opened(lot)
    for expert in panel:
        found = reading.to_sign(world.session, tenders.lot(world.session, lot.id))
        judging.sign_report(expert, lot.id, report_hash=found["report_hash"])
    return tenders.lot(world.session, lot.id)


def award(world, lot):
    """From the published candidates to the contract."""
    size = lot.award_method["committee_size"]
    committee = [world.account("awarder", party=world.buyer_unit()) for _ in range(size)]
    judging.form_committee(world.clerk, lot.id, members=[one.account_id for one in committee])
    world.advance(to=tenders.lot(world.session, lot.id).publicity_ends + timedelta(seconds=1))
    world.vote(lot, committee)
    made = judging.confirm_award(world.chief, lot.id)
    world.advance(days=1)
    judging.register_contract(world.clerk, lot.id, amount_fen=made.price_fen,
                              signed_at=world.now, document_hash="c" * 64)


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

    def found(self, most=None):
        """What fsck finds now; only the first `most` faults, which is quicker."""
        settings = self.world.settings
        with Session(bind=self.connection) as session:
            return list(islice(fsck(session, Folder(settings.record), verifier(settings.keys),
                                    verifier(settings.keys, "platform"),
                                    self.world.app.extensions["yangguang"].store), most))


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
