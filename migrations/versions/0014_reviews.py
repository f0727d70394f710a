"""Reviews before publication: automatic, of fair competition, by another unit."""

import sqlalchemy as sa
from alembic import op

import kernel.db

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_ID = sa.String(length=32)
_TIME = kernel.db.UtcTime


def upgrade() -> None:
    op.create_table(
        "review",
        sa.Column("id", _ID, nullable=False),
        sa.Column("tender_id", _ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("basis_hash", sa.String(length=64), nullable=False),
        sa.Column("body", kernel.db.Json(), nullable=False),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("made_at", _TIME(), nullable=False),
        sa.Column("made_by", _ID, nullable=False),
        sa.ForeignKeyConstraint(["tender_id"], ["tender.id"], name=op.f("fk_review_tender_id_tender")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
        sa.UniqueConstraint("tender_id", "number", name="uq_review"),
    )
    op.create_table(
        "review_answer",
        sa.Column("id", _ID, nullable=False),
        sa.Column("tender_id", _ID, nullable=False),
        sa.Column("review_id", _ID, nullable=False),
        sa.Column("hit", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("answer", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("answered_at", _TIME(), nullable=False),
        sa.Column("answered_by", _ID, nullable=False),
        sa.Column("answered_person", _ID, nullable=False),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"],
                                name=op.f("fk_review_answer_review_id_review")),
        sa.ForeignKeyConstraint(["tender_id"], ["tender.id"],
                                name=op.f("fk_review_answer_tender_id_tender")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_answer")),
        sa.UniqueConstraint("tender_id", "hit", "number", name="uq_review_answer"),
    )
    op.create_table(
        "fairness_review",
        sa.Column("id", _ID, nullable=False),
        sa.Column("tender_id", _ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(length=200), nullable=False),
        sa.Column("document_number", sa.String(length=100), nullable=False),
        sa.Column("reviewed_on", sa.String(length=10), nullable=False),
        sa.Column("conclusion", sa.String(length=12), nullable=False),
        sa.Column("standards", kernel.db.Json(), nullable=False),
        sa.Column("exception", sa.Text(), nullable=False),
        sa.Column("documents", kernel.db.Json(), nullable=False),
        sa.Column("recorded_at", _TIME(), nullable=False),
        sa.Column("recorded_by", _ID, nullable=False),
        sa.ForeignKeyConstraint(["tender_id"], ["tender.id"],
                                name=op.f("fk_fairness_review_tender_id_tender")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fairness_review")),
        sa.UniqueConstraint("tender_id", "number", name="uq_fairness_review"),
    )
    op.create_table(
        "outside_reading",
        sa.Column("id", _ID, nullable=False),
        sa.Column("tender_id", _ID, nullable=False),
        sa.Column("party_id", _ID, nullable=False),
        sa.Column("asked_at", _TIME(), nullable=False),
        sa.Column("asked_by", _ID, nullable=False),
        sa.Column("withdrawn_at", _TIME(), nullable=True),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"],
                                name=op.f("fk_outside_reading_party_id_party")),
        sa.ForeignKeyConstraint(["tender_id"], ["tender.id"],
                                name=op.f("fk_outside_reading_tender_id_tender")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outside_reading")),
    )
    op.create_index(op.f("ix_outside_reading_party_id"), "outside_reading", ["party_id"])
    op.create_index("uq_outside_reading", "outside_reading", ["tender_id", "party_id"], unique=True,
                    sqlite_where=sa.text("withdrawn_at IS NULL"),
                    postgresql_where=sa.text("withdrawn_at IS NULL"))
    op.create_table(
        "reading_opinion",
        sa.Column("id", _ID, nullable=False),
        sa.Column("reading_id", _ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("verdict", sa.String(length=8), nullable=False),
        sa.Column("opinion", sa.Text(), nullable=False),
        sa.Column("given_at", _TIME(), nullable=False),
        sa.Column("given_by", _ID, nullable=False),
        sa.Column("given_person", _ID, nullable=False),
        sa.ForeignKeyConstraint(["reading_id"], ["outside_reading.id"],
                                name=op.f("fk_reading_opinion_reading_id_outside_reading")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reading_opinion")),
        sa.UniqueConstraint("reading_id", "number", name="uq_reading_opinion"),
    )


def downgrade() -> None:
    for table in ("reading_opinion", "outside_reading", "fairness_review", "review_answer",
                  "review"):
        op.drop_table(table)
