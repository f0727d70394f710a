"""A lost second factor replaced by two persons."""

import sqlalchemy as sa
from alembic import op

import kernel.db

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "factor_reset",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("proposed_by", sa.String(length=32), nullable=False),
        sa.Column("proposed_at", kernel.db.UtcTime(), nullable=False),
        sa.Column("approved_by", sa.String(length=32), nullable=True),
        sa.Column("approved_at", kernel.db.UtcTime(), nullable=True),
        sa.Column("code_hash", sa.String(length=64), nullable=True),
        sa.Column("until", kernel.db.UtcTime(), nullable=True),
        sa.Column("ended_at", kernel.db.UtcTime(), nullable=True),
        sa.Column("ended_why", sa.String(length=8), nullable=False),
        *(sa.ForeignKeyConstraint([name], ["account.id"], name=op.f(f"fk_factor_reset_{name}"))
          for name in ("account_id", "proposed_by", "approved_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_factor_reset")),
    )
    op.create_index("uq_factor_reset_open", "factor_reset", ["account_id"], unique=True,
                    postgresql_where=sa.text("ended_at IS NULL"),
                    sqlite_where=sa.text("ended_at IS NULL"))


def downgrade() -> None:
    op.drop_index("uq_factor_reset_open", "factor_reset")
    op.drop_table("factor_reset")
