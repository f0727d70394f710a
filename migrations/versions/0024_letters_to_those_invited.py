"""Letters to those invited."""

import sqlalchemy as sa
from alembic import op

import kernel.db

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("letter", sa.Column("lot_id", sa.String(length=32), nullable=True))
    op.create_table(
        "invitation_letter",
        *(sa.Column(name, sa.String(length=32), nullable=False)
          for name in ("lot_id", "account_id")),
        sa.Column("deadline", kernel.db.UtcTime(), nullable=False),
        sa.Column("letter_id", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("lot_id", "account_id", "deadline",
                                name=op.f("pk_invitation_letter")),
    )
    op.create_index("ix_invitation_letter_account_id", "invitation_letter", ["account_id"])


def downgrade() -> None:
    op.drop_table("invitation_letter")
    op.execute("DELETE FROM letter WHERE lot_id IS NOT NULL")
    op.drop_column("letter", "lot_id")
