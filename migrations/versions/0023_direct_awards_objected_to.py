"""Objections to direct awards."""

import sqlalchemy as sa
from alembic import op

import kernel.db

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def _id(name: str, length: int = 32) -> sa.Column:
    return sa.Column(name, sa.String(length=length), nullable=False)


def upgrade() -> None:
    for name in ("objections_until", "failed_at"):
        op.add_column("direct_award", sa.Column(name, kernel.db.UtcTime(), nullable=True))
    op.create_table(
        "direct_objection",
        _id("id"), _id("award_id"), _id("party_id"),
        sa.Column("argument", sa.Text(), nullable=False),
        sa.Column("remedy", sa.Text(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("filed_at", kernel.db.UtcTime(), nullable=False),
        sa.Column("answer_by", kernel.db.UtcTime(), nullable=False),
        sa.Column("overdue_at", kernel.db.UtcTime(), nullable=True),
        sa.Column("outcome", sa.String(length=8), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_at", kernel.db.UtcTime(), nullable=True),
        sa.Column("answered_by", sa.String(length=32), nullable=True),
        sa.CheckConstraint("(answered_at IS NULL) = (outcome IS NULL)",
                           name=op.f("ck_direct_objection_answered")),
        sa.ForeignKeyConstraint(["award_id"], ["direct_award.id"],
                                name=op.f("fk_direct_objection_award_id")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"],
                                name=op.f("fk_direct_objection_party_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_direct_objection")),
        sa.UniqueConstraint("award_id", "party_id", name="uq_direct_objection"),
    )


def downgrade() -> None:
    op.drop_table("direct_objection")
    for name in ("failed_at", "objections_until"):
        op.drop_column("direct_award", name)
