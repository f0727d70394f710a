"""Reviews of amendments."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "amendment_review",
        sa.Column("review_id", sa.String(length=32), nullable=False),
        sa.Column("draft_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["notice_draft.id"], name=op.f("fk_amendment_review_draft_id")
        ),
        sa.ForeignKeyConstraint(
            ["review_id"], ["review.id"], name=op.f("fk_amendment_review_review_id")
        ),
        sa.PrimaryKeyConstraint("review_id", name=op.f("pk_amendment_review")),
    )
    op.create_index("ix_amendment_review_draft_id", "amendment_review", ["draft_id"])


def downgrade() -> None:
    op.drop_table("amendment_review")
