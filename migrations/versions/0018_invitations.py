"""Who is invited to a lot; when a suspension ends at the latest."""

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


def downgrade() -> None:
    op.drop_column("lot_suspension", "until")
    op.drop_table("invitee")
    op.drop_table("invitation")
