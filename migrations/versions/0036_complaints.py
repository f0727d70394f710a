"""Complaints to the supervisor: what is complained of, its evidence, the steps of the case."""

import sqlalchemy as sa
from alembic import op

import kernel.db

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def _id(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.String(length=32), nullable=nullable)


def _time(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, kernel.db.UtcTime(), nullable=nullable)


def _text(name: str, length: int | None = None, empty: bool = False) -> sa.Column:
    return sa.Column(name, sa.String(length=length) if length else sa.Text(), nullable=False,
                     server_default="" if empty else None)


def _key(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    op.create_table(
        "complaint",
        _id("id"), _id("lot_id"), _id("party_id"), _text("subject", 12),
        _id("objection_id", nullable=True), _text("facts"), _text("claims"),
        _text("content_hash", 64), _text("hotline_no", 40), _text("paper_no", 100),
        sa.Column("paper_raised", sa.Date(), nullable=True),
        sa.Column("paper_answered", sa.Date(), nullable=True),
        _time("counted_from"), _time("last_at"),
        sa.Column("sealed", sa.Boolean(), nullable=False), _time("filed_at"),
        sa.CheckConstraint("counted_from < last_at", name=op.f("ck_complaint_window")),
        _key("complaint", "lot_id", "lot"), _key("complaint", "party_id", "party"),
        _key("complaint", "objection_id", "objection"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint")),
        sa.UniqueConstraint("content_hash", name="uq_complaint_content"),
    )
    op.create_index("ix_complaint_lot", "complaint", ["lot_id", "id"], unique=False)
    op.create_index("ix_complaint_party", "complaint", ["party_id", "id"], unique=False)
    op.create_table(
        "complaint_evidence",
        _id("id"), _id("complaint_id"), _id("evidence_id"),
        _key("complaint_evidence", "complaint_id", "complaint"),
        _key("complaint_evidence", "evidence_id", "evidence"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_evidence")),
        sa.UniqueConstraint("evidence_id", name="uq_complaint_evidence"),
    )
    op.create_index("ix_complaint_evidence", "complaint_evidence", ["complaint_id"], unique=False)
    op.create_table(
        "complaint_step",
        _id("id"), _id("complaint_id"), sa.Column("number", sa.Integer(), nullable=False),
        _text("kind", 20), _time("at"), _id("account_id", nullable=True),
        _id("person_id", nullable=True), _id("party_id", nullable=True),
        _text("text", empty=True), _text("document_no", 100, empty=True),
        _time("due", nullable=True), _text("outcome", 12, empty=True),
        _text("basis", 16, empty=True), _text("law", 300, empty=True), _text("orders", empty=True),
        _text("evidence_hash", 64, empty=True), _id("unit_id", nullable=True),
        _id("suspension_id", nullable=True),
        _key("complaint_step", "complaint_id", "complaint"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_step")),
        sa.UniqueConstraint("complaint_id", "number", name="uq_complaint_step"),
    )
    op.create_index("ix_complaint_step_kind", "complaint_step", ["kind", "at"], unique=False)


def downgrade() -> None:
    for name in ("complaint_step", "complaint_evidence", "complaint"):
        op.drop_table(name)
