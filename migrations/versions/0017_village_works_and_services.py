"""Village works and intermediary services."""

import sqlalchemy as sa
from alembic import op

import kernel.db

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "payment_ledger",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("file_hash", sa.String(length=64), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("imported_at", kernel.db.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_ledger")),
        sa.UniqueConstraint("region", "file_hash", name="uq_payment_ledger"),
    )
    op.create_table(
        "agency",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("party_id", sa.String(length=32), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("qualifications", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("entered_at", kernel.db.UtcTime(), nullable=False),
        sa.Column("proposed_at", kernel.db.UtcTime(), nullable=True),
        sa.Column("proposed_person", sa.String(length=32), nullable=True),
        sa.Column("approved_at", kernel.db.UtcTime(), nullable=True),
        sa.Column("approved_person", sa.String(length=32), nullable=True),
        sa.CheckConstraint(
            "approved_at IS NULL OR (proposed_at IS NOT NULL AND approved_person <> proposed_person)",
            name=op.f("ck_agency_two_persons"),
        ),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_agency_party_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency")),
        sa.UniqueConstraint("party_id", name="uq_agency"),
    )
    op.create_table(
        "payment_line",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("ledger_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("payer", sa.String(length=200), nullable=False),
        sa.Column("payer_uscc", sa.String(length=18), nullable=False),
        sa.Column("payee", sa.String(length=200), nullable=False),
        sa.Column("payee_uscc", sa.String(length=18), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("purpose", sa.String(length=200), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["ledger_id"], ["payment_ledger.id"], name=op.f("fk_payment_line_ledger_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_line")),
        sa.UniqueConstraint("ledger_id", "number", name="uq_payment_line"),
    )
    op.create_table(
        "service",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("buyer_id", sa.String(length=32), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("requirement", sa.Text(), nullable=False),
        sa.Column("budget_fen", sa.BigInteger(), nullable=False),
        sa.Column("method", sa.String(length=8), nullable=False),
        sa.Column("screen", sa.Text(), nullable=False),
        sa.Column("policy_document", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("offers_until", kernel.db.UtcTime(), nullable=False),
        sa.Column("reveal_until", kernel.db.UtcTime(), nullable=True),
        sa.Column("profile", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("requested_at", kernel.db.UtcTime(), nullable=False),
        sa.Column("requested_person", sa.String(length=32), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("approved_at", kernel.db.UtcTime(), nullable=True),
        sa.Column("approved_person", sa.String(length=32), nullable=True),
        sa.Column("closed_at", kernel.db.UtcTime(), nullable=True),
        sa.Column("settled_at", kernel.db.UtcTime(), nullable=True),
        sa.Column("failed_at", kernel.db.UtcTime(), nullable=True),
        sa.Column("screened_at", kernel.db.UtcTime(), nullable=True),
        sa.Column("decided_at", kernel.db.UtcTime(), nullable=True),
        sa.Column("winner_id", sa.String(length=32), nullable=True),
        sa.Column("price_fen", sa.BigInteger(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("contracted_at", kernel.db.UtcTime(), nullable=True),
        sa.Column("contract_hash", sa.String(length=64), nullable=True),
        sa.CheckConstraint(
            "approved_at IS NULL OR approved_person <> requested_person",
            name=op.f("ck_service_two_persons"),
        ),
        sa.CheckConstraint("budget_fen > 0", name=op.f("ck_service_budget")),
        sa.CheckConstraint(
            "contracted_at IS NULL OR decided_at IS NOT NULL", name=op.f("ck_service_decided")
        ),
        sa.ForeignKeyConstraint(["buyer_id"], ["party.id"], name=op.f("fk_service_buyer_id")),
        sa.ForeignKeyConstraint(["winner_id"], ["party.id"], name=op.f("fk_service_winner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service")),
        sa.UniqueConstraint("code", name="uq_service_code"),
    )
    op.create_index(op.f("ix_service_buyer_id"), "service", ["buyer_id"], unique=False)
    op.create_table(
        "village_work",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("party_id", sa.String(length=32), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("village", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("funding", sa.String(length=200), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("contractor", sa.String(length=200), nullable=False),
        sa.Column("contractor_uscc", sa.String(length=18), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("entered_at", kernel.db.UtcTime(), nullable=False),
        sa.CheckConstraint(
            "state IN ('planned', 'building', 'finished', 'accepted')",
            name=op.f("ck_village_work_state"),
        ),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_village_work_amount")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_village_work_party_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_village_work")),
        sa.UniqueConstraint("party_id", "village", "year", "name", name="uq_village_work"),
    )
    op.create_index(op.f("ix_village_work_region"), "village_work", ["region"], unique=False)
    op.create_table(
        "service_draw",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("service_id", sa.String(length=32), nullable=False),
        sa.Column("announcement", sa.Text(), nullable=False),
        sa.Column("tickets", sa.JSON(), nullable=False),
        sa.Column("salt", sa.String(length=64), nullable=False),
        sa.Column("sealed_nonce", sa.Text(), nullable=False),
        sa.Column("announced_at", kernel.db.UtcTime(), nullable=False),
        sa.Column("commit_by", kernel.db.UtcTime(), nullable=False),
        sa.Column("reveal_by", kernel.db.UtcTime(), nullable=False),
        sa.Column("closed_at", kernel.db.UtcTime(), nullable=True),
        sa.Column("closed_entry", sa.String(length=32), nullable=True),
        sa.Column("drawn_at", kernel.db.UtcTime(), nullable=True),
        sa.Column("voided_at", kernel.db.UtcTime(), nullable=True),
        sa.Column("document", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_service_draw_service_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_draw")),
    )
    op.create_index(
        "uq_service_draw_live",
        "service_draw",
        ["service_id"],
        unique=True,
        sqlite_where=sa.text("voided_at IS NULL"),
        postgresql_where=sa.text("voided_at IS NULL"),
    )
    op.create_table(
        "service_offer",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("service_id", sa.String(length=32), nullable=False),
        sa.Column("party_id", sa.String(length=32), nullable=False),
        sa.Column("commitment", sa.String(length=64), nullable=False),
        sa.Column("offered_at", kernel.db.UtcTime(), nullable=False),
        sa.Column("price_fen", sa.BigInteger(), nullable=True),
        sa.Column("proposal_hash", sa.String(length=64), nullable=True),
        sa.Column("salt", sa.String(length=64), nullable=True),
        sa.Column("revealed_at", kernel.db.UtcTime(), nullable=True),
        sa.Column("passed", sa.Integer(), nullable=True),
        sa.Column("failed_because", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(revealed_at IS NULL) = (price_fen IS NULL)", name=op.f("ck_service_offer_revealed")
        ),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_service_offer_party_id")),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_service_offer_service_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_offer")),
        sa.UniqueConstraint("service_id", "party_id", name="uq_service_offer"),
    )
    op.create_table(
        "service_rating",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("service_id", sa.String(length=32), nullable=False),
        sa.Column("rater_id", sa.String(length=32), nullable=False),
        sa.Column("rated_id", sa.String(length=32), nullable=False),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("rated_at", kernel.db.UtcTime(), nullable=False),
        sa.CheckConstraint("stars BETWEEN 1 AND 5", name=op.f("ck_service_rating_stars")),
        sa.ForeignKeyConstraint(
            ["rated_id"], ["party.id"], name=op.f("fk_service_rating_rated_id")
        ),
        sa.ForeignKeyConstraint(
            ["rater_id"], ["party.id"], name=op.f("fk_service_rating_rater_id")
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_service_rating_service_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_rating")),
        sa.UniqueConstraint("service_id", "rater_id", name="uq_service_rating"),
    )
    op.create_index(
        op.f("ix_service_rating_rated_id"), "service_rating", ["rated_id"], unique=False
    )
    op.create_table(
        "work_finding",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("work_id", sa.String(length=32), nullable=True),
        sa.Column("payment_id", sa.String(length=32), nullable=True),
        sa.Column("party_id", sa.String(length=32), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("opened_at", kernel.db.UtcTime(), nullable=False),
        sa.Column("opened_by", sa.String(length=32), nullable=False),
        sa.Column("due_at", kernel.db.UtcTime(), nullable=False),
        sa.Column("overdue_at", kernel.db.UtcTime(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("evidence_hash", sa.String(length=64), nullable=True),
        sa.Column("answered_at", kernel.db.UtcTime(), nullable=True),
        sa.Column("close_proposed_at", kernel.db.UtcTime(), nullable=True),
        sa.Column("close_proposed_person", sa.String(length=32), nullable=True),
        sa.Column("closed_at", kernel.db.UtcTime(), nullable=True),
        sa.Column("closed_person", sa.String(length=32), nullable=True),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (evidence_hash IS NULL)", name=op.f("ck_work_finding_evidence")
        ),
        sa.CheckConstraint(
            "(work_id IS NULL) <> (payment_id IS NULL)", name=op.f("ck_work_finding_about")
        ),
        sa.CheckConstraint(
            "close_proposed_at IS NULL OR answered_at IS NOT NULL",
            name=op.f("ck_work_finding_answered"),
        ),
        sa.CheckConstraint(
            "closed_at IS NULL OR (close_proposed_at IS NOT NULL AND closed_person <> close_proposed_person)",
            name=op.f("ck_work_finding_two_persons"),
        ),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_work_finding_party_id")),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payment_line.id"], name=op.f("fk_work_finding_payment_id")
        ),
        sa.ForeignKeyConstraint(
            ["work_id"], ["village_work.id"], name=op.f("fk_work_finding_work_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_finding")),
    )
    op.create_index(op.f("ix_work_finding_party_id"), "work_finding", ["party_id"], unique=False)
    op.create_index(op.f("ix_work_finding_region"), "work_finding", ["region"], unique=False)
    op.create_index(
        "uq_finding_payment",
        "work_finding",
        ["payment_id", "kind"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL AND payment_id IS NOT NULL"),
        postgresql_where=sa.text("closed_at IS NULL AND payment_id IS NOT NULL"),
    )
    op.create_index(
        "uq_finding_work",
        "work_finding",
        ["work_id", "kind"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL AND work_id IS NOT NULL"),
        postgresql_where=sa.text("closed_at IS NULL AND work_id IS NOT NULL"),
    )
    op.create_table(
        "service_nonce",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("draw_id", sa.String(length=32), nullable=False),
        sa.Column("contributor", sa.String(length=32), nullable=False),
        sa.Column("commitment", sa.String(length=64), nullable=False),
        sa.Column("nonce", sa.String(length=44), nullable=True),
        sa.ForeignKeyConstraint(
            ["draw_id"], ["service_draw.id"], name=op.f("fk_service_nonce_draw_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_nonce")),
        sa.UniqueConstraint("draw_id", "contributor", name="uq_service_nonce"),
    )


def downgrade() -> None:
    for table in (
        "service_nonce",
        "work_finding",
        "service_rating",
        "service_offer",
        "service_draw",
        "village_work",
        "service",
        "payment_line",
        "agency",
        "payment_ledger",
    ):
        op.drop_table(table)
