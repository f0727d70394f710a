"""The search knows what is no tender: of which kind a process is. A county has its places."""

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
    if op.get_bind().dialect.name == "postgresql":
        op.execute('CREATE INDEX search_text_county ON search_entry ("left"(region, 6), seq)')
        op.execute('CREATE INDEX search_text_open ON search_entry ("left"(region, 6), deadline)')


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP INDEX search_text_open")
        op.execute("DROP INDEX search_text_county")
    op.execute("DELETE FROM search_entry WHERE kind <> 'tender'")
    op.drop_column("search_entry", "kind")
