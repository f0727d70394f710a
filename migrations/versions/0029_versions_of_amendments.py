"""What a draft of an amendment was read at, for who writes next."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("notice_draft", sa.Column("version", sa.Integer(), nullable=False,
                                            server_default="1"))


def downgrade() -> None:
    op.drop_column("notice_draft", "version")
