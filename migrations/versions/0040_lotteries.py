"""Draws of the order among those who passed the screen of a lottery."""

import sqlalchemy as sa
from alembic import op

import kernel.db

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def _id(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.String(length=32), nullable=nullable)


def _time(name: str, nullable: bool = True) -> sa.Column:
    return sa.Column(name, kernel.db.UtcTime(), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "lottery_draw",
        _id("id"), _id("lot_id"),
        sa.Column("announcement", sa.Text(), nullable=False),
        sa.Column("tickets", sa.JSON(), nullable=False),
        sa.Column("salt", sa.String(length=64), nullable=False),
        sa.Column("sealed_nonce", sa.Text(), nullable=False),
        _time("announced_at", False), _time("commit_by", False), _time("reveal_by", False),
        _time("closed_at"), _id("closed_entry", True), _time("drawn_at"), _time("voided_at"),
        sa.Column("document", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_lottery_draw_lot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lottery_draw")),
    )
    op.create_index(op.f("ix_lottery_draw_lot_id"), "lottery_draw", ["lot_id"])
    op.create_index("uq_lottery_draw_live", "lottery_draw", ["lot_id"], unique=True,
                    sqlite_where=sa.text("voided_at IS NULL"),
                    postgresql_where=sa.text("voided_at IS NULL"))
    op.create_table(
        "lottery_nonce",
        _id("id"), _id("draw_id"),
        sa.Column("contributor", sa.String(length=32), nullable=False),
        sa.Column("commitment", sa.String(length=64), nullable=False),
        sa.Column("nonce", sa.String(length=44), nullable=True),
        sa.ForeignKeyConstraint(["draw_id"], ["lottery_draw.id"],
                                name=op.f("fk_lottery_nonce_draw_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lottery_nonce")),
        sa.UniqueConstraint("draw_id", "contributor", name="uq_lottery_nonce"),
    )


def downgrade() -> None:
    op.drop_table("lottery_nonce")
    op.drop_table("lottery_draw")
