"""Cover, and erasure."""

import sqlalchemy as sa
from alembic import op

import kernel.db

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("pending_entry", sa.Column("veiled", sa.Boolean(), nullable=False,
                                             server_default=sa.false()))
    op.add_column("pending_entry", sa.Column("alone", sa.String(length=16), nullable=False,
                                             server_default=""))
    op.add_column("log_head", sa.Column("beat", kernel.db.UtcTime(), nullable=True))
    op.create_table(
        "sealed_span",
        sa.Column("lot_id", sa.String(length=32), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("lot_id", name=op.f("pk_sealed_span")),
    )
    op.create_index("ix_sealed_span_now", "sealed_span", ["since"], unique=False,
                    sqlite_where=sa.text("until IS NULL"),
                    postgresql_where=sa.text("until IS NULL"))
    op.create_table(
        "person_erasure",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("proposed_by", sa.String(length=32), nullable=False),
        sa.Column("proposed_at", kernel.db.UtcTime(), nullable=False),
        sa.Column("approved_by", sa.String(length=32), nullable=True),
        sa.Column("approved_at", kernel.db.UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["approved_by"], ["account.id"],
                                name=op.f("fk_person_erasure_approved_by")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"],
                                name=op.f("fk_person_erasure_person_id")),
        sa.ForeignKeyConstraint(["proposed_by"], ["account.id"],
                                name=op.f("fk_person_erasure_proposed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_erasure")),
        sa.UniqueConstraint("person_id", name="uq_person_erasure_person"),
    )


def downgrade() -> None:
    op.drop_table("person_erasure")
    op.drop_table("sealed_span")
    op.drop_column("log_head", "beat")
    op.drop_column("pending_entry", "alone")
    op.drop_column("pending_entry", "veiled")
