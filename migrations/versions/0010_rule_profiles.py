"""Rule profiles as data that two people change; how a lot is put out, and on what grounds."""

import sqlalchemy as sa
from alembic import op

import kernel.db

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rule_profile",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("regime", sa.String(length=16), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.String(length=10), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("base_id", sa.String(length=40), nullable=True),
        sa.Column("shipped", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("proposed_at", kernel.db.UtcTime(), nullable=True),
        sa.Column("proposed_by", sa.String(length=32), nullable=True),
        sa.Column("proposed_person", sa.String(length=32), nullable=True),
        sa.Column("approved_at", kernel.db.UtcTime(), nullable=True),
        sa.Column("approved_by", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_profile")),
        sa.UniqueConstraint("regime", "region", "version", name="uq_rule_profile"),
    )
    op.add_column("lot", sa.Column("method", sa.String(length=12), server_default="open",
                                   nullable=False))
    op.add_column("lot", sa.Column("grounds", sa.JSON(), server_default="{}", nullable=False))


def downgrade() -> None:
    op.drop_column("lot", "grounds")
    op.drop_column("lot", "method")
    op.drop_table("rule_profile")
