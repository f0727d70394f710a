"""Reading of sensitive data, with its reason."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


COLUMNS = (("subject", 400), ("reason", 200))


def upgrade() -> None:
    # Plain ADD COLUMN: a table that is made anew would lose its triggers.
    for name, length in COLUMNS:
        op.add_column("security_event", sa.Column(
            name, sa.String(length), nullable=False, server_default=""))


def downgrade() -> None:
    for name, _ in reversed(COLUMNS):
        op.drop_column("security_event", name)
