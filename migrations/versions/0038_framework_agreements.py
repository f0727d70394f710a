"""Framework agreements: terms, suppliers, notices, call-offs, turns, offers, objections."""

import sqlalchemy as sa
from alembic import op

import kernel.db

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

TABLES = ("framework", "framework_application", "framework_strike", "framework_notice",
          "calloff", "calloff_turn", "calloff_offer", "framework_objection")


def _of(kind, name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, kind, nullable=nullable)


def _id(name: str, nullable: bool = False) -> sa.Column:
    return _of(sa.String(length=32), name, nullable)


def _text(name: str, length: int | None = None, nullable: bool = False) -> sa.Column:
    return _of(sa.String(length=length) if length else sa.Text(), name, nullable)


def _time(name: str, nullable: bool = False) -> sa.Column:
    return _of(kernel.db.UtcTime(), name, nullable)


def _terms() -> None:
    op.create_table(
        "framework",
        _id("id"), _text("ocid", 64), _text("code", 40), _id("buyer_id"), _text("region", 6),
        _text("kind", 8), _text("title", 200), _text("category", 8), _text("requirement"),
        _of(sa.JSON(), "conditions"), _text("price_kind", 8), _of(sa.BigInteger(), "price_fen"),
        _text("unit", 20), _of(sa.JSON(), "users"), _of(sa.JSON(), "methods"),
        _text("methods_reason"), _text("leaving"), _text("until_day", 10), _time("valid_until"),
        _time("drafted_at"), _id("drafted_person"), _time("given_up_at", nullable=True),
        _time("published_at", nullable=True), _id("approved_person", nullable=True),
        _text("content_hash", 64, nullable=True), _of(sa.JSON(), "profile", nullable=True),
        sa.Column("places", sa.Integer(), server_default="0", nullable=False),
        _time("ended_at", nullable=True), _text("end_reason", nullable=True),
        sa.CheckConstraint("price_fen > 0", name=op.f("ck_framework_price")),
        sa.CheckConstraint("published_at IS NULL OR approved_person <> drafted_person",
            name=op.f("ck_framework_two_persons")),
        sa.ForeignKeyConstraint(["buyer_id"], ["party.id"], name=op.f("fk_framework_buyer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_framework")),
        sa.UniqueConstraint("code", name="uq_framework_code"),
    )
    op.create_index(op.f("ix_framework_buyer_id"), "framework", ["buyer_id"])
    op.create_index("ix_framework_published", "framework", ["published_at", "id"])


def _suppliers() -> None:
    op.create_table(
        "framework_application",
        _id("id"), _id("framework_id"), _id("party_id"), _of(sa.JSON(), "papers"),
        _of(sa.BigInteger(), "price_fen"), _text("terms_hash", 64), _time("applied_at"),
        _time("decide_by"), _time("overdue_at", nullable=True), _time("decided_at", nullable=True),
        _time("admitted_at", nullable=True), _of(sa.Integer(), "place", nullable=True),
        _of(sa.JSON(), "against", nullable=True), _text("reason", nullable=True),
        _time("objections_until", nullable=True), _time("ended_at", nullable=True),
        _text("ended_how", 10, nullable=True),
        sa.CheckConstraint("(admitted_at IS NULL) = (place IS NULL)",
            name=op.f("ck_framework_application_placed")),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_how IS NULL)",
            name=op.f("ck_framework_application_ended")),
        sa.CheckConstraint("price_fen > 0", name=op.f("ck_framework_application_price")),
        sa.ForeignKeyConstraint(["framework_id"], ["framework.id"],
            name=op.f("fk_framework_application_framework_id")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"],
            name=op.f("fk_framework_application_party_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_framework_application")),
        sa.UniqueConstraint("framework_id", "place", name="uq_framework_application_place"),
    )
    op.create_index("ix_framework_application_party", "framework_application", ["party_id", "applied_at"])
    op.create_index("uq_framework_application_live", "framework_application", ["framework_id", "party_id"], unique=True,
                    sqlite_where=sa.text("ended_at IS NULL"),
                    postgresql_where=sa.text("ended_at IS NULL"))
    op.create_table(
        "framework_strike",
        _id("id"), _id("application_id"), _text("ground", 16), _text("reason"),
        _time("proposed_at"), _id("proposed_person"), _time("approved_at", nullable=True),
        _id("approved_person", nullable=True),
        sa.CheckConstraint("approved_at IS NULL OR approved_person <> proposed_person",
            name=op.f("ck_framework_strike_two_persons")),
        sa.ForeignKeyConstraint(["application_id"], ["framework_application.id"],
            name=op.f("fk_framework_strike_application_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_framework_strike")),
        sa.UniqueConstraint("application_id", name="uq_framework_strike"),
    )


