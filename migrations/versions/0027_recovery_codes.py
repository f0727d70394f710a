"""Recovery codes, and letters about one's account."""

import sqlalchemy as sa
from alembic import op

import kernel.db

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("made_at", kernel.db.UtcTime(), nullable=False),
        sa.Column("used_at", kernel.db.UtcTime(), nullable=True),
        sa.Column("ended_at", kernel.db.UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"],
                                name=op.f("fk_recovery_code_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
        sa.UniqueConstraint("code_hash", name="uq_recovery_code_hash"),
    )
    op.create_index("ix_recovery_code_account", "recovery_code", ["account_id"])
    op.add_column("letter", sa.Column("about", sa.String(length=32), nullable=True))


def downgrade() -> None:
    op.drop_column("letter", "about")
    op.drop_index("ix_recovery_code_account", "recovery_code")
    op.drop_table("recovery_code")
