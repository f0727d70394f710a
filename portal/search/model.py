"""The index of published lots, one row each, of advance notices, intermediary services and direct
awards: all of it public and all of it made from elsewhere."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, Integer, String, Text, event
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from kernel.db import Base, Fen, Id, UtcTime

from . import words

COUNTY = 6
"""Digits of a division code that name a county."""

MADE = {"unrecorded": "made from what is published; `yangguang admin reindex` makes it anew"}


class Words(TypeDecorator):
    """A list of tokens: a tsvector on PostgreSQL, on SQLite text that FTS5 reads. Write only."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect):
        return dialect.type_descriptor(TSVECTOR() if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value, dialect):
        if value is None:
            return None
        return words.vector(value) if dialect.name == "postgresql" else " ".join(value)


class SearchEntry(Base):
    """One published lot as it is searched for and listed, or what else `kind` says. `seq` follows
    publication."""

    __tablename__ = "search_entry"
    __table_args__ = (Index("ix_search_entry_tender", "tender_id"),
                      Index("ix_search_entry_deadline", "deadline", "seq"),
                      Index("ix_search_entry_published", "published_at"),
                      {"info": MADE})

    seq: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"),
                                     primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(12), server_default="tender")
    """`tender`, `service`, `direct_award` or `framework`: whose ids the next two are."""
    lot_id: Mapped[str] = mapped_column(Id, unique=True)
    """Of what is announced ahead (phase DRAFT) the notice's id: its lots have none as yet. Of what
    has no lots its own."""
    tender_id: Mapped[str] = mapped_column(Id)
    ocid: Mapped[str] = mapped_column(String(64))
    section_code: Mapped[str] = mapped_column(String(23))
    title: Mapped[str] = mapped_column(String(200))
    lot_title: Mapped[str] = mapped_column(String(200))
    buyer: Mapped[str] = mapped_column(String(200))
    region: Mapped[str] = mapped_column(String(12))
    category: Mapped[str] = mapped_column(String(8))
    regime: Mapped[str] = mapped_column(String(16))
    value_fen: Mapped[int] = mapped_column(Fen)
    """The price ceiling, or the estimate where there is none."""
    published_at: Mapped[datetime] = mapped_column(UtcTime)
    deadline: Mapped[datetime | None] = mapped_column(UtcTime)
    phase: Mapped[str] = mapped_column(String(12))
    next_phase: Mapped[str | None] = mapped_column(String(12))
    """What time alone makes of the phase, and when."""
    next_at: Mapped[datetime | None] = mapped_column(UtcTime)
    text: Mapped[str] = mapped_column(Text, deferred=True)
    title_words: Mapped[list[str]] = mapped_column(Words, deferred=True)
    words: Mapped[list[str]] = mapped_column(Words, deferred=True)


class SearchState(Base):
    """How far the index has followed the feed, and how far a rebuilding has come."""

    __tablename__ = "search_state"
    __table_args__ = ({"info": MADE},)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    cursor: Mapped[str | None] = mapped_column(String(80))
    """Of tender.feed; empty before the first time."""
    rebuilt: Mapped[str | None] = mapped_column(Id)
    """The tender that was indexed last while the index is made anew; empty when it is done."""
    rebuilt_at: Mapped[datetime | None] = mapped_column(UtcTime)


def statements(dialect: str) -> list[str]:
    """What the index is beside its table: GIN, and the places of each county, on PostgreSQL; an FTS5
    table on SQLite."""
    if dialect == "postgresql":
        county = f'"left"(region, {COUNTY})'
        return ["CREATE INDEX search_text_words ON search_entry USING gin (words)",
                "CREATE INDEX search_text_title ON search_entry USING gin (title_words)",
                f"CREATE INDEX search_text_county ON search_entry ({county}, seq)",
                f"CREATE INDEX search_text_open ON search_entry ({county}, deadline)"]
    taken = ("INSERT INTO search_text(search_text, rowid, title_words, words) "
             "VALUES ('delete', old.seq, old.title_words, old.words);")
    put = ("INSERT INTO search_text(rowid, title_words, words) "
           "VALUES (new.seq, new.title_words, new.words);")
    return [
        ("CREATE VIRTUAL TABLE search_text USING fts5(title_words, words, content='search_entry', "
         "content_rowid='seq', columnsize=0, tokenize='ascii')"),
        f"CREATE TRIGGER search_text_new AFTER INSERT ON search_entry BEGIN {put} END",
        f"CREATE TRIGGER search_text_gone AFTER DELETE ON search_entry BEGIN {taken} END",
        ("CREATE TRIGGER search_text_changed AFTER UPDATE OF title_words, words ON search_entry "
         f"BEGIN {taken} {put} END"),
    ]


@event.listens_for(SearchEntry.__table__, "after_create")
def _make_text(_table, connection, **_more) -> None:
    for statement in statements(connection.dialect.name):
        connection.exec_driver_sql(statement)
