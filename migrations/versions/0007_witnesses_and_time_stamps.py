"""Cosignatures of witnesses and RFC 3161 tokens; a draw knows the entry that closed it."""

import sqlalchemy as sa
from alembic import op

import kernel.db

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cosignature",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("witness", sa.String(length=320), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("timestamp", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("size", "witness", name=op.f("pk_cosignature")),
    )
    op.create_table(
        "time_stamp",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("purpose", sa.String(length=32), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("at", kernel.db.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("size", "purpose", name=op.f("pk_time_stamp")),
    )
    op.add_column("draw", sa.Column("closed_entry", sa.String(length=32), nullable=True))


def downgrade() -> None:
    op.drop_column("draw", "closed_entry")
    op.drop_table("time_stamp")
    op.drop_table("cosignature")
