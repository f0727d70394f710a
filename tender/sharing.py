"""Templates that others share with a party."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from kernel.refusal import NOT_FOUND

from .model import Template


def shared_templates(session: Session, party_id: str | None) -> list[str]:
    """The ids of templates that others share with a party."""
    rows = session.execute(select(Template.id, Template.shared_with).where(
        Template.party_id != party_id))
    return [row.id for row in rows if {"*", party_id} & set(row.shared_with)]


def template_for(session: Session, template_id: str, party_id: str | None) -> Template:
    """A template of the party's own, or one that is shared with it; else NOT_FOUND."""
    found = session.get(Template, template_id)
    if found is None or (found.party_id != party_id
                         and not {"*", party_id} & set(found.shared_with)):
        raise NOT_FOUND()
    return found
