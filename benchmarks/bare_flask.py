"""The least that Flask and SQLAlchemy can do: send a JSON document, insert a row and commit; and the
insert as applications are written, through schemas and the ORM.

`gunicorn benchmarks.bare_flask:app`, with the document's file in BARE_DOCUMENT and the database,
which has a table `bare_row(id, body)`, in BARE_DATABASE.
"""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

import marshmallow
from flask import Flask, jsonify, render_template_string, request
from sqlalchemy import Column, MetaData, String, Table, Text, create_engine, event, insert
from sqlalchemy.orm import DeclarativeBase, Session

app = Flask("bare")
DOCUMENT = json.loads(Path(os.environ["BARE_DOCUMENT"]).read_text("utf-8"))
ROWS = Table("bare_row", MetaData(), Column("id", String(32), primary_key=True),
             Column("body", Text))
ENGINE = create_engine(os.environ["BARE_DATABASE"])

if ENGINE.dialect.name == "sqlite":
    @event.listens_for(ENGINE, "connect")
    def _durable(connection, _record):
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")


@app.get("/document")
def document():
    """The document, written as JSON."""
    return jsonify(DOCUMENT)


@app.get("/page/<name>")
def page(name):
    """The lines of a page, drawn one by one by a template that is kept."""
    file = Path(os.environ["BARE_PAGES"]) / name
    return render_template_string(
        "{% for line in lines %}{{ line }}\n{% endfor %}",
        lines=PAGES.setdefault(name, file.read_text("utf-8").splitlines()
                               if name not in PAGES else []))


PAGES: dict[str, list[str]] = {}


@app.get("/little")
def little():
    """The least JSON there is."""
    return jsonify({"ok": True})


@app.post("/rows")
def add_row():
    """One row, committed."""
    given = request.get_json()
    with ENGINE.begin() as connection:
        connection.execute(insert(ROWS), {"id": secrets.token_hex(16), "body": given["body"]})
    return jsonify(given), 201


class Base(DeclarativeBase):
    """What is mapped."""


class Row(Base):
    """The same row, mapped."""

    __table__ = ROWS


class RowIn(marshmallow.Schema):
    """What is sent."""

    body = marshmallow.fields.String(required=True,
                                     validate=marshmallow.validate.Length(1, 10_000))


class RowOut(RowIn):
    """What is answered."""

    id = marshmallow.fields.String()


ROW_IN, ROW_OUT = RowIn(), RowOut()


@app.post("/mapped-rows")
def add_mapped_row():
    """One row, read and answered by a schema, written by the ORM."""
    given = ROW_IN.load(request.get_json())
    with Session(ENGINE, expire_on_commit=False) as session:
        row = Row(id=secrets.token_hex(16), **given)
        session.add(row)
        session.commit()
    return jsonify(ROW_OUT.dump(row)), 201
