"""Routes of one's own address and saved searches, and the one that ends a search by its letters."""

from __future__ import annotations

import html

from flask import Response
from sqlalchemy import select

from audit.actor import ANONYMOUS, Actor
from kernel.refusal import NOT_FOUND
from people.edge import Book
from people.exchange import reading

from ..search.schemas import WishIn
from . import acts, schemas
from .model import MailAddress, SavedSearch

api = Book("alerts")


@api.put("/mail-address", audience="self", body=schemas.AddressIn, returns=schemas.AddressOut,
         matched=True)
def state_address(actor: Actor, body, if_match: int | None):
    """State where one's letters go; a letter with a code is sent there."""
    return acts.state_address(actor, if_match=if_match, **body)


@api.post("/mail-address/confirmation", audience="self", body=schemas.CodeIn,
          returns=schemas.AddressOut)
def confirm_address(actor: Actor, body):
    """Confirm one's address with the code that was sent there."""
    return acts.confirm_address(actor, **body)


@api.get("/mail-address", audience="self", returns=schemas.AddressOut)
def get_address(actor: Actor):
    """One's own address."""
    found = reading().get(MailAddress, actor.account_id, populate_existing=True)
    if found is None or not found.address:
        raise NOT_FOUND()
    return found


@api.delete("/mail-address", audience="self", status=204)
def withdraw_address(actor: Actor):
    """Take one's address back."""
    acts.withdraw_address(actor)


@api.post("/saved-searches", audience="self", body=schemas.SavedIn, returns=schemas.SavedOut,
          status=201)
def save_search(actor: Actor, body):
    """Be told by mail of what this search finds from now on."""
    stated = {name: value for name, value in WishIn().dump(body["query"]).items() if value}
    return acts.save_search(actor, **body | {"query": stated})


@api.get("/saved-searches", audience="self", many=True, returns=schemas.SavedOut)
def list_searches(actor: Actor):
    """One's own saved searches."""
    return reading().scalars(select(SavedSearch).where(
        SavedSearch.account_id == actor.account_id, SavedSearch.ended_at.is_(None))
        .order_by(SavedSearch.created_at, SavedSearch.id)).all()


@api.delete("/saved-searches/<search_id>", audience="self", status=204)
def drop_search(actor: Actor, search_id: str):
    """Hear no more of a saved search."""
    acts.drop_search(actor, search_id)


@api.get("/unsubscribe/<search_id>/<token>", audience="open")
def ask_to_unsubscribe(actor: Actor, search_id: str, token: str) -> Response:
    """What a person sees who follows the link in a letter: one button, and nothing has changed."""
    where = html.escape(f"/api/v1/unsubscribe/{search_id}/{token}", quote=True)
    return Response(f'<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>退订</title>'
                    f'<form method="post" action="{where}"><button>退订 Unsubscribe</button></form>',
                    mimetype="text/html")


@api.post("/unsubscribe/<search_id>/<token>", audience="self", signed_in=False, raw=True,
          limit=4096, status=204)
def unsubscribe(actor: Actor, body: bytes, search_id: str, token: str):
    """End a saved search by the link in its letters, with one click (RFC 8058)."""
    acts.unsubscribe(ANONYMOUS, search_id, token=token)
    return Response(status=204)
