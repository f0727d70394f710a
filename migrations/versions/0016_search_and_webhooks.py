"""Search, saved searches, mail and webhooks."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

from kernel.db import UtcTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

FTS = """
CREATE VIRTUAL TABLE search_text USING fts5(title_words, words, content='search_entry',
    content_rowid='seq', columnsize=0, tokenize='ascii');
CREATE TRIGGER search_text_new AFTER INSERT ON search_entry BEGIN
    INSERT INTO search_text(rowid, title_words, words)
    VALUES (new.seq, new.title_words, new.words); END;
CREATE TRIGGER search_text_gone AFTER DELETE ON search_entry BEGIN
    INSERT INTO search_text(search_text, rowid, title_words, words)
    VALUES ('delete', old.seq, old.title_words, old.words); END;
CREATE TRIGGER search_text_changed AFTER UPDATE OF title_words, words ON search_entry BEGIN
    INSERT INTO search_text(search_text, rowid, title_words, words)
    VALUES ('delete', old.seq, old.title_words, old.words);
    INSERT INTO search_text(rowid, title_words, words)
    VALUES (new.seq, new.title_words, new.words); END
"""


def _text(name: str, length: int, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.String(length), nullable=nullable)


def _time(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, UtcTime(), nullable=nullable)


def _webhooks() -> None:
    account = sa.ForeignKeyConstraint(["account_id"], ["account.id"],
                                      name=op.f("fk_webhook_account_id_account"))
    op.create_table(
        "webhook", _text("id", 32), _text("account_id", 32), _text("url", 500),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("old_secret", sa.Text(), nullable=True), _time("old_until", True),
        sa.Column("wish", sa.JSON(), nullable=False), _time("created_at"),
        _time("approved_at", True), _time("ended_at", True), account,
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook")))
    op.create_index(op.f("ix_webhook_account_id"), "webhook", ["account_id"])
    op.create_table(
        "webhook_course", _text("webhook_id", 32), _text("cursor", 80, True),
        _time("heard_at", True), _time("stopped_at", True),
        sa.Column("stopped_why", sa.String(16), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["webhook_id"], ["webhook.id"],
                                name=op.f("fk_webhook_course_webhook_id_webhook")),
        sa.PrimaryKeyConstraint("webhook_id", name=op.f("pk_webhook_course")))
    op.create_table(
        "webhook_delivery", _text("id", 32), _text("webhook_id", 32),
        sa.Column("position", sa.BigInteger(), nullable=False), _text("entry_id", 32),
        _text("tender_id", 32), _text("state", 8),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        _time("since"), _time("next_try_at"), sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("problem", sa.String(120), server_default="", nullable=False),
        _time("ended_at", True),
        sa.ForeignKeyConstraint(["webhook_id"], ["webhook.id"],
                                name=op.f("fk_webhook_delivery_webhook_id_webhook")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_delivery")),
        sa.UniqueConstraint("webhook_id", "position", name="uq_webhook_delivery"))
    op.create_index("ix_webhook_delivery_waiting", "webhook_delivery",
                    ["state", "webhook_id", "tender_id", "position"])


def _reference(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"],
                                   name=op.f(f"fk_{table}_{column}_{to}"))


def _mail() -> None:
    op.create_table(
        "mail_address", _text("account_id", 32), sa.Column("address", sa.Text(), nullable=False),
        _text("code_hash", 64), _time("asked_at"), _time("confirmed_at", True),
        _reference("mail_address", "account_id", "account"),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_mail_address")))
    op.create_table(
        "saved_search", _text("id", 32), _text("account_id", 32), _text("name", 80),
        sa.Column("query", sa.JSON(), nullable=False), _text("pace", 8), _time("created_at"),
        _time("ended_at", True), _reference("saved_search", "account_id", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_search")))
    op.create_index(op.f("ix_saved_search_account_id"), "saved_search", ["account_id"])
    op.create_table(
        "saved_search_course", _text("search_id", 32),
        sa.Column("after_seq", sa.BigInteger(), nullable=False), _time("next_at"),
        _reference("saved_search_course", "search_id", "saved_search"),
        sa.PrimaryKeyConstraint("search_id", name=op.f("pk_saved_search_course")))
    op.create_table(
        "letter", _text("id", 32), _text("account_id", 32), _text("search_id", 32, True),
        _text("subject", 200), sa.Column("body", sa.Text(), nullable=False), _text("state", 8),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        _time("created_at"), _time("next_try_at"),
        sa.Column("problem", sa.String(120), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")))
    op.create_index("ix_letter_waiting", "letter", ["state", "next_try_at"])
    op.create_table(
        "letter_item", _text("id", 32), _text("search_id", 32), _text("lot_id", 32),
        _text("letter_id", 32), _reference("letter_item", "search_id", "saved_search"),
        _reference("letter_item", "letter_id", "letter"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_item")),
        sa.UniqueConstraint("search_id", "lot_id", name="uq_letter_item"))


def upgrade() -> None:
    words = sa.Text().with_variant(TSVECTOR(), "postgresql")
    op.create_table(
        "search_entry",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
                  autoincrement=False, nullable=False),
        _text("lot_id", 32), _text("tender_id", 32), _text("ocid", 64), _text("section_code", 23),
        _text("title", 200), _text("lot_title", 200), _text("buyer", 200), _text("region", 12),
        _text("category", 8), _text("regime", 16),
        sa.Column("value_fen", sa.BigInteger(), nullable=False),
        _time("published_at"), _time("deadline", True), _text("phase", 12),
        _text("next_phase", 12, True), _time("next_at", True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("title_words", words, nullable=False),
        sa.Column("words", words, nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_search_entry")),
        sa.UniqueConstraint("lot_id", name=op.f("uq_search_entry_lot_id")))
    op.create_index("ix_search_entry_tender", "search_entry", ["tender_id"])
    op.create_index("ix_search_entry_deadline", "search_entry", ["deadline", "seq"])
    op.create_index("ix_search_entry_published", "search_entry", ["published_at"])
    op.create_table(
        "search_state",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        _text("cursor", 80, True), _text("rebuilt", 32, True), _time("rebuilt_at", True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_state")))
    _webhooks()
    _mail()
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE INDEX search_text_words ON search_entry USING gin (words)")
        op.execute("CREATE INDEX search_text_title ON search_entry USING gin (title_words)")
    else:
        for statement in FTS.strip().split(";\nCREATE"):
            op.execute(statement if statement.startswith("CREATE") else "CREATE" + statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE search_text")
    for table in ("letter_item", "letter", "saved_search_course", "saved_search", "mail_address",
                  "webhook_delivery", "webhook_course", "webhook", "search_state"):
        op.drop_table(table)
    op.drop_table("search_entry")
