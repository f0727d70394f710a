"""What a virus scanner said of files."""

import sqlalchemy as sa
from alembic import op

import kernel.db

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "file_scan",
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("said", sa.String(length=200), nullable=False),
        sa.Column("engine", sa.String(length=100), nullable=False),
        sa.Column("scanned_at", kernel.db.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "hash", name=op.f("pk_file_scan")),
    )


def downgrade() -> None:
    op.drop_table("file_scan")
