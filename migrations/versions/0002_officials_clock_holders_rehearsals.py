"""Officials of any number, clock holders, rehearsals, access terms."""

import sqlalchemy as sa
from alembic import op

import kernel.db

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

EMBEDDED = '{"policy":"embedded","officials":3,"needed":2,"clocks":0}'
COLUMNS = "id, lot_id, account_id, person_id, unit_id, seat, assigned_at"


def upgrade() -> None:
    op.add_column("lot", sa.Column("access", sa.JSON(), nullable=False, server_default=EMBEDDED))
    op.add_column("lot", sa.Column("two_envelopes", sa.Boolean(), nullable=False,
                                   server_default=sa.false()))
    op.add_column("holder_key", sa.Column("certificate", sa.Text(), nullable=True))
    op.create_table(
        "rehearsal",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("key_id", sa.String(length=32), nullable=False),
        sa.Column("lot_id", sa.String(length=32), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("share_hash", sa.String(length=64), nullable=False),
        sa.Column("begun_at", kernel.db.UtcTime(), nullable=False),
        sa.Column("passed_at", kernel.db.UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["key_id"], ["holder_key.id"], name=op.f("fk_rehearsal_key_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_rehearsal_lot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rehearsal")),
        sa.UniqueConstraint("key_id", "nonce", name="uq_rehearsal_nonce"),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.add_column("official", sa.Column("kind", sa.String(length=8), nullable=False,
                                            server_default="official"))
        for column in ("unit_seat", "unit_limit"):
            op.add_column("official", sa.Column(column, sa.Integer(), nullable=False,
                                                server_default="1"))
        for column in ("kind", "unit_seat", "unit_limit"):
            op.alter_column("official", column, server_default=None)
        for name in ("uq_official_unit", "uq_official_seat", "ck_official_seat"):
            op.drop_constraint(name, "official")
        op.create_unique_constraint("uq_official_unit", "official",
                                    ["lot_id", "kind", "unit_id", "unit_seat"])
        op.create_unique_constraint("uq_official_seat", "official", ["lot_id", "kind", "seat"])
        for name, text in CHECKS.items():
            op.create_check_constraint(op.f(f"ck_official_{name}"), "official", text)
    else:
        _rebuild(_new_official, f"{COLUMNS}, kind, unit_seat, unit_limit",
                 f"{COLUMNS}, 'official', 1, 1")


def downgrade() -> None:
    # The older schema knows neither clocks, nor a fourth official, nor two of one unit: their
    # lots cannot be kept in it, so a database that has any is not brought down.
    if op.get_bind().dialect.name == "postgresql":
        for name in CHECKS:
            op.drop_constraint(op.f(f"ck_official_{name}"), "official")
        for name in ("uq_official_unit", "uq_official_seat"):
            op.drop_constraint(name, "official")
        for column in ("kind", "unit_seat", "unit_limit"):
            op.drop_column("official", column)
        op.create_unique_constraint("uq_official_unit", "official", ["lot_id", "unit_id"])
        op.create_unique_constraint("uq_official_seat", "official", ["lot_id", "seat"])
        op.create_check_constraint(op.f("ck_official_seat"), "official", "seat BETWEEN 1 AND 3")
    else:
        _rebuild(_old_official, COLUMNS, COLUMNS)
    op.drop_table("rehearsal")
    op.drop_column("holder_key", "certificate")
    op.drop_column("lot", "two_envelopes")
    op.drop_column("lot", "access")


CHECKS = {"seat": "seat BETWEEN 1 AND 9",
          "unit_seat": "unit_seat BETWEEN 1 AND unit_limit",
          "kind": "kind IN ('official', 'clock')"}


def _rebuild(make, into: str, values: str) -> None:
    """SQLite changes no constraint in place. The rows go out and come back inside this one
    transaction, so that what refers to them is whole again before it is looked at."""
    op.execute("PRAGMA defer_foreign_keys = ON")
    op.execute("CREATE TEMPORARY TABLE officials_kept AS SELECT * FROM official")
    op.drop_table("official")
    make()
    op.create_index(op.f("ix_official_account_id"), "official", ["account_id"], unique=False)
    op.execute(f"INSERT INTO official ({into}) SELECT {values} FROM officials_kept")
    op.execute("DROP TABLE officials_kept")


def _official(*more: sa.schema.SchemaItem) -> None:
    op.create_table(
        "official",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("lot_id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("unit_id", sa.String(length=32), nullable=False),
        sa.Column("seat", sa.Integer(), nullable=False),
        sa.Column("assigned_at", kernel.db.UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_official_account_id")
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_official_lot_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_official_person_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["party.id"], name=op.f("fk_official_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_official")),
        sa.UniqueConstraint("lot_id", "person_id", name="uq_official_person"),
        *more,
    )


def _new_official() -> None:
    _official(
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("unit_seat", sa.Integer(), nullable=False),
        sa.Column("unit_limit", sa.Integer(), nullable=False),
        *(sa.CheckConstraint(text, name=op.f(f"ck_official_{name}"))
          for name, text in CHECKS.items()),
        sa.UniqueConstraint("lot_id", "kind", "seat", name="uq_official_seat"),
        sa.UniqueConstraint("lot_id", "kind", "unit_id", "unit_seat", name="uq_official_unit"),
    )


def _old_official() -> None:
    _official(
        sa.CheckConstraint("seat BETWEEN 1 AND 3", name=op.f("ck_official_seat")),
        sa.UniqueConstraint("lot_id", "seat", name="uq_official_seat"),
        sa.UniqueConstraint("lot_id", "unit_id", name="uq_official_unit"),
    )
