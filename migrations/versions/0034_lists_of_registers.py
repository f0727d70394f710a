"""Lists of services and of village works go by indexes, however long they are."""

from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

STEPS = ("requested", "approved", "decided", "failed", "contracted", "finished")
WORKS = {"entered": [], "year": ["year"], "village": ["village"]}


def upgrade() -> None:
    for step in STEPS:
        op.create_index(f"ix_service_{step}", "service", [f"{step}_at", "id"])
    for name, first in WORKS.items():
        op.create_index(f"ix_village_work_{name}", "village_work", [*first, "entered_at", "id"])


def downgrade() -> None:
    for name in WORKS:
        op.drop_index(f"ix_village_work_{name}", "village_work")
    for step in STEPS:
        op.drop_index(f"ix_service_{step}", "service")
