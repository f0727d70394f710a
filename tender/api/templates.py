"""Routes of templates: keep, list, read, begin a project from one."""

from __future__ import annotations

from sqlalchemy import or_, select

from audit.actor import Actor
from people.edge import allow, page
from people.exchange import reading as session

from .. import acts, schemas, sharing
from ..model import Template
from .book import api


@api.post("/templates", action="project.create", body=schemas.TemplateIn,
          returns=schemas.TemplateOut, status=201)
def keep_template(actor: Actor, body):
    """Keep a tender of one's own unit as a template, or as the next version of one."""
    return acts.keep_template(actor, **body)


@api.get("/templates", action="project.create", returns=schemas.TemplateRow, many=True)
def list_templates(actor: Actor):
    """One's own unit's templates, every version of them, and what is shared with everybody."""
    allow("project.create")
    return page(session(), select(Template).where(or_(
        Template.party_id == actor.party_id,
        Template.id.in_(sharing.shared_templates(session(), actor.party_id)))),
        Template.kept_at, Template.id, descending=True)


@api.get("/templates/<template_id>", action="project.create", returns=schemas.TemplateOut)
def get_template(actor: Actor, template_id: str):
    """A version of a template of one's own, or of one that is shared."""
    allow("project.create")
    return sharing.template_for(session(), template_id, actor.party_id)


@api.post("/templates/<template_id>/tenders", action="project.create",
          body=schemas.FromTemplateIn, returns=schemas.TenderOut, status=201)
def begin_from_template(actor: Actor, body, template_id: str):
    """Begin a draft from a template: its lots, bills and documents; deadlines are to be set."""
    return acts.begin_from_template(actor, template_id, **body)
