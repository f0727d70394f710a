"""Those who publish sign with keys of their own; a key that signed a notice is named to everybody."""

import sqlalchemy as sa
from alembic import op

import kernel.db

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notice_signature",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("of_id", sa.String(length=32), nullable=False),
        sa.Column("about", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=8), nullable=False),
        sa.Column("unit", sa.String(length=18), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("certified", sa.Boolean(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("stated_at", kernel.db.UtcTime(), nullable=False),
        sa.Column("signed_at", kernel.db.UtcTime(), nullable=False),
        sa.Column("signed_by", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_signature")),
        sa.UniqueConstraint("of_id", "content_hash", "key_hash", name="uq_notice_signature"),
    )
    op.create_index("ix_notice_signature_about", "notice_signature", ["about"])
    op.add_column("signing_key", sa.Column("named_at", kernel.db.UtcTime(), nullable=True))


def downgrade() -> None:
    op.drop_column("signing_key", "named_at")
    op.drop_table("notice_signature")
