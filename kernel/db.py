"""Tables, exact types and transactions, the same on SQLite and PostgreSQL.

SQLite's own driver loses precision and time zones and takes its write lock too late; the
types and the BEGIN here mend that. "Exactly one" rules are constraints that carry their
word of refusal in `info`, so that a race ends in a sentence and not in an error.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import JSON, BigInteger, CheckConstraint, DateTime, MetaData, String, event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from .canonical import parse_time, time_text
from .refusal import CONFLICT, Refused, Word

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The one declarative base."""

    metadata = MetaData(naming_convention=NAMING)


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})


class UtcTime(TypeDecorator):
    """An aware time. PostgreSQL: timestamptz; SQLite: UTC text with three decimals, which sorts."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect):
        if dialect.name == "sqlite":
            return dialect.type_descriptor(String(24))
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value, dialect):
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without an offset never reaches the database")
        return time_text(value) if dialect.name == "sqlite" else value

    def process_result_value(self, value, dialect):
        if not isinstance(value, str):
            return value and value.astimezone(UTC)
        # As it was written above; what others have written is judged.
        return datetime.fromisoformat(value) if value[23:] == "Z" else parse_time(value)


Json = JSON
Fen = BigInteger
"""Money is integer fen everywhere (1 yuan = 100 fen)."""

Id = String(32)
"""128 random bits in hex: ids say nothing about order or number."""


def new_id() -> str:
    """A fresh random id, 32 hex digits."""
    return secrets.token_hex(16)


class Installation(Base):
    """The one row that says what this database is, and how far time has been read."""

    __tablename__ = "installation"
    __table_args__ = (CheckConstraint("id = 1", name="only"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    """`production`, `demo` (its days may be moved forward) or `test`; fixed at creation."""
    log_origin: Mapped[str] = mapped_column(String(120))
    clock_offset_ms: Mapped[int] = mapped_column(BigInteger, default=0)
    high_water: Mapped[datetime | None] = mapped_column(UtcTime)


def configure_sqlite(engine: Engine) -> None:
    """Durable WAL, foreign keys, and our own BEGIN: IMMEDIATE for acts, deferred for readings."""

    @event.listens_for(engine, "connect")
    def _pragmas(connection, _record):
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON",
                       "recursive_triggers=ON", "busy_timeout=15000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection):
        immediate = connection.get_execution_options().get("immediate")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def refusal_for(error: IntegrityError) -> Refused:
    """The refusal that the broken constraint carries in `info["refusal"]`, else CONFLICT.

    A broken check or foreign key is our own mistake and is raised again.
    """
    diagnosis = getattr(error.orig, "diag", None)
    message = str(error.orig)
    if diagnosis is not None:
        if diagnosis.sqlstate != "23505":
            raise error
        name, columns = diagnosis.constraint_name, None
    else:
        if not message.startswith("UNIQUE constraint failed: "):
            raise error
        name, columns = None, set(message.split(": ", 1)[1].split(", "))
    word = _word_of(name, columns)
    return (word or CONFLICT)()


def _word_of(name: str | None, columns: set[str] | None) -> Word | None:
    for table in Base.metadata.tables.values():
        for rule in (*table.constraints, *table.indexes):
            own = {f"{table.name}.{column.name}" for column in getattr(rule, "columns", ())}
            if "refusal" in rule.info and (rule.name == name if name else own == columns):
                return rule.info["refusal"]
    return None
