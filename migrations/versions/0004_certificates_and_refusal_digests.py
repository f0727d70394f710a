"""Certificates, cooling keys, digests of the security log."""

import sqlalchemy as sa
from alembic import op

import kernel.db
from audit.schema_sql import statements

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

APPEND_ONLY = ("security_digest", "digest_leaf")


def upgrade() -> None:
    op.add_column("signing_key", sa.Column("cools_until", kernel.db.UtcTime(), nullable=True))
    op.add_column("bid_version", sa.Column("certificate", sa.Text(), nullable=True))
    op.add_column("bid_version", sa.Column("ending_entry_id", sa.String(length=32), nullable=True))
    # SQLite keeps no lengths; there the column is wide enough as it stands.
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("bid_version", "signature", type_=sa.Text(), existing_type=sa.String(88))
    _notices_and_queue()
    _digests()
    for name in APPEND_ONLY:
        for statement in statements(name, op.get_bind().dialect.name):
            op.get_bind().exec_driver_sql(statement)


def _notices_and_queue() -> None:
    op.create_table(
        "signing_key_notice",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("key_id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("at", kernel.db.UtcTime(), nullable=False),
        sa.Column("seen_at", kernel.db.UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"],
                                name=op.f("fk_signing_key_notice_account_id")),
        sa.ForeignKeyConstraint(["key_id"], ["signing_key.id"],
                                name=op.f("fk_signing_key_notice_key_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_key_notice")),
        sa.UniqueConstraint("key_id", "account_id", name="uq_signing_key_notice"),
    )
    op.create_index("ix_signing_key_notice_account", "signing_key_notice", ["account_id"])
    op.create_table(
        "undigested",
        sa.Column("of_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("at", kernel.db.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("of_id", name=op.f("pk_undigested")),
    )
    op.create_index("ix_undigested_turn", "undigested", ["kind", "at"])


def _digests() -> None:
    op.create_table(
        "security_digest",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("at", kernel.db.UtcTime(), nullable=False),
        sa.Column("beat", kernel.db.UtcTime(), nullable=False),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column("seed", sa.LargeBinary(length=32), nullable=False),
        sa.Column("entry_id", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_security_digest")),
        sa.UniqueConstraint("beat", name="uq_security_digest_beat"),
    )
    op.create_table(
        "digest_leaf",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("digest_id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("of_id", sa.String(length=32), nullable=False),
        sa.Column("place", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["digest_id"], ["security_digest.id"],
                                name=op.f("fk_digest_leaf_digest_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digest_leaf")),
        sa.UniqueConstraint("digest_id", "position", name="uq_digest_leaf_position"),
        sa.UniqueConstraint("of_id", name="uq_digest_leaf"),
    )


def downgrade() -> None:
    for name in ("digest_leaf", "security_digest", "undigested", "signing_key_notice"):
        op.drop_table(name)
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("bid_version", "signature", type_=sa.String(88), existing_type=sa.Text())
    op.drop_column("bid_version", "ending_entry_id")
    op.drop_column("bid_version", "certificate")
    op.drop_column("signing_key", "cools_until")
