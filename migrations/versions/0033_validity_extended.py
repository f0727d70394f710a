"""Bids that stay valid longer: requests, answers, bids that lapse, securities prolonged."""

import sqlalchemy as sa
from alembic import op

import kernel.db

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def _id(name: str) -> sa.Column:
    return sa.Column(name, sa.String(length=32), nullable=False)


def _time(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, kernel.db.UtcTime(), nullable=nullable)


def upgrade() -> None:
    op.add_column("lot", sa.Column("validity_until", sa.Date(), nullable=True))
    op.create_table(
        "validity_request",
        _id("id"), _id("lot_id"),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("standing", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        _time("answer_by"),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("force_majeure", sa.Boolean(), nullable=False),
        _time("asked_at"), _id("asked_by"), _time("concluded_at", nullable=True),
        sa.CheckConstraint("until > standing", name=op.f("ck_validity_request_later")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_validity_request_lot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_validity_request")),
        sa.UniqueConstraint("lot_id", "number", name="uq_validity_request"),
    )
    op.create_table(
        "validity_answer",
        _id("id"), _id("request_id"), _id("bid_id"), _id("party_id"),
        sa.Column("agreed", sa.Boolean(), nullable=False),
        _time("answered_at"), _id("answered_by"),
        sa.ForeignKeyConstraint(["request_id"], ["validity_request.id"],
                                name=op.f("fk_validity_answer_request_id")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"],
                                name=op.f("fk_validity_answer_party_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_validity_answer")),
        sa.UniqueConstraint("request_id", "bid_id", name="uq_validity_answer"),
    )
    op.create_table(
        "lapsed_bid",
        _id("bid_id"), _id("lot_id"), _id("request_id"), _id("party_id"),
        sa.Column("why", sa.String(length=8), nullable=False),
        _time("lapsed_at"),
        sa.CheckConstraint("why IN ('refused', 'silent')", name=op.f("ck_lapsed_bid_why")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_lapsed_bid_lot_id")),
        sa.ForeignKeyConstraint(["request_id"], ["validity_request.id"],
                                name=op.f("fk_lapsed_bid_request_id")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"],
                                name=op.f("fk_lapsed_bid_party_id")),
        sa.PrimaryKeyConstraint("bid_id", name=op.f("pk_lapsed_bid")),
    )
    op.create_index("ix_lapsed_bid_lot_id", "lapsed_bid", ["lot_id"])
    op.create_table(
        "prolongation",
        _id("id"), _id("guarantee_id"),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("instrument", sa.Text(), nullable=False),
        sa.Column("signature", sa.String(length=88), nullable=False),
        _time("taken_at"),
        sa.ForeignKeyConstraint(["guarantee_id"], ["guarantee.id"],
                                name=op.f("fk_prolongation_guarantee_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prolongation")),
        sa.UniqueConstraint("guarantee_id", "valid_until", name="uq_prolongation"),
    )


def downgrade() -> None:
    for table in ("prolongation", "lapsed_bid", "validity_answer", "validity_request"):
        op.drop_table(table)
    op.drop_column("lot", "validity_until")
