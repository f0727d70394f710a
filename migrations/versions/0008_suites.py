"""Recipients of every suite: a hybrid one is some 1,960 characters long."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLES = ("holder_key", "bid_part")


def upgrade() -> None:
    # SQLite keeps no lengths; there the column is wide enough as it stands.
    if op.get_bind().dialect.name == "postgresql":
        for table in TABLES:
            op.alter_column(table, "recipient", type_=sa.Text(), existing_type=sa.String(100))


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table in TABLES:
            op.alter_column(table, "recipient", type_=sa.String(100), existing_type=sa.Text())
