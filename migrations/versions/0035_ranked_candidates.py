"""Candidates of an inquiry or a lottery stand in order, and one may give up."""

import sqlalchemy as sa
from alembic import op

from kernel.db import UtcTime

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("candidate", sa.Column("rank", sa.Integer(), nullable=True))
    op.create_index("uq_candidate_rank", "candidate", ["lot_id", "rank"], unique=True)
    op.create_table(
        "candidate_withdrawal",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("lot_id", sa.String(length=32), nullable=False),
        sa.Column("bid_id", sa.String(length=32), nullable=False),
        sa.Column("party_id", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("given_up_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["lot_id", "bid_id"], ["candidate.lot_id", "candidate.bid_id"],
                                name="fk_candidate_withdrawal"),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"],
                                name=op.f("fk_candidate_withdrawal_party_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_candidate_withdrawal")),
        sa.UniqueConstraint("lot_id", "bid_id", name="uq_candidate_withdrawal"),
    )


def downgrade() -> None:
    op.drop_table("candidate_withdrawal")
    op.drop_index("uq_candidate_rank", "candidate")
    op.drop_column("candidate", "rank")
