"""What administrators settle while the platform runs; entries of the record by their kind."""

import sqlalchemy as sa
from alembic import op

import kernel.db

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "platform_setting",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", kernel.db.Json(), nullable=False),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.Column("set_by", sa.String(length=32), nullable=False),
        sa.Column("set_at", kernel.db.UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["set_by"], ["account.id"],
                                name=op.f("fk_platform_setting_set_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_platform_setting")),
        sa.UniqueConstraint("kind", "version", name="uq_platform_setting_version"),
    )
    op.create_index("ix_disclosure_type", "disclosure", ["type", "position"])


def downgrade() -> None:
    op.drop_index("ix_disclosure_type", "disclosure")
    op.drop_table("platform_setting")
