"""Registration, agencies, plans, companies' own statements, debarments, consortia."""

import sqlalchemy as sa
from alembic import op

import kernel.db

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "procurement_plan",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("buyer_id", sa.String(length=32), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("category", sa.String(length=8), nullable=False),
        sa.Column("estimate_fen", sa.BigInteger(), nullable=False),
        sa.Column("expected", sa.String(length=7), nullable=False),
        sa.Column("announced_at", kernel.db.UtcTime(), nullable=False),
        sa.Column("announced_by", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["buyer_id"], ["party.id"],
                                name=op.f("fk_procurement_plan_buyer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_procurement_plan")),
    )
    op.create_index("ix_procurement_plan_announced", "procurement_plan", ["announced_at", "id"])
    op.create_index("ix_procurement_plan_buyer_id", "procurement_plan", ["buyer_id"])
    op.create_table(
        "registration",
        sa.Column("tender_id", sa.String(length=32), nullable=False),
        sa.Column("approval_body", sa.String(length=200), nullable=False),
        sa.Column("funding", sa.JSON(), nullable=False),
        sa.Column("township", sa.String(length=3), nullable=False),
        sa.Column("village", sa.String(length=3), nullable=False),
        sa.Column("site_visit", sa.JSON(), nullable=True),
        sa.Column("plan_id", sa.String(length=32), nullable=True),
        sa.Column("set_at", kernel.db.UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["procurement_plan.id"],
                                name=op.f("fk_registration_plan_id")),
        sa.ForeignKeyConstraint(["tender_id"], ["tender.id"],
                                name=op.f("fk_registration_tender_id")),
        sa.PrimaryKeyConstraint("tender_id", name=op.f("pk_registration")),
    )
    op.create_index("ix_registration_plan_id", "registration", ["plan_id"])
    op.create_table(
        "requirement",
        sa.Column("lot_id", sa.String(length=32), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("set_at", kernel.db.UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"],
                                name=op.f("fk_requirement_lot_id")),
        sa.PrimaryKeyConstraint("lot_id", name=op.f("pk_requirement")),
    )
    op.create_table(
        "agency_authority",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("buyer_id", sa.String(length=32), nullable=False),
        sa.Column("agency_id", sa.String(length=32), nullable=False),
        sa.Column("tender_id", sa.String(length=32), nullable=True),
        sa.Column("actions", sa.JSON(), nullable=False),
        sa.Column("letter", sa.String(length=200), nullable=False),
        sa.Column("letter_hash", sa.String(length=64), nullable=False),
        sa.Column("valid_from", kernel.db.UtcTime(), nullable=False),
        sa.Column("valid_until", kernel.db.UtcTime(), nullable=False),
        sa.Column("recorded_at", kernel.db.UtcTime(), nullable=False),
        sa.Column("recorded_by", sa.String(length=32), nullable=False),
        sa.Column("revoked_at", kernel.db.UtcTime(), nullable=True),
        sa.Column("revoked_by", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["agency_id"], ["party.id"],
                                name=op.f("fk_agency_authority_agency_id")),
        sa.ForeignKeyConstraint(["buyer_id"], ["party.id"],
                                name=op.f("fk_agency_authority_buyer_id")),
        sa.ForeignKeyConstraint(["tender_id"], ["tender.id"],
                                name=op.f("fk_agency_authority_tender_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency_authority")),
    )
    op.create_index("ix_agency_authority_agency", "agency_authority", ["agency_id", "buyer_id"])
    op.create_index("ix_agency_authority_buyer_id", "agency_authority", ["buyer_id"])
    op.create_table(
        "licence",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("party_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("grade", sa.String(length=20), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("valid_from", sa.String(length=10), nullable=False),
        sa.Column("valid_until", sa.String(length=10), nullable=False),
        sa.Column("evidence_hash", sa.String(length=64), nullable=False),
        sa.Column("declared_at", kernel.db.UtcTime(), nullable=False),
        sa.Column("withdrawn_at", kernel.db.UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"],
                                name=op.f("fk_licence_party_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_licence")),
    )
    op.create_index("ix_licence_party_id", "licence", ["party_id"])
    op.create_table(
        "company_relation",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("party_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("other", sa.String(length=64), nullable=False),
        sa.Column("declared_at", kernel.db.UtcTime(), nullable=False),
        sa.Column("withdrawn_at", kernel.db.UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"],
                                name=op.f("fk_company_relation_party_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_company_relation")),
    )
    op.create_index("ix_company_relation_party_id", "company_relation", ["party_id"])
    op.create_table(
        "debarment",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("authority", sa.String(length=200), nullable=False),
        sa.Column("document_no", sa.String(length=100), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("nationwide", sa.Boolean(), nullable=False),
        sa.Column("from_day", sa.String(length=10), nullable=False),
        sa.Column("until_day", sa.String(length=10), nullable=False),
        sa.Column("proposed_at", kernel.db.UtcTime(), nullable=False),
        sa.Column("proposed_by", sa.String(length=32), nullable=False),
        sa.Column("proposed_person", sa.String(length=32), nullable=False),
        sa.Column("approved_at", kernel.db.UtcTime(), nullable=True),
        sa.Column("approved_by", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_debarment")),
    )
    op.create_index("ix_debarment_uscc", "debarment", ["uscc"])
    op.create_table(
        "consortium_member",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("lot_id", sa.String(length=32), nullable=False),
        sa.Column("bid_id", sa.String(length=32), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("duty", sa.String(length=200), nullable=False),
        sa.Column("lead", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"],
                                name=op.f("fk_consortium_member_lot_id")),
        sa.ForeignKeyConstraint(["bid_id"], ["bid.id"],
                                name=op.f("fk_consortium_member_bid_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consortium_member")),
        sa.UniqueConstraint("bid_id", "uscc", name="uq_consortium_member"),
    )
    op.create_index("ix_consortium_member_lot_id", "consortium_member", ["lot_id"])


def downgrade() -> None:
    for table in (
        "consortium_member",
        "debarment",
        "company_relation",
        "licence",
        "agency_authority",
        "requirement",
        "registration",
        "procurement_plan",
    ):
        op.drop_table(table)
