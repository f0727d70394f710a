"""How many entries wait without cover is counted for every public page: by an index."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

UNCOVERED = sa.text("NOT veiled")


def upgrade() -> None:
    op.create_index("ix_pending_entry_uncovered", "pending_entry", ["at", "id"],
                    sqlite_where=UNCOVERED, postgresql_where=UNCOVERED)


def downgrade() -> None:
    op.drop_index("ix_pending_entry_uncovered", "pending_entry")
