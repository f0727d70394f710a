"""The search knows what is no tender: of which kind a process is."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("search_entry", sa.Column("kind", sa.String(length=12), nullable=False,
                                            server_default="tender"))
    # What was published of other kinds is not in the index yet: the tick goes through it all.
    op.execute("UPDATE search_state SET rebuilt = '', rebuilt_at = NULL")


def downgrade() -> None:
    op.execute("DELETE FROM search_entry WHERE kind <> 'tender'")
    op.drop_column("search_entry", "kind")