def _notices() -> None:
    op.create_table(
        "framework_notice",
        _id("id"), _id("framework_id"), _of(sa.Integer(), "number"), _text("kind", 20),
        _id("subject_id"), _text("content"), _text("content_hash", 64), _text("signature"),
        _time("published_at"),
        sa.ForeignKeyConstraint(["framework_id"], ["framework.id"],
            name=op.f("fk_framework_notice_framework_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_framework_notice")),
        sa.UniqueConstraint("framework_id", "number", name="uq_framework_notice"),
        sa.UniqueConstraint("kind", "subject_id", name="uq_framework_notice_subject"),
    )


def _calloffs() -> None:
    op.create_table(
        "calloff",
        _id("id"), _text("code", 40), _id("framework_id"), _id("user_id"), _text("title", 200),
        _text("requirement"), _text("category", 8), _of(sa.Integer(), "quantity"),
        _of(sa.BigInteger(), "most_fen"), _text("method", 8), _text("reason"),
        _text("split_reason", nullable=True), _time("stated_at"), _id("stated_person"),
        _time("offers_until", nullable=True), _time("reveal_until", nullable=True),
        _time("closed_at", nullable=True), _time("settled_at", nullable=True),
        _time("decided_at", nullable=True), _id("winner_id", nullable=True),
        _of(sa.BigInteger(), "price_fen", nullable=True), _time("objections_until", nullable=True),
        _time("failed_at", nullable=True), _text("failure", 12, nullable=True),
        _time("contracted_at", nullable=True), _text("contract_hash", 64, nullable=True),
        sa.CheckConstraint("(decided_at IS NULL) = (winner_id IS NULL)",
            name=op.f("ck_calloff_winner")),
        sa.CheckConstraint("contracted_at IS NULL OR decided_at IS NOT NULL",
            name=op.f("ck_calloff_decided")),
        sa.CheckConstraint("price_fen IS NULL OR price_fen <= most_fen",
            name=op.f("ck_calloff_cap")),
        sa.CheckConstraint("quantity > 0 AND most_fen > 0", name=op.f("ck_calloff_amounts")),
        sa.ForeignKeyConstraint(["framework_id"], ["framework.id"],
            name=op.f("fk_calloff_framework_id")),
        sa.ForeignKeyConstraint(["user_id"], ["party.id"], name=op.f("fk_calloff_user_id")),
        sa.ForeignKeyConstraint(["winner_id"], ["framework_application.id"],
            name=op.f("fk_calloff_winner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calloff")),
        sa.UniqueConstraint("code", name="uq_calloff_code"),
    )
    op.create_index("ix_calloff_framework", "calloff", ["framework_id", "stated_at", "id"])
    op.create_index("ix_calloff_user", "calloff", ["user_id", "stated_at", "id"])


