"""The papers that the correction of a complaint of a direct award or a service adds."""

import sqlalchemy as sa
from alembic import op

import kernel.db

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("course_complaint_step", sa.Column("evidence", kernel.db.Json(), nullable=True))


def downgrade() -> None:
    op.drop_column("course_complaint_step", "evidence")
