"""Notices of every kind, their versions and templates."""

import sqlalchemy as sa
from alembic import op

import kernel.db

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "published_notice",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("tender_id", sa.String(length=32), nullable=False),
        sa.Column("lot_id", sa.String(length=32), nullable=True),
        sa.Column("about", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("published_at", kernel.db.UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_published_notice_lot_id_lot")),
        sa.ForeignKeyConstraint(["tender_id"], ["tender.id"],
                                name=op.f("fk_published_notice_tender_id_tender")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_published_notice")),
        sa.UniqueConstraint("about", "kind", "number", "version", name="uq_published_notice"),
    )
    op.create_index("ix_published_notice_tender", "published_notice", ["tender_id"])
    op.create_index("ix_published_notice_at", "published_notice", ["published_at", "id"])
    op.create_table(
        "notice_draft",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("tender_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("drafted_at", kernel.db.UtcTime(), nullable=False),
        sa.Column("drafted_by", sa.String(length=32), nullable=False),
        sa.Column("content", sa.Text(), nullable=True),
        sa.Column("content_hash", sa.String(length=64), nullable=True),
        sa.Column("submitted_at", kernel.db.UtcTime(), nullable=True),
        sa.Column("submitted_by", sa.String(length=32), nullable=True),
        sa.Column("submitted_person", sa.String(length=32), nullable=True),
        sa.Column("approved_by", sa.String(length=32), nullable=True),
        sa.Column("notice_id", sa.String(length=32), nullable=True),
        sa.Column("ended_at", kernel.db.UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["notice_id"], ["published_notice.id"],
                                name=op.f("fk_notice_draft_notice_id_published_notice")),
        sa.ForeignKeyConstraint(["tender_id"], ["tender.id"],
                                name=op.f("fk_notice_draft_tender_id_tender")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_draft")),
        sa.UniqueConstraint("tender_id", "kind", "number", name="uq_notice_draft"),
    )
    op.create_index("uq_notice_draft_live", "notice_draft", ["tender_id", "kind"], unique=True,
                    sqlite_where=sa.text("ended_at IS NULL"),
                    postgresql_where=sa.text("ended_at IS NULL"))
    op.create_table(
        "draft_document",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("draft_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("replaces", sa.String(length=32), nullable=True),
        sa.Column("added_at", kernel.db.UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["draft_id"], ["notice_draft.id"],
                                name=op.f("fk_draft_document_draft_id_notice_draft")),
        sa.ForeignKeyConstraint(["replaces"], ["document.id"],
                                name=op.f("fk_draft_document_replaces_document")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft_document")),
        sa.UniqueConstraint("draft_id", "hash", name="uq_draft_document"),
    )
    op.create_table(
        "template",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("family", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("party_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("shared_with", sa.JSON(), nullable=False),
        sa.Column("kept_at", kernel.db.UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"],
                                name=op.f("fk_template_party_id_party")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_template")),
        sa.UniqueConstraint("family", "version", name="uq_template"),
    )
    op.add_column("document", sa.Column("replaced_by", sa.String(length=64), nullable=True))


def downgrade() -> None:
    op.drop_column("document", "replaced_by")
    op.drop_table("template")
    op.drop_table("draft_document")
    op.drop_index("uq_notice_draft_live", table_name="notice_draft")
    op.drop_table("notice_draft")
    op.drop_index("ix_published_notice_tender", table_name="published_notice")
    op.drop_index("ix_published_notice_at", table_name="published_notice")
    op.drop_table("published_notice")