def _turns_and_offers() -> None:
    op.create_table(
        "calloff_turn",
        _id("id"), _id("calloff_id"), _id("framework_id"), _id("application_id"),
        _of(sa.Integer(), "place"), _time("asked_at"), _time("answer_by"),
        _text("answer", 8, nullable=True), _text("reason", nullable=True),
        _time("answered_at", nullable=True), _of(sa.Integer(), "good", nullable=True),
        _time("judged_at", nullable=True),
        sa.CheckConstraint("answer IN ('taken', 'declined', 'silent')",
            name=op.f("ck_calloff_turn_answer")),
        sa.CheckConstraint("(answer IS NULL) = (answered_at IS NULL)",
            name=op.f("ck_calloff_turn_answered")),
        sa.CheckConstraint("(good IS NULL) = (judged_at IS NULL)",
            name=op.f("ck_calloff_turn_judged")),
        sa.ForeignKeyConstraint(["application_id"], ["framework_application.id"],
            name=op.f("fk_calloff_turn_application_id")),
        sa.ForeignKeyConstraint(["calloff_id"], ["calloff.id"],
            name=op.f("fk_calloff_turn_calloff_id")),
        sa.ForeignKeyConstraint(["framework_id"], ["framework.id"],
            name=op.f("fk_calloff_turn_framework_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calloff_turn")),
        sa.UniqueConstraint("calloff_id", "application_id", name="uq_calloff_turn"),
    )
    op.create_index("uq_calloff_turn_place", "calloff_turn", ["framework_id", "place"], unique=True,
                    sqlite_where=sa.text("good IS NULL OR good = 0"),
                    postgresql_where=sa.text("good IS NULL OR good = 0"))
    op.create_table(
        "calloff_offer",
        _id("id"), _id("calloff_id"), _id("application_id"), _id("party_id"),
        _text("commitment", 64), _time("offered_at"),
        _of(sa.BigInteger(), "price_fen", nullable=True),
        _text("proposal_hash", 64, nullable=True), _text("salt", 64, nullable=True),
        _time("revealed_at", nullable=True),
        sa.CheckConstraint("(revealed_at IS NULL) = (price_fen IS NULL)",
            name=op.f("ck_calloff_offer_revealed")),
        sa.ForeignKeyConstraint(["application_id"], ["framework_application.id"],
            name=op.f("fk_calloff_offer_application_id")),
        sa.ForeignKeyConstraint(["calloff_id"], ["calloff.id"],
            name=op.f("fk_calloff_offer_calloff_id")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"],
            name=op.f("fk_calloff_offer_party_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calloff_offer")),
        sa.UniqueConstraint("calloff_id", "application_id", name="uq_calloff_offer"),
    )


def _objections() -> None:
    op.create_table(
        "framework_objection",
        _id("framework_id"), _id("application_id", nullable=True),
        _id("calloff_id", nullable=True), _id("id"), _id("party_id"), _text("argument"),
        _text("remedy"), _of(sa.JSON(), "evidence"), _time("filed_at"), _time("answer_by"),
        _time("overdue_at", nullable=True), _text("outcome", 8, nullable=True),
        _text("answer", nullable=True), _time("answered_at", nullable=True),
        _id("answered_by", nullable=True),
        sa.CheckConstraint("(answered_at IS NULL) = (outcome IS NULL)",
            name=op.f("ck_framework_objection_answered")),
        sa.CheckConstraint("(application_id IS NULL) <> (calloff_id IS NULL)",
            name=op.f("ck_framework_objection_one_subject")),
        sa.ForeignKeyConstraint(["application_id"], ["framework_application.id"],
            name=op.f("fk_framework_objection_application_id")),
        sa.ForeignKeyConstraint(["calloff_id"], ["calloff.id"],
            name=op.f("fk_framework_objection_calloff_id")),
        sa.ForeignKeyConstraint(["framework_id"], ["framework.id"],
            name=op.f("fk_framework_objection_framework_id")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"],
            name=op.f("fk_framework_objection_party_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_framework_objection")),
        sa.UniqueConstraint("application_id", name="uq_framework_objection_refusal"),
        sa.UniqueConstraint("calloff_id", "party_id", name="uq_framework_objection_result"),
    )
    op.create_index(op.f("ix_framework_objection_framework_id"), "framework_objection", ["framework_id"])


def upgrade() -> None:
    for make in (_terms, _suppliers, _notices, _calloffs, _turns_and_offers, _objections):
        make()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
