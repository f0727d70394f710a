"""The feed of changes."""

import sqlalchemy as sa
from alembic import op

import kernel.db

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


_TOLD = (("entry_id", 32, False), ("type", 64, False), ("tender_id", 32, False),
         ("lot_id", 32, True))


def _told() -> list[sa.Column]:
    return [sa.Column(name, sa.String(length=length), nullable=nullable)
            for name, length, nullable in _TOLD]


def upgrade() -> None:
    op.create_table(
        "pending_change",
        sa.Column("turn", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), sa.Identity(),
                  nullable=False),
        *_told(),
        sa.Column("at", kernel.db.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("turn", name=op.f("pk_pending_change")),
    )
    op.create_table(
        "change",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        *_told(),
        sa.Column("at", kernel.db.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_change")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_change_entry_id")),
    )
    op.create_table(
        "tender_statement",
        sa.Column("tender_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.String(length=32), nullable=False),
        sa.Column("at", kernel.db.UtcTime(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tender_id", "number", name=op.f("pk_tender_statement")),
    )
    op.create_index("ix_change_tender", "change", ["tender_id", "position"])


def downgrade() -> None:
    op.drop_table("tender_statement")
    op.drop_table("change")
    op.drop_table("pending_change")
