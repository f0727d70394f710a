"""The first schema. From here on a change of a model is a migration of its own."""

import sqlalchemy as sa
from alembic import op

import kernel.db

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bid_refusal",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("at", kernel.db.UtcTime(), nullable=False),
        sa.Column("lot_id", sa.String(length=32), nullable=False),
        sa.Column("party_id", sa.String(length=32), nullable=False),
        sa.Column("bid_id", sa.String(length=32), nullable=True),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("promise", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bid_refusal")),
    )
    op.create_index("ix_bid_refusal_owner", "bid_refusal", ["lot_id", "party_id"], unique=False)

    op.create_table(
        "checkpoint",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("signed_at", kernel.db.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_checkpoint")),
    )
    op.create_index("ix_checkpoint_signed", "checkpoint", ["signed_at"], unique=False)

    op.create_table(
        "disclosure",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.String(length=32), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("tender_id", sa.String(length=32), nullable=True),
        sa.Column("lot_id", sa.String(length=32), nullable=True),
        sa.Column("party_id", sa.String(length=32), nullable=True),
        sa.Column("disclose", sa.String(length=16), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_disclosure")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_disclosure_entry_id")),
    )
    op.create_index("ix_disclosure_lot", "disclosure", ["lot_id", "position"], unique=False)
    op.create_index("ix_disclosure_tender", "disclosure", ["tender_id", "position"], unique=False)

    op.create_table(
        "idempotency_key",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=48), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("at", kernel.db.UtcTime(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("media", sa.String(length=80), nullable=False),
        sa.Column("etag", sa.String(length=40), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idempotency_key")),
        sa.UniqueConstraint("scope", "key_hash", name="uq_idempotency_key_once"),
    )
    op.create_index("ix_idempotency_key_at", "idempotency_key", ["at"], unique=False)

    op.create_table(
        "installation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("log_origin", sa.String(length=120), nullable=False),
        sa.Column("clock_offset_ms", sa.BigInteger(), nullable=False),
        sa.Column("high_water", kernel.db.UtcTime(), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_installation_only")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installation")),
    )
    op.create_table(
        "leaf",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entry", sa.LargeBinary(length=89), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_leaf")),
    )
    op.create_table(
        "log_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("tick", kernel.db.UtcTime(), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_log_head_only")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_head")),
    )
    op.create_table(
        "party",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("region", sa.String(length=12), nullable=False),
        sa.Column("api_base", sa.String(length=300), nullable=True),
        sa.Column("registered_at", kernel.db.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_party")),
        sa.UniqueConstraint("uscc", name="uq_party_uscc"),
    )
    op.create_table(
        "pending_entry",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("at", kernel.db.UtcTime(), nullable=False),
        sa.Column("tender_id", sa.String(length=32), nullable=True),
        sa.Column("lot_id", sa.String(length=32), nullable=True),
        sa.Column("party_id", sa.String(length=32), nullable=True),
        sa.Column("disclose", sa.String(length=16), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pending_entry")),
    )
    op.create_index("ix_pending_entry_turn", "pending_entry", ["at", "id"], unique=False)

    op.create_table(
        "person",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("id_digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("id_digest", name="uq_person_id_digest"),
    )
    op.create_table(
        "security_event",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("at", kernel.db.UtcTime(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=True),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("source", sa.String(length=45), nullable=False),
        sa.Column("detail", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_security_event")),
    )
    op.create_index("ix_security_event_at", "security_event", ["at"], unique=False)

    op.create_table(
        "throttle",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("since", kernel.db.UtcTime(), nullable=False),
        sa.Column("blocked_until", kernel.db.UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_throttle")),
    )
    op.create_table(
        "account",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("party_id", sa.String(length=32), nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=12), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("totp_secret", sa.String(length=300), nullable=True),
        sa.Column("activation_hash", sa.String(length=64), nullable=True),
        sa.Column("activation_until", kernel.db.UtcTime(), nullable=True),
        sa.Column("created_at", kernel.db.UtcTime(), nullable=False),
        sa.Column("expires_at", kernel.db.UtcTime(), nullable=True),
        sa.Column("disabled_at", kernel.db.UtcTime(), nullable=True),
        sa.Column("vouched_at", kernel.db.UtcTime(), nullable=True),
        sa.Column("vouched_by", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_account_party_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_account_person_id")),
        sa.ForeignKeyConstraint(["vouched_by"], ["account.id"], name=op.f("fk_account_vouched_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("login", name="uq_account_login"),
    )
    op.create_index("ix_account_party", "account", ["party_id"], unique=False)
    op.create_index("ix_account_person", "account", ["person_id"], unique=False)

    op.create_table(
        "guarantor",
        sa.Column("party_id", sa.String(length=32), nullable=False),
        sa.Column("api_base", sa.String(length=200), nullable=False),
        sa.Column("public_key", sa.String(length=44), nullable=False),
        sa.Column("credential_ref", sa.String(length=64), nullable=False),
        sa.Column("registered_at", kernel.db.UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_guarantor_party_id")),
        sa.PrimaryKeyConstraint("party_id", name=op.f("pk_guarantor")),
    )
    op.create_table(
        "tender",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("ocid", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("buyer_id", sa.String(length=32), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("funding", sa.String(length=200), nullable=False),
        sa.Column("approval_no", sa.String(length=100), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", kernel.db.UtcTime(), nullable=False),
        sa.Column("created_by", sa.String(length=32), nullable=False),
        sa.Column("published_at", kernel.db.UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["buyer_id"], ["party.id"], name=op.f("fk_tender_buyer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tender")),
        sa.UniqueConstraint("ocid", name="uq_tender_ocid"),
    )
    op.create_index(op.f("ix_tender_buyer_id"), "tender", ["buyer_id"], unique=False)
    op.create_index(op.f("ix_tender_published_at"), "tender", ["published_at"], unique=False)
    op.create_index(op.f("ix_tender_region"), "tender", ["region"], unique=False)

    op.create_table(
        "api_token",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("actions", sa.JSON(), nullable=False),
        sa.Column("created_at", kernel.db.UtcTime(), nullable=False),
        sa.Column("expires_at", kernel.db.UtcTime(), nullable=False),
        sa.Column("revoked_at", kernel.db.UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_api_token_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("token_hash", name="uq_api_token_token_hash"),
    )
    op.create_index("ix_api_token_account", "api_token", ["account_id"], unique=False)

    op.create_table(
        "document",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("tender_id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("added_at", kernel.db.UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["tender_id"], ["tender.id"], name=op.f("fk_document_tender_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
        sa.UniqueConstraint("tender_id", "hash", name="uq_document_hash"),
    )
    op.create_index(op.f("ix_document_tender_id"), "document", ["tender_id"], unique=False)

    op.create_table(
        "known_device",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("seen_at", kernel.db.UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_known_device_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_device")),
        sa.UniqueConstraint("token_hash", name="uq_known_device_token_hash"),
    )
    op.create_index("ix_known_device_account", "known_device", ["account_id"], unique=False)

    op.create_table(
        "login_session",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", kernel.db.UtcTime(), nullable=False),
        sa.Column("seen_at", kernel.db.UtcTime(), nullable=False),
        sa.Column("fresh_until", kernel.db.UtcTime(), nullable=True),
        sa.Column("second_factor", sa.Boolean(), nullable=False),
        sa.Column("ended_at", kernel.db.UtcTime(), nullable=True),
        sa.Column("ended_why", sa.String(length=16), nullable=False),
        sa.Column("source", sa.String(length=45), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_login_session_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_session")),
        sa.UniqueConstraint("token_hash", name="uq_login_session_token_hash"),
    )
    op.create_index("ix_login_session_account", "login_session", ["account_id"], unique=False)

    op.create_table(
        "lot",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("tender_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("section_code", sa.String(length=23), nullable=False),
        sa.Column("deal_code", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("category", sa.String(length=8), nullable=False),
        sa.Column("regime", sa.String(length=16), nullable=False),
        sa.Column("estimate_fen", sa.BigInteger(), nullable=False),
        sa.Column("price_ceiling_fen", sa.BigInteger(), nullable=False),
        sa.Column("deadline", kernel.db.UtcTime(), nullable=True),
        sa.Column("decrypt_minutes", sa.Integer(), nullable=False),
        sa.Column("period_days_max", sa.Integer(), nullable=False),
        sa.Column("quality", sa.String(length=200), nullable=False),
        sa.Column("validity_days", sa.Integer(), nullable=False),
        sa.Column("publicity_days", sa.Integer(), nullable=False),
        sa.Column("suite", sa.String(length=32), nullable=False),
        sa.Column("policy", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("policy_hash", sa.String(length=64), nullable=True),
        sa.Column("criteria", sa.JSON(), nullable=False),
        sa.Column("price_method", sa.JSON(), nullable=False),
        sa.Column("award_method", sa.JSON(), nullable=False),
        sa.Column("panel", sa.JSON(), nullable=False),
        sa.Column("guarantee", sa.JSON(), nullable=False),
        sa.Column("profile", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("publicity_ends", kernel.db.UtcTime(), nullable=True),
        sa.CheckConstraint("estimate_fen > 0", name=op.f("ck_lot_estimate")),
        sa.CheckConstraint("price_ceiling_fen >= 0", name=op.f("ck_lot_ceiling")),
        sa.ForeignKeyConstraint(["tender_id"], ["tender.id"], name=op.f("fk_lot_tender_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot")),
        sa.UniqueConstraint("section_code", name="uq_lot_section_code"),
        sa.UniqueConstraint("tender_id", "number", name="uq_lot_number"),
    )
    op.create_index(op.f("ix_lot_deadline"), "lot", ["deadline"], unique=False)
    op.create_index(op.f("ix_lot_tender_id"), "lot", ["tender_id"], unique=False)

    op.create_table(
        "notice",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("tender_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("submitted_at", kernel.db.UtcTime(), nullable=False),
        sa.Column("submitted_by", sa.String(length=32), nullable=False),
        sa.Column("submitted_person", sa.String(length=32), nullable=False),
        sa.Column("approved_by", sa.String(length=32), nullable=True),
        sa.Column("approved_person", sa.String(length=32), nullable=True),
        sa.Column("published_at", kernel.db.UtcTime(), nullable=True),
        sa.Column("voided_at", kernel.db.UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["tender_id"], ["tender.id"], name=op.f("fk_notice_tender_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("tender_id", "number", name="uq_notice_number"),
    )
    op.create_index(op.f("ix_notice_tender_id"), "notice", ["tender_id"], unique=False)
    op.create_index(
        "uq_notice_live",
        "notice",
        ["tender_id"],
        unique=True,
        sqlite_where=sa.text("voided_at IS NULL"),
        postgresql_where=sa.text("voided_at IS NULL"),
    )

    op.create_table(
        "pending_factor",
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("secret", sa.String(length=300), nullable=False),
        sa.Column("at", kernel.db.UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_pending_factor_account_id")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_pending_factor")),
    )
    op.create_table(
        "role_grant",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("party_id", sa.String(length=32), nullable=False),
        sa.Column("region", sa.String(length=12), nullable=False),
        sa.Column("specialty", sa.String(length=40), nullable=False),
        sa.Column("employer_uscc", sa.String(length=18), nullable=False),
        sa.Column("proposed_by", sa.String(length=32), nullable=True),
        sa.Column("proposed_at", kernel.db.UtcTime(), nullable=False),
        sa.Column("approved_by", sa.String(length=32), nullable=True),
        sa.Column("approved_at", kernel.db.UtcTime(), nullable=True),
        sa.Column("revocation_by", sa.String(length=32), nullable=True),
        sa.Column("revocation_at", kernel.db.UtcTime(), nullable=True),
        sa.Column("revoked_by", sa.String(length=32), nullable=True),
        sa.Column("revoked_at", kernel.db.UtcTime(), nullable=True),
        sa.CheckConstraint(
            "role IN ('buyer', 'opener', 'expert', 'awarder', 'supervisor', 'guarantor', 'sys_admin', 'sec_admin', 'audit_admin')",
            name=op.f("ck_role_grant_role"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_role_grant_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["approved_by"], ["account.id"], name=op.f("fk_role_grant_approved_by")
        ),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_role_grant_party_id")),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["account.id"], name=op.f("fk_role_grant_proposed_by")
        ),
        sa.ForeignKeyConstraint(
            ["revocation_by"], ["account.id"], name=op.f("fk_role_grant_revocation_by")
        ),
        sa.ForeignKeyConstraint(
            ["revoked_by"], ["account.id"], name=op.f("fk_role_grant_revoked_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
    )
    op.create_index("ix_role_grant_role", "role_grant", ["role"], unique=False)
    op.create_index(
        "uq_role_grant_held",
        "role_grant",
        ["account_id", "role"],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL"),
        sqlite_where=sa.text("revoked_at IS NULL"),
    )

    op.create_table(
        "signing_key",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("party_id", sa.String(length=32), nullable=False),
        sa.Column("public_key", sa.String(length=44), nullable=False),
        sa.Column("bound_at", kernel.db.UtcTime(), nullable=False),
        sa.Column("revoked_at", kernel.db.UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_signing_key_account_id")
        ),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_signing_key_party_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_key")),
        sa.UniqueConstraint("public_key", name="uq_signing_key_public_key"),
    )
    op.create_index("ix_signing_key_party", "signing_key", ["party_id"], unique=False)

    op.create_table(
        "used_totp_step",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("used_at", kernel.db.UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_used_totp_step_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_used_totp_step")),
        sa.UniqueConstraint("account_id", "step", name="uq_used_totp_step_once"),
    )
    op.create_table(
        "bid",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("lot_id", sa.String(length=32), nullable=False),
        sa.Column("tender_id", sa.String(length=32), nullable=False),
        sa.Column("party_id", sa.String(length=32), nullable=False),
        sa.Column("declared_at", kernel.db.UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_bid_lot_id")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_bid_party_id")),
        sa.ForeignKeyConstraint(["tender_id"], ["tender.id"], name=op.f("fk_bid_tender_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bid")),
    )
    op.create_index("ix_bid_owner", "bid", ["lot_id", "party_id"], unique=False)

    op.create_table(
        "candidate",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("lot_id", sa.String(length=32), nullable=False),
        sa.Column("bid_id", sa.String(length=32), nullable=False),
        sa.Column("party_id", sa.String(length=32), nullable=False),
        sa.Column("price_fen", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_candidate_lot_id")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_candidate_party_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_candidate")),
        sa.UniqueConstraint("lot_id", "bid_id", name="uq_candidate_bid"),
    )
    op.create_table(
        "draw",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("lot_id", sa.String(length=32), nullable=False),
        sa.Column("announcement", sa.Text(), nullable=False),
        sa.Column("salt", sa.String(length=64), nullable=False),
        sa.Column("sealed_nonce", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("announced_at", kernel.db.UtcTime(), nullable=False),
        sa.Column("commit_by", kernel.db.UtcTime(), nullable=False),
        sa.Column("reveal_by", kernel.db.UtcTime(), nullable=False),
        sa.Column("closed_at", kernel.db.UtcTime(), nullable=True),
        sa.Column("drawn_at", kernel.db.UtcTime(), nullable=True),
        sa.Column("voided_at", kernel.db.UtcTime(), nullable=True),
        sa.Column("void_reason", sa.String(length=64), nullable=True),
        sa.Column("document", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_draw_lot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draw")),
    )
    op.create_index(op.f("ix_draw_lot_id"), "draw", ["lot_id"], unique=False)
    op.create_index(
        "uq_draw_live",
        "draw",
        ["lot_id"],
        unique=True,
        sqlite_where=sa.text("voided_at IS NULL"),
        postgresql_where=sa.text("voided_at IS NULL"),
    )

    op.create_table(
        "evaluation_report",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("lot_id", sa.String(length=32), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("report_hash", sa.String(length=64), nullable=False),
        sa.Column("concluded_at", kernel.db.UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_evaluation_report_lot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation_report")),
        sa.UniqueConstraint("lot_id", name="uq_evaluation_report_lot"),
    )
    op.create_table(
        "guarantee",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("lot_id", sa.String(length=32), nullable=False),
        sa.Column("party_id", sa.String(length=32), nullable=False),
        sa.Column("guarantor_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("instrument_no", sa.String(length=64), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("payer_digest", sa.String(length=64), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("instrument", sa.Text(), nullable=False),
        sa.Column("signature", sa.String(length=88), nullable=False),
        sa.Column("lodged_at", kernel.db.UtcTime(), nullable=False),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_guarantee_amount")),
        sa.ForeignKeyConstraint(
            ["guarantor_id"], ["guarantor.party_id"], name=op.f("fk_guarantee_guarantor_id")
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_guarantee_lot_id")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_guarantee_party_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guarantee")),
        sa.UniqueConstraint("guarantor_id", "instrument_no", name="uq_guarantee_instrument"),
        sa.UniqueConstraint("id", "amount_fen", "payer_digest", name="uq_guarantee_money"),
    )
    op.create_index(op.f("ix_guarantee_lot_id"), "guarantee", ["lot_id"], unique=False)
    op.create_index(op.f("ix_guarantee_party_id"), "guarantee", ["party_id"], unique=False)

    op.create_table(
        "item",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("lot_id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("description", sa.String(length=500), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("quantity", sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_item_lot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item")),
        sa.UniqueConstraint("lot_id", "position", name="uq_item_position"),
    )
    op.create_table(
        "judge",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("lot_id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("body", sa.String(length=16), nullable=False),
        sa.CheckConstraint("body IN ('panel', 'award_committee')", name=op.f("ck_judge_body")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_judge_lot_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_judge_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_judge")),
        sa.UniqueConstraint("lot_id", "person_id", "body", name="uq_judge_body"),
        sa.UniqueConstraint("lot_id", "person_id", name="uq_judge_person"),
    )
    op.create_table(
        "lot_closing",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("lot_id", sa.String(length=32), nullable=False),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column("closed_at", kernel.db.UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_lot_closing_lot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot_closing")),
        sa.UniqueConstraint("lot_id", name="uq_lot_closing"),
    )
    op.create_table(
        "lot_outcome",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("lot_id", sa.String(length=32), nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("at", kernel.db.UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_lot_outcome_lot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot_outcome")),
        sa.UniqueConstraint("lot_id", "outcome", name="uq_lot_outcome"),
    )
    op.create_table(
        "lot_suspension",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("lot_id", sa.String(length=32), nullable=False),
        sa.Column("suspended_at", kernel.db.UtcTime(), nullable=False),
        sa.Column("resumed_at", kernel.db.UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_lot_suspension_lot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot_suspension")),
    )
    op.create_index(op.f("ix_lot_suspension_lot_id"), "lot_suspension", ["lot_id"], unique=False)

    op.create_table(
        "official",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("lot_id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("unit_id", sa.String(length=32), nullable=False),
        sa.Column("seat", sa.Integer(), nullable=False),
        sa.Column("assigned_at", kernel.db.UtcTime(), nullable=False),
        sa.CheckConstraint("seat BETWEEN 1 AND 3", name=op.f("ck_official_seat")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_official_account_id")
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_official_lot_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_official_person_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["party.id"], name=op.f("fk_official_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_official")),
        sa.UniqueConstraint("lot_id", "person_id", name="uq_official_person"),
        sa.UniqueConstraint("lot_id", "seat", name="uq_official_seat"),
        sa.UniqueConstraint("lot_id", "unit_id", name="uq_official_unit"),
    )
    op.create_index(op.f("ix_official_account_id"), "official", ["account_id"], unique=False)

    op.create_table(
        "question",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("lot_id", sa.String(length=32), nullable=False),
        sa.Column("asker_party_id", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("asked_at", kernel.db.UtcTime(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_at", kernel.db.UtcTime(), nullable=True),
        sa.Column("answered_by", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["asker_party_id"], ["party.id"], name=op.f("fk_question_asker_party_id")
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_question_lot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
    )
    op.create_index(op.f("ix_question_lot_id"), "question", ["lot_id"], unique=False)

    op.create_table(
        "award",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("lot_id", sa.String(length=32), nullable=False),
        sa.Column("bid_id", sa.String(length=32), nullable=False),
        sa.Column("party_id", sa.String(length=32), nullable=False),
        sa.Column("price_fen", sa.BigInteger(), nullable=False),
        sa.Column("notice", sa.Text(), nullable=False),
        sa.Column("notice_hash", sa.String(length=64), nullable=False),
        sa.Column("decided_at", kernel.db.UtcTime(), nullable=False),
        sa.Column("voided_at", kernel.db.UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["lot_id", "bid_id"],
            ["candidate.lot_id", "candidate.bid_id"],
            name="fk_award_candidate",
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_award_lot_id")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_award_party_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_award")),
    )
    op.create_index(
        "uq_award_standing",
        "award",
        ["lot_id"],
        unique=True,
        sqlite_where=sa.text("voided_at IS NULL"),
        postgresql_where=sa.text("voided_at IS NULL"),
    )

    op.create_table(
        "bid_version",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("bid_id", sa.String(length=32), nullable=False),
        sa.Column("lot_id", sa.String(length=32), nullable=False),
        sa.Column("party_id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("declaration", sa.Text(), nullable=False),
        sa.Column("declaration_hash", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=44), nullable=False),
        sa.Column("signature", sa.String(length=88), nullable=False),
        sa.Column("declared_at", kernel.db.UtcTime(), nullable=False),
        sa.Column("submitted_at", kernel.db.UtcTime(), nullable=True),
        sa.Column("abandoned_at", kernel.db.UtcTime(), nullable=True),
        sa.Column("replaced_at", kernel.db.UtcTime(), nullable=True),
        sa.Column("withdrawn_at", kernel.db.UtcTime(), nullable=True),
        sa.Column("deemed_withdrawn_at", kernel.db.UtcTime(), nullable=True),
        sa.Column("returned_at", kernel.db.UtcTime(), nullable=True),
        sa.Column("receipt", sa.Text(), nullable=True),
        sa.Column("ending", sa.Text(), nullable=True),
        sa.Column("withdrawal", sa.Text(), nullable=True),
        sa.Column("entry_id", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["bid_id"], ["bid.id"], name=op.f("fk_bid_version_bid_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_bid_version_lot_id")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_bid_version_party_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bid_version")),
    )
    op.create_index("ix_bid_version_bid", "bid_version", ["bid_id"], unique=False)
    op.create_index("ix_bid_version_lot", "bid_version", ["lot_id", "submitted_at"], unique=False)
    op.create_index(
        "uq_bid_version_live",
        "bid_version",
        ["bid_id", "version"],
        unique=True,
        sqlite_where=sa.text("abandoned_at IS NULL"),
        postgresql_where=sa.text("abandoned_at IS NULL"),
    )

    op.create_table(
        "committee_member",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("lot_id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("body", sa.String(length=16), nullable=False),
        sa.Column("formed_at", kernel.db.UtcTime(), nullable=False),
        sa.CheckConstraint("body = 'award_committee'", name=op.f("ck_committee_member_body")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_committee_member_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["lot_id", "person_id", "body"],
            ["judge.lot_id", "judge.person_id", "judge.body"],
            name="fk_committee_member_judge",
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_committee_member_lot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_committee_member")),
        sa.UniqueConstraint("id", "lot_id", name="uq_committee_member_lot"),
        sa.UniqueConstraint("lot_id", "person_id", name="uq_committee_member_person"),
    )
    op.create_index(
        op.f("ix_committee_member_account_id"), "committee_member", ["account_id"], unique=False
    )

    op.create_table(
        "draw_contribution",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("draw_id", sa.String(length=32), nullable=False),
        sa.Column("contributor", sa.String(length=32), nullable=False),
        sa.Column("commitment", sa.String(length=64), nullable=False),
        sa.Column("committed_at", kernel.db.UtcTime(), nullable=False),
        sa.Column("nonce", sa.String(length=44), nullable=True),
        sa.Column("revealed_at", kernel.db.UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["draw_id"], ["draw.id"], name=op.f("fk_draw_contribution_draw_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draw_contribution")),
        sa.UniqueConstraint("draw_id", "contributor", name="uq_draw_contribution"),
    )
    op.create_table(
        "draw_place",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("draw_id", sa.String(length=32), nullable=False),
        sa.Column("ticket", sa.String(length=64), nullable=False),
        sa.Column("grant_id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("excluded", sa.String(length=32), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("passed_over", sa.String(length=32), nullable=True),
        sa.CheckConstraint("excluded IS NULL OR rank IS NULL", name=op.f("ck_draw_place_excluded")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_draw_place_account_id")
        ),
        sa.ForeignKeyConstraint(["draw_id"], ["draw.id"], name=op.f("fk_draw_place_draw_id")),
        sa.ForeignKeyConstraint(
            ["grant_id"], ["role_grant.id"], name=op.f("fk_draw_place_grant_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_draw_place_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draw_place")),
        sa.UniqueConstraint("draw_id", "rank", name="uq_draw_place_rank"),
        sa.UniqueConstraint("draw_id", "ticket", name="uq_draw_place_ticket"),
    )
    op.create_table(
        "holder_key",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("official_id", sa.String(length=32), nullable=False),
        sa.Column("lot_id", sa.String(length=32), nullable=False),
        sa.Column("recipient", sa.String(length=100), nullable=False),
        sa.Column("registered_at", kernel.db.UtcTime(), nullable=False),
        sa.Column("certified_at", kernel.db.UtcTime(), nullable=True),
        sa.Column("certified_by", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_holder_key_lot_id")),
        sa.ForeignKeyConstraint(
            ["official_id"], ["official.id"], name=op.f("fk_holder_key_official_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holder_key")),
        sa.UniqueConstraint("lot_id", "recipient", name="uq_holder_key_recipient"),
        sa.UniqueConstraint("official_id", name="uq_holder_key_official"),
    )
    op.create_table(
        "official_release",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("lot_id", sa.String(length=32), nullable=False),
        sa.Column("official_id", sa.String(length=32), nullable=False),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column("wrong", sa.JSON(), nullable=False),
        sa.Column("released_at", kernel.db.UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_official_release_lot_id")),
        sa.ForeignKeyConstraint(
            ["official_id"], ["official.id"], name=op.f("fk_official_release_official_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_official_release")),
        sa.UniqueConstraint("lot_id", "official_id", name="uq_official_release"),
    )
    op.create_table(
        "opening",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("lot_id", sa.String(length=32), nullable=False),
        sa.Column("authorised_at", kernel.db.UtcTime(), nullable=False),
        sa.Column("authorised_by", sa.String(length=32), nullable=False),
        sa.Column("ends_at", kernel.db.UtcTime(), nullable=False),
        sa.Column("roots", sa.JSON(), nullable=False),
        sa.Column("complete_at", kernel.db.UtcTime(), nullable=True),
        sa.Column("opened_at", kernel.db.UtcTime(), nullable=True),
        sa.Column("record", sa.Text(), nullable=True),
        sa.Column("record_hash", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["authorised_by"], ["official.id"], name=op.f("fk_opening_authorised_by")
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_opening_lot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opening")),
        sa.UniqueConstraint("lot_id", name="uq_opening"),
    )
    op.create_table(
        "opening_record_signature",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("lot_id", sa.String(length=32), nullable=False),
        sa.Column("official_id", sa.String(length=32), nullable=False),
        sa.Column("record_hash", sa.String(length=64), nullable=False),
        sa.Column("signed_at", kernel.db.UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lot_id"], ["lot.id"], name=op.f("fk_opening_record_signature_lot_id")
        ),
        sa.ForeignKeyConstraint(
            ["official_id"], ["official.id"], name=op.f("fk_opening_record_signature_official_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opening_record_signature")),
        sa.UniqueConstraint("lot_id", "official_id", name="uq_opening_record_signature"),
    )
    op.create_table(
        "opening_share",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("lot_id", sa.String(length=32), nullable=False),
        sa.Column("part", sa.String(length=16), nullable=False),
        sa.Column("bid_id", sa.String(length=32), nullable=False),
        sa.Column("holder", sa.String(length=64), nullable=False),
        sa.Column("path", sa.String(length=32), nullable=False),
        sa.Column("share", sa.String(length=120), nullable=False),
        sa.Column("given_at", kernel.db.UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["bid_id"], ["bid.id"], name=op.f("fk_opening_share_bid_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_opening_share_lot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opening_share")),
        sa.UniqueConstraint("lot_id", "part", "bid_id", "holder", name="uq_opening_share"),
    )
    op.create_table(
        "release",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("guarantee_id", sa.String(length=32), nullable=False),
        sa.Column("cause", sa.String(length=20), nullable=False),
        sa.Column("cause_at", kernel.db.UtcTime(), nullable=False),
        sa.Column("order_from", kernel.db.UtcTime(), nullable=False),
        sa.Column("due_day", sa.Date(), nullable=False),
        sa.Column("principal_fen", sa.BigInteger(), nullable=False),
        sa.Column("payee_digest", sa.String(length=64), nullable=False),
        sa.Column("scheduled_at", kernel.db.UtcTime(), nullable=False),
        sa.CheckConstraint(
            "cause IN ('withdrawn', 'lost', 'contracted', 'terminated', 'failed', 'platform_fault', 'extension_refused')",
            name=op.f("ck_release_cause"),
        ),
        sa.ForeignKeyConstraint(
            ["guarantee_id", "principal_fen", "payee_digest"],
            ["guarantee.id", "guarantee.amount_fen", "guarantee.payer_digest"],
            name="fk_release_money",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release")),
        sa.UniqueConstraint("guarantee_id", name="uq_release_guarantee"),
    )
    op.create_index(op.f("ix_release_order_from"), "release", ["order_from"], unique=False)

    op.create_table(
        "standing_guarantee",
        sa.Column("guarantee_id", sa.String(length=32), nullable=False),
        sa.Column("lot_id", sa.String(length=32), nullable=False),
        sa.Column("party_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["guarantee_id"], ["guarantee.id"], name=op.f("fk_standing_guarantee_guarantee_id")
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_standing_guarantee_lot_id")),
        sa.ForeignKeyConstraint(
            ["party_id"], ["party.id"], name=op.f("fk_standing_guarantee_party_id")
        ),
        sa.PrimaryKeyConstraint("guarantee_id", name=op.f("pk_standing_guarantee")),
        sa.UniqueConstraint("lot_id", "party_id", name="uq_standing_guarantee"),
    )
    op.create_table(
        "bid_part",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("version_id", sa.String(length=32), nullable=False),
        sa.Column("part", sa.String(length=16), nullable=False),
        sa.Column("recipient", sa.String(length=100), nullable=False),
        sa.Column("manifest_hash", sa.String(length=64), nullable=False),
        sa.Column("ciphertext_hash", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"], ["bid_version.id"], name=op.f("fk_bid_part_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bid_part")),
        sa.UniqueConstraint("version_id", "part", name="uq_bid_part"),
    )
    op.create_table(
        "bid_place",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("lot_id", sa.String(length=32), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("bid_id", sa.String(length=32), nullable=False),
        sa.Column("version_id", sa.String(length=32), nullable=False),
        sa.Column("place", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["bid_id"], ["bid.id"], name=op.f("fk_bid_place_bid_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_bid_place_lot_id")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["bid_version.id"], name=op.f("fk_bid_place_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bid_place")),
        sa.UniqueConstraint("lot_id", "purpose", "bid_id", name="uq_bid_place"),
    )
    op.create_table(
        "bid_upload",
        sa.Column("version_id", sa.String(length=32), nullable=False),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"], ["bid_version.id"], name=op.f("fk_bid_upload_version_id")
        ),
        sa.PrimaryKeyConstraint("version_id", name=op.f("pk_bid_upload")),
    )
    op.create_table(
        "contract",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("lot_id", sa.String(length=32), nullable=False),
        sa.Column("award_id", sa.String(length=32), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("signed_at", kernel.db.UtcTime(), nullable=False),
        sa.Column("document_hash", sa.String(length=64), nullable=False),
        sa.Column("late_reason", sa.Text(), nullable=True),
        sa.Column("registered_at", kernel.db.UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["award_id"], ["award.id"], name=op.f("fk_contract_award_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_contract_lot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract")),
        sa.UniqueConstraint("award_id", name="uq_contract_award"),
    )
    op.create_index(op.f("ix_contract_lot_id"), "contract", ["lot_id"], unique=False)

    op.create_table(
        "opened_bid",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("lot_id", sa.String(length=32), nullable=False),
        sa.Column("bid_id", sa.String(length=32), nullable=False),
        sa.Column("version_id", sa.String(length=32), nullable=False),
        sa.Column("party_id", sa.String(length=32), nullable=False),
        sa.Column("verdict", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("price_fen", sa.BigInteger(), nullable=True),
        sa.Column("period_days", sa.Integer(), nullable=True),
        sa.Column("quality", sa.String(length=200), nullable=True),
        sa.Column("leader", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "verdict IN ('opened', 'rejected', 'unopened')", name=op.f("ck_opened_bid_verdict")
        ),
        sa.ForeignKeyConstraint(["bid_id"], ["bid.id"], name=op.f("fk_opened_bid_bid_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_opened_bid_lot_id")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_opened_bid_party_id")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["bid_version.id"], name=op.f("fk_opened_bid_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opened_bid")),
        sa.UniqueConstraint("bid_id", name="uq_opened_bid"),
    )
    op.create_index("ix_opened_bid_lot", "opened_bid", ["lot_id"], unique=False)
    op.create_index("ix_opened_bid_version", "opened_bid", ["version_id"], unique=False)

    op.create_table(
        "panel_seat",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("lot_id", sa.String(length=32), nullable=False),
        sa.Column("draw_id", sa.String(length=32), nullable=False),
        sa.Column("place_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("body", sa.String(length=16), nullable=False),
        sa.Column("seated_at", kernel.db.UtcTime(), nullable=False),
        sa.Column("accepted_at", kernel.db.UtcTime(), nullable=True),
        sa.Column("left_at", kernel.db.UtcTime(), nullable=True),
        sa.Column("left_reason", sa.Text(), nullable=True),
        sa.CheckConstraint("body = 'panel'", name=op.f("ck_panel_seat_body")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_panel_seat_account_id")
        ),
        sa.ForeignKeyConstraint(["draw_id"], ["draw.id"], name=op.f("fk_panel_seat_draw_id")),
        sa.ForeignKeyConstraint(
            ["lot_id", "person_id", "body"],
            ["judge.lot_id", "judge.person_id", "judge.body"],
            name="fk_panel_seat_judge",
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_panel_seat_lot_id")),
        sa.ForeignKeyConstraint(
            ["place_id"], ["draw_place.id"], name=op.f("fk_panel_seat_place_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_panel_seat")),
        sa.UniqueConstraint("place_id", name="uq_panel_seat_place"),
    )
    op.create_index(op.f("ix_panel_seat_account_id"), "panel_seat", ["account_id"], unique=False)
    op.create_index(
        "uq_panel_seat_number",
        "panel_seat",
        ["lot_id", "number"],
        unique=True,
        sqlite_where=sa.text("left_at IS NULL"),
        postgresql_where=sa.text("left_at IS NULL"),
    )

    op.create_table(
        "release_order",
        sa.Column("release_id", sa.String(length=32), nullable=False),
        sa.Column("interest_fen", sa.BigInteger(), nullable=False),
        sa.Column("value_date", sa.Date(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("ordered_at", kernel.db.UtcTime(), nullable=False),
        sa.CheckConstraint("interest_fen >= 0", name=op.f("ck_release_order_interest")),
        sa.ForeignKeyConstraint(
            ["release_id"], ["release.id"], name=op.f("fk_release_order_release_id")
        ),
        sa.PrimaryKeyConstraint("release_id", name="pk_release_order"),
    )
    op.create_table(
        "standing_bid",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("lot_id", sa.String(length=32), nullable=False),
        sa.Column("party_id", sa.String(length=32), nullable=False),
        sa.Column("bid_id", sa.String(length=32), nullable=False),
        sa.Column("version_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["bid_id"], ["bid.id"], name=op.f("fk_standing_bid_bid_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_standing_bid_lot_id")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_standing_bid_party_id")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["bid_version.id"], name=op.f("fk_standing_bid_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standing_bid")),
        sa.UniqueConstraint("lot_id", "party_id", name="uq_standing_bid"),
    )
    op.create_table(
        "vote",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("lot_id", sa.String(length=32), nullable=False),
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("ballot", sa.Integer(), nullable=False),
        sa.Column("bid_id", sa.String(length=32), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("cast_at", kernel.db.UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lot_id", "bid_id"], ["candidate.lot_id", "candidate.bid_id"], name="fk_vote_candidate"
        ),
        sa.ForeignKeyConstraint(
            ["member_id", "lot_id"],
            ["committee_member.id", "committee_member.lot_id"],
            name="fk_vote_member",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vote")),
        sa.UniqueConstraint("member_id", "ballot", name="uq_vote_once"),
    )
    op.create_index(op.f("ix_vote_lot_id"), "vote", ["lot_id"], unique=False)

    op.create_table(
        "bid_block",
        sa.Column("part_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("stored_at", kernel.db.UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["part_id"], ["bid_part.id"], name=op.f("fk_bid_block_part_id")),
        sa.PrimaryKeyConstraint("part_id", "number", name=op.f("pk_bid_block")),
    )
    op.create_table(
        "bid_share",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("part_id", sa.String(length=32), nullable=False),
        sa.Column("path", sa.String(length=32), nullable=False),
        sa.Column("holder", sa.String(length=64), nullable=True),
        sa.Column("share_hash", sa.String(length=64), nullable=False),
        sa.Column("wrap", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["part_id"], ["bid_part.id"], name=op.f("fk_bid_share_part_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bid_share")),
        sa.UniqueConstraint("part_id", "path", name="uq_bid_share"),
    )
    op.create_index("ix_bid_share_holder", "bid_share", ["holder"], unique=False)

    op.create_table(
        "opened_part",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("bid_id", sa.String(length=32), nullable=False),
        sa.Column("part_id", sa.String(length=32), nullable=False),
        sa.Column("part", sa.String(length=16), nullable=False),
        sa.Column("seed", sa.String(length=44), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["bid_id"], ["bid.id"], name=op.f("fk_opened_part_bid_id")),
        sa.ForeignKeyConstraint(["part_id"], ["bid_part.id"], name=op.f("fk_opened_part_part_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opened_part")),
        sa.UniqueConstraint("bid_id", "part", name="uq_opened_part"),
    )
    op.create_table(
        "release_confirmation",
        sa.Column("release_id", sa.String(length=32), nullable=False),
        sa.Column("reference", sa.String(length=64), nullable=False),
        sa.Column("executed_at", kernel.db.UtcTime(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("signature", sa.String(length=88), nullable=False),
        sa.Column("confirmed_at", kernel.db.UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["release_id"],
            ["release_order.release_id"],
            name=op.f("fk_release_confirmation_release_id"),
        ),
        sa.PrimaryKeyConstraint("release_id", name="pk_release_confirmation"),
    )
    op.create_table(
        "release_delivery",
        sa.Column("release_id", sa.String(length=32), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", kernel.db.UtcTime(), nullable=False),
        sa.Column("last_error", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["release_id"],
            ["release_order.release_id"],
            name=op.f("fk_release_delivery_release_id"),
        ),
        sa.PrimaryKeyConstraint("release_id", name=op.f("pk_release_delivery")),
    )
    op.create_index(
        op.f("ix_release_delivery_next_try_at"), "release_delivery", ["next_try_at"], unique=False
    )

    op.create_table(
        "report_signature",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("lot_id", sa.String(length=32), nullable=False),
        sa.Column("seat_id", sa.String(length=32), nullable=False),
        sa.Column("report_hash", sa.String(length=64), nullable=False),
        sa.Column("dissent", sa.Text(), nullable=True),
        sa.Column("signed_at", kernel.db.UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_report_signature_lot_id")),
        sa.ForeignKeyConstraint(
            ["seat_id"], ["panel_seat.id"], name=op.f("fk_report_signature_seat_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_signature")),
        sa.UniqueConstraint("seat_id", name="uq_report_signature_seat"),
    )
    op.create_index(
        op.f("ix_report_signature_lot_id"), "report_signature", ["lot_id"], unique=False
    )

    op.create_table(
        "score_draft",
        sa.Column("seat_id", sa.String(length=32), nullable=False),
        sa.Column("nonce", sa.String(length=32), nullable=False),
        sa.Column("scores", sa.JSON(), nullable=False),
        sa.Column("competition", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("saved_at", kernel.db.UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["seat_id"], ["panel_seat.id"], name=op.f("fk_score_draft_seat_id")
        ),
        sa.PrimaryKeyConstraint("seat_id", name=op.f("pk_score_draft")),
    )
    op.create_table(
        "score_sheet",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("lot_id", sa.String(length=32), nullable=False),
        sa.Column("seat_id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("sheet_hash", sa.String(length=64), nullable=False),
        sa.Column("signed_at", kernel.db.UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_score_sheet_lot_id")),
        sa.ForeignKeyConstraint(
            ["seat_id"], ["panel_seat.id"], name=op.f("fk_score_sheet_seat_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score_sheet")),
        sa.UniqueConstraint("seat_id", name="uq_score_sheet_seat"),
    )
    op.create_index(op.f("ix_score_sheet_lot_id"), "score_sheet", ["lot_id"], unique=False)


def downgrade() -> None:
    for table in (
        "score_sheet",
        "score_draft",
        "report_signature",
        "release_delivery",
        "release_confirmation",
        "opened_part",
        "bid_share",
        "bid_block",
        "vote",
        "standing_bid",
        "release_order",
        "panel_seat",
        "opened_bid",
        "contract",
        "bid_upload",
        "bid_place",
        "bid_part",
        "standing_guarantee",
        "release",
        "opening_share",
        "opening_record_signature",
        "opening",
        "official_release",
        "holder_key",
        "draw_place",
        "draw_contribution",
        "committee_member",
        "bid_version",
        "award",
        "question",
        "official",
        "lot_suspension",
        "lot_outcome",
        "lot_closing",
        "judge",
        "item",
        "guarantee",
        "evaluation_report",
        "draw",
        "candidate",
        "bid",
        "used_totp_step",
        "signing_key",
        "role_grant",
        "pending_factor",
        "notice",
        "lot",
        "login_session",
        "known_device",
        "document",
        "api_token",
        "tender",
        "guarantor",
        "account",
        "throttle",
        "security_event",
        "person",
        "pending_entry",
        "party",
        "log_head",
        "leaf",
        "installation",
        "idempotency_key",
        "disclosure",
        "checkpoint",
        "bid_refusal",
    ):
        op.drop_table(table)
