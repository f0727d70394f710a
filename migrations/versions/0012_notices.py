"""Notices of every kind, their versions and templates."""

import sqlalchemy as sa
from alembic import op

import kernel.db

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "published_notice",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("tender_id", sa.String(length=32), nullable=False),
        sa.Column("lot_id", sa.String(length=32), nullable=True),
        sa.Column("about", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("published_at", kernel.db.UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_published_notice_lot_id_lot")),
        sa.ForeignKeyConstraint(["tender_id"], ["tender.id"],
                                name=op.f("fk_published_notice_tender_id_tender")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_published_notice")),
        sa.UniqueConstraint("about", "kind", "number", "version", name="uq_published_notice"),
    )
    op.create_index("ix_published_notice_tender", "published_notice", ["tender_id"])
    op.create_index("ix_published_notice_at", "published_notice", ["published_at", "id"])


def downgrade() -> None:
    op.drop_index("ix_published_notice_tender", table_name="published_notice")
    op.drop_index("ix_published_notice_at", table_name="published_notice")
    op.drop_table("published_notice")
