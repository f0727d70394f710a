"""Cover, and erasure."""

import sqlalchemy as sa
from alembic import op

import kernel.db

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("pending_entry", sa.Column("veiled", sa.Boolean(), nullable=False,
                                             server_default=sa.false()))
    op.add_column("pending_entry", sa.Column("alone", sa.String(length=16), nullable=False,
                                             server_default=""))
    op.add_column("log_head", sa.Column("beat", kernel.db.UtcTime(), nullable=True))
    op.create_table(
        "sealed_span",
        sa.Column("lot_id", sa.String(length=32), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("lot_id", name=op.f("pk_sealed_span")),
    )
    op.create_index("ix_sealed_span_now", "sealed_span", ["since"], unique=False,
                    sqlite_where=sa.text("until IS NULL"),
                    postgresql_where=sa.text("until IS NULL"))


def downgrade() -> None:
    op.drop_table("sealed_span")
    op.drop_column("log_head", "beat")
    op.drop_column("pending_entry", "alone")
    op.drop_column("pending_entry", "veiled")
