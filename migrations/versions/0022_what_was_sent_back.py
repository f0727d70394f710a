"""What a second person sent back, with the reason; which template a draft was begun from."""

import sqlalchemy as sa
from alembic import op

import kernel.db

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tender", sa.Column("template_id", sa.String(length=32), nullable=True))
    op.create_table(
        "sent_back",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("tender_id", sa.String(length=32), nullable=False),
        sa.Column("about", sa.String(length=32), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", kernel.db.UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["tender_id"], ["tender.id"], name=op.f("fk_sent_back_tender_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sent_back")),
    )
    op.create_index(op.f("ix_sent_back_about"), "sent_back", ["about"])


def downgrade() -> None:
    op.drop_table("sent_back")
    op.drop_column("tender", "template_id")
