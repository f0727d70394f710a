"""The stages of the opening, plain files, faults, restored deadlines.

What was unique for a lot is now unique for a round of its closing or a stage of its opening.
SQLite can only do that by making the table again, which loses its triggers: they are made anew.
"""

import sqlalchemy as sa
from alembic import op

from audit.schema_sql import statements
from kernel.db import NAMING, UtcTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

WIDER = {
    # table: (constraint, columns before, columns now)
    "lot_outcome": ("uq_lot_outcome", ("lot_id", "outcome"), ("lot_id", "outcome", "round")),
    "bid_place": ("uq_bid_place", ("lot_id", "purpose", "bid_id"),
                  ("lot_id", "purpose", "round", "bid_id")),
    "lot_closing": ("uq_lot_closing", ("lot_id",), ("lot_id", "round")),
    "opening": ("uq_opening", ("lot_id",), ("lot_id", "stage")),
    "official_release": ("uq_official_release", ("lot_id", "official_id"),
                         ("lot_id", "stage", "official_id")),
    "opened_bid": ("uq_opened_bid", ("bid_id",), ("bid_id", "stage")),
}
APPEND_ONLY = {"lot_outcome", "bid_place", "lot_closing", "official_release", "opened_bid"}
NEW_APPEND_ONLY = ("opening_part", "plain_file")


def upgrade() -> None:
    op.add_column("lot", sa.Column("round", sa.Integer(), server_default="1", nullable=False))
    for table, (name, _, now) in WIDER.items():
        _widen(table, name, now)
    _deadlines()
    _opening()
    for table in NEW_APPEND_ONLY:
        _protect(table)


def _widen(table: str, name: str, now: tuple[str, ...]) -> None:
    added = "round" if "round" in now else "stage"
    with op.batch_alter_table(table, naming_convention=NAMING) as batch:
        batch.add_column(sa.Column(added, sa.Integer(), server_default="1", nullable=False))
        if table == "lot_closing":
            batch.add_column(sa.Column("entry_id", sa.String(length=32), nullable=True))
        if table == "opening":
            batch.add_column(sa.Column("named_at", UtcTime(), nullable=True))
            batch.create_check_constraint(op.f("ck_opening_stage"), "stage IN (1, 2)")
        batch.drop_constraint(name, type_="unique")
        batch.create_unique_constraint(name, list(now))
    if table in APPEND_ONLY:
        _protect(table)


def _deadlines() -> None:
    op.create_table(
        "lot_doubt",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("lot_id", sa.String(length=32), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("doubted_at", UtcTime(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("settled_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_lot_doubt_lot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot_doubt")))
    unsettled = sa.text("settled_at IS NULL")
    op.create_index("uq_lot_doubt", "lot_doubt", ["lot_id"], unique=True,
                    sqlite_where=unsettled, postgresql_where=unsettled)
    op.create_table(
        "deadline_proposal",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("lot_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("decision", sa.String(length=8), nullable=False),
        sa.Column("deadline_before", UtcTime(), nullable=False),
        sa.Column("deadline", UtcTime(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("proposed_at", UtcTime(), nullable=False),
        sa.Column("proposed_by", sa.String(length=32), nullable=False),
        sa.Column("proposed_person", sa.String(length=32), nullable=False),
        sa.Column("approved_at", UtcTime(), nullable=True),
        sa.Column("approved_by", sa.String(length=32), nullable=True),
        sa.CheckConstraint("decision IN ('restored', 'closed')",
                           name=op.f("ck_deadline_proposal_decision")),
        sa.CheckConstraint("(decision = 'restored') = (deadline IS NOT NULL)",
                           name=op.f("ck_deadline_proposal_deadline")),
        sa.CheckConstraint("deadline IS NULL OR deadline > deadline_before",
                           name=op.f("ck_deadline_proposal_later")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_deadline_proposal_lot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadline_proposal")),
        sa.UniqueConstraint("lot_id", "number", name="uq_deadline_proposal"))


def _opening() -> None:
    op.create_table(
        "opening_part",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("lot_id", sa.String(length=32), nullable=False),
        sa.Column("part", sa.String(length=16), nullable=False),
        sa.Column("stage", sa.Integer(), nullable=False),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_opening_part_lot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opening_part")),
        sa.UniqueConstraint("lot_id", "part", name="uq_opening_part"))
    op.create_table(
        "unopened_bid",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("lot_id", sa.String(length=32), nullable=False),
        sa.Column("bid_id", sa.String(length=32), nullable=False),
        sa.Column("party_id", sa.String(length=32), nullable=False),
        sa.Column("stage", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("heard_until", UtcTime(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=True),
        sa.Column("stated_at", UtcTime(), nullable=True),
        sa.Column("fault", sa.String(length=9), nullable=True),
        sa.Column("grounds", sa.Text(), nullable=True),
        sa.Column("evidence_hash", sa.String(length=64), nullable=True),
        sa.Column("decided_at", UtcTime(), nullable=True),
        sa.Column("decided_by", sa.String(length=32), nullable=True),
        sa.Column("omitted_at", UtcTime(), nullable=True),
        sa.Column("objection", sa.Text(), nullable=True),
        sa.Column("objected_at", UtcTime(), nullable=True),
        sa.CheckConstraint("fault IN ('revoked', 'withdrawn')", name=op.f("ck_unopened_bid_fault")),
        sa.ForeignKeyConstraint(["bid_id"], ["bid.id"], name=op.f("fk_unopened_bid_bid_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_unopened_bid_lot_id")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_unopened_bid_party_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unopened_bid")),
        sa.UniqueConstraint("bid_id", name="uq_unopened_bid"))
    op.create_index("ix_unopened_bid_lot", "unopened_bid", ["lot_id"])
    op.create_table(
        "plain_file",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("lot_id", sa.String(length=32), nullable=False),
        sa.Column("bid_id", sa.String(length=32), nullable=False),
        sa.Column("version_id", sa.String(length=32), nullable=False),
        sa.Column("part", sa.String(length=16), nullable=False),
        sa.Column("seed", sa.String(length=44), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("blocks", sa.JSON(), nullable=False),
        sa.Column("given_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["bid_id"], ["bid.id"], name=op.f("fk_plain_file_bid_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_plain_file_lot_id")),
        sa.ForeignKeyConstraint(["version_id"], ["bid_version.id"],
                                name=op.f("fk_plain_file_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plain_file")),
        sa.UniqueConstraint("bid_id", "part", name="uq_plain_file"))
    op.create_index(op.f("ix_plain_file_lot_id"), "plain_file", ["lot_id"])


def _protect(table: str) -> None:
    for statement in statements(table, op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    for table in ("plain_file", "unopened_bid", "opening_part", "deadline_proposal", "lot_doubt"):
        op.drop_table(table)
    for table, (name, before, now) in WIDER.items():
        added = "round" if "round" in now else "stage"
        with op.batch_alter_table(table, naming_convention=NAMING) as batch:
            batch.drop_constraint(name, type_="unique")
            if table == "opening":
                batch.drop_constraint(op.f("ck_opening_stage"), type_="check")
                batch.drop_column("named_at")
            if table == "lot_closing":
                batch.drop_column("entry_id")
            batch.drop_column(added)
            batch.create_unique_constraint(name, list(before))
        if table in APPEND_ONLY:
            _protect(table)
    op.drop_column("lot", "round")
