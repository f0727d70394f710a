"""The story on PostgreSQL, with its two roles."""

import psycopg
import pytest

from tests import postgres

from .played import Evidence, Played


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    server = postgres.server()
    owner, application = server.database()

    def dump() -> bytes:
        """Every row of every table as text, the way a backup would hold it."""
        text = []
        with psycopg.connect(owner.replace("postgresql+psycopg", "postgresql")) as connection:
            tables = connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
            for (table,) in tables:
                with connection.cursor().copy(f'COPY "{table}" TO STDOUT') as rows:
                    text += [bytes(row).replace(b'\\\\"', b'"') for row in rows]
        return b"".join(text)

    folder = tmp_path_factory.mktemp("story") / "demo"
    return Played(folder, {"DATABASE_URL": application, "DATABASE_OWNER_URL": owner}, dump)


class TestOnPostgres(Evidence):
    """Files and every row are searched."""
