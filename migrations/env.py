"""Alembic's environment: our metadata, the address given by the command line."""

from alembic import context
from sqlalchemy import create_engine

import portal.models  # noqa: F401  (all tables)
from kernel.db import Base, configure_sqlite

engine = create_engine(context.config.attributes["url"])
if engine.dialect.name == "sqlite":
    configure_sqlite(engine)
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=Base.metadata,
                      render_as_batch=connection.dialect.name == "sqlite", compare_type=True)
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
