"""Results of selections objected to and asked for again; sanctions; papers that are kept."""

import sqlalchemy as sa
from alembic import op

import kernel.db

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

SERVICE = (
    ("failure", sa.String(length=12)), ("objections_until", kernel.db.UtcTime()),
    ("late_reason", sa.Text()), ("finished_at", kernel.db.UtcTime()),
    ("finish_hash", sa.String(length=64)),
)


def _id(name: str, length: int = 32) -> sa.Column:
    return sa.Column(name, sa.String(length=length), nullable=False)


def upgrade() -> None:
    for name, kind in SERVICE:
        op.add_column("service", sa.Column(name, kind, nullable=True))
    op.execute("UPDATE service SET failure = CASE WHEN screened_at IS NULL THEN 'offers' "
               "ELSE 'screen' END WHERE failed_at IS NOT NULL")
    op.add_column("agency", sa.Column("left_at", kernel.db.UtcTime(), nullable=True))
    op.create_table(
        "paper",
        _id("id"), _id("party_id"), _id("name", 255), _id("media_type", 100),
        sa.Column("size", sa.BigInteger(), nullable=False),
        _id("hash", 64),
        sa.Column("added_at", kernel.db.UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_paper_party_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper")),
    )
    op.create_index("ix_paper_party", "paper", ["party_id", "hash"])
    op.create_table(
        "agency_sanction",
        _id("id"), _id("agency_id"), _id("kind", 12), _id("document_no", 100),
        sa.Column("reason", sa.Text(), nullable=False),
        _id("until_day", 10),
        sa.Column("proposed_at", kernel.db.UtcTime(), nullable=False),
        _id("proposed_person"),
        sa.Column("approved_at", kernel.db.UtcTime(), nullable=True),
        sa.Column("approved_person", sa.String(length=32), nullable=True),
        sa.CheckConstraint("kind IN ('suspended', 'removed')",
                           name=op.f("ck_agency_sanction_kind")),
        sa.CheckConstraint("approved_at IS NULL OR approved_person <> proposed_person",
                           name=op.f("ck_agency_sanction_two_persons")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"],
                                name=op.f("fk_agency_sanction_agency_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency_sanction")),
    )
    op.create_index(op.f("ix_agency_sanction_agency_id"), "agency_sanction", ["agency_id"])
    waiting = sa.text("approved_at IS NULL")
    op.create_index("uq_agency_sanction_open", "agency_sanction", ["agency_id"], unique=True,
                    sqlite_where=waiting, postgresql_where=waiting)
    op.create_table(
        "service_succession",
        _id("service_id"), _id("predecessor_id"),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"],
                                name=op.f("fk_service_succession_service_id")),
        sa.ForeignKeyConstraint(["predecessor_id"], ["service.id"],
                                name=op.f("fk_service_succession_predecessor_id")),
        sa.PrimaryKeyConstraint("service_id", name=op.f("pk_service_succession")),
        sa.UniqueConstraint("predecessor_id", name="uq_service_succession"),
    )
    op.create_table(
        "service_objection",
        _id("id"), _id("service_id"), _id("party_id"),
        sa.Column("argument", sa.Text(), nullable=False),
        sa.Column("remedy", sa.Text(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("filed_at", kernel.db.UtcTime(), nullable=False),
        sa.Column("answer_by", kernel.db.UtcTime(), nullable=False),
        sa.Column("overdue_at", kernel.db.UtcTime(), nullable=True),
        sa.Column("outcome", sa.String(length=8), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_at", kernel.db.UtcTime(), nullable=True),
        sa.Column("answered_by", sa.String(length=32), nullable=True),
        sa.CheckConstraint("(answered_at IS NULL) = (outcome IS NULL)",
                           name=op.f("ck_service_objection_answered")),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"],
                                name=op.f("fk_service_objection_service_id")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"],
                                name=op.f("fk_service_objection_party_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_objection")),
        sa.UniqueConstraint("service_id", "party_id", name="uq_service_objection"),
    )


def downgrade() -> None:
    for table in ("service_objection", "service_succession", "agency_sanction", "paper"):
        op.drop_table(table)
    op.drop_column("agency", "left_at")
    for name, _ in reversed(SERVICE):
        op.drop_column("service", name)
