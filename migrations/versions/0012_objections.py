"""Objections, suspensions, terminations and second rounds."""

import sqlalchemy as sa
from alembic import op

import kernel.db

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

SUSPENSION = (
    ("document_no", sa.String(length=100)), ("reason", sa.Text()),
    ("suspended_by", sa.String(length=32)), ("deadline", kernel.db.UtcTime()),
    ("publicity_ends", kernel.db.UtcTime()), ("counted_from", kernel.db.UtcTime()),
    ("resume_document_no", sa.String(length=100)), ("resume_reason", sa.Text()),
    ("resumed_by", sa.String(length=32)),
)


def upgrade() -> None:
    for name, kind in SUSPENSION:
        op.add_column("lot_suspension", sa.Column(name, kind, nullable=True))
    live = sa.text("resumed_at IS NULL")
    op.create_index("uq_lot_suspension_live", "lot_suspension", ["lot_id"], unique=True,
                    sqlite_where=live, postgresql_where=live)
    op.create_table(
        "lot_hold",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("lot_id", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=32), nullable=False),
        sa.Column("held_at", kernel.db.UtcTime(), nullable=False),
        sa.Column("answer_by", kernel.db.UtcTime(), nullable=False),
        sa.Column("released_at", kernel.db.UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_lot_hold_lot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot_hold")),
        sa.UniqueConstraint("subject", name="uq_lot_hold_subject"),
    )
    standing = sa.text("released_at IS NULL")
    op.create_index("ix_lot_hold_lot", "lot_hold", ["lot_id"], unique=False,
                    sqlite_where=standing, postgresql_where=standing)
    op.create_table(
        "lot_termination",
        sa.Column("lot_id", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("document_no", sa.String(length=100), nullable=False),
        sa.Column("terminated_at", kernel.db.UtcTime(), nullable=False),
        sa.Column("terminated_by", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_lot_termination_lot_id")),
        sa.PrimaryKeyConstraint("lot_id", name=op.f("pk_lot_termination")),
    )
    op.create_table(
        "lot_succession",
        sa.Column("lot_id", sa.String(length=32), nullable=False),
        sa.Column("predecessor_id", sa.String(length=32), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_lot_succession_lot_id")),
        sa.ForeignKeyConstraint(["predecessor_id"], ["lot.id"],
                                name=op.f("fk_lot_succession_predecessor_id")),
        sa.PrimaryKeyConstraint("lot_id", name=op.f("pk_lot_succession")),
        sa.UniqueConstraint("predecessor_id", name="uq_lot_succession_predecessor"),
    )
    _objections()


def _objections() -> None:
    op.create_table(
        "objection",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("lot_id", sa.String(length=32), nullable=False),
        sa.Column("stage", sa.String(length=12), nullable=False),
        sa.Column("party_id", sa.String(length=32), nullable=False),
        sa.Column("argument", sa.Text(), nullable=False),
        sa.Column("remedy", sa.Text(), nullable=False),
        sa.Column("filed_at", kernel.db.UtcTime(), nullable=False),
        sa.Column("answer_by", kernel.db.UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_objection_lot_id")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_objection_party_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objection")),
    )
    op.create_index("ix_objection_lot", "objection", ["lot_id", "id"], unique=False)
    op.create_table(
        "evidence",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("lot_id", sa.String(length=32), nullable=False),
        sa.Column("party_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("added_at", kernel.db.UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_evidence_lot_id")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_evidence_party_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
    )
    op.create_index("ix_evidence_lot", "evidence", ["lot_id", "party_id"], unique=False)
    op.create_table(
        "objection_evidence",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("objection_id", sa.String(length=32), nullable=False),
        sa.Column("evidence_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["objection_id"], ["objection.id"],
                                name=op.f("fk_objection_evidence_objection_id")),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"],
                                name=op.f("fk_objection_evidence_evidence_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objection_evidence")),
        sa.UniqueConstraint("evidence_id", name="uq_objection_evidence"),
    )
    op.create_index("ix_objection_evidence", "objection_evidence", ["objection_id"],
                    unique=False)
    op.create_table(
        "objection_answer",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("objection_id", sa.String(length=32), nullable=False),
        sa.Column("outcome", sa.String(length=8), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("answered_at", kernel.db.UtcTime(), nullable=False),
        sa.Column("answered_by", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["objection_id"], ["objection.id"],
                                name=op.f("fk_objection_answer_objection_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objection_answer")),
        sa.UniqueConstraint("objection_id", name="uq_objection_answer"),
    )
    op.create_table(
        "objection_overdue",
        sa.Column("objection_id", sa.String(length=32), nullable=False),
        sa.Column("at", kernel.db.UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["objection_id"], ["objection.id"],
                                name=op.f("fk_objection_overdue_objection_id")),
        sa.PrimaryKeyConstraint("objection_id", name=op.f("pk_objection_overdue")),
    )


def downgrade() -> None:
    for name in ("objection_overdue", "objection_answer", "objection_evidence", "evidence",
                 "objection"):
        op.drop_table(name)
    op.drop_table("lot_succession")
    op.drop_table("lot_termination")
    op.drop_table("lot_hold")
    op.drop_index("uq_lot_suspension_live", "lot_suspension")
    for name, _ in reversed(SUSPENSION):
        op.drop_column("lot_suspension", name)
