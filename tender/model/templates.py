"""Templates of projects: what a unit keeps and shares."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Id, Json, UtcTime, new_id

from ..refusals import TEMPLATE_MOVED


class Template(Base):
    """One version of a template; versions of one `family` follow each other, none is changed."""

    __tablename__ = "template"
    __table_args__ = (
        UniqueConstraint("family", "version", name="uq_template",
                         info={"refusal": TEMPLATE_MOVED}),
        {"info": {"append_only": True}},
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    family: Mapped[str] = mapped_column(Id)
    """The id of its first version."""
    version: Mapped[int] = mapped_column(Integer)
    party_id: Mapped[str] = mapped_column(Id, ForeignKey("party.id"))
    name: Mapped[str] = mapped_column(String(200))
    body: Mapped[dict] = mapped_column(Json)
    """Project, lots with their bills, documents by hash (tender/acts/templates.py)."""
    shared_with: Mapped[list] = mapped_column(Json)
    """Parties' ids, or `*`: everybody who may create projects."""
    kept_at: Mapped[datetime] = mapped_column(UtcTime)
