"""`/try`: the log-ins of a demonstration, and what to try; any other installation has no such page.

The file lies in the data folder and only the demonstration's own script writes it. It is read
where the database says that it was created as a demonstration and nowhere else.
"""

from __future__ import annotations

import json

import pyotp
from flask import Response
from sqlalchemy import select

from audit.act import wiring
from kernel.db import Installation, db
from kernel.refusal import NOT_FOUND
from people.exchange import moment
from people.pagebook import Pages, draw

pages = Pages("portal", "trying")
FILE = "demo-log-ins.json"


@pages.open("/try")
def try_it() -> Response:
    """Who one can be here, with a button to sign in as each."""
    kind = db.session.execute(select(Installation.kind)).scalar_one()
    place = wiring().settings["keys"].parent / FILE
    if kind != "demo" or not place.is_file():
        raise NOT_FOUND()
    told, now = json.loads(place.read_text("utf-8")), moment()
    for one in told["people"]:
        one["code"] = pyotp.TOTP(one["totp_secret"]).at(int(now.timestamp()))
    answer = draw("portal/try.html", now=now, people=told["people"], lot=told["lot"])
    answer.headers["Cache-Control"] = "no-store"
    return answer
