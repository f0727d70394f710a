"""Complaints of direct awards and services, and the halts they may bring."""

import sqlalchemy as sa
from alembic import op

import kernel.db

revision = "0041"
down_revision = "0040"
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
        "course_halt",
        _id("id"), _id("course_id"), _text("document_no", 100), _text("reason"),
        _time("halted_at"), _id("halted_by", nullable=True), _time("until", nullable=True),
        _time("lifted_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_halt")),
        sa.UniqueConstraint("course_id", "document_no", name="uq_course_halt"),
    )
    op.create_index("ix_course_halt", "course_halt", ["course_id", "halted_at"], unique=False)
    op.create_table(
        "course_complaint",
        _id("id"), _id("award_id", nullable=True), _id("service_id", nullable=True),
        _id("party_id"), _text("subject", 12), _id("objection_id", nullable=True),
        _text("facts"), _text("claims"), _text("content_hash", 64), _text("hotline_no", 40),
        _text("paper_no", 100), sa.Column("paper_raised", sa.Date(), nullable=True),
        sa.Column("paper_answered", sa.Date(), nullable=True),
        sa.Column("evidence", kernel.db.Json(), nullable=False),
        _time("counted_from"), _time("last_at"), _time("filed_at"),
        sa.CheckConstraint("counted_from < last_at", name=op.f("ck_course_complaint_window")),
        sa.CheckConstraint("(award_id IS NULL) <> (service_id IS NULL)",
                           name=op.f("ck_course_complaint_one")),
        _key("course_complaint", "award_id", "direct_award"),
        _key("course_complaint", "service_id", "service"),
        _key("course_complaint", "party_id", "party"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_complaint")),
        sa.UniqueConstraint("content_hash", name="uq_course_complaint_content"),
    )
    for name in ("award", "service", "party"):
        op.create_index(f"ix_course_complaint_{name}", "course_complaint", [f"{name}_id", "id"],
                        unique=False)
    op.create_table(
        "course_complaint_step",
        _id("id"), _id("complaint_id"), sa.Column("number", sa.Integer(), nullable=False),
        _text("kind", 20), _time("at"), _id("account_id", nullable=True),
        _id("person_id", nullable=True), _id("party_id", nullable=True),
        _text("text", empty=True), _text("document_no", 100, empty=True),
        _time("due", nullable=True), _text("outcome", 12, empty=True),
        _text("basis", 16, empty=True), _text("law", 300, empty=True), _text("orders", empty=True),
        _text("evidence_hash", 64, empty=True), _id("unit_id", nullable=True),
        _id("suspension_id", nullable=True),
        _key("course_complaint_step", "complaint_id", "course_complaint"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_complaint_step")),
        sa.UniqueConstraint("complaint_id", "number", name="uq_course_complaint_step"),
    )
    op.create_index("ix_course_complaint_step_kind", "course_complaint_step", ["kind", "at"],
                    unique=False)


def downgrade() -> None:
    for name in ("course_complaint_step", "course_complaint", "course_halt"):
        op.drop_table(name)
