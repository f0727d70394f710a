"""Fair-competition reviews of amendments."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "amendment_fairness",
        sa.Column("fairness_id", sa.String(length=32), nullable=False),
        sa.Column("draft_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["draft_id"], ["notice_draft.id"],
                                name=op.f("fk_amendment_fairness_draft_id")),
        sa.ForeignKeyConstraint(["fairness_id"], ["fairness_review.id"],
                                name=op.f("fk_amendment_fairness_fairness_id")),
        sa.PrimaryKeyConstraint("fairness_id", name=op.f("pk_amendment_fairness")),
    )
    op.create_index("ix_amendment_fairness_draft_id", "amendment_fairness", ["draft_id"])


def downgrade() -> None:
    op.drop_table("amendment_fairness")
