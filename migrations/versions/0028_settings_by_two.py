"""Changes of policy and parameters by two persons."""

import sqlalchemy as sa
from alembic import op

import kernel.db

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "setting_proposal",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.Column("body", kernel.db.Json(), nullable=False),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.Column("proposed_by", sa.String(length=32), nullable=False),
        sa.Column("proposed_at", kernel.db.UtcTime(), nullable=False),
        sa.Column("decided_by", sa.String(length=32), nullable=True),
        sa.Column("decided_at", kernel.db.UtcTime(), nullable=True),
        sa.Column("approved", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["proposed_by"], ["account.id"],
                                name=op.f("fk_setting_proposal_proposed_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["account.id"],
                                name=op.f("fk_setting_proposal_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_setting_proposal")),
    )
    op.create_index("ix_setting_proposal_waiting", "setting_proposal", ["kind", "decided_at"])
    op.add_column("platform_setting", sa.Column("approved_by", sa.String(length=32), nullable=True))


def downgrade() -> None:
    op.drop_column("platform_setting", "approved_by")
    op.drop_index("ix_setting_proposal_waiting", "setting_proposal")
    op.drop_table("setting_proposal")
