"""The longer list of a lot in government procurement, and the draws of those invited from it."""

import sqlalchemy as sa
from alembic import op

import kernel.db

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "long_list",
        sa.Column("lot_id", sa.String(length=32), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("basis", sa.String(length=200), nullable=False),
        sa.Column("paper_hash", sa.String(length=64), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("candidates", sa.JSON(), nullable=False),
        sa.Column("salt", sa.String(length=64), nullable=False),
        sa.Column("commitment", sa.String(length=64), nullable=False),
        sa.Column("set_at", kernel.db.UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_long_list_lot_id")),
        sa.PrimaryKeyConstraint("lot_id", name=op.f("pk_long_list")),
    )
    op.create_table(
        "invitation_draw",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("lot_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("announcement", sa.Text(), nullable=False),
        sa.Column("salt", sa.String(length=64), nullable=False),
        sa.Column("long_list", sa.JSON(), nullable=False),
        sa.Column("sealed_nonce", sa.Text(), nullable=False),
        sa.Column("nonce", sa.String(length=44), nullable=True),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("announced_at", kernel.db.UtcTime(), nullable=False),
        sa.Column("closed_at", kernel.db.UtcTime(), nullable=True),
        sa.Column("closed_entry", sa.String(length=32), nullable=True),
        sa.Column("drawn_at", kernel.db.UtcTime(), nullable=True),
        sa.Column("voided_at", kernel.db.UtcTime(), nullable=True),
        sa.Column("void_reason", sa.String(length=64), nullable=True),
        sa.Column("document", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_invitation_draw_lot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation_draw")),
        sa.UniqueConstraint("lot_id", "number", name="uq_invitation_draw"),
    )
    live = sa.text("drawn_at IS NULL AND voided_at IS NULL")
    op.create_index("uq_invitation_draw_live", "invitation_draw", ["lot_id"], unique=True,
                    sqlite_where=live, postgresql_where=live)
    op.create_table(
        "invitation_watcher",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("draw_id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("stood_at", kernel.db.UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["draw_id"], ["invitation_draw.id"],
                                name=op.f("fk_invitation_watcher_draw_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation_watcher")),
        sa.UniqueConstraint("draw_id", "person_id", name="uq_invitation_watcher"),
    )


def downgrade() -> None:
    op.drop_table("invitation_watcher")
    op.drop_table("invitation_draw")
    op.drop_table("long_list")
