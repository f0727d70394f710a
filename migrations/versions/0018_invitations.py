"""Who is invited to a lot; direct awards; when a suspension ends at the latest."""

import sqlalchemy as sa
from alembic import op

import kernel.db

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "invitation",
        sa.Column("lot_id", sa.String(length=32), nullable=False),
        sa.Column("salt", sa.String(length=64), nullable=False),
        sa.Column("commitment", sa.String(length=64), nullable=False),
        sa.Column("set_at", kernel.db.UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_invitation_lot_id")),
        sa.PrimaryKeyConstraint("lot_id", name=op.f("pk_invitation")),
    )
    op.create_table(
        "invitee",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("lot_id", sa.String(length=32), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_invitee_lot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitee")),
        sa.UniqueConstraint("lot_id", "uscc", name="uq_invitee"),
    )
    op.create_index("ix_invitee_uscc", "invitee", ["uscc"])
    op.add_column("lot_suspension", sa.Column("until", kernel.db.UtcTime(), nullable=True))


    op.create_table(
        "direct_award",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("ocid", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("buyer_id", sa.String(length=32), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("category", sa.String(length=8), nullable=False),
        sa.Column("regime", sa.String(length=16), nullable=False),
        sa.Column("estimate_fen", sa.BigInteger(), nullable=False),
        sa.Column("price_fen", sa.BigInteger(), nullable=False),
        sa.Column("approval_no", sa.String(length=100), nullable=False),
        sa.Column("funding", sa.String(length=200), nullable=False),
        sa.Column("contractor", sa.String(length=200), nullable=False),
        sa.Column("contractor_uscc", sa.String(length=18), nullable=False),
        sa.Column("period_days", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decision_no", sa.String(length=100), nullable=False),
        sa.Column("decision_day", sa.String(length=10), nullable=False),
        sa.Column("minutes_name", sa.String(length=255), nullable=True),
        sa.Column("minutes_type", sa.String(length=100), nullable=True),
        sa.Column("minutes_size", sa.BigInteger(), nullable=True),
        sa.Column("minutes_hash", sa.String(length=64), nullable=True),
        sa.Column("drafted_at", kernel.db.UtcTime(), nullable=False),
        sa.Column("drafted_by", sa.String(length=32), nullable=False),
        sa.Column("drafted_person", sa.String(length=32), nullable=False),
        sa.Column("given_up_at", kernel.db.UtcTime(), nullable=True),
        sa.Column("approved_by", sa.String(length=32), nullable=True),
        sa.Column("approved_person", sa.String(length=32), nullable=True),
        sa.Column("published_at", kernel.db.UtcTime(), nullable=True),
        sa.Column("content_hash", sa.String(length=64), nullable=True),
        sa.Column("profile", sa.JSON(), nullable=True),
        sa.Column("amount_fen", sa.BigInteger(), nullable=True),
        sa.Column("signed_at", kernel.db.UtcTime(), nullable=True),
        sa.Column("document_hash", sa.String(length=64), nullable=True),
        sa.Column("late_reason", sa.Text(), nullable=True),
        sa.Column("contracted_at", kernel.db.UtcTime(), nullable=True),
        sa.CheckConstraint("estimate_fen > 0 AND price_fen > 0",
                           name=op.f("ck_direct_award_money")),
        sa.CheckConstraint("published_at IS NULL OR approved_person <> drafted_person",
                           name=op.f("ck_direct_award_two_persons")),
        sa.ForeignKeyConstraint(["buyer_id"], ["party.id"],
                                name=op.f("fk_direct_award_buyer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_direct_award")),
    )
    op.create_index("ix_direct_award_buyer_id", "direct_award", ["buyer_id"])
    op.create_index("ix_direct_award_published", "direct_award", ["published_at", "id"])
    op.create_table(
        "direct_notice",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("award_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("published_at", kernel.db.UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["award_id"], ["direct_award.id"],
                                name=op.f("fk_direct_notice_award_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_direct_notice")),
        sa.UniqueConstraint("award_id", "kind", name="uq_direct_notice"),
    )


def downgrade() -> None:
    op.drop_table("direct_notice")
    op.drop_table("direct_award")
    op.drop_column("lot_suspension", "until")
    op.drop_table("invitee")
    op.drop_table("invitation")
