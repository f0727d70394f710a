"""Awards that are cancelled, what candidates say of them, securities that are kept."""

import sqlalchemy as sa
from alembic import op

import kernel.db

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def _id(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.String(length=32), nullable=nullable)


def _time(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, kernel.db.UtcTime(), nullable=nullable)


def _text(name: str, length: int | None = None, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.String(length=length) if length else sa.Text(), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "forfeiture",
        _id("guarantee_id"), sa.Column("amount_fen", kernel.db.Fen(), nullable=False),
        _text("payer_digest", 64), _text("ground", 16), _text("law"), _id("cause"),
        _time("forfeited_at"),
        sa.ForeignKeyConstraint(["guarantee_id", "amount_fen", "payer_digest"],
                                ["guarantee.id", "guarantee.amount_fen", "guarantee.payer_digest"],
                                name="fk_forfeiture_money"),
        sa.PrimaryKeyConstraint("guarantee_id", name="pk_forfeiture"),
    )
    op.create_table(
        "retender_bar",
        _id("lot_id"), _id("party_id"), _text("law"), _id("cause"), _time("since"),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_retender_bar_lot_id")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_retender_bar_party_id")),
        sa.PrimaryKeyConstraint("lot_id", "party_id", name=op.f("pk_retender_bar")),
    )
    op.create_index(op.f("ix_retender_bar_party_id"), "retender_bar", ["party_id"])
    op.create_table(
        "award_default",
        _id("id"), _id("lot_id"), _id("award_id"), _id("bid_id"), _id("party_id"),
        _text("ground", 16), _text("account"), sa.Column("evidence", sa.JSON(), nullable=False),
        _text("document_no", 100), _text("clause"), _text("plan", 16), _time("heard_until"),
        _time("proposed_at"), _id("proposed_by"), _id("proposed_person"),
        _time("decided_at", True), _id("decided_by", True), _text("outcome", 16, True),
        _text("reason", None, True), _id("successor_id", True),
        sa.ForeignKeyConstraint(["lot_id", "bid_id"], ["candidate.lot_id", "candidate.bid_id"],
                                name="fk_award_default_candidate"),
        sa.ForeignKeyConstraint(["award_id"], ["award.id"],
                                name=op.f("fk_award_default_award_id")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"],
                                name=op.f("fk_award_default_party_id")),
        sa.ForeignKeyConstraint(["proposed_by"], ["account.id"],
                                name=op.f("fk_award_default_proposed_by")),
        sa.ForeignKeyConstraint(["successor_id"], ["award.id"],
                                name=op.f("fk_award_default_successor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_award_default")),
    )
    op.create_index(op.f("ix_award_default_lot_id"), "award_default", ["lot_id"])
    op.create_index("uq_award_default_open", "award_default", ["lot_id"], unique=True,
                    sqlite_where=sa.text("decided_at IS NULL"),
                    postgresql_where=sa.text("decided_at IS NULL"))
    op.create_table(
        "award_word",
        _id("id"), _id("lot_id"), _id("award_id"), _id("bid_id"), _id("party_id"), _id("about"),
        _text("kind", 16), _text("text"), sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True), _time("said_at"), _id("said_by"),
        sa.ForeignKeyConstraint(["lot_id", "bid_id"], ["candidate.lot_id", "candidate.bid_id"],
                                name="fk_award_word_candidate"),
        sa.ForeignKeyConstraint(["award_id"], ["award.id"], name=op.f("fk_award_word_award_id")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_award_word_party_id")),
        sa.ForeignKeyConstraint(["said_by"], ["account.id"], name=op.f("fk_award_word_said_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_award_word")),
        sa.UniqueConstraint("about", "bid_id", "kind", name="uq_award_word"),
    )
    op.create_index(op.f("ix_award_word_lot_id"), "award_word", ["lot_id"])


def downgrade() -> None:
    for name in ("award_word", "award_default", "retender_bar", "forfeiture"):
        op.drop_table(name)
